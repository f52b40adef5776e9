package playlists_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// layersIn writes what layers say, on the wall: "flu 0 Mon 08:00-17:00: 08:00-09:00, loud till 12:00 (lower_priority)".
func layersIn(p *playlists.Programme, layers []playlists.Layer) string {
	wall := func(t time.Time) string {
		d, c, _ := p.Zone().Local(t)
		return d.Weekday().String()[:3] + " " + c.String()
	}
	var lines []string
	for _, l := range layers {
		var parts []string
		for _, s := range l.Shown {
			parts = append(parts, wall(s.Start)+"-"+wall(s.End))
		}
		for _, h := range l.Hidden {
			parts = append(parts, fmt.Sprintf("%s-%s under %s%s%s: %s", wall(h.Start), wall(h.End), h.By.Source, h.By.Window, h.By.Takeover, h.Reason))
		}
		lines = append(lines, fmt.Sprintf("%s %s-%s (%s): %s", l.Window, wall(l.Start), wall(l.End), l.End.Sub(l.Start), strings.Join(parts, ", ")))
	}
	return strings.Join(lines, "\n")
}

func TestLayers(t *testing.T) {
	loud := window(t, "loud", "0 9 * * 1", "12:00")
	loud.Priority = 5
	own := window(t, "own", "0 11 * * 1", "14:00")
	own.Targets = []playlists.Target{{Screen: "bed"}}
	night := window(t, "night", "0 22 * * *", "06:00+1")
	often := window(t, "often", "0 8,10 * * 2", "11:00")
	h := ward("America/New_York", loud, own, night, window(t, "day", "0 8 * * 1", "17:00"), often)
	play(h, "old", "old")
	item := h.Items["old"]
	item.Until = time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	h.Items["old"] = item
	old := window(t, "old", "0 7 * * 1", "10:00")
	old.Priority = 9
	h.Windows["old"] = old
	plain := programmeOf(t, h, "bed")
	p := programmeOf(t, h, "bed", playliststest.Takeover("fire", at(t, plain, "2026-11-23 16:00")))
	for _, c := range []struct{ name, from, to, want string }{
		{"a Monday", "2026-11-23 00:00", "2026-11-24 00:00", `
			old Mon 07:00-Mon 10:00 (3h0m0s): Mon 07:00-Mon 09:00, Mon 09:00-Mon 10:00 under windowloud: nothing_valid
			loud Mon 09:00-Mon 12:00 (3h0m0s): Mon 09:00-Mon 12:00
			own Mon 11:00-Mon 14:00 (3h0m0s): Mon 12:00-Mon 14:00, Mon 11:00-Mon 12:00 under windowloud: lower_priority
			night Sun 22:00-Mon 06:00 (8h0m0s): Mon 00:00-Mon 06:00
			day Mon 08:00-Mon 17:00 (9h0m0s): Mon 14:00-Mon 16:00, Mon 08:00-Mon 09:00 under windowold: lower_priority, Mon 09:00-Mon 12:00 under windowloud: lower_priority, Mon 12:00-Mon 14:00 under windowown: wider_target, Mon 16:00-Mon 17:00 under takeoverfire: under_takeover
			night Mon 22:00-Tue 06:00 (8h0m0s): Mon 22:00-Tue 00:00`},
		{"a window that starts again", "2026-11-24 07:00", "2026-11-24 12:00", `
			often Tue 08:00-Tue 10:00 (2h0m0s): Tue 08:00-Tue 10:00
			often Tue 10:00-Tue 11:00 (1h0m0s): Tue 10:00-Tue 11:00`},
		{"the night on which clocks go back", "2026-11-01 00:00", "2026-11-01 12:00", `
			night Sat 22:00-Sun 06:00 (9h0m0s): Sun 00:00-Sun 06:00`},
		{"the night on which they go forward", "2027-03-13 12:00", "2027-03-14 12:00", `
			night Sat 22:00-Sun 06:00 (7h0m0s): Sat 22:00-Sun 06:00`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := layersIn(p, p.Layers(at(t, p, c.from), at(t, p, c.to)))
			if want := strings.ReplaceAll(strings.TrimSpace(c.want), "\n\t\t\t", "\n"); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// What layers call shown is what shows: at each quarter of an hour of a week, as Why has it.
func TestLayersAgreeWithWhy(t *testing.T) {
	p := programmeOf(t, playliststest.Hospital(), playliststest.Paediatrics)
	from := at(t, p, "2026-10-26 00:00")
	to := from.Add(8 * 24 * time.Hour)
	layers := p.Layers(from, to)
	for n := from; n.Before(to); n = n.Add(15 * time.Minute) {
		var shown playlists.WindowID
		on := 0
		for _, l := range layers {
			for _, s := range l.Shown {
				if !n.Before(s.Start) && n.Before(s.End) {
					shown = l.Window
					on++
				}
			}
		}
		if why := p.Why(n); why.Winner.Window != shown || on > 1 {
			t.Fatalf("%v: %d layers show, of %q, but %q is on", n, on, shown, why.Winner.Window)
		}
	}
	if len(layers) == 0 {
		t.Error("no layers")
	}
}
