// Package coverage says, department by department, which phases of care reach people in which language: what the library
// has, what is scheduled, and what was really shown. It is pure.
package coverage

import (
	"slices"
	"time"

	"anteroom/playlists"
)

// Gap is why a phase of care does not reach people in a language. The first that applies is named: closing it comes first.
type Gap string

// The gaps, in the order in which they are closed.
const (
	// NoItem: the library has nothing of the phase.
	NoItem Gap = "no-item"
	// NoLanguage: the library has something of the phase, in other languages only.
	NoLanguage Gap = "no-language"
	// NotReady: what the library has of it waits for review, was sent back, or is not valid now.
	NotReady Gap = "not-ready"
	// NotScheduled: nothing of it shows in the coming days while the department is open.
	NotScheduled Gap = "not-scheduled"
	// NotShown: it is scheduled, and was not shown for as long as anybody looked back.
	NotShown Gap = "not-shown"
)

// Shown adds plays up that were shown from beginning to end.
type Shown struct {
	Plays  int64
	Millis int64
}

func (s Shown) with(o Shown) Shown { return Shown{s.Plays + o.Plays, s.Millis + o.Millis} }

// What is an item in one language.
type What struct {
	Item     playlists.ItemID
	Language playlists.Language
}

// Plan is how often each item shows in a language, over the screens of a department.
type Plan struct {
	// Screens is how many there are of those that have a programme.
	Screens int
	// Hours is how many hours of these screens count, those of each by itself.
	Hours int
	// Plays are those of all screens together.
	Plays map[What]int
}

// Add takes so many screens of one programme in, with what it has scheduled in so many hours.
func (p *Plan) Add(screens int, scheduled []playlists.Scheduled, hours int) {
	p.Screens += screens
	p.Hours += screens * hours
	for _, s := range scheduled {
		p.Plays[What{s.Item, s.Language}] += screens * s.Plays
	}
}

// Evidence is what is known of a department besides the library.
type Evidence struct {
	Plan Plan
	// Week is what was shown in the last 7 days, Month in the last 30, that week included.
	Week, Month map[What]Shown
}

// NewEvidence knows nothing yet.
func NewEvidence() *Evidence {
	return &Evidence{Plan: Plan{Plays: map[What]int{}}, Week: map[What]Shown{}, Month: map[What]Shown{}}
}

// AddWeek counts plays of the last 7 days.
func (e *Evidence) AddWeek(w What, s Shown) {
	e.Week[w] = e.Week[w].with(s)
	e.AddEarlier(w, s)
}

// AddEarlier counts plays of the last 30 days that are not of the last 7.
func (e *Evidence) AddEarlier(w What, s Shown) { e.Month[w] = e.Month[w].with(s) }

// Cell is what reaches people of one phase in one language.
type Cell struct {
	// Phase is empty for items of no phase.
	Phase    playlists.Phase
	Language playlists.Language
	// Ready is how many items are approved and valid now, Others how many are not.
	Ready, Others int
	// PerHour is how often one of them shows on a screen in an hour in which the department is open, on average over its
	// screens and such hours.
	PerHour     float64
	Week, Month Shown
	Gap         Gap
	// Lacking are items of the phase that are ready and not in this language, ascending.
	Lacking []playlists.ItemID
}

// Languages are those in which a department speaks: its mix, the largest share first, and its first fallback.
func Languages(d *playlists.Department) []playlists.Language {
	mix := slices.Clone(d.Languages)
	slices.SortStableFunc(mix, func(a, b playlists.LanguageShare) int { return b.Twelfths - a.Twelfths })
	var languages []playlists.Language
	for _, share := range mix {
		languages = append(languages, share.Language)
	}
	if d.Fallback != "" && !slices.Contains(languages, d.Fallback) {
		languages = append(languages, d.Fallback)
	}
	return languages
}

// Of gives the cells of a department: for each phase in the order of a patient's way, and at last for items of none if
// there are any, one for each of its [Languages]. What has no words speaks every language, and counts in each.
func Of(d *playlists.Department, items []*playlists.Item, e *Evidence, now time.Time) []Cell {
	phases := playlists.Phases()
	if slices.ContainsFunc(items, func(i *playlists.Item) bool { return i.Phase == "" && i.GoesTo(playlists.Screens) }) {
		phases = append(phases, "")
	}
	var cells []Cell
	for _, phase := range phases {
		of := inPhase(items, phase)
		for _, language := range Languages(d) {
			cells = append(cells, cellOf(phase, language, of, e, now))
		}
	}
	return cells
}

// inPhase gives the items of a phase that go to screens.
func inPhase(items []*playlists.Item, phase playlists.Phase) []*playlists.Item {
	var of []*playlists.Item
	for _, i := range items {
		if i.Phase == phase && i.GoesTo(playlists.Screens) {
			of = append(of, i)
		}
	}
	return of
}

func cellOf(phase playlists.Phase, language playlists.Language, items []*playlists.Item, e *Evidence, now time.Time) Cell {
	c := Cell{Phase: phase, Language: language}
	plays := 0
	for _, i := range items {
		c.stock(i, now)
		for _, spoken := range []playlists.Language{language, playlists.NoWords} {
			what := What{i.ID, spoken}
			plays += e.Plan.Plays[what]
			c.Week, c.Month = c.Week.with(e.Week[what]), c.Month.with(e.Month[what])
		}
	}
	if e.Plan.Hours > 0 {
		c.PerHour = float64(plays) / float64(e.Plan.Hours)
	}
	slices.Sort(c.Lacking)
	c.Gap = c.gap(len(items))
	return c
}

// stock counts an item of the cell's phase.
func (c *Cell) stock(i *playlists.Item, now time.Time) {
	ready := i.Approved() && i.ValidAt(now)
	switch spoken := speaks(i, c.Language); {
	case spoken && ready:
		c.Ready++
	case spoken:
		c.Others++
	case ready:
		c.Lacking = append(c.Lacking, i.ID)
	}
}

func speaks(i *playlists.Item, language playlists.Language) bool {
	return slices.ContainsFunc(i.Renditions, func(r playlists.Rendition) bool {
		return r.Language == language || r.Language == playlists.NoWords
	})
}

// gap says what is missing first, of a phase with so many items in whatever language.
func (c *Cell) gap(items int) Gap {
	switch {
	case c.PerHour > 0 && c.Month.Plays > 0:
		return ""
	case c.PerHour > 0:
		return NotShown
	case c.Ready > 0:
		return NotScheduled
	case c.Others > 0:
		return NotReady
	case items > 0:
		return NoLanguage
	}
	return NoItem
}
