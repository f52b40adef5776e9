package playback

import (
	"slices"

	"anteroom/playlists"
)

// Strikes is how often an asset may be at hand when the stage dies before it is set aside.
const Strikes = 3

// Blame counts which assets kill the stage. The zero value blames nothing; one goroutine uses it.
type Blame struct {
	strikes map[playlists.Digest]int
}

// Strike notes that the stage died or failed over these assets, and gives those that are set aside now.
func (b *Blame) Strike(assets ...playlists.Digest) (aside []playlists.Digest) {
	if b.strikes == nil {
		b.strikes = map[playlists.Digest]int{}
	}
	for _, d := range assets {
		b.strikes[d]++
		if b.strikes[d] == Strikes {
			aside = append(aside, d)
		}
	}
	return aside
}

// Clear notes that an asset was shown for its whole time: earlier strikes were another's.
func (b *Blame) Clear(d playlists.Digest) {
	if b.strikes[d] < Strikes {
		delete(b.strikes, d)
	}
}

// Aside reports whether an asset is set aside.
func (b *Blame) Aside(d playlists.Digest) bool { return b.strikes[d] >= Strikes }

// All lists what is set aside, ascending.
func (b *Blame) All() []playlists.Digest {
	var all []playlists.Digest
	for d, n := range b.strikes {
		if n >= Strikes {
			all = append(all, d)
		}
	}
	slices.Sort(all)
	return all
}
