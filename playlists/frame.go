package playlists

import "time"

// Source is what decided a frame.
type Source string

// The sources, strongest first.
const (
	FromTakeover Source = "takeover"
	FromWindow   Source = "window"
	FromClosed   Source = "closed" // the department's closed programme
	FromFiller   Source = "filler"
	FromSlate    Source = "slate" // nothing at all: brand colour and name
	// FromOrder is no manifest's: a player says so while it shows its screen's name because staff asked it to.
	FromOrder Source = "order"
)

// Frame is everything that a screen shows at one instant.
type Frame struct {
	Source   Source
	Window   WindowID   // with FromWindow
	Takeover TakeoverID // with FromTakeover
	// Start and End bound the occurrence, the takeover, the closed date or the filler's day.
	Start, End time.Time
	// Layout is nil for the slate and for takeovers, which take the whole screen.
	Layout *BodyLayout
	// Slots has one slot per region that has a loop and something to show, in the layout's order; a
	// takeover has one. A Cursor reuses the slice at its next call.
	Slots []Slot
}

// Slot is one turn of one entry in one region: [Start, End). Start and End are the turn's own bounds,
// even where a window or a validity cuts it short; see Next for that.
type Slot struct {
	// Region is its name, "" in a takeover; RegionIndex its place in the layout.
	Region      string
	RegionIndex int
	Start, End  time.Time
	// Showing and Entry say what and how; nil in a takeover.
	Showing *Showing
	Entry   *LoopEntry
	// Slide is the takeover's slide of this turn; nil otherwise.
	Slide *TakeoverSlide
}

// Planned is the slot's length.
func (s *Slot) Planned() time.Duration { return s.End.Sub(s.Start) }
