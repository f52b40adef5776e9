package publish

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// Pair asks what two publications show differently.
type Pair struct {
	// Before and After are their numbers. Each stands for all that was in force once it had gone out: in departments that it
	// was not for, what was published there before it.
	Before, After uint64
	// From is when the comparison begins; the zero time is now. Span is how long it is.
	From time.Time
	Span time.Duration
	// Sees reports whether screens of a department may be compared for whoever asks; nil is all.
	Sees func(playlists.DepartmentID) bool
}

// Comparison is what two publications show differently.
type Comparison struct {
	// Changes are the documents that differ.
	Changes []Change `json:"changes"`
	// Diff is what people would see of it.
	Diff playlists.Difference `json:"diff" doc:"Lengths of time are milliseconds added up over screens"`
}

// Compare holds what was in force after one publication against what was after another, as if each went on through
// the span, with loops that count from where they do if nobody changes them while they run. The screens are those that
// the second knows and that nobody has taken away since. [playlists.ErrNotFound] if there is no such publication.
func (p *Publisher) Compare(ctx context.Context, q Pair) (Comparison, error) {
	from := q.From.UTC()
	if q.From.IsZero() {
		from = p.now().UTC()
	}
	c, exchanges, news, err := p.compared(ctx, q, from)
	if err == nil {
		c.Diff, err = playlists.Diff(exchanges, news, from, from.Add(q.Span))
	}
	if err != nil {
		return Comparison{}, fmt.Errorf("comparing publications %d and %d: %w", q.Before, q.After, err)
	}
	return c, nil
}

// compared is a comparison without its diff, which takes longest and needs no lock, and what that is made of.
func (p *Publisher) compared(ctx context.Context, q Pair, from time.Time) (
	c Comparison, exchanges []playlists.Exchange, news map[playlists.ItemID]playlists.ItemNews, err error,
) {
	p.mu.Lock()
	defer p.mu.Unlock()
	drafts, err := p.newestLocked(ctx)
	if err != nil {
		return c, nil, nil, err
	}
	var before, after *state
	err = p.store.View(ctx, func(v store.View) (err error) {
		if before, err = p.stateLocked(v, q.Before, nil); err != nil {
			return err
		}
		if after, err = p.stateLocked(v, q.After, before); err != nil {
			return err
		}
		c.Changes, err = before.changes(v, after, drafts)
		return err
	})
	if err == nil {
		sees := func(s playlists.ScreenID, d playlists.DepartmentID) bool {
			_, there := drafts.hospital.Screens[s]
			return there && (q.Sees == nil || q.Sees(d))
		}
		exchanges, err = p.exchangedLocked(before, after, from, sees)
	}
	pl := plan{news: drafts.news()}
	for _, s := range []*state{before, after} {
		pl.know(s.news())
	}
	return c, exchanges, pl.news, err
}

// state is what was in force after a publication.
type state struct {
	pins       map[playlists.DepartmentID]Pins
	programmes map[playlists.DepartmentID]*programme
	home       map[playlists.ScreenID]playlists.DepartmentID
}

// stateLocked reads what was in force after a publication; what a known state has the same is taken from there.
func (p *Publisher) stateLocked(v store.View, number uint64, known *state) (*state, error) {
	if _, err := find(v, number); err != nil {
		return nil, err
	}
	newest, _, err := newestUntil(v, number)
	if err != nil {
		return nil, err
	}
	s := &state{
		pins: map[playlists.DepartmentID]Pins{}, programmes: map[playlists.DepartmentID]*programme{}, home: map[playlists.ScreenID]playlists.DepartmentID{},
	}
	departments := slices.SortedFunc(maps.Keys(newest), func(a, b playlists.DepartmentID) int {
		return cmp.Or(cmp.Compare(newest[a].Number, newest[b].Number), cmp.Compare(a, b))
	})
	for _, d := range departments { // a screen is at home in the newest publication that holds it
		g, err := p.pinnedProgrammeLocked(v, d, newest[d].Pins[d], known)
		if err != nil {
			return nil, err
		}
		s.pins[d], s.programmes[d] = newest[d].Pins[d], g
		for id := range g.hospital.Screens {
			s.home[id] = d
		}
	}
	return s, nil
}

// pinnedProgrammeLocked is the programme of a department's pins: what has it already, in force or in a known state, has compiled it.
func (p *Publisher) pinnedProgrammeLocked(v store.View, d playlists.DepartmentID, pins Pins, known *state) (*programme, error) {
	of := []*programme{p.inForce[d]}
	if known != nil {
		of = append(of, known.programmes[d])
	}
	for _, was := range of {
		if was != nil && len(was.bodies) < maxClasses && slices.Equal(was.pins, pins) {
			return was, nil
		}
	}
	g, err := pinned(v, pins)
	if err != nil {
		return nil, err
	}
	return p.programme(d, g), nil
}

// changes are the documents that another state has in other revisions.
func (s *state) changes(v store.View, after *state, drafts *newest) ([]Change, error) {
	all := Publication{Pins: maps.Clone(after.pins)}
	for d := range s.pins {
		if _, ok := all.Pins[d]; !ok {
			all.Pins[d] = nil // nothing was published there by then
		}
	}
	changes := []Change{}
	for swap := range swaps(all, s.pins) {
		change, err := swap.change(v, drafts)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	return once(changes), nil
}

// news is what is known of the items that a state has.
func (s *state) news() map[playlists.ItemID]playlists.ItemNews {
	all := map[playlists.ItemID]playlists.ItemNews{}
	if s == nil {
		return all
	}
	for _, g := range s.programmes {
		maps.Copy(all, (&gathered{hospital: g.hospital}).news())
	}
	return all
}

// manifestInLocked is that of a screen as if a state had always been in force; nil if the state does not know the screen.
func (p *Publisher) manifestInLocked(s *state, screen playlists.ScreenID) (*playlists.Manifest, error) {
	home, ok := s.home[screen]
	if !ok {
		return nil, nil
	}
	g := s.programmes[home]
	m, err := p.compile(g, g.hospital.Screens[screen], p.abilities(screen))
	if err != nil {
		return nil, err
	}
	return &playlists.Manifest{Head: playlists.Head{Screen: screen, Body: m.digest}, Body: m.body}, nil
}

// exchangedLocked says which manifests stand against which, on those screens that after knows and that are to be seen.
func (p *Publisher) exchangedLocked(
	before, after *state, from time.Time, sees func(playlists.ScreenID, playlists.DepartmentID) bool,
) ([]playlists.Exchange, error) {
	groups := map[exchangeKey]*playlists.Exchange{}
	for _, screen := range slices.Sorted(maps.Keys(after.home)) {
		if !sees(screen, after.home[screen]) {
			continue
		}
		was, err := p.manifestInLocked(before, screen)
		if err != nil {
			return nil, err
		}
		will, err := p.manifestInLocked(after, screen)
		if err != nil {
			return nil, err
		}
		key := exchangeKey{after: will.Head.Body}
		if was != nil {
			key.before = was.Head.Body
		}
		if key.before == key.after {
			was = will // nothing differs, and is looked for
		}
		e, ok := groups[key]
		if !ok {
			d := after.programmes[after.home[screen]].hospital.Departments[after.home[screen]]
			e = &playlists.Exchange{Before: was, After: will, Since: from, Department: &d}
			groups[key] = e
		}
		e.Screens = append(e.Screens, screen)
	}
	exchanges := make([]playlists.Exchange, 0, len(groups))
	for _, e := range groups {
		exchanges = append(exchanges, *e)
	}
	return exchanges, nil
}
