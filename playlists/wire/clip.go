package wire

import (
	"slices"
	"unicode/utf8"

	"anteroom/playlists"
)

// Clipped is the heartbeat within the bounds that [Decode] checks: texts shortened, the newest notes,
// the first regions.
func (h *Heartbeat) Clipped() *Heartbeat {
	clipped := *h
	clipped.Health.clip()
	return &clipped
}

func (h *Health) clip() {
	h.Showing, h.Next = clipShowing(h.Showing), clipShowing(h.Next)
	h.SetAside = h.SetAside[:min(len(h.SetAside), maxSetAside)]
	h.Notes = slices.Clone(h.Notes[max(0, len(h.Notes)-maxNotes):])
	for i, n := range h.Notes {
		h.Notes[i] = clip(n)
	}
	h.Said = slices.Clone(h.Said[max(0, len(h.Said)-maxNotes):])
	for i, p := range h.Said {
		values := slices.Clone(p.Values[:min(len(p.Values), maxValues)])
		for n, v := range values {
			values[n] = clip(v)
		}
		h.Said[i] = playlists.Phrase{Code: clip(p.Code), Values: values}
	}
}

func clipShowing(all []NowShowing) []NowShowing {
	all = slices.Clone(all[:min(len(all), maxShowing)])
	for i := range all {
		all[i].Title, all[i].Region = clip(all[i].Title), clip(all[i].Region)
	}
	return all
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
