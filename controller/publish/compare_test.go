package publish_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"anteroom/controller/publish"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// history publishes a hospital again and again, and gives what was issued each time: element n after publication n+1.
func history(o *house) (issued []map[playlists.ScreenID]*playlists.Manifest) {
	o.t.Helper()
	note := func() { issued = append(issued, o.manifests()) }
	o.publish()
	note()
	o.now = o.now.Add(time.Hour)
	edit(o, "playlist", "cardiology-day", "mo", func(p *playlists.Playlist) { p.Entries = p.Entries[1:] })
	edit(o, "window", "main-evenings", "ada", func(w *playlists.Window) { w.Start = "0 17 * * 1-5" })
	o.publish("cardiology")
	note()
	o.publish()
	note()
	o.now = o.now.Add(24 * time.Hour)
	edit(o, "screen", string(playliststest.Paediatrics), "ada", func(s *playlists.Screen) { s.Department = "cardiology" })
	o.publish("cardiology") // the pins of paediatrics hold the screen, too
	note()
	edit(o, "screen", "fresh", "ada", func(s *playlists.Screen) {
		*s = playlists.Screen{ID: "fresh", Department: "paediatrics", Name: "By the door"}
	})
	edit(o, "item", "visiting-hours", "ada", func(i *playlists.Item) { i.Version, i.Approval.Version = 2, 2 })
	o.publish()
	note()
	if _, err := o.BackTo(o.t.Context(), 1, "", "ada"); err != nil {
		o.t.Fatal(err)
	}
	note()
	return issued
}

// TestComparisonIsOfWhatWasIssued: any two publications, in either order, differ by what the heads that were issued by then make of it,
// with loops that count as if they had never been changed while they ran.
func TestComparisonIsOfWhatWasIssued(t *testing.T) {
	o := open(t, playliststest.Hospital())
	issued := history(o)
	week := 7 * 24 * time.Hour
	changed := false
	for before := range issued {
		for after := range issued {
			t.Run(fmt.Sprintf("%d to %d", before+1, after+1), func(t *testing.T) {
				from := o.now.Add(time.Duration(before) * 24 * time.Hour)
				got, err := o.Compare(t.Context(), publish.Pair{Before: uint64(before + 1), After: uint64(after + 1), From: from, Span: week})
				if err != nil {
					t.Fatal(err)
				}
				var exchanges []playlists.Exchange
				for s, m := range issued[after] {
					exchanges = append(exchanges, playlists.Exchange{Screens: []playlists.ScreenID{s}, Before: unanchored(issued[before][s]), After: unanchored(m), Since: from})
				}
				want, err := playlists.Diff(exchanges, nil, from, from.Add(week))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got.Diff); diff != "" {
					t.Errorf("(-issued +compared):\n%s", diff)
				}
				if before == after && (got.Diff.ChangedMillis > 0 || len(got.Changes) > 0) {
					t.Errorf("it differs from itself: %+v", got)
				}
				changed = changed || got.Diff.ChangedMillis > 0
			})
		}
	}
	if !changed {
		t.Error("no two differ: nothing is compared")
	}
}

// unanchored is a manifest whose loops were never changed while they ran.
func unanchored(m *playlists.Manifest) *playlists.Manifest {
	if m == nil {
		return nil
	}
	always := *m
	always.Head.Anchors = nil
	return &always
}

// TestComparisonNamesTheDocuments that differ, whichever departments each publication was for.
func TestComparisonNamesTheDocuments(t *testing.T) {
	o := open(t, playliststest.Hospital())
	history(o)
	for _, c := range []struct {
		before, after uint64
		want          []string
	}{
		{1, 2, []string{"item know-your-numbers 1->0", "playlist cardiology-day 1->2", "window main-evenings 1->2"}},
		{2, 1, []string{"item know-your-numbers 0->1", "playlist cardiology-day 2->1", "window main-evenings 2->1"}},
		{2, 3, []string{"item know-your-numbers 1->0", "playlist cardiology-day 1->2", "window main-evenings 1->2"}}, // as other departments have them
		{3, 4, []string{"screen paediatrics-play-corner 0->2"}},
		{5, 5, nil},
	} {
		got, err := o.Compare(t.Context(), publish.Pair{Before: c.before, After: c.after, Span: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, one := range got.Changes {
			said = append(said, fmt.Sprintf("%s %s %d->%d", one.Kind, one.ID, one.From, one.To))
		}
		if !slices.Equal(said, c.want) {
			t.Errorf("%d to %d: got %q, want %q", c.before, c.after, said, c.want)
		}
	}
}

func TestComparisonIsForWhoSees(t *testing.T) {
	o := open(t, playliststest.Hospital())
	history(o)
	sees := func(d playlists.DepartmentID) bool { return d == "outpatients" }
	got, err := o.Compare(t.Context(), publish.Pair{Before: 1, After: 2, Span: time.Hour, Sees: sees})
	if err != nil || got.Diff.Screens != 1 || !got.Diff.From.Equal(o.now) || !got.Diff.To.Equal(o.now.Add(time.Hour)) {
		t.Errorf("%+v, %v, want the screen of outpatients, from now on", got.Diff, err)
	}
	o.remove("screen", string(playliststest.Outpatients))
	if got, err = o.Compare(t.Context(), publish.Pair{Before: 1, After: 2, Span: time.Hour, Sees: sees}); err != nil || got.Diff.Screens != 0 {
		t.Errorf("%+v, %v, want no screen: it was taken away", got.Diff, err)
	}
	for _, pair := range [][2]uint64{{1, 99}, {99, 1}, {0, 1}} {
		if _, err := o.Compare(t.Context(), publish.Pair{Before: pair[0], After: pair[1]}); !errors.Is(err, playlists.ErrNotFound) {
			t.Errorf("%v: got %v, want that there is no such publication", pair, err)
		}
	}
}
