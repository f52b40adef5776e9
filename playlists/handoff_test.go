package playlists_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"anteroom/playlists"
)

func TestCodesChangeWithTheirWindow(t *testing.T) {
	key := playlists.NewHandOffKey([]byte("secret"), "lobby-1")
	start := time.Date(2026, 11, 23, 10, 20, 0, 0, time.UTC)
	code := key.Code(start)
	if got := key.Code(start.Add(playlists.HandOffWindow - 1)); got != code {
		t.Errorf("at the window's end %s, at its start %s", got, code)
	}
	for _, other := range []string{key.Code(start.Add(-1)), key.Code(start.Add(playlists.HandOffWindow)), playlists.NewHandOffKey([]byte("secret"), "lobby-2").Code(start), playlists.NewHandOffKey([]byte("Secret"), "lobby-1").Code(start)} {
		if other == code {
			t.Errorf("another window, screen or secret has the code %s as well", code)
		}
	}
	// Written down once: phones and players of other versions must agree.
	if code != "KPTKMXQC" {
		t.Errorf("the code is %s", code)
	}
}

func TestCodesAreOfTheirLetters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := playlists.HandOffKey(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key"))
		code := key.Code(time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "at"), 0))
		if len(code) != playlists.CodeLength || strings.Trim(code, playlists.CodeLetters) != "" {
			t.Fatalf("%q is no code", code)
		}
	})
}
