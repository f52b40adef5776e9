package playlists_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// TestRehearsalIsTheLoopOfTheWall compares every playlist that windows of the sample hospital show with the loops of
// the bodies that are compiled of it.
func TestRehearsalIsTheLoopOfTheWall(t *testing.T) {
	h := playliststest.Hospital()
	compared := 0
	for id, screen := range h.Screens {
		screen.Rotation = 0
		h.Screens[id] = screen
		body, _, err := playlists.Compile(h, id, playlists.Abilities{}, playliststest.Zones, playliststest.Fonts())
		if err != nil {
			t.Fatal(err)
		}
		for _, loop := range body.Loops {
			r, err := h.Rehearse(screen.Department, h.Playlists[loop.Playlist])
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Order) != len(loop.Order) {
				t.Errorf("%s in %s: %d slots, on the wall %d", loop.Playlist, screen.Department, len(r.Order), len(loop.Order))
				continue
			}
			for i := range loop.Order {
				got, want := r.Showings[r.Order[i]], loop.Entries[loop.Order[i]]
				on := body.Showings[want.Showing]
				if got.Item != on.Item || got.Asset != on.Asset || got.Millis != want.Millis || got.Language != on.Language {
					t.Errorf("%s in %s, slot %d: %+v, on the wall %+v", loop.Playlist, screen.Department, i, got, on)
				}
				if entry := h.Playlists[loop.Playlist].Entries[got.Entry]; entry.Item != got.Item {
					t.Errorf("%s, slot %d is said to be of %s and shows %s", loop.Playlist, i, entry.Item, got.Item)
				}
			}
			compared++
		}
	}
	if compared == 0 {
		t.Error("nothing was compared")
	}
}

// TestRehearsalCounts: twice the weight is twice the plays; the shares are of time and add up to one.
func TestRehearsalCounts(t *testing.T) {
	h := playliststest.Hospital()
	h.Departments["cardiology"] = alone(h.Departments["cardiology"])
	p := playlists.Playlist{ID: "draft", Name: "Draft", Entries: []playlists.Entry{
		{Item: "visiting-hours", Weight: 2, Millis: 10_000}, {Item: "lake-at-dawn", Weight: 1, Millis: 40_000}, {Item: "we-are-closed", Weight: 0}, {Item: "nowhere", Weight: 1},
	}}
	r, err := h.Rehearse("cardiology", p)
	if err != nil {
		t.Fatal(err)
	}
	var got string
	sum := 0.0
	for _, e := range r.Entries {
		got += fmt.Sprintf("%d slots %d s %.0f an hour, ", e.Slots, e.Millis/1000, e.PlaysPerHour)
		sum += e.Share
	}
	if want := "2 slots 20 s 120 an hour, 1 slots 40 s 60 an hour, 0 slots 0 s 0 an hour, 0 slots 0 s 0 an hour, "; got != want || r.Millis != 60_000 || math.Abs(sum-1) > 1e-9 {
		t.Errorf("%s\nwant %s\n%d ms, shares add up to %f", got, want, r.Millis, sum)
	}
	if len(r.Problems) != 1 || r.Problems[0].Field != "entries" {
		t.Errorf("left out: %v", r.Problems)
	}
}

func alone(d playlists.Department) playlists.Department {
	d.Languages, d.Fallback = []playlists.LanguageShare{{Language: "en", Twelfths: 12}}, "en"
	return d
}

func TestWhatCannotBeRehearsed(t *testing.T) {
	h := playliststest.Hospital()
	if _, err := h.Rehearse("dentists", playlists.Playlist{ID: "draft", Name: "Draft"}); !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("in a department that is not there: %v", err)
	}
	p := playlists.Playlist{ID: "draft", Name: "Draft", Entries: []playlists.Entry{{Item: "lake-at-dawn", Weight: 2000}, {Item: "visiting-hours", Weight: 1}}}
	if _, err := h.Rehearse("cardiology", p); !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("a loop that is too long: %v", err)
	}
}
