package voice

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// Threshold is the fewest people that a figure is told of. Fewer are hidden, but none is told.
const Threshold = playlists.DemandThreshold

// narrowest is how many values a hidden cell can have at least, beside the one that it has, when a sum with it is told.
const narrowest = 5

// Row is a figure that may be told. Of is empty in the total of a department, Language in that of what is counted.
type Row struct {
	// Period is a week's Monday, "2026-11-30", or the month in which weeks begin, "2026-11".
	Period     string
	Department playlists.DepartmentID
	What       store.Counted
	Of         string
	Language   playlists.Language
	// N is what may be told, and More says that there is more, which may not.
	N    int64
	More bool
}

// Closed reports whether a week is over everywhere. Before, nothing of it is told: who could look again and again would see
// single answers come in.
func Closed(week playlists.Date, now time.Time) bool {
	latest := time.Date(week.Year, week.Month, week.Day, 12, 0, 0, 0, time.UTC).AddDate(0, 0, 7) // where it is 12 h earlier
	return now.After(latest.Add(time.Hour))                                                      // and all is written
}

// Weeks gives the figures of weeks that are over: by what is counted and language, and their totals.
func Weeks(counts []store.Count, now time.Time) []Row {
	t := tables{}
	for _, p := range parts(counts, now) {
		if len(p.cells) == 1 && p.cells[0].N >= Threshold {
			t.add(p, p.cells[0].Week.String())
		}
	}
	for _, c := range counts {
		if Closed(c.Week, now) && c.N > 0 && c.N < Threshold {
			t.hide(part{cells: []store.Count{c}}, c.Week.String())
		}
	}
	return t.rows()
}

// Months gives the figures of months, which are the weeks that begin in them. Weeks that are hidden are told together once
// the month is over, where nobody can tell them apart.
func Months(counts []store.Count, now time.Time) []Row {
	t := tables{}
	for _, p := range parts(counts, now) {
		if p.told {
			t.add(p, month(p.cells[0].Week))
		} else {
			t.hide(p, month(p.cells[0].Week))
		}
	}
	return t.rows()
}

func month(week playlists.Date) string { return fmt.Sprintf("%04d-%02d", week.Year, int(week.Month)) }

// part is some cells of a department and month whose sum is told, or not. All that is ever told is sums of whole parts, and
// no cell is in two of them: whatever figures somebody puts side by side, they learn nothing of a cell that its part's sum
// does not say.
type part struct {
	cells []store.Count
	told  bool
}

// parts divides what was counted in weeks that are over. A cell of [Threshold] or more is a part by itself. The others of a
// month are gathered when it is over: over its weeks, and then, of those of one topic or item that are still left, over
// languages; each time only if the sum may be told.
func parts(counts []store.Count, now time.Time) []part {
	var all []part
	var order []store.CountKey // of what is left, without languages
	left := map[store.CountKey]map[playlists.Language][]store.Count{}
	for _, c := range counts {
		switch {
		case !Closed(c.Week, now) || c.N < 1:
		case c.N >= Threshold:
			all = append(all, part{[]store.Count{c}, true})
		default:
			k := c.CountKey
			k.Week, k.Language = playlists.Date{Year: c.Week.Year, Month: c.Week.Month, Day: 1}, ""
			if left[k] == nil {
				left[k] = map[playlists.Language][]store.Count{}
				order = append(order, k)
			}
			left[k][c.Language] = append(left[k][c.Language], c)
		}
	}
	for _, k := range order {
		all = append(all, gathered(left[k], monthOver(k.Week, now))...)
	}
	return all
}

// gathered makes parts of the hidden cells of a month, by language.
func gathered(hidden map[playlists.Language][]store.Count, over bool) []part {
	var all []part
	var rest [][]store.Count
	for _, l := range slices.Sorted(maps.Keys(hidden)) {
		cells := hidden[l]
		if over && mayTell(len(cells), sum(cells)) {
			all = append(all, part{cells, true})
			continue
		}
		rest = append(rest, cells)
	}
	if over && mayTellTogether(rest) {
		return append(all, part{slices.Concat(rest...), true})
	}
	for _, c := range slices.Concat(rest...) {
		all = append(all, part{[]store.Count{c}, false})
	}
	return all
}

// monthOver reports whether every week that begins in a month is over.
func monthOver(first playlists.Date, now time.Time) bool {
	last := first.AddDays(31)
	last = last.AddDays(-last.Day) // of the month
	return Closed(last.Monday(), now)
}

func sum(cells []store.Count) (n int64) {
	for _, c := range cells {
		n += c.N
	}
	return n
}

// values are those that one of n hidden cells with a sum can have: from low to high.
func values(n int, sum int64) (low, high int64) {
	others := int64(n - 1)
	return max(1, sum-others*(Threshold-1)), min(Threshold-1, sum-others)
}

// mayTell reports whether the sum of n hidden cells may be told: it is of enough people, and leaves each of them several
// values.
func mayTell(n int, sum int64) bool {
	low, high := values(n, sum)
	return sum >= Threshold && high-low >= narrowest
}

// mayTellTogether reports whether the sum of groups of hidden cells may be told, of which none may be told by itself. That
// none was told says something, too: whoever knows this program knows which sums a group cannot have. What is left to each
// cell is what fits both.
func mayTellTogether(groups [][]store.Count) bool {
	total := sum(slices.Concat(groups...))
	if len(groups) < 2 || total < Threshold {
		return false
	}
	for i, g := range groups {
		others := sumsOf(slices.Delete(slices.Clone(groups), i, i+1), total)
		left := map[int64]bool{}
		for own := range untold(len(g)) {
			if others[total-own] {
				low, high := values(len(g), own)
				for v := low; v <= high; v++ {
					left[v] = true
				}
			}
		}
		if len(left) <= narrowest {
			return false
		}
	}
	return true
}

// untold gives the sums of n hidden cells that are not told by themselves.
func untold(n int) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for s := int64(n); s <= int64(n)*(Threshold-1); s++ {
			if !mayTell(n, s) && !yield(s) {
				return
			}
		}
	}
}

// sumsOf are the sums, up to a bound, that groups can have together of which none was told.
func sumsOf(groups [][]store.Count, bound int64) map[int64]bool {
	sums := map[int64]bool{0: true}
	for _, g := range groups {
		next := map[int64]bool{}
		for s := range sums {
			for own := range untold(len(g)) {
				if s+own <= bound {
					next[s+own] = true
				}
			}
		}
		sums = next
	}
	return sums
}

// rowKey is what a row is of.
type rowKey struct {
	period     string
	department playlists.DepartmentID
	what       store.Counted
	of         string
	language   playlists.Language
}

// tables adds parts up to rows and their totals.
type tables map[rowKey]*Row

func (t tables) row(k rowKey) *Row {
	if t[k] == nil {
		t[k] = &Row{Period: k.period, Department: k.department, What: k.what, Of: k.of, Language: k.language}
	}
	return t[k]
}

// keys are the rows that a cell belongs to, from the narrowest on.
func keys(c *store.Count, period string) [3]rowKey {
	k := rowKey{period, c.Department, c.What, c.Of, c.Language}
	of, all := k, k
	of.language = ""
	all.language, all.of = "", ""
	return [3]rowKey{k, of, all}
}

// add adds a part to the rows that have all of it, and says in the others that there is more.
func (t tables) add(p part, period string) {
	rows := keys(&p.cells[0], period)
	for i := range p.cells {
		for level, k := range keys(&p.cells[i], period) {
			if rows[level] != k {
				rows[level] = rowKey{} // the part reaches further
			}
		}
	}
	for level, k := range rows {
		if k != (rowKey{}) {
			for _, c := range p.cells {
				t.row(k).N += c.N
			}
			continue
		}
		for i := range p.cells {
			t.row(keys(&p.cells[i], period)[level]).More = true
		}
	}
}

func (t tables) hide(p part, period string) {
	for i := range p.cells {
		for _, k := range keys(&p.cells[i], period) {
			t.row(k).More = true
		}
	}
}

func (t tables) rows() []Row {
	all := make([]Row, 0, len(t))
	for _, r := range t {
		all = append(all, *r)
	}
	slices.SortFunc(all, func(a, b Row) int {
		return cmp.Or(strings.Compare(b.Period, a.Period), cmp.Compare(a.Department, b.Department), cmp.Compare(a.What, b.What),
			cmp.Compare(b.N, a.N), cmp.Compare(a.Of, b.Of), cmp.Compare(a.Language, b.Language))
	})
	return all
}
