package bolt_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/controller/store/storetest"
)

// Who reads a month while it is removed hears that it is gone, and nobody that it is damaged.
func TestForgetUnderAReader(t *testing.T) {
	dir := t.TempDir()
	s := threeMonths(t, dir)
	defer func() { _ = s.Close() }()
	gone := (*store.ForgottenError)(nil)
	read, said := 0, 0
	for _, err := range s.Scan(t.Context(), time.Time{}, storetest.Noon().AddDate(1, 0, 0)) {
		switch {
		case errors.As(err, &gone):
			said++
		case err != nil:
			t.Fatal(err)
		}
		read++
		if read == 1 {
			if err := s.Forget(t.Context(), 1, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	if said != 1 {
		t.Errorf("a reader that had begun was told %d times that plays are gone", said)
	}
	for _, err := range s.Rollups(t.Context(), time.Time{}, storetest.Noon().AddDate(1, 0, 0)) {
		if err != nil && !errors.As(err, &gone) {
			t.Error(err)
		}
	}
}

// threeMonths is a store with many plays of each of three months of arrival.
func threeMonths(t *testing.T, dir string) *bolt.Store {
	t.Helper()
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	for stream := range 100 { // more than one page of them
		l := storetest.NewLine(t, stream)
		at := storetest.Noon()
		if err := s.Append(t.Context(), []store.Batch{l.Batch(at, storetest.Play("lobby", "flu", at))}); err != nil {
			t.Fatal(err)
		}
	}
	l := storetest.NewLine(t, 200)
	for month := range 2 {
		at := storetest.Noon().AddDate(0, month+1, 0)
		if err := s.Append(t.Context(), []store.Batch{l.Batch(at, storetest.Play("lobby", "flu", at))}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// A damaged month is forgotten like any other, with what was set aside of it; its damage is told no more.
func TestForgetDamage(t *testing.T) {
	dir := t.TempDir()
	if err := threeMonths(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	first := filepath.Join(dir, "plays-2026-11.db")
	aside := first + ".corrupt-20261122T120000Z"
	if err := errors.Join(os.Remove(first), os.WriteFile(first, []byte("garbage"), 0o600), os.WriteFile(aside, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: dir, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Forget(t.Context(), 1, nil); err != nil {
		t.Fatal(err)
	}
	gone, told := (*store.ForgottenError)(nil), 0
	for _, err := range s.Scan(t.Context(), time.Time{}, storetest.Noon().AddDate(1, 0, 0)) {
		if errors.As(err, &gone) {
			told++
		} else if err != nil {
			t.Error(err)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "plays-2026-11*"))
	if told != 1 || err != nil || len(left) > 0 {
		t.Errorf("told %d times; %q are left, %v", told, left, err)
	}
}
