package playlists_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"anteroom/playlists"
)

// TestDocTable holds the table of the package comment against the code.
func TestDocTable(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`(?m)^//\t(\w+/\w+) +(\d{4}-\d\d-\d\d)  (\d\d:\d\d)-(\d\d:\d\d(?:\+1)?)  +(.*?)  +(\w+)$`)
	rows := row.FindAllStringSubmatch(string(doc), -1)
	if len(rows) < 16 {
		t.Fatalf("got %d rows, want 16 or more", len(rows))
	}
	for _, r := range rows {
		zone, starts, from, to, on, lasts := r[1], r[2], r[3], r[4], r[5], r[6]
		t.Run(strings.Join([]string{zone, starts, from, to}, " "), func(t *testing.T) {
			w := window(t, "night", fmt.Sprintf("%s %s * * *", from[3:], from[:2]), to)
			w.First, w.Last = date(t, starts), date(t, starts)
			p := programmeOf(t, ward(zone, w), "bed")
			gotOn, gotLasts := occurrence(p, date(t, starts))
			if gotOn != on || gotLasts != lasts {
				t.Errorf("got %q lasting %s, want %q lasting %s", gotOn, gotLasts, on, lasts)
			}
		})
	}
}

// occurrence says when the only window is on around a date, and for how long.
func occurrence(p *playlists.Programme, d playlists.Date) (on, lasts string) {
	on, lasts = "never", "0h0m"
	from := p.Zone().DayStart(d.AddDays(-1))
	for _, s := range p.Spans(from, from.Add(5*24*time.Hour)) {
		if s.Source == playlists.FromWindow {
			on = wall(p.Zone(), s.Start) + " to " + wall(p.Zone(), s.End)
			lasts = strings.TrimSuffix(s.End.Sub(s.Start).String(), "0s")
			if !strings.Contains(lasts, "h") {
				lasts = "0h" + lasts
			}
		}
	}
	return on, lasts
}

func wall(z *playlists.Zone, t time.Time) string {
	d, c, offset := z.Local(t)
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	return fmt.Sprintf("%02d-%02d %s %c%02d:%02d", int(d.Month), d.Day, c, sign, offset/3600, offset/60%60)
}

// TestNights draws days on which clocks change: the hour that is skipped or shown twice is to be seen.
func TestNights(t *testing.T) {
	for _, c := range []struct {
		name, zone, day string
		windows         []playlists.Window
		want            string
	}{
		{
			name: "New York skips two to three; the night window is an hour short",
			zone: "America/New_York", day: "2026-03-08",
			windows: []playlists.Window{window(t, "night", "0 22 * * *", "06:00+1"), window(t, "day", "0 8 * * *", "17:00")},
			want: `
				00-01 nnnnnn
				03-05 nnnnnn
				06-07 ......
				08-16 dddddd
				17-21 ......
				22-23 nnnnnn`,
		},
		{
			name: "New York shows one to two twice; a window of that hour is on both times",
			zone: "America/New_York", day: "2026-11-01",
			windows: []playlists.Window{window(t, "owl", "0 1 * * *", "02:00")},
			want: `
				00    ......
				01    oooooo
				01    oooooo
				02-23 ......`,
		},
		{
			name: "Cairo's day begins at one",
			zone: "Africa/Cairo", day: "2026-04-24",
			windows: []playlists.Window{window(t, "all-day", "0 0 * * *", "24:00")},
			want:    `01-23 aaaaaa`,
		},
		{
			name: "Lord Howe skips half an hour",
			zone: "Australia/Lord_Howe", day: "2026-10-04",
			windows: []playlists.Window{window(t, "two", "0 2 * * *", "03:00")},
			want: `
				00-01 ......
				02    ttt
				03-23 ......`,
		},
		{
			name: "Sao Paulo's midnight is skipped: an overnight window runs through, the morning's begins",
			zone: "America/Sao_Paulo", day: "2018-11-04",
			windows: []playlists.Window{window(t, "night", "0 20 * * *", "00:00+1"), window(t, "morning", "0 0 * * *", "03:00")},
			want: `
				01-02 mmmmmm
				03-19 ......
				20-23 nnnnnn`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			same(t, draw(t, programmeOf(t, ward(c.zone, c.windows...), "bed"), c.day), c.want)
		})
	}
}
