package playlists_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// ward is a hospital of one department, "ward", with one screen, "bed", in a zone; its filler is the
// playlist "calm" of one item. Each window has a playlist of its own name of one item of 10 s.
func ward(zone string, windows ...playlists.Window) *playlists.Hospital {
	h := &playlists.Hospital{
		Organisation: playlists.Organisation{Name: "Lakeside Hospital", Brand: playliststest.Brand()},
		Sites:        map[playlists.SiteID]playlists.Site{"main": {ID: "main", Name: "Main building"}},
		Departments: map[playlists.DepartmentID]playlists.Department{"ward": {
			ID: "ward", Site: "main", Name: "Ward", Zone: zone, Filler: "calm", Fallback: "en",
			Languages: []playlists.LanguageShare{{Language: "en", Twelfths: 12}},
		}},
		Screens:   map[playlists.ScreenID]playlists.Screen{"bed": {ID: "bed", Department: "ward", Name: "Above the bed"}},
		Items:     map[playlists.ItemID]playlists.Item{},
		Playlists: map[playlists.PlaylistID]playlists.Playlist{},
		Layouts:   map[playlists.LayoutID]playlists.Layout{},
		Windows:   map[playlists.WindowID]playlists.Window{},
		Closures:  map[playlists.ClosureID]playlists.Closure{},
	}
	play(h, "calm", "calm")
	for _, w := range windows {
		h.Windows[w.ID] = w
		if w.Playlist != "" {
			play(h, w.Playlist, playlists.ItemID(w.Playlist))
		}
	}
	return h
}

// play adds a playlist of items of 10 s in English, and the items that are not there yet.
func play(h *playlists.Hospital, id playlists.PlaylistID, items ...playlists.ItemID) {
	h.Playlists[id] = playliststest.Loop(id, items...)
	for _, i := range items {
		if _, ok := h.Items[i]; !ok {
			h.Items[i] = playliststest.Pictures(i, string(i), "", "en")
		}
	}
}

// window is on everywhere, with a playlist of its own name: "0 8 * * 1-5" until "17:00", or "06:00+1" for
// the next day.
func window(tb testing.TB, id, start, end string) playlists.Window {
	tb.Helper()
	return playlists.Window{
		ID: playlists.WindowID(id), Name: id, Playlist: playlists.PlaylistID(id), Start: start, End: localEnd(tb, end),
		Targets: []playlists.Target{{All: true}},
	}
}

func localEnd(tb testing.TB, s string) playlists.LocalEnd {
	tb.Helper()
	var end playlists.LocalEnd
	wall, days, later := strings.Cut(s, "+")
	if later {
		if _, err := fmt.Sscan(days, &end.Days); err != nil {
			tb.Fatal(err)
		}
	}
	c, err := playlists.ParseClock(wall)
	if err != nil {
		tb.Fatal(err)
	}
	end.Clock = c
	return end
}

func date(tb testing.TB, s string) playlists.Date {
	tb.Helper()
	d, err := playlists.ParseDate(s)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func clock(tb testing.TB, s string) playlists.Clock {
	tb.Helper()
	c, err := playlists.ParseClock(s)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func zone(tb testing.TB, name string) *playlists.Zone {
	tb.Helper()
	tzif, err := playliststest.Zones(name)
	if err != nil {
		tb.Fatal(err)
	}
	z, err := playlists.ParseZone(name, tzif)
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

// programmeOf compiles the hospital for a screen and gives its programme under the takeovers.
func programmeOf(tb testing.TB, h *playlists.Hospital, s playlists.ScreenID, takeovers ...playlists.Takeover) *playlists.Programme {
	tb.Helper()
	var ts *playlists.Takeovers
	if len(takeovers) > 0 {
		ts = playliststest.Takeovers(1, time.Time{}, takeovers...)
	}
	return programmeUnder(tb, manifest(tb, h, s), ts)
}

func manifest(tb testing.TB, h *playlists.Hospital, s playlists.ScreenID) *playlists.Manifest {
	tb.Helper()
	return &playlists.Manifest{Head: playlists.Head{Screen: s, Generation: 1}, Body: playliststest.Compile(tb, h, s)}
}

func programmeUnder(tb testing.TB, m *playlists.Manifest, ts *playlists.Takeovers) *playlists.Programme {
	tb.Helper()
	p, err := playlists.NewProgramme(m, ts)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// at is the instant at which the programme's wall first shows "2026-11-23 09:00", or later.
func at(tb testing.TB, p *playlists.Programme, wall string) time.Time {
	tb.Helper()
	day, minute, _ := strings.Cut(wall, " ")
	return p.Zone().Instant(date(tb, day), clock(tb, minute))
}

// letter stands for what has the screen: a window's first letter, '!' takeover, 'x' closed, '.' filler,
// ' ' slate.
func letter(f playlists.Frame) byte {
	switch f.Source {
	case playlists.FromTakeover:
		return '!'
	case playlists.FromWindow:
		return f.Window[0]
	case playlists.FromClosed:
		return 'x'
	case playlists.FromFiller:
		return '.'
	case playlists.FromSlate, playlists.FromOrder:
	}
	return ' '
}

// draw draws a local day, a line per hour on the wall and a letter per ten minutes. Equal lines are drawn
// once, as from-to.
func draw(tb testing.TB, p *playlists.Programme, day string) string {
	tb.Helper()
	d := date(tb, day)
	var hours, lines []string
	end := p.Zone().DayStart(d.AddDays(1))
	for t := p.Zone().DayStart(d); t.Before(end); t = t.Add(10 * time.Minute) {
		_, c, _ := p.Zone().Local(t)
		hour := fmt.Sprintf("%02d", int(c)/60)
		if len(hours) == 0 || hours[len(hours)-1] != hour || int(c)%60 == 0 {
			hours, lines = append(hours, hour), append(lines, "")
		}
		lines[len(lines)-1] += string(letter(p.At(t)))
	}
	var drawn []string
	for i := 0; i < len(lines); {
		n := i
		for n+1 < len(lines) && lines[n+1] == lines[i] && follows(hours[n], hours[n+1]) {
			n++
		}
		label := hours[i]
		if n > i {
			label += "-" + hours[n]
		}
		drawn = append(drawn, fmt.Sprintf("%-5s %s", label, lines[i]))
		i = n + 1
	}
	return strings.Join(drawn, "\n")
}

func follows(hour, next string) bool {
	h, err := strconv.Atoi(hour)
	return err == nil && next == fmt.Sprintf("%02d", h+1)
}

// same compares a drawing with what a test wants, line by line, whatever its indentation.
func same(tb testing.TB, got, want string) {
	tb.Helper()
	var lines []string
	for line := range strings.Lines(strings.Trim(want, "\n\t")) {
		lines = append(lines, strings.Trim(line, "\t\n"))
	}
	if gotten := strings.Split(got, "\n"); !slices.Equal(gotten, lines) {
		tb.Errorf("got\n%s\nwant\n%s", got, strings.Join(lines, "\n"))
	}
}

// showing says what every region shows at t, "full: know-your-numbers es 3s+10s": 3 s into a slot of 10.
func showing(f playlists.Frame, t time.Time) string {
	var parts []string
	for _, s := range f.Slots {
		parts = append(parts, fmt.Sprintf("%s: %s %s %v+%v", s.Region, s.Showing.Item, s.Showing.Language, t.Sub(s.Start), s.Planned()))
	}
	return strings.Join(parts, ", ")
}

// items lists what the first region shows, slot by slot, from t on: "one,two,one".
func items(p *playlists.Programme, t time.Time, n int) string {
	var shown []string
	for len(shown) < n {
		f := p.At(t)
		if len(f.Slots) == 0 {
			shown = append(shown, "-")
		} else {
			shown = append(shown, string(f.Slots[0].Showing.Item))
		}
		t = p.Next(t)
	}
	return strings.Join(shown, ",")
}
