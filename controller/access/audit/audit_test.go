package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"anteroom/controller/access/audit"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
)

func newLog(t *testing.T) *audit.Log {
	t.Helper()
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return audit.New(s, "head")
}

// put writes a document, through the log or behind its back.
func put(t *testing.T, s store.Documents, kind store.Kind, id string, was uint64, by, body string) {
	t.Helper()
	err := s.Update(t.Context(), func(tx store.Tx) error {
		_, err := tx.Put(kind, id, was, by, json.RawMessage(body))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// lived is a log in which something has happened.
func lived(t *testing.T) *audit.Log {
	t.Helper()
	l := newLog(t)
	put(t, l.Store, "site", "before-there-was-a-log", 0, "ada", `{}`)
	put(t, l, "site", "main", 0, "ada", `{"name":"Main"}`)
	put(t, l, "head", "door", 0, "system", `{}`)
	put(t, l, "site", "main", 1, "ben", `{"name":"North"}`)
	if err := l.Record(t.Context(), audit.Entry{By: "ben", Did: audit.SignedOut, Kind: "user", ID: "ben"}); err != nil {
		t.Fatal(err)
	}
	err := l.Update(audit.WithOrigin(t.Context(), audit.Origin{Via: "k3", From: "192.0.2.7"}), func(tx store.Tx) error {
		if _, err := tx.Put("item", "flu", 0, "ada", json.RawMessage(`{}`)); err != nil {
			return err
		}
		_, err := tx.Delete("site", "main", 2, "ada")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func lines(t *testing.T, l *audit.Log, q audit.Query) []string {
	t.Helper()
	var got []string
	for e, err := range audit.Search(t.Context(), l, q) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.TrimSpace(strings.Join([]string{e.By, string(e.Did), string(e.Kind), e.ID, e.Via}, " ")))
	}
	return got
}

func TestEveryChangeHasItsEntry(t *testing.T) {
	l := lived(t)
	got := strings.Join(lines(t, l, audit.Query{}), "\n")
	want := strings.Join([]string{"ada deleted site main k3", "ada made item flu k3", "ben signed-out user ben", "ben changed site main", "ada made site main"}, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, test := range []struct {
		what string
		q    audit.Query
		want int
	}{
		{"whose", audit.Query{By: "Ben"}, 2},
		{"what", audit.Query{Did: audit.Made}, 2},
		{"to what", audit.Query{Kind: "site", ID: "main"}, 3},
		{"from", audit.Query{From: time.Now().Add(time.Hour)}, 0},
		{"to", audit.Query{To: time.Now().Add(-time.Hour)}, 0},
		{"in", audit.Query{From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)}, 5},
		{"before", audit.Query{Before: 3}, 2},
		{"before the first", audit.Query{Before: 1}, 0},
	} {
		if got := lines(t, l, test.q); len(got) != test.want {
			t.Errorf("%s: got %v, want %d", test.what, got, test.want)
		}
	}
	found, err := audit.One(t.Context(), l, 2)
	if err != nil || string(found.Before.Body) != `{"name":"Main"}` || string(found.After.Body) != `{"name":"North"}` {
		t.Errorf("before %s, after %s, %v", found.Before.Body, found.After.Body, err)
	}
	if _, err := audit.One(t.Context(), l, 99); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("entry 99: %v", err)
	}
}

func TestWhatWasNotWrittenHasNoEntry(t *testing.T) {
	l := lived(t)
	refused := errors.New("refused")
	err := l.Update(t.Context(), func(tx store.Tx) error {
		_, err := tx.Put("item", "cold", 0, "ada", json.RawMessage(`{}`))
		return errors.Join(err, refused)
	})
	if !errors.Is(err, refused) || len(lines(t, l, audit.Query{})) != 5 {
		t.Errorf("got %v and %v", err, lines(t, l, audit.Query{}))
	}
}

// entry gives the newest entry as it is kept.
func entry(t *testing.T, l *audit.Log) store.Document {
	t.Helper()
	var doc store.Document
	err := l.View(t.Context(), func(v store.View) (err error) {
		doc, err = v.Get(audit.Kind, "log")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestTamperingShows: who writes the store's file can write anything that the store can.
func TestTamperingShows(t *testing.T) {
	for _, test := range []struct {
		what   string
		tamper func(t *testing.T, l *audit.Log)
		says   string
	}{
		{"nothing", func(*testing.T, *audit.Log) {}, ""},
		{"a change without an entry", func(t *testing.T, l *audit.Log) {
			put(t, l.Store, "site", "secret", 0, "eve", `{}`)
		}, `revision 1 of site "secret", by eve, has no entry`},
		{"a change without an entry, and honest ones after it", func(t *testing.T, l *audit.Log) {
			put(t, l.Store, "site", "secret", 0, "eve", `{}`)
			put(t, l, "site", "honest", 0, "ada", `{}`)
		}, `revision 1 of site "secret", by eve, has no entry`},
		{"an entry that follows none", func(t *testing.T, l *audit.Log) {
			put(t, l.Store, audit.Kind, "log", 5, "eve", `{"did":"signed-in","previous":"00"}`)
		}, "entry 6, of 0001-01-01 00:00, does not follow the entry before it"},
		{"an entry that cannot be read", func(t *testing.T, l *audit.Log) {
			put(t, l.Store, audit.Kind, "log", 5, "eve", `7`)
		}, "entry 6 cannot be read"},
		{"an entry about what is not there", func(t *testing.T, l *audit.Log) {
			if err := l.Record(t.Context(), audit.Entry{Did: audit.Made, Kind: "site", ID: "ghost", Revision: 3}); err != nil {
				t.Fatal(err)
			}
		}, `entry 6 says that site "ghost" has a revision 3, which is missing`},
		{"an entry about something else", func(t *testing.T, l *audit.Log) {
			if err := l.Record(t.Context(), audit.Entry{Did: audit.Changed, By: "ben", Kind: "site", ID: "main", Revision: 2, Body: "00"}); err != nil {
				t.Fatal(err)
			}
		}, `entry 6: revision 2 of site "main" is not what was written`},
	} {
		t.Run(test.what, func(t *testing.T) {
			l := lived(t)
			test.tamper(t, l)
			found, err := l.Verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(found.Broken, "\n"); (test.says == "") != (got == "") || !strings.Contains(got, test.says) || strings.Count(got, "\n") > 0 {
				t.Errorf("got %q, want %q", got, test.says)
			}
		})
	}
}

// TestANewChainIsNotTheOldOne: whoever writes the whole file anew cannot write what was noted elsewhere.
func TestANewChainIsNotTheOldOne(t *testing.T) {
	old := lived(t)
	v, err := old.Verify(t.Context())
	if err != nil || len(v.Broken) > 0 || v.Newest.Number != 5 {
		t.Fatalf("%+v, %v", v, err)
	}
	put(t, old, "site", "south", 0, "ada", `{}`)
	if later, err := old.Verify(t.Context(), v.Newest); err != nil || len(later.Broken) > 0 {
		t.Errorf("the old chain, gone on: %v, %v", later.Broken, err)
	}
	forged := lived(t)
	if f, err := forged.Verify(t.Context(), v.Newest); err != nil || len(f.Broken) != 1 || !strings.Contains(f.Broken[0], "entry 5 was noted with the sum "+v.Newest.Sum+", and now has") {
		t.Errorf("another chain: %v, %v", f.Broken, err)
	}
	empty := newLog(t)
	if f, err := empty.Verify(t.Context(), v.Newest); err != nil || len(f.Broken) != 1 || !strings.Contains(f.Broken[0], "but is not there") {
		t.Errorf("no chain: %v, %v", f.Broken, err)
	}
}

func TestVerifyingGoesOnWhileOthersWrite(t *testing.T) {
	l := lived(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		for n := uint64(0); ctx.Err() == nil; n++ {
			err := l.Update(context.WithoutCancel(ctx), func(tx store.Tx) error {
				_, err := tx.Put("site", "busy", n, "ada", json.RawMessage(`{}`))
				return err
			})
			if err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for range 5 {
		if v, err := l.Verify(t.Context()); err != nil || len(v.Broken) > 0 {
			t.Errorf("%v, %v", v.Broken, err)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestADeedHasItsName: what is more than a change is found as what it is, from where it came.
func TestADeedHasItsName(t *testing.T) {
	l := lived(t)
	ctx := audit.As(audit.WithOrigin(t.Context(), audit.Origin{From: "192.0.2.8"}), "item", audit.Approved)
	err := l.Update(ctx, func(tx store.Tx) error {
		_, err := tx.Put("item", "flu", 1, "rita", json.RawMessage(`{"approved":true}`))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Record(ctx, audit.Entry{By: "ada", Did: audit.Ordered, Kind: "screen", ID: "door"}, audit.Entry{By: "ada", Did: audit.Ordered, Kind: "screen", ID: "hall"}); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(lines(t, l, audit.Query{})[:3], "\n")
	if want := "ada ordered screen hall\nada ordered screen door\nrita approved item flu"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for e, err := range audit.Search(t.Context(), l, audit.Query{}) {
		if want := map[uint64]string{6: "192.0.2.8", 7: "192.0.2.8", 8: "192.0.2.8", 5: "192.0.2.7", 4: "192.0.2.7"}[e.Number]; err != nil || e.From != want {
			t.Errorf("entry %d came from %q, %v, want %q", e.Number, e.From, err, want)
		}
	}
	if v, err := l.Verify(t.Context()); err != nil || len(v.Broken) > 0 {
		t.Errorf("%v, %v", v.Broken, err)
	}
}

func TestARestoreIsToldOnce(t *testing.T) {
	l := lived(t)
	for _, note := range []string{"to Monday", "to Monday", "to Tuesday", "to Tuesday"} {
		if err := l.Once(t.Context(), audit.Entry{Did: audit.Restored, Note: note}); err != nil {
			t.Fatal(err)
		}
	}
	if got := lines(t, l, audit.Query{Did: audit.Restored}); len(got) != 2 {
		t.Errorf("%d entries, want 2", len(got))
	}
	if v, err := l.Verify(t.Context()); err != nil || len(v.Broken) > 0 || len(v.Restores) != 2 {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestAKilledControllersLogIsWhole: whoever opens the files as they lay there at any moment finds each change with
// its entry.
func TestAKilledControllersLogIsWhole(t *testing.T) {
	dir, after := t.TempDir(), t.TempDir()
	open := func(dir string) *audit.Log {
		s, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return audit.New(s)
	}
	l := open(dir)
	for n := range uint64(20) {
		put(t, l, "site", "main", n, "ada", `{}`)
	}
	// Nobody has closed anything.
	if err := os.CopyFS(after, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	v, err := open(after).Verify(t.Context())
	if err != nil || len(v.Broken) > 0 || v.Newest.Number != 20 {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestPagesGoOnWhereTheyEnded(t *testing.T) {
	l := newLog(t)
	err := l.Update(t.Context(), func(tx store.Tx) error {
		for n := range uint64(5_000) {
			if _, err := tx.Put("site", "main", n, "ada", json.RawMessage(`{}`)); err != nil {
				return err
			}
			if n == 1 || n == 3 {
				if _, err := tx.Put("item", fmt.Sprint(n), 0, "ben", json.RawMessage(`{}`)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		what string
		q    audit.Query
		most int
		want string // numbers on each page
	}{
		{"what is rare and old: pages may be empty", audit.Query{By: "ben"}, 10, "[] [6 3]"},
		{"one a page", audit.Query{By: "ben"}, 1, "[] [6] [3] []"},
		{"all of a few", audit.Query{Before: 4}, 10, "[3 2 1]"},
		{"all of a few, two a page", audit.Query{Before: 4}, 2, "[3 2] [1]"},
	} {
		var pages []string
		for ends := false; !ends; {
			found, next, err := audit.Page(t.Context(), l, test.q, test.most)
			if err != nil {
				t.Fatal(err)
			}
			var numbers []string
			for _, e := range found {
				numbers = append(numbers, fmt.Sprint(e.Number))
			}
			pages = append(pages, fmt.Sprint(numbers))
			test.q.Before, ends = next, next == 0
		}
		if got := strings.Join(pages, " "); got != test.want {
			t.Errorf("%s: got %s, want %s", test.what, got, test.want)
		}
	}
	if m, err := l.Newest(t.Context()); err != nil || m.Number != 5_002 || m.Sum == "" {
		t.Errorf("the newest is %v, %v", m, err)
	}
}

func TestALongLogIsReadInPages(t *testing.T) {
	l := newLog(t)
	err := l.Update(t.Context(), func(tx store.Tx) error {
		for n := range uint64(1100) {
			if _, err := tx.Put("site", "main", n, "ada", json.RawMessage(`{}`)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := lines(t, l, audit.Query{}); len(got) != 1100 {
		t.Errorf("%d entries, want 1100", len(got))
	}
	if v, err := l.Verify(t.Context()); err != nil || len(v.Broken) > 0 || v.Newest.Number != 1100 {
		t.Errorf("%+v, %v", v, err)
	}
	if entry(t, l).Revision != 1100 {
		t.Error("the newest entry is not the last")
	}
}
