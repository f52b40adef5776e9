package bolt

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// shape is everything of a play but its number, its start on both clocks and how long it was shown:
// a stream's plays of a day have few shapes.
type shape = playlists.Play

func shapeOf(p playlists.Play) shape {
	p.Seq, p.Start, p.Mono, p.Shown = 0, time.Time{}, 0, 0
	return p
}

// shapeTexts and shapeNumbers list the fields of a shape. The order is part of the format.
func shapeTexts(p *shape) [13]string {
	return [...]string{
		string(p.Screen), string(p.Item), string(p.Language), string(p.Asset), string(p.Body),
		string(p.Window), string(p.Takeover), p.Region, string(p.Quality), string(p.Boot),
		string(p.Outcome), string(p.Display), p.Gap,
	}
}

func shapeNumbers(p *shape) [6]int64 {
	var resumed int64
	if p.Resumed {
		resumed = 1
	}
	return [...]int64{int64(p.Version), int64(p.Offset), p.Planned, resumed, int64(p.Condensed), int64(p.Lost)}
}

func newShape(t *[13]string, n *[6]int64) shape {
	return shape{
		Screen: playlists.ScreenID(t[0]), Item: playlists.ItemID(t[1]), Language: playlists.Language(t[2]),
		Asset: playlists.Digest(t[3]), Body: playlists.Digest(t[4]), Window: playlists.WindowID(t[5]),
		Takeover: playlists.TakeoverID(t[6]), Region: t[7], Quality: playlists.ClockQuality(t[8]),
		Boot: playlists.BootID(t[9]), Outcome: playlists.Outcome(t[10]), Display: playlists.DisplayState(t[11]),
		Gap: t[12], Version: int(n[0]), Offset: int(n[1]), Planned: n[2], Resumed: n[3] != 0,
		Condensed: int(n[4]), Lost: int(n[5]),
	}
}

// kind is what rollups need of a shape, by the numbers of names.
type kind struct {
	screen uint32
	entry  entry
}

// dictionary is the shapes of a stream's plays of a day: each is the fields in which it differs from
// the one before, behind a mask of them.
type dictionary struct {
	packed []byte
	shapes listing[shape]
	kinds  []kind // of each shape
	// What the last shape has: texts, their numbers, and numbers.
	texts  [13]string
	names  [13]uint32
	fields [6]int64
}

// shapeSize is about what a shape takes, packed, in bytes; less than in fact.
const shapeSize = 4

// moreShapes is how many shapes a batch may add before there must be room for twice as many.
const moreShapes = 16

// openDictionary unpacks a dictionary.
func openDictionary(packed []byte, names texts) (*dictionary, error) {
	some := len(packed)/shapeSize + moreShapes
	d := &dictionary{packed: packed, shapes: listing[shape]{all: make([]shape, 0, some)}, kinds: make([]kind, 0, some)}
	r := reader{b: packed}
	for len(r.b) > 0 {
		mask := r.uvarint()
		for i := range d.texts {
			if mask&(1<<i) != 0 {
				d.names[i], d.texts[i] = r.name(names)
			}
		}
		for i := range d.fields {
			if mask&(1<<(len(d.texts)+i)) != 0 {
				d.fields[i] = r.varint()
			}
		}
		if r.err != nil {
			return nil, r.err
		}
		d.add(newShape(&d.texts, &d.fields))
	}
	return d, nil
}

// holdsScreen reports whether any shape of a packed dictionary is of the screen whose name has a number.
func holdsScreen(packed []byte, screen uint32) (bool, error) {
	const field = 1 << 0 // of the screen in a mask
	r := reader{b: packed}
	for at := uint32(0); len(r.b) > 0; {
		mask := r.uvarint()
		if mask&field != 0 {
			at = r.number()
		}
		if at == screen && r.err == nil {
			return true, nil
		}
		for range bits.OnesCount64(mask &^ field) {
			r.uvarint() // a varint ends as it does
		}
	}
	return false, r.err
}

// add numbers a shape, which is what texts, names and fields have.
func (d *dictionary) add(s shape) int {
	d.kinds = append(d.kinds, kind{screen: d.names[0], entry: entry{
		item: d.names[1], language: d.names[2], window: d.names[5], takeover: d.names[6], outcome: d.names[10], version: d.fields[0],
	}})
	return d.shapes.add(s)
}

// number gives a shape's, adding it if it is new.
func (d *dictionary) number(s shape, n *naming) int {
	if at, ok := d.shapes.find(&s); ok {
		return at
	}
	d.append(shapeTexts(&s), shapeNumbers(&s), n)
	return d.add(s)
}

func (d *dictionary) append(texts [13]string, fields [6]int64, n *naming) {
	var mask uint64
	var values []byte
	for i, t := range texts {
		if t != d.texts[i] {
			mask |= 1 << i
			d.names[i] = uint32(n.number(t))
			values = binary.AppendUvarint(values, uint64(d.names[i]))
		}
	}
	for i, f := range fields {
		if f != d.fields[i] {
			mask |= 1 << (len(texts) + i)
			values = binary.AppendVarint(values, f)
		}
	}
	d.texts, d.fields = texts, fields
	d.packed = append(binary.AppendUvarint(slices.Clip(d.packed), mask), values...)
}

// pace is what the next play of a run is expected to follow: it starts where the last one of its
// region should have ended, and both clocks go on together.
type pace struct {
	ends  map[string]int64 // by region, milliseconds since 1970
	last  int64
	drift int64
}

func (p *pace) expected(region string) int64 {
	if end, ok := p.ends[region]; ok {
		return end
	}
	return p.last
}

func (p *pace) follow(play *playlists.Play, start int64) {
	if p.ends == nil {
		p.ends = map[string]int64{}
	}
	p.ends[play.Region] = start + play.Planned
	p.last, p.drift = start, start-play.Mono
}

// appendRun packs plays that came in one batch, dense by number: when they came, how many there are,
// and each as its shape (doubled, odd if the clocks moved against each other), its start less the
// expected one, the movement if there is one, and shown less planned. It also gives the number of each play's shape.
func appendRun(b []byte, plays []playlists.Play, received time.Time, d *dictionary, n *naming) (run []byte, kinds []int) {
	kinds = make([]int, len(plays))
	b = binary.AppendVarint(b, received.UnixMilli())
	b = binary.AppendUvarint(b, uint64(len(plays)))
	var at pace
	for i := range plays {
		p := &plays[i]
		start := p.Start.UnixMilli()
		moved := start - p.Mono - at.drift
		kinds[i] = d.number(shapeOf(*p), n)
		head := uint64(kinds[i]) << 1
		if moved != 0 {
			head |= 1
		}
		b = binary.AppendUvarint(b, head)
		b = binary.AppendVarint(b, start-at.expected(p.Region))
		if moved != 0 {
			b = binary.AppendVarint(b, moved)
		}
		b = binary.AppendVarint(b, p.Shown-p.Planned)
		at.follow(p, start)
	}
	return b, kinds
}

// reader takes values off the front of b until the first error, after which all values are zero.
type reader struct {
	b   []byte
	err error
}

// run gives the plays of the next run; next is the first number that it covers.
func (r *reader) run(d *dictionary, next uint64) (plays []playlists.Play, received time.Time) {
	received = time.UnixMilli(r.varint()).UTC()
	var at pace
	for range r.count() {
		p := r.play(d, &at)
		if r.err != nil {
			return nil, received
		}
		p.Seq = next + uint64(max(p.Lost, 1)) - 1
		next = p.Seq + 1
		plays = append(plays, p)
	}
	return plays, received
}

func (r *reader) play(d *dictionary, at *pace) playlists.Play {
	head := r.uvarint()
	if head>>1 >= uint64(len(d.shapes.all)) {
		r.fail("a shape is not in the dictionary")
		return playlists.Play{}
	}
	p := d.shapes.all[head>>1]
	start := at.expected(p.Region) + r.varint()
	drift := at.drift
	if head&1 != 0 {
		drift += r.varint()
	}
	p.Start, p.Mono = time.UnixMilli(start).UTC(), start-drift
	p.Shown = p.Planned + r.varint()
	at.follow(&p, start)
	return p
}

func (r *reader) fail(why string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", store.ErrDamaged, why)
	}
	r.b = nil
}

func (r *reader) uvarint() uint64 {
	if len(r.b) > 0 && r.b[0] < 0x80 { // most are of one byte
		v := r.b[0]
		r.b = r.b[1:]
		return uint64(v)
	}
	return r.longUvarint()
}

func (r *reader) longUvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail("a number is cut short")
		return 0
	}
	r.b = r.b[n:]
	return v
}

// varint reads a number as [binary.Varint] does: its sign is the lowest bit.
func (r *reader) varint() int64 {
	v := r.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// count reads how many things follow, of at least one byte each.
func (r *reader) count() int {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.fail("a count goes beyond the end")
		return 0
	}
	return int(n)
}

// bytes reads a length and so many bytes, which are not copied.
func (r *reader) bytes() []byte {
	n := r.count()
	part := r.b[:n]
	r.b = r.b[n:]
	return part
}

// name reads the number of a name.
func (r *reader) name(names texts) (number uint32, text string) {
	at := r.uvarint()
	text, err := names.at(at)
	if err != nil {
		r.fail(err.Error())
	}
	return uint32(at), text
}
