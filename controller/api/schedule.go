package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"anteroom/controller/access"
	"anteroom/controller/publish"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// Schedule is what screens would show on some days by the newest documents, published or not. Takeovers are
// not in it.
type Schedule struct {
	From   playlists.Date  `json:"from" doc:"The first local day"`
	Days   int             `json:"days"`
	Groups []ScheduleGroup `json:"groups" doc:"Screens that show the same, the most first"`
}

// ScheduleGroup are screens of one department that show the same.
type ScheduleGroup struct {
	Department playlists.DepartmentID `json:"department"`
	Zone       string                 `json:"zone"`
	Screens    []playlists.ScreenID   `json:"screens"`
	Days       []ScheduleDay          `json:"days"`
	Layers     []ScheduleLayer        `json:"layers" doc:"Each time that a window is on, the highest priority first"`
}

// ScheduleDay is a local day; where clocks change it is longer or shorter than 24 hours.
type ScheduleDay struct {
	Date    playlists.Date `json:"date"`
	Start   time.Time      `json:"start"`
	End     time.Time      `json:"end"`
	Minutes int            `json:"minutes" doc:"How long it is: 1440, or 1380 and 1500 on most days on which clocks change"`
	Closed  bool           `json:"closed,omitempty" doc:"The department is closed: no window begins"`
}

// ScheduleLayer is one time that a window is on.
type ScheduleLayer struct {
	Window     playlists.WindowID `json:"window"`
	Name       string             `json:"name"`
	Start      time.Time          `json:"start"`
	End        time.Time          `json:"end"`
	LocalStart string             `json:"local_start" doc:"What calendar and clock on the wall show then, 2026-11-23T22:00"`
	LocalEnd   string             `json:"local_end" doc:"Likewise"`
	Priority   int                `json:"priority"`
	Chosen     string             `json:"chosen" doc:"For what the window is chosen there: the screen, a tag, the department, the site, all screens"`
	Shown      []ScheduleStretch  `json:"shown" doc:"When it is seen, within the days asked for"`
	Hidden     []ScheduleCovered  `json:"hidden" doc:"When it is not, though it is on"`
}

// ScheduleStretch is a part of time.
type ScheduleStretch struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// ScheduleCovered is a stretch in which something else has the screen.
type ScheduleCovered struct {
	Start    time.Time          `json:"start"`
	End      time.Time          `json:"end"`
	Source   playlists.Source   `json:"source" doc:"What has the screen"`
	By       playlists.WindowID `json:"by,omitempty"`
	ByName   string             `json:"by_name,omitempty"`
	Priority int                `json:"priority"`
	Reason   playlists.Reason   `json:"reason" doc:"Why not this window: lower_priority, wider_target, earlier_start, later_id, or nothing_valid if nothing of it may be shown then"`
}

// maxScheduleDays is six weeks: a month as calendars draw it.
const maxScheduleDays = 42

type scheduleInput struct {
	Department playlists.DepartmentID `query:"department" maxLength:"64" doc:"All its screens; give one of department, tag and screen"`
	Tag        playlists.Tag          `query:"tag" maxLength:"64" doc:"All screens with the tag"`
	Screen     playlists.ScreenID     `query:"screen" maxLength:"64" doc:"One screen"`
	From       string                 `query:"from" required:"true" doc:"The first local day, 2026-11-23"`
	Days       int                    `query:"days" default:"7" minimum:"1" maximum:"42" doc:"How many days"`
}

func (s *Server) schedule() {
	type out struct{ Body Schedule }
	operation(s, http.MethodGet, "/api/v1/schedule", "getSchedule", "What windows do on some days, what hides what, by the newest documents",
		func(ctx context.Context, in *scheduleInput) (*out, error) {
			schedule, err := s.scheduled(ctx, in)
			return &out{Body: schedule}, err
		})
}

func (s *Server) scheduled(ctx context.Context, in *scheduleInput) (Schedule, error) {
	from, err := playlists.ParseDate(in.From)
	if err != nil {
		return Schedule{}, fmt.Errorf("from: %w", err)
	}
	departments, err := s.scheduleOf(ctx, in)
	if err != nil {
		return Schedule{}, err
	}
	out := Schedule{From: from, Days: min(max(in.Days, 1), maxScheduleDays), Groups: []ScheduleGroup{}}
	if len(departments) == 0 {
		return out, nil
	}
	drafts, err := s.Publish.Drafts(ctx, departments, func(screen *playlists.Screen) bool {
		return (in.Screen == "" || in.Screen == screen.ID) && (in.Tag == "" || slices.Contains(screen.Tags, in.Tag))
	})
	if err != nil {
		return Schedule{}, err
	}
	for i := range drafts {
		group, err := scheduleGroup(&drafts[i], from, out.Days)
		if err != nil {
			return Schedule{}, err
		}
		out.Groups = append(out.Groups, group)
	}
	return out, nil
}

// scheduleOf gives the departments whose screens are asked for, as far as whoever asks may see them.
func (s *Server) scheduleOf(ctx context.Context, in *scheduleInput) ([]playlists.DepartmentID, error) {
	sees := func(d playlists.DepartmentID) error {
		return may(ctx, access.See, access.Object{Kind: "screen", Departments: single(d)})
	}
	switch {
	case in.Screen != "":
		screen, err := s.screen(ctx, in.Screen)
		if err != nil {
			return nil, err
		}
		return single(screen.Department), sees(screen.Department)
	case in.Department != "":
		err := s.Store.View(ctx, func(v store.View) error {
			_, err := v.Get("department", string(in.Department))
			return missing(err, "department", string(in.Department))
		})
		return single(in.Department), errors.Join(err, sees(in.Department))
	case in.Tag == "":
		return nil, playlists.Refuse(playlists.ErrInvalid, "give a department, a tag or a screen")
	}
	return s.tagged(ctx, in.Tag, sees)
}

// tagged gives the departments of the screens with a tag that sees does not refuse.
func (s *Server) tagged(ctx context.Context, tag playlists.Tag, sees func(playlists.DepartmentID) error) ([]playlists.DepartmentID, error) {
	screens, err := s.screens.newest(ctx, s.Store)
	if err != nil {
		return nil, err
	}
	var all []playlists.DepartmentID
	met := map[playlists.DepartmentID]bool{}
	for i := range screens {
		screen := &screens[i].value
		if !slices.Contains(screen.Tags, tag) || met[screen.Department] {
			continue
		}
		met[screen.Department] = true
		if sees(screen.Department) == nil {
			all = append(all, screen.Department)
		}
	}
	return all, nil
}

// scheduleGroup lays out the days of screens that show the same.
func scheduleGroup(d *publish.Drafted, from playlists.Date, days int) (ScheduleGroup, error) {
	programme, err := d.Programme()
	if err != nil {
		return ScheduleGroup{}, err
	}
	zone := programme.Zone()
	g := ScheduleGroup{Department: d.Body.Department, Zone: d.Body.Zone, Screens: d.Screens, Days: []ScheduleDay{}, Layers: []ScheduleLayer{}}
	for n := range days {
		date := from.AddDays(n)
		start, end := zone.DayStart(date), zone.DayStart(date.AddDays(1))
		g.Days = append(g.Days, ScheduleDay{
			Date: date, Start: start, End: end, Minutes: int(end.Sub(start) / time.Minute), Closed: slices.Contains(d.Body.ClosedDates, date),
		})
	}
	for _, l := range programme.Layers(zone.DayStart(from), zone.DayStart(from.AddDays(days))) {
		g.Layers = append(g.Layers, scheduleLayer(&l, zone))
	}
	return g, nil
}

func scheduleLayer(l *playlists.Layer, zone *playlists.Zone) ScheduleLayer {
	wall := func(t time.Time) string {
		date, clock, _ := zone.Local(t)
		return date.String() + "T" + clock.String()
	}
	out := ScheduleLayer{
		Window: l.Window, Name: l.Name, Start: l.Start, End: l.End, LocalStart: wall(l.Start), LocalEnd: wall(l.End),
		Priority: l.Priority, Chosen: l.Narrowness.String(), Shown: []ScheduleStretch{}, Hidden: []ScheduleCovered{},
	}
	for _, s := range l.Shown {
		out.Shown = append(out.Shown, ScheduleStretch(s))
	}
	for _, h := range l.Hidden {
		out.Hidden = append(out.Hidden, ScheduleCovered{
			Start: h.Start, End: h.End, Source: h.By.Source, By: h.By.Window, ByName: h.By.Name, Priority: h.By.Priority, Reason: h.Reason,
		})
	}
	return out
}
