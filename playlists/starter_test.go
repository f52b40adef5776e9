package playlists_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// aTree is a topic tree: heart, of the specialty, over pulse; chest, by its page; talking, which suits everybody; and feet.
func aTree() []playlists.TopicEntry {
	named := func(id, parent playlists.Topic, specialty, page string) playlists.TopicEntry {
		e := playlists.TopicEntry{ID: id, Parent: parent, Specialty: specialty, Names: map[playlists.Language]string{"en": string(id)}}
		if page != "" {
			e.MedlinePlus = &playlists.MedlinePlusTopic{URL: "https://medlineplus.gov/" + page + ".html"}
		}
		return e
	}
	return []playlists.TopicEntry{
		named("pulse", "heart", "", ""), named("heart", "", "cardiology", ""), named("chest", "", "", "chestpain"),
		named("talking", "", "", "talkingwithyourdoctor"), named("feet", "", "Podiatry", "footinjuriesanddisorders"),
	}
}

// stocked is a ward with a library of items "phase topic" in languages: "symptoms pulse en,es".
func stocked(items ...string) *playlists.Hospital {
	h := ward("America/New_York")
	for i, line := range items {
		parts := strings.Fields(line)
		id := playlists.ItemID(fmt.Sprintf("%s-%s-%d", parts[0], parts[1], i))
		item := playliststest.Pictures(id, line, playlists.Phase(parts[0]), "en")
		if len(parts) > 2 {
			item = playliststest.Pictures(id, line, playlists.Phase(parts[0]), playlists.Language(parts[2]))
		}
		item.Topics = []playlists.Topic{playlists.Topic(parts[1])}
		h.Items[id] = item
	}
	d := h.Departments["ward"]
	d.Filler = ""
	h.Departments["ward"] = d
	return h
}

func propose(tb testing.TB, h *playlists.Hospital, template playlists.DepartmentTemplateID) playlists.Proposal {
	tb.Helper()
	p, err := h.Propose("ward", template, aTree())
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// TestAFirstPlaylist of the phases in their order: the department's own topics and what is beneath them, then what suits
// everybody, and nothing of others; what is missing is said.
func TestAFirstPlaylist(t *testing.T) {
	h := stocked("symptoms chest", "symptoms pulse", "diagnosis talking", "treatment feet", "treatment heart es", "recovery heart", "recovery chest", "recovery pulse", "recovery talking", "prevention feet")
	altered(h, "symptoms-chest-0", func(i *playlists.Item) { i.Sponsor = "somebody" })
	altered(h, "recovery-heart-5", func(i *playlists.Item) { i.Approval = nil })
	altered(h, "prevention-feet-9", func(i *playlists.Item) { i.Topics = []playlists.Topic{"feet", "talking"} })
	p := propose(t, h, "cardiology")
	var got []string
	for _, e := range p.Playlist.Entries {
		got = append(got, fmt.Sprintf("%s x%d", e.Item, e.Weight))
	}
	want := "symptoms-pulse-1 x2, diagnosis-talking-2 x1, recovery-chest-6 x2, recovery-pulse-7 x2, recovery-talking-8 x2"
	if strings.Join(got, ", ") != want {
		t.Errorf("got %s\nwant %s", strings.Join(got, ", "), want)
	}
	if fmt.Sprint(p.Missing) != "[treatment prevention]" {
		t.Errorf("got %v missing, want treatment, of which there is nothing in its language, and prevention", p.Missing)
	}
	w := p.Windows[0]
	if len(p.Windows) != 1 || w.Start != "0 8 * * 1,2,3,4,5" || w.End != (playlists.LocalEnd{Clock: 18 * 60}) || w.Targets[0].Department != "ward" {
		t.Errorf("got %+v, want it on in opening hours", p.Windows)
	}
	d := p.Department
	if len(d.Hours) != 1 || d.Filler != p.Playlist.ID || len(d.Floors) != 1 || !d.Floors[0].EveryPhase || !d.Floors[0].Fill || d.Floors[0].Plays != 2 {
		t.Errorf("got %+v", d)
	}
}

// TestWhatStaffSettledStays: hours, filler and floors; a name that is taken is not taken again.
func TestWhatStaffSettledStays(t *testing.T) {
	h := stocked("symptoms chest")
	play(h, "ward-start", "calm")
	d := h.Departments["ward"]
	d.Hours = []playlists.Hours{{Days: []int{6, 0}, From: 9 * 60, To: 24 * 60}}
	d.Filler, d.Floors = "calm", []playlists.Floor{{EveryPhase: true, Plays: 5}}
	d.Languages = []playlists.LanguageShare{{Language: "en", Twelfths: 10}, {Language: "es", Twelfths: 2}}
	h.Departments["ward"] = d
	p := propose(t, h, "emergency")
	if p.Playlist.ID != "ward-start-2" || p.Department.Filler != "calm" || p.Department.Floors[0].Plays != 5 || len(p.Department.Floors) != 1 {
		t.Errorf("got %+v and %+v", p.Playlist, p.Department)
	}
	if w := p.Windows[0]; w.Start != "0 9 * * 0,6" || w.End != (playlists.LocalEnd{Days: 1}) {
		t.Errorf("got %+v, want weekends from nine to midnight", w)
	}
	if got := p.Department.LanguageTargets; len(got) != 2 || got[0].Twelfths != 3 || got[1].Twelfths != 2 {
		t.Errorf("got %v, want a quarter, and no more than the mix has", got)
	}
}

// TestNothingToBeginWith still gives hours and what must run, and says that everything is missing.
func TestNothingToBeginWith(t *testing.T) {
	p := propose(t, stocked(), "maternity")
	if p.Playlist != nil || len(p.Windows) > 0 || p.Department.Filler != "" || len(p.Missing) != 5 || len(p.Department.Hours) != 1 {
		t.Errorf("got %+v", p)
	}
	if _, err := stocked().Propose("ward", "astrology", nil); err == nil {
		t.Error("a template that there is not proposes something")
	}
	if _, err := stocked().Propose("nowhere", "maternity", nil); err == nil {
		t.Error("a department that there is not gets something")
	}
}

// TestProposalsCanBeSaved: whatever the library and the template, what is proposed is valid, shows nothing that may not be
// shown, and compiles without a problem of the playlist's.
func TestProposalsCanBeSaved(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var items []string
		for range rapid.IntRange(0, 25).Draw(r, "items") {
			items = append(items, fmt.Sprintf("%s %s %s", rapid.SampledFrom(playlists.Phases()).Draw(r, "phase"),
				rapid.SampledFrom(aTree()).Draw(r, "topic").ID, rapid.SampledFrom([]string{"en", "es", "ar"}).Draw(r, "language")))
		}
		h := stocked(items...)
		template := rapid.SampledFrom(playlists.DepartmentTemplates()).Draw(r, "template")
		p, err := h.Propose("ward", template.ID, aTree())
		if err != nil {
			r.Fatal(err)
		}
		if err := p.Department.Validate(); err != nil {
			r.Fatal(err)
		}
		h.Departments["ward"] = p.Department
		if p.Playlist == nil {
			return
		}
		if err := p.Playlist.Validate(); err != nil {
			r.Fatal(err)
		}
		h.Playlists[p.Playlist.ID] = *p.Playlist
		for _, w := range p.Windows {
			if err := w.Validate(); err != nil {
				r.Fatal(err)
			}
			h.Windows[w.ID] = w
		}
		_, found, err := playlists.Compile(h, "bed", playlists.Abilities{}, playliststest.Zones, playliststest.Fonts())
		if err != nil || slices.ContainsFunc(found, func(p playlists.Problem) bool { return p.Kind != "department" }) {
			r.Fatalf("%v, %v", err, found)
		}
	})
}
