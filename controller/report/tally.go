package report

import (
	"slices"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// tally adds rollups up by row. Those of a screen's day come together, so that only their items need be
// looked for, one by one.
type tally struct {
	query  Query
	places Places
	byItem bool
	groups map[Key]*group

	// The last screen and day, and where they count: nowhere if the query is not about them.
	screen playlists.ScreenID
	day    playlists.Date
	at     *group
}

// group is the rows that differ by what was shown alone.
type group struct {
	key       Key
	items     map[playlists.ItemID]*Figures
	takeovers map[playlists.TakeoverID]*Figures

	// The last item, and its figures.
	item playlists.ItemID
	last *Figures
}

func newTally(q Query, places Places) *tally {
	return &tally{query: q, places: places, byItem: slices.Contains(q.By, ByItem), groups: map[Key]*group{}}
}

// groupOf gives the group of a screen's day; nil if the query is not about it.
func (t *tally) groupOf(r *store.DayRollup) *group {
	if r.Day != t.day || r.Screen != t.screen {
		t.day, t.screen, t.at = r.Day, r.Screen, t.find(r.Screen, r.Day)
	}
	return t.at
}

func (t *tally) find(screen playlists.ScreenID, day playlists.Date) *group {
	q, department := &t.query, t.places(screen)
	if day.Compare(q.From) < 0 || day.Compare(q.To) > 0 || !among(q.Departments, department) || !among(q.Screens, screen) {
		return nil
	}
	k := Key{Department: department, Screen: screen, Day: day}.only(q.By)
	g := t.groups[k]
	if g == nil {
		g = &group{key: k, items: map[playlists.ItemID]*Figures{}, takeovers: map[playlists.TakeoverID]*Figures{}}
		t.groups[k] = g
	}
	return g
}

// add counts a rollup of a group; false if its outcome is none that we know.
func (t *tally) add(g *group, r *store.DayRollup) bool {
	if !known(r.Entry.Outcome) {
		return false
	}
	item, takeover := r.Entry.Item, r.Entry.Takeover
	if !t.byItem {
		item = ""
	}
	if takeover == "" {
		g.of(item).add(r)
		return true
	}
	if !t.byItem {
		takeover = ""
	}
	figures(g.takeovers, takeover).add(r)
	return true
}

// of gives the figures of an item; without items in a report's rows it is always the same.
func (g *group) of(item playlists.ItemID) *Figures {
	if g.last == nil || g.item != item {
		g.item, g.last = item, figures(g.items, item)
	}
	return g.last
}

func figures[ID ~string](of map[ID]*Figures, id ID) *Figures {
	f := of[id]
	if f == nil {
		f = &Figures{}
		of[id] = f
	}
	return f
}

// rows gives all rows, and those of takeovers, ascending by key.
func (t *tally) rows() (items, takeovers []Row) {
	items, takeovers = []Row{}, []Row{}
	for _, g := range t.groups {
		for item, f := range g.items {
			k := g.key
			k.Item = item
			items = append(items, Row{k, *f})
		}
		for takeover, f := range g.takeovers {
			k := g.key
			k.Takeover = takeover
			takeovers = append(takeovers, Row{k, *f})
		}
	}
	for _, rows := range [][]Row{items, takeovers} {
		slices.SortFunc(rows, func(a, b Row) int { return a.compare(b.Key) })
	}
	return items, takeovers
}
