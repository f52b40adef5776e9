// Package store keeps what a controller must not lose: documents with all their revisions, plays, and sums of what
// patients asked for.
//
// It is the small interface behind which a database stands; package storetest is its contract, and
// nothing of any database shows through it.
package store

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"time"

	"anteroom/playlists"
)

// ErrDamaged says that what is on disk is not what was written. The message names the file and the key, and
// what to do; a store never gives a wrong value instead.
var ErrDamaged = errors.New("damaged")

// DamagedMonthError is an [ErrDamaged] about the plays that came in during one month.
type DamagedMonthError struct {
	Month string // of UTC, "2026-10"
	// Err names the file, and says what to do.
	Err error
}

// Error names the month.
func (e *DamagedMonthError) Error() string {
	return "plays that came in " + e.Month + ": " + e.Err.Error()
}

// Unwrap gives what is wrong with it, an [ErrDamaged].
func (e *DamagedMonthError) Unwrap() error { return e.Err }

// ForgottenError says that plays of a span were removed, being older than they are kept ([Plays.Forget]).
type ForgottenError struct {
	// Through is the newest month of arrival, "2026-10", of which there were plays of the span; those that came in
	// before it are gone as well.
	Through string
}

// Error names the month.
func (e *ForgottenError) Error() string {
	return "plays that came in until the end of " + e.Through + " are no longer kept"
}

// Months names damaged months, "2026-10".
func Months(damaged []*DamagedMonthError) []string {
	var names []string
	for _, m := range damaged {
		names = append(names, m.Month)
	}
	return slices.Compact(names) // of the parts of a month
}

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
	// Put writes a new revision. was is the revision that the writer read, 0 for a new document (or
	// one that was deleted); if another is newest, nothing is written and the error is a
	// [*StaleError]. A body that is not JSON is [playlists.ErrInvalid].
	Put(kind Kind, id string, was uint64, by string, body json.RawMessage) (Document, error)
	// Delete writes a revision that says so, under the same rule; [playlists.ErrNotFound] if there
	// is nothing to delete.
	Delete(kind Kind, id string, was uint64, by string) (Document, error)
}

// StaleError is a refused write with both versions; it is [playlists.ErrStale].
type StaleError struct {
	Newest Document
	Was    uint64
}

// Error says who changed the document meanwhile.
func (e *StaleError) Error() string {
	did := " was changed by "
	if e.Newest.Deleted {
		did = " was deleted by "
	}
	return string(e.Newest.Kind) + " " + e.Newest.ID + did + e.Newest.By + " meanwhile"
}

// Unwrap gives [playlists.ErrStale].
func (*StaleError) Unwrap() error { return playlists.ErrStale }

// Documents is the first half of a store.
type Documents interface {
	// View runs read on one state of the documents. read must not call Update: it would wait for itself.
	View(ctx context.Context, read func(View) error) error
	// Update runs write in the one write transaction, and returns after it is durable. If write fails,
	// nothing is written. If the error is about making it durable, whether it was is unknown.
	Update(ctx context.Context, write func(Tx) error) error
	// Changes tells of changes after the given number: the channel gets the newest change number
	// whenever it grows, coalesced, and is never closed; it stops with ctx.
	Changes(ctx context.Context, after uint64) <-chan uint64
	// Since lists all kept revisions with Change > after, in order of Change. Those that come while it
	// runs may be among them.
	Since(ctx context.Context, after uint64) iter.Seq2[Document, error]
}

// Batch is what one player sent at once, already verified: its plays continue the stream's watermark
// without a hole.
type Batch struct {
	Player playlists.PlayerID
	Stream playlists.StreamID
	Plays  []playlists.Play // ascending, dense by Seq (a gap record stands for Lost numbers)
	// Before and Chain are the chain's values before the first and after the last of Plays.
	Before []byte
	Chain  []byte
	// Signature is the player's over (stream, SignedFrom, last, Chain), as wire.BatchBytes has them;
	// SignedFrom is below the first of Plays if the batch began with plays that were known already.
	Signature  []byte
	SignedFrom uint64
	Received   time.Time
	// Branch marks the first batch of a stream that keeps the plays of a second player with the same
	// identity apart: it is the stream as that player names it, and Plays begin where the two part.
	Branch playlists.StreamID
}

// Watermark is how far a stream has come.
type Watermark struct {
	Player  playlists.PlayerID
	Through uint64
	Chain   []byte
	At      time.Time // arrival of the last batch
	// Ended is when the last play ended, as its player says: gap records do not count, and a condensed
	// record with its start. Zero before the first play.
	Ended time.Time
	// Signature and SignedFrom are those of the last batch: with the chain they prove all before it.
	Signature  []byte
	SignedFrom uint64
	// Branch is the stream that this one branched off, empty for a player's own.
	Branch playlists.StreamID
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

// Apart says what figures are kept apart by. What it does not name is added up, and its field is left zero.
type Apart struct {
	// Group gives the group whose figures a screen's belong to, and whether they are asked for at all; it is asked about a
	// screen rarely more than once. nil: every screen is asked for, all in one group without a name.
	Group func(playlists.ScreenID) (group string, asked bool)

	Day, Item, Version, Language, Window, Takeover bool
}

// Sum is a figure of days or months on the screens' wall clocks; several with the same fields may come.
type Sum struct {
	Group string
	Day   playlists.Date // the first one of a month
	Entry RollupEntry    // its outcome is always kept apart
	Count int64
	// Millis is how long the plays were shown.
	Millis int64
}

// StoredPlay is a play with its player and stream.
type StoredPlay struct {
	playlists.Play

	Player   playlists.PlayerID
	Stream   playlists.StreamID
	Received time.Time
}

// Plays is the second half of a store.
type Plays interface {
	// Append adds batches that continue their watermarks, moves the watermarks and updates rollups in
	// one transaction, and returns after it is durable. A batch that does not continue its watermark
	// (unless it begins a branch) fails the whole call with [playlists.ErrInvalid]; intake
	// prevents that. If the error is about making it durable, the watermarks tell whether it was.
	Append(ctx context.Context, batches []Batch) error
	// Watermark gives a stream's; the zero Watermark if the stream is unknown.
	Watermark(ctx context.Context, stream playlists.StreamID) (Watermark, error)
	// Heard gives the watermark of each player's last batch, whichever stream it was of. Nobody may change the map.
	Heard(ctx context.Context) (map[playlists.PlayerID]Watermark, error)
	// ChainAt gives the chain's value after play seq of a stream: where a play or its gap record is
	// stored, and for the number just before the first stored; false elsewhere.
	ChainAt(ctx context.Context, stream playlists.StreamID, seq uint64) ([]byte, bool, error)
	// Rollups gives the rollups with from <= Hour < to. A gap record counts the plays that are [playlists.Lost]
	// and is else left out; a condensed record counts for as many plays as it stands for, and once more as
	// [playlists.InSums], without milliseconds. A [DamagedMonthError] is given once, and the rest follows if
	// the loop goes on: a report must then say that it is incomplete.
	Rollups(ctx context.Context, from, to time.Time) iter.Seq2[Rollup, error]
	// RollupsScreen gives those of them that are of one screen, and reads few others for it.
	RollupsScreen(ctx context.Context, screen playlists.ScreenID, from, to time.Time) iter.Seq2[Rollup, error]
	// Days adds the same figures up by what is kept apart: those of from to to, both included, by the date of each
	// play's start on the screen's wall clock. It is for periods that are too long to read by the hour.
	Days(ctx context.Context, from, to playlists.Date, by Apart) iter.Seq2[Sum, error]
	// Months does so with whole months, of which the first day is not before from and not after to.
	Months(ctx context.Context, from, to playlists.Date, by Apart) iter.Seq2[Sum, error]
	// Scan gives raw plays and gap records with from <= Start < to, in no promised order. Errors are as
	// those of Rollups.
	Scan(ctx context.Context, from, to time.Time) iter.Seq2[StoredPlay, error]
	// ScanScreen gives those of them that are of one screen, and reads few others for it.
	ScanScreen(ctx context.Context, screen playlists.ScreenID, from, to time.Time) iter.Seq2[StoredPlay, error]
	// Forget removes the plays that came in before the last keep whole months: of the months of arrival, those before the
	// newest closed one and the keep - 1 that precede it on the calendar. That one always stays, so no clock that is wrong
	// for a while makes anything be removed; after months without plays, removing waits until a month has closed again. Whoever
	// reads a span of which plays are gone gets a [ForgottenError] once, first, and then the rest. Watermarks stay. With keep
	// 0 nothing is removed but what an interrupted Forget left. about, if not nil, is told the months that go, before they
	// do; if it fails, nothing goes.
	Forget(ctx context.Context, keep int, about func(months []string) error) error
	// ForgottenUntil is an instant before which every play began that has been removed; zero if none has.
	ForgottenUntil() time.Time
}

// Counted is what was counted of patients' phones, and of what websites take over.
type Counted string

// What is counted.
const (
	// HandOffs are pages opened from a screen's code; Reads are items read in full.
	HandOffs Counted = "hand-off"
	Reads    Counted = "read"
	// Helpful and Unhelpful are answers about an item.
	Helpful   Counted = "helpful"
	Unhelpful Counted = "unhelpful"
	// Asked are wishes to know about a topic.
	Asked Counted = "asked"
	// FeedReads are items that programs fetched in a feed, and EmbedReads those that the page had which a website shows in a
	// frame; one for each item in each answer. They are no reads on phones, and nobody adds them to those.
	FeedReads  Counted = "feed-read"
	EmbedReads Counted = "embed-read"
)

// OnPhones reports whether it is counted of patients' phones, and not of websites.
func (c Counted) OnPhones() bool { return c != FeedReads && c != EmbedReads }

// CountKey says what a count is of. It names no screen, no hour and nobody.
type CountKey struct {
	// Week is the Monday of an ISO week, on the department's wall clock.
	Week       playlists.Date
	Department playlists.DepartmentID
	What       Counted
	// Of is the topic that was asked for, else the item; empty for hand-offs.
	Of       string
	Language playlists.Language
}

// Count is how often.
type Count struct {
	CountKey

	N int64
}

// Counts is the third part of a store: sums of what people did on their phones and websites fetched, and nothing beside.
type Counts interface {
	// PutCounts writes counts in place of those under the same keys, all or none, and returns after it is durable. To
	// write the same again changes nothing, so whoever does not know whether it was durable writes again. A key without a
	// Monday, a department or a language, with a zero byte, or with more than 512 bytes, and a count below 1 are
	// [playlists.ErrInvalid].
	PutCounts(ctx context.Context, counts []Count) error
	// Counts gives those of from to to, both included, by week, and then by department, what, of and language.
	Counts(ctx context.Context, from, to playlists.Date) iter.Seq2[Count, error]
}

// Store is all three, and can be closed.
type Store interface {
	Documents
	Plays
	Counts
	Close() error
}
