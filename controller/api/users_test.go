package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"anteroom/controller/access"
)

const another = "seven quiet lamps"

// in reports whether somebody is signed in.
func (p *person) in() bool {
	p.t.Helper()
	return p.get("/api/v1/me").status == http.StatusOK
}

// comes is somebody who signs in with a password, and the status of that.
func (h *house) comes(name, with string) (p *person, status int) {
	h.t.Helper()
	p = h.stranger()
	return p, p.post("/sign-in", url.Values{"name": {name}, "password": {with}}).status
}

func TestAPersonFromFirstDayToLast(t *testing.T) {
	h := start(t)
	ada := h.admin()
	const maria = "/api/v1/users/maria"
	made := ada.do(http.MethodPut, maria, `{"name":"maria","full_name":"Maria Lopez","role":"scheduler","departments":["cardiology"],"password":"`+password+`"}`, "If-None-Match", "*").want(http.StatusOK)
	first, status := h.comes("maria", password)
	if status != http.StatusSeeOther {
		t.Fatalf("on the first day: %d", status)
	}

	var u map[string]any
	ada.get(maria).want(http.StatusOK).into(&u)
	u["role"] = "marketer" // what was read is written back, revision and all
	changed := ada.do(http.MethodPut, maria, u, "If-Match", made.header.Get("ETag")).want(http.StatusOK)
	var me struct{ Role access.Role }
	first.get("/api/v1/me").want(http.StatusOK).into(&me)
	if me.Role != access.Marketer {
		t.Errorf("after the change she is a %s", me.Role)
	}

	u["password"] = another
	lost := ada.do(http.MethodPut, maria, u, "If-Match", changed.header.Get("ETag")).want(http.StatusOK)
	if first.in() {
		t.Error("a session outlived the password that it began with")
	}
	if _, got := h.comes("maria", password); got == http.StatusSeeOther {
		t.Error("the old password still works")
	}
	second, status := h.comes("maria", another)
	if status != http.StatusSeeOther {
		t.Fatalf("with the new password: %d", status)
	}

	ada.do(http.MethodDelete, maria, nil, "If-Match", lost.header.Get("ETag")).want(http.StatusNoContent)
	if second.in() {
		t.Error("a session outlived its person")
	}
	ada.get(maria).want(http.StatusNotFound)
	all := ada.get("/api/v1/users").want(http.StatusOK)
	kept := ada.get(maria + "/revisions").want(http.StatusOK)
	var revisions struct {
		Items []struct {
			By      string
			Deleted bool
		}
	}
	kept.into(&revisions)
	if len(revisions.Items) != 4 || !revisions.Items[0].Deleted {
		t.Errorf("revisions are %+v, want four, the newest of a removal", revisions.Items)
	}
	for _, r := range revisions.Items {
		if r.By != "ada" {
			t.Errorf("a revision is by %q, want ada", r.By)
		}
	}
	for _, a := range []answer{made, changed, lost, all, kept} {
		for _, secret := range []string{"argon2", "epoch", "assword"} {
			if strings.Contains(a.body, secret) {
				t.Errorf("an answer says %q: %s", secret, a.body)
			}
		}
	}
}

// TestANewPersonChoosesTheirPassword: nobody else ever knows it.
func TestANewPersonChoosesTheirPassword(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.do(http.MethodPut, "/api/v1/users/maria", `{"name":"maria","role":"viewer","everywhere":true}`, "If-None-Match", "*").want(http.StatusOK)
	if _, status := h.comes("maria", ""); status != http.StatusForbidden {
		t.Errorf("somebody without a password signs in: %d", status)
	}
	var link struct{ Path string }
	ada.do(http.MethodPost, "/api/v1/users/maria/link", nil).want(http.StatusCreated).into(&link)
	token := ada.tokenOf(link.Path)
	maria := h.stranger()
	if a := maria.get(link.Path).want(http.StatusOK); !strings.Contains(a.body, `value="maria"`) || !strings.Contains(a.body, token) {
		t.Errorf("the link's page is %s", a.body)
	}
	maria.post("/welcome", url.Values{"token": {token}, "password": {"short"}}).want(http.StatusUnprocessableEntity)
	maria.post("/welcome", url.Values{"token": {token}, "password": {password}}).want(http.StatusSeeOther)
	if !maria.in() {
		t.Error("who has chosen a password is not signed in")
	}
	if _, status := h.comes("maria", password); status != http.StatusSeeOther {
		t.Errorf("the new password does not sign in: %d", status)
	}
	maria.get(link.Path).want(http.StatusForbidden)
	maria.post("/welcome", url.Values{"token": {token}, "password": {password}}).want(http.StatusForbidden)
	maria.do(http.MethodPost, "/api/v1/users/ada/link", nil).want(http.StatusForbidden)
	ada.do(http.MethodPost, "/api/v1/users/nobody/link", nil).want(http.StatusNotFound)
	got := ada.audit("kind=user&id=maria").text()
	if want := "maria password-set user maria\nada invited user maria\n"; !strings.Contains(got, want) || !strings.Contains(got, "ada made user maria\n") || strings.Contains(got, token) {
		t.Errorf("the log says %s", got)
	}
	if a := ada.get("/api/v1/users/maria/revisions").want(http.StatusOK); strings.Contains(a.body, "link") {
		t.Errorf("revisions show %s", a.body)
	}
}

func TestUsersThatCannotBe(t *testing.T) {
	h := start(t)
	ada := h.admin()
	h.staff("mo", access.Viewer)
	draft := func(name string) string {
		return `{"name":"` + name + `","role":"viewer","everywhere":true,"password":"` + password + `"}`
	}
	for _, test := range []struct {
		what, name, body string
		headers          []string
		status           int
		says             string
	}{
		{"with a short password", "eve", `{"name":"eve","role":"viewer","everywhere":true,"password":"short"}`, []string{"If-None-Match", "*"}, 422, "shorter than 12 characters"},
		{"under another name", "eve", draft("adam"), []string{"If-None-Match", "*"}, 422, "must be the same"},
		{"whose name is taken", "mo", draft("mo"), []string{"If-None-Match", "*"}, 422, "there is a user \\\"mo\\\" already"},
		{"with a role of their own", "eve", strings.Replace(draft("eve"), "viewer", "king", 1), []string{"If-None-Match", "*"}, 422, "choose one of"},
		{"blindly", "mo", draft("mo"), nil, 428, "Say which revision you saw"},
		{"as they were", "mo", draft("mo"), []string{"If-Match", `"7"`}, 412, "changed this user meanwhile"},
		{"who is not there", "eve", draft("eve"), []string{"If-Match", `"1"`}, 404, "there is no user"},
		{"the last administrator, demoted", "ada", draft("ada"), []string{"If-Match", `"1"`}, 422, "last administrator"},
	} {
		a := ada.do(http.MethodPut, "/api/v1/users/"+test.name, test.body, test.headers...)
		if a.status != test.status || !strings.Contains(strings.ToLower(a.body), strings.ToLower(test.says)) || strings.Contains(a.body, password) || strings.Contains(a.body, "argon2") {
			t.Errorf("a user %s: got %d %s, want %d with %q", test.what, a.status, a.body, test.status, test.says)
		}
	}
	ada.do(http.MethodDelete, "/api/v1/users/ada", nil, "If-Match", `"1"`).want(http.StatusUnprocessableEntity)
	ada.do(http.MethodDelete, "/api/v1/users/mo", nil, "If-Match", `"7"`).want(http.StatusPreconditionFailed)
	ada.do(http.MethodDelete, "/api/v1/users/mo", nil).want(http.StatusPreconditionRequired)
	if !ada.in() {
		t.Error("the last administrator is gone")
	}
}

// TestPeopleAreForAdministratorsOfTheWholeHospital: whoever can make users can do anything.
func TestPeopleAreForAdministratorsOfTheWholeHospital(t *testing.T) {
	h := start(t)
	h.admin()
	for _, p := range []*person{
		h.staff("vi", access.Viewer), h.staff("sue", access.Scheduler), h.staff("al", access.Administrator, "cardiology"),
	} {
		if a := p.get("/api/v1/users"); strings.Contains(a.body, "ada") {
			t.Errorf("somebody sees %s", a.body)
		}
		p.get("/api/v1/users/ada").want(http.StatusForbidden)
		p.get("/api/v1/users/ada/revisions").want(http.StatusForbidden)
		body := `{"name":"eve","role":"administrator","everywhere":true,"password":"` + password + `"}`
		p.do(http.MethodPut, "/api/v1/users/eve", body, "If-None-Match", "*").want(http.StatusForbidden)
		p.do(http.MethodPut, "/api/v1/users/ada", strings.Replace(body, "eve", "ada", 1), "If-Match", `"1"`).want(http.StatusForbidden)
		p.do(http.MethodDelete, "/api/v1/users/ada", nil, "If-Match", `"1"`).want(http.StatusForbidden)
	}
	stranger := h.stranger()
	stranger.get("/api/v1/users").want(http.StatusUnauthorized)
	stranger.do(http.MethodPut, "/api/v1/me/password", `{"old":"x","password":"y"}`).want(http.StatusUnauthorized)
}

func TestOnesOwnPassword(t *testing.T) {
	h := start(t)
	h.admin()
	vi := h.staff("vi", access.Viewer)
	elsewhere, _ := h.comes("vi", password)
	change := func(old, next string) answer {
		return vi.do(http.MethodPut, "/api/v1/me/password", map[string]string{"old": old, "password": next})
	}
	if a := change("not mine", another).want(http.StatusUnprocessableEntity); !strings.Contains(a.body, `"location":"body.old"`) {
		t.Errorf("a wrong old password: %s", a.body)
	}
	if a := change(password, "short").want(http.StatusUnprocessableEntity); !strings.Contains(a.body, `"location":"body.password"`) {
		t.Errorf("a weak new password: %s", a.body)
	}
	change(password, another).want(http.StatusNoContent)
	if !vi.in() || elsewhere.in() {
		t.Error("the session that changed the password is to go on, and no other")
	}
	vi.origin = "https://evil.example"
	change(another, password).want(http.StatusForbidden)
	if _, status := h.comes("vi", another); status != http.StatusSeeOther {
		t.Errorf("with the new password: %d", status)
	}
}
