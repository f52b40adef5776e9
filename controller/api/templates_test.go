package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"anteroom/controller/api"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/slide"
	"anteroom/playlists/wire"
)

// wording makes approved wording for takeovers in English and Spanish with a picture.
func (p *person) wording(id playlists.ItemID) {
	p.t.Helper()
	i := playlists.Item{ID: id, Title: "Fire", Version: 1, Template: &playlists.TakeoverTemplate{Severity: playlists.Emergency, Minutes: 45}}
	for language, title := range map[playlists.Language]string{"en": "Please leave now", "es": "Salga ahora"} {
		var made struct{ Rendition playlists.Rendition }
		p.do(http.MethodPost, "/api/v1/slides", slide.Slide{
			Template: slide.Urgent, Language: language, Title: title, Text: title, Severity: playlists.Emergency,
		}).want(http.StatusOK).into(&made)
		i.Renditions = append(i.Renditions, made.Rendition)
	}
	i.Renditions = append(i.Renditions, playliststest.Pictures("way-out", "Way out", "", playlists.NoWords).Renditions...)
	p.make("items/"+string(id), i)
}

func (p *person) templates() []api.TakeoverWording {
	p.t.Helper()
	var all struct{ Items []api.TakeoverWording }
	p.get("/api/v1/takeovers/templates").want(http.StatusOK).into(&all)
	return all.Items
}

func TestWordingForTakeoversIsReviewedAndHeldBeforehand(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	ada.wording("fire")
	if all := ada.templates(); len(all) != 0 {
		t.Errorf("nobody has approved it, and it is offered: %+v", all)
	}
	order := `{"severity":3,"targets":[{"department":"cardiology"}],"template":"fire","drill":%v,"slides":[{"language":"en","title":"Leave"}]}`
	if a := ada.do(http.MethodPost, "/api/v1/takeovers", fmt.Sprintf(order, false)).want(http.StatusUnprocessableEntity); !strings.Contains(a.body, `"body.template"`) {
		t.Errorf("the field is not named: %s", a.body)
	}
	ada.release("fire")
	ada.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusCreated)

	s := h.screen()
	s.pair(ada, "cardiology-door")
	head := s.head()
	all := ada.templates()
	if len(all) != 1 || len(all[0].Slides) != 2 || all[0].Minutes != 45 || all[0].Picture == "" || all[0].Screens != 1 || all[0].Held != 0 {
		t.Fatalf("got %+v", all)
	}
	s.send(wire.Envelope{Heartbeat: &wire.Heartbeat{
		At: time.Now().UTC(), State: wire.State{Screen: s.id, Generation: head.Generation, Body: head.Body},
		Health: wire.Health{Stage: "drawing", Clock: playlists.ClockSynced},
	}})
	ada.rowWhen("cardiology-door", func(r fleetRow) bool { return r.Generation == head.Generation })
	if all = ada.templates(); all[0].Held != 1 {
		t.Errorf("its player has the programme, and the wording is held by %d screens", all[0].Held)
	}

	for _, drill := range []bool{false, true} {
		var on api.Takeover
		ada.do(http.MethodPost, "/api/v1/takeovers", fmt.Sprintf(order, drill)).want(http.StatusCreated).into(&on)
		if len(on.Slides) != 1 || on.Template != "fire" || (on.Picture == "") != drill {
			t.Errorf("drill %v: got %+v", drill, on)
		}
	}
	h.stranger().get("/api/v1/takeovers/templates").want(http.StatusUnauthorized)
	var waiting api.Reviews
	ada.wording("flood")
	ada.get("/api/v1/reviews").want(http.StatusOK).into(&waiting)
	if len(waiting.Waiting) != 1 || len(waiting.Waiting[0].Departments) < 3 {
		t.Errorf("waiting: %+v", waiting.Waiting)
	}
}
