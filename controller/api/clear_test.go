package api_test

import (
	"net/http"
	"testing"

	"anteroom/controller/access"
	"anteroom/controller/api"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/slide"
)

// written makes an item that is one slide in English.
func (p *person) written(id playlists.ItemID, verb string, points ...string) {
	p.t.Helper()
	words := slide.Slide{Template: slide.Steps, Language: "en", Title: "What to expect", Points: points, Brand: playliststest.Hospital().Organisation.Brand}
	var made struct{ Rendition playlists.Rendition }
	p.do(http.MethodPost, "/api/v1/slides", words).want(http.StatusOK).into(&made)
	item := playlists.Item{ID: id, Title: "What to expect", Version: 1, Renditions: []playlists.Rendition{made.Rendition}}
	path := "/api/v1/items/" + string(id)
	if verb == "make" {
		p.make("items/"+string(id), item)
		return
	}
	p.do(http.MethodPut, path, item, "If-Match", p.get(path).want(http.StatusOK).header.Get("ETag")).want(http.StatusOK)
}

// TestReadingGradesOfBothVersions: of the newest and of that on screens, and of nothing that is no text.
func TestReadingGradesOfBothVersions(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	ada.written("tracing", "make", "You lie down and rest for a moment.", "We put small stickers on your chest.")
	ada.release("tracing")
	ada.written("tracing", "change", "Recumbent positioning facilitates electrocardiographic registration.", "Adhesive electrodes are subsequently distributed over the anterior thoracic region.")
	var r api.Reading
	ada.get("/api/v1/items/tracing/reading").want(http.StatusOK).into(&r)
	if len(r.Newest) != 1 || len(r.Approved) != 1 || r.Newest[0].Grade == nil || r.Approved[0].Grade == nil || *r.Approved[0].Grade > 4 || *r.Newest[0].Grade < 15 || r.Newest[0].Of != playlists.Slide {
		t.Errorf("got %+v, want an easy text on screens and a hard one written since", r)
	}
	var none api.Reading
	ada.get("/api/v1/items/we-are-closed/reading").want(http.StatusOK).into(&none)
	if len(none.Newest) != 0 {
		t.Errorf("got %+v of pictures", none)
	}
	ada.get("/api/v1/items/nowhere/reading").want(http.StatusNotFound)
}

// TestChecklistsStayWithTheDecision: of the version that they were filled in for, in all of its revisions; writers cannot set them.
func TestChecklistsStayWithTheDecision(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	mo, rita := h.staff("mo", access.Marketer), h.staff("rita", access.Reviewer)
	mo.written("tracing", "make", "You lie down and rest for a moment.")
	const path = "/api/v1/items/tracing"
	etag := rita.get(path).want(http.StatusOK).header.Get("ETag")
	rita.do(http.MethodPost, path+"/approve", `{"version":1,"checks":[{"checklist":"pemat_p","answers":{"13":"agree"}}]}`, "If-Match", etag).want(http.StatusUnprocessableEntity)
	order := api.ApprovalOrder{Version: 1, Checks: []playlists.Checked{{Checklist: playlists.ClearIndex, Answers: map[int]playlists.Answer{}}}}
	for _, item := range playlists.ClearIndex.Items() {
		order.Checks[0].Answers[item.Number] = playlists.Agree
	}
	var out playlists.Item
	rita.do(http.MethodPost, path+"/approve", order, "If-Match", etag).want(http.StatusOK).into(&out)
	if len(out.Approval.Checks) != 1 || out.Approval.Checks[0].Scores[0].Percent != 95 {
		t.Errorf("got %+v, want 95 percent: a calculation is a fault", out.Approval)
	}
	mo.written("tracing", "change", "You lie down.")
	var now, on playlists.Item
	mo.get(path).want(http.StatusOK).into(&now)
	if now.Approved() || now.Approval == nil || len(now.Approval.Checks) != 1 || now.Approval.Version != 1 {
		t.Errorf("got %+v, want the decision about version 1 with its checks", now.Approval)
	}
	forged := now
	forged.Approval = &playlists.Approval{Version: 2, By: "rita", Checks: order.Checks}
	mo.do(http.MethodPut, path, forged, "If-Match", mo.get(path).header.Get("ETag")).want(http.StatusOK)
	mo.get(path).want(http.StatusOK).into(&on)
	if on.Approved() || on.Approval.Version != 1 {
		t.Errorf("a writer set %+v", on.Approval)
	}
	var forms struct{ Items []api.ChecklistForm }
	mo.get("/api/v1/checklists").want(http.StatusOK).into(&forms)
	if len(forms.Items) != 3 || len(forms.Items[0].Items) != 24 || len(forms.Items[1].Items) != 17 || len(forms.Items[2].Items) != 20 {
		t.Errorf("got %d checklists", len(forms.Items))
	}
}
