package controller_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anteroom/controller"
	"anteroom/controller/access/audit"
	"anteroom/controller/backup"
	"anteroom/controller/controllertest"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/controller/store/storetest"
)

// logged gives away what is logged.
type logged chan string

// Write implements [io.Writer].
func (l logged) Write(b []byte) (int, error) {
	l <- string(b)
	return len(b), nil
}

// A controller that keeps plays for a month removes those of the first of three at its start, says so in its log and its
// audit log, knows its streams, and can be backed up and restored.
func TestOldPlaysAreRemoved(t *testing.T) {
	data := furnished(t)
	first := filepath.Join(data, "store", "plays-2026-11.db")
	month(t, data, 3)
	stop, heard := runKeeping(t, data, 1)
	for !strings.Contains(<-heard, `msg="old plays removed" months=[2026-11]`) {
	}
	stop()
	if _, err := os.Stat(first); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the month's file: %v, want none", err)
	}
	wantForgotten(t, data, 3)
	folder := filepath.Join(t.TempDir(), "backups")
	taken := take(t, data, folder)
	again := filepath.Join(t.TempDir(), "data")
	if _, err := backup.Restore(t.Context(), taken.Dir, again); err != nil {
		t.Fatal(err)
	}
	wantForgotten(t, again, 3)
}

// month adds the play that comes in the n-th month.
func month(t *testing.T, data string, n int) {
	t.Helper()
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: filepath.Join(data, "store")})
	if err != nil {
		t.Fatal(err)
	}
	l := storetest.NewLine(t, 1)
	var b store.Batch
	for k := range n {
		at := storetest.Noon().AddDate(0, k, 0)
		b = l.Batch(at, storetest.Play("lobby", "flu", at))
	}
	if err := errors.Join(s.Append(t.Context(), []store.Batch{b}), s.Close()); err != nil {
		t.Fatal(err)
	}
}

// runKeeping runs a controller that keeps plays for so many months, and gives what it logs until it stops.
func runKeeping(t *testing.T, data string, months int) (stop func(), log <-chan string) {
	t.Helper()
	heard := make(logged, 1000)
	cfg := config(data, controllertest.NewNetwork())
	cfg.KeepPlays, cfg.Log = months, slog.New(slog.NewTextHandler(heard, nil))
	c, err := controller.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("stopping: %v", err)
		}
	}, heard
}

// wantForgotten holds that the first month's plays are gone, that everybody is told, and that the stream goes on behind
// its plays.
func wantForgotten(t *testing.T, data string, plays int) {
	t.Helper()
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: filepath.Join(data, "store")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { must(t, s.Close()) }()
	gone, left := (*store.ForgottenError)(nil), 0
	for _, err := range s.Scan(t.Context(), time.Time{}, storetest.Noon().AddDate(1, 0, 0)) {
		if err == nil {
			left++
		} else if !errors.As(err, &gone) {
			t.Error(err)
		}
	}
	w, err := s.Watermark(t.Context(), storetest.Stream(1))
	if left != plays-1 || gone == nil || gone.Through != "2026-11" || err != nil || w.Through != uint64(plays) {
		t.Errorf("%d plays are left, gone: %v, known through %d, %v", left, gone, w.Through, err)
	}
	told := 0
	for e, err := range audit.Search(t.Context(), s, audit.Query{Did: audit.Forgot}) {
		told++
		if err != nil || !strings.Contains(e.Note, "2026-11") {
			t.Errorf("the audit log says %+v, %v", e, err)
		}
	}
	if told != 1 {
		t.Errorf("the audit log says %d times what was removed, want once", told)
	}
}
