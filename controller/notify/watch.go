package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"anteroom/controller/players"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// silent is how long a linked player may say nothing before it counts as not heard of.
const silent = 2 * time.Minute

// dueEvery is how often the library is read for what runs out of date.
const dueEvery = time.Hour

// Players is what is known of them.
type Players interface {
	OfScreen(playlists.ScreenID) (players.Player, bool)
	Presence(playlists.PlayerID) (players.Presence, bool)
}

// Watch looks at a controller's screens.
type Watch struct {
	Store   store.Documents
	Players Players
	Zones   playlists.ZoneData
	// Due is what runs out of date.
	Due func(ctx context.Context) ([]Due, error)
	// URL is where the console is.
	URL string
	// Started is since when players could be heard: nobody is blamed for the time before.
	Started time.Time

	mu sync.Mutex
	// dark is since when screens have been seen without a picture.
	dark  map[playlists.ScreenID]time.Time
	due   []Due
	dueAt time.Time
}

// Look is how everything is now.
func (w *Watch) Look(ctx context.Context) (*Look, *Names, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now().UTC()
	l := &Look{At: now, Open: map[playlists.DepartmentID]time.Time{}}
	names := newNames(w.URL)
	closures := map[playlists.ClosureID]playlists.Closure{}
	screens := map[playlists.ScreenID]playlists.Screen{}
	err := w.Store.View(ctx, func(v store.View) error { return read(v, names, screens, closures) })
	if err != nil {
		return nil, nil, fmt.Errorf("reading the hospital: %w", err)
	}
	if !names.anybody() {
		return l, names, nil // there is nobody to tell
	}
	for id, d := range names.Departments {
		if since, open := w.open(&d, closures, now); open {
			l.Open[id] = since
		}
	}
	for id, s := range screens {
		if p, ok := w.Players.OfScreen(id); ok && !p.Revoked() {
			l.Screens = append(l.Screens, w.screen(s, names.Departments[s.Department].Site, p, now))
		}
	}
	if w.Due != nil && now.Sub(w.dueAt) >= dueEvery {
		if w.due, err = w.Due(ctx); err != nil {
			return nil, nil, fmt.Errorf("reading what runs out of date: %w", err)
		}
		w.dueAt = now
	}
	l.Due = w.due
	return l, names, nil
}

func newNames(url string) *Names {
	n := &Names{
		Screens: map[playlists.ScreenID]string{}, Sites: map[playlists.SiteID]string{}, Items: map[playlists.ItemID]string{},
		Departments: map[playlists.DepartmentID]playlists.Department{}, URL: url,
	}
	n.Zone = func(d playlists.DepartmentID) *time.Location {
		// For words only; what decides has zones of its own (playlists.Zone).
		if zone, err := time.LoadLocation(n.Departments[d].Zone); err == nil {
			return zone
		}
		return time.UTC
	}
	return n
}

func read(v store.View, n *Names, screens map[playlists.ScreenID]playlists.Screen, closures map[playlists.ClosureID]playlists.Closure) error {
	for _, k := range []struct {
		kind store.Kind
		take func(body []byte) error
	}{
		{"department", func(b []byte) error { return into(b, func(d playlists.Department) { n.Departments[d.ID] = d }) }},
		{"site", func(b []byte) error { return into(b, func(s playlists.Site) { n.Sites[s.ID] = s.Name }) }},
		{"closure", func(b []byte) error { return into(b, func(c playlists.Closure) { closures[c.ID] = c }) }},
		{"item", func(b []byte) error { return into(b, func(i playlists.Item) { n.Items[i.ID] = i.Title }) }},
		{"screen", func(b []byte) error {
			return into(b, func(s playlists.Screen) { screens[s.ID], n.Screens[s.ID] = s, s.Name })
		}},
	} {
		for doc, err := range v.List(k.kind) {
			if err == nil {
				err = k.take(doc.Body)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", k.kind, err)
			}
		}
		if !n.anybody() {
			return nil
		}
	}
	return nil
}

// anybody reports whether some department has a contact.
func (n *Names) anybody() bool {
	for _, d := range n.Departments {
		if len(d.Contacts) > 0 {
			return true
		}
	}
	return false
}

func into[T any](body []byte, take func(T)) error {
	var t T
	if err := json.Unmarshal(body, &t); err != nil {
		return err
	}
	take(t)
	return nil
}

// open is since when a department is open. One whose zone nobody knows cannot be published, and counts as closed.
func (w *Watch) open(d *playlists.Department, closures map[playlists.ClosureID]playlists.Closure, now time.Time) (time.Time, bool) {
	tzif, err := w.Zones(d.Zone)
	if err != nil {
		return time.Time{}, false
	}
	zone, err := playlists.ParseZone(d.Zone, tzif)
	if err != nil {
		return time.Time{}, false
	}
	closed := map[playlists.Date]bool{}
	for _, id := range d.Closures {
		for _, date := range closures[id].Dates {
			closed[date] = true
		}
	}
	return d.OpenSince(zone, func(day playlists.Date) bool { return closed[day] }, now)
}

func (w *Watch) screen(s playlists.Screen, site playlists.SiteID, p players.Player, now time.Time) Screen {
	seen := Screen{ID: s.ID, Player: p.ID, Department: s.Department, Site: site}
	presence, _ := w.Players.Presence(p.ID)
	for _, a := range presence.Alarms {
		seen.Alarms = append(seen.Alarms, a.Text)
	}
	if !presence.Linked || now.Sub(presence.LastHeard) > silent {
		seen.Trouble, seen.Since = Unheard, latest(now, presence.LastHeard, p.PairedAt, w.Started)
		return seen
	}
	if !dark(presence) {
		delete(w.dark, s.ID)
		return seen
	}
	if w.dark == nil {
		w.dark = map[playlists.ScreenID]time.Time{}
	}
	if _, known := w.dark[s.ID]; !known {
		w.dark[s.ID] = now
	}
	seen.Trouble, seen.Since = NoPicture, w.dark[s.ID]
	return seen
}

// dark: nothing is on the glass, as far as the player knows.
func dark(p players.Presence) bool {
	h := p.Heartbeat.Health
	return h.Stage == "no-display" || h.Stage == "restarting" || h.Display == playlists.DisplayOff
}

// latest is the last of some times, of those that are over: another comes from a clock that was wrong.
func latest(now time.Time, times ...time.Time) time.Time {
	var last time.Time
	for _, t := range times {
		if t.After(last) && !t.After(now) {
			last = t
		}
	}
	return last
}
