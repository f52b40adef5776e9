package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/playliststest/faulttest"
	"anteroom/playlists/wire"
)

// faultOperations are what a child of this test's binary does to a journal until it is broken.
func faultOperations() map[string]faulttest.Operation {
	return map[string]faulttest.Operation{
		"append":               func(c *faulttest.Child) error { return newPlayer(c, 0, nil).shows(3, 10*time.Second) },
		"day rotation":         func(c *faulttest.Child) error { return newPlayer(c, 0, nil).shows(3, 24*time.Hour) },
		"acknowledge and trim": acknowledgeAndTrim,
		"condense":             condense,
		"renew":                renew,
		"mend":                 mendDay,
	}
}

// player is what uses a journal in a child: it says what it asks for, "ask 7", what was acknowledged to
// it, "have 7", and what it sends.
type player struct {
	*Journal

	child *faulttest.Child
	now   time.Time
	next  uint64
}

var faultStart = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// newPlayer begins a while after the journal in the child's directory ended, with play number next.
func newPlayer(c *faulttest.Child, next uint64, mod func(*Config)) *player {
	p := &player{child: c, now: faultStart.Add(time.Duration(next) * 24 * time.Hour), next: next}
	on := p.now
	cfg := Config{
		Dir: filepath.Join(c.Dir, "journal"), Boot: playlists.BootID(fmt.Sprint("child-", next)), Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return p.now }, Mono: func() int64 { return int64(p.now.Sub(on)) },
		Screen: func() playlists.ScreenID { return "lobby" },
	}
	if mod != nil {
		mod(&cfg)
	}
	p.Journal = New(cfg)
	return p
}

// shows n plays, one after each pause, as an agent does: opened and durable, begun, ended and durable.
func (p *player) shows(n int, pause time.Duration) error {
	for range n {
		p.next++
		play := playlists.Play{
			Screen: "lobby", Item: "item", Region: "main", Start: p.now, Boot: p.cfg.Boot, Mono: p.cfg.Mono() / 1e6,
			Planned: 10_000, Version: int(p.next),
		}
		p.child.Say("ask %d", p.next)
		p.Open(p.next, play, p.now)
		if err := p.child.Try(p.Commit); err != nil {
			return err
		}
		p.Begin(p.next, play, p.now)
		p.now = p.now.Add(pause)
		play.Outcome, play.Shown = playlists.Complete, 10_000
		p.End(p.next, play)
		if err := p.child.Try(p.Commit); err != nil {
			return err
		}
		p.child.Say("have %d", p.next)
	}
	return nil
}

// sends a stretch to a controller, whose answer comes at once.
func (p *player) sends(limit int) error {
	var s Stretch
	err := p.child.Try(func() (err error) {
		s, err = p.Next(limit)
		return err
	})
	if err != nil || len(s.Plays) == 0 {
		return err
	}
	enc, err := json.Marshal(s)
	if err != nil {
		return err
	}
	p.child.Say("sent %s", enc)
	ack := wire.Ack{Stream: s.Stream, Through: s.Plays[len(s.Plays)-1].Seq}
	return p.child.Try(func() error { return p.Acknowledge(ack) })
}

// acknowledgeAndTrim sends what was prepared, part by part, while days pass and plays go on.
func acknowledgeAndTrim(c *faulttest.Child) error {
	p := newPlayer(c, prepared, nil)
	for range 3 {
		if err := p.sends(5); err != nil {
			return err
		}
		p.now = p.now.Add(5 * 24 * time.Hour)
		if err := p.shows(1, 10*time.Second); err != nil {
			return err
		}
		if err := c.Try(p.tidy); err != nil {
			return err
		}
	}
	return nil
}

// condense lets a journal over its quota make counts of its plays.
func condense(c *faulttest.Child) error {
	p := newPlayer(c, prepared, func(cfg *Config) { cfg.Quota = 1 })
	if _, err := p.State(); err != nil {
		c.Say("failed %v", err)
	}
	if err := p.sends(2); err != nil {
		return err
	}
	if err := c.Try(p.tidy); err != nil {
		return err
	}
	return p.shows(1, 10*time.Second)
}

// renew is what follows when a restored controller has less than the player still keeps.
func renew(c *faulttest.Child) error {
	p := newPlayer(c, prepared, func(cfg *Config) { cfg.Keep = 14 * 24 * time.Hour })
	var s State
	err := c.Try(func() (err error) {
		s, err = p.State()
		return err
	})
	if err != nil {
		return err
	}
	if err := c.Try(func() error { return p.Known(s.Stream, 1) }); err != nil {
		return err
	}
	if err := p.shows(1, 10*time.Second); err != nil {
		return err
	}
	return p.sends(4)
}

// mendDay sends all of a journal of which one day is damaged.
func mendDay(c *faulttest.Child) error {
	p := newPlayer(c, prepared, nil)
	for range 4 {
		if err := p.sends(5); err != nil {
			return err
		}
	}
	return p.shows(1, 10*time.Second)
}

// prepared is how many plays a prepared journal holds.
const prepared = 12

// prepare fills a journal with plays, all of one item, spread over days; the controller has the first acked.
func prepare(t *testing.T, dir string, c *controller, pause time.Duration, acked uint64) {
	b := &bench{t: t, dir: dir, now: faultStart, on: faultStart, mod: func(cfg *Config) { cfg.NoSync = false }}
	b.start("before")
	for turn := range uint64(prepared) {
		b.show(turn + 1)
		b.pass(pause)
		if b.state().Last == acked {
			c.drain(b)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

// told is what a child said.
type told struct {
	asked, have map[int]int
	sent        []Stretch
}

func hear(t *testing.T, said []string) told {
	t.Helper()
	h := told{asked: map[int]int{}, have: map[int]int{}}
	for _, line := range said {
		word, rest, _ := strings.Cut(line, " ")
		n, _ := strconv.Atoi(rest)
		switch word {
		case "ask":
			h.asked[n]++
		case "have":
			h.have[n]++
		case "sent":
			var s Stretch
			if err := json.Unmarshal([]byte(rest), &s); err != nil {
				t.Fatal(err)
			}
			h.sent = append(h.sent, s)
		default:
			t.Fatalf("the child said %q", line)
		}
	}
	return h
}

// left opens the journal that a child left, as the next run of the agent does.
func left(t *testing.T, dir string) *bench {
	b := &bench{t: t, dir: dir, now: faultStart.AddDate(0, 2, 0), on: faultStart, mod: func(cfg *Config) {
		cfg.Probe, cfg.NoSync = probeInAChild, false
	}}
	b.start("after")
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// settle takes what the child sent, lets the controller have all the rest, and counts complete plays.
func settle(t *testing.T, b *bench, c *controller, h told) map[int]int {
	t.Helper()
	taken := map[playlists.StreamID]map[uint64][]byte{}
	for _, s := range h.sent {
		c.acceptAgain(s, taken)
	}
	c.drain(b)
	c.drain(b) // streams follow each other
	found := map[int]int{}
	for _, p := range c.plays {
		if p.Outcome == playlists.Complete && p.Gap == "" {
			found[p.Version] += max(1, p.Condensed)
		}
	}
	return found
}

// acceptAgain takes a stretch of which some may have come before; taken are the chains that did.
func (c *controller) acceptAgain(s Stretch, taken map[playlists.StreamID]map[uint64][]byte) {
	c.t.Helper()
	if taken[s.Stream] == nil {
		taken[s.Stream] = map[uint64][]byte{}
	}
	chain, fresh := s.Before, Stretch{Stream: s.Stream, Before: s.Before}
	for _, p := range s.Plays {
		chain = wire.Chain(chain, p)
		if p.Seq > c.known[s.Stream] {
			fresh.Plays = append(fresh.Plays, p)
			taken[s.Stream][p.Seq] = chain
			continue
		}
		if !bytes.Equal(taken[s.Stream][p.Seq], chain) {
			c.t.Fatalf("number %d of stream %s was given to another play", p.Seq, s.Stream)
		}
		fresh.Before = chain
	}
	if len(fresh.Plays) > 0 {
		c.accept(fresh)
	}
}

// compare holds what arrived against what was asked for and acknowledged.
func (h told) compare(t *testing.T, found map[int]int) {
	t.Helper()
	for n := range h.asked {
		if found[n] < h.have[n] || found[n] > h.asked[n] {
			t.Errorf("play %d arrived %d times; it was asked for %d times and acknowledged %d times", n, found[n], h.asked[n], h.have[n])
		}
	}
	for n := range found {
		if h.asked[n] == 0 {
			t.Errorf("play %d arrived, and nobody asked for it", n)
		}
	}
}

// all are the plays that were prepared, too.
func (h told) all() told {
	for n := range prepared {
		h.asked[n+1]++
		h.have[n+1]++
	}
	return h
}

func TestFaultsOfAppend(t *testing.T) {
	for _, operation := range []string{"append", "day rotation"} {
		faulttest.Campaign{Operation: operation, Check: func(t *testing.T, dir string, said []string) {
			h, b, c := hear(t, said), left(t, dir), newController(t)
			h.compare(t, settle(t, b, c, h))
			if c.gaps() > 0 || len(c.streams) > 1 {
				t.Errorf("%d streams, %d plays called lost", len(c.streams), c.gaps())
			}
		}}.Run(t)
	}
}

func TestFaultsOfAcknowledge(t *testing.T) {
	before := newController(t)
	faulttest.Campaign{
		Operation: "acknowledge and trim",
		Prepare:   func(t *testing.T, dir string) { prepare(t, dir, before, 12*time.Hour, 3) },
		Check: func(t *testing.T, dir string, said []string) {
			h, b, c := hear(t, said).all(), left(t, dir), before.copy(t)
			h.compare(t, settle(t, b, c, h))
			if c.gaps() > 0 || len(c.streams) > 1 {
				t.Errorf("%d streams, %d plays called lost", len(c.streams), c.gaps())
			}
		},
	}.Run(t)
}

func TestFaultsOfCondensing(t *testing.T) {
	before := newController(t)
	faulttest.Campaign{
		Operation: "condense",
		Prepare:   func(t *testing.T, dir string) { prepareMany(t, dir, before) },
		Check: func(t *testing.T, dir string, said []string) {
			h, b, c := hear(t, said), left(t, dir), before.copy(t)
			h.asked[1], h.have[1] = many, many
			h.compare(t, settle(t, b, c, h))
			if len(c.streams) > 1 {
				t.Errorf("%d streams", len(c.streams))
			}
		},
	}.Run(t)
}

// many plays are enough for some of them to be condensed.
const many = 3 * (inFlight + 6)

// prepareMany fills three days of a journal with like plays, of which the controller has one.
func prepareMany(t *testing.T, dir string, c *controller) {
	b := &bench{t: t, dir: dir, now: faultStart, on: faultStart, mod: func(cfg *Config) { cfg.NoSync = false }}
	b.start("before")
	for n := range many {
		p := b.play(1)
		p.Outcome, p.Shown = playlists.Complete, 10_000
		b.End(uint64(n), p)
		b.pass(10 * time.Second)
		if n%(many/3) == many/3-1 {
			b.commit()
			b.pass(24 * time.Hour)
		}
	}
	s, err := b.Next(1)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Acknowledge(c.accept(s)); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

// trimmed plays are gone before a restored controller asks for them.
const trimmed = 6

func TestFaultsOfRenewal(t *testing.T) {
	before := newController(t)
	faulttest.Campaign{
		Operation: "renew",
		Prepare: func(t *testing.T, dir string) {
			prepare(t, dir, before, 12*time.Hour, 8)
			b := left(t, dir)
			b.now = faultStart.AddDate(0, 0, 10)
			if kept := b.state().Kept; kept != 1 {
				t.Fatalf("the oldest play kept is %d", kept)
			}
			if err := b.tidy(); err != nil {
				t.Fatal(err)
			}
			if kept := b.state().Kept; kept != trimmed+1 {
				t.Fatalf("the oldest play kept is %d", kept)
			}
		},
		Check: func(t *testing.T, dir string, said []string) {
			h, b, c := hear(t, said).all(), left(t, dir), newController(t)
			start, old := before.plays[0], before.streams[0]
			chain, err := wire.ChainStart(old)
			if err != nil {
				t.Fatal(err)
			}
			c.known[old], c.chains[old] = 1, wire.Chain(chain, start)
			found := settle(t, b, c, h)
			for n := range trimmed {
				delete(h.asked, n+1)
			}
			h.compare(t, found)
			if c.gaps() == 0 {
				t.Error("what is lost is not told")
			}
		},
	}.Run(t)
}

// damagedDay is the day that is damaged before it is mended, and its plays.
const (
	damagedDay  = 2
	damagedPlay = 2*damagedDay + 1
	damagedLast = damagedPlay + 1
)

func TestFaultsOfMending(t *testing.T) {
	before := newController(t)
	faulttest.Campaign{
		Operation: "mend",
		Prepare: func(t *testing.T, dir string) {
			prepare(t, dir, before, 12*time.Hour, 3)
			write(t, (&bench{dir: dir}).files()[damagedDay], "garbage")
		},
		Check: func(t *testing.T, dir string, said []string) {
			h, b, c := hear(t, said).all(), left(t, dir), before.copy(t)
			delete(h.asked, damagedPlay)
			delete(h.asked, damagedLast)
			h.compare(t, settle(t, b, c, h))
			if c.gaps() != damagedLast-damagedPlay+1 || len(c.streams) > 1 || len(b.aside()) != 1 {
				t.Errorf("%d streams, %d plays called lost, %q set aside", len(c.streams), c.gaps(), b.aside())
			}
		},
	}.Run(t)
}

// copy is another controller with the same plays.
func (c *controller) copy(t *testing.T) *controller {
	return &controller{
		t: t, known: maps.Clone(c.known), chains: maps.Clone(c.chains), plays: slices.Clone(c.plays), streams: slices.Clone(c.streams),
	}
}
