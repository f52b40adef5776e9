package voice_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"anteroom/controller/store"
	"anteroom/controller/voice"
	"anteroom/playlists"
)

// november is when all weeks that begin in November 2026 are over.
var november = time.Date(2026, time.December, 8, 0, 0, 0, 0, time.UTC)

// week is the n-th week that begins in November 2026: 2, 9, 16, 23 and 30.
func week(n int) playlists.Date {
	return playlists.Date{Year: 2026, Month: time.November, Day: 2 + 7*n}
}

func asked(n int, topic string, language playlists.Language, count int64) store.Count {
	return store.Count{CountKey: store.CountKey{Week: week(n), Department: "er", What: store.Asked, Of: topic, Language: language}, N: count}
}

// line is a row as a reader sees it.
func line(r voice.Row) string {
	more := ""
	if r.More {
		more = " and more"
	}
	return fmt.Sprintf("%s %s/%s %d%s", r.Period, r.Of, r.Language, r.N, more)
}

func lines(rows []voice.Row) []string {
	var all []string
	for _, r := range rows {
		all = append(all, line(r))
	}
	slices.Sort(all)
	return all
}

func TestFigures(t *testing.T) {
	for _, row := range []struct {
		name          string
		counts        []store.Count
		weeks, months []string
	}{
		{name: "nothing was asked"},
		{
			name: "eleven are told, and ten are not", counts: []store.Count{asked(0, "flu", "en", 11), asked(0, "flu", "es", 10)},
			weeks:  []string{"2026-11-02 / 11 and more", "2026-11-02 flu/ 11 and more", "2026-11-02 flu/en 11", "2026-11-02 flu/es 0 and more"},
			months: []string{"2026-11 / 11 and more", "2026-11 flu/ 11 and more", "2026-11 flu/en 11", "2026-11 flu/es 0 and more"},
		},
		{
			name: "hidden weeks are told as a month", counts: []store.Count{asked(0, "flu", "en", 5), asked(1, "flu", "en", 7)},
			weeks: []string{
				"2026-11-02 / 0 and more", "2026-11-02 flu/ 0 and more", "2026-11-02 flu/en 0 and more",
				"2026-11-09 / 0 and more", "2026-11-09 flu/ 0 and more", "2026-11-09 flu/en 0 and more",
			},
			months: []string{"2026-11 / 12", "2026-11 flu/ 12", "2026-11 flu/en 12"},
		},
		{
			name: "not if the sum says each of them", counts: []store.Count{asked(0, "flu", "en", 10), asked(1, "flu", "en", 10)},
			weeks: []string{
				"2026-11-02 / 0 and more", "2026-11-02 flu/ 0 and more", "2026-11-02 flu/en 0 and more",
				"2026-11-09 / 0 and more", "2026-11-09 flu/ 0 and more", "2026-11-09 flu/en 0 and more",
			},
			months: []string{"2026-11 / 0 and more", "2026-11 flu/ 0 and more", "2026-11 flu/en 0 and more"},
		},
		{
			name: "hidden languages are told together", counts: []store.Count{asked(0, "flu", "en", 6), asked(0, "flu", "es", 7), asked(0, "flu", "ar", 40)},
			weeks: []string{
				"2026-11-02 / 40 and more", "2026-11-02 flu/ 40 and more", "2026-11-02 flu/ar 40", "2026-11-02 flu/en 0 and more", "2026-11-02 flu/es 0 and more",
			},
			months: []string{"2026-11 / 53", "2026-11 flu/ 53", "2026-11 flu/ar 40", "2026-11 flu/en 0 and more", "2026-11 flu/es 0 and more"},
		},
		{
			name: "hidden topics are not", counts: []store.Count{asked(0, "flu", "en", 6), asked(0, "cold", "en", 7)},
			weeks: []string{
				"2026-11-02 / 0 and more", "2026-11-02 cold/ 0 and more", "2026-11-02 cold/en 0 and more", "2026-11-02 flu/ 0 and more", "2026-11-02 flu/en 0 and more",
			},
			months: []string{"2026-11 / 0 and more", "2026-11 cold/ 0 and more", "2026-11 cold/en 0 and more", "2026-11 flu/ 0 and more", "2026-11 flu/en 0 and more"},
		},
		{name: "a week that is not over is told of nobody", counts: []store.Count{asked(5, "flu", "en", 300)}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := lines(voice.Weeks(row.counts, november)); !slices.Equal(got, row.weeks) {
				t.Errorf("weeks: got %q, want %q", got, row.weeks)
			}
			if got := lines(voice.Months(row.counts, november)); !slices.Equal(got, row.months) {
				t.Errorf("months: got %q, want %q", got, row.months)
			}
		})
	}
}

func TestAMonthThatIsNotOverTellsNoHiddenWeeks(t *testing.T) {
	counts := []store.Count{asked(0, "flu", "en", 5), asked(1, "flu", "en", 7)}
	soon := time.Date(2026, time.December, 7, 12, 30, 0, 0, time.UTC)
	if got, want := lines(voice.Months(counts, soon)), []string{"2026-11 / 0 and more", "2026-11 flu/ 0 and more", "2026-11 flu/en 0 and more"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q: tomorrow's sum less today's would be the last week", got, want)
	}
}

// told is all that anybody is ever told of counts: by week and by month, now and at every time before.
func told(counts []store.Count, from int) []string {
	var all []string
	for n := from; n < 6; n++ {
		at := november.AddDate(0, 0, -7*(5-n))
		all = append(all, slices.Concat([]string{fmt.Sprint("at ", n)}, lines(voice.Weeks(counts, at)), lines(voice.Months(counts, at)))...)
	}
	return all
}

// TestNoHiddenCountCanBeRecovered holds that whatever is told is told as well of other counts, in which the hidden one is
// another: nobody who puts figures side by side, at different times, and knows this program, can tell which it is.
func TestNoHiddenCountCanBeRecovered(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var counts []store.Count
		for _, n := range []int{0, 2, 4}[:rapid.IntRange(2, 3).Draw(rt, "weeks")] {
			for _, topic := range []string{"flu", "cold"}[:rapid.IntRange(1, 2).Draw(rt, "topics")] {
				for _, language := range []playlists.Language{"en", "es"} {
					few := rapid.Int64Range(0, 10)
					if c := rapid.OneOf(few, few, few, rapid.Int64Range(11, 40)).Draw(rt, "count"); c > 0 {
						counts = append(counts, asked(n, topic, language, c))
					}
				}
			}
		}
		want, before := told(counts, 5), told(counts, 0)
		for i, c := range counts {
			if c.N < voice.Threshold && !ambiguous(counts, i, want, before) {
				rt.Fatalf("%v can be recovered from %q", c, want)
			}
		}
	})
}

// ambiguous reports whether there are other counts, of which the same is told, in which the i-th is another: by itself, or
// with what it gains taken from one or two others.
func ambiguous(counts []store.Count, i int, want, before []string) bool {
	same := func(other []store.Count) bool {
		return slices.Equal(told(other, 5), want) && slices.Equal(told(other, 0), before)
	}
	for value := int64(1); value < voice.Threshold; value++ {
		other := slices.Clone(counts)
		gain := value - other[i].N
		other[i].N = value
		if gain == 0 {
			continue
		}
		if same(other) {
			return true
		}
		for j := range counts {
			for k := j; k < len(counts); k++ {
				again := slices.Clone(other)
				again[j].N -= gain / 2
				again[k].N -= gain - gain/2
				if j != i && k != i && hidden(again[j]) && hidden(again[k]) && hidden(counts[j]) && hidden(counts[k]) && counts[j].Of == counts[i].Of && counts[k].Of == counts[i].Of && same(again) {
					return true
				}
			}
		}
	}
	return false
}

func hidden(c store.Count) bool { return c.N >= 1 && c.N < voice.Threshold }

// TestWhatWasNotToldSaysNothing holds a leak that was there once: the first language may not be told, as 26 of 30 says too
// much, and the second is one week; of 27 together, who knows both has the second.
func TestWhatWasNotToldSaysNothing(t *testing.T) {
	counts := []store.Count{asked(0, "flu", "es", 10), asked(2, "flu", "es", 8), asked(4, "flu", "es", 8), asked(2, "flu", "en", 1)}
	if got, want := lines(voice.Months(counts, november)), []string{"2026-11 / 0 and more", "2026-11 flu/ 0 and more", "2026-11 flu/en 0 and more", "2026-11 flu/es 0 and more"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEveryFigureIsOfElevenAtLeast(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var counts []store.Count
		var sum int64
		for n := range rapid.IntRange(0, 30).Draw(rt, "cells") {
			c := asked(n%5, fmt.Sprint("topic-", n/5), "en", rapid.Int64Range(1, 15).Draw(rt, "count"))
			counts, sum = append(counts, c), sum+c.N
		}
		for _, r := range slices.Concat(voice.Weeks(counts, november), voice.Months(counts, november)) {
			if r.N != 0 && r.N < voice.Threshold {
				rt.Errorf("%s is told", line(r))
			}
			if r.Of == "" && len(r.Period) == len("2026-11") && (!r.More && r.N != sum || r.N > sum) {
				rt.Errorf("%s, but %d were asked", line(r), sum)
			}
		}
	})
}
