package playlists_test

import (
	"strings"
	"testing"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// TestDays draws what has the screen through a day.
func TestDays(t *testing.T) {
	type hospital = playlists.Hospital
	weekdays := func() playlists.Window { return window(t, "day", "0 8 * * 1-5", "17:00") }
	for _, c := range []struct {
		name, day string
		make      func() *hospital
		want      string
	}{
		{
			name: "a window by day, filler around it", day: "2026-11-23",
			make: func() *hospital { return ward("America/New_York", weekdays()) },
			want: `
				00-07 ......
				08-16 dddddd
				17-23 ......`,
		},
		{
			name: "not on a Sunday", day: "2026-11-22",
			make: func() *hospital { return ward("America/New_York", weekdays()) },
			want: `00-23 ......`,
		},
		{
			name: "without filler, the slate", day: "2026-11-23",
			make: func() *hospital {
				h := ward("America/New_York", weekdays())
				d := h.Departments["ward"]
				d.Filler = ""
				h.Departments["ward"] = d
				return h
			},
			want: "00-07       \n08-16 dddddd\n17-23       ",
		},
		{
			name: "the higher priority wins, and gives back", day: "2026-11-23",
			make: func() *hospital {
				urgent := window(t, "flu", "30 11 * * *", "12:20")
				urgent.Priority = 1
				return ward("America/New_York", weekdays(), urgent)
			},
			want: `
				00-07 ......
				08-10 dddddd
				11    dddfff
				12    ffdddd
				13-16 dddddd
				17-23 ......`,
		},
		{
			name: "the narrower target wins at equal priority, though it started earlier", day: "2026-11-23",
			make: func() *hospital {
				bed := window(t, "bed", "0 7 * * *", "12:00")
				bed.Targets = []playlists.Target{{Screen: "bed"}}
				return ward("America/New_York", weekdays(), bed)
			},
			want: `
				00-06 ......
				07-11 bbbbbb
				12-16 dddddd
				17-23 ......`,
		},
		{
			name: "the later start wins among equals", day: "2026-11-23",
			make: func() *hospital {
				return ward("America/New_York", weekdays(), window(t, "noon", "0 12 * * *", "13:00"))
			},
			want: `
				00-07 ......
				08-11 dddddd
				12    nnnnnn
				13-16 dddddd
				17-23 ......`,
		},
		{
			name: "the id decides the rest", day: "2026-11-23",
			make: func() *hospital {
				return ward("America/New_York", window(t, "b", "0 12 * * *", "14:00"), window(t, "a", "0 12 * * *", "13:00"))
			},
			want: `
				00-11 ......
				12    aaaaaa
				13    bbbbbb
				14-23 ......`,
		},
		{
			name: "a closed date: what began the evening before ends in the morning, then closed", day: "2026-12-25",
			make: func() *hospital {
				h := ward("America/New_York", weekdays(), window(t, "night", "0 22 * * *", "06:00+1"))
				closeWard(h, "2026-12-25")
				play(h, "shut", "shut")
				d := h.Departments["ward"]
				d.Closed = "shut"
				h.Departments["ward"] = d
				return h
			},
			want: `
				00-05 nnnnnn
				06-23 xxxxxx`,
		},
		{
			name: "the day after a closed date: its night did not start", day: "2026-12-26",
			make: func() *hospital {
				h := ward("America/New_York", window(t, "night", "0 22 * * *", "06:00+1"))
				closeWard(h, "2026-12-25")
				return h
			},
			want: `
				00-21 ......
				22-23 nnnnnn`,
		},
		{
			name: "a closure without closed programme: filler", day: "2026-12-25",
			make: func() *hospital {
				h := ward("America/New_York", weekdays())
				closeWard(h, "2026-12-25")
				return h
			},
			want: `00-23 ......`,
		},
		{
			name: "a window's own closure rests it alone", day: "2026-11-23",
			make: func() *hospital {
				yoga := window(t, "yoga", "0 9 * * *", "10:00")
				yoga.Closures = []playlists.ClosureID{"holiday"}
				h := ward("America/New_York", yoga, window(t, "tea", "0 15 * * *", "16:00"))
				h.Closures["holiday"] = playlists.Closure{ID: "holiday", Name: "Holiday", Dates: []playlists.Date{date(t, "2026-11-23")}}
				return h
			},
			want: `
				00-14 ......
				15    tttttt
				16-23 ......`,
		},
		{
			name: "the last date is the last start, not the last end", day: "2026-11-24",
			make: func() *hospital {
				night := window(t, "night", "0 22 * * *", "06:00+1")
				night.First, night.Last = date(t, "2026-11-20"), date(t, "2026-11-23")
				return ward("America/New_York", night)
			},
			want: `
				00-05 nnnnnn
				06-23 ......`,
		},
		{
			name: "seven days on end", day: "2026-11-25",
			make: func() *hospital { return ward("America/New_York", window(t, "week", "0 6 * * 1", "06:00+7")) },
			want: `00-23 wwwwww`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := draw(t, programmeOf(t, c.make(), "bed"), c.day)
			if strings.Contains(c.want, "\t") {
				same(t, got, c.want)
			} else if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// closeWard closes the ward on a date.
func closeWard(h *playlists.Hospital, day string) {
	d, err := playlists.ParseDate(day)
	if err != nil {
		panic(err)
	}
	h.Closures["closed"] = playlists.Closure{ID: "closed", Name: "Closed", Dates: []playlists.Date{d}}
	ward := h.Departments["ward"]
	ward.Closures = []playlists.ClosureID{"closed"}
	h.Departments["ward"] = ward
}

func TestTakeoversDraw(t *testing.T) {
	h := ward("America/New_York", window(t, "day", "0 8 * * *", "17:00"))
	p := programmeOf(t, h, "bed")
	fire := playliststest.Takeover("fire", at(t, p, "2026-11-23 10:20"))
	storm := playliststest.Takeover("storm", at(t, p, "2026-11-23 10:00"))
	storm.Severity, storm.Until = playlists.Warning, at(t, p, "2026-11-23 18:30")
	elsewhere := playliststest.Takeover("elsewhere", at(t, p, "2026-11-23 02:00"))
	elsewhere.Targets = []playlists.Target{{Department: "icu"}}
	spared := playliststest.Takeover("spared", at(t, p, "2026-11-23 03:00"))
	spared.Except = []playlists.Target{{Screen: "bed"}}
	malformed := playliststest.Takeover("malformed", at(t, p, "2026-11-23 04:00"))
	malformed.Slides = nil
	p = programmeOf(t, h, "bed", fire, storm, elsewhere, spared, malformed)
	same(t, draw(t, p, "2026-11-23"), `
		00-07 ......
		08-09 dddddd
		10-17 !!!!!!
		18    !!!...
		19-23 ......`)
	for _, c := range []struct{ wall, takeover, language string }{
		{"2026-11-23 10:10", "storm", "en"},
		{"2026-11-23 10:20", "fire", "en"},
		{"2026-11-23 11:19", "fire", "en"},
		{"2026-11-23 11:20", "storm", "en"},
	} {
		instant := at(t, p, c.wall)
		f := p.At(instant)
		if got := string(f.Takeover); got != c.takeover || string(f.Slots[0].Slide.Language) != c.language || f.Layout != nil {
			t.Errorf("%s: got %s in %s, want %s in %s", c.wall, got, f.Slots[0].Slide.Language, c.takeover, c.language)
		}
		f = p.At(instant.Add(playlists.TakeoverTurn))
		if got := f.Slots[0].Slide.Language; got != "es" {
			t.Errorf("%s, a turn later: got %s, want es", c.wall, got)
		}
	}
}

// TestTakeoverLetsLoopsRunOn: after it the loop is where it would have been.
func TestTakeoverLetsLoopsRunOn(t *testing.T) {
	h := ward("America/New_York", window(t, "day", "0 8 * * *", "17:00"))
	play(h, "day", "one", "two", "three")
	plain := programmeOf(t, h, "bed")
	from := at(t, plain, "2026-11-23 10:00")
	taken := programmeOf(t, h, "bed", playliststest.Takeover("fire", from))
	for _, s := range []int{-1, 3600, 3601, 3613, 5000} {
		instant := from.Add(time.Duration(s) * time.Second)
		if got, want := showing(taken.At(instant), instant), showing(plain.At(instant), instant); got != want {
			t.Errorf("at %+d s: got %s, want %s", s, got, want)
		}
	}
}

func TestLoopsInTime(t *testing.T) {
	h := ward("America/New_York", window(t, "day", "0 8 * * *", "17:00"))
	play(h, "day", "one", "two", "three")
	short := h.Items["two"]
	short.Millis = 4_000
	h.Items["two"] = short
	p := programmeOf(t, h, "bed")
	start := at(t, p, "2026-11-23 08:00")
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{0, "full: one en 0s+10s"},
		{9999 * time.Millisecond, "full: one en 9.999s+10s"},
		{10 * time.Second, "full: two en 0s+4s"},
		{14 * time.Second, "full: three en 0s+10s"},
		{24 * time.Second, "full: one en 0s+10s"},
		{8*time.Hour + 58*time.Minute + 48*time.Second, "full: one en 0s+10s"},
		{9 * time.Hour, "full: calm en 0s+10s"},
	} {
		if got := showing(p.At(start.Add(c.after)), start.Add(c.after)); got != c.want {
			t.Errorf("%v after the start: got %s, want %s", c.after, got, c.want)
		}
	}
}

func TestRegionsRunBesideEachOther(t *testing.T) {
	p := programmeOf(t, playliststest.Hospital(), playliststest.Outpatients)
	start := at(t, p, "2026-11-23 07:30")
	f := p.At(start.Add(15 * time.Second))
	want := "main: chest-pain-signs en 5s+10s, side: visiting-hours en 5s+10s"
	if got := showing(f, start.Add(15*time.Second)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if len(f.Layout.Regions) != 3 || f.Slots[1].RegionIndex != 1 {
		t.Errorf("got %d regions, want the ticker as well", len(f.Layout.Regions))
	}
}

// TestValidity: an entry that is not valid gives its slot to the next that is, and all others stay.
func TestValidity(t *testing.T) {
	h := ward("America/New_York", window(t, "day", "0 8 * * *", "17:00"))
	play(h, "day", "one", "two", "three")
	p := programmeOf(t, h, "bed")
	two := h.Items["two"]
	two.From, two.Until = at(t, p, "2026-11-23 09:00"), at(t, p, "2026-11-23 10:00")
	h.Items["two"] = two
	p = programmeOf(t, h, "bed")
	for _, c := range []struct{ wall, want string }{
		{"2026-11-23 08:00", "one,three,three,one,three,three"},
		{"2026-11-23 09:00", "one,two,three,one,two,three"},
		{"2026-11-23 10:00", "one,three,three,one,three,three"},
	} {
		if got := items(p, at(t, p, c.wall), 6); got != c.want {
			t.Errorf("%s: got %s, want %s", c.wall, got, c.want)
		}
	}
	if got, want := p.Next(two.Until.Add(-5*time.Second)), two.Until; !got.Equal(want) {
		t.Errorf("next change: got %s, want %s", got, want)
	}
}

// TestNothingValid: a window of which nothing may be shown gives way to the next, and Why says so.
func TestNothingValid(t *testing.T) {
	flu := window(t, "flu", "0 9 * * *", "11:00")
	flu.Priority = 5
	h := ward("America/New_York", window(t, "day", "0 8 * * *", "17:00"), flu)
	p := programmeOf(t, h, "bed")
	item := h.Items["flu"]
	item.Until = at(t, p, "2026-11-23 10:00")
	h.Items["flu"] = item
	p = programmeOf(t, h, "bed")
	same(t, draw(t, p, "2026-11-23"), `
		00-07 ......
		08    dddddd
		09    ffffff
		10-16 dddddd
		17-23 ......`)
	w := p.Why(at(t, p, "2026-11-23 10:30"))
	if w.Winner.Window != "day" || len(w.Losers) == 0 || w.Losers[0].Window != "flu" || w.Losers[0].Reason != playlists.NothingValid {
		t.Errorf("got %+v", w)
	}
}

// TestWholeOnly: what cannot finish before the window ends leaves its slot to what may be cut.
func TestWholeOnly(t *testing.T) {
	h := ward("America/New_York", window(t, "day", "0 8 * * *", "08:01"))
	play(h, "day", "film", "poster")
	film := h.Playlists["day"]
	film.Entries[0].WholeOnly, film.Entries[0].Millis = true, 35_000
	h.Playlists["day"] = film
	p := programmeOf(t, h, "bed")
	if got, want := items(p, at(t, p, "2026-11-23 08:00"), 4), "film,poster,poster,calm"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	film.Entries = film.Entries[:1]
	h.Playlists["day"] = film
	p = programmeOf(t, h, "bed")
	if got, want := items(p, at(t, p, "2026-11-23 08:00"), 3), "film,calm,calm"; got != want {
		t.Errorf("alone: got %s, want %s", got, want)
	}
}

// TestWholeOnlyIsCutByNothingKnown: a film of 50 s, or as it says, that must finish, and a poster of 10 s, which
// takes the slots in which the film cannot.
func TestWholeOnlyIsCutByNothingKnown(t *testing.T) {
	above := func(start, end string) playlists.Window {
		w := window(t, "flu", start, end)
		w.Priority = 5
		return w
	}
	tests := []struct {
		name    string
		windows []playlists.Window
		change  func(h *playlists.Hospital, at func(string) time.Time)
		wall    string
		want    string
	}{
		{"nothing comes", []playlists.Window{window(t, "day", "0 8 * * *", "17:00")}, nil, "2026-11-23 08:00", "film,poster,film"},
		{"a stronger window begins", []playlists.Window{window(t, "day", "0 8 * * *", "17:00"), above("2 8 * * *", "09:00")}, nil, "2026-11-23 08:01", "film,poster,flu"},
		{"it begins in mid-film", []playlists.Window{window(t, "day", "30 7 * * *", "17:00"), above("28 8 * * *", "09:00")}, func(h *playlists.Hospital, _ func(string) time.Time) {
			p := h.Playlists["day"]
			p.Entries[0].Millis = 70_000
			h.Playlists["day"] = p
		}, "2026-11-23 08:27", "film,poster,poster,flu"},
		{"it has nothing to show", []playlists.Window{window(t, "day", "30 7 * * *", "17:00"), above("28 8 * * *", "09:00")}, func(h *playlists.Hospital, at func(string) time.Time) {
			p, flu := h.Playlists["day"], h.Items["flu"]
			p.Entries[0].Millis, flu.Until = 70_000, at("2026-11-23 08:00")
			h.Playlists["day"], h.Items["flu"] = p, flu
		}, "2026-11-23 08:27", "film,poster,film"},
		{"it ends in the slot, and the rest is free", []playlists.Window{window(t, "day", "31 7 * * *", "17:00"), above("27 8 * * *", "08:28")}, func(h *playlists.Hospital, _ func(string) time.Time) {
			p := h.Playlists["day"]
			p.Entries[0].Millis = 110_000
			h.Playlists["day"] = p
		}, "2026-11-23 08:28", "film,poster"},
		{"the window starts again", []playlists.Window{window(t, "day", "0,2 8 * * *", "17:00")}, func(h *playlists.Hospital, _ func(string) time.Time) {
			p := h.Playlists["day"]
			p.Entries[0].Millis = 65_000
			h.Playlists["day"] = p
		}, "2026-11-23 08:01", "film,poster,poster,film"},
		{"a stronger one begins after midnight", []playlists.Window{window(t, "day", "0 22 * * *", "06:00+1"), above("0 0 * * *", "01:00")}, func(h *playlists.Hospital, _ func(string) time.Time) {
			p := h.Playlists["day"]
			p.Entries[0].Millis = 75_000
			h.Playlists["day"] = p
		}, "2026-11-23 23:59", "poster,flu"},
		{"the film is no longer valid at its end", []playlists.Window{window(t, "day", "0 8 * * *", "17:00")}, func(h *playlists.Hospital, at func(string) time.Time) {
			film := h.Items["film"]
			film.Until = at("2026-11-23 08:02").Add(-15 * time.Second)
			h.Items["film"] = film
		}, "2026-11-23 08:01", "poster,poster,poster"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := ward("America/New_York", tt.windows...)
			play(h, "day", "film", "poster")
			p := h.Playlists["day"]
			p.Entries[0].WholeOnly, p.Entries[0].Millis = true, 50_000
			h.Playlists["day"] = p
			first := programmeOf(t, h, "bed")
			if tt.change != nil {
				tt.change(h, func(wall string) time.Time { return at(t, first, wall) })
			}
			programme := programmeOf(t, h, "bed")
			if got := items(programme, at(t, programme, tt.wall), strings.Count(tt.want, ",")+1); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestWholeOnlyToTheEnd: what ends with the window does finish.
func TestWholeOnlyToTheEnd(t *testing.T) {
	h := ward("America/New_York", window(t, "day", "0 8 * * *", "08:01"))
	play(h, "day", "film", "poster")
	film := h.Playlists["day"]
	film.Entries[0].WholeOnly, film.Entries[0].Millis = true, 25_000
	h.Playlists["day"] = film
	p := programmeOf(t, h, "bed")
	if got, want := items(p, at(t, p, "2026-11-23 08:00"), 4), "film,poster,film,calm"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestStartingAgain: a window that starts several times a day begins its loop anew each time.
func TestStartingAgain(t *testing.T) {
	h := ward("America/New_York", window(t, "day", "0,20 8 * * *", "17:00"))
	play(h, "day", "one", "two", "three", "four", "five", "six", "seven")
	p := programmeOf(t, h, "bed")
	for _, c := range []struct{ wall, want string }{
		{"2026-11-23 08:00", "one,two"},
		{"2026-11-23 08:19", "three,four"},
		{"2026-11-23 08:20", "one,two"},
	} {
		if got := items(p, at(t, p, c.wall), 2); got != c.want {
			t.Errorf("%s: got %s, want %s", c.wall, got, c.want)
		}
	}
	if w := p.Why(at(t, p, "2026-11-23 09:00")); len(w.Losers) != 1 || w.Losers[0].Source != playlists.FromFiller {
		t.Errorf("got %+v, want the filler as the only loser", w.Losers)
	}
}

// TestStartsThatCoincide: two starts in one gap are one, from its end on.
func TestStartsThatCoincide(t *testing.T) {
	p := programmeOf(t, ward("America/New_York", window(t, "day", "10,20 2 * * *", "04:00")), "bed")
	gap := at(t, p, "2026-03-08 03:00")
	f := p.At(gap)
	if f.Window != "day" || !f.Start.Equal(gap) || len(p.Why(gap).Losers) != 1 {
		t.Errorf("got %+v", f)
	}
}

func TestFillerCountsFromMidnight(t *testing.T) {
	h := ward("America/New_York")
	play(h, "calm", "calm", "sea", "wood")
	p := programmeOf(t, h, "bed")
	for _, day := range []string{"2026-03-08", "2026-03-09", "2026-11-02"} {
		midnight := at(t, p, day+" 00:00")
		if got, want := showing(p.At(midnight), midnight), "full: calm en 0s+10s"; got != want {
			t.Errorf("%s: got %s, want %s", day, got, want)
		}
	}
}

func TestSlateWithoutManifest(t *testing.T) {
	p, err := playlists.NewProgramme(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, instant := range []time.Time{{}, time.Unix(0, 0), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if f := p.At(instant); f.Source != playlists.FromSlate || len(f.Slots) != 0 || f.Layout != nil {
			t.Errorf("%s: got %+v, want the slate", instant, f)
		}
		if next := p.Next(instant); !next.After(instant) {
			t.Errorf("%s: got next %s", instant, next)
		}
	}
}

func TestUntimed(t *testing.T) {
	h := ward("America/New_York", window(t, "day", "0 0 * * *", "24:00"))
	play(h, "calm", "sea", "flu", "wood")
	flu := h.Items["flu"]
	flu.Until = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	h.Items["flu"] = flu
	m := manifest(t, h, "bed")
	m.Body = m.Body.Untimed()
	p := programmeUnder(t, m, nil)
	if got, want := items(p, at(t, p, "1970-01-02 00:00"), 4), "sea,wood,sea,wood"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	play(h, "calm", "flu")
	m = manifest(t, h, "bed")
	m.Body = m.Body.Untimed()
	if got := programmeUnder(t, m, nil).At(time.Unix(0, 0)).Source; got != playlists.FromSlate {
		t.Errorf("with nothing but what has a validity: got %s, want the slate", got)
	}
}

func TestSoon(t *testing.T) {
	h := ward("America/New_York", window(t, "day", "0 8 * * *", "17:00"), window(t, "xmas", "0 8 25 12 *", "17:00"))
	play(h, "day", "one", "two")
	p := programmeOf(t, h, "bed")
	title := map[playlists.Digest]string{}
	for _, i := range h.Items {
		for _, v := range i.Renditions[0].Variants {
			title[v.Digest] = string(i.ID)
		}
	}
	for i, f := range playliststest.Fonts() {
		title[f.Digest] = "font " + string(rune('1'+i))
	}
	for _, c := range []struct{ wall, want string }{
		{"2026-11-23 07:00", "font 1, font 2, calm, one, two, xmas"},
		{"2026-11-23 12:00", "font 1, font 2, one, two, calm, xmas"},
		{"2026-12-24 16:59", "font 1, font 2, one, two, calm, xmas"},
	} {
		var got []string
		for _, d := range p.Soon(at(t, p, c.wall)) {
			got = append(got, title[d])
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: got %s, want %s", c.wall, strings.Join(got, ", "), c.want)
		}
	}
}
