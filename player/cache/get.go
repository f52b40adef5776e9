package cache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"anteroom/player/disk"
	"anteroom/playlists"
)

// Fetch opens the bytes of an asset from offset on; total is the length of the whole.
type Fetch func(ctx context.Context, d playlists.Digest, offset int64) (body io.ReadCloser, total int64, err error)

// Get downloads an asset unless it is there: room first, then a temporary file that resumes where an
// earlier try ended, hashed as it grows, looked at, synced, and renamed into place. [ErrFull] if there
// is no room, [ErrWrong] if what came is something else; nothing of it is kept then.
func (c *Cache) Get(ctx context.Context, a playlists.Asset, fetch Fetch) error {
	if _, ok := c.Path(a.Digest); ok {
		return nil
	}
	if err := c.usable(a); err != nil {
		return err
	}
	if err := c.makeRoom(a); err != nil {
		return err
	}
	defer c.giveBack(a.Bytes)
	if err := c.download(ctx, a, fetch); err != nil {
		return fmt.Errorf("fetching %s: %w", a.Digest, err)
	}
	return nil
}

// usable is the error of an asset that is here and cannot be shown; fetching it again would not help.
func (c *Cache) usable(a playlists.Asset) error {
	if !isDigest(a.Digest) || a.Bytes <= 0 {
		return fmt.Errorf("%w: asset %q of %d bytes", playlists.ErrInvalid, a.Digest, a.Bytes)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if h := c.held[a.Digest]; h != nil {
		return h.unusable
	}
	return nil
}

// makeRoom reserves an asset's bytes, removing what is not marked if that is needed.
func (c *Cache) makeRoom(a playlists.Asset) error {
	if c.take(a.Bytes) {
		return nil
	}
	for _, d := range c.unmarked() {
		c.remove(d)
		if c.take(a.Bytes) {
			return nil
		}
	}
	used, left := c.Usage()
	return fmt.Errorf("%w: an asset needs %d MB; the cache holds %d of %d MB, the disk has %d MB left",
		ErrFull, a.Bytes>>20, used>>20, c.cfg.Quota>>20, left>>20)
}

func (c *Cache) take(n int64) bool {
	left, err := c.cfg.Free(c.cfg.Dir)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.used+c.reserved+n > c.cfg.Quota || err == nil && c.reserved+n+reserve > left {
		return false
	}
	c.reserved += n
	return true
}

func (c *Cache) giveBack(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reserved -= n
}

// download tries to resume once, and starts over if what was resumed turned out wrong.
func (c *Cache) download(ctx context.Context, a playlists.Asset, fetch Fetch) error {
	temp := filepath.Join(c.cfg.Dir, "temp", string(a.Digest))
	resumed, err := c.try(ctx, a, fetch, temp)
	if resumed && errors.Is(err, ErrWrong) {
		_, err = c.try(ctx, a, fetch, temp)
	}
	return err
}

func (c *Cache) try(ctx context.Context, a playlists.Asset, fetch Fetch, temp string) (resumed bool, err error) {
	file, err := os.OpenFile(temp, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return false, err
	}
	sum := sha256.New()
	have, err := startFrom(file, a.Bytes, sum)
	if err == nil && have < a.Bytes {
		err = fill(ctx, file, have, a, fetch, sum)
	}
	if err == nil && hex.EncodeToString(sum.Sum(nil)) != string(a.Digest) {
		err = ErrWrong
	}
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		return have > 0, c.place(a, temp)
	}
	if info, statErr := os.Stat(temp); errors.Is(err, ErrWrong) || statErr == nil && info.Size() == 0 {
		err = errors.Join(err, os.Remove(temp))
	}
	return have > 0, err
}

// startFrom hashes what an earlier try left, and gives its length; 0 if it is of no use.
func startFrom(file *os.File, limit int64, sum hash.Hash) (int64, error) {
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	if info.Size() > limit {
		return 0, file.Truncate(0)
	}
	return io.Copy(sum, file)
}

// fill appends the rest of the asset.
func fill(ctx context.Context, file *os.File, have int64, a playlists.Asset, fetch Fetch, sum io.Writer) error {
	body, total, err := fetch(ctx, a.Digest, have)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	if total != a.Bytes {
		return fmt.Errorf("%w: %d bytes are offered, %d expected", ErrWrong, total, a.Bytes)
	}
	n, err := io.Copy(io.MultiWriter(file, sum), io.LimitReader(body, a.Bytes-have+1))
	switch {
	case err != nil:
		return err
	case have+n > a.Bytes:
		return fmt.Errorf("%w: more than %d bytes came", ErrWrong, a.Bytes)
	case have+n < a.Bytes:
		return fmt.Errorf("%w: %d of %d bytes came", io.ErrUnexpectedEOF, have+n, a.Bytes)
	}
	return nil
}

// place looks at a whole, synced file and moves it to where it is shown from.
func (c *Cache) place(a playlists.Asset, temp string) error {
	path := c.path(a.Digest)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	unusable := look(temp, a.Medium)
	if unusable != nil && !errors.Is(unusable, playlists.ErrInvalid) {
		return unusable // the disk, and not what is on it
	}
	if err := errors.Join(disk.Rename(temp, path), disk.SyncDir(filepath.Join(c.cfg.Dir, "assets"))); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held[a.Digest] == nil {
		c.used += info.Size()
	}
	c.held[a.Digest] = &held{bytes: info.Size(), verified: info.ModTime(), unusable: unusable}
	return unusable
}
