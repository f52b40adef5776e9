package ingest

import (
	"slices"
	"time"

	"anteroom/playlists/captions"
)

// Limits bound what is accepted. A zero field is the default.
type Limits struct {
	// PictureBytes of one picture's or PDF's file; 64 MiB.
	PictureBytes int64
	// VideoBytes of one video's file; 4 GiB.
	VideoBytes int64
	// Pixels of a picture, width times height; 64 million.
	Pixels int64
	// Pages of a PDF; 24.
	Pages int
	// VideoLength; 30 minutes.
	VideoLength time.Duration
	// Unfinished is how many uploads may be on their way at once; 64.
	Unfinished int
	// Each is how many of them one person may have; 16.
	Each int
	// Abandoned is how long an upload that comes in pieces waits for its next one; 24 hours.
	Abandoned time.Duration
}

// slideBytes bounds a slide's file.
const slideBytes = 64 << 10

func (l Limits) withDefaults() Limits {
	or := func(v *int64, otherwise int64) {
		if *v == 0 {
			*v = otherwise
		}
	}
	or(&l.PictureBytes, 64<<20)
	or(&l.VideoBytes, 4<<30)
	or(&l.Pixels, 64_000_000)
	if l.VideoLength == 0 {
		l.VideoLength = 30 * time.Minute
	}
	if l.Pages == 0 {
		l.Pages = 24
	}
	if l.Unfinished == 0 {
		l.Unfinished = 64
	}
	if l.Each == 0 {
		l.Each = 16
	}
	if l.Abandoned == 0 {
		l.Abandoned = 24 * time.Hour
	}
	return l
}

// most is what a name's ending lets a file have, and what such files are called.
func (l Limits) most(ending string) (kind string, bytes int64) {
	for _, f := range forms() {
		if slices.Contains(f.extensions(), ending) {
			return f.kind(), l.bytes(f)
		}
	}
	return "A file", l.VideoBytes
}

// bytes gives the limit for a form.
func (l Limits) bytes(f form) int64 {
	switch f {
	case formMP4, formWebM:
		return l.VideoBytes
	case formSlide:
		return slideBytes
	case formWebVTT:
		return captions.MaxBytes
	case formJPEG, formPNG, formWebP, formPDF:
		return l.PictureBytes
	}
	return 0
}
