package publish

import (
	"context"
	"fmt"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// Ahead is a screen whose player had a later generation than was ever issued here: somebody published
// what this store does not know, which happens when an old copy of it was put back.
type Ahead struct {
	Screen     playlists.ScreenID     `json:"screen"`
	Department playlists.DepartmentID `json:"department"`
	// Generation is the player's, Here the newest that had been issued here.
	Generation uint64 `json:"generation"`
	Here       uint64 `json:"here"`
	// At is when the player said so, and got a newer one.
	At time.Time `json:"at"`
}

// Ahead lists the screens that were found ahead since an instant.
func (p *Publisher) Ahead(ctx context.Context, since time.Time) ([]Ahead, error) {
	found := []Ahead{}
	err := p.store.View(ctx, func(v store.View) error {
		for doc, err := range v.List(HeadKind) {
			if err != nil {
				return err
			}
			of, err := p.aheadOf(v, doc.ID, since)
			if err != nil {
				return err
			}
			found = append(found, of...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("looking for screens that were ahead: %w", err)
	}
	return found, nil
}

// aheadOf goes back through a screen's heads.
func (p *Publisher) aheadOf(v store.View, screen string, since time.Time) (found []Ahead, err error) {
	told := false // the head after this one names a generation that a player reported
	for doc, err := range v.Revisions(HeadKind, screen) {
		if err != nil {
			return nil, err
		}
		h, err := p.open(doc)
		if err != nil {
			return nil, err
		}
		if told {
			found[len(found)-1].Here = h.head.Generation
		}
		if h.head.IssuedAt.Before(since) {
			break
		}
		if told = h.document.Reported > 0; told {
			found = append(found, Ahead{
				Screen: h.head.Screen, Department: h.document.Department, Generation: h.document.Reported, At: h.head.IssuedAt,
			})
		}
	}
	return found, nil
}
