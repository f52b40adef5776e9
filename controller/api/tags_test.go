package api_test

import (
	"net/http"
	"strings"
	"testing"

	"anteroom/controller/access"
	"anteroom/controller/api"
	"anteroom/playlists"
)

// tags are where each tag is used, "quiet: 1 screen, in Days".
func (p *person) tags() map[playlists.Tag]api.TagUse {
	p.t.Helper()
	var all struct{ Items []api.TagUse }
	p.get("/api/v1/tags").want(http.StatusOK).into(&all)
	uses := map[playlists.Tag]api.TagUse{}
	for _, one := range all.Items {
		uses[one.Tag] = one
	}
	return uses
}

func TestTagsAreRenamedWhereverTheyAreUsed(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	mo := h.staff("mo", access.Scheduler, "paediatrics")
	ada.make("windows/chapel-hours", `{"id":"chapel-hours","name":"Chapel hours","playlist":"notices","start":"0 8 * * *","end":{"clock":"17:00"},"targets":[{"tag":"quiet"},{"tag":"still"}],"except":[{"tag":"quiet"}]}`)
	was := ada.tags()
	if was["quiet"].Screens == 0 || len(was["still"].Windows) != 1 || was["still"].Windows[0].Name != "Chapel hours" {
		t.Fatalf("got %+v", was)
	}
	mo.do(http.MethodPost, "/api/v1/tags/quiet/rename", `{"to":"still"}`).want(http.StatusForbidden)
	if a := ada.do(http.MethodPost, "/api/v1/tags/quiet/rename", `{"to":"Second floor"}`).want(http.StatusUnprocessableEntity); !strings.Contains(a.body, `"body.to"`) {
		t.Errorf("the field is not named: %s", a.body)
	}
	ada.do(http.MethodPost, "/api/v1/tags/none-such/rename", `{"to":"still"}`).want(http.StatusNotFound)
	if now := ada.tags(); now["quiet"].Screens != was["quiet"].Screens {
		t.Errorf("refused, and %+v", now)
	}

	var done api.TagRenamed
	ada.do(http.MethodPost, "/api/v1/tags/quiet/rename", `{"to":"still"}`).want(http.StatusOK).into(&done)
	now := ada.tags()
	if done.Screens != was["quiet"].Screens || done.Windows == 0 || now["still"].Screens != done.Screens || now["quiet"].Tag != "" {
		t.Errorf("renamed %+v, and now %+v", done, now)
	}
	var w playlists.Window
	ada.get("/api/v1/windows/chapel-hours").want(http.StatusOK).into(&w)
	if len(w.Targets) != 1 || w.Targets[0].Tag != "still" || len(w.Except) != 1 || w.Except[0].Tag != "still" {
		t.Errorf("the window has %+v but %+v", w.Targets, w.Except)
	}
	h.stranger().get("/api/v1/tags").want(http.StatusUnauthorized)
}
