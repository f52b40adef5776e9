//go:build !e2e

package main

import (
	"testing"
	"time"

	"anteroom/playlists"
)

// at is a year's distance, for wall clocks that stand there.
func at(year int) time.Duration { return time.Until(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)) }

// Whatever the wall clock says, every play is counted once. Where the clock was set by a link in the same boot,
// each play has its true time; otherwise the true time lies between the recorded start and the arrival.
func TestClocks(t *testing.T) {
	const clockError = 50 * time.Millisecond
	for _, row := range []struct {
		name    string
		do      func(b *bed)
		unset   bool          // plays without their true time are left
		mistake time.Duration // of the machine's own clock, of which plays say so
	}{
		{name: "booted at 1970, linked five hours later", do: func(b *bed) { b.unplug(); b.boot(at(1970)); hours(5); b.plug(); hours(1) }},
		{name: "booted at 2160, linked five hours later", do: func(b *bed) { b.unplug(); b.boot(at(2160)); hours(5); b.plug(); hours(1) }},
		{name: "booted at 1970, linked after three days", do: func(b *bed) { b.unplug(); b.boot(at(1970)); hours(75); b.plug(); hours(1) }},
		{name: "booted at 1970, the program restarted, then linked", do: func(b *bed) {
			b.unplug()
			b.boot(at(1970))
			hours(2)
			b.stop()
			time.Sleep(time.Minute)
			b.start()
			hours(2)
			b.plug()
			hours(1)
		}},
		{name: "booted at 1970, set by its own time service, then linked", do: func(b *bed) {
			b.unplug()
			b.boot(at(1970))
			hours(2)
			b.jump(0)
			hours(2)
			b.plug()
			hours(1)
		}},
		{name: "booted at 2160, never synced", unset: true, do: func(b *bed) { b.unplug(); b.boot(at(2160)); hours(5) }},
		{name: "three boots at 1970, the last one synced", unset: true, do: func(b *bed) {
			b.unplug()
			for range 3 {
				b.boot(at(1970))
				hours(3)
				if b.boots < 4 {
					b.stop()
					time.Sleep(10 * time.Minute)
				}
			}
			b.plug()
			hours(1)
		}},
		{name: "ten years ahead in mid-play, and back, unlinked", do: func(b *bed) {
			b.boot(0)
			hours(1)
			b.unplug()
			b.jump(10 * 365 * 24 * time.Hour)
			time.Sleep(150 * time.Second)
			b.jump(-10 * 365 * 24 * time.Hour)
			hours(2)
			b.jump(0)
			hours(1)
		}},
		{name: "ten years ahead and back, linked", do: func(b *bed) {
			b.boot(0)
			hours(1)
			b.jump(10 * 365 * 24 * time.Hour)
			time.Sleep(150 * time.Second)
			b.jump(-10 * 365 * 24 * time.Hour)
			hours(2)
		}},
		{name: "booted three hours fast, unlinked", mistake: 3 * time.Hour, do: func(b *bed) { b.unplug(); b.boot(3 * time.Hour); hours(5); b.plug(); hours(1) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			inWard(t, time.Date(2000, 2, 1, 9, 0, 0, 0, time.UTC), time.Minute, func(w *ward) {
				b := w.put(0, 1)
				b.stop()
				hours(36) // what it last knew is long past
				row.do(b)
				w.quiet()
				pairs := w.settle()[b.screen]
				late, unset := time.Duration(0), 0
				for _, p := range pairs {
					early := p.at.Sub(p.play.Start)
					switch {
					case p.play.Quality == playlists.ClockUnset:
						unset++
						if early < -clockError || p.play.Received.Before(p.at) {
							t.Fatalf("drawn at %v, recorded at %v, arrived at %v", p.at, p.play.Start, p.play.Received)
						}
					case p.play.Quality == playlists.ClockSystem && row.mistake != 0:
						late = max(late, (early + row.mistake).Abs())
					default:
						late = max(late, early.Abs())
					}
				}
				t.Logf("%d plays, each counted once; %d bracketed, the others at most %v from their true time", len(pairs), unset, late)
				if late > clockError {
					t.Errorf("a play is recorded %v from its true time", late)
				}
				if row.unset != (unset > 0) || len(pairs) < 100 {
					t.Errorf("%d of %d plays are without their true time", unset, len(pairs))
				}
			}, "America/New_York")
		})
	}
}

func hours(n int) { time.Sleep(time.Duration(n) * time.Hour) }

// Two crystals run apart for 30 days without a link. Each play is there once, off by no more than the crystal,
// and the clock is right after the link.
func TestDrift(t *testing.T) {
	const days = 30
	inWard(t, time.Date(2000, 2, 1, 9, 0, 0, 0, time.UTC), 10*time.Minute, func(w *ward) {
		fast, slow := w.put(0, 1+200e-6), w.put(0, 1-200e-6)
		hours(1)
		fast.unplug()
		slow.unplug()
		hours(24 * days)
		fast.plug()
		slow.plug()
		hours(2)
		w.quiet()
		linked := time.Now().Add(-time.Hour)
		all := w.settle()
		for _, b := range []*bed{fast, slow} {
			worst, after := time.Duration(0), time.Duration(0)
			for _, p := range all[b.screen] {
				off := p.play.Start.Sub(p.at)
				if p.at.After(linked) {
					after = max(after, off.Abs())
					continue
				}
				if off.Abs() > worst.Abs() {
					worst = off
				}
			}
			t.Logf("%s: %d plays; off by %v at the most, after the link by %v", b.name, len(all[b.screen]), worst, after)
			if most := days * 24 * time.Hour * 200 / 1e6; worst.Abs() > most+time.Second || worst.Abs() < most/2 || after > 200*time.Millisecond {
				t.Errorf("want at most %v before the link, and 200 ms after", most)
			}
		}
	}, "America/New_York")
}

// On the nights on which clocks change, the night window shows from 22:00 to 06:00 on the wall, and every play has the
// offset of its moment. The oracle is package time.
func TestNightsOfClockChanges(t *testing.T) {
	zones := []string{"America/New_York", "Europe/Berlin"}
	for _, row := range []struct {
		name string
		day  time.Time
		want [2]time.Duration // how long the night window showed in each zone
	}{
		{"Berlin springs forward", time.Date(2000, 3, 25, 17, 0, 0, 0, time.UTC), [2]time.Duration{8 * time.Hour, 7 * time.Hour}},
		{"New York springs forward", time.Date(2000, 4, 1, 17, 0, 0, 0, time.UTC), [2]time.Duration{7 * time.Hour, 8 * time.Hour}},
		{"both fall back", time.Date(2000, 10, 28, 17, 0, 0, 0, time.UTC), [2]time.Duration{9 * time.Hour, 9 * time.Hour}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			inWard(t, row.day, time.Minute, func(w *ward) {
				w.put(0, 1)
				w.put(1, 1).unplug()
				hours(22)
				w.quiet()
				all := w.settle()
				for i, b := range w.beds {
					zone, err := time.LoadLocation(zones[i])
					w.must(err)
					if got := b.nightShown(zone, all[b.screen]); (got - row.want[i]).Abs() > 5*time.Second {
						t.Errorf("%s: the night window showed for %v, want %v", zone, got, row.want[i])
					}
				}
			}, zones...)
		})
	}
}

func (b *bed) nightShown(zone *time.Location, pairs []pair) (sum time.Duration) {
	for _, p := range pairs {
		local := p.play.Start.In(zone)
		night := local.Hour() >= 22 || local.Hour() < 6
		if _, offset := local.Zone(); offset != p.play.Offset {
			b.w.t.Errorf("%s: the play at %v has the offset %d, want %d", b.name, local, p.play.Offset, offset)
		}
		if shows := p.play.Window != ""; shows != night {
			b.w.t.Errorf("%s: %s of window %q began at %v", b.name, p.play.Item, p.play.Window, local)
		}
		if night {
			sum += time.Duration(p.play.Shown) * time.Millisecond
		}
	}
	return sum
}
