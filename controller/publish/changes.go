package publish

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// compare lists what is different in next from the pins in force.
func compare(v store.View, was Pins, next *gathered) ([]Change, error) {
	var changes []Change
	old := was.byKey()
	for k, doc := range next.docs {
		from := old[k].Revision
		delete(old, k)
		if from != doc.Revision {
			changes = append(changes, next.change(k, from))
		}
	}
	for k, pin := range old {
		change, err := gone(v, k, pin.Revision)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	return changes, nil
}

// gone is a document that is pinned no more: by whoever changed it last.
func gone(v store.View, k key, revision uint64) (Change, error) {
	doc, err := v.GetRevision(k.kind, k.id, revision)
	if err != nil {
		return Change{}, err
	}
	gone := change(doc, revision, 0)
	for newest, err := range v.Revisions(k.kind, k.id) {
		if err != nil {
			return Change{}, err
		}
		gone.By, gone.At = newest.By, newest.At
		break
	}
	return gone, nil
}

func change(doc store.Document, from, to uint64) Change {
	return Change{Kind: doc.Kind, ID: doc.ID, Title: title(doc), From: from, To: to, By: doc.By, At: doc.At}
}

// title is what people call a document.
func title(doc store.Document) string {
	var named struct {
		Name  string `json:"name"`
		Title string `json:"title"`
	}
	if json.Unmarshal(doc.Body, &named) != nil {
		return doc.ID
	}
	return cmp.Or(named.Title, named.Name, doc.ID)
}

// once sorts changes and leaves out those that several departments share.
func once(changes []Change) []Change {
	slices.SortFunc(changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	same := func(a, b Change) bool { return a.Kind == b.Kind && a.ID == b.ID && a.From == b.From && a.To == b.To }
	return slices.CompactFunc(changes, same)
}

// problems are what the check of the whole draft says about documents that are pinned, with what
// compiling said, each once.
func problems(found []playlists.Problem) []playlists.Problem {
	slices.SortFunc(found, func(a, b playlists.Problem) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Message, b.Message))
	})
	return append([]playlists.Problem{}, slices.CompactFunc(found, playlists.Problem.Same)...)
}

// Changes lists what a publication changed in its departments, against what was in force before it.
func (p *Publisher) Changes(ctx context.Context, number uint64) ([]Change, error) {
	var changes []Change
	drafts, err := p.newest(ctx)
	if err != nil {
		return nil, err
	}
	err = p.store.View(ctx, func(v store.View) error {
		publication, err := find(v, number)
		if err != nil {
			return err
		}
		before, err := lastBefore(v, publication)
		if err != nil {
			return err
		}
		for swap := range swaps(publication, before) {
			change, err := swap.change(v, drafts)
			if err != nil {
				return err
			}
			changes = append(changes, change)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("what publication %d changed: %w", number, err)
	}
	return append([]Change{}, once(changes)...), nil
}

// swap is a document that is pinned in another revision than before, 0 for none.
type swap struct {
	key

	from, to uint64
}

// swaps are what a publication changed, each once however many of its departments share it.
func swaps(publication Publication, before map[playlists.DepartmentID]Pins) map[swap]bool {
	all := map[swap]bool{}
	for d, pins := range publication.Pins {
		old := before[d].byKey()
		for _, pin := range pins {
			from := old[pin.key()].Revision
			delete(old, pin.key())
			if from != pin.Revision {
				all[swap{pin.key(), from, pin.Revision}] = true
			}
		}
		for k, pin := range old {
			all[swap{k, pin.Revision, 0}] = true
		}
	}
	return all
}

// change says what a swap is about. What is still the newest need not be read again.
func (s swap) change(v store.View, drafts *newest) (Change, error) {
	if s.to == 0 {
		return gone(v, s.key, s.from)
	}
	if doc, ok := drafts.docs[s.key]; ok && doc.Revision == s.to {
		return drafts.change(s.key, s.from), nil
	}
	doc, err := v.GetRevision(s.kind, s.id, s.to)
	if err != nil {
		return Change{}, fmt.Errorf("reading %s %s, revision %d: %w", s.kind, s.id, s.to, err)
	}
	return change(doc, s.from, s.to), nil
}
