// Package clock tells a player the time, and how far it may be believed.
//
// The wall clock is read when the player starts and, while it cannot be right, until it has been set; from then on time passes as CLOCK_MONOTONIC says and is put right by the controller alone, so a
// wall clock that jumps moves nothing.
package clock

import (
	"sync"
	"time"

	"anteroom/playlists"
)

// deadband is the correction that is not worth a step; screens side by side do not show it.
const deadband = 5 * time.Millisecond

// farthest is how long after the floor a wall clock can still be right: a program is not that old, and a
// player is not put away for that long. One that stands at 2160 is as unset as one at 1970.
const farthest = 5 * 365 * 24 * time.Hour

// Config says where time comes from.
type Config struct {
	// Wall is the machine's wall clock; nil is time.Now.
	Wall func() time.Time
	// Mono is CLOCK_MONOTONIC in nanoseconds; nil is [Monotonic].
	Mono func() int64
	// Boot names this start of the machine; [Boot] reads it.
	Boot playlists.BootID
	// Floor is an instant that has certainly passed: the program's build, or the newest time that the
	// player has kept. A wall clock below it, or more than five years above, is unset. The zero Floor
	// believes every clock.
	Floor time.Time
	// Last is the newest reference of an earlier run; it counts if it is of the same boot.
	Last Reference
}

// Reference ties the monotonic clock of one boot to the controller's time; a player that keeps it
// across restarts of the program (not of the machine) stays synced.
type Reference struct {
	Boot playlists.BootID `json:"boot"`
	Mono int64            `json:"mono"` // nanoseconds
	Unix int64            `json:"unix"` // nanoseconds since 1970, at Mono
}

// Clock is safe for concurrent use.
type Clock struct {
	wall  func() time.Time
	mono  func() int64
	boot  playlists.BootID
	floor time.Time

	mu      sync.Mutex
	unix    int64 // nanoseconds since 1970 at monotonic 0
	quality playlists.ClockQuality
}

// New reads the wall clock for the first time.
func New(c Config) *Clock {
	if c.Wall == nil {
		c.Wall = time.Now
	}
	if c.Mono == nil {
		c.Mono = Monotonic
	}
	k := &Clock{wall: c.Wall, mono: c.Mono, boot: c.Boot, floor: c.Floor, quality: playlists.ClockUnset}
	if c.Last.Unix != 0 && c.Last.Boot == c.Boot {
		k.unix, k.quality = c.Last.Unix-c.Last.Mono, playlists.ClockSynced
		return k
	}
	if !k.followLocked() {
		k.unix = c.Floor.UnixNano() - k.mono()
	}
	return k
}

// followLocked takes the wall clock's word if it can be right.
func (c *Clock) followLocked() bool {
	wall := c.wall()
	if wall.Before(c.floor) || !c.floor.IsZero() && wall.Sub(c.floor) > farthest {
		return false
	}
	c.unix, c.quality = wall.UnixNano()-c.mono(), playlists.ClockSystem
	return true
}

// Now is the time and its quality. While the clock is unset, it counts from the floor.
func (c *Clock) Now() (time.Time, playlists.ClockQuality) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.quality == playlists.ClockUnset {
		c.followLocked()
	}
	return c.atLocked(c.mono()), c.quality
}

// Mono is CLOCK_MONOTONIC in nanoseconds, the clock that agent and stage share.
func (c *Clock) Mono() int64 { return c.mono() }

// At is the time at a monotonic instant of this boot, as far as is known now: what happened before the
// clock was set gets its true time after.
func (c *Clock) At(mono int64) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.atLocked(mono)
}

func (c *Clock) atLocked(mono int64) time.Time { return time.Unix(0, c.unix+mono).UTC() }

// MonoAt is the monotonic instant at which it will be, or was, t.
func (c *Clock) MonoAt(t time.Time) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return t.UnixNano() - c.unix
}

// Adjust puts the clock right after a comparison with the controller: offset is the controller's time
// less ours, uncertainty half the exchange's round trip. Less than the uncertainty, or than 5 ms, moves
// nothing but counts as a comparison. Time may step back.
func (c *Clock) Adjust(offset, uncertainty time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if offset.Abs() > max(deadband, uncertainty) || c.quality == playlists.ClockUnset {
		c.unix += int64(offset)
	}
	c.quality = playlists.ClockSynced
}

// WallOffset is how far the machine's wall clock is from this one: positive if it is fast.
func (c *Clock) WallOffset() time.Duration {
	now, _ := c.Now()
	return c.wall().Sub(now)
}

// Reference is what to keep for [Config.Last]; false until the clock has been compared in this boot.
func (c *Clock) Reference() (Reference, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	mono := c.mono()
	return Reference{Boot: c.boot, Mono: mono, Unix: c.unix + mono}, c.quality == playlists.ClockSynced
}

// Boot names this start of the machine.
func (c *Clock) Boot() playlists.BootID { return c.boot }
