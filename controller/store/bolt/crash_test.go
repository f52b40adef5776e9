package bolt_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"anteroom/controller/store/bolt"
	"anteroom/controller/store/storetest"
)

// said is what a writing child told before it ended.
type said struct {
	opened           bool
	plays, documents uint64 // the last that were durable
	failed           []string
	reopened         int
	done             bool
}

func (s *said) hear(line string) {
	var n uint64
	switch {
	case line == "open":
		s.opened = true
	case line == "done":
		s.done = true
	case strings.Contains(line, "store reopened"):
		s.reopened++
	case strings.HasPrefix(line, "failed"):
		s.failed = append(s.failed, line)
	default:
		if _, err := fmt.Sscanf(line, "plays %d", &n); err == nil {
			s.plays = n
		}
		if _, err := fmt.Sscanf(line, "documents %d", &n); err == nil {
			s.documents = n
		}
	}
}

// child is a process that writes to the store at dir, under the commands given.
func child(t *testing.T, dir string, under ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	line := slices.Concat(under, []string{self, dir})
	c := exec.CommandContext(t.Context(), line[0], line[1:]...)
	c.Env = append(os.Environ(), childEnv+"=write")
	return c
}

// check reads what a child left: a prefix of what it wrote, with all that it said was durable. It
// returns how far that goes.
func check(t *testing.T, dir string, s said, how string) (plays, documents uint64) {
	t.Helper()
	opened, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, Probe: childProbe(t)})
	if err != nil {
		t.Fatalf("%s: %v", how, err)
	}
	defer func() { _ = opened.Close() }()
	for d, err := range opened.Since(t.Context(), 0) {
		documents++
		if err != nil || d.Change != documents {
			t.Fatalf("%s: change %d where %d should be, %v", how, d.Change, documents, err)
		}
	}
	for p, err := range opened.Scan(t.Context(), storetest.Noon(), storetest.Noon().AddDate(1, 0, 0)) {
		plays++
		want := writerPlay(p.Seq)
		want.Seq = p.Seq
		if err != nil || p.Play != want {
			t.Fatalf("%s: play %+v, %v", how, p, err)
		}
	}
	line, err := lineAfter(plays)
	if err != nil {
		t.Fatal(err)
	}
	w, err := opened.Watermark(t.Context(), storetest.Stream(1))
	if err != nil || w.Through != plays || (plays > 0 && !bytes.Equal(w.Chain, line.Chain)) {
		t.Fatalf("%s: watermark %d, %v, over %d plays", how, w.Through, err, plays)
	}
	if plays < s.plays || documents < s.documents {
		t.Fatalf("%s: LOST: %d plays and %d documents are there, %d and %d were acknowledged", how, plays, documents, s.plays, s.documents)
	}
	return plays, documents
}

// A controller killed at any moment loses nothing that it acknowledged.
func TestKilledWriter(t *testing.T) {
	dir := t.TempDir()
	for round := range 12 {
		c := child(t, dir)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		var s said
		lines := bufio.NewScanner(out)
		for n := rand.IntN(20); n >= 0 && lines.Scan(); n-- {
			s.hear(lines.Text())
		}
		time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
		if err := c.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
		for lines.Scan() {
			s.hear(lines.Text())
		}
		_ = c.Wait() // it was killed
		if !s.opened {
			t.Fatalf("round %d: the writer never opened the store: %v", round, s.failed)
		}
		check(t, dir, s, fmt.Sprintf("killed in round %d", round))
	}
}
