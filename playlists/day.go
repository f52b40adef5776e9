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
	// times is the same number for windows with the same start and end.
	times int
	// class is how many different pairs of priority and narrowness are stronger.
	class int
	// first and last are numbers of days.
	first, last int64
	closed      map[int64]bool
}

// windowsOf gives the windows of a body, ascending by class and id, and how many different times they have.
func windowsOf(b *Body, rules []startRule) (windows []window, times int) {
	type key struct {
		start string
		end   LocalEnd
	}
	known := map[key]int{}
	for i := range b.Windows {
		w := windowOf(&b.Windows[i], rules[i])
		k := key{w.body.Start, w.body.End}
		if _, ok := known[k]; !ok {
			known[k] = len(known)
		}
		w.times = known[k]
		windows = append(windows, w)
	}
	slices.SortFunc(windows, func(a, b window) int {
		return cmp.Or(byClass(a.body, b.body), cmp.Compare(a.body.ID, b.body.ID))
	})
	for i := range windows[min(1, len(windows)):] {
		windows[i+1].class = windows[i].class
		if byClass(windows[i].body, windows[i+1].body) != 0 {
			windows[i+1].class++
		}
	}
	return windows, len(known)
}

// byClass orders windows by priority and narrower target, the strongest first.
func byClass(a, b *BodyWindow) int {
	return cmp.Or(cmp.Compare(b.Priority, a.Priority), cmp.Compare(b.Narrowness, a.Narrowness))
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
func (p *Programme) rests(w *window, date int64) bool { return w.rests(date) || p.closedDays[date] }

// rests is the same as far as it is the window's own.
func (w *window) rests(date int64) bool {
	return date < w.first || date > w.last || len(w.closed) > 0 && w.closed[date]
}

// almanac lists what windows start around one day, but for days that are closed, once for all that have the same times.
type almanac struct {
	p    *Programme
	date int64
	// known is by window.times; nil is not known yet.
	known [][]occurrence
}

func (p *Programme) almanac(date int64) almanac {
	return almanac{p, date, make([][]occurrence, p.times)}
}

// around appends, ascending, the occurrences of w that may run at some instant of the day: none that
// began earlier reaches into it.
func (a *almanac) around(into []occurrence, w *window) []occurrence {
	if a.known[w.times] == nil {
		all := []occurrence{}
		for d := a.date - int64(w.body.End.Days); d <= a.date; d++ {
			if !a.p.closedDays[d] {
				all = w.occurrences(all, a.p.zone, d)
			}
		}
		a.known[w.times] = all
	}
	for _, o := range a.known[w.times] {
		if !w.rests(o.date) {
			into = append(into, o)
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

// fill makes f the frame of the instant n, and gives the candidate that it is of. It holds on [lo, hi).
func (seg *segment) fill(f *Frame, n int64) (winner *span, lo, hi int64) {
	lo, hi = seg.lo, seg.hi
	for _, s := range seg.spans {
		shown, from, to := s.show(f, n)
		lo, hi = max(lo, from), min(hi, to)
		if winner = s; shown {
			break
		}
	}
	return winner, lo, hi
}

// compileDay compiles the local day that holds the instant n.
func (p *Programme) compileDay(n int64) *day {
	second, _ := floorDiv(n, int64(time.Second))
	date := p.zone.dayAt(second)
	d := &day{lo: p.zone.dayStart(date) * int64(time.Second), hi: p.zone.dayStart(date+1) * int64(time.Second)}
	spans := p.spans(date, d.lo, d.hi)
	d.segments = sweep(spans, d.lo, d.hi)
	h := horizon{p: p, date: date, spans: spans}
	for i := range d.segments {
		h.settle(d.segments[i].spans)
	}
	return d
}

// spans lists all candidates of a day, each cut to it, the strongest first.
func (p *Programme) spans(date, lo, hi int64) []*span {
	var ranked []*span
	for _, t := range p.takeovers {
		s := newSpan(FromTakeover, nanos(t.From), nanos(t.Until), lo, hi)
		s.takeover = t
		ranked = append(ranked, &s)
	}
	slices.SortFunc(ranked, byRank)
	ranked = append(ranked, p.windowSpans(date, lo, hi)...)
	if p.closedDays[date] && p.body.Closed != none {
		ranked = append(ranked, p.allDay(FromClosed, p.body.Closed, lo, hi))
	}
	if p.body.Filler != none {
		ranked = append(ranked, p.allDay(FromFiller, p.body.Filler, lo, hi))
	}
	slate := newSpan(FromSlate, lo, hi, lo, hi)
	ranked = slices.DeleteFunc(append(ranked, &slate), func(s *span) bool { return s.from >= s.to })
	for _, s := range ranked {
		s.sure = s.alwaysShows()
	}
	return ranked
}

// windowSpans lists those of windows. A day has thousands, so they are ranked by numbers, as [byRank] would: by class, later start and, as
// windows are in the order of their ids, place.
func (p *Programme) windowSpans(date, lo, hi int64) []*span {
	all, ranks := make([]span, 0, len(p.windows)), make([]uint64, 0, len(p.windows))
	starts := p.almanac(date)
	var around []occurrence
	for i := range p.windows {
		w := &p.windows[i]
		around = starts.around(around[:0], w)
		for k, o := range around {
			start, end, to := o.start*int64(time.Second), o.end*int64(time.Second), hi
			if k+1 < len(around) {
				to = min(hi, around[k+1].start*int64(time.Second))
			}
			if max(start, lo) >= min(end, to) {
				continue
			}
			s := newSpan(FromWindow, start, end, lo, to)
			s.window, s.layout = w.body, &p.layouts[w.body.Layout]
			ranks = append(ranks, uint64(w.class)<<(sinceBits+placeBits)|uint64((hi-start)/int64(time.Second))<<placeBits|uint64(len(all)))
			all = append(all, s)
		}
	}
	slices.Sort(ranks)
	ranked := make([]*span, len(ranks))
	for i, r := range ranks {
		ranked[i] = &all[r&(1<<placeBits-1)]
	}
	return ranked
}

// The bits of a rank: seconds from the start of an occurrence, eight days ago at most, to the end of the day, and its place among those
// of a day.
const (
	sinceBits = 20
	placeBits = 24
)

func (p *Programme) allDay(source Source, layout int, lo, hi int64) *span {
	s := newSpan(source, lo, hi, lo, hi)
	s.layout = &p.layouts[layout]
	return &s
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

// sweep cuts [lo, hi) where the candidates, which are ranked, change, and lists them in each part as far as one that is
// sure to show.
func sweep(spans []*span, lo, hi int64) []segment {
	edges := edgesOf(spans, lo, hi)
	parts := make([]segment, len(edges)-1)
	open := make([]int, len(edges)) // for each part, the first from it on that takes more candidates
	for i := range parts {
		parts[i].lo, parts[i].hi = edges[i], edges[i+1]
		open[i] = i
	}
	open[len(parts)] = len(parts)
	for _, s := range spans {
		from, _ := slices.BinarySearch(edges, s.from)
		for i := follow(open, from); edges[i] < s.to; i = follow(open, i+1) {
			parts[i].spans = append(parts[i].spans, s)
			if s.sure {
				open[i] = i + 1
			}
		}
	}
	return joinedParts(parts)
}

// follow is the first part from i on that takes more candidates.
func follow(open []int, i int) int {
	for open[i] != i {
		open[i] = open[open[i]]
		i = open[i]
	}
	return i
}

// joinedParts makes one of neighbours with the same candidates.
func joinedParts(parts []segment) []segment {
	segments := parts[:1]
	for _, part := range parts[1:] {
		if last := &segments[len(segments)-1]; slices.Equal(last.spans, part.spans) {
			last.hi = part.hi
		} else {
			segments = append(segments, part)
		}
	}
	return segments
}

// edgesOf are lo, hi and every instant at which a span begins or ends, ascending.
func edgesOf(spans []*span, lo, hi int64) []int64 {
	edges := append(make([]int64, 0, 2+2*len(spans)), lo, hi)
	for _, s := range spans {
		edges = append(edges, s.from, s.to)
	}
	slices.Sort(edges)
	return slices.Compact(edges)
}
