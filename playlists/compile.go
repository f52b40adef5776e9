package playlists

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Compile turns the documents into the body of a screen whose player has the given abilities. Equal
// arguments give equal bodies, and so do screens of one [Class]. What cannot be shown is left out and
// told as problems; it is an error if the screen or its zone is unknown. Fonts are in order of
// preference. Who compiles many screens keeps a [Compiler].
func Compile(h *Hospital, s ScreenID, a Abilities, zones ZoneData, fonts []Asset) (*Body, []Problem, error) {
	return NewCompiler(h, zones, fonts).Compile(s, a)
}

// Compiler compiles the screens of one hospital, each class of them once. It is for one goroutine.
type Compiler struct {
	h     *Hospital
	zones ZoneData
	fonts []Asset
	// windows are ascending by id; named are the screens that any of them names.
	windows []WindowID
	named   map[ScreenID]bool
	// invalid are windows that should have been refused.
	invalid map[WindowID]error
	tzif    map[string][]byte
	done    map[Class]compiled
	handOff string
}

type compiled struct {
	body     *Body
	problems []Problem
	err      error
}

// NewCompiler prepares to compile h, which must not change as long as the compiler is used.
func NewCompiler(h *Hospital, zones ZoneData, fonts []Asset) *Compiler {
	c := &Compiler{
		h: h, zones: zones, fonts: fonts, windows: slices.Sorted(maps.Keys(h.Windows)),
		named: h.named(), invalid: map[WindowID]error{}, tzif: map[string][]byte{}, done: map[Class]compiled{},
	}
	rules := map[string]startRule{} // many windows share a rule
	for _, w := range h.Windows {
		if err := w.validate(rules); err != nil {
			c.invalid[w.ID] = err
		}
	}
	return c
}

// HandOff has what is compiled lead phones to an address; empty, as it is without, means that there are no codes.
func (c *Compiler) HandOff(address string) { c.handOff = address }

// Class is the class of a screen whose player has the given abilities; an unknown screen is an
// [ErrNotFound].
func (c *Compiler) Class(s ScreenID, a Abilities) (Class, error) {
	screen, ok := c.h.Screens[s]
	if !ok {
		return Class{}, fmt.Errorf("%w: screen %s", ErrNotFound, s)
	}
	return classOf(screen, a, c.named[s]), nil
}

// Compile is the package's [Compile]. Screens of one class share the body, which nobody may change.
func (c *Compiler) Compile(s ScreenID, a Abilities) (*Body, []Problem, error) {
	class, err := c.Class(s, a)
	if err != nil {
		return nil, nil, err
	}
	done, ok := c.done[class]
	if !ok {
		done.body, done.problems, done.err = c.compile(class, s)
		c.done[class] = done
	}
	return done.body, done.problems, done.err
}

func (c *Compiler) compile(class Class, s ScreenID) (*Body, []Problem, error) {
	place, err := c.h.Place(s)
	if err != nil {
		return nil, nil, err
	}
	department := c.h.Departments[place.Department]
	tzif, err := c.zone(department)
	if err != nil {
		return nil, nil, err
	}
	b := newBuilder(c.h, department, class)
	b.body = &Body{
		Format: BodyFormat, Department: place.Department, Site: place.Site, Tags: place.Tags, Brand: c.h.Organisation.Brand,
		Rotation: class.rotation, Volume: class.volume, Zone: department.Zone, TZif: tzif, HandOff: c.handOff,
	}
	b.body.ClosedDates = c.h.dates(department.Closures, nil)
	b.body.Filler = b.fullOrNone(department.Filler, true)
	b.body.Closed = b.fullOrNone(department.Closed, false)
	for _, id := range c.windows {
		b.window(c.h.Windows[id], c.invalid[id], place)
	}
	b.addTemplates()
	b.addLogo()
	b.addAssets(c.fonts)
	if !slices.ContainsFunc(b.body.Showings, func(s Showing) bool { return s.HandOff }) {
		b.body.HandOff = "" // a body does not change by what it does not need
	}
	if err := b.body.Validate(); err != nil {
		return nil, nil, fmt.Errorf("compiling for screen %s: %w", s, err)
	}
	return b.body, b.problems.sorted(), nil
}

// zone gives the bytes of a valid department's zone, which have been read as a zone once.
func (c *Compiler) zone(d Department) ([]byte, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	if tzif, ok := c.tzif[d.Zone]; ok {
		return tzif, nil
	}
	tzif, err := c.zones(d.Zone)
	if err != nil {
		return nil, fmt.Errorf("%w: department %s: zone %s is not known here (%w); choose another", ErrInvalid, d.ID, d.Zone, err)
	}
	if _, err := ParseZone(d.Zone, tzif); err != nil {
		return nil, fmt.Errorf("department %s: %w", d.ID, err)
	}
	c.tzif[d.Zone] = tzif
	return tzif, nil
}

// dates are those of all closures but of less, ascending. Closures that do not exist have none.
func (h *Hospital) dates(closures []ClosureID, less []Date) []Date {
	var dates []Date
	for _, c := range closures {
		for _, d := range h.Closures[c].Dates {
			if _, found := slices.BinarySearchFunc(less, d, Date.Compare); !found {
				dates = append(dates, d)
			}
		}
	}
	slices.SortFunc(dates, Date.Compare)
	return slices.Compact(dates)
}

// builder gathers one body; it refers to each showing, loop and layout once.
type builder struct {
	h          *Hospital
	department Department
	class      Class
	// mix is the languages' in loops, the department's own or one that was moved.
	mix      []LanguageShare
	body     *Body
	problems problems
	showings map[showingKey]int
	loops    map[loopKey]int
	// fit are the items of the library that may fill, once somebody has asked.
	fit     map[Floor][]ItemID
	layouts map[layoutKey]int
	assets  map[Digest]Asset
}

type showingKey struct {
	item            ItemID
	asset, captions Digest
}

type layoutKey struct {
	layout   LayoutID
	playlist PlaylistID
	// fills: it is for opening hours, in which floors count.
	fills bool
}

// loopKey is a playlist, and what its loop must keep by itself.
type loopKey struct {
	playlist PlaylistID
	needs    string
}

func newBuilder(h *Hospital, d Department, c Class) *builder {
	return &builder{
		h: h, department: d, class: c, mix: h.mixOf(d), problems: problems{},
		showings: map[showingKey]int{}, loops: map[loopKey]int{}, layouts: map[layoutKey]int{}, assets: map[Digest]Asset{},
	}
}

// mixOf is a department's language mix, moved by demand if it follows that.
func (h *Hospital) mixOf(d Department) []LanguageShare {
	demand, known := h.Demands[d.ID]
	if !known || d.Demand == nil {
		return d.Languages
	}
	return d.mixUnder(&demand)
}

// none stands for no loop and no layout.
const none = -1

// window adds a window that reaches the place, unless it is invalid.
func (b *builder) window(w Window, invalid error, p Place) {
	narrowness, ok := Reaches(w.Targets, w.Except, p)
	if !ok || !b.valid("window", string(w.ID), invalid) {
		return
	}
	layout := b.fullOrNone(w.Playlist, true)
	if w.Layout != "" {
		layout = b.layout(w.Layout)
	}
	if layout == none {
		b.problems.add("window", string(w.ID), "", "nothing of it can be shown, so it is left out")
		return
	}
	b.body.Windows = append(b.body.Windows, BodyWindow{
		ID: w.ID, Name: w.Name, Layout: layout, Start: w.Start, End: w.End, First: w.First, Last: w.Last,
		Priority: w.Priority, Narrowness: narrowness, Closed: b.h.dates(w.Closures, b.body.ClosedDates),
	})
}

// fullOrNone is the layout full with a playlist; none if there is nothing in it to show.
func (b *builder) fullOrNone(p PlaylistID, fills bool) int {
	if p == "" {
		return none
	}
	return b.once(layoutKey{LayoutFull, p, fills && b.department.fills()}, []Region{{Name: string(LayoutFull), W: 1, H: 1, Playlist: p}})
}

func (b *builder) layout(id LayoutID) int {
	l, ok := b.h.Layouts[id]
	if !ok || !b.valid("layout", string(id), l.Validate()) {
		return none
	}
	return b.once(layoutKey{layout: id, fills: b.department.fills()}, l.Regions)
}

// once builds a layout unless it is there already. Regions without anything to show are left out; none
// is the answer if that is all of those with playlists.
func (b *builder) once(key layoutKey, regions []Region) int {
	if i, ok := b.layouts[key]; ok {
		return i
	}
	loops := b.loopsOf(regions, key.fills)
	built, wanted, got := BodyLayout{ID: key.layout}, 0, 0
	for i, r := range regions {
		region := BodyRegion{Name: r.Name, X: r.X, Y: r.Y, W: r.W, H: r.H, Loop: loops[i], Widget: r.Widget}
		if r.Playlist != "" {
			wanted++
			if region.Loop == none {
				continue
			}
			got++
		}
		built.Regions = append(built.Regions, region)
	}
	if len(built.Regions) == 0 || wanted > 0 && got == 0 {
		b.layouts[key] = none
		return none
	}
	b.body.Layouts = append(b.body.Layouts, built)
	b.layouts[key] = len(b.body.Layouts) - 1
	return b.layouts[key]
}

// loopsOf are the regions' loops, none for those without. The largest region is filled with what the others lack.
func (b *builder) loopsOf(regions []Region, fills bool) []int {
	loops, largest := make([]int, len(regions)), none
	for i, r := range regions {
		if loops[i] = none; r.Playlist != "" && (largest == none || r.W*r.H > regions[largest].W*regions[largest].H) {
			largest = i
		}
	}
	var others []int
	for i, r := range regions {
		if r.Playlist == "" || fills && i == largest {
			continue
		}
		if loops[i] = b.loop(r.Playlist, fills, nil); loops[i] != none {
			others = append(others, loops[i])
		}
	}
	if fills && largest != none {
		loops[largest] = b.loop(regions[largest].Playlist, fills, b.fillings(others))
	}
	return loops
}

// loop unrolls a playlist unless it is there already, and fills it if it is for opening hours.
func (b *builder) loop(id PlaylistID, fills bool, needs []filling) int {
	key := loopKey{playlist: id}
	if fills {
		key.needs = fmt.Sprint("fills ", needs)
	}
	if i, ok := b.loops[key]; ok {
		return i
	}
	index := none
	if p := b.playlist(id); fills {
		index = b.filled(p, needs)
	} else if loop := b.unroll(p); len(loop.Order) > 0 {
		b.body.Loops = append(b.body.Loops, loop)
		index = len(b.body.Loops) - 1
	}
	b.loops[key] = index
	return index
}

// playlist is an empty one unless there is a valid one.
func (b *builder) playlist(id PlaylistID) Playlist {
	p, ok := b.h.Playlists[id]
	if !ok || !b.valid("playlist", string(id), p.Validate()) {
		return Playlist{ID: id}
	}
	return p
}

// valid reports whether err is nil, and tells its faults as problems.
func (b *builder) valid(kind, id string, err error) bool {
	b.problems.addFaults(kind, id, err)
	return err == nil
}

// unroll repeats the playlist's turns as often as the languages need.
func (b *builder) unroll(p Playlist) Loop {
	loop, _ := b.unrollFrom(p)
	return loop
}

// unrollFrom is unroll, and says for each entry of the loop which entry of the playlist it is of.
func (b *builder) unrollFrom(p Playlist) (loop Loop, from []int) {
	loop = Loop{Playlist: p.ID}
	if !slices.Equal(b.mix, b.department.Languages) {
		loop.Mix = b.mix
	}
	n := passes(b.mix)
	var weights []int
	var chosen [][][]int // per usable entry, the loop entries of each pass: several of a leaflet
	var topics [][]Topic
	for i, e := range p.Entries {
		if item, ok := b.usable(p.ID, e); ok {
			if entries := b.entries(&loop, e, item, n); entries != nil {
				weights, chosen, topics = append(weights, e.Weight), append(chosen, entries), append(topics, item.Topics)
			}
		}
		from = append(from, slices.Repeat([]int{i}, len(loop.Entries)-len(from))...)
	}
	order := turns(b.demanded(&loop, p.Demand, weights, chosen, topics))
	for pass := range shortestPeriod(chosen, n) {
		for _, entry := range order {
			if run := chosen[entry][pass]; len(loop.Order)+len(run) <= MaxOrder {
				loop.Order = append(loop.Order, run...)
				continue
			}
			b.problems.add("playlist", string(p.ID), "entries", "its loop has more than %d slots with the pages of its leaflets, so the last are left out; lower the weights, or divide it", MaxOrder)
			return loop, from
		}
	}
	return loop, from
}

// usable gives an entry's item, unless there is nothing of it to show, or it is for other moments and states.
func (b *builder) usable(p PlaylistID, e Entry) (Item, bool) {
	item, ok := b.h.usable(&b.problems, p, e)
	if ok {
		_, _, ok = b.bind(item)
	}
	return item, ok
}

// demanded are the weights under the department's demand; entries that gain by it say so.
func (b *builder) demanded(loop *Loop, share *DemandShare, weights []int, chosen [][][]int, topics [][]Topic) []int {
	demand, known := b.h.Demands[b.department.ID]
	if share == nil || !known || b.department.Demand == nil || len(weights) == 0 {
		return weights
	}
	weights, raised := share.weights(weights, topics, &demand)
	for i, t := range raised {
		if t == nil {
			continue
		}
		for _, e := range slices.Concat(chosen[i]...) {
			loop.Entries[e].Topic, loop.Entries[e].Asked = t.Topic, t.Asked
		}
	}
	return weights
}

// shortestPeriod is how many of n passes there are before all entries' choices repeat.
func shortestPeriod(chosen [][][]int, n int) int {
	for period := 1; period < n; period++ {
		if n%period == 0 && !slices.ContainsFunc(chosen, func(c [][]int) bool { return !slices.EqualFunc(c[period:], c[:n-period], slices.Equal) }) {
			return period
		}
	}
	return n
}

// entries adds one loop entry per page of each rendition that the mix takes of the item, and gives the indices of a
// rendition's pages for each of n passes; nil if there is nothing to show.
func (b *builder) entries(loop *Loop, e Entry, item Item, n int) [][]int {
	renditions, shares := b.renditions(item, e.Fit)
	if len(renditions) == 0 {
		return nil
	}
	added := map[[2]Digest]int{} // the same film with other captions is another
	index := func(page picked) int {
		key := [2]Digest{page.asset.Digest, page.captions.Digest}
		i, ok := added[key]
		if !ok {
			i = len(loop.Entries)
			added[key] = i
			loop.Entries = append(loop.Entries, b.entry(e, item, page))
		}
		return i
	}
	var runs [][]int
	for _, choice := range languagePasses(shares, n) {
		var run []int
		for _, page := range renditions[choice] {
			run = append(run, index(page))
		}
		runs = append(runs, run)
	}
	return runs
}

// picked is a page of a rendition in the size that the class shows.
type picked struct {
	language Language
	asset    Asset
	captions Asset // zero if it has none
}

// pages are those of a rendition that a player can show, in their order.
func (b *builder) pages(r Rendition, fit Fit) (pages []picked) {
	for _, variants := range r.pages() {
		if asset, ok := b.class.pick(variants, fit); ok {
			pages = append(pages, picked{r.Language, asset, r.captions()})
		}
	}
	return pages
}

// renditions are the pages of the item's renditions that the mix takes, with their shares: of a language itself, or
// without words. Where there is none, it is the fallback's.
func (b *builder) renditions(item Item, fit Fit) (taken [][]picked, shares []int) {
	there := map[Language][]picked{}
	for _, r := range item.Renditions {
		if there[r.Language] = b.pages(r, fit); len(there[r.Language]) > 0 {
			continue
		}
		delete(there, r.Language)
		b.problems.add("item", string(item.ID), "renditions", "a player cannot decode its %s, so that is left out; upload it again as H.264", r.Language)
	}
	for _, share := range b.mix {
		if r, ok := first(there, share.Language, NoWords); ok {
			taken, shares = append(taken, r), append(shares, share.Twelfths)
		}
	}
	if len(taken) > 0 {
		return taken, shares
	}
	if r, ok := there[b.department.Fallback]; ok {
		return [][]picked{r}, []int{1}
	}
	b.problems.add("item", string(item.ID), "renditions", "%s has no language of it, so it is left out there; add one of its languages, or %s", b.department.Name, b.department.Fallback)
	return nil, nil
}

// first is the value of the first key that is there.
func first[K comparable, V any](values map[K]V, keys ...K) (V, bool) {
	for _, k := range keys {
		if v, ok := values[k]; ok {
			return v, true
		}
	}
	var no V
	return no, false
}

func (b *builder) entry(e Entry, item Item, r picked) LoopEntry {
	transition := e.Transition
	if b.class.cuts {
		transition = Cut
	}
	return LoopEntry{
		Showing: b.showing(item, r), Millis: millisOf(e, item, r.asset),
		WholeOnly: e.WholeOnly, Transition: transition, Fit: e.Fit,
	}
}

// millisOf is how long a slot is: as the entry says, else the item, else the video's own length.
func millisOf(e Entry, item Item, a Asset) int64 {
	return min(max(cmp.Or(e.Millis, item.Millis, a.Millis, DefaultMillis), MinMillis), MaxMillis)
}

func (b *builder) showing(item Item, r picked) int {
	a := r.asset
	key := showingKey{item.ID, a.Digest, r.captions.Digest}
	if i, ok := b.showings[key]; ok {
		return i
	}
	b.assets[a.Digest] = a
	if r.captions.Digest != "" {
		b.assets[r.captions.Digest] = r.captions
	}
	while, moment, _ := b.bind(item)
	b.body.Showings = append(b.body.Showings, Showing{
		Item: item.ID, Version: item.Version, Title: item.Title, Language: r.language, Asset: a.Digest, Medium: a.Medium, Captions: r.captions.Digest,
		From: item.From, Until: ends(item.Until, while), HandOff: b.body.HandOff != "" && item.HandOff && item.GoesTo(Phone),
		While: b.stateIndex(while), Moment: moment,
	})
	b.showings[key] = len(b.body.Showings) - 1
	return b.showings[key]
}

// addTemplates has players hold what takeovers will show, before there is one.
func (b *builder) addTemplates() {
	for _, item := range b.h.Items {
		if item.Template == nil || !item.letOut(&b.problems) {
			continue
		}
		for _, r := range item.Renditions {
			if asset, ok := b.class.pick(r.Variants, FitInside); ok {
				b.assets[asset.Digest] = asset
			}
		}
	}
}

// addLogo has players hold what stands on the slate.
func (b *builder) addLogo() {
	if logo := b.h.Organisation.Logo; logo != nil {
		b.body.Logo, b.assets[logo.Digest] = logo.Digest, *logo
	}
}

// addAssets completes the body's list of files: fonts are among them always, as takeovers need them.
func (b *builder) addAssets(fonts []Asset) {
	for _, f := range fonts {
		b.assets[f.Digest] = f
		b.body.Fonts = append(b.body.Fonts, f.Digest)
	}
	b.body.Assets = slices.SortedFunc(maps.Values(b.assets), func(x, y Asset) int { return cmp.Compare(x.Digest, y.Digest) })
}
