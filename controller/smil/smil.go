// Package smil says a screen's programme as SMIL 3.0, for players of other makers. It is pure.
//
// The document holds the programme of some days, cut where another thing decides what shows. Each such piece is a par with a
// begin and an end on the wall clock, in the department's local time without an offset, as players of this kind read it;
// in it each region has a seq. What repeats is written once, under repeatCount="indefinite", for the end cuts it.
//
// Such a player does not enter a seq in the middle, gives no proof but its own log, draws no widget and no captions, and
// shows no takeover. Everything that depends on that is the reader's to know; docs/operators-guide.md says so.
package smil

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"time"

	"anteroom/playlists"
)

// Refresh is how often players ask whether the document has changed.
const Refresh = time.Minute

// Page says how to write a programme.
type Page struct {
	// Title is the screen's name.
	Title string
	// From and To bound what is written: [From, To).
	From, To time.Time
	// Width and Height are the screen's, in pixels.
	Width, Height int
	// Source is where a player gets what is shown.
	Source func(*playlists.Showing) string
}

// Write gives the document. Equal arguments give equal bytes.
func Write(p *playlists.Programme, page Page) ([]byte, error) {
	spans := walk(p, page.From, page.To)
	doc := document{
		Namespace: "http://www.w3.org/ns/SMIL", Version: "3.0", Profile: "Language",
		Head: head{
			Metas:  []meta{{HTTPEquiv: "Refresh", Content: strconv.Itoa(int(Refresh / time.Second))}, {Name: "title", Content: page.Title}},
			Layout: layoutOf(spans, page),
		},
	}
	for _, s := range spans {
		doc.Body.Par.Spans = append(doc.Body.Par.Spans, s.par(page, p.Zone()))
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("writing SMIL: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

type (
	document struct {
		XMLName   xml.Name `xml:"smil"`
		Namespace string   `xml:"xmlns,attr"`
		Version   string   `xml:"version,attr"`
		Profile   string   `xml:"baseProfile,attr"`
		Head      head     `xml:"head"`
		Body      struct {
			Par struct {
				Spans []node
			} `xml:"par"`
		} `xml:"body"`
	}
	head struct {
		Metas  []meta `xml:"meta"`
		Layout layout `xml:"layout"`
	}
	meta struct {
		HTTPEquiv string `xml:"http-equiv,attr,omitempty"`
		Name      string `xml:"name,attr,omitempty"`
		Content   string `xml:"content,attr"`
	}
	layout struct {
		Root    root     `xml:"root-layout"`
		Regions []region `xml:"region"`
	}
	root struct {
		Width  int `xml:"width,attr"`
		Height int `xml:"height,attr"`
	}
	region struct {
		ID     string `xml:"xml:id,attr"`
		Name   string `xml:"regionName,attr"`
		Left   int    `xml:"left,attr"`
		Top    int    `xml:"top,attr"`
		Width  int    `xml:"width,attr"`
		Height int    `xml:"height,attr"`
		Z      int    `xml:"z-index,attr"`
		Fit    string `xml:"fit,attr"`
	}
	// node is a time container or a medium.
	node struct {
		XMLName xml.Name
		Begin   string `xml:"begin,attr,omitempty"`
		End     string `xml:"end,attr,omitempty"`
		Repeat  string `xml:"repeatCount,attr,omitempty"`
		Src     string `xml:"src,attr,omitempty"`
		Region  string `xml:"region,attr,omitempty"`
		Dur     string `xml:"dur,attr,omitempty"`
		Fit     string `xml:"fit,attr,omitempty"`
		Title   string `xml:"title,attr,omitempty"`
		Nodes   []node
	}
)

// layoutOf lists the regions of all layouts that show, each once.
func layoutOf(spans []span, page Page) layout {
	l := layout{Root: root{page.Width, page.Height}}
	seen := map[string]bool{}
	for _, s := range spans {
		for _, t := range s.tracks {
			if seen[t.region] {
				continue
			}
			seen[t.region] = true
			left, top := pixel(t.box.X, page.Width), pixel(t.box.Y, page.Height)
			l.Regions = append(l.Regions, region{
				ID: t.region, Name: t.region, Left: left, Top: top,
				Width: pixel(t.box.X+t.box.W, page.Width) - left, Height: pixel(t.box.Y+t.box.H, page.Height) - top,
				Z: t.index + 1, Fit: "meet",
			})
		}
	}
	return l
}

func pixel(fraction float64, of int) int { return int(fraction*float64(of) + 0.5) }

func (s *span) par(page Page, z *playlists.Zone) node {
	out := element("par")
	out.Begin, out.End = wallclock(s.from, z), wallclock(s.to, z)
	for _, t := range s.tracks {
		out.Nodes = append(out.Nodes, t.seq(page))
	}
	return out
}

// wallclock is a local time: what decides changes at whole seconds.
func wallclock(t time.Time, z *playlists.Zone) string {
	_, _, offset := z.Local(t)
	return "wallclock(" + t.UTC().Add(time.Duration(offset)*time.Second).Format("2006-01-02T15:04:05") + ")"
}

func (t *track) seq(page Page) node {
	first, loop := t.folded()
	seq := element("seq")
	for _, turn := range first {
		seq.Nodes = append(seq.Nodes, turn.medium(t.region, page))
	}
	if len(loop) == 0 {
		return seq
	}
	again := element("seq")
	again.Repeat = "indefinite"
	for _, turn := range loop {
		again.Nodes = append(again.Nodes, turn.medium(t.region, page))
	}
	if len(first) == 0 {
		return again
	}
	seq.Nodes = append(seq.Nodes, again)
	return seq
}

// medium is a turn; an empty seq where there is nothing.
func (t *turn) medium(region string, page Page) node {
	dur := strconv.FormatFloat(t.length.Seconds(), 'f', -1, 64) + "s"
	if t.showing == nil {
		n := element("seq")
		n.Dur = dur
		return n
	}
	n := element("img")
	if t.showing.Medium == playlists.Video {
		n = element("video")
	}
	n.Src, n.Region, n.Dur, n.Title = page.Source(t.showing), region, dur, t.showing.Title
	if t.fill {
		n.Fit = "slice"
	}
	return n
}

func element(name string) node { return node{XMLName: xml.Name{Local: name}} }

// folded is the track as what comes once, and what then comes again and again.
func (t *track) folded() (first, loop []turn) {
	rest := t.turns
	if len(rest) > 0 && rest[0].entered {
		first, rest = rest[:1], rest[1:]
	}
	if k := period(rest); k < len(rest) {
		return first, rest[:k]
	}
	return t.turns, nil
}

// period is the least number of turns after which all repeat; that of all if they do not.
func period(turns []turn) int {
	border := make([]int, len(turns))
	for i := 1; i < len(turns); i++ {
		k := border[i-1]
		for k > 0 && !turns[i].same(&turns[k]) {
			k = border[k-1]
		}
		if turns[i].same(&turns[k]) {
			k++
		}
		border[i] = k
	}
	if len(turns) == 0 {
		return 0
	}
	return len(turns) - border[len(turns)-1]
}

// regionID is a name that XML takes as an id, and that no two layouts share.
func regionID(layout playlists.LayoutID, name string) string {
	return "r-" + string(layout) + "." + name
}

func regionOf(f *playlists.Frame, name string) (region playlists.BodyRegion, place int) {
	i := slices.IndexFunc(f.Layout.Regions, func(r playlists.BodyRegion) bool { return r.Name == name })
	return f.Layout.Regions[i], i
}
