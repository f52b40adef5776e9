package playlists

import (
	"cmp"
	"slices"
	"time"
)

// Exchange is one manifest taking the place of another on screens of which all show the same, before and
// after.
type Exchange struct {
	Screens []ScreenID
	// Before is nil on screens that have shown nothing yet.
	Before, After *Manifest
	// Since is when After takes over; before it, nothing differs.
	Since time.Time
	// Department is that of the screens, whose floors After has to keep; nil if nobody asks.
	Department *Department
}

// ItemNews is what documents say of an item and bodies do not.
type ItemNews struct {
	// Title also is that of items that no body shows.
	Title string
	// ReviewBy is the last day, at the screen, before somebody must have looked at it again.
	ReviewBy Date
	// Waiting: a newer version waits to be approved, and the one before it shows.
	Waiting bool
	Phase   Phase
	Topics  []Topic
}

// Difference is what an exchange of programmes changes for the people in front of screens, and what of
// the new programmes somebody should look at. Lengths of time are in milliseconds and added up over
// screens: two screens for a minute are 120,000. Takeovers are not in it.
type Difference struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Screens is how many were compared, ChangedScreens on how many anything differs.
	Screens        int `json:"screens"`
	ChangedScreens int `json:"changed_screens"`
	// ChangedMillis is how long any region shows another item, version or language, or lies elsewhere.
	ChangedMillis int64 `json:"changed_millis"`
	// Changes divide that by department and by what has the screen before and after; the longest first.
	Changes []Changeover `json:"changes"`
	// IdleMillis is how long nothing is scheduled, so that the filler or the slate shows; Idle lists those
	// stretches, the first first.
	IdleMillis int64  `json:"idle_millis"`
	Idle       []Idle `json:"idle"`
	// Items lists what is amiss with items, by kind and then the longest first.
	Items []ItemNote `json:"items"`
	// Floors lists those that departments miss, by department and in its order.
	Floors []MissedFloor `json:"floors"`
}

// Owner is what has a screen.
type Owner struct {
	Source Source   `json:"source"`
	Window WindowID `json:"window,omitempty"`
	// Name is the window's.
	Name string `json:"name,omitempty"`
}

// Affected counts the screens that something is about.
type Affected struct {
	Screens int `json:"screens"`
	// Some names a few of them, ascending.
	Some []ScreenID `json:"some"`
}

// Changeover is what differs while Before has the screens and After would.
type Changeover struct {
	Affected

	Department DepartmentID `json:"department"`
	Before     Owner        `json:"before"`
	After      Owner        `json:"after"`
	// First is when it differs for the first time.
	First  time.Time `json:"first"`
	Millis int64     `json:"millis"`
}

// Idle is a stretch of time for which a department's screens have nothing scheduled.
type Idle struct {
	Affected

	Department DepartmentID `json:"department"`
	Start      time.Time    `json:"start"`
	End        time.Time    `json:"end"`
	// Source is what shows instead: the filler or the slate.
	Source Source `json:"source"`
	// New: until now something is scheduled then.
	New bool `json:"new"`
}

// Amiss is what is amiss with an item.
type Amiss string

// The kinds, in the order in which they are listed.
const (
	// Expired: its validity is over, so that its turns go to others.
	Expired Amiss = "expired"
	// PastReview: it shows after the day by which somebody was to look at it again.
	PastReview Amiss = "past_review"
	// Unapproved: it shows in the version before, as its changes wait to be approved. What was never
	// approved shows nowhere and is a [Problem].
	Unapproved Amiss = "unapproved"
	// Uncaptioned: a video with words and without captions.
	Uncaptioned Amiss = "uncaptioned"
)

func allAmiss() []Amiss { return []Amiss{Expired, PastReview, Unapproved, Uncaptioned} }

// ItemNote is something amiss with an item in the new programmes.
type ItemNote struct {
	Affected

	Kind  Amiss  `json:"kind"`
	Item  ItemID `json:"item"`
	Title string `json:"title"`
	// First is when it is so for the first time, Millis for how long in all; Before is the same of the
	// programmes of now.
	First  time.Time `json:"first"`
	Millis int64     `json:"millis"`
	Before int64     `json:"before"`
}

// Diff compares programmes from one instant to another, exactly: it goes from change to change and takes
// no samples. Items may be nil. A malformed body is an [ErrInvalid]. It begins and ends on the whole
// millisecond before what it is given, so that its parts add up to the whole.
func Diff(exchanges []Exchange, items map[ItemID]ItemNews, from, to time.Time) (Difference, error) {
	from, to = from.Truncate(time.Millisecond), to.Truncate(time.Millisecond)
	t := tally{
		d:       Difference{From: from, To: to},
		changes: map[changeKey]*Changeover{}, idle: map[idleKey]*Idle{}, notes: map[noteKey]*ItemNote{}, floors: map[DepartmentID]*floorsTally{},
	}
	for _, e := range exchanges {
		c, err := newComparison(e, items)
		if err != nil {
			return Difference{}, err
		}
		c.run(nanos(from), nanos(to))
		t.add(c)
	}
	return t.result(), nil
}

// tally adds up what differs over exchanges.
type tally struct {
	d       Difference
	changes map[changeKey]*Changeover
	idle    map[idleKey]*Idle
	notes   map[noteKey]*ItemNote
	floors  map[DepartmentID]*floorsTally
}

type changeKey struct {
	department    DepartmentID
	before, after Owner
}

type idleKey struct {
	department DepartmentID
	stretch    idleStretch
}

type noteKey struct {
	kind Amiss
	item ItemID
}

func (t *tally) add(c *comparison) {
	n, department := int64(len(c.screens)), c.after.p.body.Department
	t.d.Screens += len(c.screens)
	if len(c.changed) > 0 {
		t.d.ChangedScreens += len(c.screens)
	}
	for owners, spell := range c.changed {
		change := entry(t.changes, changeKey{department, c.before.p.owner(owners.before), c.after.p.owner(owners.after)})
		change.add(c.screens)
		change.First = earliest(change.First, spell.first)
		change.Millis += n * spell.millis()
		t.d.ChangedMillis += n * spell.millis()
	}
	for _, stretch := range c.idle {
		idle := entry(t.idle, idleKey{department, stretch})
		idle.add(c.screens)
		t.d.IdleMillis += n * (stretch.end - stretch.start) / int64(time.Millisecond)
	}
	for key, spell := range c.after.notes {
		note := entry(t.notes, key)
		note.Title = c.after.title(key.item)
		note.add(c.screens)
		note.First = earliest(note.First, spell.first)
		note.Millis += n * spell.millis()
	}
	for key, spell := range c.before.notes {
		entry(t.notes, key).Before += n * spell.millis()
	}
	t.addFloors(c)
}

// entry is the value of a key, made if need be.
func entry[K comparable, V any](m map[K]*V, key K) *V {
	if m[key] == nil {
		m[key] = new(V)
	}
	return m[key]
}

func earliest(a time.Time, n int64) time.Time {
	if b := instantOf(n); a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// someScreens is how many screens are named where many are counted.
const someScreens = 5

// add counts screens, which ascend.
func (a *Affected) add(screens []ScreenID) {
	a.Screens += len(screens)
	a.Some = slices.Concat(a.Some, screens[:min(len(screens), someScreens)])
	slices.Sort(a.Some)
	a.Some = a.Some[:min(len(a.Some), someScreens)]
}

func (t *tally) result() Difference {
	d := t.d
	d.Changes, d.Idle, d.Items, d.Floors = []Changeover{}, []Idle{}, []ItemNote{}, t.missedFloors()
	for key, c := range t.changes {
		c.Department, c.Before, c.After = key.department, key.before, key.after
		d.Changes = append(d.Changes, *c)
	}
	slices.SortFunc(d.Changes, func(a, b Changeover) int {
		return cmp.Or(cmp.Compare(b.Millis, a.Millis), a.First.Compare(b.First), cmp.Compare(a.Department, b.Department),
			a.Before.compare(b.Before), a.After.compare(b.After))
	})
	for key, i := range t.idle {
		i.Department, i.Source, i.New = key.department, key.stretch.source, key.stretch.fresh
		i.Start, i.End = instantOf(key.stretch.start), instantOf(key.stretch.end)
		d.Idle = append(d.Idle, *i)
	}
	slices.SortFunc(d.Idle, func(a, b Idle) int {
		return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End), cmp.Compare(a.Department, b.Department), cmp.Compare(a.Source, b.Source), newFirst(a, b))
	})
	for key, note := range t.notes {
		if note.Millis > 0 { // what is amiss only in the programmes of now goes with them
			note.Kind, note.Item = key.kind, key.item
			d.Items = append(d.Items, *note)
		}
	}
	slices.SortFunc(d.Items, func(a, b ItemNote) int {
		return cmp.Or(cmp.Compare(slices.Index(allAmiss(), a.Kind), slices.Index(allAmiss(), b.Kind)), cmp.Compare(b.Millis, a.Millis), cmp.Compare(a.Item, b.Item))
	})
	return d
}

func newFirst(a, b Idle) int {
	switch {
	case a.New == b.New:
		return 0
	case a.New:
		return -1
	}
	return 1
}

func (o Owner) compare(p Owner) int {
	return cmp.Or(cmp.Compare(rankOf(o.Source), rankOf(p.Source)), cmp.Compare(o.Window, p.Window))
}
