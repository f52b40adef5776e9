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
	h := playliststest.Hospital()
	for i := range 40 {
		d := h.Departments["cardiology"]
		d.ID = playlists.DepartmentID(fmt.Sprintf("department-%d", i))
		h.Departments[d.ID] = d
	}
	for i := range 10_000 {
		id := playlists.ScreenID(fmt.Sprintf("screen-%d", i))
		h.Screens[id] = playlists.Screen{ID: id, Department: playlists.DepartmentID(fmt.Sprintf("department-%d", i%40)), Name: string(id)}
	}
	for i := range 1_000 {
		w := h.Windows["cardiology-weekdays"]
		w.ID = playlists.WindowID(fmt.Sprintf("window-%d", i))
		w.Targets = []playlists.Target{{Department: playlists.DepartmentID(fmt.Sprintf("department-%d", i%40))}, {Site: "main"}}
		h.Windows[w.ID] = w
	}
	b.ReportAllocs()
	for b.Loop() {
		compiler := playlists.NewCompiler(h, playliststest.Zones, playliststest.Fonts())
		bodies := map[*playlists.Body]bool{}
		for s := range h.Screens {
			body, _, err := compiler.Compile(s, playlists.Abilities{})
			if err != nil {
				b.Fatal(err)
			}
			bodies[body] = true
		}
		b.ReportMetric(float64(len(bodies)), "bodies")
	}
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
