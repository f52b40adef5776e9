package notify

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"anteroom/playlists"
)

// Patience is how long a screen must be in trouble, in opening hours, before anybody is told; and how long the
// last screens of a site may take to come back after the first.
const Patience = 10 * time.Minute

// Trouble is what is wrong with a screen.
type Trouble string

// The troubles.
const (
	Well      Trouble = ""
	NoPicture Trouble = "no-picture"
	Unheard   Trouble = "unheard"
)

// Screen is a screen with a player at an instant.
type Screen struct {
	ID         playlists.ScreenID
	Player     playlists.PlayerID
	Department playlists.DepartmentID
	Site       playlists.SiteID
	Trouble    Trouble
	// Since is when the trouble began.
	Since time.Time
	// Alarms are what only people can settle, such as two players with one identity.
	Alarms []string
}

// Due is an item that runs out of date, and the departments that show it.
type Due struct {
	playlists.Due

	Departments []playlists.DepartmentID
}

// Look is everything at an instant.
type Look struct {
	At      time.Time
	Screens []Screen
	// Open is since when departments have been open; those that are closed are not in it.
	Open map[playlists.DepartmentID]time.Time
	Due  []Due
}

// Outage is a trouble that was told and is not over.
type Outage struct {
	Since   time.Time `json:"since"`
	Trouble Trouble   `json:"trouble"`
}

// SiteOutage is one of all screens of a site, told at once.
type SiteOutage struct {
	Since   time.Time            `json:"since"`
	Screens []playlists.ScreenID `json:"screens"`
	// Returning is when the first of them came back.
	Returning time.Time `json:"returning,omitzero"`
}

// Told is what was told and is not over. It is never changed: [Decide] gives another.
type Told struct {
	Screens map[playlists.ScreenID]Outage   `json:"screens,omitempty"`
	Sites   map[playlists.SiteID]SiteOutage `json:"sites,omitempty"`
	// Alarms are texts by player.
	Alarms map[playlists.PlayerID][]string `json:"alarms,omitempty"`
	// Due are departments by item, field and day.
	Due map[string][]playlists.DepartmentID `json:"due,omitempty"`
}

// Kind is what a message is about.
type Kind string

// The kinds of message.
const (
	ScreenOut  Kind = "screen-out"
	ScreenWell Kind = "screen-well"
	SiteOut    Kind = "site-out"
	SiteWell   Kind = "site-well"
	Alarmed    Kind = "alarm"
	ItemsDue   Kind = "items-due"
	Test       Kind = "test"
)

// Message is something to tell the contacts of departments.
type Message struct {
	Kind        Kind                     `json:"kind"`
	At          time.Time                `json:"at"`
	Departments []playlists.DepartmentID `json:"departments"`
	Site        playlists.SiteID         `json:"site,omitempty"`
	// Screens are those that it is about; when a site is well again, those that are not.
	Screens []playlists.ScreenID `json:"screens,omitempty"`
	Trouble Trouble              `json:"trouble,omitempty"`
	Since   time.Time            `json:"since,omitzero"`
	Text    string               `json:"text,omitempty"`
	Due     []playlists.Due      `json:"due,omitempty"`
}

// Decide says what is to be told now. Nobody is told of anything while they are closed; what was not over then is
// told of when they open, if it is still so.
func Decide(told Told, l *Look) (Told, []Message) {
	d := &decision{look: l, told: told.clone()}
	d.forget()
	sites := map[playlists.SiteID][]Screen{}
	for _, s := range l.Screens {
		sites[s.Site] = append(sites[s.Site], s)
	}
	for _, site := range slices.Sorted(maps.Keys(sites)) {
		d.site(site, sites[site])
	}
	for _, s := range l.Screens {
		d.well(s)
		d.alarms(s)
	}
	d.due()
	return d.told, d.messages
}

type decision struct {
	look     *Look
	told     Told
	messages []Message
}

func (t Told) clone() Told {
	c := Told{Screens: maps.Clone(t.Screens), Sites: maps.Clone(t.Sites), Alarms: maps.Clone(t.Alarms), Due: maps.Clone(t.Due)}
	if c.Screens == nil {
		c.Screens = map[playlists.ScreenID]Outage{}
	}
	if c.Sites == nil {
		c.Sites = map[playlists.SiteID]SiteOutage{}
	}
	if c.Alarms == nil {
		c.Alarms = map[playlists.PlayerID][]string{}
	}
	if c.Due == nil {
		c.Due = map[string][]playlists.DepartmentID{}
	}
	return c
}

func (d *decision) say(m Message) {
	m.At = d.look.At
	d.messages = append(d.messages, m)
}

func (d *decision) open(department playlists.DepartmentID) bool {
	_, ok := d.look.Open[department]
	return ok
}

// forget drops what was told of screens, players and items that are not there any more.
func (d *decision) forget() {
	screens, players, due := map[playlists.ScreenID]bool{}, map[playlists.PlayerID]bool{}, map[string]bool{}
	for _, s := range d.look.Screens {
		screens[s.ID], players[s.Player] = true, true
	}
	for _, one := range d.look.Due {
		due[keyOf(one.Due)] = true
	}
	maps.DeleteFunc(d.told.Screens, func(id playlists.ScreenID, _ Outage) bool { return !screens[id] })
	maps.DeleteFunc(d.told.Alarms, func(id playlists.PlayerID, _ []string) bool { return !players[id] })
	maps.DeleteFunc(d.told.Due, func(key string, _ []playlists.DepartmentID) bool { return !due[key] })
	for id, out := range d.told.Sites {
		out.Screens = slices.DeleteFunc(slices.Clone(out.Screens), func(s playlists.ScreenID) bool { return !screens[s] })
		d.told.Sites[id] = out
		if len(out.Screens) == 0 {
			delete(d.told.Sites, id)
		}
	}
}

// ripe reports whether a screen has been in trouble for long enough while its department was open.
func (d *decision) ripe(s Screen) bool {
	opened, open := d.look.Open[s.Department]
	if !open || s.Trouble == Well {
		return false
	}
	since := s.Since
	if opened.After(since) {
		since = opened
	}
	return d.look.At.Sub(since) >= Patience
}

// site tells of the screens of a site: of all at once where none of them is well.
func (d *decision) site(id playlists.SiteID, screens []Screen) {
	watched := slices.DeleteFunc(slices.Clone(screens), func(s Screen) bool { return !d.open(s.Department) })
	all := len(watched) > 1 && !slices.ContainsFunc(watched, func(s Screen) bool { return s.Trouble == Well })
	out, known := d.told.Sites[id]
	if known {
		d.returning(id, out, screens, watched, all)
		return
	}
	var fresh []Screen
	for _, s := range watched {
		if _, told := d.told.Screens[s.ID]; !told && d.ripe(s) {
			fresh = append(fresh, s)
		}
	}
	if all && len(fresh) > 0 {
		d.siteOut(id, watched)
		return
	}
	for _, s := range fresh {
		d.told.Screens[s.ID] = Outage{s.Since, s.Trouble}
		d.say(Message{Kind: ScreenOut, Departments: one(s.Department), Site: id, Screens: one(s.ID), Trouble: s.Trouble, Since: s.Since})
	}
}

func one[T any](t T) []T { return []T{t} }

func (d *decision) siteOut(id playlists.SiteID, watched []Screen) {
	m := Message{Kind: SiteOut, Site: id}
	out := SiteOutage{}
	for _, s := range watched {
		m.Screens = append(m.Screens, s.ID)
		m.Departments = append(m.Departments, s.Department)
		if m.Since.IsZero() || s.Since.Before(m.Since) {
			m.Since = s.Since
		}
		if _, told := d.told.Screens[s.ID]; !told {
			out.Screens = append(out.Screens, s.ID)
		}
	}
	slices.Sort(m.Departments)
	m.Departments = slices.Compact(m.Departments)
	out.Since = m.Since
	d.told.Sites[id] = out
	d.say(m)
}

// returning goes on with a site that was told of, until all its screens are well, or some have been for a while.
func (d *decision) returning(id playlists.SiteID, out SiteOutage, screens, watched []Screen, all bool) {
	if all || len(watched) == 0 {
		if all {
			out.Returning = time.Time{}
		}
		d.told.Sites[id] = out
		return
	}
	if out.Returning.IsZero() {
		out.Returning = d.look.At
	}
	d.told.Sites[id] = out
	m := Message{Kind: SiteWell, Site: id, Since: out.Since}
	still := map[playlists.ScreenID]Outage{}
	for _, s := range screens {
		if !slices.Contains(out.Screens, s.ID) {
			continue
		}
		if s.Trouble != Well {
			m.Screens = append(m.Screens, s.ID)
			still[s.ID] = Outage{s.Since, s.Trouble}
		}
	}
	if len(still) > 0 && d.look.At.Sub(out.Returning) < Patience {
		return
	}
	for _, s := range watched {
		m.Departments = append(m.Departments, s.Department)
	}
	slices.Sort(m.Departments)
	m.Departments = slices.Compact(m.Departments)
	delete(d.told.Sites, id)
	maps.Copy(d.told.Screens, still)
	d.say(m)
}

// well tells that a screen's trouble is over.
func (d *decision) well(s Screen) {
	out, told := d.told.Screens[s.ID]
	if !told || s.Trouble != Well || !d.open(s.Department) {
		return
	}
	delete(d.told.Screens, s.ID)
	d.say(Message{Kind: ScreenWell, Departments: one(s.Department), Site: s.Site, Screens: one(s.ID), Trouble: out.Trouble, Since: out.Since})
}

// alarms tells of each alarm of a player once.
func (d *decision) alarms(s Screen) {
	for _, text := range s.Alarms {
		if slices.Contains(d.told.Alarms[s.Player], text) || !d.open(s.Department) {
			continue
		}
		d.told.Alarms[s.Player] = append(slices.Clone(d.told.Alarms[s.Player]), text)
		d.say(Message{Kind: Alarmed, Departments: one(s.Department), Site: s.Site, Screens: one(s.ID), Text: text})
	}
}

func keyOf(due playlists.Due) string {
	return string(due.Item) + " " + due.Field + " " + due.On.String()
}

// due tells each department once of each item, of all at once that are new.
func (d *decision) due() {
	by := map[playlists.DepartmentID][]playlists.Due{}
	for _, due := range d.look.Due {
		key := keyOf(due.Due)
		for _, department := range due.Departments {
			if d.open(department) && !slices.Contains(d.told.Due[key], department) {
				d.told.Due[key] = append(slices.Clone(d.told.Due[key]), department)
				by[department] = append(by[department], due.Due)
			}
		}
	}
	for _, department := range slices.SortedFunc(maps.Keys(by), cmp.Compare[playlists.DepartmentID]) {
		d.say(Message{Kind: ItemsDue, Departments: one(department), Due: by[department]})
	}
}
