package report

import (
	"slices"
	"time"

	"anteroom/playlists"
)

// Completeness says how far a report can be relied on: plays arrive late where a screen's player had
// no link, and always arrive in order.
type Completeness struct {
	// Until is the instant up to which the plays of all screens below have arrived; zero where a
	// screen has never reported.
	Until time.Time `json:"until,omitzero"`
	// Waiting are the screens whose plays are still missing for some of the period, ascending.
	Waiting []playlists.ScreenID `json:"waiting,omitempty"`
	// Expected and Received count the screens of the report, and those with nothing missing.
	Expected int `json:"expected"`
	Received int `json:"received"`
}

// CompleteUntil works out a report's completeness from when each of its screens was last heard with
// nothing left to send. end is when the report's period ends, or the present if that is earlier.
func CompleteUntil(screens []playlists.ScreenID, heard map[playlists.ScreenID]time.Time, end time.Time) Completeness {
	c := Completeness{Until: end, Expected: len(screens)}
	for _, s := range screens {
		at := heard[s]
		if at.Before(end) {
			c.Waiting = append(c.Waiting, s)
		}
		if at.Before(c.Until) {
			c.Until = at
		}
	}
	slices.Sort(c.Waiting)
	c.Received = c.Expected - len(c.Waiting)
	return c
}

// MethodologyVersion names the definitions below; it changes with their meaning.
const MethodologyVersion = "anteroom-1"

// Definition is a word of a report and what it means here.
type Definition struct {
	Word    string `json:"word"`
	Meaning string `json:"meaning"`
}

// Definitions are printed with every report.
type Definitions struct {
	Methodology string       `json:"methodology"`
	Words       []Definition `json:"words"`
}

// Methodology gives the definitions of this version.
func Methodology() Definitions {
	return Definitions{Methodology: MethodologyVersion, Words: []Definition{
		{"play", "something began to be drawn on one screen, in one region: a machine's record, counted once. It says nothing about people."},
		{"complete", "a play that was shown for its whole planned length, within 500 ms."},
		{"truncated", "a play cut short by the end of its window, its validity or its programme, or that was joined late."},
		{"preempted", "a play cut short by a takeover or a window of higher priority."},
		{"interrupted", "a play that a crash or a loss of power cut short."},
		{"failed", "something that was due and was never drawn. It is not a play."},
		{"lost", "plays whose records are gone because a player's disk failed: at least as many as said, of whatever item. They are in no other figure."},
		{"seconds", "how long plays were on a screen, all outcomes added up."},
		{"day", "the day on the wall clock of the screen's department at the play's start, by the hour in which it began."},
		{"takeover", "an emergency or other notice that took the whole screen; listed apart from the library's items."},
		{"complete until", "up to this instant the plays of every screen of the report have arrived. Later plays may still come in, and are then added."},
	}}
}
