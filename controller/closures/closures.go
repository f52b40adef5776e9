// Package closures reads iCalendar files as sets of closed days.
//
// It is pure: bytes, a span of local dates and zones go in, dates with their names come out. What does not
// close a whole day is left out, and said. No file makes it work long: what repeats is followed for at most
// [maxSteps] days in all.
package closures

import (
	"cmp"
	"maps"
	"slices"

	"anteroom/playlists"
)

// What a file may hold.
const (
	maxEvents = 20_000
	maxLeft   = 500
	// maxSteps is how many days are looked at to follow what repeats.
	maxSteps = 400_000
	// maxNames and maxName bound what a date is called: how many names, and how many letters of each.
	maxNames = 5
	maxName  = 120
	// maxLength is the most days that an event may last.
	maxLength = 400
)

// Calendar is what a file says about the dates that were asked for.
type Calendar struct {
	// Name is what the calendar calls itself; it may be empty.
	Name string
	// Days ascend, each date once.
	Days []Day
	// Left are what closes nothing, by line. There are at most 500; More says how many further ones there are.
	Left []Left
	More int
	// Charset names the encoding that was assumed because the file is not UTF-8; empty if it is.
	Charset string
}

// Day is a closed day.
type Day struct {
	Date playlists.Date
	// Names are those of the events on it, as the file orders them; there may be none.
	Names []string
}

// Left is something in a file that closes nothing.
type Left struct {
	// Line is where it begins, from 1.
	Line   int
	Name   string
	Reason Reason
}

// Reason is why something in a file closes nothing.
type Reason string

// The reasons.
const (
	// Timed: it begins or ends within a day.
	Timed Reason = "timed"
	// Cancelled: the file says that it does not take place.
	Cancelled Reason = "cancelled"
	// NoDate: it has no start, or none that can be read.
	NoDate Reason = "no_date"
	// NoZone: its times are in a zone that is not known, or in UTC and nothing says for which place.
	NoZone Reason = "no_zone"
	// NotFollowed: it repeats in a way that is not understood, or so often that it was not followed to the end.
	NotFollowed Reason = "not_followed"
	// TooLong: it lasts more than 400 days.
	TooLong Reason = "too_long"
	// NoProperty: the line is no property; an event around it counts without it.
	NoProperty Reason = "no_property"
)

// Span is a range of local dates, both ends in it.
type Span struct {
	First, Last playlists.Date
}

// Read decodes an iCalendar file. An [playlists.ErrInvalid] says at which line it is none and why, in words
// for whoever chose the file. Zones gives the data of IANA zones, which events in UTC need.
func Read(b []byte, span Span, zones playlists.ZoneData) (Calendar, error) {
	lines, charset := decode(b)
	f, err := parse(lines)
	if err != nil {
		return Calendar{}, err
	}
	r := reader{
		first: dayOf(span.First), last: dayOf(span.Last), steps: maxSteps, days: map[day][]string{},
		zones: places{data: zones, known: map[string]*playlists.Zone{}, home: f.zone},
	}
	for _, n := range f.stray {
		r.leave(Left{Line: n, Reason: NoProperty})
	}
	for _, series := range bySeries(f.events) {
		r.series(series)
	}
	c := Calendar{Name: f.name, Days: []Day{}, Left: r.left, More: r.more, Charset: charset}
	for _, d := range slices.Sorted(maps.Keys(r.days)) {
		c.Days = append(c.Days, Day{d.date(), r.days[d]})
	}
	slices.SortStableFunc(c.Left, func(a, b Left) int { return cmp.Compare(a.Line, b.Line) })
	return c, nil
}

// reader gathers the days of a file.
type reader struct {
	first, last day
	zones       places
	steps       int
	days        map[day][]string
	left        []Left
	more        int
}

func (r *reader) leave(l Left) {
	if len(r.left) == maxLeft {
		r.more++
		return
	}
	r.left = append(r.left, l)
}

// close closes the days of an occurrence that are within the span; each is a step.
func (r *reader) close(start day, length int, name string) {
	for d := max(start, r.first); d < start+day(length) && d <= r.last && r.steps > 0; d++ {
		r.steps--
		names := r.days[d]
		if name != "" && len(names) < maxNames && !slices.Contains(names, name) {
			names = append(names, name)
		}
		r.days[d] = names
	}
}
