package wire

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"anteroom/playlists"
)

// MaxBatch is the most plays that one batch may carry.
const MaxBatch = 1024

// batchVersion begins every binary frame.
const batchVersion = 1

// Batch is a run of one stream's plays on their way to the controller.
type Batch struct {
	Player playlists.PlayerID
	Stream playlists.StreamID
	// First and Last are the numbers that the plays cover, gap records included.
	First, Last uint64
	// Before is the chain's value before the first play, After its value after the last.
	Before, After []byte
	Plays         []playlists.Play
	// Signature is the player's over [BatchBytes].
	Signature []byte
}

// BatchBytes is what a player signs for a batch.
func BatchBytes(stream playlists.StreamID, first, last uint64, after []byte) []byte {
	return playsContext.bind([]byte(stream), binary.BigEndian.AppendUint64(nil, first), binary.BigEndian.AppendUint64(nil, last), after)
}

// NewBatch makes and signs the batch of plays that follow a chain of value before. The plays must be
// dense; [playlists.ErrInvalid] if they are not, or if there are none or too many.
func NewBatch(key ed25519.PrivateKey, stream playlists.StreamID, before []byte, plays []playlists.Play) (Batch, error) {
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok || len(plays) == 0 {
		return Batch{}, fmt.Errorf("%w: a batch needs a key and at least one play", playlists.ErrInvalid)
	}
	b := Batch{
		Player: PlayerIDOf(public), Stream: stream, First: firstOf(&plays[0]), Last: plays[len(plays)-1].Seq,
		Before: before, Plays: plays,
	}
	after, err := b.chain()
	if err != nil {
		return Batch{}, err
	}
	b.After = after
	b.Signature = ed25519.Sign(key, BatchBytes(b.Stream, b.First, b.Last, b.After))
	return b, nil
}

// Verify checks a batch as a whole: the key is the player's, the numbers are dense, the chain leads
// from Before through the plays to After (from the stream's start, if the first number is 1), and the
// signature is the key's. What is wrong with the sender is [playlists.ErrDenied], with the plays
// [playlists.ErrInvalid].
func (b *Batch) Verify(key ed25519.PublicKey) error {
	if len(key) != keySize || PlayerIDOf(key) != b.Player {
		return fmt.Errorf("%w: batch of player %s under another's key", playlists.ErrDenied, b.Player)
	}
	if !ed25519.Verify(key, BatchBytes(b.Stream, b.First, b.Last, b.After), b.Signature) {
		return fmt.Errorf("%w: batch is not signed by player %s", playlists.ErrDenied, b.Player)
	}
	after, err := b.chain()
	if err != nil {
		return err
	}
	if !bytes.Equal(after, b.After) {
		return fmt.Errorf("%w: the chain of plays %d to %d does not lead where the batch says", playlists.ErrInvalid, b.First, b.Last)
	}
	return nil
}

// chain walks the plays, checking that their numbers are dense from First to Last.
func (b *Batch) chain() ([]byte, error) {
	if err := b.checkStart(); err != nil {
		return nil, err
	}
	chain, next := b.Before, b.First
	for i := range b.Plays {
		p := &b.Plays[i]
		if firstOf(p) != next || p.Seq < next {
			return nil, fmt.Errorf("%w: play %d where %d should follow", playlists.ErrInvalid, firstOf(p), next)
		}
		chain, next = Chain(chain, *p), p.Seq+1
	}
	if next != b.Last+1 {
		return nil, fmt.Errorf("%w: batch ends at %d instead of %d", playlists.ErrInvalid, next-1, b.Last)
	}
	return chain, nil
}

func (b *Batch) checkStart() error {
	start, err := ChainStart(b.Stream)
	if err != nil {
		return err
	}
	if b.First == 1 && !bytes.Equal(b.Before, start) {
		return fmt.Errorf("%w: the first batch of a stream does not begin at the stream's id", playlists.ErrInvalid)
	}
	if b.First == 0 || len(b.Plays) == 0 || len(b.Plays) > MaxBatch {
		return fmt.Errorf("%w: a batch has 1 to %d plays, numbered from 1", playlists.ErrInvalid, MaxBatch)
	}
	return nil
}

// firstOf is the first number that a record stands for: its own, or the first of a gap; 0 if the gap is absurd.
func firstOf(p *playlists.Play) uint64 {
	if p.Lost <= 0 {
		return p.Seq
	}
	if uint64(p.Lost) > p.Seq {
		return 0
	}
	return p.Seq - uint64(p.Lost) + 1
}

// EncodeBatch writes a batch as a binary frame of at most [MaxFrame] bytes: version, player, stream,
// first, last - first, before, after, signature, packed plays.
func EncodeBatch(b Batch) ([]byte, error) {
	if !isHex128(string(b.Player)) || !isHex128(string(b.Stream)) {
		return nil, fmt.Errorf("%w: player and stream of a batch are 32 hexadecimal digits", playlists.ErrInvalid)
	}
	if len(b.After) != ChainSize || len(b.Signature) != signatureSize || len(b.Before) > ChainSize {
		return nil, fmt.Errorf("%w: batch without chain or signature", playlists.ErrInvalid)
	}
	ids, err := hex.DecodeString(string(b.Player) + string(b.Stream))
	if err != nil {
		return nil, fmt.Errorf("encoding batch: %w", err)
	}
	enc := append([]byte{batchVersion}, ids...)
	enc = binary.AppendUvarint(enc, b.First)
	enc = binary.AppendUvarint(enc, b.Last-b.First)
	enc = appendBytes(enc, b.Before)
	enc = append(append(enc, b.After...), b.Signature...)
	enc = append(enc, PackPlays(b.Plays)...)
	if len(enc) > MaxFrame {
		return nil, fmt.Errorf("%w: batch of %d bytes, the limit is %d: send fewer plays", playlists.ErrInvalid, len(enc), MaxFrame)
	}
	return enc, nil
}

// DecodeBatch reads a binary frame. It checks form and bounds alone: [Batch.Verify] must follow.
func DecodeBatch(frame []byte) (Batch, error) {
	if len(frame) > MaxFrame {
		return Batch{}, fmt.Errorf("%w: batch of %d bytes, the limit is %d", playlists.ErrInvalid, len(frame), MaxFrame)
	}
	r := reader{b: frame}
	if v := r.take(1); r.err == nil && v[0] != batchVersion {
		r.fail(fmt.Sprintf("batch of version %d, this reads %d", v[0], batchVersion))
	}
	b := Batch{
		Player: playlists.PlayerID(hex.EncodeToString(r.take(16))),
		Stream: playlists.StreamID(hex.EncodeToString(r.take(16))),
		First:  r.uvarint(),
	}
	b.Last = b.First + r.uvarint()
	b.Before = bytes.Clone(r.take(r.uvarint()))
	b.After = bytes.Clone(r.take(ChainSize))
	b.Signature = bytes.Clone(r.take(signatureSize))
	if r.err != nil {
		return Batch{}, fmt.Errorf("batch: %w", r.err)
	}
	plays, err := unpack(reader{b: r.b, most: MaxBatch, longest: maxText})
	if err != nil {
		return Batch{}, fmt.Errorf("batch: %w", err)
	}
	b.Plays = plays
	if err := b.check(); err != nil {
		return Batch{}, err
	}
	return b, nil
}

// Bounds of a play; sums over plays stay far from overflow.
const (
	maxPlayMillis = 8 * 24 * 60 * 60 * 1000 // a whole occurrence lasts at most 7 days
	maxStart      = 253402300799999         // the end of 9999, in milliseconds since 1970
	minStart      = -62135596800000         // the zero time
	maxOffset     = 26 * 60 * 60            // RFC 8536 section 3.2
)

// check refuses what could not be shown, summed or stored.
func (b *Batch) check() error {
	if len(b.Before) > ChainSize {
		return fmt.Errorf("%w: batch with a chain of %d bytes", playlists.ErrInvalid, len(b.Before))
	}
	for i := range b.Plays {
		if why := wrong(&b.Plays[i]); why != "" {
			return fmt.Errorf("%w: play %d: %s", playlists.ErrInvalid, b.Plays[i].Seq, why)
		}
	}
	return nil
}

// wrong says what is out of bounds in a play, but for its texts; empty if nothing is.
func wrong(p *playlists.Play) string {
	start := p.Start.UnixMilli()
	switch {
	case start < minStart || start > maxStart || p.Offset < -maxOffset || p.Offset > maxOffset:
		return "a start that is no time"
	case p.Shown < 0 || p.Shown > maxPlayMillis || p.Planned < 0 || p.Planned > maxPlayMillis:
		return "a length that cannot be"
	case p.Version < 0 || p.Condensed < 0 || p.Lost < 0:
		return "a count below zero"
	}
	return ""
}
