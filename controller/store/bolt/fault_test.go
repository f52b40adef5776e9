package bolt_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/controller/store/storetest"
	"anteroom/playlists"
	"anteroom/playlists/playliststest/faulttest"
)

// monthInParts is an operation of which each play after the first begins a part of the month.
const monthInParts = "month in parts"

// retention is an operation that forgets the months of all plays but the newest closed ones.
const retention = "retention"

// faultOperations are what a child of this test's binary does to a store until it is broken. It says what is
// durable as [said] hears it.
func faultOperations() map[string]faulttest.Operation {
	return map[string]faulttest.Operation{
		"update of documents": updateDocuments,
		"append of plays":     func(c *faulttest.Child) error { return appendPlays(c, bolt.Config{}, 4, 1000) },
		"month rotation":      func(c *faulttest.Child) error { return appendPlays(c, bolt.Config{}, 3, 1) },
		"snapshot":            snapshots,
		retention:             forgetPlays,
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

// What a store for the operation retention begins with, and what is left of it.
const (
	retainedFrom = 6 // plays, of two parts of each of three months
	retained     = 4
)

// forgetPlays removes the first of the months that [fillMonths] made, again and again until that is done, and goes on.
func forgetPlays(c *faulttest.Child) error {
	s, err := opens(c, bolt.Config{Part: 1})
	if err != nil {
		return err
	}
	err = c.Try(func() error {
		return s.Forget(context.Background(), 1, func(months []string) error {
			c.Say("ask forget %s", strings.Join(months, " "))
			return nil
		})
	})
	if err != nil {
		return err
	}
	c.Say("forgotten")
	l, err := lineAfter(retainedFrom)
	if err != nil {
		return err
	}
	c.Say("ask plays %d", retainedFrom+1)
	err = c.Try(func() error {
		w, err := s.Watermark(context.Background(), storetest.Stream(1))
		if err != nil || w.Through > retainedFrom {
			return err
		}
		fresh := *l
		return s.Append(context.Background(), []store.Batch{fresh.Batch(storetest.Noon().AddDate(0, 2, 0), writerPlay(retainedFrom+1))})
	})
	if err != nil {
		return err
	}
	c.Say("plays %d", retainedFrom+1)
	return s.Close()
}

// fillMonths makes a store with two parts of each of three months, a play in each.
func fillMonths(t *testing.T, dir string) {
	t.Helper()
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, Part: 1})
	if err != nil {
		t.Fatal(err)
	}
	l, err := lineAfter(0)
	if err != nil {
		t.Fatal(err)
	}
	for n := range retainedFrom {
		if err := s.Append(t.Context(), []store.Batch{l.Batch(storetest.Noon().AddDate(0, n/2, 0), writerPlay(uint64(n+1)))}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestFaultsOfRetention breaks the removing of a month at its calls.
func TestFaultsOfRetention(t *testing.T) {
	faulttest.Campaign{Operation: retention, Prepare: fillMonths, Check: checkRetention}.Run(t)
}

// checkRetention: what is left is all plays, or those of the months that are kept and word of those that are gone; nothing
// else is lost, and the next start comes to the end of it.
func checkRetention(t *testing.T, dir string, lines []string) {
	t.Helper()
	asked, done, more := false, false, 0
	for _, line := range lines {
		asked, done = asked || strings.HasPrefix(line, "ask forget"), done || line == "forgotten"
		if line == fmt.Sprint("plays ", retainedFrom+1) {
			more = 1
		}
	}
	left, gone := leftAfter(t, dir)
	if gone && !asked || done && !gone {
		t.Errorf("asked to forget %t, said it was done %t; it is %t", asked, done, gone)
	}
	want := retainedFrom
	if gone {
		want = retained
	}
	if left != want+more && left != want+1 {
		t.Errorf("%d plays are left, want %d and at least %d more", left, want, more)
	}
	again, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, Part: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(again.Forget(t.Context(), 1, nil), again.Close()); err != nil {
		t.Errorf("the next start: %v", err)
	}
	left, gone = leftAfter(t, dir)
	files, err := filepath.Glob(filepath.Join(dir, "plays-2026-11*"))
	if left < retained+more || !gone || err != nil || len(files) > 0 {
		t.Errorf("after the next start %d plays are left, forgotten %t, files %q, %v", left, gone, files, err)
	}
}

// leftAfter opens a store, as a start does, and counts its plays: raw, in sums, and by the watermark, which nothing forgets.
func leftAfter(t *testing.T, dir string) (left int, gone bool) {
	t.Helper()
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, Part: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	forgotten := (*store.ForgottenError)(nil)
	newest := uint64(0)
	for p, err := range s.Scan(t.Context(), time.Time{}, storetest.Noon().AddDate(1, 0, 0)) {
		switch {
		case errors.As(err, &forgotten):
			gone = true
		case err != nil:
			t.Error(err)
		default:
			left++
			newest = max(newest, p.Seq)
		}
	}
	counted := int64(0)
	for r, err := range s.Months(t.Context(), playlists.Date{Year: 2026, Month: 1, Day: 1}, playlists.Date{Year: 2027, Month: 12, Day: 1}, store.Apart{}) {
		if err != nil && !errors.As(err, &forgotten) {
			t.Error(err)
		}
		counted += r.Count
	}
	w, err := s.Watermark(t.Context(), storetest.Stream(1))
	if err != nil || counted != int64(left) || w.Through != newest {
		t.Errorf("%d plays are left and %d counted; the newest is %d, known through %d, %v", left, counted, newest, w.Through, err)
	}
	return left, gone
}

func TestFaults(t *testing.T) {
	for operation := range faultOperations() {
		if operation == retention {
			continue // it has a test of its own
		}
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
