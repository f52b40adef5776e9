package playlists

import (
	"fmt"
	"math/bits"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// startRule is a five-field cron rule as a zoneless calendar: which days it names, and at which minutes
// of such a day. The zone comes in later, when a local minute is mapped to an instant.
type startRule struct {
	spec *cron.SpecSchedule
	// minutes are the starts of a day in minutes since midnight, ascending.
	minutes []int
}

// parseRule reads "0 8 * * 1-5". It refuses what cron would read otherwise than people mean it.
func parseRule(text string) (startRule, error) {
	if err := refuseOddRule(text); err != nil {
		return startRule{}, err
	}
	schedule, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(text)
	if err != nil {
		return startRule{}, fmt.Errorf("%q is no start rule: %w; write minute, hour, day of month, month and weekday, like 0 8 * * 1-5", text, err)
	}
	spec, ok := schedule.(*cron.SpecSchedule)
	if !ok {
		return startRule{}, fmt.Errorf("%q is no calendar rule; write it like 0 8 * * 1-5", text)
	}
	if isRestricted(spec.Dom) && isRestricted(spec.Dow) {
		return startRule{}, fmt.Errorf("%q sets both a day of the month and a weekday; leave one of them *", text)
	}
	r := startRule{spec: spec, minutes: minutesOf(spec)}
	if len(r.minutes) == 0 || !r.everOn() {
		return startRule{}, fmt.Errorf("%q never starts; name a day that exists", text)
	}
	return r, nil
}

// refuseOddRule keeps from cron what makes it panic or leave the calendar.
func refuseOddRule(text string) error {
	if strings.ContainsAny(text, "@=") {
		return fmt.Errorf("%q is no calendar rule; write it like 0 8 * * 1-5, in the department's own time", text)
	}
	if fields := strings.Fields(text); len(fields) != 5 {
		return fmt.Errorf("%q has %d fields; write five: minute, hour, day of month, month and weekday", text, len(fields))
	}
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ' ' || r == ',' }) {
		if strings.HasPrefix(part, "*-") || strings.HasPrefix(part, "?-") {
			return fmt.Errorf("%q begins a range with a star; write it like 1-5", text)
		}
	}
	return nil
}

// isRestricted: cron marks a field that holds a star in its top bit, and joins two fields without the
// mark by "or".
func isRestricted(field uint64) bool { return field>>63 == 0 }

func minutesOf(s *cron.SpecSchedule) []int {
	var minutes []int
	for h := range 24 {
		for m := range 60 {
			if s.Hour>>h&1 == 1 && s.Minute>>m&1 == 1 {
				minutes = append(minutes, h*60+m)
			}
		}
	}
	return minutes
}

// everOn reports whether the rule names any day: 30 February never comes.
func (r startRule) everOn() bool {
	if r.spec.Dow&0x7f == 0 {
		return false
	}
	for m := time.January; m <= time.December; m++ {
		longest := daysIn(2024, m)
		if r.spec.Month>>m&1 == 1 && bits.TrailingZeros64(r.spec.Dom) <= longest {
			return true
		}
	}
	return false
}

// on reports whether the rule starts anything on the day of that number.
func (r startRule) on(day int64) bool {
	d := dateOf(day)
	return r.spec.Month>>d.Month&1 == 1 && r.spec.Dom>>d.Day&1 == 1 && r.spec.Dow>>weekdayOf(day)&1 == 1
}

// span gives the lengths on the wall, in minutes, of the longest and the shortest occurrence of a day.
func (r startRule) span(end LocalEnd) (longest, shortest int) {
	minute := end.Days*24*60 + int(end.Clock)
	return minute - r.minutes[0], minute - r.minutes[len(r.minutes)-1]
}
