package closures_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teambition/rrule-go"

	"anteroom/controller/closures"
)

// Rules give the days that the usual library gives. That one looks for the next occurrence until the year
// 9999, so the rules are the same at each run, and each has occurrences.
func TestRulesAgainstALibrary(t *testing.T) {
	span := between("2026-01-01", "2028-12-31")
	random := rules{rand.New(rand.NewPCG(4, 2026))}
	found := 0
	for range 600 {
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, random.IntN(3900)-3000)
		rule := random.rule()
		file := calendar(event("DTSTART:"+start.Format("20060102"), "RRULE:"+rule))
		c, err := closures.Read([]byte(file), span, systemZones)
		if err != nil || len(c.Left) > 0 {
			t.Fatalf("%s: %v %v", rule, c.Left, err)
		}
		var got []string
		for _, d := range c.Days {
			got = append(got, d.Date.String())
		}
		found += len(got)
		if want := byLibrary(t, rule, start); !slices.Equal(got, want) {
			t.Errorf("%s from %s: got %v, want %v", rule, start.Format(time.DateOnly), got, want)
		}
	}
	if found < 1000 {
		t.Errorf("only %d days were compared", found)
	}
}

func byLibrary(t *testing.T, rule string, start time.Time) []string {
	t.Helper()
	option, err := rrule.StrToROption(rule)
	if err != nil {
		t.Fatal(err)
	}
	option.Dtstart = start
	r, err := rrule.NewRRule(*option)
	if err != nil {
		t.Fatal(err)
	}
	var days []string
	for _, d := range r.Between(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2028, 12, 31, 0, 0, 0, 0, time.UTC), true) {
		days = append(days, d.Format(time.DateOnly))
	}
	return days
}

// rules draws rules.
type rules struct{ *rand.Rand }

func (r rules) rule() string {
	every := []string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}[r.IntN(4)]
	parts := []string{"FREQ=" + every, fmt.Sprintf("INTERVAL=%d", 1+r.IntN(3)), "WKST=" + []string{"MO", "SU"}[r.IntN(2)]}
	by := ""
	switch r.IntN(4) {
	case 0:
		by = r.list("BYDAY", r.weekdays(every))
	case 1:
		if every != "WEEKLY" {
			by = r.list("BYMONTHDAY", []string{"1", "13", "28", "-1", "-2"})
		}
	case 2:
		if every == "YEARLY" {
			by = r.list("BYYEARDAY", []string{"1", "100", "365", "-1", "-365"})
		}
	}
	if by != "" {
		parts = append(parts, by)
	}
	if r.IntN(3) == 0 && !strings.Contains(by, "YEAR") && (every != "DAILY" || by == "") {
		parts = append(parts, r.list("BYMONTH", []string{"1", "3", "5", "11", "12"}))
	}
	if by != "" && r.IntN(3) == 0 {
		parts = append(parts, r.list("BYSETPOS", []string{"1", "-1"}))
	}
	if r.IntN(2) == 0 {
		return strings.Join(append(parts, fmt.Sprintf("COUNT=%d", 1+r.IntN(60))), ";")
	}
	return strings.Join(append(parts, "UNTIL="+time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, r.IntN(1200)).Format("20060102")), ";")
}

// weekdays are all counted or all not: the library takes a list of both for those that are in either.
func (r rules) weekdays(every string) []string {
	if every == "DAILY" || every == "WEEKLY" || r.IntN(2) == 0 {
		return []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}
	}
	return []string{"1MO", "4TH", "-1FR", "2SU", "-3WE"}
}

func (r rules) list(key string, of []string) string {
	var all []string
	for range 1 + r.IntN(3) {
		all = append(all, of[r.IntN(len(of))])
	}
	slices.Sort(all)
	return key + "=" + strings.Join(slices.Compact(all), ",")
}
