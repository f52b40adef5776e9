package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"anteroom/controller/access"
	"anteroom/controller/api"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// ask is a request to a route that changes nothing where it is allowed, and what it is about.
type ask struct {
	path string
	body any
	// of are the departments of what it is about; anywhere: whoever may do it in any department may ask, and
	// the answer has only what is theirs.
	of       []playlists.DepartmentID
	anywhere bool
}

func in(d ...playlists.DepartmentID) []playlists.DepartmentID { return d }

// asks has an entry for every route for staff. A new route needs one: a request that is well formed, names
// something of the sample hospital, and is refused for another reason than who asks, where it would change something.
func asks() map[string]ask {
	const door, cardiology = "cardiology-door", playlists.DepartmentID("cardiology")
	screen := "/api/v1/screens/" + door
	takeover := map[string]any{
		"severity": 1, "targets": []any{map[string]any{"department": cardiology}},
		"slides": []any{map[string]any{"language": "en", "title": ""}},
	}
	nothing := `{"departments":["nowhere"]}`
	all := map[string]ask{
		"GET /api/openapi.json":                          {anywhere: true},
		"GET /api/v1/me":                                 {anywhere: true},
		"PUT /api/v1/me/password":                        {body: `{"old":"wrong","password":"wrong"}`},
		"GET /api/v1/me/sessions":                        {},
		"DELETE /api/v1/me/sessions":                     {},
		"DELETE /api/v1/me/sessions/{id}":                {},
		"GET /api/v1/me/tokens":                          {},
		"POST /api/v1/me/tokens":                         {body: `{"name":"","expires":"2020-01-01T00:00:00Z"}`},
		"DELETE /api/v1/me/tokens/{id}":                  {},
		"POST /api/v1/users/{id}/link":                   {},
		"GET /api/v1/users/{id}/sessions":                {},
		"DELETE /api/v1/users/{id}/sessions":             {},
		"DELETE /api/v1/users/{id}/sessions/{part}":      {},
		"GET /api/v1/users/{id}/tokens":                  {},
		"DELETE /api/v1/users/{id}/tokens/{part}":        {},
		"GET /api/v1/audit":                              {},
		"GET /api/v1/audit/{number}":                     {path: "/api/v1/audit/1"},
		"GET /api/v1/audit.csv":                          {},
		"GET /api/v1/audit.jsonl":                        {},
		"GET /api/v1/fleet":                              {anywhere: true},
		"GET /api/v1/fleet/events":                       {anywhere: true},
		"GET /api/v1/fleet/outline":                      {anywhere: true},
		"GET /api/v1/fleet/showing":                      {path: "/api/v1/fleet/showing?title=lake", anywhere: true},
		"POST /api/v1/fleet/orders":                      {body: `{"do":"reload","screens":["nowhere"]}`, anywhere: true},
		"POST /api/v1/fleet/changes":                     {body: `{"rotation":90,"screens":["nowhere"]}`, anywhere: true},
		"POST /api/v1/fleet/revocations":                 {body: `{"screens":["nowhere"]}`, anywhere: true},
		"GET /api/v1/screens/{id}/snapshot":              {path: screen + "/snapshot", of: in(cardiology)},
		"GET /api/v1/schedule":                           {path: "/api/v1/schedule?department=cardiology&from=2026-11-23", of: in(cardiology)},
		"GET /api/v1/screens/{id}/timeline":              {path: screen + "/timeline?date=2026-11-23", of: in(cardiology)},
		"GET /api/v1/screens/{id}/why":                   {path: screen + "/why?at=2026-11-23T12:00:00Z", of: in(cardiology)},
		"GET /api/v1/screens/{id}/smil":                  {path: screen + "/smil", of: in(cardiology)},
		"POST /api/v1/screens/{id}/smil":                 {path: screen + "/smil", of: in(cardiology)},
		"DELETE /api/v1/screens/{id}/smil":               {path: screen + "/smil", of: in(cardiology)},
		"POST /api/v1/screens/{id}/revoke":               {path: screen + "/revoke", of: in(cardiology)},
		"POST /api/v1/pairings/lookup":                   {body: `{"code":"ABCDEFGH"}`, anywhere: true},
		"POST /api/v1/pairings/claim":                    {body: `{"code":"ABCDEFGH","screen":"` + door + `"}`, of: in(cardiology)},
		"POST /api/v1/uploads":                           {body: "no form"},
		"GET /api/v1/uploads":                            {},
		"GET /api/v1/uploads/{id}":                       {},
		"HEAD /api/v1/uploads/{id}":                      {},
		"PATCH /api/v1/uploads/{id}":                     {body: "bytes"},
		"DELETE /api/v1/uploads/{id}":                    {},
		"OPTIONS /api/v1/uploads/resumable":              {},
		"POST /api/v1/uploads/resumable":                 {},
		"POST /api/v1/slides":                            {body: `{}`},
		"POST /api/v1/slides/preview":                    {body: `{}`},
		"GET /api/v1/assets/{digest}":                    {},
		"POST /api/v1/publications/preview":              {body: nothing},
		"POST /api/v1/publications":                      {body: nothing, of: in("nowhere")},
		"GET /api/v1/publications":                       {},
		"POST /api/v1/takeovers":                         {body: takeover, of: in(cardiology)},
		"GET /api/v1/takeovers":                          {},
		"GET /api/v1/takeovers/templates":                {},
		"GET /api/v1/tags":                               {anywhere: true},
		"POST /api/v1/tags/{id}/rename":                  {path: "/api/v1/tags/none-such/rename", body: `{"to":"other"}`, anywhere: true},
		"GET /api/v1/backups":                            {},
		"POST /api/v1/takeovers/clear":                   {anywhere: true}, // there is none in force
		"POST /api/v1/takeovers/{id}/clear":              {anywhere: true},
		"GET /api/v1/reports/impressions":                {path: "/api/v1/reports/impressions?from=2026-11-01&to=2026-11-02&department=cardiology", of: in(cardiology)},
		"GET /api/v1/reports/impressions.csv":            {path: "/api/v1/reports/impressions.csv?from=2026-11-01&to=2026-11-02&department=cardiology", of: in(cardiology)},
		"GET /api/v1/voice/demand":                       {path: "/api/v1/voice/demand?department=cardiology", of: in(cardiology)},
		"GET /api/v1/voice/wanted":                       {path: "/api/v1/voice/wanted?department=cardiology", of: in(cardiology)},
		"GET /api/v1/coverage":                           {path: "/api/v1/coverage?department=cardiology", of: in(cardiology)},
		"GET /api/v1/plays":                              {path: "/api/v1/plays?from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z", anywhere: true},
		"GET /api/v1/losses":                             {},
		"GET /api/v1/reviews":                            {anywhere: true},
		"GET /api/v1/reviews/counts":                     {anywhere: true},
		"GET /api/v1/notifications":                      {anywhere: true},
		"GET /api/v1/departments/{id}/demand":            {path: "/api/v1/departments/cardiology/demand", of: in(cardiology)},
		"GET /api/v1/departments/{id}/feeds":             {path: "/api/v1/departments/cardiology/feeds", of: in(cardiology)},
		"GET /api/v1/department-templates":               {anywhere: true},
		"GET /api/v1/departments/{id}/template":          {path: "/api/v1/departments/cardiology/template?template=cardiology", of: in(cardiology)},
		"POST /api/v1/departments/{id}/template":         {path: "/api/v1/departments/cardiology/template", body: `{"template":"cardiology","seen":"another"}`, of: in(cardiology)},
		"POST /api/v1/departments/{id}/template/undo":    {path: "/api/v1/departments/cardiology/template/undo", body: `{"documents":[]}`, of: in(cardiology)},
		"GET /api/v1/states":                             {anywhere: true},
		"PUT /api/v1/departments/{id}/states/{state}":    {path: "/api/v1/departments/cardiology/states/none-such", body: `{}`, of: in(cardiology)},
		"DELETE /api/v1/departments/{id}/states/{state}": {path: "/api/v1/departments/cardiology/states/none-such", of: in(cardiology)},
		"POST /api/v1/departments/{id}/test-message":     {path: "/api/v1/departments/cardiology/test-message", of: in(cardiology)},
		"GET /api/v1/library":                            {anywhere: true},
		"GET /api/v1/library/titles":                     {anywhere: true},
		"GET /api/v1/checklists":                         {},
		"GET /api/v1/items/{id}/reading":                 {path: "/api/v1/items/we-are-closed/reading"},
		"GET /api/v1/items/{id}/uses":                    {path: "/api/v1/items/we-are-closed/uses"},
		"GET /api/v1/items/{id}/sheet":                   {path: "/api/v1/items/visiting-hours/sheet"},
		"POST /api/v1/items/{id}/replace":                {path: "/api/v1/items/we-are-closed/replace", body: `{"with":"nowhere"}`},
		"POST /api/v1/items/{id}/approve":                {path: "/api/v1/items/we-are-closed/approve", body: `{"version":99}`},
		"POST /api/v1/items/{id}/return":                 {path: "/api/v1/items/we-are-closed/return", body: `{"version":99,"reason":"x"}`},
		"POST /api/v1/items/{id}/release":                {path: "/api/v1/items/we-are-closed/release", body: `{"version":99,"reason":"x"}`},
		"POST /api/v1/imports/medlineplus":               {body: "no health topics"},
		"POST /api/v1/calendars/read":                    {body: "no calendar"},
		"POST /api/v1/calendars/fetch":                   {body: `{"url":"ftp://nowhere"}`},
		"GET /api/v1/closures/{id}/calendar":             {path: "/api/v1/closures/public-holidays-2026/calendar"},
		"POST /api/v1/closures/{id}/calendar":            {path: "/api/v1/closures/public-holidays-2026/calendar"},
		"GET /api/v1/organisation":                       {},
		"PUT /api/v1/organisation":                       {body: playliststest.Hospital().Organisation},
	}
	later := map[string]ask{
		"GET /api/v1/publications/{number}/changes":    {path: "/api/v1/publications/99/changes"},
		"GET /api/v1/publications/compared":            {path: "/api/v1/publications/compared?before=98&after=99"},
		"GET /api/v1/publications/waiting":             {},
		"POST /api/v1/publications/waiting":            {body: `{"departments":["nowhere"],"at":"2020-01-01T00:00:00Z"}`, of: in("nowhere")},
		"DELETE /api/v1/publications/waiting/{number}": {path: "/api/v1/publications/waiting/99", anywhere: true},
	}
	maps.Copy(all, later)
	all["POST /api/v1/playlists/rehearsal"] = ask{body: `{"department":"cardiology","entries":[]}`}
	h := playliststest.Hospital()
	for kind, d := range map[string]struct {
		id  string
		doc any
		of  []playlists.DepartmentID
	}{
		"users":       {"ada", `{"name":"ada","role":"viewer","everywhere":true}`, nil},
		"sites":       {"main", h.Sites["main"], nil},
		"departments": {"cardiology", h.Departments[cardiology], in(cardiology)},
		"screens":     {door, h.Screens[door], in(cardiology)},
		"items":       {"we-are-closed", h.Items["we-are-closed"], nil},
		"playlists":   {"notices", h.Playlists["notices"], nil},
		"layouts":     {"with-ticker", h.Layouts["with-ticker"], nil},
		"windows":     {"outpatients-days", h.Windows["outpatients-days"], in("outpatients")},
		"topics":      {"heart", `{"id":"heart","names":{"en":"Heart"}}`, nil},
		"closures":    {"public-holidays-2026", h.Closures["public-holidays-2026"], nil},
	} {
		base := "/api/v1/" + kind
		one := base + "/" + d.id
		all["GET "+base] = ask{anywhere: true}
		all["GET "+base+"/{id}"] = ask{path: one, of: d.of}
		all["PUT "+base+"/{id}"] = ask{path: one, body: d.doc, of: d.of}
		all["DELETE "+base+"/{id}"] = ask{path: one, of: d.of}
		all["GET "+base+"/{id}/revisions"] = ask{path: one + "/revisions", of: d.of}
	}
	return all
}

// walker asks routes as one actor, by a session or by a token.
type walker struct {
	access.Actor

	person *person
}

// status asks and gives the answer's status alone; some answers never end.
func (w *walker) status(method string, a ask, origin string) int {
	p := w.person
	p.t.Helper()
	ctx, cancel := context.WithCancel(p.t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, "http://controller"+a.path, encode(p.t, a.body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("If-Match", `"999"`) // seen by nobody: allowed is stale
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	response, err := p.http.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		p.t.Fatal(err)
	}
	remember(method, r.URL.Path, response.StatusCode)
	return response.StatusCode
}

// walk is every route of the router with its row of the table and its request.
func walk(t *testing.T, visit func(row api.Route, a ask)) {
	t.Helper()
	routed, err := api.Routed()
	if err != nil {
		t.Fatal(err)
	}
	all, table := asks(), api.Routes()
	for _, r := range routed {
		i := slices.IndexFunc(table, func(row api.Route) bool { return row.Method == r[0] && row.Path == r[1] })
		if i < 0 {
			t.Errorf("%s %s is served and not in the access table", r[0], r[1])
			continue
		}
		a, ok := all[r[0]+" "+r[1]]
		if !ok && table[i].Who == api.Staff {
			t.Errorf("%s %s has no entry in asks: say there how it is asked for, and of which departments it is", r[0], r[1])
			continue
		}
		if a.path == "" {
			a.path = strings.NewReplacer("{id}", "none-such", "{part}", "none-such", "{digest}", "none-such").Replace(r[1])
		}
		visit(table[i], a)
	}
}

// wanted says what the access table and the function that decides make of a request.
func wanted(actor access.Actor, row api.Route, a ask) bool {
	if row.Action == "" {
		return true
	}
	anywhere := actor
	anywhere.Everywhere = true
	if access.Authorize(anywhere, row.Action, access.Object{Kind: row.Kind}) != nil {
		return false
	}
	return a.anywhere || access.Authorize(actor, row.Action, access.Object{Kind: row.Kind, Departments: a.of}) == nil
}

func refuses(status int) bool {
	return status == http.StatusForbidden || status == http.StatusUnauthorized
}

// TestEveryRouteByEveryRoleAndDepartment walks all routes of the router, as everybody.
func TestEveryRouteByEveryRoleAndDepartment(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	w := walker{person: h.staff("walker", access.Viewer)}
	var everybody []access.Actor
	for _, role := range access.Roles() {
		for _, departments := range [][]playlists.DepartmentID{
			nil, in("cardiology"), in("paediatrics", "outpatients"),
		} {
			everybody = append(everybody, access.Actor{Name: "walker", Role: role, Everywhere: departments == nil, Departments: departments})
		}
	}
	stranger := walker{person: h.stranger()}
	asked := 0
	walk(t, func(row api.Route, a ask) {
		if row.Who == api.Anyone {
			return // TestStrangers says which those are
		}
		if got := stranger.status(row.Method, a, origin); !refuses(got) {
			t.Errorf("%s %s by a stranger: %d", row.Method, row.Path, got)
		}
	})
	for i, actor := range everybody {
		// One person with one role after another: what is changed counts from their next request.
		ada.do(http.MethodPut, "/api/v1/users/walker", access.User{Actor: actor}, "If-Match", fmt.Sprintf(`"%d"`, i+1)).want(http.StatusOK)
		walk(t, func(row api.Route, a ask) {
			if row.Who == api.Anyone {
				return
			}
			got := w.status(row.Method, a, origin)
			if want := row.Who == api.Staff && wanted(actor, row, a); refuses(got) == want {
				t.Errorf("%s %s by a %s of %v: got %d, allowed is %v", row.Method, row.Path, actor.Role, actor.Departments, got, want)
			}
			asked++
		})
	}
	t.Logf("%d requests by %d kinds of people", asked, len(everybody))
}

// TestEveryChangeFromEveryOrigin walks all routes that change something, from everywhere a request can come from.
func TestEveryChangeFromEveryOrigin(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	scope := access.Scope{}
	for _, row := range api.Routes() {
		r := access.Right{Action: row.Action, Kind: row.Kind}
		if changing(row.Method) && row.Who == api.Staff && !slices.Contains(scope.Rights, r) && row.Kind != access.UserKind && row.Kind != access.AccountKind {
			scope.Rights = append(scope.Rights, r)
		}
	}
	body, err := json.Marshal(map[string]any{"name": "walk", "expires": tomorrow(), "rights": scope.Rights})
	if err != nil {
		t.Fatal(err)
	}
	everything := ada.script(string(body))
	asked := 0
	walk(t, func(row api.Route, a ask) {
		if !changing(row.Method) || row.Who == api.Player {
			return
		}
		for from, at := range map[string]string{
			"its own": origin, "a foreign": "http://evil.example", "a sibling": "http://wiki.controller", "another port": origin + ":8081", "a sandbox": "null", "no": "",
		} {
			for _, token := range []bool{false, true} {
				if token && row.Who == api.Anyone {
					continue // pages take no tokens
				}
				w := walker{Actor: access.Actor{Name: "ada", Role: access.Administrator, Everywhere: true}, person: ada}
				if token {
					w.person, w.Scope = everything, &scope
				}
				want := (from == "its own" || token && from == "no") && wanted(w.Actor, row, a)
				if row.Who == api.Anyone && want {
					continue // forms of their own: what they answer is not about origins
				}
				if got := w.status(row.Method, a, at); refuses(got) == want {
					t.Errorf("%s %s from %s origin, token %v: got %d, allowed is %v", row.Method, row.Path, from, token, got, want)
				}
				asked++
			}
		}
	})
	t.Logf("%d requests", asked)
}

func changing(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}
