package publish

import (
	"context"
	"fmt"
	"slices"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// Drafted is what screens would show if their department were published now.
type Drafted struct {
	// Screens get the same, and are in one department.
	Screens []playlists.ScreenID
	Body    *playlists.Body
}

// Drafts compiles the newest documents for the screens of departments that are chosen, without publishing
// anything. Screens that get the same come together, those with most screens first.
func (p *Publisher) Drafts(ctx context.Context, departments []playlists.DepartmentID, chosen func(*playlists.Screen) bool) ([]Drafted, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var pl *plan
	err := p.store.View(ctx, func(v store.View) (err error) {
		pl, err = p.planLocked(v, departments)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading drafts: %w", err)
	}
	all, err := p.wantedLocked(pl)
	if err != nil {
		return nil, fmt.Errorf("compiling drafts: %w", err)
	}
	var groups []Drafted
	at := map[playlists.Digest]int{}
	for _, w := range all {
		screen := pl.programmes[w.made.body.Department].hospital.Screens[w.screen]
		if !chosen(&screen) {
			continue
		}
		n, ok := at[w.made.digest]
		if !ok {
			n = len(groups)
			at[w.made.digest] = n
			groups = append(groups, Drafted{Body: w.made.body})
		}
		groups[n].Screens = append(groups[n].Screens, w.screen)
	}
	slices.SortStableFunc(groups, func(a, b Drafted) int { return len(b.Screens) - len(a.Screens) })
	return groups, nil
}
