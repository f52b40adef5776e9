package coverage_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"anteroom/controller/coverage"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

var now = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)

func ward(twelfths ...playlists.LanguageShare) *playlists.Department {
	return &playlists.Department{ID: "ward", Languages: twelfths, Fallback: "en"}
}

func bilingual() *playlists.Department {
	return ward(playlists.LanguageShare{Language: "es", Twelfths: 3}, playlists.LanguageShare{Language: "en", Twelfths: 9})
}

// recovery is an approved item of one phase.
func recovery(id playlists.ItemID, languages ...playlists.Language) *playlists.Item {
	i := playliststest.Pictures(id, string(id), playlists.Recovery, languages...)
	return &i
}

func changed(i *playlists.Item, change func(*playlists.Item)) *playlists.Item {
	change(i)
	return i
}

// cell finds the one of a phase and a language.
func cell(t *testing.T, cells []coverage.Cell, phase playlists.Phase, language playlists.Language) coverage.Cell {
	t.Helper()
	i := slices.IndexFunc(cells, func(c coverage.Cell) bool { return c.Phase == phase && c.Language == language })
	if i < 0 {
		t.Fatalf("there is no cell of %q in %q", phase, language)
	}
	return cells[i]
}

func TestGaps(t *testing.T) {
	both := recovery("walk", "en", "es")
	scheduled := func(plays int) coverage.Plan {
		return coverage.Plan{Screens: 1, Hours: 10, Plays: map[coverage.What]int{{Item: "walk", Language: "es"}: plays}}
	}
	for _, c := range []struct {
		name  string
		items []*playlists.Item
		plan  coverage.Plan
		month coverage.Shown
		want  coverage.Gap
	}{
		{name: "nothing of the phase", want: coverage.NoItem},
		{name: "in another language only", items: []*playlists.Item{recovery("walk", "en")}, want: coverage.NoLanguage},
		{name: "waits for review", items: []*playlists.Item{changed(recovery("walk", "es"), func(i *playlists.Item) { i.Approval = nil })}, want: coverage.NotReady},
		{name: "over", items: []*playlists.Item{changed(recovery("walk", "es"), func(i *playlists.Item) { i.Until = now })}, want: coverage.NotReady},
		{name: "not valid yet", items: []*playlists.Item{changed(recovery("walk", "es"), func(i *playlists.Item) { i.From = now.Add(time.Second) })}, want: coverage.NotReady},
		{name: "in no programme", items: []*playlists.Item{both}, want: coverage.NotScheduled},
		{name: "scheduled and never shown", items: []*playlists.Item{both}, plan: scheduled(5), want: coverage.NotShown},
		{name: "shown, and not any more", items: []*playlists.Item{both}, month: coverage.Shown{Plays: 1, Millis: 1}, want: coverage.NotScheduled},
		{name: "scheduled and shown", items: []*playlists.Item{both}, plan: scheduled(5), month: coverage.Shown{Plays: 1, Millis: 1}},
		{name: "an older version shows while the newest waits", items: []*playlists.Item{changed(recovery("walk", "es"), func(i *playlists.Item) { i.Approval = nil })}, plan: scheduled(5), month: coverage.Shown{Plays: 1}},
		{name: "without words", items: []*playlists.Item{recovery("walk", playlists.NoWords)}, want: coverage.NotScheduled},
		{name: "a wording for takeovers is none", items: []*playlists.Item{changed(recovery("walk", "es"), func(i *playlists.Item) { i.Template = &playlists.TakeoverTemplate{} })}, want: coverage.NoItem},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := coverage.NewEvidence()
			e.Plan = c.plan
			e.Month[coverage.What{Item: "walk", Language: "es"}] = c.month
			if got := cell(t, coverage.Of(bilingual(), c.items, e, now), playlists.Recovery, "es"); got.Gap != c.want {
				t.Errorf("the gap is %q, want %q: %+v", got.Gap, c.want, got)
			}
		})
	}
}

func TestWhatLacksALanguage(t *testing.T) {
	items := []*playlists.Item{
		recovery("walk", "en"), recovery("eat", "en"), recovery("sleep", "en", "es"), recovery("birds", playlists.NoWords),
		changed(recovery("waits", "en"), func(i *playlists.Item) { i.Approval = nil }),
	}
	got := cell(t, coverage.Of(bilingual(), items, coverage.NewEvidence(), now), playlists.Recovery, "es")
	want := coverage.Cell{Phase: playlists.Recovery, Language: "es", Ready: 2, Gap: coverage.NotScheduled, Lacking: []playlists.ItemID{"eat", "walk"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLanguagesBeginWithTheLargestShare(t *testing.T) {
	d := ward(playlists.LanguageShare{Language: "es", Twelfths: 3}, playlists.LanguageShare{Language: "fr", Twelfths: 9})
	if got := coverage.Languages(d); !slices.Equal(got, []playlists.Language{"fr", "es", "en"}) {
		t.Errorf("got %v", got)
	}
}

func TestPhasesComeInTheOrderOfAPatientsWay(t *testing.T) {
	var got []playlists.Phase
	house := playliststest.Pictures("hours", "Visiting hours", "", "en")
	for _, c := range coverage.Of(ward(playlists.LanguageShare{Language: "en", Twelfths: 12}), []*playlists.Item{&house}, coverage.NewEvidence(), now) {
		got = append(got, c.Phase)
	}
	if want := append(playlists.Phases(), ""); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestPlaysAreThoseOfEachScreen: what two screens show counts twice, and an hour of each is two hours.
func TestPlaysAreThoseOfEachScreen(t *testing.T) {
	e := coverage.NewEvidence()
	e.Plan.Add(2, []playlists.Scheduled{{Item: "walk", Language: "en", Plays: 120}}, 10)
	e.Plan.Add(1, nil, 10)
	e.Plan.Add(3, []playlists.Scheduled{{Item: "walk", Language: "en", Plays: 9}}, 0)
	got := cell(t, coverage.Of(bilingual(), []*playlists.Item{recovery("walk", "en")}, e, now), playlists.Recovery, "en")
	if e.Plan.Screens != 6 || got.PerHour != float64(2*120+3*9)/30 {
		t.Errorf("%d screens with %v plays an hour", e.Plan.Screens, got.PerHour)
	}
}

// TestNothingIsCountedTwiceOrLost: over phases, the plays of a language and of what has no words are those that there were.
func TestNothingIsCountedTwiceOrLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var items []*playlists.Item
		e, week, month := coverage.NewEvidence(), int64(0), int64(0)
		for range rapid.IntRange(0, 20).Draw(t, "items") {
			i := recovery(playlists.ItemID(rapid.StringMatching("[a-z]{8}").Draw(t, "id")), "en")
			i.Phase = rapid.SampledFrom(append(playlists.Phases(), "")).Draw(t, "phase")
			if slices.ContainsFunc(items, func(o *playlists.Item) bool { return o.ID == i.ID }) {
				continue
			}
			items = append(items, i)
			for _, language := range []playlists.Language{"en", "es", playlists.NoWords} {
				recent, earlier := rapid.Int64Range(0, 99).Draw(t, "week"), rapid.Int64Range(0, 99).Draw(t, "earlier")
				what := coverage.What{Item: i.ID, Language: language}
				e.AddWeek(what, coverage.Shown{Plays: recent})
				e.AddEarlier(what, coverage.Shown{Plays: earlier})
				if language != "es" {
					week += recent
					month += recent + earlier
				}
			}
		}
		for _, c := range coverage.Of(ward(playlists.LanguageShare{Language: "en", Twelfths: 12}), items, e, now) {
			week -= c.Week.Plays
			month -= c.Month.Plays
		}
		if week != 0 || month != 0 {
			t.Errorf("%d plays of the week and %d of the month are missing", week, month)
		}
	})
}
