package bolt_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/controller/store/storetest"
	"anteroom/playlists/playliststest/faulttest"
)

// TestCutsAndLies: of what no sync had followed, a power cut may leave anything; a disk may also have lied about
// its syncs. The first loses nothing that was acknowledged. After the second the store says that it is damaged, or
// has all from before the first lie but the last transaction: bbolt writes a page anew that the one before had, and
// if that never comes to the disk, what was there looks sound. It never gives what was not written.
func TestCutsAndLies(t *testing.T) {
	for operation := range faultOperations() {
		if operation == retention {
			continue // it has a test of its own
		}
		faulttest.Replay{Operation: operation, Check: func(t *testing.T, cut faulttest.Cut) {
			sure, _ := heardOf(cut.Sure)
			_, asked := heardOf(cut.Said)
			if cut.Lies {
				checkAfterLies(t, cut.Dir, sure, asked)
				return
			}
			plays, documents := check(t, cut.Dir, sure, operation)
			if plays > asked.plays || documents > asked.documents {
				t.Errorf("%d plays and %d documents are there, %d and %d were asked for", plays, documents, asked.plays, asked.documents)
			}
			check(t, cut.Dir, sure, "second start")
		}}.Run(t)
	}
}

// TestCutsOfRetention: a power cut loses no play of a month that is kept, and forgets none that nobody asked to forget. A
// disk that lies may leave what says that it is damaged.
func TestCutsOfRetention(t *testing.T) {
	faulttest.Replay{Operation: retention, Prepare: fillMonths, Check: func(t *testing.T, cut faulttest.Cut) {
		if !cut.Lies {
			checkRetention(t, cut.Dir, cut.Said)
			return
		}
		opened, err := bolt.Open(t.Context(), bolt.Config{Dir: cut.Dir, Part: 1, Probe: childProbe(t)})
		if errors.Is(err, store.ErrDamaged) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	}}.Run(t)
}

// heardOf is what of a child's lines was durable, and what it had asked for.
func heardOf(lines []string) (s, asked said) {
	for _, line := range lines {
		if ask, ok := strings.CutPrefix(line, "ask "); ok {
			asked.hear(ask)
		} else {
			s.hear(line)
		}
	}
	return s, asked
}

// checkAfterLies reads what a disk that lied has left.
func checkAfterLies(t *testing.T, dir string, sure, asked said) {
	t.Helper()
	var log bytes.Buffer
	opened, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, Probe: childProbe(t), Log: slog.New(slog.NewTextHandler(&log, nil))})
	if errors.Is(err, store.ErrDamaged) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = opened.Close() }()
	var plays, documents uint64
	for d, err := range opened.Since(t.Context(), 0) {
		if errors.Is(err, store.ErrDamaged) {
			return
		}
		documents++
		if want := fmt.Sprint("item-", documents); err != nil || d.Change != documents || d.ID != want || !bytes.Equal(d.Body, bodyOf(want)) {
			t.Fatalf("change %d where %d should be: %+v, %v", d.Change, documents, d, err)
		}
	}
	for p, err := range opened.Scan(t.Context(), storetest.Noon(), storetest.Noon().AddDate(1, 0, 0)) {
		if errors.Is(err, store.ErrDamaged) {
			return
		}
		plays++
		want := writerPlay(p.Seq)
		want.Seq = p.Seq
		if err != nil || p.Play != want || p.Seq > asked.plays {
			t.Fatalf("play %+v of %d, %v", p, asked.plays, err)
		}
	}
	told := strings.Contains(log.String(), "damaged")
	if (plays+1 < sure.plays || documents+1 < sure.documents) && !told {
		t.Fatalf("LOST, and nothing tells of it: %d plays and %d documents are there, %d and %d were for sure", plays, documents, sure.plays, sure.documents)
	}
	w, err := opened.Watermark(t.Context(), storetest.Stream(1))
	if err != nil {
		t.Fatal(err)
	}
	if w.Through > plays && !told || w.Through > asked.plays {
		t.Fatalf("watermark %d over %d plays", w.Through, plays)
	}
}
