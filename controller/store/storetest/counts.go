package storetest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// Monday is the first day of week 49 of 2026; n weeks later for n.
func Monday(n int) playlists.Date {
	return playlists.Date{Year: 2026, Month: time.November, Day: 30}.AddDays(7 * n)
}

func testCounts(t *testing.T, open Open) {
	t.Helper()
	t.Run("against a model", func(t *testing.T) { countsModel(t, open) })
	for name, test := range map[string]func(*testing.T, store.Store){
		"without any there are none":                noCounts,
		"what names nothing is refused, and all":    refusesCounts,
		"names that begin alike do not mix":         countsDoNotMix,
		"what a cancelled context asks is not done": countsHeedContext,
	} {
		t.Run(name, func(t *testing.T) { test(t, fresh(t, open)) })
	}
}

func asked(department playlists.DepartmentID, of string, n int64) store.Count {
	return store.Count{CountKey: store.CountKey{Week: Monday(0), Department: department, What: store.Asked, Of: of, Language: "en"}, N: n}
}

// counts gives those of a span of weeks.
func counts(tb rapid.TB, s store.Counts, from, to int) []store.Count {
	tb.Helper()
	var all []store.Count
	for c, err := range s.Counts(context.Background(), Monday(from), Monday(to)) {
		if err != nil {
			tb.Fatalf("counts: %v", err)
		}
		all = append(all, c)
	}
	return all
}

func noCounts(t *testing.T, s store.Store) {
	t.Helper()
	if err := s.PutCounts(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if got := counts(t, s, -1000, 1000); len(got) > 0 {
		t.Errorf("got %v", got)
	}
}

func refusesCounts(t *testing.T, s store.Store) {
	t.Helper()
	tuesday, mute, long, split := asked("er", "flu", 1), asked("er", "flu", 1), asked("er", strings.Repeat("x", 513), 1), asked("er", "f\x00lu", 1)
	tuesday.Week, mute.Language = tuesday.Week.AddDays(1), ""
	for _, wrong := range []store.Count{tuesday, mute, long, split, asked("", "flu", 1), asked("er", "flu", 0)} {
		if err := s.PutCounts(t.Context(), []store.Count{asked("er", "cold", 3), wrong}); !errors.Is(err, playlists.ErrInvalid) {
			t.Errorf("%v: %v", wrong, err)
		}
	}
	if got := counts(t, s, 0, 0); len(got) > 0 {
		t.Errorf("a refused call left %v", got)
	}
}

func countsDoNotMix(t *testing.T, s store.Store) {
	t.Helper()
	all := []store.Count{asked("er", "flu", 1), asked("er", "flu-shot", 2), asked("er-2", "flu", 3)}
	if err := s.PutCounts(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	if got := counts(t, s, 0, 0); !slices.Equal(got, all) {
		t.Errorf("got %v, want %v", got, all)
	}
}

func countsHeedContext(t *testing.T, s store.Store) {
	t.Helper()
	if err := s.PutCounts(t.Context(), []store.Count{asked("er", "flu", 1)}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.PutCounts(ctx, []store.Count{asked("er", "flu", 2)}); !errors.Is(err, context.Canceled) {
		t.Errorf("writing: %v", err)
	}
	for _, err := range s.Counts(ctx, Monday(0), Monday(0)) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("reading: %v", err)
		}
	}
	if got := counts(t, s, 0, 0); len(got) != 1 || got[0].N != 1 {
		t.Errorf("got %v", got)
	}
}

// countsModel writes at random, closes and opens again, and compares with a map.
func countsModel(t *testing.T, open Open) {
	t.Helper()
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		s := open(t, dir)
		model := map[store.CountKey]int64{}
		one := rapid.Custom(func(rt *rapid.T) store.Count {
			return store.Count{CountKey: store.CountKey{
				Week:       Monday(rapid.IntRange(-2, 2).Draw(rt, "week")),
				Department: rapid.SampledFrom([]playlists.DepartmentID{"er", "eye"}).Draw(rt, "department"),
				What:       rapid.SampledFrom([]store.Counted{store.HandOffs, store.Asked}).Draw(rt, "what"),
				Of:         rapid.SampledFrom([]string{"", "flu", "cold"}).Draw(rt, "of"),
				Language:   rapid.SampledFrom([]playlists.Language{"en", "es"}).Draw(rt, "language"),
			}, N: rapid.Int64Range(1, 1<<40).Draw(rt, "n")}
		})
		for range rapid.IntRange(1, 4).Draw(rt, "rounds") {
			written := rapid.SliceOfN(one, 1, 6).Draw(rt, "counts")
			if err := s.PutCounts(context.Background(), written); err != nil {
				rt.Fatal(err)
			}
			for _, c := range written {
				model[c.CountKey] = c.N
			}
			if rapid.Bool().Draw(rt, "again") {
				if err := s.Close(); err != nil {
					rt.Fatal(err)
				}
				s = open(t, dir)
			}
			from := rapid.IntRange(-3, 3).Draw(rt, "from")
			to := rapid.IntRange(-3, 3).Draw(rt, "to")
			compare(rt, "counts", counts(rt, s, from, to), countsOf(model, from, to))
		}
		if err := s.Close(); err != nil {
			rt.Fatal(err)
		}
	})
}

func countsOf(model map[store.CountKey]int64, from, to int) []store.Count {
	var all []store.Count
	for k, n := range model {
		if k.Week.Compare(Monday(from)) >= 0 && k.Week.Compare(Monday(to)) <= 0 {
			all = append(all, store.Count{CountKey: k, N: n})
		}
	}
	slices.SortFunc(all, func(a, b store.Count) int {
		return cmp.Or(a.Week.Compare(b.Week), cmp.Compare(a.Department, b.Department), cmp.Compare(a.What, b.What), cmp.Compare(a.Of, b.Of), cmp.Compare(a.Language, b.Language))
	})
	return all
}
