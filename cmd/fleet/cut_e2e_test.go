//go:build e2e

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"anteroom/controller/backup"
	"anteroom/playlists"
	"anteroom/playlists/playliststest/faulttest"
	"anteroom/playlists/wire"
)

// TestMain is the program that is struck, too.
func TestMain(m *testing.M) {
	if err := faulttest.StartStruck(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	m.Run()
}

// cuts is at how many of the calls that differ each fault strikes, by seed: 3, or ANTEROOM_CUTS, or ANTEROOM_FAULTS.
func cuts() int {
	if given, err := strconv.Atoi(os.Getenv("ANTEROOM_CUTS")); err == nil {
		return given
	}
	return faulttest.Points(3)
}

// eachCall is from how many cuts on a campaign strikes every call, also of the many that are alike.
const eachCall = 1000

// struck runs the controller's binary with a fault at one of its storage calls below dir, its children's among them.
func struck(t *testing.T, dir string, s faulttest.Strike, args []string) faulttest.Struck {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	s.Dir = dir
	r := s.Run(ctx, t, append([]string{bin + "controller"}, args...)...)
	if strings.Contains(r.Said, "panic") || strings.Contains(r.Said, "fatal error") {
		t.Errorf("it crashed: %s", r.Said)
	}
	return r
}

// strikes does harm to a command that begin prepares, in a directory of its own each time, at calls drawn by seed: it is killed,
// the disk is full, or fails, which it may at calls that read, too. look looks at what is left.
func strikes(t *testing.T, begin func(t *testing.T, dir string) (args []string), look func(t *testing.T, dir string, r faulttest.Struck)) {
	t.Helper()
	random := rand.New(rand.NewPCG(faulttest.Seed(t), 1))
	var all []faulttest.Strike
	for _, errno := range []syscall.Errno{0, unix.ENOSPC, unix.EIO} {
		s := faulttest.Strike{Errno: errno, Reading: errno == unix.EIO}
		dir := t.TempDir()
		whole := struck(t, dir, s, begin(t, dir))
		look(t, dir, whole)
		if whole.Err != nil || len(whole.Calls) == 0 {
			t.Fatalf("untouched, after %d calls: %v: %s", len(whole.Calls), whole.Err, whole.Said)
		}
		places := worth(whole.Calls)
		some := random.Perm(len(places))
		if cuts() < eachCall {
			some = some[:min(cuts(), len(places))]
		}
		t.Logf("%v: %d of %d places in %d calls: %v", s.Errno, len(some), len(places), len(whole.Calls), kinds(whole.Calls))
		for _, n := range some {
			s.Nth = places[n]
			all = append(all, s)
		}
	}
	var met, ended atomic.Int64
	t.Run("strikes", func(t *testing.T) {
		for _, s := range all {
			t.Run(fmt.Sprintf("%d, call %d", s.Errno, s.Nth), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				r := struck(t, dir, s, begin(t, dir))
				if r.Broken != "" {
					met.Add(1)
				}
				if r.Err != nil {
					ended.Add(1)
				}
				look(t, dir, r)
				if t.Failed() {
					t.Logf("it was struck at %q, %v: %s", r.Broken, r.Err, r.Said)
				}
			})
		}
	})
	t.Logf("%d strikes met a call, %d ended the command", met.Load(), ended.Load())
	if met.Load() == 0 || ended.Load() == 0 {
		t.Errorf("of %d strikes only %d met a call, and %d ended the command", len(all), met.Load(), ended.Load())
	}
}

// worth are the calls, counted from 1, that are struck: in a long campaign every one.
func worth(calls []string) []int {
	if cuts() < eachCall {
		return different(calls)
	}
	all := make([]int, len(calls))
	for n := range calls {
		all[n] = n + 1
	}
	return all
}

// different are the calls, counted from 1, that differ: of the many by which one file is read or written the first two, the
// last and one between.
func different(calls []string) (places []int) {
	at := map[string][]int{}
	for n, c := range calls {
		at[c] = append(at[c], n+1)
	}
	for c, all := range at {
		if name, _, _ := strings.Cut(c, " "); len(all) > 4 && (name == "write" || name == "read") {
			all = []int{all[0], all[1], all[len(all)/2], all[len(all)-1]}
		}
		places = append(places, all...)
	}
	slices.Sort(places)
	return places
}

// kinds counts calls by name.
func kinds(calls []string) map[string]int {
	all := map[string]int{}
	for _, c := range calls {
		name, _, _ := strings.Cut(c, " ")
		all[name]++
	}
	return all
}

// TestBackupsAreStruck kills backups at their storage calls and lets the disk fail them: what is left is no backup or a
// whole one, and the next one is made as if nothing had been.
func TestBackupsAreStruck(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.item("red", red)
	backups := func(folder string) []string { return []string{"backup", folder, "--data", h.data} }
	before := filepath.Join(h.dir, "before")
	h.command(backups(before)...)
	look := func(t *testing.T, dir string, r faulttest.Struck) {
		t.Helper()
		folder := filepath.Join(dir, "backups")
		holdToRestore(t, folder, r.Err == nil)
		if r.Err != nil {
			nextSecond()
			if again := struck(t, dir, faulttest.Strike{}, backups(folder)); again.Err != nil {
				t.Errorf("the next one: %v: %s", again.Err, again.Said)
			}
			holdToRestore(t, folder, true)
		}
	}
	t.Run("the first", func(t *testing.T) {
		strikes(t, func(_ *testing.T, dir string) []string { return backups(filepath.Join(dir, "backups")) }, look)
	})
	h.item("green", green)
	t.Run("the next", func(t *testing.T) {
		strikes(t, func(t *testing.T, dir string) []string {
			t.Helper()
			if out, err := exec.CommandContext(t.Context(), "cp", "-al", before, filepath.Join(dir, "backups")).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			lock := filepath.Join(dir, "backups", "lock") // a file of its own
			if err := errors.Join(os.Remove(lock), os.WriteFile(lock, nil, 0o600)); err != nil {
				t.Fatal(err)
			}
			return backups(filepath.Join(dir, "backups"))
		}, look)
	})
	h.command(backups(filepath.Join(h.dir, "last"))...)
	h.eventually(patience, "the controller lends nothing any more", func() error {
		left, err := filepath.Glob(filepath.Join(h.data, "store", "snapshot-*"))
		if err == nil && len(left) > 0 {
			err = fmt.Errorf("there are %v", left)
		}
		return err
	})
}

// nextSecond waits for the next one: backups are named by theirs.
func nextSecond() {
	now := time.Now()
	time.Sleep(time.Until(now.Truncate(time.Second).Add(time.Second)))
}

// holdToRestore holds everything that calls itself a backup to restore; there must be one, if a backup was made.
func holdToRestore(t *testing.T, folder string, made bool) {
	t.Helper()
	manifests, err := filepath.Glob(filepath.Join(folder, "*", "manifest"))
	if err != nil || made && len(manifests) == 0 {
		t.Errorf("%d backups, %v", len(manifests), err)
	}
	for _, m := range manifests {
		if _, err := backup.Restore(t.Context(), filepath.Dir(m), filepath.Join(t.TempDir(), "trial")); err != nil {
			t.Error(err)
		}
	}
}

// TestRestoresAreStruck does the same to restores: no controller starts on what is left, and the same restore, run
// again, is whole.
func TestRestoresAreStruck(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.item("red", red)
	folder := filepath.Join(h.dir, "backups")
	h.command("backup", folder, "--data", h.data)
	h.stop()
	h.data = filepath.Join(h.dir, "restored")
	h.command("restore", folder, "--data", h.data)
	want := filesOf(t, h.data)
	h.start() // on what is the same in all that follow
	h.stop()
	dir, _, err := backup.Choose(folder)
	h.must(err)
	var refused atomic.Int64
	strikes(t, func(_ *testing.T, dir string) []string {
		return []string{"restore", folder, "--data", filepath.Join(dir, "data")}
	},
		func(t *testing.T, at string, r faulttest.Struck) {
			t.Helper()
			data := filepath.Join(at, "data")
			if left, err := os.ReadDir(data); err == nil && len(left) > 0 && !whole(data) {
				refused.Add(1)
				wantRefused(t, data)
			}
			if r.Err == nil && !whole(data) {
				t.Error("it says that it came to its end, and did not")
			}
			if !whole(data) {
				if _, err := backup.Restore(t.Context(), dir, data); err != nil {
					t.Error(err)
				}
			}
			if got := filesOf(t, data); !maps.Equal(got, want) {
				t.Errorf("it is not what was backed up: %v, want %v", got, want)
			}
		})
	t.Logf("%d left something that no controller starts on", refused.Load())
}

// filesOf are the files below a directory by their digests, but for the record of when it was restored.
func filesOf(t *testing.T, dir string) map[string]playlists.Digest {
	t.Helper()
	all := map[string]playlists.Digest{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == "restored.json" {
			return err
		}
		b, err := os.ReadFile(path)
		all[strings.TrimPrefix(path, dir)] = wire.DigestOf(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// whole reports whether a restore came to its end: the key is moved last.
func whole(data string) bool {
	_, err := os.Stat(filepath.Join(data, ".restoring"))
	_, key := os.Stat(filepath.Join(data, "controller.key"))
	return err != nil && key == nil
}

// wantRefused holds a controller not to start on half a restore.
func wantRefused(t *testing.T, data string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, bin+"controller", "serve", "--data", data, "--listen", "127.0.0.1:0", "--metrics", "").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "cut short") {
		t.Errorf("a controller on half a restore: %v\n%s", err, out)
	}
}
