package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"anteroom/controller/access"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

func tomorrow() string { return time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339) }

const readOnly = `"read_only":true`

// script is a script of this person's: it has a token, and neither cookies nor an Origin.
func (p *person) script(draft string) *person {
	p.t.Helper()
	var made struct{ Secret string }
	p.do(http.MethodPost, "/api/v1/me/tokens", draft).want(http.StatusCreated).into(&made)
	return p.with(made.Secret)
}

func (p *person) with(token string) *person {
	client := *p.http
	client.Jar = nil
	return &person{t: p.t, http: &client, token: token}
}

func draft(scope string) string {
	return `{"name":"nightly export","expires":"` + tomorrow() + `",` + scope + `}`
}

type tokens struct {
	Items []struct {
		ID, Owner, Name, Used string
	}
}

func TestAScriptMayWhatItsTokenSaysAndItsOwnerMay(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	sue := h.staff("sue", access.Scheduler, "cardiology")
	reads := sue.script(draft(readOnly))
	plays := sue.script(draft(`"rights":[{"action":"see","kind":"play"},{"action":"edit","kind":"screen"}]`))
	door, window := "/api/v1/screens/"+string(playliststest.CardiologyDoor), "/api/v1/screens/"+string(playliststest.Paediatrics)
	door2 := playliststest.Hospital().Screens[playliststest.CardiologyDoor]
	door2.Name = "The door"
	for _, test := range []struct {
		what         string
		who          *person
		method, path string
		body         any
		want         int
	}{
		{"reads who it is", reads, http.MethodGet, "/api/v1/me", nil, 200},
		{"reads its department's screen", reads, http.MethodGet, door, nil, 200},
		{"reads another department's", reads, http.MethodGet, window, nil, 403},
		{"reads people", reads, http.MethodGet, "/api/v1/users", nil, 403},
		{"changes what its owner may change", reads, http.MethodPut, door, door2, 403},
		{"has the right to change it", plays, http.MethodPut, door, door2, 200},
		{"has the right to change, and so to see", plays, http.MethodGet, door, nil, 200},
		{"has no right to see playlists", plays, http.MethodGet, "/api/v1/playlists", nil, 403},
		{"lists its owner's tokens", reads, http.MethodGet, "/api/v1/me/tokens", nil, 403},
		{"makes itself another token", plays, http.MethodPost, "/api/v1/me/tokens", draft(readOnly), 403},
		{"ends its owner's sessions", plays, http.MethodDelete, "/api/v1/me/sessions", nil, 403},
	} {
		if a := test.who.do(test.method, test.path, test.body, "If-Match", `"1"`); a.status != test.want {
			t.Errorf("a token that %s: got %d %s, want %d", test.what, a.status, a.body, test.want)
		}
	}
	// What the owner loses, their tokens lose.
	u := `{"name":"sue","role":"viewer","departments":["paediatrics"]}`
	ada.do(http.MethodPut, "/api/v1/users/sue", u, "If-Match", `"1"`).want(http.StatusOK)
	plays.do(http.MethodPut, door, door2, "If-Match", `"2"`).want(http.StatusForbidden)
	reads.get(door).want(http.StatusForbidden)
	reads.get(window).want(http.StatusOK)
	var list tokens
	ada.get("/api/v1/users/sue/tokens").want(http.StatusOK).into(&list)
	if today := time.Now().UTC().Format(time.DateOnly); len(list.Items) != 2 || list.Items[0].Used > today || list.Items[0].Used == "" || list.Items[0].Owner != "sue" {
		t.Errorf("tokens are %+v", list.Items)
	}
	sue.get("/api/v1/users/sue/tokens").want(http.StatusForbidden)
}

func TestTokensEnd(t *testing.T) {
	for _, test := range []struct {
		what string
		end  func(ada, sue *person, id string)
	}{
		{"its owner revokes it", func(_, sue *person, id string) {
			sue.do(http.MethodDelete, "/api/v1/me/tokens/"+id, nil).want(http.StatusNoContent)
			sue.do(http.MethodDelete, "/api/v1/me/tokens/"+id, nil).want(http.StatusNotFound)
		}},
		{"an administrator revokes it", func(ada, sue *person, id string) {
			sue.do(http.MethodDelete, "/api/v1/users/sue/tokens/"+id, nil).want(http.StatusForbidden)
			ada.do(http.MethodDelete, "/api/v1/users/ada/tokens/"+id, nil).want(http.StatusNotFound)
			ada.do(http.MethodDelete, "/api/v1/users/sue/tokens/"+id, nil).want(http.StatusNoContent)
		}},
		{"its owner is disabled", func(ada, _ *person, _ string) {
			ada.do(http.MethodPut, "/api/v1/users/sue", `{"name":"sue","role":"viewer","everywhere":true,"disabled":true}`, "If-Match", `"1"`).want(http.StatusOK)
		}},
		{"its owner was disabled, and came back", func(ada, _ *person, _ string) {
			ada.do(http.MethodPut, "/api/v1/users/sue", `{"name":"sue","role":"viewer","everywhere":true,"disabled":true}`, "If-Match", `"1"`).want(http.StatusOK)
			ada.do(http.MethodPut, "/api/v1/users/sue", `{"name":"sue","role":"viewer","everywhere":true}`, "If-Match", `"2"`).want(http.StatusOK)
		}},
		{"its owner is removed, and another comes by that name", func(ada, _ *person, _ string) {
			ada.do(http.MethodDelete, "/api/v1/users/sue", nil, "If-Match", `"1"`).want(http.StatusNoContent)
			ada.do(http.MethodPut, "/api/v1/users/sue", `{"name":"sue","role":"viewer","everywhere":true,"password":"`+password+`"}`, "If-None-Match", "*").want(http.StatusOK)
		}},
	} {
		h := start(t)
		ada, sue := h.admin(), h.staff("sue", access.Viewer)
		script := sue.script(draft(readOnly))
		script.get("/api/v1/items").want(http.StatusOK)
		var list tokens
		sue.get("/api/v1/me/tokens").want(http.StatusOK).into(&list)
		test.end(ada, sue, list.Items[0].ID)
		if a := script.get("/api/v1/items"); a.status != http.StatusUnauthorized {
			t.Errorf("%s: the token still gets %d", test.what, a.status)
		}
		h.stop()
	}
}

func TestTokensThatCannotBe(t *testing.T) {
	h := start(t)
	ada := h.admin()
	for _, test := range []struct{ what, body, at string }{
		{"without a name", `{"name":" ","expires":"` + tomorrow() + `","read_only":true}`, "body.name"},
		{"for ever", `{"name":"x","expires":"2999-01-01T00:00:00Z","read_only":true}`, "body.expires"},
		{"that has expired", `{"name":"x","expires":"2020-01-01T00:00:00Z","read_only":true}`, "body.expires"},
		{"that may nothing", `{"name":"x","expires":"` + tomorrow() + `"}`, "body.rights"},
		{"that may two things", draft(readOnly + `,"rights":[{"action":"see","kind":"item"}]`), "body.rights"},
		{"for a kind that there is not", draft(`"rights":[{"action":"see","kind":"king"}]`), "body.rights[0]"},
		{"that manages people", draft(`"rights":[{"action":"see","kind":"item"},{"action":"edit","kind":"user"}]`), "body.rights[1]"},
		{"that manages its owner's account", draft(`"rights":[{"action":"see","kind":"account"}]`), "body.rights[0]"},
	} {
		if a := ada.do(http.MethodPost, "/api/v1/me/tokens", test.body); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `"location":"`+test.at+`"`) {
			t.Errorf("a token %s: %d %s", test.what, a.status, a.body)
		}
	}
	good := ada.script(draft(readOnly))
	for what, token := range map[string]string{
		"half of it": good.token[:30], "another secret": good.token[:len(good.token)-2] + "xx", "no token at all": "anteroom.", "a word": "guess",
	} {
		if a := ada.with(token).get("/api/v1/me"); a.status != http.StatusUnauthorized {
			t.Errorf("with %s: %d", what, a.status)
		}
	}
	// A token never stands beside a session: who shows a bad one is a stranger.
	ada.token = "anteroom.guess.guess"
	ada.get("/api/v1/me").want(http.StatusUnauthorized)
	ada.token = ""
	if a := ada.get("/api/v1/me/tokens"); strings.Contains(a.body, "hash") || strings.Contains(a.body, good.token[22:]) {
		t.Errorf("the list has secrets: %s", a.body)
	}
}

type sessions struct {
	Items []struct {
		ID, Browser          string
		Current              bool
		Since, Used, Expires time.Time
	}
}

func (p *person) sessions(path string) sessions {
	p.t.Helper()
	var list sessions
	p.get(path).want(http.StatusOK).into(&list)
	return list
}

func TestSessionsAreSeenAndEnded(t *testing.T) {
	h := start(t)
	ada := h.admin()
	phone, desk, ward := h.staff("sue", access.Viewer), h.signIn("sue"), h.signIn("sue")
	mo := h.staff("mo", access.Administrator, playlists.DepartmentID("cardiology"))
	const mine = "/api/v1/me/sessions"
	list := phone.sessions(mine)
	if len(list.Items) != 3 {
		t.Fatalf("sessions are %+v, want three", list.Items)
	}
	current := func(p *person) string {
		for _, s := range p.sessions(mine).Items {
			if s.Current {
				if s.Browser != "" || time.Since(s.Since).Abs() > time.Minute || time.Since(s.Used).Abs() > time.Minute || !s.Expires.After(time.Now()) {
					t.Errorf("a session is %+v", s)
				}
				return s.ID
			}
		}
		t.Error("none of one's sessions is this one")
		return ""
	}
	if current(phone) == current(desk) {
		t.Error("two sessions are the same")
	}
	// One, by oneself.
	phone.do(http.MethodDelete, mine+"/"+current(desk), nil).want(http.StatusNoContent)
	if desk.in() || !ward.in() {
		t.Error("the desk's session was to end, and the ward's to stay")
	}
	phone.do(http.MethodDelete, mine+"/nothing", nil).want(http.StatusNotFound)
	// Another's cannot be ended so.
	ada.do(http.MethodDelete, mine+"/"+current(phone), nil).want(http.StatusNotFound)
	// All others.
	if a := phone.do(http.MethodDelete, mine, nil).want(http.StatusOK); !strings.Contains(a.body, `"ended":1`) || ward.in() || !phone.in() {
		t.Errorf("ending the others: %s", a.body)
	}
	// By an administrator of the whole hospital, and nobody else.
	const hers = "/api/v1/users/sue/sessions"
	for _, p := range []*person{phone, mo} {
		p.get(hers).want(http.StatusForbidden)
		p.do(http.MethodDelete, hers, nil).want(http.StatusForbidden)
		p.do(http.MethodDelete, hers+"/x", nil).want(http.StatusForbidden)
	}
	desk = h.signIn("sue")
	if list := ada.sessions(hers); len(list.Items) != 2 || list.Items[0].Current || list.Items[1].Current {
		t.Errorf("her sessions are %+v, want two that are not ada's", list.Items)
	}
	ada.do(http.MethodDelete, hers+"/"+current(desk), nil).want(http.StatusNoContent)
	ada.do(http.MethodDelete, hers+"/"+"gone", nil).want(http.StatusNotFound)
	if desk.in() || !phone.in() {
		t.Error("an administrator's ending ended the wrong one")
	}
	ada.do(http.MethodDelete, hers, nil).want(http.StatusOK)
	if phone.in() || !ada.in() {
		t.Error("ending all of a user's sessions did something else")
	}
	ada.get("/api/v1/users/nobody/sessions").want(http.StatusNotFound)
	stranger := h.stranger()
	stranger.get(mine).want(http.StatusUnauthorized)
	stranger.do(http.MethodDelete, mine, nil).want(http.StatusUnauthorized)
}
