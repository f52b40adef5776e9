package playlists_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/playliststest/fuzztest"
)

// fault runs a document's Validate and says its faults as "field: message".
func fault(err error) string {
	var said []string
	for _, f := range playlists.Faults(err) {
		said = append(said, f.Field+": "+f.Message)
	}
	return strings.Join(said, "; ")
}

// expect compares a document's faults with what they begin with; "" is none.
func expect(t *testing.T, err error, want string) {
	t.Helper()
	got := fault(err)
	if want == "" && err != nil || !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if err != nil && !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("%v is no ErrInvalid", err)
	}
}

func TestSampleDocumentsAreValid(t *testing.T) {
	h := playliststest.Hospital()
	expect(t, h.Organisation.Validate(), "")
	for _, d := range h.Sites {
		expect(t, d.Validate(), "")
	}
	for _, d := range h.Departments {
		expect(t, d.Validate(), "")
	}
	for _, d := range h.Screens {
		expect(t, d.Validate(), "")
	}
	for _, d := range h.Items {
		expect(t, d.Validate(), "")
	}
	for _, d := range h.Playlists {
		expect(t, d.Validate(), "")
	}
	for _, d := range h.Layouts {
		expect(t, d.Validate(), "")
	}
	for _, d := range h.Windows {
		expect(t, d.Validate(), "")
	}
	for _, d := range h.Closures {
		expect(t, d.Validate(), "")
	}
	expect(t, playliststest.Takeovers(1, time.Time{}, playliststest.Takeover("fire", time.Unix(0, 0))).Validate(), "")
}

func TestOrganisation(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(o *playlists.Organisation)
		want  string
	}{
		{"no name", func(o *playlists.Organisation) { o.Name = " " }, "name: write 1 to 200 characters"},
		{"a long name in Chinese", func(o *playlists.Organisation) { o.Name = strings.Repeat("院", 200) }, ""},
		{"a longer name", func(o *playlists.Organisation) { o.Name = strings.Repeat("院", 201) }, "name: write 1 to 200 characters"},
		{"a name of two lines", func(o *playlists.Organisation) { o.Name = "North\nHospital" }, "name: a character in it cannot be seen"},
		{"a colour by name", func(o *playlists.Organisation) { o.Brand.Ink = "white" }, `brand.ink: "white" is no colour`},
		{"grey on grey", func(o *playlists.Organisation) { o.Brand.Background, o.Brand.Ink = "#777777", "#999999" }, "brand.ink: its contrast with the background is 1.6"},
		{"a logo", func(o *playlists.Organisation) { logo := playliststest.Picture("logo", 640); o.Logo = &logo }, ""},
		{"a film as its logo", func(o *playlists.Organisation) { logo := playliststest.Clip("logo", 640, time.Second); o.Logo = &logo }, "logo: a logo is a picture"},
		{"a poster as its logo", func(o *playlists.Organisation) {
			logo := playliststest.Picture("logo", 640)
			logo.Bytes = 1<<20 + 1
			o.Logo = &logo
		}, "logo: the picture has 1024 kB, and a logo 1024 kB at most"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := playliststest.Hospital().Organisation
			c.spoil(&o)
			expect(t, o.Validate(), c.want)
		})
	}
}

func TestDepartment(t *testing.T) {
	type department = playlists.Department
	for _, c := range []struct {
		name  string
		spoil func(d *department)
		want  string
	}{
		{"an id with a space", func(d *department) { d.ID = "the ward" }, `id: "the ward" is no identifier`},
		{"no site", func(d *department) { d.Site = "" }, `site: "" is no identifier`},
		{"a zone of three words", func(d *department) { d.Zone = "Eastern Standard Time" }, "zone: "},
		{"a zone that climbs", func(d *department) { d.Zone = "../../etc/passwd" }, "zone: "},
		{"eleven twelfths", func(d *department) { d.Languages[0].Twelfths = 7 }, "languages: the shares add up to 11 twelfths; make it 12"},
		{"a language twice", func(d *department) { d.Languages[1].Language = "en" }, "languages[1]: en is there twice"},
		{"a language of no share", func(d *department) { d.Languages = append(d.Languages, playlists.LanguageShare{Language: "fr"}) }, "languages[2].twelfths: give it at least 1 twelfth"},
		{"no language at all", func(d *department) { d.Languages = nil }, "languages: the shares add up to 0"},
		{"a fallback that is none", func(d *department) { d.Fallback = "English" }, `fallback: "English" is no language`},
		{"an eighth day", func(d *department) { d.Hours[0].Days = []int{7} }, "hours[0].days: 7 is no day"},
		{"closing before opening", func(d *department) { d.Hours[0].To = d.Hours[0].From }, "hours[0]: 08:00 to 08:00 is no span"},
		{"each kind of floor", func(d *department) {
			d.Floors = []playlists.Floor{{Item: "hand-washing", Plays: 1}, {Phase: playlists.Recovery, Plays: 2}, {Topic: "hand-washing", Plays: 3600}}
		}, ""},
		{"a floor of nothing", func(d *department) { d.Floors = []playlists.Floor{{Plays: 2}} }, "floors[0]: choose exactly one of an item, a phase of care, every phase and a topic"},
		{"a floor of two things", func(d *department) {
			d.Floors = []playlists.Floor{{Item: "hand-washing", Phase: playlists.Recovery, Plays: 2}}
		}, "floors[0]: choose exactly one"},
		{"the same floor twice", func(d *department) {
			d.Floors = []playlists.Floor{{Phase: playlists.Recovery, Plays: 2}, {Phase: playlists.Recovery, Plays: 4}}
		}, "floors[1]: the same must run already"},
		{"a floor of no plays", func(d *department) { d.Floors = []playlists.Floor{{Topic: "heart"}} }, "floors[0].plays: 0 plays an hour are out of bounds; choose 1 to 3600"},
		{"more plays than seconds", func(d *department) { d.Floors = []playlists.Floor{{Topic: "heart", Plays: 3601}} }, "floors[0].plays: 3601 plays an hour are out of bounds"},
		{"a phase that there is not", func(d *department) { d.Floors = []playlists.Floor{{Phase: "birth", Plays: 1}} }, `floors[0].phase: "birth" is no phase of care; choose one of [symptoms`},
		{"an item's title for its id", func(d *department) { d.Floors = []playlists.Floor{{Item: "Wash your hands", Plays: 1}} }, "floors[0].item: "},
		{"too many floors", func(d *department) {
			for i := range 51 {
				d.Floors = append(d.Floors, playlists.Floor{Item: playlists.ItemID(fmt.Sprintf("item-%d", i)), Plays: 1})
			}
		}, "floors: 51 are too many; make it 50 at most"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := playliststest.Hospital().Departments["cardiology"]
			c.spoil(&d)
			expect(t, d.Validate(), c.want)
		})
	}
}

func TestScreenAndClosure(t *testing.T) {
	s := playliststest.Hospital().Screens[playliststest.CardiologyDoor]
	s.Rotation, s.Volume = 45, 101
	expect(t, s.Validate(), "rotation: 45 degrees is not possible; choose 0, 90, 180 or 270; volume: 101 is out of bounds")
	c := playliststest.Hospital().Closures["public-holidays-2026"]
	c.Dates = append(c.Dates, playlists.Date{Year: 2026, Month: time.February, Day: 30})
	expect(t, c.Validate(), "dates[2]: 2026-2-30 is no date")
}

func TestSubscription(t *testing.T) {
	day := playlists.Date{Year: 2026, Month: time.December, Day: 25}
	for _, c := range []struct{ name, url, want string }{
		{"over TLS", "https://intranet.example.org/holidays.ics?key=1", ""},
		{"without", "http://10.2.0.7:8080/a.ics", ""},
		{"as calendars write it", "webcal://example.org/a.ics", ""},
		{"a file", "file:///etc/passwd", `calendar.url: "file:///etc/passwd" is no address of a calendar`},
		{"no host", "https:///a.ics", `calendar.url: "https:///a.ics" is no address of a calendar`},
		{"a word", "holidays", `calendar.url: "holidays" is no address of a calendar`},
		{"a password", "https://ada:secret@example.org/a.ics", "calendar.url: the address holds a name or password"},
		{"too long", "https://example.org/" + strings.Repeat("a", 2000), "calendar.url: 2020 letters are too many"},
	} {
		t.Run(c.name, func(t *testing.T) {
			closure := playlists.Closure{ID: "holidays", Name: "Holidays", Dates: []playlists.Date{day}, Calendar: &playlists.Subscription{URL: c.url}}
			expect(t, closure.Validate(), c.want)
		})
	}
	named := playlists.Closure{ID: "holidays", Name: "Holidays", Names: map[playlists.Date]string{day: strings.Repeat("a", 201)}}
	expect(t, named.Validate(), "names: 2026-12-25 has a name, but it is none of the dates; leave it out; names: the name of 2026-12-25 is too long")
}

func TestItem(t *testing.T) {
	type item = playlists.Item
	for _, c := range []struct {
		name  string
		spoil func(i *item)
		want  string
	}{
		{"no picture", func(i *item) { i.Renditions = nil }, "renditions: upload a picture, a video or a slide"},
		{"version 0", func(i *item) { i.Version, i.Approval = 0, nil }, "version: versions count from 1"},
		{"the same language twice", func(i *item) { i.Renditions[1].Language = "en" }, "renditions[1]: en is there twice"},
		{"a phase of nobody's", func(i *item) { i.Phase = "waiting" }, `phase: "waiting" is no phase of care`},
		{"a sponsor without end", func(i *item) { i.Sponsor = strings.Repeat("é", 201) }, "sponsor: it is too long; use at most 200 letters"},
		{"a campaign without end", func(i *item) { i.Campaign = strings.Repeat("é", 201) }, "campaign: it is too long; use at most 200 letters"},
		{"a long sponsor and campaign", func(i *item) { i.Sponsor, i.Campaign = strings.Repeat("é", 200), strings.Repeat("é", 200) }, ""},
		{"half a second", func(i *item) { i.Millis = 500 }, "millis: 500 ms is out of bounds"},
		{"over before it begins", func(i *item) { i.From, i.Until = time.Unix(2, 0), time.Unix(1, 0) }, "until: it ends before it begins"},
		{"approved ahead", func(i *item) { i.Approval.Version = 2 }, "approval: it approves a version that does not exist yet"},
		{"a font", func(i *item) { i.Renditions[0].Variants = playliststest.Fonts()[:1] }, "renditions[0].variants[0].medium: this shows nothing by itself"},
		{"captions alone", func(i *item) { i.Renditions[0].Variants = []playlists.Asset{*playliststest.Captions("a")} }, "renditions[0].variants[0].medium: this shows nothing by itself"},
		{"an empty page", func(i *item) { i.Renditions[0].Further = [][]playlists.Asset{nil} }, "renditions[0].further[0]: page 2 has no file"},
		{"a film among the pages", func(i *item) {
			i.Renditions[0].Further = [][]playlists.Asset{{playliststest.Clip("clip", 1920, time.Second)}}
		}, "renditions[0].further[0]: page 2 is no picture"},
		{"pages after a film", func(i *item) {
			i.Renditions[0].Variants = []playlists.Asset{playliststest.Clip("clip", 1920, time.Second)}
			i.Renditions[0].Further = [][]playlists.Asset{{playliststest.Picture("page", 1280)}}
		}, "renditions[0].further: only a leaflet of pictures has further pages"},
		{"a book", func(i *item) {
			i.Renditions[0].Further = slices.Repeat([][]playlists.Asset{{playliststest.Picture("page", 1280)}}, 24)
		}, "renditions[0].further: a leaflet of 25 pages is too long"},
		{"captions of a picture", func(i *item) { i.Renditions[0].Captions = playliststest.Captions("a") }, "renditions[0].captions: only a video has captions"},
		{"captions that are a film", func(i *item) {
			film := playliststest.Clip("clip", 1920, time.Second)
			i.Renditions[0].Variants, i.Renditions[0].Captions = []playlists.Asset{film}, &film
		}, "renditions[0].captions.medium: these are no captions"},
		{"captions of a film without words", func(i *item) {
			*i = playliststest.Film("lake", "Lake", time.Second)
			i.Renditions[0].Captions = playliststest.Captions("a")
		}, "renditions[0].captions: captions are words"},
		{"a digest in capitals", func(i *item) {
			i.Renditions[0].Variants[0].Digest = playlists.Digest(strings.ToUpper(string(i.Renditions[0].Variants[0].Digest)))
		}, "renditions[0].variants[0].digest: "},
		{"a picture and a film in one", func(i *item) { i.Renditions[0].Variants[1] = playliststest.Clip("clip", 1920, time.Second) }, "renditions[0].variants[1].medium: the variants differ in kind"},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := playliststest.Pictures("numbers", "Numbers", playlists.Prevention, "en", "es")
			c.spoil(&i)
			expect(t, i.Validate(), c.want)
		})
	}
}

func TestPlaylistAndLayout(t *testing.T) {
	for _, c := range []struct {
		name    string
		weights []int
		want    string
	}{
		{"one item", []int{1}, ""},
		{"a thousand slots", []int{999, 1}, ""},
		{"many slots that divide", []int{5000, 5000}, ""},
		{"a thousand and one", []int{1000, 1}, "entries: the weights make a loop of 1001 slots; choose smaller ones"},
		{"all off", []int{0, 0}, "entries: nothing would be shown"},
		{"empty", nil, "entries: nothing would be shown"},
		{"below nothing", []int{-1, 1}, "entries[0].weight: -1 is no weight"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := playlists.Playlist{ID: "day", Name: "Day"}
			for _, w := range c.weights {
				p.Entries = append(p.Entries, playlists.Entry{Item: "one", Weight: w})
			}
			expect(t, p.Validate(), c.want)
		})
	}
	type layout = playlists.Layout
	for _, c := range []struct {
		name  string
		spoil func(l *layout)
		want  string
	}{
		{"the built-in name", func(l *layout) { l.ID = "full" }, `id: "full" is built in`},
		{"no region", func(l *layout) { l.Regions = nil }, "regions: a layout has 1 to 16 regions"},
		{"over the edge", func(l *layout) { l.Regions[0].X = 0.5 }, "regions[0]: it is not within the screen"},
		{"thirds that round up", func(l *layout) { l.Regions[0].X, l.Regions[0].W = 0.33333334, 0.66666667 }, ""},
		{"two of a name", func(l *layout) { l.Regions[1].Name = "main" }, "regions[1]: main is there twice"},
		{"neither playlist nor widget", func(l *layout) { l.Regions[2].Widget = nil }, "regions[2]: choose either a playlist or a widget"},
		{"a weather widget", func(l *layout) { l.Regions[2].Widget = &playlists.Widget{Kind: "weather"} }, `regions[2].widget.kind: "weather" is no widget`},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := playliststest.Hospital().Layouts["with-ticker"]
			c.spoil(&l)
			expect(t, l.Validate(), c.want)
		})
	}
}

func TestWindow(t *testing.T) {
	type w = playlists.Window
	for _, c := range []struct {
		name  string
		spoil func(w *w)
		want  string
	}{
		{"both a playlist and a layout", func(w *w) { w.Layout = "with-ticker" }, "playlist: choose either a playlist or a layout"},
		{"the layout full", func(w *w) { w.Playlist, w.Layout = "", "full" }, "layout: for the whole screen choose a playlist"},
		{"a zone in the rule", func(w *w) { w.Start = "TZ=UTC" }, `start: "TZ=UTC" is no calendar rule`},
		{"over before it begins", func(w *w) { w.End = localEnd(t, "07:00") }, "end: it ends at 07:00, before it starts; choose a later end, or one on the next day"},
		{"no time at all", func(w *w) { w.End = localEnd(t, "08:00") }, "end: it ends at 08:00, before it starts"},
		{"one of several starts is after the end", func(w *w) { w.Start = "0 8,18 * * *" }, "end: it ends at 17:00, before it starts"},
		{"a minute", func(w *w) { w.End = localEnd(t, "08:01") }, ""},
		{"seven days to the minute", func(w *w) { w.End = localEnd(t, "08:00+7") }, ""},
		{"a minute more", func(w *w) { w.End = localEnd(t, "08:01+7") }, "end: it lasts longer than 7 days"},
		{"eight days", func(w *w) { w.End.Days = 8 }, "end.days: 8 is out of bounds"},
		{"dates the wrong way round", func(w *w) { w.First, w.Last = date(t, "2026-12-02"), date(t, "2026-12-01") }, "last: 2026-12-01 is before the first date, 2026-12-02"},
		{"nowhere", func(w *w) { w.Targets = nil }, "targets: choose where it shows"},
		{"two places in one target", func(w *w) { w.Targets[0].Tag = "quiet" }, "targets[0]: choose exactly one of"},
		{"a priority beyond all", func(w *w) { w.Priority = 1001 }, "priority: 1001 is out of bounds"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := window(t, "day", "0 8 * * *", "17:00")
			c.spoil(&w)
			expect(t, w.Validate(), c.want)
		})
	}
}

func TestTakeover(t *testing.T) {
	type takeover = playlists.Takeover
	for _, c := range []struct {
		name  string
		spoil func(o *takeover)
		want  string
	}{
		{"severity 4", func(o *takeover) { o.Severity = 4 }, "severity: choose 1 (notice), 2 (warning) or 3 (emergency)"},
		{"a day and a minute", func(o *takeover) { o.Until = o.From.Add(24*time.Hour + time.Minute) }, "until: it lasts longer than 24 hours"},
		{"no time", func(o *takeover) { o.Until = o.From }, "until: it ends before it begins"},
		{"no words", func(o *takeover) { o.Slides = nil }, "slides: write it in 1 to 16 languages"},
		{"broken words", func(o *takeover) { o.Slides[0].Slide = json.RawMessage("{") }, "slides[0].slide: the slide is not valid JSON"},
		{"nowhere", func(o *takeover) { o.Targets = nil }, "targets: choose where it shows"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := playliststest.Takeover("fire", time.Unix(0, 0))
			c.spoil(&o)
			expect(t, o.Validate(), c.want)
		})
	}
}

// TestBodyRefused: a malformed body is refused whole.
func TestBodyRefused(t *testing.T) {
	type body = playlists.Body
	for _, c := range []struct {
		name  string
		spoil func(b *body)
		want  string
	}{
		{"a later format", func(b *body) { b.Format = 2 }, "format: 2 is newer"},
		{"no zone data", func(b *body) { b.TZif = nil }, "tzif: "},
		{"a showing of no asset", func(b *body) { b.Showings[0].Asset = playliststest.Digest("gone") }, "showings[0].asset: "},
		{"an entry of no showing", func(b *body) { b.Loops[0].Entries[0].Showing = 99 }, "loops[0].entries[0].showing: "},
		{"an entry before the first", func(b *body) { b.Loops[0].Entries[0].Showing = -1 }, "loops[0].entries[0].showing: "},
		{"a slot of no length", func(b *body) { b.Loops[0].Entries[0].Millis = 0 }, "loops[0].entries[0].millis: "},
		{"a slot of no entry", func(b *body) { b.Loops[0].Order[0] = 99 }, "loops[0].order: "},
		{"a loop without slots", func(b *body) { b.Loops[0].Order = nil }, "loops[0].order: 0 slots"},
		{"a region of no loop", func(b *body) { b.Layouts[0].Regions[0].Loop = 99 }, "layouts[0].regions[0].loop: "},
		{"a window of no layout", func(b *body) { b.Windows[0].Layout = -1 }, "windows[0].layout: "},
		{"a rule that cron would panic on", func(b *body) { b.Windows[0].Start = "TZ=UTC" }, "windows[0].start: "},
		{"a window that ends before it starts", func(b *body) { b.Windows[0].End.Clock = 0 }, "windows[0].end: "},
		{"windows out of order", func(b *body) { b.Windows[0], b.Windows[1] = b.Windows[1], b.Windows[0] }, "windows[1].id: "},
		{"a filler that is not there", func(b *body) { b.Filler = 99 }, "filler: "},
		{"dates out of order", func(b *body) { b.ClosedDates[0], b.ClosedDates[1] = b.ClosedDates[1], b.ClosedDates[0] }, "closed_dates: "},
		{"a font that is a picture", func(b *body) { b.Fonts[0] = b.Showings[1].Asset }, "fonts[0]: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := playliststest.Body(t, playliststest.CardiologyDoor)
			c.spoil(b)
			expect(t, b.Validate(), c.want)
			if _, err := playlists.NewProgramme(&playlists.Manifest{Body: b}, nil); err == nil {
				t.Error("a programme was made of it")
			}
		})
	}
}

// FuzzBody: any JSON is refused, or makes a programme that answers.
func FuzzBody(f *testing.F) {
	g := fuzztest.New(f)
	for _, s := range []playlists.ScreenID{playliststest.CardiologyDoor, playliststest.Outpatients} {
		raw, err := json.Marshal(playliststest.Body(f, s))
		if err != nil {
			f.Fatal(err)
		}
		g.Add(raw)
	}
	g.Fuzz(func(t *testing.T, raw []byte) {
		var b playlists.Body
		if json.Unmarshal(raw, &b) != nil || b.Validate() != nil {
			return
		}
		p, err := playlists.NewProgramme(&playlists.Manifest{Body: &b}, nil)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
		for range 50 {
			p.At(at)
			at = p.Next(at)
		}
		p.Why(at)
		p.Soon(at)
		if err := b.Untimed().Validate(); err != nil {
			t.Fatal(err)
		}
	})
}
