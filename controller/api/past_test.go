package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/wire"
)

// explained is what staff are told of a moment.
type explained struct {
	By         string
	Generation uint64
	Since      time.Time
	Zone       string
	Winner     struct{ Source, Window, Name string }
	Slots      []struct {
		Title      string
		Start, End time.Time
	}
	Plays []struct {
		Title, Item string
		Generation  uint64
		Start       time.Time
	}
}

func (p *person) why(s playlists.ScreenID, at time.Time) explained {
	p.t.Helper()
	var e explained
	p.get("/api/v1/screens/" + string(s) + "/why?at=" + at.UTC().Format(time.RFC3339)).want(http.StatusOK).into(&e)
	return e
}

// String says it as somebody would: "3: Evenings, by ada".
func (e explained) String() string {
	owner := e.Winner.Source
	if e.Winner.Name != "" {
		owner = e.Winner.Name
	}
	if e.By != "" {
		owner += ", by " + e.By
	}
	return fmt.Sprintf("%d: %s", e.Generation, owner)
}

// change puts a document anew, as whoever has it open does.
func (p *person) change(path string, doc any) {
	p.t.Helper()
	etag := p.get("/api/v1/" + path).want(http.StatusOK).header.Get("ETag")
	p.do(http.MethodPut, "/api/v1/"+path, doc, "If-Match", etag).want(http.StatusOK)
}

// until lets time go by until New York's walls show something.
func until(t *testing.T, wall string) {
	t.Helper()
	wait := time.Until(playliststest.NewYork(t, wall))
	if wait < 0 {
		t.Fatalf("%s is over", wall)
	}
	time.Sleep(wait)
}

// aWeek publishes on Monday; shortens a window on Tuesday; takes that back on Wednesday; moves a screen on
// Thursday; on Friday removes a window and renames an item. Between, a player was linked once, on Monday:
// its manifest is given.
func (h *house) aWeek() (player *screen, monday playlists.Head) {
	h.t.Helper()
	sample := playliststest.Hospital()
	h.admin()
	until(h.t, "2000-01-03 09:00")
	ada := h.signIn("ada")
	ada.furnish()
	ada.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusCreated)
	player = h.screen()
	player.pair(ada, playliststest.CardiologyWindow)
	monday = player.head()
	player.conn.Close()

	until(h.t, "2000-01-04 10:00")
	mo := h.staff("mo", "scheduler")
	short := sample.Windows["cardiology-weekdays"]
	short.Name, short.End = "Cardiology, mornings", playlists.LocalEnd{Clock: 12 * 60}
	mo.change("windows/cardiology-weekdays", short)
	mo.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusCreated)

	until(h.t, "2000-01-05 10:00")
	h.signIn("ada").do(http.MethodPost, "/api/v1/publications", `{"undo":2}`).want(http.StatusCreated)

	until(h.t, "2000-01-06 10:00")
	ada = h.signIn("ada")
	ada.change("windows/cardiology-weekdays", sample.Windows["cardiology-weekdays"])
	moved := sample.Screens[playliststest.CardiologyDoor]
	moved.Department = "paediatrics"
	ada.change("screens/cardiology-door", moved)
	ada.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusCreated)

	until(h.t, "2000-01-07 10:00")
	ada = h.signIn("ada")
	ada.do(http.MethodDelete, "/api/v1/windows/main-evenings", nil, "If-Match", `"1"`).want(http.StatusNoContent)
	renamed := sample.Items["visiting-hours"]
	renamed.Title = "When to visit"
	ada.change("items/visiting-hours", renamed)
	ada.release("visiting-hours")
	ada.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusCreated)
	return player, monday
}

// TestAnyPastMomentIsExplained asks, months later, about a week of changes, and about an hour that the
// clocks showed twice.
func TestAnyPastMomentIsExplained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t)
		player, monday := h.aWeek()
		until(t, "2000-10-30 09:00")
		ada := h.signIn("ada")
		for _, c := range []struct {
			screen         playlists.ScreenID
			at, what, want string
		}{
			{playliststest.CardiologyDoor, "2000-01-03 08:00", "before there was anything", "0: slate"},
			{playliststest.CardiologyDoor, "2000-01-03 10:00", "the first programme", "1: Cardiology, weekdays, by ada"},
			{playliststest.CardiologyDoor, "2000-01-04 10:00", "just published, not in force yet", "1: Cardiology, weekdays, by ada"},
			{playliststest.CardiologyDoor, "2000-01-04 11:00", "the shorter window", "2: Cardiology, mornings, by mo"},
			{playliststest.CardiologyDoor, "2000-01-04 13:00", "after its end", "2: filler"},
			{playliststest.CardiologyDoor, "2000-01-05 13:00", "taken back", "3: Cardiology, weekdays, by ada"},
			{playliststest.CardiologyDoor, "2000-01-06 11:00", "moved away: that window is not for it any more", "4: filler"},
			{playliststest.CardiologyDoor, "2000-01-06 18:00", "a window that is gone since", "4: Evenings in the main building, by ada"},
			{playliststest.CardiologyDoor, "2000-01-06 23:00", "a window of where it hangs now", "4: Paediatrics, nights, by ada"},
			{playliststest.CardiologyDoor, "2000-01-07 18:00", "the window is gone", "5: filler"},
			{playliststest.CardiologyWindow, "2000-01-06 18:00", "the screen beside it, which stayed", "3: Evenings in the main building, by ada"},
			{playliststest.CardiologyWindow, "2000-10-27 11:00", "long after the last publication", "4: Cardiology, weekdays, by ada"},
		} {
			at := playliststest.NewYork(t, c.at)
			e := ada.why(c.screen, at)
			if e.String() != c.want || e.Since.After(at) || e.Since.IsZero() != (e.Generation == 0) || e.Zone != "America/New_York" {
				t.Errorf("%s at %s, %s: got %q since %s in %s, want %q", c.screen, c.at, c.what, e, e.Since, e.Zone, c.want)
			}
		}
		h.twoHours(ada, player, monday)
	})
}

// twoHours has a player send plays of Monday and of both times at which it was half past one on 29 October;
// at the first of them it did not have the newest programme yet.
func (h *house) twoHours(ada *person, player *screen, monday playlists.Head) {
	h.t.Helper()
	then := playliststest.NewYork(h.t, "2000-01-03 18:00")
	first := time.Date(2000, time.October, 29, 5, 30, 0, 0, time.UTC)
	second := first.Add(time.Hour)
	player.dial(wire.State{Screen: player.id, Generation: monday.Generation, Body: monday.Body}, true)
	newest := player.head()
	var plays []playlists.Play
	for i, at := range []time.Time{then, first, second} {
		p := playliststest.Play(uint64(i+1), at.Add(-time.Duration(i)*10*time.Second))
		p.Screen, p.Item, p.Window, p.Body = player.id, "visiting-hours", "", []playlists.Digest{monday.Body, monday.Body, newest.Body}[i]
		plays = append(plays, p)
	}
	player.sendPlays(plays)
	player.next(func(e wire.Envelope) bool { return e.Ack != nil })
	player.conn.Close()
	for _, c := range []struct {
		when  string
		start time.Time
		// want is what was in force, and what the player recorded, by which generation.
		want string
	}{
		{"on Monday", then, "1: Evenings in the main building, by ada; Visiting hours by 1"},
		{"the first time", first, "4: filler; Visiting hours by 3"}, // the undo brought Monday's programme back
		{"the second", second, "4: filler; When to visit by 4"},
	} {
		at := c.start.Add(5 * time.Second)
		e := ada.why(player.id, at)
		if len(e.Slots) != 1 || e.Slots[0].Start.After(at) || !e.Slots[0].End.After(at) || len(e.Plays) != 1 || !e.Plays[0].Start.Equal(c.start) {
			h.t.Fatalf("%s: %+v", c.when, e)
		}
		if got := fmt.Sprintf("%s; %s by %d", e, e.Plays[0].Title, e.Plays[0].Generation); got != c.want {
			h.t.Errorf("%s: got %q, want %q", c.when, got, c.want)
		}
	}
	var day struct {
		Start, End time.Time
		Spans      []struct{ Start, End time.Time }
		Plays      []struct{ Plays int }
	}
	ada.get("/api/v1/screens/" + string(player.id) + "/timeline?date=2000-10-29").want(http.StatusOK).into(&day)
	at := day.Start
	for _, span := range day.Spans {
		if !span.Start.Equal(at) {
			h.t.Errorf("a span begins at %s, want %s", span.Start, at)
		}
		at = span.End
	}
	if !at.Equal(day.End) || day.End.Sub(day.Start) != 25*time.Hour || len(day.Plays) != 1 || day.Plays[0].Plays != 2 {
		h.t.Errorf("the day of 25 hours: %+v", day)
	}
}

// TestUnpublishedScreensHaveNoPast: nothing can be said of a screen that never had a head.
func TestUnpublishedScreensHaveNoPast(t *testing.T) {
	ada := start(t).admin()
	ada.furnish()
	a := ada.get("/api/v1/screens/cardiology-door/why?at=2026-11-23T14:00:00Z").want(http.StatusNotFound)
	if !strings.Contains(a.body, "Nothing has been published") {
		t.Errorf("got %s", a.body)
	}
}
