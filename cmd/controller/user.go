package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"golang.org/x/sys/unix"

	"anteroom/controller"
	"anteroom/controller/access"
	"anteroom/playlists"
)

// stopped is where a controller that does not run has its data.
type stopped struct {
	Data directory `required:"" placeholder:"DIR" help:"Directory of the controller, which must not run meanwhile."`
}

type addCommand struct {
	stopped

	Name       string   `arg:"" help:"Name to sign in with, maria-lopez."`
	FullName   string   `placeholder:"NAME" help:"What people call them, \"Maria Lopez\"."`
	Role       string   `enum:"administrator,scheduler,marketer,reviewer,viewer" default:"administrator" help:"One of ${enum}."`
	Department []string `placeholder:"ID" help:"Department that they are responsible for; may be repeated. None: everywhere."`
}

// Run adds the person.
func (a *addCommand) Run(ctx context.Context, p *process) error {
	password, err := readPassword(p)
	if err != nil {
		return err
	}
	u := access.User{Actor: access.Actor{
		Name: a.Name, FullName: a.FullName, Role: access.Role(a.Role), Everywhere: len(a.Department) == 0,
	}}
	for _, d := range a.Department {
		u.Departments = append(u.Departments, playlists.DepartmentID(d))
	}
	if err := controller.AddUser(ctx, string(a.Data), u, password); err != nil {
		return err
	}
	tell(p.stdout, "%s may sign in now, as %s.\n", u.Name, u.Role)
	return nil
}

type listCommand struct{ stopped }

// Run prints a line a person.
func (l *listCommand) Run(ctx context.Context, p *process) error {
	users, err := controller.Users(ctx, string(l.Data))
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, u := range users {
		tell(table, "%s\t%s\t%s\n", u.Name+named(u), u.Role, places(u))
	}
	return table.Flush()
}

// named is a person's full name behind their own.
func named(u access.User) string {
	if u.FullName == "" {
		return ""
	}
	return " (" + u.FullName + ")"
}

// places is what a person is responsible for.
func places(u access.User) string {
	switch {
	case u.Disabled:
		return "cannot sign in"
	case u.Everywhere:
		return "everywhere"
	}
	var all []string
	for _, d := range u.Departments {
		all = append(all, string(d))
	}
	return strings.Join(all, ", ")
}

type passwordCommand struct {
	stopped

	Name string `arg:"" help:"Name to sign in with."`
}

// Run sets the password.
func (c *passwordCommand) Run(ctx context.Context, p *process) error {
	password, err := readPassword(p)
	if err != nil {
		return err
	}
	if err := controller.SetPassword(ctx, string(c.Data), c.Name, password); err != nil {
		return err
	}
	tell(p.stdout, "%s has a new password; their sessions have ended.\n", c.Name)
	return nil
}

type removeCommand struct {
	stopped

	Name string `arg:"" help:"Name to sign in with."`
}

// Run removes the person.
func (c *removeCommand) Run(ctx context.Context, p *process) error {
	if err := controller.RemoveUser(ctx, string(c.Data), c.Name); err != nil {
		return err
	}
	tell(p.stdout, "%s may not sign in any more.\n", c.Name)
	return nil
}

// readPassword reads one line; from a terminal twice, without showing it.
func readPassword(p *process) (string, error) {
	in := bufio.NewReader(io.LimitReader(p.stdin, 4096))
	terminal, ok := p.stdin.(*os.File)
	if !ok || !isTerminal(terminal) {
		return readLine(in)
	}
	shown, err := hide(terminal)
	if err != nil {
		return "", err
	}
	defer shown()
	tell(p.stderr, "Password: ")
	first, err := readLine(in)
	if err != nil {
		return "", err
	}
	tell(p.stderr, "\nThe same again: ")
	again, err := readLine(in)
	tell(p.stderr, "\n")
	if err == nil && first != again {
		err = fmt.Errorf("%w: the two passwords differ; try again", playlists.ErrInvalid)
	}
	return first, err
}

func readLine(in *bufio.Reader) (string, error) {
	line, err := in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading the password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

// hide keeps a terminal from showing what is typed until shown is called.
func hide(f *os.File) (shown func(), err error) {
	was, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		return nil, fmt.Errorf("asking for the password: %w", err)
	}
	silent := *was
	silent.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, &silent); err != nil {
		return nil, fmt.Errorf("asking for the password: %w", err)
	}
	return func() { _ = unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, was) }, nil
}
