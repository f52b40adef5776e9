package api

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// knownAssets remembers what the items' revisions call their files, older revisions included: someone
// may be comparing two of them.
type knownAssets struct {
	mu sync.Mutex
	// upTo is the last change that was looked at.
	upTo   uint64
	assets map[playlists.Digest]playlists.Asset
}

// find gives an asset of some item; [playlists.ErrNotFound] if there is none.
func (k *knownAssets) find(ctx context.Context, docs store.Documents, d playlists.Digest) (playlists.Asset, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if a, ok := k.assets[d]; ok {
		return a, nil
	}
	if err := k.catchUpLocked(ctx, docs); err != nil {
		return playlists.Asset{}, err
	}
	if a, ok := k.assets[d]; ok {
		return a, nil
	}
	return playlists.Asset{}, fmt.Errorf("asset %s: %w", d, playlists.ErrNotFound)
}

func (k *knownAssets) catchUpLocked(ctx context.Context, docs store.Documents) error {
	for doc, err := range docs.Since(ctx, k.upTo) {
		if err != nil {
			return fmt.Errorf("reading the library: %w", err)
		}
		k.upTo = doc.Change
		if doc.Deleted {
			continue
		}
		if doc.Kind == "organisation" {
			if err := k.logoLocked(doc); err != nil {
				return err
			}
		}
		if doc.Kind != "item" {
			continue
		}
		item, err := domain[playlists.Item](doc)
		if err != nil {
			return err
		}
		for _, r := range item.Renditions {
			for _, a := range r.Files() {
				k.assets[a.Digest] = a
			}
		}
	}
	return nil
}

func (k *knownAssets) logoLocked(doc store.Document) error {
	o, err := domain[playlists.Organisation](doc)
	if err == nil && o.Logo != nil {
		k.assets[o.Logo.Digest] = *o.Logo
	}
	return err
}

// domain reads a document as the domain has it.
func domain[T any](doc store.Document) (T, error) {
	var t T
	if err := json.Unmarshal(doc.Body, &t); err != nil {
		return t, fmt.Errorf("reading %s %s: %w", doc.Kind, doc.ID, err)
	}
	return t, nil
}
