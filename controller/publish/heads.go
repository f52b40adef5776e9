package publish

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// held is a screen's newest head.
type held struct {
	revision uint64
	head     playlists.Head
	signed   wire.Signed
	document headDocument
}

// headDocument is a head as it is kept.
type headDocument struct {
	Signed wire.Signed `json:"signed"`
	// Publication is the one in force when the head was issued, 0 before the first.
	Publication uint64                 `json:"publication"`
	Department  playlists.DepartmentID `json:"department"`
	// Reported is the generation above ours that the player said it had, if that is why.
	Reported uint64 `json:"reported,omitempty"`
}

func (h *held) write(tx store.Tx, by string) error {
	body, err := json.Marshal(h.document)
	if err != nil {
		return fmt.Errorf("encoding the head of screen %s: %w", h.head.Screen, err)
	}
	doc, err := tx.Put(HeadKind, string(h.head.Screen), h.revision, by, body)
	if err != nil {
		return fmt.Errorf("writing the head of screen %s: %w", h.head.Screen, err)
	}
	h.revision = doc.Revision
	return nil
}

// issued is every screen's newest head, by department whose these are, and by body what the screens of a class have in
// common.
type issued struct {
	heads  map[playlists.ScreenID]held
	in     map[playlists.DepartmentID]map[playlists.ScreenID]bool
	shared map[playlists.Digest]shared
}

// shared is from when on and from where the screens of a class count; a screen that joins the class
// adopts it, so that all stay in step.
type shared struct {
	from    time.Time
	anchors []playlists.Anchor
	issued  time.Time
	screens int
}

// astray reports whether a head, or what it began, comes from a clock that was wrong: it was issued in what is still
// to come, and holds from then on. It counts for nothing, for what it waits for may be a century away.
func astray(issued, from, now time.Time) bool {
	return issued.After(now) && from.After(now)
}

func newIssued() issued {
	return issued{heads: map[playlists.ScreenID]held{}, in: map[playlists.DepartmentID]map[playlists.ScreenID]bool{}, shared: map[playlists.Digest]shared{}}
}

func (i issued) clone() issued {
	in := make(map[playlists.DepartmentID]map[playlists.ScreenID]bool, len(i.in))
	for d, screens := range i.in {
		in[d] = maps.Clone(screens)
	}
	return issued{heads: maps.Clone(i.heads), in: in, shared: maps.Clone(i.shared)}
}

// set makes h its screen's newest head.
func (i issued) set(h held) {
	if was, ok := i.heads[h.head.Screen]; ok {
		old := i.shared[was.head.Body]
		old.screens--
		i.shared[was.head.Body] = old
		if old.screens == 0 {
			delete(i.shared, was.head.Body)
		}
		delete(i.in[was.document.Department], h.head.Screen)
	}
	if i.in[h.document.Department] == nil {
		i.in[h.document.Department] = map[playlists.ScreenID]bool{}
	}
	i.in[h.document.Department][h.head.Screen] = true
	class, ok := i.shared[h.head.Body]
	if !ok || astray(class.issued, class.from, h.head.IssuedAt) {
		class = shared{from: h.head.From, anchors: h.head.Anchors, issued: h.head.IssuedAt, screens: class.screens}
	}
	class.screens++
	i.shared[h.head.Body] = class
	i.heads[h.head.Screen] = h
}

// written notes heads as they were signed, and the revisions that they got when they were written.
func (i issued) written(heads []*held) {
	for _, h := range heads {
		i.heads[h.head.Screen] = *h
	}
}

func (p *Publisher) loadHeads(v store.View) error {
	for doc, err := range v.List(HeadKind) {
		if err != nil {
			return err
		}
		h, err := p.open(doc)
		if err != nil {
			return err
		}
		p.issued.set(h)
	}
	return nil
}

// open reads a kept head and checks that it is ours.
func (p *Publisher) open(doc store.Document) (held, error) {
	h := held{revision: doc.Revision}
	if err := json.Unmarshal(doc.Body, &h.document); err != nil {
		return held{}, fmt.Errorf("reading the head of screen %s: %w", doc.ID, err)
	}
	h.signed = h.document.Signed
	head, err := wire.OpenHead(p.public, h.signed)
	if err != nil {
		return held{}, fmt.Errorf("the head of screen %s was signed with another key: put back the key file that belongs to this store: %w", doc.ID, err)
	}
	h.head = head
	return h, nil
}

// issueAllLocked makes heads, not signed yet, for the screens whose body changes: first for those that show something
// already, whose running loops say when and from where a class counts.
func (p *Publisher) issueAllLocked(all []wanted, publication Publication) (issued, []*held, error) {
	next := p.issued
	var heads []*held
	for _, w := range p.newcomersLastLocked(all) {
		if was := next.heads[w.screen].head; was.Body == w.made.digest && !astray(was.IssuedAt, was.From, publication.At) {
			continue
		}
		if len(heads) == 0 {
			next = p.issued.clone()
		}
		h, err := p.issueLocked(next, w, headDocument{Publication: publication.Number, Department: w.made.body.Department}, publication.At, publication.From)
		if err != nil {
			return issued{}, nil, err
		}
		heads = append(heads, h)
	}
	return next, heads, nil
}

// signLocked signs heads that were issued.
func (p *Publisher) signLocked(heads []*held) error {
	for _, h := range heads {
		signed, err := wire.SignHead(p.key, h.head)
		if err != nil {
			return err
		}
		h.signed, h.document.Signed = signed, signed
	}
	return nil
}

// newcomersLastLocked puts the screens that never had a head behind the others.
func (p *Publisher) newcomersLastLocked(all []wanted) []wanted {
	settled := make([]wanted, 0, len(all))
	var newcomers []wanted
	for _, w := range all {
		if _, ok := p.issued.heads[w.screen]; ok {
			settled = append(settled, w)
		} else {
			newcomers = append(newcomers, w)
		}
	}
	return append(settled, newcomers...)
}

// issueLocked makes the next head of a screen, not signed yet, and sets it in next. It holds from the moment
// chosen for it, if one was.
func (p *Publisher) issueLocked(next issued, w wanted, document headDocument, at, chosen time.Time) (*held, error) {
	was := next.heads[w.screen]
	head := playlists.Head{
		Controller: wire.ControllerIDOf(p.public), Screen: w.screen, Body: w.made.digest, IssuedAt: at,
		Generation: max(was.head.Generation, document.Reported) + 1,
	}
	if w.made.body.HandOff != "" {
		head.HandOff = wire.HandOffKey(p.key, w.screen)
	}
	var err error
	if head.From, head.Anchors, err = p.timing(next, was, w.made, at, chosen); err != nil {
		return nil, err
	}
	h := &held{revision: was.revision, head: head, document: document}
	next.set(*h)
	return h, nil
}

// timing says from when on a body holds: as for its class; else at the next turn of what runs, at
// least [lead] ahead; else, on a screen that has nothing yet, at once, in step with its department. Where
// something shows already, it is not before the moment chosen.
func (p *Publisher) timing(next issued, was held, m made, at, chosen time.Time) (time.Time, []playlists.Anchor, error) {
	if class, ok := next.shared[m.digest]; ok && !astray(class.issued, class.from, at) {
		return later(class.from, chosen), class.anchors, nil
	}
	if was.head.Generation == 0 {
		return at, p.joinLocked(next, m, at), nil
	}
	if was.head.Body == m.digest { // issued by a clock that was wrong; what is on until now is not known
		return later(at.Add(lead), chosen), p.joinLocked(next, m, at), nil
	}
	old, err := p.manifestLocked(was.head)
	if err != nil {
		return time.Time{}, nil, err
	}
	from, anchors := playlists.Supersede(old, m.body, m.digest, later(at.Add(lead), chosen), p.neighboursLocked(next, m, at)...)
	return from, anchors, nil
}

// neighboursLocked gives manifests of other classes of the department, the newest first, for a loop that
// is new on a screen to join; no more than tell enough, and none that cannot be read or that count for nothing.
func (p *Publisher) neighboursLocked(next issued, m made, at time.Time) []*playlists.Manifest {
	newest := map[playlists.Digest]playlists.Head{}
	for id := range next.in[m.body.Department] {
		h := next.heads[id]
		was, ok := newest[h.head.Body]
		if !astray(h.head.IssuedAt, h.head.From, at) && (!ok || h.head.Screen < was.Screen) {
			newest[h.head.Body] = h.head
		}
	}
	heads := slices.SortedFunc(maps.Values(newest), func(a, b playlists.Head) int {
		return cmp.Or(b.IssuedAt.Compare(a.IssuedAt), cmp.Compare(a.Screen, b.Screen))
	})
	var neighbours []*playlists.Manifest
	for _, head := range heads[:min(len(heads), maxNeighbours)] {
		n, err := p.manifestLocked(head)
		if err != nil {
			p.log.Error("neighbour passed over", slog.String("screen", string(head.Screen)), slog.Any("error", err))
			continue
		}
		neighbours = append(neighbours, n)
	}
	return neighbours
}

// joinLocked gives the anchors that put a new class into step with the others of its department: only
// where a loop was changed while it ran do they count from elsewhere than its start.
func (p *Publisher) joinLocked(next issued, m made, at time.Time) []playlists.Anchor {
	var anchors []playlists.Anchor
	for _, neighbour := range p.neighboursLocked(next, m, at) {
		if len(neighbour.Head.Anchors) == 0 {
			continue
		}
		for _, a := range playlists.Join(neighbour, m.body, at) {
			if !slices.ContainsFunc(anchors, func(b playlists.Anchor) bool { return b.Window == a.Window && b.Region == a.Region }) {
				anchors = append(anchors, a)
			}
		}
	}
	return anchors
}

// Head gives the screen's newest head for a player with the given abilities that says it has
// generation; false if there is no such screen. It issues a new one where the screen has none yet, where
// the abilities make for another body, where the newest comes from a clock that was wrong, and where the
// player has a higher generation than was ever issued here (after a restore): then that + 1.
func (p *Publisher) Head(ctx context.Context, screen playlists.ScreenID, a playlists.Abilities, generation uint64) (wire.Signed, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g, s, err := p.resolveLocked(ctx, screen)
	if errors.Is(err, playlists.ErrNotFound) {
		return wire.Signed{}, false, nil
	}
	if err != nil {
		return wire.Signed{}, false, fmt.Errorf("head of screen %s: %w", screen, err)
	}
	if len(g.bodies) >= maxClasses {
		clear(g.bodies) // more than any hospital has: some player keeps changing what it says of itself
	}
	m, err := p.compile(g, s, a)
	if err != nil {
		return wire.Signed{}, false, fmt.Errorf("head of screen %s: %w", screen, err)
	}
	have := p.issued.heads[screen]
	if generation > maxGeneration {
		p.log.ErrorContext(ctx, "impossible generation ignored; pair this player anew", slog.String("screen", string(screen)), slog.Uint64("generation", generation))
		generation = 0
	}
	if have.head.Body == m.digest && generation <= have.head.Generation && !astray(have.head.IssuedAt, have.head.From, p.now()) {
		return have.signed, true, nil
	}
	h, err := p.demandLocked(ctx, g, wanted{screen, m}, generation)
	if err != nil {
		return wire.Signed{}, false, fmt.Errorf("head of screen %s: %w", screen, err)
	}
	return h.signed, true, nil
}

// demandLocked issues one head outside of a publication.
func (p *Publisher) demandLocked(ctx context.Context, g *programme, w wanted, generation uint64) (*held, error) {
	if err := p.keep(ctx, g); err != nil {
		return nil, err
	}
	document := headDocument{Publication: g.publication, Department: g.department}
	if generation > p.issued.heads[w.screen].head.Generation {
		document.Reported = generation
		p.log.WarnContext(ctx, "player reports a higher generation", slog.String("screen", string(w.screen)), slog.Uint64("reported", generation),
			slog.Uint64("issued", p.issued.heads[w.screen].head.Generation))
	}
	next := p.issued.clone()
	h, err := p.issueLocked(next, w, document, p.now().UTC(), time.Time{})
	if err != nil {
		return nil, err
	}
	if err := p.signLocked([]*held{h}); err != nil {
		return nil, err
	}
	if err := p.writeLocked(ctx, nil, []*held{h}, nil); err != nil {
		return nil, err
	}
	p.issued = next
	next.written([]*held{h})
	return h, nil
}

// resolveLocked finds what a screen is compiled from: the newest publication that holds it; for a
// screen that came later, the one in force in its department, or nothing but its place.
func (p *Publisher) resolveLocked(ctx context.Context, id playlists.ScreenID) (*programme, playlists.Screen, error) {
	if home, ok := p.home[id]; ok {
		g := p.inForce[home]
		return g, g.hospital.Screens[id], nil
	}
	var g *programme
	var s playlists.Screen
	err := p.store.View(ctx, func(v store.View) error {
		doc, err := v.Get("screen", string(id))
		if err != nil {
			return err
		}
		if err = json.Unmarshal(doc.Body, &s); err != nil {
			return fmt.Errorf("reading screen %s: %w", id, err)
		}
		if inForce, ok := p.inForce[s.Department]; ok {
			g = inForce
			return nil
		}
		only, err := bare(v, s)
		if err != nil {
			return err
		}
		g = p.programme(s.Department, only)
		return nil
	})
	return g, s, err
}
