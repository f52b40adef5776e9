// Package storetest is the contract of a store: every backend passes Test.
package storetest

import (
	"testing"

	"anteroom/controller/store"
)

// Open opens the store that lives at dir, which is a directory of its own, empty at first. A store
// that was closed is opened again with all that it acknowledged.
type Open func(t testing.TB, dir string) store.Store

// Test runs the whole contract.
func Test(t *testing.T, open Open) {
	t.Helper()
	t.Run("documents", func(t *testing.T) { testDocuments(t, open) })
	t.Run("documents against a model", func(t *testing.T) { testDocumentsModel(t, open) })
	t.Run("plays", func(t *testing.T) { testPlays(t, open) })
	t.Run("plays against a model", func(t *testing.T) { testPlaysModel(t, open) })
	t.Run("counts", func(t *testing.T) { testCounts(t, open) })
}

// fresh opens a new store that is closed with the test.
func fresh(t *testing.T, open Open) store.Store {
	t.Helper()
	s := open(t, t.TempDir())
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return s
}
