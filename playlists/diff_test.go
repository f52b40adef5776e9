package playlists_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// said writes a difference as somebody would read it out.
func said(d playlists.Difference, loc *time.Location) []string {
	at := func(t time.Time) string { return t.In(loc).Format("Mon 15:04") }
	owner := func(o playlists.Owner) string {
		if o.Source == playlists.FromWindow {
			return o.Name
		}
		return string(o.Source)
	}
	minutes := func(millis int64) string { return fmt.Sprintf("%g min", float64(millis)/60_000) }
	lines := []string{fmt.Sprintf("%d of %d screens: %s", d.ChangedScreens, d.Screens, minutes(d.ChangedMillis))}
	for _, c := range d.Changes {
		lines = append(lines, fmt.Sprintf("%s, %v: %s -> %s from %s, %s", c.Department, c.Some, owner(c.Before), owner(c.After), at(c.First), minutes(c.Millis)))
	}
	for _, i := range d.Idle {
		line := fmt.Sprintf("%s, %v: only the %s from %s to %s", i.Department, i.Some, i.Source, at(i.Start), at(i.End))
		if i.New {
			line += ", new"
		}
		lines = append(lines, line)
	}
	for _, n := range d.Items {
		lines = append(lines, fmt.Sprintf("%s %s (%s) from %s: %s, before %s", n.Title, n.Kind, n.Item, at(n.First), minutes(n.Millis), minutes(n.Before)))
	}
	return lines
}

// exchange has one hospital take the place of another on the screen "bed" and on one beside it.
func exchange(tb testing.TB, before, after *playlists.Hospital, since time.Time) playlists.Exchange {
	tb.Helper()
	e := playlists.Exchange{Screens: []playlists.ScreenID{"bed-2", "bed"}, After: manifest(tb, after, "bed"), Since: since}
	if before != nil {
		e.Before = manifest(tb, before, "bed")
	}
	return e
}

// altered is the hospital with one item changed.
func altered(h *playlists.Hospital, id playlists.ItemID, change func(*playlists.Item)) *playlists.Hospital {
	item := h.Items[id]
	item.ID = id
	change(&item)
	h.Items[id] = item
	return h
}

// playing is the hospital with a playlist of these items.
func playing(h *playlists.Hospital, id playlists.PlaylistID, items ...playlists.ItemID) *playlists.Hospital {
	play(h, id, items...)
	return h
}

// twoFilms is a ward with a film in both halves of the screen.
func twoFilms(t *testing.T) *playlists.Hospital {
	t.Helper()
	h := ward("America/New_York", playlists.Window{
		ID: "twice", Name: "twice", Layout: "halves", Start: "0 0 * * *", End: localEnd(t, "24:00"), Targets: []playlists.Target{{All: true}},
	})
	h.Layouts["halves"] = playlists.Layout{ID: "halves", Name: "Halves", Regions: []playlists.Region{
		{Name: "left", W: 0.5, H: 1, Playlist: "left"}, {Name: "right", X: 0.5, W: 0.5, H: 1, Playlist: "right"},
	}}
	return playing(playing(h, "left", "films"), "right", "films")
}

func TestDiff(t *testing.T) {
	day := func(ws ...playlists.Window) *playlists.Hospital { return ward("America/New_York", ws...) }
	nine := func() *playlists.Hospital { return day(window(t, "clinic", "0 9 * * *", "10:00")) }
	allDay := func(id string) *playlists.Hospital { return day(window(t, id, "0 0 * * *", "24:00")) }
	at := func(wall string) time.Time { return playliststest.NewYork(t, "2026-11-23 "+wall) }
	until := func(h *playlists.Hospital, id playlists.ItemID, end time.Time) *playlists.Hospital {
		return altered(h, id, func(i *playlists.Item) { i.Until = end })
	}
	film := func(h *playlists.Hospital, language playlists.Language) *playlists.Hospital {
		return altered(h, "films", func(i *playlists.Item) {
			*i = playliststest.Film("films", "A film", 20*time.Second)
			i.Renditions[0].Language = language
		})
	}
	captioned := func(h *playlists.Hospital) *playlists.Hospital {
		return altered(film(h, "en"), "films", func(i *playlists.Item) { i.Renditions[0].Captions = playliststest.Captions("films en") })
	}
	films := func() *playlists.Hospital { return day(window(t, "films", "0 9 * * *", "10:00")) }
	over := until(playing(nine(), "clinic", "clinic", "old"), "old", at("09:30"))
	midTurn := until(playing(nine(), "clinic", "clinic", "old"), "old", at("09:30").Add(15*time.Second))
	beneath := until(until(playing(nine(), "calm", "calm", "old"), "old", at("08:00")), "clinic", at("09:30"))
	soon := altered(nine(), "clinic", func(i *playlists.Item) { i.From = at("09:30") })
	short, long := playing(allDay("clinic"), "clinic", "clinic", "extra"), playing(allDay("clinic"), "clinic", "clinic", "extra")
	altered(long, "extra", func(i *playlists.Item) { i.Millis = 20_000 })
	twice, turned := film(twoFilms(t), "en"), day()
	turned.Screens["bed"] = playlists.Screen{ID: "bed", Department: "ward", Name: "Above the bed", Rotation: 90}

	for _, c := range []struct {
		name          string
		before, after *playlists.Hospital
		items         map[playlists.ItemID]playlists.ItemNews
		want          []string
	}{
		{
			name: "the same", before: allDay("clinic"), after: allDay("clinic"),
			want: []string{"0 of 2 screens: 0 min"},
		},
		{
			name: "a window begins an hour later", before: day(window(t, "clinic", "0 8 * * *", "24:00")), after: day(window(t, "clinic", "0 9 * * *", "24:00")),
			want: []string{
				"2 of 2 screens: 120 min",
				"ward, [bed bed-2]: clinic -> filler from Mon 08:00, 120 min",
				"ward, [bed bed-2]: only the filler from Mon 00:00 to Mon 08:00",
				"ward, [bed bed-2]: only the filler from Mon 08:00 to Mon 09:00, new",
			},
		},
		{
			name: "one playlist instead of another", before: allDay("old"), after: allDay("new"),
			want: []string{"2 of 2 screens: 2880 min", "ward, [bed bed-2]: old -> new from Mon 00:00, 2880 min"},
		},
		{
			name: "every other turn is twice as long", before: short, after: long, // 30 s of each minute
			want: []string{"2 of 2 screens: 1440 min", "ward, [bed bed-2]: clinic -> clinic from Mon 00:00, 1440 min"},
		},
		{
			name: "a window over one that stays", before: allDay("all"), after: day(window(t, "all", "0 0 * * *", "24:00"), window(t, "lunch", "0 12 * * *", "13:00")),
			want: []string{"2 of 2 screens: 120 min", "ward, [bed bed-2]: all -> lunch from Mon 12:00, 120 min"},
		},
		{
			name: "an item does not run out any more at half past nine", before: until(nine(), "clinic", at("09:30")), after: nine(),
			want: []string{
				"2 of 2 screens: 60 min", "ward, [bed bed-2]: filler -> clinic from Mon 09:30, 60 min",
				"ward, [bed bed-2]: only the filler from Mon 00:00 to Mon 09:00", "ward, [bed bed-2]: only the filler from Mon 10:00 to Tue 00:00",
			},
		},
		{
			name: "a window whose item comes only at half past nine", before: day(), after: soon,
			want: []string{
				"2 of 2 screens: 60 min", "ward, [bed bed-2]: filler -> clinic from Mon 09:30, 60 min",
				"ward, [bed bed-2]: only the filler from Mon 00:00 to Mon 09:30", "ward, [bed bed-2]: only the filler from Mon 10:00 to Tue 00:00",
			},
		},
		{
			name: "a screen that showed nothing yet", before: nil, after: allDay("clinic"),
			want: []string{"2 of 2 screens: 2880 min", "ward, [bed bed-2]: slate -> clinic from Mon 00:00, 2880 min"},
		},
		{
			name: "a screen is turned", before: day(), after: turned,
			want: []string{
				"2 of 2 screens: 2880 min", "ward, [bed bed-2]: filler -> filler from Mon 00:00, 2880 min",
				"ward, [bed bed-2]: only the filler from Mon 00:00 to Tue 00:00",
			},
		},
		{
			name: "a film without words needs no captions", before: film(films(), playlists.NoWords), after: film(films(), playlists.NoWords),
			want: []string{"0 of 2 screens: 0 min", "ward, [bed bed-2]: only the filler from Mon 00:00 to Mon 09:00", "ward, [bed bed-2]: only the filler from Mon 10:00 to Tue 00:00"},
		},
		{
			name: "a film with words has none", before: film(films(), playlists.NoWords), after: film(films(), "en"),
			want: []string{
				"2 of 2 screens: 120 min", "ward, [bed bed-2]: films -> films from Mon 09:00, 120 min",
				"ward, [bed bed-2]: only the filler from Mon 00:00 to Mon 09:00", "ward, [bed bed-2]: only the filler from Mon 10:00 to Tue 00:00",
				"A film uncaptioned (films) from Mon 09:00: 120 min, before 0 min",
			},
		},
		{
			name: "a film with words has captions", before: captioned(films()), after: captioned(films()),
			want: []string{"0 of 2 screens: 0 min", "ward, [bed bed-2]: only the filler from Mon 00:00 to Mon 09:00", "ward, [bed bed-2]: only the filler from Mon 10:00 to Tue 00:00"},
		},
		{
			name: "an item runs out at half past nine, and half of the turns were its", before: over, after: over,
			want: []string{
				"0 of 2 screens: 0 min",
				"ward, [bed bed-2]: only the filler from Mon 00:00 to Mon 09:00", "ward, [bed bed-2]: only the filler from Mon 10:00 to Tue 00:00",
				"old expired (old) from Mon 09:30: 30 min, before 30 min",
			},
		},
		{
			name: "an item runs out five seconds before the end of its turn", before: over, after: midTurn,
			want: []string{
				"2 of 2 screens: 0.16666666666666666 min", "ward, [bed bed-2]: clinic -> clinic from Mon 09:30, 0.16666666666666666 min",
				"ward, [bed bed-2]: only the filler from Mon 00:00 to Mon 09:00", "ward, [bed bed-2]: only the filler from Mon 10:00 to Tue 00:00",
				"old expired (old) from Mon 09:30: 29.833333333333332 min, before 30 min",
			},
		},
		{
			name: "a window runs out at half past nine, and half of the filler has by eight, which nobody sees from nine on", before: beneath, after: beneath,
			want: []string{
				"0 of 2 screens: 0 min",
				"ward, [bed bed-2]: only the filler from Mon 00:00 to Mon 09:00", "ward, [bed bed-2]: only the filler from Mon 09:30 to Tue 00:00",
				"old expired (old) from Mon 08:00: 930 min, before 930 min",
				"clinic expired (clinic) from Mon 09:30: 60 min, before 60 min",
			},
		},
		{
			name: "a film in both halves counts once", before: twice, after: twice,
			want: []string{"0 of 2 screens: 0 min", "A film uncaptioned (films) from Mon 00:00: 2880 min, before 2880 min"},
		},
		{
			name: "what was to be looked at by Sunday, and what waits", before: day(), after: nine(),
			items: map[playlists.ItemID]playlists.ItemNews{"calm": {ReviewBy: date(t, "2026-11-22")}, "clinic": {Waiting: true, ReviewBy: date(t, "2026-11-23")}},
			want: []string{
				"2 of 2 screens: 120 min", "ward, [bed bed-2]: filler -> clinic from Mon 09:00, 120 min",
				"ward, [bed bed-2]: only the filler from Mon 00:00 to Mon 09:00", "ward, [bed bed-2]: only the filler from Mon 10:00 to Tue 00:00",
				"calm past_review (calm) from Mon 00:00: 2760 min, before 2880 min",
				"clinic unapproved (clinic) from Mon 09:00: 120 min, before 0 min",
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			from, to := playliststest.NewYork(t, "2026-11-23 00:00"), playliststest.NewYork(t, "2026-11-24 00:00")
			got, err := playlists.Diff([]playlists.Exchange{exchange(t, c.before, c.after, from)}, c.items, from, to)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, said(got, location(t, "America/New_York"))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestDiffBeginsWithTheExchange: what is on until then is nobody's change.
func TestDiffBeginsWithTheExchange(t *testing.T) {
	before, after := ward("America/New_York", window(t, "old", "0 0 * * *", "24:00")), ward("America/New_York", window(t, "new", "0 0 * * *", "24:00"))
	from, to := playliststest.NewYork(t, "2026-11-23 00:00"), playliststest.NewYork(t, "2026-11-24 00:00")
	got, err := playlists.Diff([]playlists.Exchange{exchange(t, before, after, from.Add(6*time.Hour))}, nil, from, to)
	if err != nil {
		t.Fatal(err)
	}
	if want := (2 * 18 * time.Hour).Milliseconds(); got.ChangedMillis != want {
		t.Errorf("got %d ms, want %d", got.ChangedMillis, want)
	}
}

// TestDiffsPartsAddUp: a comparison that begins within a millisecond is as long as it says, and so are the
// parts it falls into.
func TestDiffsPartsAddUp(t *testing.T) {
	before, after := ward("America/New_York", window(t, "old", "0 8 * * *", "18:00")), ward("America/New_York", window(t, "new", "0 0 * * *", "24:00"))
	from := playliststest.NewYork(t, "2026-11-23 00:00").Add(259_269_359)
	got, err := playlists.Diff([]playlists.Exchange{exchange(t, before, after, from)}, nil, from, from.AddDate(0, 0, 2))
	if err != nil {
		t.Fatal(err)
	}
	var parts int64
	for _, change := range got.Changes {
		parts += change.Millis
	}
	if want := 2 * (48 * time.Hour).Milliseconds(); len(got.Changes) < 2 || got.ChangedMillis != want || parts != want {
		t.Errorf("got %d ms and %d ms in %d parts, want %d in two", got.ChangedMillis, parts, len(got.Changes), want)
	}
}

// TestDiffAddsUpClasses: departments and windows are told once, however many classes their screens are of.
func TestDiffAddsUpClasses(t *testing.T) {
	before, after := ward("America/New_York", window(t, "clinic", "0 8 * * *", "24:00")), ward("America/New_York", window(t, "clinic", "0 9 * * *", "24:00"))
	from, to := playliststest.NewYork(t, "2026-11-23 00:00"), playliststest.NewYork(t, "2026-11-24 00:00")
	one, two := exchange(t, before, after, from), exchange(t, before, after, from)
	two.Screens = []playlists.ScreenID{"z", "y", "a", "x", "c", "b"}
	got, err := playlists.Diff([]playlists.Exchange{one, two}, nil, from, to)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"8 of 8 screens: 480 min",
		"ward, [a b bed bed-2 c]: clinic -> filler from Mon 08:00, 480 min",
		"ward, [a b bed bed-2 c]: only the filler from Mon 00:00 to Mon 08:00",
		"ward, [a b bed bed-2 c]: only the filler from Mon 08:00 to Mon 09:00, new",
	}
	if diff := cmp.Diff(want, said(got, location(t, "America/New_York"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDiffAgainstSamples compares with what 10 frames a second say, of hospitals in which everything
// begins and ends at a tenth of a second.
func TestDiffAgainstSamples(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, _, around := aHospital(t)
		plain := rapid.Bool().Draw(t, "plain")
		for id, item := range before.Items {
			if plain {
				item.From, item.Until = time.Time{}, time.Time{}
			}
			item.Millis -= item.Millis % 100
			before.Items[id] = item
		}
		for _, p := range before.Playlists {
			for i := range p.Entries {
				p.Entries[i].WholeOnly = p.Entries[i].WholeOnly && !plain
			}
		}
		after := somewhatChanged(t, before, around)
		from := around.Add(time.Duration(rapid.IntRange(-100, 100).Draw(t, "minutes")) * time.Minute)
		to := from.Add(time.Duration(rapid.IntRange(1, 30).Draw(t, "length")) * time.Minute)
		news := map[playlists.ItemID]playlists.ItemNews{}
		if rapid.Bool().Draw(t, "news") {
			news["item-1"], news["item-2"] = playlists.ItemNews{Waiting: true}, playlists.ItemNews{ReviewBy: dayOf(from.AddDate(0, 0, -1))}
		}
		e := playlists.Exchange{Screens: []playlists.ScreenID{"bed"}, Before: manifestFor(t, before), After: manifestFor(t, after), Since: from}
		e.After.Head.Anchors = someAnchors(t, from)
		b, a := programmeFor(t, e.Before), programmeFor(t, e.After)
		got, err := playlists.Diff([]playlists.Exchange{e}, news, from, to)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(sampled(b, a, news, from, to), sums(got)); diff != "" {
			t.Fatalf("from %s to %s (-sampled +got):\n%s", from, to, diff)
		}
	})
}

func dayOf(t time.Time) playlists.Date {
	return playlists.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()}
}

func manifestFor(t *rapid.T, h *playlists.Hospital) *playlists.Manifest {
	body, _, err := playlists.Compile(h, "bed", playlists.Abilities{}, playliststest.Zones, playliststest.Fonts())
	if err != nil {
		t.Fatal(err)
	}
	return &playlists.Manifest{Head: playlists.Head{Screen: "bed"}, Body: body}
}

func programmeFor(t *rapid.T, m *playlists.Manifest) *playlists.Programme {
	p, err := playlists.NewProgramme(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// someAnchors has the loops of a window or of the filler begin again some time before, if any.
func someAnchors(t *rapid.T, from time.Time) []playlists.Anchor {
	var anchors []playlists.Anchor
	for _, w := range []playlists.WindowID{"", "window-0"} {
		if rapid.IntRange(0, 3).Draw(t, "anchor") == 0 {
			since := from.Add(-time.Duration(rapid.IntRange(0, 6000).Draw(t, "since")) * 100 * time.Millisecond)
			anchors = append(anchors, playlists.Anchor{Window: w, Region: "full", Since: since})
		}
	}
	return anchors
}

// somewhatChanged is a copy of a hospital with a few changes.
func somewhatChanged(t *rapid.T, h *playlists.Hospital, around time.Time) *playlists.Hospital {
	after := *h
	after.Items, after.Playlists, after.Windows = maps.Clone(h.Items), maps.Clone(h.Playlists), maps.Clone(h.Windows)
	for range rapid.IntRange(0, 3).Draw(t, "changes") {
		switch rapid.IntRange(0, 5).Draw(t, "change") {
		case 0:
			after.Playlists["calm"] = aPlaylist(t, "calm")
		case 1:
			for _, id := range slices.Sorted(maps.Keys(after.Windows)) {
				after.Windows[id] = aWindow(t, id)
				break
			}
		case 2:
			item := after.Items["item-3"]
			item.Version, item.Approval = 2, &playlists.Approval{Version: 2}
			after.Items["item-3"] = item
		case 3:
			item := after.Items["item-4"]
			item.Until, item.From = around, time.Time{}
			after.Items["item-4"] = item
		case 4:
			film := playliststest.Film("item-5", "With words", 7*time.Second)
			film.Renditions[0].Language = "en"
			after.Items["item-5"] = film
		case 5:
			item := after.Items["item-6"]
			item.Millis += 1000
			after.Items["item-6"] = item
		}
	}
	return &after
}

// sums are a difference's lengths of time in tenths of a second, by what they are of.
func sums(d playlists.Difference) map[string]int64 {
	s := map[string]int64{}
	add := func(key string, millis int64) {
		if millis != 0 {
			s[key] += millis / 100
		}
	}
	add("changed", d.ChangedMillis)
	add("idle", d.IdleMillis)
	for _, c := range d.Changes {
		add(fmt.Sprintf("%s %s -> %s %s", c.Before.Source, c.Before.Window, c.After.Source, c.After.Window), c.Millis)
	}
	for _, i := range d.Idle {
		add(fmt.Sprintf("%s, new %v", i.Source, i.New), i.End.Sub(i.Start).Milliseconds())
	}
	for _, n := range d.Items {
		if n.Kind != playlists.Expired {
			add(fmt.Sprintf("%s %s", n.Kind, n.Item), n.Millis)
			add(fmt.Sprintf("%s %s before", n.Kind, n.Item), n.Before)
		}
	}
	return s
}

// sampled counts tenths of a second from what both programmes show in each.
func sampled(before, after *playlists.Programme, news map[playlists.ItemID]playlists.ItemNews, from, to time.Time) map[string]int64 {
	s := map[string]int64{}
	for at := from; at.Before(to); at = at.Add(100 * time.Millisecond) {
		b, a := before.At(at), after.At(at)
		if picture(b) != picture(a) {
			s["changed"]++
			s[fmt.Sprintf("%s %s -> %s %s", b.Source, b.Window, a.Source, a.Window)]++
		}
		if idle(a) {
			s["idle"]++
			s[fmt.Sprintf("%s, new %v", a.Source, !idle(b))]++
		}
		for _, what := range amiss(after, a, news, at) {
			s[what]++
		}
		for _, what := range amiss(before, b, news, at) {
			s[what+" before"]++
		}
	}
	for what := range s {
		if now, of := strings.CutSuffix(what, " before"); of && s[now] == 0 {
			delete(s, what)
		}
	}
	return s
}

func idle(f playlists.Frame) bool {
	return f.Source == playlists.FromFiller || f.Source == playlists.FromSlate
}

func picture(f playlists.Frame) string {
	if f.Layout == nil {
		return "slate"
	}
	var parts []string
	for _, slot := range f.Slots {
		parts = append(parts, fmt.Sprint(slot.Region, slot.Showing.Item, slot.Showing.Version, slot.Showing.Language))
	}
	return strings.Join(parts, " ")
}

func amiss(p *playlists.Programme, f playlists.Frame, news map[playlists.ItemID]playlists.ItemNews, at time.Time) []string {
	var found []string
	for _, slot := range f.Slots {
		of := news[slot.Showing.Item]
		if slot.Showing.Medium == playlists.Video && slot.Showing.Captions == "" {
			found = append(found, fmt.Sprint("uncaptioned ", slot.Showing.Item))
		}
		if of.Waiting {
			found = append(found, fmt.Sprint("unapproved ", slot.Showing.Item))
		}
		if day, _, _ := p.Zone().Local(at); of.ReviewBy.String() != "" && day.Compare(of.ReviewBy) > 0 {
			found = append(found, fmt.Sprint("past_review ", slot.Showing.Item))
		}
	}
	return found
}
