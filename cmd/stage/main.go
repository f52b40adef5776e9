// Command stage draws what the player's agent orders: it reads orders from standard input and writes
// events to standard output, a line of JSON each. Package player/stage says the rest.
package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"anteroom/cmd/internal/revision"
	"anteroom/player/stage"
)

// version is set when a release is linked, with -ldflags "-X main.version=v1.2.3".
var version string

type flags struct {
	Truth    string           `help:"Append a line to this file for every turn first drawn." placeholder:"FILE" type:"path"`
	Account  string           `help:"Write what is drawn into this file, which the player has made, for when it dies." placeholder:"FILE" type:"path"`
	Windowed bool             `help:"Draw in a window instead of on the whole screen."`
	Width    int              `help:"Width of the window in pixels." default:"1280"`
	Height   int              `help:"Height of the window in pixels." default:"720"`
	Title    string           `help:"Title of the window." default:"Anteroom"`
	Version  kong.VersionFlag `help:"Print the version and exit."`
}

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var f flags
	log := slog.New(slog.NewTextHandler(stderr, nil))
	parser, err := kong.New(&f, kong.Name("stage"), kong.Writers(stdout, stderr), kong.Vars{"version": revision.Text(version)},
		kong.Description("Draws what the player orders. It is started by the player, not by hand."))
	if err != nil {
		log.Error("flags", slog.Any("error", err))
		return 2
	}
	if _, err := parser.Parse(args); err != nil {
		log.Error("flags", slog.Any("error", err))
		return 2
	}
	// Without an agent to read them events go nowhere, but the last picture is to stay.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := stage.Run(ctx, stage.Config{
		Orders: stdin, Events: stdout, Log: log, Truth: f.Truth, Account: f.Account,
		Windowed: f.Windowed, Width: f.Width, Height: f.Height, Title: f.Title,
	}); err != nil {
		log.Error("stage", slog.Any("error", err))
		return 1
	}
	return 0
}
