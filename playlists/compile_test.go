package playlists_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

func TestSampleHospitalIsSound(t *testing.T) {
	h := playliststest.Hospital()
	if problems := h.Check(); len(problems) > 0 {
		t.Errorf("got %v, want no problems", problems)
	}
	for s := range h.Screens {
		body, problems, err := playlists.Compile(h, s, playlists.Abilities{}, playliststest.Zones, playliststest.Fonts())
		if err != nil || len(problems) > 0 {
			t.Errorf("%s: got %v, %v, want neither", s, problems, err)
		}
		if err := body.Untimed().Validate(); err != nil {
			t.Errorf("%s untimed: %v", s, err)
		}
	}
}

// TestVariants: which size a screen gets of pictures in 1280, 1920 and 3840 and clips of 720p, 1080p and
// 2160p.
func TestVariants(t *testing.T) {
	for _, c := range []struct {
		name     string
		a        playlists.Abilities
		rotation int
		fit      playlists.Fit
		want     int
	}{
		{"nobody served it yet", playlists.Abilities{}, 0, playlists.FitInside, 1920},
		{"full HD", playlists.Abilities{Width: 1920, Height: 1080}, 0, playlists.FitInside, 1920},
		{"an odd laptop panel", playlists.Abilities{Width: 1366, Height: 768}, 0, playlists.FitInside, 1920},
		{"720p", playlists.Abilities{Width: 1280, Height: 720}, 0, playlists.FitInside, 1280},
		{"4K", playlists.Abilities{Width: 3840, Height: 2160}, 0, playlists.FitInside, 3840},
		{"4K, but no GPU", playlists.Abilities{Width: 3840, Height: 2160, SoftwareGL: true}, 0, playlists.FitInside, 1280},
		{"turned upright, the picture is as wide as the panel is high", playlists.Abilities{Width: 1920, Height: 1080}, 90, playlists.FitInside, 1280},
		{"4K turned upright", playlists.Abilities{Width: 3840, Height: 2160}, 270, playlists.FitInside, 3840},
		{"an upright panel as it is", playlists.Abilities{Width: 1080, Height: 1920}, 0, playlists.FitInside, 1280},
		{"an upright panel turned", playlists.Abilities{Width: 1080, Height: 1920}, 90, playlists.FitInside, 1920},
		{"on its head", playlists.Abilities{Width: 1920, Height: 1080}, 180, playlists.FitInside, 1920},
		{"turned upright and filled", playlists.Abilities{Width: 1920, Height: 1080}, 90, playlists.Fill, 1920},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := ward("America/New_York")
			h.Items["film"] = playliststest.Film("film", "A film", 20*time.Second)
			play(h, "calm", "calm", "film")
			for i := range h.Playlists["calm"].Entries {
				h.Playlists["calm"].Entries[i].Fit = c.fit
			}
			screen := h.Screens["bed"]
			screen.Rotation = c.rotation
			h.Screens["bed"] = screen
			body, _, err := playlists.Compile(h, "bed", c.a, playliststest.Zones, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range body.Assets {
				if a.Width != c.want {
					t.Errorf("%s: got %d wide, want %d", a.Medium, a.Width, c.want)
				}
			}
		})
	}
}

// loopOf says what the first region of a loop shows in a round: item and language.
func loopOf(b *playlists.Body, p playlists.PlaylistID) string {
	var said []string
	for _, l := range b.Loops {
		if l.Playlist == p {
			for _, e := range l.Order {
				s := b.Showings[l.Entries[e].Showing]
				said = append(said, fmt.Sprintf("%s/%s", s.Item, s.Language))
			}
		}
	}
	return strings.Join(said, " ")
}

func TestLanguagesAreUnrolled(t *testing.T) {
	for _, c := range []struct {
		name string
		mix  string
		want string
	}{
		{"one language", "en 12", "both/en words/zxx english/en"},
		{"halves: the loop twice", "en 6 es 6", "both/en words/zxx english/en both/es words/zxx english/en"},
		{"two thirds: thrice", "en 8 es 4", "both/en words/zxx english/en both/es words/zxx english/en both/en words/zxx english/en"},
		{"none of the mix: the fallback", "fr 12", "both/es words/zxx"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := ward("America/New_York")
			h.Items["both"] = playliststest.Pictures("both", "Both", "", "en", "es")
			h.Items["words"] = playliststest.Film("words", "No words", 5*time.Second)
			play(h, "calm", "both", "words", "english")
			d := h.Departments["ward"]
			d.Fallback, d.Languages = "es", nil
			fields := strings.Fields(c.mix)
			for i := 0; i < len(fields); i += 2 {
				share := playlists.LanguageShare{Language: playlists.Language(fields[i])}
				if _, err := fmt.Sscan(fields[i+1], &share.Twelfths); err != nil {
					t.Fatal(err)
				}
				d.Languages = append(d.Languages, share)
			}
			h.Departments["ward"] = d
			if got := loopOf(playliststest.Compile(t, h, "bed"), "calm"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestLeftOut: what cannot be shown is left out, the rest shows, and staff are told.
func TestLeftOut(t *testing.T) {
	for _, c := range []struct {
		name    string
		spoil   func(h *playlists.Hospital)
		problem string
		day     string // what the loop of the window then shows
	}{
		{
			"an item that nobody approved",
			func(h *playlists.Hospital) { i := h.Items["one"]; i.Approval = nil; h.Items["one"] = i },
			"item one approval: version 1 is not approved", "two/en",
		},
		{
			"an item whose approval is of an earlier version",
			func(h *playlists.Hospital) { i := h.Items["one"]; i.Version = 2; h.Items["one"] = i },
			"item one approval: version 2 is not approved", "two/en",
		},
		{
			"an item that is gone",
			func(h *playlists.Hospital) { delete(h.Items, "one") },
			"playlist day entries: one does not exist", "two/en",
		},
		{
			"an item in no language of the ward",
			func(h *playlists.Hospital) { h.Items["one"] = playliststest.Pictures("one", "One", "", "ar") },
			"item one renditions: Ward has no language of it", "two/en",
		},
		{
			"all items gone: the window as well",
			func(h *playlists.Hospital) { delete(h.Items, "one"); delete(h.Items, "two") },
			"window day : nothing of it can be shown", "",
		},
		{
			"a playlist that is gone",
			func(h *playlists.Hospital) { delete(h.Playlists, "day") },
			"window day : nothing of it can be shown", "",
		},
		{
			"a window that was never checked",
			func(h *playlists.Hospital) { w := h.Windows["day"]; w.Start = "@daily"; h.Windows["day"] = w },
			"window day start: ", "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := ward("America/New_York", window(t, "day", "0 8 * * *", "17:00"))
			play(h, "day", "one", "two")
			c.spoil(h)
			body, problems, err := playlists.Compile(h, "bed", playlists.Abilities{}, playliststest.Zones, nil)
			if err != nil {
				t.Fatal(err)
			}
			told := slices.ContainsFunc(problems, func(p playlists.Problem) bool {
				return strings.HasPrefix(fmt.Sprintf("%s %s %s: %s", p.Kind, p.ID, p.Field, p.Message), c.problem)
			})
			if !told {
				t.Errorf("got problems %v, want %q", problems, c.problem)
			}
			if got := loopOf(body, "day"); got != c.day {
				t.Errorf("got %q, want %q", got, c.day)
			}
		})
	}
}

func TestUndecodable(t *testing.T) {
	h := ward("America/New_York")
	h.Items["film"] = playliststest.Film("film", "A film", 20*time.Second)
	play(h, "calm", "calm", "film")
	body, problems, err := playlists.Compile(h, "bed", playlists.Abilities{Decoders: []string{"vp9"}}, playliststest.Zones, nil)
	if err != nil || len(problems) == 0 {
		t.Fatalf("got %v, %v, want a problem", problems, err)
	}
	if got, want := loopOf(body, "calm"), "calm/en"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSoftwareGLCuts(t *testing.T) {
	h := ward("America/New_York")
	h.Playlists["calm"].Entries[0].Transition = playlists.CrossFade
	for software, want := range map[bool]playlists.Transition{false: playlists.CrossFade, true: playlists.Cut} {
		body, _, err := playlists.Compile(h, "bed", playlists.Abilities{SoftwareGL: software}, playliststest.Zones, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := body.Loops[0].Entries[0].Transition; got != want {
			t.Errorf("software %v: got %q, want %q", software, got, want)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	h := ward("Mars/Olympus")
	if _, _, err := playlists.Compile(h, "bed", playlists.Abilities{}, playliststest.Zones, nil); err == nil || !strings.Contains(err.Error(), "Mars/Olympus") {
		t.Errorf("got %v, want an unknown zone", err)
	}
	if _, _, err := playlists.Compile(h, "nowhere", playlists.Abilities{}, playliststest.Zones, nil); err == nil {
		t.Error("got no error for an unknown screen")
	}
}

// TestClassesAgree: screens of equal classes get equal bodies, compiled one by one; and compiling again
// gives the same again.
func TestClassesAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := severalWards(t)
		compiler := playlists.NewCompiler(h, playliststest.Zones, playliststest.Fonts())
		bodies := map[playlists.Class]*playlists.Body{}
		for s := range h.Screens {
			a := rapid.SampledFrom([]playlists.Abilities{{}, {Width: 1920, Height: 1080}, {Width: 1366, Height: 768}, {Width: 3840, Height: 2160}, {SoftwareGL: true}}).Draw(t, "abilities")
			class, err := compiler.Class(s, a)
			if err != nil {
				t.Fatal(err)
			}
			body, _, err := playlists.Compile(h, s, a, playliststest.Zones, playliststest.Fonts())
			if err != nil {
				t.Fatal(err)
			}
			shared, _, err := compiler.Compile(s, a)
			if err != nil || !reflect.DeepEqual(shared, body) {
				t.Fatalf("%s: the compiler gives another body, %v", s, err)
			}
			if other, ok := bodies[class]; ok && !reflect.DeepEqual(other, body) {
				t.Fatalf("%s: its class has another body", s)
			}
			bodies[class] = body
		}
	})
}

// severalWards draws screens of three departments with tags, and windows for some of them.
func severalWards(t *rapid.T) *playlists.Hospital {
	h := ward("America/New_York")
	for _, d := range []playlists.DepartmentID{"icu", "er"} {
		department := h.Departments["ward"]
		department.ID = d
		h.Departments[d] = department
	}
	departments := []playlists.DepartmentID{"ward", "icu", "er"}
	tags := []playlists.Tag{"quiet", "chapel"}
	for i := range 12 {
		id := playlists.ScreenID(fmt.Sprintf("screen-%d", i))
		h.Screens[id] = playlists.Screen{
			ID: id, Department: rapid.SampledFrom(departments).Draw(t, "department"), Name: string(id),
			Tags:     rapid.SliceOf(rapid.SampledFrom(tags)).Draw(t, "tags"),
			Rotation: rapid.SampledFrom([]int{0, 90}).Draw(t, "rotation"),
		}
	}
	target := rapid.Custom(func(t *rapid.T) playlists.Target {
		return rapid.SampledFrom([]playlists.Target{{All: true}, {Site: "main"}, {Department: "icu"}, {Tag: "quiet"}, {Screen: "screen-3"}}).Draw(t, "target")
	})
	for i := range 6 {
		w := aWindow(t, playlists.WindowID(fmt.Sprintf("window-%d", i)))
		w.Targets = rapid.SliceOfN(target, 1, 3).Draw(t, "targets")
		w.Except = rapid.SliceOfN(target, 0, 1).Draw(t, "except")
		play(h, w.Playlist, "one", "two")
		h.Windows[w.ID] = w
	}
	return h
}

func TestReaches(t *testing.T) {
	place := playlists.Place{Screen: "bed", Department: "ward", Site: "main", Tags: []playlists.Tag{"quiet"}}
	type targets = []playlists.Target
	for _, c := range []struct {
		name            string
		targets, except targets
		want            playlists.Narrowness
		reached         bool
	}{
		{"nothing chosen", nil, nil, 0, false},
		{"everywhere", targets{{All: true}}, nil, playlists.ByAll, true},
		{"its site", targets{{Site: "main"}}, nil, playlists.BySite, true},
		{"another site", targets{{Site: "west"}}, nil, 0, false},
		{"its department", targets{{Department: "ward"}}, nil, playlists.ByDepartment, true},
		{"its tag", targets{{Tag: "quiet"}}, nil, playlists.ByTag, true},
		{"itself", targets{{Screen: "bed"}}, nil, playlists.ByScreen, true},
		{"the narrowest counts", targets{{All: true}, {Tag: "quiet"}, {Department: "ward"}}, nil, playlists.ByTag, true},
		{"everywhere but here", targets{{All: true}}, targets{{Screen: "bed"}}, 0, false},
		{"everywhere but where it is quiet", targets{{All: true}}, targets{{Tag: "quiet"}}, 0, false},
		{"an exception elsewhere", targets{{All: true}}, targets{{Department: "icu"}}, playlists.ByAll, true},
		{"an exception is stronger than its name", targets{{Screen: "bed"}}, targets{{Department: "ward"}}, 0, false},
		{"an empty target reaches nothing", targets{{}}, nil, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, ok := playlists.Reaches(c.targets, c.except, place); ok != c.reached || ok && got != c.want {
				t.Errorf("got %v, %v, want %v, %v", got, ok, c.want, c.reached)
			}
		})
	}
}

func TestReached(t *testing.T) {
	h := playliststest.Hospital()
	got := h.Reached([]playlists.Target{{Site: "main"}}, []playlists.Target{{Tag: "quiet"}})
	if want := []playlists.ScreenID{playliststest.CardiologyDoor, playliststest.CardiologyWindow}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestCheck(t *testing.T) {
	h := playliststest.Hospital()
	delete(h.Playlists, "calm")
	delete(h.Closures, "public-holidays-2026")
	w := h.Windows["cardiology-weekdays"]
	w.Targets = []playlists.Target{{Department: "dentistry"}}
	h.Windows[w.ID] = w
	d := h.Departments["paediatrics"]
	d.Floors = []playlists.Floor{{Topic: "nobody-has-it", Plays: 2}, {Item: "gone", Plays: 2}, {Item: "fire", Plays: 2}, {Item: "leaflet", Plays: 2}}
	h.Departments[d.ID] = d
	leaflet := playliststest.Pictures("leaflet", "Leaflet", "", "en")
	leaflet.Platforms = []playlists.Platform{playlists.Paper}
	h.Items[leaflet.ID] = leaflet
	p := h.Playlists["notices"]
	p.Entries = append(slices.Clone(p.Entries), playlists.Entry{Item: leaflet.ID, Weight: 1})
	h.Playlists[p.ID] = p
	fire := playliststest.Pictures("fire", "Fire", "", "en")
	fire.Template = &playlists.TakeoverTemplate{Severity: playlists.Emergency, Minutes: 60}
	h.Items[fire.ID] = fire
	var got []string
	for _, p := range h.Check() {
		got = append(got, fmt.Sprintf("%s %s %s: %s", p.Kind, p.ID, p.Field, p.Message))
	}
	want := []string{
		"department cardiology closures: public-holidays-2026 does not exist; choose another",
		"department cardiology filler: calm does not exist; choose another",
		"department outpatients closures: public-holidays-2026 does not exist; choose another",
		"department outpatients filler: calm does not exist; choose another",
		"department paediatrics filler: calm does not exist; choose another",
		"department paediatrics floors[1].item: gone does not exist; choose another",
		"department paediatrics floors[2].item: Fire is wording for takeovers, which no playlist shows; choose another item, or take this out",
		"department paediatrics floors[3].item: Leaflet does not go to screens; choose another item, or let it go to screens",
		"playlist notices entries: Leaflet does not go to screens, so it is left out; take it out of the playlist, or let it go to screens",
		"window cardiology-weekdays targets: dentistry does not exist; choose another",
		"window cardiology-weekdays targets: it reaches no screen; choose where it shows, or remove it",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// One film in two languages, each with captions of its own: every rendition comes with its own.
func TestCaptionsComeWithTheirFilm(t *testing.T) {
	h := playliststest.Hospital()
	film := h.Items["lake-at-dawn"]
	english, spanish := film.Renditions[0], film.Renditions[0]
	english.Language, english.Captions = "en", playliststest.Captions("lake en")
	spanish.Language, spanish.Captions = "es", playliststest.Captions("lake es")
	film.Renditions = []playlists.Rendition{english, spanish}
	h.Items[film.ID] = film
	b := playliststest.Compile(t, h, playliststest.Paediatrics)
	got := map[playlists.Language]playlists.Digest{}
	for _, s := range b.Showings {
		if s.Item == film.ID {
			got[s.Language] = s.Captions
		} else if s.Captions != "" {
			t.Errorf("%s has captions", s.Item)
		}
	}
	if len(got) != 2 || got["en"] != english.Captions.Digest || got["es"] != spanish.Captions.Digest {
		t.Errorf("captions are %v", got)
	}
	p, err := playlists.NewProgramme(&playlists.Manifest{Head: playlists.Head{Screen: playliststest.Paediatrics}, Body: b}, nil)
	if err != nil {
		t.Fatal(err)
	}
	soon := p.Soon(time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC))
	for _, a := range []playlists.Asset{*english.Captions, *spanish.Captions} {
		if kept, ok := b.Asset(a.Digest); !ok || kept != a {
			t.Errorf("the body names %+v instead of %+v", kept, a)
		}
		at := slices.Index(soon, a.Digest)
		if at < 1 || at == len(soon)-1 {
			t.Errorf("captions are fetched as number %d of %d", at, len(soon))
		}
	}
	b.Showings[0].Captions = english.Variants[0].Digest
	if err := b.Validate(); err == nil {
		t.Error("a body is taken whose captions are a film")
	}
}

// leaflet is an item of so many pages in each language.
func leaflet(id playlists.ItemID, pages int, languages ...playlists.Language) playlists.Item {
	i := playliststest.Pictures(id, "A leaflet", "", languages...)
	for n := range i.Renditions {
		for page := 2; page <= pages; page++ {
			seed := fmt.Sprintf("%s %s %d", id, i.Renditions[n].Language, page)
			i.Renditions[n].Further = append(i.Renditions[n].Further, []playlists.Asset{playliststest.Picture(seed, 1280), playliststest.Picture(seed, 1920)})
		}
	}
	return i
}

// TestPagesOfALeafletFollowEachOther: an entry is all pages of a leaflet, in their order, whatever the weights do with the
// entries around it.
func TestPagesOfALeafletFollowEachOther(t *testing.T) {
	h := ward("America/New_York")
	h.Items["leaflet"] = leaflet("leaflet", 3, "en", "es")
	play(h, "calm", "leaflet", "english")
	p := h.Playlists["calm"]
	p.Entries[0].Weight, p.Entries[0].Millis = 2, 7_000
	h.Playlists["calm"] = p
	d := h.Departments["ward"]
	d.Languages = []playlists.LanguageShare{{Language: "en", Twelfths: 6}, {Language: "es", Twelfths: 6}}
	h.Departments["ward"] = d

	body := playliststest.Compile(t, h, "bed")
	en, es := strings.TrimSpace(strings.Repeat("leaflet/en ", 3)), strings.TrimSpace(strings.Repeat("leaflet/es ", 3))
	want := strings.Join([]string{"english/en", en, en, "english/en", es, es}, " ")
	if got := loopOf(body, "calm"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for n, r := range h.Items["leaflet"].Renditions {
		first := 7*n + 1
		for page, variants := range append([][]playlists.Asset{r.Variants}, r.Further...) {
			entry := body.Loops[0].Entries[body.Loops[0].Order[first+page]]
			if on := body.Showings[entry.Showing]; on.Asset != variants[1].Digest || entry.Millis != 7_000 {
				t.Errorf("page %d in %s is %s for %d ms", page+1, r.Language, on.Asset, entry.Millis)
			}
		}
	}
}

// TestALoopThatPagesMakeTooLongIsCut: what does not fit is left out and told, and the screen has a programme all the same.
func TestALoopThatPagesMakeTooLongIsCut(t *testing.T) {
	h := ward("America/New_York")
	h.Items["leaflet"] = leaflet("leaflet", 24, "en", "es")
	play(h, "calm", "leaflet", "english")
	p := h.Playlists["calm"]
	p.Entries[0].Weight = 999
	h.Playlists["calm"] = p
	body, problems, err := playlists.Compile(h, "bed", playlists.Abilities{}, playliststest.Zones, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(body.Loops[0].Order); n > playlists.MaxOrder || n <= playlists.MaxOrder-24 {
		t.Errorf("%d slots, want %d or hardly fewer", n, playlists.MaxOrder)
	}
	if len(problems) != 1 || problems[0].Kind != "playlist" || problems[0].ID != "calm" {
		t.Errorf("the problems are %v", problems)
	}
}

func TestANewPageIsANewVersion(t *testing.T) {
	old := leaflet("leaflet", 3, "en")
	next := leaflet("leaflet", 3, "en")
	next.Renditions[0].Further[1] = []playlists.Asset{playliststest.Picture("another", 1280)}
	if got := next.WrittenOver(&old, "ada"); got.Version != old.Version+1 || got.Approved() {
		t.Errorf("with another last page it is version %d, approved %v", got.Version, got.Approved())
	}
	if got := leaflet("leaflet", 3, "en").WrittenOver(&old, "ada"); got.Version != old.Version {
		t.Errorf("the same pages are version %d", got.Version)
	}
}

func TestPlayersHoldTheLogo(t *testing.T) {
	h := ward("America/New_York")
	if body := playliststest.Compile(t, h, "bed"); body.Logo != "" {
		t.Errorf("without a logo it is %s", body.Logo)
	}
	logo := playliststest.Picture("logo", 640)
	h.Organisation.Logo = &logo
	body := playliststest.Compile(t, h, "bed")
	if _, ok := body.Asset(logo.Digest); body.Logo != logo.Digest || !ok {
		t.Errorf("the logo is %q, among the files: %v", body.Logo, ok)
	}
	body.Logo = playliststest.Digest("no such")
	if err := body.Validate(); err == nil {
		t.Error("a body with a logo that it does not have is taken")
	}
}
