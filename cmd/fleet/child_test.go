//go:build !e2e

package main

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"anteroom/controller/ingest"
	"anteroom/controller/store/bolt"
	"anteroom/player/journal"
	"anteroom/playlists/playliststest/faulttest"
)

// envProbe makes this test's binary the child that reads a file before it is opened: "journal" or "store".
const envProbe = "ANTEROOM_FLEET_PROBE"

// envHaste gives that child so many seconds of processor time, after which it counts as hung.
const envHaste = "ANTEROOM_FLEET_HASTE"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == ingest.Command {
		unix.Exit(ingest.Child(os.Args[2:], os.Stdin, os.Stdout))
	}
	path := os.Args[len(os.Args)-1]
	err := hasten(os.Getenv(envHaste))
	switch os.Getenv(envProbe) {
	case "journal":
		err = journal.ProbeMain(path, os.Stdout)
	case "store":
		err = bolt.ProbeMain(path, os.Stdout)
	default:
		faulttest.Main(m, faultOperations())
	}
	if err != nil {
		panic(err)
	}
}

// hasten ends this process by a signal once it has used so many seconds of a processor.
func hasten(seconds string) error {
	if seconds == "" {
		return nil
	}
	var limit unix.Rlimit
	if _, err := fmt.Sscan(seconds, &limit.Cur); err != nil {
		return err
	}
	limit.Max = unix.RLIM_INFINITY
	return unix.Setrlimit(unix.RLIMIT_CPU, &limit)
}

// probing is the command of a child that probes.
func probing(what string) []string {
	return []string{"/usr/bin/env", envProbe + "=" + what, os.Args[0]}
}

// faultOperations are what a child does for the campaigns of faults.
func faultOperations() map[string]faulttest.Operation {
	all := spoilReadings()
	all["work"] = workAtBoth
	return all
}

// workAtBoth keeps both sides at work until it is killed.
func workAtBoth(c *faulttest.Child) error {
	start, err := startOf(c.Dir)
	if err != nil {
		return err
	}
	r, err := openRig(c.Dir, start, false)
	if err != nil {
		return err
	}
	r.work(c, start*idsAStart)
	return nil
}
