package playlists

// Playlist is an ordered loop of entries.
type Playlist struct {
	ID      PlaylistID `json:"id"`
	Name    string     `json:"name"`
	Entries []Entry    `json:"entries"`
	// Demand lets a part of the loop follow what patients ask for; nil for none.
	Demand *DemandShare `json:"demand,omitempty"`
}

// Entry is an item's place in a playlist.
type Entry struct {
	Item ItemID `json:"item"`
	// Millis overrides the item's own duration.
	Millis int64 `json:"millis,omitempty"`
	// Weight is the entry's slots in a loop, before division by the greatest common divisor; 0 is off.
	Weight int `json:"weight"`
	// WholeOnly: do not start unless the slot can end before anything that is known cuts it: the end of the
	// occurrence or of a validity, a stronger window, the next start of its own. Takeovers cut it.
	WholeOnly  bool       `json:"whole_only,omitempty"`
	Transition Transition `json:"transition,omitempty"`
	Fit        Fit        `json:"fit,omitempty"`
}

// Transition is how an entry comes on.
type Transition string

// The transitions; the zero value is Cut.
const (
	Cut       Transition = ""
	CrossFade Transition = "fade" // 500 ms, belongs to the new slot
)

// Fit is how a picture meets its region.
type Fit string

// The fits; the zero value is FitInside.
const (
	FitInside Fit = ""     // whole picture, brand colour around it
	Fill      Fit = "fill" // region covered, picture cropped
)

// Layout divides a screen into regions.
type Layout struct {
	ID      LayoutID `json:"id"`
	Name    string   `json:"name"`
	Regions []Region `json:"regions"`
}

// Region is a rectangle, in fractions of the screen after rotation, drawn in the order listed. It has
// either a playlist, whose slots are counted as plays, or a widget, which is not counted.
type Region struct {
	// Name is unique in the layout, "main".
	Name     string     `json:"name"`
	X        float64    `json:"x"`
	Y        float64    `json:"y"`
	W        float64    `json:"w"`
	H        float64    `json:"h"`
	Playlist PlaylistID `json:"playlist,omitempty"`
	Widget   *Widget    `json:"widget,omitempty"`
}

// WidgetKind is what a widget draws.
type WidgetKind string

// The widgets.
const (
	ClockWidget  WidgetKind = "clock"
	TickerWidget WidgetKind = "ticker"
	QRWidget     WidgetKind = "qr"
)

// Widget is a small thing that a region draws all the time.
type Widget struct {
	Kind WidgetKind `json:"kind"`
	// Text is the ticker's line, or the words beside the QR code.
	Text string `json:"text,omitempty"`
	// URL is what the QR code says.
	URL string `json:"url,omitempty"`
}
