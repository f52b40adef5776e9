package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"anteroom/controller/access"
	"anteroom/controller/api"
	"anteroom/playlists"
)

// TestWhatIsSaidToBeTheirsIs takes people at the word that they were given about windows, takeovers and tags: what is
// said to be theirs is done when they ask for it, and nothing else is.
func TestWhatIsSaidToBeTheirsIs(t *testing.T) {
	for _, who := range []struct {
		role        access.Role
		departments []playlists.DepartmentID
		windows     []string
	}{
		{access.Scheduler, []playlists.DepartmentID{"cardiology"}, []string{"own"}},
		{access.Scheduler, []playlists.DepartmentID{"cardiology", "paediatrics"}, []string{"own", "other", "tagged"}},
		{access.Administrator, []playlists.DepartmentID{"paediatrics"}, []string{"other", "tagged"}},
		{access.Viewer, []playlists.DepartmentID{"cardiology"}, nil},
		{access.Administrator, nil, []string{"own", "other", "tagged", "all", "soon"}},
	} {
		t.Run(fmt.Sprint(who.role, who.departments), func(t *testing.T) {
			h := start(t)
			ada := h.admin()
			ada.furnish()
			for name, target := range map[string]string{
				"own": `"department":"cardiology"`, "other": `"department":"paediatrics"`, "tagged": `"tag":"quiet"`, "all": `"all":true`, "soon": `"tag":"soon"`,
			} {
				ada.make("windows/"+name, fmt.Sprintf(`{"id":%q,"name":%q,"playlist":"notices","start":"0 8 * * *","end":{"clock":"17:00"},"targets":[{%s}]}`, name, name, target))
				ada.do(http.MethodPost, "/api/v1/takeovers", fmt.Sprintf(`{"severity":1,"targets":[{%s}],"slides":[{"language":"en","title":%q}]}`, target, name)).want(http.StatusCreated)
			}
			mo := ada
			if len(who.departments) > 0 {
				mo = h.staff("mo", who.role, who.departments...)
			}
			mo.keepsWindows(who.windows)
			mo.clearsWhatIsTheirs(len(who.windows))
			mo.renamesWhatIsTheirs()
		})
	}
}

func status(ok bool, yes int) int {
	if ok {
		return yes
	}
	return http.StatusForbidden
}

// keepsWindows changes every window that is said to be theirs, and is refused all others.
func (p *person) keepsWindows(theirs []string) {
	p.t.Helper()
	var all struct{ Items []api.Window }
	p.get("/api/v1/windows").want(http.StatusOK).into(&all)
	editable := map[string]bool{}
	for _, w := range all.Items {
		path := "/api/v1/windows/" + string(w.ID)
		var one api.Window
		p.get(path).want(http.StatusOK).into(&one)
		if one.Editable != w.Editable {
			p.t.Errorf("%s: editable %v in the list, %v by itself", w.ID, w.Editable, one.Editable)
		}
		editable[string(w.ID)] = w.Editable
		var put api.Window
		a := p.do(http.MethodPut, path, w, "If-Match", fmt.Sprintf(`"%d"`, w.Revision)).want(status(w.Editable, http.StatusOK))
		if a.status == http.StatusOK {
			a.into(&put)
		}
		if put.Editable != w.Editable {
			p.t.Errorf("%s: editable %v before it is written, %v after", w.ID, w.Editable, put.Editable)
		}
	}
	for _, name := range []string{"own", "other", "tagged", "all", "soon"} {
		want := false
		for _, id := range theirs {
			want = want || id == name
		}
		if editable[name] != want {
			p.t.Errorf("window %s: editable %v, want %v", name, editable[name], want)
		}
	}
}

func (p *person) clearsWhatIsTheirs(many int) {
	p.t.Helper()
	var all struct{ Items []api.Takeover }
	p.get("/api/v1/takeovers").want(http.StatusOK).into(&all)
	cleared := 0
	for _, one := range all.Items {
		p.do(http.MethodPost, "/api/v1/takeovers/"+string(one.ID)+"/clear", nil).want(status(one.Clearable, http.StatusNoContent))
		if one.Clearable {
			cleared++
		}
	}
	if cleared != many || len(all.Items) != 5 {
		p.t.Errorf("cleared %d of %d takeovers, want %d of 5", cleared, len(all.Items), many)
	}
}

func (p *person) renamesWhatIsTheirs() {
	p.t.Helper()
	for tag, use := range p.tags() {
		window := fmt.Sprintf(`{"id":"by-%s","name":"By tag","playlist":"notices","start":"0 8 * * *","end":{"clock":"17:00"},"targets":[{"tag":%q}]}`, tag, tag)
		if a := p.do(http.MethodPut, "/api/v1/windows/by-"+string(tag), window, "If-None-Match", "*").want(status(use.Own, http.StatusOK)); a.status == http.StatusOK {
			p.do(http.MethodDelete, "/api/v1/windows/by-"+string(tag), nil, "If-Match", `"1"`).want(http.StatusNoContent)
		}
		p.do(http.MethodPost, "/api/v1/tags/"+string(tag)+"/rename", fmt.Sprintf(`{"to":"%s-anew"}`, tag)).want(status(use.Renamable, http.StatusOK))
	}
}
