package playlists

import (
	"cmp"
	"slices"
	"sort"
	"time"
)

// window is a body's window with its rule read.
type window struct {
	body *BodyWindow
	rule startRule
	// first and last are numbers of days.
	first, last int64
	closed      map[int64]bool
}

func windowOf(w *BodyWindow, rule startRule) window {
	own := window{body: w, rule: rule, first: firstInstant / secondsPerDay / int64(time.Second), last: lastInstant / secondsPerDay / int64(time.Second), closed: daySet(w.Closed)}
	if !w.First.IsZero() {
		own.first = w.First.day()
	}
	if !w.Last.IsZero() {
		own.last = w.Last.day()
	}
	return own
}

// occurrence is one time that a window is on, in Unix seconds; date is the day whose rule started it.
type occurrence struct {
	date       int64
	start, end int64
}

// occurrences appends, ascending, what the window's rule starts on one local day, whatever dates and
// closures say. Each lasts until the next starts, at most: of those whose starts coincide, the last is
// all that is seen.
func (w *window) occurrences(into []occurrence, z *Zone, date int64) []occurrence {
	if !w.rule.on(date) {
		return into
	}
	end := z.instant(date+int64(w.body.End.Days), int64(w.body.End.Clock))
	for _, minute := range w.rule.minutes {
		start := z.instant(date, int64(minute))
		if start < end {
			into = append(into, occurrence{date, start, end})
		}
	}
	return into
}

// rests reports whether nothing may start on the day of that number.
func (p *Programme) rests(w *window, date int64) bool {
	return date < w.first || date > w.last || w.closed[date] || p.closedDays[date]
}

// around lists, ascending, the occurrences that may run at some instant of a day: none that began
// earlier reaches into it.
func (p *Programme) around(into []occurrence, w *window, date int64) []occurrence {
	for d := date - int64(w.body.End.Days); d <= date; d++ {
		if !p.rests(w, d) {
			into = w.occurrences(into, p.zone, d)
		}
	}
	return into
}

// day is a local day, cut where the candidates change.
type day struct {
	lo, hi   int64
	segments []segment
}

// segment is a part of a day with the same candidates, the strongest first; the last of them is sure to
// have something to show.
type segment struct {
	lo, hi int64
	spans  []*span
}

func (d *day) segment(n int64) *segment {
	return &d.segments[sort.Search(len(d.segments), func(i int) bool { return d.segments[i].hi > n })]
}

// compileDay compiles the local day that holds the instant n.
func (p *Programme) compileDay(n int64) *day {
	second, _ := floorDiv(n, int64(time.Second))
	date := p.zone.dayAt(second)
	d := &day{lo: p.zone.dayStart(date) * int64(time.Second), hi: p.zone.dayStart(date+1) * int64(time.Second)}
	spans := p.spans(date, d.lo, d.hi)
	d.segments = sweep(spans, d.lo, d.hi)
	return d
}

// spans lists all candidates of a day, each cut to it.
func (p *Programme) spans(date, lo, hi int64) []*span {
	var spans []*span
	add := func(s span) {
		if s.from < s.to {
			s.bases, s.sure = p.bases(&s), s.alwaysShows()
			spans = append(spans, &s)
		}
	}
	for _, t := range p.takeovers {
		s := newSpan(FromTakeover, nanos(t.From), nanos(t.Until), lo, hi)
		s.takeover = t
		add(s)
	}
	var around []occurrence
	for i := range p.windows {
		w := &p.windows[i]
		around = p.around(around[:0], w, date)
		for k, o := range around {
			to := hi
			if k+1 < len(around) {
				to = min(hi, around[k+1].start*int64(time.Second))
			}
			s := newSpan(FromWindow, o.start*int64(time.Second), o.end*int64(time.Second), lo, to)
			s.window, s.layout = w.body, &p.layouts[w.body.Layout]
			add(s)
		}
	}
	if p.closedDays[date] && p.body.Closed != none {
		add(p.allDay(FromClosed, p.body.Closed, lo, hi))
	}
	if p.body.Filler != none {
		add(p.allDay(FromFiller, p.body.Filler, lo, hi))
	}
	add(newSpan(FromSlate, lo, hi, lo, hi))
	return spans
}

func (p *Programme) allDay(source Source, layout int, lo, hi int64) span {
	s := newSpan(source, lo, hi, lo, hi)
	s.layout = &p.layouts[layout]
	return s
}

// bases are what the positions of the span's regions count from: its start, or an anchor's instant.
func (p *Programme) bases(s *span) []int64 {
	if s.layout == nil {
		return nil
	}
	var id WindowID
	if s.window != nil {
		id = s.window.ID
	}
	bases := make([]int64, len(s.layout.regions))
	for i := range bases {
		bases[i] = s.start
		for _, a := range p.anchors {
			if since := nanos(a.Since); a.Window == id && a.Region == s.layout.regions[i].name && s.start < since {
				bases[i] = max(bases[i], since)
			}
		}
	}
	return bases
}

// sweep cuts [lo, hi) where the candidates change, and ranks them in each part.
func sweep(spans []*span, lo, hi int64) []segment {
	slices.SortFunc(spans, func(a, b *span) int { return cmp.Compare(a.from, b.from) })
	var segments []segment
	var on []*span // by rank
	edges := edgesOf(spans, lo, hi)
	for i := range edges[1:] {
		on = slices.DeleteFunc(on, func(s *span) bool { return s.to <= edges[i] })
		for len(spans) > 0 && spans[0].from <= edges[i] {
			at, _ := slices.BinarySearchFunc(on, spans[0], byRank)
			on, spans = slices.Insert(on, at, spans[0]), spans[1:]
		}
		candidates := on[:1+slices.IndexFunc(on, func(s *span) bool { return s.sure })]
		if n := len(segments); n > 0 && slices.Equal(segments[n-1].spans, candidates) {
			segments[n-1].hi = edges[i+1]
			continue
		}
		segments = append(segments, segment{edges[i], edges[i+1], slices.Clone(candidates)})
	}
	return segments
}

// edgesOf are lo, hi and every instant at which a span begins or ends, ascending.
func edgesOf(spans []*span, lo, hi int64) []int64 {
	edges := []int64{lo, hi}
	for _, s := range spans {
		edges = append(edges, s.from, s.to)
	}
	slices.Sort(edges)
	return slices.Compact(edges)
}
