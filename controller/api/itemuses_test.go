package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"anteroom/controller/access"
	"anteroom/controller/api"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

const visiting = "/api/v1/items/visiting-hours"

// uses is where an item is used, a line for each playlist.
func (p *person) uses(item string) (lines string, departments []playlists.DepartmentID) {
	p.t.Helper()
	var u api.ItemUses
	p.get("/api/v1/items/" + item + "/uses").want(http.StatusOK).into(&u)
	for _, use := range u.Playlists {
		var windows []string
		for _, w := range use.Windows {
			windows = append(windows, string(w.ID))
		}
		lines += fmt.Sprintf("%s: %d of %d in [%s] of %v\n", use.ID, use.Entries, use.Entries+use.Others, strings.Join(windows, " "), use.Departments)
	}
	return lines, u.Departments
}

func TestWhereAnItemIsUsed(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	lines, departments := ada.uses("visiting-hours")
	want := `calm: 1 of 2 in [] of [cardiology outpatients paediatrics]
evening: 1 of 2 in [main-evenings paediatrics-nights] of [cardiology paediatrics]
notices: 1 of 1 in [numbers-at-lunch outpatients-days] of [cardiology outpatients paediatrics]
`
	if lines != want || len(departments) != 3 {
		t.Errorf("got\n%s%v\nwant\n%s", lines, departments, want)
	}
	if lines, departments := ada.uses("we-are-closed"); lines != "closed-today: 1 of 2 in [] of [cardiology]\n" || len(departments) != 1 {
		t.Errorf("of what shows when a department is closed: %s %v", lines, departments)
	}
	ada.get("/api/v1/items/nowhere/uses").want(http.StatusNotFound)
	ada.make("playlists/spare", playliststest.Loop("spare", "we-are-closed"))
	if a := ada.get("/api/v1/items/we-are-closed/uses"); strings.Contains(a.body, "null") {
		t.Errorf("of a playlist that shows nowhere: %s", a.body)
	}
}

// An item in use is not deleted: the answer says where it is, and another takes its place, as a draft like any other.
func TestAnItemInUseIsReplacedAndThenDeleted(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	ada.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusCreated)
	var refused api.InUseError
	etag := ada.get(visiting).header.Get("ETag")
	ada.do(http.MethodDelete, visiting, nil, "If-Match", etag).want(http.StatusConflict).into(&refused)
	if !strings.Contains(refused.Detail, "calm, evening, notices") || len(refused.Uses.Playlists) != 3 {
		t.Errorf("the refusal says %q, %+v", refused.Detail, refused.Uses)
	}
	for name, order := range map[string]string{
		"itself":            `{"with":"visiting-hours"}`,
		"what is not there": `{"with":"nowhere"}`,
		"nothing":           `{"delete":true}`, // a playlist would be empty
	} {
		a := ada.do(http.MethodPost, visiting+"/replace", order, "If-Match", etag).want(http.StatusUnprocessableEntity)
		if !strings.Contains(a.body, `"location":"body.with"`) {
			t.Errorf("replaced by %s: %s", name, a.body)
		}
	}
	mo := h.staff("mo", access.Marketer)
	rita := h.staff("rita", access.Reviewer)
	rita.do(http.MethodPost, visiting+"/replace", `{"with":"know-your-numbers"}`, "If-Match", etag).want(http.StatusForbidden)
	mo.do(http.MethodPost, visiting+"/replace", `{"with":"know-your-numbers"}`, "If-Match", `"77"`).want(http.StatusPreconditionFailed)
	var done api.Replacement
	mo.do(http.MethodPost, visiting+"/replace", `{"with":"know-your-numbers","delete":true}`, "If-Match", etag).want(http.StatusOK).into(&done)
	if fmt.Sprint(done) != "{[calm evening notices] [cardiology outpatients paediatrics]}" {
		t.Errorf("replaced in %v", done)
	}
	ada.get(visiting).want(http.StatusNotFound)
	var calm playlists.Playlist
	ada.get("/api/v1/playlists/calm").into(&calm)
	if calm.Entries[1].Item != "know-your-numbers" || calm.Entries[1].Weight != 1 {
		t.Errorf("the playlist is %+v", calm)
	}
	if a := ada.get("/api/v1/playlists/calm/revisions"); !strings.Contains(a.body, `"by":"mo"`) {
		t.Errorf("who replaced it is not kept: %s", a.body)
	}
	// Nothing went live: the departments are only different from what is published.
	a := ada.do(http.MethodPost, "/api/v1/publications/preview", `{}`).want(http.StatusOK)
	for _, change := range []string{`"id":"calm"`, `"id":"visiting-hours"`} {
		if !strings.Contains(a.body, change) {
			t.Errorf("not among what waits to be published: %s in %s", change, a.body)
		}
	}
}

func TestAnItemIsTakenOutOfItsPlaylists(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	at := "/api/v1/items/taking-your-tablets"
	ada.do(http.MethodPost, at+"/replace", `{}`, "If-Match", ada.get(at).header.Get("ETag")).want(http.StatusOK)
	if lines, _ := ada.uses("taking-your-tablets"); lines != "" {
		t.Errorf("it is still in %s", lines)
	}
	var day playlists.Playlist
	ada.get("/api/v1/playlists/cardiology-day").into(&day)
	if len(day.Entries) != 3 || day.Entries[0].Weight != 2 {
		t.Errorf("the others are %+v", day.Entries)
	}
	var ward playlists.Department
	ada.get("/api/v1/departments/cardiology").into(&ward)
	ward.Floors = []playlists.Floor{{Item: "taking-your-tablets", Plays: 2}}
	ada.change("departments/cardiology", ward)
	etag := ada.get(at).header.Get("ETag")
	for _, a := range []answer{ada.do(http.MethodDelete, at, nil, "If-Match", etag), ada.do(http.MethodPost, at+"/replace", `{"delete":true}`, "If-Match", etag)} {
		a.want(http.StatusConflict)
		if !strings.Contains(a.body, "must run in Cardiology") {
			t.Errorf("where it must run is not said: %s", a.body)
		}
	}
	ward.Floors = nil
	ada.change("departments/cardiology", ward)
	ada.do(http.MethodDelete, at, nil, "If-Match", etag).want(http.StatusNoContent)
}
