package playlists_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

func BenchmarkParseZone(b *testing.B) {
	tzif, err := playliststest.Zones("America/New_York")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := playlists.ParseZone("America/New_York", tzif); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAt: frames that follow each other, as a stage asks for them, and any instants of a day; the
// goals are 15 ns and 150 ns, without allocation.
func BenchmarkAt(b *testing.B) { benchmarkAt(b, busyWard(b, 30)) }

// BenchmarkAtFilled is that under floors that fill, least parts of languages, demand and a state.
func BenchmarkAtFilled(b *testing.B) { benchmarkAt(b, filling(busyWard(b, 30))) }

func benchmarkAt(b *testing.B, h *playlists.Hospital) {
	b.Helper()
	p := programmeOf(b, h, "bed")
	start := at(b, p, "2026-11-23 00:00")
	frames, anywhere := make([]time.Time, 4096), make([]time.Time, 4096)
	for i := range frames {
		frames[i] = start.Add(10*time.Hour + time.Duration(i)*16667*time.Microsecond)
		anywhere[i] = start.Add(time.Duration(i*7919%86400) * time.Second)
	}
	for name, instants := range map[string][]time.Time{"frames": frames, "anywhere": anywhere} {
		b.Run(name, func(b *testing.B) {
			cursor := p.Cursor()
			b.ReportAllocs()
			for b.Loop() {
				for _, t := range instants {
					cursor.At(t)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(instants)), "ns/frame")
		})
	}
}

// busyWard has n windows through the day, each of a hundred slots in two languages.
func busyWard(b *testing.B, n int) *playlists.Hospital {
	b.Helper()
	h := ward("America/New_York")
	d := h.Departments["ward"]
	d.Languages = []playlists.LanguageShare{{Language: "en", Twelfths: 8}, {Language: "es", Twelfths: 4}}
	h.Departments["ward"] = d
	var items []playlists.ItemID
	for i := range 20 {
		id := playlists.ItemID(fmt.Sprintf("item-%d", i))
		h.Items[id] = playliststest.Pictures(id, string(id), "", "en", "es")
		items = append(items, id)
	}
	for i := range n {
		w := window(b, fmt.Sprintf("window-%d", i), fmt.Sprintf("%d %d * * *", i%60, i%20), fmt.Sprintf("%02d:30", i%20+3))
		play(h, w.Playlist, items...)
		for k := range items {
			h.Playlists[w.Playlist].Entries[k].Weight = 1 + k%9
		}
		h.Windows[w.ID] = w
	}
	return h
}

// filling has every department fill for every phase, keep a quarter for each language and follow demand; a third of the items
// are for a delay that is set, and a third for where people wait.
func filling(h *playlists.Hospital) *playlists.Hospital {
	h.Demands, h.States = map[playlists.DepartmentID]playlists.Demand{}, map[playlists.DepartmentID]playlists.States{}
	since := time.Date(2026, time.November, 23, 14, 0, 0, 0, time.UTC)
	for id, d := range h.Departments {
		d.Floors = []playlists.Floor{{EveryPhase: true, Plays: 2, Fill: true}}
		for _, l := range d.Languages {
			d.LanguageTargets = append(d.LanguageTargets, playlists.LanguageTarget{Language: l.Language, Twelfths: min(3, l.Twelfths)})
		}
		d.Demand = &playlists.DemandRules{Mode: playlists.DemandAutomatic}
		h.Departments[id] = d
		h.Demands[id] = playlists.Demand{Department: id, Topics: []playlists.TopicDemand{{Topic: "topic-1", Asked: 60, Percent: 40}, {Topic: "topic-2", Asked: 30, Percent: 20}}}
		h.States[id] = playlists.States{Department: id, Set: []playlists.StateSet{{StateSpan: playlists.StateSpan{State: playlists.Delay30, Since: since, Until: since.Add(10 * time.Hour)}}}}
	}
	for n, id := range slices.Sorted(maps.Keys(h.Items)) {
		item := h.Items[id]
		item.Phase, item.Topics = playlists.Phases()[n%5], []playlists.Topic{playlists.Topic(fmt.Sprintf("topic-%d", n%4))}
		switch n % 3 {
		case 0:
			item.States = []playlists.State{playlists.Delay30}
		case 1:
			item.Moments = []playlists.Moment{playlists.Waiting}
		}
		h.Items[id] = item
	}
	for id, p := range h.Playlists {
		p.Demand = &playlists.DemandShare{Percent: 50, Floor: 5, Ceiling: 60}
		h.Playlists[id] = p
	}
	return h
}

func BenchmarkNewDay(b *testing.B) { benchmarkNewDay(b, busyWard(b, 1000)) }

// BenchmarkNewDayFilled is that under floors, least parts, demand and a state.
func BenchmarkNewDayFilled(b *testing.B) { benchmarkNewDay(b, filling(busyWard(b, 1000))) }

func benchmarkNewDay(b *testing.B, h *playlists.Hospital) {
	b.Helper()
	p := programmeOf(b, h, "bed")
	day := at(b, p, "2026-11-23 12:00")
	for b.Loop() {
		day = day.Add(24 * time.Hour)
		if day.Year() > 2100 {
			day = at(b, p, "2026-11-23 12:00")
		}
		p.At(day)
	}
}

// BenchmarkCompileFleet compiles 10,000 screens of 40 departments for which 1,000 windows share rules;
// the goal is a second.
func BenchmarkCompileFleet(b *testing.B) {
	benchmarkCompileFleet(b, playliststest.Fleet(10_000, 40, 1_000))
}

// BenchmarkCompileFleetFilled is that under floors, least parts, demand and states.
func BenchmarkCompileFleetFilled(b *testing.B) {
	benchmarkCompileFleet(b, filling(playliststest.Fleet(10_000, 40, 1_000)))
}

func benchmarkCompileFleet(b *testing.B, h *playlists.Hospital) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		bodies := map[*playlists.Body]bool{}
		for _, body := range compileFleet(b, h) {
			bodies[body] = true
		}
		b.ReportMetric(float64(len(bodies)), "bodies")
	}
}

// BenchmarkFleetAt asks what each of those screens shows, at instants of one day and at the first of a
// new day each; the goal is 10 ms for all of them.
func BenchmarkFleetAt(b *testing.B) {
	var programmes []*playlists.Programme
	of := map[*playlists.Body]*playlists.Programme{}
	for s, body := range compileFleet(b, playliststest.Fleet(10_000, 40, 1_000)) {
		if of[body] == nil {
			of[body] = programmeUnder(b, &playlists.Manifest{Head: playlists.Head{Screen: s}, Body: body}, nil)
		}
		programmes = append(programmes, of[body])
	}
	for name, step := range map[string]time.Duration{"day": 7 * time.Second, "new-day": 24 * time.Hour} {
		b.Run(name, func(b *testing.B) {
			now := playliststest.NewYork(b, "2026-11-23 09:00")
			for n := 0; b.Loop(); n++ {
				at := now.Add(time.Duration(n%1000) * step)
				for _, p := range programmes {
					p.At(at)
				}
			}
		})
	}
}

// BenchmarkDiff compares a week of 1,000 screens of 40 departments: where a playlist that all of them use
// has changed, and where nothing has. The goal is a second.
func BenchmarkDiff(b *testing.B) {
	for name, weight := range map[string]int{"same": 2, "changed": 3} {
		b.Run(name, func(b *testing.B) {
			after := playliststest.Fleet(1_000, 40, 100)
			after.Playlists["cardiology-day"].Entries[0].Weight = weight
			of := map[[2]*playlists.Body]*playlists.Exchange{}
			was, will := compileFleet(b, playliststest.Fleet(1_000, 40, 100)), compileFleet(b, after)
			for s := range will {
				pair := [2]*playlists.Body{was[s], will[s]}
				if of[pair] == nil {
					of[pair] = &playlists.Exchange{Before: &playlists.Manifest{Body: was[s]}, After: &playlists.Manifest{Body: will[s]}}
				}
				of[pair].Screens = append(of[pair].Screens, s)
			}
			var exchanges []playlists.Exchange
			for _, e := range of {
				exchanges = append(exchanges, *e)
			}
			from := playliststest.NewYork(b, "2026-11-23 09:00")
			for b.Loop() {
				d, err := playlists.Diff(exchanges, nil, from, from.AddDate(0, 0, 7))
				if err != nil || d.Screens != 1004 {
					b.Fatal(d.Screens, err)
				}
			}
			b.ReportMetric(float64(len(exchanges)), "classes")
		})
	}
}

// BenchmarkDiffWithFloors is a preview of a week of 10,000 screens of 200 departments on which nothing changes,
// with a floor for each phase of care in every department and without any.
func BenchmarkDiffWithFloors(b *testing.B) {
	h := playliststest.Fleet(10_000, 200, 1_000)
	of := map[*playlists.Body]*playlists.Exchange{}
	for s, body := range compileFleet(b, h) {
		if of[body] == nil {
			m := &playlists.Manifest{Body: body}
			of[body] = &playlists.Exchange{Before: m, After: m}
		}
		of[body].Screens = append(of[body].Screens, s)
	}
	var floors []playlists.Floor
	for _, phase := range playlists.Phases() {
		floors = append(floors, playlists.Floor{Phase: phase, Plays: 2})
	}
	from := playliststest.NewYork(b, "2026-11-23 09:00")
	for _, c := range []struct {
		name   string
		floors []playlists.Floor
	}{{"without", nil}, {"with", floors}} {
		b.Run(c.name, func(b *testing.B) {
			var exchanges []playlists.Exchange
			for body, e := range of {
				d := h.Departments[body.Department]
				d.Floors = c.floors
				e.Department = &d
				exchanges = append(exchanges, *e)
			}
			for b.Loop() {
				d, err := playlists.Diff(exchanges, newsOf(h), from, from.AddDate(0, 0, 7))
				if err != nil || (len(d.Floors) == 0) != (c.floors == nil) {
					b.Fatal(len(d.Floors), err)
				}
			}
			b.ReportMetric(float64(len(exchanges)), "classes")
		})
	}
}

func compileFleet(b *testing.B, h *playlists.Hospital) map[playlists.ScreenID]*playlists.Body {
	b.Helper()
	compiler := playlists.NewCompiler(h, playliststest.Zones, playliststest.Fonts())
	bodies := map[playlists.ScreenID]*playlists.Body{}
	for s := range h.Screens {
		body, _, err := compiler.Compile(s, playlists.Abilities{})
		if err != nil {
			b.Fatal(err)
		}
		bodies[s] = body
	}
	return bodies
}

// TestCursorDoesNotAllocate holds the frame path to no allocation.
func TestCursorDoesNotAllocate(t *testing.T) {
	p := programmeOf(t, playliststest.Hospital(), playliststest.Outpatients)
	cursor, now := p.Cursor(), at(t, p, "2026-11-23 09:00")
	cursor.At(now)
	if n := testing.AllocsPerRun(1000, func() {
		now = now.Add(3 * time.Second)
		cursor.At(now)
	}); n > 0 {
		t.Errorf("got %v allocations a frame, want 0", n)
	}
}
