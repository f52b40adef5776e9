package api_test

import (
	"net/http"
	"strings"
	"testing"

	"anteroom/controller/access"
	"anteroom/controller/api"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

func TestSchedule(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	pic := playliststest.Hospital().Screens[playliststest.Paediatrics]
	ask := func(p *person, query string) answer { return p.get("/api/v1/schedule?" + query) }
	var got api.Schedule
	ask(ada, "screen="+string(pic.ID)+"&from=2026-10-26&days=7").want(http.StatusOK).into(&got)
	if len(got.Groups) != 1 || len(got.Groups[0].Screens) != 1 || len(got.Groups[0].Days) != 7 || len(got.Groups[0].Layers) == 0 {
		t.Fatalf("got %+v, want one screen's week", got)
	}
	if day := got.Groups[0].Days[6]; day.Minutes != 1500 {
		t.Errorf("got %+v; clocks go back that Sunday", day)
	}

	flu := playlists.Window{
		ID: "flu", Name: "Flu", Playlist: playliststest.Hospital().Departments[pic.Department].Filler, Start: "0 22 * * *", Priority: 100,
		End: playlists.LocalEnd{Days: 1, Clock: 6 * 60}, Targets: []playlists.Target{{Screen: pic.ID}},
	}
	ada.make("windows/flu", flu)
	ask(ada, "department="+string(pic.Department)+"&from=2026-10-31&days=1").want(http.StatusOK).into(&got)
	found := false
	for _, g := range got.Groups {
		for _, l := range g.Layers {
			if l.Window == "flu" && l.LocalStart == "2026-10-31T22:00" {
				found = l.LocalEnd == "2026-11-01T06:00" && l.Chosen == "the screen" && len(l.Shown) == 1 && len(l.Hidden) == 0
			}
		}
	}
	if !found {
		t.Errorf("the draft's window is not there as it would be: %+v", got)
	}
	if len(pic.Tags) > 0 {
		ask(ada, "tag="+string(pic.Tags[0])+"&from=2026-10-31").want(http.StatusOK).into(&got)
		if len(got.Groups) == 0 {
			t.Error("no screen has the tag")
		}
	}
	ask(ada, "tag=nobodys&from=2026-10-31").want(http.StatusOK).into(&got)
	if len(got.Groups) != 0 {
		t.Errorf("got %+v for a tag that nobody has", got)
	}
	for query, status := range map[string]int{
		"from=2026-10-31":                      http.StatusUnprocessableEntity,
		"department=nobodys&from=2026-10-31":   http.StatusNotFound,
		"screen=nobodys&from=2026-10-31":       http.StatusNotFound,
		"tag=a&from=yesterday":                 http.StatusUnprocessableEntity,
		"tag=a&from=2026-10-31&days=43":        http.StatusUnprocessableEntity,
		"screen=" + string(pic.ID) + "&days=7": http.StatusUnprocessableEntity,
	} {
		ask(ada, query).want(status)
	}
	cy := h.staff("cy", access.Viewer, "nobodys")
	if a := ask(cy, "department="+string(pic.Department)+"&from=2026-10-31").want(http.StatusForbidden); strings.Contains(a.body, "layers") {
		t.Errorf("got %s", a.body)
	}
}
