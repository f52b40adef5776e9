package playlists

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// MissedFloor is a floor that screens of a department miss.
type MissedFloor struct {
	Affected

	Department DepartmentID `json:"department"`
	Floor      Floor        `json:"floor"`
	Title      string       `json:"title,omitempty" doc:"The title of the floor's item, if it is of one"`
	Hours      int          `json:"hours" doc:"In how many hours any of the screens misses it"`
	OpenHours  int          `json:"open_hours" doc:"How many hours count: full ones within opening hours, on dates that are not closed"`
	Worst      time.Time    `json:"worst" doc:"When the hour with the fewest plays on one screen begins, the first of such"`
	Screen     ScreenID     `json:"screen" doc:"That screen"`
	Plays      int          `json:"plays" doc:"How many plays it shows in that hour"`
	Phase      Phase        `json:"phase,omitempty" doc:"Of which phase those are, if every phase must show: that of which there are fewest"`
	Owner      Owner        `json:"owner" doc:"What has that screen for the longest stretch of that hour"`
	Playlists  []PlaylistID `json:"playlists" doc:"What plays in that stretch"`
}

// floorsTally adds up what the screens of a department miss of its floors.
type floorsTally struct {
	open   int
	floors []floorTally
}

func (t *tally) addFloors(c *comparison) {
	if c.department == nil || len(c.department.Floors) == 0 {
		return
	}
	all := entry(t.floors, c.department.ID)
	if all.floors == nil {
		all.floors = make([]floorTally, len(c.department.Floors))
		for f, fl := range c.department.Floors {
			all.floors[f].missed.Department, all.floors[f].missed.Floor, all.floors[f].missed.Title = c.department.ID, fl, c.after.items[fl.Item].Title
		}
	}
	misses, open := c.after.p.Misses(c.department, c.after.items, instantOf(max(nanos(t.d.From), c.since)), t.d.To)
	all.open = max(all.open, open)
	for f := range misses {
		all.floors[f].add(c.after.p, c.screens, misses[f])
	}
}

// missedFloors lists them by department, in each in its order.
func (t *tally) missedFloors() []MissedFloor {
	missed := []MissedFloor{}
	for _, id := range slices.Sorted(maps.Keys(t.floors)) {
		all := t.floors[id]
		for f := range all.floors {
			if one := &all.floors[f]; one.worstOf != nil {
				one.missed.OpenHours = all.open
				missed = append(missed, one.result())
			}
		}
	}
	return missed
}

// floorTally adds up what screens miss of one floor.
type floorTally struct {
	missed MissedFloor
	hours  map[time.Time]bool
	// worstOf is the programme in which the worst hour is.
	worstOf *Programme
}

func (t *floorTally) add(p *Programme, screens []ScreenID, misses []Miss) {
	if len(misses) == 0 || len(screens) == 0 {
		return
	}
	if t.hours == nil {
		t.hours = map[time.Time]bool{}
	}
	t.missed.add(screens)
	for _, m := range misses {
		t.hours[m.Hour] = true
		by := cmp.Or(cmp.Compare(m.Plays, t.missed.Plays), m.Hour.Compare(t.missed.Worst), cmp.Compare(screens[0], t.missed.Screen))
		if t.worstOf == nil || by < 0 {
			t.worstOf, t.missed.Worst, t.missed.Screen, t.missed.Plays, t.missed.Phase = p, m.Hour, screens[0], m.Plays, m.Phase
		}
	}
}

// result says what has the screen in the worst hour.
func (t *floorTally) result() MissedFloor {
	m := t.missed
	m.Hours = len(t.hours)
	longest := slices.MaxFunc(t.worstOf.Spans(m.Worst, m.Worst.Add(time.Hour)), func(a, b Span) int {
		return cmp.Compare(a.End.Sub(a.Start), b.End.Sub(b.Start))
	})
	m.Owner, m.Playlists = t.worstOf.owner(ownerKey{longest.Source, longest.Window}), []PlaylistID{}
	if longest.Layout == nil {
		return m
	}
	for _, r := range longest.Layout.Regions {
		if r.Loop != none {
			m.Playlists = append(m.Playlists, t.worstOf.body.Loops[r.Loop].Playlist)
		}
	}
	slices.Sort(m.Playlists)
	m.Playlists = slices.Compact(m.Playlists)
	return m
}
