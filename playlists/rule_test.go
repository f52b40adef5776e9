package playlists

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"pgregory.net/rapid"

	"anteroom/playlists/playliststest/fuzztest"
)

func TestRules(t *testing.T) {
	for _, c := range []struct{ rule, why, day, starts string }{
		{"0 8 * * 1-5", "a weekday", "2026-11-23", "08:00"},
		{"0 8 * * 1-5", "a Sunday", "2026-11-22", ""},
		{"0 8 * * MON,wed", "names of days", "2026-11-25", "08:00"},
		{"*/30 9-10 * * *", "every half hour for two hours", "2026-11-23", "09:00 09:30 10:00 10:30"},
		{"15 0 29 2 *", "a leap day", "2028-02-29", "00:15"},
		{"15 0 29 2 *", "the day before", "2028-02-28", ""},
		{"0 12 1 1,7 *", "the first of January or July", "2027-07-01", "12:00"},
		{"0 12 */2 * *", "odd days", "2027-07-03", "12:00"},
		{"0 12 1-7 * *", "the first week, whatever the weekday", "2027-07-08", ""},
		{"5 4 ? * 0", "a question mark is a star", "2026-11-22", "04:05"},
	} {
		t.Run(c.rule+" on "+c.why, func(t *testing.T) {
			r, err := parseRule(c.rule)
			if err != nil {
				t.Fatal(err)
			}
			day, err := ParseDate(c.day)
			if err != nil {
				t.Fatal(err)
			}
			var starts []string
			if r.on(day.day()) {
				for _, m := range r.minutes {
					starts = append(starts, Clock(m).String())
				}
			}
			if got := strings.Join(starts, " "); got != c.starts {
				t.Errorf("got %q, want %q", got, c.starts)
			}
		})
	}
}

func TestRulesRefused(t *testing.T) {
	for _, c := range []struct{ rule, why, want string }{
		{"TZ=UTC", "cron panics on it", "no calendar rule"},
		{"TZ=Asia/Tokyo 0 8 * * *", "a zone of its own", "no calendar rule"},
		{"CRON_TZ=Asia/Tokyo 0 8 * * *", "a zone of its own", "no calendar rule"},
		{"@daily", "a descriptor", "no calendar rule"},
		{"@every 1h", "no calendar at all", "no calendar rule"},
		{"0 8 13 * 5", "cron would take the 13th or any Friday", "sets both"},
		{"0 8 */2 * 1", "a step counts as set, too", "sets both"},
		{"0 8 1-31 * 1", "and so do all days", "sets both"},
		{"0 8 30 2 *", "30 February", "never starts"},
		{"0 8 31 4,6,9,11 *", "the 31st of short months", "never starts"},
		{", 8 * * *", "no minute", "never starts"},
		{"0 8 * * ,", "no weekday", "never starts"},
		{"0 8 * *", "four fields", "4 fields"},
		{"0 0 8 * * *", "seconds", "6 fields"},
		{"", "nothing", "0 fields"},
		{"60 8 * * *", "minute 60", "no start rule"},
		{"0 8 * * 7", "Sunday is 0", "no start rule"},
		{"*-5 8 * * *", "cron would take every minute", "begins a range with a star"},
		{"0 8 * * 5-1", "backwards", "no start rule"},
	} {
		t.Run(c.rule+": "+c.why, func(t *testing.T) {
			if _, err := parseRule(c.rule); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

// TestRulesAgreeWithCron walks cron's own Next in UTC over a year.
func TestRulesAgreeWithCron(t *testing.T) {
	field := func(most int) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			low := rapid.IntRange(0, most-1).Draw(t, "low")
			high := rapid.IntRange(low, most-1).Draw(t, "high")
			return rapid.SampledFrom([]string{"*", fmt.Sprint(low), fmt.Sprintf("%d-%d", low, high), fmt.Sprintf("%d-%d/3", low, high), fmt.Sprintf("%d,%d", low, high)}).Draw(t, "field")
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		text := fmt.Sprintf("%d %s * * %s", rapid.IntRange(0, 59).Draw(t, "minute"), field(24).Draw(t, "hour"), field(7).Draw(t, "weekday"))
		r, err := parseRule(text)
		if err != nil {
			t.Fatal(err)
		}
		schedule, err := cron.ParseStandard("TZ=UTC " + text)
		if err != nil {
			t.Fatal(err)
		}
		first := Date{2026, time.February, 20}.AddDays(rapid.IntRange(0, 3000).Draw(t, "day"))
		var want, got []time.Time
		begin, end := first.day()*secondsPerDay, first.AddDays(20).day()*secondsPerDay
		for at := schedule.Next(time.Unix(begin-1, 0).UTC()); at.Unix() < end; at = schedule.Next(at) {
			want = append(want, at)
		}
		for day := first.day(); day*secondsPerDay < end; day++ {
			if r.on(day) {
				for _, m := range r.minutes {
					got = append(got, time.Unix(day*secondsPerDay+int64(m)*60, 0).UTC())
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s: got %v, want %v", text, got, want)
		}
	})
}

// FuzzRule: any text gives an error, or a rule that starts something.
func FuzzRule(f *testing.F) {
	g := fuzztest.New(f)
	for _, s := range []string{"0 8 * * 1-5", "TZ=UTC", "*/5 * 29 2 *", "@every 1s", "0 0 8 * *", "1-2/3,7 ? * jan *"} {
		g.Add(s)
	}
	g.Fuzz(func(t *testing.T, s string) {
		r, err := parseRule(s)
		if err != nil {
			return
		}
		for day := int64(20000); day < 20000+8*366; day++ {
			if r.on(day) {
				return
			}
		}
		t.Fatalf("%q never starts", s)
	})
}
