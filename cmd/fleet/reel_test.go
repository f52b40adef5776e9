package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"anteroom/playlists"
)

// reel makes the plays of a waiting room's screen: a loop of items in two languages, in turns of 15 s. One
// play in forty is cut short by a takeover, and frames make lengths scatter by some milliseconds.
type reel struct {
	chance *rand.Rand
	at     time.Time
	turn   int
	kinds  []playlists.Play // of the loop
	booted time.Time
}

const (
	reelTurn  = 15 * time.Second
	reelItems = 20
	reelZone  = -5 * 60 * 60
)

// newReel is that of the n-th screen, from a local midnight on; everything in it comes from the seed.
func newReel(seed, n int, midnight time.Time) *reel {
	r := &reel{chance: rand.New(rand.NewPCG(uint64(seed), uint64(n))), at: midnight, booted: midnight.Add(-time.Hour)}
	department := n % 4
	for turn := range 2 * reelItems {
		item, language := turn%reelItems, playlists.Language([]string{"en", "es"}[turn/reelItems])
		r.kinds = append(r.kinds, playlists.Play{
			Screen: screenName(n), Item: playlists.ItemID(fmt.Sprintf("what-to-expect-%d-%02d", department, item)), Version: 2, Language: language,
			Asset: digestOf(department, item, turn), Body: digestOf(department, 99, 0), Window: "weekday-mornings", Region: "main", Offset: reelZone,
			Quality: playlists.ClockSynced, Boot: playlists.BootID(fmt.Sprintf("8f3b0c1e-5b7e-4f6e-9d5a-%012d", n)),
			Planned: reelTurn.Milliseconds(), Outcome: playlists.Complete, Display: playlists.DisplayOn,
		})
	}
	return r
}

func digestOf(numbers ...int) playlists.Digest {
	return playlists.Digest(fmt.Sprintf("%064x", numbers[0]<<40+numbers[1]<<20+numbers[2]))
}

// next is the next play, without a number.
func (r *reel) next() playlists.Play {
	p := r.kinds[r.turn%len(r.kinds)]
	p.Start = r.at.Add(time.Duration(r.chance.IntN(17)) * time.Millisecond)
	p.Mono = p.Start.Sub(r.booted).Milliseconds()
	p.Shown = p.Planned - r.chance.Int64N(17)
	if r.turn%40 == 39 {
		p.Outcome, p.Shown = playlists.Preempted, 1000+r.chance.Int64N(12_000)
	}
	r.turn++
	r.at = r.at.Add(reelTurn)
	return p
}
