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

// TestATemplateBeginsADepartment: shown before, made as drafts all at once, and taken back; nothing reaches screens by itself.
func TestATemplateBeginsADepartment(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	ada.make("topics/heart", playlists.TopicEntry{ID: "heart", Names: map[playlists.Language]string{"en": "Heart"}, Specialty: "Cardiology"})
	item := playliststest.Pictures("pulse", "Feel your pulse", playlists.Diagnosis, "en")
	item.Topics = []playlists.Topic{"heart"}
	ada.make("items/pulse", item)
	ada.release("pulse")
	d := playliststest.Hospital().Departments["cardiology"]
	d.ID, d.Name, d.Filler, d.Hours, d.Floors, d.LanguageTargets = "hearts", "Hearts", "", nil, nil, nil
	ada.make("departments/hearts", d)

	const path = "/api/v1/departments/hearts/template"
	var p api.TemplateProposal
	ada.get(path + "?template=cardiology").want(http.StatusOK).into(&p)
	if p.Playlist == nil || p.Titles["pulse"] != "Feel your pulse" || len(p.Windows) != 1 || len(p.Missing) != 4 || p.Department.Filler != "hearts-start" {
		t.Fatalf("got %+v", p)
	}
	ada.get("/api/v1/playlists/hearts-start").want(http.StatusNotFound)
	if a := ada.do(http.MethodPost, path, `{"template":"maternity","seen":"`+p.Seen+`"}`).want(http.StatusPreconditionFailed); !strings.Contains(a.body, "saved since you looked") {
		t.Errorf("got %s", a.body)
	}
	h.staff("sue", access.Scheduler, "hearts").get(path + "?template=cardiology").want(http.StatusForbidden)

	var made api.MadeByTemplate
	ada.do(http.MethodPost, path, api.TemplateOrder{Template: "cardiology", Seen: p.Seen}).want(http.StatusCreated).into(&made)
	var now playlists.Department
	ada.get("/api/v1/departments/hearts").want(http.StatusOK).into(&now)
	ada.get("/api/v1/windows/hearts-start-1").want(http.StatusOK)
	if len(made.Documents) != 3 || len(now.Hours) != 1 || len(now.Floors) != 1 || now.Filler != "hearts-start" {
		t.Errorf("made %+v, now %+v", made, now)
	}

	undo := func() answer { return ada.do(http.MethodPost, path+"/undo", made) }
	etag := ada.get("/api/v1/playlists/hearts-start").want(http.StatusOK).header.Get("ETag")
	other := made
	other.Documents = append([]api.MadeDocument{{Kind: "item", ID: "pulse", After: 1}}, made.Documents[1:]...)
	ada.do(http.MethodPost, path+"/undo", other).want(http.StatusUnprocessableEntity)
	list := playliststest.Loop("hearts-start", "pulse", "pulse")
	ada.do(http.MethodPut, "/api/v1/playlists/hearts-start", list, "If-Match", etag).want(http.StatusOK)
	if a := undo().want(http.StatusPreconditionFailed); !strings.Contains(a.body, "da has changed the playlist hearts-start since") {
		t.Errorf("got %s", a.body)
	}
	ada.get("/api/v1/windows/hearts-start-1").want(http.StatusOK) // all or nothing
	var newest api.Playlist
	ada.get("/api/v1/playlists/hearts-start").want(http.StatusOK).into(&newest)
	made.Documents[1].After = newest.Revision // as who has looked at it may say
	undo().want(http.StatusNoContent)
	ada.get("/api/v1/playlists/hearts-start").want(http.StatusNotFound)
	ada.get("/api/v1/windows/hearts-start-1").want(http.StatusNotFound)
	var back playlists.Department
	ada.get("/api/v1/departments/hearts").want(http.StatusOK).into(&back)
	if len(back.Hours) != 0 || len(back.Floors) != 0 || back.Filler != "" {
		t.Errorf("got %+v, want it as before", back)
	}
}
