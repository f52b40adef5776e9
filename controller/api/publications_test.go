package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"anteroom/controller/access"
	"anteroom/playlists"
)

// publishesLater orders a publication for tomorrow, sees it, and takes it back.
func (p *person) publishesLater() {
	p.t.Helper()
	at := time.Now().Add(24 * time.Hour).UTC().Truncate(time.Second)
	order := func(departments string) map[string]any {
		return map[string]any{"departments": []string{departments}, "at": at, "note": "for tomorrow"}
	}
	type waiting struct {
		Number      int
		At          time.Time
		By          string
		Departments []string
	}
	var first, second waiting
	p.do(http.MethodPost, "/api/v1/publications/waiting", order("cardiology")).want(http.StatusCreated).into(&first)
	p.do(http.MethodPost, "/api/v1/publications/waiting", order("cardiology")).want(http.StatusCreated).into(&second)
	var all struct{ Items []waiting }
	p.get("/api/v1/publications/waiting").want(http.StatusOK).into(&all)
	if len(all.Items) != 1 || all.Items[0].Number != second.Number || !all.Items[0].At.Equal(at) || first.Number == second.Number {
		p.t.Errorf("%+v wait, want the second alone", all.Items)
	}
	var preview struct{ Replaces []int }
	p.do(http.MethodPost, "/api/v1/publications/preview", `{"departments":["cardiology"]}`).want(http.StatusOK).into(&preview)
	if len(preview.Replaces) != 1 || preview.Replaces[0] != second.Number {
		p.t.Errorf("publishing now takes the place of %v, want of the second", preview.Replaces)
	}
	p.do(http.MethodDelete, "/api/v1/publications/waiting/1", nil).want(http.StatusNotFound)
	p.do(http.MethodDelete, "/api/v1/publications/waiting/2", nil).want(http.StatusNoContent)
	p.get("/api/v1/publications/waiting").want(http.StatusOK).into(&all)
	if len(all.Items) != 0 {
		p.t.Errorf("%+v wait, want none", all.Items)
	}
	yesterday := map[string]any{"at": time.Now().Add(-24 * time.Hour)}
	if got := p.do(http.MethodPost, "/api/v1/publications/waiting", yesterday).want(http.StatusUnprocessableEntity).body; !strings.Contains(got, `"body.at"`) {
		p.t.Errorf("the refusal names no field: %s", got)
	}
}

// TestMissedFloorsAreSeenBefore gives a department floors: wrong ones are refused at the field, and a preview says which are missed.
func TestMissedFloorsAreSeenBefore(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	var d playlists.Department
	etag := ada.get("/api/v1/departments/cardiology").want(http.StatusOK).into(&d).header.Get("ETag")
	d.Hours, d.Closures = nil, nil
	for field, floor := range map[string]playlists.Floor{
		"floors[0]": {Plays: 1}, "floors[0].plays": {Topic: "heart"}, "floors[0].phase": {Phase: "birth", Plays: 1}, "floors[0].item": {Item: "We are closed", Plays: 1},
	} {
		d.Floors = []playlists.Floor{floor}
		if a := ada.do(http.MethodPut, "/api/v1/departments/cardiology", d, "If-Match", etag).want(http.StatusUnprocessableEntity); !strings.Contains(a.body, `"body.`+field+`"`) {
			t.Errorf("%s is not named: %s", field, a.body)
		}
	}
	d.Floors = []playlists.Floor{{Item: "lake-at-dawn", Phase: "", Plays: 1}, {Item: "we-are-closed", Plays: 2}, {Item: "nowhere", Plays: 1}}
	ada.do(http.MethodPut, "/api/v1/departments/cardiology", d, "If-Match", etag).want(http.StatusOK)
	var preview struct {
		Problems []playlists.Problem
		Diff     struct{ Floors []playlists.MissedFloor }
	}
	ada.do(http.MethodPost, "/api/v1/publications/preview", `{"departments":["cardiology"],"days":2}`).want(http.StatusOK).into(&preview)
	missed := map[playlists.ItemID]playlists.MissedFloor{}
	for _, m := range preview.Diff.Floors {
		missed[m.Floor.Item] = m
	}
	if m := missed["we-are-closed"]; m.Department != "cardiology" || m.Title != "We are closed today" || m.Screens != 2 || m.Hours < 40 || m.Hours != m.OpenHours || m.Plays != 0 || len(m.Playlists) == 0 {
		t.Errorf("we-are-closed, which no screen shows: %+v", m)
	}
	if !slices.ContainsFunc(preview.Problems, func(p playlists.Problem) bool { return p.Kind == "department" && p.Field == "floors[2].item" }) {
		t.Errorf("of an item that does not exist nobody is told: %+v", preview.Problems)
	}
}

// TestTwoPublicationsAreCompared turns a screen between them: on that one they differ, all the time.
func TestTwoPublicationsAreCompared(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	ada.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusCreated)
	ada.do(http.MethodPut, "/api/v1/screens/cardiology-door", map[string]any{
		"id": "cardiology-door", "department": "cardiology", "name": "Cardiology, by the door", "rotation": 90,
	}, "If-Match", `"1"`).want(http.StatusOK)
	ada.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusCreated)
	type comparison struct {
		Changes []struct {
			Kind, ID string
			From, To int
		}
		Diff playlists.Difference
	}
	const path = "/api/v1/publications/compared"
	for query, want := range map[string]struct{ from, to, days int }{
		"?before=1&after=2":        {1, 2, 7},
		"?before=2&after=1&days=2": {2, 1, 2},
		"?before=1&after=2&days=31&from=2030-01-01T00%3A00%3A00Z": {1, 2, 31},
	} {
		var got comparison
		ada.get(path + query).want(http.StatusOK).into(&got)
		if len(got.Changes) != 1 || got.Changes[0].ID != "cardiology-door" || got.Changes[0].From != want.from || got.Changes[0].To != want.to {
			t.Errorf("%s: the documents %+v differ, want the screen alone", query, got.Changes)
		}
		span := time.Duration(want.days) * 24 * time.Hour
		if d := got.Diff; d.ChangedScreens != 1 || d.Screens != 4 || d.ChangedMillis != span.Milliseconds() || d.To.Sub(d.From) != span {
			t.Errorf("%s: %d of %d screens differ for %d ms from %v to %v, want one all the time", query, d.ChangedScreens, d.Screens, d.ChangedMillis, d.From, d.To)
		}
	}
	var same comparison
	ada.get(path + "?before=2&after=2").want(http.StatusOK).into(&same)
	if len(same.Changes) != 0 || same.Diff.ChangedScreens != 0 {
		t.Errorf("it differs from itself: %+v", same)
	}
	for query, want := range map[string]string{
		"": `"query.before"`, "?before=1": `"query.after"`, "?before=0&after=1": `"query.before"`, "?before=1&after=2&days=32": `"query.days"`,
	} {
		if a := ada.get(path + query).want(http.StatusUnprocessableEntity); !strings.Contains(a.body, want) {
			t.Errorf("%q: %s is not named: %s", query, want, a.body)
		}
	}
	ada.get(path + "?before=1&after=9").want(http.StatusNotFound)
}

// TestGoingBackIsSeenBefore previews going back to a publication, goes back, and reads who changed what.
func TestGoingBackIsSeenBefore(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	ada.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusCreated)
	ada.do(http.MethodPut, "/api/v1/screens/cardiology-door", map[string]any{
		"id": "cardiology-door", "department": "cardiology", "name": "Cardiology, by the door", "rotation": 90,
	}, "If-Match", `"1"`).want(http.StatusOK)
	ada.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusCreated)
	type change struct {
		Kind, ID, By string
		From, To     int
	}
	var changes struct{ Items []change }
	ada.get("/api/v1/publications/2/changes").want(http.StatusOK).into(&changes)
	if len(changes.Items) != 1 || changes.Items[0] != (change{"screen", "cardiology-door", "ada", 1, 2}) {
		t.Errorf("publication 2 changed %+v", changes.Items)
	}
	var preview struct{ Screens int }
	for _, how := range []string{`{"undo":2}`, `{"back_to":1}`} {
		ada.do(http.MethodPost, "/api/v1/publications/preview", how).want(http.StatusOK).into(&preview)
		t.Logf("%s gives %d screens something new", how, preview.Screens)
	}
	var back struct {
		BackTo int `json:"back_to"`
		Number int
	}
	ada.do(http.MethodPost, "/api/v1/publications", `{"back_to":1}`).want(http.StatusCreated).into(&back)
	if back.Number != 3 || back.BackTo != 1 {
		t.Errorf("gone back: %+v", back)
	}
	for body, status := range map[string]int{
		`{"back_to":9}`: http.StatusNotFound, `{"back_to":1,"undo":1}`: http.StatusUnprocessableEntity,
		`{"back_to":1,"departments":["cardiology"]}`: http.StatusUnprocessableEntity,
	} {
		ada.do(http.MethodPost, "/api/v1/publications", body).want(status)
	}
	ada.do(http.MethodPost, "/api/v1/publications/preview", `{"back_to":1,"departments":["cardiology"]}`).want(http.StatusUnprocessableEntity)
	ada.get("/api/v1/publications/9/changes").want(http.StatusNotFound)

	mo := h.staff("mo", access.Scheduler, "cardiology")
	mo.do(http.MethodPost, "/api/v1/publications", `{"back_to":1}`).want(http.StatusForbidden)
	at := time.Now().Add(24 * time.Hour)
	ada.do(http.MethodPost, "/api/v1/publications/waiting", map[string]any{"at": at}).want(http.StatusCreated)
	mo.do(http.MethodDelete, "/api/v1/publications/waiting/1", nil).want(http.StatusForbidden)
	mo.do(http.MethodPost, "/api/v1/publications/waiting", map[string]any{"at": at}).want(http.StatusForbidden)
	mo.do(http.MethodPost, "/api/v1/publications/waiting", map[string]any{"at": at, "departments": []string{"cardiology"}}).want(http.StatusCreated)
}

// TestPlaylistIsRehearsed asks what a playlist would be that nobody has saved.
func TestPlaylistIsRehearsed(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	var r struct {
		Millis  int
		Entries []struct {
			Slots        int
			PlaysPerHour float64 `json:"plays_per_hour"`
		}
		Order    []int
		Problems json.RawMessage
	}
	ada.do(http.MethodPost, "/api/v1/playlists/rehearsal", `{"department":"cardiology","entries":[{"item":"visiting-hours","weight":3,"millis":20000}]}`).want(http.StatusOK).into(&r)
	if len(r.Entries) != 1 || r.Entries[0].PlaysPerHour != 180 || r.Millis != 20_000*len(r.Order) || string(r.Problems) != "[]" {
		t.Errorf("got %+v", r)
	}
	for body, field := range map[string]string{
		`{"department":"cardiology","entries":[{"item":"visiting-hours","weight":-1}]}`: `"body.entries[0].weight"`,
		`{"department":"dentists","entries":[]}`:                                        `"body.department"`,
	} {
		if got := ada.do(http.MethodPost, "/api/v1/playlists/rehearsal", body).want(http.StatusUnprocessableEntity).body; !strings.Contains(got, field) {
			t.Errorf("%s: the refusal names no field: %s", body, got)
		}
	}
}
