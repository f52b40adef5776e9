package players

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

func beat(t *testing.T, title string) wire.Heartbeat {
	t.Helper()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	said, err := json.Marshal(wire.Heartbeat{
		At:    at,
		State: wire.State{Screen: "lobby", Generation: 7, Body: playlists.Digest(strings.Repeat("ab", 32)), Takeovers: 2, Journal: 9, Chain: []byte("x"), Kept: 1},
		Health: wire.Health{
			Source: playlists.FromWindow, Window: "mornings", Stage: "drawing", Display: playlists.DisplayOn, Clock: playlists.ClockSynced, Unsent: 3,
			Showing: []wire.NowShowing{{Region: "main", Item: "steps", Title: title, Language: "en", Until: at}}, Notes: []string{"hot"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var h wire.Heartbeat
	if err := json.Unmarshal(said, &h); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestWhatPlayersSayAlikeIsKeptOnce(t *testing.T) {
	var w words
	one, two := w.slim(beat(t, "What to expect")), w.slim(beat(t, "What to expect"))
	want := beat(t, "What to expect")
	want.State.Screen, want.State.Chain = "", nil
	if diff := cmp.Diff(one, want); diff != "" {
		t.Errorf("kept (-got +want):\n%s", diff)
	}
	if unsafe.StringData(one.Health.Showing[0].Title) != unsafe.StringData(two.Health.Showing[0].Title) ||
		unsafe.StringData(string(one.State.Body)) != unsafe.StringData(string(two.State.Body)) {
		t.Error("the same words are kept twice")
	}
}

func TestAPlayerThatInventsTitlesFillsNothing(t *testing.T) {
	var w words
	for i := range 3 * mostWords {
		w.slim(beat(t, fmt.Sprint("title ", i)))
		if len(w.known) > mostWords {
			t.Fatalf("%d words are known, want at most %d", len(w.known), mostWords)
		}
	}
}
