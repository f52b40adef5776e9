package bolt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// prefixSnapshot begins the names of snapshots' folders, in the store's own: there closed months need no
// room, being linked.
const prefixSnapshot = "snapshot-"

// spare is the room that a snapshot leaves on the disk, in bytes, for those who write meanwhile.
const spare = 256 << 20

// ErrInUse says that another process has the store.
var ErrInUse = errors.New("in use")

// Snapshot copies the store as it is at one moment into a folder of its own, while others read and write;
// release removes it. Plays are copied first, so that whatever they name is in the documents. A closed
// month whose file is missing is missing in the copy. On any error nothing is left.
func (s *Store) Snapshot(ctx context.Context) (dir string, release func() error, err error) {
	dir, err = os.MkdirTemp(s.dir, prefixSnapshot)
	if err != nil {
		return "", nil, fmt.Errorf("copying the store: %w", err)
	}
	release = func() error { return os.RemoveAll(dir) }
	if err := s.copyInto(ctx, dir); err != nil {
		return "", nil, errors.Join(fmt.Errorf("copying the store: %w", err), release())
	}
	return dir, release, nil
}

func (s *Store) copyInto(ctx context.Context, dir string) error {
	months := *s.months.Load()
	for n, m := range months {
		if m.Forgotten {
			continue
		}
		if n < len(months)-1 {
			if err := link(m.file.path, dir); err != nil {
				return err
			}
			continue
		}
		if err := m.file.copyInto(ctx, dir); err != nil {
			return err
		}
	}
	return errors.Join(s.copyCounts(ctx, dir), s.documents.file.copyInto(ctx, dir))
}

// link gives a file that nobody writes any more a second name in dir.
func link(path, dir string) error {
	err := os.Link(path, filepath.Join(dir, filepath.Base(path)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// copyInto writes one state of the file to dir.
func (f *file) copyInto(ctx context.Context, dir string) error {
	return f.view(ctx, func(t *tx) error {
		if err := room(dir, t.bolt.Size()); err != nil {
			return err
		}
		to, err := os.OpenFile(filepath.Join(dir, filepath.Base(f.path)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		_, err = t.bolt.WriteTo(while(ctx, to))
		return errors.Join(err, to.Close())
	})
}

// room reports an error if a copy of size bytes would leave too little room on dir's disk.
func room(dir string, size int64) error {
	var disk unix.Statfs_t
	if err := unix.Statfs(dir, &disk); err != nil {
		return fmt.Errorf("looking for room in %s: %w", dir, err)
	}
	if free := int64(disk.Bavail) * disk.Bsize; free < size+spare {
		return fmt.Errorf("%s has %d MiB free and needs %d for a moment: make room on its disk", dir, free>>20, (size+spare)>>20)
	}
	return nil
}

// writeFunc is a writer in one function.
type writeFunc func(b []byte) (int, error)

func (f writeFunc) Write(b []byte) (int, error) { return f(b) }

// while is w for as long as a context lasts.
func while(ctx context.Context, w io.Writer) io.Writer {
	return writeFunc(func(b []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return w.Write(b)
	})
}

// Hold keeps other processes out of the store of a controller that does not run, and names its files, so
// that they can be copied as they are; [ErrInUse] if it runs.
func Hold(dir string) (names []string, release func() error, err error) {
	lock, err := lockDir(dir)
	if err != nil {
		return nil, nil, err
	}
	if err := likeDir(lock, dir); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("locking the store: %w", err), lock.Close())
	}
	months, err := (&plays{dir: dir}).onDisk()
	if err != nil {
		return nil, nil, errors.Join(err, lock.Close())
	}
	names = []string{nameDocuments}
	for _, m := range months {
		names = append(names, prefixPlays+m+suffixFile)
	}
	if _, err := os.Stat(filepath.Join(dir, nameCounts)); err == nil {
		names = append(names, nameCounts)
	}
	return names, lock.Close, nil
}

// likeDir lets a file that root may have made belong to whom its directory belongs to.
func likeDir(f *os.File, dir string) error {
	info, err := os.Stat(dir)
	if err != nil || os.Geteuid() != 0 {
		return err
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok {
		return f.Chown(int(owner.Uid), int(owner.Gid))
	}
	return nil
}
