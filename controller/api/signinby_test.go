package api_test

import (
	"net/http"
	"strings"
	"testing"

	"anteroom/controller/access/provider/providertest"
)

const button = "Sign in with St Mary&#39;s account"

// TestStaffSignInByTheirHospital goes the way of a person, and the ways that lead nowhere.
func TestStaffSignInByTheirHospital(t *testing.T) {
	hospital := providertest.New(t)
	h := startWith(t, hospital)
	ada := h.admin()
	maria := h.stranger()
	if a := maria.get("/sign-in?next=/publish").want(http.StatusOK); !strings.Contains(a.body, button) || !strings.Contains(a.body, `href="/sign-in/provider?next=%2Fpublish"`) {
		t.Errorf("the sign-in page says %s", a.body)
	}
	// goes to the provider and back, as the provider says.
	goes := func(p *person) answer {
		to := p.get("/sign-in/provider?next=/publish").want(http.StatusSeeOther)
		back, claims := hospital.Begins(to.header.Get("Location"))
		hospital.Next = hospital.Sign(claims)
		return p.get("/sign-in/return?" + back.Encode())
	}
	if a := goes(maria).want(http.StatusForbidden); !strings.Contains(a.body, "ask an administrator of Anteroom to add you") || !strings.Contains(a.body, button) {
		t.Errorf("whom nobody added is told %s", a.body)
	}
	ada.do(http.MethodPut, "/api/v1/users/maria", `{"name":"maria","account":"maria.lopez@st-mary.example","role":"viewer","everywhere":true}`, "If-None-Match", "*").want(http.StatusOK)
	if a := goes(maria).want(http.StatusSeeOther); a.header.Get("Location") != "/publish" || !maria.in() {
		t.Errorf("after signing in: %s", a.header.Get("Location"))
	}
	if a := maria.get("/api/v1/me").want(http.StatusOK); !strings.Contains(a.body, `"account":"maria.lopez@st-mary.example"`) {
		t.Errorf("signed in is %s", a.body)
	}
	// What another browser began ends nowhere.
	to := maria.get("/sign-in/provider").want(http.StatusSeeOther)
	back, claims := hospital.Begins(to.header.Get("Location"))
	hospital.Next = hospital.Sign(claims)
	eve := h.stranger()
	if a := eve.get("/sign-in/return?" + back.Encode()).want(http.StatusForbidden); !strings.Contains(a.body, "not begun in this browser") || eve.in() {
		t.Errorf("another browser is told %s", a.body)
	}
	// A leaver.
	ada.do(http.MethodPut, "/api/v1/users/maria", `{"name":"maria","account":"maria.lopez@st-mary.example","role":"viewer","everywhere":true,"disabled":true}`, "If-Match", `"2"`).want(http.StatusOK)
	if maria.in() {
		t.Error("a leaver is still in")
	}
	if a := goes(maria).want(http.StatusForbidden); !strings.Contains(a.body, "access to Anteroom has ended") {
		t.Errorf("a leaver is told %s", a.body)
	}
	log := ada.audit("kind=user").text()
	for _, line := range []string{"sign-in-refused user\n", "maria signed-in user maria\n", "sign-in-refused user maria\n"} {
		if !strings.Contains(log, line) {
			t.Errorf("the log does not say %q: %s", line, log)
		}
	}
	hospital.Server.Close()
	away := startWith(t, hospital).stranger()
	if a := away.get("/sign-in/provider").want(http.StatusBadGateway); !strings.Contains(a.body, "does not answer") {
		t.Errorf("without the provider: %s", a.body)
	}
}

func TestWithoutAProviderThereIsNoButton(t *testing.T) {
	p := start(t).stranger()
	if a := p.get("/sign-in").want(http.StatusOK); strings.Contains(a.body, "provider") {
		t.Errorf("the sign-in page says %s", a.body)
	}
	if a := p.get("/sign-in/provider?next=https://evil.example").want(http.StatusSeeOther); a.header.Get("Location") != "/sign-in?next=%2F" {
		t.Errorf("leads to %s", a.header.Get("Location"))
	}
	p.get("/sign-in/return?code=a&state=b").want(http.StatusForbidden)
}
