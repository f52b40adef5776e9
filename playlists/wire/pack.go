package wire

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"anteroom/playlists"
)

// Packed plays, all numbers as varints (zigzag where they may fall):
//
//	version 1
//	count of texts, then each: length*2 (+1: bytes to be read as hexadecimal), bytes
//	count of kinds, then each: mask of fields that differ from the kind before, their values
//	        (texts as indices)
//	count of plays, then each: kind*4 + 1 if Seq is not the play before's + 1 + 2 if the boot's clock
//	        moved against the wall's, Seq's distance if flagged, Start less where the play before
//	        should have ended, the clocks' movement if flagged, Shown less Planned
//
// So one more play like those before it takes three or four bytes.
const packVersion = 1

const (
	seqJumps   = 1
	clockMoved = 2
)

// PackPlays packs plays compactly. [UnpackPlays] gives them back, Start in UTC to the millisecond.
func PackPlays(plays []playlists.Play) []byte {
	p := packer{texts: map[string]uint64{}, kinds: map[kind]uint64{}}
	for i := range plays {
		p.add(&plays[i])
	}
	b := binary.AppendUvarint([]byte{packVersion}, uint64(len(p.texts)))
	b = append(b, p.textBytes...)
	b = append(binary.AppendUvarint(b, uint64(len(p.kinds))), p.kindBytes...)
	return append(binary.AppendUvarint(b, uint64(len(plays))), p.playBytes...)
}

type packer struct {
	texts                           map[string]uint64
	kinds                           map[kind]uint64
	textBytes, kindBytes, playBytes []byte
	lastKind                        kind
	last                            running
}

// running is what the next play is expected to follow.
type running struct {
	seq   uint64
	end   int64 // milliseconds since 1970
	drift int64 // of Start against Mono, milliseconds
}

func (r *running) follow(p *playlists.Play) {
	start := p.Start.UnixMilli()
	*r = running{seq: p.Seq, end: start + p.Planned, drift: start - p.Mono}
}

func (k *packer) add(p *playlists.Play) {
	start := p.Start.UnixMilli()
	drift := start - p.Mono - k.last.drift
	head := k.kind(kindOf(p)) << 2
	if p.Seq != k.last.seq+1 {
		head |= seqJumps
	}
	if drift != 0 {
		head |= clockMoved
	}
	b := binary.AppendUvarint(k.playBytes, head)
	if head&seqJumps != 0 {
		b = binary.AppendVarint(b, int64(p.Seq-k.last.seq))
	}
	b = binary.AppendVarint(b, start-k.last.end)
	if head&clockMoved != 0 {
		b = binary.AppendVarint(b, drift)
	}
	k.playBytes = binary.AppendVarint(b, p.Shown-p.Planned)
	k.last.follow(p)
}

func (k *packer) kind(of kind) uint64 {
	if i, ok := k.kinds[of]; ok {
		return i
	}
	mask, values := uint64(0), []byte(nil)
	for i, t := range of.texts {
		if t != k.lastKind.texts[i] {
			mask |= 1 << i
			values = binary.AppendUvarint(values, k.text(t))
		}
	}
	for i, n := range of.numbers {
		if n != k.lastKind.numbers[i] {
			mask |= 1 << (textFields + i)
			values = binary.AppendVarint(values, n)
		}
	}
	k.kindBytes = append(binary.AppendUvarint(k.kindBytes, mask), values...)
	k.kinds[of], k.lastKind = uint64(len(k.kinds)), of
	return k.kinds[of]
}

func (k *packer) text(t string) uint64 {
	if i, ok := k.texts[t]; ok {
		return i
	}
	k.texts[t] = uint64(len(k.texts))
	if len(t)%2 == 0 && isHex(t) {
		raw := make([]byte, len(t)/2)
		if _, err := hex.Decode(raw, []byte(t)); err == nil {
			k.textBytes = append(binary.AppendUvarint(k.textBytes, uint64(len(raw))<<1|1), raw...)
			return k.texts[t]
		}
	}
	k.textBytes = append(binary.AppendUvarint(k.textBytes, uint64(len(t))<<1), t...)
	return k.texts[t]
}

// UnpackPlays reads what [PackPlays] wrote; anything else is [playlists.ErrInvalid]. It allocates in
// proportion to the bytes given, whatever they claim.
func UnpackPlays(b []byte) ([]playlists.Play, error) {
	return unpack(reader{b: b, most: math.MaxInt})
}

func unpack(r reader) ([]playlists.Play, error) {
	plays := r.plays()
	if r.err == nil && len(r.b) > 0 {
		r.fail("bytes after the end")
	}
	if r.err != nil {
		return nil, fmt.Errorf("packed plays: %w", r.err)
	}
	return plays, nil
}

// reader takes values off the front of b until the first error, after which all values are zero.
type reader struct {
	b []byte
	// most bounds the plays, and the kinds of them, before there is room for them.
	most int
	// longest, if above 0, bounds texts, in bytes; they must be UTF-8 then.
	longest int
	err     error
}

func (r *reader) fail(why string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", playlists.ErrInvalid, why)
	}
	r.b = nil
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail("a number is cut short or too large")
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail("a number is cut short or too large")
		return 0
	}
	r.b = r.b[n:]
	return v
}

// take gives the next n bytes without copying them.
func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.fail("a length goes beyond the end")
		return nil
	}
	part := r.b[:n]
	r.b = r.b[n:]
	return part
}

// count reads how many things follow that take at least one byte each.
func (r *reader) count() int {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.fail("a count goes beyond the end")
		return 0
	}
	return int(n)
}

// limited is a count of what takes much more memory than bytes.
func (r *reader) limited() int {
	n := r.count()
	if n > r.most {
		r.fail(fmt.Sprintf("more than %d plays at once", r.most))
		return 0
	}
	return n
}

func (r *reader) plays() []playlists.Play {
	if v := r.take(1); r.err == nil && v[0] != packVersion {
		r.fail(fmt.Sprintf("packing of version %d, this reads %d", v[0], packVersion))
	}
	texts := r.texts()
	kinds := r.kinds(texts)
	n := r.limited()
	plays := make([]playlists.Play, 0, n)
	var last running
	for ; n > 0 && r.err == nil; n-- {
		if p := r.play(kinds, last); r.err == nil {
			plays = append(plays, p)
			last.follow(&p)
		}
	}
	return plays
}

func (r *reader) texts() []string {
	n := r.count()
	texts := make([]string, 0, n)
	for ; n > 0 && r.err == nil; n-- {
		t := r.text()
		if r.longest > 0 && (len(t) > r.longest || !utf8.ValidString(t)) {
			r.fail("a text is too long or not UTF-8")
		}
		texts = append(texts, t)
	}
	return texts
}

func (r *reader) text() string {
	head := r.uvarint()
	raw := r.take(head >> 1)
	if head&1 != 0 {
		return hex.EncodeToString(raw)
	}
	return string(raw)
}

func (r *reader) kinds(texts []string) []playlists.Play {
	n := r.limited()
	kinds := make([]playlists.Play, 0, n)
	var last kind
	for ; n > 0 && r.err == nil; n-- {
		mask := r.uvarint()
		if mask>>(textFields+numberFields) != 0 {
			r.fail("a field that this version does not know")
		}
		for i := range last.texts {
			if mask&(1<<i) != 0 {
				last.texts[i] = pick(r, texts, r.uvarint())
			}
		}
		for i := range last.numbers {
			if mask&(1<<(textFields+i)) != 0 {
				last.numbers[i] = r.varint()
			}
		}
		kinds = append(kinds, last.play())
	}
	return kinds
}

func (r *reader) play(kinds []playlists.Play, last running) playlists.Play {
	head := r.uvarint()
	p := pick(r, kinds, head>>2)
	p.Seq = last.seq + 1
	if head&seqJumps != 0 {
		p.Seq = last.seq + uint64(r.varint())
	}
	start := last.end + r.varint()
	drift := last.drift
	if head&clockMoved != 0 {
		drift += r.varint()
	}
	p.Start = time.UnixMilli(start).UTC()
	p.Mono = start - drift
	p.Shown = p.Planned + r.varint()
	return p
}

// pick indexes what was read before.
func pick[T any](r *reader, from []T, i uint64) T {
	if i >= uint64(len(from)) {
		r.fail("an index goes beyond the end")
		var none T
		return none
	}
	return from[i]
}
