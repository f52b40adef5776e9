package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"anteroom/controller/access"
	"anteroom/controller/players"
	"anteroom/controller/store"
	"anteroom/playlists"
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
	PlaysToday int64                  `json:"plays_today" doc:"Plays that have arrived since midnight at the screen, and can be read"`
	Clock      playlists.ClockQuality `json:"clock,omitempty"`
	DiskFree   int64                  `json:"disk_free" doc:"Bytes"`
	Cache      int64                  `json:"cache" doc:"Bytes"`
	Unsent     uint64                 `json:"unsent" doc:"Plays that wait in the player's journal"`
	// Generation is what the player has, Offered what it is to have.
	Generation uint64    `json:"generation"`
	Offered    uint64    `json:"offered"`
	Software   string    `json:"software,omitempty"`
	Notes      []string  `json:"notes" doc:"Faults worth a person's look, newest last"`
	Rotation   int       `json:"rotation"`
	Width      int       `json:"width"`
	Height     int       `json:"height"`
	SnapshotAt time.Time `json:"snapshot_at,omitzero" doc:"When the newest picture came"`
}

// FleetShowing is what one region shows.
type FleetShowing struct {
	Region   string             `json:"region"`
	Item     playlists.ItemID   `json:"item,omitempty"`
	Title    string             `json:"title"`
	Language playlists.Language `json:"language,omitempty"`
	Until    time.Time          `json:"until,omitzero"`
}

func (s *Server) fleet() {
	operation(s, http.MethodGet, "/api/v1/fleet", "getFleet", "Every screen as it is now",
		func(ctx context.Context, _ *listInput) (*list[FleetScreen], error) {
			rows, err := s.fleetNow(ctx)
			out := &list[FleetScreen]{}
			out.Body.Items = rows
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

// fleetNow gives every screen that whoever asks may see, by department and name.
func (s *Server) fleetNow(ctx context.Context) ([]FleetScreen, error) {
	screens, err := s.screensByID(ctx)
	if err != nil {
		return nil, err
	}
	departments, err := documentsByID[playlists.DepartmentID, playlists.Department](ctx, s.Store, "department")
	if err != nil {
		return nil, err
	}
	counts, err := s.counts.today(ctx, s, departments, screens)
	if err != nil {
		return nil, err
	}
	generations, revoked := s.Publish.Screens(), s.revoked()
	rows := []FleetScreen{}
	for id, screen := range screens {
		if may(ctx, access.See, access.Object{Kind: "screen", Departments: single(screen.Department)}) != nil {
			continue
		}
		row := s.fleetRow(screen, departments[screen.Department])
		row.PlaysToday, row.Offered = counts[id], generations[id]
		if row.State == Unpaired && revoked[id] {
			row.State, row.StateText = Revoked, "Cut off by staff"
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b FleetScreen) int {
		return cmp.Or(compareNames(a.DepartmentName, b.DepartmentName, a.Department, b.Department), compareNames(a.Name, b.Name, a.ID, b.ID))
	})
	return rows, nil
}

func compareNames[K cmp.Ordered](a, b string, idA, idB K) int {
	return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(idA, idB))
}

// revoked are the screens whose last player was cut off.
func (s *Server) revoked() map[playlists.ScreenID]bool {
	cut := map[playlists.ScreenID]bool{}
	for _, p := range s.Players.All() {
		if p.Revoked() {
			cut[p.Screen] = true
		}
	}
	return cut
}

func (s *Server) fleetRow(screen playlists.Screen, d playlists.Department) FleetScreen {
	row := FleetScreen{
		ID: screen.ID, Name: screen.Name, Department: screen.Department, DepartmentName: d.Name, Zone: d.Zone, Site: d.Site,
		Rotation: screen.Rotation, State: Unpaired, StateText: "Waiting to be paired", Showing: []FleetShowing{}, Notes: []string{},
	}
	_, row.SnapshotAt, _ = s.Players.Snapshot(screen.ID)
	player, ok := s.Players.OfScreen(screen.ID)
	if !ok {
		return row
	}
	row.Player, row.Software = player.ID, player.Software
	row.Width, row.Height = player.Abilities.Width, player.Abilities.Height
	presence, ok := s.Players.Presence(player.ID)
	if !ok || presence.LastHeard.IsZero() {
		row.State, row.StateText = NeverSeen, "Nothing has been heard of its player yet"
		return row
	}
	row.health(presence)
	row.State, row.StateText = stateOf(presence, zoneOf(d), s.Now())
	return row
}

// health takes over what the player says of itself.
func (row *FleetScreen) health(p players.Presence) {
	h := p.Heartbeat.Health
	row.Linked, row.Since, row.LastHeard = p.Linked, p.Since, p.LastHeard
	row.Source, row.Window, row.NextChange = h.Source, h.Window, h.NextChange
	row.Clock, row.DiskFree, row.Cache, row.Unsent = h.Clock, h.DiskFree, h.CacheUsed, h.Unsent
	row.Generation = p.Heartbeat.State.Generation
	for _, n := range h.Showing {
		if h.Source == playlists.FromTakeover {
			n.Title = cmp.Or(n.Title, "Takeover") // its slides have none of the library's titles
		}
		row.Showing = append(row.Showing, FleetShowing(n))
	}
	row.Notes = append(row.Notes, h.Notes...)
	if len(h.SetAside) > 0 {
		row.Notes = append(row.Notes, filesOf(len(h.SetAside))+" set aside because showing failed three times")
	}
	for _, a := range p.Alarms {
		row.Notes = append(row.Notes, a.Text)
	}
}

// stateOf says what a player's presence means to people, with times on the screen's wall clock.
func stateOf(p players.Presence, zone *time.Location, now time.Time) (state ScreenState, words string) {
	h := p.Heartbeat.Health
	switch {
	case !p.Linked:
		return Alone, "Playing on its own since " + clockWords(p.Since, zone, now)
	case h.Stage == "no-display":
		return NoPicture, "No picture: the player finds no display; last heard at " + clockWords(p.LastHeard, zone, now)
	case h.Stage == "restarting":
		return NoPicture, "No picture for a moment: the player restarts its drawing"
	case h.Display == playlists.DisplayOff:
		return NoPicture, "No picture: the display is switched off"
	case h.Source == playlists.FromSlate:
		return NoPicture, "Nothing to show but the slate: publish its department, or give that a filler"
	case h.Offered != 0 && h.Missing > 0:
		return Playing, "Playing and linked; fetching " + filesOf(h.Missing) + " for what comes next"
	}
	return Playing, "Playing and linked"
}

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
	return documentsByID[playlists.ScreenID, playlists.Screen](ctx, s.Store, "screen")
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

// countsFor is how long counts of today's plays are good for.
const countsFor = 4 * time.Second

// dayCounts remembers today's plays for a moment, however many people look.
type dayCounts struct {
	mu     sync.Mutex
	at     time.Time
	counts map[playlists.ScreenID]int64
}

// today counts the plays of each screen since midnight there; what failed is no play.
func (c *dayCounts) today(ctx context.Context, s *Server, departments map[playlists.DepartmentID]playlists.Department, screens map[playlists.ScreenID]playlists.Screen) (map[playlists.ScreenID]int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := s.Now()
	if c.counts != nil && now.Sub(c.at) < countsFor {
		return c.counts, nil
	}
	starts, earliest := s.midnights(departments, now)
	counts := map[playlists.ScreenID]int64{}
	for r, err := range s.Store.Rollups(ctx, earliest, now.Add(time.Hour)) {
		if month := (*store.DamagedMonthError)(nil); errors.As(err, &month) {
			continue // in the first days of a month: what screens show must be seen all the same
		}
		if err != nil {
			return nil, fmt.Errorf("counting today's plays: %w", err)
		}
		midnight, ok := starts[screens[r.Key.Screen].Department]
		if ok && r.Entry.Outcome.Shown() && !r.Key.Hour.Before(midnight) {
			counts[r.Key.Screen] += r.Count
		}
	}
	c.at, c.counts = now, counts
	return counts, nil
}

// midnights gives when the present day began in each department, and the earliest of them.
func (s *Server) midnights(departments map[playlists.DepartmentID]playlists.Department, now time.Time) (starts map[playlists.DepartmentID]time.Time, earliest time.Time) {
	starts, earliest = map[playlists.DepartmentID]time.Time{}, now
	for id, d := range departments {
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
