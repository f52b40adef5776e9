package playlists_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// aHospital draws a ward with random windows, validities, closures and takeovers, and its zone.
func aHospital(t *rapid.T) (*playlists.Hospital, *playlists.Takeovers, time.Time) {
	zone := rapid.SampledFrom(playliststest.ZoneNames()).Draw(t, "zone")
	around := aNight(t, zone)
	h := ward(zone)
	for i := range 8 {
		id := playlists.ItemID(fmt.Sprintf("item-%d", i))
		item := playliststest.Pictures(id, string(id), "", "en", "es")
		item.Millis = int64(rapid.IntRange(1000, 90_000).Draw(t, "millis"))
		if rapid.Bool().Draw(t, "bounded") {
			item.From = around.Add(time.Duration(rapid.IntRange(-3000, 3000).Draw(t, "from")) * time.Minute)
			item.Until = item.From.Add(time.Duration(rapid.IntRange(1, 3000).Draw(t, "until")) * time.Second * 20)
		}
		h.Items[id] = item
	}
	for i := range rapid.IntRange(0, 5).Draw(t, "windows") {
		id := playlists.WindowID(fmt.Sprintf("window-%d", i))
		h.Playlists[playlists.PlaylistID(id)] = aPlaylist(t, playlists.PlaylistID(id))
		h.Windows[id] = aWindow(t, id)
	}
	d := h.Departments["ward"]
	d.Filler = rapid.SampledFrom([]playlists.PlaylistID{"", "calm"}).Draw(t, "filler")
	h.Departments["ward"] = d
	h.Playlists["calm"] = aPlaylist(t, "calm")
	if rapid.Bool().Draw(t, "closed") {
		closeWard(h, around.Format(time.DateOnly))
	}
	var ts []playlists.Takeover
	for i := range rapid.IntRange(0, 2).Draw(t, "takeovers") {
		from := around.Add(time.Duration(rapid.IntRange(-600, 600).Draw(t, "takeover")) * time.Minute)
		one := playliststest.Takeover(playlists.TakeoverID(fmt.Sprintf("tko-%d", i)), from)
		one.Severity = playlists.Severity(rapid.IntRange(1, 3).Draw(t, "severity"))
		ts = append(ts, one)
	}
	return h, playliststest.Takeovers(1, around, ts...), around
}

// aNight draws an instant within a few hours of a change of the zone's clocks, if it has any.
func aNight(t *rapid.T, zone string) time.Time {
	tzif, err := playliststest.Zones(zone)
	if err != nil {
		t.Fatal(err)
	}
	loc, err := time.LoadLocationFromTZData(zone, tzif)
	if err != nil {
		t.Fatal(err)
	}
	some := time.Unix(int64(rapid.IntRange(946684800, 4102444800).Draw(t, "instant")), 0).In(loc)
	if start, end := some.ZoneBounds(); !end.IsZero() && end.Year() < 2100 {
		some = end
	} else if !start.IsZero() && start.Year() > 1971 {
		some = start
	}
	return some.Add(time.Duration(rapid.IntRange(-1500, 1500).Draw(t, "beside")) * time.Minute).UTC().Truncate(time.Minute)
}

func aPlaylist(t *rapid.T, id playlists.PlaylistID) playlists.Playlist {
	p := playlists.Playlist{ID: id, Name: string(id)}
	for range rapid.IntRange(1, 4).Draw(t, "entries") {
		p.Entries = append(p.Entries, playlists.Entry{
			Item:      playlists.ItemID(fmt.Sprintf("item-%d", rapid.IntRange(0, 7).Draw(t, "item"))),
			Weight:    rapid.IntRange(1, 3).Draw(t, "weight"),
			WholeOnly: rapid.Bool().Draw(t, "whole"),
		})
	}
	return p
}

func aWindow(t *rapid.T, id playlists.WindowID) playlists.Window {
	start := rapid.IntRange(0, 24*60-1).Draw(t, "start")
	length := rapid.OneOf(rapid.IntRange(1, 180), rapid.IntRange(1, 2000), rapid.IntRange(1, 7*24*60)).Draw(t, "length")
	end := start + length
	return playlists.Window{
		ID: id, Name: string(id), Playlist: playlists.PlaylistID(id),
		Start:    fmt.Sprintf("%d %d * * %s", start%60, start/60, rapid.SampledFrom([]string{"*", "*", "0", "1-5", "2,4,6"}).Draw(t, "days")),
		End:      playlists.LocalEnd{Days: (end - 1) / (24 * 60), Clock: playlists.Clock((end-1)%(24*60) + 1)},
		Targets:  []playlists.Target{rapid.SampledFrom([]playlists.Target{{All: true}, {Department: "ward"}, {Screen: "bed"}}).Draw(t, "target")},
		Priority: rapid.IntRange(0, 1).Draw(t, "priority"),
	}
}

func compileFor(t *rapid.T, h *playlists.Hospital, ts *playlists.Takeovers) *playlists.Programme {
	body, _, err := playlists.Compile(h, "bed", playlists.Abilities{}, playliststest.Zones, playliststest.Fonts())
	if err != nil {
		t.Fatal(err)
	}
	p, err := playlists.NewProgramme(&playlists.Manifest{Head: playlists.Head{Screen: "bed"}, Body: body}, ts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestAtHoldsUntilNext: the frame is the same on all of [t, Next(t)), Next is later than t, there is
// always an answer, a cursor gives the same one, and Why names its winner.
func TestAtHoldsUntilNext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, ts, around := aHospital(t)
		p := compileFor(t, h, ts)
		cursor := p.Cursor()
		now := around.Add(time.Duration(rapid.IntRange(-600*60, 600*60).Draw(t, "t")) * time.Second)
		for range 12 {
			f, next := p.At(now), p.Next(now)
			if !next.After(now) {
				t.Fatalf("at %s the next change is at %s", now, next)
			}
			for _, part := range []int64{0, 1, 2, 3} {
				between := now.Add(time.Duration(int64(next.Sub(now)-1) * part / 3))
				if g := p.At(between); !reflect.DeepEqual(f, g) {
					t.Fatalf("at %s: %+v\nat %s, before the next change at %s: %+v", now, f, between, next, g)
				}
				if g := cursor.At(between); len(f.Slots)+len(g.Slots) > 0 && !reflect.DeepEqual(f, g) {
					t.Fatalf("at %s: %+v, and the cursor: %+v", between, f, g)
				}
			}
			if why := p.Why(now); why.Winner.Source != f.Source || why.Winner.Window != f.Window || why.Winner.Takeover != f.Takeover {
				t.Fatalf("at %s: %s %s wins, and why says %+v", now, f.Source, f.Window, why.Winner)
			}
			wellFormed(t, f, now)
			now = next
		}
	})
}

// TestWholeOnlyIsNeverCut: an entry that must finish stays until its slot ends, whatever windows, closures
// and validities do. Takeovers alone may cut it.
func TestWholeOnlyIsNeverCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, _, around := aHospital(t)
		for id, p := range h.Playlists { // long slots meet more
			for i := range p.Entries {
				p.Entries[i].Millis = int64(rapid.SampledFrom([]int{7_000, 60_000, 90_000, 3_000_000, 20_000_000}).Draw(t, "slot"))
			}
			h.Playlists[id] = p
		}
		p := compileFor(t, h, nil)
		now := around.Add(time.Duration(rapid.IntRange(-300*60, 300*60).Draw(t, "t")) * time.Second)
		for range 40 {
			f, next := p.At(now), p.Next(now)
			g := p.At(next)
			for i := range f.Slots {
				s := &f.Slots[i]
				if !s.Entry.WholeOnly || !s.End.After(next) {
					continue
				}
				stays := slices.ContainsFunc(g.Slots, func(o playlists.Slot) bool {
					return o.RegionIndex == s.RegionIndex && o.Start.Equal(s.Start) && o.Entry == s.Entry
				})
				if !stays || g.Source != f.Source || g.Window != f.Window || !g.Start.Equal(f.Start) {
					t.Fatalf("at %s: %s until %s; at %s: %s %s %+v", now, s.Showing.Item, s.End, next, g.Source, g.Window, g.Slots)
				}
			}
			now = next
		}
	})
}

func wellFormed(t *rapid.T, f playlists.Frame, now time.Time) {
	if f.Start.After(now) || !f.End.After(now) {
		t.Fatalf("at %s: the frame's own bounds are %s to %s", now, f.Start, f.End)
	}
	if len(f.Slots) == 0 && f.Source != playlists.FromSlate {
		t.Fatalf("at %s: %s shows nothing", now, f.Source)
	}
	for _, s := range f.Slots {
		if s.Start.After(now) || !s.End.After(now) {
			t.Fatalf("at %s: a slot from %s to %s", now, s.Start, s.End)
		}
		if s.Showing != nil && !s.Showing.Valid(now) {
			t.Fatalf("at %s: %s is not valid", now, s.Showing.Item)
		}
		if s.Entry != nil && s.Entry.WholeOnly && s.End.After(f.End) {
			t.Fatalf("at %s: %s cannot finish", now, s.Showing.Item)
		}
	}
}

// TestSpansCover: the spans of a timeline abut and agree with At.
func TestSpansCover(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, ts, around := aHospital(t)
		p := compileFor(t, h, ts)
		end := around.Add(30 * time.Hour)
		at := around
		for _, s := range p.Spans(around, end) {
			if !s.Start.Equal(at) || !s.End.After(at) {
				t.Fatalf("a span from %s to %s follows %s", s.Start, s.End, at)
			}
			for _, instant := range []time.Time{s.Start, s.Start.Add(s.End.Sub(s.Start) / 3), s.End.Add(-1)} {
				if f := p.At(instant); f.Source != s.Source || f.Window != s.Window || f.Takeover != s.Takeover {
					t.Fatalf("at %s: %s %s, and the span says %s %s", instant, f.Source, f.Window, s.Source, s.Window)
				}
			}
			at = s.End
		}
		if !at.Equal(end) {
			t.Fatalf("the last span ends at %s, want %s", at, end)
		}
	})
}
