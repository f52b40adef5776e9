package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"

	"anteroom/controller/disk"
	"anteroom/controller/store"
)

// The formats of files that this code reads.
const (
	format = 2
	// formatTotals is that of plays which are added up further, in a table of its own. A month that was begun without goes on
	// without: a program of then that went on writing one with totals would leave them behind.
	formatTotals = 3
)

// reserved is the address space that a file is mapped into, so that growing it seldom has to wait for
// readers. It costs no memory.
const reserved = 1 << 30

var (
	errClosed  = errors.New("the store is closed")
	errStopped = errors.New("the file was closed after a failed write and could not be opened since; it is tried again every few seconds")
)

// design is what one kind of file holds.
type design struct {
	holds  string
	format int
	tables []string
	// grow is by how many bytes the file grows at least.
	grow int
}

// designOf is the design of a file that says what it holds, and in which format.
func designOf(l *ledger) (design, error) {
	d := documentsDesign()
	switch l.Holds {
	case holdsPlays:
		d = playsDesign()
	case holdsCounts:
		d = countsDesign()
	}
	switch {
	case l.Format == d.format:
		return d, nil
	case l.Holds == holdsPlays && l.Format == format:
		d.tables = slices.DeleteFunc(d.tables, func(name string) bool { return name == tableTotals })
		return d, nil
	}
	return d, fmt.Errorf("it has format %d, this program reads %d: use the program that wrote it, or begin with an empty directory", l.Format, d.format)
}

// file is a bbolt file of sealed values that was probed before it was opened, and that stops trusting
// itself when a commit fails: it is then closed, probed and opened anew.
type file struct {
	path     string
	design   design
	readOnly bool
	noSync   bool
	log      *slog.Logger
	probe    func(ctx context.Context, path string) error
	// loaded, if set, is called whenever the file has been opened, to fill caches from it.
	loaded func(*tx) error

	// size is how large the file has to be for what it holds, in bytes.
	size atomic.Int64

	// writer is held by the one that writes, opens or closes.
	writer sync.Mutex
	// commits is how many transactions are known to be durable.
	commits uint64
	closed  bool
	// doubt: a commit failed, and what the kernel holds of the file need not be on the disk.
	doubt bool
	// again is when readers may try to open a stopped file again, and pause what to add to that then.
	again time.Time
	pause time.Duration

	// reading guards bolt against being closed under a reader; writer is held to change it.
	reading sync.RWMutex
	bolt    *bbolt.DB // nil while stopped or closed
}

// open probes and opens a file that exists.
func (f *file) open(ctx context.Context) error {
	f.writer.Lock()
	defer f.writer.Unlock()
	return f.openLocked(ctx)
}

func (f *file) openLocked(ctx context.Context) error {
	if f.doubt {
		if err := reread(f.path); err != nil {
			return fmt.Errorf("opening %s: %w", f.path, err)
		}
		f.doubt = false
	}
	if err := f.probe(ctx, f.path); err != nil {
		return err
	}
	b, err := bbolt.Open(f.path, 0o600, f.options())
	if err != nil {
		return fmt.Errorf("opening %s: %w", f.path, err)
	}
	b.AllocSize = f.design.grow
	if err := f.check(b); err != nil {
		return errors.Join(fmt.Errorf("opening %s: %w", f.path, err), b.Close())
	}
	f.reading.Lock()
	defer f.reading.Unlock()
	f.bolt, f.pause = b, 0
	return nil
}

func (f *file) options() *bbolt.Options {
	return &bbolt.Options{
		Timeout: time.Second, ReadOnly: f.readOnly, FreelistType: bbolt.FreelistMapType,
		InitialMmapSize: reserved, NoStatistics: true, NoSync: f.noSync, NoGrowSync: f.noSync,
	}
}

// check compares what was opened with what is known to be durable, and fills the caches.
func (f *file) check(b *bbolt.DB) error {
	return b.View(func(raw *bbolt.Tx) error {
		t, err := newTx(raw)
		if err != nil {
			return err
		}
		if t.ledger.Holds != f.design.holds {
			return fmt.Errorf("%w: it holds %q instead of %s", store.ErrDamaged, t.ledger.Holds, f.design.holds)
		}
		if t.ledger.Commits < f.commits {
			return fmt.Errorf("%w: %d transactions that were durable are gone", store.ErrDamaged, f.commits-t.ledger.Commits)
		}
		f.commits = t.ledger.Commits
		f.size.Store(raw.Size())
		if f.loaded == nil {
			return nil
		}
		return f.loaded(t)
	})
}

// view runs read on one state of the file, without its ledger. What read gets from it must not outlive the call.
func (f *file) view(ctx context.Context, read func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f.reading.RLock()
	for f.bolt == nil {
		f.reading.RUnlock()
		if err := f.revive(ctx); err != nil {
			return fmt.Errorf("reading %s: %w", f.path, err)
		}
		f.reading.RLock()
	}
	defer f.reading.RUnlock()
	return f.bolt.View(func(raw *bbolt.Tx) error {
		return f.named(read(&tx{bolt: raw}))
	})
}

// The pauses between the tries of readers to open a stopped file again: each costs a probe.
const (
	firstPause   = 5 * time.Millisecond
	longestPause = 10 * time.Second
)

// revive opens a stopped file again, for a reader: if nobody can read, nobody may come to write.
func (f *file) revive(ctx context.Context) error {
	f.writer.Lock()
	defer f.writer.Unlock()
	switch {
	case f.closed:
		return errClosed
	case f.bolt != nil:
		return nil
	case time.Now().Before(f.again):
		return errStopped
	}
	err := f.openLocked(ctx)
	if err != nil {
		f.pause = min(max(2*f.pause, firstPause), longestPause)
		f.again = time.Now().Add(f.pause)
	}
	return err
}

// update runs write in a transaction and returns when it is durable. A failed commit stops the file:
// nobody knows what of it is on the disk (https://wiki.postgresql.org/wiki/Fsync_Errors).
func (f *file) update(ctx context.Context, write func(*tx) error) error {
	f.writer.Lock()
	defer f.writer.Unlock()
	if err := f.ready(ctx); err != nil {
		return err
	}
	raw, err := f.bolt.Begin(true)
	if err != nil {
		return fmt.Errorf("writing %s: %w", f.path, err)
	}
	defer func() { _ = raw.Rollback() }() // does nothing after a commit
	t, err := newTx(raw)
	if err == nil {
		err = write(t)
	}
	if err == nil {
		err = t.enter()
	}
	if err != nil {
		return f.named(err)
	}
	size := raw.Size()
	if err := raw.Commit(); err != nil {
		_ = raw.Rollback()
		return f.failed(ctx, err)
	}
	f.commits = t.ledger.Commits
	f.size.Store(size)
	return nil
}

// named adds the file's name to an error about damage.
func (f *file) named(err error) error {
	if errors.Is(err, store.ErrDamaged) {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	return err
}

// ready reopens a stopped file.
func (f *file) ready(ctx context.Context) error {
	switch {
	case f.closed:
		return fmt.Errorf("writing %s: %w", f.path, errClosed)
	case f.bolt != nil:
		return ctx.Err()
	}
	return f.openLocked(ctx)
}

// failed deals with a failed commit. A full disk that was found before anything was synced leaves the
// file as it was; after anything else it must be opened anew.
func (f *file) failed(ctx context.Context, err error) error {
	wrapped := fmt.Errorf("writing %s: %w", f.path, err)
	if fullDisk(err) {
		return wrapped
	}
	f.log.ErrorContext(ctx, "store stopped", slog.String("file", f.path), slog.Any("error", err))
	f.doubt = true
	if err := f.shut(); err != nil {
		return errors.Join(wrapped, err)
	}
	if err := f.openLocked(context.WithoutCancel(ctx)); err != nil {
		return errors.Join(wrapped, err)
	}
	f.log.InfoContext(ctx, "store reopened", slog.String("file", f.path), slog.Uint64("commits", f.commits))
	return wrapped
}

// fullDisk tells a write that found no room from a sync that failed: only the first names a file.
func fullDisk(err error) bool {
	var at *fs.PathError
	return errors.As(err, &at) && (errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT))
}

// shut closes bolt when its readers have left.
func (f *file) shut() error {
	f.reading.Lock()
	defer f.reading.Unlock()
	if f.bolt == nil {
		return nil
	}
	err := f.bolt.Close()
	f.bolt = nil
	return err
}

// reread makes what is next read from a file come from the disk: what of it waits in the kernel is written
// first, and what the kernel keeps, which after a failed sync may be something else, is dropped.
func reread(path string) error {
	r, err := os.Open(path)
	if err != nil {
		return err
	}
	if err = r.Sync(); err == nil {
		err = unix.Fadvise(int(r.Fd()), 0, 0, unix.FADV_DONTNEED)
	}
	return errors.Join(err, r.Close())
}

func (f *file) close() error {
	f.writer.Lock()
	defer f.writer.Unlock()
	f.closed = true
	return f.shut()
}

// create makes a file with empty tables and what fill puts into them: whole or not at all, and never
// over another.
func create(path string, d design, noSync bool, fill func(*tx) error) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("creating %s: %w", path, errors.Join(fs.ErrExist, err))
	}
	temporary := path + suffixNew
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("creating %s: %w", path, err)
	}
	b, err := bbolt.Open(temporary, 0o600, &bbolt.Options{
		Timeout: time.Second, NoStatistics: true, FreelistType: bbolt.FreelistMapType, NoSync: noSync,
	})
	if err != nil {
		return fmt.Errorf("creating %s: %w", path, err)
	}
	err = errors.Join(b.Update(func(raw *bbolt.Tx) error { return furnish(raw, d, fill) }), b.Close())
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		_ = os.Remove(temporary)
		return fmt.Errorf("creating %s: %w", path, err)
	}
	if noSync {
		return nil
	}
	if err := disk.SyncDir(filepath.Dir(path)); err != nil {
		return errors.Join(fmt.Errorf("creating %s: %w", path, err), os.Remove(path))
	}
	return nil
}

func furnish(raw *bbolt.Tx, d design, fill func(*tx) error) error {
	t := &tx{bolt: raw, ledger: ledger{Format: d.format, Holds: d.holds, Keys: map[string]int64{}}}
	for _, name := range slices.Concat([]string{tableMeta}, d.tables) {
		if _, err := raw.CreateBucket([]byte(name)); err != nil {
			return err
		}
	}
	if fill != nil {
		if err := fill(t); err != nil {
			return err
		}
	}
	return t.enter()
}
