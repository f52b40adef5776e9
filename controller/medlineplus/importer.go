package medlineplus

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/slide"
)

// from is what origins of items are called that come from here.
const from = "medlineplus"

// State is what an import does, or did, about one topic.
type State string

// The states.
const (
	New     State = "new"     // it becomes a draft
	Changed State = "changed" // MedlinePlus says something else now: a new version for review
	Same    State = "same"    // it is in the library as it is there
	Edited  State = "edited"  // staff have changed it here: it is left alone
	Unfit   State = "unfit"   // nothing whole of it fits on a slide
)

// States lists all states, in the order in which people want to hear of them.
func States() []State { return []State{New, Changed, Edited, Unfit, Same} }

// Choice says which topics of a file are wanted.
type Choice struct {
	All bool
	// Topics and Groups are numbers of MedlinePlus, or names in either language.
	Topics, Groups []string
}

// Empty reports whether nothing is wanted.
func (c Choice) Empty() bool { return !c.All && len(c.Topics)+len(c.Groups) == 0 }

// Imported is what an import would do, or did.
type Imported struct {
	Generated string `json:"generated,omitempty" doc:"When the file was made, as it says itself"`
	// Written: it was done, and not only reckoned.
	Written bool            `json:"written" doc:"It was done, not only reckoned"`
	Topics  []ImportedTopic `json:"topics" doc:"Every topic of the file, in its order"`
	Groups  []ImportedGroup `json:"groups" doc:"The groups that the file's topics are in, by name"`
	Chosen  int             `json:"chosen" doc:"How many topics are chosen"`
	// Counts are of what is chosen.
	Counts map[State]int `json:"counts" doc:"How many of the chosen topics are in each state"`
	// Entries are what the topic tree gains.
	Entries []playlists.Topic `json:"entries" doc:"What the topic tree gains"`
}

// ImportedTopic is one topic of a file.
type ImportedTopic struct {
	ID     string                        `json:"id" doc:"Its number in MedlinePlus"`
	Names  map[playlists.Language]string `json:"names" doc:"What it is called, by language"`
	Groups []string                      `json:"groups" doc:"Numbers of its groups"`
	Item   playlists.ItemID              `json:"item" doc:"The item that it is, or becomes"`
	State  State                         `json:"state" enum:"new,changed,same,edited,unfit"`
	Chosen bool                          `json:"chosen"`
}

// ImportedGroup is one group of a file.
type ImportedGroup struct {
	ID     string                        `json:"id" doc:"Its number among groups of MedlinePlus"`
	Names  map[playlists.Language]string `json:"names" doc:"What it is called, by language"`
	Topics int                           `json:"topics" doc:"How many topics of the file are in it"`
}

// Importer puts topics into the library.
type Importer struct {
	Store store.Documents
	// Keep keeps a slide as a file of the library.
	Keep func(context.Context, slide.Slide) (playlists.Asset, error)
	// Fits tells whether a slide can be shown.
	Fits func(slide.Slide) error
	// AtOnce is the most topics that may be chosen; 0 for any number.
	AtOnce int
}

// Import does what is chosen in the name of by, or tells what it would do where dry is set. All of it is done, or nothing.
// It is an [playlists.ErrInvalid] to choose what is not in the file.
func (m *Importer) Import(ctx context.Context, f File, c Choice, by string, dry bool) (Imported, error) {
	w := &work{importer: m, file: f, by: by}
	if err := w.choose(c); err != nil {
		return Imported{}, err
	}
	if m.AtOnce > 0 && w.result.Chosen > m.AtOnce {
		return Imported{}, playlists.Refuse(playlists.ErrInvalid, "%d topics are more than anybody reviews; choose %d at most at a time", w.result.Chosen, m.AtOnce)
	}
	if err := m.Store.View(ctx, w.look); err != nil {
		return Imported{}, err
	}
	if err := w.make(ctx, !dry); err != nil {
		return Imported{}, err
	}
	if !dry && w.result.Chosen > 0 {
		if err := m.Store.Update(ctx, w.write); err != nil {
			return Imported{}, err
		}
		w.result.Written = true
	}
	return w.tell(), nil
}

// work is one import.
type work struct {
	importer *Importer
	file     File
	by       string
	brand    playlists.Brand
	tree     map[playlists.Topic]playlists.TopicEntry
	planned  []plan
	gained   []playlists.TopicEntry
	result   Imported
}

// plan is what is to be done about one topic.
type plan struct {
	pair     Pair
	chosen   bool
	state    State
	revision uint64
	old      *playlists.Item
	read     playlists.Digest
	next     playlists.Item
}

// choose marks what is wanted.
func (w *work) choose(c Choice) error {
	topics, groups := wantedOf(c.Topics), wantedOf(c.Groups)
	for _, p := range w.file.Pairs {
		one := plan{pair: p, chosen: c.All}
		for _, t := range p.all() {
			one.chosen = topics.has(t.ID, t.Title) || one.chosen
			for _, g := range t.Groups {
				one.chosen = groups.has(g.ID, g.Name) || one.chosen
			}
		}
		if one.chosen {
			w.result.Chosen++
		}
		w.planned = append(w.planned, one)
	}
	if left := topics.left(); left != "" {
		return playlists.Refuse(playlists.ErrInvalid, "the file has no topic %q; choose one by its number or its whole name", left)
	}
	if left := groups.left(); left != "" {
		return playlists.Refuse(playlists.ErrInvalid, "the file has no group %q; choose one by its number or its whole name", left)
	}
	return nil
}

// wanted are numbers and names, and whether each was found.
type wanted map[string]bool

func wantedOf(names []string) wanted {
	w := wanted{}
	for _, n := range names {
		w[key(n)] = false
	}
	return w
}

func (w wanted) has(names ...string) bool {
	found := false
	for _, n := range names {
		if _, ok := w[key(n)]; ok {
			w[key(n)], found = true, true
		}
	}
	return found
}

// left is the first that was not found.
func (w wanted) left() string {
	for _, n := range slices.Sorted(maps.Keys(w)) {
		if !w[n] {
			return n
		}
	}
	return ""
}

// key is a name without what people do not type.
func key(name string) string { return strings.ToLower(unaccented(plain(name))) }

func unaccented(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(s))
}

// look compares the file with the library.
func (w *work) look(v store.View) error {
	doc, err := v.Get("organisation", "organisation")
	if err != nil {
		return err
	}
	var o playlists.Organisation
	if err = json.Unmarshal(doc.Body, &o); err != nil {
		return fmt.Errorf("reading the organisation: %w", err)
	}
	w.brand = o.Brand
	w.tree = map[playlists.Topic]playlists.TopicEntry{}
	for doc, err := range v.List("topic") {
		if err != nil {
			return err
		}
		var e playlists.TopicEntry
		if err := json.Unmarshal(doc.Body, &e); err != nil {
			return fmt.Errorf("reading topic %s: %w", doc.ID, err)
		}
		w.tree[e.ID] = e
	}
	for i := range w.planned {
		if err := w.planned[i].compare(v); err != nil {
			return err
		}
	}
	return nil
}

func (p Pair) item() playlists.ItemID { return playlists.ItemID(from + "-" + p.Main().ID) }

func (p *plan) compare(v store.View) error {
	var err error
	if p.read, err = p.pair.read(); err != nil {
		return err
	}
	doc, err := v.Get("item", string(p.pair.item()))
	if errors.Is(err, playlists.ErrNotFound) {
		p.state = New
		return nil
	}
	if err != nil {
		return err
	}
	old := &playlists.Item{}
	if err := json.Unmarshal(doc.Body, old); err != nil {
		return fmt.Errorf("reading item %s: %w", doc.ID, err)
	}
	p.old, p.revision = old, doc.Revision
	switch {
	case old.Origin == nil || old.Origin.From != from || old.Origin.Made != old.Made():
		p.state = Edited
	case old.Origin.Read == p.read:
		p.state = Same
	default:
		p.state = Changed
	}
	return nil
}

// make draws up the items that are new or have changed, and keeps their slides if they are to be written.
func (w *work) make(ctx context.Context, keep bool) error {
	for i := range w.planned {
		p := &w.planned[i]
		if !p.chosen || p.state != New && p.state != Changed {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		err := w.item(ctx, p, keep)
		if errors.Is(err, errUnfit) {
			p.state = Unfit
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// item is what a topic becomes: a slide in each language in which one can be made.
func (w *work) item(ctx context.Context, p *plan, keep bool) error {
	var renditions []playlists.Rendition
	for _, t := range p.pair.all() {
		s, err := slideOf(t, w.brand, w.importer.Fits)
		if errors.Is(err, errUnfit) {
			continue
		}
		if err != nil {
			return err
		}
		r := playlists.Rendition{Language: t.Language, Alt: t.Title}
		if keep {
			a, err := w.importer.Keep(ctx, s)
			if err != nil {
				return err
			}
			r.Variants = []playlists.Asset{a}
		}
		renditions = append(renditions, r)
	}
	if len(renditions) == 0 {
		return errUnfit
	}
	next := playlists.Item{ID: p.pair.item(), Millis: millis}
	if p.old != nil {
		next = *p.old // phase, topics and dates are staff's
	}
	if p.old == nil {
		next.Topics = w.place(p.pair)
	}
	next.Title, next.Renditions = p.pair.Main().Title, renditions
	p.next = next
	return nil
}

// place finds a topic and its groups in the tree, or plans entries for them, and gives their slugs, the topic's first. What
// is in the tree stays as staff have it.
func (w *work) place(p Pair) []playlists.Topic {
	var groups []playlists.Topic
	for _, g := range p.Main().Groups {
		names := map[playlists.Language]string{p.Main().Language: g.Name}
		if p.English != nil && p.Spanish != nil {
			if n := slices.IndexFunc(p.Spanish.Groups, func(s Group) bool { return s.ID == g.ID }); n >= 0 {
				names["es"] = p.Spanish.Groups[n].Name
			}
		}
		id := w.entry(playlists.TopicEntry{Names: names, MedlinePlus: &playlists.MedlinePlusTopic{ID: g.ID, URL: g.URL, Group: true}})
		if id != "" && !slices.Contains(groups, id) {
			groups = append(groups, id)
		}
	}
	e := playlists.TopicEntry{Names: map[playlists.Language]string{}, MedlinePlus: &playlists.MedlinePlusTopic{ID: p.Main().ID, URL: p.Main().URL}}
	for _, t := range p.all() {
		e.Names[t.Language] = t.Title
		for _, h := range t.MeSH {
			if !slices.ContainsFunc(e.MeSH, func(had playlists.MeSHHeading) bool { return had.ID == h.ID }) {
				e.MeSH = append(e.MeSH, h)
			}
		}
	}
	if len(groups) > 0 {
		e.Parent = groups[0]
	}
	if id := w.entry(e); id != "" {
		return slices.Compact(append([]playlists.Topic{id}, slices.DeleteFunc(groups, func(g playlists.Topic) bool { return g == id })...))
	}
	return groups
}

// entry is the slug of a topic in the tree, where it is planned now if it is not there; empty where it can have none.
func (w *work) entry(e playlists.TopicEntry) playlists.Topic {
	for _, had := range w.tree {
		if m := had.MedlinePlus; m != nil && m.Group == e.MedlinePlus.Group && (m.ID == e.MedlinePlus.ID || m.ID == "" && page(m.URL) == page(e.MedlinePlus.URL)) {
			return had.ID
		}
	}
	e.ID = slug(e.Name("en"))
	if had, taken := w.tree[e.ID]; taken && had.MedlinePlus == nil {
		return e.ID // staff's own, of that name
	} else if taken || e.ID == "" {
		e.ID = playlists.Topic(strings.TrimLeft(fmt.Sprintf("%s-medlineplus-%s", e.ID, e.MedlinePlus.ID), "-"))
	}
	if _, taken := w.tree[e.ID]; taken {
		return e.ID
	}
	e.MeSH = slices.DeleteFunc(e.MeSH, func(h playlists.MeSHHeading) bool {
		alone := playlists.TopicEntry{ID: "x", Names: map[playlists.Language]string{"en": "x"}, MeSH: []playlists.MeSHHeading{h}}
		return alone.Validate() != nil
	})
	if !playlists.MedlinePlusPage(e.MedlinePlus.URL) {
		e.MedlinePlus = nil
	}
	if e.Validate() != nil {
		return ""
	}
	w.tree[e.ID] = e
	w.gained = append(w.gained, e)
	return e.ID
}

// page is an address without where MedlinePlus is, which was elsewhere before 2016.
func page(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	_, path, _ := strings.Cut(rest, "/")
	return strings.TrimPrefix(path, "medlineplus/")
}

// write puts everything into the store. Who changed one of the items meanwhile makes it fail as a whole.
func (w *work) write(tx store.Tx) error {
	for i := range w.gained {
		e := &w.gained[i]
		if err := put(tx, "topic", string(e.ID), 0, w.by, e); err != nil {
			return err
		}
	}
	for i := range w.planned {
		p := &w.planned[i]
		if p.next.ID == "" {
			continue
		}
		next := p.next.WrittenOver(p.old, w.by)
		next.Origin = &playlists.Origin{From: from, ID: p.pair.Main().ID, Read: p.read, Made: next.Made()}
		if err := next.Validate(); err != nil {
			return err
		}
		if err := put(tx, "item", string(next.ID), p.revision, w.by, next); err != nil {
			return err
		}
	}
	return nil
}

func put(tx store.Tx, kind store.Kind, id string, was uint64, by string, document any) error {
	body, err := json.Marshal(document)
	if err != nil {
		return fmt.Errorf("encoding %s %s: %w", kind, id, err)
	}
	_, err = tx.Put(kind, id, was, by, body)
	if errors.Is(err, playlists.ErrStale) {
		return playlists.Refuse(playlists.ErrStale, "somebody changed the %s %q while the file was read; nothing was written, so import it again", kind, id)
	}
	return err
}

// tell says it all.
func (w *work) tell() Imported {
	r := w.result
	r.Generated = w.file.Generated
	r.Topics, r.Entries, r.Counts = []ImportedTopic{}, []playlists.Topic{}, map[State]int{}
	groups := map[string]*ImportedGroup{}
	for i := range w.planned {
		p := &w.planned[i]
		row := ImportedTopic{ID: p.pair.Main().ID, Names: map[playlists.Language]string{}, Groups: []string{}, Item: p.pair.item(), State: p.state, Chosen: p.chosen}
		for _, t := range p.pair.all() {
			row.Names[t.Language] = t.Title
			for _, g := range t.Groups {
				if groups[g.ID] == nil {
					groups[g.ID] = &ImportedGroup{ID: g.ID, Names: map[playlists.Language]string{}}
				}
				groups[g.ID].Names[t.Language] = g.Name
				if !slices.Contains(row.Groups, g.ID) {
					row.Groups = append(row.Groups, g.ID)
					groups[g.ID].Topics++
				}
			}
		}
		if p.chosen {
			r.Counts[p.state]++
		}
		r.Topics = append(r.Topics, row)
	}
	r.Groups = slices.SortedFunc(values(groups), func(a, b ImportedGroup) int { return cmp.Or(cmp.Compare(a.name(), b.name()), cmp.Compare(a.ID, b.ID)) })
	for i := range w.gained {
		r.Entries = append(r.Entries, w.gained[i].ID)
	}
	return r
}

func values(groups map[string]*ImportedGroup) func(func(ImportedGroup) bool) {
	return func(yield func(ImportedGroup) bool) {
		for _, g := range groups {
			if !yield(*g) {
				return
			}
		}
	}
}

// name is what a group is called, in English if it can.
func (g ImportedGroup) name() string { return cmp.Or(g.Names["en"], g.Names["es"], g.ID) }
