//go:build e2e

package main

import (
	"errors"
	"fmt"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// standstill is how long each sync of a disk takes that stands still: longer than a turn is ordered ahead.
const standstill = 6 * time.Second

// TestADiskThatStandsStill lets each sync of a player take longer than turns are ordered ahead and than they last. A picture
// is on the glass all the time, by the same stage; when the disk goes on, so does the loop, and what was drawn is counted.
func TestADiskThatStandsStill(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.hangAll("window")[0]
	stage := w.stagePID()
	disk := w.slowDisk()
	const syncs = 3
	h.eventually(2*patience, fmt.Sprintf("the player has waited for %d syncs", syncs), func() error {
		h.must(w.looksAlive())
		if n := disk.waited(); n < syncs {
			return fmt.Errorf("it has waited for %d", n)
		}
		return nil
	})
	held := len(w.truth())
	t.Logf("%d turns were drawn until it had waited for %d syncs of %v", held, disk.waited(), standstill)
	disk.release()
	w.drawn(held + 3)
	if now := w.stagePID(); now != stage {
		t.Errorf("stage %d has become %d", stage, now)
	}
	h.countsExactly(w)
}

// looksAlive fails unless one of the pictures of the loop is on the glass.
func (w *wall) looksAlive() error {
	c, err := w.at(0.5, 0.5) // once: the next look may be at the next picture
	if err != nil {
		return err
	}
	for _, want := range []color.RGBA{red, green, blue} {
		if alike(c, want) {
			return nil
		}
	}
	return fmt.Errorf("it is %v, which is no picture", c)
}

// slowDisk is a disk that takes its time, by a tracer of the agent.
type slowDisk struct {
	w      *wall
	tracer *exec.Cmd
	trace  string
}

// slowDisk lets each sync of the agent take a standstill from now on, until it is released.
func (w *wall) slowDisk() *slowDisk {
	w.h.t.Helper()
	d := &slowDisk{w: w, trace: filepath.Join(w.h.dir, string(w.screen)+".trace")}
	const syncs = "fsync,fdatasync"
	d.tracer = exec.Command("strace", "-f", "-qq", "-e", "trace="+syncs, "-e", "signal=none",
		"-e", fmt.Sprintf("inject=%s:delay_enter=%d", syncs, standstill.Microseconds()),
		"-o", d.trace, "-p", strconv.Itoa(w.agent.Process.Pid))
	d.tracer.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	w.h.must(d.tracer.Start())
	w.h.t.Cleanup(d.release)
	return d
}

// waited is how many syncs have come to their end.
func (d *slowDisk) waited() int {
	b, err := os.ReadFile(d.trace)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		d.w.h.t.Fatal(err)
	}
	return strings.Count(string(b), "(DELAYED)")
}

// release lets the disk be as quick as it is.
func (d *slowDisk) release() {
	if d.tracer == nil {
		return
	}
	tracer := d.tracer
	d.tracer = nil
	_ = end(tracer, patience) // a tracer that is told to end has an error to give
}
