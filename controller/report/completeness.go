package report

import (
	"slices"
	"time"

	"anteroom/playlists"
)

// Completeness says how far a report can be relied on: plays arrive late where a screen's player had
// no link, and always arrive in order.
type Completeness struct {
	// Until is an instant: all plays that had ended by then on the screens below have arrived. Zero
	// where a screen has never reported.
	Until time.Time `json:"until,omitzero"`
	// Waiting are the screens whose plays are still missing for some of the period, ascending.
	Waiting []playlists.ScreenID `json:"waiting,omitempty"`
	// Expected and Received count the screens of the report, and those with nothing missing.
	Expected int `json:"expected"`
	Received int `json:"received"`
}

// Evidence is what shows how far a player's plays have arrived. A player numbers its plays when they
// end and sends them in that order.
type Evidence struct {
	// Ended is the end of the last play that arrived, by the player's clock, and Arrived when it did.
	Ended, Arrived time.Time
	// SentAll is when the player last said that no play waited to be sent.
	SentAll time.Time
}

// notYetKept is how long a play that has ended may be in no journal, where nothing counts it as unsent.
const notYetKept = 5 * time.Second

// Until is the instant up to which all plays that ended have arrived; zero if nothing shows any.
func (e Evidence) Until() time.Time {
	until := e.Ended
	if e.Arrived.Before(until) { // the player's clock was ahead
		until = e.Arrived
	}
	if all := e.SentAll.Add(-notYetKept); !e.SentAll.IsZero() && all.After(until) {
		return all
	}
	return until
}

// CompleteUntil works out a report's completeness from how far the plays of each of its screens have
// arrived. end is when the report's period ends, or the present less what plays need to arrive if that
// is earlier.
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
		{"preempted", "a play cut short by a takeover, a window of higher priority, or staff who had the screen show its name."},
		{"interrupted", "a play that a crash or a loss of power cut short."},
		{"failed", "something that was due and was never drawn. It is not a play."},
		{"lost", "plays whose records are gone because a player's disk failed: at least as many as said, of whatever item. They are in no other figure."},
		{"condensed", "plays that a player whose journal was full kept as a sum for each item and hour. They are in the figures; their single times are gone."},
		{"seconds", "how long plays were on a screen, all outcomes added up."},
		{"day", "the day on the wall clock of the screen's department at the play's start."},
		{"takeover", "an emergency or other notice that took the whole screen; listed apart from the library's items."},
		{"complete until", "every play that had ended by this instant on a screen of the report has arrived. Those that were still running then and later ones are added as they come in."},
	}}
}
