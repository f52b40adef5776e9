package api_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"anteroom/controller/api"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// askedFor gives a house whose patients asked for topics, three months ago: "stroke en" 40 times.
func askedFor(t *testing.T, often map[string]int64) *person {
	t.Helper()
	data := t.TempDir()
	h := startOn(t, data)
	ada := h.admin()
	ada.furnish()
	h.stop()
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: filepath.Join(data, "store")})
	if err != nil {
		t.Fatal(err)
	}
	y, m, d := time.Now().UTC().AddDate(0, -3, 0).Date()
	week := playlists.Date{Year: y, Month: m, Day: d}
	for week.Weekday() != time.Monday {
		week = week.AddDays(-1)
	}
	var counts []store.Count
	for what, n := range often {
		k := store.CountKey{Week: week, Department: "cardiology", What: store.Asked}
		if _, err := fmt.Sscan(what, &k.Of, &k.Language); err != nil {
			t.Fatal(err)
		}
		counts = append(counts, store.Count{CountKey: k, N: n})
		k.Department = "paediatrics"
		counts = append(counts, store.Count{CountKey: k, N: n + 1})
		k.Department, k.What = "cardiology", store.FeedReads // which nobody did on a phone
		counts = append(counts, store.Count{CountKey: k, N: 99})
	}
	if err := s.PutCounts(t.Context(), counts); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return startOn(t, data).signIn("ada")
}

func TestDemand(t *testing.T) {
	ada := askedFor(t, map[string]int64{"stroke en": 40, "stroke es": 3})
	for _, by := range []string{"month", "week"} {
		var got api.VoiceDemand
		ada.get("/api/v1/voice/demand?department=cardiology&by=" + by).want(http.StatusOK).into(&got)
		var lines []string
		for _, r := range got.Rows {
			lines = append(lines, fmt.Sprintf("%s %s %s/%s %d %v", r.Department, r.What, r.Title, r.Language, r.Count, r.More))
		}
		want := []string{"cardiology asked / 40 true", "cardiology asked stroke/ 40 true", "cardiology asked stroke/en 40 false", "cardiology asked stroke/es 0 true"}
		if !slices.Equal(lines, want) || got.Open {
			t.Errorf("by %s: got %q, open: %v; want %q", by, lines, got.Open, want)
		}
	}
	ada.get("/api/v1/voice/demand?department=nowhere").want(http.StatusNotFound)
	var none api.VoiceDemand
	ada.get("/api/v1/voice/demand?months=1").want(http.StatusOK).into(&none)
	if len(none.Rows) != 0 {
		t.Errorf("of the last month: %v", none.Rows)
	}
}

func TestWanted(t *testing.T) {
	ada := askedFor(t, map[string]int64{"stroke en": 40, "sleep en": 12, "sleep es": 15, "gout en": 50, "asthma en": 60, "flu en": 4})
	about := func(id playlists.ItemID, topic playlists.Topic, languages ...playlists.Language) {
		item := playliststest.Pictures(id, string(id), "", languages...)
		item.Topics = []playlists.Topic{topic}
		ada.make("items/"+string(id), item)
	}
	about("know-sleep", "sleep", "en")
	about("know-gout", "gout", playlists.NoWords)
	about("know-stroke", "stroke", "en")
	ada.release("know-sleep")
	ada.release("know-gout")
	var got api.VoiceWanted
	ada.get("/api/v1/voice/wanted?department=cardiology").want(http.StatusOK).into(&got)
	var lines []string
	for _, w := range got.Topics {
		lines = append(lines, fmt.Sprintf("%s %d %v: %s %s %s", w.Title, w.Count, w.More, w.Needs, w.Item, w.Language))
	}
	want := []string{"asthma 60 false: item  ", "stroke 40 false: approval know-stroke ", "sleep 27 false: language know-sleep es", "flu 0 true: item  "}
	if !slices.Equal(lines, want) {
		t.Errorf("got %q, want %q", lines, want)
	}
}
