// Package report turns plays into figures.
//
// It is pure: rollups, places and arrivals come in, rows go out. A play is a machine's record that
// something was drawn; nothing here estimates people. What was shown by a takeover stands apart from
// the library's items, and what a figure leaves out is counted beside it.
package report

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// Dimension is what rows are split by.
type Dimension string

// The dimensions.
const (
	ByDepartment Dimension = "department"
	ByScreen     Dimension = "screen"
	ByItem       Dimension = "item"
	ByDay        Dimension = "day" // on the screen's wall clock
)

// Dimensions lists all dimensions, in the order of a row's keys.
func Dimensions() []Dimension { return []Dimension{ByDepartment, ByScreen, ByItem, ByDay} }

// Query chooses plays. Empty lists choose all.
type Query struct {
	// From and To are local dates of the screens, both inclusive.
	From, To    playlists.Date
	Departments []playlists.DepartmentID
	Screens     []playlists.ScreenID
	Items       []playlists.ItemID
	By          []Dimension
}

// longest is the longest period of one report.
const longest = 366

// Validate says what is wrong with a query, as a [playlists.ErrInvalid].
func (q Query) Validate() error {
	switch {
	case q.From.IsZero() || q.To.IsZero():
		return fmt.Errorf("%w: period: give the first and the last day, like 2026-11-01 and 2026-11-30", playlists.ErrInvalid)
	case q.To.Compare(q.From) < 0:
		return fmt.Errorf("%w: period: the last day, %s, is before the first, %s; exchange them", playlists.ErrInvalid, q.To, q.From)
	case q.From.AddDays(longest).Compare(q.To) <= 0:
		return fmt.Errorf("%w: period: longer than %d days; ask for a year at a time", playlists.ErrInvalid, longest)
	}
	for _, d := range q.By {
		if !slices.Contains(Dimensions(), d) {
			return fmt.Errorf("%w: by %q: choose among %v", playlists.ErrInvalid, d, Dimensions())
		}
	}
	return nil
}

// Span bounds the instants of the query's days in every zone of the world: what to read from a store.
func (q Query) Span() (from, to time.Time) {
	const widest = 26 * time.Hour // zones reach from 12 hours behind UTC to 14 before it
	midnight := func(d playlists.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }
	return midnight(q.From).Add(-widest), midnight(q.To.AddDays(1)).Add(widest)
}

// Place is where a screen is.
type Place struct {
	Department playlists.DepartmentID
	Zone       *time.Location
}

// Places knows where screens are; false for a screen of which nothing is known any more. Its plays
// count in no department and by the days of UTC.
type Places func(playlists.ScreenID) (Place, bool)

// Key is what a row is about: the fields of the query's dimensions are set.
type Key struct {
	Department playlists.DepartmentID `json:"department,omitempty"`
	Screen     playlists.ScreenID     `json:"screen,omitempty"`
	// Item is a library item; Takeover stands in its place among the takeovers.
	Item     playlists.ItemID     `json:"item,omitempty"`
	Takeover playlists.TakeoverID `json:"takeover,omitempty"`
	Day      playlists.Date       `json:"day,omitzero"`
}

func (k Key) compare(o Key) int {
	return cmp.Or(
		cmp.Compare(k.Department, o.Department), cmp.Compare(k.Screen, o.Screen),
		cmp.Compare(k.Item, o.Item), cmp.Compare(k.Takeover, o.Takeover), k.Day.Compare(o.Day),
	)
}

// Figures count plays. Plays = Complete + Truncated + Preempted + Interrupted.
type Figures struct {
	// Plays began to be drawn.
	Plays       int64 `json:"plays"`
	Complete    int64 `json:"complete"`
	Truncated   int64 `json:"truncated"`
	Preempted   int64 `json:"preempted"`
	Interrupted int64 `json:"interrupted"`
	// Failed was due and never drawn; it is no play.
	Failed int64 `json:"failed"`
	// Millis is how long the plays were on a screen, in milliseconds.
	Millis int64 `json:"millis"`
}

// add counts a rollup; false if its outcome is none that we know.
func (f *Figures) add(r store.Rollup) bool {
	switch r.Entry.Outcome {
	case playlists.Complete:
		f.Complete += r.Count
	case playlists.Truncated:
		f.Truncated += r.Count
	case playlists.Preempted:
		f.Preempted += r.Count
	case playlists.Interrupted:
		f.Interrupted += r.Count
	case playlists.Failed:
		f.Failed += r.Count
		return true
	case playlists.Lost: // counted beside the rows
		return false
	default:
		return false
	}
	f.Plays += r.Count
	f.Millis += r.Millis
	return true
}

// Row is a line of a report.
type Row struct {
	Key
	Figures
}

// Report is an impression report: plays, not people.
type Report struct {
	Query Query `json:"-"`
	// Rows are the library's items, ascending by key; Totals is their sum.
	Rows   []Row   `json:"rows"`
	Totals Figures `json:"totals"`
	// Takeovers stand apart: nobody scheduled or sponsored them.
	Takeovers      []Row   `json:"takeovers,omitempty"`
	TakeoverTotals Figures `json:"takeover_totals"`
	// Lost counts plays whose records are gone, of the query's screens and whatever item: at least as
	// many were shown and are in no row. The gap records say why.
	Lost int64 `json:"lost,omitempty"`
	// Unknown counts records with an outcome that this version does not know; they are in no row.
	Unknown int64 `json:"unknown,omitempty"`
	// Unreadable are the damaged months of a store, ascending; some or all plays that came in during them are missing here.
	Unreadable []*store.DamagedMonth `json:"-"`
	// Completeness says up to when nothing is missing.
	Completeness Completeness `json:"completeness"`
	Definitions  Definitions  `json:"definitions"`
}

// Impressions adds up rollups, in whatever order and however often split, into a report. It has no
// completeness yet: see [CompleteUntil]. A [store.DamagedMonth] is named in it, the rest is counted.
func Impressions(rollups iter.Seq2[store.Rollup, error], places Places, q Query) (*Report, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	items, takeovers := map[Key]*Figures{}, map[Key]*Figures{}
	rep := &Report{Query: q, Definitions: Methodology()}
	for r, err := range rollups {
		if month := (*store.DamagedMonth)(nil); errors.As(err, &month) {
			rep.Unreadable = append(rep.Unreadable, month)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading plays: %w", err)
		}
		if r.Entry.Outcome == playlists.Lost {
			rep.Lost += q.lost(r, places)
			continue
		}
		key, ok := q.choose(r, places)
		if !ok {
			continue
		}
		into, total := items, &rep.Totals
		if r.Entry.Takeover != "" {
			into, total = takeovers, &rep.TakeoverTotals
		}
		if !total.add(r) {
			rep.Unknown += r.Count
			continue
		}
		figures(into, key).add(r)
	}
	rep.Rows, rep.Takeovers = rows(items), rows(takeovers)
	return rep, nil
}

// lost is how many lost plays of a rollup the query is about; nobody knows of which item they were.
func (q Query) lost(r store.Rollup, places Places) int64 {
	q.Items = nil
	if _, ok := q.choose(r, places); !ok {
		return 0
	}
	return r.Count
}

func figures(of map[Key]*Figures, k Key) *Figures {
	f := of[k]
	if f == nil {
		f = &Figures{}
		of[k] = f
	}
	return f
}

func rows(of map[Key]*Figures) []Row {
	rows := make([]Row, 0, len(of))
	for k, f := range of {
		rows = append(rows, Row{k, *f})
	}
	slices.SortFunc(rows, func(a, b Row) int { return a.compare(b.Key) })
	return rows
}

// choose gives the row that a rollup belongs to; false if the query is not about it.
func (q Query) choose(r store.Rollup, places Places) (Key, bool) {
	p, known := places(r.Key.Screen)
	zone := time.UTC
	if known && p.Zone != nil {
		zone = p.Zone
	}
	local := r.Key.Hour.In(zone)
	day := playlists.Date{Year: local.Year(), Month: local.Month(), Day: local.Day()}
	if day.Compare(q.From) < 0 || day.Compare(q.To) > 0 ||
		!among(q.Departments, p.Department) || !among(q.Screens, r.Key.Screen) || !among(q.Items, r.Entry.Item) {
		return Key{}, false
	}
	full := Key{Department: p.Department, Screen: r.Key.Screen, Item: r.Entry.Item, Takeover: r.Entry.Takeover, Day: day}
	return full.only(q.By), true
}

func among[T comparable](chosen []T, one T) bool {
	return len(chosen) == 0 || slices.Contains(chosen, one)
}

// only keeps the fields of the dimensions.
func (k Key) only(by []Dimension) Key {
	var kept Key
	for _, d := range by {
		switch d {
		case ByDepartment:
			kept.Department = k.Department
		case ByScreen:
			kept.Screen = k.Screen
		case ByItem:
			kept.Item, kept.Takeover = k.Item, k.Takeover
		case ByDay:
			kept.Day = k.Day
		}
	}
	return kept
}
