package smil

import (
	"time"

	"anteroom/playlists"
)

// span is a time in which one thing decides what shows.
type span struct {
	from, to time.Time
	source   playlists.Source
	window   playlists.WindowID
	start    time.Time
	layout   *playlists.BodyLayout
	tracks   []*track
}

// track is what one region shows in a span.
type track struct {
	region string
	index  int
	box    playlists.BodyRegion
	until  time.Time
	turns  []turn
}

// turn is something that shows for a while, nothing if showing is nil.
type turn struct {
	showing *playlists.Showing
	begin   time.Time
	length  time.Duration
	fill    bool
	// entered in the middle: not as long as its like.
	entered bool
	// slot is its slot's start.
	slot time.Time
}

func (t *turn) same(o *turn) bool {
	return t.length == o.length && t.fill == o.fill && (t.showing == nil) == (o.showing == nil) &&
		(t.showing == nil || t.showing.Asset == o.showing.Asset && t.showing.Item == o.showing.Item)
}

// walk follows a programme without takeovers. Times in which there is nothing to show are left out.
func walk(p *playlists.Programme, from, to time.Time) []span {
	var spans []span
	cursor := p.Cursor()
	for t := from; t.Before(to); {
		f := cursor.At(t)
		next := cursor.Next(t)
		if next.After(to) {
			next = to
		}
		if f.Layout != nil {
			if len(spans) == 0 || !spans[len(spans)-1].goesOn(&f, t) {
				spans = append(spans, span{from: t, source: f.Source, window: f.Window, start: f.Start, layout: f.Layout})
			}
			spans[len(spans)-1].add(&f, t, next)
		}
		t = next
	}
	return spans
}

func (s *span) goesOn(f *playlists.Frame, t time.Time) bool {
	return s.to.Equal(t) && s.source == f.Source && s.window == f.Window && s.layout == f.Layout && s.start.Equal(f.Start)
}

// add goes on with a frame that holds on [from, to).
func (s *span) add(f *playlists.Frame, from, to time.Time) {
	for i := range f.Slots {
		slot := &f.Slots[i]
		t := s.track(f, slot.Region)
		if from.After(t.until) { // nothing of it was valid meanwhile
			t.end(t.until)
			t.turns = append(t.turns, turn{begin: t.until})
		}
		t.show(slot, from, to)
	}
	s.to = to
}

func (s *span) track(f *playlists.Frame, name string) *track {
	id := regionID(f.Layout.ID, name)
	for _, t := range s.tracks {
		if t.region == id {
			return t
		}
	}
	box, index := regionOf(f, name)
	t := &track{region: id, index: index, box: box, until: s.from}
	s.tracks = append(s.tracks, t)
	return t
}

// show goes on with a turn, or begins the next. A turn is as long as its slot unless something else follows before that.
func (t *track) show(slot *playlists.Slot, from, to time.Time) {
	if n := len(t.turns); n > 0 && t.until.Equal(from) {
		last := &t.turns[n-1]
		if last.showing == slot.Showing && last.slot.Equal(slot.Start) {
			t.until = to
			return
		}
	}
	t.end(from)
	t.turns = append(t.turns, turn{
		showing: slot.Showing, begin: from, length: slot.End.Sub(from), fill: slot.Entry.Fit == playlists.Fill,
		entered: from.After(slot.Start), slot: slot.Start,
	})
	t.until = to
}

// end ends the last turn where the next begins, which is before its slot's end where its validity has ended.
func (t *track) end(at time.Time) {
	if n := len(t.turns); n > 0 {
		t.turns[n-1].length = at.Sub(t.turns[n-1].begin)
	}
}
