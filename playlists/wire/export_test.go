package wire

import (
	"crypto/ed25519"

	"anteroom/playlists"
)

// ReadHead reads what was signed as a head.
func ReadHead(key ed25519.PublicKey, signed []byte) (playlists.Head, error) {
	return readHead(key, signed)
}

// ReadTakeovers reads what was signed as takeovers.
func ReadTakeovers(key ed25519.PublicKey, signed []byte) (playlists.Takeovers, error) {
	return readTakeovers(key, signed)
}
