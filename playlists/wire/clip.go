package wire

import (
	"slices"
	"unicode/utf8"
)

// Clipped is the heartbeat within the bounds that [Decode] checks: texts shortened, the newest notes,
// the first regions.
func (h Heartbeat) Clipped() *Heartbeat {
	h.Health.Showing = slices.Clone(h.Health.Showing[:min(len(h.Health.Showing), maxShowing)])
	for i := range h.Health.Showing {
		s := &h.Health.Showing[i]
		s.Title, s.Region = clip(s.Title), clip(s.Region)
	}
	h.Health.SetAside = h.Health.SetAside[:min(len(h.Health.SetAside), maxSetAside)]
	h.Health.Notes = slices.Clone(h.Health.Notes[max(0, len(h.Health.Notes)-maxNotes):])
	for i, n := range h.Health.Notes {
		h.Health.Notes[i] = clip(n)
	}
	return &h
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
