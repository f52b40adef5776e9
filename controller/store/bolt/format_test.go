package bolt

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"anteroom/controller/store"
)

// TestAnotherFormatIsNotDamage: files of another program stay where they are, and nothing is begun anew
// beside them.
func TestAnotherFormatIsNotDamage(t *testing.T) {
	for _, files := range []string{"documents.db", "plays-*.db"} {
		t.Run(files, func(t *testing.T) {
			dir := t.TempDir()
			sample(t, dir)
			names, err := filepath.Glob(filepath.Join(dir, files))
			if err != nil || len(names) == 0 {
				t.Fatalf("got %v, %v", names, err)
			}
			for _, name := range names {
				reformat(t, name)
			}
			_, err = Open(t.Context(), Config{Dir: dir})
			if err == nil || errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "format 1") {
				t.Errorf("got %v, want that the file has format 1", err)
			}
			after, err := filepath.Glob(filepath.Join(dir, files))
			if err != nil || !slices.Equal(after, names) {
				t.Errorf("got %v, %v; want the files as they were, %v", after, err, names)
			}
		})
	}
}

// reformat says that a file has format 1.
func reformat(t *testing.T, path string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(raw *bbolt.Tx) error {
		tx, err := newTx(raw)
		if err != nil {
			return err
		}
		tx.ledger.Format = 1
		return tx.enter()
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}
