package checkup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Directory looks at a directory that is to belong to the user that runs a program, alone.
func Directory(dir string) Finding {
	const about = "data"
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Bad(about, "Start the program once, or name its directory with --data.", "There is no directory %s.", dir)
	case err != nil:
		return Bad(about, "Run this as the user that the program runs as, or as root.", "%s cannot be looked at: %v.", dir, err)
	case !info.IsDir():
		return Bad(about, "Choose a directory with --data.", "%s is a file.", dir)
	}
	owner := ownerOf(info)
	if others := foreign(dir, owner); others != "" {
		return Bad(about, fmt.Sprintf("chown -R %d %s", owner, dir), "Not everything in %s belongs to user number %d, whose directory it is: %s does not.", dir, owner, others)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Odd(about, "chmod 700 "+dir, "Other users can look into %s (mode %#o).", dir, info.Mode().Perm())
	}
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return Bad(about, "If the disk is mounted for reading only, mount it for writing; else run this as user number "+fmt.Sprint(owner)+".", "%s cannot be written: %v.", dir, err)
	}
	return Good(about, "%s belongs to user number %d alone.", dir, owner)
}

func ownerOf(info fs.FileInfo) uint32 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Uid
	}
	return 0
}

// foreign finds something in dir that does not belong to owner.
func foreign(dir string, owner uint32) (found string) {
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error { // what cannot be read is another finding
		if err != nil {
			return fs.SkipDir
		}
		if info, err := e.Info(); err == nil && ownerOf(info) != owner {
			found = path
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// Room is what a disk has free.
type Room struct {
	Bytes, OfBytes   uint64
	Inodes, OfInodes uint64
}

// RoomOf asks a directory's disk.
func RoomOf(dir string) (Room, error) {
	var d unix.Statfs_t
	if err := unix.Statfs(dir, &d); err != nil {
		return Room{}, &fs.PathError{Op: "statfs", Path: dir, Err: err}
	}
	return Room{
		Bytes: d.Bavail * uint64(d.Bsize), OfBytes: d.Blocks * uint64(d.Bsize), Inodes: d.Ffree, OfInodes: d.Files,
	}, nil
}

// Disk judges the room on a directory's disk: below least bytes nothing works for long.
func Disk(dir string, r Room, least uint64) Finding {
	const about, do = "disk", "Free space there, or move the directory to a larger disk."
	switch {
	case r.OfInodes > 0 && r.Inodes < 1000:
		return Bad(about, "Remove many small files there, or move the directory to another disk.", "The disk of %s has room for %d more files only.", dir, r.Inodes)
	case r.Bytes < least:
		return Bad(about, do, "The disk of %s has %s free; it needs %s.", dir, size(r.Bytes), size(least))
	case r.Bytes < r.OfBytes/10 && r.Bytes < 10*least:
		return Odd(about, do, "The disk of %s has %s free of %s.", dir, size(r.Bytes), size(r.OfBytes))
	}
	return Good(about, "The disk of %s has %s free.", dir, size(r.Bytes))
}

func size(n uint64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}

// Synced reports whether something keeps this machine's clock.
func Synced() (bool, error) {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	return err == nil && state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0, err
}

// Floor is an instant that has passed when anybody runs this.
func Floor() time.Time { return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) }

// Clock judges the machine's time: floor has certainly passed.
func Clock(now, floor time.Time, synced bool, err error) Finding {
	const about, do = "clock", "Set up time synchronisation (systemd-timesyncd or chrony) with a server that this machine can reach."
	shown := now.UTC().Format("2006-01-02 15:04:05 UTC")
	switch {
	case now.Before(floor):
		return Bad(about, do, "The clock says %s, which is past for certain.", shown)
	case now.After(floor.AddDate(30, 0, 0)):
		return Bad(about, do, "The clock says %s, which cannot be.", shown)
	case err != nil:
		return Odd(about, do, "The clock says %s; whether anything keeps it cannot be told: %v.", shown, err)
	case !synced:
		return Odd(about, do, "The clock says %s, and nothing keeps it right.", shown)
	}
	return Good(about, "The clock says %s and is kept right.", shown)
}

// Programs looks for programs that are called: what for, by name.
func Programs(about, what, install string, names ...string) Finding {
	var missing []string
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return Bad(about, install, "%s cannot be found: %s.", strings.Join(missing, " and "), what)
	}
	return Good(about, "%s can be found.", strings.Join(names, " and "))
}
