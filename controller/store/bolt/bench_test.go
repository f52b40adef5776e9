package bolt_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/controller/store/storetest"
	"anteroom/playlists"
)

// crowd is a hospital's players, each with a loop of a dozen items in two languages.
type crowd struct {
	lines  []*storetest.Line
	starts []time.Time
	turn   int
}

func newCrowd(tb testing.TB, players int) *crowd {
	tb.Helper()
	c := &crowd{}
	for n := range players {
		c.lines = append(c.lines, storetest.NewLine(tb, n+1))
		c.starts = append(c.starts, storetest.Noon().AddDate(0, 0, -1).Truncate(24*time.Hour))
	}
	return c
}

// batch is the next 64 plays of one player; every fortieth play ends early, and starts jitter by a few
// frames, as on real screens.
func (c *crowd) batch(player int) store.Batch {
	plays := make([]playlists.Play, 64)
	screen := playlists.ScreenID(fmt.Sprintf("screen-%d", player))
	for i := range plays {
		c.turn++
		p := storetest.Play(screen, playlists.ItemID(fmt.Sprintf("item-of-a-usual-name-%d", c.turn%12)), c.starts[player].Add(time.Duration(c.turn%17)*time.Millisecond))
		p.Language = []playlists.Language{"en", "es"}[c.turn/12%2]
		p.Boot = playlists.BootID(fmt.Sprintf("8f3b0c1e-5b7e-4f6e-9d5a-%012d", player))
		p.Shown = p.Planned - int64(c.turn%17)
		if c.turn%40 == 0 {
			p.Outcome, p.Shown = playlists.Preempted, 3_217
		}
		plays[i], c.starts[player] = p, c.starts[player].Add(10*time.Second)
	}
	return c.lines[player].Batch(c.starts[player].Add(time.Second), plays...)
}

// allocated is how much disk the plays take.
func allocated(b *testing.B, dir string) (bytes int64) {
	b.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "plays-*.db"))
	if err != nil || len(files) == 0 {
		b.Fatalf("no files of plays: %v", err)
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			b.Fatal(err)
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			b.Fatal("no sizes on this system")
		}
		bytes += stat.Blocks * 512
	}
	return bytes
}

// BenchmarkAppend is a day of 10-second slots of 200 players (135 batches each), and more days as b.N
// wants. Groups are what an intake finds waiting when many players send.
func BenchmarkAppend(b *testing.B) {
	const players = 200
	for _, group := range []int{64, 512} {
		b.Run(fmt.Sprintf("groups of %d", group), func(b *testing.B) {
			dir := b.TempDir()
			s, err := bolt.Open(b.Context(), bolt.Config{Dir: dir})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			c := newCrowd(b, players)
			plays := 0
			var took time.Duration
			for b.Loop() {
				for done := 0; done < players*135; {
					var batches []store.Batch
					for len(batches) < group && done < players*135 {
						batches = append(batches, c.batch(done%players))
						done++
					}
					began := time.Now()
					if err := s.Append(context.Background(), batches); err != nil {
						b.Fatal(err)
					}
					took += time.Since(began)
					plays += 64 * len(batches)
				}
			}
			b.ReportMetric(float64(plays)/took.Seconds(), "plays/s")
			b.ReportMetric(float64(allocated(b, dir))/float64(plays), "bytes/play")
		})
	}
}

// BenchmarkDays adds up a week of 1,000 screens by item, as a report does: 7,000 rows of about 26 figures each.
func BenchmarkDays(b *testing.B) {
	const players, days = 1000, 7
	s, err := bolt.Open(b.Context(), bolt.Config{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	c := newCrowd(b, players)
	first := c.starts[0]
	for day := range days {
		var batches []store.Batch
		for n := range players {
			c.starts[n] = first.AddDate(0, 0, day)
			batches = append(batches, c.batch(n), c.batch(n))
		}
		if err := s.Append(b.Context(), batches); err != nil {
			b.Fatal(err)
		}
	}
	from := playlists.Date{Year: first.Year(), Month: first.Month(), Day: first.Day()}
	apart := store.Apart{Item: true, Takeover: true, Group: func(playlists.ScreenID) (string, bool) { return "", true }}
	for b.Loop() {
		var plays int64
		for r, err := range s.Days(b.Context(), from.AddDays(-1), from.AddDays(days), apart) {
			if err != nil {
				b.Fatal(err)
			}
			plays += r.Count
		}
		if plays != players*days*128 {
			b.Fatal(plays)
		}
	}
}
