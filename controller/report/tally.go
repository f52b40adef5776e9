package report

import (
	"slices"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// apart says what the rows of a query need kept apart, and of which screens.
func (q Query) apart(places Places) store.Apart {
	return store.Apart{
		Day: slices.Contains(q.By, ByDay), Item: len(q.Items) > 0 || slices.Contains(q.By, ByItem), Takeover: true,
		Group: q.groups(places),
	}
}

// groups says to which group a screen belongs, and which are asked for; nil if all are, and rows do not tell them apart.
func (q Query) groups(places Places) func(playlists.ScreenID) (string, bool) {
	byScreen, byDepartment := slices.Contains(q.By, ByScreen), slices.Contains(q.By, ByDepartment)
	if !byScreen && !byDepartment && len(q.Departments) == 0 && len(q.Screens) == 0 {
		return nil
	}
	return func(screen playlists.ScreenID) (string, bool) {
		department := places(screen)
		asked := among(q.Departments, department) && among(q.Screens, screen)
		switch {
		case byScreen:
			return string(screen), asked
		case byDepartment:
			return string(department), asked
		}
		return "", asked
	}
}

// keyOf gives the key of a group's row on a day, without what was shown.
func (q Query) keyOf(group string, day playlists.Date, places Places) Key {
	k := Key{Department: playlists.DepartmentID(group), Day: day}
	if slices.Contains(q.By, ByScreen) {
		k.Screen = playlists.ScreenID(group)
		if slices.Contains(q.By, ByDepartment) {
			k.Department = places(k.Screen)
		}
	}
	return k.only(q.By)
}

// tally adds figures up by row.
type tally struct {
	query  Query
	places Places
	byItem bool
	rows   map[row]*Figures
}

// row is what a figure counts in.
type row struct {
	group    string
	day      playlists.Date
	item     playlists.ItemID
	takeover playlists.TakeoverID
	// told: of a takeover, whether or not rows name it.
	told bool
}

func newTally(q Query, places Places) *tally {
	return &tally{query: q, places: places, byItem: slices.Contains(q.By, ByItem), rows: map[row]*Figures{}}
}

// add counts a figure; false if its outcome is none that we know.
func (t *tally) add(s *store.Sum) bool {
	if !known(s.Entry.Outcome) {
		return false
	}
	r := row{group: s.Group, day: s.Day, told: s.Entry.Takeover != ""}
	switch {
	case !t.byItem:
	case r.told:
		r.takeover = s.Entry.Takeover
	default:
		r.item = s.Entry.Item
	}
	f := t.rows[r]
	if f == nil {
		f = &Figures{}
		t.rows[r] = f
	}
	f.add(s)
	return true
}

// sorted gives all rows, and those of takeovers, ascending by key.
func (t *tally) sorted() (items, takeovers []Row) {
	var all [2][]*Row
	for r, f := range t.rows {
		k := t.query.keyOf(r.group, r.day, t.places)
		k.Item, k.Takeover = r.item, r.takeover
		of := &all[0]
		if r.told {
			of = &all[1]
		}
		*of = append(*of, &Row{k, *f})
	}
	return ascending(all[0]), ascending(all[1])
}

// ascending gives rows by key.
func ascending(rows []*Row) []Row {
	slices.SortFunc(rows, func(a, b *Row) int { return a.compare(&b.Key) }) // a row takes longer to move than to compare
	sorted := make([]Row, len(rows))
	for i, r := range rows {
		sorted[i] = *r
	}
	return sorted
}
