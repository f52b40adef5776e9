package audit

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// Mark names the newest entry at some time, to be noted outside of the controller.
type Mark struct {
	Number uint64
	Sum    string
}

// String is how a mark is noted: "12:5f2c...".
func (m Mark) String() string { return strconv.FormatUint(m.Number, 10) + ":" + m.Sum }

// Verified is what a look at the whole chain found.
type Verified struct {
	// Newest is the end of the chain.
	Newest Mark
	// Restores are the entries about restores: what a mark noted before says of later entries is lost there.
	Restores []Entry
	// Broken says in order where the log is not what was written; empty if it is whole.
	Broken []string
}

// Verify reads the whole log: each entry names the one before it, each document holds what its entry says,
// and no change since the first entry is without one. noted are marks from before, which must be in the chain.
func (l *Log) Verify(ctx context.Context, noted ...Mark) (Verified, error) {
	v := &verification{log: l, entries: map[revision]bool{}, noted: map[uint64]string{}}
	for _, m := range noted {
		v.noted[m.Number] = m.Sum
	}
	last, err := newest(ctx, l.Store)
	if err != nil {
		return v.Verified, fmt.Errorf("verifying the audit log: %w", err)
	}
	for from := uint64(1); from <= last && err == nil; from += pageSize {
		err = l.View(ctx, func(view store.View) error { return v.page(view, from, min(last, from+pageSize-1)) })
	}
	if err == nil {
		err = v.unrecorded(ctx, last)
	}
	if err != nil {
		return v.Verified, fmt.Errorf("verifying the audit log: %w", err)
	}
	for number, sum := range v.noted {
		v.broken("entry %d was noted with the sum %s, but is not there: the log was cut, or restored from a backup of before", number, sum)
	}
	return v.Verified, nil
}

type revision struct {
	kind   store.Kind
	id     string
	number uint64
}

type verification struct {
	Verified

	log     *Log
	entries map[revision]bool
	began   uint64 // the change of the first entry
	noted   map[uint64]string
}

func (v *verification) broken(format string, args ...any) {
	v.Broken = append(v.Broken, fmt.Sprintf(format, args...))
}

func (v *verification) page(view store.View, from, to uint64) error {
	for n := from; n <= to; n++ {
		doc, err := view.GetRevision(Kind, logID, n)
		if errors.Is(err, playlists.ErrNotFound) {
			v.broken("entry %d is missing", n)
			continue
		}
		if err != nil {
			return err
		}
		if v.began == 0 {
			v.began = doc.Change
		}
		e, err := decode(doc)
		if err != nil {
			v.broken("entry %d cannot be read", n)
			continue
		}
		if err := v.entry(view, &e); err != nil {
			return err
		}
	}
	return nil
}

func (v *verification) entry(view store.View, e *Entry) error {
	if e.Previous != v.Newest.Sum {
		v.broken("entry %d, of %s, does not follow the entry before it: one of the two was changed", e.Number, e.At.Format("2006-01-02 15:04"))
	}
	v.Newest = Mark{Number: e.Number, Sum: e.Sum}
	if sum, ok := v.noted[e.Number]; ok {
		delete(v.noted, e.Number)
		if sum != e.Sum {
			v.broken("entry %d was noted with the sum %s, and now has %s: it, or one before it, was changed", e.Number, sum, e.Sum)
		}
	}
	if e.Did == Restored {
		v.Restores = append(v.Restores, *e)
	}
	if e.Revision == 0 {
		return nil
	}
	v.entries[revision{e.Kind, e.ID, e.Revision}] = true
	return v.held(view, e)
}

// held compares an entry with the revision that it is about.
func (v *verification) held(view store.View, e *Entry) error {
	doc, err := view.GetRevision(e.Kind, e.ID, e.Revision)
	if errors.Is(err, playlists.ErrNotFound) {
		v.broken("entry %d says that %s %q has a revision %d, which is missing", e.Number, e.Kind, e.ID, e.Revision)
		return nil
	}
	if err != nil {
		return err
	}
	if doc.By != e.By || doc.Deleted != (e.Did == Deleted) || (!doc.Deleted && sumOf(doc.Body) != e.Body) {
		v.broken("entry %d: revision %d of %s %q is not what was written", e.Number, e.Revision, e.Kind, e.ID)
	}
	return nil
}

// unrecorded looks for changes since the first entry that have none. A change comes right before its entry, so
// those before an entry that was written meanwhile are its own.
func (v *verification) unrecorded(ctx context.Context, last uint64) error {
	var without []store.Document
	for doc, err := range v.log.Since(ctx, 0) {
		if err != nil {
			return err
		}
		if doc.Kind == Kind && doc.ID != logID {
			continue
		}
		if doc.Kind == Kind && doc.Revision > last {
			without = nil
			break
		}
		if doc.Kind == Kind {
			v.report(without)
			without = nil
		} else if v.began > 0 && doc.Change >= v.began && !v.log.derived[doc.Kind] && !v.entries[revision{doc.Kind, doc.ID, doc.Revision}] {
			without = append(without, doc)
		}
	}
	v.report(without)
	return nil
}

func (v *verification) report(without []store.Document) {
	for _, doc := range without {
		v.broken("revision %d of %s %q, by %s, has no entry", doc.Revision, doc.Kind, doc.ID, doc.By)
	}
}
