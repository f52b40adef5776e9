package journal

import (
	"bytes"
	"errors"
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
