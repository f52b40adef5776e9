// Package audit keeps who changed what, in a chain that shows where somebody tampered with it.
//
// Each entry is a revision of one document and names, by SHA-256, the entry before it; an entry about a
// document also names what the document then held. [Log] is a store that writes the entries of a change in
// the change's own transaction: what is in the store has its entry, and what has an entry is in the store.
// What a document held before and after is not copied: its revisions have it.
//
// Whoever can write the store's file can write a whole new chain. So note the newest entry's number and sum
// elsewhere (controller audit verify prints them), and have the chain compared with it later.
package audit

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// Kind is the kind of document that the log is, of which every entry is a revision.
const Kind store.Kind = "audit"

const logID = "log"

// Deed is what somebody did.
type Deed string

// The deeds. Those down to Invited are about revisions of documents.
const (
	Made      Deed = "made"
	Changed   Deed = "changed"
	Deleted   Deed = "deleted"
	Approved  Deed = "approved"     // a version of an item
	SentBack  Deed = "sent-back"    // a version of an item, to its writers
	Released  Deed = "released"     // a version of an item, without a review
	Published Deed = "published"    // drafts, onto screens
	Undone    Deed = "undone"       // a publication
	TookOver  Deed = "took-over"    // screens
	Cleared   Deed = "cleared"      // a takeover
	Password  Deed = "password-set" // somebody's
	Invited   Deed = "invited"      // somebody, by a link, to choose a password
	SignedIn  Deed = "signed-in"
	Refused   Deed = "sign-in-refused"
	SignedOut Deed = "signed-out"
	Ended     Deed = "session-ended" // somebody's, before its time
	Ordered   Deed = "ordered"       // a screen's player to do something
	BackedUp  Deed = "backed-up"     // the whole controller
	Restored  Deed = "restored"      // the whole controller, from a backup
	Forgot    Deed = "forgot-plays"  // plays that are older than they are kept
)

// Deeds lists all deeds.
func Deeds() []Deed {
	return []Deed{
		Made, Changed, Deleted, Approved, SentBack, Released, Published, Undone, TookOver, Cleared, Password, Invited,
		SignedIn, Refused, SignedOut, Ended, Ordered, BackedUp, Restored, Forgot,
	}
}

// Entry says who did what, when and to what.
type Entry struct {
	// Number counts from 1 without a hole.
	Number uint64 `json:"-"`
	// Sum is the SHA-256, in hexadecimal, of the entry as it is kept.
	Sum string    `json:"-"`
	At  time.Time `json:"at"`
	// By is a user's name, "player:<id>", "system", or empty for a stranger.
	By string `json:"by,omitempty"`
	// Via is the id of the token by which they did it; empty for a person who was there themselves.
	Via string `json:"via,omitempty"`
	Did Deed   `json:"did"`
	// Kind and ID name a document, or the user whom a session or a sign-in is about.
	Kind     store.Kind `json:"kind,omitempty"`
	ID       string     `json:"id,omitempty"`
	Revision uint64     `json:"revision,omitempty"`
	// Body is the SHA-256, in hexadecimal, of what the document held after; empty if it was deleted.
	Body string `json:"body,omitempty"`
	// From is the address that it was asked from; empty for what nobody asked over the network.
	From string `json:"from,omitempty"`
	// Note is the rest, for people, and Said its phrase where it has one.
	Note string           `json:"note,omitempty"`
	Said playlists.Phrase `json:"said,omitzero"`
	// Previous is the Sum of the entry before; empty for the first.
	Previous string `json:"previous,omitempty"`
}

// With is the entry with a note.
func (e Entry) With(note playlists.Remark) Entry {
	e.Note, e.Said = note.Text, note.Phrase
	return e
}

// Log is a store whose every change has its entry.
type Log struct {
	store.Store

	derived map[store.Kind]bool
}

// New makes the Log of a store. Documents of derived kinds follow from others, and have no entries of their own.
func New(s store.Store, derived ...store.Kind) *Log {
	l := &Log{Store: s, derived: map[store.Kind]bool{Kind: true}}
	for _, kind := range derived {
		l.derived[kind] = true
	}
	return l
}

// Origin is where a request comes from, beside who asks.
type Origin struct {
	Via  string // the id of a token; empty for a person
	From string // an address
}

type (
	originKey struct{}
	deedKey   struct{}
)

// WithOrigin gives a context in which what is done comes from there.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

func origin(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}

// named is the deed that a change of a kind of document is.
type named struct {
	kind store.Kind
	did  Deed
}

// As gives a context in which what is written into documents of a kind is that deed, and no mere change.
func As(ctx context.Context, kind store.Kind, did Deed) context.Context {
	return context.WithValue(ctx, deedKey{}, named{kind, did})
}

// Update is [store.Documents]' and writes the entries of what write did.
func (l *Log) Update(ctx context.Context, write func(store.Tx) error) error {
	return l.Store.Update(ctx, func(tx store.Tx) error {
		w := &writing{Tx: tx, log: l, origin: origin(ctx)}
		w.as, _ = ctx.Value(deedKey{}).(named)
		if err := write(w); err != nil {
			return err
		}
		return extend(tx, w.entries...)
	})
}

// Record writes entries about what is in no document, all or none.
func (l *Log) Record(ctx context.Context, entries ...Entry) error {
	from := origin(ctx)
	for i := range entries {
		entries[i].Via, entries[i].From = from.Via, cmp.Or(entries[i].From, from.From)
	}
	if err := l.Store.Update(ctx, func(tx store.Tx) error { return extend(tx, entries...) }); err != nil {
		return fmt.Errorf("writing into the audit log: %w", err)
	}
	return nil
}

// Once is [Log.Record] for what is recorded once, and told anew at every start: an entry with the note that the
// last one of its deed has is not written again.
func (l *Log) Once(ctx context.Context, e Entry) error {
	err := l.Store.Update(ctx, func(tx store.Tx) error {
		last, err := tx.Get(Kind, string(e.Did))
		if err != nil && !errors.Is(err, playlists.ErrNotFound) {
			return err
		}
		note, err := json.Marshal(e.Note)
		if err != nil || string(last.Body) == string(note) {
			return err
		}
		if _, err := tx.Put(Kind, string(e.Did), last.Revision, e.By, note); err != nil {
			return err
		}
		return extend(tx, e)
	})
	if err != nil {
		return fmt.Errorf("writing into the audit log: %w", err)
	}
	return nil
}

// Newest marks the newest entry; its number is 0 if there is none.
func (l *Log) Newest(ctx context.Context) (Mark, error) {
	var m Mark
	err := l.View(ctx, func(v store.View) error {
		doc, err := v.Get(Kind, logID)
		if err == nil {
			m = Mark{Number: doc.Revision, Sum: sumOf(doc.Body)}
		}
		return err
	})
	if err != nil && !errors.Is(err, playlists.ErrNotFound) {
		return m, fmt.Errorf("reading the newest entry of the audit log: %w", err)
	}
	return m, nil
}

// writing notes what is written.
type writing struct {
	store.Tx

	log     *Log
	origin  Origin
	as      named
	entries []Entry
}

// Put implements [store.Tx].
func (w *writing) Put(kind store.Kind, id string, was uint64, by string, body json.RawMessage) (store.Document, error) {
	doc, err := w.Tx.Put(kind, id, was, by, body)
	if err == nil {
		did := Changed
		if was == 0 {
			did = Made
		}
		if w.as.kind == kind {
			did = w.as.did
		}
		w.note(did, doc)
	}
	return doc, err
}

// Delete implements [store.Tx].
func (w *writing) Delete(kind store.Kind, id string, was uint64, by string) (store.Document, error) {
	doc, err := w.Tx.Delete(kind, id, was, by)
	if err == nil {
		w.note(Deleted, doc)
	}
	return doc, err
}

func (w *writing) note(did Deed, doc store.Document) {
	if w.log.derived[doc.Kind] {
		return
	}
	e := Entry{By: doc.By, Via: w.origin.Via, From: w.origin.From, Did: did, Kind: doc.Kind, ID: doc.ID, Revision: doc.Revision}
	if !doc.Deleted {
		e.Body = sumOf(doc.Body)
	}
	w.entries = append(w.entries, e)
}

// extend writes entries behind the newest.
func extend(tx store.Tx, entries ...Entry) error {
	if len(entries) == 0 {
		return nil
	}
	newest, err := tx.Get(Kind, logID)
	if err != nil && !errors.Is(err, playlists.ErrNotFound) {
		return fmt.Errorf("reading the newest entry of the audit log: %w", err)
	}
	now := time.Now().UTC().Round(0)
	for _, e := range entries {
		e.At = now
		if newest.Revision > 0 {
			e.Previous = sumOf(newest.Body)
		}
		body, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("writing an entry of the audit log: %w", err)
		}
		if newest, err = tx.Put(Kind, logID, newest.Revision, e.By, body); err != nil {
			return fmt.Errorf("writing an entry of the audit log: %w", err)
		}
	}
	return nil
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func decode(doc store.Document) (Entry, error) {
	var e Entry
	if err := json.Unmarshal(doc.Body, &e); err != nil {
		return Entry{}, fmt.Errorf("reading entry %d of the audit log: %w", doc.Revision, err)
	}
	e.Number, e.Sum = doc.Revision, sumOf(doc.Body)
	return e, nil
}
