package report

import (
	"bytes"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"anteroom/controller/store"
	"anteroom/playlists"
)

var update = flag.Bool("update", false, "write the golden files")

// dayRollup is a figure of a screen's day.
type dayRollup struct {
	store.Sum

	day    playlists.Date
	screen playlists.ScreenID
}

// each gives the figures of a query's days as a store does, without adding them up.
func each(rs []dayRollup, q Query) func(store.Apart) iter.Seq2[store.Sum, error] {
	return func(by store.Apart) iter.Seq2[store.Sum, error] {
		return func(yield func(store.Sum, error) bool) {
			for _, r := range rs {
				group, asked := "", true
				if by.Group != nil {
					group, asked = by.Group(r.screen)
				}
				if !asked || r.day.Compare(q.From) < 0 || r.day.Compare(q.To) > 0 {
					continue
				}
				sum := r.Sum
				sum.Group = group
				if by.Day {
					sum.Day = r.day
				}
				if !by.Item {
					sum.Entry.Item = ""
				}
				if !yield(sum, nil) {
					return
				}
			}
		}
	}
}

// reading gives sums whatever is kept apart.
func reading(sums iter.Seq2[store.Sum, error]) func(store.Apart) iter.Seq2[store.Sum, error] {
	return func(store.Apart) iter.Seq2[store.Sum, error] { return sums }
}

// house places three screens.
func house(id playlists.ScreenID) playlists.DepartmentID {
	return map[playlists.ScreenID]playlists.DepartmentID{
		"cardiology-door": "cardiology", "cardiology-window": "cardiology", "eyes-lobby": "eyes",
	}[id]
}

// rollup reads "2026-11-03 cardiology-door know-your-numbers complete 12 120000"; an item that
// begins with ! is a takeover.
func rollup(t *testing.T, line string) dayRollup {
	t.Helper()
	var day, screen, item, outcome string
	var r dayRollup
	if _, err := fmt.Sscan(line, &day, &screen, &item, &outcome, &r.Count, &r.Millis); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	at, err := playlists.ParseDate(day)
	if err != nil {
		t.Fatal(err)
	}
	r.day, r.screen = at, playlists.ScreenID(screen)
	r.Entry = store.RollupEntry{Item: playlists.ItemID(item), Version: 1, Outcome: playlists.Outcome(outcome)}
	if item == "-" {
		r.Entry.Item, r.Entry.Version = "", 0
	}
	if id, ok := strings.CutPrefix(item, "!"); ok {
		r.Entry.Item, r.Entry.Takeover = "", playlists.TakeoverID(id)
	}
	return r
}

func november(t *testing.T) []dayRollup {
	t.Helper()
	var rs []dayRollup
	for _, line := range []string{
		"2026-10-31 cardiology-door   numbers complete    10 100000",
		"2026-11-01 cardiology-door   numbers complete    20 200000",
		"2026-11-02 cardiology-door   numbers truncated    1   4000",
		"2026-11-02 cardiology-window numbers complete     7  70000",
		"2026-11-02 cardiology-window flu     preempted    2   9000",
		"2026-11-02 cardiology-window flu     failed       3      0",
		"2026-11-02 cardiology-window !burst  complete     4  40000",
		"2026-12-01 eyes-lobby        flu     interrupted  1   2500",
		"2026-11-30 eyes-lobby        flu     interrupted  5  12500",
		"2026-11-02 nowhere           flu     complete     6  60000",
		"2026-11-02 cardiology-door   flu     imagined     9      9",
		"2026-11-02 cardiology-door   -       lost         8      0",
	} {
		rs = append(rs, rollup(t, line))
	}
	return rs
}

func dates(from, to string) (a, b playlists.Date) {
	a, _ = playlists.ParseDate(from)
	b, _ = playlists.ParseDate(to)
	return a, b
}

func monthOf(by ...Dimension) Query {
	from, to := dates("2026-11-01", "2026-11-30")
	return Query{From: from, To: to, By: by}
}

// lines draws rows, one a line.
func lines(rows []Row) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%s %s %s%s %s: %d plays, %d complete, %d failed, %d ms\n",
			r.Department, r.Screen, r.Item, r.Takeover, r.Day, r.Plays, r.Complete, r.Failed, r.Millis)
	}
	return b.String()
}

func TestLostPlaysAreToldOfTheScreensAsked(t *testing.T) {
	for _, c := range []struct {
		name string
		q    Query
		want int64
	}{
		{"all", monthOf(), 8},
		{"whatever the item", Query{Items: []playlists.ItemID{"flu"}}, 8},
		{"of another screen", Query{Screens: []playlists.ScreenID{"cardiology-window"}}, 0},
	} {
		c.q.From, c.q.To = dates("2026-11-01", "2026-11-30")
		rep, err := Impressions(each(november(t), c.q), house, c.q)
		if err != nil || rep.Lost != c.want {
			t.Errorf("%s: got %d lost, want %d (%v)", c.name, rep.Lost, c.want, err)
		}
	}
}

// TestCondensedPlaysAreCountedAndTold: they are in the figures already.
func TestCondensedPlaysAreCountedAndTold(t *testing.T) {
	all := append(november(t), rollup(t, "2026-11-02 cardiology-window numbers in-sums 5 0"))
	all[len(all)-1].Entry.Outcome = playlists.InSums
	for item, want := range map[playlists.ItemID]int64{"numbers": 5, "flu": 0} {
		q := monthOf()
		q.Items = []playlists.ItemID{item}
		with, err := Impressions(each(all, q), house, q)
		if err != nil || with.Condensed != want {
			t.Errorf("%s: got %d condensed, want %d (%v)", item, with.Condensed, want, err)
		}
		without, err := Impressions(each(november(t), q), house, q)
		if err != nil || with.Totals != without.Totals || with.Unknown != without.Unknown {
			t.Errorf("%s: got %+v, want %+v (%v)", item, with.Totals, without.Totals, err)
		}
	}
}

func TestImpressions(t *testing.T) {
	only := func(q Query, change func(*Query)) Query {
		change(&q)
		return q
	}
	for _, c := range []struct {
		name      string
		q         Query
		want      string
		takeovers string
	}{
		{
			"all together", monthOf(),
			"   : 41 plays, 33 complete, 3 failed, 355500 ms\n", "   : 4 plays, 4 complete, 0 failed, 40000 ms\n",
		},
		{
			"by item", monthOf(ByItem),
			"  flu : 13 plays, 6 complete, 3 failed, 81500 ms\n  numbers : 28 plays, 27 complete, 0 failed, 274000 ms\n",
			"  burst : 4 plays, 4 complete, 0 failed, 40000 ms\n",
		},
		{
			"by department; a screen of which nothing is known is in none", monthOf(ByDepartment),
			"   : 6 plays, 6 complete, 0 failed, 60000 ms\ncardiology   : 30 plays, 27 complete, 3 failed, 283000 ms\neyes   : 5 plays, 0 complete, 0 failed, 12500 ms\n",
			"cardiology   : 4 plays, 4 complete, 0 failed, 40000 ms\n",
		},
		{
			"one item in one department by day", only(monthOf(ByDay), func(q *Query) {
				q.Departments, q.Items = []playlists.DepartmentID{"cardiology"}, []playlists.ItemID{"numbers"}
			}),
			"   2026-11-01: 20 plays, 20 complete, 0 failed, 200000 ms\n   2026-11-02: 8 plays, 7 complete, 0 failed, 74000 ms\n", "",
		},
		{
			"one screen", only(monthOf(ByScreen), func(q *Query) { q.Screens = []playlists.ScreenID{"cardiology-door"} }),
			" cardiology-door  : 21 plays, 20 complete, 0 failed, 204000 ms\n", "",
		},
		{"a day without plays", only(monthOf(ByItem), func(q *Query) { q.From, q.To = dates("2026-11-15", "2026-11-15") }), "", ""},
	} {
		rep, err := Impressions(each(november(t), c.q), house, c.q)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, lines(rep.Rows)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if diff := cmp.Diff(c.takeovers, lines(rep.Takeovers)); diff != "" {
			t.Errorf("%s, takeovers (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestUnknownOutcomesAndDamageAreSaid(t *testing.T) {
	torn := &store.DamagedMonthError{Month: "2026-10", Err: store.ErrDamaged}
	some := reading(func(yield func(store.Sum, error) bool) {
		_ = yield(store.Sum{}, torn) && yield(november(t)[1].Sum, nil) && yield(november(t)[10].Sum, nil)
	})
	rep, err := Impressions(some, house, monthOf())
	if err != nil || rep.Totals.Plays != 20 || rep.Unknown != 9 || len(rep.Unreadable) != 1 {
		t.Errorf("got %+v, %v; want 20 plays, 9 unknown, 1 unreadable month", rep, err)
	}
	gone := errors.New("disk gone")
	if _, err := Impressions(reading(func(yield func(store.Sum, error) bool) { yield(store.Sum{}, gone) }), house, monthOf()); !errors.Is(err, gone) {
		t.Errorf("got %v, want the store's error", err)
	}
}

func TestQueriesThatAreRefused(t *testing.T) {
	for name, change := range map[string]func(*Query){
		"first and the last day":    func(q *Query) { q.From = playlists.Date{} },
		"before the first":          func(q *Query) { q.From, q.To = q.To, q.From },
		"thirteen months at a time": func(q *Query) { q.To = q.From.AddDays(397) },
		"choose among":              func(q *Query) { q.By = []Dimension{"patient"} },
	} {
		q := monthOf(ByItem)
		change(&q)
		if _, err := Impressions(each(nil, q), house, q); !errors.Is(err, playlists.ErrInvalid) || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want it refused with %q", err, name)
		}
	}
}

// Any thirteen months are one report, whenever they begin.
func TestThirteenMonthsAreOneReport(t *testing.T) {
	longest := 0
	for n := range 4 * 366 {
		first := time.Date(2027, 1, 1+n, 0, 0, 0, 0, time.UTC)
		last := first.AddDate(0, 13, -1)
		q := Query{From: dateOf(first), To: dateOf(last)}
		if err := q.Validate(); err != nil {
			t.Errorf("%s to %s: %v", q.From, q.To, err)
		}
		longest = max(longest, 1+int(last.Sub(first).Hours())/24)
	}
	if longest != 397 {
		t.Errorf("the longest have %d days", longest)
	}
}

func dateOf(t time.Time) playlists.Date {
	return playlists.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()}
}

func TestCompleteUntil(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 11, 30, hour, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		name  string
		heard map[playlists.ScreenID]time.Time
		want  Completeness
	}{
		{"all heard after the end", map[playlists.ScreenID]time.Time{"a": at(20), "b": at(19)}, Completeness{Until: at(18), Expected: 2, Received: 2}},
		{"one behind", map[playlists.ScreenID]time.Time{"a": at(20), "b": at(9)}, Completeness{Until: at(9), Waiting: []playlists.ScreenID{"b"}, Expected: 2, Received: 1}},
		{"one never heard", map[playlists.ScreenID]time.Time{"a": at(20)}, Completeness{Waiting: []playlists.ScreenID{"b"}, Expected: 2, Received: 1}},
	} {
		if diff := cmp.Diff(c.want, CompleteUntil([]playlists.ScreenID{"b", "a"}, c.heard, at(18))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestEvidenceOfWhatHasArrived(t *testing.T) {
	at := func(clock string) time.Time {
		if clock == "" {
			return time.Time{}
		}
		v, err := time.Parse(time.DateTime, "2026-11-30 "+clock)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct{ name, ended, arrived, sentAll, want string }{
		{"a player that never said anything", "", "", "", ""},
		{"one that plays without a pause: always some plays wait", "13:59:10", "13:59:50", "", "13:59:10"},
		{"one that has sent everything since", "13:00:00", "13:01:00", "14:00:00", "13:59:55"},
		{"one whose newest play is newer than its last quiet moment", "13:59:10", "13:59:50", "12:00:00", "13:59:10"},
		{"one that sends what it played last week", "09:00:00", "13:59:50", "", "09:00:00"},
		{"one with a clock ahead", "15:00:00", "13:59:50", "", "13:59:50"},
		{"one that has never played", "", "", "14:00:00", "13:59:55"},
	} {
		got := Evidence{Ended: at(c.ended), Arrived: at(c.arrived), SentAll: at(c.sentAll)}.Until()
		if !got.Equal(at(c.want)) {
			t.Errorf("%s: complete until %s, want %s", c.name, got.Format(time.TimeOnly), c.want)
		}
	}
}

// rollups draws plays of a few screens and items around November.
func rollups() *rapid.Generator[[]dayRollup] {
	one := rapid.Custom(func(t *rapid.T) dayRollup {
		eve := playlists.Date{Year: 2026, Month: 10, Day: 31}
		r := dayRollup{
			day: eve.AddDays(rapid.IntRange(0, 32).Draw(t, "day")), screen: rapid.SampledFrom([]playlists.ScreenID{"cardiology-door", "cardiology-window", "eyes-lobby", "nowhere"}).Draw(t, "screen"),
		}
		r.Entry.Item = rapid.SampledFrom([]playlists.ItemID{"flu", "numbers", "sleep"}).Draw(t, "item")
		r.Entry.Outcome = rapid.SampledFrom([]playlists.Outcome{playlists.Complete, playlists.Truncated, playlists.Preempted, playlists.Interrupted, playlists.Failed, "?"}).Draw(t, "outcome")
		r.Count, r.Millis = rapid.Int64Range(1, 1000).Draw(t, "count"), rapid.Int64Range(0, 1e7).Draw(t, "millis")
		if rapid.Bool().Draw(t, "takeover") {
			r.Entry.Item, r.Entry.Takeover = "", "tko"
		}
		return r
	})
	return rapid.SliceOfN(one, 0, 60)
}

func TestRowsAddUpHoweverTheyAreSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rs := rollups().Draw(t, "rollups")
		by := rapid.SliceOfDistinct(rapid.SampledFrom(Dimensions()), func(d Dimension) Dimension { return d }).Draw(t, "by")
		whole, err := Impressions(each(rs, monthOf()), house, monthOf())
		if err != nil {
			t.Fatal(err)
		}
		shuffled := rapid.Permutation(rs).Draw(t, "shuffled")
		split, err := Impressions(each(shuffled, monthOf(by...)), house, monthOf(by...))
		if err != nil {
			t.Fatal(err)
		}
		if split.Totals != whole.Totals || split.TakeoverTotals != whole.TakeoverTotals || split.Unknown != whole.Unknown {
			t.Fatalf("by %v: totals %+v, want %+v", by, split.Totals, whole.Totals)
		}
		if total(split.Rows) != whole.Totals || total(split.Takeovers) != whole.TakeoverTotals {
			t.Fatalf("by %v: rows add up to %+v, want %+v", by, total(split.Rows), whole.Totals)
		}
		if f := whole.Totals; f.Plays != f.Complete+f.Truncated+f.Preempted+f.Interrupted {
			t.Fatalf("%+v", f)
		}
		if !slices.IsSortedFunc(split.Rows, func(a, b Row) int { return a.compare(&b.Key) }) {
			t.Fatal("rows out of order")
		}
	})
}

func TestPeriods(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"a month", "2026-11-01", "2026-11-30", "months 2026-11-01 to 2026-11-30"},
		{"a year", "2025-11-01", "2026-10-31", "months 2025-11-01 to 2026-10-31"},
		{"a week", "2026-11-02", "2026-11-08", "days 2026-11-02 to 2026-11-08"},
		{"a day", "2026-11-01", "2026-11-01", "days 2026-11-01 to 2026-11-01"},
		{"two halves of months", "2026-01-31", "2026-02-27", "days 2026-01-31 to 2026-02-27"},
		{"half a month and one", "2026-01-15", "2026-02-28", "days 2026-01-15 to 2026-01-31, months 2026-02-01 to 2026-02-28"},
		{"one and half a month", "2026-12-01", "2027-01-15", "days 2027-01-01 to 2027-01-15, months 2026-12-01 to 2026-12-31"},
		{"a month between", "2026-01-31", "2026-03-01", "days 2026-01-31 to 2026-01-31, days 2026-03-01 to 2026-03-01, months 2026-02-01 to 2026-02-28"},
	} {
		from, to := dates(c.from, c.to)
		days, months := Query{From: from, To: to, By: []Dimension{ByItem}}.Periods()
		var got []string
		for _, p := range days {
			got = append(got, fmt.Sprintf("days %s to %s", p.From, p.To))
		}
		if months != (Period{}) {
			got = append(got, fmt.Sprintf("months %s to %s", months.From, months.To))
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s: got %s, want %s", c.name, text, c.want)
		}
		if days, months := (Query{From: from, To: to, By: []Dimension{ByDay}}).Periods(); len(days) != 1 || days[0] != (Period{from, to}) || months != (Period{}) {
			t.Errorf("%s by day: %v, %v", c.name, days, months)
		}
	}
}

func TestEndIsThatOfEveryZone(t *testing.T) {
	end := monthOf().End()
	for _, zone := range []string{"Pacific/Kiritimati", "Etc/GMT+12", "America/New_York", "Pacific/Apia"} {
		l, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		if last := time.Date(2026, 12, 1, 0, 0, 0, -1, l); !last.Before(end) {
			t.Errorf("%s: %s is not before %s", zone, last, end)
		}
	}
}

func TestCSVGolden(t *testing.T) {
	rep, err := Impressions(each(november(t), monthOf(ByItem, ByDay, ByScreen)), house, monthOf(ByItem, ByDay, ByScreen))
	if err != nil {
		t.Fatal(err)
	}
	rep.Completeness.Until = time.Date(2026, 11, 30, 18, 0, 0, 0, time.UTC)
	names := func(d Dimension, id string) string {
		return map[string]string{
			"item flu": `Flu: "ask", then decide`, "item numbers": "Know your\nnumbers", "screen cardiology-door": "=HYPERLINK(\"http://evil\")", "screen eyes-lobby": "眼科",
		}[string(d)+" "+id]
	}
	var b bytes.Buffer
	if err = CSV(&b, rep, CSVOptions{Names: names}); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/impressions.csv"
	if *update {
		if err = os.WriteFile(golden, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var withBOM bytes.Buffer
	if err := CSV(&withBOM, rep, CSVOptions{Names: names, BOM: true}); err != nil || withBOM.String() != "\xef\xbb\xbf"+b.String() {
		t.Errorf("with a BOM it is not the same behind EF BB BF (%v)", err)
	}
}

func TestCSVIsReadBackAndRunsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		rep := &Report{Query: monthOf(ByItem), Rows: []Row{{Key{Item: "flu"}, Figures{Plays: 3, Millis: 1001}}}}
		var b bytes.Buffer
		if err := CSV(&b, rep, CSVOptions{Names: func(Dimension, string) string { return name }}); err != nil {
			t.Fatal(err)
		}
		if bare := strings.Count(b.String(), "\n") - strings.Count(b.String(), "\r\n"); bare != 0 {
			t.Fatalf("%d lines do not end in CRLF: %q", bare, b.String())
		}
		got, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(got) != 2 || len(got[1]) != len(got[0]) {
			t.Fatalf("%q reads back as %q, %v", name, got, err)
		}
		if cell := got[1][2]; cell != "" && strings.ContainsRune("=+-@\t\r\n|%＝＋－＠", []rune(cell)[0]) {
			t.Fatalf("a cell begins with %q", cell)
		}
		if got[1][9] != "1.001" || got[1][3] != "3" {
			t.Fatalf("figures are %q", got[1])
		}
	})
}

func TestCSVSaysWhatIsNotInIt(t *testing.T) {
	torn := []*store.DamagedMonthError{{Month: "2026-09", Err: store.ErrDamaged}, {Month: "2026-10", Err: store.ErrDamaged}}
	until := time.Date(2026, 11, 30, 18, 0, 0, 0, time.UTC)
	row := Row{Key{Item: "flu"}, Figures{Plays: 3, Complete: 3, Millis: 1001}}
	const said = "incomplete: plays that came in during 2026-09 and 2026-10 cannot be read"
	for _, c := range []struct {
		name string
		rep  Report
		want []string
	}{
		{"nothing was shown", Report{}, nil},
		{"all is there", Report{Rows: []Row{row}}, []string{"item,flu,,,3,3,0,0,0,0,1.001,0,0,2026-11-30T18:00:00Z,anteroom-1"}},
		{"two months are missing", Report{Rows: []Row{row}, Unreadable: torn}, []string{"item,flu,,,3,3,0,0,0,0,1.001,0,0," + said + ",anteroom-1"}},
		{"plays are lost and condensed", Report{Rows: []Row{row}, Lost: 7, Condensed: 2}, []string{"item,flu,,,3,3,0,0,0,0,1.001,7,2,2026-11-30T18:00:00Z,anteroom-1"}},
		{"all are lost", Report{Lost: 7}, []string{"none,,,,0,0,0,0,0,0,0.000,7,0,2026-11-30T18:00:00Z,anteroom-1"}},
		{"some are no longer kept", Report{Forgotten: "2026-08"}, []string{"none,,,,0,0,0,0,0,0,0.000,0,0,incomplete: plays that came in until the end of 2026-08 are no longer kept,anteroom-1"}},
		{"both", Report{Forgotten: "2026-08", Unreadable: torn}, []string{
			"none,,,,0,0,0,0,0,0,0.000,0,0,incomplete: plays that came in until the end of 2026-08 are no longer kept; " + strings.TrimPrefix(said, "incomplete: ") + ",anteroom-1",
		}},
		{"nothing else is there", Report{Unreadable: torn}, []string{"none,,,,0,0,0,0,0,0,0.000,0,0," + said + ",anteroom-1"}},
	} {
		c.rep.Query, c.rep.Completeness.Until = monthOf(ByItem, ByDay), until
		var b bytes.Buffer
		if err := CSV(&b, &c.rep, CSVOptions{}); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(b.String(), "\r\n"), "\r\n")
		if diff := cmp.Diff(c.want, append([]string(nil), lines[1:]...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestSeconds(t *testing.T) {
	for in, want := range map[int64]string{0: "0.000", 999: "0.999", 60_000: "60.000", 86_400_001: "86400.001", -1500: "-1.500"} {
		if got := seconds(in); got != want {
			t.Errorf("%d ms is %s s, want %s", in, got, want)
		}
	}
}
