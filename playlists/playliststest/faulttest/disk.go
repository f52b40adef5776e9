package faulttest

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Disk is a file system of its own, in a file, for what cannot be done to the machine's own.
type Disk struct {
	// Dir is where it is mounted.
	Dir   string
	image string
}

// NewDisk makes an ext4 of so many bytes, with further arguments for mkfs, until the test ends. It skips the
// test, and says why, where that is not permitted.
func NewDisk(t *testing.T, size int64, mkfs ...string) *Disk {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: only root may mount a disk, so this fault is not tried")
	}
	dir := t.TempDir()
	d := &Disk{Dir: filepath.Join(dir, "disk"), image: filepath.Join(dir, "image")}
	image, err := os.Create(d.image)
	if err != nil {
		t.Fatal(err)
	}
	if err := image.Truncate(size); err != nil {
		t.Fatal(err)
	}
	if err := image.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(d.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "mkfs.ext4", slices.Concat([]string{"-q", "-F"}, mkfs, []string{d.image})...).CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: no ext4 can be made here, so this fault is not tried: %v: %s", err, out)
	}
	if out, err := d.mount(t, "loop"); err != nil {
		t.Skipf("SKIPPED: no disk can be mounted here, so this fault is not tried: %v: %s", err, out)
	}
	t.Cleanup(func() { _ = unix.Unmount(d.Dir, unix.MNT_DETACH) })
	return d
}

func (d *Disk) mount(t *testing.T, options string) ([]byte, error) {
	t.Helper()
	return exec.CommandContext(t.Context(), "mount", "-t", "ext4", "-o", options, d.image, d.Dir).CombinedOutput()
}

// What EXT4_IOC_SHUTDOWN is, and its mode in which nothing reaches the disk any more, not even the journal.
const (
	shutdown   = 0x8004587d
	noLogFlush = 2
)

// Cut takes the power away: what is not on the disk by now never will be.
func (d *Disk) Cut(t *testing.T) {
	t.Helper()
	root, err := os.Open(d.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	if err := unix.IoctlSetPointerInt(int(root.Fd()), shutdown, noLogFlush); err != nil {
		t.Skipf("SKIPPED: this kernel cannot shut an ext4 down, so power cuts are not tried: %v", err)
	}
}

// Again mounts the disk anew, as after the power came back. Nobody may use it any more.
func (d *Disk) Again(t *testing.T) {
	t.Helper()
	d.unmount(t)
	if out, err := d.mount(t, "loop"); err != nil {
		t.Fatalf("mounting %s again: %v: %s", d.Dir, err, out)
	}
}

// unmount waits until the kernel has let the disk go: a program that was started meanwhile, or made a namespace of mounts,
// holds it for a moment, and whoever mounts it again then is handed the one without power.
func (d *Disk) unmount(t *testing.T) {
	t.Helper()
	err := unix.Unmount(d.Dir, 0)
	for began := time.Now(); ; <-time.After(time.Millisecond) {
		if errors.Is(err, unix.EBUSY) {
			err = unix.Unmount(d.Dir, 0)
		}
		out, failed := exec.CommandContext(t.Context(), "losetup", "-n", "-j", d.image).CombinedOutput()
		if err == nil && failed == nil && len(bytes.TrimSpace(out)) == 0 {
			return
		}
		if time.Since(began) > patience || err != nil && !errors.Is(err, unix.EBUSY) {
			t.Fatalf("unmounting %s: %v; the kernel holds %s, %v", d.Dir, err, out, failed)
		}
	}
}

// Fail makes the kernel find the disk damaged and let nothing be written to it any more, whatever is open,
// as it does when a card dies; it must have been made with "-e", "remount-ro". It takes nothing before [Disk.Again].
func (d *Disk) Fail(t *testing.T) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "findmnt", "-n", "-o", "SOURCE", d.Dir).Output()
	if err != nil {
		t.Fatalf("looking for the device of %s: %v", d.Dir, err)
	}
	trigger := "/sys/fs/ext4/" + filepath.Base(string(bytes.TrimSpace(out))) + "/trigger_fs_error"
	if err := os.WriteFile(trigger, []byte("tried"), 0); err != nil {
		t.Skipf("SKIPPED: this kernel lets no ext4 fail, so this fault is not tried: %v", err)
	}
}

// ReadOnly makes the disk take nothing any more, or take it again.
func (d *Disk) ReadOnly(t *testing.T, is bool) {
	t.Helper()
	options := "remount,rw"
	if is {
		options = "remount,ro"
	}
	if out, err := exec.CommandContext(t.Context(), "mount", "-o", options, d.Dir).CombinedOutput(); err != nil {
		t.Fatalf("remounting %s: %v: %s", d.Dir, err, out)
	}
}
