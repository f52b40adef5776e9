package ingest

import (
	"errors"
	"fmt"

	"anteroom/playlists"
)

// Refusal says to a person why a file was not taken, and what to do. It is a [playlists.ErrInvalid].
type Refusal struct{ Reason string }

// Error gives the reason.
func (r *Refusal) Error() string { return r.Reason }

// Unwrap gives [playlists.ErrInvalid].
func (*Refusal) Unwrap() error { return playlists.ErrInvalid }

func refuse(format string, args ...any) error { return &Refusal{fmt.Sprintf(format, args...)} }

// ErrBusy: too many uploads are on their way; nothing was received.
var ErrBusy = errors.New("many uploads are being converted; try again when one is ready")

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
