package playlists

import (
	"fmt"
	"strings"
	"time"
)

// posixRule is the footer of a zone file: how the clocks go after the last change that is listed, as a
// POSIX TZ string, "EST5EDT,M3.2.0,M11.1.0". Without summer time start and end are unset.
type posixRule struct {
	standard, summer int64 // seconds east of UTC
	hasSummer        bool
	start, end       posixDay
}

// posixDay is when the clocks change: a day of the year and seconds from its midnight on the wall as it
// was before, which may lie beyond the day on either side.
type posixDay struct {
	form byte // 'M' month, week, weekday; 'J' day 1..365 without 29 February; 'N' day 0..365
	// month and week count from 1, week 5 being the last; weekday from 0, Sunday.
	month, week, weekday int
	yearDay              int
	seconds              int64
}

// extend appends what the rule says after the last of the changes, year by year through lastYear.
func (r posixRule) extend(changes []zoneSpan) []zoneSpan {
	last := changes[len(changes)-1].from
	if !r.hasSummer {
		return append(changes, zoneSpan{max(last, 0), r.standard})
	}
	year := max(1970, time.Unix(max(last, 0), 0).UTC().Year())
	for ; year <= lastYear; year++ {
		a := zoneSpan{r.start.instant(year, r.standard), r.summer}
		b := zoneSpan{r.end.instant(year, r.summer), r.standard}
		if b.from < a.from {
			a, b = b, a
		}
		for _, c := range []zoneSpan{a, b} {
			if c.from > last || c.from == changes[len(changes)-1].from {
				changes = append(changes, c)
			}
		}
	}
	return changes
}

// instant is the Unix second of the change in a year, by a wall that is offset seconds east of UTC.
func (d posixDay) instant(year int, offset int64) int64 {
	return d.dayNumber(year)*secondsPerDay + d.seconds - offset
}

func (d posixDay) dayNumber(year int) int64 {
	first := Date{year, time.January, 1}.day()
	switch d.form {
	case 'J':
		n := first + int64(d.yearDay) - 1
		if d.yearDay > 59 && isLeap(year) {
			n++
		}
		return n
	case 'N':
		return first + int64(d.yearDay)
	}
	monthStart := Date{year, time.Month(d.month), 1}
	n := monthStart.day()
	n += int64((d.weekday - weekdayOf(n) + 7) % 7)
	n += int64(d.week-1) * 7
	if n >= monthStart.day()+int64(daysIn(year, monthStart.Month)) {
		n -= 7
	}
	return n
}

// parsePosixRule reads the footer's text. Summer time without dates is refused: zone files always say.
func parsePosixRule(s string) (posixRule, error) {
	p := &posixParser{rest: s}
	var r posixRule
	p.name()
	r.standard = -p.hours(24)
	if p.rest != "" {
		r.hasSummer = true
		p.name()
		r.summer = r.standard + 60*60
		if p.rest != "" && p.rest[0] != ',' {
			r.summer = -p.hours(24)
		}
		r.start, r.end = p.day(), p.day()
	}
	if p.failed || p.rest != "" {
		return posixRule{}, fmt.Errorf("the rule for the future %q cannot be read", s)
	}
	return r, nil
}

// posixParser eats a POSIX TZ string from the left; once something is wrong, failed stays set.
type posixParser struct {
	rest   string
	failed bool
}

// name eats "EST" or "<+0330>".
func (p *posixParser) name() {
	if rest, ok := strings.CutPrefix(p.rest, "<"); ok {
		_, after, found := strings.Cut(rest, ">")
		p.rest, p.failed = after, p.failed || !found
		return
	}
	n := 0
	for n < len(p.rest) && (p.rest[n]|0x20) >= 'a' && (p.rest[n]|0x20) <= 'z' {
		n++
	}
	p.rest, p.failed = p.rest[n:], p.failed || n < 3
}

// hours eats "[+-]hh[:mm[:ss]]" with at most so many hours, in seconds.
func (p *posixParser) hours(most int) int64 {
	sign := int64(1)
	if p.eat('-') {
		sign = -1
	} else {
		p.eat('+')
	}
	seconds := int64(p.number(0, most)) * 60 * 60
	if p.eat(':') {
		seconds += int64(p.number(0, 59)) * 60
		if p.eat(':') {
			seconds += int64(p.number(0, 59))
		}
	}
	return sign * seconds
}

// day eats ",M3.2.0/2", ",J60" or ",59".
func (p *posixParser) day() posixDay {
	p.must(',')
	d := posixDay{seconds: 2 * 60 * 60}
	switch {
	case p.eat('M'):
		d.form, d.month = 'M', p.number(1, 12)
		p.must('.')
		d.week = p.number(1, 5)
		p.must('.')
		d.weekday = p.number(0, 6)
	case p.eat('J'):
		d.form, d.yearDay = 'J', p.number(1, 365)
	default:
		d.form, d.yearDay = 'N', p.number(0, 365)
	}
	if p.eat('/') {
		d.seconds = p.hours(167)
	}
	return d
}

func (p *posixParser) number(least, most int) int {
	n, i := 0, 0
	for i < len(p.rest) && i < 3 && p.rest[i] >= '0' && p.rest[i] <= '9' {
		n = n*10 + int(p.rest[i]-'0')
		i++
	}
	p.rest = p.rest[i:]
	p.failed = p.failed || i == 0 || n < least || n > most
	return n
}

func (p *posixParser) eat(c byte) bool {
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *posixParser) must(c byte) { p.failed = !p.eat(c) || p.failed }
