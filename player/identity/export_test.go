package identity

import "crypto/ed25519"

// Decode reads one copy of an identity, and gives the key's seed.
func Decode(b []byte) (seed []byte, err error) {
	r, err := decode(b)
	return r.Seed, err
}

// SeedSize is how long a seed is.
const SeedSize = ed25519.SeedSize
