package playlists_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// publish puts the hospital in force on the screen over the manifest, as of an instant.
func publish(tb testing.TB, old *playlists.Manifest, h *playlists.Hospital, digest string, earliest time.Time) *playlists.Manifest {
	tb.Helper()
	next := manifest(tb, h, "bed")
	next.Head.Body = playlists.Digest(digest)
	next.Head.From, next.Head.Anchors = playlists.Supersede(old, next.Body, next.Head.Body, earliest)
	return next
}

// sayAnchors says the anchors, with instants as time after start.
func sayAnchors(m *playlists.Manifest, start time.Time) string {
	var said []string
	for _, a := range m.Head.Anchors {
		said = append(said, fmt.Sprintf("%s/%s %v", a.Window, a.Region, a.Since.Sub(start)))
	}
	return strings.Join(said, ", ")
}

// TestSupersede changes a loop of three items of 10 s that began at eight, at 08:10:02.
func TestSupersede(t *testing.T) {
	base := func() *playlists.Hospital {
		h := ward("America/New_York", window(t, "day", "0 8 * * *", "17:00"))
		play(h, "day", "one", "two", "three")
		return h
	}
	for _, c := range []struct {
		name    string
		change  func(h *playlists.Hospital)
		from    time.Duration
		anchors string
		shows   string // from the publication on
	}{
		{
			"another loop begins at the slot boundary",
			func(h *playlists.Hospital) { play(h, "day", "four", "five") },
			10 * time.Second, "day/full 10m10s", "four,five,four,five",
		},
		{
			"another playlist elsewhere leaves the loop alone",
			func(h *playlists.Hospital) { play(h, "calm", "sea") },
			10 * time.Second, "", "two,three,one,two",
		},
		{
			"a new version of an item does not disturb the loop",
			func(h *playlists.Hospital) {
				i := h.Items["two"]
				i.Version, i.Approval = 2, &playlists.Approval{Version: 2}
				h.Items["two"] = i
			},
			10 * time.Second, "", "two,three,one,two",
		},
		{
			"a start moved earlier keeps the loop's positions",
			func(h *playlists.Hospital) { w := h.Windows["day"]; w.Start = "1 7 * * *"; h.Windows["day"] = w },
			10 * time.Second, "day/full 0s", "two,three,one,two",
		},
		{
			"a start moved by what is no whole round is anchored",
			func(h *playlists.Hospital) {
				play(h, "calm", "sea")
				w := h.Windows["day"]
				w.Start = "5 8 * * *"
				h.Windows["day"] = w
			},
			10 * time.Second, "day/full 10m0s", "two,three,one,two",
		},
		{
			"a stronger window that began earlier starts now",
			func(h *playlists.Hospital) {
				w := window(t, "flu", "30 7 * * *", "12:00")
				w.Priority = 1
				h.Windows["flu"] = w
				play(h, "flu", "four", "five", "six")
			},
			10 * time.Second, "flu/full 10m10s", "four,five,six,four",
		},
		{
			"the window is gone: the filler starts now",
			func(h *playlists.Hospital) {
				delete(h.Windows, "day")
				play(h, "calm", "sea", "wood")
			},
			10 * time.Second, "/full 10m10s", "sea,wood,sea,wood",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			old := manifest(t, base(), "bed")
			p := programmeUnder(t, old, nil)
			start := at(t, p, "2026-11-23 08:00")
			h := base()
			c.change(h)
			next := publish(t, old, h, "next", start.Add(10*time.Minute+2*time.Second))
			if got := next.Head.From.Sub(start.Add(10 * time.Minute)); got != c.from {
				t.Errorf("from: got %v after ten past, want %v", got, c.from)
			}
			if got := sayAnchors(next, start); got != c.anchors {
				t.Errorf("anchors: got %q, want %q", got, c.anchors)
			}
			if got := items(programmeUnder(t, next, nil), next.Head.From, 4); got != c.shows {
				t.Errorf("shows: got %s, want %s", got, c.shows)
			}
		})
	}
}

// TestSupersedeWhatWaits publishes again while the publication before waits for the end of a slot of ten minutes.
func TestSupersedeWhatWaits(t *testing.T) {
	h := ward("America/New_York", window(t, "day", "0 8 * * *", "17:00"))
	play(h, "day", "one", "two")
	for id, i := range h.Items {
		i.Millis = 600_000
		h.Items[id] = i
	}
	first := manifest(t, h, "bed")
	start := at(t, programmeUnder(t, first, nil), "2026-11-23 08:00")
	play(h, "day", "four", "five")
	second := publish(t, first, h, "second", start.Add(90*time.Second))
	second.Head.IssuedAt = start.Add(time.Minute)
	play(h, "calm", "sea")
	third := publish(t, second, h, "third", start.Add(150*time.Second))
	if got, want := third.Head.From.Sub(start), 10*time.Minute; got != want {
		t.Errorf("it cuts the slot that is on, after %v of %v", got, want)
	}
	if got, want := items(programmeUnder(t, third, nil), third.Head.From, 3), "four,five,four"; got != want {
		t.Errorf("from then on: got %s, want %s", got, want)
	}

	second.Head.From, second.Head.IssuedAt = start.AddDate(100, 0, 1), start.AddDate(100, 0, 0)
	if from := publish(t, second, h, "third", start.Add(150*time.Second)).Head.From.Sub(start); from > 20*time.Minute {
		t.Errorf("a head that was issued by a wrong clock holds the next one up for %v", from)
	}
}

func TestSupersedeTwice(t *testing.T) {
	h := ward("America/New_York", window(t, "day", "0 8 * * *", "17:00"))
	play(h, "day", "one", "two", "three")
	first := manifest(t, h, "bed")
	start := at(t, programmeUnder(t, first, nil), "2026-11-23 08:00")

	play(h, "day", "four", "five")
	second := publish(t, first, h, "second", start.Add(5*time.Second))
	play(h, "calm", "sea")
	third := publish(t, second, h, "third", start.Add(55*time.Second))
	if got, want := sayAnchors(third, start), "day/full 10s"; got != want {
		t.Errorf("an unrelated publication: got anchors %q, want the old one, %q", got, want)
	}
	if got, want := items(programmeUnder(t, third, nil), third.Head.From, 3), "five,four,five"; got != want {
		t.Errorf("an unrelated publication: got %s, want %s", got, want)
	}

	again := publish(t, third, h, "third", start.Add(5*time.Hour))
	if !again.Head.From.Equal(third.Head.From) || sayAnchors(again, start) != sayAnchors(third, start) {
		t.Errorf("the same body again: got %+v, want %+v", again.Head, third.Head)
	}

	fresh := publish(t, nil, h, "third", start.Add(time.Hour))
	if !fresh.Head.From.Equal(start.Add(time.Hour)) || fresh.Head.Anchors != nil {
		t.Errorf("no manifest before: got %+v", fresh.Head)
	}
}

// TestAnchorsEndWithTheirOccurrence: the next day counts from its own start again.
func TestAnchorsEndWithTheirOccurrence(t *testing.T) {
	h := ward("America/New_York", window(t, "day", "0 8 * * *", "17:00"))
	play(h, "day", "one", "two", "three")
	old := manifest(t, h, "bed")
	start := at(t, programmeUnder(t, old, nil), "2026-11-23 08:00")
	play(h, "day", "one", "two")
	p := programmeUnder(t, publish(t, old, h, "next", start.Add(31*time.Second)), nil)
	if got, want := items(p, start.Add(40*time.Second), 2), "one,two"; got != want {
		t.Errorf("today: got %s, want %s", got, want)
	}
	if got, want := items(p, start.Add(24*time.Hour), 2), "one,two"; got != want {
		t.Errorf("tomorrow: got %s, want %s", got, want)
	}
}

// TestSupersedeIsSmooth: whatever is published, it comes at or after the earliest instant, within one
// slot; and a loop with the same turns shows at that instant what it would have shown anyway.
func TestSupersedeIsSmooth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, _, around := aHospital(t)
		old := &playlists.Manifest{Head: playlists.Head{Screen: "bed", Body: "old"}, Body: bodyFor(t, h)}
		before := mustProgramme(t, old)
		changed := *h
		changed.Playlists = maps.Clone(h.Playlists)
		some := rapid.SampledFrom([]playlists.PlaylistID{"calm", "window-0", "window-1"}).Draw(t, "changed")
		changed.Playlists[some] = aPlaylist(t, some)
		body := bodyFor(t, &changed)
		from, anchors := playlists.Supersede(old, body, "new", around)
		if from.Before(around) {
			t.Fatalf("from %s is before %s", from, around)
		}
		f := before.At(around)
		if len(f.Slots) > 0 && from.After(f.Slots[0].End) {
			t.Fatalf("from %s is after the slot's end, %s", from, f.Slots[0].End)
		}
		after := mustProgramme(t, &playlists.Manifest{Head: playlists.Head{Screen: "bed", Body: "new", From: from, Anchors: anchors}, Body: body})
		was, is := before.At(from), after.At(from)
		if was.Source != is.Source || was.Window != is.Window || len(was.Slots) == 0 || len(is.Slots) == 0 {
			return
		}
		id := playlists.PlaylistID(is.Window)
		if is.Source == playlists.FromFiller {
			id = "calm"
		}
		if id != some && (was.Slots[0].Showing.Item != is.Slots[0].Showing.Item || !was.Slots[0].Start.Equal(is.Slots[0].Start)) {
			t.Fatalf("at %s, %s is unchanged, but %s becomes %s", from, id, was.Slots[0].Showing.Item, is.Slots[0].Showing.Item)
		}
	})
}

func bodyFor(t *rapid.T, h *playlists.Hospital) *playlists.Body {
	body, _, err := playlists.Compile(h, "bed", playlists.Abilities{}, playliststest.Zones, nil)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func mustProgramme(t *rapid.T, m *playlists.Manifest) *playlists.Programme {
	p, err := playlists.NewProgramme(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
