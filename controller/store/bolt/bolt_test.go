package bolt_test

import (
	"testing"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/controller/store/storetest"
)

// open opens a store without syncs: what is tested by it survives processes, not power cuts.
func open(tb testing.TB, dir string) store.Store {
	tb.Helper()
	s, err := bolt.Open(tb.Context(), bolt.Config{Dir: dir, NoSync: true})
	if err != nil {
		tb.Fatalf("opening: %v", err)
	}
	return s
}

func TestStore(t *testing.T) { storetest.Test(t, open) }
