package publish_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"anteroom/controller/publish"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// wished is what patients of cardiology asked for, by the Mondays of weeks.
type wished map[string][]playlists.AskedFor

func (w wished) Asked(_ context.Context, d playlists.DepartmentID, from, to playlists.Date) ([]playlists.AskedFor, error) {
	var all []playlists.AskedFor
	for monday := from; d == "cardiology" && monday.Compare(to) <= 0; monday = monday.AddDays(7) {
		all = append(all, w[monday.String()]...)
	}
	return all, nil
}

// listening is the sample hospital in which cardiology follows demand with half of its day's loop; the item on chest pain is
// about the heart, that on tablets about tablets.
func listening(t *testing.T, mode playlists.DemandMode) *house {
	t.Helper()
	h := playliststest.Hospital()
	for id, topic := range map[playlists.ItemID]playlists.Topic{"chest-pain-signs": "heart", "taking-your-tablets": "tablets"} {
		item := h.Items[id]
		item.Topics = []playlists.Topic{topic}
		h.Items[id] = item
	}
	p := h.Playlists["cardiology-day"]
	p.Demand = &playlists.DemandShare{Percent: 50, Ceiling: 100}
	h.Playlists["cardiology-day"] = p
	d := h.Departments["cardiology"]
	d.Demand = &playlists.DemandRules{Mode: mode}
	h.Departments["cardiology"] = d
	o := open(t, h)
	o.publish()
	return o
}

// heart is how much of its day's loop the department gives to the heart, in percent.
func heart(o *house) int {
	o.t.Helper()
	m, err := o.Current(playliststest.CardiologyDoor)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, l := range m.Body.Loops {
		if l.Playlist != "cardiology-day" {
			continue
		}
		n := 0
		for _, e := range l.Order {
			if m.Body.Showings[l.Entries[e].Showing].Item == "chest-pain-signs" {
				n++
			}
		}
		return n * 100 / len(l.Order)
	}
	o.t.Fatal("the day's loop is gone")
	return 0
}

func (o *house) follow(w wished) {
	o.t.Helper()
	if err := o.Follow(o.t.Context(), w); err != nil {
		o.t.Fatal(err)
	}
}

// TestDemandGoesOutByItself: a step a week, once, and nothing of a colleague's; undone with one publication, and then from
// there.
func TestDemandGoesOutByItself(t *testing.T) {
	o := listening(t, playlists.DemandAutomatic)
	edit(o, "playlist", "cardiology-day", "ada", func(p *playlists.Playlist) { p.Entries = p.Entries[:1] })
	every := wished{}
	for monday := (playlists.Date{Year: 2026, Month: time.November, Day: 2}); len(every) < 12; monday = monday.AddDays(7) {
		every[monday.String()] = []playlists.AskedFor{{Topic: "heart", Language: "en", Times: 37}}
	}
	parts := []int{heart(o)}
	for range 4 {
		o.follow(every)
		o.follow(every) // the same week again
		parts = append(parts, heart(o))
		o.now = o.now.Add(7 * 24 * time.Hour)
	}
	if parts[0] != 20 || parts[1] != 20 || parts[2] <= parts[1] || parts[4] <= parts[2] || parts[4] > 20+2*5 {
		t.Errorf("got %v percent, want 20, and then a step of five for every second week", parts)
	}
	inForce, newest, err := o.Demand(t.Context(), "cardiology")
	if err != nil || inForce.Moves(newest) || len(inForce.Topics) != 1 || inForce.Topics[0] != (playlists.TopicDemand{Topic: "heart", Asked: 4 * 37, Percent: 20}) {
		t.Errorf("got %+v in force and %+v, %v, want 148 wishes and a part of 20", inForce, newest, err)
	}
	if titles := strings.Join(o.titles(playliststest.CardiologyDoor, "cardiology-day"), ", "); !strings.Contains(titles, "Taking your tablets") {
		t.Errorf("a colleague's draft went out: %s", titles)
	}
	publications, err := o.List(t.Context())
	if err != nil || len(publications) != 5 {
		t.Fatalf("got %d publications, %v, want the first and four steps", len(publications), err)
	}
	o.undo(5)
	if got := heart(o); got != parts[3] {
		t.Errorf("got %d percent after the undo, want %d again", got, parts[3])
	}
	o.follow(every)
	if inForce, _, _ := o.Demand(t.Context(), "cardiology"); inForce.Topics[0].Percent != 20 {
		t.Errorf("got %v, want the step of the next week from where the undo left it", inForce.Topics)
	}
}

// TestDemandWaitsAsADraft where staff want that, and is one change to publish.
func TestDemandWaitsAsADraft(t *testing.T) {
	o := listening(t, playlists.DemandDraft)
	week := wished{"2026-11-09": {{Topic: "heart", Language: "en", Times: 30}, {Topic: "tablets", Language: "en", Times: 10}}}
	o.follow(week)
	if inForce, newest, _ := o.Demand(t.Context(), "cardiology"); len(inForce.Topics) > 0 || len(newest.Topics) > 0 {
		t.Errorf("got %v and %v for the week before last, want nothing", inForce.Topics, newest.Topics)
	}
	week["2026-11-16"] = week["2026-11-09"]
	o.now = o.now.Add(24 * time.Hour)
	o.follow(week)
	inForce, newest, err := o.Demand(t.Context(), "cardiology")
	if err != nil || len(inForce.Topics) > 0 || len(newest.Topics) != 1 || newest.Topics[0].Asked != 60 || newest.Topics[0].Percent != 5 {
		t.Errorf("got %v in force and %v, %v, want 60 wishes for the heart that wait, and none of the few for tablets", inForce.Topics, newest.Topics, err)
	}
	p, err := o.Preview(t.Context(), publish.Question{Departments: []playlists.DepartmentID{"cardiology"}})
	if err != nil || len(p.Changes) != 1 || p.Changes[0].Kind != publish.DemandKind || p.Changes[0].Title != "Cardiology" {
		t.Errorf("got %v, %v, want one change to publish", p.Changes, err)
	}
}

// TestNothingToPublishAloneBeforeTheFirst publication of a department.
func TestNothingToPublishAloneBeforeTheFirst(t *testing.T) {
	o := open(t, playliststest.Hospital())
	if _, err := o.PublishAlone(t.Context(), "cardiology", "department", "cardiology", "", "maria"); err == nil || !strings.Contains(err.Error(), "publish it first") {
		t.Errorf("got %v, want a refusal", err)
	}
}
