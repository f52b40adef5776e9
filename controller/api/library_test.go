package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"anteroom/controller/access"
	"anteroom/controller/api"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// found is what a search of the library finds, as ids.
func (p *person) found(query string) (ids string, l api.Library) {
	p.t.Helper()
	p.get("/api/v1/library" + query).want(http.StatusOK).into(&l)
	var all []string
	for _, i := range l.Items {
		all = append(all, string(i.ID))
	}
	return strings.Join(all, " "), l
}

// counted are a facet's choices, "en 2, es 1".
func counted(l api.Library, facet string) string {
	var all []string
	for _, f := range l.Facets[facet] {
		all = append(all, fmt.Sprint(f.Value, " ", f.Count))
	}
	return strings.Join(all, ", ")
}

func TestTheLibraryIsSearched(t *testing.T) {
	h := start(t)
	ada := h.admin()
	add := func(i playlists.Item, change func(*playlists.Item)) {
		i.Approval = nil
		change(&i)
		ada.make("items/"+string(i.ID), i)
	}
	day := 24 * time.Hour
	add(playliststest.Pictures("presion", "Presión arterial", playlists.Prevention, "es"), func(i *playlists.Item) { i.Topics = []playlists.Topic{"heart"} })
	add(playliststest.Pictures("heart", "Know your heart", playlists.Prevention, "en", "es"), func(i *playlists.Item) { i.Sponsor, i.Campaign = "Lakeside Fund", "spring" })
	add(playliststest.Slides("lifts", "The lifts", "en"), func(i *playlists.Item) { i.Until = time.Now().Add(-day) })
	add(playliststest.Slides("flu", "Flu shots", "en"), func(i *playlists.Item) { i.From = time.Now().Add(day) })
	add(playliststest.Slides("visits", "Visiting hours", "en"), func(i *playlists.Item) { i.Until = time.Now().Add(10 * day) })
	add(playliststest.Film("inhaler", "Using an inhaler", 95*time.Second), func(i *playlists.Item) { i.Renditions[0].Language = "en" })
	ada.release("heart")

	for query, want := range map[string]string{
		"":                                   "flu heart presion lifts inhaler visits",
		"?search=PRESION":                    "presion",
		"?search=heart":                      "heart presion", // of a title, and a topic
		"?search=lakeside%20heart":           "heart",
		"?search=nothing":                    "",
		"?phase=prevention&language=en":      "heart",
		"?phase=none&kind=slide":             "flu lifts visits",
		"?kind=video":                        "inhaler",
		"?state=unreviewed":                  "heart",
		"?state=waits&language=es":           "presion",
		"?sponsor=Lakeside%20Fund":           "heart",
		"?campaign=none&kind=image":          "presion",
		"?validity=over":                     "lifts",
		"?validity=later":                    "flu",
		"?validity=due":                      "visits",
		"?captions=none":                     "inhaler",
		"?limit=2&offset=1":                  "heart presion",
		"?limit=0":                           "",
		"?validity=holds&search=hours&kind=": "",
	} {
		if got, _ := ada.found(query); got != want {
			t.Errorf("%s finds %q, want %q", query, got, want)
		}
	}
	_, l := ada.found("?language=es&limit=1")
	if l.Found != 2 || l.All != 6 || len(l.Items) != 1 {
		t.Errorf("%d of %d, %d of them given", l.Found, l.All, len(l.Items))
	}
	for facet, want := range map[string]string{
		"language": "en 5, es 2", "phase": "prevention 2", "kind": "image 2", "state": "unreviewed 1, waits 1", "sponsor": "Lakeside Fund 1, none 1", "captions": "",
	} {
		if got := counted(l, facet); got != want {
			t.Errorf("%s counts %q, want %q", facet, got, want)
		}
	}
	_, l = ada.found("?kind=video")
	if i := l.Items[0]; i.Millis != 95_000 || i.Captions != api.CaptionsNone || i.Picture == nil || i.State != api.StateWaits {
		t.Errorf("the film is %+v", i)
	}
	h.staff("vera", access.Viewer).found("")
	h.stranger().get("/api/v1/library").want(http.StatusUnauthorized)
}

// What is written, judged and deleted after the first search is found as it is then.
func TestTheLibraryIsSearchedAsItIsNow(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	ada.found("")
	at := "/api/v1/items/taking-your-tablets"
	ada.do(http.MethodPost, at+"/replace", `{"delete":true}`, "If-Match", ada.get(at).header.Get("ETag")).want(http.StatusOK)
	var echo playlists.Item
	at = "/api/v1/items/before-your-echo"
	etag := ada.get(at).into(&echo).header.Get("ETag")
	echo.Title = "Before your ultrasound"
	ada.do(http.MethodPut, at, echo, "If-Match", etag).want(http.StatusOK)
	ada.make("items/new", playliststest.Slides("new", "A new lift", "en"))
	if got, l := ada.found("?search=ultrasound"); got != "before-your-echo" || l.Items[0].State != api.StateWaits || l.All != 8 {
		t.Errorf("got %s, %+v of %d", got, l.Items, l.All)
	}
	if got, _ := ada.found("?search=tablets"); got != "" {
		t.Errorf("what is deleted is found: %s", got)
	}
	if got, _ := ada.found("?search=lift"); got != "new" {
		t.Errorf("what is new is not found: %s", got)
	}
}

func TestEveryItemByItsName(t *testing.T) {
	h := start(t)
	ada := h.admin()
	still := playliststest.Pictures("heart", "Know your heart", playlists.Prevention, "en")
	still.Millis, still.Topics = 7000, []playlists.Topic{"heart", "exercise"}
	wording := playliststest.Slides("fire", "Fire", "en")
	wording.Template = &playlists.TakeoverTemplate{Severity: playlists.Warning, Minutes: 30}
	for _, i := range []playlists.Item{still, wording, playliststest.Film("inhaler", "Using an inhaler", 95*time.Second)} {
		i.Approval = nil
		ada.make("items/"+string(i.ID), i)
	}
	var all struct{ Items []api.LibraryTitle }
	ada.get("/api/v1/library/titles").want(http.StatusOK).into(&all)
	var got []string
	for _, i := range all.Items {
		if i.Picture == "" {
			t.Errorf("%s has no picture", i.ID)
		}
		got = append(got, fmt.Sprint(i.ID, ", ", i.Title, ", ", i.Millis, ", ", i.Template, ", ", i.Topics))
	}
	want := []string{"fire, Fire, 8000, true, []", "heart, Know your heart, 7000, false, [heart exercise]", "inhaler, Using an inhaler, 95000, false, []"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("titles (-want +got):\n%s", diff)
	}
}
