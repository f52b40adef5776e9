package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"anteroom/controller/access"
	"anteroom/controller/api"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

const measure = "/api/v1/items/measure-at-home"

func measuring() playlists.Item {
	return playliststest.Pictures("measure-at-home", "Measure at home", playlists.Prevention, "en")
}

// decide sends a verdict about the revision that is written in etag.
func (p *person) decide(verb, etag, body string) answer {
	p.t.Helper()
	return p.do(http.MethodPost, measure+"/"+verb, body, "If-Match", etag)
}

// reviews is what waits, as titles, and the counts of the person.
func (p *person) reviews(query string) (waiting, returned, due []string, counts api.ReviewCounts) {
	p.t.Helper()
	var r api.Reviews
	p.get("/api/v1/reviews" + query).want(http.StatusOK).into(&r)
	p.get("/api/v1/reviews/counts" + query).want(http.StatusOK).into(&counts)
	say := func(r api.Review) string {
		on := "nothing"
		if r.On != nil {
			on = fmt.Sprint("version ", r.On.Version)
		}
		return fmt.Sprintf("%s version %d by %s, own %v, on is %s, in %v", r.Item.Title, r.Item.Version, strings.Join(r.Item.Authors, "+"), r.Own, on, r.Departments)
	}
	for _, one := range r.Waiting {
		waiting = append(waiting, say(one))
	}
	for _, one := range r.Returned {
		returned = append(returned, say(one)+", "+one.Item.Returned.Reason)
	}
	for _, one := range r.Due {
		due = append(due, fmt.Sprintf("%s %s %v over %v", one.Item, one.Field, one.On, one.Over))
	}
	return waiting, returned, due, counts
}

// A version goes from its writer to a reviewer, back, again and out; nobody lets their own out but by the way that
// is marked.
func TestNobodyApprovesTheirOwn(t *testing.T) {
	h := start(t)
	ada := h.admin()
	mo := h.staff("mo", access.Marketer)
	rita := h.staff("rita", access.Reviewer)
	item := measuring()
	item.Version, item.Authors, item.Approval = 7, []string{"lee"}, &playlists.Approval{Version: 7, By: "rita"}

	var got playlists.Item
	mo.do(http.MethodPut, measure, item, "If-None-Match", "*").want(http.StatusOK).into(&got)
	if got.Version != 1 || got.Approved() || !slices.Equal(got.Authors, []string{"mo"}) {
		t.Errorf("a writer said what only the controller may: %+v", got)
	}
	mo.decide("approve", `"1"`, `{"version":1}`).want(http.StatusForbidden)
	mo.decide("return", `"1"`, `{"version":1,"reason":"no"}`).want(http.StatusForbidden)
	mo.decide("release", `"1"`, `{"version":1,"reason":"now"}`).want(http.StatusForbidden)
	rita.decide("release", `"1"`, `{"version":1,"reason":"now"}`).want(http.StatusForbidden)

	got.Title = "Measure at home, all of them"
	ada.do(http.MethodPut, measure, got, "If-Match", `"1"`).want(http.StatusOK).into(&got)
	if got.Version != 2 || got.Approved() || !slices.Equal(got.Authors, []string{"ada", "mo"}) {
		t.Errorf("an administrator's words gave %+v", got)
	}
	if a := ada.decide("approve", `"2"`, `{"version":2}`).want(http.StatusForbidden); !strings.Contains(a.body, "You wrote this version") {
		t.Errorf("the reason is not said: %s", a.body)
	}
	rita.decide("approve", `"1"`, `{"version":1}`).want(http.StatusPreconditionFailed)
	rita.decide("approve", `"2"`, `{"version":1}`).want(http.StatusUnprocessableEntity)
	rita.decide("return", `"2"`, `{"version":2,"reason":" "}`).want(http.StatusUnprocessableEntity)
	rita.decide("return", `"2"`, `{"version":2,"reason":"Say which numbers."}`).want(http.StatusOK).into(&got)
	if !got.SentBack() || got.Returned.By != "rita" {
		t.Errorf("sent back, it is %+v", got)
	}
	mo.do(http.MethodPut, measure, got, "If-Match", `"3"`).want(http.StatusOK).into(&got)
	if got.Version != 3 || !got.Waits() {
		t.Errorf("written anew, it is %+v", got)
	}
	got = playlists.Item{}
	rita.decide("approve", `"4"`, `{"version":3,"review_by":"2027-11-01"}`).want(http.StatusOK).into(&got)
	if !got.Approved() || got.Approval.By != "rita" || got.Approval.Unreviewed || got.ReviewBy.String() != "2027-11-01" || got.Returned != nil {
		t.Errorf("approved, it is %+v", got)
	}
	rita.decide("return", `"5"`, `{"version":3,"reason":"on second thoughts"}`).want(http.StatusUnprocessableEntity)
	got.Topics = []playlists.Topic{"blood-pressure"}
	mo.do(http.MethodPut, measure, got, "If-Match", `"5"`).want(http.StatusOK).into(&got)
	if got.Version != 3 || !got.Approved() {
		t.Errorf("a change that nobody sees gave %+v", got)
	}
	got.Renditions[0].Alt = "Numbers"
	ada.do(http.MethodPut, measure, got, "If-Match", `"6"`).want(http.StatusOK).into(&got)
	ada.decide("release", `"7"`, `{"version":4,"reason":""}`).want(http.StatusUnprocessableEntity)
	ada.decide("release", `"7"`, `{"version":4,"reason":"The old number is wrong."}`).want(http.StatusOK).into(&got)
	if !got.Approved() || !got.Approval.Unreviewed || got.Approval.Reason != "The old number is wrong." || !slices.Equal(got.Authors, []string{"ada"}) {
		t.Errorf("let out without review, it is %+v", got)
	}
	ada.do(http.MethodPost, "/api/v1/items/none/approve", `{"version":1}`, "If-Match", `"1"`).want(http.StatusNotFound)
	ada.do(http.MethodPost, measure+"/approve", `{"version":1}`).want(http.StatusPreconditionRequired)

	want := []string{"1 mo", "2 ada", "3 rita back", "4 mo", "5 rita approved 3", "6 mo approved 3", "7 ada", "8 ada approved 4 unreviewed"}
	if diff := cmp.Diff(want, ada.history()); diff != "" {
		t.Errorf("the revisions (-want +got):\n%s", diff)
	}
}

// history is who did what to an item, the oldest first.
func (p *person) history() []string {
	p.t.Helper()
	var all struct{ Items []api.Revision[api.Item] }
	p.get(measure + "/revisions").want(http.StatusOK).into(&all)
	var lines []string
	for _, r := range slices.Backward(all.Items) {
		line := fmt.Sprint(r.Revision, " ", r.By)
		if r.Document.SentBack() {
			line += " back"
		}
		if r.Document.Approved() {
			line += fmt.Sprint(" approved ", r.Document.Approval.Version)
		}
		if r.Document.Approved() && r.Document.Approval.Unreviewed {
			line += " unreviewed"
		}
		lines = append(lines, line)
	}
	return lines
}

func TestWhatWaits(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	if _, _, _, counts := ada.reviews(""); counts != (api.ReviewCounts{}) {
		t.Errorf("with everything approved there is to do: %+v", counts)
	}
	var alone api.Reviews
	ada.get("/api/v1/reviews").want(http.StatusOK).into(&alone)
	if alone.Rights != (api.Rights{Approve: true, Release: true, Alone: true}) {
		t.Errorf("the only administrator has %+v", alone.Rights)
	}
	ada.make("items/measure-at-home", measuring())
	if _, _, _, counts := ada.reviews(""); counts.Waiting != 1 {
		t.Errorf("the only administrator has %+v to do; their own waits for them", counts)
	}

	mo, rita := h.staff("mo", access.Marketer), h.staff("rita", access.Reviewer)
	renamed := playliststest.Hospital().Items["visiting-hours"]
	renamed.Title, renamed.ReviewBy = "When to visit", playlists.Date{Year: 2027, Month: 1, Day: 1}
	mo.change("items/visiting-hours", renamed)
	waiting, returned, due, counts := rita.reviews("?today=2026-12-10")
	if diff := cmp.Diff([]string{
		"Measure at home version 1 by ada, own false, on is nothing, in []",
		"When to visit version 2 by mo, own false, on is version 1, in [cardiology outpatients paediatrics]",
	}, waiting); diff != "" {
		t.Errorf("waiting (-want +got):\n%s", diff)
	}
	if returned != nil || due != nil || counts != (api.ReviewCounts{Waiting: 2}) {
		t.Errorf("sent back %v, due %v, to do %+v", returned, due, counts)
	}
	if _, _, _, counts := ada.reviews(""); counts.Waiting != 1 {
		t.Errorf("with a reviewer in the house the administrator has %+v to do", counts)
	}
	rita.do(http.MethodPost, "/api/v1/items/visiting-hours/approve", `{"version":2}`, "If-Match", `"3"`).want(http.StatusOK)
	if _, _, due, counts := rita.reviews("?today=2026-12-01"); due != nil || counts.Due != 0 {
		t.Errorf("31 days before, it is due: %v", due)
	}
	for today, want := range map[string]string{"2026-12-02": "visiting-hours review_by 2027-01-01 over false", "2027-01-02": "visiting-hours review_by 2027-01-01 over true"} {
		if _, _, due, counts := rita.reviews("?today=" + today); !slices.Equal(due, []string{want}) || counts.Due != 1 {
			t.Errorf("on %s what is due is %v, %+v", today, due, counts)
		}
	}
	rita.decide("return", `"1"`, `{"version":1,"reason":"Which numbers?"}`).want(http.StatusOK)
	if _, returned, _, counts := ada.reviews(""); len(returned) != 1 || !strings.HasSuffix(returned[0], "Which numbers?") || counts.Returned != 1 {
		t.Errorf("the writer finds %v, %+v", returned, counts)
	}
	if _, _, _, counts := mo.reviews("?today=2027-01-02"); counts != (api.ReviewCounts{}) {
		t.Errorf("a marketer has %+v to do", counts)
	}
	ada.get("/api/v1/reviews?today=soon").want(http.StatusUnprocessableEntity)
	ada.get("/api/v1/reviews/counts?today=soon").want(http.StatusUnprocessableEntity)
}

// What waits never reaches a body: the version before stays on, whoever publishes.
func TestTheVersionBeforeStaysOn(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	ada.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusCreated)
	renamed := playliststest.Hospital().Items["visiting-hours"]
	renamed.Title = "When to visit"
	ada.change("items/visiting-hours", renamed)

	var preview struct {
		Screens  int
		Problems []playlists.Problem
	}
	ada.do(http.MethodPost, "/api/v1/publications/preview", `{}`).want(http.StatusOK).into(&preview)
	waits := func(p playlists.Problem) bool {
		return p.ID == "visiting-hours" && strings.Contains(p.Message, "wait to be approved")
	}
	if preview.Screens != 0 || !slices.ContainsFunc(preview.Problems, waits) {
		t.Errorf("while it waits, publishing would change %d screens, and says %v", preview.Screens, preview.Problems)
	}
	ada.release("visiting-hours")
	ada.do(http.MethodPost, "/api/v1/publications/preview", `{}`).want(http.StatusOK).into(&preview)
	if preview.Screens == 0 || slices.ContainsFunc(preview.Problems, waits) {
		t.Errorf("let out, publishing would change %d screens, and says %v", preview.Screens, preview.Problems)
	}
}
