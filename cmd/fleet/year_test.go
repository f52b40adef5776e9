//go:build !e2e

package main

import (
	"runtime/debug"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// When the rooms of the year are open, by a clock in UTC; on Saturdays and Sundays they are not.
const (
	opensAt = 13
	openFor = 10 * time.Hour
)

// TestYear lets 8 players play for a week, or with ANTEROOM_PLAYERS=1000 and ANTEROOM_DAYS=365 a thousand for
// a year, in the hours in which waiting rooms are open, with the same mishaps as TestMonth. Each night the
// players are switched off and the controller is started anew, and what it has is held, play by play, against
// what was drawn: so no more than a day of the truth, and what has not arrived yet, is ever in memory.
func TestYear(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(200))
	n := 2
	if underRace {
		n = 1
	}
	for seed := range given("ANTEROOM_SEEDS", n) {
		t.Run(strconv.Itoa(seed+1), func(t *testing.T) {
			began, dir := time.Now(), t.TempDir() // TMPDIR=/dev/shm spares the disk
			synctest.Test(t, func(t *testing.T) {
				year(t, dir, uint64(seed+1), given("ANTEROOM_PLAYERS", 8), given("ANTEROOM_DAYS", 7))
			})
			t.Logf("it took %v", time.Since(began))
		})
	}
}

func year(t *testing.T, dir string, seed uint64, players, days int) {
	c := found(t, dir, seed, players)
	open := 0
	for end := time.Now().AddDate(0, 0, days); ; open++ {
		c.night()
		morning := nextMorning(time.Now())
		if morning.After(end) {
			break
		}
		time.Sleep(time.Until(morning))
		c.open()
		for _, r := range c.rooms {
			r.open()
		}
		c.pass(openFor)
		t.Logf("%s: %+v so far", morning.Format(time.DateOnly), c.sum())
	}
	c.open()
	for _, r := range c.rooms {
		r.leave()
	}
	c.end(open * 9 * 60)
}

// night switches all players off, stops the controller, and settles what has arrived.
func (c *clinic) night() {
	c.net.SetDown(false)
	for _, r := range c.rooms {
		r.stop()
	}
	c.stop()
	c.settle(false)
}

func nextMorning(now time.Time) time.Time {
	morning := time.Date(now.Year(), now.Month(), now.Day(), opensAt, 0, 0, 0, time.UTC)
	for !morning.After(now) || morning.Weekday() == time.Saturday || morning.Weekday() == time.Sunday {
		morning = morning.AddDate(0, 0, 1)
	}
	return morning
}
