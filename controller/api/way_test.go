package api_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"anteroom/controller/access"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// slideJSON is a notice that fits.
const slideJSON = `{"template":"notice","language":"en","title":"Please check in","text":"At the desk on your right.",` +
	`"brand":{"name":"Lakeside","background":"#0b3d4c","ink":"#ffffff","accent":"#f2b84b"}}`

func TestTheFirstAdministratorAndTheirSession(t *testing.T) {
	h := start(t)
	p := h.stranger()
	p.get("/").want(http.StatusSeeOther)
	if to := p.get("/screens/lobby?tab=why").header.Get("Location"); to != "/sign-in?next="+url.QueryEscape("/screens/lobby?tab=why") {
		t.Errorf("a stranger is sent to %s", to)
	}
	p.get("/api/v1/me").want(http.StatusUnauthorized)
	p.get("/api/v1/nothing").want(http.StatusNotFound)
	p.get("/first?token=wrong").want(http.StatusForbidden)
	page := p.get(strings.TrimPrefix(h.link, origin)).want(http.StatusOK)
	for _, want := range []string{`<label for="password">`, `name="token"`, `lang="en"`} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the first page lacks %s", want)
		}
	}
	weak := url.Values{"token": {p.tokenOf(h.link)}, "name": {"ada"}, "password": {"short"}}
	if a := p.post("/first", weak).want(http.StatusUnprocessableEntity); !strings.Contains(a.body, "shorter than 12") || !strings.Contains(a.body, `value="ada"`) {
		t.Errorf("a weak password: %s", a.body)
	}
	for _, path := range []string{"/pages.css", "/sheet.css", "/inter.woff2", "/favicon.svg"} {
		p.get(path).want(http.StatusOK) // what the page is drawn with, strangers too
	}
	ada := h.admin()
	ada.post("/first", url.Values{"token": {p.tokenOf(h.link)}, "name": {"eve"}, "password": {password}}).want(http.StatusForbidden)
	var me struct{ Name, Role, Version string }
	ada.get("/api/v1/me").want(http.StatusOK).into(&me)
	if me.Name != "ada" || me.Role != "administrator" || me.Version != "v0.0.0-test" {
		t.Errorf("got %+v", me)
	}
	ada.get("/sign-in?next=/publish").want(http.StatusSeeOther)
	ada.get("/").want(http.StatusOK)
	if a := p.post("/sign-in", url.Values{"name": {"ada"}, "password": {"wrong horse battery"}, "next": {"/publish"}}).want(http.StatusForbidden); !strings.Contains(a.body, `value="/publish"`) {
		t.Errorf("a wrong password: %s", a.body)
	}
	if a := p.post("/sign-in", url.Values{"name": {"ada"}, "password": {password}, "next": {"/publish"}}).want(http.StatusSeeOther); a.header.Get("Location") != "/publish" {
		t.Errorf("after signing in: %s", a.header.Get("Location"))
	}
	p.get("/api/v1/me").want(http.StatusOK)
	p.post("/sign-out", nil).want(http.StatusSeeOther)
	p.get("/api/v1/me").want(http.StatusUnauthorized)
}

func (p *person) tokenOf(link string) string {
	p.t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		p.t.Fatal(err)
	}
	return u.Query().Get("token")
}

func TestRequestsThatChangeSomethingComeFromHere(t *testing.T) {
	h := start(t)
	ada := h.admin()
	secret := ada.script(`{"name":"sites","expires":"` + tomorrow() + `","rights":[{"action":"edit","kind":"site"}]}`).token
	site := func(id string) (string, string) { return "/api/v1/sites/" + id, `{"id":"` + id + `","name":"North"}` }
	for i, test := range []struct {
		what          string
		origin, token string
		fetchSite     string
		want          int
	}{
		{"the console", origin, "", "same-origin", http.StatusOK},
		{"another site", "http://evil.example", "", "cross-site", http.StatusForbidden},
		{"another site in an old browser", "http://evil.example", "", "", http.StatusForbidden},
		{"another site that knows a token", "http://evil.example", secret, "cross-site", http.StatusForbidden},
		{"no origin and no token", "", "", "", http.StatusForbidden},
		{"no origin and a wrong token", "", "guess", "", http.StatusUnauthorized},
		{"a script with its token", "", secret, "", http.StatusOK},
		{"a sandboxed frame", "null", "", "cross-site", http.StatusForbidden},
	} {
		ada.origin, ada.token = test.origin, test.token
		headers := []string{"If-None-Match", "*"}
		if test.fetchSite != "" {
			headers = append(headers, "Sec-Fetch-Site", test.fetchSite)
		}
		path, body := site(string(rune('a' + i)))
		if a := ada.do(http.MethodPut, path, body, headers...); a.status != test.want {
			t.Errorf("%s: got %d, want %d: %s", test.what, a.status, test.want, a.body)
		}
	}
	ada.origin, ada.token = "", ""
	ada.post("/sign-out", nil).want(http.StatusForbidden)
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	h := start(t)
	ada := h.admin()
	for _, path := range []string{"/", "/sign-in?x", "/healthz", "/api/v1/me", "/api/v1/nothing", "/nowhere", "/pages.css"} {
		a := ada.get(path)
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Content-Security-Policy": "default-src 'none'"} {
			if got := a.header.Get(name); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
	ada.do(http.MethodPost, "/", nil).want(http.StatusMethodNotAllowed)
	ada.do(http.MethodDelete, "/api/v1/me", nil).want(http.StatusMethodNotAllowed)
	ada.do(http.MethodPost, "/api/v1/pairings/lookup", `{"code":"`+strings.Repeat("x", 70_000)+`"}`).want(http.StatusRequestEntityTooLarge)
	ada.do(http.MethodGet, "/healthz", nil).want(http.StatusOK)
	ada.do(http.MethodGet, "/readyz", nil).want(http.StatusOK)
	for _, path := range []string{"/healthz", "/readyz"} {
		if a := ada.do(http.MethodHead, path, nil).want(http.StatusOK); a.body != "" {
			t.Errorf("HEAD %s has a body: %q", path, a.body)
		}
	}
}

// picture is a PNG of the given size.
func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		m.Set(x, x%height, color.RGBA{R: uint8(x), G: 80, B: 120, A: 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFromAnUploadToTheScreensDay(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()

	var up struct {
		ID, State, Problem string
		Rendition          struct{ Variants []playlists.Asset }
	}
	file := picture(t, 1600, 900)
	ada.do(http.MethodPost, "/api/v1/uploads?name=spring.png", file, "Content-Type", "image/png").want(http.StatusAccepted).into(&up)
	for deadline := time.Now().Add(2 * time.Minute); up.State != "ready" && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		ada.get("/api/v1/uploads/" + up.ID).want(http.StatusOK).into(&up)
	}
	if up.State != "ready" || len(up.Rendition.Variants) == 0 {
		t.Fatalf("the upload is %+v", up)
	}
	asset := up.Rendition.Variants[0]
	whole := ada.get("/api/v1/assets/" + string(asset.Digest)).want(http.StatusOK)
	if int64(len(whole.body)) != asset.Bytes || whole.header.Get("Content-Type") != asset.MediaType {
		t.Errorf("%d bytes of %s, want %d of %s", len(whole.body), whole.header.Get("Content-Type"), asset.Bytes, asset.MediaType)
	}
	if part := ada.get("/api/v1/assets/"+string(asset.Digest), "Range", "bytes=10-19").want(http.StatusPartialContent); part.body != whole.body[10:20] {
		t.Errorf("a range gave %q", part.body)
	}
	ada.get("/api/v1/assets/"+string(asset.Digest), "If-None-Match", whole.header.Get("ETag")).want(http.StatusNotModified)
	if small := ada.get("/api/v1/assets/" + string(asset.Digest) + "?width=300").want(http.StatusOK); !strings.HasPrefix(small.body, "\xff\xd8\xff") {
		t.Error("the thumbnail is no JPEG")
	}
	ada.get("/api/v1/assets/" + string(playliststest.Digest("none"))).want(http.StatusNotFound)
	ada.get("/api/v1/assets/nonsense").want(http.StatusUnprocessableEntity)
	ada.do(http.MethodPost, "/api/v1/uploads?name=lie.jpg", []byte("<html>no picture</html>"), "Content-Type", "image/jpeg").want(http.StatusUnprocessableEntity)
	ada.do(http.MethodPost, "/api/v1/uploads", file).want(http.StatusUnprocessableEntity)
	if a := ada.get("/api/v1/uploads/none").want(http.StatusNotFound); !strings.Contains(a.body, "send the file again") {
		t.Errorf("a restart forgets uploads, and nobody is told what to do: %s", a.body)
	}

	var made struct{ Rendition playlists.Rendition }
	ada.do(http.MethodPost, "/api/v1/slides", slideJSON).want(http.StatusOK).into(&made)
	if a := ada.do(http.MethodPost, "/api/v1/slides/preview?width=640", slideJSON).want(http.StatusOK); !strings.HasPrefix(a.body, "\x89PNG") {
		t.Error("the preview is no PNG")
	}
	ada.do(http.MethodPost, "/api/v1/slides", strings.Replace(slideJSON, "Please check in", "", 1)).want(http.StatusUnprocessableEntity)
	ada.do(http.MethodPost, "/api/v1/slides/preview", strings.Replace(slideJSON, "#ffffff", "#0b3d4d", 1)).want(http.StatusUnprocessableEntity)
	item := playlists.Item{ID: "check-in", Title: "Check in", Millis: 10_000, Renditions: []playlists.Rendition{made.Rendition}}
	ada.make("items/check-in", item)
	ada.get("/api/v1/assets/" + string(made.Rendition.Variants[0].Digest)).want(http.StatusOK)

	ada.schedule()
}

// schedule publishes the sample hospital and asks about a screen's day.
func (p *person) schedule() {
	p.t.Helper()
	p.get("/api/v1/screens/outpatients-hall/timeline").want(http.StatusNotFound)
	p.get("/api/v1/screens/outpatients-hall/why?at=2026-11-24T12:15:00Z").want(http.StatusNotFound)
	var preview struct {
		Changes []struct{ Kind, ID string }
		Screens int
		Diff    struct {
			From, To time.Time
			Screens  int
			Changes  []struct {
				Department    string
				Before, After struct{ Source, Name string }
				Some          []string
			}
		}
	}
	p.do(http.MethodPost, "/api/v1/publications/preview", `{"departments":["cardiology"]}`).want(http.StatusOK).into(&preview)
	if preview.Screens != 2 || len(preview.Changes) == 0 {
		p.t.Errorf("the preview says %+v", preview)
	}
	if d := preview.Diff; d.Screens != 2 || d.To.Sub(d.From) != 7*24*time.Hour || len(d.Changes) == 0 || d.Changes[0].Before.Source != "slate" || len(d.Changes[0].Some) != 2 {
		p.t.Errorf("what people would see: %+v", d)
	}
	p.do(http.MethodPost, "/api/v1/publications/preview", `{"days":32}`).want(http.StatusUnprocessableEntity)
	p.do(http.MethodPost, "/api/v1/publications/preview", `{"departments":["dentists"]}`).want(http.StatusUnprocessableEntity)
	var published struct{ Number, Screens int }
	p.do(http.MethodPost, "/api/v1/publications", `{"note":"the first"}`).want(http.StatusCreated).into(&published)
	if published.Number != 1 || published.Screens != 4 {
		p.t.Errorf("published %+v", published)
	}
	p.do(http.MethodPost, "/api/v1/publications", `{"undo":1}`).want(http.StatusUnprocessableEntity)
	p.do(http.MethodPost, "/api/v1/publications", `{"undo":7}`).want(http.StatusNotFound)
	p.do(http.MethodPost, "/api/v1/publications", `{"undo":1,"departments":["cardiology"]}`).want(http.StatusUnprocessableEntity)
	p.get("/api/v1/publications").want(http.StatusOK)
	p.publishesLater()

	day := open(time.Now().AddDate(0, 0, 7))
	var timeline struct {
		Zone  string
		Spans []struct {
			Start, End     time.Time
			Source, Window string
			WindowName     string `json:"window_name"`
			Items          []string
		}
	}
	p.get("/api/v1/screens/cardiology-door/timeline?date=" + day).want(http.StatusOK).into(&timeline)
	if timeline.Zone != "America/New_York" || len(timeline.Spans) < 3 {
		p.t.Fatalf("got %+v", timeline)
	}
	for i := 1; i < len(timeline.Spans); i++ {
		if !timeline.Spans[i].Start.Equal(timeline.Spans[i-1].End) {
			p.t.Errorf("a hole in the day before %v", timeline.Spans[i].Start)
		}
	}
	evening := timeline.Spans[len(timeline.Spans)-2]
	if evening.Window != "main-evenings" || evening.WindowName != "Evenings in the main building" || strings.Join(evening.Items, ", ") != "Home after a stay, Visiting hours" {
		p.t.Errorf("the evening is %+v", evening)
	}
	var why struct {
		By         string
		Generation int
		Winner     struct{ Window string }
		Losers     []struct{ Text string }
		Slots      []struct{ Region, Title string }
	}
	p.get("/api/v1/screens/cardiology-door/why?at=" + evening.Start.Add(time.Minute).Format(time.RFC3339)).want(http.StatusOK).into(&why)
	if why.Winner.Window != "main-evenings" || why.By != "ada" || why.Generation != 1 || len(why.Losers) == 0 || len(why.Slots) != 1 {
		p.t.Errorf("why: %+v", why)
	}
	p.get("/api/v1/screens/cardiology-door/why?at=yesterday").want(http.StatusUnprocessableEntity)
	p.get("/api/v1/screens/cardiology-door/why").want(http.StatusUnprocessableEntity)
	p.get("/api/v1/screens/cardiology-door/timeline?date=tomorrow").want(http.StatusUnprocessableEntity)
	p.get("/api/v1/screens/nowhere/timeline").want(http.StatusNotFound)
}

// open is the first day of the sample hospital's from one on, 2026-12-26, on which it is not closed.
func open(day time.Time) string {
	for _, closed := range playliststest.Hospital().Closures["public-holidays-2026"].Dates {
		if day.Format(time.DateOnly) == closed.String() {
			day = day.AddDate(0, 0, 1)
		}
	}
	return day.Format(time.DateOnly)
}

func TestTakeoversByHand(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	ada.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusCreated)
	order := `{"severity":3,"targets":[{"site":"main"}],"except":[{"tag":"quiet"}],"slides":[{"language":"en","title":"Water main burst","text":"Stay where you are."}]}`
	var on struct {
		ID    string
		Until time.Time
		From  time.Time
		Reach []struct {
			Screen, Name string
			DrawnAt      *time.Time `json:"drawn_at"`
		}
	}
	a := ada.do(http.MethodPost, "/api/v1/takeovers", order).want(http.StatusCreated).into(&on)
	if len(on.Reach) != 2 || on.Reach[0].Name != "Cardiology, by the door" || on.Reach[0].DrawnAt != nil || on.Until.Sub(on.From) != time.Hour {
		t.Errorf("got %s", a.body)
	}
	if !strings.Contains(a.body, `"drawn_at":null`) {
		t.Errorf("what is not drawn yet must be null: %s", a.body)
	}
	var all struct{ Items []struct{ ID string } }
	ada.get("/api/v1/takeovers").want(http.StatusOK).into(&all)
	if len(all.Items) != 1 || all.Items[0].ID != on.ID {
		t.Errorf("in force: %+v", all)
	}
	ada.do(http.MethodPost, "/api/v1/takeovers/none/clear", nil).want(http.StatusNotFound)
	ada.do(http.MethodPost, "/api/v1/takeovers/"+on.ID+"/clear", nil).want(http.StatusNoContent)
	ada.do(http.MethodPost, "/api/v1/takeovers", order).want(http.StatusCreated)
	ada.do(http.MethodPost, "/api/v1/takeovers/clear", nil).want(http.StatusNoContent)
	ada.get("/api/v1/takeovers").into(&all)
	if len(all.Items) != 0 {
		t.Errorf("after all clear: %+v", all)
	}
	ada.do(http.MethodPost, "/api/v1/takeovers", `{"severity":9,"targets":[{"all":true}],"slides":[]}`).want(http.StatusUnprocessableEntity)
	var why struct{ Winner struct{ Takeover string } }
	at := on.From.Add(time.Millisecond).Format(time.RFC3339Nano)
	ada.get("/api/v1/screens/cardiology-door/why?at=" + at).want(http.StatusOK).into(&why)
	if why.Winner.Takeover != on.ID {
		t.Errorf("the past forgot the takeover: %+v", why)
	}
}

// TestATakeoverLeavesOutWhatWasTakenAway: nothing hangs there any more, and nobody waits for it to be drawn.
func TestATakeoverLeavesOutWhatWasTakenAway(t *testing.T) {
	ada := start(t).admin()
	ada.furnish()
	ada.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusCreated)
	gone := ada.get("/api/v1/screens/cardiology-door").want(http.StatusOK)
	ada.do(http.MethodDelete, "/api/v1/screens/cardiology-door", nil, "If-Match", gone.header.Get("ETag")).want(http.StatusNoContent)
	var on struct {
		Reach []struct{ Screen, Name string }
	}
	ada.do(http.MethodPost, "/api/v1/takeovers", `{"severity":3,"targets":[{"site":"main"}],"slides":[{"language":"en","title":"Water main burst"}]}`).
		want(http.StatusCreated).into(&on)
	if len(on.Reach) == 0 {
		t.Error("it reaches nobody")
	}
	for _, r := range on.Reach {
		if r.Screen == "cardiology-door" || r.Name == "" {
			t.Errorf("it reaches %+v", r)
		}
	}
}

func TestEventsTellWhatChanges(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://controller/api/v1/fleet/events?watched=outpatients-hall", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := ada.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	remember(r.Method, r.URL.Path, response.StatusCode)
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	next := func(name string) string {
		for lines.Scan() {
			if lines.Text() == "event: "+name {
				lines.Scan()
				return strings.TrimPrefix(lines.Text(), "data: ")
			}
		}
		t.Fatalf("the stream ended before %q: %v", name, lines.Err())
		return ""
	}
	type told struct {
		Whole   bool
		Version string
		Screens []struct {
			ID, State string
			Offered   int
		}
	}
	var fleet, watched told
	decode(t, next("fleet"), &fleet)
	if len(fleet.Screens) != 4 || !fleet.Whole || fleet.Screens[0].State != "unpaired" {
		t.Errorf("the first event has %+v, want all", fleet)
	}
	decode(t, next("watched"), &watched)
	if len(watched.Screens) != 1 || watched.Screens[0].ID != "outpatients-hall" || watched.Screens[0].Offered != 0 {
		t.Errorf("of what is watched it first says %+v", watched)
	}
	ada.do(http.MethodPost, "/api/v1/publications", `{"departments":["outpatients","cardiology"]}`).want(http.StatusCreated)
	watched = told{}
	decode(t, next("watched"), &watched)
	if len(watched.Screens) != 1 || watched.Screens[0].ID != "outpatients-hall" || watched.Screens[0].Offered == 0 {
		t.Errorf("then %+v, want the one that is watched and changed", watched)
	}
	ada.do(http.MethodPost, "/api/v1/fleet/changes", `{"screens":["cardiology-door"],"rotation":90}`).want(http.StatusOK)
	version := fleet.Version
	fleet = told{}
	decode(t, next("fleet"), &fleet)
	if len(fleet.Screens) != 1 || fleet.Whole || fleet.Screens[0].ID != "cardiology-door" || fleet.Version == version {
		t.Errorf("the next has %+v, want the one that changed", fleet)
	}
	ada.do(http.MethodPost, "/api/v1/takeovers", `{"severity":1,"targets":[{"all":true}],"slides":[{"language":"en","title":"Hello"}]}`).want(http.StatusCreated)
	var takeovers struct{ Takeovers []struct{ ID string } }
	for len(takeovers.Takeovers) == 0 {
		decode(t, next("takeover"), &takeovers)
	}
	h.stranger().get("/api/v1/fleet/events").want(http.StatusUnauthorized)

	ben := h.staff("ben", access.Administrator)
	ada.post("/sign-out", nil)
	ben.do(http.MethodPost, "/api/v1/takeovers/clear", nil).want(http.StatusNoContent)
	for lines.Scan() {
		if strings.Contains(lines.Text(), `"takeovers":[]`) {
			t.Fatal("the stream goes on after signing out")
		}
	}
}

func decode(t *testing.T, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

func TestReportsHaveTheirForms(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	mo := h.staff("mo", access.Marketer, "cardiology")
	path := "/api/v1/reports/impressions"
	var rep struct {
		Rows        []any
		Definitions map[string]string
	}
	ada.get(path + "?from=2026-11-01&to=2026-11-30&by=screen,day").want(http.StatusOK).into(&rep)
	if rep.Rows == nil || rep.Definitions["play"] == "" {
		t.Errorf("got %+v", rep)
	}
	for _, a := range []answer{ada.get(path + ".csv?from=2026-11-01&to=2026-11-30"), ada.get(path+"?from=2026-11-01&to=2026-11-30", "Accept", "text/csv")} {
		if !strings.HasPrefix(a.want(http.StatusOK).header.Get("Content-Type"), "text/csv") || !strings.Contains(a.body, "complete_plays") {
			t.Errorf("got %s: %s", a.header.Get("Content-Type"), a.body)
		}
	}
	for what, query := range map[string]string{
		"no period": "", "a period backwards": "?from=2026-11-30&to=2026-11-01", "no such date": "?from=2026-02-30&to=2026-03-01",
		"no such dimension": "?from=2026-11-01&to=2026-11-30&by=weather",
	} {
		if a := ada.get(path + query); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d", what, a.status)
		}
		if a := ada.get(path + ".csv" + query); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s, as CSV: got %d", what, a.status)
		}
	}
	mo.get(path + "?from=2026-11-01&to=2026-11-30").want(http.StatusOK)
	mo.get(path + "?from=2026-11-01&to=2026-11-30&screen=outpatients-hall").want(http.StatusForbidden)
	mo.get(path + "?from=2026-11-01&to=2026-11-30&department=outpatients").want(http.StatusForbidden)
}

func TestProblemsSayWhatToDo(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	var b strings.Builder
	for _, test := range []struct{ what, method, path, body, header, value string }{
		{"a document without a precondition", http.MethodPut, "/api/v1/sites/main", `{"id":"main","name":"Main"}`, "", ""},
		{"a precondition that is none", http.MethodPut, "/api/v1/sites/main", `{"id":"main","name":"Main"}`, "If-Match", "one"},
		{"a new document where one is", http.MethodPut, "/api/v1/sites/main", `{"id":"main","name":"Main"}`, "If-None-Match", "*"},
		{"a document that was never there", http.MethodPut, "/api/v1/sites/north", `{"id":"north","name":"North"}`, "If-Match", `"4"`},
		{"another name than the address", http.MethodPut, "/api/v1/sites/north", `{"id":"south","name":"North"}`, "If-None-Match", "*"},
		{"no name for an address", http.MethodPut, "/api/v1/sites/North%20Campus", `{"id":"North Campus","name":"North"}`, "If-None-Match", "*"},
		{"a field that is missing", http.MethodPut, "/api/v1/sites/north", `{"id":"north"}`, "If-None-Match", "*"},
		{"a field that there is not", http.MethodPut, "/api/v1/sites/north", `{"id":"north","name":"North","colour":"red"}`, "If-None-Match", "*"},
		{"several rules broken", http.MethodPut, "/api/v1/windows/w", `{"id":"w","name":"W","playlist":"calm","start":"0 25 * * *","end":{"clock":"17:00","days":9},"targets":[]}`, "If-None-Match", "*"},
		{"a time that is none", http.MethodPut, "/api/v1/windows/w", `{"id":"w","name":"W","playlist":"calm","start":"0 8 * * *","end":{"clock":"5 pm"},"targets":[{"all":true}]}`, "If-None-Match", "*"},
		{"no JSON", http.MethodPut, "/api/v1/sites/north", `{"id":`, "If-None-Match", "*"},
		{"nothing of that name", http.MethodGet, "/api/v1/items/none", "", "", ""},
		{"nothing of that name to delete", http.MethodDelete, "/api/v1/items/none", "", "If-Match", `"1"`},
		{"no revisions of what never was", http.MethodGet, "/api/v1/items/none/revisions", "", "", ""},
		{"a code that nobody shows", http.MethodPost, "/api/v1/pairings/lookup", `{"code":"BCDF-GHJK"}`, "", ""},
		{"a code for a screen that is not there", http.MethodPost, "/api/v1/pairings/claim", `{"code":"BCDFGHJK","screen":"none"}`, "", ""},
		{"a screen without a player", http.MethodPost, "/api/v1/screens/outpatients-hall/revoke", "", "", ""},
		{"a picture of no screen", http.MethodGet, "/api/v1/screens/none/snapshot", "", "", ""},
		{"a department that is not there", http.MethodPost, "/api/v1/publications", `{"departments":["dentists"]}`, "", ""},
		{"a takeover without words", http.MethodPost, "/api/v1/takeovers", `{"severity":3,"targets":[{"all":true}],"slides":[{"language":"en","title":""}]}`, "", ""},
		{"no such address", http.MethodGet, "/api/v1/nothing", "", "", ""},
		{"the wrong method", http.MethodPut, "/api/v1/me", "{}", "", ""},
	} {
		var body any
		if test.body != "" {
			body = test.body
		}
		var headers []string
		if test.header != "" {
			headers = []string{test.header, test.value}
		}
		a := ada.do(test.method, test.path, body, headers...)
		var problem map[string]any
		a.into(&problem)
		delete(problem, "at") // of the change that came between
		pretty, err := json.MarshalIndent(problem, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if got := a.header.Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("%s: the answer is %s", test.what, got)
		}
		b.WriteString("# " + test.what + "\n" + test.method + " " + test.path + "\n" + string(pretty) + "\n\n")
	}
	golden(t, "problems.golden", b.String())
}
