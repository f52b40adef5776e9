package bolt_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/controller/store/storetest"
	"anteroom/playlists"
	"anteroom/playlists/playliststest/faulttest"
)

// monthInParts is an operation of which each play after the first begins a part of the month.
const monthInParts = "month in parts"

// faultOperations are what a child of this test's binary does to a store until it is broken. It says what is
// durable as [said] hears it.
func faultOperations() map[string]faulttest.Operation {
	return map[string]faulttest.Operation{
		"update of documents": updateDocuments,
		"append of plays":     func(c *faulttest.Child) error { return appendPlays(c, bolt.Config{}, 4, 1000) },
		"month rotation":      func(c *faulttest.Child) error { return appendPlays(c, bolt.Config{}, 3, 1) },
		"snapshot":            snapshots,
		monthInParts:          func(c *faulttest.Child) error { return appendPlays(c, bolt.Config{Part: 1}, 3, 1000) },
	}
}

// opens a store as a controller does, again and again if need be.
func opens(c *faulttest.Child, as bolt.Config) (s *bolt.Store, err error) {
	as.Dir = c.Dir
	err = c.Try(func() error {
		s, err = bolt.Open(context.Background(), as)
		return err
	})
	c.Say("open")
	return s, err
}

// updateDocuments writes documents, each once, whatever it takes to know that it is there.
func updateDocuments(c *faulttest.Child) error {
	s, err := opens(c, bolt.Config{})
	if err != nil {
		return err
	}
	for n := 1; n <= 4; n++ {
		c.Say("ask documents %d", n)
		id := fmt.Sprint("item-", n)
		err := c.Try(func() error {
			return s.Update(context.Background(), func(tx store.Tx) error {
				_, err := tx.Get("item", id)
				if errors.Is(err, playlists.ErrNotFound) {
					_, err = tx.Put("item", id, 0, "ada", bodyOf(id))
				}
				return err
			})
		})
		if err != nil {
			return err
		}
		c.Say("documents %d", n)
	}
	return s.Close()
}

func bodyOf(id string) json.RawMessage {
	return json.RawMessage(`{"text":"` + strings.Repeat(id, 300) + `"}`)
}

// appendPlays appends batches of one play, so many in every month.
func appendPlays(c *faulttest.Child, as bolt.Config, plays, every int) error {
	s, err := opens(c, as)
	if err != nil {
		return err
	}
	for n := 1; n <= plays; n++ {
		c.Say("ask plays %d", n)
		err := c.Try(func() error {
			w, err := s.Watermark(context.Background(), storetest.Stream(1))
			if err != nil || w.Through >= uint64(n) {
				return err
			}
			l, err := lineAfter(w.Through)
			if err != nil {
				return err
			}
			batch := l.Batch(storetest.Noon().AddDate(0, (n-1)/every, 0), writerPlay(w.Through+1))
			return s.Append(context.Background(), []store.Batch{batch})
		})
		if err != nil {
			return err
		}
		c.Say("plays %d", n)
	}
	return s.Close()
}

// snapshots lends a copy of a store with a closed month, as for a backup, while plays come in.
func snapshots(c *faulttest.Child) error {
	if err := appendPlays(c, bolt.Config{}, 2, 1); err != nil {
		return err
	}
	s, err := opens(c, bolt.Config{})
	if err != nil {
		return err
	}
	err = c.Try(func() error {
		dir, release, err := s.Snapshot(context.Background())
		if err != nil {
			return err
		}
		copied, err := bolt.Open(context.Background(), bolt.Config{Dir: dir, NoSync: true})
		if err != nil {
			return errors.Join(err, release())
		}
		w, err := copied.Watermark(context.Background(), storetest.Stream(1))
		if err == nil && w.Through != 2 {
			err = fmt.Errorf("%d plays of 2 are in the copy", w.Through)
		}
		return errors.Join(err, copied.Close(), release())
	})
	return errors.Join(err, s.Close())
}

func TestFaults(t *testing.T) {
	for operation := range faultOperations() {
		faulttest.Campaign{Operation: operation, Check: func(t *testing.T, dir string, lines []string) {
			s, asked := heardOf(lines)
			plays, documents := check(t, dir, s, operation)
			if plays > asked.plays || documents > asked.documents {
				t.Errorf("%d plays and %d documents are there, %d and %d were asked for", plays, documents, asked.plays, asked.documents)
			}
			if operation == monthInParts {
				checkPartNames(t, dir, plays)
			}
			check(t, dir, s, "second start")
			if lent, err := filepath.Glob(filepath.Join(dir, "snapshot-*")); err != nil || len(lent) > 0 {
				t.Errorf("a start has left copies of an earlier run: %q, %v", lent, err)
			}
		}}.Run(t)
	}
}

// checkPartNames holds that each play has a file of its own, that of a month or of a later part of it; the next one may have been begun.
func checkPartNames(t *testing.T, dir string, plays uint64) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "plays-*.db"))
	if n := uint64(len(files)); err != nil || n != plays && n != plays+1 {
		t.Errorf("%d plays in %d files (%v), want one for each: %q", plays, n, err, files)
	}
}
