package main

import (
	"crypto/sha256"
	"fmt"
	"math"
	"time"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
)

// grown makes a store with the plays of months, by the store's own code. Only what nobody reads here is not as
// players make it: the chain's values are any, and so are signatures.
type grown struct {
	*served

	seed, screens int
	first         time.Time // local midnight of the first day
	days          int
	plays         int // of a screen's day; at most those of twelve hours
	reels         []*reel
	marks         []grownMark
}

type grownMark struct {
	through uint64
	chain   []byte
}

// grownRun is how many plays are appended at a time: about what one packed value holds.
const grownRun = 320

// grownDay is how many turns the twelve hours have in which a waiting room's screen plays.
const grownDay = int(12 * time.Hour / reelTurn)

// grow appends all plays, day by day.
func (g *grown) grow() (sent int) {
	g.b.Helper()
	g.reels, g.marks = make([]*reel, g.screens), make([]grownMark, g.screens)
	for n := range g.reels {
		g.reels[n] = newReel(g.seed, n, g.first)
	}
	s := g.store()
	for day := range g.days {
		opens := g.first.AddDate(0, 0, day).Add(7*time.Hour - reelZone*time.Second)
		for done := 0; done < g.plays; done += grownRun {
			sent += g.appendAll(s, opens, done)
		}
	}
	g.fail(s.Close())
	return sent
}

// appendAll appends a run of every screen.
func (g *grown) appendAll(s *bolt.Store, opens time.Time, done int) (sent int) {
	var group []store.Batch
	for n := range g.reels {
		if done == 0 {
			g.reels[n].at = opens
		}
		b := g.run(n, min(grownRun, g.plays-done))
		sent += len(b.Plays)
		if group = append(group, b); len(group) == 512 || n == len(g.reels)-1 {
			g.fail(s.Append(g.b.Context(), group))
			group = group[:0]
		}
	}
	return sent
}

func (g *grown) run(n, plays int) store.Batch {
	m := &g.marks[n]
	b := store.Batch{
		Player: g.player(n), Stream: streamName(n), Plays: make([]playlists.Play, plays), Before: m.chain,
		Signature: make([]byte, 64), SignedFrom: m.through + 1,
	}
	for i := range b.Plays {
		m.through++
		b.Plays[i] = g.reels[n].next()
		b.Plays[i].Seq = m.through
	}
	sum := sha256.Sum256(fmt.Append(nil, n, m.through))
	m.chain = sum[:]
	b.Chain, b.Received = m.chain, g.reels[n].at.Add(time.Minute)
	return b
}

// counted is how many plays the store's rollups count, by the hour and by the day.
func (s *served) counted() (byHour, byDay int) {
	s.b.Helper()
	opened := s.store()
	defer func() { s.fail(opened.Close()) }()
	for r, err := range opened.Rollups(s.b.Context(), time.UnixMilli(math.MinInt64/2), time.UnixMilli(math.MaxInt64/2)) {
		s.fail(err)
		byHour += int(r.Count)
	}
	for r, err := range opened.Days(s.b.Context(), playlists.Date{Year: 1970, Month: 1, Day: 1}, playlists.Date{Year: 2999, Month: 1, Day: 1}, store.Apart{}) {
		s.fail(err)
		byDay += int(r.Count)
	}
	return byHour, byDay
}
