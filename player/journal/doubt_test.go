package journal

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// TestMidnightInTheMiddleOfAGroupCommit: a play that was opened and begun on one day, ended on it and
// committed on the next, is one play, and its mark is gone.
func TestMidnightInTheMiddleOfAGroupCommit(t *testing.T) {
	b, c := newBench(t, nil), newController(t)
	b.now = time.Date(2026, 11, 22, 23, 59, 49, 0, time.UTC)
	for _, turn := range []uint64{1, 2} {
		b.Open(turn, b.play(turn), b.now)
	}
	b.Begin(1, b.play(1), b.now)
	b.commit()
	p := b.play(1)
	b.pass(10 * time.Second)
	p.Outcome = playlists.Complete
	b.End(1, p)
	b.Begin(2, b.play(2), b.now)
	b.pass(3 * time.Second) // midnight
	b.commit()
	if len(b.files()) != 2 {
		t.Fatalf("files %q", b.files())
	}
	b.crash("boot-1")
	if found := b.found(); len(found.Open) != 1 || found.Open[0].Turn != 2 || !found.Open[0].Drawn {
		t.Errorf("open is %+v, want turn 2", found.Open)
	}
	c.drain(b)
	if len(c.plays) != 1 || c.count(playlists.Complete) != 1 {
		t.Errorf("got %+v", c.plays)
	}
}

// TestClockSetBackAndForth: days in any order, with marks open across them; numbers stay dense and nothing is
// lost, forgotten early or counted twice.
func TestClockSetBackAndForth(t *testing.T) {
	b, c := newBench(t, nil), newController(t)
	turn := uint64(0)
	for _, jump := range []time.Duration{0, -50 * time.Hour, 70 * time.Hour, -2 * time.Hour, -200 * time.Hour, 500 * time.Hour} {
		turn++
		b.Open(turn, b.play(turn), b.now)
		b.commit()
		b.pass(jump)
		p := b.play(turn)
		p.Outcome = playlists.Complete
		b.End(turn, p)
		b.commit()
		if err := b.tidy(); err != nil {
			t.Fatal(err)
		}
		b.crash("boot-1")
	}
	c.drain(b)
	if c.count(playlists.Complete) != int(turn) || len(c.plays) != int(turn) || len(c.streams) != 1 {
		t.Errorf("got %d plays of %d in %d streams: %+v", len(c.plays), turn, len(c.streams), c.plays)
	}
}

// TestWantOfTrimmedNumbers: a controller that asks, in an answer, for what is gone gets the rest in a new
// stream, with a gap that says so, and nothing twice.
func TestWantOfTrimmedNumbers(t *testing.T) {
	b, c := newBench(t, nil), newController(t)
	for day := range uint64(12) {
		b.show(day + 1)
		c.drain(b)
		b.pass(24 * time.Hour)
		if err := b.tidy(); err != nil {
			t.Fatal(err)
		}
	}
	b.show(13)
	old, kept := b.state().Stream, b.state().Kept
	if kept < 3 {
		t.Fatalf("nothing was trimmed: %d is kept", kept)
	}
	if err := b.Acknowledge(wire.Ack{Stream: old, Through: 1, Want: 2}); err != nil {
		t.Fatal(err)
	}
	restored := newController(t)
	restored.drain(b)
	if got := restored.count(playlists.Complete); b.state().Stream == old || restored.gaps() != 1 || got != 13-int(kept)+1 {
		t.Errorf("got %d plays and %d gaps, want all of %d to 13, in a new stream", got, restored.gaps(), kept)
	}
}

// TestTrimWhileSending: batches whose answers are lost, condensing under a small quota, days that turn, new
// processes, in any order. The counts add up, and the chain holds.
func TestTrimWhileSending(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b, c := newBench(t, func(cfg *Config) { cfg.Quota = 200 << 10 }), newController(t)
		turn := uint64(0)
		send := func(answered bool) {
			s, err := b.Next(64)
			if err != nil {
				rt.Fatal(err)
			}
			if len(s.Plays) == 0 {
				return
			}
			known := c.known[s.Stream]
			if first := firstOf(&s.Plays[0]); first <= known { // it comes again: what is known must be the same
				c.again(rt, s)
			} else {
				c.accept(s)
			}
			if answered {
				if err := b.Acknowledge(wire.Ack{Stream: s.Stream, Through: c.known[s.Stream]}); err != nil {
					rt.Fatal(err)
				}
				b.mu.Lock()
				defer b.mu.Unlock()
				if err := b.saveIndex(); err != nil { // which simulations spare themselves
					rt.Fatal(err)
				}
			}
		}
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			switch rapid.IntRange(0, 5).Draw(rt, "step") {
			case 0, 1:
				for range rapid.IntRange(1, 300).Draw(rt, "plays") {
					turn++
					p := b.play(1)
					p.Shown, p.Outcome = 10_000, playlists.Complete
					b.End(turn, p)
					b.pass(10 * time.Second)
				}
				b.commit()
			case 2:
				b.pass(24 * time.Hour)
				b.Alive()
				b.commit()
			case 3:
				if err := b.tidy(); err != nil {
					rt.Fatal(err)
				}
			case 4:
				send(rapid.Bool().Draw(rt, "answered"))
			case 5:
				b.crash("boot-1")
			}
		}
		c.drain(b)
		if got := c.count(playlists.Complete); got != int(turn) || len(c.streams) > 1 {
			rt.Fatalf("counts add up to %d, want %d, in %d streams", got, turn, len(c.streams))
		}
	})
}

// again takes a stretch of which something is known: that must be what it was.
func (c *controller) again(t *rapid.T, s Stretch) {
	chain := s.Before
	for i := range s.Plays {
		p := s.Plays[i]
		chain = wire.Chain(chain, p)
		switch known := c.known[s.Stream]; {
		case p.Seq == known && string(chain) != string(c.chains[s.Stream]):
			t.Fatalf("play %d comes again and is another", p.Seq)
		case firstOf(&p) <= known && p.Seq > known:
			t.Fatalf("record %d covers what is known, up to %d", p.Seq, known)
		case p.Seq > known:
			c.known[s.Stream], c.chains[s.Stream] = p.Seq, chain
			c.plays = append(c.plays, p)
		}
	}
}

// TestAFullJournalWithoutItsIndex: what the controller has is unknown until it tells, and none of it is condensed
// away before.
func TestAFullJournalWithoutItsIndex(t *testing.T) {
	b, c := newBench(t, func(cfg *Config) { cfg.Quota = 300 << 10 }), newController(t)
	turn := uint64(0)
	for range 6 {
		for range 700 {
			turn++
			p := b.play(1)
			p.Shown, p.Outcome = 10_000, playlists.Complete
			b.End(turn, p)
			b.pass(10 * time.Second)
		}
		b.commit()
		b.pass(22 * time.Hour)
	}
	for range 20 {
		s, err := b.Next(64)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Acknowledge(c.accept(s)); err != nil {
			t.Fatal(err)
		}
	}
	b.crash("boot-1")
	if err := os.Remove(filepath.Join(b.dir, "journal", indexName)); err != nil {
		t.Fatal(err)
	}
	b.state()
	if err := b.tidy(); err != nil {
		t.Fatal(err)
	}
	b.crash("boot-1")
	c.drain(b)
	if got := c.count(playlists.Complete); got != int(turn) || len(c.streams) != 1 {
		t.Errorf("counts add up to %d, want %d, in %d streams", got, turn, len(c.streams))
	}
}
