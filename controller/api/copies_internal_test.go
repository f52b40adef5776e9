package api

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
)

func TestCopies(t *testing.T) {
	docs, err := bolt.Open(t.Context(), bolt.Config{Dir: t.TempDir(), NoSync: true, Probe: func(context.Context, string) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = docs.Close() })
	sites := &copies[playlists.Site]{kind: "site"}
	revisions := map[string]uint64{}
	put := func(kind store.Kind, id, name string) func(store.Tx) error {
		return func(tx store.Tx) error {
			doc, err := tx.Put(kind, id, revisions[id], "ada", json.RawMessage(fmt.Sprintf(`{"id":%q,"name":%q}`, id, name)))
			revisions[id] = doc.Revision
			return err
		}
	}
	remove := func(id string) func(store.Tx) error {
		return func(tx store.Tx) error {
			_, err := tx.Delete("site", id, revisions[id], "ada")
			revisions[id] = 0
			return err
		}
	}
	var before []copied[playlists.Site]
	for _, tt := range []struct {
		name  string
		write func(store.Tx) error
		want  []string
	}{
		{"nothing is there", nil, nil},
		{"the first", put("site", "main", "Main building"), []string{"main Main building 1"}},
		{"one before it", put("site", "lake", "Lake House"), []string{"lake Lake House 1", "main Main building 1"}},
		{"one is changed", put("site", "main", "Main House"), []string{"lake Lake House 1", "main Main House 2"}},
		{"nothing has changed", nil, []string{"lake Lake House 1", "main Main House 2"}},
		{"another kind", put("layout", "wide", "Wide"), []string{"lake Lake House 1", "main Main House 2"}},
		{"one goes", remove("lake"), []string{"main Main House 2"}},
		{"it comes back", put("site", "lake", "Lake House again"), []string{"lake Lake House again 3", "main Main House 2"}},
	} {
		if tt.write != nil {
			if err := docs.Update(t.Context(), tt.write); err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
		}
		said := saidOf(before)
		all, err := sites.newest(t.Context(), docs)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got := saidOf(all); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
		if !slices.Equal(saidOf(before), said) {
			t.Errorf("%s: the list that was given before has changed", tt.name)
		}
		before = all
	}
	if lake, ok := find(before, "lake"); !ok || lake.Name != "Lake House again" {
		t.Errorf("found %v %v", lake, ok)
	}
	if _, ok := find(before, "nowhere"); ok {
		t.Error("found what is not there")
	}
}

func saidOf(all []copied[playlists.Site]) []string {
	var lines []string
	for i := range all {
		lines = append(lines, fmt.Sprint(all[i].id, " ", all[i].value.Name, " ", all[i].revision))
	}
	return lines
}
