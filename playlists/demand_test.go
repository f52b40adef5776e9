package playlists_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// wishes are a week's, all in English: "heart 30 walking 12".
func wishes(times map[playlists.Topic]int) []playlists.AskedFor {
	var asked []playlists.AskedFor
	for topic, n := range times {
		asked = append(asked, playlists.AskedFor{Topic: topic, Language: "en", Times: n})
	}
	return asked
}

// listening is a ward whose loop has three items of weight 1, of the topics heart, walking and sleep, and follows demand.
func listening(share playlists.DemandShare) *playlists.Hospital {
	h := playing(ward("America/New_York"), "calm", "heart", "walking", "sleep")
	for _, id := range []playlists.ItemID{"heart", "walking", "sleep"} {
		altered(h, id, func(i *playlists.Item) { i.Topics = []playlists.Topic{playlists.Topic(id)} })
	}
	p := h.Playlists["calm"]
	p.Demand = &share
	h.Playlists["calm"] = p
	d := h.Departments["ward"]
	d.Demand = &playlists.DemandRules{Mode: playlists.DemandAutomatic, LanguageTwelfths: 3}
	h.Departments["ward"] = d
	h.Demands = map[playlists.DepartmentID]playlists.Demand{}
	return h
}

// percents are the parts of a loop by item, in percent of its turns.
func percents(tb testing.TB, h *playlists.Hospital) map[playlists.ItemID]int {
	tb.Helper()
	turns, body, _ := fillsOf(tb, h)
	for id := range turns {
		turns[id] = turns[id] * 100 / len(body.Loops[0].Order)
	}
	return turns
}

// TestAMonthOfWishesMovesTheLoop: patients ask for the heart three times as often as for walking, and for walking twice as
// often as for sleep. What they want is known: week by week the loop comes nearer to it, in whole steps, and never goes
// beyond the bounds.
func TestAMonthOfWishesMovesTheLoop(t *testing.T) {
	h := listening(playlists.DemandShare{Percent: 50, Floor: 15, Ceiling: 45})
	demand, week := playlists.Demand{Department: "ward"}, wishes(map[playlists.Topic]int{"heart": 60, "walking": 20, "sleep": 10})
	var got []string
	for range 24 {
		demand = demand.Next(h.Departments["ward"], playlists.Date{}, week, week)
		h.Demands["ward"] = demand
		p := percents(t, h)
		got = append(got, fmt.Sprintf("%d/%d/%d", p["heart"], p["walking"], p["sleep"]))
		if p["heart"] > 45 || p["sleep"] < 15 {
			t.Errorf("got %v, want 45 at most for the heart and 15 at least for sleep", p)
		}
	}
	got = slices.Compact(got)
	want := []string{"37/32/31", "35/35/30", "39/33/28", "37/37/26", "40/35/25", "44/33/23"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the loop by weeks (-want +got):\n%s", diff)
	}
	for range 24 {
		h.Demands["ward"] = h.Demands["ward"].Next(h.Departments["ward"], playlists.Date{}, nil, nil)
	}
	if p := percents(t, h); p["heart"] != 33 || p["walking"] != 33 || p["sleep"] != 33 {
		t.Errorf("nobody asks any more: got %v, want thirds again", p)
	}
}

// TestFewWishesMoveNothing: ten people are told of nowhere, and so move nothing.
func TestFewWishesMoveNothing(t *testing.T) {
	d := listening(playlists.DemandShare{Percent: 50, Ceiling: 50}).Departments["ward"]
	few := wishes(map[playlists.Topic]int{"heart": 10, "walking": 10})
	before := playlists.Demand{Department: "ward"}
	if next := before.Next(d, playlists.Date{}, few, few); next.Moves(before) || len(next.Topics) > 0 {
		t.Errorf("got %v, want nothing", next)
	}
	enough := wishes(map[playlists.Topic]int{"heart": 11})
	if next := before.Next(d, playlists.Date{}, enough, enough); !next.Moves(before) {
		t.Errorf("got %v, want one step", next)
	}
}

// TestACrowdMovesOneStep: whatever people asked for before, a crowd that comes once moves each topic's part of the loop by at
// most one step of five percent, and is forgotten.
func TestACrowdMovesOneStep(t *testing.T) {
	topics := []playlists.Topic{"heart", "walking", "sleep"}
	rapid.Check(t, func(r *rapid.T) {
		share := playlists.DemandShare{Percent: 5 * rapid.IntRange(1, 10).Draw(r, "percent"), Ceiling: 100}
		h := listening(share)
		drawn := func(name string) []playlists.AskedFor {
			times := map[playlists.Topic]int{}
			for _, topic := range topics {
				times[topic] = rapid.IntRange(0, 60).Draw(r, name+" "+string(topic))
			}
			return wishes(times)
		}
		demand, d := playlists.Demand{Department: "ward"}, h.Departments["ward"]
		for range rapid.IntRange(0, 30).Draw(r, "weeks") {
			week := drawn("usual")
			demand = demand.Next(d, playlists.Date{}, week, week)
		}
		week := drawn("usual")
		crowd := append(slices.Clone(week), wishes(map[playlists.Topic]int{"heart": rapid.IntRange(11, 100_000).Draw(r, "crowd")})...)
		with, without := demand.Next(d, playlists.Date{}, crowd, crowd), demand.Next(d, playlists.Date{}, week, week)
		for _, topic := range topics {
			if by := percentOf(with, topic) - percentOf(demand, topic); by < -5 || by > 5 {
				r.Fatalf("%s moved by %d percent", topic, by)
			}
		}
		for range 40 { // as if it had never been
			with, without = with.Next(d, playlists.Date{}, week, week), without.Next(d, playlists.Date{}, week, week)
		}
		if with.Moves(without) {
			r.Fatalf("the crowd is remembered: %v, want %v", with, without)
		}
	})
}

func percentOf(d playlists.Demand, topic playlists.Topic) int {
	for _, t := range d.Topics {
		if t.Topic == topic {
			return t.Percent
		}
	}
	return 0
}

// TestDemandKeepsItsBounds: whatever weights, topics and wishes there are, no topic goes above the ceiling by demand, none that
// had the floor below it, no entry goes for good, demand never takes more than its share, and the loop has 1,000 turns at most.
func TestDemandKeepsItsBounds(t *testing.T) {
	topics := []playlists.Topic{"heart", "walking", "sleep", "sugar"}
	rapid.Check(t, func(r *rapid.T) {
		share := playlists.DemandShare{Percent: 5 * rapid.IntRange(1, 10).Draw(r, "percent"), Floor: 5 * rapid.IntRange(0, 5).Draw(r, "floor"), Ceiling: 5 * rapid.IntRange(5, 20).Draw(r, "ceiling")}
		h := ward("America/New_York")
		list := playlists.Playlist{ID: "calm", Name: "calm", Demand: &share}
		own, all := map[playlists.Topic]int{}, 0
		for i := range rapid.IntRange(1, 12).Draw(r, "entries") {
			id := playlists.ItemID(fmt.Sprintf("item-%d", i))
			item := playliststest.Pictures(id, string(id), "", "en")
			item.Topics = rapid.SliceOfNDistinct(rapid.SampledFrom(topics), 0, 2, rapid.ID).Draw(r, "topics")
			h.Items[id] = item
			weight := rapid.IntRange(1, 9).Draw(r, "weight")
			list.Entries = append(list.Entries, playlists.Entry{Item: id, Weight: weight})
			for _, topic := range item.Topics {
				own[topic] += weight
			}
			all += weight
		}
		h.Playlists["calm"] = list
		d := h.Departments["ward"]
		d.Demand = &playlists.DemandRules{Mode: playlists.DemandDraft}
		h.Departments["ward"] = d
		demand := playlists.Demand{Department: "ward"}
		for range rapid.IntRange(1, 30).Draw(r, "weeks") {
			times := map[playlists.Topic]int{}
			for _, topic := range topics {
				times[topic] = rapid.IntRange(0, 60).Draw(r, string(topic))
			}
			demand = demand.Next(d, playlists.Date{}, wishes(times), wishes(times))
		}
		h.Demands = map[playlists.DepartmentID]playlists.Demand{"ward": demand}
		turns, body, _ := fillsOf(t, h)
		loop := body.Loops[0]
		if len(loop.Order) > playlists.MaxSlots || len(turns) != len(list.Entries) {
			r.Fatalf("%d turns of %d items, want all %d", len(loop.Order), len(turns), len(list.Entries))
		}
		shown, asked := map[playlists.Topic]int{}, map[playlists.Topic]bool{}
		for id, n := range turns {
			for _, topic := range h.Items[id].Topics {
				shown[topic] += n
			}
		}
		for _, e := range loop.Entries {
			asked[e.Topic] = e.Topic != ""
		}
		n := len(loop.Order)
		for _, topic := range topics {
			switch was, is := own[topic]*n, shown[topic]*all; {
			case asked[topic] && shown[topic]*100 > share.Ceiling*n:
				r.Fatalf("%s has %d of %d turns, above %d %%", topic, shown[topic], n, share.Ceiling)
			case own[topic]*100 >= share.Floor*all && shown[topic]*100 < share.Floor*n:
				r.Fatalf("%s has %d of %d turns, below %d %%", topic, shown[topic], n, share.Floor)
			case is*100 > was*100+share.Percent*n*all+100*12*all:
				r.Fatalf("%s has %d of %d turns, more than %d %% above its weight", topic, shown[topic], n, share.Percent)
			}
		}
	})
}

// TestLanguageDemandMovesTheMix by a twelfth a week, as far as staff allow, and back when nobody asks.
func TestLanguageDemandMovesTheMix(t *testing.T) {
	h := listening(playlists.DemandShare{Percent: 50, Ceiling: 50})
	d := h.Departments["ward"]
	d.Languages = []playlists.LanguageShare{{Language: "en", Twelfths: 9}, {Language: "es", Twelfths: 3}}
	h.Departments["ward"] = d
	for _, id := range []playlists.ItemID{"heart", "walking", "sleep"} {
		altered(h, id, func(i *playlists.Item) {
			topics := i.Topics
			*i = playliststest.Pictures(id, string(id), "", "en", "es")
			i.Topics = topics
		})
	}
	spanish := []playlists.AskedFor{{Topic: "heart", Language: "es", Times: 40}, {Topic: "heart", Language: "en", Times: 10}}
	demand := playlists.Demand{Department: "ward"}
	moved := func(week []playlists.AskedFor) int {
		demand = demand.Next(d, playlists.Date{}, week, week)
		if err := demand.Validate(); err != nil {
			t.Fatal(err)
		}
		h.Demands["ward"] = demand
		_, body, _ := fillsOf(t, h)
		spoken, words := spokenIn(body, 0, "es")
		return spoken * 12 / words
	}
	var got []int
	for range 5 {
		got = append(got, moved(spanish))
	}
	for range 5 {
		got = append(got, moved(nil))
	}
	if want := []int{4, 5, 6, 6, 6, 5, 4, 3, 3, 3}; !slices.Equal(got, want) {
		t.Errorf("Spanish has %v twelfths, want %v", got, want)
	}
}

// TestWhyTellsDemand: what comes more often says for what, and how often that was asked for.
func TestWhyTellsDemand(t *testing.T) {
	h := listening(playlists.DemandShare{Percent: 50, Ceiling: 100})
	h.Demands["ward"] = playlists.Demand{Department: "ward", Topics: []playlists.TopicDemand{{Topic: "heart", Asked: 37, Percent: 60}}}
	p := programmeOf(t, h, "bed")
	told := map[playlists.ItemID]string{}
	for at := playliststest.NewYork(t, "2026-11-23 09:00"); len(told) < 3; at = at.Add(10 * time.Second) {
		slot := p.At(at).Slots[0]
		topic, times, _ := p.Asked(&slot)
		told[slot.Showing.Item] = fmt.Sprint(topic, times)
	}
	if want := map[playlists.ItemID]string{"heart": "heart37", "walking": "0", "sleep": "0"}; !cmp.Equal(told, want) {
		t.Errorf("got %v, want %v", told, want)
	}
}
