package bolt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/controller/store/storetest"
)

// breakFile takes a file away under the feet of whoever has it open in this process: writing to it fails.
func breakFile(t *testing.T, path string) {
	t.Helper()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = null.Close() }()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		to, _ := os.Readlink("/proc/self/fd/" + fd.Name())
		var n int
		if _, err := fmt.Sscan(fd.Name(), &n); to == path && err == nil {
			if err := unix.Dup2(int(null.Fd()), n); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Nobody can sign in to write if nobody can read: readers bring a stopped store back, too.
func TestReadersReviveTheStore(t *testing.T) {
	dir := t.TempDir()
	failures := 0
	probe := func(_ context.Context, path string) error {
		failures--
		if failures >= 0 {
			return fmt.Errorf("opening %s: %w", path, syscall.EMFILE)
		}
		return bolt.Probe(path)
	}
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, Probe: probe})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	storePut(t, s, "flu", 0, `{}`)
	breakFile(t, filepath.Join(dir, documentsFile))
	failures = 3
	err = s.Update(t.Context(), func(tx store.Tx) error {
		_, err := tx.Put("item", "cold", 0, "ada", []byte(`{}`))
		return err
	})
	if err == nil {
		t.Fatal("a write to nothing succeeded")
	}
	read := func() error {
		return s.View(t.Context(), func(v store.View) error {
			_, err := v.Get("item", "flu")
			return err
		})
	}
	if err := read(); err == nil {
		t.Fatal("the file could be read while it could not be opened")
	}
	for end := time.Now().Add(2 * time.Minute); err != nil && time.Now().Before(end); time.Sleep(time.Millisecond) {
		err = read()
	}
	if err != nil || failures > 0 {
		t.Errorf("%v, after %d tries too few", err, failures)
	}
}

// A month that cannot be begun is begun by the next batch.
func TestMonthThatCouldNotBeBegun(t *testing.T) {
	dir := t.TempDir()
	failures := 0
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, Probe: func(_ context.Context, path string) error {
		if failures > 0 && strings.HasSuffix(path, presentFile) {
			failures--
			return fmt.Errorf("opening %s: %w", path, syscall.EMFILE)
		}
		return bolt.Probe(path)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	l := storetest.NewLine(t, 1)
	for month := range 2 {
		at := storetest.Noon().AddDate(0, month, 0)
		batch := l.Batch(at, storetest.Play("lobby", "flu", at))
		failures = 2
		for range month * failures {
			if err := s.Append(t.Context(), []store.Batch{batch}); err == nil {
				t.Fatal("a month without a file took a batch")
			}
		}
		if err := s.Append(t.Context(), []store.Batch{batch}); err != nil {
			t.Fatal(err)
		}
	}
}

// That the month before cannot be read now says nothing of how far the streams have come.
func TestUnreadableMonthIsNotSkipped(t *testing.T) {
	dir := t.TempDir()
	populate(t, dir)
	writeFile(t, filepath.Join(dir, presentFile), []byte("garbage"))
	failing := true
	probe := func(_ context.Context, path string) error {
		if failing && strings.HasSuffix(path, closedFile) {
			return fmt.Errorf("opening %s: %w", path, syscall.EMFILE)
		}
		return bolt.Probe(path)
	}
	if _, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, Probe: probe}); !errors.Is(err, syscall.EMFILE) {
		t.Fatalf("got %v", err)
	}
	failing = false
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, Probe: probe})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if w, err := s.Watermark(t.Context(), storetest.Stream(1)); err != nil || w.Through != 64 {
		t.Errorf("watermark %d, %v; want that of the month before", w.Through, err)
	}
}

// A crash between the end of a month and the first play of the next leaves nothing that a service without
// privileges cannot open.
func TestClosedMonthWithoutANext(t *testing.T) {
	dir := t.TempDir()
	appendOne(t, dir, 0)
	if err := os.Chmod(filepath.Join(dir, closedFile), 0o400); err != nil {
		t.Fatal(err)
	}
	const nobody = 65534
	if os.Getuid() == 0 {
		for _, path := range []string{filepath.Dir(dir), dir, filepath.Join(dir, closedFile), filepath.Join(dir, documentsFile), filepath.Join(dir, "lock")} {
			if err := os.Chown(path, nobody, nobody); err != nil {
				t.Fatal(err)
			}
		}
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := unix.Setfsuid(nobody); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = unix.Setfsuid(0) }()
	}
	appendOne(t, dir, 1)
}
