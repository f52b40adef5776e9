package playlists_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

const (
	// besides is how many windows are made up that begin and end close to the change of the clocks.
	besides = 16
	// together is how many windows one plan has at most: in small plans few are hidden.
	together = 6
)

// What every playlist shows in turn.
const (
	shortSeconds = 30
	loopSeconds  = 78
)

// plansAround makes plans of all rules and some more, in random company, with random dates, closures,
// targets and priorities, many of them close to a minute of the wall.
func plansAround(r *rand.Rand, w *wallClock, change int) []plan {
	near := w.reached[change]
	pick := func() string { return dateNamed(near/minutesOfDay + int64(r.IntN(5)-2)) }
	var windows []written
	for _, rule := range manyRules() {
		win := written{start: rule[0]}
		days, clock, _ := strings.Cut(rule[1], " ")
		hour, minute, _ := strings.Cut(clock, ":")
		win.endDays, win.endClock = number(days), number(hour)*60+number(minute)
		windows = append(windows, win)
	}
	for range besides {
		windows = append(windows, beside(r, w, change))
	}
	r.Shuffle(len(windows), func(i, j int) { windows[i], windows[j] = windows[j], windows[i] })
	var plans []plan
	for i := range windows {
		if i%together == 0 {
			plans = append(plans, plan{})
			if r.IntN(3) == 0 {
				plans[len(plans)-1].closed = []string{pick(), pick()}
			}
		}
		win, p := windows[i], &plans[len(plans)-1]
		win.id, win.priority, win.narrow = fmt.Sprintf("w%02d", i), r.IntN(3)-1, r.IntN(5)
		if r.IntN(4) == 0 {
			win.closed = []string{pick(), pick()}
		}
		switch r.IntN(8) {
		case 0:
			win.first = pick()
		case 1:
			win.last = pick()
		}
		p.windows = append(p.windows, win)
	}
	return plans
}

// beside is a daily window that begins within an hour and a half, by the wall, of what it showed before
// the change or shows after it, and ends soon or near the same minutes some days later.
func beside(r *rand.Rand, w *wallClock, change int) written {
	minute := func(at int) int64 {
		return w.reached[at] + int64(r.IntN(181)-90)
	}
	start := minute(change - r.IntN(2))
	end := start + 1 + int64(r.IntN(150))
	if r.IntN(3) == 0 {
		end += int64(1+r.IntN(6)) * minutesOfDay
	}
	day := start - start%minutesOfDay
	return written{
		start:   fmt.Sprintf("%d %d * * *", start%60, start/60%24),
		endDays: int((end - day) / minutesOfDay), endClock: int((end - day) % minutesOfDay),
	}
}

// programme compiles the plan for a zone.
func (p *plan) programme(t *testing.T, z zoned) *playlists.Programme {
	t.Helper()
	h := ward("UTC")
	h.Playlists["loop"] = playliststest.Loop("loop", "short", "long")
	for id, seconds := range map[playlists.ItemID]int64{"short": shortSeconds, "long": loopSeconds - shortSeconds} {
		item := playliststest.Pictures(id, string(id), "", "en")
		item.Millis = seconds * 1000
		h.Items[id] = item
	}
	h.Closures["ward"] = closureOn(t, "ward", p.closed)
	d := h.Departments["ward"]
	d.Zone, d.Filler, d.Closed, d.Closures = z.name, "loop", "loop", []playlists.ClosureID{"ward"}
	h.Departments["ward"] = d
	h.Screens["bed"] = playlists.Screen{ID: "bed", Department: "ward", Name: "Above the bed", Tags: []playlists.Tag{"quiet"}}
	targets := []playlists.Target{{All: true}, {Site: "main"}, {Department: "ward"}, {Tag: "quiet"}, {Screen: "bed"}}
	for i := range p.windows {
		w := &p.windows[i]
		h.Closures[playlists.ClosureID(w.id)] = closureOn(t, w.id, w.closed)
		doc := playlists.Window{
			ID: playlists.WindowID(w.id), Name: w.id, Playlist: "loop", Start: w.start,
			End:      playlists.LocalEnd{Days: w.endDays, Clock: playlists.Clock(w.endClock)},
			Closures: []playlists.ClosureID{playlists.ClosureID(w.id)}, Targets: targets[w.narrow : w.narrow+1], Priority: w.priority,
		}
		if w.first != "" {
			doc.First = date(t, w.first)
		}
		if w.last != "" {
			doc.Last = date(t, w.last)
		}
		h.Windows[doc.ID] = doc
	}
	body, problems, err := playlists.Compile(h, "bed", playlists.Abilities{}, func(string) ([]byte, error) { return z.tzif, nil }, nil)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	return programmeUnder(t, &playlists.Manifest{Body: body}, nil)
}

func closureOn(t *testing.T, id string, dates []string) playlists.Closure {
	t.Helper()
	c := playlists.Closure{ID: playlists.ClosureID(id), Name: id}
	for _, d := range dates {
		c.Dates = append(c.Dates, date(t, d))
	}
	return c
}

// manyRules are starts and local ends, the end as "days hh:mm".
func manyRules() [][2]string {
	return [][2]string{
		{"0 8 * * 1-5", "0 17:00"},
		{"0 22 * * *", "1 06:00"},
		{"0 0 * * *", "0 24:00"},
		{"0 0 * * *", "1 00:00"},
		{"0 0 * * *", "0 08:00"},
		{"30 0 * * *", "0 01:30"},
		{"0 1 * * *", "0 02:00"},
		{"30 1 * * *", "0 02:30"},
		{"0 2 * * *", "0 03:00"},
		{"30 2 * * *", "0 04:00"},
		{"10 2 * * *", "0 02:50"},
		{"59 1 * * *", "0 02:01"},
		{"0 3 * * *", "0 03:01"},
		{"59 23 * * *", "1 00:01"},
		{"0 23 * * *", "1 01:00"},
		{"30 23 * * *", "0 24:00"},
		{"0 20 * * *", "1 00:00"},
		{"1 0 * * *", "0 00:02"},
		{"0 0 * * 0", "7 00:00"},
		{"0 0 * * 6", "2 00:00"},
		{"30 2 * * 0", "0 02:31"},
		{"30 2 * * 6", "1 02:30"},
		{"0 12 * * SAT", "1 12:00"},
		{"0 12 * * sun,MON", "3 01:45"},
		{"15 1 * * 0", "6 02:15"},
		{"0 4 * * 2", "7 03:59"},
		{"*/30 * * * *", "0 24:00"},
		{"*/5 1-3 * * *", "0 04:00"},
		{"*/7 0-2 * * *", "0 03:00"},
		{"0 */2 * * *", "1 00:30"},
		{"0/20 2 * * *", "0 03:00"},
		{"17 1,2,3 * * *", "0 05:00"},
		{"1-59/29 0-3 * * *", "0 06:00"},
		{"0 0 1 * *", "1 00:00"},
		{"0 0 31 * *", "1 12:00"},
		{"0 6 25-31 3,10 *", "0 22:00"},
		{"0 2 1-7 4,11 *", "0 02:45"},
		{"30 1 */2 * *", "0 02:30"},
		{"0 0 29 2 *", "0 24:00"},
		{"45 23 * MAR,OCT *", "1 02:45"},
		{"0 0 * 4-9 *", "0 03:30"},
		{"0 9 8-14 3 *", "2 09:00"},
		{"5 0 * * 1-5", "1 00:05"},
		{"0 18 * * 5", "3 06:00"},
		{"20 3 * * *", "0 03:40"},
		{"0 5 * * *", "0 05:01"},
		{"0 0 30 4,6,9,11 *", "1 00:00"},
		{"0 10 * * *", "0 10:10"},
		{"0 21 * * 0,6", "1 21:00"},
		{"*/15 23 * * *", "1 03:15"},
		{"0 1 * 3-11/4 *", "1 01:00"},
		{"50 1 * * *", "1 01:10"},
		{"0 0,12 ? * *", "0 18:00"},
		{"1 1 1 1 *", "3 01:01"},
		{"0 7 * 1-12/3 *", "0 19:30"},
		{"33 4 * * WED", "7 04:30"},
	}
}
