package bolt

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// How many keys one reading transaction takes: whoever reads may be slow, and no transaction stays open meanwhile.
const (
	pageKeys = 32   // of plays, or of figures one by one
	sumKeys  = 1024 // of figures that are added up
)

// pages reads the values of a table with from <= key < to, so many keys at a time: take is called inside of
// a transaction, flush outside of it after each page; it says whether to go on.
func (m *month) pages(ctx context.Context, table string, keys int, from, to []byte, take func(t *tx, key, value []byte) error, flush func() bool) error {
	for from != nil {
		err := m.file.view(ctx, func(t *tx) error {
			c := t.table(table).cursor()
			key, value, err := c.seek(from)
			from = nil
			for n := 0; err == nil && key != nil && bytes.Compare(key, to) < 0; n++ {
				if n == keys {
					from = bytes.Clone(key)
					return nil
				}
				if err = take(t, key, value); err == nil {
					key, value, err = c.next()
				}
			}
			return err
		})
		if err != nil || !flush() {
			return err
		}
	}
	return nil
}

// Rollups implements [store.Plays].
func (p *plays) Rollups(ctx context.Context, from, to time.Time) iter.Seq2[store.Rollup, error] {
	return everyMonth(ctx, p, days{first: dayOf(from), last: dayOf(to)}, func(m *month, yield func(store.Rollup, error) bool) bool {
		return m.rollups(ctx, from, to, yield)
	})
}

// Scan implements [store.Plays].
func (p *plays) Scan(ctx context.Context, from, to time.Time) iter.Seq2[store.StoredPlay, error] {
	return everyMonth(ctx, p, days{first: dayOf(from), last: dayOf(to)}, func(m *month, yield func(store.StoredPlay, error) bool) bool {
		s := scanner{month: m, from: from, to: to}
		return s.scan(ctx, dayKey(dayOf(from)), afterDay(dayOf(to)), yield)
	})
}

// ScanScreen implements [store.Plays].
func (p *plays) ScanScreen(ctx context.Context, screen playlists.ScreenID, from, to time.Time) iter.Seq2[store.StoredPlay, error] {
	return everyMonth(ctx, p, days{first: dayOf(from), last: dayOf(to)}, func(m *month, yield func(store.StoredPlay, error) bool) bool {
		streams, err := m.streamsOf(ctx, screen, dayOf(from), dayOf(to))
		if err != nil {
			return yield(store.StoredPlay{}, m.damaged(err))
		}
		s := scanner{month: m, from: from, to: to, screen: &screen}
		for _, prefix := range streams {
			if !s.scan(ctx, prefix, after(prefix), yield) {
				return false
			}
		}
		return true
	})
}

// streamsOf gives the keys of the dictionaries, days first to last, by which a screen has plays: there are many chunks, of
// which one screen has few.
func (m *month) streamsOf(ctx context.Context, screen playlists.ScreenID, first, last int32) (keys [][]byte, err error) {
	number, named := m.names.find(string(screen))
	if !named {
		return nil, nil
	}
	err = m.pages(ctx, tableDictionaries, pageKeys, dayKey(first), afterDay(last), func(_ *tx, key, value []byte) error {
		has, err := holdsScreen(value, number)
		if has {
			keys = append(keys, bytes.Clone(key))
		}
		return err
	}, func() bool { return true })
	return keys, err
}

// zoneDays is how many days a local date may be away from that of UTC, and an hour's start from its plays'.
const zoneDays = 2

// days are those of a span, both included: of UTC, or local, those on the screens' wall clocks.
type days struct {
	first, last int32
	local       bool
}

// everyMonth gives what the months hold of some days, one after the other. read returns false to stop.
func everyMonth[T any](ctx context.Context, p *plays, of days, read func(m *month, yield func(T, error) bool) bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		months := *p.months.Load()
		if err := forgotten(months, of); err != nil {
			var none T
			if !yield(none, err) {
				return
			}
		}
		for _, m := range months {
			if m.Forgotten || !m.mayHold(int64(of.first)-zoneDays, int64(of.last)+zoneDays) {
				continue
			}
			if err := m.ready(ctx); err != nil {
				var none T
				if !yield(none, err) {
					return
				}
				continue
			}
			if !read(m, yield) {
				return
			}
		}
	}
}

func (m *month) rollups(ctx context.Context, from, to time.Time, yield func(store.Rollup, error) bool) bool {
	var page []store.Rollup
	goOn := true
	first, last := hourKey(ceilSecond(from).Unix()), hourKey(ceilSecond(to).Unix())
	err := m.pages(ctx, tableRollups, pageKeys, first, last, func(_ *tx, key, value []byte) (err error) {
		page, err = m.rollup(page, key, value)
		return err
	}, func() bool {
		goOn, page = hand(page, yield)
		return goOn
	})
	if err != nil {
		return yield(store.Rollup{}, m.damaged(err))
	}
	return goOn
}

// RollupsScreen implements [store.Plays].
func (p *plays) RollupsScreen(ctx context.Context, screen playlists.ScreenID, from, to time.Time) iter.Seq2[store.Rollup, error] {
	return everyMonth(ctx, p, days{first: dayOf(from), last: dayOf(to)}, func(m *month, yield func(store.Rollup, error) bool) bool {
		page, err := m.rollupsOf(ctx, screen, ceilSecond(from).Unix(), ceilSecond(to).Unix())
		if goOn, _ := hand(page, yield); !goOn || err == nil {
			return goOn
		}
		return yield(store.Rollup{}, m.damaged(err))
	})
}

// rollupsOf gives a screen's rollups of the hours that begin from an instant on and before another. It goes from hour to hour:
// of each one the other screens have most.
func (m *month) rollupsOf(ctx context.Context, screen playlists.ScreenID, from, to int64) (page []store.Rollup, err error) {
	number, named := m.names.find(string(screen))
	if !named {
		return nil, nil
	}
	err = m.file.view(ctx, func(t *tx) error {
		c, end := t.table(tableRollups).cursor(), hourKey(to)
		at, value, err := c.seek(hourKey(from))
		for err == nil && at != nil && bytes.Compare(at, end) < 0 {
			var hour []byte
			var of uint32
			if hour, of, err = parseRollupKey(at, hourSize); err != nil {
				break
			}
			switch {
			case of < number:
				at, value, err = c.seek(rollupKey(bytes.Clone(hour), number))
				continue
			case of == number:
				page, err = m.rollup(page, at, value)
			}
			if err == nil {
				at, value, err = c.seek(after(hour))
			}
		}
		return err
	})
	return page, err
}

// rollup adds what a key of rollups has to a page.
func (m *month) rollup(page []store.Rollup, key, value []byte) ([]store.Rollup, error) {
	names := m.names.all()
	hour, screen, err := parseRollupKey(key, hourSize)
	if err != nil {
		return page, err
	}
	name, err := names.at(uint64(screen))
	k, r := store.RollupKey{Hour: parseHour(hour), Screen: playlists.ScreenID(name)}, reader{b: value}
	for len(r.b) > 0 && err == nil {
		e, f := r.figure()
		var named store.RollupEntry
		named, err = e.texts(names)
		page = append(page, store.Rollup{Key: k, Entry: named, Count: f.count, Millis: f.millis})
	}
	return page, errors.Join(err, r.err)
}

// ceilSecond is the first whole second at or after t.
func ceilSecond(t time.Time) time.Time {
	if whole := t.Truncate(time.Second); whole.Before(t) {
		return whole.Add(time.Second)
	}
	return t
}

// hand yields a page and gives it back empty.
func hand[T any](page []T, yield func(T, error) bool) (goOn bool, empty []T) {
	for _, v := range page {
		if !yield(v, nil) {
			return false, nil
		}
	}
	return true, page[:0]
}

// afterDay is above every key of plays that begins with the day.
func afterDay(day int32) []byte { return after(dayKey(day)) }

// after is above every key of plays that begins with prefix.
func after(prefix []byte) []byte {
	return append(bytes.Clone(prefix), bytes.Repeat([]byte{0xff}, keySize-len(prefix)+1)...)
}

// scanner opens chunks; it keeps what those of a day's stream have in common.
type scanner struct {
	month    *month
	from, to time.Time
	screen   *playlists.ScreenID // nil: all
	prefix   []byte
	tx       *tx
	dict     *dictionary
	player   playlists.PlayerID
}

// scan reads the plays with from <= key < to; it returns false to stop.
func (s *scanner) scan(ctx context.Context, from, to []byte, yield func(store.StoredPlay, error) bool) bool {
	var page []store.StoredPlay
	goOn := true
	err := s.month.pages(ctx, tablePlays, pageKeys, from, to, func(t *tx, key, value []byte) (err error) {
		page, err = s.chunk(t, key, value, page)
		return err
	}, func() bool {
		goOn, page = hand(page, yield)
		return goOn
	})
	if err != nil {
		return yield(store.StoredPlay{}, s.month.damaged(err))
	}
	return goOn
}

func (s *scanner) chunk(t *tx, key, value []byte, into []store.StoredPlay) ([]store.StoredPlay, error) {
	k, err := parseChunkKey(key)
	if err != nil {
		return into, err
	}
	c, err := openChunk(k, value)
	if err == nil {
		err = s.stream(t, k)
	}
	if err != nil {
		return into, err
	}
	stream := streamOf(k.stream)
	err = c.each(k, s.dict, func(p playlists.Play, received time.Time) {
		if !p.Start.Before(s.from) && p.Start.Before(s.to) && (s.screen == nil || p.Screen == *s.screen) {
			into = append(into, store.StoredPlay{Player: s.player, Stream: stream, Received: received, Play: p})
		}
	})
	return into, err
}

// stream loads dictionary and player, unless the chunk before had the same. Another transaction may
// have a longer dictionary.
func (s *scanner) stream(t *tx, k chunkKey) error {
	if s.tx == t && bytes.Equal(s.prefix, k.prefix()) {
		return nil
	}
	w, err := watermark(t, k.stream)
	if err != nil {
		return err
	}
	s.dict, err = s.month.dictionary(t, k)
	s.prefix, s.tx, s.player = k.prefix(), t, w.Player
	return err
}
