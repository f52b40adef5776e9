//go:build e2e

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// cuts is at how many calls of each kind a command is killed: 3, or ANTEROOM_CUTS.
func cuts() int {
	if given, err := strconv.Atoi(os.Getenv("ANTEROOM_CUTS")); err == nil {
		return given
	}
	return 3
}

// storageCalls are the system calls by which backup and restore change a disk.
var storageCalls = []string{"mkdirat", "openat", "write", "fsync", "renameat", "linkat", "unlinkat"}

// killed runs the controller's binary and kills it, and its children, at the nth such call of a thread; it
// reports whether that came to be.
func (h *house) killed(call string, nth int, args ...string) bool {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), time.Minute)
	defer cancel()
	trace := []string{"-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, nth), bin + "controller"}
	err := exec.CommandContext(ctx, "strace", append(trace, args...)...).Run()
	exit, died := errors.AsType[*exec.ExitError](err)
	if err != nil && !died {
		h.t.Fatalf("strace: %v", err)
	}
	return died && exit.ExitCode() != 1 // 1 is a command's own refusal
}

// TestBackupsAreKilled kills backups at their storage calls: what is left is no backup or a whole one, and
// the next one is made as if nothing had been.
func TestBackupsAreKilled(t *testing.T) {
	h := open(t)
	h.item("red", red)
	folder := filepath.Join(h.dir, "backups")
	h.command("backup", folder, "--data", h.data)
	wholes, kills := 1, 0
	for _, call := range storageCalls {
		for nth := range cuts() {
			time.Sleep(time.Second) // backups are named by the second
			if h.killed(call, nth+1, "backup", folder, "--data", h.data) {
				kills++
			}
			h.wantWholeBackups(folder, &wholes)
		}
	}
	t.Logf("killed %d times; %d backups are whole", kills, wholes)
	if kills < len(storageCalls) {
		t.Errorf("only %d were killed", kills)
	}
	time.Sleep(time.Second)
	h.command("backup", folder, "--data", h.data)
	left, err := filepath.Glob(filepath.Join(h.data, "store", "snapshot-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("the controller still lends what nobody uses: %v, %v", left, err)
	}
}

// wantWholeBackups holds everything that calls itself a backup to restore.
func (h *house) wantWholeBackups(folder string, wholes *int) {
	h.t.Helper()
	manifests, err := filepath.Glob(filepath.Join(folder, "*", "manifest"))
	h.must(err)
	for _, m := range manifests[min(len(manifests), *wholes):] {
		h.wantRestores(filepath.Dir(m))
	}
	*wholes = len(manifests)
	h.wantRestores(folder)
}

func (h *house) wantRestores(backup string) {
	h.t.Helper()
	data := filepath.Join(h.dir, "trial")
	h.command("restore", backup, "--data", data)
	h.must(os.RemoveAll(data))
}

// TestRestoresAreKilled kills restores at their storage calls: no controller starts on what is left, and the
// same restore, run again, is whole.
func TestRestoresAreKilled(t *testing.T) {
	h := open(t)
	h.item("red", red)
	folder := filepath.Join(h.dir, "backups")
	h.command("backup", folder, "--data", h.data)
	h.stop()
	kills, refused := 0, 0
	for _, call := range storageCalls {
		for nth := range cuts() {
			data := filepath.Join(h.dir, fmt.Sprintf("%s-%d", call, nth))
			if !h.killed(call, nth+1, "restore", folder, "--data", data) {
				h.must(os.RemoveAll(data))
				continue
			}
			kills++
			if left, err := os.ReadDir(data); err == nil && len(left) > 0 && !whole(data) {
				refused++
				h.wantRefused(data)
				h.command("restore", folder, "--data", data)
			}
			if whole(data) {
				h.data = data
				h.start()
				h.stop()
			}
		}
	}
	t.Logf("killed %d times, of which %d left something that no controller starts on", kills, refused)
	if refused < 5 {
		t.Errorf("only %d were killed where it matters", refused)
	}
}

// whole reports whether a restore came to its end: the key is moved last.
func whole(data string) bool {
	_, err := os.Stat(filepath.Join(data, ".restoring"))
	_, key := os.Stat(filepath.Join(data, "controller.key"))
	return err != nil && key == nil
}

// wantRefused holds a controller not to start on half a restore.
func (h *house) wantRefused(data string) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, bin+"controller", "serve", "--data", data, "--listen", "127.0.0.1:0", "--metrics", "").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "cut short") {
		h.t.Errorf("a controller on half a restore: %v\n%s", err, out)
	}
}
