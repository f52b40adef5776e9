package voice_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"anteroom/controller/content"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/controller/voice"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/slide"
)

// The screen of the harness, and what it may never show.
const (
	wall     playlists.ScreenID     = "er-wall"
	er       playlists.DepartmentID = "er"
	secret                          = "nobody has approved this"
	patients                        = "203.0.113.9:4711"
)

// room is a waiting room with one screen, and a clock that tests move.
type room struct {
	*voice.Server

	t        testing.TB
	store    *bolt.Store
	files    *content.Content
	at       time.Time
	key      playlists.HandOffKey
	manifest *playlists.Manifest
	screens  map[playlists.ScreenID]uint64
}

// Current implements [voice.Programmes].
func (r *room) Current(screen playlists.ScreenID) (*playlists.Manifest, error) {
	if screen != wall {
		return nil, playlists.ErrNotFound
	}
	return r.manifest, nil
}

// Published implements [voice.Programmes].
func (r *room) Published(d playlists.DepartmentID) []playlists.ItemID {
	if d != er {
		return nil
	}
	return []playlists.ItemID{"flu-shot", "flu-signs", "lake", "hands", "poster"}
}

// Screens implements [voice.Programmes].
func (r *room) Screens() map[playlists.ScreenID]uint64 { return r.screens }

func newRoom(t testing.TB) *room {
	t.Helper()
	r := &room{t: t, at: playliststest.NewYork(t, "2026-11-25 09:03"), key: playlists.NewHandOffKey([]byte("secret"), wall), screens: map[playlists.ScreenID]uint64{wall: 1}}
	var err error
	if r.store, err = bolt.Open(t.Context(), bolt.Config{Dir: filepath.Join(t.TempDir(), "store"), NoSync: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.store.Close() })
	if r.files, err = content.Open(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	r.publish()
	r.start()
	return r
}

// start makes the server, as after a restart of the controller.
func (r *room) start() {
	r.t.Helper()
	var err error
	r.Server, err = voice.New(voice.Config{
		URL: "https://tv.example.org", Documents: r.store, Counts: r.store, Content: r.files, Programmes: r, Now: func() time.Time { return r.at },
		Key: func(s playlists.ScreenID) playlists.HandOffKey { return playlists.NewHandOffKey([]byte("secret"), s) },
		Thumbnail: func(_ context.Context, d playlists.Digest, _ playlists.Medium, _ int) (playlists.Digest, error) {
			return d, nil
		},
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) keep(b []byte) playlists.Digest {
	r.t.Helper()
	d, _, err := r.files.Put(r.t.Context(), bytes.NewReader(b))
	if err != nil {
		r.t.Fatal(err)
	}
	return d
}

func (r *room) slide(l playlists.Language, s slide.Slide) playlists.Rendition {
	r.t.Helper()
	s.Language = l
	b, err := json.Marshal(s)
	if err != nil {
		r.t.Fatal(err)
	}
	return playlists.Rendition{Language: l, Variants: []playlists.Asset{{Digest: r.keep(b), Medium: playlists.Slide, MediaType: "application/json", Bytes: int64(len(b))}}}
}

func approved(i playlists.Item) playlists.Item {
	i.Version, i.Approval = 1, &playlists.Approval{Version: 1, By: "ada"}
	return i
}

// publish fills the hospital: items on the screen, one that was changed since and not approved, and one that is on none.
func (r *room) publish() {
	r.t.Helper()
	picture, film, words := r.keep([]byte("picture")), r.keep([]byte("film")), r.keep([]byte("WEBVTT"))
	steps := approved(playlists.Item{ID: "flu-shot", Title: "Flu shot", Phase: playlists.Prevention, Topics: []playlists.Topic{"flu"}, Millis: 10_000, Renditions: []playlists.Rendition{
		r.slide("en", slide.Slide{Template: slide.Steps, Title: "Your flu shot", Points: []string{"Roll up your sleeve.", "Wait 15 minutes."}, Code: "https://medlineplus.gov/flu.html"}),
		r.slide("es", slide.Slide{Template: slide.Steps, Title: "Su vacuna contra la gripe", Points: []string{"Súbase la manga."}}),
		r.slide("ar", slide.Slide{Template: slide.Steps, Title: "لقاح الإنفلونزا", Points: []string{"ارفع كمك."}}),
	}})
	symptoms := approved(playlists.Item{ID: "flu-signs", Title: "Flu signs", Phase: playlists.Symptoms, Topics: []playlists.Topic{"flu"}, Millis: 10_000, Renditions: []playlists.Rendition{
		r.slide("en", slide.Slide{Template: slide.Questions, Title: "Is it the flu?", Points: []string{"Do I need a test?", "When may I work again?"}}),
	}})
	lake := approved(playlists.Item{ID: "lake", Title: "The lake", Millis: 10_000, Renditions: []playlists.Rendition{
		{Language: "en", Alt: "A lake at dawn", Variants: []playlists.Asset{{Digest: picture, Medium: playlists.Image, MediaType: "image/jpeg", Bytes: 7, Width: 1280, Height: 720}}},
	}})
	hands := approved(playlists.Item{ID: "hands", Title: "Wash your hands", Millis: 10_000, Renditions: []playlists.Rendition{{
		Language: "en", Variants: []playlists.Asset{{Digest: film, Medium: playlists.Video, MediaType: "video/mp4", Bytes: 4, Width: 1280, Height: 720, Millis: 10_000}},
		Captions: &playlists.Asset{Digest: words, Medium: playlists.Captions, MediaType: "text/vtt", Bytes: 6},
	}}})
	poster := approved(playlists.Item{ID: "poster", Title: secret, Millis: 10_000, Platforms: []playlists.Platform{playlists.Screens}, Renditions: lake.Renditions})
	elsewhere := approved(playlists.Item{ID: "elsewhere", Title: "For the surgeons", Millis: 10_000, Renditions: []playlists.Rendition{r.slide("en", slide.Slide{Template: slide.Notice, Title: secret})}})
	h := playliststest.Hospital()
	d := h.Departments["cardiology"]
	d.ID, d.Name, d.Filler, d.Closed, d.Closures, d.Floors = er, "Emergency", "er-loop", "", nil, nil
	d.Ask = []playlists.Topic{"flu", "sleep", "not-in-the-tree"}
	h.Departments = map[playlists.DepartmentID]playlists.Department{er: d}
	h.Screens = map[playlists.ScreenID]playlists.Screen{wall: {ID: wall, Department: er, Name: "Wall"}}
	h.Items = map[playlists.ItemID]playlists.Item{steps.ID: steps, symptoms.ID: symptoms, lake.ID: lake, hands.ID: hands, poster.ID: poster}
	h.Playlists = map[playlists.PlaylistID]playlists.Playlist{"er-loop": playliststest.Loop("er-loop", "flu-shot", "flu-signs", "lake", "hands", "poster")}
	h.Windows, h.Layouts, h.Closures = nil, nil, nil
	r.manifest = &playlists.Manifest{Head: playlists.Head{Screen: wall, Generation: 1}, Body: playliststest.Compile(r.t, h, wall)}
	r.put("department", string(er), d)
	for _, i := range []playlists.Item{steps, symptoms, lake, hands, poster, elsewhere} {
		r.put("item", string(i.ID), i)
	}
	for _, e := range []playlists.TopicEntry{
		{ID: "flu", Names: map[playlists.Language]string{"en": "The flu", "es": "La gripe"}},
		{ID: "sleep", Names: map[playlists.Language]string{"en": "Sleep"}},
		{ID: "surgery", Names: map[playlists.Language]string{"en": "Surgery"}},
	} {
		r.put("topic", string(e.ID), e)
	}
}

func (r *room) put(kind store.Kind, id string, doc any) {
	r.t.Helper()
	b, err := json.Marshal(doc)
	if err != nil {
		r.t.Fatal(err)
	}
	err = r.store.Update(r.t.Context(), func(tx store.Tx) error {
		was := uint64(0)
		if old, err := tx.Get(kind, id); err == nil {
			was = old.Revision
		}
		_, err := tx.Put(kind, id, was, "ada", b)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// code is what the screen shows now.
func (r *room) code() string { return r.key.Code(r.at) }

// phone is somebody's phone.
type phone struct {
	room     *room
	address  string
	language string
}

func (r *room) phone(address, language string) *phone { return &phone{r, address, language} }

func (p *phone) do(method, path string, form url.Values) *http.Response {
	p.room.t.Helper()
	q := httptest.NewRequestWithContext(p.room.t.Context(), method, path, strings.NewReader(form.Encode()))
	q.RemoteAddr = p.address
	q.Header.Set("Accept-Language", p.language)
	if method == http.MethodPost {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	p.room.ServeHTTP(w, q)
	return w.Result()
}

// asked is what is answered to a request, without its body.
func (r *room) asked(q *http.Request) (int, http.Header) {
	r.t.Helper()
	w := httptest.NewRecorder()
	r.ServeHTTP(w, q)
	return w.Code, w.Header()
}

func (p *phone) get(path string) (status int, page string) {
	p.room.t.Helper()
	response := p.do(http.MethodGet, path, nil)
	var b bytes.Buffer
	_, err := b.ReadFrom(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		p.room.t.Fatal(err)
	}
	return response.StatusCode, b.String()
}

func (p *phone) post(path string, form url.Values) (said string) {
	p.room.t.Helper()
	response := p.do(http.MethodPost, path, form)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusSeeOther {
		return fmt.Sprint(response.StatusCode)
	}
	to, err := url.Parse(response.Header.Get("Location"))
	if err != nil {
		p.room.t.Fatal(err)
	}
	return to.Query().Get("said")
}

// ballot is that of a page, empty if it has none.
func ballot(page string) string {
	found := regexp.MustCompile(`name="ballot" value="([0-9a-f]*)"`).FindStringSubmatch(page)
	if found == nil {
		return ""
	}
	return found[1]
}

// counts is what was counted: "asked flu en 3".
func (r *room) counts() map[string]int64 {
	r.t.Helper()
	if err := r.Flush(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	all := map[string]int64{}
	for c, err := range r.store.Counts(r.t.Context(), playlists.Date{Year: 2026, Month: time.January, Day: 5}, playlists.Date{Year: 2027, Month: time.December, Day: 27}) {
		if err != nil {
			r.t.Fatal(err)
		}
		if c.Department != er {
			r.t.Errorf("counted for %s", c.Department)
		}
		all[strings.Join(strings.Fields(fmt.Sprint(c.What, " ", c.Of, " ", c.Language)), " ")] += c.N
	}
	return all
}

func (r *room) wantCounts(want map[string]int64) {
	r.t.Helper()
	if got := r.counts(); !maps.Equal(got, want) {
		r.t.Errorf("counted %v, want %v", got, want)
	}
}

// of are the counts of one kind, added up.
func (r *room) of(what store.Counted) (n int64) {
	r.t.Helper()
	for k, v := range r.counts() {
		if slices.Contains(strings.Fields(k), string(what)) {
			n += v
		}
	}
	return n
}
