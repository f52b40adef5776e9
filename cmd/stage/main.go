// Command stage draws what the player's agent orders: it reads orders from standard input and writes
// events to standard output, a line of JSON each. Package player/stage says the rest.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"anteroom/cmd/stage/early"
	"anteroom/player/stage"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	f, answer, err := early.Parse(args)
	if err != nil {
		fmt.Fprintln(stderr, "stage:", err)
		return 2
	}
	if answer != "" {
		fmt.Fprint(stdout, answer)
		return 0
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
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
