// Command demo is a controller and three players in one command, seeded with a demo hospital.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/sync/errgroup"

	"anteroom/cmd/demo/hospital"
	"anteroom/cmd/internal/revision"
	"anteroom/controller"
	"anteroom/controller/access"
)

// version is set when a release is linked, with -ldflags "-X main.version=v1.2.3".
var version string

// The demo's one user. The controller listens on loopback only, and everything is gone at the end.
const (
	user     = "demo"
	password = "please take a seat"
)

type flags struct {
	For    time.Duration    `help:"End by itself after this long, 60s; 0 is never." default:"0" env:"DEMO_FOR"`
	Listen string           `help:"Address to serve on; a free port of this machine if taken or not given." default:"127.0.0.1:8080"`
	Public string           `help:"Address for patients' phones; a free port of this machine if taken." default:"127.0.0.1:8081"`
	Keep   string           `help:"Keep everything in this directory, and go on from it the next time." type:"path" placeholder:"DIR"`
	Ver    kong.VersionFlag `name:"version" help:"Print the version and exit."`
}

func main() {
	if status, child := controller.Child(os.Args[1:], os.Stdin, os.Stdout, os.Stderr); child {
		os.Exit(status)
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) int {
	var f flags
	exit := -1
	parser, err := kong.New(&f, kong.Name("demo"), kong.Writers(stdout, stderr), kong.Exit(func(code int) { exit = code }),
		kong.Vars{"version": revision.Text(version)}, kong.Description("A controller and three screens of a demo hospital."))
	if err != nil {
		fmt.Fprintln(stderr, "demo:", err)
		return 2
	}
	if _, err = parser.Parse(args); exit >= 0 {
		return exit
	}
	if err != nil {
		fmt.Fprintln(stderr, "demo:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if f.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.For)
		defer cancel()
	}
	if err := f.demo(ctx, stdout); err != nil && ctx.Err() == nil {
		fmt.Fprintln(stderr, "demo:", err)
		return 1
	}
	return 0
}

// demo runs until ctx is done; everything that it started has ended when it returns.
func (f *flags) demo(ctx context.Context, out io.Writer) (err error) {
	dir, done, err := f.directory()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	listener, err := listen(ctx, f.Listen)
	if err != nil {
		return err
	}
	public, err := listen(ctx, f.Public)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := hospital.Remember(ctx, filepath.Join(dir, "controller"), time.Now()); err != nil {
		return errors.Join(err, listener.Close(), public.Close())
	}
	log, err := os.OpenFile(filepath.Join(dir, "controller.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return errors.Join(fmt.Errorf("opening the controller's log: %w", err), listener.Close(), public.Close())
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	c, err := controller.New(ctx, controller.Config{
		Data: filepath.Join(dir, "controller"), Listener: listener, PublicURL: "http://" + public.Addr().String(), PublicListener: public, Version: revision.Text(version),
		Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		return err
	}
	if err := addUser(ctx, c); err != nil {
		return errors.Join(err, c.Close())
	}
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error { return c.Run(ctx) })
	all.Go(func() error { return f.open(ctx, c.URL(), c.PublicURL(), dir, out) })
	return all.Wait()
}

// addUser makes the demo's administrator, if this is no kept demo.
func addUser(ctx context.Context, c *controller.Controller) error {
	link, err := c.FirstLink(ctx)
	if err != nil || link == "" {
		return err
	}
	return c.AddUser(ctx, "system", access.User{Actor: access.Actor{Name: user, FullName: "Demo administrator", Role: access.Administrator, Everywhere: true}}, password)
}

// open enters the hospital, hangs its screens, says where to look and waits for the end.
func (f *flags) open(ctx context.Context, url, public, dir string, out io.Writer) error {
	api := hospital.NewClient(url)
	if err := api.SignIn(ctx, user, password); err != nil {
		return err
	}
	walls, err := hang(ctx, url, dir)
	defer walls.end()
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "Entering the demo hospital ...")
	fresh, err := hospital.EnterOnce(ctx, api)
	if err != nil {
		return err
	}
	if err := walls.pair(ctx, api); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n    Open     %s\n    Sign in  %s, password %s\n    Reviews  %s, password %s\n    Phones   %s\n\n%s\nCtrl-C ends everything.\n",
		url, user, password, hospital.Reviewer, hospital.ReviewerPassword, public, walls)
	if fresh {
		if err := hospital.EnterClips(ctx, api); err != nil {
			return err
		}
	}
	return walls.wait(ctx)
}

// directory is where the demo lives, and what to do with it at the end.
func (f *flags) directory() (dir string, done func() error, err error) {
	if f.Keep != "" {
		if err := os.MkdirAll(f.Keep, 0o700); err != nil {
			return "", nil, fmt.Errorf("making the demo's directory: %w", err)
		}
		return f.Keep, func() error { return nil }, nil
	}
	dir, err = os.MkdirTemp("", "anteroom-demo-")
	if err != nil {
		return "", nil, fmt.Errorf("making the demo's directory: %w", err)
	}
	return dir, func() error { return os.RemoveAll(dir) }, nil
}

// listen takes the address, or another port of this machine if that one is taken.
func listen(ctx context.Context, address string) (net.Listener, error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		l, err = c.Listen(ctx, "tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	return l, nil
}
