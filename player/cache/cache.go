// Package cache keeps assets, bodies and the newest signed documents on disk, within a quota.
//
// Assets and bodies are known by their digest. A file is hashed while it is written and appears whole or
// not at all; it is hashed again before it is first shown after a start, whenever it has changed since,
// whenever the stage fails on it, and by a slow scrub. What does not match its digest is removed, and so
// never shown. Current, previous and offered heads and the takeovers are plain files beside them: boot
// needs nothing else.
//
//	assets/ab/abcd…   assets by digest        bodies/abcd…   bodies by digest
//	temp/abcd…        downloads under way     current.json, previous.json, offered.json, takeovers.json
package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"anteroom/player/disk"
	"anteroom/playlists"
)

// Errors that a person should hear of.
var (
	// ErrFull: there is no room for an asset, even after everything unused is gone.
	ErrFull = errors.New("no room on the player's disk")
	// ErrWrong: what came is not what its digest says.
	ErrWrong = errors.New("what arrived is not the asset")
)

// DefaultQuota is how much disk assets may use, in bytes.
const DefaultQuota = 16 << 30

// reserve is how much of the disk is left to others, in bytes.
const reserve = 64 << 20

// maxDocument bounds bodies and signed documents, in bytes.
const maxDocument = 32 << 20

// Config is what a cache needs.
type Config struct {
	// Dir is the cache's own directory; it is made.
	Dir string
	// Quota is how many bytes the assets may take; 0 means [DefaultQuota].
	Quota int64
	// Free tells the bytes left on the disk of a path; nil asks the system.
	Free func(path string) (int64, error)
	// Damaged is told of files that were not as they had been written; nil tells nobody.
	Damaged func(path string)
	Log     *slog.Logger
}

// Cache is safe for use by several goroutines.
type Cache struct {
	cfg Config

	mu       sync.Mutex
	held     map[playlists.Digest]*held
	used     int64
	reserved int64
	marked   map[playlists.Digest]bool
	// unlisted: a directory could not be listed, so that there may be assets that are not in held.
	unlisted bool
}

// held is an asset on disk.
type held struct {
	bytes int64
	// verified holds when the file last matched its digest: its modification time then.
	verified time.Time
	// unusable: it is what its digest says, and yet no picture, video, slide or font.
	unusable error
	// refused counts how often the disk would not give it, since it last did.
	refused int
}

// maxRefused is how often a disk may refuse to give an asset before it is fetched anew.
const maxRefused = 3

// Open makes the directories and lists what is there; it hashes nothing.
func Open(cfg Config) (*Cache, error) {
	if cfg.Quota == 0 {
		cfg.Quota = DefaultQuota
	}
	if cfg.Free == nil {
		cfg.Free = free
	}
	c := &Cache{cfg: cfg, held: map[playlists.Digest]*held{}}
	for _, dir := range []string{"assets", "bodies", "temp"} {
		if err := disk.MakeDir(filepath.Join(cfg.Dir, dir)); err != nil {
			return nil, fmt.Errorf("opening cache: %w", err)
		}
	}
	if err := c.list(); err != nil {
		cfg.Log.Warn("cache not listed whole", slog.Any("error", err))
	}
	return c, nil
}

// list takes in the assets that are there; after an error there may be more.
func (c *Cache) list() error {
	root := filepath.Join(c.cfg.Dir, "assets")
	shards, err := os.ReadDir(root)
	for _, shard := range shards {
		files, listing := os.ReadDir(filepath.Join(root, shard.Name()))
		err = errors.Join(err, listing)
		for _, f := range files {
			if d := playlists.Digest(f.Name()); isDigest(d) {
				_, missed := c.find(d, true)
				err = errors.Join(err, missed)
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unlisted = err != nil
	return err
}

// find gives what is known of an asset, nil if it is not there. It looks on the disk if nothing is known,
// and either look says so or not everything could be listed.
func (c *Cache) find(d playlists.Digest, look bool) (*held, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h := c.held[d]; h != nil || !look && !c.unlisted || !isDigest(d) {
		return h, nil
	}
	info, err := os.Stat(c.path(d))
	if errors.Is(err, os.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	h := &held{bytes: info.Size()}
	c.held[d], c.used = h, c.used+h.bytes
	return h, nil
}

func isDigest(d playlists.Digest) bool {
	b, err := hex.DecodeString(string(d))
	return err == nil && len(b) == sha256.Size
}

func free(path string) (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return 0, fmt.Errorf("free space of %s: %w", path, err)
	}
	return int64(st.Bavail) * st.Bsize, nil
}

func (c *Cache) path(d playlists.Digest) string {
	return filepath.Join(c.cfg.Dir, "assets", string(d[:2]), string(d))
}

// Path gives the file of an asset that is there, whole and usable; it hashes the file if that was not
// done since the start, or if the file has changed since.
func (c *Cache) Path(d playlists.Digest) (string, bool) {
	h, err := c.find(d, false)
	if h == nil || err != nil || h.unusable != nil {
		return "", false
	}
	path := c.path(d)
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) || err == nil && info.Size() != h.bytes {
		c.drop(d, "missing or cut short")
		return "", false
	}
	if err != nil {
		return "", false
	}
	c.mu.Lock()
	fresh := h.verified.Equal(info.ModTime())
	c.mu.Unlock()
	if !fresh && c.Verify(d) != nil {
		return "", false
	}
	return path, true
}

// Has reports whether an asset is there, without looking at what is in it.
func (c *Cache) Has(d playlists.Digest) bool {
	h, err := c.find(d, false)
	return h != nil && err == nil
}

// Verify hashes an asset now, and removes it if it is not what its digest says, or if the disk has refused
// to give it again and again.
func (c *Cache) Verify(d playlists.Digest) error {
	h, err := c.find(d, false)
	if err != nil {
		return fmt.Errorf("verifying %s: %w", d, err)
	}
	if h == nil {
		return fmt.Errorf("verifying %s: %w", d, playlists.ErrNotFound)
	}
	written, err := verify(c.path(d), d)
	switch {
	case errors.Is(err, os.ErrNotExist):
		c.drop(d, "missing")
	case errors.Is(err, ErrWrong):
		c.drop(d, "damaged")
	case errors.Is(err, syscall.EIO) && c.refuse(h) >= maxRefused:
		c.drop(d, "unreadable")
	}
	if err != nil {
		return fmt.Errorf("verifying %s: %w", d, err)
	}
	c.mu.Lock()
	h.verified, h.refused = written, 0
	c.mu.Unlock()
	return nil
}

// verify hashes a file and gives when it was written.
func verify(path string, d playlists.Digest) (time.Time, error) {
	file, err := os.Open(path)
	if err != nil {
		return time.Time{}, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return time.Time{}, err
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return time.Time{}, err
	}
	if hex.EncodeToString(hash.Sum(nil)) != string(d) {
		return time.Time{}, ErrWrong
	}
	return info.ModTime(), nil
}

func (c *Cache) refuse(h *held) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	h.refused++
	return h.refused
}

// drop removes an asset that must not be shown.
func (c *Cache) drop(d playlists.Digest, why string) {
	c.cfg.Log.Warn("asset removed", slog.String("asset", string(d)), slog.String("reason", why))
	if c.cfg.Damaged != nil {
		c.cfg.Damaged(c.path(d))
	}
	c.remove(d)
}

func (c *Cache) remove(d playlists.Digest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h := c.held[d]; h != nil {
		c.used -= h.bytes
		delete(c.held, d)
	}
	if err := os.Remove(c.path(d)); err != nil && !errors.Is(err, os.ErrNotExist) {
		c.cfg.Log.Warn("asset not removed", slog.Any("error", err))
	}
}

// Mark says which assets are in use; all others may go when room is needed, and go with Collect.
func (c *Cache) Mark(inUse map[playlists.Digest]bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.marked = inUse
}

// Collect removes the assets that are not marked, and bodies that keep does not name.
func (c *Cache) Collect(bodies map[playlists.Digest]bool) {
	for _, d := range c.unmarked() {
		c.remove(d)
	}
	names, err := filepath.Glob(filepath.Join(c.cfg.Dir, "bodies", "*"))
	for _, name := range names {
		if !bodies[playlists.Digest(filepath.Base(name))] {
			err = errors.Join(err, os.Remove(name))
		}
	}
	temps, globErr := filepath.Glob(filepath.Join(c.cfg.Dir, "temp", "*"))
	for _, name := range temps {
		if !c.isMarked(playlists.Digest(filepath.Base(name))) {
			err = errors.Join(err, os.Remove(name))
		}
	}
	if err = errors.Join(err, globErr); err != nil {
		c.cfg.Log.Warn("cache not tidied", slog.Any("error", err))
	}
}

func (c *Cache) unmarked() []playlists.Digest {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []playlists.Digest
	for d := range c.held {
		if !c.marked[d] {
			all = append(all, d)
		}
	}
	return all
}

func (c *Cache) isMarked(d playlists.Digest) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.marked[d]
}

// Usage tells the bytes that assets take, and those left on the disk.
func (c *Cache) Usage() (used, left int64) {
	left, err := c.cfg.Free(c.cfg.Dir)
	if err != nil {
		left = 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.used, left
}

// Scrub hashes the asset that was hashed longest ago, and gives its digest if it had to be removed.
func (c *Cache) Scrub(after playlists.Digest) (looked playlists.Digest, removed bool) {
	c.mu.Lock()
	var next, first playlists.Digest
	for d := range c.held {
		if first == "" || d < first {
			first = d
		}
		if d > after && (next == "" || d < next) {
			next = d
		}
	}
	c.mu.Unlock()
	if next == "" {
		next = first
	}
	if next == "" {
		return "", false
	}
	return next, c.Verify(next) != nil && !c.Has(next)
}
