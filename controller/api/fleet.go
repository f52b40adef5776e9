package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"anteroom/controller/access"
	"anteroom/controller/players"
	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// ScreenState is what staff need to know of a screen first.
type ScreenState string

// The states.
const (
	// Playing: linked, and the stage draws.
	Playing ScreenState = "playing"
	// Alone: no link, so it plays on from its cache, for weeks if it must.
	Alone ScreenState = "alone"
	// NoPicture: its player says that nothing is on the glass, or has not drawn for a while.
	NoPicture ScreenState = "no-picture"
	// NeverSeen: paired, and never heard of since.
	NeverSeen ScreenState = "never-seen"
	// Unpaired: no player serves it.
	Unpaired ScreenState = "unpaired"
	// Revoked: staff cut its player off.
	Revoked ScreenState = "revoked"
)

// FleetScreen is a screen as it is now.
type FleetScreen struct {
	StateWords

	ID             playlists.ScreenID     `json:"id"`
	Name           string                 `json:"name"`
	Department     playlists.DepartmentID `json:"department"`
	DepartmentName string                 `json:"department_name"`
	Zone           string                 `json:"zone" doc:"The department's time zone"`
	Site           playlists.SiteID       `json:"site"`
	Player         playlists.PlayerID     `json:"player,omitempty"`
	State          ScreenState            `json:"state" enum:"playing,alone,no-picture,never-seen,unpaired,revoked"`
	StateText      string                 `json:"state_text" doc:"The state in plain words"`
	Linked         bool                   `json:"linked"`
	// Since is when the link came or went, LastHeard when the player last said anything.
	Since      time.Time              `json:"since,omitzero"`
	LastHeard  time.Time              `json:"last_heard,omitzero"`
	Showing    []FleetShowing         `json:"showing"`
	Source     playlists.Source       `json:"source,omitempty"`
	Window     playlists.WindowID     `json:"window,omitempty"`
	NextChange time.Time              `json:"next_change,omitzero"`
	Next       []FleetShowing         `json:"next" doc:"What begins at next_change, as far as its player knows"`
	PlaysToday int64                  `json:"plays_today" doc:"Plays that have arrived since midnight at the screen, and can be read"`
	Clock      playlists.ClockQuality `json:"clock,omitempty"`
	DiskFree   int64                  `json:"disk_free" doc:"Bytes"`
	Cache      int64                  `json:"cache" doc:"Bytes"`
	Unsent     uint64                 `json:"unsent" doc:"Plays that wait in the player's journal"`
	// Generation is what the player has, Offered what it is to have.
	Generation uint64             `json:"generation"`
	Offered    uint64             `json:"offered"`
	Software   string             `json:"software,omitempty"`
	Notes      []playlists.Remark `json:"notes" doc:"Faults worth a person's look, newest last"`
	Rotation   int                `json:"rotation"`
	Width      int                `json:"width"`
	Height     int                `json:"height"`
	SnapshotAt time.Time          `json:"snapshot_at,omitzero" doc:"When the newest picture came"`
	// Done is the order that the player carried out last.
	Done *DoneOrder `json:"done,omitempty" doc:"The order that its player carried out last"`
}

// StateWords are what a state's words say, for who says them in another language.
type StateWords struct {
	StateCode  string    `json:"state_code" enum:"playing,fetching,alone,no-display,restarting,display-off,slate,never-heard,unpaired,revoked" doc:"Names the words"`
	StateAt    time.Time `json:"state_at,omitzero" doc:"The time in them, by the screen's wall clock: alone since then, or last heard then"`
	StateFiles int       `json:"state_files,omitempty" doc:"How many files are in them"`
}

// words say the state in English.
func (w StateWords) words(now time.Time) string {
	switch at := clockWords(w.StateAt, w.StateAt.Location(), now); w.StateCode {
	case "fetching":
		return "Playing and linked; fetching " + filesOf(w.StateFiles) + " for what comes next"
	case "alone":
		return "Playing on its own since " + at
	case "no-display":
		return "No picture: the player finds no display; last heard at " + at
	case "restarting":
		return "No picture for a moment: the player restarts its drawing"
	case "display-off":
		return "No picture: the display is switched off"
	case "slate":
		return "Nothing to show but the slate: publish its department, or give that a filler"
	case "never-heard":
		return "Nothing has been heard of its player yet"
	case "unpaired":
		return "Waiting to be paired"
	case "revoked":
		return "Cut off by staff"
	}
	return "Playing and linked"
}

// FleetShowing is what one region shows, or shows next.
type FleetShowing struct {
	Region   string             `json:"region"`
	Item     playlists.ItemID   `json:"item,omitempty"`
	Title    string             `json:"title"`
	Language playlists.Language `json:"language,omitempty"`
	Until    time.Time          `json:"until,omitzero"`
}

func (s *Server) fleet() {
	type fleetInput struct {
		Screens []string `query:"screens" doc:"Ids, separated by commas; without any, all screens come"`
	}
	type showingInput struct {
		Title string `query:"title" required:"true" minLength:"1" maxLength:"200" doc:"Words that are all in the title"`
	}
	operation(s, http.MethodGet, "/api/v1/fleet", "getFleet", "Screens as they are now",
		func(ctx context.Context, in *fleetInput) (*list[FleetScreen], error) {
			rows, err := s.fleetNow(ctx, in.Screens)
			out := &list[FleetScreen]{}
			out.Body.Items = rows
			return out, err
		})
	operation(s, http.MethodGet, "/api/v1/fleet/showing", "findShowing", "The screens that show something with these words in its title now",
		func(ctx context.Context, in *showingInput) (*list[playlists.ScreenID], error) {
			found, err := s.outline.showing(ctx, s, in.Title)
			out := &list[playlists.ScreenID]{}
			out.Body.Items = found
			return out, err
		})
	operation(s, http.MethodGet, "/api/v1/screens/{id}/snapshot", "getSnapshot",
		"The newest picture of a screen, or nothing (204) while there is none; asking keeps pictures coming for 15 s",
		func(ctx context.Context, in *idInput) (*huma.StreamResponse, error) {
			return s.snapshot(ctx, playlists.ScreenID(in.ID))
		}, answers("image/jpeg"), func(op *huma.Operation) { op.Responses["204"] = &huma.Response{Description: "No picture yet"} })
	s.events()
}

func (s *Server) snapshot(ctx context.Context, id playlists.ScreenID) (*huma.StreamResponse, error) {
	if err := s.mayScreen(ctx, access.See, "screen", id); err != nil {
		return nil, err
	}
	s.Players.Watch(id)
	jpeg, at, ok := s.Players.Snapshot(id)
	if !ok {
		return &huma.StreamResponse{Body: func(to huma.Context) { to.SetStatus(http.StatusNoContent) }}, nil
	}
	return &huma.StreamResponse{Body: func(to huma.Context) {
		to.SetHeader("Content-Type", "image/jpeg")
		to.SetHeader("Last-Modified", at.UTC().Format(http.TimeFormat))
		if _, err := to.BodyWriter().Write(jpeg); err != nil {
			s.log.DebugContext(ctx, "snapshot not sent", slogErr(err))
		}
	}}, nil
}

// fleetNow gives the screens that whoever asks may see, by department and name: those of ids, or all without any.
func (s *Server) fleetNow(ctx context.Context, ids []string) ([]FleetScreen, error) {
	places, err := s.outline.known(ctx, s)
	if err != nil {
		return nil, err
	}
	counts, err := s.counts.today(ctx, s, places)
	if err != nil {
		return nil, err
	}
	wanted := map[playlists.ScreenID]bool{}
	for _, id := range ids {
		wanted[playlists.ScreenID(id)] = true
	}
	generations, cutOff, seen := s.Publish.Screens(), s.Players.CutOff(), visible(ctx)
	rows := []FleetScreen{}
	for i := range places {
		p := &places[i]
		if len(ids) > 0 && !wanted[p.screen.ID] || !seen(p.screen.Department) {
			continue
		}
		row := s.fleetRow(p, cutOff)
		row.PlaysToday, row.Offered = counts[p.screen.ID], generations[p.screen.ID]
		rows = append(rows, row)
	}
	return rows, nil
}

func compareNames[K cmp.Ordered](a, b string, idA, idB K) int {
	return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(idA, idB))
}

// neverHeard is said of a player that was paired and has not linked since.
const neverHeard = "never-heard"

// unserved is the state of a screen without a player, which staff may have cut off.
func unserved(cutOff bool) (state ScreenState, code string) {
	if cutOff {
		return Revoked, "revoked"
	}
	return Unpaired, "unpaired"
}

func (s *Server) fleetRow(p *place, cutOff map[playlists.ScreenID]bool) FleetScreen {
	screen, d := &p.screen, &p.department
	row := FleetScreen{
		ID: screen.ID, Name: screen.Name, Department: screen.Department, DepartmentName: d.Name, Zone: d.Zone, Site: d.Site,
		Rotation: screen.Rotation, Showing: []FleetShowing{}, Next: []FleetShowing{}, Notes: []playlists.Remark{},
	}
	_, row.SnapshotAt, _ = s.Players.Snapshot(screen.ID)
	player, ok := s.Players.OfScreen(screen.ID)
	if !ok {
		row.State, row.StateCode = unserved(cutOff[screen.ID])
		row.StateText = row.words(s.Now())
		return row
	}
	row.Player, row.Software = player.ID, player.Software
	row.Width, row.Height = player.Abilities.Width, player.Abilities.Height
	presence, ok := s.Players.Presence(player.ID)
	if !ok || presence.LastHeard.IsZero() {
		row.State, row.StateCode = NeverSeen, neverHeard
		row.StateText = row.words(s.Now())
		return row
	}
	row.health(presence)
	row.State, row.StateWords = stateOf(presence, p.zone)
	row.StateText = row.words(s.Now())
	return row
}

// health takes over what the player says of itself.
func (row *FleetScreen) health(p players.Presence) {
	h := p.Heartbeat.Health
	row.Linked, row.Since, row.LastHeard = p.Linked, p.Since, p.LastHeard
	row.Source, row.Window, row.NextChange = h.Source, h.Window, h.NextChange
	row.Clock, row.DiskFree, row.Cache, row.Unsent = h.Clock, h.DiskFree, h.CacheUsed, h.Unsent
	row.Generation, row.Done = p.Heartbeat.State.Generation, h.Done
	for _, n := range h.Showing {
		row.Showing = append(row.Showing, fleetShowing(n, h.Source))
	}
	for _, n := range h.Next {
		row.Next = append(row.Next, fleetShowing(n, h.Source))
	}
	for i, text := range h.Notes {
		note := playlists.Remark{Text: text}
		if i < len(h.Said) {
			note.Phrase = h.Said[i]
		}
		row.Notes = append(row.Notes, note)
	}
	if n := len(h.SetAside); n == 1 {
		row.Notes = append(row.Notes, playlists.Noted("1 file set aside because showing failed three times"))
	} else if n > 1 {
		row.Notes = append(row.Notes, playlists.Noted("%d files set aside because showing failed three times", n))
	}
	for _, a := range p.Alarms {
		row.Notes = append(row.Notes, a.Remark)
	}
}

// fleetShowing names what has none of the library's titles: a takeover's slide.
func fleetShowing(n wire.NowShowing, source playlists.Source) FleetShowing {
	if source == playlists.FromTakeover && n.Item == "" {
		n.Title = cmp.Or(n.Title, "Takeover")
	}
	return FleetShowing(n)
}

// stateOf says what a player's presence means to people, with times on the screen's wall clock.
func stateOf(p players.Presence, zone *time.Location) (ScreenState, StateWords) {
	h := p.Heartbeat.Health
	switch {
	case !p.Linked:
		return Alone, StateWords{StateCode: "alone", StateAt: minuteOf(p.Since, zone)}
	case h.Stage == "no-display":
		return NoPicture, StateWords{StateCode: "no-display", StateAt: minuteOf(p.LastHeard, zone)}
	case h.Stage == "restarting":
		return NoPicture, StateWords{StateCode: "restarting"}
	case h.Display == playlists.DisplayOff:
		return NoPicture, StateWords{StateCode: "display-off"}
	case h.Source == playlists.FromSlate:
		return NoPicture, StateWords{StateCode: "slate"}
	case h.Offered != 0 && h.Missing > 0:
		return Playing, StateWords{StateCode: "fetching", StateFiles: h.Missing}
	}
	return Playing, StateWords{StateCode: "playing"}
}

// minuteOf is an instant on the wall, to the minute: who looks on is not told of less.
func minuteOf(t time.Time, zone *time.Location) time.Time { return t.In(zone).Truncate(time.Minute) }

// filesOf says "1 file", "2 files".
func filesOf(n int) string {
	if n == 1 {
		return "1 file"
	}
	return strconv.Itoa(n) + " files"
}

// clockWords says a time of today as 14:05, and another day's with its date.
func clockWords(t time.Time, zone *time.Location, now time.Time) string {
	t, now = t.In(zone), now.In(zone)
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return t.Format("15:04")
	}
	return t.Format("2 January, 15:04")
}

// zoneOf is for words only; what decides about screens has zones of its own (playlists.Zone).
func zoneOf(d playlists.Department) *time.Location {
	if zone, err := time.LoadLocation(d.Zone); err == nil {
		return zone
	}
	return time.UTC
}

func (s *Server) screensByID(ctx context.Context) (map[playlists.ScreenID]playlists.Screen, error) {
	all, err := s.screens.newest(ctx, s.Store)
	if err != nil {
		return nil, err
	}
	return s.byID.of(all), nil
}

// screensByID are the newest screens of a list, by their ids.
type screensByID struct {
	mu   sync.Mutex
	list []copied[playlists.Screen]
	by   map[playlists.ScreenID]playlists.Screen
}

// of gives them as a map, which nobody may change; it is made anew for another list.
func (b *screensByID) of(list []copied[playlists.Screen]) map[playlists.ScreenID]playlists.Screen {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.by != nil && len(list) == len(b.list) && (len(list) == 0 || &list[0] == &b.list[0]) {
		return b.by
	}
	by := make(map[playlists.ScreenID]playlists.Screen, len(list))
	for i := range list {
		by[playlists.ScreenID(list[i].id)] = list[i].value
	}
	b.list, b.by = list, by
	return by
}

func (s *Server) screen(ctx context.Context, id playlists.ScreenID) (playlists.Screen, error) {
	var screen playlists.Screen
	err := s.Store.View(ctx, func(v store.View) error {
		doc, err := v.Get("screen", string(id))
		if err != nil {
			return missing(err, "screen", string(id))
		}
		screen, err = domain[playlists.Screen](doc)
		return err
	})
	return screen, err
}

// countsFor is how long counts of today's plays are good for, at least; and rareCounts how many times as long as
// counting takes they are, where there are many.
const (
	countsFor  = 4 * time.Second
	rareCounts = 30
)

// dayCounts remembers today's plays for a moment, however many people look. While one counts, the others are given
// what was counted before.
type dayCounts struct {
	counting sync.Mutex

	mu     sync.Mutex
	until  time.Time
	counts map[playlists.ScreenID]int64
}

func (c *dayCounts) last() (counts map[playlists.ScreenID]int64, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts, c.until
}

// today counts the plays of each screen since midnight there; what failed is no play.
func (c *dayCounts) today(ctx context.Context, s *Server, places []place) (map[playlists.ScreenID]int64, error) {
	if counts, until := c.last(); counts != nil && s.Now().Before(until) {
		return counts, nil
	}
	if !c.counting.TryLock() {
		if counts, _ := c.last(); counts != nil {
			return counts, nil
		}
		c.counting.Lock()
	}
	defer c.counting.Unlock()
	began := s.Now()
	if counts, until := c.last(); counts != nil && began.Before(until) {
		return counts, nil // another counted meanwhile
	}
	counts, err := s.countToday(ctx, places, began)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts, c.until = counts, now.Add(max(countsFor, rareCounts*now.Sub(began)))
	return counts, nil
}

func (s *Server) countToday(ctx context.Context, places []place, now time.Time) (map[playlists.ScreenID]int64, error) {
	starts, earliest := s.midnights(places, now)
	midnights := make(map[playlists.ScreenID]time.Time, len(places))
	for i := range places {
		if at, ok := starts[places[i].screen.Department]; ok {
			midnights[places[i].screen.ID] = at
		}
	}
	counts := map[playlists.ScreenID]int64{}
	for r, err := range s.Store.Rollups(ctx, earliest, now.Add(time.Hour)) {
		if monthMissing(err) {
			continue // in the first days of a month: what screens show must be seen all the same
		}
		if err != nil {
			return nil, fmt.Errorf("counting today's plays: %w", err)
		}
		midnight, ok := midnights[r.Key.Screen]
		if ok && r.Entry.Outcome.Shown() && !r.Key.Hour.Before(midnight) {
			counts[r.Key.Screen] += r.Count
		}
	}
	return counts, nil
}

// midnights gives when the present day began in each department, and the earliest of them.
func (s *Server) midnights(places []place, now time.Time) (starts map[playlists.DepartmentID]time.Time, earliest time.Time) {
	starts, earliest = map[playlists.DepartmentID]time.Time{}, now
	for i := range places {
		id, d := places[i].screen.Department, &places[i].department
		if _, known := starts[id]; known {
			continue
		}
		tzif, err := s.Zones(d.Zone)
		if err != nil {
			continue // the department cannot be published before its zone is put right
		}
		zone, err := playlists.ParseZone(d.Zone, tzif)
		if err != nil {
			continue
		}
		day, _, _ := zone.Local(now)
		starts[id] = zone.DayStart(day)
		if starts[id].Before(earliest) {
			earliest = starts[id]
		}
	}
	return starts, earliest
}
