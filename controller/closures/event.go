package closures

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"anteroom/playlists"
)

// day numbers local dates: 1970-01-01 is 0.
type day int

const hoursOfDay = 24

func dayOf(d playlists.Date) day {
	return civil(d.Year, d.Month, d.Day)
}

func civil(year int, month time.Month, dayOfMonth int) day {
	return day(time.Date(year, month, dayOfMonth, 0, 0, 0, 0, time.UTC).Unix() / (hoursOfDay * 60 * 60))
}

func (d day) time() time.Time { return time.Unix(int64(d)*hoursOfDay*60*60, 0).UTC() }

func (d day) date() playlists.Date {
	t := d.time()
	return playlists.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()}
}

// event is a VEVENT as it is written.
type event struct {
	line      int
	uid       string
	name      string
	start     *property
	end       *property
	duration  string
	rules     []string
	plus      []property // RDATE
	less      []property // EXDATE
	instead   *property  // RECURRENCE-ID: it stands for that occurrence of its series
	sequence  int
	cancelled bool
}

func (e *event) take(p property) {
	switch p.name {
	case "UID":
		e.uid = p.value
	case "SUMMARY":
		e.name = words(p.value)
	case "DTSTART":
		e.start = &p
	case "DTEND":
		e.end = &p
	case "DURATION":
		e.duration = p.value
	case "RRULE":
		e.rules = append(e.rules, p.value)
	case "RDATE":
		e.plus = append(e.plus, p)
	case "EXDATE":
		e.less = append(e.less, p)
	case "RECURRENCE-ID":
		e.instead = &p
	case "SEQUENCE":
		e.sequence, _ = strconv.Atoi(p.value) // what is no number is the first
	case "STATUS":
		e.cancelled = strings.EqualFold(p.value, "CANCELLED")
	}
}

// bySeries groups events by their UID, in the order of the file; one without is a series of its own.
func bySeries(events []*event) [][]*event {
	var all [][]*event
	known := map[string]int{}
	for _, e := range events {
		at, ok := known[e.uid]
		if !ok || e.uid == "" {
			at = len(all)
			known[e.uid] = at
			all = append(all, nil)
		}
		all[at] = append(all[at], e)
	}
	return all
}

// series closes the days of events with the same UID: one that may repeat, and those that stand for single
// occurrences of it. Of two for the same occurrence the higher sequence counts.
func (r *reader) series(events []*event) {
	slices.SortStableFunc(events, func(a, b *event) int { return b.sequence - a.sequence })
	replaced := map[day]bool{}
	master := false
	for _, e := range events {
		if e.instead == nil {
			continue
		}
		at, ok := r.moment(*e.instead)
		switch {
		case e.instead.later:
			r.leave(Left{e.line, e.name, NotFollowed})
		case !ok || !replaced[at.day]:
			replaced[at.day] = replaced[at.day] || ok
			r.event(e, nil)
		}
	}
	for _, e := range events {
		if e.instead == nil && !master {
			master = true
			r.event(e, replaced)
		}
	}
}

// event closes the days of one event but for the occurrences that others stand for.
func (r *reader) event(e *event, replaced map[day]bool) {
	start, length, reason := r.whole(e)
	if reason == "" && e.cancelled {
		reason = Cancelled
	}
	if reason == "" && e.instead == nil {
		reason = r.repeat(e, start, length, replaced)
	} else if reason == "" {
		r.close(start, length, e.name)
	}
	if reason != "" {
		r.leave(Left{e.line, e.name, reason})
	}
}

// repeat closes the days of an event's occurrences.
func (r *reader) repeat(e *event, start day, length int, replaced map[day]bool) Reason {
	off := map[day]bool{}
	for _, d := range r.moments(e.less) {
		off[d] = true
	}
	on := func(d day) {
		if !off[d] && !replaced[d] {
			r.close(d, length, e.name)
		}
	}
	if len(e.rules) == 0 {
		on(start)
	}
	for _, d := range r.moments(e.plus) {
		on(d)
	}
	for _, text := range e.rules {
		rule, ok := r.rule(text, start, *e.start)
		if !ok {
			return NotFollowed
		}
		rule.each(start, r.first-day(length), r.last, &r.steps, on)
	}
	if r.steps <= 0 {
		return NotFollowed
	}
	return ""
}

// whole gives the days that an event lasts, or why it does not last whole days.
func (r *reader) whole(e *event) (start day, length int, reason Reason) {
	if e.start == nil {
		return 0, 0, NoDate
	}
	from, ok := r.moment(*e.start)
	if !ok {
		return 0, 0, NoDate
	}
	length, whole := r.length(e, from)
	switch {
	case from.lost && whole:
		return 0, 0, NoZone
	case !whole || from.minute != 0:
		return 0, 0, Timed
	case length > maxLength:
		return 0, 0, TooLong
	}
	return from.day, max(length, 1), ""
}

// length is how many whole days an event lasts from its start; an end at the start is a day's.
func (r *reader) length(e *event, from moment) (days int, whole bool) {
	if e.end != nil {
		if to, ok := r.moment(*e.end); ok && to.lost == from.lost {
			to.roundUp()
			return int(to.day - from.day), to.minute == from.minute && (from.date || to.day > from.day)
		}
	}
	if e.duration != "" {
		days, whole = daysOf(e.duration)
		return days, whole && (from.date || days > 0)
	}
	return 1, from.date
}

// moment is a date, or a time on the wall.
type moment struct {
	day    day
	minute int
	// date: it has no time of day.
	date bool
	// lost: it is an instant, and nothing says where; day and minute are those in UTC.
	lost bool
}

// roundUp takes the last minute of a day for its end, as people write it.
func (m *moment) roundUp() {
	if m.minute == hoursOfDay*60-1 {
		m.day, m.minute = m.day+1, 0
	}
}

// moments are the days of lists of dates; those that cannot be read are none.
func (r *reader) moments(lists []property) []day {
	var days []day
	for _, list := range lists {
		for text := range strings.SplitSeq(list.value, ",") {
			from, _, _ := strings.Cut(text, "/") // a period counts from its start
			if m, ok := r.moment(property{zone: list.zone, value: from}); ok && !m.lost {
				days = append(days, m.day)
			}
		}
	}
	return days
}

// moment reads "20261224", "20261224T000000", or with a Z at its end an instant, which is put where the
// event is. A date with a Z is a date.
func (r *reader) moment(p property) (moment, bool) {
	value := strings.TrimSpace(p.value)
	text, utc := strings.CutSuffix(value, "Z")
	if len(text) == len("20261224") {
		t, err := time.Parse("20060102", text)
		return moment{day: dayOfTime(t), date: true}, err == nil
	}
	t, err := time.Parse("20060102T150405", text)
	if err != nil {
		return moment{}, false
	}
	if !utc {
		return moment{day: dayOfTime(t), minute: t.Hour()*60 + t.Minute()}, true
	}
	zone := r.zones.zone(p.zone)
	if zone == nil && t.Hour()+t.Minute() == 0 {
		return moment{day: dayOfTime(t)}, true // all that writes days so means these
	}
	if zone == nil {
		return moment{day: dayOfTime(t), minute: t.Hour()*60 + t.Minute(), lost: true}, true
	}
	date, clock, _ := zone.Local(t)
	return moment{day: dayOf(date), minute: int(clock)}, true
}

func dayOfTime(t time.Time) day { return civil(t.Year(), t.Month(), t.Day()) }

// daysOf reads a duration, "P1D", "P2W", "PT24H"; whole says that it is one of days.
func daysOf(text string) (days int, whole bool) {
	text, ok := strings.CutPrefix(strings.ToUpper(strings.TrimPrefix(text, "+")), "P")
	if !ok {
		return 0, false
	}
	hours, number := 0, 0
	for _, sign := range text {
		switch {
		case '0' <= sign && sign <= '9' && number < 1_000_000:
			number = number*10 + int(sign-'0')
			continue
		case sign == 'W':
			hours += number * 7 * hoursOfDay
		case sign == 'D':
			hours += number * hoursOfDay
		case sign == 'H':
			hours += number
		case sign == 'M' || sign == 'S':
			whole = whole || number != 0 // minutes: not of whole days
		case sign != 'T':
			return 0, false
		}
		number = 0
	}
	return hours / hoursOfDay, !whole && hours%hoursOfDay == 0
}
