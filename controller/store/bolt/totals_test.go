package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"anteroom/controller/store"
	"anteroom/controller/store/storetest"
	"anteroom/playlists"
)

// visits is a store with plays of three months, three screens, four items and a takeover, which came in two; some came weeks late.
func visits(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{Dir: dir, NoSync: true, Probe: func(_ context.Context, path string) error { return Probe(path) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// visit appends what three screens played on some days, all of which came at once.
func visit(t *testing.T, s *Store, lines []*storetest.Line, received time.Time, daysAgo ...int) {
	t.Helper()
	for n, line := range lines {
		var plays []playlists.Play
		for _, ago := range daysAgo {
			for i := range 12 {
				p := storetest.Play(playlists.ScreenID(fmt.Sprintf("screen-%d", n)), playlists.ItemID(fmt.Sprintf("item-%d", (i+n)%4)), received.AddDate(0, 0, -ago).Add(time.Duration(i)*time.Hour))
				p.Shown = int64(1000*n + 100*ago + i)
				p.Version, p.Language = 1+i%2, []playlists.Language{"en", "es"}[i%2]
				p.Outcome = []playlists.Outcome{playlists.Complete, playlists.Truncated, playlists.Failed}[(i+ago)%3]
				if i == 11 {
					p.Item, p.Version, p.Takeover = "", 0, "burst-pipe"
				}
				plays = append(plays, p)
			}
		}
		if err := s.Append(t.Context(), []store.Batch{line.Batch(received, plays...)}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTotalsAreWhatTheyAddUp: what is read from totals is what the rows of days and of months give, added up here; in files with
// totals, without, and with both side by side.
func TestTotalsAreWhatTheyAddUp(t *testing.T) {
	for _, name := range []string{"with totals", "a month from before", "the present month from before"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, noon := visits(t, dir), storetest.Noon()
			lines := []*storetest.Line{storetest.NewLine(t, 1), storetest.NewLine(t, 2), storetest.NewLine(t, 3)}
			visit(t, s, lines, noon, 1, 0)
			if name == "the present month from before" {
				s = before(t, s, dir)
			}
			visit(t, s, lines, noon.Add(time.Hour), 40, 12, 1)
			if name == "a month from before" {
				s = before(t, s, dir)
			}
			visit(t, s, lines, noon.AddDate(0, 1, 0), 29, 28, 3)
			from, to := playlists.Date{Year: 2026, Month: 10, Day: 1}, playlists.Date{Year: 2026, Month: 12, Day: 31}
			asked := 0
			for by := range aparts() {
				for what, read := range map[string]func(context.Context, playlists.Date, playlists.Date, store.Apart) iter.Seq2[store.Sum, error]{"days": s.Days, "months": s.Months} {
					got, want := tallied(t, read(t.Context(), from, to, by)), slowly(t, read(t.Context(), from, to, finest()), by)
					if diff := cmp.Diff(got, want); diff != "" || len(got) == 0 {
						t.Errorf("%s by %+v (-got +want):\n%s", what, by, diff)
					}
					asked++
				}
			}
			if asked != 2*2*2*2*3 {
				t.Errorf("asked %d times", asked)
			}
		})
	}
}

// finest keeps everything apart, for which no totals can be read.
func finest() store.Apart {
	return store.Apart{
		Group: func(id playlists.ScreenID) (string, bool) { return string(id), true },
		Day:   true, Item: true, Version: true, Language: true, Window: true, Takeover: true,
	}
}

// aparts are all ways in which reports keep figures apart.
func aparts() iter.Seq[store.Apart] {
	groups := []func(playlists.ScreenID) (string, bool){
		nil,
		func(id playlists.ScreenID) (string, bool) { return string(id), true },
		func(id playlists.ScreenID) (string, bool) { return "", id != "screen-1" },
	}
	return func(yield func(store.Apart) bool) {
		for n := range 8 * len(groups) {
			if !yield(store.Apart{Group: groups[n/8], Day: n&1 != 0, Item: n&2 != 0, Takeover: n&4 != 0}) {
				return
			}
		}
	}
}

type talliedKey struct {
	group string
	day   playlists.Date
	entry store.RollupEntry
}

func tallied(t *testing.T, sums iter.Seq2[store.Sum, error]) map[talliedKey][2]int64 {
	t.Helper()
	all := map[talliedKey][2]int64{}
	for s, err := range sums {
		if err != nil {
			t.Fatal(err)
		}
		k := talliedKey{s.Group, s.Day, s.Entry}
		all[k] = [2]int64{all[k][0] + s.Count, all[k][1] + s.Millis}
	}
	return all
}

// slowly adds up here what was read with everything apart, under the ids of the screens.
func slowly(t *testing.T, sums iter.Seq2[store.Sum, error], by store.Apart) map[talliedKey][2]int64 {
	t.Helper()
	all := map[talliedKey][2]int64{}
	for k, f := range maps.All(tallied(t, sums)) {
		to, asked := talliedKey{entry: store.RollupEntry{Outcome: k.entry.Outcome}}, true
		if by.Group != nil {
			to.group, asked = by.Group(playlists.ScreenID(k.group))
		}
		if by.Day {
			to.day = k.day
		}
		if by.Item {
			to.entry.Item = k.entry.Item
		}
		if by.Takeover {
			to.entry.Takeover = k.entry.Takeover
		}
		if asked {
			all[to] = [2]int64{all[to][0] + f[0], all[to][1] + f[1]}
		}
	}
	return all
}

// before makes of the newest month a file as it was before there were totals.
func before(t *testing.T, s *Store, dir string) *Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(dir, "plays-*.db"))
	if err != nil || len(found) != 1 {
		t.Fatalf("files of plays: %v, %v", found, err)
	}
	if err := os.Chmod(found[0], 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(found[0], 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(raw *bbolt.Tx) error {
		tx, err := newTx(raw)
		if err != nil {
			return err
		}
		tx.ledger.Format = format
		delete(tx.ledger.Keys, tableTotals)
		return errors.Join(raw.DeleteBucket([]byte(tableTotals)), tx.enter())
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return visits(t, dir)
}

// TestADamagedTotalIsNoticed: no wrong figure comes of it, and what needs it not is still told.
func TestADamagedTotalIsNoticed(t *testing.T) {
	dir := t.TempDir()
	s := visits(t, dir)
	visit(t, s, []*storetest.Line{storetest.NewLine(t, 1)}, storetest.Noon(), 1)
	err := (*s.plays.months.Load())[0].file.bolt.Update(func(raw *bbolt.Tx) error {
		totals := raw.Bucket([]byte(tableTotals))
		c := totals.Cursor()
		c.Seek([]byte(itemsOf))
		key, sealed := c.Next() // whoever reads what is before the first meets that as well
		wrong := append([]byte(nil), sealed...)
		wrong[len(wrong)-1] ^= 1
		return totals.Put(key, wrong)
	})
	if err != nil {
		t.Fatal(err)
	}
	day := playlists.Date{Year: 2026, Month: 11, Day: 21}
	for _, row := range []struct {
		by      store.Apart
		damaged bool
	}{{store.Apart{Item: true}, true}, {store.Apart{Day: true}, false}, {store.Apart{Version: true}, false}} {
		var err error
		for _, broken := range s.Days(t.Context(), day, day.AddDays(1), row.by) {
			err = errors.Join(err, broken)
		}
		if _, is := errors.AsType[*store.DamagedMonthError](err); is != row.damaged {
			t.Errorf("by %+v: %v", row.by, err)
		}
	}
}

// TestChecksum holds the sum against one of the same bytes in one piece.
func TestChecksum(t *testing.T) {
	for _, size := range []int{0, 1, 8, 28, 127, 128, 300, 20_000} {
		key, value := bytes.Repeat([]byte{0xa5}, size), []byte("some value")
		whole := slices.Concat([]byte("totals"), binary.AppendUvarint(nil, uint64(size)), key, value)
		if got, want := checksum("totals", key, value), crc32.Checksum(whole, crc32.MakeTable(crc32.Castagnoli)); got != want {
			t.Errorf("a key of %d bytes: %08x, want %08x", size, got, want)
		}
	}
}
