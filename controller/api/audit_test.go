package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"anteroom/controller/access"
	"anteroom/playlists/playliststest"
)

type auditPage struct {
	Items []struct {
		Number                             uint64
		By, Via, Did, Kind, ID, From, Note string
	}
	Next uint64
}

func (p *person) audit(query string) auditPage {
	p.t.Helper()
	var page auditPage
	p.get("/api/v1/audit?" + query).want(http.StatusOK).into(&page)
	return page
}

func (a auditPage) text() string {
	var b strings.Builder
	for _, e := range a.Items {
		b.WriteString(strings.TrimSpace(strings.Join([]string{e.By, e.Did, e.Kind, e.ID}, " ")) + "\n")
	}
	return b.String()
}

// TestTheLogSaysWhatWasDone: deeds that are more than a change of a document have their own names.
func TestTheLogSaysWhatWasDone(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	ada.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusCreated)
	ada.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusCreated)
	ada.do(http.MethodPost, "/api/v1/publications", `{"undo":2}`).want(http.StatusCreated)
	ada.do(http.MethodPost, "/api/v1/takeovers", `{"severity":1,"targets":[{"all":true}],"slides":[{"language":"en","title":"Hello"}]}`).want(http.StatusCreated)
	ada.do(http.MethodPost, "/api/v1/takeovers/clear", nil).want(http.StatusNoContent)
	ada.do(http.MethodPut, "/api/v1/me/password", `{"old":"`+password+`","password":"another long password"}`).want(http.StatusNoContent)
	mo, rita := h.staff("mo", access.Marketer), h.staff("rita", access.Reviewer)
	mo.do(http.MethodPut, measure, measuring(), "If-None-Match", "*").want(http.StatusOK)
	rita.decide("return", `"1"`, `{"version":1,"reason":"Say which."}`).want(http.StatusOK)
	ada.decide("release", `"2"`, `{"version":1,"reason":"It cannot wait."}`).want(http.StatusOK)
	rita.decide("approve", `"3"`, `{"version":1}`).want(http.StatusOK)
	door := h.screen()
	door.pair(ada, playliststest.CardiologyDoor)
	ada.do(http.MethodPost, "/api/v1/fleet/orders", `{"do":"identify","screens":["cardiology-door"]}`).want(http.StatusOK)
	got := ada.audit("limit=500").text()
	for _, line := range []string{
		"ada published publication 0000000001", "ada took-over takeover ", "ada cleared takeover ", "ada password-set user ada", "ada ordered screen cardiology-door", "ada made player ",
		"rita sent-back item measure-at-home", "ada released item measure-at-home", "rita approved item measure-at-home", "ada undone publication 0000000003",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("the log does not say %q:\n%s", line, got)
		}
	}
}

// TestALeaverIsProvedToBeOut is what an auditor asks of an administrator.
func TestALeaverIsProvedToBeOut(t *testing.T) {
	h := start(t)
	ada := h.admin()
	mo := h.staff("mo", access.Administrator)
	script := mo.script(draft(`"rights":[{"action":"edit","kind":"site"}]`))
	script.do(http.MethodPut, "/api/v1/sites/north", `{"id":"north","name":"=North"}`, "If-None-Match", "*").want(http.StatusOK)
	ada.do(http.MethodPut, "/api/v1/users/mo", `{"name":"mo","role":"administrator","everywhere":true,"disabled":true}`, "If-Match", `"1"`).want(http.StatusOK)
	mo.get("/api/v1/me").want(http.StatusUnauthorized)
	script.get("/api/v1/me").want(http.StatusUnauthorized)
	if _, status := h.comes("mo", password); status != http.StatusForbidden {
		t.Errorf("a leaver signs in: %d", status)
	}
	h.comes("correct horse", password)
	ada.post("/sign-out", url.Values{})
	ada = h.signIn("ada")

	got := ada.audit("").text()
	for _, line := range []string{
		"ada signed-in user ada\n", "ada signed-out user ada\n", "sign-in-refused user\n", "sign-in-refused user mo\n", "ada changed user mo\n",
		"ada deleted token ", "mo made site north\n", "mo made token ", "mo signed-in user mo\n", "ada made user mo\n", "system made organisation ",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("the log does not say %q:\n%s", line, got)
		}
	}
	if strings.Contains(got, "horse") {
		t.Errorf("the log has what a stranger typed: %s", got)
	}
	made := ada.audit("by=mo&did=made&kind=site")
	if len(made.Items) != 1 || made.Items[0].Via == "" || made.Items[0].From == "" {
		t.Fatalf("what mo's script did is %+v", made)
	}
	// Pages, and one entry.
	first := ada.audit("limit=2")
	second := ada.audit("limit=2&before=" + fmt.Sprint(first.Next))
	if len(first.Items) != 2 || first.Next != first.Items[1].Number || second.Items[0].Number != first.Next-1 {
		t.Errorf("pages are %+v and %+v", first, second)
	}
	changed := ada.audit("did=changed&kind=user&id=mo").Items[0]
	one := ada.get("/api/v1/audit/" + fmt.Sprint(changed.Number)).want(http.StatusOK)
	if !strings.Contains(one.body, `"before":{`) || !strings.Contains(one.body, `"disabled":true`) {
		t.Errorf("one entry: %s", one.body)
	}
	token := ada.get("/api/v1/audit/" + fmt.Sprint(ada.audit("did=made&kind=token").Items[0].Number)).want(http.StatusOK)
	for _, secret := range []string{"argon2", "epoch", "assword", `"hash"`} {
		if strings.Contains(one.body+token.body, secret) {
			t.Errorf("the log shows %q", secret)
		}
	}
	// Exports.
	csv := ada.get("/api/v1/audit.csv?kind=site").want(http.StatusOK)
	if !strings.HasPrefix(csv.body, "number,at,by,via,did,kind,id,") || strings.Count(csv.body, "\r\n") != 2 {
		t.Errorf("the CSV is %s", csv.body)
	}
	jsonl := ada.get("/api/v1/audit.jsonl?by=mo").want(http.StatusOK)
	if n := strings.Count(jsonl.body, "\n"); n != len(ada.audit("by=mo").Items) || !strings.HasPrefix(jsonl.body, `{"number":`) {
		t.Errorf("%d lines: %s", n, jsonl.body)
	}
	// Nobody else, and nothing that is not there.
	for _, path := range []string{"/api/v1/audit", "/api/v1/audit/1", "/api/v1/audit.csv", "/api/v1/audit.jsonl"} {
		h.stranger().get(path).want(http.StatusUnauthorized)
	}
	ada.get("/api/v1/audit/9999").want(http.StatusNotFound)
	ada.get("/api/v1/audit?limit=1000").want(http.StatusUnprocessableEntity)
}
