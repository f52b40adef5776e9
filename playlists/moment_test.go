package playlists_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// setAt is a state that maria set, by the ward's wall: "10:05" to "11:00".
func setAt(tb testing.TB, state playlists.State, since, until string) playlists.StateSet {
	tb.Helper()
	return playlists.StateSet{StateSpan: playlists.StateSpan{
		State: state, Since: playliststest.NewYork(tb, "2026-11-24 "+since), Until: playliststest.NewYork(tb, "2026-11-24 "+until),
	}, By: "maria"}
}

// boundTo is a ward whose loop has an item "calm" and one that says sorry for delays, at the moments and in the states given.
func boundTo(moments []playlists.Moment, states []playlists.State, set ...playlists.StateSet) *playlists.Hospital {
	h := playing(ward("America/New_York"), "calm", "calm", "sorry")
	altered(h, "sorry", func(i *playlists.Item) { i.Moments, i.States = moments, states })
	h.States = map[playlists.DepartmentID]playlists.States{"ward": {Department: "ward", Set: set}}
	return h
}

// shownOver is what the ward's screen shows at each minute of some, an item's first letter each.
func shownOver(tb testing.TB, h *playlists.Hospital, from string, minutes int) string {
	tb.Helper()
	p := programmeOf(tb, h, "bed")
	var shown strings.Builder
	start := playliststest.NewYork(tb, "2026-11-24 "+from)
	for minute := range minutes {
		letters := map[string]bool{}
		for second := range 60 {
			for _, s := range p.At(start.Add(time.Duration(minute)*time.Minute + time.Duration(second)*time.Second)).Slots {
				letters[string(s.Showing.Item[:1])] = true
			}
		}
		switch {
		case letters["s"] && letters["c"]:
			shown.WriteByte('b') // both
		case letters["s"]:
			shown.WriteByte('s')
		default:
			shown.WriteByte('c')
		}
	}
	return shown.String()
}

// TestItemsShowInTheirState: from when it was set until it ends by itself, whatever the loop then says; and at no other time,
// even on a player that hears nothing any more.
func TestItemsShowInTheirState(t *testing.T) {
	delay := []playlists.State{playlists.Delay30}
	for _, c := range []struct {
		name string
		h    *playlists.Hospital
		want string
	}{
		{"bound to nothing", boundTo(nil, nil), "bbbbbb"},
		{"the state is not set", boundTo(nil, delay), "cccccc"},
		{"another is", boundTo(nil, delay, setAt(t, playlists.VaccinationDay, "10:00", "11:00")), "cccccc"},
		{"set until three minutes from now", boundTo(nil, delay, setAt(t, playlists.Delay30, "09:50", "10:03")), "bbbccc"},
		{"ended before", boundTo(nil, delay, setAt(t, playlists.Delay30, "09:00", "09:30")), "cccccc"},
		{"one of two is enough, and the longer counts", boundTo(nil, []playlists.State{playlists.Delay30, playlists.Delay60}, setAt(t, playlists.Delay60, "09:00", "10:04"), setAt(t, playlists.Delay30, "09:50", "10:02")), "bbbbcc"},
		{"its own validity ends before", func() *playlists.Hospital {
			h := boundTo(nil, delay, setAt(t, playlists.Delay30, "09:50", "10:05"))
			altered(h, "sorry", func(i *playlists.Item) { i.Until = playliststest.NewYork(t, "2026-11-24 10:02") })
			return h
		}(), "bbcccc"},
		{"a screen that does not say where it stands is where people wait", boundTo([]playlists.Moment{playlists.Waiting}, nil), "bbbbbb"},
		{"for people who arrive, where they wait", boundTo([]playlists.Moment{playlists.Arriving}, nil), "cccccc"},
		{"both must hold", boundTo([]playlists.Moment{playlists.Arriving}, delay, setAt(t, playlists.Delay30, "09:50", "11:00")), "cccccc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := shownOver(t, c.h, "10:00", 6); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestWhyAnItemShowsInItsState says since when and until when, and at which moment of a visit.
func TestWhyAnItemShowsInItsState(t *testing.T) {
	set := setAt(t, playlists.Delay30, "10:05", "11:00")
	h := boundTo([]playlists.Moment{playlists.Arriving, playlists.Leaving}, []playlists.State{playlists.Delay30}, set)
	door := h.Screens["bed"]
	door.Moment = playlists.Leaving
	h.Screens["bed"] = door
	p := programmeOf(t, h, "bed")
	found := 0
	for second := range 60 {
		for _, s := range p.At(set.Since.Add(time.Duration(second) * time.Second)).Slots {
			while, moment := p.While(&s)
			if s.Showing.Item == "calm" && (while != playlists.StateSpan{} || moment != "") {
				t.Fatalf("calm shows for %v at %q, want it to be for all", while, moment)
			}
			if s.Showing.Item == "sorry" {
				found++
				if while != set.StateSpan || moment != playlists.Leaving {
					t.Fatalf("got %v at %q, want %v at leaving", while, moment, set.StateSpan)
				}
			}
		}
	}
	if found == 0 {
		t.Error("it never shows")
	}
}

// TestStatesAreForTheirDepartmentAlone and do not change what screens get that show nothing bound.
func TestStatesAreForTheirDepartmentAlone(t *testing.T) {
	plain, set := boundTo(nil, nil), boundTo(nil, nil, setAt(t, playlists.Delay30, "10:00", "11:00"))
	if a, b := playliststest.Compile(t, plain, "bed"), playliststest.Compile(t, set, "bed"); len(b.States) > 0 || fmt.Sprintf("%+v", a) != fmt.Sprintf("%+v", b) {
		t.Errorf("a state that nothing is bound to changed the body: %+v", b)
	}
	h := boundTo(nil, []playlists.State{playlists.Delay30})
	h.States = map[playlists.DepartmentID]playlists.States{"theatre": {Department: "theatre", Set: []playlists.StateSet{setAt(t, playlists.Delay30, "10:00", "11:00")}}}
	if got := shownOver(t, h, "10:00", 3); got != "ccc" {
		t.Errorf("got %s, want nothing of another department's delay", got)
	}
}

// TestBoundItemsNeverFill: a floor that fills is kept always, so nothing can keep it that shows at times.
func TestBoundItemsNeverFill(t *testing.T) {
	h := boundTo(nil, []playlists.State{playlists.Delay30}, setAt(t, playlists.Delay30, "10:00", "11:00"))
	altered(h, "sorry", func(i *playlists.Item) { i.Phase = playlists.Treatment })
	d := h.Departments["ward"]
	d.Floors = []playlists.Floor{{Phase: playlists.Treatment, Plays: 1, Fill: true}}
	h.Departments["ward"] = d
	for floor, items := range h.Candidates(d) {
		if len(items) > 0 {
			t.Errorf("%v is filled by %v", floor, items)
		}
	}
	d.Floors = []playlists.Floor{{Item: "sorry", Plays: 1}}
	h.Departments["ward"] = d
	if ps := h.Check(); !slices.ContainsFunc(ps, func(p playlists.Problem) bool {
		return strings.Contains(p.Message, "nobody can keep it running always")
	}) {
		t.Errorf("got %v, want it said that the floor cannot be kept", ps)
	}
}

// TestStatesSetAndCleared: a state that is set again goes on since then; one that has ended begins anew.
func TestStatesSetAndCleared(t *testing.T) {
	none := playlists.States{Department: "ward"}
	s := none.With(setAt(t, playlists.Delay30, "10:00", "11:00")).With(setAt(t, playlists.VaccinationDay, "10:10", "16:00"))
	longer := s.With(setAt(t, playlists.Delay30, "10:30", "12:00"))
	if err := longer.Validate(); err != nil || len(longer.Set) != 2 || longer.Set[1] != setAt(t, playlists.Delay30, "10:00", "12:00") {
		t.Errorf("got %v, %v, want the delay since 10:00 until 12:00", longer.Set, err)
	}
	anew := s.With(setAt(t, playlists.Delay30, "11:30", "12:00"))
	if anew.Set[1] != setAt(t, playlists.Delay30, "11:30", "12:00") {
		t.Errorf("got %v, want a delay that begins at 11:30", anew.Set)
	}
	if left := s.Without(playlists.Delay30); len(left.Set) != 1 || left.Set[0].State != playlists.VaccinationDay || len(s.Set) != 2 {
		t.Errorf("got %v left of %v", left.Set, s.Set)
	}
	if at := s.At(playliststest.NewYork(t, "2026-11-24 11:00")); len(at.Set) != 1 || at.Set[0].State != playlists.VaccinationDay {
		t.Errorf("got %v at 11:00, want the delay to be over", at.Set)
	}
	for name, bad := range map[string]playlists.States{
		"unknown":  none.With(setAt(t, "mr_smith_is_here", "10:00", "11:00")),
		"too long": none.With(playlists.StateSet{StateSpan: playlists.StateSpan{State: playlists.Delay30, Since: time.Unix(0, 0), Until: time.Unix(90_000, 0)}}),
		"backward": none.With(setAt(t, playlists.Delay30, "11:00", "10:00")),
	} {
		if bad.Validate() == nil {
			t.Errorf("%s: %v passes", name, bad.Set)
		}
	}
}

// TestABindingIsLookedAtAgainOnlyIfItLoosens, since who approved a version saw when it shows.
func TestABindingIsLookedAtAgainOnlyIfItLoosens(t *testing.T) {
	old := playliststest.Pictures("sorry", "Sorry", "", "en")
	old.States = []playlists.State{playlists.Delay30}
	for _, c := range []struct {
		states  []playlists.State
		moments []playlists.Moment
		again   bool
	}{
		{old.States, nil, false},
		{old.States, []playlists.Moment{playlists.Waiting}, false},
		{[]playlists.State{playlists.Delay60}, nil, true},
		{[]playlists.State{playlists.Delay30, playlists.Delay60}, nil, true},
		{nil, nil, true},
	} {
		next := old
		next.States, next.Moments = c.states, c.moments
		if got := next.WrittenOver(&old, "tom").Version > old.Version; got != c.again {
			t.Errorf("%v and %v: looked at again: %v, want %v", c.states, c.moments, got, c.again)
		}
	}
}

// TestBindingHoldsAtEveryInstant: whatever is bound to what, and whatever is set until when, a bound item shows only while one
// of its states lasts on screens at one of its moments; and a body is the same for the same documents.
func TestBindingHoldsAtEveryInstant(t *testing.T) {
	day := playliststest.NewYork(t, "2026-11-24 00:00")
	rapid.Check(t, func(r *rapid.T) {
		h := ward("America/New_York")
		list := playlists.Playlist{ID: "calm", Name: "calm"}
		for i := range rapid.IntRange(1, 6).Draw(r, "items") {
			id := playlists.ItemID(fmt.Sprintf("item-%d", i))
			item := playliststest.Pictures(id, string(id), "", "en")
			item.Moments = rapid.SliceOfNDistinct(rapid.SampledFrom(playlists.Moments()), 0, 3, rapid.ID).Draw(r, "moments")
			item.States = rapid.SliceOfNDistinct(rapid.SampledFrom(playlists.ClinicStates()), 0, 3, rapid.ID).Draw(r, "states")
			h.Items[id] = item
			list.Entries = append(list.Entries, playlists.Entry{Item: id, Weight: rapid.IntRange(1, 3).Draw(r, "weight")})
		}
		h.Playlists["calm"] = list
		screen := h.Screens["bed"]
		screen.Moment = rapid.SampledFrom(append(playlists.Moments(), "")).Draw(r, "moment")
		h.Screens["bed"] = screen
		states := playlists.States{Department: "ward"}
		for _, state := range rapid.SliceOfNDistinct(rapid.SampledFrom(playlists.ClinicStates()), 0, 5, rapid.ID).Draw(r, "set") {
			since := day.Add(time.Duration(rapid.IntRange(0, 600).Draw(r, "since")) * time.Minute)
			states = states.With(playlists.StateSet{StateSpan: playlists.StateSpan{State: state, Since: since, Until: since.Add(time.Duration(rapid.IntRange(1, 1440).Draw(r, "lasts")) * time.Minute)}, By: "maria"})
		}
		h.States = map[playlists.DepartmentID]playlists.States{"ward": states}
		p, stands := programmeOf(t, h, "bed"), screen.Moment
		if stands == "" {
			stands = playlists.Waiting
		}
		for at := day; at.Before(day.Add(36 * time.Hour)); {
			for _, slot := range p.At(at).Slots {
				item := h.Items[slot.Showing.Item]
				if len(item.Moments) > 0 && !slices.Contains(item.Moments, stands) {
					r.Fatalf("%s is for %v, and shows where people are %s", item.ID, item.Moments, stands)
				}
				if len(item.States) > 0 && !slices.ContainsFunc(states.At(at).Set, func(s playlists.StateSet) bool { return slices.Contains(item.States, s.State) }) {
					r.Fatalf("%s is for %v, and shows at %s, when %v is set", item.ID, item.States, at, states.At(at).Set)
				}
			}
			at = at.Add(time.Duration(rapid.IntRange(1, 7200).Draw(r, "step")) * time.Second)
		}
	})
}
