package clock_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"anteroom/player/clock"
	"anteroom/playlists"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// machine has a wall clock that jumps as it likes and a monotonic one that does not.
type machine struct {
	wall time.Time
	mono int64
}

func (m *machine) pass(d time.Duration) {
	m.wall, m.mono = m.wall.Add(d), m.mono+int64(d)
}

func (m *machine) config() clock.Config {
	return clock.Config{
		Wall: func() time.Time { return m.wall }, Mono: func() int64 { return m.mono }, Boot: "boot-1", Floor: noon.AddDate(0, -1, 0),
	}
}

func TestJumpsOfTheWallMoveNothing(t *testing.T) {
	for name, jump := range map[string]time.Duration{
		"an hour ahead":     time.Hour,
		"ten years ahead":   10 * 365 * 24 * time.Hour,
		"to before it was":  -24 * time.Hour,
		"to the year 1996":  -30 * 365 * 24 * time.Hour,
		"by a hair":         time.Millisecond,
		"not at all, today": 0,
	} {
		t.Run(name, func(t *testing.T) {
			m := machine{wall: noon, mono: 5e9}
			c := clock.New(m.config())
			m.pass(time.Minute)
			m.wall = m.wall.Add(jump)
			m.pass(time.Minute)
			if now, quality := c.Now(); !now.Equal(noon.Add(2*time.Minute)) || quality != playlists.ClockSystem {
				t.Errorf("got %v, %v", now, quality)
			}
			if got := c.WallOffset(); got != jump {
				t.Errorf("got wall off by %v, want %v", got, jump)
			}
		})
	}
}

func TestUnsetClockCountsFromTheFloorUntilItIsSet(t *testing.T) {
	m := machine{wall: time.Unix(0, 0), mono: 7e9}
	c := clock.New(m.config())
	floor := noon.AddDate(0, -1, 0)
	m.pass(time.Minute)
	if now, quality := c.Now(); !now.Equal(floor.Add(time.Minute)) || quality != playlists.ClockUnset {
		t.Errorf("at 1970: got %v, %v", now, quality)
	}
	m.wall = noon // somebody, or NTP, sets it
	if now, quality := c.Now(); !now.Equal(noon) || quality != playlists.ClockSystem {
		t.Errorf("once set: got %v, %v", now, quality)
	}
	m.wall = time.Unix(0, 0)
	if now, quality := c.Now(); !now.Equal(noon) || quality != playlists.ClockSystem {
		t.Errorf("unset again: got %v, %v", now, quality)
	}
}

func TestAWallClockYearsAheadIsUnset(t *testing.T) {
	for name, row := range map[string]struct {
		wall time.Time
		want playlists.ClockQuality
	}{
		"the year 2160":                 {time.Date(2160, 1, 1, 0, 0, 0, 0, time.UTC), playlists.ClockUnset},
		"six years after the program":   {noon.AddDate(6, 0, 0), playlists.ClockUnset},
		"put away for four years":       {noon.AddDate(4, 0, 0), playlists.ClockSystem},
		"before the program was built":  {noon.AddDate(0, -2, 0), playlists.ClockUnset},
		"a minute after it was written": {noon.AddDate(0, -1, 0).Add(time.Minute), playlists.ClockSystem},
	} {
		m := machine{wall: row.wall}
		if _, quality := clock.New(m.config()).Now(); quality != row.want {
			t.Errorf("%s: got %v, want %v", name, quality, row.want)
		}
	}
}

func TestWhatHappenedBeforeTheClockWasSetGetsItsTrueTime(t *testing.T) {
	m := machine{wall: time.Unix(0, 0), mono: 7e9}
	c := clock.New(m.config())
	played := c.Mono()
	m.pass(time.Hour)
	now, _ := c.Now()
	c.Adjust(noon.Sub(now), 10*time.Millisecond)
	if got := c.At(played); !got.Equal(noon.Add(-time.Hour)) {
		t.Errorf("got %v, want an hour before noon", got)
	}
	if got := c.MonoAt(noon.Add(-time.Hour)); got != played {
		t.Errorf("got monotonic %d, want %d", got, played)
	}
	if _, quality := c.Now(); quality != playlists.ClockSynced {
		t.Errorf("got %v", quality)
	}
}

func TestAdjust(t *testing.T) {
	for name, c := range map[string]struct{ offset, uncertainty, moved time.Duration }{
		"three minutes slow":                 {3 * time.Minute, 2 * time.Millisecond, 3 * time.Minute},
		"a second fast":                      {-time.Second, 2 * time.Millisecond, -time.Second},
		"less than the exchange can tell":    {80 * time.Millisecond, 100 * time.Millisecond, 0},
		"less than eyes can tell":            {4 * time.Millisecond, time.Millisecond, 0},
		"twenty milliseconds, known to five": {20 * time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			m := machine{wall: noon}
			k := clock.New(m.config())
			k.Adjust(c.offset, c.uncertainty)
			if now, quality := k.Now(); now.Sub(noon) != c.moved || quality != playlists.ClockSynced {
				t.Errorf("moved by %v (%v), want %v", now.Sub(noon), quality, c.moved)
			}
		})
	}
}

func TestReferenceHoldsWithinABoot(t *testing.T) {
	m := machine{wall: noon.Add(-time.Hour)} // an hour slow
	c := clock.New(m.config())
	if _, ok := c.Reference(); ok {
		t.Error("a reference before any comparison")
	}
	c.Adjust(time.Hour, 0)
	kept, ok := c.Reference()
	if !ok {
		t.Fatal("no reference after a comparison")
	}
	m.pass(time.Minute)
	conf := m.config()
	conf.Last = kept
	if now, quality := clock.New(conf).Now(); !now.Equal(noon.Add(time.Minute)) || quality != playlists.ClockSynced {
		t.Errorf("the program restarted: got %v, %v", now, quality)
	}
	conf.Boot = "boot-2"
	if now, quality := clock.New(conf).Now(); !now.Equal(noon.Add(-59*time.Minute)) || quality != playlists.ClockSystem {
		t.Errorf("the machine restarted: got %v, %v", now, quality)
	}
}

func TestAtAndMonoAtAreInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := machine{wall: noon, mono: rapid.Int64Range(0, 1e18).Draw(t, "mono")}
		c := clock.New(m.config())
		c.Adjust(time.Duration(rapid.Int64Range(-1e17, 1e17).Draw(t, "offset")), 0)
		at := rapid.Int64Range(0, 1e18).Draw(t, "at")
		if got := c.MonoAt(c.At(at)); got != at {
			t.Fatalf("got %d, want %d", got, at)
		}
	})
}

func TestMachinesOwnClocks(t *testing.T) {
	before := clock.Monotonic()
	if after := clock.Monotonic(); after < before || before <= 0 {
		t.Errorf("got %d, then %d", before, after)
	}
	boot, err := clock.Boot()
	if err != nil || len(boot) != 36 {
		t.Errorf("got boot %q, %v", boot, err)
	}
	c := clock.New(clock.Config{})
	if now, quality := c.Now(); time.Since(now).Abs() > time.Second || quality != playlists.ClockSystem {
		t.Errorf("got %v, %v", now, quality)
	}
}
