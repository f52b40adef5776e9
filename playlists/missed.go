package playlists

import (
	"slices"
	"sort"
	"time"
)

// Miss is an hour in which a programme does not keep a floor.
type Miss struct {
	// Hour is when it begins.
	Hour time.Time
	// Plays is how many there are of those that must be; of the phase that has fewest, if every phase must show.
	Plays int
	// Phase is that phase.
	Phase Phase
}

// Misses lists, for each floor of the programme's department, the hours within [from, to) in which it is not
// kept, and says how many hours counted. The items say which phases and topics those of the programme are of.
func (p *Programme) Misses(d *Department, items map[ItemID]ItemNews, from, to time.Time) (misses [][]Miss, counted int) {
	var parts []Floor
	var floors []int
	for f, fl := range d.Floors {
		for _, part := range fl.parts() {
			parts, floors = append(parts, part), append(floors, f)
		}
	}
	c := p.playCount(d, from, to, len(parts), func(s *Showing) (counts []int) {
		for k := range parts {
			if parts[k].of(s.Item, items[s.Item].Phase, items[s.Item].Topics) {
				counts = append(counts, k)
			}
		}
		return counts
	})
	misses = make([][]Miss, len(d.Floors))
	for h := range c.hours {
		hour := instantOf(c.hours[h].from)
		for k, f := range floors {
			if plays := c.plays[k][h]; plays < parts[k].Plays {
				misses[f] = withMiss(misses[f], Miss{Hour: hour, Plays: plays, Phase: phaseMissed(&d.Floors[f], &parts[k])})
			}
		}
	}
	return misses, len(c.hours)
}

// phaseMissed is the phase of a part of a floor of every phase; none of others.
func phaseMissed(fl, part *Floor) Phase {
	if fl.EveryPhase {
		return part.Phase
	}
	return ""
}

// withMiss appends a miss, or puts it into the place of the last one if that is of the same hour and has more plays.
func withMiss(misses []Miss, m Miss) []Miss {
	last := len(misses) - 1
	switch {
	case last < 0 || !misses[last].Hour.Equal(m.Hour):
		return append(misses, m)
	case m.Plays < misses[last].Plays:
		misses[last] = m
	}
	return misses
}

// playCount counts plays by kind and hour; a kind is what a floor asks for, or whatever else is counted. Where every
// turn of a loop comes in order, they are reckoned and not walked through.
type playCount struct {
	p     *Programme
	hours []stretch
	// plays are by kind and then by hour.
	plays [][]int
	// counts lists, for each showing of the body, the kinds for which it counts.
	counts [][]int
	loops  map[*Loop]*loopCount
	day    *day
	frame  Frame
	// begun are turns that have begun in an hour that counts and are not over.
	begun []begunTurn
}

// begunTurn is a turn that counts if nothing cuts it.
type begunTurn struct {
	window     *BodyWindow
	layout     *layout
	spanStart  int64
	region     int
	entry      *LoopEntry
	start, end int64
}

// playCount counts the plays of each of so many kinds in the hours of a department that count for floors; kindsOf says
// for which of them a showing counts.
func (p *Programme) playCount(d *Department, from, to time.Time, kinds int, kindsOf func(*Showing) []int) *playCount {
	c := &playCount{p: p, hours: p.floorHours(d, nanos(from), nanos(to)), loops: map[*Loop]*loopCount{}}
	c.plays, c.counts = make([][]int, kinds), make([][]int, len(p.body.Showings))
	for i := range p.body.Showings {
		c.counts[i] = kindsOf(&p.body.Showings[i])
	}
	for k := range c.plays {
		c.plays[k] = make([]int, len(c.hours))
	}
	c.count()
	return c
}

// count walks through the hours, those that abut in one go.
func (c *playCount) count() {
	for first := 0; first < len(c.hours); {
		last := first
		for last+1 < len(c.hours) && c.hours[last+1].from == c.hours[last].to {
			last++
		}
		c.walk(c.hours[first].from, c.hours[last].to)
		first = last + 1
	}
}

// walk goes from change to change, on beyond hi until what began before is over.
func (c *playCount) walk(lo, hi int64) {
	for n := lo; n < hi || len(c.begun) > 0; {
		c.day = c.p.dayOf(c.day, n)
		part := c.day.segment(n)
		s, _, until := part.fill(&c.frame, n)
		steady := int64(0)
		if s.layout != nil && s == part.spans[0] {
			steady = min(part.hi, s.layout.inOrderUntil(n))
		}
		until = max(until, steady)
		c.goOn(s, until)
		switch {
		case n >= hi:
		case steady > n:
			c.reckon(s, n, until, min(until, hi))
		default:
			c.begin(s, n, until)
		}
		n = until
	}
}

// goOn settles which of the turns that have begun go on until then, are over by then, or have been cut.
func (c *playCount) goOn(s *span, until int64) {
	c.begun = slices.DeleteFunc(c.begun, func(t begunTurn) bool {
		i := slices.IndexFunc(c.frame.Slots, func(slot Slot) bool { return slot.RegionIndex == t.region })
		if s.layout != t.layout || s.window != t.window || s.start != t.spanStart || i < 0 {
			return true
		}
		if slot := &c.frame.Slots[i]; slot.Entry != t.entry || slot.Start.UnixNano() != t.start {
			return true
		}
		if t.end <= until {
			c.add(t.entry, t.start)
		}
		return t.end <= until
	})
}

// begin notes the turns of the frame, which holds until then, that begin at n.
func (c *playCount) begin(s *span, n, until int64) {
	for i := range c.frame.Slots {
		slot := &c.frame.Slots[i]
		if slot.Entry == nil || slot.Start.UnixNano() != n || len(c.counts[slot.Entry.Showing]) == 0 {
			continue
		}
		if end := slot.End.UnixNano(); end <= until {
			c.add(slot.Entry, n)
		} else {
			c.begun = append(c.begun, begunTurn{s.window, s.layout, s.start, slot.RegionIndex, slot.Entry, n, end})
		}
	}
}

// add counts a play in the hour in which it began.
func (c *playCount) add(e *LoopEntry, start int64) {
	h := sort.Search(len(c.hours), func(i int) bool { return c.hours[i].to > start })
	for _, k := range c.counts[e.Showing] {
		c.plays[k][h]++
	}
}

// reckon counts the turns that begin on [n, hi) where those of s come in order until then.
func (c *playCount) reckon(s *span, n, until, hi int64) {
	for i := range s.layout.regions {
		r, base := &s.layout.regions[i], s.bases[i]
		l := c.loop(r)
		if len(l.sums) == 0 {
			continue
		}
		whole := hi
		if slot, start, end := r.turn(base, until); start < until { // cut, or it goes on with what comes
			whole = min(hi, start)
			e := &r.loop.Entries[r.loop.Order[slot]]
			if n <= start && start < hi && len(c.counts[e.Showing]) > 0 {
				c.begun = append(c.begun, begunTurn{s.window, s.layout, s.start, r.index, e, start, end})
			}
		}
		if n < whole {
			c.addAll(l, base, n, whole)
		}
	}
}

// addAll counts the turns of a loop that begin on [lo, hi), of which each shows whole.
func (c *playCount) addAll(l *loopCount, base, lo, hi int64) {
	first := sort.Search(len(c.hours), func(h int) bool { return c.hours[h].to > lo })
	for h := first; h < len(c.hours) && c.hours[h].from < hi; h++ {
		from, to := max(lo, c.hours[h].from), min(hi, c.hours[h].to)
		for k, sums := range l.sums {
			c.plays[k][h] += l.before(sums, base, to) - l.before(sums, base, from)
		}
	}
}

// loopCount is how often plays of a round count.
type loopCount struct {
	// starts are where each slot begins, in nanoseconds from that of the round; total is its length.
	starts []int64
	total  int64
	// sums are, for each kind that the loop has, how many of the first slots count.
	sums map[int][]int
}

func (c *playCount) loop(r *region) *loopCount {
	if l, ok := c.loops[r.loop]; ok {
		return l
	}
	l := &loopCount{starts: append([]int64{0}, r.ends[:len(r.ends)-1]...), total: r.total, sums: map[int][]int{}}
	for slot, e := range r.loop.Order {
		for _, k := range c.counts[r.loop.Entries[e].Showing] {
			if l.sums[k] == nil {
				l.sums[k] = make([]int, len(r.loop.Order)+1)
			}
			l.sums[k][slot+1]++
		}
	}
	for _, sums := range l.sums {
		for i := range sums[1:] {
			sums[i+1] += sums[i]
		}
	}
	c.loops[r.loop] = l
	return l
}

// before is how many turns that count have begun since base and before n; less than none if n is earlier.
func (l *loopCount) before(sums []int, base, n int64) int {
	rounds, into := floorDiv(n-base, l.total)
	begun := sort.Search(len(l.starts), func(i int) bool { return l.starts[i] >= into })
	return int(rounds)*sums[len(sums)-1] + sums[begun]
}

// inOrderUntil is until when from n on each turn shows its own entry and whole; n if that is not certain.
func (l *layout) inOrderUntil(n int64) int64 {
	until := lastInstant
	for i := range l.regions {
		r := &l.regions[i]
		if r.sometimesWhole {
			return n
		}
		for _, v := range r.bounds {
			if !v.holds(n) {
				return n
			}
			until = min(until, v.until)
		}
	}
	return until
}
