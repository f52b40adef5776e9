package playlists_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// told says how an item is, "version 2 by lee+mo waits".
func told(i playlists.Item) string {
	how := "waits"
	switch {
	case i.Approved() && i.Approval.Unreviewed:
		how = "let out by " + i.Approval.By
	case i.Approved():
		how = "approved by " + i.Approval.By
	case i.SentBack():
		how = "sent back by " + i.Returned.By
	}
	return fmt.Sprintf("version %d by %s %s", i.Version, strings.Join(i.Authors, "+"), how)
}

// act is an item after somebody did one thing to it, "mo writes a title".
func act(i playlists.Item, what string) (playlists.Item, error) {
	by, what, _ := strings.Cut(what, " ")
	v := playlists.Verdict{By: by, Version: i.Version, Reason: "because"}
	next := i
	switch what {
	case "approves":
		return i.Approve(v)
	case "sends it back":
		return i.SendBack(v)
	case "lets it out":
		return i.Release(v)
	case "writes a title":
		next.Title += "!"
	case "writes a topic":
		next.Topics = append(slices.Clone(i.Topics), "sleep")
	case "writes the feed":
		next.Platforms = append(playlists.UsualPlatforms(), playlists.Feed)
	case "writes paper alone":
		next.Platforms = []playlists.Platform{playlists.Paper}
	case "writes a review date":
		next.ReviewBy = next.ReviewBy.AddDays(1)
	case "writes an end":
		next.Until = next.Until.AddDate(1, 0, 0)
	case "writes captions":
		next.Renditions = slices.Clone(i.Renditions)
		next.Renditions[0].Captions = playliststest.Captions("said " + by)
	case "writes other words for the blind":
		next.Renditions = slices.Clone(i.Renditions)
		next.Renditions[0].Alt += "!"
	}
	return next.WrittenOver(&i, by), nil
}

// byMo is an item that mo has just written.
func byMo() playlists.Item { return playliststest.Slides("flu", "Flu", "en").WrittenOver(nil, "mo") }

func TestTheWayOfAVersion(t *testing.T) {
	for _, c := range []struct {
		name string
		does []string
		want string
	}{
		{"new", nil, "version 1 by mo waits"},
		{"a reviewer approves", []string{"rita approves"}, "version 1 by mo approved by rita"},
		{"captions are looked at as well", []string{"rita approves", "mo writes captions", "mo writes captions"}, "version 2 by mo waits"},
		{"two wrote it", []string{"lee writes a title"}, "version 2 by lee+mo waits"},
		{"one of them only a topic", []string{"lee writes a topic"}, "version 1 by lee+mo waits"},
		{"a topic after the approval", []string{"rita approves", "lee writes a topic"}, "version 1 by mo approved by rita"},
		{"a title after the approval", []string{"rita approves", "lee writes a title"}, "version 2 by lee waits"},
		{"other words after the approval", []string{"rita approves", "lee writes other words for the blind"}, "version 2 by lee waits"},
		{"longer than was approved", []string{"rita approves", "lee writes an end"}, "version 2 by lee waits"},
		{"reviewed later than was approved", []string{"rita approves", "lee writes a review date"}, "version 2 by lee waits"},
		{"to the whole world, which nobody approved", []string{"rita approves", "lee writes the feed"}, "version 2 by lee waits"},
		{"to fewer places than was approved", []string{"rita approves", "lee writes paper alone"}, "version 1 by mo approved by rita"},
		{"sent back", []string{"rita sends it back"}, "version 1 by mo sent back by rita"},
		{"put right", []string{"rita sends it back", "mo writes a title"}, "version 2 by mo waits"},
		{"put right where patients do not see it", []string{"rita sends it back", "mo writes a topic"}, "version 2 by mo waits"},
		{"put right and approved", []string{"rita sends it back", "mo writes a topic", "rita approves"}, "version 2 by mo approved by rita"},
		{"let out", []string{"mo lets it out"}, "version 1 by mo let out by mo"},
		{"let out, then reviewed", []string{"mo lets it out", "rita approves"}, "version 1 by mo approved by rita"},
		{"approved after it was sent back", []string{"rita sends it back", "lee approves"}, "version 1 by mo approved by lee"},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := byMo()
			for _, what := range c.does {
				var err error
				if i, err = act(i, what); err != nil {
					t.Fatalf("%s: %v", what, err)
				}
			}
			if got := told(i); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestVerdictsThatAreRefused(t *testing.T) {
	type (
		item    = playlists.Item
		verdict = playlists.Verdict
	)
	for _, c := range []struct {
		name string
		give func(i item) (item, error)
		kind error
		want string
	}{
		{"one's own", func(i item) (item, error) { return i.Approve(verdict{By: "mo", Version: 1}) }, playlists.ErrDenied, "somebody else must approve it"},
		{"another version", func(i item) (item, error) { return i.Approve(verdict{By: "rita", Version: 2}) }, playlists.ErrInvalid, "version: version 1 is the present one, not 2"},
		{"a day that there is not", func(i item) (item, error) {
			return i.Approve(verdict{By: "rita", Version: 1, ReviewBy: playlists.Date{Year: 2027, Month: 2, Day: 30}})
		}, playlists.ErrInvalid, "review_by: choose a date"},
		{"back without a reason", func(i item) (item, error) { return i.SendBack(verdict{By: "rita", Version: 1, Reason: " \n"}) }, playlists.ErrInvalid, "reason: write the reason"},
		{"back with a book", func(i item) (item, error) {
			return i.SendBack(verdict{By: "rita", Version: 1, Reason: strings.Repeat("é", 501)})
		}, playlists.ErrInvalid, "reason: write the reason in 1 to 500 characters"},
		{"out without a reason", func(i item) (item, error) { return i.Release(verdict{By: "mo", Version: 1}) }, playlists.ErrInvalid, "reason: write the reason"},
		{"back what is out", func(i item) (item, error) {
			out, err := i.Approve(verdict{By: "rita", Version: 1})
			if err != nil {
				return i, err
			}
			return out.SendBack(verdict{By: "rita", Version: 1, Reason: "no"})
		}, playlists.ErrInvalid, "version: version 1 is approved already"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := c.give(byMo()); !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// Whatever people do in whatever order, what is out without a mark was approved by somebody who wrote none of it
// since the approval before, and what anybody sees differently waits again.
func TestNobodyApprovesTheirOwnWhateverHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := byMo()
		wrote := map[string]bool{"mo": true} // since the last approval
		titleOut := ""
		for range rapid.IntRange(1, 30).Draw(t, "acts") {
			by := rapid.SampledFrom([]string{"ada", "lee", "mo", "rita"}).Draw(t, "by")
			what := rapid.SampledFrom([]string{"approves", "sends it back", "lets it out", "writes a title", "writes a topic", "writes an end"}).Draw(t, "what")
			before := i
			var err error
			i, err = act(i, by+" "+what)
			if err != nil && told(before) != told(i) {
				t.Fatalf("%s %s was refused and made %s of %s", by, what, told(i), told(before))
			}
			if strings.HasPrefix(what, "writes") && !before.Approved() {
				wrote[by] = true
			} else if strings.HasPrefix(what, "writes") && !i.Approved() {
				wrote = map[string]bool{by: true}
			}
			if what == "approves" && err == nil && wrote[by] {
				t.Fatalf("%s approved their own: %s", by, told(i))
			}
			if err == nil && (what == "approves" || what == "lets it out") {
				titleOut = i.Title
			}
			if i.Approved() && i.Title != titleOut {
				t.Fatalf("%q is out, and %q was judged", i.Title, titleOut)
			}
			if i.Version < before.Version {
				t.Fatalf("version %d follows version %d", i.Version, before.Version)
			}
		}
	})
}

func TestDueBy(t *testing.T) {
	item := func(id playlists.ItemID, reviewBy, until string) playlists.Item {
		i := playliststest.Slides(id, string(id), "en")
		if reviewBy != "" {
			i.ReviewBy = date(t, reviewBy)
		}
		if until != "" {
			at, err := time.Parse(time.DateOnly, until)
			if err != nil {
				t.Fatal(err)
			}
			i.Until = at
		}
		return i
	}
	items := []playlists.Item{
		item("never", "", ""), item("long-past-its-review", "2025-01-01", ""), item("yesterday", "2026-11-22", ""), item("today", "2026-11-23", ""),
		item("on-the-30th-day", "2026-12-23", ""), item("on-the-31st-day", "2026-12-24", ""), item("ended", "", "2026-11-23"),
		item("last-shown-today", "", "2026-11-24"), item("both", "2026-12-01", "2026-12-01"),
	}
	var got []string
	for _, d := range playlists.DueBy(items, date(t, "2026-11-23"), playlists.DueWithin) {
		got = append(got, fmt.Sprint(d.On, " ", d.Item, " ", d.Field, " ", d.Over))
	}
	want := []string{
		"2025-01-01 long-past-its-review review_by true",
		"2026-11-22 yesterday review_by true",
		"2026-11-23 last-shown-today until false",
		"2026-11-23 today review_by false",
		"2026-11-30 both until false",
		"2026-12-01 both review_by false",
		"2026-12-23 on-the-30th-day review_by false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
