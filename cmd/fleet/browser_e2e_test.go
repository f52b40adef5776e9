//go:build e2e

package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"anteroom/cmd/demo/hospital"
	"anteroom/playlists"
)

// TestConsoleInChromium does what people come to the console for, in a real browser against the demo
// hospital with real screens: pair one by its code (task 2), take all screens over and see who has drawn
// it (task 9), schedule, publish and undo; and looks at every page with axe-core.
func TestConsoleInChromium(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.must(hospital.Enter(t.Context(), h.api))
	var walls []*wall
	for _, s := range hospital.Screens() {
		walls = append(walls, h.hang(s.ID))
	}
	for _, w := range walls {
		w.drawn(2)
	}
	h.eventually(patience, "there is a past of 25 s to ask about", func() error {
		if len(walls[0].truth()) < 4 {
			return errors.New("the loop has only begun")
		}
		return nil
	})
	var waiting []string // not before, for a code lasts ten minutes
	for _, name := range []playlists.ScreenID{"newcomer", "latecomer"} {
		w := h.hangUnpaired(name)
		waiting = append(waiting, w.code()+" "+strings.Join(w.words(), " "))
	}
	h.browse([]string{"pair"}, "ANTEROOM_WAITING="+strings.Join(waiting, ","), "ANTEROOM_DEPARTMENT=paediatrics")
	h.browse([]string{"takeover", "staff", "schedule", "outlook", "pages", "roles", "fleet", "reports", "coverage", "publish"})
}

// TestFormsInChromium does beside it what needs no screen that plays.
func TestFormsInChromium(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.must(hospital.Enter(t.Context(), h.api))
	h.browse([]string{"settings", "topics", "keyboard", "library", "playlist", "layout", "resume", "edits", "stale", "refused", "closures", "calendar", "review", "people", "uploads", "phrases", "words", "texts", "languages", "bundle"})
}

// browse runs the console's own tests by name, and fails unless all of them ran and passed. It tells of those that did
// not; the whole of what they said is in build/, and the pictures that they took are in build/shots/.
func (h *house) browse(names []string, environment ...string) {
	h.t.Helper()
	web, err := filepath.Abs("../../controller/console/web")
	h.must(err)
	whole, err := filepath.Abs("../../build/" + h.t.Name() + "-" + names[0] + ".tap")
	h.must(err)
	shots, err := filepath.Abs("../../build/shots/" + h.t.Name() + "-" + names[0])
	h.must(err)
	h.must(os.RemoveAll(shots))
	h.must(os.MkdirAll(shots, 0o755))
	args := []string{
		"--test", "--test-concurrency=1", "--test-reporter=./tests/failures.mjs", "--test-reporter-destination=stdout",
		"--test-reporter=tap", "--test-reporter-destination=" + whole,
	}
	for _, name := range names {
		args = append(args, "tests/"+name+".test.mjs")
	}
	ctx, cancel := context.WithTimeout(h.t.Context(), 30*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, node(), args...)
	cmd.Dir = web
	cmd.Env = append(append(os.Environ(), "ANTEROOM_URL="+h.base(), "ANTEROOM_USER="+admin, "ANTEROOM_PASSWORD="+password, "ANTEROOM_SHOTS="+shots), environment...)
	out, err := cmd.CombinedOutput()
	if err != nil || !regexp.MustCompile(`(?m)^passed [1-9]\d*, failed 0, skipped 0$`).Match(out) {
		h.t.Fatalf("in the browser: %v\n%s", err, out)
	}
	h.t.Logf("in the browser: %s", out)
}

// node is the Node.js that make fetched, or the machine's own.
func node() string {
	if own, err := filepath.Abs("../../build/node/bin/node"); err == nil {
		if _, err := os.Stat(own); err == nil {
			return own
		}
	}
	return "node"
}

// words are the six words that the player shows to be compared.
func (w *wall) words() []string {
	w.h.t.Helper()
	status, err := w.status()
	w.h.must(err)
	pairing, _ := status["pairing"].(map[string]any)
	list, _ := pairing["words"].([]any)
	var all []string
	for _, one := range list {
		word, _ := one.(string)
		all = append(all, word)
	}
	if len(all) != 6 {
		w.h.t.Fatalf("the player shows %v", pairing)
	}
	return all
}
