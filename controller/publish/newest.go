package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// newest is the newest revision of everything, arranged so that the part of one department of many is soon found. What was
// gathered is never changed. It is for one goroutine.
type newest struct {
	*gathered

	screens map[playlists.DepartmentID][]playlists.ScreenID
	// windows are by each of their targets.
	windows   map[playlists.Target][]playlists.WindowID
	templates []playlists.ItemID
	// problems are what the check of the whole says.
	problems func() []playlists.Problem
	// parts are those of departments that were asked for before.
	parts map[playlists.DepartmentID]*part
}

// part is what a department reaches.
type part struct {
	*gathered

	pins Pins
	// told is what is wrong with it: of the check of the whole, what is about its documents, and changes that nobody has
	// approved.
	told func() []playlists.Problem
}

func arranged(g *gathered) *newest {
	n := &newest{
		gathered: g, screens: map[playlists.DepartmentID][]playlists.ScreenID{},
		windows: map[playlists.Target][]playlists.WindowID{}, problems: sync.OnceValue(g.hospital.Check),
		parts: map[playlists.DepartmentID]*part{},
	}
	for id, s := range g.hospital.Screens {
		n.screens[s.Department] = append(n.screens[s.Department], id)
	}
	for id, w := range g.hospital.Windows {
		for _, t := range w.Targets {
			n.windows[single(t)] = append(n.windows[single(t)], id)
		}
	}
	for id, item := range g.hospital.Items {
		if item.Template != nil {
			n.templates = append(n.templates, id)
		}
	}
	return n
}

// single is a target with the one place that [playlists.Reaches] goes by.
func single(t playlists.Target) playlists.Target {
	switch {
	case t.Screen != "":
		return playlists.Target{Screen: t.Screen}
	case t.Tag != "":
		return playlists.Target{Tag: t.Tag}
	case t.Department != "":
		return playlists.Target{Department: t.Department}
	case t.Site != "":
		return playlists.Target{Site: t.Site}
	}
	return playlists.Target{All: t.All}
}

// draft is the newest revision of everything; of items the newest that was approved. What is still as before had it is
// taken from there: thousands of documents take longer to read than whoever publishes has. before may be nil.
func draft(v store.View, before *newest) (*newest, error) {
	g := newGathered()
	for _, kind := range drafted() {
		for doc, err := range v.List(kind) {
			if err != nil {
				return nil, err
			}
			if before != nil && before.docs[key{kind, doc.ID}].Revision == doc.Revision {
				err = g.share(before.hospital, doc)
			} else {
				err = g.addDraft(v, doc)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return arranged(g), nil
}

// redraft is the draft again after documents have changed.
func (n *newest) redraft(v store.View, changed map[key]bool) (*newest, error) {
	g := n.clone()
	for k := range changed {
		g.drop(k)
		doc, err := v.Get(k.kind, k.id)
		if errors.Is(err, playlists.ErrNotFound) {
			continue
		}
		if err == nil {
			err = g.addDraft(v, doc)
		}
		if err != nil {
			return nil, err
		}
	}
	return arranged(g), nil
}

// newestLocked is the draft for who looks, read anew only where a document has changed: thousands of them take longer to
// read than whoever waits for a page has.
func (p *Publisher) newestLocked(ctx context.Context) (*newest, error) {
	for {
		changed, upTo, err := p.changedLocked(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading what has changed: %w", err)
		}
		if p.draft != nil && len(changed) == 0 {
			p.draftedUpTo = upTo
			return p.draft, nil
		}
		err = p.store.View(ctx, func(v store.View) (err error) {
			if p.draft == nil {
				p.draft, err = draft(v, nil)
				return err
			}
			next, err := p.draft.redraft(v, changed)
			if err == nil {
				p.draft = next
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("reading drafts: %w", err)
		}
		p.draftedUpTo = upTo // of what changed since, some may be in it already: look again
	}
}

// newest is [Publisher.newestLocked] for who holds no lock.
func (p *Publisher) newest(ctx context.Context) (*newest, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.newestLocked(ctx)
}

// changedLocked names the documents of a hospital that have changed since the draft, and says up to which change.
func (p *Publisher) changedLocked(ctx context.Context) (changed map[key]bool, upTo uint64, err error) {
	changed, upTo = map[key]bool{}, p.draftedUpTo
	for doc, err := range p.store.Since(ctx, upTo) {
		if err != nil {
			return nil, 0, err
		}
		upTo = doc.Change
		if slices.Contains(drafted(), doc.Kind) {
			changed[key{doc.Kind, doc.ID}] = true
		}
	}
	return changed, upTo, nil
}

// reach is the part of the newest that one department reaches. It begins with the department and follows
// what each document names.
type reach struct {
	from *newest
	to   *gathered
	err  error
}

// department gives the part that a department reaches; [playlists.ErrInvalid] if there is none of that
// name.
func (n *newest) department(id playlists.DepartmentID) (*part, error) {
	if known, ok := n.parts[id]; ok {
		return known, nil
	}
	d, ok := n.hospital.Departments[id]
	if !ok {
		return nil, playlists.Refuse(playlists.ErrInvalid, "departments: there is no department %q", id)
	}
	r := &reach{from: n, to: newGathered()}
	r.take("organisation", organisationID)
	r.take("site", string(d.Site))
	r.take("department", string(id))
	r.take(DemandKind, string(id))
	r.take(StateKind, string(id))
	r.playlist(d.Filler)
	r.playlist(d.Closed)
	r.closures(d.Closures)
	for _, s := range n.screens[id] {
		r.take("screen", string(s))
	}
	r.windows(playlists.Place{Department: id, Site: d.Site})
	for _, fit := range n.hospital.Candidates(d) { // what the library may fill with
		for _, item := range fit {
			r.take("item", string(item))
		}
	}
	for _, item := range n.templates { // a takeover may come to any screen
		r.take("item", string(item))
	}
	if r.err != nil {
		return nil, r.err
	}
	n.parts[id] = &part{r.to, r.to.pins(), sync.OnceValue(func() []playlists.Problem { return n.wrongWith(r.to) })}
	return n.parts[id], nil
}

// wrongWith is what is wrong with a part.
func (n *newest) wrongWith(g *gathered) []playlists.Problem {
	found := n.unapproved(g)
	for _, problem := range n.problems() {
		if _, ok := g.docs[key{store.Kind(problem.Kind), problem.ID}]; ok {
			found = append(found, problem)
		}
	}
	return found
}

// take copies a document, and reports whether it is there and was not taken before.
func (r *reach) take(kind store.Kind, id string) bool {
	k := key{kind, id}
	doc, ok := r.from.docs[k]
	if _, had := r.to.docs[k]; had || !ok || r.err != nil {
		return false
	}
	r.err = r.to.share(r.from.hospital, doc)
	return r.err == nil
}

// windows takes those that reach the department as a whole or any of its screens.
func (r *reach) windows(whole playlists.Place) {
	r.windowsAt(whole)
	for id := range r.to.hospital.Screens {
		if p, err := r.to.hospital.Place(id); err == nil {
			r.windowsAt(p)
		}
	}
}

func (r *reach) windowsAt(p playlists.Place) {
	targets := []playlists.Target{{All: true}, {Site: p.Site}, {Department: p.Department}, {Screen: p.Screen}}
	for _, tag := range p.Tags {
		targets = append(targets, playlists.Target{Tag: tag})
	}
	for _, t := range targets {
		for _, id := range r.from.windows[t] {
			if _, had := r.to.hospital.Windows[id]; had {
				continue
			}
			w := r.from.hospital.Windows[id]
			if _, ok := playlists.Reaches(w.Targets, w.Except, p); ok {
				r.window(id, w)
			}
		}
	}
}

func (r *reach) window(id playlists.WindowID, w playlists.Window) {
	r.take("window", string(id))
	r.playlist(w.Playlist)
	r.closures(w.Closures)
	if !r.take("layout", string(w.Layout)) {
		return
	}
	for _, region := range r.from.hospital.Layouts[w.Layout].Regions {
		r.playlist(region.Playlist)
	}
}

func (r *reach) playlist(id playlists.PlaylistID) {
	if !r.take("playlist", string(id)) {
		return
	}
	for _, e := range r.from.hospital.Playlists[id].Entries {
		r.take("item", string(e.Item))
	}
}

func (r *reach) closures(ids []playlists.ClosureID) {
	for _, id := range ids {
		r.take("closure", string(id))
	}
}
