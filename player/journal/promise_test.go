package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"testing"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// A file whose values are all sound, and whose numbers or chain are not, cannot be believed.
func TestProbeFollowsNumbersAndChain(t *testing.T) {
	tests := []struct {
		name   string
		change func(w *writer, plays []playlists.Play) error
		sound  bool
	}{
		{"as it was written", func(*writer, []playlists.Play) error { return nil }, true},
		{"another chain is noted after the last play", func(w *writer, _ []playlists.Play) error {
			w.meta.After = bytes.Repeat([]byte{7}, len(w.meta.After))
			return nil
		}, false},
		{"another chain is noted before the first", func(w *writer, _ []playlists.Play) error {
			w.meta.Before = bytes.Repeat([]byte{7}, len(w.meta.Before))
			return nil
		}, false},
		{"the last play is missing", func(w *writer, _ []playlists.Play) error {
			return w.tx.Bucket([]byte(playsBucket)).Delete(number(5))
		}, false},
		{"one in the middle is missing, and the chain does without it", func(w *writer, plays []playlists.Play) error {
			w.meta.After = w.meta.Before
			for _, p := range plays {
				if p.Seq != 3 {
					w.meta.follow(&p)
				}
			}
			return w.tx.Bucket([]byte(playsBucket)).Delete(number(3))
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, nil)
			for turn := range uint64(5) {
				b.show(turn + 1)
			}
			s, err := b.Next(5)
			if err != nil {
				t.Fatal(err)
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			path := b.head().path
			if err := b.head().update(func(w *writer) error { return tt.change(w, s.Plays) }); err != nil {
				t.Fatal(err)
			}
			if err := b.poisonLocked(nil); err != nil {
				t.Fatal(err)
			}
			if err := Probe(path); tt.sound != (err == nil) || !tt.sound && !errors.Is(err, ErrDamaged) {
				t.Errorf("the probe says %v; sound: %v", err, tt.sound)
			}
		})
	}
}

// A page says how many more belong to it. What does not fit into the file is damage that costs no memory to find,
// also of the list of free pages, which nobody else reads.
func TestPagesThatClaimTooMuch(t *testing.T) {
	b := newBench(t, nil)
	b.show(1)
	path := b.head().path
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page, flags, freelist, overflow = 4096, 8, 16, 12
	for at := 2 * page; at < len(whole); at += page {
		if binary.NativeEndian.Uint16(whole[at+flags:]) == freelist {
			binary.NativeEndian.PutUint32(whole[at+overflow:], 1<<20)
		}
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Probe(path); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v, want damage", err)
	}
}

// What is a month old and acknowledged goes; the next play after it does not.
func TestTrimLeavesWhatIsNotAcknowledged(t *testing.T) {
	b, c := newBench(t, nil), newController(t)
	b.days(10)
	for range 4 {
		s, err := b.Next(1)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Acknowledge(c.accept(s)); err != nil {
			t.Fatal(err)
		}
	}
	b.pass(30 * 24 * time.Hour)
	if err := b.tidy(); err != nil {
		t.Fatal(err)
	}
	if kept := b.state().Kept; kept != 5 {
		t.Errorf("the oldest play kept is %d, the first not acknowledged 5", kept)
	}
	c.drain(b)
	if c.count(playlists.Complete) != 10 || c.gaps() != 0 {
		t.Errorf("%d plays of 10 arrived, %d are called lost", c.count(playlists.Complete), c.gaps())
	}
}

// While a batch is on its way its numbers are taken: it comes again as it was, however full the journal is.
func TestWhatIsOnItsWayIsNotCondensed(t *testing.T) {
	b, c := newBench(t, func(cfg *Config) { cfg.Quota = 1 }), newController(t)
	for n := range uint64(3 * (inFlight + 40)) {
		p := b.play(1)
		p.Outcome, p.Shown = playlists.Complete, 10_000
		b.End(n, p)
		b.pass(10 * time.Second)
		if n%(inFlight+40) == inFlight+39 {
			b.commit()
			b.pass(24 * time.Hour)
		}
	}
	first, err := b.Next(1)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Acknowledge(c.accept(first)); err != nil {
		t.Fatal(err)
	}
	sent, err := b.Next(inFlight)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.tidy(); err != nil {
		t.Fatal(err)
	}
	again, err := b.Next(inFlight + 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(sent.Plays) != inFlight || !bytes.Equal(wire.PackPlays(again.Plays[:inFlight]), wire.PackPlays(sent.Plays)) {
		t.Error("what was on its way comes again as something else")
	}
	if next := again.Plays[inFlight]; next.Condensed == 0 {
		t.Errorf("the next record is %+v, not a count: nothing was condensed", next)
	}
}

// Acknowledgements may be delayed, come twice, or be for a stream of before.
func TestAcknowledgementsOutOfOrder(t *testing.T) {
	b, c := newBench(t, nil), newController(t)
	for turn := range uint64(10) {
		b.show(turn + 1)
	}
	stream := b.state().Stream
	for range 2 {
		s, err := b.Next(3)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Acknowledge(c.accept(s)); err != nil {
			t.Fatal(err)
		}
	}
	for name, late := range map[string]wire.Ack{
		"the first comes again":                 {Stream: stream, Through: 3},
		"the second comes again":                {Stream: stream, Through: 6},
		"one of another stream":                 {Stream: playlists.StreamID("00112233445566778899aabbccddeeff"), Through: 9},
		"another stream is asked to come again": {Stream: playlists.StreamID("00112233445566778899aabbccddeeff"), Through: 1, Want: 2},
	} {
		if err := b.Acknowledge(late); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if s, err := b.Next(1); err != nil || len(s.Plays) != 1 || s.Plays[0].Seq != 7 {
			t.Errorf("%s: %v, and what comes next is %+v, not play 7", name, err, s.Plays)
		}
	}
	c.drain(b)
	if c.count(playlists.Complete) != 10 || len(c.streams) != 1 {
		t.Errorf("%d plays of 10, in %d streams", c.count(playlists.Complete), len(c.streams))
	}
}

// The sum covers what the chain does not: a turn that is still on.
func TestASingleBitOfAMark(t *testing.T) {
	b := newBench(t, nil)
	b.show(1)
	p := b.play(2)
	p.Item = "spring-in-the-garden"
	b.Open(2, p, b.now)
	b.commit()
	b.mu.Lock()
	path := b.head().path
	err := b.poisonLocked(nil)
	b.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.ReplaceAll(whole, []byte("spring-in-the-garden"), []byte("spring-in-the-gardeo"))
	if bytes.Equal(whole, other) {
		t.Fatal("the mark is not there")
	}
	if err := os.WriteFile(path, other, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Probe(path); !errors.Is(err, ErrDamaged) {
		t.Errorf("a mark that says something else is believed: %v", err)
	}
}

// Numbers that condensing frees are no lost plays.
func TestCondensingLosesNothing(t *testing.T) {
	b, c := newBench(t, func(cfg *Config) { cfg.Quota = 1 }), newController(t)
	for n := range uint64(600) {
		p := b.play(1)
		p.Outcome, p.Shown = playlists.Complete, 10_000
		b.End(n, p)
		b.pass(10 * time.Second)
		if n%200 == 199 {
			b.commit()
			b.pass(24 * time.Hour)
		}
	}
	if err := b.tidy(); err != nil {
		t.Fatal(err)
	}
	c.drain(b)
	for _, p := range c.plays {
		if p.Outcome == playlists.Lost {
			t.Errorf("called lost: %+v", p)
		}
	}
	if c.count(playlists.Complete) != 600 || c.gaps() == 0 {
		t.Errorf("%d plays of 600 arrived, %d numbers are free", c.count(playlists.Complete), c.gaps())
	}
}

// What a player says of its chain is what its plays give, over days and over a damaged one: a controller that
// has them all, and whose answer was lost, compares it, and would else see two machines.
func TestTheChainThatIsTold(t *testing.T) {
	for _, row := range []struct {
		name    string
		damaged bool
	}{{"days", false}, {"days, one of them damaged", true}} {
		t.Run(row.name, func(t *testing.T) {
			b, c := newBench(t, nil), newController(t)
			for turn := range uint64(30) {
				b.show(turn + 1)
				b.pass(3 * time.Hour)
			}
			files := b.files()
			b.crash("boot-2")
			if row.damaged {
				write(t, files[1], "garbage")
			}
			before := b.state()
			for range 30 {
				s, err := b.Next(64)
				if err != nil {
					t.Fatal(err)
				}
				ack := c.accept(s)
				if ack.Through == before.Last {
					break // and the answer is lost
				}
				if err := b.Acknowledge(ack); err != nil {
					t.Fatal(err)
				}
			}
			now := b.state()
			if c.known[now.Stream] != now.Last || !bytes.Equal(now.Chain, c.chains[now.Stream]) {
				t.Errorf("the controller has %d plays of %d, and the chain told is not the one that they give", c.known[now.Stream], now.Last)
			}
			if !row.damaged && !bytes.Equal(before.Chain, now.Chain) {
				t.Error("sending changes the chain")
			}
		})
	}
}

// However many plays wait when the clock is set, those that come then have later numbers.
func TestHeldPlaysAreNotOvertaken(t *testing.T) {
	u := newUnset(t)
	p := u.play(1)
	p.Quality, p.Outcome = playlists.ClockUnset, playlists.Complete
	const held = releaseMost + 10
	for n := range held {
		p.Version = n + 1
		u.End(uint64(n+1), p)
	}
	u.commit()
	u.set = true
	late := u.play(held + 1)
	late.Outcome = playlists.Complete
	u.End(held+1, late)
	for u.commit(); u.state().Held > 0; {
		u.commit()
	}
	c := newController(t)
	c.drain(u.bench)
	for n, p := range c.plays {
		if p.Version != n+1 {
			t.Fatalf("play %d is number %d", p.Version, p.Seq)
		}
	}
	if len(c.plays) != held+1 {
		t.Errorf("%d plays, want %d", len(c.plays), held+1)
	}
}
