package playlists_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/playliststest/fuzztest"
)

// location reads the same bytes with package time, which is another reader and another table.
func location(tb testing.TB, zone string) *time.Location {
	tb.Helper()
	tzif, err := playliststest.Zones(zone)
	if err != nil {
		tb.Fatal(err)
	}
	loc, err := time.LoadLocationFromTZData(zone, tzif)
	if err != nil {
		tb.Fatal(err)
	}
	return loc
}

func TestInstant(t *testing.T) {
	for _, c := range []struct{ zone, wall, why, want string }{
		{"America/New_York", "2026-11-23 09:00", "an ordinary morning", "2026-11-23T14:00:00Z"},
		{"America/New_York", "2026-03-08 02:30", "in the gap: the first instant after", "2026-03-08T07:00:00Z"},
		{"America/New_York", "2026-03-08 03:00", "the gap's end", "2026-03-08T07:00:00Z"},
		{"America/New_York", "2026-11-01 01:30", "twice: the first", "2026-11-01T05:30:00Z"},
		{"America/New_York", "2026-11-01 02:00", "once only, after both", "2026-11-01T07:00:00Z"},
		{"America/New_York", "2199-07-04 12:00", "by the rule for the future", "2199-07-04T16:00:00Z"},
		{"Africa/Cairo", "2026-04-24 00:00", "midnight is skipped", "2026-04-23T22:00:00Z"},
		{"Africa/Cairo", "2026-10-29 23:30", "twice: the first", "2026-10-29T20:30:00Z"},
		{"Pacific/Apia", "2011-12-30 12:00", "a day that never was", "2011-12-30T10:00:00Z"},
		{"Pacific/Kwajalein", "1993-08-21 12:00", "a day that never was", "1993-08-21T12:00:00Z"},
		{"Australia/Lord_Howe", "2026-10-04 02:29", "half an hour is skipped", "2026-10-03T15:30:00Z"},
		{"Europe/Dublin", "2026-07-01 12:00", "summer is standard time there", "2026-07-01T11:00:00Z"},
		{"Asia/Kathmandu", "2026-01-01 00:00", "a quarter of an hour", "2025-12-31T18:15:00Z"},
		{"UTC", "2026-01-01 24:00", "the end of a day", "2026-01-02T00:00:00Z"},
	} {
		t.Run(c.zone+" "+c.why, func(t *testing.T) {
			day, minute, _ := strings.Cut(c.wall, " ")
			got := zone(t, c.zone).Instant(date(t, day), clock(t, minute)).Format(time.RFC3339)
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestHourAndDayStart(t *testing.T) {
	for _, c := range []struct{ zone, at, why, hour, day string }{
		{"America/New_York", "2026-11-23T14:25:00Z", "an ordinary hour", "2026-11-23T14:00:00Z", "2026-11-23T05:00:00Z"},
		{"America/New_York", "2026-11-01T05:30:00Z", "one o'clock, the first", "2026-11-01T05:00:00Z", "2026-11-01T04:00:00Z"},
		{"America/New_York", "2026-11-01T06:30:00Z", "one o'clock, the second", "2026-11-01T06:00:00Z", "2026-11-01T04:00:00Z"},
		{"Australia/Lord_Howe", "2026-04-04T15:10:00Z", "half past one again", "2026-04-04T15:00:00Z", "2026-04-04T13:00:00Z"},
		{"Australia/Lord_Howe", "2026-10-03T15:40:00Z", "an hour of thirty minutes", "2026-10-03T15:30:00Z", "2026-10-03T13:30:00Z"},
		{"Asia/Kathmandu", "2026-01-01T00:00:00Z", "hours begin at a quarter past", "2025-12-31T23:15:00Z", "2025-12-31T18:15:00Z"},
		{"Africa/Cairo", "2026-04-23T22:30:00Z", "the day begins at one", "2026-04-23T22:00:00Z", "2026-04-23T22:00:00Z"},
		{"Pacific/Apia", "2011-12-30T10:30:00Z", "the 31st follows the 29th", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"},
	} {
		t.Run(c.zone+" "+c.why, func(t *testing.T) {
			z := zone(t, c.zone)
			instant, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			if got := z.HourStart(instant).Format(time.RFC3339); got != c.hour {
				t.Errorf("hour: got %s, want %s", got, c.hour)
			}
			d, _, _ := z.Local(instant)
			if got := z.DayStart(d).Format(time.RFC3339); got != c.day {
				t.Errorf("day: got %s, want %s", got, c.day)
			}
		})
	}
}

// TestLocalAgreesWithPackageTime compares the wall around every change from 1960 to 2100.
func TestLocalAgreesWithPackageTime(t *testing.T) {
	for _, name := range playliststest.ZoneNames() {
		z, loc := zone(t, name), location(t, name)
		for at := time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2100; at = at.Add(29*time.Hour + 13*time.Minute) {
			d, c, offset := z.Local(at)
			there := at.In(loc)
			_, want := there.Zone()
			got := fmt.Sprintln(d, c, offset)
			if want := fmt.Sprintln(there.Format("2006-01-02 15:04"), want); got != want {
				t.Fatalf("%s at %s: got %s, want %s", name, at, got, want)
			}
		}
	}
}

// TestInstantIsFirst: no earlier instant shows that time or a later one, the instant itself does, and
// later times never map to earlier instants.
func TestInstantIsFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(playliststest.ZoneNames()).Draw(t, "zone")
		z := zoneForRapid(t, name)
		d := playlists.Date{Year: 1970, Month: 1, Day: 1}.AddDays(rapid.IntRange(0, 60_000).Draw(t, "day"))
		c := playlists.Clock(rapid.IntRange(0, 24*60).Draw(t, "minute"))
		got := z.Instant(d, c)
		wanted := wallSeconds(d, int(c)*60)
		if shown := wallAt(z, got); shown < wanted {
			t.Fatalf("at %s the wall shows %d, before %d", got, shown, wanted)
		}
		for back := range 27 * 60 {
			earlier := got.Add(-time.Second - time.Duration(back)*time.Minute)
			if shown := wallAt(z, earlier); shown >= wanted {
				t.Fatalf("%s %s: got %s, but at %s the wall shows %d already", d, c, got, earlier, shown)
			}
		}
		if c < 24*60 && z.Instant(d, c+1).Before(got) {
			t.Fatalf("%s %s: a minute later on the wall is earlier", d, c)
		}
	})
}

func zoneForRapid(t *rapid.T, name string) *playlists.Zone {
	tzif, err := playliststest.Zones(name)
	if err != nil {
		t.Fatal(err)
	}
	z, err := playlists.ParseZone(name, tzif)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func wallSeconds(d playlists.Date, seconds int) int64 {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, seconds, 0, time.UTC).Unix()
}

func wallAt(z *playlists.Zone, t time.Time) int64 {
	_, _, offset := z.Local(t)
	return t.Unix() + int64(offset)
}

func TestParseZoneRefuses(t *testing.T) {
	good, err := playliststest.Zones("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	changed := func(i int, b byte) []byte {
		c := append([]byte(nil), good...)
		c[i] = b
		return c
	}
	footer := func(s string) []byte {
		i := strings.LastIndex(string(good[:len(good)-1]), "\n")
		return append(append([]byte(nil), good[:i+1]...), s+"\n"...)
	}
	for _, c := range []struct {
		name string
		tzif []byte
		want string
	}{
		{"nothing", nil, "not a TZif file"},
		{"something else", []byte(strings.Repeat("x", 100)), "not a TZif file"},
		{"version 1", changed(4, 0), "version 1"},
		{"cut short", good[:len(good)/2], "cut short"},
		{"no footer", good[:len(good)-1], "footer"},
		{"much too long", make([]byte, 70<<10), "at most"},
		{"a rule without dates", footer("EST5EDT"), "cannot be read"},
		{"a rule with a thirteenth month", footer("EST5EDT,M13.2.0,M11.1.0"), "cannot be read"},
		{"a rule that goes on", footer("EST5EDT,M3.2.0,M11.1.0,more"), "cannot be read"},
		{"an unfinished name", footer("<EST"), "cannot be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := playlists.ParseZone("America/New_York", c.tzif); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

// TestFooters reads rules for the future of every form.
func TestFooters(t *testing.T) {
	for _, c := range []struct{ rule, at, want string }{
		{"EST5", "2026-07-01T00:00:00Z", "06-30 19:00 -05:00"},
		{"<+0330>-3:30", "2026-07-01T00:00:00Z", "07-01 03:30 +03:30"},
		{"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-12-24T00:00:00Z", "12-24 00:00 +00:00"},
		{"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-01T00:00:00Z", "07-01 01:00 +01:00"},
		{"AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-12-24T00:00:00Z", "12-24 11:00 +11:00"},
		{"XXX3EDT4,0/0,J365/23", "2026-07-01T00:00:00Z", "06-30 20:00 -04:00"},
		{"AAA0BBB,J60/0,J61/0", "2024-03-01T12:00:00Z", "03-01 13:00 +01:00"},
		{"AAA0BBB,J59/0,J60/0", "2024-02-28T12:00:00Z", "02-28 13:00 +01:00"},
		{"AAA0BBB,59/0,60/0", "2024-02-29T12:00:00Z", "02-29 13:00 +01:00"},
		{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", "03-29 00:00 -01:00"},
	} {
		t.Run(c.rule+" at "+c.at, func(t *testing.T) {
			utc, err := playliststest.Zones("UTC")
			if err != nil {
				t.Fatal(err)
			}
			tzif := append(append([]byte(nil), strings.TrimSuffix(string(utc), "UTC0\n")...), c.rule+"\n"...)
			z, err := playlists.ParseZone("Test", tzif)
			if err != nil {
				t.Fatal(err)
			}
			instant, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			if got := wall(z, instant); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// FuzzParseZone: any bytes give an error or a zone that answers.
func FuzzParseZone(f *testing.F) {
	g := fuzztest.New(f)
	for _, name := range []string{"America/New_York", "Africa/Casablanca", "UTC", "Australia/Lord_Howe"} {
		tzif, err := playliststest.Zones(name)
		if err != nil {
			f.Fatal(err)
		}
		g.Add(tzif)
	}
	g.Fuzz(func(t *testing.T, tzif []byte) {
		z, err := playlists.ParseZone("Fuzz", tzif)
		if err != nil {
			return
		}
		for _, year := range []int{1900, 1970, 2026, 2199} {
			at := time.Date(year, 7, 1, 12, 0, 0, 0, time.UTC)
			d, c, _ := z.Local(at)
			if first := z.Instant(d, c); first.After(at) {
				t.Fatalf("the wall shows %s %s at %s, but first at %s", d, c, at, first)
			}
		}
	})
}
