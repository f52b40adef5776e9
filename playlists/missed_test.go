package playlists_test

import (
	ordered "cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// openFrom is the hospital whose ward is open on all days in these spans, "08:00-11:00".
func openFrom(tb testing.TB, h *playlists.Hospital, spans ...string) *playlists.Hospital {
	tb.Helper()
	d := h.Departments["ward"]
	d.Hours = nil
	for _, s := range spans {
		d.Hours = append(d.Hours, playlists.Hours{Days: []int{0, 1, 2, 3, 4, 5, 6}, From: clock(tb, s[:5]), To: clock(tb, s[6:])})
	}
	h.Departments["ward"] = d
	return h
}

// saidOf writes misses as somebody would read them out.
func saidOf(misses []playlists.Miss, loc *time.Location) []string {
	lines := []string{}
	for _, m := range misses {
		lines = append(lines, fmt.Sprintf("%s: %d", m.Hour.In(loc).Format("15:04"), m.Plays))
	}
	return lines
}

// The ward is open from 8 to 11 unless a row says otherwise; it is a Monday.
func TestMisses(t *testing.T) {
	day := func(ws ...playlists.Window) *playlists.Hospital {
		return openFrom(t, ward("America/New_York", ws...), "08:00-11:00")
	}
	morning := func() *playlists.Hospital { return day(window(t, "clinic", "0 8 * * *", "11:00")) }
	at := func(wall string) time.Time { return playliststest.NewYork(t, "2026-11-23 "+wall) }
	lasting := func(h *playlists.Hospital, id playlists.ItemID, length time.Duration) *playlists.Hospital {
		return altered(h, id, func(i *playlists.Item) { i.Millis = length.Milliseconds() })
	}
	clinic := func(plays int) playlists.Floor { return playlists.Floor{Item: "clinic", Plays: plays} }
	halves := openFrom(t, twoFilms(t), "08:00-09:00")
	whole := playing(day(window(t, "clinic", "0 8 * * *", "09:00")), "clinic", "clinic", "old")
	lasting(lasting(whole, "clinic", 26*time.Minute), "old", 10*time.Minute)
	whole.Playlists["clinic"].Entries[0].WholeOnly = true
	both := day(window(t, "clinic", "0 8 * * *", "11:00"), window(t, "extra", "30 8 * * *", "09:30"))
	closed := morning()
	closeWard(closed, "2026-11-23")
	spanish := altered(morning(), "clinic", func(i *playlists.Item) { *i = playliststest.Pictures("clinic", "clinic", "", "en", "es") })
	d := spanish.Departments["ward"]
	d.Languages = []playlists.LanguageShare{{Language: "en", Twelfths: 6}, {Language: "es", Twelfths: 6}}
	spanish.Departments["ward"] = d
	sorted := altered(altered(playing(morning(), "clinic", "clinic", "old", "extra"), "clinic", func(i *playlists.Item) {
		i.Phase, i.Topics = playlists.Recovery, []playlists.Topic{"heart", "walking"}
	}), "old", func(i *playlists.Item) { i.Phase, i.Topics = playlists.Recovery, []playlists.Topic{"heart"} })

	for _, c := range []struct {
		name     string
		hospital *playlists.Hospital
		floor    playlists.Floor
		want     []string
	}{
		{"an item alone comes every ten seconds", morning(), clinic(360), []string{}},
		{"and not more often", morning(), clinic(361), []string{"08:00: 360", "09:00: 360", "10:00: 360"}},
		{"of two items each gets half", playing(morning(), "clinic", "clinic", "old"), clinic(200), []string{"08:00: 180", "09:00: 180", "10:00: 180"}},
		{"before its window there is none", day(window(t, "clinic", "30 9 * * *", "11:00")), clinic(200), []string{"08:00: 0", "09:00: 180"}},
		{"the filler counts like all else", day(), playlists.Floor{Item: "calm", Plays: 360}, []string{}},
		{"a play that its window's end cuts is none", lasting(day(window(t, "clinic", "0 8 * * *", "08:01")), "clinic", 40*time.Second), clinic(2), []string{"08:00: 1", "09:00: 0", "10:00: 0"}},
		{"what hides the window cuts it and takes its turns", lasting(both, "clinic", 20*time.Minute), clinic(2), []string{"08:00: 1", "09:00: 1"}},
		{"hours that are not open throughout do not count", openFrom(t, day(), "08:30-10:00"), clinic(1), []string{"09:00: 0"}},
		{"spans that meet make an hour", openFrom(t, day(), "09:30-11:00", "08:15-09:30"), clinic(1), []string{"09:00: 0", "10:00: 0"}},
		{"spans that do not meet make none", openFrom(t, day(), "08:00-08:30", "08:31-09:00"), clinic(1), []string{}},
		{"closed dates do not count", closed, clinic(1), []string{}},
		{"an item that runs out", altered(morning(), "clinic", func(i *playlists.Item) { i.Until = at("09:30") }), clinic(200), []string{"09:00: 180", "10:00: 0"}},
		{"an item that comes only then", altered(morning(), "clinic", func(i *playlists.Item) { i.From = at("09:30") }), clinic(200), []string{"08:00: 0", "09:00: 180"}},
		{"plays in two regions are two", halves, playlists.Floor{Item: "films", Plays: 720}, []string{}},
		{"any language counts", spanish, clinic(360), []string{}},
		{"an hour and a half counts when it begins, whenever it ends", lasting(day(), "calm", 90*time.Minute), playlists.Floor{Item: "calm", Plays: 1}, []string{"08:00: 0"}},
		{"through midnight", openFrom(t, lasting(day(window(t, "clinic", "0 22 * * *", "02:00+1")), "clinic", 50*time.Minute), "22:00-24:00"), clinic(2), []string{"23:00: 1"}},
		{"cut at midnight", openFrom(t, lasting(day(window(t, "clinic", "0 22 * * *", "24:00")), "clinic", 50*time.Minute), "22:00-24:00"), clinic(2), []string{"23:00: 0"}},
		{"what must finish gives its last turn away", whole, clinic(2), []string{"08:00: 1", "09:00: 0", "10:00: 0"}},
		{"all of a phase count", sorted, playlists.Floor{Phase: playlists.Recovery, Plays: 240}, []string{}},
		{"others do not", sorted, playlists.Floor{Phase: playlists.Symptoms, Plays: 1}, []string{"08:00: 0", "09:00: 0", "10:00: 0"}},
		{"all of a topic count", sorted, playlists.Floor{Topic: "heart", Plays: 241}, []string{"08:00: 240", "09:00: 240", "10:00: 240"}},
		{"one of several topics counts", sorted, playlists.Floor{Topic: "walking", Plays: 120}, []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := c.hospital.Departments["ward"]
			d.Floors = []playlists.Floor{{Item: "nobody-has-it", Plays: 1}, c.floor}
			expect(t, d.Validate(), "")
			misses, _ := programmeOf(t, c.hospital, "bed").Misses(&d, newsOf(c.hospital), at("00:00"), at("00:00").Add(24*time.Hour))
			if diff := cmp.Diff(c.want, saidOf(misses[1], location(t, "America/New_York"))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestMissesCountsWholeHours: those that begin before or end after what was asked for do not count, nor do
// those that the clocks stretch or skip.
func TestMissesCountsWholeHours(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     int
	}{
		{"2026-11-23 08:00", "2026-11-23 10:00", 2},
		{"2026-11-23 08:01", "2026-11-23 10:00", 1},
		{"2026-11-23 08:00", "2026-11-23 09:59", 1},
		{"2026-11-23 08:30", "2026-11-23 09:29", 0},
		{"2026-11-23 00:00", "2026-11-30 00:00", 7 * 24},
		{"2026-11-01 00:00", "2026-11-02 00:00", 23},
		{"2026-03-08 00:00", "2026-03-09 00:00", 23},
	} {
		h := ward("America/New_York")
		d := h.Departments["ward"]
		if _, got := programmeOf(t, h, "bed").Misses(&d, newsOf(h), playliststest.NewYork(t, c.from), playliststest.NewYork(t, c.to)); got != c.want {
			t.Errorf("from %s to %s: %d hours, want %d", c.from, c.to, got, c.want)
		}
	}
}

// newsOf is what the items of a hospital say.
func newsOf(h *playlists.Hospital) map[playlists.ItemID]playlists.ItemNews {
	news := map[playlists.ItemID]playlists.ItemNews{}
	for id, i := range h.Items {
		news[id] = playlists.ItemNews{Title: i.Title, Phase: i.Phase, Topics: i.Topics}
	}
	return news
}

// TestDiffTellsMissedFloors: the ward has two screens with the clinic from 8 to 10, and from half past eight on
// one with the clinic in one of two turns from 9 on. It is open from 8 to 11.
func TestDiffTellsMissedFloors(t *testing.T) {
	from, to := playliststest.NewYork(t, "2026-11-23 00:00"), playliststest.NewYork(t, "2026-11-25 00:00")
	more := openFrom(t, ward("America/New_York", window(t, "clinic", "0 8 * * *", "10:00")), "08:00-11:00")
	less := playing(openFrom(t, ward("America/New_York", window(t, "clinic", "0 9 * * *", "10:00")), "08:00-11:00"), "clinic", "clinic", "old")
	d := more.Departments["ward"]
	d.Floors = []playlists.Floor{{Item: "calm", Plays: 400}, {Item: "clinic", Plays: 150}}
	exchanges := []playlists.Exchange{exchange(t, nil, more, from), exchange(t, nil, less, playliststest.NewYork(t, "2026-11-23 08:30"))}
	exchanges[0].Department, exchanges[1].Department = &d, &d
	exchanges[1].Screens = []playlists.ScreenID{"wall"}
	got, err := playlists.Diff(exchanges, newsOf(more), from, to)
	if err != nil {
		t.Fatal(err)
	}
	want := []playlists.MissedFloor{
		{
			Affected: playlists.Affected{Screens: 3, Some: []playlists.ScreenID{"bed", "bed-2", "wall"}}, Department: "ward", Floor: d.Floors[0], Title: "calm",
			Hours: 6, OpenHours: 6, Worst: playliststest.NewYork(t, "2026-11-23 08:00"), Screen: "bed", Plays: 0,
			Owner: playlists.Owner{Source: playlists.FromWindow, Window: "clinic", Name: "clinic"}, Playlists: []playlists.PlaylistID{"clinic"},
		},
		{
			Affected: playlists.Affected{Screens: 3, Some: []playlists.ScreenID{"bed", "bed-2", "wall"}}, Department: "ward", Floor: d.Floors[1], Title: "clinic",
			Hours: 3, OpenHours: 6, Worst: playliststest.NewYork(t, "2026-11-23 10:00"), Screen: "bed", Plays: 0,
			Owner: playlists.Owner{Source: playlists.FromFiller}, Playlists: []playlists.PlaylistID{"calm"},
		},
	}
	if diff := cmp.Diff(want, got.Floors); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDiffTellsFloorsMissedOnTheSlate: where nothing shows there is no playlist to open.
func TestDiffTellsFloorsMissedOnTheSlate(t *testing.T) {
	h := ward("America/New_York")
	d := h.Departments["ward"]
	d.Filler, d.Floors = "", []playlists.Floor{{Phase: playlists.Prevention, Plays: 2}}
	h.Departments["ward"] = d
	from := playliststest.NewYork(t, "2026-11-23 00:00")
	e := exchange(t, nil, h, from)
	e.Department = &d
	got, err := playlists.Diff([]playlists.Exchange{e}, nil, from, from.Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Floors) != 1 {
		t.Fatalf("got %+v", got.Floors)
	}
	if f := got.Floors[0]; f.Owner != (playlists.Owner{Source: playlists.FromSlate}) || f.Playlists == nil || len(f.Playlists) != 0 || f.Hours != 24 {
		t.Errorf("got %+v", f)
	}
}

// TestMissesAgainstSlots compares with what somebody counts who watches the screen from change to change.
func TestMissesAgainstSlots(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, _, around := aHospital(t)
		if rapid.Bool().Draw(t, "plain") {
			inOrder(h)
		}
		for i := range 8 {
			id := playlists.ItemID(fmt.Sprintf("item-%d", i))
			altered(h, id, func(i *playlists.Item) { i.Phase = rapid.SampledFrom(playlists.Phases()).Draw(t, "phase") })
		}
		d := h.Departments["ward"]
		d.Hours = someHours(t)
		d.Floors = []playlists.Floor{
			{Phase: playlists.Symptoms, Plays: 3600}, {Phase: playlists.Recovery, Plays: 3600}, {Item: "item-3", Plays: 3600}, {Item: "item-5", Plays: rapid.IntRange(1, 100).Draw(t, "plays")},
		}
		m := manifestFor(t, h)
		from := around.Add(time.Duration(rapid.IntRange(-200*60, 200*60).Draw(t, "seconds")) * time.Second)
		to := from.Add(time.Duration(rapid.IntRange(1, 6*60*60).Draw(t, "length")) * time.Second)
		m.Head.Anchors = someAnchors(t, from)
		p := programmeFor(t, m)
		misses, counted := p.Misses(&d, newsOf(h), from, to)
		hours := hoursCounted(t, &d, m.Body, from, to)
		if counted != len(hours) {
			t.Fatalf("%d hours count, want %v", counted, hours)
		}
		for f := range d.Floors {
			if diff := cmp.Diff(watched(p, &d.Floors[f], h.Items, hours), misses[f]); diff != "" {
				t.Fatalf("floor %d from %s to %s (-watched +got):\n%s", f, from, to, diff)
			}
		}
		scheduled, counted := p.Scheduled(&d, from, to)
		if counted != len(hours) {
			t.Fatalf("what is scheduled counts %d hours, want %v", counted, hours)
		}
		if diff := cmp.Diff(watchedAll(p, m.Body, hours), scheduled); diff != "" {
			t.Fatalf("scheduled from %s to %s (-watched +got):\n%s", from, to, diff)
		}
	})
}

// inOrder has every item always valid and no entry wait until it can finish.
func inOrder(h *playlists.Hospital) {
	for id := range h.Items {
		altered(h, id, func(i *playlists.Item) { i.From, i.Until = time.Time{}, time.Time{} })
	}
	for _, p := range h.Playlists {
		for i := range p.Entries {
			p.Entries[i].WholeOnly = false
		}
	}
}

func someHours(t *rapid.T) []playlists.Hours {
	var hours []playlists.Hours
	for range rapid.IntRange(0, 2).Draw(t, "spans") {
		from := rapid.IntRange(0, 22).Draw(t, "opens") * 60
		to := from + rapid.IntRange(1, 24*60-from).Draw(t, "open")
		hours = append(hours, playlists.Hours{Days: []int{0, 1, 2, 3, 4, 5, 6}, From: playlists.Clock(from), To: playlists.Clock(to)})
	}
	return hours
}

// hoursCounted asks package time, every half minute, which hours count: the wall of Monrovia was half a minute
// off. What a wall shows for the second time belongs to the latest hour that it has shown.
func hoursCounted(t *rapid.T, d *playlists.Department, b *playlists.Body, from, to time.Time) []time.Time {
	const step, ofHour = 30 * time.Second, 120
	loc, err := time.LoadLocationFromTZData(d.Zone, b.TZif)
	if err != nil {
		t.Fatal(err)
	}
	var reached string
	shown, open := map[string][]time.Time{}, map[string]int{}
	for at := from.Truncate(time.Minute).Add(-4 * time.Hour); at.Before(to.Add(4 * time.Hour)); at = at.Add(step) {
		wall := at.In(loc)
		reached = max(reached, wall.Format("2006-01-02 15"))
		shown[reached] = append(shown[reached], at)
		if openAt(d, b, wall) {
			open[reached]++
		}
	}
	var hours []time.Time
	for hour, all := range shown {
		if start := all[0]; len(all) == ofHour && open[hour] == ofHour && !start.Before(from) && !start.Add(time.Hour).After(to) {
			hours = append(hours, start)
		}
	}
	slices.SortFunc(hours, time.Time.Compare)
	return hours
}

func openAt(d *playlists.Department, b *playlists.Body, wall time.Time) bool {
	if slices.Contains(b.ClosedDates, dayOf(wall)) {
		return false
	}
	minute := playlists.Clock(wall.Hour()*60 + wall.Minute())
	return len(d.Hours) == 0 || slices.ContainsFunc(d.Hours, func(h playlists.Hours) bool {
		return slices.Contains(h.Days, int(wall.Weekday())) && h.From <= minute && minute < h.To
	})
}

// watched lists the hours in which somebody sees a floor missed.
func watched(p *playlists.Programme, fl *playlists.Floor, items map[playlists.ItemID]playlists.Item, hours []time.Time) []playlists.Miss {
	var misses []playlists.Miss
	for _, hour := range hours {
		plays := watchedIn(p, hour, func(s *playlists.Showing) bool {
			return fl.Item == s.Item || fl.Item == "" && items[s.Item].Phase == fl.Phase
		})
		if plays < fl.Plays {
			misses = append(misses, playlists.Miss{Hour: hour, Plays: plays})
		}
	}
	return misses
}

// watchedIn counts the turns that begin in an hour, and that somebody sees from beginning to end.
func watchedIn(p *playlists.Programme, hour time.Time, counts func(*playlists.Showing) bool) (plays int) {
	type seen struct {
		what       string
		start, end time.Time
	}
	until := map[seen]time.Time{}
	for at := hour; at.Before(hour.Add(time.Hour)) || len(until) > 0; {
		f, next := p.At(at), p.Next(at)
		on := map[seen]time.Time{}
		for _, s := range f.Slots {
			key := seen{fmt.Sprint(f.Source, f.Window, f.Start, s.RegionIndex, s.Showing.Item, s.Showing.Language), s.Start, s.End}
			_, goesOn := until[key]
			if !counts(s.Showing) || !goesOn && (!s.Start.Equal(at) || !at.Before(hour.Add(time.Hour))) {
				continue
			}
			if next.Before(s.End) {
				on[key] = next
			} else {
				plays++
			}
		}
		until, at = on, next
	}
	return plays
}

// watchedAll counts the plays of every item and language that somebody sees in these hours.
func watchedAll(p *playlists.Programme, body *playlists.Body, hours []time.Time) []playlists.Scheduled {
	var all []playlists.Scheduled
	for _, s := range body.Showings {
		one := playlists.Scheduled{Item: s.Item, Language: s.Language}
		for _, hour := range hours {
			one.Plays += watchedIn(p, hour, func(other *playlists.Showing) bool { return other.Item == s.Item && other.Language == s.Language })
		}
		if one.Plays > 0 && !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b playlists.Scheduled) int {
		return ordered.Or(ordered.Compare(a.Item, b.Item), ordered.Compare(a.Language, b.Language))
	})
	return all
}
