package publish

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// organisationID is the id of the one organisation.
const organisationID = "organisation"

// drafted are the kinds that a hospital is made of.
func drafted() []store.Kind {
	return []store.Kind{"organisation", "site", "department", "screen", "item", "playlist", "layout", "window", "closure", DemandKind, StateKind}
}

// gathered is a hospital with the revisions that it was made of.
type gathered struct {
	hospital *playlists.Hospital
	docs     map[key]store.Document
	// waiting are items with changes that nobody has approved, by what staff are told of them.
	waiting map[playlists.ItemID]playlists.Problem
}

func newGathered() *gathered {
	return &gathered{docs: map[key]store.Document{}, waiting: map[playlists.ItemID]playlists.Problem{}, hospital: &playlists.Hospital{
		Sites: map[playlists.SiteID]playlists.Site{}, Departments: map[playlists.DepartmentID]playlists.Department{},
		Screens: map[playlists.ScreenID]playlists.Screen{}, Items: map[playlists.ItemID]playlists.Item{},
		Playlists: map[playlists.PlaylistID]playlists.Playlist{}, Layouts: map[playlists.LayoutID]playlists.Layout{},
		Windows: map[playlists.WindowID]playlists.Window{}, Closures: map[playlists.ClosureID]playlists.Closure{},
		Demands: map[playlists.DepartmentID]playlists.Demand{}, States: map[playlists.DepartmentID]playlists.States{},
	}}
}

func (g *gathered) addDraft(v store.View, doc store.Document) error {
	if doc.Kind != "item" {
		return g.add(doc)
	}
	approved, err := newestApproved(v, doc.ID)
	if errors.Is(err, playlists.ErrNotFound) {
		return g.add(doc) // compiling leaves it out, and checking says why
	}
	if err != nil {
		return err
	}
	if approved.Revision != doc.Revision {
		g.waiting[playlists.ItemID(doc.ID)] = playlists.NewProblem("item", doc.ID, "approval", "%s's changes wait to be approved; the version before stays on", doc.By)
	}
	return g.add(approved)
}

// newestApproved gives the newest revision of an item that may be shown.
func newestApproved(v store.View, id string) (store.Document, error) {
	for doc, err := range v.Revisions("item", id) {
		if err != nil {
			return store.Document{}, err
		}
		var item playlists.Item
		if !doc.Deleted && json.Unmarshal(doc.Body, &item) == nil && item.Approved() {
			return doc, nil
		}
	}
	return store.Document{}, playlists.ErrNotFound
}

// Approved gives the newest version of an item that may be shown; [playlists.ErrNotFound] if there is none.
func Approved(v store.View, id playlists.ItemID) (playlists.Item, error) {
	var item playlists.Item
	doc, err := newestApproved(v, string(id))
	if err == nil {
		err = json.Unmarshal(doc.Body, &item)
	}
	if err != nil {
		return item, fmt.Errorf("reading item %s: %w", id, err)
	}
	return item, nil
}

// add puts a document into its place in the hospital.
func (g *gathered) add(doc store.Document) error {
	h := g.hospital
	var err error
	switch doc.Kind {
	case "organisation":
		err = json.Unmarshal(doc.Body, &h.Organisation)
	case "site":
		err = into(h.Sites, playlists.SiteID(doc.ID), doc)
	case "department":
		err = into(h.Departments, playlists.DepartmentID(doc.ID), doc)
	case "screen":
		err = into(h.Screens, playlists.ScreenID(doc.ID), doc)
	case "item":
		err = into(h.Items, playlists.ItemID(doc.ID), doc)
	case "playlist":
		err = into(h.Playlists, playlists.PlaylistID(doc.ID), doc)
	case "layout":
		err = into(h.Layouts, playlists.LayoutID(doc.ID), doc)
	case "window":
		err = into(h.Windows, playlists.WindowID(doc.ID), doc)
	case "closure":
		err = into(h.Closures, playlists.ClosureID(doc.ID), doc)
	case DemandKind:
		err = into(h.Demands, playlists.DepartmentID(doc.ID), doc)
	case StateKind:
		err = into(h.States, playlists.DepartmentID(doc.ID), doc)
	default:
		err = fmt.Errorf("%w: no hospital holds a %s", playlists.ErrInvalid, doc.Kind)
	}
	if err != nil {
		return fmt.Errorf("reading %s %s: %w", doc.Kind, doc.ID, err)
	}
	g.docs[key{doc.Kind, doc.ID}] = doc
	return nil
}

func into[K comparable, T any](m map[K]T, id K, doc store.Document) error {
	var t T
	if err := json.Unmarshal(doc.Body, &t); err != nil {
		return err
	}
	m[id] = t
	return nil
}

// change is one from another revision, 0 for none, to that which g holds.
func (g *gathered) change(k key, from uint64) Change {
	doc := g.docs[k]
	return Change{Kind: k.kind, ID: k.id, Title: g.title(k), From: from, To: doc.Revision, By: doc.By, At: doc.At}
}

// title is what people call a document that g holds.
func (g *gathered) title(k key) string {
	h, name := g.hospital, ""
	switch k.kind {
	case "organisation":
		name = h.Organisation.Name
	case "site":
		name = h.Sites[playlists.SiteID(k.id)].Name
	case "department":
		name = h.Departments[playlists.DepartmentID(k.id)].Name
	case "screen":
		name = h.Screens[playlists.ScreenID(k.id)].Name
	case "item":
		name = h.Items[playlists.ItemID(k.id)].Title
	case "playlist":
		name = h.Playlists[playlists.PlaylistID(k.id)].Name
	case "layout":
		name = h.Layouts[playlists.LayoutID(k.id)].Name
	case "window":
		name = h.Windows[playlists.WindowID(k.id)].Name
	case "closure":
		name = h.Closures[playlists.ClosureID(k.id)].Name
	case DemandKind, StateKind:
		name = h.Departments[playlists.DepartmentID(k.id)].Name
	}
	return cmp.Or(name, k.id)
}

func (g *gathered) holds(id playlists.ScreenID) bool {
	_, ok := g.hospital.Screens[id]
	return ok
}

// pinned is the hospital of one department as its pins have it.
func pinned(v store.View, pins Pins) (*gathered, error) {
	g := newGathered()
	for _, pin := range pins {
		doc, err := v.GetRevision(pin.Kind, pin.ID, pin.Revision)
		if err != nil {
			return nil, fmt.Errorf("reading %s %s, revision %d: %w", pin.Kind, pin.ID, pin.Revision, err)
		}
		if err := g.add(doc); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// pins are the revisions that g was made of.
func (g *gathered) pins() Pins {
	pins := make(Pins, 0, len(g.docs))
	for k, doc := range g.docs {
		pins = append(pins, Pin{Kind: k.kind, ID: k.id, Revision: doc.Revision})
	}
	return sortPins(pins)
}

// unapproved tells of the items in a department's playlists whose changes nobody has approved.
func (g *gathered) unapproved(of *gathered) []playlists.Problem {
	var found []playlists.Problem
	for _, p := range of.hospital.Playlists {
		for _, e := range p.Entries {
			if p, ok := g.waiting[e.Item]; ok {
				found = append(found, p)
			}
		}
	}
	return found
}

// news is what is known of items beyond what bodies say.
func (g *gathered) news() map[playlists.ItemID]playlists.ItemNews {
	news := map[playlists.ItemID]playlists.ItemNews{}
	for id, item := range g.hospital.Items {
		_, waiting := g.waiting[id]
		news[id] = playlists.ItemNews{Title: item.Title, ReviewBy: item.ReviewBy, Waiting: waiting, Phase: item.Phase, Topics: item.Topics}
	}
	return news
}

// bare is what a screen gets whose department has never been published: its place and look, and no
// content, so that takeovers reach it.
func bare(v store.View, s playlists.Screen) (*gathered, error) {
	g := newGathered()
	department, err := v.Get("department", string(s.Department))
	if err != nil {
		return nil, err
	}
	if err := g.add(department); err != nil {
		return nil, err
	}
	d := g.hospital.Departments[s.Department]
	for _, k := range []key{{"organisation", organisationID}, {"site", string(d.Site)}} {
		doc, err := v.Get(k.kind, k.id)
		if errors.Is(err, playlists.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := g.add(doc); err != nil {
			return nil, err
		}
	}
	d.Filler, d.Closed, d.Closures = "", "", nil
	g.hospital.Departments[s.Department] = d
	g.hospital.Screens[s.ID] = s
	return g, nil
}

// share puts a document into its place as another hospital has it, without reading it again: each of many
// departments takes most windows.
func (g *gathered) share(from *playlists.Hospital, doc store.Document) error {
	h := g.hospital
	switch doc.Kind {
	case "organisation":
		h.Organisation = from.Organisation
	case "site":
		same(h.Sites, from.Sites, doc)
	case "department":
		same(h.Departments, from.Departments, doc)
	case "screen":
		same(h.Screens, from.Screens, doc)
	case "item":
		same(h.Items, from.Items, doc)
	case "playlist":
		same(h.Playlists, from.Playlists, doc)
	case "layout":
		same(h.Layouts, from.Layouts, doc)
	case "window":
		same(h.Windows, from.Windows, doc)
	case "closure":
		same(h.Closures, from.Closures, doc)
	case DemandKind:
		same(h.Demands, from.Demands, doc)
	case StateKind:
		same(h.States, from.States, doc)
	default:
		return fmt.Errorf("%w: no hospital holds a %s", playlists.ErrInvalid, doc.Kind)
	}
	g.docs[key{doc.Kind, doc.ID}] = doc
	return nil
}

func same[K ~string, T any](to, from map[K]T, doc store.Document) { to[K(doc.ID)] = from[K(doc.ID)] }

func (g *gathered) clone() *gathered {
	h := *g.hospital
	h.Sites, h.Departments, h.Screens = maps.Clone(h.Sites), maps.Clone(h.Departments), maps.Clone(h.Screens)
	h.Items, h.Playlists, h.Layouts = maps.Clone(h.Items), maps.Clone(h.Playlists), maps.Clone(h.Layouts)
	h.Windows, h.Closures = maps.Clone(h.Windows), maps.Clone(h.Closures)
	h.Demands, h.States = maps.Clone(h.Demands), maps.Clone(h.States)
	return &gathered{hospital: &h, docs: maps.Clone(g.docs), waiting: maps.Clone(g.waiting)}
}

// drop takes a document out.
func (g *gathered) drop(k key) {
	h := g.hospital
	switch k.kind {
	case "organisation":
		h.Organisation = playlists.Organisation{}
	case "site":
		delete(h.Sites, playlists.SiteID(k.id))
	case "department":
		delete(h.Departments, playlists.DepartmentID(k.id))
	case "screen":
		delete(h.Screens, playlists.ScreenID(k.id))
	case "item":
		delete(h.Items, playlists.ItemID(k.id))
		delete(g.waiting, playlists.ItemID(k.id))
	case "playlist":
		delete(h.Playlists, playlists.PlaylistID(k.id))
	case "layout":
		delete(h.Layouts, playlists.LayoutID(k.id))
	case "window":
		delete(h.Windows, playlists.WindowID(k.id))
	case "closure":
		delete(h.Closures, playlists.ClosureID(k.id))
	case DemandKind:
		delete(h.Demands, playlists.DepartmentID(k.id))
	case StateKind:
		delete(h.States, playlists.DepartmentID(k.id))
	}
	delete(g.docs, k)
}
