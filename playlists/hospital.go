package playlists

import "slices"

// Hospital is every document that a compilation reads, one revision of each, as a publication pins
// them. The maps are keyed by the documents' own ids. It is never modified once built.
type Hospital struct {
	Organisation Organisation
	Sites        map[SiteID]Site
	Departments  map[DepartmentID]Department
	Screens      map[ScreenID]Screen
	Items        map[ItemID]Item
	Playlists    map[PlaylistID]Playlist
	Layouts      map[LayoutID]Layout
	Windows      map[WindowID]Window
	Closures     map[ClosureID]Closure
	// Demands are by department; those that nobody asks have none.
	Demands map[DepartmentID]Demand
	// States are by department; clinics in no state may have none.
	States map[DepartmentID]States
}

// Organisation owns everything; there is one.
type Organisation struct {
	Name  string `json:"name"`
	Brand Brand  `json:"brand"`
	// Logo is a picture that stands above the name where nothing else shows; nil if there is none.
	Logo *Asset `json:"logo,omitempty"`
	// Websites are those that may show a department's page in a frame, by their origins: "https://www.lakeside.example".
	Websites []string `json:"websites,omitempty" doc:"Websites that may show a department's page for websites in a frame, as origins: https://www.lakeside.example"`
}

// Brand is how the organisation looks where nothing else is drawn, and on its slides.
type Brand struct {
	// Name is written on the slate, "Lakeside Hospital".
	Name string `json:"name"`
	// Background and Ink are sRGB colours, "#0b3d4c". Ink on Background has a contrast of at least 4.5.
	Background string `json:"background"`
	Ink        string `json:"ink"`
	// Accent is for rules and numbers on slides, never for text alone.
	Accent string `json:"accent"`
}

// Site is a building or campus.
type Site struct {
	ID   SiteID `json:"id"`
	Name string `json:"name"`
}

// Department is a clinic or ward with a waiting room: the unit that people schedule for.
type Department struct {
	ID   DepartmentID `json:"id"`
	Site SiteID       `json:"site"`
	Name string       `json:"name"`
	// Zone is an IANA zone, "America/New_York"; all local times of the department are in it.
	Zone string `json:"zone"`
	// Hours are the opening hours, on the wall clock; none means always open.
	Hours []Hours `json:"hours,omitempty"`
	// Contacts are told of its screens' troubles, in opening hours.
	Contacts []Contact `json:"contacts,omitempty"`
	// Closures hold the dates on which every window of the department rests.
	Closures []ClosureID `json:"closures,omitempty"`
	// Languages is the language mix; the twelfths add up to 12.
	Languages []LanguageShare `json:"languages"`
	// LanguageTargets move the mix in loops whose items lack languages, until each has its part there.
	LanguageTargets []LanguageTarget `json:"language_targets,omitempty"`
	// Fallback is taken where an entry has no rendition in the mix.
	Fallback Language `json:"fallback"`
	// Filler shows when nothing applies; empty means the slate.
	Filler PlaylistID `json:"filler,omitempty"`
	// Closed shows on closed dates where no earlier occurrence still runs; empty means the filler.
	Closed PlaylistID `json:"closed,omitempty"`
	// Demand says whether it follows what its patients ask for; nil if it does not.
	Demand *DemandRules `json:"demand,omitempty"`
	// Floors are what its screens must show at least while it is open.
	Floors []Floor `json:"floors,omitempty"`
	// Ask are the topics that its patients may ask for on their phones.
	Ask []Topic `json:"ask,omitempty" doc:"Topics of the tree that its patients may ask for on their phones, in this order; none: they are not asked"`
}

// LanguageShare is a language's part of the mix, in twelfths of the showings.
type LanguageShare struct {
	Language Language `json:"language"`
	Twelfths int      `json:"twelfths"`
}

// Hours is one span of opening hours on some weekdays; To is exclusive and later than From.
type Hours struct {
	// Days are 0 (Sunday) to 6 (Saturday).
	Days []int `json:"days"`
	From Clock `json:"from"`
	To   Clock `json:"to"`
}

// Screen is a place on a wall. Its history stays with it whichever player serves it.
type Screen struct {
	ID         ScreenID     `json:"id"`
	Department DepartmentID `json:"department"`
	// Name says where it hangs, "Paediatrics, by the window".
	Name string `json:"name"`
	Tags []Tag  `json:"tags,omitempty"`
	// Rotation turns the picture clockwise by 0, 90, 180 or 270 degrees.
	Rotation int `json:"rotation,omitempty"`
	// Volume of sound, 0 (the default: silent) to 100.
	Volume int `json:"volume,omitempty"`
	// Moment is that of a visit at which people stand before it; empty: they wait.
	Moment Moment `json:"moment,omitempty" enum:"arriving,waiting,called_soon,leaving" doc:"The moment of a visit at which people stand before it; absent: they wait"`
}

// Abilities are what a player says of its machine in hello; the zero value stands for a screen of
// 1920 x 1080 that nobody has served yet.
type Abilities struct {
	// Width and Height are the panel's pixels before rotation.
	Width  int `json:"width"`
	Height int `json:"height"`
	// SoftwareGL: there is no GPU, so 720p, cuts and no moving ticker.
	SoftwareGL bool `json:"software_gl,omitempty"`
	// Decoders are the video codecs that the machine decodes, "h264", "vp9".
	Decoders []string `json:"decoders,omitempty"`
}

// Equal reports whether two machines have the same abilities.
func (a Abilities) Equal(b Abilities) bool {
	return a.Width == b.Width && a.Height == b.Height && a.SoftwareGL == b.SoftwareGL && slices.Equal(a.Decoders, b.Decoders)
}
