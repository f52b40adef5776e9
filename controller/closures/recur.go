package closures

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// rule is an RRULE as far as it is about days.
//
// It is walked here and not by a library, because a file from outside must not make the controller work
// long: the usual library looks for a 30 February until the year 9999, which takes it a second.
type rule struct {
	every     string // DAILY, WEEKLY, MONTHLY, YEARLY
	interval  int
	count     int // 0: no bound
	until     day
	weekStart time.Weekday
	months    []int
	monthDays []int // from the end if negative, as in all lists below
	yearDays  []int
	weekdays  []nth
	positions []int
}

// nth is a weekday: each for 0, the second for 2, the last for -1.
type nth struct {
	n   int
	day time.Weekday
}

// farthest is later than any day of a span.
const farthest = day(4_000_000)

// rule reads an RRULE; one that is about hours, or that is not understood, is refused.
func (r *reader) rule(text string, start day, p property) (*rule, bool) {
	u := &rule{interval: 1, until: farthest, weekStart: time.Monday}
	for part := range strings.SplitSeq(strings.ToUpper(text), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if !u.part(name, value) && (name != "UNTIL" || !r.until(u, value, p)) {
			return nil, false
		}
	}
	if !u.sound() {
		return nil, false
	}
	u.complete(start)
	return u, true
}

// until reads the last day of a rule. It is an instant where starts are times on a wall; where they are
// dates, calendars that write an instant all the same mean its date.
func (r *reader) until(u *rule, value string, start property) bool {
	if m, ok := r.moment(start); ok && m.date {
		value, _, _ = strings.Cut(value, "T")
	}
	m, ok := r.moment(property{zone: start.zone, value: value})
	u.until = m.day
	return ok && !m.lost
}

func (u *rule) part(name, value string) bool {
	ok := true
	switch name {
	case "":
		return value == ""
	case "FREQ":
		u.every = value
	case "INTERVAL":
		u.interval, ok = number(value, 1, 10_000)
	case "COUNT":
		u.count, ok = number(value, 1, maxSteps)
	case "WKST":
		u.weekStart, ok = weekday(value)
	case "BYMONTH":
		u.months, ok = numbers(value, 12)
	case "BYMONTHDAY":
		u.monthDays, ok = numbers(value, 31)
	case "BYYEARDAY":
		u.yearDays, ok = numbers(value, 366)
	case "BYSETPOS":
		u.positions, ok = numbers(value, 366)
	case "BYDAY":
		u.weekdays, ok = nths(value)
	default:
		return false
	}
	return ok
}

// sound reports whether the parts go together.
func (u *rule) sound() bool {
	counted := slices.ContainsFunc(u.weekdays, func(w nth) bool { return w.n != 0 })
	switch u.every {
	case "YEARLY":
		return true
	case "MONTHLY":
		return u.yearDays == nil
	case "WEEKLY":
		return !counted && u.yearDays == nil && u.monthDays == nil
	case "DAILY":
		return !counted && u.yearDays == nil
	}
	return false
}

// complete takes from the start what the rule leaves open.
func (u *rule) complete(start day) {
	t := start.time()
	if u.weekdays != nil || u.monthDays != nil || u.yearDays != nil {
		return
	}
	switch u.every {
	case "YEARLY":
		if u.months == nil {
			u.months = []int{int(t.Month())}
		}
		u.monthDays = []int{t.Day()}
	case "MONTHLY":
		u.monthDays = []int{t.Day()}
	case "WEEKLY":
		u.weekdays = []nth{{0, t.Weekday()}}
	}
}

// each calls on for the occurrences from the day from to the day to. Each day that is looked at is a step;
// without steps left it ends.
func (u *rule) each(start, from, to day, steps *int, on func(day)) {
	seen := 0
	for period := u.skip(start, from); *steps > 0; period++ {
		first, last := u.period(start, period)
		if first > min(to, u.until) {
			return
		}
		for _, d := range u.within(first, last, steps) {
			switch {
			case d < start:
				continue
			case d > min(to, u.until) || u.count > 0 && seen == u.count:
				return
			case d >= from:
				on(d)
			}
			seen++
		}
	}
}

// skip is a period before the first that matters; where occurrences are counted that is the first of all.
func (u *rule) skip(start, from day) int {
	if u.count > 0 || from <= start {
		return 0
	}
	length := map[string]int{"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}[u.every]
	return max(0, int(from-start)/(length*u.interval)-1)
}

// period is the n-th day, week, month or year that the rule looks into.
func (u *rule) period(start day, n int) (first, last day) {
	n *= u.interval
	t := start.time()
	switch u.every {
	case "DAILY":
		return start + day(n), start + day(n)
	case "WEEKLY":
		first = start - day((t.Weekday()-u.weekStart+7)%7) + day(7*n)
		return first, first + 6
	case "MONTHLY":
		return civil(t.Year(), t.Month()+time.Month(n), 1), civil(t.Year(), t.Month()+time.Month(n+1), 1) - 1
	}
	return civil(t.Year()+n, time.January, 1), civil(t.Year()+n+1, time.January, 1) - 1
}

// within gives the days of a period that the rule names.
func (u *rule) within(first, last day, steps *int) []day {
	var days []day
	*steps--
	for d := first; d <= last; d++ {
		t := d.time()
		if u.months != nil && !slices.Contains(u.months, int(t.Month())) {
			if t.Day() == 1 {
				d = min(last, civil(t.Year(), t.Month()+1, 1)-1)
			}
			continue
		}
		*steps--
		if u.matches(t) {
			days = append(days, d)
		}
	}
	return u.choose(days)
}

// choose takes the positions of BYSETPOS.
func (u *rule) choose(days []day) []day {
	if u.positions == nil {
		return days
	}
	var chosen []day
	for i, d := range days {
		if slices.Contains(u.positions, i+1) || slices.Contains(u.positions, i-len(days)) {
			chosen = append(chosen, d)
		}
	}
	return chosen
}

func (u *rule) matches(t time.Time) bool {
	ofMonth, ofYear := daysOfMonth(t), daysOfYear(t)
	switch {
	case u.monthDays != nil && !has(u.monthDays, t.Day(), ofMonth):
		return false
	case u.yearDays != nil && !has(u.yearDays, t.YearDay(), ofYear):
		return false
	case u.weekdays == nil:
		return true
	}
	return slices.ContainsFunc(u.weekdays, func(w nth) bool {
		if w.day != t.Weekday() {
			return false
		}
		if u.every == "YEARLY" && u.months == nil {
			return w.is(t.YearDay(), ofYear)
		}
		return w.is(t.Day(), ofMonth)
	})
}

// is reports whether the n-th such weekday falls on the day at of so many.
func (w nth) is(at, of int) bool {
	return w.n == 0 || w.n == (at+6)/7 || w.n == -((of-at)/7+1)
}

func has(list []int, at, of int) bool {
	return slices.Contains(list, at) || slices.Contains(list, at-of-1)
}

func daysOfMonth(t time.Time) int {
	return int(civil(t.Year(), t.Month()+1, 1) - civil(t.Year(), t.Month(), 1))
}

func daysOfYear(t time.Time) int {
	return time.Date(t.Year(), time.December, 31, 0, 0, 0, 0, time.UTC).YearDay()
}

func number(text string, least, most int) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && least <= n && n <= most
}

// numbers reads a list whose members are not 0 and not beyond most, however they count.
func numbers(text string, most int) ([]int, bool) {
	var all []int
	for one := range strings.SplitSeq(text, ",") {
		n, ok := number(strings.TrimPrefix(one, "+"), -most, most)
		if !ok || n == 0 || len(all) == most {
			return nil, false
		}
		all = append(all, n)
	}
	return all, true
}

// nths reads "MO,2TU,-1FR".
func nths(text string) ([]nth, bool) {
	var all []nth
	for one := range strings.SplitSeq(text, ",") {
		if len(one) < 2 || len(all) == 7*53 {
			return nil, false
		}
		w := nth{}
		var ok bool
		if w.day, ok = weekday(one[len(one)-2:]); !ok {
			return nil, false
		}
		if count := one[:len(one)-2]; count != "" {
			if w.n, ok = number(strings.TrimPrefix(count, "+"), -53, 53); !ok || w.n == 0 {
				return nil, false
			}
		}
		all = append(all, w)
	}
	return all, true
}

func weekday(text string) (time.Weekday, bool) {
	at := slices.Index([]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}, text)
	return time.Weekday(max(at, 0)), at >= 0
}
