package playlists

import (
	"cmp"
	"slices"
	"time"
)

// Span is a stretch of time with one winner, for a timeline.
type Span struct {
	Start    time.Time  `json:"start"`
	End      time.Time  `json:"end"`
	Source   Source     `json:"source"`
	Window   WindowID   `json:"window,omitempty"`
	Takeover TakeoverID `json:"takeover,omitempty"`
	// Layout is nil for the slate and for takeovers.
	Layout *BodyLayout `json:"-"`
}

// Spans divides [from, to) by what owns the screen. They abut, ascend and cover it.
func (p *Programme) Spans(from, to time.Time) []Span {
	var spans []Span
	var f Frame
	var d *day
	for lo, end := nanos(from), nanos(to); lo < end; {
		if d == nil || lo >= d.hi {
			d = p.compileDay(lo)
		}
		seg := d.segment(lo)
		_, _, hi := p.fill(&f, d, lo)
		if seg.spans[0].sure {
			hi = seg.hi
		}
		hi = min(hi, end)
		spans = appendSpan(spans, &f, lo, hi)
		lo = hi
	}
	return spans
}

// appendSpan appends what f shows on [lo, hi), joined to the span before if that is of the same.
func appendSpan(spans []Span, f *Frame, lo, hi int64) []Span {
	s := Span{instantOf(lo), instantOf(hi), f.Source, f.Window, f.Takeover, f.Layout}
	if n := len(spans); n > 0 {
		last := &spans[n-1]
		if last.Source == s.Source && last.Window == s.Window && last.Takeover == s.Takeover && last.Layout == s.Layout {
			last.End = s.End
			return spans
		}
	}
	return append(spans, s)
}

// soonDays is how many days ahead the order of downloads looks.
const soonDays = 8

// Soon lists all files of the body in the order in which they are needed from t on: fonts, then what
// shows next, soonest first, then what does not show within a week. Downloads go in this order.
func (p *Programme) Soon(t time.Time) []Digest {
	s := soon{seen: map[Digest]bool{}, done: map[*Loop]bool{}}
	for _, d := range p.body.Fonts {
		s.add(d)
	}
	n := nanos(t)
	for range soonDays {
		d := p.compileDay(n)
		for i := range d.segments {
			s.segment(&d.segments[i], n)
		}
		n = d.hi
	}
	for _, a := range p.body.Assets {
		s.add(a.Digest)
	}
	return s.order
}

// soon gathers digests in the order in which they are first needed.
type soon struct {
	order []Digest
	seen  map[Digest]bool
	done  map[*Loop]bool
}

func (s *soon) add(d Digest) {
	if !s.seen[d] {
		s.seen[d] = true
		s.order = append(s.order, d)
	}
}

// need is a file and when it is first needed.
type need struct {
	at     int64
	digest Digest
}

// segment adds what the candidates of a segment show in it from n on.
func (s *soon) segment(seg *segment, n int64) {
	var needs []need
	for _, c := range seg.spans {
		if c.layout == nil {
			continue
		}
		for i := range c.layout.regions {
			if r := &c.layout.regions[i]; !s.done[r.loop] {
				needs = r.needs(needs, c.bases[i], max(n, seg.lo), seg.hi, c.busy)
				s.done[r.loop] = r.plain && max(n, seg.lo)+r.total <= seg.hi
			}
		}
	}
	slices.SortStableFunc(needs, func(a, b need) int { return cmp.Compare(a.at, b.at) })
	for _, n := range needs {
		s.add(n.digest)
	}
}

// needs appends what the region shows on [lo, hi), one round of it at most.
func (r *region) needs(needs []need, base, lo, hi int64, busy []stretch) []need {
	var slots []Slot
	for n := lo; n < min(hi, lo+r.total); {
		var until int64
		slots, _, until = r.slot(slots[:0], base, n, busy)
		for i := range slots {
			needs = append(needs, need{n, slots[i].Showing.Asset})
			if c := slots[i].Showing.Captions; c != "" {
				needs = append(needs, need{n, c})
			}
		}
		n = until
	}
	return needs
}
