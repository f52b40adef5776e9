package playlists

import (
	"sort"
	"time"
)

// layout is a body's layout with its loops' positions computed; regions are those with a loop.
type layout struct {
	body    *BodyLayout
	regions []region
	// sometimesWhole: an entry of a region is only for slots that can finish.
	sometimesWhole bool
}

// region is one loop in one region.
type region struct {
	name     string
	index    int
	loop     *Loop
	showings []Showing
	// ends are where each slot of a round ends, in nanoseconds from its start; total is the last.
	ends  []int64
	total int64
	// bounds are the validities of the loop's entries, in nanoseconds.
	bounds []validity
	// plain: every entry may always be shown.
	plain bool
	// sometimesWhole: an entry is only for slots that can finish.
	sometimesWhole bool
}

// validity bounds when something may be shown: [from, until).
type validity struct{ from, until int64 }

func layoutsOf(b *Body) []layout {
	loops := make([]region, len(b.Loops))
	for i := range b.Loops {
		loops[i] = regionOf(&b.Loops[i], b.Showings)
	}
	layouts := make([]layout, len(b.Layouts))
	for i := range b.Layouts {
		layouts[i].body = &b.Layouts[i]
		for n, r := range b.Layouts[i].Regions {
			if r.Loop != none {
				own := loops[r.Loop]
				own.name, own.index = r.Name, n
				layouts[i].regions = append(layouts[i].regions, own)
				layouts[i].sometimesWhole = layouts[i].sometimesWhole || own.sometimesWhole
			}
		}
	}
	return layouts
}

func regionOf(l *Loop, showings []Showing) region {
	r := region{loop: l, showings: showings, plain: true, ends: make([]int64, len(l.Order)), bounds: make([]validity, len(l.Entries))}
	for i, e := range l.Order {
		r.total += l.Entries[e].Millis * int64(time.Millisecond)
		r.ends[i] = r.total
	}
	for i, e := range l.Entries {
		r.bounds[i] = validityOf(&showings[e.Showing])
		r.sometimesWhole = r.sometimesWhole || e.WholeOnly
		r.plain = r.plain && !e.WholeOnly && r.bounds[i] == validity{firstInstant, lastInstant}
	}
	return r
}

func validityOf(s *Showing) validity {
	v := validity{firstInstant, lastInstant}
	if !s.From.IsZero() {
		v.from = nanos(s.From)
	}
	if !s.Until.IsZero() {
		v.until = nanos(s.Until)
	}
	return v
}

// slot appends what the region shows at n, if anything: the entry of the slot that n is in, counted from
// base, or the next of the loop that may be shown. The answer holds on [lo, hi). What is busy may take the
// screen away.
func (r *region) slot(slots []Slot, base, n int64, busy []stretch) (filled []Slot, lo, hi int64) {
	i, slotStart, slotEnd := r.turn(base, n)
	e := r.loop.Order[i]
	lo, hi = slotStart, slotEnd
	if !r.plain {
		if e, lo, hi = r.choose(i, n, slotStart, slotEnd, busy); e == none {
			return slots, lo, hi
		}
	}
	entry := &r.loop.Entries[e]
	return append(slots, Slot{
		Region: r.name, RegionIndex: r.index, Start: instantOf(slotStart), End: instantOf(slotEnd),
		Showing: &r.showings[entry.Showing], Entry: entry,
	}), lo, hi
}

// turn is the slot of the loop that n is in, counted from base.
func (r *region) turn(base, n int64) (i int, start, end int64) {
	_, pos := floorDiv(n-base, r.total)
	i = sort.Search(len(r.ends), func(i int) bool { return r.ends[i] > pos })
	end = n - pos + r.ends[i]
	return i, end - r.loop.Entries[r.loop.Order[i]].Millis*int64(time.Millisecond), end
}

// choose gives the slot to its own entry or the next one that may be shown at n; none if there is none. One
// that must finish is shown only from when on nothing comes before the slot's end: neither what is busy, nor
// the end of its own validity, nor the beginning of that of an entry before it.
func (r *region) choose(i int, n, slotStart, slotEnd int64, busy []stretch) (entry int, lo, hi int64) {
	lo, hi = firstInstant, lastInstant
	free := slotEnd
	if r.sometimesWhole {
		free = freeUntil(busy, slotEnd)
		lo, hi = validity{slotStart, free}.narrow(n, slotStart, slotEnd)
	}
	if !r.any(n, free <= n) {
		return r.nothing(n, lo, hi)
	}
	lo, hi = max(lo, slotStart), min(hi, slotEnd)
	taken := firstInstant
	for k := range r.loop.Order {
		e := r.loop.Order[(i+k)%len(r.loop.Order)]
		v := r.bounds[e]
		lo, hi = v.narrow(n, lo, hi)
		if r.loop.Entries[e].WholeOnly {
			if v.until < slotEnd {
				continue
			}
			v.from = max(v.from, free, taken)
		}
		if v.holds(n) {
			return e, lo, hi
		}
		if n < v.from && v.from < slotEnd {
			taken = max(taken, v.from)
		}
	}
	return none, lo, hi
}

// any reports whether any entry may be shown at n.
func (r *region) any(n int64, whole bool) bool {
	for e := range r.bounds {
		if r.bounds[e].holds(n) && (whole || !r.loop.Entries[e].WholeOnly) {
			return true
		}
	}
	return false
}

// nothing is how long around n, within [lo, hi), there is nothing to show.
func (r *region) nothing(n, lo, hi int64) (entry int, from, to int64) {
	for _, v := range r.bounds {
		lo, hi = v.narrow(n, lo, hi)
	}
	return none, lo, hi
}

// sure reports whether some entry may be shown throughout [from, to).
func (r *region) sure(from, to int64) bool {
	if r.plain {
		return true
	}
	for _, e := range r.loop.Order {
		if v := r.bounds[e]; !r.loop.Entries[e].WholeOnly && v.from <= from && to <= v.until {
			return true
		}
	}
	return false
}

func (v validity) holds(n int64) bool { return v.from <= n && n < v.until }

// narrow is the part of [lo, hi) around n in which v does not change.
func (v validity) narrow(n, lo, hi int64) (from, to int64) {
	for _, bound := range [...]int64{v.from, v.until} {
		if bound <= n {
			lo = max(lo, bound)
		} else {
			hi = min(hi, bound)
		}
	}
	return lo, hi
}
