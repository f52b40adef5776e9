package bolt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// entry is a [store.RollupEntry] by the numbers of its names.
type entry struct {
	item, language, outcome, window, takeover uint32
	version                                   int64
}

// figure is a rollup's value.
type figure struct{ count, millis int64 }

// figures are the rollups of one key, in the order in which their entries first came.
type figures struct {
	entries listing[entry]
	sums    []figure
}

func (f *figures) add(e entry, more figure) {
	at, ok := f.entries.find(&e)
	if !ok {
		at = f.entries.add(e)
		f.sums = append(f.sums, figure{})
	}
	f.sums[at].count += more.count
	f.sums[at].millis += more.millis
}

func (f *figures) addAll(more *figures) {
	for i, e := range more.entries.all {
		f.add(e, more.sums[i])
	}
}

func (f *figures) clone() *figures {
	return &figures{entries: listing[entry]{all: slices.Clone(f.entries.all)}, sums: slices.Clone(f.sums)}
}

// spot is where a play counts: the hour and the day of its start on the screen's wall clock, and the
// number of the screen's name. Hour is in seconds since 1970, at which the local hour began.
type spot struct {
	hour   int64
	day    int32
	screen uint32
}

const (
	hourSeconds = 60 * 60
	daySeconds  = 24 * hourSeconds
)

// spotOf finds it; offset is in seconds east of UTC.
func spotOf(start time.Time, offset int, screen uint32) spot {
	local := start.Unix() + int64(offset)
	return spot{hour: local - floorMod(local, hourSeconds) - int64(offset), day: int32((local - floorMod(local, daySeconds)) / daySeconds), screen: screen}
}

func floorMod(n, by int64) int64 { return (n%by + by) % by }

// rollUp adds plays up; kinds are the numbers of their shapes.
func (w *writer) rollUp(plays []playlists.Play, kinds []int, d *dictionary) {
	var at spot
	var into *figures
	for i := range plays {
		p, kind := &plays[i], &d.kinds[kinds[i]]
		stands := max(p.Condensed, 1)
		if p.Gap != "" || p.Lost > 0 {
			if p.Outcome != playlists.Lost {
				continue // its plays are counted elsewhere
			}
			stands = p.Lost
		}
		if k := spotOf(p.Start, p.Offset, kind.screen); into == nil || k != at {
			at, into = k, w.figuresOf(k)
		}
		into.add(kind.entry, figure{count: int64(stands), millis: p.Shown})
		if p.Condensed > 0 && p.Outcome.Shown() {
			e := kind.entry
			e.outcome = uint32(w.names.number(string(playlists.InSums)))
			into.add(e, figure{count: int64(stands)})
		}
	}
}

func (w *writer) figuresOf(k spot) *figures {
	f := w.rollups[k]
	if f == nil {
		f = &figures{}
		w.rollups[k] = f
	}
	return f
}

// dated is a day, or the first one of a month, and the number of a screen's name.
type dated struct {
	day    int32
	screen uint32
}

// finish writes the rollups.
func (w *writer) finish() error {
	days, months := map[dated]*figures{}, map[dated]*figures{}
	for k, f := range w.rollups {
		if err := w.sumUp(tableRollups, rollupKey(hourKey(k.hour), k.screen), f); err != nil {
			return err
		}
		addTo(days, dated{k.day, k.screen}, f)
		addTo(months, dated{firstOfMonth(k.day), k.screen}, f)
	}
	err := errors.Join(w.sumUpAll(tableDays, days), w.sumUpAll(tableMonths, months), w.names.err)
	if err != nil || w.tx.ledger.Format < formatTotals {
		return err
	}
	return w.total(days)
}

func addTo(into map[dated]*figures, k dated, more *figures) {
	if into[k] == nil {
		into[k] = more.clone()
		return
	}
	into[k].addAll(more)
}

func (w *writer) sumUpAll(table string, all map[dated]*figures) error {
	for k, f := range all {
		if err := w.sumUp(table, rollupKey(dayKey(k.day), k.screen), f); err != nil {
			return err
		}
	}
	return nil
}

// sumUp adds figures to those that a table has under a key.
func (w *writer) sumUp(table string, key []byte, more *figures) error {
	t := w.tx.table(table)
	packed, err := t.get(key)
	if err != nil {
		return err
	}
	if packed == nil {
		return t.set(key, more.pack(), true)
	}
	sum, err := openFigures(packed)
	if err != nil {
		return err
	}
	sum.addAll(more)
	return t.set(key, sum.pack(), false)
}

const hourSize = 8

// hourKey is eight bytes that sort like the instant, in seconds since 1970.
func hourKey(seconds int64) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 0, hourSize+screenSize), uint64(seconds)^1<<63)
}

const screenSize = 4

// rollupKey is an hour or a day, and a screen.
func rollupKey(when []byte, screen uint32) []byte { return binary.BigEndian.AppendUint32(when, screen) }

// parseRollupKey takes the number of the screen's name off the end of a key of which the rest is size bytes.
func parseRollupKey(b []byte, size int) (when []byte, screen uint32, err error) {
	if len(b) != size+screenSize {
		return nil, 0, fmt.Errorf("%w: key %s names no time and screen", store.ErrDamaged, readable(b))
	}
	return b[:size], binary.BigEndian.Uint32(b[size:]), nil
}

func parseHour(b []byte) time.Time {
	return time.Unix(int64(binary.BigEndian.Uint64(b)^1<<63), 0).UTC()
}

// dayNumber reads what dayKey wrote: days since 1970.
func dayNumber(b []byte) int32 { return int32(binary.BigEndian.Uint32(b) ^ 1<<31) }

func dateOf(day int32) playlists.Date {
	at := time.Unix(int64(day)*daySeconds, 0).UTC()
	return playlists.Date{Year: at.Year(), Month: at.Month(), Day: at.Day()}
}

// firstOfMonth is the number of the first day of a day's month.
func firstOfMonth(day int32) int32 {
	at := time.Unix(int64(day)*daySeconds, 0).UTC()
	return dayOf(at.AddDate(0, 0, 1-at.Day()))
}

// dayOfDate is the number of a date, as near as four bytes allow.
func dayOfDate(d playlists.Date) int32 {
	return dayOf(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC))
}

// pack writes figures, one after the other: item, version, language, outcome, window, takeover, count
// and milliseconds.
func (f *figures) pack() []byte {
	b := make([]byte, 0, 12*len(f.sums))
	for i, e := range f.entries.all {
		b = binary.AppendUvarint(b, uint64(e.item))
		b = binary.AppendVarint(b, e.version)
		for _, name := range [...]uint32{e.language, e.outcome, e.window, e.takeover} {
			b = binary.AppendUvarint(b, uint64(name))
		}
		b = binary.AppendVarint(b, f.sums[i].count)
		b = binary.AppendVarint(b, f.sums[i].millis)
	}
	return b
}

// figureSize is about what an entry and its figure take, packed, in bytes; less than in fact.
const figureSize = 9

func openFigures(b []byte) (*figures, error) {
	some := len(b) / figureSize
	f := &figures{entries: listing[entry]{all: make([]entry, 0, some)}, sums: make([]figure, 0, some)}
	r := reader{b: b}
	for len(r.b) > 0 {
		e, sum := r.figure()
		f.entries.add(e)
		f.sums = append(f.sums, sum)
	}
	return f, r.err
}

// figure reads one of several figures.
func (r *reader) figure() (entry, figure) {
	var e entry
	e.item = r.number()
	e.version = r.varint()
	e.language, e.outcome, e.window, e.takeover = r.number(), r.number(), r.number(), r.number()
	return e, figure{count: r.varint(), millis: r.varint()}
}

// number reads the number of a name.
func (r *reader) number() uint32 { return uint32(r.uvarint()) }

// texts gives an entry by its names.
func (e *entry) texts(names texts) (store.RollupEntry, error) {
	var text [5]string
	for i, number := range [...]uint32{e.item, e.language, e.outcome, e.window, e.takeover} {
		var err error
		if text[i], err = names.at(uint64(number)); err != nil {
			return store.RollupEntry{}, err
		}
	}
	return store.RollupEntry{
		Item: playlists.ItemID(text[0]), Version: int(e.version), Language: playlists.Language(text[1]),
		Outcome: playlists.Outcome(text[2]), Window: playlists.WindowID(text[3]), Takeover: playlists.TakeoverID(text[4]),
	}, nil
}
