package publish

import (
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
)

const (
	// headStart is how long before its time a publication that waits goes to the players, so that they have
	// fetched what it needs and switch even if their link breaks.
	headStart = 10 * time.Minute
	// longestWait bounds how far ahead a publication may be ordered.
	longestWait = 366 * 24 * time.Hour
	// lookAgain is how long the clock on the wall may have been set before it is noticed.
	lookAgain = 30 * time.Second
)

// Ending is what became of a publication that waited.
type Ending string

// The endings; the zero value is for one that waits still.
const (
	WentOut  Ending = "went_out"
	TookBack Ending = "taken_back"
	Replaced Ending = "replaced" // by others, in all of its departments
)

// Waiting is a publication that was ordered for a later time. It pins what was newest when it was ordered:
// what colleagues save until then does not go out with it. What is published for a department, for now or
// for an earlier time, has all that one has that waits, so it takes its place there.
type Waiting struct {
	// Number counts from 1, apart from publications' numbers; 0 for one that went out without waiting.
	Number uint64 `json:"number"`
	// At is when screens are to switch.
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Ordered time.Time `json:"ordered"`
	Note    string    `json:"note,omitempty"`
	// Departments are those that it is still for, ascending.
	Departments []playlists.DepartmentID `json:"departments"`
	// Ending is empty while it waits, Publication the one that it became.
	Ending      Ending `json:"ending,omitempty"`
	Publication uint64 `json:"publication,omitempty"`
	// After is the newest publication when it was ordered.
	After uint64                          `json:"after"`
	Pins  map[playlists.DepartmentID]Pins `json:"pins"`
}

// waitingDoc is one as it is kept.
type waitingDoc struct {
	Waiting

	revision uint64
}

func (w *waitingDoc) due() time.Time { return w.At.Add(-headStart) }

func (p *Publisher) loadWaiting(v store.View) error {
	p.waiting = nil
	for doc, err := range v.List(WaitingKind) {
		if err != nil {
			return err
		}
		w := waitingDoc{revision: doc.Revision}
		if err := json.Unmarshal(doc.Body, &w.Waiting); err != nil {
			return fmt.Errorf("reading waiting publication %s: %w", doc.ID, err)
		}
		p.waiting = append(p.waiting, w)
	}
	return nil
}

// writeWaiting keeps what waits, or what became of it.
func writeWaiting(tx store.Tx, waiting []*waitingDoc, by string) error {
	for _, w := range waiting {
		body, err := json.Marshal(w.Waiting)
		if err != nil {
			return err
		}
		doc, err := tx.Put(WaitingKind, fmt.Sprintf("%010d", w.Number), w.revision, by, body)
		if err != nil {
			return err
		}
		w.revision = doc.Revision
	}
	return nil
}

// noteWaitingLocked takes over what was written.
func (p *Publisher) noteWaitingLocked(written []*waitingDoc) {
	for _, w := range written {
		if i := slices.IndexFunc(p.waiting, func(o waitingDoc) bool { return o.Number == w.Number }); i >= 0 {
			p.waiting[i] = *w
		} else {
			p.waiting = append(p.waiting, *w)
		}
	}
	select {
	case p.ordered <- struct{}{}:
	default: // whoever listens will look at all anyway
	}
}

// replacedLocked gives what changes of all that waits when a publication comes: itself, if it waited, has
// gone out; else those that were to come no earlier lose its departments.
func (p *Publisher) replacedLocked(publication *Publication) []*waitingDoc {
	var changed []*waitingDoc
	for _, w := range p.waiting {
		switch {
		case w.Ending != "":
		case w.Number == publication.Waited:
			w.Ending, w.Publication = WentOut, publication.Number
			changed = append(changed, &w)
		case publication.Alone != "": // which is kept when what waits goes out
		case publication.Waited == 0 && !w.At.Before(publication.From) && w.less(publication.Departments):
			changed = append(changed, &w)
		}
	}
	return changed
}

// less takes departments out of what waits, and reports whether it had any of them.
func (w *waitingDoc) less(departments []playlists.DepartmentID) bool {
	rest := maps.Clone(w.Pins)
	maps.DeleteFunc(rest, func(d playlists.DepartmentID, _ Pins) bool { return slices.Contains(departments, d) })
	if len(rest) == len(w.Pins) {
		return false
	}
	if w.Pins, w.Departments = rest, slices.Sorted(maps.Keys(rest)); len(rest) == 0 {
		w.Ending, w.Departments = Replaced, []playlists.DepartmentID{}
	}
	return true
}

// Waiting lists the publications that wait, the next first.
func (p *Publisher) Waiting() []Waiting {
	p.mu.Lock()
	defer p.mu.Unlock()
	open := []Waiting{}
	for _, w := range p.waiting {
		if w.Ending == "" {
			open = append(open, w.Waiting)
		}
	}
	slices.SortStableFunc(open, func(a, b Waiting) int { return a.At.Compare(b.At) })
	return open
}

// PublishAt has the newest revisions of now come into force at a later time, in the departments chosen. Where
// that is nearer than players need to prepare, it is published at once, and they switch then; the answer
// names the publication.
func (p *Publisher) PublishAt(ctx context.Context, o Order, at time.Time) (Waiting, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now().UTC()
	if !at.After(now) || at.After(now.Add(longestWait)) {
		return Waiting{}, playlists.Refuse(playlists.ErrInvalid, "at: choose a time in the next twelve months")
	}
	w := waitingDoc{Waiting: Waiting{At: at.UTC(), By: o.By, Ordered: now, Note: o.Note, After: p.number}}
	w.Pins = map[playlists.DepartmentID]Pins{}
	var pl *plan
	err := p.store.View(ctx, func(v store.View) (err error) {
		pl, err = p.orderedLocked(v, o)
		return err
	})
	if err != nil {
		return Waiting{}, fmt.Errorf("ordering a publication: %w", err)
	}
	for d, g := range pl.programmes {
		w.Pins[d] = g.pins
	}
	w.Departments = pl.departments()
	if !w.due().After(now) {
		published, err := p.putInForceLocked(ctx, pl, Publication{By: o.By, Note: o.Note, From: w.At})
		w.Ending, w.Publication = WentOut, published.Number
		return w.Waiting, err
	}
	return w.Waiting, p.orderLocked(ctx, &w)
}

// orderLocked keeps what is to wait.
func (p *Publisher) orderLocked(ctx context.Context, w *waitingDoc) error {
	changed := append(p.replacedLocked(&Publication{Departments: w.Departments, From: w.At}), w)
	w.Number = 1
	if n := len(p.waiting); n > 0 {
		w.Number = p.waiting[n-1].Number + 1
	}
	if err := p.changeLocked(ctx, changed, w.By); err != nil {
		return fmt.Errorf("ordering a publication: %w", err)
	}
	p.log.InfoContext(ctx, "publication ordered", slog.Uint64("waiting", w.Number), slog.Time("at", w.At), slog.String("by", w.By),
		slog.Int("departments", len(w.Departments)))
	return nil
}

// changeLocked writes what became of publications that wait.
func (p *Publisher) changeLocked(ctx context.Context, changed []*waitingDoc, by string) error {
	err := p.store.Update(ctx, func(tx store.Tx) error { return writeWaiting(tx, changed, by) })
	if err != nil {
		return errors.Join(err, p.loadLocked(context.WithoutCancel(ctx)))
	}
	p.noteWaitingLocked(changed)
	return nil
}

// TakeBack has a publication that waits not come. One that waits no more is [playlists.ErrNotFound].
func (p *Publisher) TakeBack(ctx context.Context, number uint64, by string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.waiting, func(w waitingDoc) bool { return w.Number == number && w.Ending == "" })
	if i < 0 {
		return playlists.Refuse(playlists.ErrNotFound, "no publication %d waits; it has gone out or was taken back, see the history", number)
	}
	w := p.waiting[i]
	w.Ending = TookBack
	if err := p.changeLocked(ctx, []*waitingDoc{&w}, by); err != nil {
		return fmt.Errorf("taking back a publication that waits: %w", err)
	}
	p.log.InfoContext(ctx, "publication taken back", slog.Uint64("waiting", number), slog.String("by", by))
	return nil
}

// Run lets publications that wait go out when their time has come, until ctx is done.
func (p *Publisher) Run(ctx context.Context) error {
	for {
		pause := time.NewTimer(p.GoOut(ctx))
		select {
		case <-ctx.Done():
			pause.Stop()
			return nil
		case <-p.ordered:
			pause.Stop()
		case <-pause.C:
		}
	}
}

// GoOut lets go out what is due, and says how long it is at most until somebody should look again.
func (p *Publisher) GoOut(ctx context.Context) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	again := lookAgain
	for _, w := range p.nextLocked() {
		if until := w.due().Sub(p.now()); until > 0 {
			return min(again, until)
		}
		if err := p.goOutLocked(ctx, w); err != nil && ctx.Err() == nil {
			p.log.ErrorContext(ctx, "publication did not go out", slog.Uint64("waiting", w.Number), slog.Any("error", err))
		}
	}
	return again
}

// nextLocked are those that wait, the next first.
func (p *Publisher) nextLocked() []waitingDoc {
	open := slices.DeleteFunc(slices.Clone(p.waiting), func(w waitingDoc) bool { return w.Ending != "" })
	slices.SortStableFunc(open, func(a, b waitingDoc) int { return a.At.Compare(b.At) })
	return open
}

func (p *Publisher) goOutLocked(ctx context.Context, w waitingDoc) error {
	var pl *plan
	err := p.store.View(ctx, func(v store.View) (err error) {
		pl, err = p.waitedLocked(v, w)
		return err
	})
	if err != nil {
		return err
	}
	_, err = p.putInForceLocked(ctx, pl, Publication{By: w.By, Note: w.Note, From: w.At, Waited: w.Number})
	return err
}

// waitedLocked is the plan of a publication that waited. Screens that another department has taken over
// since it was ordered stay there.
func (p *Publisher) waitedLocked(v store.View, w waitingDoc) (*plan, error) {
	all := map[playlists.DepartmentID]*gathered{}
	for d, pins := range w.Pins {
		g, err := pinned(v, pins)
		if err != nil {
			return nil, err
		}
		if err := p.keepAloneLocked(v, d, g, DemandKind, StateKind); err != nil {
			return nil, err
		}
		for id := range g.hospital.Screens {
			home, ok := p.home[id]
			if ok && home != d && w.Pins[home] == nil && p.inForce[home].publication > w.After {
				delete(g.hospital.Screens, id)
				delete(g.docs, key{"screen", string(id)})
			}
		}
		all[d] = g
	}
	return p.planOfLocked(v, all)
}
