package api

import (
	"testing"

	"anteroom/controller/players"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

func TestAScreenSaysThatATakeoverIsOn(t *testing.T) {
	for _, c := range []struct {
		source playlists.Source
		title  string
		want   string
	}{
		{playlists.FromTakeover, "", "Takeover"},
		{playlists.FromWindow, "Know your numbers", "Know your numbers"},
	} {
		now := []wire.NowShowing{{Region: "full", Title: c.title, Language: "es"}}
		health := wire.Health{Source: c.source, Showing: now, Next: now}
		var row FleetScreen
		row.health(players.Presence{Heartbeat: wire.Heartbeat{Health: health}})
		for _, got := range append(row.Showing, row.Next...) {
			if got.Title != c.want || got.Language != "es" {
				t.Errorf("with a %s on it shows %+v, want %q", c.source, got, c.want)
			}
		}
	}
}

func TestFilesAreCountedInWords(t *testing.T) {
	for n, want := range map[int]string{0: "0 files", 1: "1 file", 2: "2 files", 1200: "1200 files"} {
		if got := filesOf(n); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
