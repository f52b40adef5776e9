package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"anteroom/playlists"
)

// ErrUnknown marks a message of a kind that this version does not know; a receiver ignores it.
var ErrUnknown = errors.New("message of an unknown kind")

// Bounds of what a message may carry, so that one player cannot fill the controller's memory.
const (
	maxShowing  = 16
	maxSetAside = 64
	maxNotes    = 8
	maxValues   = 8
	maxDecoders = 16
	maxText     = 300 // bytes of a title or note
	maxPixels   = 1 << 15
)

// Encode writes a message of which exactly one field is set, as a text frame of at most [MaxFrame] bytes.
func Encode(e Envelope) ([]byte, error) {
	if n := e.count(); n != 1 {
		return nil, fmt.Errorf("%w: a message has exactly one field, this has %d", playlists.ErrInvalid, n)
	}
	b, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encoding message: %w", err)
	}
	if len(b) > MaxFrame {
		return nil, fmt.Errorf("%w: message of %d bytes, the limit is %d", playlists.ErrInvalid, len(b), MaxFrame)
	}
	return b, nil
}

// Decode reads a text frame. A message without a field that it knows is [ErrUnknown]; one with several,
// or with a part out of bounds, is [playlists.ErrInvalid]. Unknown fields are ignored.
func Decode(b []byte) (Envelope, error) {
	if len(b) > MaxFrame {
		return Envelope{}, fmt.Errorf("%w: message of %d bytes, the limit is %d", playlists.ErrInvalid, len(b), MaxFrame)
	}
	var e Envelope
	if err := json.Unmarshal(b, &e); err != nil {
		return Envelope{}, fmt.Errorf("%w: message is not an envelope: %w", playlists.ErrInvalid, err)
	}
	switch n := e.count(); {
	case n == 0:
		return Envelope{}, ErrUnknown
	case n > 1:
		return Envelope{}, fmt.Errorf("%w: message with %d fields instead of one", playlists.ErrInvalid, n)
	}
	if err := e.check(); err != nil {
		return Envelope{}, err
	}
	return e, nil
}

func (e *Envelope) count() int {
	n := 0
	for _, set := range [...]bool{
		e.Challenge != nil, e.Pair != nil, e.Welcome != nil, e.Head != nil, e.Takeovers != nil,
		e.Time != nil, e.Ack != nil, e.Snapshot != nil, e.Order != nil, e.Bearer != nil, e.Revoked != nil,
		e.Hello != nil, e.Heartbeat != nil, e.Drawn != nil,
	} {
		if set {
			n++
		}
	}
	return n
}

func (e *Envelope) check() error {
	switch {
	case e.Challenge != nil:
		return e.Challenge.check()
	case e.Hello != nil:
		return e.Hello.check()
	case e.Welcome != nil:
		return e.Welcome.check()
	case e.Heartbeat != nil:
		return e.Heartbeat.check()
	case e.Ack != nil:
		return wants("ack", isHex128(string(e.Ack.Stream)), "a stream of 32 hexadecimal digits")
	case e.Snapshot != nil:
		return wants("snapshot", playlists.ValidID(e.Snapshot.ID), "an id of lower-case letters, digits and hyphens")
	case e.Order != nil:
		return e.Order.check()
	case e.Drawn != nil:
		return wants("drawn", len(e.Drawn.Takeover) <= 64, "a takeover of at most 64 bytes")
	case e.Pair != nil:
		return wants("pair", len(e.Pair.Code) <= 16, "a code of at most 16 bytes")
	case e.Head != nil:
		return e.Head.check("head")
	case e.Takeovers != nil:
		return e.Takeovers.check("takeovers")
	}
	return nil
}

// wants turns a broken rule into an error.
func wants(what string, ok bool, rule string) error {
	if ok {
		return nil
	}
	return fmt.Errorf("%w: %s wants %s", playlists.ErrInvalid, what, rule)
}

func (s *Signed) check(what string) error {
	return wants(what, len(s.Signature) == signatureSize, "a signature of 64 bytes")
}

func (c *Challenge) check() error {
	return errors.Join(
		wants("challenge", len(c.Key) == keySize, "a key of 32 bytes"),
		wants("challenge", len(c.Nonce) == NonceSize, "a nonce of 32 bytes"),
		wants("challenge", isHex128(string(c.Controller)), "a controller of 32 hexadecimal digits"),
	)
}

func (h *Hello) check() error {
	return errors.Join(
		wants("hello", len(h.Key) == keySize, "a key of 32 bytes"),
		wants("hello", len(h.Nonce) == NonceSize, "a nonce of 32 bytes"),
		wants("hello", len(h.Signature) == signatureSize, "a signature of 64 bytes"),
		wants("hello", isHex128(string(h.Player)), "a player of 32 hexadecimal digits"),
		wants("hello", isHex128(string(h.Stream)), "a stream of 32 hexadecimal digits"),
		wants("hello", len(h.Software) <= 100, "at most 100 bytes of software version"),
		wants("hello", sane(h.Abilities), "abilities within reason"),
		h.State.check(),
	)
}

func sane(a playlists.Abilities) bool {
	for _, d := range a.Decoders {
		if len(d) > 32 {
			return false
		}
	}
	return a.Width >= 0 && a.Width <= maxPixels && a.Height >= 0 && a.Height <= maxPixels && len(a.Decoders) <= maxDecoders
}

func (s *State) check() error {
	return errors.Join(
		wants("state", len(s.Screen) <= 64, "a screen of at most 64 bytes"),
		wants("state", len(s.Body) <= 64, "a body of at most 64 bytes"),
		wants("state", len(s.Chain) <= 32, "a chain of at most 32 bytes"),
	)
}

func (w *Welcome) check() error {
	spread := time.Duration(w.SpreadMillis) * time.Millisecond
	return errors.Join(
		wants("welcome", len(w.Signature) == signatureSize, "a signature of 64 bytes"),
		wants("welcome", w.SpreadMillis >= 0 && w.SpreadMillis <= MaxSpread.Milliseconds() && spread <= MaxSpread, "a spread of at most an hour"),
		wants("welcome", playlists.ValidID(string(w.Screen)), "a screen"),
		w.Unkept.check(),
	)
}

// maxUnkept is more plays than a player's memory has room for.
const maxUnkept = 1 << 24

func (u *Unkept) check() error {
	ok := u == nil || u.Run != "" && len(u.Run) <= 64 && u.Plays <= maxUnkept
	return wants("plays that are not kept", ok, "the name of a run, and at most 16,777,216 plays")
}

func tooLong(text string) bool { return len(text) > maxText }

func (h *Heartbeat) check() error {
	ok := len(h.Health.Stage) <= 32 && len(h.Health.Source) <= 32 && len(h.Health.Window) <= 64 &&
		len(h.Health.Display) <= 32 && len(h.Health.Clock) <= 32
	for _, n := range h.Health.Notes {
		ok = ok && len(n) <= maxText
	}
	for _, p := range h.Health.Said {
		ok = ok && len(p.Code) <= maxText && len(p.Values) <= maxValues && !slices.ContainsFunc(p.Values, tooLong)
	}
	for _, s := range slices.Concat(h.Health.Showing, h.Health.Next) {
		ok = ok && len(s.Title) <= maxText && len(s.Region) <= maxText && len(s.Item) <= 64 && len(s.Language) <= 64
	}
	for _, d := range h.Health.SetAside {
		ok = ok && len(d) <= 64
	}
	return errors.Join(
		h.State.check(),
		h.Health.Unkept.check(),
		h.Health.Done.check(),
		wants("heartbeat", len(h.Health.Showing) <= maxShowing && len(h.Health.Next) <= maxShowing, "at most 16 regions"),
		wants("heartbeat", len(h.Health.SetAside) <= maxSetAside, "at most 64 assets set aside"),
		wants("heartbeat", len(h.Health.Notes) <= maxNotes, "at most 8 notes"),
		wants("heartbeat", len(h.Health.Said) == 0 || len(h.Health.Said) == len(h.Health.Notes), "a phrase for each note, or none"),
		wants("heartbeat", ok, "shorter texts"),
	)
}
