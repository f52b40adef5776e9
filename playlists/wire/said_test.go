package wire

import (
	"slices"
	"strings"
	"testing"

	"anteroom/playlists"
)

// TestNotesMayHaveTheirPhrases holds the wire to both kinds of players: those that name what they say, and older ones.
func TestNotesMayHaveTheirPhrases(t *testing.T) {
	note := playlists.Noted("The player's disk cannot be written: %v", "no space left")
	for _, test := range []struct {
		name string
		said []playlists.Phrase
		ok   bool
	}{
		{"an older player", nil, true},
		{"a phrase for each", []playlists.Phrase{note.Phrase, note.Phrase}, true},
		{"one for two", []playlists.Phrase{note.Phrase}, false},
		{"too much filled in", []playlists.Phrase{note.Phrase, {Code: "much", Values: slices.Repeat([]string{"x"}, maxValues+1)}}, false},
		{"too long a value", []playlists.Phrase{note.Phrase, {Code: "long", Values: []string{strings.Repeat("x", maxText+1)}}}, false},
	} {
		beat := &Heartbeat{Health: Health{Stage: "none", Notes: []string{note.Text, note.Text}, Said: test.said}}
		if err := beat.check(); (err == nil) != test.ok {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
}

// TestClippedNotesKeepTheirPhrases: of too many, the newest stay, each with its own phrase.
func TestClippedNotesKeepTheirPhrases(t *testing.T) {
	var beat Heartbeat
	beat.Health.Stage = "none"
	for n := range maxNotes + 3 {
		note := playlists.Noted("%d plays are lost", n)
		beat.Health.Notes, beat.Health.Said = append(beat.Health.Notes, note.Text), append(beat.Health.Said, note.Phrase)
	}
	beat.Health.Said[5].Values[0] = strings.Repeat("5", maxText+7)
	clipped := beat.Clipped()
	if err := clipped.check(); err != nil {
		t.Fatal(err)
	}
	last := maxNotes - 1
	if clipped.Health.Notes[last] != "10 plays are lost" || clipped.Health.Said[last].Values[0] != "10" || len(beat.Health.Said[5].Values[0]) != maxText+7 {
		t.Errorf("got %q with %q", clipped.Health.Notes[last], clipped.Health.Said[last])
	}
}
