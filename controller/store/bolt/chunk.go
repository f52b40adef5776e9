package bolt

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// A chunk is a stream's plays of a day, dense by number: several batches merged until it is large
// enough. Its key is day, stream and first number.
type chunkKey struct {
	day    int32 // of the plays' start, days since 1970 in UTC
	stream [16]byte
	first  uint64
}

const (
	daySize    = 4
	prefixSize = daySize + 16 // of a day's stream, which is a dictionary's key
	keySize    = prefixSize + 8
)

func (k chunkKey) bytes() []byte {
	return binary.BigEndian.AppendUint64(k.prefix(), k.first)
}

func (k chunkKey) prefix() []byte {
	return append(dayKey(k.day), k.stream[:]...)
}

// dayKey is four bytes that sort like the day.
func dayKey(day int32) []byte {
	return binary.BigEndian.AppendUint32(make([]byte, 0, keySize), uint32(day)^1<<31)
}

func parseChunkKey(b []byte) (k chunkKey, err error) {
	if len(b) != keySize {
		return k, fmt.Errorf("%w: key %s names no plays", store.ErrDamaged, readable(b))
	}
	k.day = int32(binary.BigEndian.Uint32(b) ^ 1<<31)
	copy(k.stream[:], b[daySize:])
	k.first = binary.BigEndian.Uint64(b[prefixSize:])
	return k, nil
}

const dayMillis = 24 * 60 * 60 * 1000

// dayOf is the day of an instant, as near as four bytes allow.
func dayOf(t time.Time) int32 {
	ms := t.UnixMilli()
	day := ms / dayMillis
	if ms%dayMillis < 0 {
		day--
	}
	return int32(max(math.MinInt32, min(math.MaxInt32, day)))
}

func streamKey(s playlists.StreamID) (k [16]byte, err error) {
	if n, err := hex.Decode(k[:], []byte(s)[:min(len(s), 32)]); err != nil || n != len(k) || len(s) != 32 {
		return k, fmt.Errorf("%w: stream %q is not 32 hexadecimal digits", playlists.ErrInvalid, s)
	}
	return k, nil
}

func streamOf(k [16]byte) playlists.StreamID { return playlists.StreamID(hex.EncodeToString(k[:])) }

// chunk is an open chunk. Packed, it is the last number less the first, the chain before, and runs.
type chunk struct {
	last   uint64
	before []byte
	runs   []byte
}

func openChunk(k chunkKey, packed []byte) (chunk, error) {
	r := reader{b: packed}
	c := chunk{last: k.first + r.uvarint(), before: r.bytes()}
	c.runs = r.b
	if r.err != nil {
		return chunk{}, fmt.Errorf("chunk %s: %w", readable(k.bytes()), r.err)
	}
	return c, nil
}

func (c *chunk) pack(k chunkKey) []byte {
	b := binary.AppendUvarint(nil, c.last-k.first)
	b = binary.AppendUvarint(b, uint64(len(c.before)))
	return append(append(b, c.before...), c.runs...)
}

// each calls yield with every play of the chunk and when it came.
func (c *chunk) each(k chunkKey, d *dictionary, yield func(playlists.Play, time.Time)) error {
	r := reader{b: c.runs}
	next := k.first
	for len(r.b) > 0 {
		plays, received := r.run(d, next)
		for i := range plays {
			yield(plays[i], received)
		}
		if len(plays) > 0 {
			next = plays[len(plays)-1].Seq + 1
		}
	}
	if r.err == nil && next != c.last+1 {
		r.fail(fmt.Sprintf("it ends at play %d instead of %d", next-1, c.last))
	}
	if r.err != nil {
		return fmt.Errorf("chunk %s: %w", readable(k.bytes()), r.err)
	}
	return nil
}

// chain gives the chain's value after a play of the chunk, or before its first.
func (c *chunk) chain(k chunkKey, d *dictionary, seq uint64) (value []byte, ok bool, err error) {
	value = bytes.Clone(c.before)
	at := k.first - 1
	if at == seq {
		return value, true, nil
	}
	err = c.each(k, d, func(p playlists.Play, _ time.Time) {
		if at < seq {
			value, at = wire.Chain(value, p), p.Seq
		}
	})
	return value, at == seq && err == nil, err
}
