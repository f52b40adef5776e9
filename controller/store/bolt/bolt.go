package bolt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"anteroom/controller/store"
)

// Config says where a store lives.
type Config struct {
	// Dir is made if it is not there. One process at a time may use it.
	Dir string
	Log *slog.Logger
	// Probe reads a file before it is opened, in a child process: see [ProbeWith]. nil probes in this
	// process, which a damaged file may crash.
	Probe func(ctx context.Context, path string) error
	// Part is the size in bytes of a file of plays at which the month goes on in another; 0 is 256 MiB.
	Part int64
	// NoSync trusts the machine not to lose power; for simulations.
	NoSync bool
}

// The names in the directory.
const (
	nameLock      = "lock"
	nameDocuments = "documents.db"
	prefixPlays   = "plays-"
	suffixFile    = ".db"
	suffixNew     = ".new"
	markCorrupt   = ".corrupt-"
)

// Store is a [store.Store] in bbolt files.
type Store struct {
	*documents
	*plays
	*counts

	lock *os.File
}

var _ store.Store = (*Store)(nil)

// Open opens the store in a directory, or makes one there. A damaged file of documents is left as it
// is, and the error says what to do; a damaged file of the present month's plays is set aside, and
// players send again what they still have.
func Open(ctx context.Context, c Config) (*Store, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Probe == nil {
		c.Probe = func(_ context.Context, path string) error { return Probe(path) }
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	lock, err := lockDir(c.Dir)
	if err != nil {
		return nil, err
	}
	s, err := openLocked(ctx, c)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	s.lock = lock
	return s, nil
}

func openLocked(ctx context.Context, c Config) (*Store, error) {
	if err := tidy(c); err != nil {
		return nil, err
	}
	d, err := openDocuments(ctx, c)
	if err != nil {
		return nil, err
	}
	p, err := openPlays(ctx, c)
	if err != nil {
		return nil, errors.Join(err, d.file.close())
	}
	counted, err := openCounts(ctx, c)
	if err != nil {
		return nil, errors.Join(err, d.file.close(), p.closeMonths())
	}
	return &Store{documents: d, plays: p, counts: counted}, nil
}

// Close waits for transactions and closes all files; what was acknowledged is durable already.
func (s *Store) Close() error {
	return errors.Join(s.documents.file.close(), s.closeMonths(), s.closeCounts(), s.lock.Close())
}

// lockDir keeps other processes out for as long as the file is open.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, nameLock), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the store: %w", err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fmt.Errorf("%w: another process uses %s: stop that controller first, or give this one another directory", ErrInUse, dir)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("locking the store: %w", err), f.Close())
	}
	return f, nil
}

// tidy removes what an interrupted start left, and reminds of damaged files that are still there.
func tidy(c Config) error {
	entries, err := os.ReadDir(c.Dir)
	if err != nil {
		return fmt.Errorf("opening the store: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(c.Dir, e.Name())
		if strings.HasSuffix(e.Name(), suffixFile+suffixNew) {
			if err := os.Remove(path); err != nil {
				return fmt.Errorf("opening the store: %w", err)
			}
		}
		if strings.HasPrefix(e.Name(), prefixSnapshot) {
			if err := os.RemoveAll(path); err != nil {
				return fmt.Errorf("opening the store: %w", err)
			}
		}
		if strings.Contains(e.Name(), suffixFile+markCorrupt) {
			c.Log.Warn("damaged file is still there", slog.String("file", path),
				slog.String("advice", "plays in it are in no report; keep it for recovery or delete it"))
		}
	}
	return nil
}
