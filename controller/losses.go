package controller

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"anteroom/controller/api"
	"anteroom/controller/backup"
	"anteroom/controller/content"
	"anteroom/controller/publish"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// proofFor is how long after a restore plays are looked through for what was lost: a player keeps them so
// long that a restored controller can ask for them.
const proofFor = 7 * 24 * time.Hour

// Losses says what a restored controller lost.
func (o *Controller) Losses(ctx context.Context) (api.Losses, error) {
	none := api.Losses{Programmes: []publish.Ahead{}, Shown: []backup.Shown{}, Takeovers: []playlists.ScreenID{}}
	record, restored, err := backup.ReadRecord(o.data)
	if err != nil || !restored {
		return none, err
	}
	l := none
	l.Restored = &record
	if l.Programmes, err = o.publish.Ahead(ctx, record.RestoredAt); err != nil {
		return none, err
	}
	if l.Shown, err = o.shown(ctx, record); err != nil {
		return none, fmt.Errorf("looking through plays for what was lost: %w", err)
	}
	_, l.Takeovers = o.players.Takeovers(o.alert.Number())
	return l, nil
}

func (o *Controller) shown(ctx context.Context, r backup.Record) ([]backup.Shown, error) {
	return backup.Evidence(o.store.Scan(ctx, r.At, r.RestoredAt.Add(proofFor)), backup.Known{
		Version: func(id playlists.ItemID) (n int, err error) {
			err = o.store.View(ctx, func(v store.View) (err error) {
				n, err = newestVersion(v, id)
				return err
			})
			return n, err
		},
		Has: func(kind store.Kind, id string) (bool, error) {
			err := o.store.View(ctx, func(v store.View) error {
				_, err := v.GetRevision(kind, id, 1)
				return err
			})
			if errors.Is(err, playlists.ErrNotFound) {
				return false, nil
			}
			return err == nil, err
		},
		Programme: content.At(filepath.Join(o.data, contentDir)).Has,
	})
}

// newestVersion is that of an item, 0 if it was never here.
func newestVersion(v store.View, id playlists.ItemID) (int, error) {
	for doc, err := range v.Revisions("item", string(id)) {
		if err != nil {
			return 0, err
		}
		if doc.Deleted {
			continue
		}
		var item playlists.Item
		err = json.Unmarshal(doc.Body, &item)
		return item.Version, err
	}
	return 0, nil
}
