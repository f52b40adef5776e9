package players_test

import (
	"slices"
	"testing"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

func TestTakeoversThatPlayersHold(t *testing.T) {
	b := newBench(t)
	for _, p := range []struct {
		seed   byte
		screen playlists.ScreenID
		held   uint64
	}{{1, "lobby", 99}, {2, "lobby", 9}, {3, "chapel", 8}} { // the second takes the first's place
		b.pair(p.seed, p.screen)
		b.Link(idOf(p.seed), func() {}).Heartbeat(wire.Heartbeat{State: wire.State{Takeovers: p.held}})
	}
	for above, want := range map[uint64][]playlists.ScreenID{7: {"chapel", "lobby"}, 8: {"lobby"}, 9: {}} {
		if newest, ahead := b.Takeovers(above); newest != 9 || ahead == nil || !slices.Equal(ahead, want) {
			t.Errorf("above %d: got %v, the newest is %d; want %v, 9", above, ahead, newest, want)
		}
	}
}
