package journal

import (
	"slices"
	"testing"
	"time"

	"anteroom/playlists"
)

// unset is a bench whose clock stands a year back until set says how far.
type unset struct {
	*bench

	by  time.Duration
	set bool
}

func newUnset(t *testing.T) *unset {
	u := &unset{}
	u.bench = newBench(t, func(c *Config) {
		c.Retime = func(p playlists.Play) (playlists.Play, bool) {
			if u.set {
				p.Start, p.Quality = p.Start.Add(u.by), playlists.ClockSynced
			}
			return p, u.set
		}
	})
	return u
}

func (u *unset) shows(first, last uint64) {
	u.t.Helper()
	for turn := first; turn <= last; turn++ {
		p := u.play(turn)
		p.Quality = playlists.ClockUnset
		if u.set {
			p.Quality = playlists.ClockSynced
		}
		u.Open(turn, p, u.now)
		u.commit()
		u.Begin(turn, p, u.now)
		u.pass(10 * time.Second)
		p.Shown, p.Outcome = 10_000, playlists.Complete
		u.End(turn, p)
		u.commit()
	}
	if s := u.state(); u.cfg.Boot == "boot-1" && !u.set && s.Last > 0 {
		u.t.Errorf("%d plays got their number before their time was known", s.Last)
	}
}

// sent drains the journal and gives how far each play's start was moved, in hours, in the order of the numbers.
func (u *unset) sent() (moved []float64) {
	u.t.Helper()
	c := newController(u.t)
	c.drain(u.bench)
	for _, p := range c.plays {
		moved = append(moved, p.Start.Sub(u.on.Add(time.Duration(p.Mono)*time.Millisecond)).Hours())
	}
	return moved
}

func TestPlaysOfAnUnsetClockWaitForIt(t *testing.T) {
	for _, row := range []struct {
		what string
		do   func(u *unset)
		want []float64
	}{
		{"set in the same boot", func(u *unset) { u.shows(1, 3); u.set = true; u.shows(4, 4) }, []float64{5, 5, 5, 0}},
		{"set in mid-play", func(u *unset) {
			u.shows(1, 1)
			p := u.play(2)
			p.Quality = playlists.ClockUnset
			u.Begin(2, p, u.now)
			u.commit()
			u.set = true
			u.End(2, p)
		}, []float64{5, 5}},
		{"the program restarted before", func(u *unset) { u.shows(1, 2); u.crash("boot-1"); u.shows(3, 3); u.set = true }, []float64{5, 5, 5}},
		{"it crashed in a play", func(u *unset) {
			p := u.play(1)
			p.Quality = playlists.ClockUnset
			u.Begin(1, p, u.now)
			u.commit()
			u.crash("boot-1")
			left := u.found().Open[0]
			u.End(left.Turn, left.Play)
			u.set = true
		}, []float64{5}},
		{"days passed before", func(u *unset) {
			u.shows(1, 2)
			u.pass(48 * time.Hour)
			u.shows(3, 3)
			u.pass(24 * time.Hour)
			u.shows(4, 4)
			u.set = true
		}, []float64{5, 5, 5, 5}},
		{"never set in that boot", func(u *unset) {
			u.shows(1, 3)
			u.crash("boot-2")
			u.set = true
			u.Alive()
		}, []float64{0, 0, 0}},
		{"one boot unset after another", func(u *unset) {
			u.shows(1, 2)
			u.crash("boot-2")
			u.shows(3, 3)
			u.set = true
			u.shows(4, 4)
		}, []float64{0, 0, 5, 0}},
	} {
		t.Run(row.what, func(t *testing.T) {
			u := newUnset(t)
			u.by = 5 * time.Hour
			row.do(u)
			u.commit()
			if got := u.sent(); !slices.Equal(got, row.want) {
				t.Errorf("moved by hours %v, want %v", got, row.want)
			}
			if held := u.state().Held; held > 0 {
				t.Errorf("%d plays wait still", held)
			}
		})
	}
}

// A clock that is never set must not fill the disk with plays that wait.
func TestHeldPlaysAreBounded(t *testing.T) {
	u := newUnset(t)
	p := u.play(1)
	p.Quality = playlists.ClockUnset
	const more = 250
	for turn := range uint64(heldMost + more) {
		u.End(turn+1, p)
		if turn%5000 == 0 {
			u.commit()
		}
	}
	u.commit()
	u.Alive()
	u.commit()
	if s := u.state(); s.Last != more || s.Held != heldMost {
		t.Errorf("%d plays have a number and %d wait, want %d and %d", s.Last, s.Held, more, heldMost)
	}
	u.set = true
	for u.state().Held > 0 {
		u.commit()
	}
	if s := u.state(); s.Last != heldMost+more {
		t.Errorf("%d plays in the end, want %d", s.Last, heldMost+more)
	}
}
