package bolt_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/controller/store/storetest"
)

// open opens a store without syncs: what is tested by it survives processes, not power cuts.
func open(tb testing.TB, dir string) store.Store {
	tb.Helper()
	s, err := bolt.Open(tb.Context(), bolt.Config{Dir: dir, NoSync: true})
	if err != nil {
		tb.Fatalf("opening: %v", err)
	}
	return s
}

func TestStore(t *testing.T) { storetest.Test(t, open) }

// The contract holds however many parts a month has: here every batch begins one.
func TestStoreInParts(t *testing.T) {
	storetest.Test(t, func(t testing.TB, dir string) store.Store {
		t.Helper()
		s, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, Part: 1, NoSync: true, Probe: func(context.Context, string) error { return nil }})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

// A month goes on in another part when its file is large, and a new one in a file of its own; nothing else
// of a month is read at a start.
func TestPartsOfMonths(t *testing.T) {
	dir := t.TempDir()
	var probed []string
	reopen := func() *bolt.Store {
		probed = nil
		s, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, Part: 1, Probe: func(_ context.Context, path string) error {
			probed = append(probed, filepath.Base(path))
			return bolt.Probe(path)
		}})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s, l := reopen(), storetest.NewLine(t, 1)
	for _, at := range []time.Time{storetest.Noon(), storetest.Noon(), storetest.Noon(), storetest.Noon().AddDate(0, 1, 0)} {
		if err := s.Append(t.Context(), []store.Batch{l.Batch(at, storetest.Play("lobby", "flu", at))}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"plays-2026-11.db", "plays-2026-11-part002.db", "plays-2026-11-part003.db", "plays-2026-12.db"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	s = reopen()
	defer func() { _ = s.Close() }()
	if want := []string{"documents.db", "plays-2026-12.db"}; !slices.Equal(probed, want) {
		t.Errorf("a start read %v, want %v", probed, want)
	}
	plays := 0
	for _, err := range s.Scan(t.Context(), storetest.Noon(), storetest.Noon().AddDate(1, 0, 0)) {
		if err != nil {
			t.Fatal(err)
		}
		plays++
	}
	if plays != 4 || len(probed) != 5 {
		t.Errorf("%d plays of 4 from %v", plays, probed)
	}
}
