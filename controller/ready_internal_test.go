package controller

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
)

// hanging is a store whose writes wait until it is let go.
type hanging struct {
	store.Store

	goOn    chan struct{}
	updates int
}

func (h *hanging) Update(ctx context.Context, write func(store.Tx) error) error {
	h.updates++
	<-h.goOn
	return h.Store.Update(ctx, write)
}

func openBolt(t *testing.T, dir string) store.Store {
	t.Helper()
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestReadyWhileTheStoreCanBeWritten(t *testing.T) {
	data := t.TempDir()
	s := openBolt(t, filepath.Join(data, storeDir))
	if err := newReadiness(data, s).ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(data, ".room-*")); err != nil || len(left) > 0 {
		t.Errorf("looking left %v, %v", left, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := newReadiness(data, s).ready(t.Context()); err == nil {
		t.Error("a store that is not open is ready")
	}
}

func TestReadyAgainOnceTheDiskIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		data := t.TempDir()
		r := newReadiness(data, openBolt(t, filepath.Join(t.TempDir(), storeDir)))
		if err := os.Remove(data); err != nil {
			t.Fatal(err)
		}
		if err := r.ready(t.Context()); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v, want what is missing", err)
		}
		if err := os.Mkdir(data, 0o700); err != nil {
			t.Fatal(err)
		}
		time.Sleep(readyFor)
		if err := r.ready(t.Context()); err != nil {
			t.Errorf("the disk is back, and yet: %v", err)
		}
	})
}

func TestNobodyWaitsForADiskThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		data := t.TempDir()
		h := &hanging{Store: openBolt(t, filepath.Join(data, storeDir)), goOn: make(chan struct{})}
		r := newReadiness(data, h)
		first := make(chan error, 1)
		go func() { first <- r.ready(t.Context()) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.ready(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the second asker got %v, want its deadline", err)
		}
		close(h.goOn)
		if err := <-first; err != nil {
			t.Errorf("after the disk came back: %v", err)
		}
	})
}

func TestAskingOftenWritesSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		data := t.TempDir()
		h := &hanging{Store: openBolt(t, filepath.Join(data, storeDir)), goOn: make(chan struct{})}
		close(h.goOn)
		r := newReadiness(data, h)
		for range 600 { // a minute
			if err := r.ready(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if h.updates != 12 {
			t.Errorf("600 questions within a minute wrote %d times, want 12", h.updates)
		}
	})
}
