package playlists

import (
	"cmp"
	"fmt"
	"slices"
)

// MaxOrder is the most slots of an unrolled loop: [MaxSlots] in each of twelve passes.
const MaxOrder = 12 * MaxSlots

// Validate reports, as an [ErrInvalid], what is malformed: a body is taken whole or refused whole. What
// passes can be played by [NewProgramme] and never panics.
func (b *Body) Validate() error {
	_, _, err := b.read()
	return err
}

// read validates the body and gives its zone and its windows' rules.
func (b *Body) read() (*Zone, []startRule, error) {
	f := &faults{kind: "body", id: string(b.Department)}
	f.check(b.Format >= 1 && b.Format <= BodyFormat, "format", "%d is newer than this program understands (%d); update it", b.Format, BodyFormat)
	checkID(f, "department", b.Department)
	checkID(f, "site", b.Site)
	for i, t := range b.Tags {
		checkID(f, fmt.Sprintf("tags[%d]", i), t)
	}
	b.Brand.check(f)
	f.check(validRotation(b.Rotation), "rotation", "%d degrees is not possible", b.Rotation)
	f.check(b.Volume >= 0 && b.Volume <= 100, "volume", "%d is out of bounds", b.Volume)
	zone, err := ParseZone(b.Zone, b.TZif)
	f.check(err == nil, "tzif", "%v", err)
	b.checkAssets(f)
	b.checkLoops(f)
	b.checkLayouts(f)
	rules := b.checkWindows(f)
	f.check(ascending(b.ClosedDates), "closed_dates", "they are not ascending dates")
	return zone, rules, f.err()
}

func (b *Body) checkAssets(f *faults) {
	known := make(map[Digest]Medium, len(b.Assets))
	for i, a := range b.Assets {
		a.check(f, fmt.Sprintf("assets[%d]", i))
		f.check(i == 0 || b.Assets[i-1].Digest < a.Digest, "assets", "they are not ascending by digest")
		known[a.Digest] = a.Medium
	}
	f.check(b.Logo == "" || known[b.Logo] == Image, "logo", "there is no such picture among the assets")
	for i, d := range b.Fonts {
		f.check(known[d] == Font, fmt.Sprintf("fonts[%d]", i), "there is no such font among the assets")
	}
	for i := range b.States {
		f.check(b.States[i].State != "" && b.States[i].Since.Before(b.States[i].Until), fmt.Sprintf("states[%d]", i), "it has no name, or ends before it begins")
	}
	for i, s := range b.Showings {
		field := fmt.Sprintf("showings[%d]", i)
		checkID(f, field+".item", s.Item)
		f.language(field+".language", s.Language)
		f.check(s.Medium != "" && s.Medium != Font && s.Medium != Captions && known[s.Asset] == s.Medium, field+".asset", "there is no such %s among the assets", s.Medium)
		f.check(s.Captions == "" || s.Medium == Video && known[s.Captions] == Captions, field+".captions", "there are no such captions among the assets")
		f.check(s.While >= 0 && s.While <= len(b.States), field+".while", "it names state %d of %d", s.While, len(b.States))
	}
}

func (b *Body) checkLoops(f *faults) {
	for i := range b.Loops {
		l, field := &b.Loops[i], fmt.Sprintf("loops[%d]", i)
		checkID(f, field+".playlist", l.Playlist)
		f.check(len(l.Order) >= 1 && len(l.Order) <= MaxOrder, field+".order", "%d slots are out of bounds", len(l.Order))
		for _, e := range l.Order {
			f.check(e >= 0 && e < len(l.Entries), field+".order", "it names entry %d of %d", e, len(l.Entries))
		}
		for n, e := range l.Entries {
			at := fmt.Sprintf("%s.entries[%d]", field, n)
			f.check(e.Showing >= 0 && e.Showing < len(b.Showings), at+".showing", "it names showing %d of %d", e.Showing, len(b.Showings))
			f.check(e.Millis >= MinMillis && e.Millis <= MaxMillis, at+".millis", "%d is out of bounds", e.Millis)
			f.check(e.Transition.valid() && e.Fit.valid(), at, "its manner is unknown")
			f.check(e.Fills >= 0 && e.Fills <= len(b.Floors), at+".fills", "it names floor %d of %d", e.Fills, len(b.Floors))
		}
	}
}

func (b *Body) checkLayouts(f *faults) {
	for i := range b.Layouts {
		l, field := &b.Layouts[i], fmt.Sprintf("layouts[%d]", i)
		checkID(f, field+".id", l.ID)
		f.check(len(l.Regions) >= 1 && len(l.Regions) <= maxRegions, field+".regions", "%d regions are out of bounds", len(l.Regions))
		for n := range l.Regions {
			l.Regions[n].check(f, fmt.Sprintf("%s.regions[%d]", field, n), len(b.Loops))
		}
		distinct(f, field+".regions", len(l.Regions), func(n int) string { return l.Regions[n].Name })
	}
	f.check(b.Filler >= none && b.Filler < len(b.Layouts), "filler", "it names layout %d of %d", b.Filler, len(b.Layouts))
	f.check(b.Closed >= none && b.Closed < len(b.Layouts), "closed", "it names layout %d of %d", b.Closed, len(b.Layouts))
}

func (r *BodyRegion) check(f *faults, field string, loops int) {
	checkID(f, field+".name", r.Name)
	f.check(insideScreen(r.X, r.Y, r.W, r.H), field, "it is not within the screen")
	if r.Widget != nil {
		f.check(r.Loop == none, field+".loop", "it has a widget as well")
		r.Widget.check(f, field+".widget")
		return
	}
	f.check(r.Loop >= 0 && r.Loop < loops, field+".loop", "it names loop %d of %d", r.Loop, loops)
}

func (b *Body) checkWindows(f *faults) []startRule {
	rules := make([]startRule, len(b.Windows))
	known := map[string]startRule{} // many windows share a rule
	for i := range b.Windows {
		w, field := &b.Windows[i], fmt.Sprintf("windows[%d]", i)
		checkID(f, field+".id", w.ID)
		f.check(i == 0 || b.Windows[i-1].ID < w.ID, field+".id", "windows are not ascending by id")
		f.check(w.Layout >= 0 && w.Layout < len(b.Layouts), field+".layout", "it names layout %d of %d", w.Layout, len(b.Layouts))
		rules[i] = checkTimes(f, field+".", w.Start, w.End, known)
		checkDates(f, field+".", w.First, w.Last)
		f.check(w.Narrowness >= ByAll && w.Narrowness <= ByScreen, field+".narrowness", "%d is unknown", w.Narrowness)
		f.check(ascending(w.Closed), field+".closed", "they are not ascending dates")
	}
	return rules
}

func ascending(dates []Date) bool {
	for i, d := range dates {
		if !d.real() || i > 0 && dates[i-1].Compare(d) >= 0 {
			return false
		}
	}
	return true
}

// Untimed is what a player shows while its clock is unset: the filler, without what has a validity, and
// nothing that depends on the date. The receiver stays as it is.
func (b *Body) Untimed() *Body {
	untimed := *b
	untimed.Windows, untimed.ClosedDates, untimed.Loops, untimed.Layouts = nil, nil, nil, nil
	untimed.Filler, untimed.Closed = none, none
	if b.Filler == none {
		return &untimed
	}
	layout := BodyLayout{ID: b.Layouts[b.Filler].ID}
	for _, r := range b.Layouts[b.Filler].Regions {
		if r.Loop != none {
			loop := b.withoutValidity(b.Loops[r.Loop])
			if len(loop.Order) == 0 {
				continue
			}
			untimed.Loops = append(untimed.Loops, loop)
			r.Loop = len(untimed.Loops) - 1
		}
		layout.Regions = append(layout.Regions, r)
	}
	if len(layout.Regions) > 0 {
		untimed.Layouts, untimed.Filler = []BodyLayout{layout}, 0
	}
	return &untimed
}

// withoutValidity is the loop less the slots whose showing has bounds.
func (b *Body) withoutValidity(l Loop) Loop {
	timed := func(e int) bool {
		s := &b.Showings[l.Entries[e].Showing]
		return !s.From.IsZero() || !s.Until.IsZero()
	}
	l.Order = slices.DeleteFunc(slices.Clone(l.Order), timed)
	return l
}

// Asset finds one of the body's files.
func (b *Body) Asset(d Digest) (Asset, bool) {
	i, ok := slices.BinarySearchFunc(b.Assets, d, func(a Asset, d Digest) int { return cmp.Compare(a.Digest, d) })
	if !ok {
		return Asset{}, false
	}
	return b.Assets[i], true
}
