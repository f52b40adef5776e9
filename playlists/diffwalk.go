package playlists

import (
	"slices"
	"time"
)

// comparison walks through the time of one exchange.
type comparison struct {
	screens       []ScreenID
	department    *Department
	since         int64
	before, after *side
	// alike remembers which layouts of the two sides divide the screen alike, same which ones also show
	// the same in the same order.
	alike map[[2]*BodyLayout]bool
	same  map[[2]*layout]bool
	// changed is by what has the screen; idle are stretches in order of time.
	changed map[owners]*spell
	idle    []idleStretch
}

// owners are what has a screen before and after.
type owners struct{ before, after ownerKey }

type ownerKey struct {
	source Source
	window WindowID
}

// idleStretch is a time, in nanoseconds, for which nothing is scheduled.
type idleStretch struct {
	start, end int64
	source     Source
	// fresh: before, something was.
	fresh bool
}

// spell is a length of time that need not be in one piece, and when it began and was last added to.
type spell struct{ first, last, length int64 }

func (s *spell) millis() int64 { return s.length / int64(time.Millisecond) }

// lengthen adds a stretch of time to the spell of a key, once however many regions it is in.
func lengthen[K comparable](m map[K]*spell, key K, from, to int64) {
	s := entry(m, key)
	if s.length == 0 {
		s.first = from
	}
	if s.length == 0 || s.last < to {
		s.length += to - from
		s.last = to
	}
}

func newComparison(e Exchange, items map[ItemID]ItemNews) (*comparison, error) {
	before, err := newSide(e.Before, items)
	if err != nil {
		return nil, err
	}
	after := sideOf(before.p, items)
	if e.After != e.Before {
		if after, err = newSide(e.After, items); err != nil {
			return nil, err
		}
	}
	return &comparison{
		screens: slices.Sorted(slices.Values(e.Screens)), department: e.Department, since: nanos(e.Since.Truncate(time.Millisecond)), before: before, after: after,
		alike: map[[2]*BodyLayout]bool{}, same: map[[2]*layout]bool{}, changed: map[owners]*spell{},
	}, nil
}

// run compares from one change of either side to the next.
func (c *comparison) run(from, to int64) {
	for n := max(from, c.since); n < to; {
		c.before.seek(n)
		c.after.seek(n)
		hi := min(to, c.before.hi, c.after.hi)
		if c.goesOnAlike() {
			hi = min(to, c.before.part.hi, c.after.part.hi)
		} else if c.differs() {
			lengthen(c.changed, owners{c.before.ownerKey(), c.after.ownerKey()}, n, hi)
		}
		c.before.note(n, hi)
		c.after.note(n, hi)
		c.noteIdle(n, hi)
		n = hi
	}
}

// goesOnAlike reports whether both sides show the same, of which there is nothing to note, for as long as
// both have the candidates that they have now.
func (c *comparison) goesOnAlike() bool {
	b, a := c.before, c.after
	if !b.steady() || !a.steady() || b.p.body.Rotation != a.p.body.Rotation || !slices.Equal(b.span.bases, a.span.bases) {
		return false
	}
	pair := [2]*layout{b.span.layout, a.span.layout}
	same, known := c.same[pair]
	if !known {
		same = c.alikeLayouts(pair[0].body, pair[1].body) && slices.EqualFunc(pair[0].regions, pair[1].regions, sameRounds)
		c.same[pair] = same
	}
	return same
}

// sameRounds reports whether two regions without conditions show the same in the same order.
func sameRounds(a, b region) bool {
	if a.index != b.index || !slices.Equal(a.ends, b.ends) {
		return false
	}
	for i := range a.loop.Order {
		x, y := &a.loop.Entries[a.loop.Order[i]], &b.loop.Entries[b.loop.Order[i]]
		if !looksAlike(&a.showings[x.Showing], x, &b.showings[y.Showing], y) {
			return false
		}
	}
	return true
}

// looksAlike reports whether people see the same. That a slot began at another moment is nothing to them.
func looksAlike(a *Showing, as *LoopEntry, b *Showing, bs *LoopEntry) bool {
	return a.Item == b.Item && a.Version == b.Version && a.Language == b.Language && as.Fit == bs.Fit
}

// differs reports whether people see something else after than before.
func (c *comparison) differs() bool {
	b, a := &c.before.frame, &c.after.frame
	if c.before.p.body.Rotation != c.after.p.body.Rotation {
		return true
	}
	if b.Layout == nil || a.Layout == nil {
		return b.Layout != a.Layout || !sameSlate(c.before.p.body, c.after.p.body)
	}
	return !c.alikeLayouts(b.Layout, a.Layout) || !slices.EqualFunc(b.Slots, a.Slots, func(b, a Slot) bool {
		return b.RegionIndex == a.RegionIndex && looksAlike(b.Showing, b.Entry, a.Showing, a.Entry)
	})
}

// sameSlate reports whether the slate looks alike under both bodies.
func sameSlate(b, a *Body) bool { return b.Brand == a.Brand && b.Logo == a.Logo }

// alikeLayouts reports whether two layouts divide the screen alike and have the same widgets.
func (c *comparison) alikeLayouts(b, a *BodyLayout) bool {
	pair := [2]*BodyLayout{b, a}
	alike, known := c.alike[pair]
	if !known {
		alike = slices.EqualFunc(b.Regions, a.Regions, func(b, a BodyRegion) bool {
			widgets := b.Widget == a.Widget || b.Widget != nil && a.Widget != nil && *b.Widget == *a.Widget
			return b.X == a.X && b.Y == a.Y && b.W == a.W && b.H == a.H && widgets
		})
		c.alike[pair] = alike
	}
	return alike
}

func (c *comparison) noteIdle(from, to int64) {
	if !c.after.idles() {
		return
	}
	s := idleStretch{from, to, c.after.frame.Source, !c.before.idles()}
	if n := len(c.idle); n > 0 {
		last := &c.idle[n-1]
		if last.end == from && last.source == s.source && last.fresh == s.fresh {
			last.end = to
			return
		}
	}
	c.idle = append(c.idle, s)
}

// side is a cursor through one of two programmes, and what was noted on its way.
type side struct {
	p     *Programme
	items map[ItemID]ItemNews
	day   *day
	part  *segment
	// span has the screen; the frame holds on [lo, hi).
	span   *span
	frame  Frame
	lo, hi int64
	// quiet remembers the layouts of which there can be nothing to note.
	quiet map[*layout]bool
	notes map[noteKey]*spell
}

func newSide(m *Manifest, items map[ItemID]ItemNews) (*side, error) {
	p, err := NewProgramme(m, nil)
	return sideOf(p, items), err
}

func sideOf(p *Programme, items map[ItemID]ItemNews) *side {
	return &side{p: p, items: items, quiet: map[*layout]bool{}, notes: map[noteKey]*spell{}}
}

func (s *side) seek(n int64) {
	if s.lo <= n && n < s.hi {
		return
	}
	s.day = s.p.dayOf(s.day, n)
	s.part = s.day.segment(n)
	s.span, s.lo, s.hi = s.part.fill(&s.frame, n)
}

func (s *side) ownerKey() ownerKey { return ownerKey{s.frame.Source, s.frame.Window} }

// owner is what has the screen, by name.
func (p *Programme) owner(k ownerKey) Owner {
	o := Owner{Source: k.source, Window: k.window}
	for i := range p.body.Windows {
		if w := &p.body.Windows[i]; w.ID == k.window {
			o.Name = w.Name
		}
	}
	return o
}

func (s *side) title(id ItemID) string {
	for i := range s.p.body.Showings {
		if s.p.body.Showings[i].Item == id {
			return s.p.body.Showings[i].Title
		}
	}
	return string(id)
}

func (s *side) idles() bool { return s.frame.Source == FromFiller || s.frame.Source == FromSlate }

// steady reports whether what has the screen keeps it, without conditions and without anything to note,
// for as long as the candidates stay.
func (s *side) steady() bool {
	if s.span.layout == nil || s.span != s.part.spans[0] {
		return false
	}
	quiet, known := s.quiet[s.span.layout]
	if !known {
		quiet = s.isQuiet(s.span.layout)
		s.quiet[s.span.layout] = quiet
	}
	return quiet
}

func (s *side) isQuiet(l *layout) bool {
	for i := range l.regions {
		r := &l.regions[i]
		if !r.plain {
			return false
		}
		for e := range r.loop.Entries {
			showing := &r.showings[r.loop.Entries[e].Showing]
			if news := s.items[showing.Item]; uncaptioned(showing) || news.Waiting || !news.ReviewBy.IsZero() {
				return false
			}
		}
	}
	return true
}

func uncaptioned(s *Showing) bool {
	return s.Medium == Video && s.Language != NoWords && s.Captions == ""
}

// note adds a stretch of time, for which the frame holds, to what is amiss with the items of it.
func (s *side) note(from, to int64) {
	if s.span.layout != nil && s.quiet[s.span.layout] && s.span == s.part.spans[0] {
		return
	}
	for i := range s.frame.Slots {
		s.noteShown(s.frame.Slots[i].Showing, from, to)
	}
	for _, candidate := range s.part.spans {
		s.noteSkipped(candidate, from, to)
		if candidate == s.span {
			return
		}
	}
}

func (s *side) noteShown(showing *Showing, from, to int64) {
	news := s.items[showing.Item]
	if uncaptioned(showing) {
		lengthen(s.notes, noteKey{Uncaptioned, showing.Item}, from, to)
	}
	if news.Waiting {
		lengthen(s.notes, noteKey{Unapproved, showing.Item}, from, to)
	}
	second, _ := floorDiv(from, int64(time.Second))
	if !news.ReviewBy.IsZero() && s.p.zone.dayAt(second) > news.ReviewBy.day() {
		lengthen(s.notes, noteKey{PastReview, showing.Item}, from, to)
	}
}

// noteSkipped looks whose turn it would be in a candidate, and notes the items that are over.
func (s *side) noteSkipped(candidate *span, from, to int64) {
	if candidate.layout == nil {
		return
	}
	for i := range candidate.layout.regions {
		r := &candidate.layout.regions[i]
		if r.plain {
			continue
		}
		slot, _, end := r.turn(candidate.bases[i], from)
		due := r.loop.Order[slot]
		if r.bounds[due].until <= from && (!r.loop.Entries[due].WholeOnly || freeUntil(candidate.busy, end) <= from) {
			lengthen(s.notes, noteKey{Expired, r.showings[r.loop.Entries[due].Showing].Item}, from, to)
		}
	}
}
