package playlists

import (
	"sort"
	"time"
)

// layout is a body's layout with its loops' positions computed; regions are those with a loop.
type layout struct {
	body    *BodyLayout
	regions []region
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
// base, or the next of the loop that may be shown. The answer holds on [lo, hi). The occurrence ends at
// end.
func (r *region) slot(slots []Slot, base, n, end int64) (filled []Slot, lo, hi int64) {
	i, slotStart, slotEnd := r.turn(base, n)
	e := r.loop.Order[i]
	lo, hi = slotStart, slotEnd
	if !r.plain {
		if e, lo, hi = r.choose(i, n, slotStart, slotEnd, end); e == none {
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

// choose gives the slot to its own entry or the next one that may be shown at n; none if there is none.
func (r *region) choose(i int, n, slotStart, slotEnd, end int64) (entry int, lo, hi int64) {
	lo, hi = slotStart, slotEnd
	whole := slotEnd <= end
	if !r.any(n, whole) {
		return r.nothing(n, slotStart, slotEnd, whole)
	}
	for k := range r.loop.Order {
		e := r.loop.Order[(i+k)%len(r.loop.Order)]
		if r.loop.Entries[e].WholeOnly && !whole {
			continue
		}
		v := r.bounds[e]
		lo, hi = v.narrow(n, lo, hi)
		if v.holds(n) {
			return e, lo, hi
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

// nothing is how long around n there is nothing to show.
func (r *region) nothing(n, slotStart, slotEnd int64, whole bool) (entry int, lo, hi int64) {
	lo, hi = firstInstant, lastInstant
	if r.sometimesWhole {
		lo, hi = slotStart, slotEnd
	}
	for e, v := range r.bounds {
		if whole || !r.loop.Entries[e].WholeOnly {
			lo, hi = v.narrow(n, lo, hi)
		}
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
