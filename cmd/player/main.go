// Command player is the agent on a screen: it keeps identity, cache and evidence, and runs the stage.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"anteroom/cmd/internal/revision"
	"anteroom/player"
	"anteroom/player/clock"
	"anteroom/player/journal"
	"anteroom/player/supervise"
	"anteroom/playlists"
)

// version is set when a release is linked, with -ldflags "-X main.version=v1.2.3".
var version string

// floor is an instant that has passed: no clock below it is believed.
const floor = "2026-11-01T00:00:00Z"

// bootConfig is where a machine's boot partition may hold the settings.
const bootConfig = "/boot/firmware/anteroom.conf"

type commands struct {
	Run     runCommand     `cmd:"" default:"withargs" help:"Play (the default)."`
	Status  statusCommand  `cmd:"" help:"Tell how the player that runs on a data directory is."`
	Version versionCommand `cmd:"" help:"Print the version."`
	Doctor  doctorCommand  `cmd:"" help:"Say what is wrong with a player, and what to do."`
	Probe   probeCommand   `cmd:"" hidden:""`
}

// dataFlag is where a player keeps everything.
type dataFlag struct {
	Data string `help:"Directory of everything that lasts (${default})." default:"/var/lib/anteroom-player" env:"ANTEROOM_DATA" type:"path" placeholder:"DIR"`
}

type runCommand struct {
	dataFlag

	Controller string   `help:"Address of the controller, https://anteroom.example.org." env:"ANTEROOM_CONTROLLER" placeholder:"URL"`
	Config     string   `help:"File with lines like \"controller = https://anteroom.example.org\"; flags and environment win. Default: ${boot_config}, if it is there." env:"ANTEROOM_CONFIG" type:"path" placeholder:"FILE"`
	PlainHTTP  bool     `help:"Allow http:// to another machine. Only behind a tunnel." env:"ANTEROOM_PLAIN_HTTP"`
	CA         string   `help:"Certificates (PEM) to trust beside the system's." env:"ANTEROOM_CA" type:"path" placeholder:"FILE"`
	Stage      string   `help:"The stage's program. Default: beside this one." env:"ANTEROOM_STAGE" type:"path" placeholder:"PATH"`
	StageArgs  []string `help:"Arguments for the stage, separated by commas." env:"ANTEROOM_STAGE_ARGS" placeholder:"ARG"`
	Truth      string   `help:"Let the stage append a line to this file for every turn first drawn." env:"ANTEROOM_TRUTH" type:"path" placeholder:"FILE"`
	CacheMB    int64    `help:"Most disk that pictures and videos may take, in MB." default:"16384" env:"ANTEROOM_CACHE_MB"`
}

type statusCommand struct {
	dataFlag

	JSON bool `help:"As JSON." name:"json"`
}

type versionCommand struct{}

type probeCommand struct {
	File string `arg:"" type:"path"`
}

// edge is what commands know of the outside.
type edge struct {
	stdout io.Writer
	log    *slog.Logger
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	var c commands
	exit := -1
	parser, err := kong.New(&c, kong.Name("player"), kong.Writers(stdout, stderr), kong.Exit(func(code int) { exit = code }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Vars{"boot_config": bootConfig}, kong.Description("Plays on one screen what a controller schedules, with or without a network."))
	if err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		return 2
	}
	command, err := parser.Parse(args)
	if exit >= 0 {
		return exit
	}
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "player: %v\n", err)
		return 2
	}
	if err := command.Run(&edge{stdout, slog.New(slog.NewTextHandler(stderr, nil))}); err != nil {
		_, _ = fmt.Fprintf(stderr, "player: %v\n", err)
		return 1
	}
	return 0
}

// Run plays until it is told to stop.
func (r *runCommand) Run(ctx context.Context, e *edge) error {
	if err := r.readConfig(); err != nil {
		return err
	}
	stage, err := supervise.Find(r.Stage)
	if err != nil {
		return err
	}
	trust, err := r.trust()
	if err != nil {
		return err
	}
	passed, err := time.Parse(time.RFC3339, floor)
	if err != nil {
		return err
	}
	args := r.StageArgs
	if r.Truth != "" {
		args = append(args, "--truth", r.Truth)
	}
	boot, err := clock.Boot()
	if err != nil {
		return err
	}
	p, err := player.New(player.Config{
		Controller: r.Controller, Advice: []string{"Start it with --controller URL,", "or write controller = URL into " + r.configPath() + "."},
		Data: r.Data, Boot: boot, Software: revision.Text(version), Floor: passed, PlainHTTP: r.PlainHTTP, TLS: trust, Probe: probe,
		CacheQuota: r.CacheMB << 20, Status: true, Log: e.log,
		Stage: supervise.New(supervise.Config{
			Path: stage, Args: args, Mono: clock.Monotonic, Log: e.log, Accounts: filepath.Join(r.Data, "stage"), Boot: boot,
		}),
	})
	if err != nil {
		return err
	}
	e.log.InfoContext(ctx, "player starts", slog.String("data", r.Data), slog.String("controller", r.Controller), slog.String("version", revision.Text(version)))
	return p.Run(ctx)
}

// trust is the machine's certificate authorities with those of the CA file; nil without one.
func (r *runCommand) trust() (*tls.Config, error) {
	if r.CA == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(r.CA)
	if err != nil {
		return nil, fmt.Errorf("reading certificates: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%w: %s holds no certificate in PEM form", playlists.ErrInvalid, r.CA)
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}

// probe reads a journal file in a child: a damaged one may kill the process that reads it.
func probe(path string) error {
	own, err := os.Executable()
	if err != nil {
		return fmt.Errorf("probing: %w", err)
	}
	return journal.ProbeWith(own, "probe")(path)
}

// Run probes a journal file.
func (c *probeCommand) Run(e *edge) error {
	debug.SetPanicOnFault(true)
	return journal.ProbeMain(c.File, e.stdout)
}

// Run prints the version.
func (*versionCommand) Run(e *edge) error {
	_, err := fmt.Fprintln(e.stdout, "player", revision.Text(version))
	return err
}
