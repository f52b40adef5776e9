package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"anteroom/controller/access"
	"anteroom/controller/api"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

func TestFurnishedHospitalReadsBackAsItWasWritten(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	for path, want := range map[string]int{
		"sites": 2, "departments": 3, "screens": 4, "items": 8, "playlists": 5, "layouts": 1, "windows": 5, "closures": 1,
	} {
		var list struct {
			Items []struct {
				Revision uint64 `json:"revision"`
				ID       string `json:"id"`
			} `json:"items"`
		}
		ada.get("/api/v1/" + path).want(http.StatusOK).into(&list)
		if len(list.Items) != want {
			t.Errorf("%d %s, want %d", len(list.Items), path, want)
		}
		for _, item := range list.Items {
			written := uint64(1)
			if path == "items" {
				written = 2 // let out after that
			}
			one := ada.get("/api/v1/" + path + "/" + item.ID).want(http.StatusOK)
			if one.header.Get("ETag") != fmt.Sprintf("%q", fmt.Sprint(written)) || item.Revision != written {
				t.Errorf("%s %s: ETag %s, revision %d", path, item.ID, one.header.Get("ETag"), item.Revision)
			}
		}
	}
	ada.get("/api/v1/organisation").want(http.StatusOK)
	ada.do(http.MethodPut, "/api/v1/organisation", playliststest.Hospital().Organisation, "If-Match", `"1"`).want(http.StatusPreconditionFailed)
	var window playlists.Window
	ada.get("/api/v1/windows/paediatrics-nights").into(&window)
	if window.End != (playlists.LocalEnd{Days: 1, Clock: 6 * 60}) {
		t.Errorf("the window ends %+v", window.End)
	}
	ada.make("items/spare", playliststest.Pictures("spare", "In no playlist", "", "en"))
	for path, id := range map[string]string{
		"sites": "west", "departments": "outpatients", "screens": "outpatients-hall", "items": "spare", "playlists": "notices",
		"layouts": "with-ticker", "windows": "outpatients-days", "closures": "public-holidays-2026",
	} {
		at := "/api/v1/" + path + "/" + id
		ada.do(http.MethodDelete, at, nil, "If-Match", ada.get(at).header.Get("ETag")).want(http.StatusNoContent)
		ada.get(at).want(http.StatusNotFound)
		if a := ada.get(at + "/revisions").want(http.StatusOK); !strings.Contains(a.body, `"deleted":true`) {
			t.Errorf("%s: the deletion is not kept: %s", at, a.body)
		}
	}
}

func TestStrangersAreTurnedAwayEverywhere(t *testing.T) {
	h := start(t)
	p := h.stranger()
	for _, r := range api.Routes() {
		if r.Who == api.Anyone {
			continue
		}
		path := strings.NewReplacer("{id}", "x", "{digest}", string(playliststest.Digest("x"))).Replace(r.Path)
		want := http.StatusUnauthorized
		if r.Who == api.Player || r.Who == api.Secret {
			want = http.StatusForbidden
		}
		if a := p.do(r.Method, path, nil); a.status != want {
			t.Errorf("%s %s: a stranger got %d, want %d: %s", r.Method, r.Path, a.status, want, a.body)
		}
	}
}

func TestTheAPIDescribesItself(t *testing.T) {
	h := start(t)
	ada := h.admin()
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]any
	}
	a := ada.get("/api/openapi.json").want(http.StatusOK).into(&doc)
	if !strings.HasPrefix(doc.OpenAPI, "3.1") || strings.Contains(a.body, "$schema") {
		t.Errorf("version %s", doc.OpenAPI)
	}
	for _, r := range api.Routes() {
		_, ok := doc.Paths[r.Path][strings.ToLower(r.Method)]
		if described := strings.HasPrefix(r.Path, "/api/v1/"); ok != described {
			t.Errorf("%s %s: described %v, want %v", r.Method, r.Path, ok, described)
		}
	}
	if me := ada.get("/api/v1/me"); strings.Contains(me.body, "$schema") || me.header.Get("Link") != "" {
		t.Errorf("links to schemas: %s %s", me.body, me.header.Get("Link"))
	}
}

func TestStaleWriteShowsBothVersions(t *testing.T) {
	h := start(t)
	ada := h.admin()
	mo := h.staff("mo", access.Scheduler)
	ada.make("playlists/calm", playliststest.Loop("calm", "lake-at-dawn"))
	theirs := playliststest.Loop("calm", "lake-at-dawn", "visiting-hours")
	ada.do(http.MethodPut, "/api/v1/playlists/calm", theirs, "If-Match", `"1"`).want(http.StatusOK)
	mine := playliststest.Loop("calm", "know-your-numbers")
	var stale struct {
		Detail string
		By     string
		Newest struct {
			Revision uint64
			Entries  []playlists.Entry
		}
		Yours struct{ Entries []playlists.Entry }
	}
	a := mo.do(http.MethodPut, "/api/v1/playlists/calm", mine, "If-Match", `"1"`).want(http.StatusPreconditionFailed).into(&stale)
	if a.header.Get("Content-Type") != "application/problem+json" || stale.By != "ada" || stale.Newest.Revision != 2 {
		t.Errorf("got %s: %s", a.header.Get("Content-Type"), a.body)
	}
	if !slices.Equal(stale.Newest.Entries, theirs.Entries) || !slices.Equal(stale.Yours.Entries, mine.Entries) {
		t.Errorf("not both versions: %s", a.body)
	}
	if want := `ada changed this playlist meanwhile. Compare both versions, put yours right and send it with If-Match: "2".`; stale.Detail != want {
		t.Errorf("got %q, want %q", stale.Detail, want)
	}
	mo.do(http.MethodPut, "/api/v1/playlists/calm", mine, "If-Match", `"2"`).want(http.StatusOK)
	ada.do(http.MethodDelete, "/api/v1/playlists/calm", nil, "If-Match", `"2"`).want(http.StatusPreconditionFailed)
	ada.do(http.MethodDelete, "/api/v1/playlists/calm", nil, "If-Match", `"3"`).want(http.StatusNoContent)
	if a := mo.do(http.MethodPut, "/api/v1/playlists/calm", mine, "If-Match", `"3"`).want(http.StatusPreconditionFailed); !strings.Contains(a.body, "ada deleted this playlist") {
		t.Errorf("after deletion: %s", a.body)
	}
	mo.make("playlists/calm", mine)
	var all struct {
		Items []struct {
			Revision uint64
			By       string
			Deleted  bool
		}
	}
	ada.get("/api/v1/playlists/calm/revisions").want(http.StatusOK).into(&all)
	var got []string
	for _, r := range all.Items {
		got = append(got, r.By)
	}
	if !slices.Equal(got, []string{"mo", "ada", "mo", "ada", "ada"}) || !all.Items[1].Deleted {
		t.Errorf("revisions by %v", got)
	}
}

func TestPeopleStayInTheirDepartments(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	mo := h.staff("mo", access.Scheduler, "cardiology")
	vi := h.staff("vi", access.Viewer)
	screen := playlists.Screen{ID: "new", Department: "cardiology", Name: "New"}
	window := func(targets ...playlists.Target) playlists.Window {
		w := playliststest.Hospital().Windows["cardiology-weekdays"]
		w.ID, w.Targets = "new", targets
		return w
	}
	for _, test := range []struct {
		what string
		who  *person
		path string
		doc  any
		want int
	}{
		{"a screen in their own department", mo, "screens/new", screen, http.StatusOK},
		{"a screen elsewhere", mo, "screens/other", playlists.Screen{ID: "other", Department: "paediatrics", Name: "Other"}, http.StatusForbidden},
		{"a window for all screens", mo, "windows/new", window(playlists.Target{All: true}), http.StatusForbidden},
		{"a window for a screen elsewhere", mo, "windows/new", window(playlists.Target{Screen: playliststest.Paediatrics}), http.StatusForbidden},
		{"a window for a tag elsewhere", mo, "windows/new", window(playlists.Target{Tag: "quiet"}), http.StatusForbidden},
		{"a window for a tag that nobody has yet", mo, "windows/new", window(playlists.Target{Department: "cardiology"}, playlists.Target{Tag: "soon"}), http.StatusForbidden},
		{"a window for a site with others", mo, "windows/new", window(playlists.Target{Site: "main"}), http.StatusForbidden},
		{"a window for their own", mo, "windows/new", window(playlists.Target{Department: "cardiology"}, playlists.Target{Screen: playliststest.CardiologyDoor}), http.StatusOK},
		{"a department", mo, "departments/new", playliststest.Hospital().Departments["cardiology"], http.StatusForbidden},
		{"anything by a viewer", vi, "screens/newer", playlists.Screen{ID: "newer", Department: "cardiology", Name: "Newer"}, http.StatusForbidden},
	} {
		doc := test.doc
		if d, ok := doc.(playlists.Department); ok {
			d.ID = "new"
			doc = d
		}
		if a := test.who.do(http.MethodPut, "/api/v1/"+test.path, doc, "If-None-Match", "*"); a.status != test.want {
			t.Errorf("%s: got %d, want %d: %s", test.what, a.status, test.want, a.body)
		}
	}
	moved := screen
	moved.Department = "paediatrics"
	mo.do(http.MethodPut, "/api/v1/screens/new", moved, "If-Match", `"1"`).want(http.StatusForbidden)
	mo.do(http.MethodDelete, "/api/v1/screens/"+string(playliststest.Paediatrics), nil, "If-Match", `"1"`).want(http.StatusForbidden)
	var seen struct{ Items []playlists.Screen }
	mo.get("/api/v1/screens").into(&seen)
	if len(seen.Items) != 3 {
		t.Errorf("sees %d screens, want the 3 of cardiology", len(seen.Items))
	}
	mo.get("/api/v1/screens/" + string(playliststest.Paediatrics)).want(http.StatusForbidden)
	mo.get("/api/v1/screens/" + string(playliststest.Paediatrics) + "/timeline").want(http.StatusForbidden)
	var preview struct{ Diff struct{ Screens int } }
	mo.do(http.MethodPost, "/api/v1/publications/preview", `{"days":1}`).want(http.StatusOK).into(&preview)
	if preview.Diff.Screens != 3 {
		t.Errorf("is told of %d screens, want the 3 of cardiology", preview.Diff.Screens)
	}
	mo.do(http.MethodPost, "/api/v1/publications", `{"departments":["paediatrics"]}`).want(http.StatusForbidden)
	mo.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusForbidden)
	mo.do(http.MethodPost, "/api/v1/publications", `{"departments":["cardiology"]}`).want(http.StatusCreated)
	everyone := `{"severity":3,"targets":[{"all":true}],"slides":[{"language":"en","title":"Out"}]}`
	mo.do(http.MethodPost, "/api/v1/takeovers", everyone).want(http.StatusForbidden)
	ada.do(http.MethodPost, "/api/v1/takeovers", everyone).want(http.StatusCreated)
	mo.do(http.MethodPost, "/api/v1/takeovers/clear", nil).want(http.StatusForbidden)
	vi.do(http.MethodPost, "/api/v1/takeovers/clear", nil).want(http.StatusForbidden)
}
