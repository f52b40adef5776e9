package cache

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"anteroom/player/disk"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// Name is where a signed document is kept.
type Name string

// The documents.
const (
	Current   Name = "current"
	Previous  Name = "previous"
	Offered   Name = "offered"
	Takeovers Name = "takeovers"
)

func (c *Cache) documentPath(n Name) string { return filepath.Join(c.cfg.Dir, string(n)+".json") }

// Save keeps a signed document under a name, in place of the one before.
func (c *Cache) Save(n Name, s wire.Signed) error {
	enc, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("saving %s: %w", n, err)
	}
	return disk.Write(c.documentPath(n), enc)
}

// Load gives a signed document; [playlists.ErrNotFound] if there is none. Whoever uses it checks its
// signature.
func (c *Cache) Load(n Name) (wire.Signed, error) {
	enc, err := os.ReadFile(c.documentPath(n))
	if errors.Is(err, os.ErrNotExist) {
		return wire.Signed{}, fmt.Errorf("loading %s: %w", n, playlists.ErrNotFound)
	}
	var s wire.Signed
	if err == nil {
		err = json.Unmarshal(enc, &s)
	}
	if err != nil {
		return wire.Signed{}, fmt.Errorf("loading %s: %w", n, err)
	}
	return s, nil
}

// Forget removes documents; they need not be there.
func (c *Cache) Forget(names ...Name) error {
	var all error
	for _, n := range names {
		if err := os.Remove(c.documentPath(n)); err != nil && !errors.Is(err, os.ErrNotExist) {
			all = errors.Join(all, fmt.Errorf("forgetting %s: %w", n, err))
		}
	}
	return all
}

// Promote makes the offered head current, and the current one previous. A power cut in between leaves
// the offered one, which is promoted again.
func (c *Cache) Promote() error {
	offered, err := c.Load(Offered)
	if err != nil {
		return err
	}
	current, err := c.Load(Current)
	if refused := (*os.PathError)(nil); errors.As(err, &refused) {
		return err
	}
	if err == nil && string(current.Bytes) != string(offered.Bytes) {
		if err := c.Save(Previous, current); err != nil {
			return err
		}
	}
	if err := c.Save(Current, offered); err != nil {
		return err
	}
	return c.Forget(Offered)
}

// SaveBody keeps a body's encoding, if it is what its digest says.
func (c *Cache) SaveBody(d playlists.Digest, enc []byte) error {
	if len(enc) > maxDocument || wire.DigestOf(enc) != d || !isDigest(d) {
		return fmt.Errorf("saving body %s: %w", d, ErrWrong)
	}
	return disk.Write(filepath.Join(c.cfg.Dir, "bodies", string(d)), enc)
}

// LoadBody gives a body that is there and what its digest says.
func (c *Cache) LoadBody(d playlists.Digest) (*playlists.Body, error) {
	if !isDigest(d) {
		return nil, fmt.Errorf("loading body %q: %w", d, playlists.ErrInvalid)
	}
	enc, err := os.ReadFile(filepath.Join(c.cfg.Dir, "bodies", string(d)))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("loading body %s: %w", d, playlists.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("loading body %s: %w", d, err)
	}
	if wire.DigestOf(enc) != d {
		return nil, fmt.Errorf("loading body %s: %w", d, ErrWrong)
	}
	return wire.DecodeBody(enc)
}
