package ingest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"

	"anteroom/playlists"
)

// State is how far an upload has come.
type State string

// The states, in order; Ready and Refused are the ends.
const (
	Receiving  State = "receiving"
	Checking   State = "checking"
	Converting State = "converting"
	Ready      State = "ready"
	Refused    State = "refused"
)

// Upload is a file on its way into the library, or what has become of it.
type Upload struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// By is who uploads it.
	By    string    `json:"by"`
	At    time.Time `json:"at"`
	State State     `json:"state"`
	// Percent of the present state, and Stage what is being done, in words.
	Percent int    `json:"percent"`
	Stage   string `json:"stage,omitempty"`
	// Problem is why it was refused, and the way out.
	Problem string           `json:"problem,omitempty"`
	Said    playlists.Phrase `json:"said,omitzero"`
	Medium  playlists.Medium `json:"medium,omitempty"`
	// Bytes of the file, 0 if nobody knows yet, and how many have come.
	Bytes    int64 `json:"bytes,omitempty"`
	Received int64 `json:"received,omitempty"`
	// Mark is by what its sender knows the file again.
	Mark string `json:"mark,omitempty"`
	// Expires is when it is removed if nothing more comes, while it is received in pieces.
	Expires time.Time `json:"expires,omitzero"`
	// Variants are what a rendition is made of, smallest first, once it is Ready.
	Variants []playlists.Asset `json:"variants,omitempty"`
	// Pages are the variants of each page instead, of a PDF that has several.
	Pages [][]playlists.Asset `json:"pages,omitempty"`
	// Millis is the length of a video.
	Millis int64 `json:"millis,omitempty"`
}

// receive makes it one of which so many bytes have come.
func (u *Upload) receive(got int64) {
	u.Received = got
	if u.Bytes > 0 {
		u.Percent = int(min(100, 100*got/u.Bytes))
	}
}

// wait makes it one that waits for its turn.
func (u *Upload) wait() {
	u.State, u.Percent, u.Stage, u.Expires = Checking, 0, "Waiting for its turn", time.Time{}
}

// end makes it one that has ended.
func (u *Upload) end(pages [][]playlists.Asset, err error) {
	u.Percent, u.Stage, u.Expires = 100, "", time.Time{}
	if err != nil {
		r := reason(err)
		u.State, u.Problem, u.Said = Refused, r.Reason, r.phrase
		return
	}
	u.State = Ready
	if len(pages) > 1 {
		u.Pages = pages
		return
	}
	u.Variants = slices.Concat(pages...)
	if n := len(u.Variants); n > 0 {
		u.Millis = u.Variants[n-1].Millis
	}
}

// Assets are all that it was made into.
func (u *Upload) Assets() []playlists.Asset { return append(slices.Concat(u.Pages...), u.Variants...) }

func (u *Upload) finished() bool { return u.State == Ready || u.State == Refused }

// keptUploads is how many finished uploads are remembered.
const keptUploads = 200

// board is what is known of all uploads, and who wants to hear of changes.
type board struct {
	mu      sync.Mutex
	uploads []*Upload // oldest first
	heard   map[chan struct{}]struct{}
}

func newBoard() *board { return &board{heard: map[chan struct{}]struct{}{}} }

// add remembers a new upload, unless too many are unfinished. It gives the finished one that is forgotten
// for it, if one is.
func (b *board) add(u Upload, l Limits) (forgotten string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	unfinished, theirs := 0, 0
	for _, other := range b.uploads {
		if other.finished() {
			continue
		}
		unfinished++
		if other.By == u.By {
			theirs++
		}
	}
	switch {
	case unfinished >= l.Unfinished:
		return "", ErrBusy
	case theirs >= l.Each:
		return "", ErrMany
	}
	if i := slices.IndexFunc(b.uploads, (*Upload).finished); i >= 0 && len(b.uploads)-unfinished >= keptUploads {
		forgotten = b.uploads[i].ID
		b.uploads = slices.Delete(b.uploads, i, i+1)
	}
	b.uploads = append(b.uploads, &u)
	b.tellLocked()
	return forgotten, nil
}

// remove forgets an upload.
func (b *board) remove(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.uploads = slices.DeleteFunc(b.uploads, func(u *Upload) bool { return u.ID == id })
	b.tellLocked()
}

// awaited is how many bytes are still to come of all uploads.
func (b *board) awaited() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	var bytes int64
	for _, u := range b.uploads {
		if u.State == Receiving {
			bytes += max(0, u.Bytes-u.Received)
		}
	}
	return bytes
}

// restore remembers an upload from before the start.
func (b *board) restore(u Upload) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.uploads = append(b.uploads, &u)
}

func (b *board) get(id string) (Upload, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, u := range b.uploads {
		if u.ID == id {
			return *u, nil
		}
	}
	return Upload{}, fmt.Errorf("upload %q: %w", id, playlists.ErrNotFound)
}

func (b *board) list() []Upload {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]Upload, 0, len(b.uploads))
	for _, u := range slices.Backward(b.uploads) {
		all = append(all, *u)
	}
	return all
}

// change changes an upload and tells of it; what changes nothing is not told.
func (b *board) change(id string, change func(*Upload)) Upload {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, u := range b.uploads {
		if u.ID != id {
			continue
		}
		was := *u
		change(u)
		if was.State != u.State || was.Percent != u.Percent || was.Stage != u.Stage {
			b.tellLocked()
		}
		return *u
	}
	return Upload{}
}

func (b *board) tellLocked() {
	for c := range b.heard {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// changes gives a channel that gets a value whenever something has changed, coalesced, until ctx ends.
func (b *board) changes(ctx context.Context) <-chan struct{} {
	c := make(chan struct{}, 1)
	b.mu.Lock()
	b.heard[c] = struct{}{}
	b.mu.Unlock()
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.heard, c)
	})
	return c
}

// cleanName is an uploaded file's name as a person may read it again: no folders, nothing invisible,
// at most 120 characters.
func cleanName(name string) string {
	name = filepath.Base(strings.ReplaceAll(name, "\\", "/"))
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name)
	if r := []rune(name); len(r) > 120 {
		ending := []rune(filepath.Ext(name))
		name = string(r[:max(0, 120-len(ending))]) + string(ending[:min(len(ending), 120)])
	}
	if name == "." || name == "/" {
		return ""
	}
	return name
}

// reason is what a person is told about an error.
func reason(err error) *RefusalError {
	var r *RefusalError
	var full *NoRoomError
	switch {
	case errors.As(err, &r):
		return r
	case errors.As(err, &full):
		return full.refusal()
	case errors.Is(err, errNoReader):
		return refuse("The controller cannot read PDF: %v.", err)
	case errors.Is(err, errNoTool):
		return refuse("The controller cannot convert videos: %v.", err)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return refuse("The controller's disk is full. Tell your administrator to free space where its data is, and upload the file again.")
	}
	return refuse("Something went wrong on the controller; its log says what. Try again, and tell your administrator if it happens again.")
}
