package playertest

import (
	"slices"
	"strings"
	"testing"

	"anteroom/playlists"
)

const twoTurns = `{"turn":1,"label":"walk@2026-11-22T12:00:00Z","region":"full","at":5000700000}
{"turn":2,"label":"tko@2026-11-22T12:00:10Z","region":"","at":15000900000}    
{"turn":1,"label":"walk@2026-11-22T12:00:00Z","region":"full","at":6000000000}
`

func TestCompare(t *testing.T) {
	walk := playlists.Play{Seq: 1, Item: "walk", Region: "full", Mono: 5000, Outcome: playlists.Complete}
	takeover := playlists.Play{Seq: 2, Takeover: "tko", Mono: 15000, Outcome: playlists.Interrupted}
	later := playlists.Play{Seq: 3, Item: "walk", Region: "full", Mono: 16000}
	elsewhere := walk
	elsewhere.Region = "left"
	failed := playlists.Play{Seq: 4, Item: "rest", Region: "full", Mono: 9000, Outcome: playlists.Failed}
	tests := []struct {
		name  string
		plays []playlists.Play
		want  []string
	}{
		{"each once", []playlists.Play{walk, takeover}, nil},
		{"what failed, and what came later", []playlists.Play{failed, takeover, walk, later}, nil},
		{"one is missing", []playlists.Play{takeover}, []string{`drawn and not counted: walk in "full" at 5000 ms`}},
		{"one twice", []playlists.Play{walk, takeover, walk}, []string{`counted and not drawn, or counted twice: walk in "full" at 5000 ms`}},
		{"one elsewhere", []playlists.Play{elsewhere, takeover}, []string{
			`counted and not drawn, or counted twice: walk in "left" at 5000 ms`, `drawn and not counted: walk in "full" at 5000 ms`,
		}},
		{"one lost", []playlists.Play{takeover, walk, {Seq: 9, Gap: "damaged", Lost: 2}}, []string{"record 9 stands for 2 plays: damaged"}},
	}
	truth, err := ReadTruth([]byte(twoTurns))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Compare(truth, tt.plays); !slices.Equal(got, tt.want) {
				t.Errorf("got  %s\nwant %s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestATruthThatIsTornIsNoTruth(t *testing.T) {
	if _, err := ReadTruth([]byte(twoTurns + `{"turn":3,"la`)); err == nil {
		t.Error("it was read")
	}
}
