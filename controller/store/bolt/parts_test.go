package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"testing"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// TestMoreParts makes many plays from few, for who measures a store of that size (cmd/fleet, BenchmarkReady): each new part
// has the plays of the newest, whose plays are of one day, on the day after it, with numbers of their own and counted in its own rollups. What
// nobody reads there is not as players make it: chain values and signatures stay those of the first part. ANTEROOM_STORE is the
// store's directory, ANTEROOM_PARTS how many parts there are to be more.
func TestMoreParts(t *testing.T) {
	if dir := os.Getenv("ANTEROOM_STORE"); dir != "" {
		parts, err := strconv.Atoi(os.Getenv("ANTEROOM_PARTS"))
		if err != nil {
			t.Fatal(err)
		}
		moreParts(t, dir, parts)
		return
	}
	dir := t.TempDir()
	fillADay(t, dir)
	moreParts(t, dir, 3)
	checkParts(t, dir, 4)
}

// sound probes nothing.
func sound(context.Context, string) error { return nil }

func moreParts(t *testing.T, dir string, parts int) {
	t.Helper()
	p, err := openPlays(t.Context(), Config{Dir: dir, Log: slog.New(slog.DiscardHandler), NoSync: true, Probe: sound})
	if err != nil {
		t.Fatal(err)
	}
	for range parts {
		if err := p.nextPart(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.closeMonths(); err != nil {
		t.Fatal(err)
	}
}

// The plays of a day that [fillADay] makes, of each of two streams.
const filled = 200

var fillDay = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

// fillADay makes a store with the plays of a day, which come in several batches.
func fillADay(t *testing.T, dir string) {
	t.Helper()
	s, err := Open(t.Context(), Config{Dir: dir, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	for stream := range 2 {
		b := store.Batch{Player: "p1", Stream: playlists.StreamID(fmt.Sprintf("%032x", stream))}
		for first := 0; first < filled; first += 50 {
			b.Plays, b.Before, b.Chain = nil, b.Chain, []byte(fmt.Sprint("chain ", first))
			for n := first; n < first+50; n++ {
				start := fillDay.Add(time.Duration(n) * time.Minute)
				b.Plays = append(b.Plays, playlists.Play{
					Seq: uint64(n + 1), Screen: "lobby", Item: playlists.ItemID(fmt.Sprint("item-", n%3)), Region: "main", Start: start, Mono: start.UnixMilli() % 1e9,
					Shown: 60_000, Planned: 60_000, Outcome: playlists.Complete,
				})
				b.Received = start.Add(time.Hour)
			}
			if err := s.Append(t.Context(), []store.Batch{b}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// checkParts holds that each day has the plays of the first, under the numbers that follow.
func checkParts(t *testing.T, dir string, days int) {
	t.Helper()
	s, err := Open(t.Context(), Config{Dir: dir, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	next, plays := map[playlists.StreamID]int{}, 0
	for p, err := range s.Scan(t.Context(), time.Time{}, fillDay.AddDate(1, 0, 0)) {
		if err != nil {
			t.Fatal(err)
		}
		n := next[p.Stream]
		next[p.Stream]++
		plays++
		if want := fillDay.AddDate(0, 0, n/filled).Add(time.Duration(n%filled) * time.Minute); p.Seq != uint64(n+1) || !p.Start.Equal(want) || p.Item != playlists.ItemID(fmt.Sprint("item-", n%filled%3)) {
			t.Fatalf("play %d of stream %s is %+v, want a start at %v", n+1, p.Stream, p.Play, want)
		}
	}
	counted := int64(0)
	for r, err := range s.Months(t.Context(), playlists.Date{Year: 2026, Month: 1, Day: 1}, playlists.Date{Year: 2026, Month: 12, Day: 31}, store.Apart{}) {
		if err != nil {
			t.Fatal(err)
		}
		counted += r.Count
	}
	if want := 2 * days * filled; plays != want || counted != int64(want) {
		t.Errorf("%d plays and %d counted by month, want %d", plays, counted, want)
	}
	if w, err := s.Watermark(t.Context(), playlists.StreamID(fmt.Sprintf("%032x", 1))); err != nil || w.Through != uint64(days*filled) {
		t.Errorf("known through %d (%v), want %d", w.Through, err, days*filled)
	}
}

// nextPart begins a part with the plays of the newest, a day later.
func (p *plays) nextPart(ctx context.Context) error {
	old := p.newest()
	return old.file.view(ctx, func(from *tx) error {
		ledger, err := from.readLedger()
		if err != nil {
			return err
		}
		month, part := partOf(old.Month)
		name := time.Unix(int64(*ledger.LastDay+1)*daySeconds, 0).UTC().Format(monthLayout)
		if name == month {
			name = partName(month, part+1)
		}
		next, err := p.turn(p.succeed(ctx, old, name, nil))
		if err != nil {
			return err
		}
		p.protect(ctx, old)
		return next.file.update(ctx, func(to *tx) error {
			first, last := *ledger.FirstDay+1, *ledger.LastDay+1
			to.ledger.FirstDay, to.ledger.LastDay = &first, &last
			return dayLater(from, to)
		})
	})
}

// dayLater puts what is in from into to, a day later.
func dayLater(from, to *tx) error {
	numbers := map[string]uint64{} // how many plays each stream has in from
	for _, name := range []string{tableNames, tableDictionaries, tablePlays, tableRollups, tableDays, tableMonths, tableTotals, tableStreams} {
		c := from.table(name).cursor()
		key, value, err := c.seek(nil)
		for ; key != nil && err == nil; key, value, err = c.next() {
			if key, value, err = entryLater(from, *to.ledger.LastDay, numbers, name, bytes.Clone(key), value); err == nil {
				err = to.table(name).put(key, value)
			}
			if err != nil {
				break
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func entryLater(from *tx, day int32, numbers map[string]uint64, table string, key, value []byte) (laterKey, laterValue []byte, err error) {
	switch table {
	case tableDictionaries, tableDays:
		binary.BigEndian.PutUint32(key, binary.BigEndian.Uint32(key)+1)
	case tableMonths:
		copy(key, dayKey(firstOfMonth(day)))
	case tableTotals:
		when := key[1 : 1+daySize]
		binary.BigEndian.PutUint32(when, binary.BigEndian.Uint32(when)+1)
		if bytes.ContainsAny(key[:1], allOfMonth+itemsOfMonth+screensOfMonth) {
			copy(when, dayKey(firstOfMonth(day)))
		}
	case tableRollups:
		binary.BigEndian.PutUint64(key, binary.BigEndian.Uint64(key)+daySeconds)
	case tablePlays:
		return chunkLater(from, numbers, key, value)
	case tableStreams:
		value, err = markLater(numbers[string(key)], value)
	}
	return key, value, err
}

// chunkLater is a chunk of the next day, of the numbers that follow those of this day.
func chunkLater(from *tx, numbers map[string]uint64, key, value []byte) (laterKey, laterValue []byte, err error) {
	k, err := parseChunkKey(key)
	if err != nil {
		return nil, nil, err
	}
	c, err := openChunk(k, value)
	if err != nil {
		return nil, nil, err
	}
	n, known := numbers[string(k.stream[:])]
	if !known {
		w, err := watermark(from, k.stream)
		if err != nil {
			return nil, nil, err
		}
		n = w.Through - k.first + 1
		numbers[string(k.stream[:])] = n
	}
	k.day, k.first, c.last = k.day+1, k.first+n, c.last+n
	c.runs, err = runsLater(c.runs)
	return k.bytes(), c.pack(k), err
}

// runsLater moves the instants at which runs came and at which their first plays began; the others' count from there.
func runsLater(runs []byte) (later []byte, err error) {
	r := reader{b: runs}
	for len(r.b) > 0 {
		later = binary.AppendVarint(later, r.varint()+dayMillis)
		n := r.uvarint()
		later = binary.AppendUvarint(later, n)
		for i := range n {
			head, start := r.uvarint(), r.varint()
			if i == 0 {
				start += dayMillis
			}
			later = binary.AppendVarint(binary.AppendUvarint(later, head), start)
			if head&1 != 0 {
				later = binary.AppendVarint(later, r.varint())
			}
			later = binary.AppendVarint(later, r.varint())
		}
	}
	return later, r.err
}

func markLater(n uint64, value []byte) ([]byte, error) {
	var m mark
	if err := json.Unmarshal(value, &m); err != nil {
		return nil, err
	}
	m.Through, m.SignedFrom, m.At, m.Ended = m.Through+n, m.SignedFrom+n, m.At.AddDate(0, 0, 1), m.Ended.AddDate(0, 0, 1)
	return json.Marshal(m)
}
