package playlists_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The oracle says what has the screen at each minute of a stretch of time, by other means than the
// package: it asks package time what the wall shows, minute by minute, and holds every minute of the
// calendar against the fields of every rule. It knows the meaning, and no way to be quick.

// plan is what the oracle goes by, in words of its own.
type plan struct {
	windows []written
	// closed are the department's closed dates, "2026-12-24".
	closed []string
}

// written is a window as somebody says it.
type written struct {
	id       string
	start    string // the five fields
	endDays  int
	endClock int // minutes
	// first and last are dates, or empty.
	first, last string
	closed      []string
	// narrow is 0 for all screens to 4 for one screen.
	narrow, priority int
}

// turn is what the oracle says has the screen: a window, "closed" or "filler", and since when.
type turn struct {
	owner      string
	start, end time.Time
}

// wallClock is what a clock on the wall shows in each minute from an instant on, as minutes of a calendar
// without zones.
type wallClock struct {
	from time.Time
	// reached is the latest minute that it has shown so far.
	reached []int64
}

func walk(loc *time.Location, from time.Time, minutes int) wallClock {
	w := wallClock{from: from, reached: make([]int64, minutes)}
	for i := range w.reached {
		t := from.Add(time.Duration(i) * time.Minute).In(loc)
		w.reached[i] = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC).Unix() / 60
		if i > 0 {
			w.reached[i] = max(w.reached[i], w.reached[i-1])
		}
	}
	return w
}

// when is the first minute, counted from from, at which the wall has shown one or a later one.
func (w *wallClock) when(minute int64) int {
	i, _ := slices.BinarySearch(w.reached, minute)
	return i
}

func (w *wallClock) instant(i int) time.Time { return w.from.Add(time.Duration(i) * time.Minute) }

const minutesOfDay = 24 * 60

// foretell gives who has the screen in each of the minutes [lo, hi) of the wall.
func (p *plan) foretell(w *wallClock, lo, hi int) []turn {
	ranks := make([]*written, hi-lo)
	turns := make([]turn, hi-lo)
	for i := range turns {
		turns[i] = p.otherwise(w, lo+i)
	}
	for i := range p.windows {
		win := &p.windows[i]
		minutes := minutesNamed(win.start)
		for day := w.reached[0]/minutesOfDay + 1; day <= w.reached[hi]/minutesOfDay; day++ {
			if !p.startsOn(win, day) {
				continue
			}
			end := w.when((day+int64(win.endDays))*minutesOfDay + int64(win.endClock))
			for _, m := range minutes {
				start := w.when(day*minutesOfDay + m)
				o := turn{win.id, w.instant(start), w.instant(end)}
				for at := max(start, lo); at < min(end, hi); at++ {
					if beats(win, o, ranks[at-lo], turns[at-lo]) {
						ranks[at-lo], turns[at-lo] = win, o
					}
				}
			}
		}
	}
	return turns
}

// otherwise is who has the screen at a minute if no window does.
func (p *plan) otherwise(w *wallClock, i int) turn {
	day := w.reached[i] / minutesOfDay
	t := turn{"filler", w.instant(w.when(day * minutesOfDay)), w.instant(w.when((day + 1) * minutesOfDay))}
	if slices.Contains(p.closed, dateNamed(day)) {
		t.owner = "closed"
	}
	return t
}

func dateNamed(day int64) string { return time.Unix(day*24*60*60, 0).UTC().Format(time.DateOnly) }

func (p *plan) startsOn(w *written, day int64) bool {
	name := dateNamed(day)
	switch {
	case w.first != "" && name < w.first, w.last != "" && name > w.last:
		return false
	case slices.Contains(w.closed, name), slices.Contains(p.closed, name):
		return false
	}
	t := time.Unix(day*24*60*60, 0).UTC()
	fields := strings.Fields(w.start)
	return names(fields[2], t.Day(), 1, 31) && names(fields[3], int(t.Month()), 1, 12) && names(fields[4], int(t.Weekday()), 0, 6)
}

// minutesNamed are the minutes of a day that the first two fields name.
func minutesNamed(rule string) []int64 {
	fields := strings.Fields(rule)
	var named []int64
	for m := range minutesOfDay {
		if names(fields[0], m%60, 0, 59) && names(fields[1], m/60, 0, 23) {
			named = append(named, int64(m))
		}
	}
	return named
}

// names reports whether a field of a rule names a value.
func names(field string, value, least, most int) bool {
	for part := range strings.SplitSeq(field, ",") {
		span, every, stepped := strings.Cut(part, "/")
		low, high := least, most
		if span != "*" && span != "?" {
			from, to, ranged := strings.Cut(span, "-")
			low = number(from)
			switch {
			case ranged:
				high = number(to)
			case !stepped: // "5/10" goes on to the end
				high = low
			}
		}
		step := 1
		if stepped {
			step = number(every)
		}
		if value >= low && value <= high && (value-low)%step == 0 {
			return true
		}
	}
	return false
}

// number reads a number, a month or a weekday.
func number(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.EqualFold(s, d.String()[:3]) {
			return int(d)
		}
	}
	for m := time.January; m <= time.December; m++ {
		if strings.EqualFold(s, m.String()[:3]) {
			return int(m)
		}
	}
	panic(fmt.Sprintf("%q is no number, month or weekday", s))
}

// beats: priority, then the narrower target, the later start, the id; of one window's starts that fall
// together, the one that lasts longer.
func beats(a *written, as turn, b *written, bs turn) bool {
	switch {
	case b == nil:
		return true
	case a.priority != b.priority:
		return a.priority > b.priority
	case a.narrow != b.narrow:
		return a.narrow > b.narrow
	case !as.start.Equal(bs.start):
		return as.start.After(bs.start)
	case a.id != b.id:
		return a.id < b.id
	}
	return as.end.After(bs.end)
}
