package playback

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"anteroom/playlists"
)

// left is a turn that an agent left open: a slot of 10 s that begins at slot seconds, drawn at drawn
// seconds if that is not below 0.
func left(turn uint64, item string, slot int64, drawn float64) Orphan {
	o := Orphan{Turn: turn, Slot: at(float64(slot)), Play: playlists.Play{
		Item: playlists.ItemID(item), Region: "full", Start: at(float64(slot)), Boot: "boot", Mono: slot * 1000, Planned: 10_000,
	}}
	if drawn >= 0 {
		o.Drawn, o.Play.Start, o.Play.Mono = true, at(drawn), int64(drawn*1000)
	}
	return o
}

func sec(s float64) int64 { return int64(s * float64(second)) }

// lived is a stage that drew until end and told "d1@3", turn 1 drawn at 3 s; "f1@3", turn 1 failed.
func lived(t *testing.T, end float64, told ...string) Life {
	t.Helper()
	life := Life{End: sec(end)}
	for _, s := range told {
		var turn uint64
		var at float64
		if _, err := fmt.Sscanf(s[1:], "%d@%g", &turn, &at); err != nil {
			t.Fatal(err)
		}
		if s[0] == 'd' {
			life.Told = append(life.Told, Event{Drawn: &Drawn{Turn: turn, At: sec(at)}})
		} else {
			life.Told = append(life.Told, Event{Failed: &Failed{Turn: turn, At: sec(at)}})
		}
	}
	return life
}

func TestRecover(t *testing.T) {
	takeover := left(2, "", 4, -1)
	takeover.Play.Takeover, takeover.Play.Region = "tko", ""
	tests := []struct {
		name    string
		left    []Orphan
		earlier []Life // nil: no account is known
		alive   float64
		want    string // item outcome start+shown, in seconds
	}{
		{"drawn, and the stage went on for 7 s", []Orphan{left(1, "a", 0, 0)}, []Life{lived(t, 7, "d1@0")}, 1, "a interrupted 0+7"},
		{"drawn, and held beyond its slot: shown whole", []Orphan{left(1, "a", 0, 0)}, []Life{lived(t, 12, "d1@0")}, 1, "a complete 0+10"},
		{"cued, its time came, never drawn: no play", []Orphan{left(1, "a", 0, -1)}, []Life{lived(t, 7)}, 7, ""},
		{"drawn as the agent died: a play", []Orphan{left(1, "a", 0, -1)}, []Life{lived(t, 3, "d1@0")}, 0, "a interrupted 0+3"},
		{"drawn 2 s late", []Orphan{left(1, "a", 0, -1)}, []Life{lived(t, 5, "d1@2")}, 0, "a interrupted 2+3"},
		{"both were killed at once: shown at least until the agent's last sign", []Orphan{left(1, "a", 0, 0)}, []Life{lived(t, 0, "d1@0")}, 4, "a interrupted 0+4"},
		{
			"the next was drawn, too, and neither was committed",
			[]Orphan{left(1, "a", 0, 0), left(2, "b", 10, -1)},
			[]Life{lived(t, 12, "d1@0", "d2@10")},
			0, "a complete 0+10, b interrupted 10+2",
		},
		{
			"a takeover took its place",
			[]Orphan{left(1, "a", 0, 0), takeover},
			[]Life{lived(t, 12, "d1@0", "d2@4")},
			0, "a interrupted 0+4, tko interrupted 4+8",
		},
		{"failed before it was drawn", []Orphan{left(1, "a", 0, -1)}, []Life{lived(t, 12, "f1@1")}, 0, "a failed 0+0"},
		{"failed on the way", []Orphan{left(1, "a", 0, -1)}, []Life{lived(t, 12, "d1@0", "f1@6")}, 0, "a interrupted 0+6"},
		{
			"the stage was killed, came back in the slot, and then the agent was",
			[]Orphan{left(1, "a", 0, 0), left(2, "a", 0, -1)},
			[]Life{lived(t, 3, "d1@0"), lived(t, 15, "d2@4")},
			4, "a interrupted 0+3, a interrupted 4+6 resumed",
		},
		{
			"two agents died in the same slot, the second within its tolerance",
			[]Orphan{left(1, "a", 0, 0), left(2, "a", 0, -1)},
			[]Life{lived(t, 0.2, "d1@0"), lived(t, 15, "d2@0.4")},
			0, "a interrupted 0+0.2, a interrupted 0.4+9.6 resumed",
		},
		{"no account: drawn", []Orphan{left(1, "a", 0, 0)}, nil, 7, "a interrupted 0+7"},
		{"no account: drawn, and long ago", []Orphan{left(1, "a", 0, 0)}, nil, 70, "a interrupted 0+10"},
		{"no account: its time had come", []Orphan{left(1, "a", 0, -1)}, nil, 7, "a interrupted 0+0"},
		{"no account: its time was still to come", []Orphan{left(1, "a", 10, -1)}, nil, 7, ""},
		{"stages that lived, and none of them this turn's", []Orphan{left(1, "a", 10, -1)}, []Life{lived(t, 5, "d7@3")}, 12, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var earlier *Earlier
			if tt.earlier != nil {
				earlier = &Earlier{tt.earlier}
			}
			var got []string
			for _, s := range NewLedger("boot").Recover(tt.left, earlier, sec(tt.alive)) {
				if s.Kind == Withdrawn {
					continue
				}
				p := s.Play
				line := fmt.Sprintf("%s%s %s %g+%g", p.Item, p.Takeover, p.Outcome, p.Start.Sub(epoch).Seconds(), float64(p.Shown)/1000)
				if p.Resumed {
					line += " resumed"
				}
				if p.Mono != p.Start.Sub(epoch).Milliseconds() {
					t.Errorf("it begins at %v and at %d", p.Start, p.Mono)
				}
				got = append(got, line)
			}
			if s := strings.Join(got, ", "); s != tt.want {
				t.Errorf("got  %s\nwant %s", s, tt.want)
			}
		})
	}
}

// TestWhatShowsNowResumesWhatWasRecovered: whether it was drawn before the journal was open or after.
func TestWhatShowsNowResumesWhatWasRecovered(t *testing.T) {
	for _, early := range []bool{true, false} {
		t.Run(fmt.Sprintf("drawn before it is known: %v", early), func(t *testing.T) {
			g := newRig(t, newReel("a", "b"))
			g.now = 4 * second
			g.director = NewDirector(func(playlists.Digest) (string, bool) { return "/x", true }, 100)
			g.director.Set([]Span{{Epoch: epoch, Quality: playlists.ClockSynced, Show: g.reel.show()}})
			o := left(1, "a", 0, 0)
			o.Slot = at(0)
			know := func() {
				steps := g.ledger.Recover([]Orphan{o}, &Earlier{[]Life{lived(t, 4, "d1@0")}}, 0)
				if len(steps) != 1 || steps[0].Play.Resumed {
					t.Errorf("the first play of the slot is %+v", steps)
				}
			}
			if !early {
				know()
			}
			g.run(6)
			if early {
				know()
			}
			g.run(25)
			g.finish()
			if got := fmt.Sprint(g.list()); got != "[a truncated 6.0 resumed b complete 10.0 a interrupted 5.0]" {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestWhatShowsNowResumesWhatARestartEnded(t *testing.T) {
	recent := []playlists.Play{
		{Region: "full", Start: at(0.1), Planned: 10_000},
		{Region: "other", Start: at(11), Planned: 10_000},
		{Region: "full", Start: at(-3), Planned: 10_000},
	}
	g := newRig(t, newReel("a", "b"))
	g.now = second / 5
	g.ledger.Recent(recent)
	g.run(25)
	g.finish()
	if got := fmt.Sprint(g.list()); got != "[a truncated 9.8 resumed b complete 10.0 a interrupted 5.0]" {
		t.Errorf("got %s", got)
	}
	g = newRig(t, newReel("a", "b"))
	g.now, g.dying = second/5, true
	g.ledger.Recent(recent)
	g.cue()
	if len(g.steps) != 2 || !g.steps[0].Play.Resumed || g.steps[1].Play.Resumed {
		t.Errorf("the marks are %+v", g.steps)
	}
}

// TestKilledAtRandomEveryDrawnTurnIsCountedOnce: the agent is killed with any part of what it knew on the
// disk, and any part of what the stage drew unheard of; another is, again and again. Turns that were drawn
// and plays that are no failures are the same, one by one.
func TestKilledAtRandomEveryDrawnTurnIsCountedOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newReel("a", "b", "c", "d")
		r.slot = time.Duration(rapid.IntRange(1, 12).Draw(rt, "slot")) * time.Second
		drawn, counted := map[uint64]int64{}, map[uint64]playlists.Play{}
		var marks []Orphan
		var lives []Life
		now, alive, turns := int64(0), int64(0), uint64(0)
		for range rapid.IntRange(1, 8).Draw(rt, "agents") {
			g := newRig(rt, r)
			g.now, g.dying = now, true
			g.director = NewDirector(func(playlists.Digest) (string, bool) { return "/x", true }, turns)
			g.director.Set([]Span{{Epoch: epoch, Quality: playlists.ClockSynced, Show: r.show()}})
			g.keep(rt, counted, marks, g.ledger.Recover(marks, &Earlier{lives}, alive))
			g.run(float64(g.now)/float64(second) + rapid.Float64Range(0, 30).Draw(rt, "lives"))
			alive = g.now
			g.deaf = true // what is drawn now, the agent does not hear of
			g.run(float64(g.now)/float64(second) + rapid.Float64Range(0, 8).Draw(rt, "deaf"))
			maps.Copy(drawn, g.drawn)
			durable := rapid.IntRange(g.durable, len(g.steps)).Draw(rt, "durable")
			marks = g.keep(rt, counted, nil, g.steps[:durable])
			lives = append(lives, Life{Told: g.told, End: g.now})
			now, turns = g.now+rapid.Int64Range(0, 100).Draw(rt, "away")*second/10, g.director.turns+10
		}
		g := newRig(rt, r)
		if rest := g.keep(rt, counted, marks, g.ledger.Recover(marks, &Earlier{lives}, alive)); len(rest) > 0 {
			rt.Fatalf("left open: %+v", rest)
		}
		for turn, at := range drawn {
			if p, ok := counted[turn]; !ok || p.Mono != at/1e6 {
				rt.Fatalf("turn %d was drawn at %d; its play is %+v", turn, at, p)
			}
		}
		for turn, p := range counted {
			if _, ok := drawn[turn]; !ok && p.Outcome != playlists.Failed {
				rt.Fatalf("turn %d was never drawn, and is %+v", turn, p)
			}
			if p.Outcome == playlists.Complete && (p.Resumed || p.Planned-p.Shown > 500) || p.Shown > p.Planned {
				rt.Fatalf("turn %d is no complete play: %+v", turn, p)
			}
		}
	})
}

// keep does what a journal does with steps: it gives the marks that are left open after them.
func (g *rig) keep(rt *rapid.T, counted map[uint64]playlists.Play, open []Orphan, steps []Step) []Orphan {
	open = slices.Clone(open)
	for _, s := range steps {
		open = slices.DeleteFunc(open, func(o Orphan) bool { return o.Turn == s.Turn })
		switch s.Kind {
		case Opened, Begun:
			open = append(open, Orphan{s.Turn, s.Play, s.Slot, s.Kind == Begun})
		case Ended:
			if _, twice := counted[s.Turn]; twice {
				rt.Fatalf("turn %d is counted twice", s.Turn)
			}
			counted[s.Turn] = s.Play
		case Withdrawn:
		}
	}
	return open
}

// TestAMarkSaysThatItResumes: after a power cut nothing else does.
func TestAMarkSaysThatItResumes(t *testing.T) {
	g := newRig(t, newReel("a"))
	g.dying = true
	g.run(3)
	g.die()
	g.revive()
	g.run(3.1)
	var marks []string
	for _, s := range g.steps {
		if s.Kind == Opened {
			marks = append(marks, fmt.Sprint(s.Play.Start.Sub(epoch), s.Play.Resumed))
		}
	}
	if got := fmt.Sprint(marks); got != "[0s false 10s false 0s true 10s false]" {
		t.Errorf("got %s", got)
	}
}
