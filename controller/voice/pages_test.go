package voice_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"anteroom/controller/voice"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/slide"
)

func TestWhatAScreenShowsIsOnThePhone(t *testing.T) {
	r := newRoom(t)
	p := r.phone(patients, "en")
	status, page := p.get("/" + r.code())
	if status != http.StatusOK {
		t.Fatalf("%d: %s", status, page)
	}
	now, also, _ := strings.Cut(page, "Also on this screen")
	for _, title := range []string{"Your flu shot", "Is it the flu?", "The lake", "Wash your hands"} {
		if n := strings.Count(page, title); n != 1 {
			t.Errorf("%q is there %d times", title, n)
		}
	}
	if strings.Count(now, `<li><a href="/`+r.code()+`/`) != 1 || strings.Count(also, "<li><a ") != 3 {
		t.Errorf("one is on now, and three are not: %s", page)
	}
	_, page = p.get("/" + r.code() + "/flu-signs")
	_, next, _ := strings.Cut(page, "What happens next")
	next, _, _ = strings.Cut(next, "</section>")
	if !strings.Contains(next, "Your flu shot") || strings.Contains(next, "The lake") {
		t.Errorf("what happens next: %s", next)
	}
	for _, question := range []string{"Do I need a test?", "When may I work again?"} {
		if !strings.Contains(page, `type="checkbox" value="`+question+`"`) {
			t.Errorf("no box for %q", question)
		}
	}
}

func TestItemsInFull(t *testing.T) {
	r := newRoom(t)
	for _, row := range []struct {
		path, language string
		want           []string
	}{
		{"/flu-shot", "en", []string{`<article lang="en" dir="ltr">`, "<ol><li>Roll up your sleeve.</li><li>Wait 15 minutes.</li></ol>", `href="https://medlineplus.gov/flu.html" rel="noreferrer noopener"`}},
		{"/flu-shot", "es-MX", []string{`<html lang="es" dir="ltr">`, `<article lang="es" dir="ltr">`, "Súbase la manga.", "¿Le resultó útil?"}},
		{"/flu-shot", "ar", []string{`<html lang="ar" dir="rtl">`, `<article lang="ar" dir="rtl">`, "ارفع كمك."}},
		{"/flu-shot?lang=ar", "en", []string{`<html lang="ar" dir="rtl">`, `<article lang="ar" dir="rtl">`}},
		{"/flu-shot", "zh-CN", []string{`<html lang="zh-Hans" dir="ltr">`, `<article lang="en" dir="ltr">`, "这对您有帮助吗？"}},
		{"/flu-signs", "ar", []string{`<html lang="ar" dir="rtl">`, `<article lang="en" dir="ltr">`}},
		{"/lake", "en", []string{`alt="A lake at dawn"`, `width="320" height="180"`, "Open the picture in full size"}},
		{"/hands", "en", []string{`<video controls preload="none"`, `<track kind="captions"`, `srclang="en"`}},
	} {
		_, page := r.phone(patients, row.language).get("/" + r.code() + row.path)
		for _, want := range row.want {
			if !strings.Contains(page, want) {
				t.Errorf("%s in %s lacks %s", row.path, row.language, want)
			}
		}
	}
}

// TestNothingElseIsReachable holds that a code opens what its screen shows, as it was approved.
func TestNothingElseIsReachable(t *testing.T) {
	r := newRoom(t)
	p := r.phone(patients, "en")
	draft := approved(playlists.Item{ID: "flu-shot", Title: "Draft", Renditions: []playlists.Rendition{r.slide("en", slide.Slide{Template: slide.Notice, Title: secret})}})
	draft.Version, draft.Approval = 2, nil
	r.put("item", "flu-shot", draft)
	r.at = r.at.Add(2 * time.Minute) // what was kept is made anew
	if status, page := p.get("/" + r.code() + "/flu-shot"); status != http.StatusOK || strings.Contains(page, secret) || !strings.Contains(page, "Roll up your sleeve.") {
		t.Errorf("%d: the approved version is shown: %s", status, page)
	}
	_, page := p.get("/" + r.code() + "/lake")
	picture := regexp.MustCompile(`/lake/([0-9a-f]{64})"`).FindStringSubmatch(page)[1]
	for path, want := range map[string]int{
		"/" + r.code() + "/lake/" + picture:                 200,
		"/" + r.code() + "/lake/" + picture + "?small=1":    200,
		"/" + r.code() + "/flu-shot/" + picture:             404,
		"/" + r.code() + "/poster":                          404,
		"/" + r.code() + "/elsewhere":                       404,
		"/" + r.code() + "/elsewhere/" + picture:            404,
		"/BBBBBBBB":                                         404,
		"/BBBBBBBB/lake/" + picture:                         404,
		"/" + r.code() + "/lake/" + strings.Repeat("0", 64): 404,
	} {
		if status, page := p.get(path); status != want || strings.Contains(page, secret) {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
}

func TestCodesEndAndPeopleAreHelpedOn(t *testing.T) {
	r := newRoom(t)
	p, code := r.phone(patients, "es"), r.code()
	begin := r.at.Truncate(playlists.HandOffWindow)
	for _, row := range []struct {
		after time.Duration
		want  int
	}{{0, 200}, {9*time.Minute + 59*time.Second, 200}, {10 * time.Minute, 200}, {30*time.Minute - time.Second, 200}, {30 * time.Minute, 404}, {-time.Second, 404}} {
		r.at = begin.Add(row.after)
		r.start()
		if status, _ := p.get("/" + code); status != row.want {
			t.Errorf("after %v: %d, want %d", row.after, status, row.want)
		}
	}
	counted := r.counts()
	r.at = begin.Add(40 * time.Minute)
	status, page := p.get("/" + code + "/flu-shot")
	if status != http.StatusNotFound || !strings.Contains(page, "Este código ya no sirve") || !strings.Contains(page, `name="code"`) {
		t.Errorf("%d: %s", status, page)
	}
	r.wantCounts(counted)
	response := p.do(http.MethodGet, "/?code="+strings.ToLower(r.code()[:4])+"+"+r.code()[4:], nil)
	_ = response.Body.Close()
	if to := response.Header.Get("Location"); response.StatusCode != http.StatusSeeOther || to != "/"+r.code()+"?lang=es" {
		t.Errorf("typed letters lead to %q, %d", to, response.StatusCode)
	}
}

func TestAnswersAreCounted(t *testing.T) {
	r := newRoom(t)
	p := r.phone(patients, "es")
	_, page := p.get("/" + r.code())
	if said := p.post("/"+r.code(), url.Values{"ballot": {ballot(page)}, "topic": {"sleep"}, "lang": {"es"}}); said != "asked" {
		t.Errorf("said %q", said)
	}
	_, page = p.get("/" + r.code() + "/flu-shot")
	if said := p.post("/"+r.code()+"/flu-shot", url.Values{"ballot": {ballot(page)}, "helpful": {"yes"}, "lang": {"es"}}); said != "helpful" {
		t.Errorf("said %q", said)
	}
	_, page = p.get("/" + r.code() + "/flu-shot?lang=es&said=helpful")
	if !strings.Contains(page, "Gracias por su respuesta.") {
		t.Error("nobody is thanked")
	}
	if said := p.post("/"+r.code()+"/flu-shot", url.Values{"ballot": {ballot(page)}, "helpful": {"no"}, "lang": {"es"}}); said != "helpful" {
		t.Errorf("said %q", said)
	}
	r.wantCounts(map[string]int64{"hand-off es": 1, "asked sleep es": 1, "read flu-shot es": 1, "helpful flu-shot es": 1, "unhelpful flu-shot es": 1})
	r.start() // a restart goes on from what was written
	_, page = p.get("/" + r.code())
	p.post("/"+r.code(), url.Values{"ballot": {ballot(page)}, "topic": {"sleep"}, "lang": {"es"}})
	if n := r.counts()["asked sleep es"]; n != 2 {
		t.Errorf("after a restart %d", n)
	}
}

func TestLanguagesThatNobodyWroteInAreCounted(t *testing.T) {
	r := newRoom(t)
	p := r.phone(patients, "vi-VN,vi;q=0.9")
	_, page := p.get("/" + r.code())
	p.post("/"+r.code(), url.Values{"ballot": {ballot(page)}, "topic": {"flu"}, "lang": {"vi"}})
	p.get("/" + r.code() + "/flu-shot")
	r.wantCounts(map[string]int64{"hand-off vi": 1, "asked flu vi": 1, "read flu-shot en": 1})
}

func TestWeeksAreTheDepartments(t *testing.T) {
	r := newRoom(t)
	r.at = playliststest.NewYork(t, "2026-11-29 23:55") // a Sunday there, and a Monday in UTC
	r.phone(patients, "en").get("/" + r.code())
	r.at = r.at.Add(10 * time.Minute)
	r.phone(patients, "en").get("/" + r.code())
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	var weeks []string
	for c, err := range r.store.Counts(t.Context(), week(0), week(9)) {
		if err != nil {
			t.Fatal(err)
		}
		weeks = append(weeks, c.Week.String())
	}
	if strings.Join(weeks, " ") != "2026-11-23 2026-11-30" {
		t.Errorf("weeks %v", weeks)
	}
}

func TestPagesAreSmall(t *testing.T) {
	r := newRoom(t)
	p := r.phone(patients, "ar")
	_, css := p.get("/voice.css")
	_, js := p.get("/voice.js")
	for _, path := range []string{"/" + r.code(), "/" + r.code() + "/flu-shot", "/" + r.code() + "/flu-signs", "/" + r.code() + "/hands", "/"} {
		if _, page := p.get(path); len(page)+len(css)+len(js) > 15<<10 { // the other half is for a picture
			t.Errorf("%s has %d bytes, and %d beside", path, len(page), len(css)+len(js))
		}
	}
}

func TestPagesNameNobodyElse(t *testing.T) {
	r := newRoom(t)
	for _, path := range []string{"/" + r.code(), "/" + r.code() + "/flu-shot", "/" + r.code() + "/lake", "/" + r.code() + "/hands", "/"} {
		response := r.phone(patients, "en").do(http.MethodGet, path, nil)
		if got := response.Header.Values("Set-Cookie"); len(got) > 0 {
			t.Errorf("%s sets %v", path, got)
		}
		_ = response.Body.Close()
		_, page := r.phone(patients, "en").get(path)
		for _, loads := range regexp.MustCompile(`(?:src|poster|action|href)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if !strings.HasPrefix(loads[1], "/") && !strings.HasPrefix(loads[1], "#") && !strings.HasPrefix(loads[1], "https://medlineplus.gov/") {
				t.Errorf("%s names %s", path, loads[1])
			}
		}
		for _, inline := range []string{"<style", "style=", "onclick", "javascript:"} {
			if strings.Contains(page, inline) {
				t.Errorf("%s has %s", path, inline)
			}
		}
	}
}

// FuzzRequests throws anything at the code, the item and the ballot: nothing panics, fails or is counted.
func FuzzRequests(f *testing.F) {
	f.Add("BCDFGHJK", "flu-shot", "00", "flu", "en")
	f.Add("", "..", "\x00", "", "zz-ZZ-u-co")
	f.Add("bcdf ghjk", "%2e%2e%2f", strings.Repeat("f", 32), "sleep", strings.Repeat("en,", 500))
	r := newRoom(f)
	r.screens = map[playlists.ScreenID]uint64{} // no code is any screen's
	r.start()
	f.Fuzz(func(t *testing.T, code, item, vote, topic, language string) {
		r := *r
		r.t = t
		p := &phone{&r, patients, language}
		path := "/" + url.PathEscape(code) + "/" + url.PathEscape(item)
		form := url.Values{"ballot": {vote}, "topic": {topic}, "helpful": {"yes"}, "lang": {language}}
		for _, at := range []string{path, "/" + url.PathEscape(code), "/?" + url.Values{"code": {code}, "lang": {language}}.Encode()} {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				response := p.do(method, at, form)
				if response.StatusCode >= 500 {
					t.Errorf("%s %q: %d", method, at, response.StatusCode)
				}
				_ = response.Body.Close()
			}
		}
		r.wantCounts(map[string]int64{})
	})
}

func TestTextsAreWhole(t *testing.T) { voice.CheckTexts(t) }
