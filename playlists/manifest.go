package playlists

import "time"

// BodyFormat is the format of [Body] that this code writes and the newest that it reads.
const BodyFormat = 1

// Body is the immutable, unsigned, compiled programme of a class of screens, known by the digest of
// its encoding. It names no screen, generation or date.
type Body struct {
	Format     int          `json:"format"`
	Department DepartmentID `json:"department"`
	Site       SiteID       `json:"site"`
	Tags       []Tag        `json:"tags,omitempty"`
	Brand      Brand        `json:"brand"`
	// Logo is the picture above the brand's name on the slate; empty if there is none.
	Logo     Digest `json:"logo,omitempty"`
	Rotation int    `json:"rotation,omitempty"`
	Volume   int    `json:"volume,omitempty"`
	// Zone and its TZif bytes (RFC 8536), so that a player with old zone data is still right.
	Zone string `json:"zone"`
	TZif []byte `json:"tzif"`
	// Showings are what entries show: one rendition of one version of one item.
	Showings []Showing `json:"showings,omitempty"`
	Loops    []Loop    `json:"loops,omitempty"`
	// Layouts[0...]; Regions refer to Loops by index.
	Layouts []BodyLayout `json:"layouts,omitempty"`
	Windows []BodyWindow `json:"windows,omitempty"`
	// Filler and Closed are indices into Layouts, or -1.
	Filler int `json:"filler"`
	Closed int `json:"closed"`
	// Floors are those of the department that entries of loops fill for.
	Floors []Floor `json:"floors,omitempty"`
	// States are those of the department's clinic for which showings show.
	States []StateSpan `json:"states,omitempty"`
	// ClosedDates are the department's closed local dates, ascending.
	ClosedDates []Date `json:"closed_dates,omitempty"`
	// Assets are all files that the body needs, ascending by digest, fonts included.
	Assets []Asset `json:"assets,omitempty"`
	// Fonts are the digests to draw slides with, in order of preference.
	Fonts []Digest `json:"fonts,omitempty"`
	// HandOff is the address that codes lead phones to, "https://care.example"; empty if there are no codes.
	HandOff string `json:"hand_off,omitempty"`
}

// Showing is one rendition of one version of an item, as a slot shows it.
type Showing struct {
	Item     ItemID   `json:"item"`
	Version  int      `json:"version"`
	Title    string   `json:"title"`
	Language Language `json:"language"`
	Asset    Digest   `json:"asset"`
	Medium   Medium   `json:"medium"`
	// Captions are drawn over a video; empty if it has none.
	Captions Digest `json:"captions,omitempty"`
	// From and Until bound the validity; a zero time is no bound.
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
	// HandOff has a code beside it, with which people go on reading on their phones.
	HandOff bool `json:"hand_off,omitempty"`
	// While says for which of the body's States it shows, counted from 1, until whose end it is valid; 0 for one that is
	// bound to none. Moment is that of a visit for which it shows; empty for none.
	While  int    `json:"while,omitempty"`
	Moment Moment `json:"moment,omitempty"`
}

// Valid reports whether the showing may be on at t.
func (s *Showing) Valid(t time.Time) bool {
	return (s.From.IsZero() || !t.Before(s.From)) && (s.Until.IsZero() || t.Before(s.Until))
}

// Loop is a playlist unrolled: the slots of one round, in order, languages included.
type Loop struct {
	Playlist PlaylistID  `json:"playlist"`
	Entries  []LoopEntry `json:"entries"`
	// Order lists indices into Entries, one per slot.
	Order []int `json:"order"`
	// Mix is the language mix that the loop goes by, where that is not the department's own.
	Mix []LanguageShare `json:"mix,omitempty"`
}

// LoopEntry is a showing with the manner of its playlist entry.
type LoopEntry struct {
	Showing    int        `json:"showing"`
	Millis     int64      `json:"millis"`
	WholeOnly  bool       `json:"whole_only,omitempty"`
	Transition Transition `json:"transition,omitempty"`
	Fit        Fit        `json:"fit,omitempty"`
	// Fills says which of the body's Floors the entry fills for, counted from 1; 0 for an entry of the playlist.
	Fills int `json:"fills,omitempty"`
	// Topic is what people asked for so often that the entry comes more often than its weight says; else empty.
	Topic Topic `json:"topic,omitempty"`
	Asked int   `json:"asked,omitempty"`
}

// BodyLayout is a layout whose playlists are loops.
type BodyLayout struct {
	ID      LayoutID     `json:"id"`
	Regions []BodyRegion `json:"regions"`
}

// BodyRegion is a region with a loop, or -1 and a widget.
type BodyRegion struct {
	Name   string  `json:"name"`
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	W      float64 `json:"w"`
	H      float64 `json:"h"`
	Loop   int     `json:"loop"`
	Widget *Widget `json:"widget,omitempty"`
}

// Narrowness is how precisely a window names a screen; the higher wins a tie.
type Narrowness int

// From all screens to one.
const (
	ByAll Narrowness = iota
	BySite
	ByDepartment
	ByTag
	ByScreen
)

// BodyWindow is a window that reaches the class, its closures resolved into dates.
type BodyWindow struct {
	ID       WindowID `json:"id"`
	Name     string   `json:"name"`
	Layout   int      `json:"layout"`
	Start    string   `json:"start"`
	End      LocalEnd `json:"end"`
	First    Date     `json:"first,omitzero"`
	Last     Date     `json:"last,omitzero"`
	Priority int      `json:"priority,omitempty"`
	// Narrowness breaks ties of priority.
	Narrowness Narrowness `json:"narrowness"`
	// Closed are the local dates, beyond the body's ClosedDates, on which no occurrence starts; ascending.
	Closed []Date `json:"closed,omitempty"`
}

// Head puts a body in force on one screen. It is small, signed (package wire), and kept for ever.
type Head struct {
	Controller ControllerID `json:"controller"`
	Screen     ScreenID     `json:"screen"`
	// Generation only grows, and only when the body changes.
	Generation uint64 `json:"generation"`
	Body       Digest `json:"body"`
	// From is when the body takes effect: a slot boundary of the one before it.
	From time.Time `json:"from"`
	// Anchors place the loops that were changed while they ran.
	Anchors  []Anchor  `json:"anchors,omitempty"`
	IssuedAt time.Time `json:"issued_at"`
	// HandOff makes the screen's codes, where the body has any.
	HandOff HandOffKey `json:"hand_off,omitempty"`
}

// Anchor places one region's loop of the occurrence that ran when a publication came into force:
// positions of that occurrence count from Since instead of from the occurrence's start. It holds for
// occurrences of Window that began before Since; an empty window is the filler or closed programme.
type Anchor struct {
	Window WindowID  `json:"window,omitempty"`
	Region string    `json:"region"`
	Since  time.Time `json:"since"`
}

// Manifest is a head and the body that it names.
type Manifest struct {
	Head Head
	Body *Body
	// Reading is that of the body, if somebody has read it already; else nil.
	Reading *Reading
}
