package playlists

import "time"

// Outcome says how a play ended.
type Outcome string

// The outcomes.
const (
	// Complete: shown for its planned length, within [CompleteTolerance].
	Complete Outcome = "complete"
	// Truncated: its window, validity or generation ended it, or the player joined late.
	Truncated Outcome = "truncated"
	// Preempted: a takeover, a higher window or staff who asked for the screen's name took the screen.
	Preempted Outcome = "preempted"
	// Interrupted: the stage or the agent died or froze.
	Interrupted Outcome = "interrupted"
	// Failed: never drawn.
	Failed Outcome = "failed"
	// Lost: of a gap record alone: plays whose records are gone. Lost says how many numbers; where
	// nobody can know, it is 1 for "at least one".
	Lost Outcome = "lost"
	// InSums: of rollups alone: how many of the plays that are counted are known by a condensed record only.
	InSums Outcome = "in sums"
)

// Shown reports whether a record of this outcome is of plays that were on a screen, known and to be counted.
func (o Outcome) Shown() bool {
	return o == Complete || o == Truncated || o == Preempted || o == Interrupted
}

// CompleteTolerance is how far a complete play may be from its planned length (Broadsign's rule).
const CompleteTolerance = 500 * time.Millisecond

// ClockQuality says how far a player's wall clock can be believed.
type ClockQuality string

// The qualities, best first.
const (
	ClockSynced ClockQuality = "synced" // compared with the controller in this boot
	ClockSystem ClockQuality = "system" // plausible, never compared in this boot
	ClockUnset  ClockQuality = "unset"  // cannot be right: below the floor, or years above it
)

// DisplayState is what the player knows of its panel.
type DisplayState string

// The display states; most panels do not tell.
const (
	DisplayUnknown DisplayState = ""
	DisplayOn      DisplayState = "on"
	DisplayOff     DisplayState = "off"
)

// Play is a machine's record that a slot was drawn in one region. (Player, Stream, Seq) is its key;
// player and stream are given once per batch.
type Play struct {
	// Seq counts from 1 without holes within the stream.
	Seq      uint64   `json:"seq"`
	Screen   ScreenID `json:"screen"`
	Item     ItemID   `json:"item,omitempty"` // empty for a takeover's slide
	Version  int      `json:"version,omitempty"`
	Language Language `json:"language,omitempty"`
	// Asset is the digest of the rendition, or of a takeover's picture; Body that of the body in force, empty for a takeover.
	Asset Digest `json:"asset,omitempty"`
	Body  Digest `json:"body,omitempty"`
	// Window is empty under filler and closed programme. Takeover is set for a takeover's slide.
	Window   WindowID   `json:"window,omitempty"`
	Takeover TakeoverID `json:"takeover,omitempty"`
	Region   string     `json:"region"`
	// Start is in UTC, to the millisecond: the slot's start or, later, its first drawn frame.
	Start time.Time `json:"start"`
	// Offset is the zone's offset from UTC at Start, in seconds east.
	Offset  int          `json:"offset"`
	Quality ClockQuality `json:"quality"`
	Boot    BootID       `json:"boot"`
	// Mono is the instant of Start on CLOCK_MONOTONIC of that boot, in milliseconds.
	Mono int64 `json:"mono"`
	// Shown and Planned are milliseconds.
	Shown   int64        `json:"shown"`
	Planned int64        `json:"planned"`
	Outcome Outcome      `json:"outcome"`
	Display DisplayState `json:"display,omitempty"`
	// Resumed: a new play in a slot that an earlier one had begun; never complete.
	Resumed bool `json:"resumed,omitempty"`
	// Condensed is, if above 0, how many plays of this item and hour this record stands for; Shown and
	// Planned are then sums.
	Condensed int `json:"condensed,omitempty"`
	// Gap is, if not empty, the reason why this record stands for lost numbers instead of a play; Seq
	// is the last of them and Lost how many.
	Gap  string `json:"gap,omitempty"`
	Lost int    `json:"lost,omitempty"`
}
