package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"anteroom/controller/store"
	"anteroom/playlists"
)

func testDocuments(t *testing.T, open Open) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, store.Store){
		"a document is read as it was written":          readsBack,
		"a stale write is refused with both versions":   refusesStale,
		"a deleted document is kept but not found":      keepsDeleted,
		"a failed update leaves nothing":                leavesNothing,
		"what is not JSON or has no name is refused":    refusesInvalid,
		"kinds and ids that begin alike do not mix":     doesNotMix,
		"followers hear of the newest change":           tellsChanges,
		"a follower that left hears nothing":            forgetsFollowers,
		"changes since a number come in their order":    listsSince,
		"a reader sees one state while others write":    readsOneState,
		"what a cancelled context asks for is not done": heedsContext,
	} {
		t.Run(name, func(t *testing.T) { test(t, fresh(t, open)) })
	}
}

func put(tb testing.TB, s store.Documents, kind store.Kind, id string, was uint64, body string) store.Document {
	tb.Helper()
	var doc store.Document
	err := s.Update(context.Background(), func(tx store.Tx) (err error) {
		doc, err = tx.Put(kind, id, was, "ada", json.RawMessage(body))
		return err
	})
	if err != nil {
		tb.Fatalf("put %s %s: %v", kind, id, err)
	}
	return doc
}

func remove(s store.Documents, kind store.Kind, id string, was uint64) error {
	return s.Update(context.Background(), func(tx store.Tx) error {
		_, err := tx.Delete(kind, id, was, "ben")
		return err
	})
}

func item(s store.Documents, id string) (doc store.Document, err error) {
	err = s.View(context.Background(), func(v store.View) error {
		doc, err = v.Get("item", id)
		return err
	})
	return doc, err
}

// ids lists the documents of an iterator as "id/revision".
func ids(tb testing.TB, docs iter.Seq2[store.Document, error]) []string {
	tb.Helper()
	var found []string
	for d, err := range docs {
		if err != nil {
			tb.Fatalf("listing: %v", err)
		}
		found = append(found, fmt.Sprintf("%s/%d", d.ID, d.Revision))
	}
	return found
}

func same(tb testing.TB, what string, got, want any) {
	tb.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		tb.Errorf("%s (-got +want):\n%s", what, diff)
	}
}

func readsBack(t *testing.T, s store.Store) {
	t.Helper()
	before := time.Now()
	body := `{"name": "A <b> & c",  "n": 1.50}`
	wrote := put(t, s, "item", "flu", 0, body)
	read, err := item(s, "flu")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "document", read, wrote)
	if string(read.Body) != body {
		t.Errorf("body is %s, want the same bytes as written: %s", read.Body, body)
	}
	if read.Revision != 1 || read.By != "ada" || read.At.Before(before.Add(-time.Second)) || read.At.Location() != time.UTC {
		t.Errorf("got revision %d by %s at %v", read.Revision, read.By, read.At)
	}
	put(t, s, "item", "flu", 1, `{}`)
	err = s.View(context.Background(), func(v store.View) error {
		old, missing := v.GetRevision("item", "flu", 1)
		same(t, "first revision", old, wrote)
		same(t, "revisions", ids(t, v.Revisions("item", "flu")), []string{"flu/2", "flu/1"})
		return missing
	})
	if err != nil {
		t.Error(err)
	}
}

func refusesStale(t *testing.T, s store.Store) {
	t.Helper()
	put(t, s, "item", "flu", 0, `1`)
	newest := put(t, s, "item", "flu", 1, `2`)
	for _, was := range []uint64{0, 1, 3} {
		err := s.Update(context.Background(), func(tx store.Tx) error {
			_, err := tx.Put("item", "flu", was, "ben", json.RawMessage(`3`))
			return err
		})
		var stale *store.StaleError
		if !errors.As(err, &stale) || !errors.Is(err, playlists.ErrStale) {
			t.Fatalf("put over revision 2 as if it were %d: got %v, want a stale error", was, err)
		}
		same(t, "newest", stale.Newest, newest)
		if stale.Was != was {
			t.Errorf("was is %d, want %d", stale.Was, was)
		}
		if err := remove(s, "item", "flu", was); !errors.Is(err, playlists.ErrStale) {
			t.Errorf("delete of revision %d: got %v, want a stale error", was, err)
		}
	}
	if now, err := item(s, "flu"); err != nil || now.Revision != 2 {
		t.Errorf("refused writes left revision %d, %v", now.Revision, err)
	}
}

func keepsDeleted(t *testing.T, s store.Store) {
	t.Helper()
	put(t, s, "item", "flu", 0, `1`)
	if err := remove(s, "item", "flu", 1); err != nil {
		t.Fatal(err)
	}
	if _, err := item(s, "flu"); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("get of a deleted document: %v", err)
	}
	for _, id := range []string{"flu", "never"} {
		if err := remove(s, "item", id, 2); !errors.Is(err, playlists.ErrNotFound) {
			t.Errorf("delete of %s: got %v, want not found", id, err)
		}
	}
	again := put(t, s, "item", "flu", 0, `2`)
	if again.Revision != 3 {
		t.Errorf("made anew as revision %d, want 3", again.Revision)
	}
	_ = s.View(context.Background(), func(v store.View) error {
		gone, err := v.GetRevision("item", "flu", 2)
		if err != nil || !gone.Deleted || gone.By != "ben" || gone.Body != nil {
			t.Errorf("the deletion is %+v, %v", gone, err)
		}
		same(t, "list", ids(t, v.List("item")), []string{"flu/3"})
		same(t, "revisions", ids(t, v.Revisions("item", "flu")), []string{"flu/3", "flu/2", "flu/1"})
		return nil
	})
}

func leavesNothing(t *testing.T, s store.Store) {
	t.Helper()
	first := put(t, s, "item", "kept", 0, `1`)
	wanted := errors.New("changed my mind")
	err := s.Update(context.Background(), func(tx store.Tx) error {
		if _, err := tx.Put("item", "flu", 0, "ada", json.RawMessage(`1`)); err != nil {
			return err
		}
		if _, err := tx.Get("item", "flu"); err != nil {
			t.Errorf("a transaction does not see its own write: %v", err)
		}
		return wanted
	})
	if !errors.Is(err, wanted) {
		t.Errorf("got %v, want the writer's own error", err)
	}
	if _, err := item(s, "flu"); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("a failed update left something: %v", err)
	}
	if next := put(t, s, "item", "next", 0, `1`); next.Change != first.Change+1 {
		t.Errorf("a failed update used up change numbers: %d after %d", next.Change, first.Change)
	}
}

func refusesInvalid(t *testing.T, s store.Store) {
	t.Helper()
	for _, row := range []struct{ kind, id, body string }{
		{"item", "flu", `{`}, {"item", "flu", ``}, {"", "flu", `1`}, {"item", "", `1`}, {"item", "a\x00b", `1`},
	} {
		err := s.Update(context.Background(), func(tx store.Tx) error {
			_, err := tx.Put(store.Kind(row.kind), row.id, 0, "ada", json.RawMessage(row.body))
			return err
		})
		if !errors.Is(err, playlists.ErrInvalid) {
			t.Errorf("put %q %q %q: got %v, want invalid", row.kind, row.id, row.body, err)
		}
	}
	if _, err := item(s, ""); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("get without a name: %v", err)
	}
}

func doesNotMix(t *testing.T, s store.Store) {
	t.Helper()
	for _, id := range []string{"a", "a-b", "ab", "b"} {
		put(t, s, "item", id, 0, `1`)
		put(t, s, "item", id, 1, `2`)
		put(t, s, "items", id, 0, `1`)
	}
	_ = s.View(context.Background(), func(v store.View) error {
		same(t, "items", ids(t, v.List("item")), []string{"a/2", "a-b/2", "ab/2", "b/2"})
		same(t, "revisions of a", ids(t, v.Revisions("item", "a")), []string{"a/2", "a/1"})
		same(t, "an unknown kind", ids(t, v.List("ite")), []string(nil))
		for d, err := range v.List("item") { // stopping early is allowed
			if err != nil || d.ID != "a" {
				t.Errorf("the first is %q, %v", d.ID, err)
			}
			break
		}
		return nil
	})
}

func hear(t *testing.T, told <-chan uint64) uint64 {
	t.Helper()
	select {
	case n := <-told:
		return n
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was told")
		return 0
	}
}

func tellsChanges(t *testing.T, s store.Store) {
	t.Helper()
	first := put(t, s, "item", "a", 0, `1`)
	told := s.Changes(t.Context(), first.Change-1)
	if n := hear(t, told); n != first.Change {
		t.Errorf("told %d at once, want %d", n, first.Change)
	}
	put(t, s, "item", "b", 0, `1`)
	put(t, s, "item", "c", 0, `1`)
	last := put(t, s, "item", "d", 0, `1`)
	if n := hear(t, told); n != last.Change {
		t.Errorf("a slow follower was told %d, want the newest, %d", n, last.Change)
	}
	select {
	case n := <-s.Changes(t.Context(), last.Change):
		t.Errorf("told %d, though nothing came after %d", n, last.Change)
	default:
	}
}

func forgetsFollowers(t *testing.T, s store.Store) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	told := s.Changes(ctx, 0)
	cancel()
	deadline := time.Now().Add(10 * time.Second)
	for n := uint64(0); time.Now().Before(deadline); n++ {
		put(t, s, "item", "a", n, `1`)
		select {
		case _, open := <-told:
			if !open {
				t.Fatal("the channel was closed")
			}
		default:
			return
		}
	}
	t.Error("a follower whose context ended is still told")
}

func listsSince(t *testing.T, s store.Store) {
	t.Helper()
	var want []string
	for n := range 150 {
		id := fmt.Sprintf("item-%d", n%7)
		doc := put(t, s, "item", id, uint64(n/7), `1`)
		if doc.Change > 20 {
			want = append(want, fmt.Sprintf("%s/%d", id, doc.Revision))
		}
	}
	same(t, "since 20", ids(t, s.Since(context.Background(), 20)), want)
	same(t, "since the last", ids(t, s.Since(context.Background(), 150)), []string(nil))
	for _, err := range s.Since(context.Background(), 0) { // who lists may write meanwhile, and may stop
		if err != nil {
			t.Fatal(err)
		}
		put(t, s, "item", "meanwhile", 0, `1`)
		break
	}
}

func readsOneState(t *testing.T, s store.Store) {
	t.Helper()
	put(t, s, "item", "a", 0, `1`)
	wrote := make(chan struct{})
	err := s.View(context.Background(), func(v store.View) error {
		go func() {
			defer close(wrote)
			put(t, s, "item", "a", 1, `2`)
		}()
		<-wrote
		d, err := v.Get("item", "a")
		if d.Revision != 1 {
			t.Errorf("a reader saw revision %d come in", d.Revision)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func heedsContext(t *testing.T, s store.Store) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	never := func() { t.Error("called though the context had ended") }
	if err := s.View(ctx, func(store.View) error { never(); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("view: %v", err)
	}
	if err := s.Update(ctx, func(store.Tx) error { never(); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("update: %v", err)
	}
}

// documentsModel is the contract in its plainest form: every revision in a slice.
type documentsModel struct{ all []store.Document }

func (m *documentsModel) revisions(kind store.Kind, id string) []store.Document {
	var found []store.Document
	for _, d := range m.all {
		if d.Kind == kind && d.ID == id {
			found = append([]store.Document{d}, found...)
		}
	}
	return found
}

func (m *documentsModel) list(kind store.Kind) []store.Document {
	newest := map[string]store.Document{}
	for _, d := range m.all {
		if d.Kind == kind {
			newest[d.ID] = d
		}
	}
	var found []store.Document
	for _, d := range newest {
		if !d.Deleted {
			found = append(found, d)
		}
	}
	slices.SortFunc(found, func(a, b store.Document) int { return cmpText(a.ID, b.ID) })
	return found
}

func cmpText(a, b string) int { return slices.Compare([]byte(a), []byte(b)) }

func collect(t *rapid.T, docs iter.Seq2[store.Document, error]) []store.Document {
	var found []store.Document
	for d, err := range docs {
		if err != nil {
			t.Fatalf("listing: %v", err)
		}
		found = append(found, d)
	}
	return found
}

func testDocumentsModel(t *testing.T, open Open) {
	t.Helper()
	kinds := rapid.SampledFrom([]store.Kind{"item", "item-x", "window"})
	names := rapid.SampledFrom([]string{"a", "a-", "b", "zz"})
	root := t.TempDir()
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		dir := fmt.Sprintf("%s/%d", root, runs)
		s := open(t, dir)
		defer func() { _ = s.Close() }()
		m := &documentsModel{}
		rt.Repeat(map[string]func(*rapid.T){
			"write": func(rt *rapid.T) { m.write(rt, s, kinds.Draw(rt, "kind"), names.Draw(rt, "id")) },
			"reopen": func(rt *rapid.T) {
				if err := s.Close(); err != nil {
					rt.Fatalf("closing: %v", err)
				}
				s = open(t, dir)
			},
			"since": func(rt *rapid.T) {
				after := rapid.Uint64Range(0, uint64(len(m.all))).Draw(rt, "after")
				compare(rt, "since", collect(rt, s.Since(context.Background(), after)), m.all[after:])
			},
			"": func(rt *rapid.T) { m.check(rt, s, kinds.Draw(rt, "kind"), names.Draw(rt, "id")) },
		})
	})
}

func compare[T any](t *rapid.T, what string, got, want []T) {
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Fatalf("%s (-got +want):\n%s", what, diff)
	}
}

func (m *documentsModel) write(t *rapid.T, s store.Store, kind store.Kind, id string) {
	was := rapid.Uint64Range(0, 4).Draw(t, "was")
	deletes := rapid.Bool().Draw(t, "delete")
	gives := rapid.IntRange(0, 5).Draw(t, "fails") > 0
	body := json.RawMessage(fmt.Sprintf(`{"n":%d}`, len(m.all)))
	var wrote store.Document
	err := s.Update(context.Background(), func(tx store.Tx) (err error) {
		if deletes {
			wrote, err = tx.Delete(kind, id, was, "ben")
		} else {
			wrote, err = tx.Put(kind, id, was, "ada", body)
		}
		if err == nil && !gives {
			err = context.DeadlineExceeded
		}
		return err
	})
	kept := m.revisions(kind, id)
	newest := store.Document{Deleted: true}
	if len(kept) > 0 {
		newest = kept[0]
	}
	var want error
	switch {
	case deletes && newest.Deleted:
		want = playlists.ErrNotFound
	case was == newest.Revision, !deletes && was == 0 && newest.Deleted:
	case newest.Revision == 0:
		want = playlists.ErrNotFound
	default:
		want = playlists.ErrStale
	}
	if want == nil && !gives {
		want = context.DeadlineExceeded
	}
	if !errors.Is(err, want) {
		t.Fatalf("write of %s %s over revision %d as %d: got %v, want %v", kind, id, newest.Revision, was, err, want)
	}
	if err == nil {
		m.all = append(m.all, wrote)
	}
}

func (m *documentsModel) check(t *rapid.T, s store.Store, kind store.Kind, id string) {
	err := s.View(context.Background(), func(v store.View) error {
		compare(t, "list", collect(t, v.List(kind)), m.list(kind))
		kept := m.revisions(kind, id)
		compare(t, "revisions", collect(t, v.Revisions(kind, id)), kept)
		newest, err := v.Get(kind, id)
		if len(kept) == 0 || kept[0].Deleted {
			if !errors.Is(err, playlists.ErrNotFound) {
				t.Fatalf("get of what is not there: %v", err)
			}
			return nil
		}
		compare(t, "newest", []store.Document{newest}, kept[:1])
		return err
	})
	if err != nil {
		t.Fatalf("view: %v", err)
	}
}
