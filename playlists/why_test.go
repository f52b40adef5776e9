package playlists_test

import (
	"fmt"
	"strings"
	"testing"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// TestWhy asks a ward with many windows why it shows what it shows.
func TestWhy(t *testing.T) {
	loud := window(t, "loud", "0 9 * * 1-5", "12:00")
	loud.Priority = 5
	own := window(t, "own", "0 6 * * *", "16:00")
	own.Targets = []playlists.Target{{Screen: "bed"}}
	past := window(t, "past", "0 8 * * *", "17:00")
	past.Last = date(t, "2026-11-20")
	future := window(t, "future", "0 8 * * *", "17:00")
	future.First = date(t, "2026-12-01")
	rests := window(t, "rests", "0 8 * * *", "17:00")
	rests.Closures = []playlists.ClosureID{"today"}
	h := ward("America/New_York", loud, own, past, future, rests,
		window(t, "a-day", "0 7 * * *", "17:00"), window(t, "b-day", "0 8 * * *", "17:00"), window(t, "c-day", "0 8 * * *", "17:00"),
		window(t, "evening", "0 18 * * *", "22:00"), window(t, "leap", "0 8 29 2 *", "17:00"))
	h.Closures["today"] = playlists.Closure{ID: "today", Name: "Today", Dates: []playlists.Date{date(t, "2026-11-23")}}
	plain := programmeOf(t, h, "bed")
	fire := playliststest.Takeover("fire", at(t, plain, "2026-11-23 11:00"))
	p := programmeOf(t, h, "bed", fire)

	for _, c := range []struct{ wall, winner, losers string }{
		{"2026-11-23 10:00", "loud", `
			own: lower_priority: loud has priority 5, this has 0
			b-day: lower_priority: loud has priority 5, this has 0
			c-day: lower_priority: loud has priority 5, this has 0
			a-day: lower_priority: loud has priority 5, this has 0
			filler: last_resort: it shows only where nothing else does
			fire: not_on: it lasts from Mon 23 Nov 2026 at 11:00 to Mon 23 Nov 2026 at 12:00
			evening: not_on: it starts on Mon 23 Nov 2026 at 18:00
			future: out_of_dates: its first date is 2026-12-01; it starts on Tue 1 Dec 2026 at 08:00
			leap: not_on: it starts on Tue 29 Feb 2028 at 08:00
			past: out_of_dates: its last date was 2026-11-20
			rests: rests_closed: 2026-11-23 is closed; it starts on Tue 24 Nov 2026 at 08:00`},
		{"2026-11-23 13:00", "own", `
			b-day: wider_target: own is chosen for the screen, this for all screens
			c-day: wider_target: own is chosen for the screen, this for all screens
			a-day: wider_target: own is chosen for the screen, this for all screens
			filler: last_resort: it shows only where nothing else does
			fire: not_on: it lasts from Mon 23 Nov 2026 at 11:00 to Mon 23 Nov 2026 at 12:00
			evening: not_on: it starts on Mon 23 Nov 2026 at 18:00
			future: out_of_dates: its first date is 2026-12-01; it starts on Tue 1 Dec 2026 at 08:00
			leap: not_on: it starts on Tue 29 Feb 2028 at 08:00
			loud: not_on: it starts on Tue 24 Nov 2026 at 09:00
			past: out_of_dates: its last date was 2026-11-20
			rests: rests_closed: 2026-11-23 is closed; it starts on Tue 24 Nov 2026 at 08:00`},
		{"2026-11-23 16:30", "b-day", `
			c-day: later_id: all else is equal, and b-day comes first by its id
			a-day: earlier_start: b-day started later
			filler: last_resort: it shows only where nothing else does`},
		{"2026-11-23 11:30", "fire", `
			loud: under_takeover: takeover fire has the whole screen
			own: under_takeover: takeover fire has the whole screen`},
		{"2026-11-23 23:30", "filler", `
			fire: not_on: it lasts from Mon 23 Nov 2026 at 11:00 to Mon 23 Nov 2026 at 12:00
			a-day: not_on: it starts on Tue 24 Nov 2026 at 07:00`},
	} {
		w := p.Why(at(t, p, c.wall))
		if got := nameOf(w.Winner); got != c.winner {
			t.Errorf("%s: got %s, want %s", c.wall, got, c.winner)
		}
		for i, want := range strings.Split(strings.TrimSpace(c.losers), "\n") {
			if i >= len(w.Losers) {
				t.Errorf("%s: got %d losers, want also %s", c.wall, len(w.Losers), want)
				continue
			}
			l := w.Losers[i]
			if got := fmt.Sprintf("%s: %s: %s", nameOf(l.Candidate), l.Reason, l.Text); got != strings.TrimSpace(want) {
				t.Errorf("%s:\ngot  %s\nwant %s", c.wall, got, strings.TrimSpace(want))
			}
		}
	}
}

func nameOf(c playlists.Candidate) string {
	switch {
	case c.Takeover != "":
		return string(c.Takeover)
	case c.Window != "":
		return string(c.Window)
	}
	return string(c.Source)
}

func TestWhyBetweenTakeovers(t *testing.T) {
	h := ward("America/New_York")
	plain := programmeOf(t, h, "bed")
	first := playliststest.Takeover("first", at(t, plain, "2026-11-23 11:00"))
	second := playliststest.Takeover("second", at(t, plain, "2026-11-23 11:10"))
	small := playliststest.Takeover("small", at(t, plain, "2026-11-23 11:20"))
	small.Severity = playlists.Notice
	p := programmeOf(t, h, "bed", first, second, small)
	var got []string
	w := p.Why(at(t, p, "2026-11-23 11:30"))
	for _, l := range w.Losers {
		got = append(got, fmt.Sprintf("%s %s", nameOf(l.Candidate), l.Reason))
	}
	if want := "first older_takeover, small lower_severity, filler under_takeover"; nameOf(w.Winner) != "second" || strings.Join(got, ", ") != want {
		t.Errorf("got %s over %s, want second over %s", nameOf(w.Winner), strings.Join(got, ", "), want)
	}
}
