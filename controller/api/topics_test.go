package api_test

import (
	"net/http"
	"strings"
	"testing"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// topic makes an entry of the topic tree.
func (p *person) topic(parent, id playlists.Topic, name string) {
	p.t.Helper()
	p.make("topics/"+string(id), playlists.TopicEntry{ID: id, Parent: parent, Names: map[playlists.Language]string{"en": name}})
}

// faulty asks for what is refused, in one field.
func (p *person) faulty(path string, doc any, field string) {
	p.t.Helper()
	a := p.do(http.MethodPut, path, doc, "If-None-Match", "*").want(http.StatusUnprocessableEntity)
	if !strings.Contains(a.body, `"body.`+field+`"`) {
		p.t.Errorf("%s: field %s is not named: %s", path, field, a.body)
	}
}

func TestTheTopicTreeStaysATree(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.topic("", "heart", "Heart")
	ada.topic("heart", "stroke", "Stroke")
	ada.topic("stroke", "warning-signs", "Warning signs")
	named := map[playlists.Language]string{"en": "X"}
	ada.faulty("/api/v1/topics/lost", playlists.TopicEntry{ID: "lost", Parent: "nowhere", Names: named}, "parent")
	ada.faulty("/api/v1/topics/own", playlists.TopicEntry{ID: "own", Parent: "own", Names: named}, "parent")

	// Moved below its own grandchild; then elsewhere, after which that one cannot take it in turn.
	move := playlists.TopicEntry{ID: "heart", Parent: "warning-signs", Names: named}
	at := ada.get("/api/v1/topics/heart").want(http.StatusOK).header.Get("ETag")
	ada.do(http.MethodPut, "/api/v1/topics/heart", move, "If-Match", at).want(http.StatusUnprocessableEntity)
	ada.topic("", "brain", "Brain")
	move.Parent = "brain"
	ada.do(http.MethodPut, "/api/v1/topics/heart", move, "If-Match", at).want(http.StatusOK)
	ada.do(http.MethodPut, "/api/v1/topics/heart", move, "If-Match", at).want(http.StatusPreconditionFailed)
}

func TestATopicThatSomethingNamesStays(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	ada.topic("", "heart", "Heart")
	ada.topic("heart", "stroke", "Stroke")
	remove := func(id string) answer {
		path := "/api/v1/topics/" + id
		return ada.do(http.MethodDelete, path, nil, "If-Match", ada.get(path).want(http.StatusOK).header.Get("ETag"))
	}
	says := func(a answer, what string) {
		t.Helper()
		a.want(http.StatusConflict)
		if !strings.Contains(a.body, what) {
			t.Errorf("does not say %q: %s", what, a.body)
		}
	}
	says(remove("heart"), "Stroke")

	item := playliststest.Pictures("know-stroke", "Know a stroke", "", playlists.NoWords)
	item.Topics = []playlists.Topic{"stroke", "not-in-the-tree"}
	ada.make("items/know-stroke", item)
	says(remove("stroke"), "Know a stroke")
	item.Topics = nil
	path := "/api/v1/items/know-stroke"
	ada.do(http.MethodPut, path, item, "If-Match", ada.get(path).header.Get("ETag")).want(http.StatusOK)

	var cardiology playlists.Department
	path = "/api/v1/departments/cardiology"
	at := ada.get(path).want(http.StatusOK)
	at.into(&cardiology)
	cardiology.Floors = []playlists.Floor{{Topic: "stroke", Plays: 1}}
	ada.do(http.MethodPut, path, cardiology, "If-Match", at.header.Get("ETag")).want(http.StatusOK)
	says(remove("stroke"), cardiology.Name)
	cardiology.Floors, cardiology.Ask = nil, []playlists.Topic{"stroke"}
	ada.do(http.MethodPut, path, cardiology, "If-Match", ada.get(path).header.Get("ETag")).want(http.StatusOK)
	says(remove("stroke"), "Patients of "+cardiology.Name)
	cardiology.Ask = nil
	ada.do(http.MethodPut, path, cardiology, "If-Match", ada.get(path).header.Get("ETag")).want(http.StatusOK)

	remove("stroke").want(http.StatusNoContent)
	var kept struct {
		Items []struct{ Deleted bool }
	}
	ada.get("/api/v1/topics/stroke/revisions").want(http.StatusOK).into(&kept)
	if len(kept.Items) != 2 || !kept.Items[0].Deleted {
		t.Errorf("kept: %+v", kept)
	}
	remove("heart").want(http.StatusNoContent)
}
