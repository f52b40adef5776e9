package wire

import (
	"slices"
	"unicode/utf8"
)

// Clipped is the heartbeat within the bounds that [Decode] checks: texts shortened, the newest notes,
// the first regions.
func (h *Heartbeat) Clipped() *Heartbeat {
	clipped := *h
	clipped.Health.clip()
	return &clipped
}

func (h *Health) clip() {
	h.Showing = slices.Clone(h.Showing[:min(len(h.Showing), maxShowing)])
	for i := range h.Showing {
		s := &h.Showing[i]
		s.Title, s.Region = clip(s.Title), clip(s.Region)
	}
	h.SetAside = h.SetAside[:min(len(h.SetAside), maxSetAside)]
	h.Notes = slices.Clone(h.Notes[max(0, len(h.Notes)-maxNotes):])
	for i, n := range h.Notes {
		h.Notes[i] = clip(n)
	}
}

// clip cuts a text to [maxText] bytes between runes.
func clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	cut := maxText
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut]
}
