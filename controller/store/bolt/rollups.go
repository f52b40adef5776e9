package bolt

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// figure is a rollup's value.
type figure struct{ count, millis int64 }

// figures are the rollups of one hour and screen.
type figures map[store.RollupEntry]figure

func (f figures) add(e store.RollupEntry, more figure) {
	sum := f[e]
	f[e] = figure{sum.count + more.count, sum.millis + more.millis}
}

// rollUp adds plays up by hour and screen.
func rollUp(into map[store.RollupKey]figures, plays []playlists.Play) {
	for i := range plays {
		p := &plays[i]
		stands := max(p.Condensed, 1)
		if p.Gap != "" || p.Lost > 0 {
			if p.Outcome != playlists.Lost {
				continue // its plays are counted elsewhere
			}
			stands = p.Lost
		}
		k := store.RollupKey{Hour: hourOf(p.Start, p.Offset), Screen: p.Screen}
		if into[k] == nil {
			into[k] = figures{}
		}
		into[k].add(store.RollupEntry{
			Item: p.Item, Version: p.Version, Language: p.Language, Outcome: p.Outcome, Window: p.Window, Takeover: p.Takeover,
		}, figure{count: int64(stands), millis: p.Shown})
	}
}

const hourSeconds = 60 * 60

// hourOf is the instant at which the local hour of start began, offset seconds east of UTC.
func hourOf(start time.Time, offset int) time.Time {
	local := start.Unix() + int64(offset)
	into := local % hourSeconds
	if into < 0 {
		into += hourSeconds
	}
	return time.Unix(local-into-int64(offset), 0).UTC()
}

const hourSize = 8

// hourKey is eight bytes that sort like the instant.
func hourKey(t time.Time) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(t.Unix())^1<<63)
}

func rollupKey(k store.RollupKey, n *naming) []byte {
	return binary.BigEndian.AppendUint32(hourKey(k.Hour), uint32(n.number(string(k.Screen))))
}

func parseRollupKey(b []byte, names texts) (k store.RollupKey, err error) {
	if len(b) != hourSize+4 {
		return k, fmt.Errorf("%w: key %s names no hour and screen", store.ErrDamaged, readable(b))
	}
	screen, err := names.at(uint64(binary.BigEndian.Uint32(b[hourSize:])))
	return store.RollupKey{
		Hour:   time.Unix(int64(binary.BigEndian.Uint64(b)^1<<63), 0).UTC(),
		Screen: playlists.ScreenID(screen),
	}, err
}

// pack writes figures, one after the other: item, version, language, outcome, window, takeover, count
// and milliseconds.
func (f figures) pack(n *naming) []byte {
	var b []byte
	for _, e := range slices.SortedFunc(maps.Keys(f), compareEntries) {
		b = binary.AppendUvarint(b, n.number(string(e.Item)))
		b = binary.AppendVarint(b, int64(e.Version))
		for _, t := range []string{string(e.Language), string(e.Outcome), string(e.Window), string(e.Takeover)} {
			b = binary.AppendUvarint(b, n.number(t))
		}
		b = binary.AppendVarint(b, f[e].count)
		b = binary.AppendVarint(b, f[e].millis)
	}
	return b
}

func openFigures(b []byte, names texts) (figures, error) {
	f := figures{}
	r := reader{b: b}
	for len(r.b) > 0 {
		e := store.RollupEntry{
			Item: playlists.ItemID(r.name(names)), Version: int(r.varint()), Language: playlists.Language(r.name(names)),
			Outcome: playlists.Outcome(r.name(names)), Window: playlists.WindowID(r.name(names)),
			Takeover: playlists.TakeoverID(r.name(names)),
		}
		f.add(e, figure{count: r.varint(), millis: r.varint()})
	}
	return f, r.err
}

func compareEntries(a, b store.RollupEntry) int {
	return cmp.Or(cmp.Compare(a.Item, b.Item), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Language, b.Language),
		cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Window, b.Window), cmp.Compare(a.Takeover, b.Takeover))
}
