package wire

import (
	"encoding/json"
	"fmt"

	"anteroom/playlists"
)

// MaxBody is the largest encoded body that a player accepts, in bytes.
const MaxBody = 16 << 20

// EncodeBody gives the one encoding of a body and the digest that names it.
func EncodeBody(b *playlists.Body) ([]byte, playlists.Digest, error) {
	enc, err := json.Marshal(b)
	if err != nil {
		return nil, "", fmt.Errorf("encoding body: %w", err)
	}
	if len(enc) > MaxBody {
		return nil, "", fmt.Errorf("%w: body of %d bytes, the limit is %d: schedule fewer items on one screen", playlists.ErrInvalid, len(enc), MaxBody)
	}
	return enc, DigestOf(enc), nil
}

// DecodeBody reads a body and validates it whole; a body of a newer format is [playlists.ErrInvalid].
func DecodeBody(enc []byte) (*playlists.Body, error) {
	if len(enc) > MaxBody {
		return nil, fmt.Errorf("%w: body of %d bytes, the limit is %d", playlists.ErrInvalid, len(enc), MaxBody)
	}
	b := new(playlists.Body)
	if err := json.Unmarshal(enc, b); err != nil {
		return nil, fmt.Errorf("%w: body is not readable: %w", playlists.ErrInvalid, err)
	}
	if b.Format < 1 || b.Format > playlists.BodyFormat {
		return nil, fmt.Errorf("%w: body of format %d; update the player, which reads up to %d", playlists.ErrInvalid, b.Format, playlists.BodyFormat)
	}
	if err := b.Validate(); err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	return b, nil
}
