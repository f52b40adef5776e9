package publish

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// demandWeeks is how many weeks what was asked for is added up over, to be told.
const demandWeeks = 4

// Asked tells what patients of a department asked for in the weeks of two Mondays and between, as far as anybody is told of
// it.
type Asked interface {
	Asked(ctx context.Context, d playlists.DepartmentID, from, to playlists.Date) ([]playlists.AskedFor, error)
}

// Follow has each department that follows demand, by what is in force there, move one step when a week is over on every
// clock; once for each week. A step waits as a draft or goes out alone, as the department has it.
func (p *Publisher) Follow(ctx context.Context, asked Asked) error {
	var errs []error
	monday := lastWeek(p.now())
	for _, f := range p.following() {
		if err := p.follow(ctx, f, asked, monday); err != nil {
			errs = append(errs, fmt.Errorf("following the demand of %s: %w", f.department.ID, err))
		}
	}
	return errors.Join(errs...)
}

// lastWeek is the Monday of the last week that is over on every clock.
func lastWeek(now time.Time) playlists.Date {
	y, m, d := now.UTC().Add(-13 * time.Hour).Date() // it is 12 h earlier somewhere, and an hour later all is written
	return playlists.Date{Year: y, Month: m, Day: d}.Monday().AddDays(-7)
}

// following is a department that follows demand, and what its loops follow by now.
type following struct {
	department playlists.Department
	demand     playlists.Demand
}

func (p *Publisher) following() []following {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []following
	for id, g := range p.inForce {
		if d, ok := g.hospital.Departments[id]; ok && d.Demand != nil {
			all = append(all, following{d, g.hospital.Demands[id]})
		}
	}
	slices.SortFunc(all, func(a, b following) int { return cmp.Compare(a.department.ID, b.department.ID) })
	return all
}

// follow reckons from what is in force: whoever has taken a step back has it undone.
func (p *Publisher) follow(ctx context.Context, f following, asked Asked, monday playlists.Date) error {
	d, until := f.department, monday.AddDays(6)
	newest, err := p.newestDemand(ctx, d.ID)
	if err != nil || newest.demand.Until.Compare(until) >= 0 && newest.revision > 0 {
		return err
	}
	from := monday.AddDays(-7 * (demandWeeks - 1))
	weeks, err := asked.Asked(ctx, d.ID, from, monday)
	if err != nil {
		return err
	}
	week, err := asked.Asked(ctx, d.ID, monday, monday)
	if err != nil {
		return err
	}
	next := f.demand.Next(d, from, week, weeks)
	if next.Until = until; !next.Moves(f.demand) {
		return nil
	}
	if err := p.putDemand(ctx, newest.revision, next); err != nil {
		return err
	}
	if d.Demand.Mode == playlists.DemandAutomatic {
		_, err = p.PublishAlone(ctx, d.ID, DemandKind, string(d.ID), "", demandAuthor)
	}
	return err
}

// demandAuthor is who reckons demand.
const demandAuthor = "system"

// draftedDemand is a department's newest demand, in force or not, and its revision; 0 before the first.
type draftedDemand struct {
	demand   playlists.Demand
	revision uint64
}

func (p *Publisher) newestDemand(ctx context.Context, d playlists.DepartmentID) (newest draftedDemand, err error) {
	err = p.store.View(ctx, func(v store.View) error {
		doc, err := v.Get(DemandKind, string(d))
		if errors.Is(err, playlists.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		newest.revision = doc.Revision
		return json.Unmarshal(doc.Body, &newest.demand)
	})
	return newest, err
}

func (p *Publisher) putDemand(ctx context.Context, was uint64, demand playlists.Demand) error {
	err := demand.Validate()
	if err != nil {
		return err
	}
	body, err := json.Marshal(demand)
	if err != nil {
		return err
	}
	return p.store.Update(ctx, func(tx store.Tx) error {
		_, err := tx.Put(DemandKind, string(demand.Department), was, demandAuthor, body)
		return err
	})
}

// Demand is what a department's loops follow by what is in force, and what was reckoned last, which may wait to be published.
func (p *Publisher) Demand(ctx context.Context, d playlists.DepartmentID) (inForce, newest playlists.Demand, err error) {
	drafted, err := p.newestDemand(ctx, d)
	return p.DemandInForce(d), drafted.demand, err
}

// DemandInForce is what a department's loops follow; the zero value if they follow none.
func (p *Publisher) DemandInForce(d playlists.DepartmentID) playlists.Demand {
	p.mu.Lock()
	defer p.mu.Unlock()
	if g, ok := p.inForce[d]; ok {
		return g.hospital.Demands[d]
	}
	return playlists.Demand{}
}
