package ingest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"anteroom/playlists"
)

// RefusalError says to a person why a file was not taken, and what to do. It is a [playlists.ErrInvalid].
type RefusalError struct {
	Reason string
	// TooLarge: it has too many bytes.
	TooLarge bool

	phrase playlists.Phrase
}

// Error gives the reason.
func (r *RefusalError) Error() string { return r.Reason }

// Unwrap gives [playlists.ErrInvalid].
func (*RefusalError) Unwrap() error { return playlists.ErrInvalid }

// Phrase is the reason's.
func (r *RefusalError) Phrase() playlists.Phrase { return r.phrase }

// because has the refusal say its cause alone in other languages, where that has a name.
func (r *RefusalError) because(err error) *RefusalError {
	if p := playlists.Said(err); p.Code != "" {
		r.phrase = p
	}
	return r
}

func refuse(format string, args ...any) *RefusalError {
	return &RefusalError{Reason: fmt.Sprintf(format, args...), phrase: playlists.PhraseOf(format, args...)}
}

// ErrBusy says that too many uploads are on their way. Nothing was received.
var ErrBusy = playlists.Sentence("many uploads are being converted; try again when one is ready")

// ErrMany says that too many uploads of one person are on their way. Nothing was received.
var ErrMany = playlists.Sentence("you have begun many uploads that are not done; send the rest of them, or cancel some in the library")

// sizeWords is a number of bytes as people say it: "4.3 GB".
func sizeWords(n int64) string {
	size := func(unit int64, name string) string {
		return strings.TrimSuffix(strconv.FormatFloat(float64(n)/float64(unit), 'f', 1, 64), ".0") + " " + name
	}
	switch {
	case n >= 1e9:
		return size(1e9, "GB")
	case n >= 1e6:
		return size(1e6, "MB")
	case n >= 1e3:
		return size(1e3, "kB")
	case n == 1:
		return "1 byte"
	}
	return size(1, "bytes")
}

// lengthWords is a length as people say it, in whole seconds: "31 min 5 s".
func lengthWords(d time.Duration) string {
	d = d.Round(time.Second)
	switch minutes, rest := d/time.Minute, d%time.Minute; {
	case minutes == 0:
		return fmt.Sprintf("%d s", rest/time.Second)
	case rest == 0:
		return fmt.Sprintf("%d min", minutes)
	default:
		return fmt.Sprintf("%d min %d s", minutes, rest/time.Second)
	}
}
