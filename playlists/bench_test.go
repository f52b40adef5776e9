package playlists_test

import (
	"testing"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

func BenchmarkParseZone(b *testing.B) {
	tzif, err := playliststest.Zones("America/New_York")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := playlists.ParseZone("America/New_York", tzif); err != nil {
			b.Fatal(err)
		}
	}
}
