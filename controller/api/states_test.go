package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"anteroom/controller/access"
	"anteroom/controller/api"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// gate makes a department with one screen, before whose loop of two items one says sorry for delays alone.
func (p *person) gate() {
	p.t.Helper()
	p.make("sites/gatehouse", playlists.Site{ID: "gatehouse", Name: "Gatehouse"})
	for id, states := range map[playlists.ItemID][]playlists.State{"welcome": nil, "sorry": {playlists.Delay30}} {
		item := playliststest.Pictures(id, string(id), "", "en")
		item.States = states
		p.make("items/"+string(id), item)
		p.release(id)
	}
	p.make("playlists/gate", playliststest.Loop("gate", "welcome", "sorry"))
	d := playliststest.Hospital().Departments["cardiology"]
	d.ID, d.Site, d.Name, d.Filler, d.Closed, d.Closures = "gate", "gatehouse", "Gate", "gate", "", nil
	p.make("departments/gate", d)
	p.make("screens/gate-door", playlists.Screen{ID: "gate-door", Department: "gate", Name: "Gate, by the door"})
}

// statesOf are the gate's.
func (p *person) statesOf() (set []playlists.StateSet, items int) {
	p.t.Helper()
	var all api.ClinicStates
	p.get("/api/v1/states").want(http.StatusOK).into(&all)
	for _, d := range all.Departments {
		if d.Department == "gate" {
			set = d.Set
		}
	}
	return set, all.Items[playlists.Delay30]
}

// TestAQueueSystemSetsAState with a token that can do nothing else; the screen shows what is for it, and says why.
func TestAQueueSystemSetsAState(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	ada.gate()
	const state = "/api/v1/departments/gate/states/delay_30"
	if a := ada.do(http.MethodPut, state, `{}`).want(http.StatusUnprocessableEntity); !strings.Contains(a.body, "publish it first") {
		t.Errorf("got %s, want it said that the department is not published", a.body)
	}
	ada.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusCreated)
	sue := h.staff("sue", access.Scheduler, "gate")
	queue := sue.script(draft(`"rights":[{"action":"edit","kind":"state"}]`))

	var got api.ClinicState
	queue.do(http.MethodPut, state, `{"minutes":45}`).want(http.StatusOK).into(&got)
	if len(got.Set) != 1 || got.Set[0].By != "sue" || got.Set[0].Until.Sub(got.Set[0].Since) < 44*time.Minute {
		t.Errorf("got %+v, want a delay by sue for 45 minutes", got)
	}
	if set, items := ada.statesOf(); len(set) != 1 || items != 1 {
		t.Errorf("got %v, and %d items for it, want the delay and one item", set, items)
	}
	ada.showsWhy(got.Set[0])
	if a := ada.get("/api/v1/audit?kind=state").want(http.StatusOK); !strings.Contains(a.body, `"via"`) || !strings.Contains(a.body, `"gate"`) {
		t.Errorf("the audit log does not say by which token it was set: %s", a.body)
	}

	queue.do(http.MethodPut, "/api/v1/departments/cardiology/states/delay_30", `{}`).want(http.StatusForbidden)
	queue.do(http.MethodPut, "/api/v1/departments/gate/states/mr_smith", `{}`).want(http.StatusUnprocessableEntity)
	queue.do(http.MethodPut, state, `{"minutes":1500}`).want(http.StatusUnprocessableEntity)
	queue.do(http.MethodPost, "/api/v1/publications", `{"departments":["gate"]}`).want(http.StatusForbidden)
	sue.script(draft(`"rights":[{"action":"publish","kind":"publication"}]`)).do(http.MethodPut, state, `{}`).want(http.StatusForbidden)
	h.staff("vic", access.Viewer, "gate").do(http.MethodDelete, state, nil).want(http.StatusForbidden)

	queue.do(http.MethodDelete, state, nil).want(http.StatusOK)
	queue.do(http.MethodDelete, state, nil).want(http.StatusNotFound)
	if set, _ := ada.statesOf(); len(set) != 0 {
		t.Errorf("got %v after it was cleared", set)
	}
}

// showsWhy looks through five minutes for the turn that shows for a state.
func (p *person) showsWhy(set playlists.StateSet) {
	p.t.Helper()
	from := time.Now().Add(2 * time.Minute)
	for at := from; at.Before(from.Add(5 * time.Minute)); at = at.Add(5 * time.Second) {
		var why api.Why
		p.get("/api/v1/screens/gate-door/why?at=" + at.UTC().Format(time.RFC3339)).want(http.StatusOK).into(&why)
		for _, slot := range why.Slots {
			if slot.Item == "sorry" {
				if slot.While == nil || *slot.While != set {
					p.t.Errorf("it shows for %+v, want %+v", slot.While, set)
				}
				return
			}
		}
	}
	p.t.Error("it never shows")
}
