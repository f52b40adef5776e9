package playlists_test

import (
	"fmt"
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
func BenchmarkAt(b *testing.B) {
	p := programmeOf(b, busyWard(b, 30), "bed")
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

func BenchmarkNewDay(b *testing.B) {
	p := programmeOf(b, busyWard(b, 1000), "bed")
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
	h := playliststest.Fleet(10_000, 40, 1_000)
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
