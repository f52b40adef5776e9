package bolt_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/controller/store/storetest"
	"anteroom/playlists"
)

func openAt(t *testing.T, dir string) *bolt.Store {
	t.Helper()
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// named adds a play of an item that was written before, as a controller does.
func named(s store.Store, l *storetest.Line, n int) error {
	id := fmt.Sprintf("item-%d", n)
	err := s.Update(context.Background(), func(tx store.Tx) error {
		_, err := tx.Put("item", id, 0, "ada", json.RawMessage(`{}`))
		return err
	})
	if err != nil {
		return err
	}
	at := storetest.Noon().AddDate(0, n/40, 0) // 40 plays come in each month
	return s.Append(context.Background(), []store.Batch{l.Batch(at, storetest.Play("lobby", playlists.ItemID(id), at))})
}

func TestSnapshotsWhileOthersWrite(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, dir)
	var writers errgroup.Group
	writers.Go(func() error {
		l := storetest.NewLine(t, 1)
		for n := range 200 {
			if err := named(s, l, n); err != nil {
				return err
			}
		}
		return nil
	})
	done := make(chan error, 1)
	go func() { done <- writers.Wait() }()
	taken := 0
	for running := true; running; taken++ {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			running = false
		default:
		}
		wantWholeSnapshot(t, s)
	}
	t.Logf("%d snapshots", taken)
	left, err := filepath.Glob(filepath.Join(dir, "snapshot-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("released snapshots are still there: %v, %v", left, err)
	}
}

// wantWholeSnapshot takes a snapshot and holds it to be a store whose every play names an item that it has.
func wantWholeSnapshot(t *testing.T, s *bolt.Store) {
	t.Helper()
	dir, release, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := t.TempDir() // a linked month is locked by the store that has it open
	if err := os.CopyFS(elsewhere, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	copied := openAt(t, elsewhere)
	var through uint64
	for p, err := range copied.Scan(t.Context(), storetest.Noon().Add(-time.Hour), storetest.Noon().AddDate(2, 0, 0)) {
		if err != nil {
			t.Fatal(err)
		}
		through = max(through, p.Seq)
		err := copied.View(t.Context(), func(v store.View) error {
			_, err := v.Get("item", string(p.Item))
			return err
		})
		if err != nil {
			t.Errorf("play %d names an item that the snapshot has not: %v", p.Seq, err)
		}
	}
	w, err := copied.Watermark(t.Context(), storetest.Stream(1))
	if err != nil || w.Through != through {
		t.Errorf("the watermark is %d, %v; the last play is %d", w.Through, err, through)
	}
	if err := errors.Join(copied.Close(), release()); err != nil {
		t.Error(err)
	}
}

func TestSnapshotOfMonths(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, dir)
	l := storetest.NewLine(t, 1)
	for n := range 100 {
		if err := named(s, l, n); err != nil {
			t.Fatal(err)
		}
	}
	copied, release, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for file, linked := range map[string]bool{"plays-2026-11.db": true, "plays-2026-12.db": true, "plays-2027-01.db": false, "documents.db": false} {
		a, _ := os.Stat(filepath.Join(dir, file))
		b, err := os.Stat(filepath.Join(copied, file))
		if err != nil || os.SameFile(a, b) != linked {
			t.Errorf("%s: %v; it is to be the same file: %v", file, err, linked)
		}
		if err == nil && b.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %v: others can read it", file, b.Mode())
		}
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	t.Run("a month that is lost is no hindrance", func(t *testing.T) {
		if err := os.Remove(filepath.Join(dir, "plays-2026-11.db")); err != nil {
			t.Fatal(err)
		}
		_, release, err := s.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := release(); err != nil {
			t.Error(err)
		}
	})
}

func TestSnapshotLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, dir)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, _, err := s.Snapshot(stopped); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "snapshot-*")); len(left) > 0 {
		t.Errorf("a snapshot that failed left %v", left)
	}
	if _, _, err := s.Snapshot(t.Context()); err != nil { // never released, as when the process is killed
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	openAt(t, dir)
	if left, _ := filepath.Glob(filepath.Join(dir, "snapshot-*")); len(left) > 0 {
		t.Errorf("the next start left %v", left)
	}
}

func TestHold(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, dir)
	l := storetest.NewLine(t, 1)
	if err := named(s, l, 0); err != nil {
		t.Fatal(err)
	}
	if _, _, err := bolt.Hold(dir); !errors.Is(err, bolt.ErrInUse) {
		t.Errorf("a store that is open was held: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	names, release, err := bolt.Hold(dir)
	if err != nil || strings.Join(names, " ") != "documents.db plays-2026-11.db" {
		t.Errorf("got %v, %v", names, err)
	}
	if _, err := bolt.Open(t.Context(), bolt.Config{Dir: dir}); !errors.Is(err, bolt.ErrInUse) {
		t.Errorf("a held store was opened: %v", err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	openAt(t, dir)
}
