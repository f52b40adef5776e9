// Package content keeps the bytes of assets by their digest.
//
// A file is there whole or not at all: bytes go to a temporary file while they are hashed, then to the
// disk, then under their name. What is there is never changed; but disks rot, so a file is hashed before it
// is first given out after a start, and whenever it looks changed since.
package content

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"anteroom/controller/disk"
	"anteroom/playlists"
)

// ErrDamaged says that the bytes on disk are not those of the digest; putting the right ones heals it.
var ErrDamaged = errors.New("damaged")

// nameIncoming is the folder of files that are being written.
const nameIncoming = "incoming"

// Content is a folder of files named by digest, in subfolders by its first two digits.
type Content struct {
	dir string

	mu     sync.Mutex
	looked map[playlists.Digest]*look
}

// look is what a file was like when it was last found to be what its digest says. Its mutex is held while
// the file is hashed, so that of many who ask at once one does that.
type look struct {
	mu       sync.Mutex
	size     int64
	modified time.Time
}

// Open opens or makes the folder, and removes what interrupted writes left. One process may write.
func Open(dir string) (*Content, error) {
	incoming := filepath.Join(dir, nameIncoming)
	if err := os.RemoveAll(incoming); err != nil {
		return nil, fmt.Errorf("cleaning the store of assets: %w", err)
	}
	if err := os.MkdirAll(incoming, 0o700); err != nil {
		return nil, fmt.Errorf("opening the store of assets: %w", err)
	}
	return &Content{dir: dir}, nil
}

// At is a folder that another process keeps, for reading alone.
func At(dir string) *Content { return &Content{dir: dir} }

// All lists the digests of which there are files, ascending.
func (c *Content) All() ([]playlists.Digest, error) {
	shards, err := os.ReadDir(c.dir)
	if err != nil {
		return nil, fmt.Errorf("listing assets: %w", err)
	}
	var all []playlists.Digest
	for _, shard := range shards {
		if !shard.IsDir() || len(shard.Name()) != 2 {
			continue
		}
		files, err := os.ReadDir(filepath.Join(c.dir, shard.Name()))
		if err != nil {
			return nil, fmt.Errorf("listing assets: %w", err)
		}
		for _, f := range files {
			d := playlists.Digest(f.Name())
			if valid(d) && string(d[:2]) == shard.Name() && f.Type().IsRegular() {
				all = append(all, d)
			}
		}
	}
	return all, nil
}

// Put stores what r gives, durably, and returns its digest and size. After an error it is there whole, or
// not at all.
func (c *Content) Put(ctx context.Context, r io.Reader) (digest playlists.Digest, size int64, err error) {
	f, err := os.CreateTemp(filepath.Join(c.dir, nameIncoming), "*")
	if err != nil {
		return "", 0, fmt.Errorf("storing an asset: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // gone already if the rename succeeded
		}
	}()
	sum := sha256.New()
	size, err = fill(f, sum, while(ctx, r))
	if err != nil {
		return "", 0, fmt.Errorf("storing an asset: %w", err)
	}
	digest = playlists.Digest(hex.EncodeToString(sum.Sum(nil)))
	if err := c.name(f.Name(), digest); err != nil {
		return "", 0, fmt.Errorf("storing asset %s: %w", digest, err)
	}
	return digest, size, nil
}

// fill copies r to f and sum, and f to the disk.
func fill(f *os.File, sum hash.Hash, r io.Reader) (int64, error) {
	size, err := io.Copy(io.MultiWriter(f, sum), r)
	if err == nil {
		err = f.Chmod(0o440)
	}
	if err == nil {
		err = f.Sync()
	}
	return size, errors.Join(err, f.Close())
}

// name moves a file that is on the disk under its digest. A file that is there already is replaced by
// the same bytes, which heals it if it was damaged.
func (c *Content) name(temporary string, digest playlists.Digest) error {
	path := c.Path(digest)
	shard := filepath.Dir(path)
	if err := os.Mkdir(shard, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return err
	}
	return errors.Join(disk.SyncDir(shard), disk.SyncDir(c.dir)) // an earlier try may have made the shard
}

// readFunc is a reader in one function.
type readFunc func(b []byte) (int, error)

func (f readFunc) Read(b []byte) (int, error) { return f(b) }

// while is r for as long as a context lasts.
func while(ctx context.Context, r io.Reader) io.Reader {
	return readFunc(func(b []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return r.Read(b)
	})
}

// Path is where the bytes of a digest are, if they are there; "" for what is no digest.
func (c *Content) Path(digest playlists.Digest) string {
	if !valid(digest) {
		return ""
	}
	return filepath.Join(c.dir, string(digest[:2]), string(digest))
}

// valid keeps anything that is not a digest from becoming a path.
func valid(digest playlists.Digest) bool {
	if len(digest) != 2*sha256.Size {
		return false
	}
	for _, c := range []byte(digest) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Open opens the bytes of a digest; [playlists.ErrNotFound] if they are not there, [ErrDamaged] if they are
// others.
func (c *Content) Open(digest playlists.Digest) (*os.File, int64, error) {
	f, err := c.open(digest)
	if err != nil {
		return nil, 0, err
	}
	size, err := c.once(f, digest)
	if err != nil {
		return nil, 0, fmt.Errorf("opening asset %s: %w", digest, errors.Join(err, f.Close()))
	}
	return f, size, nil
}

func (c *Content) open(digest playlists.Digest) (*os.File, error) {
	if !valid(digest) {
		return nil, notFound(digest)
	}
	f, err := os.Open(c.Path(digest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notFound(digest)
	}
	if err != nil {
		return nil, fmt.Errorf("opening asset %s: %w", digest, err)
	}
	return f, nil
}

// once hashes a file, unless that was done since the start and the file looks the same, and gives its size.
func (c *Content) once(f *os.File, digest playlists.Digest) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	l := c.look(digest)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.size == info.Size() && l.modified.Equal(info.ModTime()) {
		return l.size, nil
	}
	if err := check(f, digest); err != nil {
		return 0, err
	}
	l.size, l.modified = info.Size(), info.ModTime()
	_, err = f.Seek(0, io.SeekStart)
	return l.size, err
}

func (c *Content) look(digest playlists.Digest) *look {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.looked == nil {
		c.looked = map[playlists.Digest]*look{}
	}
	l, ok := c.looked[digest]
	if !ok {
		l = &look{}
		c.looked[digest] = l
	}
	return l
}

// check reads all of r and compares.
func check(r io.Reader, digest playlists.Digest) error {
	sum := sha256.New()
	if _, err := io.Copy(sum, r); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != string(digest) {
		return fmt.Errorf("%w: its bytes have the digest %s", ErrDamaged, got)
	}
	return nil
}

func notFound(digest playlists.Digest) error {
	return fmt.Errorf("asset %q: %w", digest, playlists.ErrNotFound)
}

// Has reports whether there are bytes under a digest.
func (c *Content) Has(digest playlists.Digest) bool {
	if !valid(digest) {
		return false
	}
	info, err := os.Stat(c.Path(digest))
	return err == nil && info.Mode().IsRegular()
}

// Verify reads the bytes of a digest and compares: [ErrDamaged] if they are others, and
// [playlists.ErrNotFound] if there are none.
func (c *Content) Verify(ctx context.Context, digest playlists.Digest) error {
	f, err := c.open(digest)
	if err != nil {
		return err
	}
	if err := errors.Join(check(while(ctx, f), digest), f.Close()); err != nil {
		return fmt.Errorf("reading asset %s: %w", digest, err)
	}
	return nil
}

// Remove deletes the bytes of a digest; that there are none is no error.
func (c *Content) Remove(digest playlists.Digest) error {
	if !valid(digest) {
		return nil
	}
	c.mu.Lock()
	delete(c.looked, digest)
	c.mu.Unlock()
	if err := os.Remove(c.Path(digest)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing asset %s: %w", digest, err)
	}
	return nil
}
