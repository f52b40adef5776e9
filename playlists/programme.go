package playlists

import (
	"cmp"
	"fmt"
	"sync/atomic"
	"time"
)

// Programme answers what a screen shows at any instant from 1900 to 2200. It is a pure function of a
// manifest and the takeovers, safe for many goroutines; it only remembers the day it was last asked for.
//
// At an instant everything that could own the screen is ranked: takeovers by severity, then the newest;
// windows by priority, then the narrower target, the later start, the id; then the closed programme, the
// filler, the slate. The first that has something valid to show owns all of it. Next says until when
// that holds at least.
type Programme struct {
	*reading

	anchors []Anchor
	// takeovers are those that reach the screen.
	takeovers []*Takeover
	last      atomic.Pointer[day]
}

// Reading is a body that was read and found well formed: what the programmes of all who have it begin with. It is never changed,
// and nor may the body be.
type Reading struct {
	body    *Body
	zone    *Zone
	layouts []layout
	windows []window
	// times is how many different times the windows have.
	times      int
	closedDays map[int64]bool
}

// reading keeps what a programme begins with out of its documentation.
type reading = Reading

// Read reads a body; a malformed one is an [ErrInvalid].
func Read(b *Body) (*Reading, error) {
	zone, rules, err := b.read()
	if err != nil {
		return nil, err
	}
	r := &Reading{body: b, zone: zone, layouts: layoutsOf(b), closedDays: daySet(b.ClosedDates)}
	r.windows, r.times = windowsOf(b, rules)
	return r, nil
}

// The instants that programmes know, in Unix nanoseconds: 1900 to 2200.
const (
	firstInstant = -2208988800 * int64(time.Second)
	lastInstant  = 7258118400 * int64(time.Second)
)

// NewProgramme makes the programme of a manifest under the takeovers in force. Without a manifest there
// is the slate and nothing else; ts may be nil. A malformed body is an [ErrInvalid]; a malformed takeover
// is left out, as it must not cost the screen its programme.
func NewProgramme(m *Manifest, ts *Takeovers) (*Programme, error) {
	if m == nil {
		return slateOnly(), nil
	}
	read := m.Reading
	if read == nil || read.body != m.Body {
		var err error
		if read, err = Read(m.Body); err != nil {
			return nil, fmt.Errorf("generation %d: %w", m.Head.Generation, err)
		}
	}
	p := &Programme{reading: read, anchors: m.Head.Anchors}
	if ts != nil {
		p.takeovers = takeoversFor(ts, Place{m.Head.Screen, m.Body.Department, m.Body.Site, m.Body.Tags})
	}
	return p, nil
}

func slateOnly() *Programme {
	return &Programme{reading: &Reading{
		body: &Body{Format: BodyFormat, Filler: none, Closed: none},
		zone: &Zone{name: "UTC", spans: []zoneSpan{{from: firstInstant}}},
	}}
}

func takeoversFor(ts *Takeovers, p Place) []*Takeover {
	var own []*Takeover
	for i := range ts.Takeovers {
		t := &ts.Takeovers[i]
		if _, ok := Reaches(t.Targets, t.Except, p); ok && t.Validate() == nil {
			own = append(own, t)
		}
	}
	return own
}

func daySet(dates []Date) map[int64]bool {
	set := make(map[int64]bool, len(dates))
	for _, d := range dates {
		set[d.day()] = true
	}
	return set
}

// Zone is the department's zone; UTC without a manifest.
func (p *Programme) Zone() *Zone { return p.zone }

// At is what the screen shows at t.
func (p *Programme) At(t time.Time) Frame {
	var f Frame
	p.fill(&f, nil, nanos(t))
	return f
}

// Next is the first instant after t at which something may change; the frame stays until then.
func (p *Programme) Next(t time.Time) time.Time {
	var f Frame
	n := nanos(t)
	_, _, hi := p.fill(&f, nil, n)
	return laterThan(t, hi)
}

// Cursor is a reader of its own that answers without allocation and is fastest for instants that follow
// each other.
func (p *Programme) Cursor() *Cursor { return &Cursor{p: p} }

// Cursor reads a [Programme]. It is for one goroutine.
type Cursor struct {
	p     *Programme
	day   *day
	frame Frame
	// The frame holds on [lo, hi).
	lo, hi int64
}

// At is [Programme.At]. The frame's slots are overwritten by the next call.
func (c *Cursor) At(t time.Time) Frame {
	if n := t.UnixNano(); n < c.lo || n >= c.hi {
		c.seek(t)
	}
	return c.frame
}

// Next is [Programme.Next].
func (c *Cursor) Next(t time.Time) time.Time {
	c.At(t)
	return laterThan(t, c.hi)
}

func (c *Cursor) seek(t time.Time) {
	c.day, c.lo, c.hi = c.p.fill(&c.frame, c.day, nanos(t))
}

// nanos is t in Unix nanoseconds, or the nearest instant that programmes know.
func nanos(t time.Time) int64 {
	switch year := t.Unix(); {
	case year < firstInstant/int64(time.Second):
		return firstInstant
	case year >= lastInstant/int64(time.Second):
		return lastInstant - 1
	}
	return t.UnixNano()
}

// laterThan is the instant n, or, for a t beyond what programmes know, some later one.
func laterThan(t time.Time, n int64) time.Time {
	if next := instantOf(n); next.After(t) {
		return next
	}
	return t.Add(24 * time.Hour)
}

func instantOf(n int64) time.Time { return time.Unix(0, n).UTC() }

// fill makes f the frame of the instant n, which then holds on [lo, hi). The day is where to look first;
// the one that was looked into is returned.
func (p *Programme) fill(f *Frame, in *day, n int64) (d *day, lo, hi int64) {
	d = p.dayOf(in, n)
	_, lo, hi = d.segment(n).fill(f, n)
	return d, lo, hi
}

// dayOf is the compiled day that holds n.
func (p *Programme) dayOf(in *day, n int64) *day {
	if in != nil && in.lo <= n && n < in.hi {
		return in
	}
	if in = p.last.Load(); in != nil && in.lo <= n && n < in.hi {
		return in
	}
	d := p.compileDay(n)
	p.last.Store(d)
	return d
}

// span is a time during which one thing is a candidate for the screen: an occurrence, a takeover, or a
// day of closed programme, filler or slate.
type span struct {
	source   Source
	window   *BodyWindow
	takeover *Takeover
	layout   *layout
	// start and end are the occurrence's own, in nanoseconds and in UTC.
	start, end         int64
	startTime, endTime time.Time
	// from and to bound it as a candidate: within the day, and until its window starts again.
	from, to int64
	// sure: it has something to show at every instant of that.
	sure bool
	// bases are the instants that the regions' positions count from.
	bases []int64
	// busy is when something else may have the screen, where an entry must finish; see [horizon].
	busy []stretch
}

func newSpan(source Source, start, end, from, to int64) span {
	return span{source: source, start: start, end: end, from: max(start, from), to: min(end, to)}
}

// byRank orders spans, the strongest first.
func byRank(a, b *span) int {
	switch {
	case a.source != b.source:
		return cmp.Compare(rankOf(a.source), rankOf(b.source))
	case a.takeover != nil && b.takeover != nil:
		return cmp.Or(cmp.Compare(b.takeover.Severity, a.takeover.Severity), cmp.Compare(b.start, a.start), cmp.Compare(a.takeover.ID, b.takeover.ID))
	case a.window == nil || b.window == nil:
		return 0
	}
	if by := cmp.Or(byClass(a.window, b.window), cmp.Compare(b.start, a.start)); by != 0 { // most names need no comparing
		return by
	}
	return cmp.Compare(a.window.ID, b.window.ID)
}

// rankOf is a source's place among the sources; 0 is the strongest.
func rankOf(s Source) int {
	switch s {
	case FromTakeover:
		return 0
	case FromWindow:
		return 1
	case FromClosed:
		return 2
	case FromFiller:
		return 3
	case FromSlate, FromOrder:
	}
	return 4
}

// show makes f the frame of s at n if s has something valid to show then; whether it has, and what,
// holds on [lo, hi).
func (s *span) show(f *Frame, n int64) (shown bool, lo, hi int64) {
	slots := f.Slots[:0]
	lo, hi = s.from, s.to
	switch {
	case s.takeover != nil:
		slots = append(slots, s.turn(n))
		lo, hi = max(lo, slots[0].Start.UnixNano()), min(hi, slots[0].End.UnixNano())
	case s.layout != nil:
		for i := range s.layout.regions {
			var from, to int64
			slots, from, to = s.layout.regions[i].slot(slots, s.bases[i], n, s.busy)
			lo, hi = max(lo, from), min(hi, to)
		}
		if len(slots) == 0 && len(s.layout.regions) > 0 {
			return false, lo, hi
		}
	}
	s.describe(f)
	f.Slots = slots
	return true, lo, hi
}

func (s *span) describe(f *Frame) {
	f.Source, f.Start, f.End = s.source, s.startTime, s.endTime
	f.Window, f.Takeover, f.Layout = "", "", nil
	if s.window != nil {
		f.Window = s.window.ID
	}
	if s.takeover != nil {
		f.Takeover = s.takeover.ID
	}
	if s.layout != nil {
		f.Layout = s.layout.body
	}
}

// turn is the takeover's slide of the instant n.
func (s *span) turn(n int64) Slot {
	i := (n - s.start) / int64(TakeoverTurn)
	start := s.start + i*int64(TakeoverTurn)
	return Slot{
		Start: instantOf(start), End: instantOf(start + int64(TakeoverTurn)),
		Slide: &s.takeover.Slides[int(i%int64(len(s.takeover.Slides)))],
	}
}

// alwaysShows reports whether s has something to show at every instant of its time.
func (s *span) alwaysShows() bool {
	if s.layout == nil || len(s.layout.regions) == 0 {
		return true
	}
	for i := range s.layout.regions {
		if s.layout.regions[i].sure(s.from, s.to) {
			return true
		}
	}
	return false
}
