package playlists_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"anteroom/playlists"
)

// vector is a row of another signage system's conformance test: blocks of weekdays, times and dates, and
// whether one of them is on. testdata/vectors has its origin and licence.
type vector struct {
	Description string    `json:"description"`
	Now         time.Time `json:"utc_now"`
	Zone        string    `json:"timezone"`
	Blocks      []block   `json:"blocks"`
	Expected    bool      `json:"expected"`
}

type block struct {
	Days      []int  `json:"days"`
	Start     string `json:"start"`
	End       string `json:"end"`
	StartDate string `json:"start_date"`
	EndDate   string `json:"end_date"`
}

func TestVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/vectors/modern-day-signage-schedule-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Vectors []vector `json:"vectors"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Vectors) != 39 {
		t.Fatalf("got %d vectors, want 39", len(file.Vectors))
	}
	for _, v := range file.Vectors {
		t.Run(v.Description, func(t *testing.T) {
			var windows []playlists.Window
			for i, b := range v.blocks() {
				windows = append(windows, b.window(t, fmt.Sprintf("block-%d", i)))
			}
			p := programmeOf(t, ward(v.Zone, windows...), "bed")
			if got := p.At(v.Now).Source == playlists.FromWindow; got != v.Expected {
				t.Errorf("got %v, want %v", got, v.Expected)
			}
		})
	}
}

// blocks: there, none means always.
func (v vector) blocks() []block {
	if len(v.Blocks) == 0 {
		return []block{{Days: []int{0, 1, 2, 3, 4, 5, 6}, Start: "00:00", End: "24:00"}}
	}
	return v.Blocks
}

// window says a block in our words: an end before the start is on the next day.
func (b block) window(tb testing.TB, id string) playlists.Window {
	tb.Helper()
	start, end := clock(tb, b.Start), b.End
	if clock(tb, end) <= start {
		end += "+1"
	}
	days := slices.Clone(b.Days)
	slices.Sort(days)
	list := strings.Trim(strings.ReplaceAll(fmt.Sprint(days), " ", ","), "[]")
	w := window(tb, id, fmt.Sprintf("%d %d * * %s", int(start)%60, int(start)/60, list), end)
	if b.StartDate != "" {
		w.First = date(tb, b.StartDate)
	}
	if b.EndDate != "" {
		w.Last = date(tb, b.EndDate)
	}
	return w
}
