package journal

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// bench is a journal on a scripted clock.
type bench struct {
	*Journal

	t   testing.TB
	dir string
	now time.Time
	on  time.Time // start of the boot
	mod func(*Config)
}

func newBench(t testing.TB, mod func(*Config)) *bench {
	t.Helper()
	start := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	b := &bench{t: t, dir: t.TempDir(), now: start, on: start, mod: mod}
	b.start("boot-1")
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		_ = b.poisonLocked(nil)
	})
	return b
}

// start opens the journal as a new process would.
func (b *bench) start(boot playlists.BootID) {
	cfg := Config{
		Screen: func() playlists.ScreenID { return "lobby" },
		Dir:    filepath.Join(b.dir, "journal"), Boot: boot, NoSync: true, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return b.now }, Mono: func() int64 { return int64(b.now.Sub(b.on)) },
	}
	if b.mod != nil {
		b.mod(&cfg)
	}
	b.Journal = New(cfg)
}

// crash forgets all that is in memory.
func (b *bench) crash(boot playlists.BootID) {
	b.mu.Lock()
	_ = b.poisonLocked(nil)
	b.mu.Unlock()
	b.start(boot)
}

func (b *bench) pass(d time.Duration) { b.now = b.now.Add(d) }

func (b *bench) commit() {
	b.t.Helper()
	if err := b.Commit(); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) play(turn uint64) playlists.Play {
	return playlists.Play{
		Screen: "lobby", Item: playlists.ItemID("item"), Region: "main", Start: b.now, Boot: b.cfg.Boot,
		Mono: b.cfg.Mono() / 1e6, Planned: 10_000, Version: int(turn),
	}
}

// show plays a whole slot.
func (b *bench) show(turn uint64) {
	p := b.play(turn)
	b.Open(turn, p, b.now)
	b.commit()
	b.Begin(turn, p, b.now)
	b.pass(10 * time.Second)
	p.Shown, p.Outcome = 10_000, playlists.Complete
	b.End(turn, p)
	b.commit()
}

// found opens the journal and gives what earlier runs left.
func (b *bench) found() Found {
	b.t.Helper()
	b.state()
	select {
	case f := <-b.Found():
		return f
	default:
		b.t.Fatal("nothing is found a second time")
	}
	return Found{}
}

func (b *bench) state() State {
	b.t.Helper()
	s, err := b.State()
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// controller is the other side: it takes stretches and checks that they join.
type controller struct {
	t       testing.TB
	known   map[playlists.StreamID]uint64
	chains  map[playlists.StreamID][]byte
	plays   []playlists.Play
	streams []playlists.StreamID
}

func newController(t testing.TB) *controller {
	return &controller{t: t, known: map[playlists.StreamID]uint64{}, chains: map[playlists.StreamID][]byte{}}
}

func (c *controller) accept(s Stretch) wire.Ack {
	c.t.Helper()
	chain, ok := c.chains[s.Stream]
	if !ok {
		chain, _ = wire.ChainStart(s.Stream)
		c.streams = append(c.streams, s.Stream)
	}
	if string(chain) != string(s.Before) {
		c.t.Fatalf("stretch of stream %s at %d does not follow the chain", s.Stream, s.Plays[0].Seq)
	}
	for i := range s.Plays {
		p := s.Plays[i]
		if firstOf(&p) != c.known[s.Stream]+1 {
			c.t.Fatalf("play %d after %d", p.Seq, c.known[s.Stream])
		}
		chain, c.known[s.Stream] = wire.Chain(chain, p), p.Seq
		c.plays = append(c.plays, p)
	}
	c.chains[s.Stream] = chain
	return wire.Ack{Stream: s.Stream, Through: c.known[s.Stream]}
}

// drain links and sends everything.
func (c *controller) drain(b *bench) {
	c.t.Helper()
	stream := b.state().Stream
	if err := b.Known(stream, c.known[stream]); err != nil {
		b.t.Fatal(err)
	}
	for range 1000 {
		s, err := b.Next(64)
		if err != nil {
			b.t.Logf("next: %v", err)
			continue
		}
		if len(s.Plays) == 0 {
			return
		}
		if err := b.Acknowledge(c.accept(s)); err != nil {
			b.t.Fatal(err)
		}
	}
	c.t.Fatal("the journal never runs dry")
}

func (c *controller) count(outcome playlists.Outcome) int {
	n := 0
	for _, p := range c.plays {
		if p.Outcome == outcome && p.Gap == "" {
			n += max(1, p.Condensed)
		}
	}
	return n
}

func (c *controller) gaps() (lost int) {
	for _, p := range c.plays {
		lost += p.Lost
	}
	return lost
}

func (b *bench) files() []string {
	names, _ := filepath.Glob(filepath.Join(b.dir, "journal", "0*", "*.db"))
	return names
}

func spoil(t *testing.T, path string, at int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(make([]byte, 4096), at); err != nil {
		t.Fatal(err)
	}
}

func TestPlaysComeOutAsTheyWentIn(t *testing.T) {
	b, c := newBench(t, nil), newController(t)
	for turn := range uint64(200) {
		b.show(turn + 1)
	}
	c.drain(b)
	if got := c.count(playlists.Complete); got != 200 || len(c.streams) != 1 || b.state().Unsent != 0 {
		t.Errorf("got %d plays of 200 in %d streams, %d unsent", got, len(c.streams), b.state().Unsent)
	}
}

func TestDaysFollowEachOther(t *testing.T) {
	b, c := newBench(t, nil), newController(t)
	for turn := range uint64(20) {
		b.Open(turn+100, b.play(turn+100), b.now)
		b.show(turn + 1)
		b.pass(3 * time.Hour)
	}
	if len(b.files()) != 3 {
		t.Errorf("got files %q, want one a day", b.files())
	}
	b.crash("boot-2")
	c.drain(b)
	if c.count(playlists.Complete) != 20 || c.count(playlists.Interrupted) != 20 {
		t.Errorf("got %d complete and %d interrupted, want 20 of each: marks move to the new day once",
			c.count(playlists.Complete), c.count(playlists.Interrupted))
	}
}

func TestCrash(t *testing.T) {
	tests := []struct {
		name   string
		do     func(b *bench)
		want   playlists.Outcome // "" for no record
		shown  int64
		recent int
	}{
		{"cued for later, crash: it was never on", func(b *bench) {
			p := b.play(1)
			p.Mono += 60_000
			b.Open(1, p, b.now)
			b.commit()
		}, "", 0, 0},
		{"cued, its time came, nothing more is known: interrupted, shown for nothing", func(b *bench) {
			b.Open(1, b.play(1), b.now)
			b.commit()
			b.pass(time.Second)
			b.Alive()
			b.commit()
		}, playlists.Interrupted, 0, 1},
		{"drawn, and alive 7 s later: interrupted, shown for 7 s", func(b *bench) {
			p := b.play(1)
			b.Open(1, p, b.now)
			b.Begin(1, p, b.now)
			b.pass(7 * time.Second)
			b.Alive()
			b.commit()
		}, playlists.Interrupted, 7000, 1},
		{"drawn, and alive long after its slot: no longer than planned", func(b *bench) {
			b.Begin(1, b.play(1), b.now)
			b.pass(time.Hour)
			b.Alive()
			b.commit()
		}, playlists.Interrupted, 10_000, 0},
		{"ended but not committed: interrupted", func(b *bench) {
			p := b.play(1)
			b.Begin(1, p, b.now)
			b.commit()
			p.Outcome = playlists.Complete
			b.End(1, p)
		}, playlists.Interrupted, 0, 1},
		{"withdrawn: nothing", func(b *bench) {
			b.Open(1, b.play(1), b.now)
			b.commit()
			b.Withdraw(1)
			b.commit()
		}, "", 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, c := newBench(t, nil), newController(t)
			tt.do(b)
			b.crash("boot-2")
			recent := len(b.found().Recent)
			c.drain(b)
			if recent != tt.recent {
				t.Errorf("%d plays may still be on, want %d", recent, tt.recent)
			}
			if tt.want == "" {
				if len(c.plays) > 0 {
					t.Fatalf("got %+v, want no record", c.plays)
				}
				return
			}
			if len(c.plays) != 1 || c.plays[0].Outcome != tt.want || c.plays[0].Shown != tt.shown {
				t.Fatalf("got %+v, want one %s play of %d ms", c.plays, tt.want, tt.shown)
			}
			b.crash("boot-2")
			c.drain(b)
			if len(c.plays) != 1 {
				t.Errorf("a second start added records: %+v", c.plays)
			}
		})
	}
}

func TestDamage(t *testing.T) {
	t.Run("an old day becomes a gap, the stream goes on", func(t *testing.T) {
		b, c := newBench(t, nil), newController(t)
		for turn := range uint64(30) {
			b.show(turn + 1)
			b.pass(3 * time.Hour)
		}
		files := b.files()
		b.crash("boot-2")
		for at := int64(0); at < 32<<10; at += 4096 {
			spoil(t, files[1], at)
		}
		c.drain(b)
		if got := c.count(playlists.Complete) + c.gaps(); got != 30 || c.gaps() == 0 || len(c.streams) != 1 {
			t.Errorf("got %d plays and %d lost in %d streams, want 30 numbers in one", c.count(playlists.Complete), c.gaps(), len(c.streams))
		}
		b.show(100)
		c.drain(b)
	})
	t.Run("the newest day begins a new stream, older days are still sent", func(t *testing.T) {
		b, c := newBench(t, nil), newController(t)
		for turn := range uint64(10) {
			b.show(turn + 1)
			b.pass(6 * time.Hour)
		}
		files := b.files()
		b.crash("boot-2")
		for at := int64(0); at < 32<<10; at += 4096 {
			spoil(t, files[len(files)-1], at)
		}
		b.show(50)
		c.drain(b)
		if c.count(playlists.Complete) != 8 || c.gaps() != 1 || len(c.streams) != 2 {
			t.Errorf("got %d plays, %d gaps, %d streams", c.count(playlists.Complete), c.gaps(), len(c.streams))
		}
		if gap := c.plays[slices.IndexFunc(c.plays, func(p playlists.Play) bool { return p.Gap != "" })]; gap.Outcome != playlists.Lost || gap.Screen != "lobby" {
			t.Errorf("the gap says %+v", gap)
		}
	})
	t.Run("without an index nothing is lost", func(t *testing.T) {
		b, c := newBench(t, nil), newController(t)
		for turn := range uint64(70) {
			b.show(turn + 1)
		}
		s, _ := b.Next(64)
		if err := b.Acknowledge(c.accept(s)); err != nil {
			t.Fatal(err)
		}
		b.crash("boot-2")
		if err := os.Remove(filepath.Join(b.dir, "journal", indexName)); err != nil {
			t.Fatal(err)
		}
		if err := b.Known(s.Stream, 64); err != nil {
			t.Fatal(err)
		}
		c.drain(b)
		if c.count(playlists.Complete) != 70 || len(c.streams) != 1 {
			t.Errorf("got %d plays in %d streams", c.count(playlists.Complete), len(c.streams))
		}
	})
}

func TestControllerRemembersOtherwise(t *testing.T) {
	tests := []struct {
		name    string
		known   uint64
		streams int
		plays   int
	}{
		{"an acknowledgement was lost", 150, 1, 50},
		{"restored from a backup: again from there", 70, 1, 130},
		{"restored from nothing: all again", 0, 1, 200},
		{"knows more than there is: a new stream", 300, 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, c := newBench(t, nil), newController(t)
			for turn := range uint64(200) {
				b.show(turn + 1)
			}
			stream := b.state().Stream
			all, err := b.Next(128)
			if err != nil {
				t.Fatal(err)
			}
			if err := b.Acknowledge(wire.Ack{Stream: stream, Through: 128}); err != nil {
				t.Fatal(err)
			}
			rest, err := b.Next(500)
			if err != nil {
				t.Fatal(err)
			}
			chain := all.Before
			for _, p := range append(all.Plays, rest.Plays...) {
				if p.Seq <= tt.known {
					chain = wire.Chain(chain, p)
				}
			}
			c.known[stream], c.chains[stream], c.streams = tt.known, chain, nil
			if err := b.Known(stream, tt.known); err != nil {
				t.Fatal(err)
			}
			c.drain(b)
			if c.count(playlists.Complete) != tt.plays {
				t.Errorf("got %d plays, want %d", c.count(playlists.Complete), tt.plays)
			}
			if tt.known > 200 && (b.state().Stream == stream || c.gaps() != 1) {
				t.Errorf("still stream %s with %d gaps", b.state().Stream, c.gaps())
			}
		})
	}
}

func TestAnotherControllerGetsNothingOld(t *testing.T) {
	b, c := newBench(t, nil), newController(t)
	if err := b.Bind("first"); err != nil {
		t.Fatal(err)
	}
	b.show(1)
	stream := b.state().Stream
	if err := b.Bind("first"); err != nil || b.state().Stream != stream {
		t.Fatalf("pairing again with the same controller changed the stream: %v", err)
	}
	b.crash("boot-1")
	if err := b.Bind("second"); err != nil {
		t.Fatal(err)
	}
	b.show(2)
	c.drain(b)
	if len(c.plays) != 1 || c.plays[0].Version != 2 || b.state().Stream == stream {
		t.Errorf("the second controller got %+v", c.plays)
	}
}

func TestQuotaCondensesAndKeepsTheCount(t *testing.T) {
	b, c := newBench(t, func(cfg *Config) { cfg.Quota = 1 << 20 }), newController(t)
	turn := uint64(0)
	for range 12 {
		for range 700 {
			turn++
			p := b.play(1)
			p.Shown, p.Outcome = 10_000, playlists.Complete
			b.End(turn, p)
			b.pass(10 * time.Second)
		}
		b.commit()
		b.pass(22 * time.Hour)
		if err := b.tidy(); err != nil {
			t.Fatal(err)
		}
	}
	b.mu.Lock()
	got := b.bytesLocked()
	b.mu.Unlock()
	if got > 3<<19 {
		t.Errorf("the journal takes %d bytes, the quota is 1 MiB", got)
	}
	c.drain(b)
	if got := c.count(playlists.Complete); got != int(turn) {
		t.Errorf("counts add up to %d, want %d", got, turn)
	}
	if c.known[c.streams[0]] != turn {
		t.Errorf("numbers end at %d, want %d", c.known[c.streams[0]], turn)
	}
}

func TestAcknowledgedPlaysGoAfterAWeek(t *testing.T) {
	b, c := newBench(t, nil), newController(t)
	for day := range uint64(12) {
		b.show(day + 1)
		if day < 9 {
			c.drain(b)
		}
		b.pass(24 * time.Hour)
		if err := b.tidy(); err != nil {
			t.Fatal(err)
		}
	}
	if kept := b.state().Kept; kept < 4 || kept > 6 {
		t.Errorf("oldest play kept is %d, want about a week back", kept)
	}
	c.drain(b)
	if c.count(playlists.Complete) != 12 {
		t.Errorf("got %d plays of 12", c.count(playlists.Complete))
	}
}
