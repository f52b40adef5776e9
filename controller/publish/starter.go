package publish

import (
	"context"
	"encoding/json"
	"fmt"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// Propose says what a template would make of a department, of the newest documents; it changes nothing.
func (p *Publisher) Propose(ctx context.Context, d playlists.DepartmentID, t playlists.DepartmentTemplateID) (playlists.Proposal, error) {
	all, err := p.newest(ctx)
	if err != nil {
		return playlists.Proposal{}, err
	}
	var tree []playlists.TopicEntry
	err = p.store.View(ctx, func(v store.View) error {
		for doc, err := range v.List("topic") {
			if err != nil {
				return err
			}
			var e playlists.TopicEntry
			if err := json.Unmarshal(doc.Body, &e); err != nil {
				return fmt.Errorf("reading topic %s: %w", doc.ID, err)
			}
			tree = append(tree, e)
		}
		return nil
	})
	if err != nil {
		return playlists.Proposal{}, fmt.Errorf("reading the topic tree: %w", err)
	}
	return all.hospital.Propose(d, t, tree)
}
