package playback

import (
	"slices"
	"strings"
	"time"

	"anteroom/playlists"
)

// Programme answers what shows when; a [playlists.Programme] is one.
type Programme interface {
	At(t time.Time) playlists.Frame
	Next(t time.Time) time.Time
}

// Show is a programme with what is needed to put it on a stage. It is never modified.
type Show struct {
	Programme Programme
	// Filler answers for the filler alone; nil if there is none.
	Filler Programme
	Screen playlists.ScreenID
	// Body is nil where there is no manifest: only takeovers and the slate can show then.
	Body   *playlists.Body
	Digest playlists.Digest
	// HandOff makes the screen's codes; nil if it shows none.
	HandOff playlists.HandOffKey
	// Slate is what is written where nothing else shows; nil for the brand's name.
	Slate *Slate
	zone  *time.Location
}

// NewShow prepares the programme of m for the stage; m and filler may be nil.
func NewShow(p, filler Programme, m *playlists.Manifest, slate *Slate) *Show {
	s := &Show{Programme: p, Filler: filler, Slate: slate, zone: time.UTC}
	if m == nil {
		return s
	}
	s.Screen, s.Body, s.Digest, s.HandOff = m.Head.Screen, m.Body, m.Head.Body, m.Head.HandOff
	if zone, err := time.LoadLocationFromTZData(m.Body.Zone, m.Body.TZif); err == nil {
		s.zone = zone
	}
	return s
}

// Naming is s with a slate over everything but takeovers: staff want to see which screen this is. What it covers is
// preempted, and goes on beneath.
func (s *Show) Naming(slate *Slate) *Show {
	over := *s
	over.Programme, over.Slate = named{s.Programme}, slate
	return &over
}

// named is a programme under a name.
type named struct{ Programme }

// At implements [Programme].
func (n named) At(t time.Time) playlists.Frame {
	frame := n.Programme.At(t)
	if frame.Source == playlists.FromTakeover {
		return frame
	}
	return playlists.Frame{Source: playlists.FromOrder, Start: frame.Start, End: frame.End}
}

// FillerOnly is b without windows and closed programme; nil if b has no filler.
func FillerOnly(b *playlists.Body) *playlists.Body {
	if b.Filler < 0 {
		return nil
	}
	only := *b
	only.Windows, only.ClosedDates, only.Closed = nil, nil, -1
	return &only
}

func (s *Show) asset(d playlists.Digest) (playlists.Asset, bool) {
	if s.Body == nil {
		return playlists.Asset{}, false
	}
	i, ok := slices.BinarySearchFunc(s.Body.Assets, d, func(a playlists.Asset, d playlists.Digest) int {
		return strings.Compare(string(a.Digest), string(d))
	})
	if !ok {
		return playlists.Asset{}, false
	}
	return s.Body.Assets[i], true
}

// Offset is the zone's offset at t, in seconds east of UTC.
func (s *Show) Offset(t time.Time) int {
	_, offset := t.In(s.zone).Zone()
	return offset
}

// offsetChange is the first instant in (t, until] at which the zone's offset is no longer that of t;
// until if there is none.
func (s *Show) offsetChange(t, until time.Time) time.Time {
	was := s.Offset(t)
	if s.Offset(until) == was {
		return until
	}
	lo, hi := t, until
	for hi.Sub(lo) > time.Second {
		mid := lo.Add(hi.Sub(lo) / 2)
		if s.Offset(mid) == was {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi.Truncate(time.Second)
}

// brand is how the slate looks where there is no body.
func (s *Show) brand() playlists.Brand {
	if s.Body == nil || s.Body.Brand.Background == "" {
		return playlists.Brand{Name: "Anteroom", Background: "#0b3d4c", Ink: "#ffffff", Accent: "#7fd1c7"}
	}
	return s.Body.Brand
}

// Span is a stretch of monotonic time under one show and one reading of the clock.
type Span struct {
	// From is where it begins, in nanoseconds of CLOCK_MONOTONIC; the first span holds before as well.
	From int64
	// Epoch is what the wall clock stood at, by today's knowledge, at monotonic instant 0.
	Epoch   time.Time
	Quality playlists.ClockQuality
	Show    *Show
}

// Wall is the wall clock at a monotonic instant.
func (s *Span) Wall(mono int64) time.Time { return s.Epoch.Add(time.Duration(mono)) }

// Mono is the monotonic instant at which the wall clock stands at t.
func (s *Span) Mono(t time.Time) int64 { return int64(t.Sub(s.Epoch)) }
