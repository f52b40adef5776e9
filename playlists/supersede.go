package playlists

import (
	"slices"
	"time"
)

// Supersede says how a body takes over from the manifest in force: from the first slot boundary of what
// runs at earliest or later, and with which anchors. A loop that goes on with the same turns keeps its
// positions; one that is new or changed begins at from. The same body again changes nothing: it gives
// the head's own From and Anchors. Without a manifest in force, the body begins at earliest. A loop that
// is new on this screen joins the first of the neighbours that runs it. A manifest that waits for its own From
// is not overtaken: what runs until then is not known here, and ends at a boundary just there. One that says to
// be issued later than earliest comes from a clock that was wrong, and holds nothing up.
//
// The answer depends on the manifest's earlier anchors, so it is asked for once per body and given to all
// screens that get this body in this publication; a screen that joins later gets the From and Anchors of
// a screen that has the body already. Otherwise they would not be in step.
func Supersede(old *Manifest, body *Body, digest Digest, earliest time.Time, neighbours ...*Manifest) (from time.Time, anchors []Anchor) {
	if old == nil {
		return earliest, nil
	}
	if old.Head.Body == digest {
		return old.Head.From, old.Head.Anchors
	}
	before, err := NewProgramme(old, nil)
	if err != nil {
		return earliest, nil // what cannot be played does not run
	}
	after, err := NewProgramme(&Manifest{Head: Head{Screen: old.Head.Screen}, Body: body}, nil)
	if err != nil {
		return earliest, nil
	}
	if old.Head.From.After(earliest) && !old.Head.IssuedAt.After(earliest) {
		earliest = old.Head.From
	}
	from = before.boundary(earliest)
	s := succession{before: before, after: after, from: nanos(from), neighbours: neighbours}
	return from, s.anchors()
}

// Join gives the anchors that a body needs, on a screen that has shown nothing yet, to be in step at an
// instant with a neighbour: those of the loops that run on both. Neighbours with other bodies, for
// another size of picture say, may have had a loop changed while it ran.
func Join(neighbour *Manifest, body *Body, at time.Time) []Anchor {
	theirs, err := NewProgramme(neighbour, nil)
	if err != nil {
		return nil // what cannot be played does not run
	}
	own, err := NewProgramme(&Manifest{Head: Head{Screen: neighbour.Head.Screen}, Body: body}, nil)
	if err != nil {
		return nil
	}
	var anchors []Anchor
	running := theirs.candidates(nanos(at))
	for _, span := range own.candidates(nanos(at)) {
		if span.layout == nil {
			continue
		}
		same := counterpart(running, span)
		for i := range span.layout.regions {
			if base, ok := goesOn(same, &span.layout.regions[i]); ok && base > span.start {
				anchors = withAnchor(anchors, span.anchored(&span.layout.regions[i], base))
			}
		}
	}
	return anchors
}

// boundary is the first instant at t or later at which a slot of the first region begins, or something
// else has the screen; t itself where there are no slots.
func (p *Programme) boundary(t time.Time) time.Time {
	f := p.At(t)
	for next := t; ; next = p.Next(next) {
		g := p.At(next)
		if len(g.Slots) == 0 || g.Slots[0].Start.Equal(next) || g.Source != f.Source || !g.Start.Equal(f.Start) || g.Window != f.Window {
			return next
		}
	}
}

// succession is one programme taking over from another at an instant.
type succession struct {
	before, after *Programme
	from          int64
	neighbours    []*Manifest
	// running is what could have each neighbour's screens at that instant, once somebody asked.
	running [][]*span
}

// anchors are those of what will be seen at that instant, and of hidden loops that go on.
func (s *succession) anchors() []Anchor {
	var anchors []Anchor
	old := s.before.candidates(s.from)
	hidden := false
	for _, span := range s.after.candidates(s.from) {
		var f Frame
		shown, _, _ := span.show(&f, s.from)
		if span.layout == nil {
			continue
		}
		same := counterpart(old, span)
		for i := range span.layout.regions {
			if a, ok := s.anchor(same, span, &span.layout.regions[i], hidden); ok {
				anchors = withAnchor(anchors, a)
			}
		}
		hidden = hidden || shown
	}
	return anchors
}

// counterpart is the running occurrence of the same window, or the same filler or closed programme, in
// the old programme; nil if there is none.
func counterpart(old []*span, s *span) *span {
	for _, o := range old {
		switch {
		case o.source != s.source:
		case s.window == nil || o.window.ID == s.window.ID:
			return o
		}
	}
	return nil
}

// anchor is what a region of a span needs, if anything, for its loop to go on or to begin at from. A
// hidden loop that is new or changed needs none.
func (s *succession) anchor(old, span *span, r *region, hidden bool) (Anchor, bool) {
	since := s.from
	if base, ok := goesOn(old, r); ok {
		if base == span.start {
			return Anchor{}, false
		}
		if base < span.start { // the start has moved: count from the present round
			_, past := floorDiv(s.from-base, r.total)
			base = s.from - past
		}
		if base > span.start {
			since = base
		}
	} else if base, ok := s.joins(span, r); ok {
		since = base
	} else if hidden {
		return Anchor{}, false
	}
	return span.anchored(r, since), span.start < since
}

// around gives running.
func (s *succession) around() [][]*span {
	if s.running == nil {
		s.running = [][]*span{}
		for _, n := range s.neighbours {
			if theirs, err := NewProgramme(n, nil); err == nil { // what cannot be played does not run
				s.running = append(s.running, theirs.candidates(s.from))
			}
		}
	}
	return s.running
}

// joins gives what the region's positions count from on a neighbour that runs the same occurrence with the
// same turns.
func (s *succession) joins(span *span, r *region) (base int64, ok bool) {
	for _, theirs := range s.around() {
		same := counterpart(theirs, span)
		if same == nil || same.start != span.start {
			continue
		}
		if base, ok = goesOn(same, r); ok {
			return base, true
		}
	}
	return 0, false
}

// anchored is the anchor of a region of s whose loop counts from an instant.
func (s *span) anchored(r *region, since int64) Anchor {
	a := Anchor{Region: r.name, Since: instantOf(since)}
	if s.window != nil {
		a.Window = s.window.ID
	}
	return a
}

// withAnchor adds an anchor unless there is one for its region already.
func withAnchor(anchors []Anchor, a Anchor) []Anchor {
	if slices.ContainsFunc(anchors, func(b Anchor) bool { return b.Window == a.Window && b.Region == a.Region }) {
		return anchors
	}
	return append(anchors, a)
}

// goesOn gives what the region's positions counted from in the old span, if it had the same turns.
func goesOn(old *span, r *region) (base int64, ok bool) {
	if old == nil {
		return 0, false
	}
	for i := range old.layout.regions {
		if o := &old.layout.regions[i]; o.name == r.name && o.sameTurns(r) {
			return old.bases[i], true
		}
	}
	return 0, false
}

// sameTurns reports whether two loops give the same lengths of time to the same items in the same
// languages; a new version of an item does not disturb a loop.
func (r *region) sameTurns(o *region) bool {
	if !slices.Equal(r.ends, o.ends) {
		return false
	}
	for i := range r.loop.Order {
		a, b := r.showing(i), o.showing(i)
		if a.Item != b.Item || a.Language != b.Language {
			return false
		}
	}
	return true
}

// showing is what the i-th slot shows while it may.
func (r *region) showing(i int) *Showing {
	return &r.showings[r.loop.Entries[r.loop.Order[i]].Showing]
}
