package controller

import (
	"slices"
	"testing"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// TestAskedTellsOfElevenAndMore of one department, of topics alone, in the weeks that are asked about.
func TestAskedTellsOfElevenAndMore(t *testing.T) {
	s := openBolt(t, t.TempDir())
	first, last := playlists.Date{Year: 2026, Month: time.November, Day: 9}, playlists.Date{Year: 2026, Month: time.November, Day: 16}
	count := func(week playlists.Date, d playlists.DepartmentID, what store.Counted, of string, n int64) store.Count {
		return store.Count{CountKey: store.CountKey{Week: week, Department: d, What: what, Of: of, Language: "es"}, N: n}
	}
	err := s.PutCounts(t.Context(), []store.Count{
		count(first.AddDays(-7), "cardiology", store.Asked, "heart", 50),
		count(first, "cardiology", store.Asked, "heart", 11),
		count(first, "cardiology", store.Asked, "sleep", 10),
		count(first, "cardiology", store.Reads, "walking", 90),
		count(last, "cardiology", store.Asked, "heart", 20),
		count(last, "paediatrics", store.Asked, "sleep", 30),
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := asked{s}.Asked(t.Context(), "cardiology", first, last)
	want := []playlists.AskedFor{{Topic: "heart", Language: "es", Times: 11}, {Topic: "heart", Language: "es", Times: 20}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}
