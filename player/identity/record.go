package identity

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

const recordVersion = 1

// errNewer keeps an older program from replacing a key that it cannot read.
var errNewer = errors.New("the identity was written by a newer version of the player: update the player")

// record is what a copy holds.
type record struct {
	Version int `json:"version"`
	// Serial grows with every write; of two good copies the higher is newer.
	Serial     uint64             `json:"serial"`
	Seed       []byte             `json:"seed"` // RFC 8032's private key
	Controller []byte             `json:"controller,omitempty"`
	Screen     playlists.ScreenID `json:"screen,omitempty"`
}

// sealed is a record with the SHA-256 of its exact bytes.
type sealed struct {
	Record json.RawMessage  `json:"record"`
	Sum    playlists.Digest `json:"sha256"`
}

func (r *record) same(as *record) bool {
	return bytes.Equal(r.Seed, as.Seed) && bytes.Equal(r.Controller, as.Controller) && r.Screen == as.Screen
}

func (r *record) encode() ([]byte, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encoding the identity: %w", err)
	}
	b, err = json.Marshal(sealed{Record: b, Sum: wire.DigestOf(b)})
	if err != nil {
		return nil, fmt.Errorf("sealing the identity: %w", err)
	}
	return append(b, '\n'), nil
}

func decode(b []byte) (record, error) {
	var s sealed
	var r record
	if err := json.Unmarshal(b, &s); err != nil {
		return r, fmt.Errorf("%w: not an identity: %w", playlists.ErrInvalid, err)
	}
	if wire.DigestOf(s.Record) != s.Sum {
		return r, fmt.Errorf("%w: identity with a wrong checksum", playlists.ErrInvalid)
	}
	if err := json.Unmarshal(s.Record, &r); err != nil {
		return r, fmt.Errorf("%w: not an identity: %w", playlists.ErrInvalid, err)
	}
	if r.Version > recordVersion {
		return r, errNewer
	}
	if r.Version != recordVersion || len(r.Seed) != ed25519.SeedSize ||
		(len(r.Controller) != 0 && len(r.Controller) != ed25519.PublicKeySize) {
		return r, fmt.Errorf("%w: identity of version %d", playlists.ErrInvalid, r.Version)
	}
	return r, nil
}
