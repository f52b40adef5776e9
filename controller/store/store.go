// Package store keeps what a controller must not lose: documents with all their revisions, and plays.
//
// It is the small interface behind which a database stands; package storetest is its contract, and
// nothing of any database shows through it.
package store

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	"anteroom/playlists"
)

// Kind is a kind of document, "item".
type Kind string

// Document is one revision of one document.
type Document struct {
	Kind Kind   `json:"kind"`
	ID   string `json:"id"`
	// Revision counts from 1 for each (Kind, ID).
	Revision uint64 `json:"revision"`
	// Change numbers all changes of the store, growing.
	Change  uint64          `json:"change"`
	Deleted bool            `json:"deleted,omitempty"`
	By      string          `json:"by"` // who made it: a user's name, "player:<id>" or "system"
	At      time.Time       `json:"at"`
	Body    json.RawMessage `json:"body,omitempty"`
}

// View is a consistent look at the documents.
type View interface {
	// Get gives the newest revision; [playlists.ErrNotFound] if there is none or it is deleted.
	Get(kind Kind, id string) (Document, error)
	// GetRevision gives a kept revision, deleted ones included.
	GetRevision(kind Kind, id string, revision uint64) (Document, error)
	// List gives the newest revisions of a kind by id, without deleted ones.
	List(kind Kind) iter.Seq2[Document, error]
	// Revisions gives the kept revisions of a document, newest first, deleted ones included.
	Revisions(kind Kind, id string) iter.Seq2[Document, error]
}

// Tx is a View that may also write; all of it happens or none.
type Tx interface {
	View
	// Put writes a new revision. was is the revision that the writer read, 0 for a new document; if
	// another is newest, nothing is written and the error is a [*StaleError].
	Put(kind Kind, id string, was uint64, by string, body json.RawMessage) (Document, error)
	// Delete writes a revision that says so, under the same rule.
	Delete(kind Kind, id string, was uint64, by string) (Document, error)
}

// StaleError is a refused write with both versions; it is [playlists.ErrStale].
type StaleError struct {
	Newest Document
	Was    uint64
}

// Error says who changed the document meanwhile.
func (e *StaleError) Error() string {
	return string(e.Newest.Kind) + " " + e.Newest.ID + " was changed by " + e.Newest.By + " meanwhile"
}

// Unwrap gives [playlists.ErrStale].
func (*StaleError) Unwrap() error { return playlists.ErrStale }

// Documents is the first half of a store.
type Documents interface {
	View(ctx context.Context, read func(View) error) error
	// Update runs write in the one write transaction, and returns after it is durable.
	Update(ctx context.Context, write func(Tx) error) error
	// Changes tells of changes after the given number: the channel gets the newest change number
	// whenever it grows, coalesced, and is never closed; it stops with ctx.
	Changes(ctx context.Context, after uint64) <-chan uint64
	// Since lists newest-first-free: all revisions with Change > after, in order of Change.
	Since(ctx context.Context, after uint64) iter.Seq2[Document, error]
}

// Batch is what one player sent at once, already verified: its plays continue the stream's watermark
// without a hole.
type Batch struct {
	Player playlists.PlayerID
	Stream playlists.StreamID
	Plays  []playlists.Play // ascending, dense by Seq (a gap record stands for Lost numbers)
	// Chain is the chain's value after the last play, Signature the player's over (stream, first,
	// last, chain), as wire.BatchBytes has them.
	Chain     []byte
	Signature []byte
	Received  time.Time
}

// Watermark is how far a stream has come.
type Watermark struct {
	Player  playlists.PlayerID
	Through uint64
	Chain   []byte
	At      time.Time // arrival of the last batch
}

// RollupKey groups plays: by the hour of their start on the screen's wall clock, and screen.
type RollupKey struct {
	// Hour is the instant at which the screen's local hour began.
	Hour   time.Time
	Screen playlists.ScreenID
}

// RollupEntry splits a RollupKey.
type RollupEntry struct {
	Item     playlists.ItemID
	Version  int
	Language playlists.Language
	Outcome  playlists.Outcome
	Window   playlists.WindowID
	Takeover playlists.TakeoverID
}

// Rollup is a figure with its key; plays of several files of arrival with the same key come separately.
type Rollup struct {
	Key    RollupKey
	Entry  RollupEntry
	Count  int64
	Millis int64 // shown
}

// StoredPlay is a play with its player and stream.
type StoredPlay struct {
	Player   playlists.PlayerID
	Stream   playlists.StreamID
	Received time.Time
	playlists.Play
}

// Plays is the second half of a store.
type Plays interface {
	// Append adds batches that continue their watermarks, moves the watermarks and updates rollups in
	// one transaction, and returns after it is durable. A batch that does not continue its watermark
	// fails the whole call with [playlists.ErrInvalid]; intake prevents that.
	Append(ctx context.Context, batches []Batch) error
	// Watermark gives a stream's; the zero Watermark if the stream is unknown.
	Watermark(ctx context.Context, stream playlists.StreamID) (Watermark, error)
	// ChainAt gives the chain's value after play seq of a stream, where a stored batch ended there;
	// false where none did.
	ChainAt(ctx context.Context, stream playlists.StreamID, seq uint64) ([]byte, bool, error)
	// Rollups gives the rollups with from <= Hour < to.
	Rollups(ctx context.Context, from, to time.Time) iter.Seq2[Rollup, error]
	// Scan gives raw plays with from <= Start < to, in no promised order.
	Scan(ctx context.Context, from, to time.Time) iter.Seq2[StoredPlay, error]
}

// Store is both, and can be closed.
type Store interface {
	Documents
	Plays
	Close() error
}
