// Command controller schedules what a hospital's screens show, and counts what they showed.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"anteroom/cmd/internal/revision"
	"anteroom/controller"
	"anteroom/playlists"
)

// Exit statuses.
const (
	exitDone   = 0
	exitFailed = 1 // the message says why
	exitMisuse = 2 // the command line is wrong
)

// version is set when a release is linked, with -ldflags "-X main.version=v1.2.3".
var version string

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// commands are the command line.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Run the controller."`
	User    userCommands   `cmd:"" help:"Manage the people who may sign in, while the controller does not run. While it runs, its API does."`
	Backup  backupCommand  `cmd:"" help:"Make a backup, also while the controller runs."`
	Restore restoreCommand `cmd:"" help:"Put a backup into an empty directory."`
	Import  importCommands `cmd:"" help:"Take in content that others publish, as drafts for review."`
	Audit   auditCommands  `cmd:"" help:"Look after the audit log."`
	Doctor  doctorCommand  `cmd:"" help:"Say what is wrong with an installation, and what to do."`
	OpenAPI openAPICommand `cmd:"" name:"openapi" help:"Print the OpenAPI document of the API."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

type userCommands struct {
	Add      addCommand      `cmd:"" help:"Add a person. The password is read from standard input, or asked for."`
	List     listCommand     `cmd:"" help:"List the people who may sign in."`
	Password passwordCommand `cmd:"" help:"Give a person a new password, read as for add. Their sessions end."`
	Remove   removeCommand   `cmd:"" help:"Remove a person. Their sessions end; what they did stays in their name."`
}

// process is what commands may use of the outside world.
type process struct {
	stdin          io.Reader
	stdout, stderr io.Writer
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if status, child := controller.Child(args, stdin, stdout, stderr); child {
		return status
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	status, exited := exitDone, false
	parser, err := kong.New(&commands{}, kong.Name("controller"), kong.UsageOnError(), kong.Writers(stdout, stderr),
		kong.Description("Anteroom's controller: schedules what waiting rooms show, and counts what they showed."),
		kong.DefaultEnvars("ANTEROOM"), kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Exit(func(s int) { status, exited = s, true }))
	if err != nil {
		tell(stderr, "controller: %v\n", err)
		return exitFailed
	}
	command, err := parser.Parse(args)
	if exited {
		return status
	}
	if err != nil {
		tell(stderr, "controller: %v; see controller --help\n", err)
		return exitMisuse
	}
	if err := command.Run(&process{stdin: stdin, stdout: stdout, stderr: stderr}); err != nil {
		tell(stderr, "controller: %v\n", err)
		return statusOf(err)
	}
	return exitDone
}

// tell writes to a person; if nobody can read it, nothing is to be done about that.
func tell(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }

func statusOf(err error) int {
	if errors.Is(err, playlists.ErrInvalid) {
		return exitMisuse
	}
	return exitFailed
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(p *process) error {
	_, err := fmt.Fprintln(p.stdout, "controller", revision.Text(version))
	return err
}
