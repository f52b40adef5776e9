// Package identity keeps who a player is: its key, and the controller and screen it is paired with.
//
// There are two copies, each with a checksum and written whole or not at all, one after the other: a
// power cut or a file of length zero costs nothing. The key never leaves the machine and is never
// replaced while a good copy is left.
package identity

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"anteroom/player/disk"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// Identity is safe for concurrent use.
type Identity struct {
	dir     string
	notes   []playlists.Remark
	mu      sync.Mutex
	current record
	key     ed25519.PrivateKey // of current's seed: a signature should not begin with deriving it
}

// Open reads the identity kept in dir, or makes one on the first start. A copy that is damaged or cannot
// be read is replaced from the other, as soon as that can be written; if both are damaged they are set
// aside, a new key is made, and [Identity.Notes] says so. That neither can be read (permissions, a failing
// disk) is an error.
func Open(dir string) (*Identity, error) {
	i := &Identity{dir: dir}
	found, damaged, err := i.read()
	if err != nil {
		return nil, err
	}
	switch {
	case found == nil:
		if err := i.begin(damaged); err != nil {
			return nil, err
		}
	case len(damaged) > 0 || found.stale:
		i.takeLocked(found.record)
		err := i.write(found.record)
		for _, name := range damaged {
			note := playlists.Noted("%s was damaged: written again from the other copy", name)
			if err != nil {
				note = playlists.Noted("%s was damaged: it could not be written again: %v", name, err)
			}
			i.notes = append(i.notes, note)
		}
	default:
		i.takeLocked(found.record)
	}
	return i, nil
}

// Key is the player's private key.
func (i *Identity) Key() ed25519.PrivateKey {
	i.mu.Lock()
	defer i.mu.Unlock()
	return bytes.Clone(i.key)
}

// Player names this player.
func (i *Identity) Player() playlists.PlayerID {
	return wire.PlayerIDOf(public(i.Key()))
}

// Controller is the pinned controller's key; false while the player is not paired.
func (i *Identity) Controller() (ed25519.PublicKey, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return bytes.Clone(i.current.Controller), len(i.current.Controller) > 0
}

// Screen is the place that staff have chosen; empty while the player is not paired.
func (i *Identity) Screen() playlists.ScreenID {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.current.Screen
}

// Notes are faults found at start that a person should know of.
func (i *Identity) Notes() []playlists.Remark { return i.notes }

// Pin pairs the player with a controller and a screen, durably. A player that has pinned one
// controller refuses another with [playlists.ErrDenied] until [Identity.Unpair]; another screen of the
// same controller is a move.
func (i *Identity) Pin(controller ed25519.PublicKey, screen playlists.ScreenID) error {
	if len(controller) != ed25519.PublicKeySize || !playlists.ValidID(string(screen)) {
		return fmt.Errorf("%w: pairing needs a controller's key and a screen", playlists.ErrInvalid)
	}
	return i.change(func(r *record) error {
		if len(r.Controller) > 0 && !bytes.Equal(r.Controller, controller) {
			return fmt.Errorf("%w: this player is paired with another controller; unpair it first", playlists.ErrDenied)
		}
		r.Controller, r.Screen = bytes.Clone(controller), screen
		return nil
	})
}

// Unpair forgets the controller and the screen, durably; the key stays.
func (i *Identity) Unpair() error {
	return i.change(func(r *record) error {
		r.Controller, r.Screen = nil, ""
		return nil
	})
}

// change writes a changed record unless nothing has changed.
func (i *Identity) change(edit func(*record) error) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	next := i.current
	if err := edit(&next); err != nil {
		return err
	}
	if next.same(&i.current) {
		return nil
	}
	return i.writeLocked(next)
}

func (i *Identity) write(r record) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.writeLocked(r)
}

// writeLocked writes both copies under the next serial number.
func (i *Identity) writeLocked(r record) error {
	r.Serial++
	b, err := r.encode()
	if err != nil {
		return err
	}
	for _, name := range copies() {
		if err := disk.Write(filepath.Join(i.dir, name), b); err != nil {
			return fmt.Errorf("keeping the identity: %w", err)
		}
	}
	i.takeLocked(r)
	return nil
}

func (i *Identity) takeLocked(r record) {
	if i.key == nil {
		i.key = ed25519.NewKeyFromSeed(r.Seed)
	}
	i.current = r
}

// begin makes the first key of a player, setting aside what cannot be read.
func (i *Identity) begin(damaged []string) error {
	if err := disk.MakeDir(i.dir); err != nil {
		return fmt.Errorf("making the identity's directory: %w", err)
	}
	for _, name := range damaged {
		path := filepath.Join(i.dir, name)
		if err := os.Rename(path, path+".damaged"); err != nil {
			return fmt.Errorf("setting a damaged identity aside: %w", err)
		}
	}
	for _, name := range damaged {
		i.notes = append(i.notes, playlists.Noted("%s was damaged: no good copy was left: the player has a new key and must be paired again", name))
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return fmt.Errorf("making a key: %w", err)
	}
	return i.write(record{Version: recordVersion, Seed: key.Seed()})
}

// found is the newest good record; stale if a copy is older or missing.
type found struct {
	record

	stale bool
}

// read gives the newest good record, if any, and the names of copies that are damaged or cannot be read.
func (i *Identity) read() (newest *found, damaged []string, err error) {
	good := 0
	var unread error
	for _, name := range copies() {
		b, err := os.ReadFile(filepath.Join(i.dir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			unread = errors.Join(unread, fmt.Errorf("reading the identity: %w", err))
			damaged = append(damaged, name)
			continue
		}
		r, err := decode(b)
		if errors.Is(err, errNewer) {
			return nil, nil, err
		}
		if err != nil {
			damaged = append(damaged, name)
			continue
		}
		good++
		switch {
		case newest == nil:
			newest = &found{record: r}
		case r.Serial != newest.Serial:
			newest.stale = true
			if r.Serial > newest.Serial {
				newest.record = r
			}
		}
	}
	if newest == nil && unread != nil {
		return nil, nil, unread
	}
	if newest != nil && good < len(copies()) {
		newest.stale = true
	}
	return newest, damaged, nil
}

func copies() []string { return []string{"identity.json", "identity.copy.json"} }

func public(key ed25519.PrivateKey) ed25519.PublicKey {
	pub, _ := key.Public().(ed25519.PublicKey)
	return pub
}
