package publish_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"anteroom/controller/publish"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// apologetic is the sample hospital in which cardiology's item on tablets is for delays alone.
func apologetic(t *testing.T) *house {
	t.Helper()
	h := playliststest.Hospital()
	item := h.Items["taking-your-tablets"]
	item.States = []playlists.State{playlists.Delay30}
	h.Items["taking-your-tablets"] = item
	o := open(t, h)
	o.publish()
	return o
}

// sorry reports whether the item for delays is in the loop of cardiology's day.
func sorry(o *house) bool {
	o.t.Helper()
	return slices.Contains(o.titles(playliststest.CardiologyDoor, "cardiology-day"), "Taking your tablets")
}

func (o *house) set(state playlists.State, lasts time.Duration) playlists.States {
	o.t.Helper()
	s, err := o.SetState(o.t.Context(), "cardiology", state, o.now.Add(lasts), "queue")
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

// TestAStateGoesOutAtOnceAndAlone, and what was for it goes from the loops when it has ended; nothing of a colleague's goes
// with it, neither when it comes nor when it goes.
func TestAStateGoesOutAtOnceAndAlone(t *testing.T) {
	o := apologetic(t)
	edit(o, "playlist", "cardiology-day", "ada", func(p *playlists.Playlist) { p.Entries = p.Entries[:1] })
	if sorry(o) {
		t.Fatal("it is in the loop before its state is set")
	}
	o.nudged = nil
	o.set(playlists.Delay30, time.Hour)
	if !sorry(o) || !slices.Contains(o.nudged, playliststest.CardiologyDoor) {
		t.Errorf("in the loop %v, nudged %v, want it there at once", sorry(o), o.nudged)
	}
	if from := o.head(playliststest.CardiologyDoor, 0).From; from.After(o.now.Add(2 * time.Minute)) {
		t.Errorf("it comes at %s, want it within two minutes of %s", from, o.now)
	}
	publications := len(published(o))
	o.now = o.now.Add(59 * time.Minute)
	o.end()
	if !sorry(o) || len(published(o)) != publications {
		t.Error("it went before its end, or something was published for nothing")
	}
	o.now = o.now.Add(time.Minute)
	if len(o.States("cardiology").Set) > 0 {
		t.Error("the state is there after its end")
	}
	o.end()
	if sorry(o) || len(published(o)) != publications+1 {
		t.Errorf("in the loop %v, %d publications, want it gone by one more than %d", sorry(o), len(published(o)), publications)
	}
	if titles := o.titles(playliststest.CardiologyDoor, "cardiology-day"); len(titles) < 2 {
		t.Errorf("got %v, want nothing of the colleague's draft", titles)
	}
}

func (o *house) end() {
	o.t.Helper()
	if err := o.EndStates(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}

func published(o *house) []publish.Publication {
	o.t.Helper()
	all, err := o.List(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	return all
}

// TestAStateIsCleared by whoever sees that it is over, once.
func TestAStateIsCleared(t *testing.T) {
	o := apologetic(t)
	o.set(playlists.Delay30, time.Hour)
	o.set(playlists.VaccinationDay, 8*time.Hour)
	left, err := o.ClearState(t.Context(), "cardiology", playlists.Delay30, "tom")
	if err != nil || sorry(o) || len(left.Set) != 1 || left.Set[0].By != "queue" {
		t.Errorf("got %v, %v, in the loop %v, want vaccination day alone", left.Set, err, sorry(o))
	}
	if _, err := o.ClearState(t.Context(), "cardiology", playlists.Delay30, "tom"); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("got %v, want it said that it is not set", err)
	}
	if got := o.States("cardiology"); len(got.Set) != 1 || got.Set[0].State != playlists.VaccinationDay {
		t.Errorf("got %v in force", got.Set)
	}
}

// TestAStateIsAFactOfNow: going back to what was published before neither sets nor clears it, and no undo takes one back.
func TestAStateIsAFactOfNow(t *testing.T) {
	o := apologetic(t)
	o.set(playlists.Delay30, time.Hour) // 2
	if _, err := o.Undo(t.Context(), 2, "", "maria"); err == nil || !strings.Contains(err.Error(), "set or clear that instead") {
		t.Errorf("got %v, want a refusal that says what to do", err)
	}
	edit(o, "department", "cardiology", "ada", func(d *playlists.Department) { d.Name = "Heart clinic" })
	o.publish("cardiology") // 3
	o.undo(3)
	if _, err := o.BackTo(t.Context(), 1, "", "maria"); err != nil || !sorry(o) {
		t.Errorf("%v, in the loop %v, want the delay to last whatever was published before it", err, sorry(o))
	}
	if _, err := o.ClearState(t.Context(), "cardiology", playlists.Delay30, "tom"); err != nil {
		t.Fatal(err)
	}
	if _, err := o.BackTo(t.Context(), 2, "", "maria"); err != nil || sorry(o) {
		t.Errorf("%v, in the loop %v, want no delay back that is over", err, sorry(o))
	}
}

// TestAStateLeavesWhatWaits: what was ordered for later still comes, then, and with the state as it is.
func TestAStateLeavesWhatWaits(t *testing.T) {
	o := apologetic(t)
	edit(o, "department", "cardiology", "ada", func(d *playlists.Department) { d.Name = "Heart clinic" })
	at := o.now.Add(time.Hour)
	if _, err := o.PublishAt(t.Context(), publish.Order{Departments: []playlists.DepartmentID{"cardiology"}, By: "maria"}, at); err != nil {
		t.Fatal(err)
	}
	o.set(playlists.Delay30, 2*time.Hour)
	if len(o.Waiting()) != 1 {
		t.Fatal("the publication that waited is gone")
	}
	o.now = at.Add(-5 * time.Minute)
	o.GoOut(t.Context())
	if len(o.Waiting()) != 0 || !sorry(o) {
		t.Errorf("%d wait, in the loop %v, want it to have gone out with the delay", len(o.Waiting()), sorry(o))
	}
	if _, err := o.ClearState(t.Context(), "cardiology", playlists.Delay30, "tom"); err != nil {
		t.Fatal(err)
	}
	if from := o.head(playliststest.CardiologyDoor, 0).From; from.Before(at) {
		t.Errorf("it comes at %s, and with it what was ordered for %s", from, at)
	}
}

// TestNoStateBeforeTheFirstPublication, nor one that nobody knows or that never ends; and nothing is written then.
func TestNoStateBeforeTheFirstPublication(t *testing.T) {
	o := open(t, playliststest.Hospital())
	if _, err := o.SetState(t.Context(), "cardiology", playlists.Delay30, o.now.Add(time.Hour), "tom"); err == nil || !strings.Contains(err.Error(), "publish it first") {
		t.Errorf("got %v, want a refusal", err)
	}
	o.publish()
	for state, lasts := range map[playlists.State]time.Duration{"mr_smith": time.Hour, playlists.Delay30: 25 * time.Hour, playlists.Delay60: -time.Minute} {
		if _, err := o.SetState(t.Context(), "cardiology", state, o.now.Add(lasts), "tom"); !errors.Is(err, playlists.ErrInvalid) {
			t.Errorf("%s for %s: got %v, want a refusal", state, lasts, err)
		}
	}
	if got := o.States("cardiology"); len(got.Set) > 0 || len(published(o)) != 1 {
		t.Errorf("got %v and %d publications, want nothing of it", got.Set, len(published(o)))
	}
}
