// Command fleet simulates players: real links, caches and journals over real TCP, without glass.
//
// A player of it differs from a real one in three things only: its stage draws nothing, its journal does
// not wait for the disk, and it shares the process with others. What decides how it behaves (the size of
// its glass, the jitter of its link) comes from the seed.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"anteroom/cmd/internal/revision"
	"anteroom/playlists"
)

// version is set when a release is linked, with -ldflags "-X main.version=v1.2.3".
var version string

// most is how many players one process may simulate: beyond it, the process and not the controller is
// what is measured.
const most = 5000

// Exit statuses.
const (
	exitDone   = 0
	exitFailed = 1 // the message says why
	exitMisuse = 2 // the command line is wrong
)

type flags struct {
	Controller string           `help:"Address of the controller." required:"" env:"ANTEROOM_CONTROLLER" placeholder:"URL"`
	Players    int              `help:"How many players, at most ${most}." default:"20" placeholder:"N"`
	Seed       uint64           `help:"What the players' glass and jitter come from." default:"1"`
	Data       string           `help:"Keep the players in this directory, and go on with them the next time; without it everything is gone at the end." type:"path" placeholder:"DIR"`
	Department string           `help:"Make a screen in this department for every player that is not paired, and pair it." placeholder:"ID"`
	User       string           `help:"Who makes the screens." env:"ANTEROOM_USER" placeholder:"NAME"`
	Password   string           `help:"Their password; better in the environment than on the command line." env:"ANTEROOM_PASSWORD"`
	For        time.Duration    `help:"End by itself after this long, 60s; 0 is never." default:"0"`
	PlainHTTP  bool             `help:"Allow http:// to another machine. Only behind a tunnel." env:"ANTEROOM_PLAIN_HTTP"`
	Version    kong.VersionFlag `help:"Print the version and exit."`
}

// Validate refuses what cannot be done, with the way out.
func (f *flags) Validate() error {
	switch {
	case f.Controller == "":
		return fmt.Errorf("%w: --controller is the address of a controller", playlists.ErrInvalid)
	case f.Players < 1 || f.Players > most:
		return fmt.Errorf("%w: --players is 1 to %d a process; start several for more", playlists.ErrInvalid, most)
	case f.Department != "" && (f.User == "" || f.Password == ""):
		return fmt.Errorf("%w: --department needs --user and --password, of an administrator", playlists.ErrInvalid)
	case f.Department == "" && f.Data == "":
		return fmt.Errorf("%w: new players must be paired: give --department, or --data of players that are", playlists.ErrInvalid)
	case f.For < 0:
		return fmt.Errorf("%w: --for is a time like 60s", playlists.ErrInvalid)
	}
	return nil
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	var f flags
	exit := -1
	parser, err := kong.New(&f, kong.Name("fleet"), kong.Writers(stdout, stderr), kong.Exit(func(code int) { exit = code }),
		kong.Vars{"version": revision.Text(version), "most": fmt.Sprint(most)}, kong.Description("Simulated players for a controller, without glass."))
	if err != nil {
		fmt.Fprintln(stderr, "fleet:", err)
		return exitFailed
	}
	if _, err = parser.Parse(args); exit >= 0 {
		return exit
	}
	if err != nil {
		fmt.Fprintln(stderr, "fleet:", err)
		return exitMisuse
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if f.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.For)
		defer cancel()
	}
	if err := f.simulate(ctx, stdout); err != nil {
		fmt.Fprintln(stderr, "fleet:", err)
		return exitFailed
	}
	return exitDone
}

// simulate runs the players until ctx is done, which is no error.
func (f *flags) simulate(ctx context.Context, out io.Writer) (err error) {
	if err := f.roomForFiles(); err != nil {
		return err
	}
	dir := f.Data
	if dir == "" {
		if dir, err = os.MkdirTemp("", "anteroom-fleet-"); err != nil {
			return fmt.Errorf("making the players' directory: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	api, err := f.signIn(ctx)
	if err != nil {
		return err
	}
	all := newFleet(f, dir, api, out)
	return all.run(ctx)
}

// filesEach is how many open files a player needs: its lock, journal and link, and one in passing.
const filesEach = 6

// roomForFiles says before the start what would fail in the middle.
func (f *flags) roomForFiles() error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("reading the limit of open files: %w", err)
	}
	if need := uint64(f.Players*filesEach + 64); limit.Cur < need {
		return fmt.Errorf("%d players need about %d open files, and %d are allowed: raise it with ulimit -n %d", f.Players, need, limit.Cur, need)
	}
	return nil
}
