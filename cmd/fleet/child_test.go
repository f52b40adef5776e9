//go:build !e2e

package main

import (
	"os"
	"testing"

	"anteroom/controller/store/bolt"
	"anteroom/player/journal"
	"anteroom/playlists/playliststest/faulttest"
)

// envProbe makes this test's binary the child that reads a file before it is opened: "journal" or "store".
const envProbe = "ANTEROOM_FLEET_PROBE"

func TestMain(m *testing.M) {
	path := os.Args[len(os.Args)-1]
	var err error
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

// probing is the command of a child that probes.
func probing(what string) []string {
	return []string{"/usr/bin/env", envProbe + "=" + what, os.Args[0]}
}

// faultOperations are what a child does for the campaigns of faults.
func faultOperations() map[string]faulttest.Operation {
	return map[string]faulttest.Operation{"work": workAtBoth, agentDisk: readPlayers, controllerDisk: readControllers}
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
