package audit

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// Query chooses entries; what is zero chooses all.
type Query struct {
	By   string
	Did  Deed
	Kind store.Kind
	ID   string
	// From and To bound the instant: From <= At < To.
	From, To time.Time
	// Before is the number below which to begin.
	Before uint64
}

func (q *Query) fits(e *Entry) bool {
	return (q.By == "" || strings.EqualFold(q.By, e.By)) &&
		(q.Did == "" || q.Did == e.Did) &&
		(q.Kind == "" || q.Kind == e.Kind) &&
		(q.ID == "" || strings.EqualFold(q.ID, e.ID)) &&
		(q.From.IsZero() || !e.At.Before(q.From)) &&
		(q.To.IsZero() || e.At.Before(q.To))
}

// Search gives the entries that q chooses, the newest first. All of them are looked at: a clock that was
// set back hides none.
func Search(ctx context.Context, documents store.Documents, q Query) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		at, err := newest(ctx, documents)
		if q.Before > 0 {
			at = min(at, q.Before-1)
		}
		for more := true; more && at > 0 && err == nil; {
			var page []Entry
			if page, err = read(ctx, documents, at); err == nil {
				at -= uint64(len(page))
				more = each(page, &q, yield)
			}
		}
		if err != nil {
			yield(Entry{}, fmt.Errorf("searching the audit log: %w", err))
		}
	}
}

// mostLooked is how many entries [Page] looks at, so that a search for what is rare answers soon.
const mostLooked = 8 * pageSize

// Page gives the newest entries that q chooses, at most so many, and the Before with which to go on; 0 where
// there is nothing before. It may go on where it found few or none: it looks at a bounded number of entries.
func Page(ctx context.Context, documents store.Documents, q Query, most int) ([]Entry, uint64, error) {
	found := []Entry{}
	last, err := newest(ctx, documents)
	if q.Before > 0 {
		last = min(last, q.Before-1)
	}
	least := last - min(last, mostLooked)
	for last > least && err == nil {
		var page []Entry
		if page, err = read(ctx, documents, last); err != nil {
			break
		}
		for i := range page {
			if len(found) == most {
				return found, page[i].Number + 1, nil
			}
			if q.fits(&page[i]) {
				found = append(found, page[i])
			}
		}
		last -= uint64(len(page))
	}
	if err != nil {
		return nil, 0, fmt.Errorf("searching the audit log: %w", err)
	}
	if last == 0 {
		return found, 0, nil
	}
	return found, last + 1, nil
}

func each(page []Entry, q *Query, yield func(Entry, error) bool) bool {
	for i := range page {
		if q.fits(&page[i]) && !yield(page[i], nil) {
			return false
		}
	}
	return true
}

// pageSize is how many entries one transaction reads, so that whoever takes a long search away holds none open.
const pageSize = 512

// read gives the entries from a number downwards.
func read(ctx context.Context, documents store.Documents, from uint64) ([]Entry, error) {
	var page []Entry
	err := documents.View(ctx, func(v store.View) error {
		for n := from; n > 0 && len(page) < pageSize; n-- {
			e, err := at(v, n)
			if err != nil {
				return err
			}
			page = append(page, e)
		}
		return nil
	})
	return page, err
}

// newest is the number of the newest entry, 0 if there is none.
func newest(ctx context.Context, documents store.Documents) (uint64, error) {
	var n uint64
	err := documents.View(ctx, func(v store.View) error {
		doc, err := v.Get(Kind, logID)
		n = doc.Revision
		return err
	})
	if errors.Is(err, playlists.ErrNotFound) {
		return 0, nil
	}
	return n, err
}

func at(v store.View, n uint64) (Entry, error) {
	doc, err := v.GetRevision(Kind, logID, n)
	if err != nil {
		return Entry{}, err
	}
	return decode(doc)
}

// Found is an entry with what its document held before and after; where there was nothing, they are zero.
type Found struct {
	Entry         Entry
	Before, After store.Document
}

// One gives an entry; [playlists.ErrNotFound] if there is none of that number.
func One(ctx context.Context, documents store.Documents, number uint64) (Found, error) {
	var f Found
	err := documents.View(ctx, func(v store.View) error {
		var err error
		if f.Entry, err = at(v, number); err != nil || f.Entry.Revision == 0 {
			return err
		}
		if f.After, err = v.GetRevision(f.Entry.Kind, f.Entry.ID, f.Entry.Revision); err != nil || f.Entry.Revision == 1 {
			return err
		}
		f.Before, err = v.GetRevision(f.Entry.Kind, f.Entry.ID, f.Entry.Revision-1)
		return err
	})
	return f, err
}
