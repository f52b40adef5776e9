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

	reading func() *playlists.Reading
}

// Programme is what the screens would show, takeovers aside.
func (d *Drafted) Programme() (*playlists.Programme, error) {
	return playlists.NewProgramme(&playlists.Manifest{Head: playlists.Head{Screen: d.Screens[0]}, Body: d.Body, Reading: d.reading()}, nil)
}

// Drafts compiles the newest documents for the screens of departments that are chosen, without publishing
// anything. Screens that get the same come together, those with most screens first.
func (p *Publisher) Drafts(ctx context.Context, departments []playlists.DepartmentID, chosen func(*playlists.Screen) bool) ([]Drafted, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	drafts, err := p.newestLocked(ctx)
	if err != nil {
		return nil, err
	}
	var pl *plan
	err = p.store.View(ctx, func(v store.View) (err error) {
		pl, err = p.planFromLocked(v, drafts, departments, p.lookedLocked)
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
	var screen playlists.Screen
	for i := range all {
		w := &all[i]
		if screen = pl.programmes[w.made.body.Department].hospital.Screens[w.screen]; !chosen(&screen) {
			continue
		}
		n, ok := at[w.made.digest]
		if !ok {
			n = len(groups)
			at[w.made.digest] = n
			groups = append(groups, Drafted{Body: w.made.body, reading: w.made.reading})
		}
		groups[n].Screens = append(groups[n].Screens, w.screen)
	}
	slices.SortStableFunc(groups, func(a, b Drafted) int { return len(b.Screens) - len(a.Screens) })
	return groups, nil
}

// Rehearse says what the loop of a playlist would be on the screens of a department, if it were published now
// with the newest items that are approved.
func (p *Publisher) Rehearse(ctx context.Context, d playlists.DepartmentID, playlist playlists.Playlist) (playlists.Rehearsal, error) {
	var r playlists.Rehearsal
	p.mu.Lock()
	all, err := p.newestLocked(ctx)
	p.mu.Unlock()
	if err == nil {
		r, err = all.hospital.Rehearse(d, playlist)
	}
	if err != nil {
		return playlists.Rehearsal{}, fmt.Errorf("rehearsing a playlist: %w", err)
	}
	return r, nil
}
