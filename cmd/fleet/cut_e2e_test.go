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

// cuts is at how many calls of each kind each fault strikes: 1, or ANTEROOM_CUTS.
func cuts() int {
	if given, err := strconv.Atoi(os.Getenv("ANTEROOM_CUTS")); err == nil {
		return given
	}
	return 1
}

// faults are what may happen at a storage call: the process is killed, the disk fails or is full.
var faults = []string{"signal=KILL", "error=EIO", "error=ENOSPC"}

// storageCalls are the system calls by which backup and restore change a disk.
var storageCalls = []string{"mkdirat", "openat", "write", "fsync", "renameat", "linkat", "unlinkat"}

// struck runs the controller's binary with a fault at the nth such call of each thread, its children's too. It
// reports whether the command did not come to its end.
func (h *house) struck(call, fault string, nth int, args ...string) bool {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	trace := []string{"-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e", fmt.Sprintf("inject=%s:%s:when=%d", call, fault, nth), bin + "controller"}
	err := exec.CommandContext(ctx, "strace", append(trace, args...)...).Run()
	if _, died := errors.AsType[*exec.ExitError](err); err != nil && !died {
		h.t.Fatalf("strace: %v", err)
	}
	return err != nil
}

// strikes are every storage call with every fault, as often as cuts says.
func strikes() (all []strike) {
	for _, call := range storageCalls {
		for _, fault := range faults {
			for nth := range cuts() {
				all = append(all, strike{call, fault, nth + 1})
			}
		}
	}
	return all
}

type strike struct {
	call, fault string
	nth         int
}

// TestBackupsAreStruck kills backups at their storage calls and lets the disk fail them: what is left is no backup or a
// whole one, and the next one is made as if nothing had been.
func TestBackupsAreStruck(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.item("red", red)
	folder := filepath.Join(h.dir, "backups")
	h.command("backup", folder, "--data", h.data)
	wholes, ended := 1, 0
	for _, s := range strikes() {
		time.Sleep(time.Second) // backups are named by the second
		if h.struck(s.call, s.fault, s.nth, "backup", folder, "--data", h.data) {
			ended++
		}
		h.wantWholeBackups(folder, &wholes)
	}
	t.Logf("%d of %d strikes ended a backup; %d backups are whole", ended, len(strikes()), wholes)
	if ended < len(strikes())/3 {
		t.Errorf("only %d of %d strikes ended a backup", ended, len(strikes()))
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

// TestRestoresAreStruck does the same to restores: no controller starts on what is left, and the same restore, run
// again, is whole.
func TestRestoresAreStruck(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.item("red", red)
	folder := filepath.Join(h.dir, "backups")
	h.command("backup", folder, "--data", h.data)
	h.stop()
	ended, refused := 0, 0
	for n, s := range strikes() {
		data := filepath.Join(h.dir, fmt.Sprint("data-", n))
		if h.struck(s.call, s.fault, s.nth, "restore", folder, "--data", data) {
			ended++
		}
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
		h.must(os.RemoveAll(data))
	}
	t.Logf("%d of %d strikes ended a restore, of which %d left something that no controller starts on", ended, len(strikes()), refused)
	if ended < len(strikes())/3 || refused < 2 {
		t.Errorf("only %d strikes ended a restore, and %d where it matters", ended, refused)
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
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, bin+"controller", "serve", "--data", data, "--listen", "127.0.0.1:0", "--metrics", "").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "cut short") {
		h.t.Errorf("a controller on half a restore: %v\n%s", err, out)
	}
}
