package bolt_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/controller/store/storetest"
)

const countsFile = "counts.db"

func someCounts() []store.Count {
	key := store.CountKey{Week: storetest.Monday(0), Department: "er", What: store.Asked, Of: "flu", Language: "es"}
	return []store.Count{{CountKey: key, N: 37}}
}

func countsIn(t *testing.T, dir string) []store.Count {
	t.Helper()
	s := openAt(t, dir)
	var all []store.Count
	for c, err := range s.Counts(t.Context(), storetest.Monday(-1), storetest.Monday(1)) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestCountsAreInEveryCopy(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, dir)
	if err := s.PutCounts(t.Context(), someCounts()); err != nil {
		t.Fatal(err)
	}
	copied, release, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := t.TempDir()
	if err := errors.Join(os.CopyFS(elsewhere, os.DirFS(copied)), release(), s.Close()); err != nil {
		t.Fatal(err)
	}
	if got := countsIn(t, elsewhere); !slices.Equal(got, someCounts()) {
		t.Errorf("the snapshot has %v", got)
	}
	names, release, err := bolt.Hold(dir)
	if err != nil || !slices.Contains(names, countsFile) {
		t.Errorf("a store at rest names %v, %v", names, err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
}

func TestDamagedCountsAreSetAside(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, dir)
	if err := errors.Join(s.PutCounts(t.Context(), someCounts()), s.Close()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, countsFile)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.LastIndex(b, []byte{0, 37}) // the count itself, which nothing else would notice
	b[at+1]++
	writeFile(t, path, b)
	var log bytes.Buffer
	s, err = bolt.Open(t.Context(), bolt.Config{Dir: dir, Probe: childProbe(t), Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	aside, err := filepath.Glob(path + ".corrupt-*")
	if err != nil || len(aside) != 1 || !strings.Contains(log.String(), "damaged counts set aside") || !strings.Contains(log.String(), aside[0]) {
		t.Errorf("set aside: %v, %v; log: %s", aside, err, log.String())
	}
	if err := errors.Join(s.PutCounts(t.Context(), someCounts()), s.Close()); err != nil {
		t.Errorf("counting anew: %v", err)
	}
	if got := countsIn(t, dir); !slices.Equal(got, someCounts()) {
		t.Errorf("got %v", got)
	}
}
