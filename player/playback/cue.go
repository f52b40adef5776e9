// Package playback decides what to draw and when: a manifest, the takeovers, what is cached and the
// time become scenes for the stage; what the stage says it drew becomes plays. It is pure.
package playback

import "anteroom/playlists"

// The agent and the stage speak JSON lines over the stage's standard input and output: an Order a line
// to the stage, an Event a line back. Instants are nanoseconds of CLOCK_MONOTONIC, which both read.

// Order is a line from the agent to the stage; exactly one field is set.
type Order struct {
	// Scene replaces any scene not yet begun with the same or a later At.
	Scene *Scene `json:"scene,omitempty"`
	// Snapshot asks for the picture now on: a JPEG, 480 pixels wide, written to the path given, then
	// renamed into place; the stage answers with Event.Snapshot.
	Snapshot string `json:"snapshot,omitempty"`
}

// Scene is everything on the screen from At on. A region whose Turn is that of the scene before goes
// on undisturbed (a video does not start again).
type Scene struct {
	ID uint64 `json:"id"`
	At int64  `json:"at"`
	// Rotation is degrees clockwise; Background an sRGB colour, "#0b3d4c"; Name is on the slate.
	Rotation   int           `json:"rotation,omitempty"`
	Background string        `json:"background"`
	Ink        string        `json:"ink"`
	Name       string        `json:"name,omitempty"`
	Logo       string        `json:"logo,omitempty"`  // path of the picture above the slate's name
	Fonts      []string      `json:"fonts,omitempty"` // paths, in order of preference
	Regions    []RegionScene `json:"regions"`
	Slate      *Slate        `json:"slate,omitempty"` // instead of regions
	Volume     int           `json:"volume,omitempty"`
	Clock      *ClockFace    `json:"clock,omitempty"` // what clock widgets need
}

// RegionScene is one region of a scene.
type RegionScene struct {
	Name string  `json:"name"`
	X    float64 `json:"x"`
	Y    float64 `json:"y"`
	W    float64 `json:"w"`
	H    float64 `json:"h"`
	// Turn names the slot's turn, growing; 0 for widgets, which are not counted.
	Turn uint64 `json:"turn,omitempty"`
	// Label is for the stage's truth log only: "item@slot start in RFC 3339".
	Label string `json:"label,omitempty"`
	// Begin is the slot's own start: a video is shown from (now - Begin) on. End is the slot's end.
	Begin int64 `json:"begin,omitempty"`
	End   int64 `json:"end,omitempty"`
	// Medium and Path, or Slide (a slide.Slide as JSON, for takeovers), or Widget.
	Medium    playlists.Medium `json:"medium,omitempty"`
	Path      string           `json:"path,omitempty"`
	MediaType string           `json:"media_type,omitempty"`
	// Captions is the path of what is drawn over a video, in Language.
	Captions   string               `json:"captions,omitempty"`
	Language   playlists.Language   `json:"language,omitempty"`
	Slide      []byte               `json:"slide,omitempty"`
	Widget     *playlists.Widget    `json:"widget,omitempty"`
	Transition playlists.Transition `json:"transition,omitempty"`
	Fit        playlists.Fit        `json:"fit,omitempty"`
	// HandOff is beside the picture; nil if nothing is.
	HandOff *HandOff `json:"hand_off,omitempty"`
}

// HandOff leads people from a region's picture to their phones.
type HandOff struct {
	// Address is what the QR code says; Short what people type who cannot scan it.
	Address string `json:"address"`
	Short   string `json:"short"`
}

// Slate is what a screen shows when there is nothing else, or while it waits to be paired.
type Slate struct {
	Title string   `json:"title,omitempty"`
	Lines []string `json:"lines,omitempty"`
	// Code and Words are large: the pairing code and the words to compare.
	Code  string   `json:"code,omitempty"`
	Words []string `json:"words,omitempty"`
}

// ClockFace maps monotonic time to the wall for clock widgets.
type ClockFace struct {
	// UnixNanos is the wall clock at monotonic instant Mono; Offset the zone's, in seconds east, from
	// At of the scene on. The agent sends a new scene when the offset changes.
	UnixNanos int64 `json:"unix_nanos"`
	Mono      int64 `json:"mono"`
	Offset    int   `json:"offset"`
	// Hour12 chooses 5:30 PM over 17:30.
	Hour12 bool `json:"hour12,omitempty"`
}

// Event is a line from the stage to the agent; exactly one field is set.
type Event struct {
	Ready *Ready `json:"ready,omitempty"`
	// Beat comes every second while the game loop runs.
	Beat     *Beat   `json:"beat,omitempty"`
	Drawn    *Drawn  `json:"drawn,omitempty"`
	Failed   *Failed `json:"failed,omitempty"`
	Snapshot string  `json:"snapshot,omitempty"` // the path, written
	// Gone comes from whoever keeps the stage, never from the stage itself: it has ended, and all that
	// was cued with it. Ready tells when there is another.
	Gone *Gone `json:"gone,omitempty"`
	// Earlier comes from whoever keeps the stage, once and before the first Ready, if it is known: what
	// the stages of earlier agents drew. They are gone now.
	Earlier *Earlier `json:"-"`
}

// At is the instant that e tells of; 0 if it tells of none.
func (e Event) At() int64 {
	switch {
	case e.Beat != nil:
		return e.Beat.At
	case e.Drawn != nil:
		return e.Drawn.At
	case e.Failed != nil:
		return e.Failed.At
	case e.Gone != nil:
		return e.Gone.At
	}
	return 0
}

// Earlier are the stages that agents of this boot kept before this one, the oldest first.
type Earlier struct{ Lives []Life }

// Life is what is known of one stage that is gone.
type Life struct {
	// Told is what it drew, and what failed, in order; beats may be among it.
	Told []Event
	// End is the last instant at which it is known to have drawn.
	End int64
}

// Gone says that the stage is no more.
type Gone struct {
	// At is the last instant at which it surely drew.
	At     int64  `json:"at"`
	Reason string `json:"reason"`
	// Asked: whoever keeps the stage was told to end it; no asset is to blame then.
	Asked bool `json:"asked,omitempty"`
	// Display is false where the stage ended because it has no display; no asset is to blame then.
	Display bool `json:"display"`
}

// Ready is the stage's first line.
type Ready struct {
	Width      int    `json:"width"`
	Height     int    `json:"height"`
	SoftwareGL bool   `json:"software_gl"`
	Renderer   string `json:"renderer"` // GL_RENDERER's text
	// PID is the stage's process; whoever keeps the stage sets it.
	PID int `json:"pid,omitempty"`
}

// Beat says that the loop goes round.
type Beat struct {
	At    int64  `json:"at"`
	Scene uint64 `json:"scene"` // the scene on, 0 if none
	// Frames counts pictures presented since start.
	Frames uint64 `json:"frames"`
}

// Drawn says that a turn's first picture was presented at At. For a scene with a slate or widgets
// alone Turn is 0.
type Drawn struct {
	Scene uint64 `json:"scene"`
	Turn  uint64 `json:"turn"`
	At    int64  `json:"at"`
}

// Failed says that a turn cannot be shown, or stopped being shown at At; the picture before stays.
type Failed struct {
	Scene  uint64 `json:"scene"`
	Turn   uint64 `json:"turn"`
	At     int64  `json:"at"`
	Reason string `json:"reason"`
}
