package controller

import (
	"context"
	"fmt"
	"io"
	"strings"

	"anteroom/controller/ingest"
	"anteroom/controller/store/bolt"
)

// probeCommand is the hidden command that reads a store's file before it is opened.
const probeCommand = "probe-child"

// Child does what a hidden child process of the controller is for, if args say that this is one, and
// gives its exit status; false if it is none. Every program that runs a controller calls it first.
func Child(args []string, stdin io.Reader, stdout, stderr io.Writer) (status int, child bool) {
	if len(args) == 0 {
		return 0, false
	}
	switch args[0] {
	case ingest.Command:
		return ingest.Child(args[1:], stdin, stdout), true
	case probeCommand:
		return probe(args[1:], stdout, stderr), true
	case trialCommand:
		return tryBackup(args[1:], stderr), true
	}
	return 0, false
}

func probe(args []string, stdout, stderr io.Writer) int {
	if len(args) != 1 {
		return 2
	}
	if err := bolt.ProbeMain(args[0], stdout); err != nil {
		_, _ = fmt.Fprintln(stderr, err) // the status says as much
		return 1
	}
	return 0
}

func tryBackup(args []string, stderr io.Writer) int {
	if len(args) != 1 {
		return 2
	}
	if err := trial(context.Background(), args[0]); err != nil {
		_, _ = fmt.Fprintln(stderr, strings.ReplaceAll(err.Error(), "\n", "; ")) // the status says as much
		return 1
	}
	return 0
}
