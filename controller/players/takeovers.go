package players

import (
	"cmp"
	"slices"

	"anteroom/playlists"
)

// Takeovers gives the newest number of a document of takeovers that players say they hold, and the screens
// of those whose number is above the given one.
func (r *Registry) Takeovers(above uint64) (newest uint64, ahead []playlists.ScreenID) {
	ahead = []playlists.ScreenID{}
	for _, p := range r.All() {
		presence, ok := r.Presence(p.ID)
		if !ok || p.Revoked() {
			continue
		}
		number := presence.Heartbeat.State.Takeovers
		newest = max(newest, number)
		if number > above {
			ahead = append(ahead, p.Screen)
		}
	}
	slices.SortFunc(ahead, cmp.Compare[playlists.ScreenID])
	return newest, ahead
}
