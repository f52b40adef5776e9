package bolt_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
)

// After a failed write the file is opened anew and what is there believed; but not if transactions that were
// durable are gone from it.
func TestStoreThatLostTransactions(t *testing.T) {
	for _, row := range []struct {
		what string
		lose bool
	}{{"all is there", false}, {"the disk gives an older state", true}} {
		t.Run(row.what, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, documentsFile)
			s, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, Probe: func(_ context.Context, path string) error { return bolt.Probe(path) }})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			storePut(t, s, "flu", 0, `{}`)
			older, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			storePut(t, s, "measles", 0, `{}`)
			if row.lose {
				other := filepath.Join(dir, "older")
				writeFile(t, other, older)
				breakFile(t, path)
				if err := os.Rename(other, path); err != nil {
					t.Fatal(err)
				}
			} else {
				breakFile(t, path)
			}
			put := func() error {
				return s.Update(t.Context(), func(tx store.Tx) error {
					_, err := tx.Put("item", "cold", 0, "ada", []byte(`{}`))
					return err
				})
			}
			if err := put(); err == nil {
				t.Fatal("a write to nothing succeeded")
			}
			if err := put(); row.lose != errors.Is(err, store.ErrDamaged) || !row.lose && err != nil {
				t.Errorf("the next write: %v", err)
			}
			err = s.View(t.Context(), func(v store.View) error {
				_, err := v.Get("item", "measles")
				return err
			})
			if row.lose && (err == nil || errors.Is(err, playlists.ErrNotFound)) || !row.lose && err != nil {
				t.Errorf("reading what was durable: %v", err)
			}
		})
	}
}
