package playlists

import (
	"cmp"
	"slices"
	"time"
)

// Layer is an occurrence of a window, with the stretches of it that are seen and those that are not.
type Layer struct {
	Window WindowID
	Name   string
	// Start and End are the occurrence's own; it also ends where its window starts again.
	Start, End time.Time
	Priority   int
	Narrowness Narrowness
	// Shown and Hidden divide the part of it that was asked for; they abut, and ascend together.
	Shown  []Stretch
	Hidden []Covered
}

// Stretch is a part of time.
type Stretch struct {
	Start, End time.Time
}

// Covered is a stretch in which something else has the screen.
type Covered struct {
	Stretch

	// By has the screen; Reason is why not the occurrence.
	By     Candidate
	Reason Reason
}

// Layers lists all occurrences of windows that run at some instant of [from, to), the highest priority first
// and then by start, and cuts each where something else has the screen. Takeovers count.
func (p *Programme) Layers(from, to time.Time) []Layer {
	l := layering{p: p, from: nanos(from), to: nanos(to), known: map[occurrenceKey]int{}}
	for n := l.from; n < l.to; {
		d := p.compileDay(n)
		l.day(d)
		n = d.hi
	}
	slices.SortFunc(l.layers, func(a, b Layer) int {
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), cmp.Compare(b.Narrowness, a.Narrowness), a.Start.Compare(b.Start), cmp.Compare(a.Window, b.Window))
	})
	return l.layers
}

type occurrenceKey struct {
	window WindowID
	start  int64
}

// layering gathers layers day by day.
type layering struct {
	p        *Programme
	from, to int64
	layers   []Layer
	known    map[occurrenceKey]int
}

// day adds the occurrences of a day, and what of them is seen in it.
func (l *layering) day(d *day) {
	second, _ := floorDiv(d.lo, int64(time.Second))
	for _, s := range l.p.spans(l.p.zone.dayAt(second), d.lo, d.hi) {
		if lo, hi := max(s.from, l.from), min(s.to, l.to); s.window != nil && lo < hi {
			l.cut(l.layer(s), d, s, lo, hi)
		}
	}
}

// layer is the occurrence of a span, which may have begun the day before.
func (l *layering) layer(s *span) *Layer {
	key := occurrenceKey{s.window.ID, s.start}
	at, ok := l.known[key]
	if !ok {
		at = len(l.layers)
		l.known[key] = at
		l.layers = append(l.layers, Layer{
			Window: s.window.ID, Name: s.window.Name, Start: instantOf(s.start), Priority: s.window.Priority, Narrowness: s.window.Narrowness,
		})
	}
	l.layers[at].End = instantOf(min(s.end, l.next(s)))
	return &l.layers[at]
}

// next is when the span's window starts again in the day, or else its end.
func (l *layering) next(s *span) int64 {
	second, _ := floorDiv(s.from, int64(time.Second))
	if dayEnd := l.p.zone.dayStart(l.p.zone.dayAt(second)+1) * int64(time.Second); s.to < dayEnd {
		return s.to
	}
	return s.end
}

// cut divides [lo, hi) of an occurrence by who has the screen.
func (l *layering) cut(layer *Layer, d *day, s *span, lo, hi int64) {
	var f Frame
	for lo < hi {
		seg := d.segment(lo)
		winner, _, until := seg.fill(&f, lo)
		if winner.sure {
			until = seg.hi
		}
		until = min(until, hi)
		if winner.window != nil && winner.window.ID == s.window.ID && winner.start == s.start {
			layer.shown(lo, until)
		} else {
			layer.hidden(s, winner, lo, until)
		}
		lo = until
	}
}

func (l *Layer) shown(lo, hi int64) {
	if n := len(l.Shown); n > 0 && nanos(l.Shown[n-1].End) == lo {
		l.Shown[n-1].End = instantOf(hi)
		return
	}
	l.Shown = append(l.Shown, Stretch{instantOf(lo), instantOf(hi)})
}

func (l *Layer) hidden(s, winner *span, lo, hi int64) {
	by, own := winner.candidate(), s.candidate()
	by.Start, by.End, own.Start = instantOf(winner.start), instantOf(winner.end), instantOf(s.start)
	reason := NothingValid
	if byRank(winner, s) < 0 {
		reason = loses(own, by).Reason
	}
	if n := len(l.Hidden); n > 0 {
		if last := &l.Hidden[n-1]; nanos(last.End) == lo && last.By.Source == by.Source && last.By.Window == by.Window && last.By.Takeover == by.Takeover && last.Reason == reason {
			last.End = instantOf(hi)
			return
		}
	}
	l.Hidden = append(l.Hidden, Covered{Stretch{instantOf(lo), instantOf(hi)}, by, reason})
}
