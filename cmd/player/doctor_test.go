package main

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anteroom/cmd/internal/checkup"
	"anteroom/player"
	"anteroom/player/identity"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// well is a player with which all is well.
func well() *player.Status {
	return &player.Status{
		Screen: "lobby", Controller: "https://tv.example.org", Linked: true, Software: "v1", State: wire.State{Journal: 1200},
		Health: wire.Health{Stage: "drawing", Clock: playlists.ClockSynced, CacheUsed: 90 << 20, Unsent: 3},
	}
}

func TestWhatTheDoctorSaysOfARunningPlayer(t *testing.T) {
	tests := []struct {
		name   string
		change func(*player.Status)
		about  string
		level  checkup.Level
		says   string
	}{
		{"linked", func(*player.Status) {}, "pairing", checkup.Fine, "It is linked to https://tv.example.org as screen lobby."},
		{"no controller", func(s *player.Status) { s.Controller, s.Linked = "", false }, "pairing", checkup.Fault, "No controller is set."},
		{"waiting", func(s *player.Status) { s.Linked, s.Pairing = false, &player.Pairing{Code: "BCDFGHJK"} }, "pairing", checkup.Warning, "It waits to be paired, with the code BCDFGHJK."},
		{"without a link to be paired by", func(s *player.Status) { s.Linked, s.Screen, s.Unlinked = false, "", "no route to host" }, "pairing", checkup.Fault, "It is not paired, and has no link to be paired by: no route to host."},
		{"paired, without a link", func(s *player.Status) { s.Linked, s.Unlinked = false, "another controller" }, "pairing", checkup.Fault, "It is paired as screen lobby, and not linked: another controller."},
		{"drawing", func(*player.Status) {}, "display", checkup.Fine, "The stage draws."},
		{"the television is off", func(s *player.Status) { s.Health.Stage = "no-display" }, "display", checkup.Fault, "The stage finds no display."},
		{"the stage has died", func(s *player.Status) { s.Health.Stage = "restarting" }, "display", checkup.Warning, "The stage is being started again."},
		{"no stage", func(s *player.Status) { s.Health.Stage = "" }, "display", checkup.Fault, "There is no stage (none)."},
		{"drawn by the processor", func(s *player.Status) { s.Abilities.SoftwareGL = true }, "graphics", checkup.Warning, "The processor draws, not a graphics chip"},
		{"a clock that is kept", func(*player.Status) {}, "time", checkup.Fine, "The player knows the time."},
		{"no time", func(s *player.Status) { s.Health.Clock = playlists.ClockUnset }, "time", checkup.Fault, "The player does not know the time: only filler shows."},
		{"a clock that is off", func(s *player.Status) { s.Health.OffsetMS = -90_000 }, "time", checkup.Warning, "The machine's clock is -1m30s off the controller's"},
		{"a sound cache", func(s *player.Status) { s.Health.Missing = 2 }, "cache", checkup.Fine, "Pictures and videos take 90 MB; 2 files are on their way."},
		{"files that kill the stage", func(s *player.Status) { s.Health.SetAside = []playlists.Digest{"a"} }, "cache", checkup.Warning, "1 files stopped the picture three times each"},
		{"plays on their way", func(*player.Status) {}, "journal", checkup.Fine, "1200 plays are recorded, 3 wait to be sent."},
		{"plays that stay", func(s *player.Status) { s.Health.Unsent = 9000 }, "journal", checkup.Warning, "9000 plays wait to be sent, although it is linked."},
		{"plays of a week without a network", func(s *player.Status) { s.Health.Unsent, s.Linked = 9000, false }, "journal", checkup.Fine, "9000 wait to be sent."},
		{"a note", func(s *player.Status) { s.Health.Notes = []string{"No room for a picture."} }, "note", checkup.Warning, "No room for a picture."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := well()
			tt.change(s)
			for _, f := range running(s) {
				if f.About == tt.about {
					wantFinding(t, f, tt.level, tt.says)
					return
				}
			}
			t.Errorf("nothing is said of %s", tt.about)
		})
	}
}

func wantFinding(t *testing.T, f checkup.Finding, level checkup.Level, says string) {
	t.Helper()
	if f.Level != level || !strings.Contains(f.Says, says) {
		t.Errorf("got %s: %q; want %s with %q", f.Level, f.Says, level, says)
	}
	if (f.Do == "") != (level == checkup.Fine) {
		t.Errorf("%q: what to do is %q", f.Says, f.Do)
	}
}

func TestWhatTheDoctorSaysOfAStoppedPlayer(t *testing.T) {
	sockets := t.TempDir()
	l, err := net.Listen("unix", filepath.Join(sockets, "X7"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	tests := []struct {
		name  string
		found checkup.Finding
		level checkup.Level
		says  string
	}{
		{"paired", identityFinding(identity.Seen{Made: true, Screen: "lobby"}, nil), checkup.Fine, "The player is paired as screen lobby."},
		{"not paired", identityFinding(identity.Seen{Made: true}, nil), checkup.Warning, "The player is not paired."},
		{"never started", identityFinding(identity.Seen{}, nil), checkup.Warning, "The player has never been started."},
		{"one copy damaged", identityFinding(identity.Seen{Made: true, Screen: "lobby", Damaged: []string{"identity.json"}}, nil), checkup.Warning, "A copy of the identity is damaged: identity.json."},
		{"both copies damaged", identityFinding(identity.Seen{Damaged: []string{"a", "b"}}, nil), checkup.Fault, "Both copies of the identity are damaged."},
		{"not to be read", identityFinding(identity.Seen{}, os.ErrPermission), checkup.Fault, "The identity cannot be read: permission denied."},
		{"a display", displayFinding(":7.0", sockets), checkup.Fine, "An X server answers at :7.0."},
		{"no X server", displayFinding(":8", sockets), checkup.Fault, "No X server answers at :8."},
		{"no DISPLAY", displayFinding("", sockets), checkup.Warning, "DISPLAY is not set"},
		{"another machine's", displayFinding("desk:0", sockets), checkup.Warning, "DISPLAY is desk:0, on another machine."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantFinding(t, tt.found, tt.level, tt.says) })
	}
}

func TestWhatTheDoctorSaysOfTheJournal(t *testing.T) {
	dir := t.TempDir()
	day := filepath.Join(dir, "0001-a")
	if err := os.Mkdir(day, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"000001-2026-11-22-1.db", "000002-2026-11-23-9.db"} {
		if err := os.WriteFile(filepath.Join(day, name), []byte("plays"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sound := func(string) error { return nil }
	one := journalFindings(dir, sound)
	wantFinding(t, one[0], checkup.Fine, "All files of plays are sound (2).")
	broken := journalFindings(dir, func(path string) error {
		if strings.Contains(path, "000002") {
			return errors.New("damaged")
		}
		return nil
	})
	wantFinding(t, broken[0], checkup.Fault, "000002-2026-11-23-9.db is not sound: damaged.")
	if err := os.Rename(filepath.Join(day, "000001-2026-11-22-1.db"), filepath.Join(day, "000001-2026-11-22-1.db.damaged")); err != nil {
		t.Fatal(err)
	}
	aside := journalFindings(dir, sound)
	wantFinding(t, aside[0], checkup.Warning, ".damaged was found damaged and set aside.")
}

func TestWhatTheDoctorSaysOfTheStage(t *testing.T) {
	program := func(script string) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "stage")
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	tests := []struct {
		name  string
		path  string
		level checkup.Level
		says  string
	}{
		{"it starts", program("echo stage v1"), checkup.Fine, "starts (stage v1)."},
		{"a library is missing", program("echo 'stage: error while loading shared libraries: libGL.so.1' >&2; exit 127"), checkup.Fault, "does not start: stage: error while loading shared libraries: libGL.so.1."},
		{"it is not there", filepath.Join(t.TempDir(), "stage"), checkup.Fault, "does not start: "},
		{"it is looked for and not found", "", checkup.Fault, "The stage's program is not there: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantFinding(t, stageFinding(t.Context(), tt.path), tt.level, tt.says) })
	}
}

func TestTheWayOfAPlayer(t *testing.T) {
	tests := []struct {
		name string
		run  runCommand
		says string
	}{
		{"no controller", runCommand{}, "No controller is set."},
		{"a CA file that is none", runCommand{Controller: "https://tv.example.org", CA: "/dev/null"}, "--ca: "},
		{"a name that nobody knows", runCommand{Controller: "https://tv.invalid"}, "The name tv.invalid cannot be found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found := way(t.Context(), &tt.run, time.Now())
			wantFinding(t, found[0], checkup.Fault, tt.says)
		})
	}
}
