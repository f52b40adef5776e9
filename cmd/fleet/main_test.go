package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"anteroom/cmd/internal/revision"
)

func TestFlags(t *testing.T) {
	nobody := httptest.NewServer(http.NotFoundHandler())
	defer nobody.Close()
	at := "--controller=" + nobody.URL
	dir := "--data=" + t.TempDir()
	tests := []struct {
		name string
		args []string
		exit int
		says string
	}{
		{"help", []string{"--help"}, exitDone, "Simulated players for a controller"},
		{"version", []string{"--version"}, exitDone, revision.Text(version)},
		{"no controller, and an empty environment", []string{dir}, exitMisuse, "--controller"},
		{"an unknown flag", []string{at, dir, "--screens=7"}, exitMisuse, "--screens"},
		{"no players", []string{at, dir, "--players=0"}, exitMisuse, "1 to 5000"},
		{"more players than one process may have", []string{at, dir, "--players=5001"}, exitMisuse, "start several"},
		{"a department and nobody to sign in", []string{at, "--department=cardiology"}, exitMisuse, "--user"},
		{"new players and nowhere to pair them", []string{at}, exitMisuse, "--department"},
		{"a time that ran backwards", []string{at, dir, "--for=-1s"}, exitMisuse, "60s"},
		{"what answers is no controller", []string{at, "--department=cardiology", "--user=ada", "--password=x"}, exitFailed, "signing in as ada"},
		{"no such address", []string{"--controller=http://elsewhere.example", dir, "--players=1"}, exitFailed, "not encrypted"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("ANTEROOM_CONTROLLER", "")
			t.Setenv("ANTEROOM_USER", "")
			t.Setenv("ANTEROOM_PASSWORD", "")
			var out, errs bytes.Buffer
			exit := run(test.args, &out, &errs)
			if said := out.String() + errs.String(); exit != test.exit || !strings.Contains(said, test.says) {
				t.Errorf("exit status %d, want %d with %q; it said: %s", exit, test.exit, test.says, said)
			}
		})
	}
}

func TestEndsByItself(t *testing.T) {
	nobody := httptest.NewServer(http.NotFoundHandler())
	defer nobody.Close()
	var out, errs bytes.Buffer
	began := time.Now()
	exit := run([]string{"--controller=" + nobody.URL, "--data=" + t.TempDir(), "--players=3", "--for=1s"}, &out, &errs)
	if exit != exitDone || !strings.Contains(out.String(), "players 3  paired 0  linked 0") || !strings.Contains(out.String(), "have ended") {
		t.Errorf("exit status %d; it said: %s%s", exit, out.String(), errs.String())
	}
	if took := time.Since(began); took < time.Second {
		t.Errorf("it ended after %v, before the second was over", took)
	}
}

func TestGlassComesFromTheSeed(t *testing.T) {
	same, other := 0, 0
	for n := range 100 {
		a, b, c := glassOf(1, n, nil).jitter(), glassOf(1, n, nil).jitter(), glassOf(2, n, nil).jitter()
		if a == b {
			same++
		}
		if a == c {
			other++
		}
	}
	if same != 100 || other > 0 {
		t.Errorf("of 100 players, %d behave the same with the same seed, and %d with another", same, other)
	}
}
