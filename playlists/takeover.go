package playlists

import (
	"encoding/json"
	"time"
)

// Severity orders takeovers; the higher wins.
type Severity int

// The severities.
const (
	Notice    Severity = 1
	Warning   Severity = 2
	Emergency Severity = 3
)

// MaxTakeover is the longest that one takeover may last, and DefaultTakeover how long it lasts if
// nobody says.
const (
	DefaultTakeover = 60 * time.Minute
	MaxTakeover     = 24 * time.Hour
	// TakeoverTurn is how long each slide of a takeover stays before the next language's.
	TakeoverTurn = 10 * time.Second
)

// Takeovers is the organisation's one document of takeovers in force: the same bytes go to every
// player, and each picks its own. Number only grows.
type Takeovers struct {
	Controller ControllerID `json:"controller"`
	Number     uint64       `json:"number"`
	IssuedAt   time.Time    `json:"issued_at"`
	Takeovers  []Takeover   `json:"takeovers"`
}

// Takeover is a notice that takes the whole of the screens it names, from From until Until.
type Takeover struct {
	ID       TakeoverID `json:"id"`
	Severity Severity   `json:"severity"`
	From     time.Time  `json:"from"`
	Until    time.Time  `json:"until"`
	Targets  []Target   `json:"targets"`
	Except   []Target   `json:"except,omitempty"`
	// Drill is drawn so that patients understand that it is one.
	Drill bool `json:"drill,omitempty"`
	// Slides carry the words inline, one per language, shown in turn for [TakeoverTurn] each.
	Slides []TakeoverSlide `json:"slides"`
	// Template is the item whose wording it took, and Version which version of it; empty if none.
	Template ItemID `json:"template,omitempty"`
	Version  int    `json:"version,omitempty"`
}

// TakeoverSlide is a takeover in one language; Slide is a slide.Slide as JSON.
type TakeoverSlide struct {
	Language Language        `json:"language"`
	Slide    json.RawMessage `json:"slide"`
	// Picture is shown instead of the words by a player that holds one of its sizes.
	Picture []Asset `json:"picture,omitempty"`
}

// TakeoverTemplate is what an item of wording for takeovers says beside its words: a slide in each language, and
// perhaps a picture without words. Every player holds both before there is a takeover.
type TakeoverTemplate struct {
	Severity Severity `json:"severity"`
	// Minutes is how long a takeover with it lasts unless whoever starts it says otherwise.
	Minutes int `json:"minutes"`
}

// Picture is the item's rendition without words, false if there is none.
func (i Item) Picture() (Rendition, bool) {
	for _, r := range i.Renditions {
		if r.Language == NoWords {
			return r, true
		}
	}
	return Rendition{}, false
}

// Place is what targets are held against: where a screen is.
type Place struct {
	Screen     ScreenID
	Department DepartmentID
	Site       SiteID
	Tags       []Tag
}
