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

// SetState puts a department's clinic into a state until a time, from now on; alone and at once, without anything else that
// colleagues have saved. One that is set already gets another end. A department that was never published is
// [playlists.ErrInvalid].
func (p *Publisher) SetState(ctx context.Context, d playlists.DepartmentID, state playlists.State, until time.Time, by string) (playlists.States, error) {
	now := p.now().UTC().Truncate(time.Second)
	set := playlists.StateSet{StateSpan: playlists.StateSpan{State: state, Since: now, Until: until.UTC()}, By: by}
	return p.changeStates(ctx, d, by, func(s playlists.States) playlists.States { return s.At(now).With(set) })
}

// ClearState ends a state before its time. One that is not set is [playlists.ErrNotFound].
func (p *Publisher) ClearState(ctx context.Context, d playlists.DepartmentID, state playlists.State, by string) (playlists.States, error) {
	now := p.now()
	states, err := p.changeStates(ctx, d, by, func(s playlists.States) playlists.States { return s.At(now).Without(state) })
	if errors.Is(err, errSame) {
		return states, playlists.Refuse(playlists.ErrNotFound, "this state is not set; it may have ended")
	}
	return states, err
}

// errSame says that a change of states would change nothing.
var errSame = errors.New("the states are these already")

// States are those that a department's clinic is in, by what is published.
func (p *Publisher) States(d playlists.DepartmentID) playlists.States {
	p.mu.Lock()
	defer p.mu.Unlock()
	if g, ok := p.inForce[d]; ok {
		return g.hospital.States[d].At(p.now())
	}
	return playlists.States{}
}

// EndStates takes out of the loops what was for states that have ended. Nobody waits for it: screens stop to show it by
// themselves. It publishes as well what was set and then not published, because of a fault.
func (p *Publisher) EndStates(ctx context.Context) error {
	var errs []error
	for _, d := range p.withStates() {
		now := p.now()
		_, err := p.changeStates(ctx, d, stateAuthor, func(s playlists.States) playlists.States { return s.At(now) })
		if err != nil && !errors.Is(err, errSame) {
			errs = append(errs, fmt.Errorf("ending states of %s: %w", d, err))
		}
	}
	return errors.Join(errs...)
}

// stateAuthor is who takes out what has ended.
const stateAuthor = "system"

func (p *Publisher) withStates() []playlists.DepartmentID {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []playlists.DepartmentID
	for d, g := range p.inForce {
		if _, ok := g.hospital.States[d]; ok {
			all = append(all, d)
		}
	}
	slices.Sort(all)
	return all
}

// changeStates writes the newest states of a department as change has them, and publishes that.
func (p *Publisher) changeStates(
	ctx context.Context, d playlists.DepartmentID, by string, change func(playlists.States) playlists.States,
) (playlists.States, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	inForce := p.pinsLocked(d)
	if inForce == nil {
		return playlists.States{}, playlists.Refuse(playlists.ErrInvalid, "departments: %s was never published; publish it first", d)
	}
	states, revision, err := p.putStates(ctx, d, by, change)
	if err != nil || inForce.byKey()[key{StateKind, string(d)}].Revision == revision {
		return states, cmp.Or(err, errSame)
	}
	_, err = p.publishAloneLocked(ctx, d, Publication{By: by, Alone: StateKind}, string(d))
	return states, err
}

// putStates gives the states as they are by then, and their revision.
func (p *Publisher) putStates(
	ctx context.Context, d playlists.DepartmentID, by string, change func(playlists.States) playlists.States,
) (states playlists.States, revision uint64, err error) {
	err = p.store.Update(ctx, func(tx store.Tx) error {
		was, err := tx.Get(StateKind, string(d))
		if err != nil && !errors.Is(err, playlists.ErrNotFound) {
			return err
		}
		states = playlists.States{Department: d}
		if was.Revision > 0 {
			if err := json.Unmarshal(was.Body, &states); err != nil {
				return fmt.Errorf("reading the states of %s: %w", d, err)
			}
		}
		next := change(states)
		if revision = was.Revision; slices.Equal(next.Set, states.Set) {
			return nil
		}
		if states = next; states.Set == nil {
			states.Set = []playlists.StateSet{}
		}
		if err := states.Validate(); err != nil {
			return err
		}
		body, err := json.Marshal(states)
		if err != nil {
			return err
		}
		doc, err := tx.Put(StateKind, string(d), was.Revision, by, body)
		revision = doc.Revision
		return err
	})
	return states, revision, err
}

// keepAlone has documents that are put in force alone stay as they are, when a department gets other pins that are older
// than them: whether people must wait longer does not change by what was published last week.
func (p *Publisher) keepAloneLocked(v store.View, d playlists.DepartmentID, g *gathered, kinds ...store.Kind) error {
	for _, kind := range kinds {
		k := key{kind, string(d)}
		g.drop(k)
		pin, ok := p.pinsLocked(d).byKey()[k]
		if !ok {
			continue
		}
		doc, err := v.GetRevision(pin.Kind, pin.ID, pin.Revision)
		if err != nil {
			return fmt.Errorf("reading the %s of %s as it is in force: %w", kind, d, err)
		}
		if err := g.add(doc); err != nil {
			return err
		}
	}
	return nil
}
