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

// library adds approved items of 10 s of a phase, "recovery-1" and so on, that no playlist has.
func library(h *playlists.Hospital, phase playlists.Phase, n int, languages ...playlists.Language) *playlists.Hospital {
	for i := range n {
		id := playlists.ItemID(fmt.Sprintf("%s-%d", phase, i+1))
		h.Items[id] = playliststest.Pictures(id, string(id), phase, languages...)
	}
	return h
}

// asking gives the ward floors that fill.
func asking(h *playlists.Hospital, floors ...playlists.Floor) *playlists.Hospital {
	d := h.Departments["ward"]
	for i := range floors {
		floors[i].Fill = true
	}
	d.Floors = floors
	h.Departments["ward"] = d
	return h
}

// fillsOf counts the turns of a body's only loop by item, and says what the bodies' problems are.
func fillsOf(tb testing.TB, h *playlists.Hospital) (turns map[playlists.ItemID]int, body *playlists.Body, problems []string) {
	tb.Helper()
	body, found, err := playlists.Compile(h, "bed", playlists.Abilities{}, playliststest.Zones, playliststest.Fonts())
	if err != nil {
		tb.Fatal(err)
	}
	for _, p := range found {
		problems = append(problems, p.Field+": "+p.Message)
	}
	turns = map[playlists.ItemID]int{}
	for _, e := range body.Loops[0].Order {
		turns[body.Showings[body.Loops[0].Entries[e].Showing].Item]++
	}
	return turns, body, problems
}

// The ward shows the item calm, 10 s, all day; whatever a row says has to come as well.
func TestFillsFromTheLibrary(t *testing.T) {
	recovery := playlists.Floor{Phase: playlists.Recovery, Plays: 2}
	unapproved := library(ward("America/New_York"), playlists.Recovery, 1, "en")
	altered(unapproved, "recovery-1", func(i *playlists.Item) { i.Approval = nil })
	sponsored := library(ward("America/New_York"), playlists.Recovery, 1, "en")
	altered(sponsored, "recovery-1", func(i *playlists.Item) { i.Sponsor = "Acme" })
	ending := library(ward("America/New_York"), playlists.Recovery, 2, "en")
	altered(ending, "recovery-1", func(i *playlists.Item) { i.Until = playliststest.NewYork(t, "2026-12-01 00:00") })
	coarse := playing(library(ward("America/New_York"), playlists.Recovery, 2, "en"), "calm", "calm", "old")
	altered(altered(coarse, "calm", func(i *playlists.Item) { i.Millis = 1_800_000 }), "old", func(i *playlists.Item) { i.Millis = 570_000 })
	for _, c := range []struct {
		name     string
		hospital *playlists.Hospital
		floors   []playlists.Floor
		want     string
	}{
		{"two in 40 minutes would be three an hour, but lie side by side", coarse, []playlists.Floor{{Phase: playlists.Recovery, Plays: 3}}, "calm 1 recovery-1 2 recovery-2 1"},
		{"two of the phase take turns", library(ward("America/New_York"), playlists.Recovery, 2, "en"), []playlists.Floor{recovery}, "calm 358 recovery-1 1 recovery-2 1"},
		{"one of the phase comes twice", library(ward("America/New_York"), playlists.Recovery, 1, "en"), []playlists.Floor{recovery}, "calm 358 recovery-1 2"},
		{"what never ends comes before what does", ending, []playlists.Floor{{Phase: playlists.Recovery, Plays: 1}}, "calm 359 recovery-2 1"},
		{"nothing, where the playlist has enough", playing(library(ward("America/New_York"), playlists.Recovery, 2, "en"), "calm", "calm", "recovery-2"), []playlists.Floor{recovery}, "calm 1 recovery-2 1"},
		{"an item that is named", library(ward("America/New_York"), playlists.Recovery, 2, "en"), []playlists.Floor{{Item: "recovery-2", Plays: 1}}, "calm 359 recovery-2 1"},
		{"what nobody approved does not fill", unapproved, []playlists.Floor{recovery}, "calm 1"},
		{"what somebody paid for does not fill", sponsored, []playlists.Floor{recovery}, "calm 1"},
		{"what has none of the languages does not fill", library(ward("America/New_York"), playlists.Recovery, 2, "es"), []playlists.Floor{recovery}, "calm 1"},
		{"a floor that takes more than a third does not fill", library(ward("America/New_York"), playlists.Recovery, 2, "en"), []playlists.Floor{{Phase: playlists.Recovery, Plays: 121}}, "calm 1"},
		{"and just a third does", library(ward("America/New_York"), playlists.Recovery, 2, "en"), []playlists.Floor{{Phase: playlists.Recovery, Plays: 120}}, "calm 240 recovery-1 60 recovery-2 60"},
	} {
		t.Run(c.name, func(t *testing.T) {
			turns, _, _ := fillsOf(t, asking(c.hospital, c.floors...))
			var got []string
			for _, id := range []playlists.ItemID{"calm", "recovery-1", "recovery-2"} {
				if turns[id] > 0 {
					got = append(got, fmt.Sprintf("%s %d", id, turns[id]))
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %s, want %s", strings.Join(got, " "), c.want)
			}
		})
	}
}

// TestFillsTellWhatTheyCannotKeep: no item of a phase, or no room for it.
func TestFillsTellWhatTheyCannotKeep(t *testing.T) {
	h := ward("America/New_York")
	for _, phase := range []playlists.Phase{playlists.Symptoms, playlists.Diagnosis, playlists.Treatment, playlists.Prevention} {
		library(h, phase, 1, "en")
	}
	asking(h, playlists.Floor{EveryPhase: true, Plays: 2}, playlists.Floor{Topic: "heart", Plays: 1}, playlists.Floor{Item: "treatment-1", Plays: 300})
	_, _, got := fillsOf(t, h)
	want := []string{
		"floors[0]: nothing of the phase recovery can fill for it: no approved item has a language of Ward; make one, or have one approved",
		"floors[1]: nothing can fill for it: no approved item that counts has a language of Ward; make one, or have one approved",
		"floors[2]: the library cannot fill for it: that would take more than a third of calm, or make it too long; ask for fewer plays, or add such items to that playlist",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestFillsSpreadEvenly: two an hour are half an hour apart, each language of the mix has its part, and no turn is beside
// another of the same item.
func TestFillsSpreadEvenly(t *testing.T) {
	h := library(playing(ward("America/New_York"), "calm", "calm", "old", "new"), playlists.Recovery, 1, "en", "es")
	d := h.Departments["ward"]
	d.Languages = []playlists.LanguageShare{{Language: "en", Twelfths: 8}, {Language: "es", Twelfths: 4}}
	h.Departments["ward"] = d
	_, body, _ := fillsOf(t, asking(h, playlists.Floor{Phase: playlists.Recovery, Plays: 2}))
	p := programmeUnder(t, &playlists.Manifest{Body: body}, nil)
	start := playliststest.NewYork(t, "2026-11-23 06:00")
	var last time.Time
	said := map[playlists.Language]int{}
	var before playlists.ItemID
	for at := start; at.Before(start.Add(3 * time.Hour)); at = p.Next(at) {
		slot := p.At(at).Slots[0]
		if slot.Showing.Item == before {
			t.Errorf("%v: %s follows itself", at, before)
		}
		if before = slot.Showing.Item; before != "recovery-1" {
			continue
		}
		said[slot.Showing.Language]++
		if gap := at.Sub(last); !last.IsZero() && (gap < 29*time.Minute || gap > 31*time.Minute) {
			t.Errorf("%v: the turn before it was %v ago", at, gap)
		}
		last = at
		if fl, ok := p.Fills(&slot); !ok || fl.Phase != playlists.Recovery {
			t.Errorf("%v: got %v, %v, want the floor that it fills for", at, fl, ok)
		}
	}
	if said["en"] != 4 || said["es"] != 2 {
		t.Errorf("got %v, want four in English and two in Spanish", said)
	}
}

// TestLanguageTargets: Spanish is 4 of 12 in the mix, but only one of three items has it.
func TestLanguageTargets(t *testing.T) {
	for _, c := range []struct {
		name    string
		target  int
		share   string
		mix     []playlists.LanguageShare
		problem bool
	}{
		{"kept by the mix already", 1, "3 of 27", nil, false},
		{"two twelfths need half of the one", 2, "1 of 6", []playlists.LanguageShare{{Language: "en", Twelfths: 6}, {Language: "es", Twelfths: 6}}, false},
		{"three need nine twelfths of it", 3, "3 of 12", []playlists.LanguageShare{{Language: "en", Twelfths: 3}, {Language: "es", Twelfths: 9}}, false},
		{"five cannot be", 5, "11 of 36", []playlists.LanguageShare{{Language: "en", Twelfths: 1}, {Language: "es", Twelfths: 11}}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := ward("America/New_York")
			h.Items["both"] = playliststest.Pictures("both", "Both", "", "en", "es")
			h.Items["film"] = playliststest.Film("film", "No words", 10*time.Second)
			playing(h, "calm", "both", "one", "two", "film")
			d := h.Departments["ward"]
			d.Languages = []playlists.LanguageShare{{Language: "en", Twelfths: 8}, {Language: "es", Twelfths: 4}}
			d.LanguageTargets = []playlists.LanguageTarget{{Language: "es", Twelfths: c.target}}
			h.Departments["ward"] = d
			_, body, problems := fillsOf(t, h)
			spanish, words := spokenIn(body, 0, "es")
			var want, of int
			if _, err := fmt.Sscanf(c.share, "%d of %d", &want, &of); err != nil {
				t.Fatal(err)
			}
			if spanish*of != want*words {
				t.Errorf("got %d of %d in Spanish, want %s", spanish, words, c.share)
			}
			if !slices.Equal(body.Loops[0].Mix, c.mix) || len(problems) > 0 != c.problem {
				t.Errorf("got the mix %v and %q, want %v", body.Loops[0].Mix, problems, c.mix)
			}
		})
	}
}

// spokenIn counts the turns of a loop in a language, and those with words.
func spokenIn(b *playlists.Body, loop int, l playlists.Language) (spoken, words int) {
	for _, e := range b.Loops[loop].Order {
		switch b.Showings[b.Loops[loop].Entries[e].Showing].Language {
		case l:
			spoken++
			words++
		case playlists.NoWords:
		default:
			words++
		}
	}
	return spoken, words
}

// TestFillingKeepsFloorsOrSaysWhyNot: whatever the playlists, the library and the floors are, every open hour that one
// programme has to itself keeps each floor, or a problem names it; and what the playlists had is still there, in its order.
func TestFillingKeepsFloorsOrSaysWhyNot(t *testing.T) {
	midnight := playliststest.NewYork(t, "2026-11-23 00:00")
	rapid.Check(t, func(t *rapid.T) {
		h := ward("America/New_York")
		delete(h.Items, "calm")
		var ids []playlists.ItemID
		for i := range rapid.IntRange(1, 14).Draw(t, "items") {
			id := playlists.ItemID(fmt.Sprintf("item-%02d", i))
			item := playliststest.Pictures(id, string(id), rapid.SampledFrom(append(playlists.Phases(), "")).Draw(t, "phase"), rapid.SampledFrom([][]playlists.Language{{"en"}, {"es"}, {"en", "es"}}).Draw(t, "languages")...)
			item.Millis = int64(rapid.IntRange(3, 90).Draw(t, "seconds")) * 1000
			item.Topics = rapid.SampledFrom([][]playlists.Topic{nil, {"heart"}, {"walking"}, {"heart", "walking"}}).Draw(t, "topics")
			if rapid.IntRange(0, 5).Draw(t, "ends") == 0 {
				item.Until = midnight.Add(12 * time.Hour)
			}
			h.Items[id] = item
			ids = append(ids, id)
		}
		list := playlists.Playlist{ID: "calm", Name: "calm"}
		for range rapid.IntRange(1, 8).Draw(t, "entries") {
			list.Entries = append(list.Entries, playlists.Entry{Item: rapid.SampledFrom(ids).Draw(t, "entry"), Weight: rapid.IntRange(1, 6).Draw(t, "weight")})
		}
		h.Playlists["calm"] = list
		d := h.Departments["ward"]
		d.Languages = rapid.SampledFrom([][]playlists.LanguageShare{{{Language: "en", Twelfths: 12}}, {{Language: "en", Twelfths: 7}, {Language: "es", Twelfths: 5}}}).Draw(t, "mix")
		if len(d.Languages) > 1 && rapid.Bool().Draw(t, "target") {
			d.LanguageTargets = []playlists.LanguageTarget{{Language: "es", Twelfths: rapid.IntRange(1, 8).Draw(t, "twelfths")}}
		}
		plays := func() int { return rapid.SampledFrom([]int{1, 2, 3, 6, 20}).Draw(t, "plays") }
		d.Floors = []playlists.Floor{{EveryPhase: true, Plays: plays(), Fill: true}, {Topic: "heart", Plays: plays(), Fill: true}, {Item: ids[0], Plays: plays(), Fill: true}}
		h.Departments["ward"] = d

		body, problems, err := playlists.Compile(h, "bed", playlists.Abilities{}, playliststest.Zones, nil)
		if err != nil {
			t.Fatal(err)
		}
		again, _, err := playlists.Compile(h, "bed", playlists.Abilities{}, playliststest.Zones, nil)
		if err != nil || fmt.Sprint(again.Loops) != fmt.Sprint(body.Loops) {
			t.Fatalf("compiled again it is another: %v", err)
		}
		told := map[string]bool{}
		for _, p := range problems {
			told[p.Field] = true
		}
		if len(body.Loops) == 0 {
			return
		}
		checkFilled(t, h, body)
		checkKept(t, h, body, midnight, told)
	})
}

// checkFilled holds a filled loop against that of the playlist alone, in the same language mix.
func checkFilled(t *rapid.T, h *playlists.Hospital, body *playlists.Body) {
	bare := *h
	d := h.Departments["ward"]
	d.Floors, d.LanguageTargets = nil, nil
	if mix := body.Loops[0].Mix; mix != nil {
		d.Languages = mix
	}
	bare.Departments = map[playlists.DepartmentID]playlists.Department{"ward": d}
	alone, _, err := playlists.Compile(&bare, "bed", playlists.Abilities{}, playliststest.Zones, nil)
	if err != nil {
		t.Fatal(err)
	}
	said := func(b *playlists.Body, e int) string {
		s := b.Showings[b.Loops[0].Entries[e].Showing]
		return fmt.Sprint(s.Item, s.Language, b.Loops[0].Entries[e].Millis)
	}
	var fills, all int64
	base, next := alone.Loops[0].Order, 0
	for _, e := range body.Loops[0].Order {
		entry := &body.Loops[0].Entries[e]
		all += entry.Millis
		if entry.Fills > 0 {
			fills += entry.Millis
			continue
		}
		if got, want := said(body, e), said(alone, base[next%len(base)]); got != want {
			t.Fatalf("turn %d of the playlist is %s, want %s", next, got, want)
		}
		next++
	}
	if next%len(base) != 0 || fills*playlists.FillShare > all || next > max(len(base), playlists.MaxSlots)*12 {
		t.Fatalf("%d turns of the playlist in rounds of %d, %d of %d ms fill", next, len(base), fills, all)
	}
}

// checkKept counts the plays of a day by looking at every turn.
func checkKept(t *rapid.T, h *playlists.Hospital, body *playlists.Body, start time.Time, told map[string]bool) {
	p, err := playlists.NewProgramme(&playlists.Manifest{Body: body}, nil)
	if err != nil {
		t.Fatal(err)
	}
	counts := make([]map[string]int, 23)
	for i := range counts {
		counts[i] = map[string]int{}
	}
	for at := start; at.Before(start.Add(23 * time.Hour)); at = p.Next(at) {
		for _, slot := range p.At(at).Slots {
			if !slot.Start.Equal(at) {
				continue
			}
			item, hour := h.Items[slot.Showing.Item], int(at.Sub(start)/time.Hour)
			counts[hour]["phase "+string(item.Phase)]++
			counts[hour]["item "+string(item.ID)]++
			for _, topic := range item.Topics {
				counts[hour]["topic "+string(topic)]++
			}
		}
	}
	for i, fl := range h.Departments["ward"].Floors {
		kinds := []string{"item " + string(fl.Item)}
		if fl.Topic != "" {
			kinds = []string{"topic " + string(fl.Topic)}
		}
		if fl.EveryPhase {
			kinds = nil
			for _, phase := range playlists.Phases() {
				kinds = append(kinds, "phase "+string(phase))
			}
		}
		for hour := range counts {
			for _, kind := range kinds {
				if counts[hour][kind] < fl.Plays && !told[fmt.Sprintf("floors[%d]", i)] {
					t.Fatalf("hour %d: %d plays of %s, want %d, and nobody is told", hour, counts[hour][kind], kind, fl.Plays)
				}
			}
		}
	}
}
