package playback

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

const second = int64(time.Second)

// epoch is the wall clock at monotonic 0 in these tests.
var epoch = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// reel is a programme drawn by hand: a loop of ten-second slots, and takeovers that begin and end when
// the test says.
type reel struct {
	items    []playlists.Showing
	slot     time.Duration
	takeover [][2]time.Time
	picture  []playlists.Asset // goes with the takeovers' words
	window   [][2]time.Time    // a higher window, with its own loop
}

func newReel(names ...string) *reel {
	r := &reel{slot: 10 * time.Second}
	for _, n := range names {
		r.items = append(r.items, playlists.Showing{
			Item: playlists.ItemID(n), Version: 1, Title: n, Language: "en", Asset: playliststest.Digest(n), Medium: playlists.Image,
		})
	}
	return r
}

func in(spans [][2]time.Time, t time.Time) ([2]time.Time, bool) {
	for _, s := range spans {
		if !t.Before(s[0]) && t.Before(s[1]) {
			return s, true
		}
	}
	return [2]time.Time{}, false
}

func (r *reel) At(t time.Time) playlists.Frame {
	if s, ok := in(r.takeover, t); ok {
		start := s[0].Add(t.Sub(s[0]).Truncate(r.slot))
		return playlists.Frame{
			Source: playlists.FromTakeover, Takeover: playlists.TakeoverID(fmt.Sprintf("tko-%d", s[0].Unix())), Start: s[0], End: s[1],
			Slots: []playlists.Slot{{Start: start, End: start.Add(r.slot), Slide: &playlists.TakeoverSlide{Language: "en", Slide: []byte("{}"), Picture: r.picture}}},
		}
	}
	layout := &playlists.BodyLayout{ID: "full", Regions: []playlists.BodyRegion{{Name: "full", W: 1, H: 1}}}
	f := playlists.Frame{Source: playlists.FromFiller, Start: epoch.Add(-24 * time.Hour), End: epoch.Add(24 * time.Hour), Layout: layout}
	if s, ok := in(r.window, t); ok {
		f.Source, f.Window, f.Start, f.End = playlists.FromWindow, "window", s[0], s[1]
	}
	start := f.Start.Add(t.Sub(f.Start).Truncate(r.slot))
	showing := &r.items[int(start.Sub(f.Start)/r.slot)%len(r.items)]
	f.Slots = []playlists.Slot{{
		Region: "full", Start: start, End: start.Add(r.slot), Showing: showing, Entry: &playlists.LoopEntry{Millis: r.slot.Milliseconds()},
	}}
	return f
}

func (r *reel) Next(t time.Time) time.Time {
	next := r.At(t).Slots[0].End
	for _, s := range append(append([][2]time.Time{}, r.takeover...), r.window...) {
		for _, edge := range s {
			if edge.After(t) && edge.Before(next) {
				next = edge
			}
		}
	}
	return next
}

// show wraps a reel; all assets are cached unless the test says otherwise.
func (r *reel) show() *Show {
	body := &playlists.Body{Zone: "UTC"}
	return NewShow(r, nil, &playlists.Manifest{Head: playlists.Head{Screen: "lobby", Body: "body"}, Body: body}, nil)
}

func at(s float64) time.Time { return epoch.Add(time.Duration(s * float64(time.Second))) }

// teller is a test or a property.
type teller interface {
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// rig is director, ledger and a stage that does as it is told.
type rig struct {
	t        teller
	reel     *reel
	director *Director
	ledger   *Ledger
	missing  map[playlists.Digest]bool
	now      int64
	wake     int64
	on       *Scene
	plan     []Scene
	drawn    map[uint64]int64 // truth: first picture of each turn
	open     map[uint64]bool
	plays    map[uint64]playlists.Play
	dead     bool
	slow     int64 // how late new turns are drawn
	// What an agent that will be killed leaves: what its stage told, the steps so far, and how many of them
	// are on the disk for certain. It is deaf between its death and the stage's.
	dying, deaf bool
	told        []Event
	steps       []Step
	durable     int
}

func newRig(t teller, r *reel) *rig {
	g := &rig{
		t: t, reel: r, ledger: NewLedger("boot"), missing: map[playlists.Digest]bool{},
		drawn: map[uint64]int64{}, open: map[uint64]bool{}, plays: map[uint64]playlists.Play{},
	}
	g.director = NewDirector(func(d playlists.Digest) (string, bool) { return "/" + string(d), !g.missing[d] }, 0)
	g.director.Set([]Span{{Epoch: epoch, Quality: playlists.ClockSynced, Show: r.show()}})
	return g
}

func (g *rig) record(steps []Step) {
	if g.dying {
		g.steps = append(g.steps, steps...)
		return
	}
	for _, s := range steps {
		switch s.Kind {
		case Opened:
			if g.open[s.Turn] {
				g.t.Fatalf("turn %d opened twice", s.Turn)
			}
			g.open[s.Turn] = true
		case Begun:
			if !g.open[s.Turn] {
				g.t.Fatalf("turn %d began without a mark", s.Turn)
			}
		case Ended:
			if _, twice := g.plays[s.Turn]; twice || !g.open[s.Turn] {
				g.t.Fatalf("turn %d ended twice or was not open", s.Turn)
			}
			g.plays[s.Turn] = s.Play
			delete(g.open, s.Turn)
		case Withdrawn:
			if _, was := g.drawn[s.Turn]; was || !g.open[s.Turn] {
				g.t.Fatalf("turn %d withdrawn, drawn: %v", s.Turn, was)
			}
			delete(g.open, s.Turn)
		}
	}
}

// plan lets the director plan, and gives the stage what it cues.
func (g *rig) cue() {
	if g.dead || g.deaf {
		return
	}
	cues, wake := g.director.Plan(g.now)
	g.wake = wake
	for _, c := range cues {
		g.record(g.ledger.Cue(c, g.now))
		g.durable = len(g.steps)
		for i := 0; i < len(g.plan); i++ {
			if g.plan[i].At >= c.Scene.At {
				g.plan = g.plan[:i]
			}
		}
		g.plan = append(g.plan, c.Scene)
	}
}

// run lets time pass in steps of a tenth of a second.
func (g *rig) run(until float64) {
	for g.now < int64(until*float64(second)) {
		g.stage()
		if g.now >= g.wake {
			g.cue()
		}
		g.stage()
		if g.now%second == 0 && !g.dead && !g.deaf {
			g.record(g.ledger.Event(Event{Beat: &Beat{At: g.now, Scene: g.onID()}}))
		}
		g.now += second / 10
	}
}

func (g *rig) onID() uint64 {
	if g.on == nil {
		return 0
	}
	return g.on.ID
}

func (g *rig) stage() {
	for !g.dead && len(g.plan) > 0 && g.plan[0].At <= g.now {
		scene := g.plan[0]
		g.plan, g.on = g.plan[1:], &scene
	}
	if g.dead || g.on == nil || g.now < g.on.At+g.slow {
		return
	}
	for _, r := range g.on.Regions {
		if _, was := g.drawn[r.Turn]; !was && r.Turn > 0 {
			g.drawn[r.Turn] = g.now
			e := Event{Drawn: &Drawn{Scene: g.on.ID, Turn: r.Turn, At: g.now}}
			g.told = append(g.told, e)
			if !g.deaf {
				g.record(g.ledger.Event(e))
				g.wake = g.now
			}
		}
	}
}

func (g *rig) die() {
	g.record(g.ledger.Event(Event{Gone: &Gone{At: g.now, Display: true}}))
	g.director.Restarted()
	g.dead, g.on, g.plan = true, nil, nil
}

func (g *rig) revive() {
	g.dead, g.wake = false, g.now
}

func (g *rig) finish() {
	g.record(g.ledger.Stop(g.now))
	if len(g.open) > 0 {
		g.t.Errorf("turns left open: %v", g.open)
	}
	for turn, begun := range g.drawn {
		p, ok := g.plays[turn]
		if !ok {
			g.t.Errorf("turn %d was drawn and has no play", turn)
		}
		if elapsed := (g.now - begun) / 1e6; p.Shown > elapsed || p.Shown > p.Planned {
			g.t.Errorf("turn %d shown for %d ms, %d elapsed, %d planned", turn, p.Shown, elapsed, p.Planned)
		}
	}
	for turn, p := range g.plays {
		if _, was := g.drawn[turn]; !was && p.Outcome != playlists.Failed {
			g.t.Errorf("turn %d was never drawn, and is %s", turn, p.Outcome)
		}
		if p.Outcome == playlists.Complete && (p.Resumed || p.Planned-p.Shown > 500) {
			g.t.Errorf("turn %d is no complete play: %+v", turn, p)
		}
	}
}

// list is the plays in the order of their turns, "item outcome shown-in-seconds [resumed]".
func (g *rig) list() []string {
	plays := slices.SortedFunc(maps.Values(g.plays), func(a, b playlists.Play) int { return a.Start.Compare(b.Start) })
	var all []string
	for _, p := range plays {
		line := fmt.Sprintf("%s%s %s %.1f", p.Item, p.Takeover, p.Outcome, float64(p.Shown)/1000)
		if p.Resumed {
			line += " resumed"
		}
		all = append(all, line)
	}
	return all
}

func TestPlays(t *testing.T) {
	tests := []struct {
		name string
		do   func(g *rig)
		want []string
	}{
		{
			"three slots, shown whole", func(g *rig) { g.run(30.5) },
			[]string{"a complete 10.0", "b complete 10.0", "c complete 10.0", "a interrupted 0.5"},
		},
		{
			"joined late: the first is truncated", func(g *rig) { g.now = 4 * second; g.run(20.5) },
			[]string{"a truncated 6.0", "b complete 10.0", "c interrupted 0.5"},
		},
		{
			"drawn 0.3 s late: still complete", func(g *rig) { g.slow = 3 * second / 10; g.run(20.5) },
			[]string{"a complete 9.7", "b complete 9.7", "c interrupted 0.2"},
		},
		{
			"drawn 2 s late: truncated", func(g *rig) { g.slow = 2 * second; g.run(20.5) },
			[]string{"a truncated 8.0", "b truncated 8.0"},
		},
		{"a takeover preempts, its end truncates, the loop goes on in step", func(g *rig) {
			g.reel.takeover = [][2]time.Time{{at(13), at(26)}}
			g.run(40.5)
		}, []string{"a complete 10.0", "b preempted 3.0", "tko-1795348813 complete 10.0", "tko-1795348813 truncated 3.0", "c truncated 4.0", "a complete 10.0", "b interrupted 0.5"}},
		{"a takeover in mid-slot and back in the same slot: resumed", func(g *rig) {
			g.reel.takeover = [][2]time.Time{{at(12), at(17)}}
			g.run(30.5)
		}, []string{"a complete 10.0", "b preempted 2.0", "tko-1795348812 truncated 5.0", "b truncated 3.0 resumed", "c complete 10.0", "a interrupted 0.5"}},
		{"the screen's name preempts; the slot is resumed under it", func(g *rig) {
			plain := Span{Epoch: epoch, Quality: playlists.ClockSynced, Show: g.reel.show()}
			g.run(13)
			named, after := plain, plain
			named.Show, after.From = plain.Show.Naming(&Slate{Title: "By the window"}), 17*second
			g.director.Set([]Span{named, after})
			g.cue()
			g.run(30.5)
		}, []string{"a complete 10.0", "b preempted 3.0", "b truncated 3.0 resumed", "c complete 10.0", "a interrupted 0.5"}},
		{"a takeover is never under the screen's name", func(g *rig) {
			g.reel.takeover = [][2]time.Time{{at(15), at(25)}}
			g.director.Set([]Span{{Epoch: epoch, Quality: playlists.ClockSynced, Show: g.reel.show().Naming(&Slate{Title: "By the window"})}})
			g.run(30.5)
		}, []string{"tko-1795348815 complete 10.0"}},
		{"a higher window preempts; its own end truncates", func(g *rig) {
			g.reel.window = [][2]time.Time{{at(14), at(27)}}
			g.run(40.5)
		}, []string{"a complete 10.0", "b preempted 4.0", "a complete 10.0", "b truncated 3.0", "c truncated 3.0", "a complete 10.0", "b interrupted 0.5"}},
		{"the stage dies and comes back in the same slot", func(g *rig) {
			g.run(13)
			g.die()
			g.run(15)
			g.revive()
			g.run(30.5)
		}, []string{"a complete 10.0", "b interrupted 3.0", "b truncated 5.0 resumed", "c complete 10.0", "a interrupted 0.5"}},
		{"the stage dies and comes back two slots later", func(g *rig) {
			g.run(13)
			g.die()
			g.run(32)
			g.revive()
			g.run(40.5)
		}, []string{"a complete 10.0", "b interrupted 3.0", "a truncated 8.0", "b interrupted 0.5"}},
		{"a missing picture: the one before stands in for its slot", func(g *rig) {
			g.missing[playliststest.Digest("b")] = true
			g.run(30.5)
		}, []string{"a complete 10.0", "a complete 10.0", "c complete 10.0", "a interrupted 0.5"}},
		{"a picture that arrives in mid-slot waits for its next", func(g *rig) {
			g.missing[playliststest.Digest("b")] = true
			g.run(13)
			g.missing[playliststest.Digest("b")] = false
			g.cue()
			g.run(20.5)
		}, []string{"a complete 10.0", "a complete 10.0", "c interrupted 0.5"}},
		{"a picture found damaged in mid-slot gives way at once", func(g *rig) {
			g.run(13)
			g.missing[playliststest.Digest("b")] = true
			g.cue()
			g.run(20.5)
		}, []string{"a complete 10.0", "b truncated 3.0", "a truncated 7.0 resumed", "c interrupted 0.5"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newRig(t, newReel("a", "b", "c"))
			tt.do(g)
			g.finish()
			got := g.list()
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestFailedTurn(t *testing.T) {
	g := newRig(t, newReel("a", "b"))
	g.run(3)
	next := g.plan[0]
	g.record(g.ledger.Event(Event{Failed: &Failed{Scene: next.ID, Turn: next.Regions[0].Turn, At: g.now}}))
	if p := g.plays[next.Regions[0].Turn]; p.Outcome != playlists.Failed || p.Shown != 0 || p.Item != "b" {
		t.Errorf("never drawn: got %+v", p)
	}
	on := g.on.Regions[0].Turn
	g.record(g.ledger.Event(Event{Failed: &Failed{Scene: g.on.ID, Turn: on, At: 3 * second}}))
	if p := g.plays[on]; p.Outcome != playlists.Interrupted || p.Shown != 3000 {
		t.Errorf("stopped being shown: got %+v", p)
	}
}

// The scenes that follow a failure may still have the turn: another region goes on, or the plan was made
// anew. Its play has ended all the same.
func TestFailedTurnIsOneHowManyScenesItHas(t *testing.T) {
	for _, row := range []struct {
		what  string
		drawn bool
		want  playlists.Outcome
	}{{"never drawn", false, playlists.Failed}, {"drawn for a while", true, playlists.Interrupted}} {
		t.Run(row.what, func(t *testing.T) {
			g := newRig(t, newReel("a"))
			turn := func(id uint64, begin, end int64) Turn {
				return Turn{
					ID: id, Begin: begin * second, End: end * second, Over: 100 * second, zone: time.UTC,
					Play: playlists.Play{Region: "left", Start: at(float64(begin)), Planned: (end - begin) * 1000},
				}
			}
			long := turn(1, 0, 30)
			for i, turns := range [][]Turn{{long, turn(2, 0, 10)}, {long, turn(3, 10, 20)}, {long, turn(4, 20, 30)}, {turn(5, 30, 40)}} {
				id, began := uint64(i+1), int64(i)*10*second
				g.record(g.ledger.Cue(Cue{Scene: Scene{ID: id, At: began}, Turns: turns}, began))
				if i == 0 && row.drawn {
					g.record(g.ledger.Event(Event{Drawn: &Drawn{Scene: id, Turn: 1, At: began}}))
				}
				g.record(g.ledger.Event(Event{Beat: &Beat{Scene: id, At: began}}))
				g.record(g.ledger.Event(Event{Failed: &Failed{Scene: id, Turn: 1, At: began + second}}))
			}
			if got := g.plays[1].Outcome; got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
			if len(g.ledger.failed) > 0 {
				t.Errorf("remembers turns that are gone: %v", g.ledger.failed)
			}
		})
	}
}

func TestSceneIsWithTheStageFiveSecondsAhead(t *testing.T) {
	for _, slot := range []time.Duration{time.Second, 3 * time.Second, 10 * time.Second, time.Minute} {
		r := newReel("a", "b", "c")
		r.slot = slot
		g := newRig(t, r)
		g.run(6)
		for g.now < 90*second {
			g.run(float64(g.now)/float64(second) + 0.1)
			horizon := int64(0)
			for _, s := range g.plan {
				horizon = s.At
			}
			if after := horizon + int64(slot) - g.now; after < int64(Ahead)-second/5 {
				t.Fatalf("slots of %v: at %v cues end at %v", slot, time.Duration(g.now), time.Duration(horizon))
			}
		}
	}
}

func TestSmallStepBackRepeatsNothing(t *testing.T) {
	g := newRig(t, newReel("a", "b", "c"))
	g.run(10.2)
	g.director.Set([]Span{{Epoch: epoch.Add(-800 * time.Millisecond), Quality: playlists.ClockSynced, Show: g.reel.show()}})
	g.cue()
	g.run(21)
	g.finish()
	if got := fmt.Sprint(g.list()); got != "[a complete 10.0 b complete 10.0 c interrupted 0.2]" {
		t.Errorf("got %s: a slot that is over came back", got)
	}
}

func TestNextShowBeginsAtItsSpan(t *testing.T) {
	g := newRig(t, newReel("a", "b"))
	other := newReel("x", "y")
	g.run(3)
	first := Span{Epoch: epoch, Quality: playlists.ClockSynced, Show: g.reel.show()}
	g.director.Set([]Span{first, {From: 20 * second, Epoch: epoch, Quality: playlists.ClockSynced, Show: other.show()}})
	g.cue()
	g.run(30.5)
	g.finish()
	want := "[a complete 10.0 b complete 10.0 x complete 10.0 y interrupted 0.5]"
	if got := fmt.Sprint(g.list()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestBlame(t *testing.T) {
	bad, good := playliststest.Digest("bad"), playliststest.Digest("good")
	used := map[playlists.Digest]bool{bad: true, good: true}
	blamed := func() *Blame {
		var b Blame
		b.Strike(epoch, bad, good)
		b.Clear(good)
		b.Strike(epoch, bad, good)
		if aside, ok := b.Strike(epoch, bad, good); !ok || aside != bad || !b.Aside(bad) || b.Aside(good) {
			t.Fatalf("got %v set aside", aside)
		}
		return &b
	}
	b := blamed()
	b.Clear(bad)
	if !b.Aside(bad) || len(b.All()) != 1 {
		t.Error("what is set aside stays there")
	}
	if got := b.Release(epoch.Add(AsideFor-1), used); len(got) > 0 {
		t.Errorf("released early: %v", got)
	}
	if got := b.Release(epoch.Add(-time.Hour), used); len(got) > 0 {
		t.Errorf("released by a clock that was put back: %v", got)
	}
	if got := b.Release(epoch.Add(AsideFor), used); len(got) != 1 || b.Aside(bad) {
		t.Errorf("after its time %v was released", got)
	}
	if _, ok := b.Strike(epoch, bad); ok {
		t.Error("one strike is enough the second time")
	}
	var next Blame
	next.Restore(blamed().Since())
	if !next.Aside(bad) || next.Aside(good) {
		t.Error("another run does not know what was set aside")
	}
	if got := next.Release(epoch, map[playlists.Digest]bool{good: true}); len(got) != 1 || len(next.All()) > 0 {
		t.Errorf("no longer used: %v was released", got)
	}
}

// TestOneIsSetAsideAtATime: what was only beside the culprit goes free once it has been shown.
func TestOneIsSetAsideAtATime(t *testing.T) {
	var b Blame
	culprit, beside := playliststest.Digest("culprit"), playliststest.Digest("beside")
	for range Strikes {
		b.Strike(epoch, culprit, beside)
	}
	if !b.Aside(culprit) || b.Aside(beside) {
		t.Fatalf("set aside: %v", b.All())
	}
	if _, ok := b.Strike(epoch, beside); !ok || !b.Aside(beside) {
		t.Error("the stage died again, and the one that is left is not to blame")
	}
}

func TestSuspects(t *testing.T) {
	tests := []struct {
		name string
		do   func(g *rig)
		want []string
	}{
		{"it died as it drew", func(g *rig) { g.run(10.2) }, []string{"b", "c"}},
		{"it died long after it drew: what it makes ready comes first", func(g *rig) { g.run(19) }, []string{"c", "b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newRig(t, newReel("a", "b", "c"))
			tt.do(g)
			g.cue()
			var want []playlists.Digest
			for _, name := range tt.want {
				want = append(want, playliststest.Digest(name))
			}
			if got := g.ledger.Suspects(); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestSlateWhereNothingIsCached(t *testing.T) {
	g := newRig(t, newReel("a"))
	g.missing[playliststest.Digest("a")] = true
	cues, _ := g.director.Plan(0)
	if len(cues) != 1 || cues[0].Scene.Slate == nil || len(cues[0].Turns) != 0 {
		t.Errorf("got %+v, want the slate alone", cues)
	}
	if scene := cues[0].Scene; scene.Name == "" || scene.Slate.Title != "" {
		t.Errorf("got the name %q and the title %q, want whose screen it is once", scene.Name, scene.Slate.Title)
	}
}

// TestEveryDrawnTurnIsCountedOnce lets a stage live a random life and holds the ledger to the truth.
func TestEveryDrawnTurnIsCountedOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newReel("a", "b", "c", "d")
		r.slot = time.Duration(rapid.IntRange(1, 30).Draw(rt, "slot")) * time.Second
		g := newRig(rt, r)
		g.now = rapid.Int64Range(0, 100).Draw(rt, "begin") * second / 10
		for range rapid.IntRange(1, 25).Draw(rt, "events") {
			now := float64(g.now) / float64(second)
			switch rapid.IntRange(0, 7).Draw(rt, "event") {
			case 0:
				if !g.dead {
					g.die()
				}
			case 1:
				if g.dead {
					g.revive()
				}
			case 2:
				from := at(now + rapid.Float64Range(0, 20).Draw(rt, "in"))
				r.takeover = [][2]time.Time{{from, from.Add(time.Duration(rapid.IntRange(1, 60).Draw(rt, "for")) * time.Second)}}
				g.cue()
			case 3:
				r.takeover = nil
				g.cue()
			case 4:
				d := r.items[rapid.IntRange(0, 3).Draw(rt, "item")].Asset
				g.missing[d] = !g.missing[d]
				g.cue()
			case 5:
				g.slow = rapid.Int64Range(0, 30).Draw(rt, "slow") * second / 10
			case 6:
				r.window = [][2]time.Time{{at(now + 3), at(now + 40)}}
				g.cue()
			case 7:
				step := time.Duration(rapid.IntRange(-5000, 5000).Draw(rt, "step")) * time.Millisecond
				g.director.Set([]Span{{Epoch: epoch.Add(step), Quality: playlists.ClockSynced, Show: r.show()}})
				g.cue()
			}
			g.run(float64(g.now)/float64(second) + rapid.Float64Range(0, 40).Draw(rt, "pass"))
		}
		g.finish()
	})
}

// TestATakeoversPicture: it is shown by who holds it; who does not shows the words.
func TestATakeoversPicture(t *testing.T) {
	picture := playliststest.Picture("fire", 1920)
	for _, c := range []struct {
		name    string
		missing bool
		medium  playlists.Medium
		asset   playlists.Digest
	}{
		{"held", false, playlists.Image, picture.Digest},
		{"not held", true, playlists.Slide, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newReel("a")
			r.takeover, r.picture = [][2]time.Time{{at(15), at(25)}}, []playlists.Asset{playliststest.Picture("fire", 1280), picture}
			g := newRig(t, r)
			g.missing[r.picture[0].Digest], g.missing[picture.Digest] = true, c.missing
			g.run(20)
			scene := g.on.Regions[0]
			if scene.Medium != c.medium || (scene.Path != "") == c.missing || (scene.Slide != nil) != c.missing {
				t.Errorf("it shows %s %q with words %s", scene.Medium, scene.Path, scene.Slide)
			}
			g.run(30.5)
			if p := g.plays[scene.Turn]; p.Outcome != playlists.Complete || p.Asset != c.asset || p.Takeover == "" {
				t.Errorf("got %+v", p)
			}
		})
	}
}

// The code beside an item is the one that its screen has when the turn begins, and stays for the turn.
func TestCodesGoWithTheirItems(t *testing.T) {
	key := playlists.NewHandOffKey([]byte("secret"), "lobby")
	r := newReel("flu", "plain")
	r.items[0].HandOff = true
	for _, test := range []struct {
		what    string
		key     playlists.HandOffKey
		quality playlists.ClockQuality
		want    bool
	}{
		{"a screen with a key", key, playlists.ClockSynced, true},
		{"a screen without a link", key, playlists.ClockSystem, true},
		{"a clock that is wrong", key, playlists.ClockUnset, false},
		{"a head without a key", nil, playlists.ClockSynced, false},
	} {
		g := newRig(t, r)
		show := r.show()
		show.Body.HandOff, show.HandOff = "https://care.example:8443", test.key
		g.director.Set([]Span{{Epoch: epoch, Quality: test.quality, Show: show}})
		g.run(3)
		code := key.Code(epoch)
		want := HandOff{Address: "https://care.example:8443/" + code + "/flu", Short: "care.example:8443/" + code[:4] + "-" + code[4:]}
		switch got := g.on.Regions[0].HandOff; {
		case test.want && (got == nil || *got != want):
			t.Errorf("%s: %+v, want %+v", test.what, got, want)
		case !test.want && got != nil:
			t.Errorf("%s: %+v", test.what, got)
		}
		g.run(13)
		if got := g.on.Regions[0].HandOff; got != nil {
			t.Errorf("%s: an item that has no code has %+v", test.what, got)
		}
	}
}

// Captions go to the stage with their film where they are on the disk; a film is not held up for want of them.
func TestCaptionsGoWithTheirFilm(t *testing.T) {
	r := newReel("film")
	r.items[0].Medium, r.items[0].Captions, r.items[0].Language = playlists.Video, "words", "ar"
	for _, missing := range []bool{false, true} {
		g := newRig(t, r)
		g.missing["words"] = missing
		g.run(1)
		want := "/words ar"
		if missing {
			want = " "
		}
		if scene := g.on.Regions[0]; scene.Captions+" "+string(scene.Language) != want || scene.Path == "" {
			t.Errorf("the captions missing %v, the stage gets %+v", missing, scene)
		}
	}
}
