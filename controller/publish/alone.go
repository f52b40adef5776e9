package publish

import (
	"context"
	"fmt"
	"slices"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// PublishAlone puts the newest revision of one document in force in a department, and nothing else: all other documents stay
// as they are in force there, whatever colleagues have saved, and what waits for a later time waits on. A department that was
// never published is [playlists.ErrInvalid].
func (p *Publisher) PublishAlone(ctx context.Context, d playlists.DepartmentID, kind store.Kind, id, note, by string) (Publication, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.publishAloneLocked(ctx, d, Publication{By: by, Note: note, Alone: kind}, id)
}

func (p *Publisher) publishAloneLocked(ctx context.Context, d playlists.DepartmentID, publication Publication, id string) (Publication, error) {
	kind := publication.Alone
	pl := func(v store.View) (*plan, error) { return p.aloneLocked(v, d, kind, id) }
	published, err := p.publishPlanLocked(ctx, pl, publication)
	if err != nil {
		return Publication{}, fmt.Errorf("putting %s %s in force: %w", kind, id, err)
	}
	return published, nil
}

func (p *Publisher) aloneLocked(v store.View, d playlists.DepartmentID, kind store.Kind, id string) (*plan, error) {
	inForce := p.pinsLocked(d)
	if inForce == nil {
		return nil, playlists.Refuse(playlists.ErrInvalid, "departments: %s was never published; publish it first", d)
	}
	doc, err := v.Get(kind, id)
	if err != nil {
		return nil, err
	}
	pins := slices.DeleteFunc(slices.Clone(inForce), func(pin Pin) bool { return pin.Kind == kind && pin.ID == id })
	g, err := pinned(v, append(pins, Pin{Kind: kind, ID: id, Revision: doc.Revision}))
	if err != nil {
		return nil, err
	}
	pl, err := p.planOfLocked(v, map[playlists.DepartmentID]*gathered{d: g})
	if err != nil {
		return nil, err
	}
	return pl, p.noSoonerLocked(v, pl, d)
}

// noSoonerLocked has a plan wait for what screens have already been told of but switch to only at a time that somebody
// chose: that must not come sooner by it.
func (p *Publisher) noSoonerLocked(v store.View, pl *plan, d playlists.DepartmentID) error {
	last, err := find(v, p.inForce[d].publication)
	if err != nil {
		return err
	}
	if now := p.now(); last.From.After(now) && !last.From.After(now.Add(headStart)) {
		pl.from = last.From
	}
	return nil
}
