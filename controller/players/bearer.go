package players

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// A bearer is the player's 16 bytes, the second of expiry, and an HMAC over both and the pairing that
// it belongs to, in base64.
const (
	bearerNames = 16 + 8
	bearerSize  = bearerNames + sha256.Size
)

// Bearer makes a token that opens HTTP to a paired player for [wire.BearerLife].
func (r *Registry) Bearer(player playlists.PlayerID) (wire.Bearer, error) {
	p, ok := r.Player(player)
	id, err := hex.DecodeString(string(player))
	if !ok || err != nil || p.Revoked() || len(id) != 16 {
		return wire.Bearer{}, fmt.Errorf("bearer of player %s: %w", player, playlists.ErrDenied)
	}
	expires := r.now().Add(wire.BearerLife).Truncate(time.Second).UTC()
	b := binary.BigEndian.AppendUint64(id, uint64(expires.Unix()))
	b = append(b, r.seal(b, p.PairedAt)...)
	return wire.Bearer{Token: base64.RawURLEncoding.EncodeToString(b), Expires: expires}, nil
}

func (r *Registry) seal(names []byte, pairedAt time.Time) []byte {
	mac := hmac.New(sha256.New, r.secret)
	mac.Write(names)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(pairedAt.UnixNano())))
	return mac.Sum(nil)
}

// OpenBearer gives the player that a token was made for. A token that is forged, expired, or of a
// player since revoked or paired anew is [playlists.ErrDenied].
func (r *Registry) OpenBearer(token string) (playlists.PlayerID, error) {
	denied := fmt.Errorf("bearer: %w", playlists.ErrDenied)
	if len(token) != base64.RawURLEncoding.EncodedLen(bearerSize) {
		return "", denied
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return "", denied
	}
	names, mac := b[:bearerNames], b[bearerNames:]
	p, ok := r.Player(playlists.PlayerID(hex.EncodeToString(names[:16])))
	if !hmac.Equal(mac, r.seal(names, p.PairedAt)) || !ok || p.Revoked() {
		return "", denied
	}
	// One that lasts longer than any was made by a clock that was wrong.
	now, expires := r.now(), time.Unix(int64(binary.BigEndian.Uint64(names[16:])), 0)
	if !now.Before(expires) || expires.Sub(now) > 2*wire.BearerLife {
		return "", denied
	}
	return p.ID, nil
}

func slogPlayer(player playlists.PlayerID) slog.Attr { return slog.String("player", string(player)) }

func slogText(text string) slog.Attr { return slog.String("text", text) }
