package playlists

// Window says when a playlist or a layout is on, and where.
type Window struct {
	ID   WindowID `json:"id"`
	Name string   `json:"name"`
	// Exactly one of Playlist and Layout is set; a playlist is the layout "full".
	Playlist PlaylistID `json:"playlist,omitempty"`
	Layout   LayoutID   `json:"layout,omitempty"`
	// Start is a five-field cron rule on the local wall clock, "0 8 * * 1-5".
	Start string `json:"start"`
	// End is where the wall clock stands when an occurrence ends.
	End LocalEnd `json:"end"`
	// First and Last are inclusive local start dates; a zero date is no bound.
	First Date `json:"first,omitzero"`
	Last  Date `json:"last,omitzero"`
	// Closures rest this window on further dates than the department's own.
	Closures []ClosureID `json:"closures,omitempty"`
	Targets  []Target    `json:"targets"`
	Except   []Target    `json:"except,omitempty"`
	// Priority decides first; the higher wins. Staff see it as layers.
	Priority int `json:"priority,omitempty"`
}

// LocalEnd is a wall-clock time some calendar days after an occurrence's start date: {Days: 1,
// Clock: 06:00} ends a 22:00 start at six the next morning. Days is 0 to 7.
type LocalEnd struct {
	Days  int   `json:"days,omitempty"`
	Clock Clock `json:"clock"`
}

// Target names screens: exactly one field is set.
type Target struct {
	Screen     ScreenID     `json:"screen,omitempty"`
	Tag        Tag          `json:"tag,omitempty"`
	Department DepartmentID `json:"department,omitempty"`
	Site       SiteID       `json:"site,omitempty"`
	// All reaches every screen of the organisation.
	All bool `json:"all,omitempty"`
}

// Closure is a set of local dates on which windows rest.
type Closure struct {
	ID    ClosureID `json:"id"`
	Name  string    `json:"name"`
	Dates []Date    `json:"dates"`
	// Names say what dates are, "Christmas Day", as far as that is known.
	Names map[Date]string `json:"names,omitempty"`
	// Calendar is where dates come from by themselves; nil if people keep them.
	Calendar *Subscription `json:"calendar,omitempty"`
}

// Subscription is an iCalendar file somewhere else that a closure follows.
type Subscription struct {
	// URL is where the file is, "https://intranet.example.org/holidays.ics".
	URL string `json:"url"`
	// Skip are names of events that close nothing, "Valentine's Day".
	Skip []string `json:"skip,omitempty"`
	// Days are those of the closure's dates that the file gave; the others are kept by hand.
	Days []Date `json:"days,omitempty"`
}
