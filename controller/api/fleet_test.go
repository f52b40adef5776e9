package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"anteroom/controller/access"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/wire"
)

// dealt is what the API says of something that was asked for many screens.
type dealt struct {
	Order   string
	Done    []playlists.ScreenID
	Refused []struct {
		Screen playlists.ScreenID
		Why    string
	}
}

func (d *dealt) String() string {
	said := fmt.Sprint(d.Done)
	for _, r := range d.Refused {
		said += fmt.Sprintf("; %s: %s", r.Screen, r.Why)
	}
	return said
}

func (p *person) deal(path, body string) dealt {
	p.t.Helper()
	var d dealt
	p.do(http.MethodPost, "/api/v1/fleet/"+path, body).want(http.StatusOK).into(&d)
	return d
}

func TestOrdersReachPlayersAndAreReported(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	door := h.screen()
	door.pair(ada, playliststest.CardiologyDoor)
	got := ada.deal("orders", `{"do":"identify","screens":["cardiology-door","outpatients-hall","nowhere","cardiology-door"]}`)
	want := `[cardiology-door]; nowhere: There is no screen "nowhere"; it may have been deleted.; outpatients-hall: No player is paired with it.`
	if got.String() != want {
		t.Errorf("got  %s\nwant %s", &got, want)
	}
	order := door.next(func(e wire.Envelope) bool { return e.Order != nil }).Order
	if order.ID != got.Order || order.Name != "Door" && !strings.Contains(order.Name, "door") || order.Lines[0] != "Cardiology" {
		t.Errorf("the player was ordered %+v", order)
	}
	door.send(wire.Envelope{Heartbeat: &wire.Heartbeat{Health: wire.Health{
		Stage: "drawing", Source: playlists.FromOrder, Done: &wire.Done{ID: order.ID, Do: order.Do, At: time.Now()},
	}}})
	var row struct {
		Items []struct{ Done *struct{ ID, Do string } }
	}
	for len(row.Items) != 1 || row.Items[0].Done == nil {
		ada.get("/api/v1/fleet?screens=cardiology-door").want(http.StatusOK).into(&row)
	}
	if done := row.Items[0].Done; done.ID != got.Order || done.Do != "identify" {
		t.Errorf("the fleet says %+v was done", done)
	}
	door.conn.Close()
	const away = "[]; cardiology-door: Its player has no link now, and nothing waits for it; try again when it is linked."
	for got = ada.deal("orders", `{"do":"reload","screens":["cardiology-door"]}`); len(got.Done) > 0; {
		got = ada.deal("orders", `{"do":"reload","screens":["cardiology-door"]}`) // until it is known that the player has hung up
	}
	if got.String() != away {
		t.Errorf("got  %s\nwant %s", &got, away)
	}
	ada.do(http.MethodPost, "/api/v1/fleet/orders", `{"do":"explode","screens":["cardiology-door"]}`).want(http.StatusUnprocessableEntity)
	ada.do(http.MethodPost, "/api/v1/fleet/orders", `{"do":"reload","screens":[]}`).want(http.StatusUnprocessableEntity)
}

func TestManyScreensAreChangedAlike(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	var before struct {
		Rotation int
		Tags     []string
	}
	ada.get("/api/v1/screens/cardiology-door").into(&before)
	if a := ada.do(http.MethodPost, "/api/v1/fleet/changes", `{"screens":["cardiology-door"],"add_tags":["tall","Zürich?"]}`).want(http.StatusUnprocessableEntity); !strings.Contains(a.body, `"body.add_tags"`) {
		t.Errorf("a tag that is none is refused elsewhere: %s", a.body)
	}
	got := ada.deal("changes", `{"screens":["cardiology-door","outpatients-hall","nowhere"],"rotation":90,"add_tags":["tall","tall"]}`)
	want := `[cardiology-door outpatients-hall]; nowhere: There is no screen "nowhere"; it may have been deleted.`
	if got.String() != want {
		t.Errorf("got  %s\nwant %s", &got, want)
	}
	after := before
	ada.get("/api/v1/screens/cardiology-door").into(&after)
	if after.Rotation != 90 || !slices.Equal(after.Tags, append(slices.Clone(before.Tags), "tall")) {
		t.Errorf("after %+v it is %+v", before, after)
	}
	ada.deal("changes", `{"screens":["cardiology-door"],"rotation":0,"remove_tags":["tall"]}`)
	after.Rotation, after.Tags = 0, nil
	ada.get("/api/v1/screens/cardiology-door").into(&after)
	if after.Rotation != 0 || !slices.Equal(after.Tags, before.Tags) {
		t.Errorf("put back, %+v is %+v", before, after)
	}
	ada.do(http.MethodPost, "/api/v1/fleet/changes", `{"screens":["cardiology-door"]}`).want(http.StatusUnprocessableEntity)
	ada.do(http.MethodPost, "/api/v1/fleet/changes", `{"screens":["cardiology-door"],"department":"nowhere"}`).want(http.StatusUnprocessableEntity)
}

func TestManyScreensOfOnesOwnDepartments(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	door := h.screen()
	door.pair(ada, playliststest.CardiologyDoor)
	eve := h.staff("eve", access.Scheduler, "outpatients")
	both := `"screens":["cardiology-door","outpatients-hall"]`
	const not = "; cardiology-door: You may edit this only in your own departments; ask a colleague there or an administrator."
	for path, c := range map[string]struct{ body, want string }{
		"orders":      {`{"do":"reload",` + both + `}`, "[]" + not + "; outpatients-hall: No player is paired with it."},
		"changes":     {`{"rotation":180,` + both + `}`, "[outpatients-hall]" + not},
		"revocations": {`{` + both + `}`, "[]" + not + `; outpatients-hall: No player is paired with screen "outpatients-hall".`},
	} {
		if got := eve.deal(path, c.body); got.String() != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", path, &got, c.want)
		}
	}
	if got := eve.deal("changes", `{"department":"cardiology","screens":["outpatients-hall"]}`); len(got.Done) != 0 {
		t.Errorf("a screen was moved into another's department: %s", &got)
	}
	var outline struct{ Screens []struct{ ID string } }
	eve.get("/api/v1/fleet/outline").want(http.StatusOK).into(&outline)
	if len(outline.Screens) != 1 || outline.Screens[0].ID != "outpatients-hall" {
		t.Errorf("eve sees %+v", outline.Screens)
	}
	if got := ada.deal("revocations", `{`+both+`}`); fmt.Sprint(got.Done) != "[cardiology-door]" {
		t.Errorf("ada revoked %s", &got)
	}
	door.next(func(e wire.Envelope) bool { return e.Revoked != nil })
	for _, path := range []string{"orders", "changes", "revocations"} {
		h.stranger().do(http.MethodPost, "/api/v1/fleet/"+path, `{}`).want(http.StatusUnauthorized)
	}
}

func TestTheOutlineIsSentOnceUntilItChanges(t *testing.T) {
	h := start(t)
	ada := h.admin()
	const path = "/api/v1/fleet/outline"
	type outlined struct {
		Version string
		Screens []struct {
			ID, State, Department, Site string
			StateText                   string `json:"state_text"`
			SiteName                    string `json:"site_name"`
			Paired, Linked              bool
			Notes                       int
		}
	}
	var all outlined
	ada.get(path).want(http.StatusOK).into(&all)
	if all.Version == "" || len(all.Screens) != 0 {
		t.Errorf("of no screens it says %+v", all)
	}
	ada.furnish()
	first := ada.get(path).want(http.StatusOK).into(&all)
	if len(all.Screens) != 4 || all.Screens[0].State != "unpaired" || all.Screens[0].SiteName == "" {
		t.Errorf("got %+v", all.Screens)
	}
	etag := first.header.Get("ETag")
	if a := ada.get(path, "If-None-Match", etag).want(http.StatusNotModified); a.body != "" {
		t.Errorf("what has not changed is %q", a.body)
	}
	door := h.screen()
	door.pair(ada, playliststest.CardiologyDoor)
	door.send(wire.Envelope{Heartbeat: &wire.Heartbeat{Health: wire.Health{
		Stage: "drawing", Notes: []string{"hot"}, Showing: []wire.NowShowing{{Title: "The Lake at dawn"}},
	}}})
	for all = (outlined{}); len(all.Screens) == 0 || all.Screens[0].Notes != 1; {
		ada.get(path, "If-None-Match", etag).want(http.StatusOK).into(&all)
	}
	if s := all.Screens[0]; s.ID != "cardiology-door" || s.State != "playing" || !s.Linked || !s.Paired {
		t.Errorf("got %+v", s)
	}
	for title, want := range map[string]string{"lake": "[cardiology-door]", "dawn the": "[cardiology-door]", "sunset": "[]"} {
		var found struct{ Items []string }
		ada.get("/api/v1/fleet/showing?title=" + strings.ReplaceAll(title, " ", "+")).want(http.StatusOK).into(&found)
		if fmt.Sprint(found.Items) != want {
			t.Errorf("%q shows on %v, want %s", title, found.Items, want)
		}
	}
	ada.get("/api/v1/fleet/showing").want(http.StatusUnprocessableEntity)
	ada.do(http.MethodDelete, "/api/v1/screens/outpatients-hall", nil, "If-Match", `"1"`).want(http.StatusNoContent)
	ada.get(path).into(&all)
	if len(all.Screens) != 3 {
		t.Errorf("a screen that was deleted is there: %+v", all.Screens)
	}
	h.stranger().get(path).want(http.StatusUnauthorized)
}
