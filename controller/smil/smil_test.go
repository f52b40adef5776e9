package smil_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"anteroom/controller/smil"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// element is any element of a document, as an XML parser that knows nothing of SMIL reads it.
type element struct {
	name  string
	attrs map[string]string
	kids  []*element
}

func parse(t *testing.T, doc []byte) *element {
	t.Helper()
	top := &element{}
	open := []*element{top}
	for d := xml.NewDecoder(strings.NewReader(string(doc))); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return top.kids[0]
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, attrs: map[string]string{}}
			for _, a := range token.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			up := open[len(open)-1]
			up.kids = append(up.kids, e)
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
}

func (e *element) find(name string) []*element {
	var found []*element
	for _, k := range e.kids {
		if k.name == name {
			found = append(found, k)
		}
		found = append(found, k.find(name)...)
	}
	return found
}

// player plays a document as SMIL says, with the clock of a place.
type player struct {
	t    *testing.T
	zone *time.Location
}

func (p player) clock(value string) time.Time {
	at, err := time.ParseInLocation("2006-01-02T15:04:05", strings.TrimSuffix(strings.TrimPrefix(value, "wallclock("), ")"), p.zone)
	if err != nil {
		p.t.Fatal(err)
	}
	return at
}

func (p player) seconds(value string) time.Duration {
	s, err := strconv.ParseFloat(strings.TrimSuffix(value, "s"), 64)
	if err != nil {
		p.t.Fatal(err)
	}
	return time.Duration(s * float64(time.Second))
}

// at gives what is in each region at an instant.
func (p player) at(doc *element, now time.Time) map[string]string {
	on := map[string]string{}
	for _, par := range doc.find("body")[0].kids[0].kids {
		begin, end := p.clock(par.attrs["begin"]), p.clock(par.attrs["end"])
		if now.Before(begin) || !now.Before(end) {
			continue
		}
		for _, seq := range par.kids {
			if m := p.in(seq, now.Sub(begin)); m != nil {
				if was, taken := on[m.attrs["region"]]; taken {
					p.t.Fatalf("%v: %s and %s in one region", now, was, m.attrs["src"])
				}
				on[m.attrs["region"]] = m.attrs["src"]
			}
		}
	}
	return on
}

// in is the medium of a container some time after it began; nil if there is none.
func (p player) in(e *element, after time.Duration) *element {
	if e.name != "seq" {
		return e
	}
	if e.attrs["repeatCount"] == "indefinite" {
		var whole time.Duration
		for _, k := range e.kids {
			whole += p.length(k)
		}
		after %= whole
	}
	for _, k := range e.kids {
		if k.attrs["repeatCount"] == "indefinite" {
			return p.in(k, after)
		}
		if d := p.length(k); after >= d {
			after -= d
			continue
		}
		return p.in(k, after)
	}
	return nil
}

func (p player) length(e *element) time.Duration { return p.seconds(e.attrs["dur"]) }

func source(s *playlists.Showing) string { return "files/" + string(s.Asset) }

func programme(t *testing.T, h *playlists.Hospital, screen playlists.ScreenID) *playlists.Programme {
	t.Helper()
	body, _, err := playlists.Compile(h, screen, playlists.Abilities{}, playliststest.Zones, playliststest.Fonts())
	if err != nil {
		t.Fatal(err)
	}
	p, err := playlists.NewProgramme(&playlists.Manifest{Head: playlists.Head{Screen: screen}, Body: body}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A player that does what SMIL says shows what the programme says, at every instant of two days, whatever the screen.
func TestAnotherPlayerShowsTheProgramme(t *testing.T) {
	h := playliststest.Hospital()
	// One item ends at noon, and is entered anew by those after it; a layout has regions; one window cuts another.
	ending := h.Items["chest-pain-signs"]
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for id, d := range h.Departments {
		d.Zone = "Europe/Berlin"
		h.Departments[id] = d
	}
	ending.Until = time.Date(2026, 11, 23, 12, 0, 7, 0, zone)
	h.Items[ending.ID] = ending
	h.Windows["lunch"] = playlists.Window{
		ID: "lunch", Name: "Lunch", Layout: "with-ticker", Start: "13 11 * * *", End: playlists.LocalEnd{Clock: 12*60 + 31},
		Targets: []playlists.Target{{All: true}}, Priority: 5,
	}
	for screen := range h.Screens {
		for _, day := range []time.Time{time.Date(2026, 11, 23, 0, 0, 0, 0, zone), time.Date(2026, 3, 28, 0, 0, 0, 0, zone)} {
			t.Run(fmt.Sprint(screen, day.Format(" 2006-01-02")), func(t *testing.T) {
				shows(t, programme(t, h, screen), day, zone)
			})
		}
	}
}

func shows(t *testing.T, p *playlists.Programme, from time.Time, zone *time.Location) {
	t.Helper()
	to := from.AddDate(0, 0, 2)
	written, err := smil.Write(p, smil.Page{Title: "Hall", From: from, To: to, Width: 1920, Height: 1080, Source: source})
	if err != nil {
		t.Fatal(err)
	}
	doc, other, seen := parse(t, written), player{t, zone}, 0
	for now := from; now.Before(to); now = now.Add(7*time.Second + 300*time.Millisecond) {
		f := p.At(now)
		want := map[string]string{}
		for _, s := range f.Slots {
			want["r-"+string(f.Layout.ID)+"."+s.Region] = source(s.Showing)
			seen++
		}
		if got := other.at(doc, now); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%v: got %v, want %v", now, got, want)
		}
	}
	if seen < 20_000 {
		t.Errorf("compared %d pictures only", seen)
	}
	if len(written) > 100_000 {
		t.Errorf("two days take %d bytes: what repeats is written again and again", len(written))
	}
	laidOut(t, doc)
}

// laidOut: every medium's region is in the layout once, within the screen.
func laidOut(t *testing.T, doc *element) {
	t.Helper()
	regions := map[string]int{}
	for _, r := range doc.find("region") {
		regions[r.attrs["id"]]++
		left, _ := strconv.Atoi(r.attrs["left"])
		width, _ := strconv.Atoi(r.attrs["width"])
		if width <= 0 || left < 0 || left+width > 1920 {
			t.Errorf("region %v is not on the screen", r.attrs)
		}
	}
	for _, m := range append(doc.find("img"), doc.find("video")...) {
		if regions[m.attrs["region"]] != 1 {
			t.Errorf("%v is in a region that the layout has %d times", m.attrs, regions[m.attrs["region"]])
		}
	}
}

// The same day gives the same bytes: a player restarts whenever they change.
func TestTheSameDayIsTheSameDocument(t *testing.T) {
	p := programme(t, playliststest.Hospital(), playliststest.CardiologyDoor)
	page := smil.Page{Title: "A < B & \"C\"", From: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC), Width: 1080, Height: 1920, Source: source}
	first, err := smil.Write(p, page)
	if err != nil {
		t.Fatal(err)
	}
	again, err := smil.Write(p, page)
	if err != nil || string(first) != string(again) {
		t.Errorf("got another document, %v", err)
	}
	if title := parse(t, first).find("meta")[1].attrs["content"]; title != page.Title {
		t.Errorf("got the title %q, want %q", title, page.Title)
	}
}
