package playlists

import "errors"

// Sentinels that every layer speaks; only the API turns them into statuses.
var (
	// ErrInvalid: what was given breaks a rule; the message names the field, the reason and the way out.
	ErrInvalid = errors.New("invalid")
	// ErrNotFound: there is no such document, asset, player or publication.
	ErrNotFound = errors.New("not found")
	// ErrStale: the document has changed since it was read; nothing was written.
	ErrStale = errors.New("stale")
	// ErrDenied: this person or player may not do that.
	ErrDenied = errors.New("denied")
)
