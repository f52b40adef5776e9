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

// longest is the longest period of one report: any thirteen months.
const longest = 397

// Validate says what is wrong with a query, as a [playlists.ErrInvalid].
func (q Query) Validate() error {
	switch {
	case q.From.IsZero() || q.To.IsZero():
		return playlists.Refuse(playlists.ErrInvalid, "period: give the first and the last day, like 2026-11-01 and 2026-11-30")
	case q.To.Compare(q.From) < 0:
		return playlists.Refuse(playlists.ErrInvalid, "period: the last day, %s, is before the first, %s; exchange them", q.To, q.From)
	case q.From.AddDays(longest).Compare(q.To) <= 0:
		return playlists.Refuse(playlists.ErrInvalid, "period: longer than %d days; ask for thirteen months at a time", longest)
	}
	for _, d := range q.By {
		if !slices.Contains(Dimensions(), d) {
			return playlists.Refuse(playlists.ErrInvalid, "by %q: choose among %v", d, Dimensions())
		}
	}
	return nil
}

// End bounds the end of the query's last day in every zone of the world.
func (q Query) End() time.Time {
	const behind = 12 * time.Hour // of UTC
	return time.Date(q.To.Year, q.To.Month, q.To.Day+1, 0, 0, 0, 0, time.UTC).Add(behind)
}

// Period is from a day to another, both included.
type Period struct{ From, To playlists.Date }

// Periods cuts the query's period into whole months and the days that are left, so that what is added up by month
// need not be read by day. Rows by day leave no months, which are then [Period]'s zero value.
func (q Query) Periods() (days []Period, months Period) {
	first := q.From.AddDays(1 - q.From.Day)
	if first != q.From {
		first = next(first)
	}
	last := q.To.AddDays(1)
	last = last.AddDays(-last.Day)
	if last.Compare(first) < 0 || slices.Contains(q.By, ByDay) {
		return []Period{{q.From, q.To}}, Period{}
	}
	for _, p := range []Period{{q.From, first.AddDays(-1)}, {last.AddDays(1), q.To}} {
		if p.From.Compare(p.To) <= 0 {
			days = append(days, p)
		}
	}
	return days, Period{first, last}
}

// next is the first day of the month after that which begins on a day.
func next(first playlists.Date) playlists.Date {
	const beyond = 31 // days: always in the next month
	day := first.AddDays(beyond)
	return day.AddDays(1 - day.Day)
}

// Places knows the departments of screens; empty for a screen of which nothing is known any more. Its plays
// count in no department.
type Places func(playlists.ScreenID) playlists.DepartmentID

// Key is what a row is about: the fields of the query's dimensions are set.
type Key struct {
	Department playlists.DepartmentID `json:"department,omitempty"`
	Screen     playlists.ScreenID     `json:"screen,omitempty"`
	// Item is a library item; Takeover stands in its place among the takeovers.
	Item     playlists.ItemID     `json:"item,omitempty"`
	Takeover playlists.TakeoverID `json:"takeover,omitempty"`
	Day      playlists.Date       `json:"day,omitzero"`
}

func (k Key) compare(o *Key) int {
	if by := cmp.Compare(k.Department, o.Department); by != 0 { // what differs first decides, and little is the same before it
		return by
	}
	if by := cmp.Compare(k.Screen, o.Screen); by != 0 {
		return by
	}
	return cmp.Or(cmp.Compare(k.Item, o.Item), cmp.Compare(k.Takeover, o.Takeover), k.Day.Compare(o.Day))
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

// known reports whether an outcome is of a play, or of what was never drawn.
func known(o playlists.Outcome) bool {
	switch o {
	case playlists.Complete, playlists.Truncated, playlists.Preempted, playlists.Interrupted, playlists.Failed:
		return true
	case playlists.Lost, playlists.InSums: // counted beside the rows
	}
	return false
}

// add counts a figure of a known outcome.
func (f *Figures) add(r *store.Sum) {
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
		return
	case playlists.Lost, playlists.InSums:
		return
	}
	f.Plays += r.Count
	f.Millis += r.Millis
}

func (f *Figures) plus(o *Figures) {
	f.Plays += o.Plays
	f.Complete += o.Complete
	f.Truncated += o.Truncated
	f.Preempted += o.Preempted
	f.Interrupted += o.Interrupted
	f.Failed += o.Failed
	f.Millis += o.Millis
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
	// Condensed counts plays among those of the rows that are known by sums only, of an item and an hour: a player's
	// journal was full.
	Condensed int64 `json:"condensed,omitempty"`
	// Unknown counts records with an outcome that this version does not know; they are in no row.
	Unknown int64 `json:"unknown,omitempty"`
	// Unreadable are the damaged months of a store, ascending; some or all plays that came in during them are missing here.
	Unreadable []*store.DamagedMonthError `json:"-"`
	// Forgotten is the newest month of arrival, "2026-10", of which plays of the query's days are no longer kept; empty if
	// all are.
	Forgotten string `json:"forgotten,omitempty"`
	// Completeness says up to when nothing is missing.
	Completeness Completeness `json:"completeness"`
	Definitions  Definitions  `json:"definitions"`
}

// Impressions adds up the figures of a query's days, or of its [Query.Periods], in whatever order and however
// often split, into a report; read gives them, as a [store.Plays] does. It has no completeness yet: see
// [CompleteUntil]. A [store.DamagedMonthError] and a [store.ForgottenError] are named in it, the rest is counted.
func Impressions(read func(store.Apart) iter.Seq2[store.Sum, error], places Places, q Query) (*Report, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	t := newTally(q, places)
	rep := &Report{Query: q, Definitions: Methodology()}
	for s, err := range read(q.apart(places)) {
		if err != nil {
			if err = rep.Without(err); err != nil {
				return nil, fmt.Errorf("reading plays: %w", err)
			}
			continue
		}
		switch {
		case s.Entry.Outcome == playlists.Lost:
			rep.Lost += s.Count // nobody knows of which item
		case !among(q.Items, s.Entry.Item):
		case s.Entry.Outcome == playlists.InSums:
			rep.Condensed += s.Count
		case !t.add(&s):
			rep.Unknown += s.Count
		}
	}
	rep.Rows, rep.Takeovers = t.sorted()
	rep.Totals, rep.TakeoverTotals = total(rep.Rows), total(rep.Takeovers)
	return rep, nil
}

// Without notes a month that cannot be read, or that is gone; any other error it gives back.
func (rep *Report) Without(err error) error {
	if gone, ok := errors.AsType[*store.ForgottenError](err); ok {
		rep.Forgotten = max(rep.Forgotten, gone.Through)
		return nil
	}
	if month, ok := errors.AsType[*store.DamagedMonthError](err); ok {
		rep.damaged(month)
		return nil
	}
	return err
}

// damaged notes a month that cannot be read, once, however many periods need it.
func (rep *Report) damaged(month *store.DamagedMonthError) {
	at, known := slices.BinarySearchFunc(rep.Unreadable, month.Error(), func(m *store.DamagedMonthError, text string) int {
		return cmp.Compare(m.Error(), text)
	})
	if !known {
		rep.Unreadable = slices.Insert(rep.Unreadable, at, month)
	}
}

// Holed reports whether plays are missing that had come in.
func (rep *Report) Holed() bool { return len(rep.Unreadable) > 0 || rep.Forgotten != "" }

func total(rows []Row) (sum Figures) {
	for i := range rows {
		sum.plus(&rows[i].Figures)
	}
	return sum
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
