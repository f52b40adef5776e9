package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"anteroom/controller/access"
	"anteroom/controller/medlineplus"
	"anteroom/playlists"
	"anteroom/playlists/slide"
)

// topicsFile is a file of health topics in the present layout.
func topicsFile(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../medlineplus/testdata/current.xml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// importing imports from a file, and wants so many chosen topics in each state.
func (p *person) importing(file, query string, want map[medlineplus.State]int) medlineplus.Imported {
	p.t.Helper()
	var r medlineplus.Imported
	p.do(http.MethodPost, "/api/v1/imports/medlineplus?"+query, file).want(http.StatusOK).into(&r)
	if !maps.Equal(r.Counts, want) {
		p.t.Errorf("%s: got %v, want %v", query, r.Counts, want)
	}
	return r
}

func (p *person) item(id playlists.ItemID) (i playlists.Item) {
	p.t.Helper()
	p.get("/api/v1/items/" + string(id)).want(http.StatusOK).into(&i)
	return i
}

const napping = playlists.ItemID("medlineplus-9001")

type counts = map[medlineplus.State]int

func TestTopicsBecomeDraftsForReview(t *testing.T) {
	h := start(t)
	ada := h.admin()
	file := topicsFile(t)
	r := ada.importing(file, "", counts{})
	if len(r.Topics) != 4 || len(r.Groups) != 2 || r.Groups[0].Names["es"] != "Sueño" || r.Chosen != 0 || r.Written {
		t.Errorf("what is in the file: %+v", r)
	}
	r = ada.importing(file, "topics=9001,9005&dry_run=true", counts{medlineplus.New: 1, medlineplus.Unfit: 1})
	if want := []playlists.Topic{"sleep", "wellness-and-lifestyle", "napping"}; !slices.Equal(r.Entries, want) || r.Written {
		t.Errorf("would be written: %+v", r)
	}
	ada.get("/api/v1/items/" + string(napping)).want(http.StatusNotFound)
	ada.get("/api/v1/topics/napping").want(http.StatusNotFound)

	ada.importing(file, "topics=9001,9005", counts{medlineplus.New: 1, medlineplus.Unfit: 1})
	i := ada.item(napping)
	if !i.Waits() || i.Approval != nil || i.Version != 1 || i.Phase != "" || i.Title != "Napping" || !slices.Equal(i.Authors, []string{"ada"}) {
		t.Errorf("the draft: %+v", i)
	}
	if want := []playlists.Topic{"napping", "sleep", "wellness-and-lifestyle"}; !slices.Equal(i.Topics, want) {
		t.Errorf("topics %v, want %v", i.Topics, want)
	}
	if len(i.Renditions) != 2 || i.Renditions[0].Language != "en" || i.Renditions[1].Language != "es" {
		t.Fatalf("renditions: %+v", i.Renditions)
	}
	var words slide.Slide
	ada.get("/api/v1/assets/" + string(i.Renditions[1].Variants[0].Digest)).want(http.StatusOK).into(&words)
	if words.Title != "Siestas" || words.Code != "https://medlineplus.gov/spanish/napping.html" || !strings.HasPrefix(words.Note, "Fuente: MedlinePlus") || len(words.Points) != 3 {
		t.Errorf("the Spanish slide: %+v", words)
	}
	var e playlists.TopicEntry
	ada.get("/api/v1/topics/napping").want(http.StatusOK).into(&e)
	if e.Parent != "sleep" || e.Names["es"] != "Siestas" || e.MedlinePlus.ID != "9001" || len(e.MeSH) != 2 || e.MeSH[0].ID != "D012890" {
		t.Errorf("the topic: %+v", e)
	}
	ada.importing(file, "groups=78", counts{medlineplus.Same: 1, medlineplus.New: 1}) // one of them in Spanish alone
	if i := ada.item("medlineplus-9004"); len(i.Renditions) != 1 || i.Renditions[0].Language != "es" || !slices.Equal(i.Topics, []playlists.Topic{"solo-en-espanol", "wellness-and-lifestyle"}) {
		t.Errorf("in Spanish alone: %+v", i)
	}
}

func TestAnImportAgainChangesWhatTheSourceChangedAlone(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	file := topicsFile(t)
	ada.importing(file, "topics=9001", counts{medlineplus.New: 1})
	at := func() string { return ada.get("/api/v1/items/" + string(napping)).header.Get("ETag") }
	first := at()
	r := ada.importing(strings.ReplaceAll(file, "&#xD;", "   "), "topics=9001", counts{medlineplus.Same: 1})
	if at() != first || len(r.Entries) != 0 {
		t.Errorf("nothing has changed, and the item went from %s to %s", first, at())
	}

	// What staff say of it stays, and what patients see meanwhile.
	i := ada.item(napping)
	i.Phase, i.Topics = playlists.Prevention, []playlists.Topic{"our-own"}
	i.Origin = &playlists.Origin{From: "elsewhere"}
	ada.do(http.MethodPut, "/api/v1/items/"+string(napping), i, "If-Match", at()).want(http.StatusOK)
	ada.release(napping)
	changed := strings.Replace(file, "short sleep", "very short sleep", 1)
	ada.importing(changed, "topics=9001&dry_run=true", counts{medlineplus.Changed: 1})
	ada.importing(changed, "topics=9001", counts{medlineplus.Changed: 1})
	i = ada.item(napping)
	if i.Version != 2 || !i.Waits() || i.Approval == nil || i.Approval.Version != 1 || i.Phase != playlists.Prevention || !slices.Equal(i.Topics, []playlists.Topic{"our-own"}) {
		t.Errorf("after a change of the source: %+v", i)
	}
	if i.Origin == nil || i.Origin.From != "medlineplus" || i.Origin.ID != "9001" {
		t.Errorf("its origin is %+v", i.Origin)
	}
	ada.importing(changed, "topics=9001", counts{medlineplus.Same: 1})

	// What staff have written themselves is listed, and left alone.
	i.Title = "Have a nap"
	ada.do(http.MethodPut, "/api/v1/items/"+string(napping), i, "If-Match", at()).want(http.StatusOK)
	edited := at()
	ada.importing(file, "topics=9001", counts{medlineplus.Edited: 1})
	if at() != edited {
		t.Error("what staff have changed was written over")
	}
}

func TestTheTreeStaysAsStaffHaveIt(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.topic("", "rest", "Rest")
	ada.topic("", "sleep", "Our sleep clinic")
	named := map[playlists.Language]string{"en": "Naps by day"}
	ada.make("topics/naps", playlists.TopicEntry{ID: "naps", Parent: "rest", Names: named, MedlinePlus: &playlists.MedlinePlusTopic{URL: "https://www.nlm.nih.gov/medlineplus/napping.html"}})
	r := ada.importing(topicsFile(t), "topics=9001", counts{medlineplus.New: 1})
	if want := []playlists.Topic{"wellness-and-lifestyle"}; !slices.Equal(r.Entries, want) {
		t.Errorf("the tree gains %v, want %v", r.Entries, want)
	}
	if i := ada.item(napping); !slices.Equal(i.Topics, []playlists.Topic{"naps", "sleep", "wellness-and-lifestyle"}) {
		t.Errorf("topics: %v", i.Topics)
	}
	var e playlists.TopicEntry
	ada.get("/api/v1/topics/naps").want(http.StatusOK).into(&e)
	if e.Parent != "rest" || e.Name("en") != "Naps by day" || e.MeSH != nil {
		t.Errorf("staff's topic is now %+v", e)
	}
}

func TestImportsThatAreRefused(t *testing.T) {
	h := start(t)
	ada := h.admin()
	file := topicsFile(t)
	refused := func(file, query, says string) {
		t.Helper()
		a := ada.do(http.MethodPost, "/api/v1/imports/medlineplus?"+query, file).want(http.StatusUnprocessableEntity)
		if !strings.Contains(a.body, says) {
			t.Errorf("does not say %q: %s", says, a.body)
		}
	}
	refused("no topics", "", "no health topics")
	refused(file, "topics=1", "no topic")
	refused(file, "groups=1", "no group")
	var many strings.Builder
	many.WriteString(`<health-topics>`)
	for n := range 101 {
		fmt.Fprintf(&many, `<health-topic id="%d" title="Topic %d" url="https://medlineplus.gov/t.html"><group id="5" url="https://medlineplus.gov/g.html">All</group></health-topic>`, n, n)
	}
	many.WriteString(`</health-topics>`)
	refused(many.String(), "groups=5", "more than anybody reviews")
	h.staff("vera", access.Viewer).do(http.MethodPost, "/api/v1/imports/medlineplus", file).want(http.StatusForbidden)
}
