package api

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"anteroom/controller/store"
)

// copies keeps the newest revisions of a kind of which there are thousands, read once and brought up to date when somebody
// asks by what has changed since: reading them all takes longer than whoever waits for a page has.
type copies[T any] struct {
	kind store.Kind

	mu   sync.Mutex
	upTo uint64      // the last change that was looked at
	all  []copied[T] // by id
}

// copied is a document with what it says; nobody may change it.
type copied[T any] struct {
	id       string
	revision uint64
	by       string
	value    T
}

// newest gives all documents of the kind by id. The list is replaced at every change, and never changed.
func (c *copies[T]) newest(ctx context.Context, docs store.Documents) ([]copied[T], error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.readLocked(ctx, docs); err != nil {
		return nil, fmt.Errorf("reading every %s: %w", c.kind, err)
	}
	return c.all, nil
}

func (c *copies[T]) readLocked(ctx context.Context, docs store.Documents) error {
	if c.all == nil {
		if err := c.firstLocked(ctx, docs); err != nil {
			return err
		}
	}
	changed := map[string]store.Document{}
	upTo := c.upTo
	for doc, err := range docs.Since(ctx, c.upTo) {
		if err != nil {
			return err
		}
		upTo = doc.Change
		if doc.Kind == c.kind {
			changed[doc.ID] = doc
		}
	}
	if err := c.changeLocked(changed); err != nil {
		return err
	}
	c.upTo = upTo
	return nil
}

func (c *copies[T]) firstLocked(ctx context.Context, docs store.Documents) error {
	all, upTo := []copied[T]{}, uint64(0)
	err := docs.View(ctx, func(v store.View) error {
		for doc, err := range v.List(c.kind) {
			if err != nil {
				return err
			}
			one, err := copyOf[T](&doc)
			if err != nil {
				return err
			}
			all, upTo = append(all, one), max(upTo, doc.Change)
		}
		return nil
	})
	if err == nil {
		c.all, c.upTo = all, upTo
	}
	return err
}

func (c *copies[T]) changeLocked(changed map[string]store.Document) error {
	if len(changed) == 0 {
		return nil
	}
	all := slices.DeleteFunc(slices.Clone(c.all), func(one copied[T]) bool {
		_, other := changed[one.id]
		return other
	})
	for _, doc := range changed {
		if doc.Deleted {
			continue
		}
		one, err := copyOf[T](&doc)
		if err != nil {
			return err
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b copied[T]) int { return cmp.Compare(a.id, b.id) })
	c.all = all
	return nil
}

func copyOf[T any](doc *store.Document) (copied[T], error) {
	value, err := domain[T](*doc)
	return copied[T]{doc.ID, doc.Revision, doc.By, value}, err
}

// find gives a document of a list by id.
func find[T any](all []copied[T], id string) (*T, bool) {
	n, ok := slices.BinarySearchFunc(all, id, byID)
	if !ok {
		return nil, false
	}
	return &all[n].value, true
}

func byID[T any](one copied[T], id string) int { return strings.Compare(one.id, id) }
