package player

import (
	"testing"
	"time"

	"anteroom/player/playback"
	"anteroom/playlists"
)

// stretch is a time with one owner and slots of one length.
type stretch struct {
	until  int64 // seconds
	window playlists.WindowID
	slots  int64 // seconds; 0 for none
}

// plan is a programme of stretches, from second 0 on.
type plan []stretch

var dawn = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)

func second(n int64) time.Time { return dawn.Add(time.Duration(n) * time.Second) }

func (p plan) At(t time.Time) playlists.Frame {
	n, from := int64(t.Sub(dawn)/time.Second), int64(0)
	for _, s := range p {
		if n >= s.until {
			from = s.until
			continue
		}
		f := playlists.Frame{Source: playlists.FromWindow, Window: s.window, Start: second(from), End: second(s.until + 100)}
		if s.slots > 0 {
			begin := n - (n-from)%s.slots
			f.Slots = []playlists.Slot{{Start: second(begin), End: second(begin + s.slots)}}
		}
		return f
	}
	return playlists.Frame{Source: playlists.FromSlate}
}

// Next also looks where nothing changes, as a validity's bound may be.
func (p plan) Next(t time.Time) time.Time { return t.Truncate(time.Second).Add(time.Second) }

func TestBoundary(t *testing.T) {
	tests := []struct {
		name      string
		plan      plan
		now, want int64
	}{
		{"the slot that is on ends", plan{{100, "day", 10}}, 13, 20},
		{"a slot begins at this instant: the next one", plan{{100, "day", 10}}, 20, 30},
		{"a stronger window begins before that", plan{{15, "day", 10}, {100, "flu", 30}}, 13, 15},
		{"a stronger window is on", plan{{15, "day", 10}, {100, "flu", 30}}, 16, 45},
		{"the slate comes", plan{{15, "day", 10}}, 13, 15},
		{"there are no slots", plan{{100, "day", 0}}, 13, 13},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			span := &playback.Span{Epoch: dawn, Show: &playback.Show{Programme: tt.plan}}
			if got := boundary(span, tt.now*int64(time.Second)) / int64(time.Second); got != tt.want {
				t.Errorf("got second %d, want %d", got, tt.want)
			}
		})
	}
}
