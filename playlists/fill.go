package playlists

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"
)

// Bounds of what fills.
const (
	// FillShare is the part of a loop's time that what fills may take: one in so many.
	FillShare = 3
	// fillItems is how many items of the library take turns for one floor.
	fillItems = 6
	// fillTries is how often a floor is tried with one play more.
	fillTries = 64
)

// LanguageTarget is a language's least part of what shows words, in twelfths of the turns of every loop.
type LanguageTarget struct {
	Language Language `json:"language"`
	Twelfths int      `json:"twelfths" doc:"1 to 12: 3 is a quarter of all turns that show words"`
}

func checkLanguageTargets(f *faults, mix []LanguageShare, targets []LanguageTarget) {
	sum := 0
	for i, l := range targets {
		field := fmt.Sprintf("language_targets[%d]", i)
		f.language(field+".language", l.Language)
		f.check(l.Twelfths >= 1 && l.Twelfths <= 12, field+".twelfths", "%d twelfths are out of bounds; choose 1 to 12", l.Twelfths)
		f.check(slices.ContainsFunc(mix, func(s LanguageShare) bool { return s.Language == l.Language }), field+".language", "%s is not in the language mix; add it there first", l.Language)
		sum += l.Twelfths
	}
	distinct(f, "language_targets", len(targets), func(i int) Language { return targets[i].Language })
	f.check(sum <= 12, "language_targets", "together they ask for %d twelfths; make it 12 at most", sum)
}

// Candidates are the items that fill for a department, for each of its floors that fill: approved and valid ones of the
// library, those that have more of its languages first, then those that never run out, then by id. What is sponsored fills
// only where the floor names it. A hospital that has no other items than these and those of the department's playlists has
// the same.
func (h *Hospital) Candidates(d Department) map[Floor][]ItemID {
	found := map[Floor][]ItemID{}
	var ids []ItemID
	for _, fl := range d.Floors {
		for _, part := range fl.parts() {
			if _, done := found[part]; done || !fl.Fill {
				continue
			}
			if ids == nil {
				ids = slices.Sorted(maps.Keys(h.Items))
			}
			found[part] = h.candidates(d, part, ids)
		}
	}
	return found
}

func (h *Hospital) candidates(d Department, part Floor, ids []ItemID) []ItemID {
	var fit []ItemID
	for _, id := range ids {
		if item := h.Items[id]; part.filledBy(item) && h.spoken(d, item) > 0 {
			fit = append(fit, id)
		}
	}
	h.rank(d, fit)
	return fit[:min(len(fit), fillItems)]
}

// rank puts items first that have more of the department's languages, then those that never run out.
func (h *Hospital) rank(d Department, items []ItemID) {
	slices.SortStableFunc(items, func(a, b ItemID) int {
		x, y := h.Items[a], h.Items[b]
		return cmp.Or(cmp.Compare(h.spoken(d, y), h.spoken(d, x)), cmp.Compare(x.bounds(), y.bounds()))
	})
}

// filledBy reports whether an item may be shown for the floor. What fills takes one turn, and a leaflet several; and it is
// for always.
func (fl *Floor) filledBy(i Item) bool {
	if i.Bound() || slices.ContainsFunc(i.Renditions, func(r Rendition) bool { return len(r.Further) > 0 }) {
		return false
	}
	var unheard problems
	if !fl.of(i.ID, i.Phase, i.Topics) || !i.Approved() || i.Template != nil || !i.GoesTo(Screens) || fl.Item == "" && (i.Sponsor != "" || i.Campaign != "") {
		return false
	}
	return i.letOut(&unheard)
}

// spoken is how many twelfths of the department's mix an item speaks; all, if it has no words, and one if it has only the
// language for want of others.
func (h *Hospital) spoken(d Department, i Item) int {
	has := func(l Language) bool {
		return slices.ContainsFunc(i.Renditions, func(r Rendition) bool { return r.Language == l })
	}
	if has(NoWords) {
		return 12
	}
	sum := 0
	for _, l := range d.Languages {
		if has(l.Language) {
			sum += l.Twelfths
		}
	}
	if sum == 0 && has(d.Fallback) {
		return 1
	}
	return sum
}

// bounds is how many ends the item's validity has.
func (i Item) bounds() int {
	n := 0
	if !i.From.IsZero() {
		n++
	}
	if !i.Until.IsZero() {
		n++
	}
	return n
}

// filling is a part of a floor that a loop must keep by itself.
type filling struct {
	floor int // of the department's
	part  Floor
	plays int
}

// fillings are what the main loop of a layout must keep, less what its other regions show.
func (b *builder) fillings(others []int) []filling {
	var needs []filling
	for i, fl := range b.department.Floors {
		if !fl.Fill {
			continue
		}
		for _, part := range fl.parts() {
			plays := fl.Plays
			for _, loop := range others {
				plays -= b.least(&b.body.Loops[loop], &part)
			}
			if plays > 0 {
				needs = append(needs, filling{i, part, plays})
			}
		}
	}
	return needs
}

// least is how many plays of a floor's kind begin in every stretch of an hour, however it lies, while the loop runs. What
// has a validity does not count, for it may be over while the loop still runs.
func (b *builder) least(l *Loop, part *Floor) int {
	counts := make([]bool, len(l.Entries))
	for i, e := range l.Entries {
		s := &b.body.Showings[e.Showing]
		item := b.h.Items[s.Item]
		counts[i] = s.From.IsZero() && s.Until.IsZero() && part.of(item.ID, item.Phase, item.Topics)
	}
	var starts []int64
	total := int64(0)
	for _, e := range l.Order {
		if counts[e] {
			starts = append(starts, total)
		}
		total += l.Entries[e].Millis
	}
	return leastAnHour(starts, total)
}

// leastAnHour is how many of the starts, which come again every total milliseconds, any hour has at least.
func leastAnHour(starts []int64, total int64) int {
	if len(starts) == 0 {
		return 0
	}
	rounds, rest := time.Hour.Milliseconds()/total, time.Hour.Milliseconds()%total
	least := len(starts)
	for i, s := range starts { // the worst hours begin just after a start
		end := s + rest
		n := sort.Search(len(starts), func(k int) bool { return starts[k] > end }) - i - 1
		if end >= total {
			n += sort.Search(len(starts), func(k int) bool { return starts[k] > end-total })
		}
		least = min(least, n)
	}
	return int(rounds)*len(starts) + least
}

// fills reports whether loops of the department are more than its playlists.
func (d Department) fills() bool {
	return len(d.LanguageTargets) > 0 || slices.ContainsFunc(d.Floors, func(fl Floor) bool { return fl.Fill })
}

// fitting are the items that may fill.
func (b *builder) fitting() map[Floor][]ItemID {
	if b.fit == nil {
		b.fit = b.h.Candidates(b.department)
	}
	return b.fit
}

// filled is the loop of a playlist with what it needs to keep targets, or none if there is nothing in it to show. Loops
// are made on the side, so that the body has nothing of what was only tried.
func (b *builder) filled(p Playlist, needs []filling) int {
	mix := b.mix
	for {
		side := newBuilder(b.h, b.department, b.class)
		side.body, side.mix, side.fit = &Body{}, mix, b.fitting()
		loop := side.unroll(p)
		if len(loop.Order) == 0 {
			b.problems.join(side.problems)
			return none
		}
		loop = side.fill(loop, needs)
		if next, short, ok := side.raised(loop); ok {
			mix = next
			continue
		} else if short != nil {
			side.problems.add("playlist", string(p.ID), "entries", "%s needs %d of 12 turns in %s, and too few of its items have it; add it to more of them", short.Language, short.Twelfths, b.department.Name)
		}
		b.problems.join(side.problems)
		return b.adopt(side, loop)
	}
}

// raised is the mix with one twelfth more for the first language that the loop shows too rarely, if anything can be taken
// from another; else that language is all it says.
func (b *builder) raised(l Loop) (mix []LanguageShare, short *LanguageTarget, ok bool) {
	spoken, words := map[Language]int{}, 0
	for _, e := range l.Order {
		if language := b.body.Showings[l.Entries[e].Showing].Language; language != NoWords {
			spoken[language]++
			words++
		}
	}
	for i := range b.department.LanguageTargets {
		target := &b.department.LanguageTargets[i]
		if spoken[target.Language]*12 >= target.Twelfths*words {
			continue
		}
		if short == nil {
			short = target
		}
		if mix := b.taking(target.Language); mix != nil {
			return mix, target, true
		}
	}
	return nil, short, false
}

// taking is the mix with a twelfth more for a language, taken from that which has most above its own target; nil if none
// can spare it. Each keeps one at least.
func (b *builder) taking(to Language) []LanguageShare {
	from, most := none, 0
	for i, l := range b.mix {
		spare := l.Twelfths - 1
		for _, t := range b.department.LanguageTargets {
			if t.Language == l.Language {
				spare = l.Twelfths - t.Twelfths
			}
		}
		if l.Language != to && spare > most {
			from, most = i, spare
		}
	}
	if from == none {
		return nil
	}
	mix := slices.Clone(b.mix)
	mix[from].Twelfths--
	mix[slices.IndexFunc(mix, func(s LanguageShare) bool { return s.Language == to })].Twelfths++
	return mix
}

// adopt takes over a loop that was made on the side, without entries that it has no turn for.
func (b *builder) adopt(side *builder, l Loop) int {
	entries := l.Entries
	l.Entries = nil
	index := make(map[int]int, len(entries))
	order := make([]int, 0, len(l.Order))
	for _, e := range l.Order {
		at, known := index[e]
		if !known {
			entry := entries[e]
			entry.Showing = b.adoptShowing(side, &side.body.Showings[entry.Showing])
			if entry.Fills > 0 {
				entry.Fills = b.floorIndex(side.body.Floors[entry.Fills-1])
			}
			at = len(l.Entries)
			index[e] = at
			l.Entries = append(l.Entries, entry)
		}
		order = append(order, at)
	}
	l.Order = order
	b.body.Loops = append(b.body.Loops, l)
	return len(b.body.Loops) - 1
}

func (b *builder) adoptShowing(side *builder, s *Showing) int {
	key := showingKey{s.Item, s.Asset, s.Captions}
	if i, ok := b.showings[key]; ok {
		return i
	}
	b.assets[s.Asset] = side.assets[s.Asset]
	if s.Captions != "" {
		b.assets[s.Captions] = side.assets[s.Captions]
	}
	adopted := *s
	if s.While > 0 {
		adopted.While = b.stateIndex(side.body.States[s.While-1])
	}
	b.body.Showings = append(b.body.Showings, adopted)
	b.showings[key] = len(b.body.Showings) - 1
	return b.showings[key]
}

// floorIndex is where the body has a floor, counted from 1.
func (b *builder) floorIndex(fl Floor) int {
	if i := slices.Index(b.body.Floors, fl); i >= 0 {
		return i + 1
	}
	b.body.Floors = append(b.body.Floors, fl)
	return len(b.body.Floors)
}

// fill adds turns to a loop until it keeps what it needs: as many floors, in their order, as fit into its bounds. Of the
// others the problems tell.
func (b *builder) fill(base Loop, needs []filling) Loop {
	var kept, short []*supply
	for _, n := range needs {
		if s := b.supply(&base, n); b.least(&base, &n.part) >= n.plays {
			kept = append(kept, s)
		} else {
			short = append(short, s)
		}
	}
	loop := base
	for _, s := range short {
		if len(s.items) == 0 {
			b.nothingFills(s)
			continue
		}
		tried, ok := b.try(base, append(slices.Clone(kept), s))
		if !ok {
			b.problems.add("department", string(b.department.ID), fmt.Sprintf("floors[%d]", s.floor), "the library cannot fill for it: that would take more than a third of %s, or make it too long; ask for fewer plays, or add such items to that playlist", b.h.Playlists[base.Playlist].Name)
			continue
		}
		kept, loop = append(kept, s), tried
	}
	return loop
}

// nothingFills tells that the library has nothing for a floor.
func (b *builder) nothingFills(s *supply) {
	id, field := string(b.department.ID), fmt.Sprintf("floors[%d]", s.floor)
	if s.part.Phase != "" {
		b.problems.add("department", id, field, "nothing of the phase %s can fill for it: no approved item has a language of %s; make one, or have one approved", string(s.part.Phase), b.department.Name)
		return
	}
	b.problems.add("department", id, field, "nothing can fill for it: no approved item that counts has a language of %s; make one, or have one approved", b.department.Name)
}

// supply is what fills for one part of a floor.
type supply struct {
	filling

	// items are the entries of each item, one for each pass of the languages.
	items [][]int
	// millis is how long a turn is at most.
	millis int64
	// turns are how many there are in a round.
	turns int
}

// supply adds the entries of what can fill to the loop.
func (b *builder) supply(l *Loop, n filling) *supply {
	s := &supply{filling: n}
	floor := b.floorIndex(b.department.Floors[n.floor])
	for _, id := range b.fitting()[n.part] {
		first := len(l.Entries)
		var entries []int
		for _, run := range b.entries(l, Entry{Item: id, Weight: 1}, b.h.Items[id], passes(b.mix)) {
			entries = append(entries, run[0])
		}
		for i := first; i < len(l.Entries); i++ {
			l.Entries[i].Fills = floor
			s.millis = max(s.millis, l.Entries[i].Millis)
		}
		if entries != nil {
			s.items = append(s.items, entries)
		}
	}
	return s
}

// try adds turns to the loop until it keeps all that are supplied; not ok if they do not fit.
func (b *builder) try(base Loop, supplies []*supply) (Loop, bool) {
	hour, round, added := time.Hour.Milliseconds(), base.millis(), int64(0)
	for _, s := range supplies {
		s.turns = max(0, s.plays-b.least(&base, &s.part))
		added += int64(s.turns) * s.millis
	}
	times := max(1, min((hour-added)/round, int64(MaxSlots/len(base.Order)))) // an hour, if it can be
	for _, s := range supplies {
		s.turns = int((int64(s.turns)*(times*round+added) + hour - 1) / hour)
	}
	for range fillTries {
		loop, ok := b.spread(base, int(times), supplies)
		if !ok {
			return base, false
		}
		wanting := b.wanting(&loop, supplies)
		if len(wanting) == 0 {
			return loop, true
		}
		for _, s := range wanting {
			s.turns++
			if len(s.items) == 0 {
				return base, false
			}
		}
	}
	return base, false
}

// wanting are those that the loop does not keep.
func (b *builder) wanting(l *Loop, supplies []*supply) []*supply {
	var wanting []*supply
	for _, s := range supplies {
		if b.least(l, &s.part) < s.plays {
			wanting = append(wanting, s)
		}
	}
	return wanting
}

// Fills says for which floor of its department a slot of the programme fills, if it is none of a playlist's own.
func (p *Programme) Fills(s *Slot) (Floor, bool) {
	if s.Entry == nil || s.Entry.Fills < 1 || s.Entry.Fills > len(p.body.Floors) {
		return Floor{}, false
	}
	return p.body.Floors[s.Entry.Fills-1], true
}

// Mix is the language mix that a slot's loop goes by, if targets moved it from its department's own; else nil.
func (p *Programme) Mix(f *Frame, s *Slot) []LanguageShare {
	if f.Layout == nil || s.Entry == nil {
		return nil
	}
	return p.body.Loops[f.Layout.Regions[s.RegionIndex].Loop].Mix
}

// millis is how long a round of the loop is.
func (l *Loop) millis() int64 {
	sum := int64(0)
	for _, e := range l.Order {
		sum += l.Entries[e].Millis
	}
	return sum
}

// place is a turn that is added before a slot of a round.
type place struct {
	before int
	supply *supply
}

// spread repeats the loop so many times, with the turns of what is supplied spread evenly among it, and that again until
// all languages had their turn. It is not ok if they take too much.
func (b *builder) spread(base Loop, times int, supplies []*supply) (Loop, bool) {
	places, added := base.places(times, supplies)
	slots, length := times*len(base.Order), int64(times)*base.millis()
	rounds := min(passes(b.mix), MaxOrder/(slots+len(places)))
	if rounds == 0 || added*FillShare > length+added {
		return base, false
	}
	loop := base
	loop.Order = make([]int, 0, (slots+len(places))*rounds)
	had, shown := map[*supply]int{}, map[int]int{}
	for range rounds {
		rest := places
		for slot := range slots + 1 {
			for ; len(rest) > 0 && rest[0].before == slot; rest = rest[1:] {
				which := rest[0].supply.items[b.turnOf(&loop, base.Order[slot%len(base.Order)], rest[0].supply, had)]
				loop.Order = append(loop.Order, which[shown[which[0]]%len(which)])
				shown[which[0]]++
			}
			if slot < slots {
				loop.Order = append(loop.Order, base.Order[slot%len(base.Order)])
			}
		}
	}
	loop.Order = shortest(loop.Order, rounds)
	return loop, true
}

// turnOf says which item has the turn before an entry: they come one after the other, but none beside itself if another
// can come instead.
func (b *builder) turnOf(loop *Loop, after int, s *supply, had map[*supply]int) int {
	item := func(e int) ItemID { return b.body.Showings[loop.Entries[e].Showing].Item }
	for range s.items {
		i := had[s] % len(s.items)
		had[s]++
		id := item(s.items[i][0])
		if n := len(loop.Order); id != item(after) && (n == 0 || id != item(loop.Order[n-1])) {
			return i
		}
	}
	had[s]++
	return (had[s] - 1) % len(s.items)
}

// places are where turns are added to so many rounds of the loop, and how long they are together at most: each supply's
// evenly in time, one supply's between those of another.
func (l *Loop) places(times int, supplies []*supply) (places []place, added int64) {
	starts := make([]int64, 0, times*len(l.Order))
	total := int64(0)
	for range times {
		for _, e := range l.Order {
			starts = append(starts, total)
			total += l.Entries[e].Millis
		}
	}
	for i, s := range supplies {
		for k := range s.turns {
			at := total * int64(k*(len(supplies)+1)+i+1) / int64(s.turns*(len(supplies)+1))
			before := sort.Search(len(starts), func(n int) bool { return starts[n] >= at })
			places = append(places, place{before, s})
			added += s.millis
		}
	}
	slices.SortStableFunc(places, func(a, b place) int { return cmp.Compare(a.before, b.before) })
	return places, added
}

// shortest is the order without repetition: so many rounds are as few as come before it repeats.
func shortest(order []int, rounds int) []int {
	for n := 1; n < rounds; n++ {
		if period := len(order) / rounds * n; rounds%n == 0 && slices.Equal(order[period:], order[:len(order)-period]) {
			return order[:period]
		}
	}
	return order
}
