package ingest

import (
	"errors"
	"fmt"

	"anteroom/playlists"
)

// RefusalError says to a person why a file was not taken, and what to do. It is a [playlists.ErrInvalid].
type RefusalError struct{ Reason string }

// Error gives the reason.
func (r *RefusalError) Error() string { return r.Reason }

// Unwrap gives [playlists.ErrInvalid].
func (*RefusalError) Unwrap() error { return playlists.ErrInvalid }

func refuse(format string, args ...any) error { return &RefusalError{fmt.Sprintf(format, args...)} }

// ErrBusy says that too many uploads are on their way. Nothing was received.
var ErrBusy = errors.New("many uploads are being converted; try again when one is ready")

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
