// Command bench measures a controller beside programs that others have made, on one machine and in one run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"
)

const usage = `bench connections  messages, stalled peers and reconnects, beside centrifuge
bench assets       a file of 100 MB to 200 clients, beside nginx

Run "bench connections -h" or "bench assets -h" for what can be set.
`

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return 2
	}
	err := command(ctx, args[0], args[1:], stdout)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintf(stderr, "bench %s: %v\n", args[0], err)
		return 1
	}
	return 0
}

func command(ctx context.Context, name string, args []string, stdout io.Writer) error {
	switch name {
	case "connections":
		return measureConnections(ctx, args, stdout)
	case "assets":
		return measureAssets(ctx, args, stdout)
	// The children of these two.
	case whole:
		return runHouse(ctx, args[0], os.Stdin, stdout)
	case ours:
		return runHub(ctx, args[0], os.Stdin, stdout)
	case theirs:
		return runPeer(ctx, os.Stdin, stdout)
	case "fleet":
		first, err := strconv.Atoi(args[0])
		clients, second := strconv.Atoi(args[1])
		if err := errors.Join(err, second); err != nil {
			return err
		}
		return runFleet(first, clients, stdout)
	}
	return fmt.Errorf("there is no such command:\n%s", usage)
}
