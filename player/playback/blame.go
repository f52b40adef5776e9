package playback

import (
	"maps"
	"slices"
	"time"

	"anteroom/playlists"
)

const (
	// Strikes is how often an asset may be at hand when the stage dies before it is set aside.
	Strikes = 3
	// AsideFor is how long an asset stays set aside before it is tried again: what is at hand when the
	// stage dies need not be to blame.
	AsideFor = 24 * time.Hour
)

// Blame counts which assets kill the stage. The zero value blames nothing; one goroutine uses it.
type Blame struct {
	strikes map[playlists.Digest]int
	aside   map[playlists.Digest]time.Time
}

// Restore takes up what an earlier run had set aside, and since when.
func (b *Blame) Restore(aside map[playlists.Digest]time.Time) { b.aside = maps.Clone(aside) }

// Since is what is set aside, and since when.
func (b *Blame) Since() map[playlists.Digest]time.Time { return maps.Clone(b.aside) }

// Strike notes that the stage died or failed over these assets, the most suspect first. It gives the one
// that is set aside now, if any: the others may only have been beside it, and are next if it goes on.
func (b *Blame) Strike(now time.Time, assets ...playlists.Digest) (aside playlists.Digest, ok bool) {
	if b.strikes == nil {
		b.strikes = map[playlists.Digest]int{}
	}
	if b.aside == nil {
		b.aside = map[playlists.Digest]time.Time{}
	}
	for _, d := range assets {
		if b.Aside(d) {
			continue
		}
		b.strikes[d]++
		if b.strikes[d] >= Strikes && !ok {
			aside, ok = d, true
		}
	}
	if ok {
		delete(b.strikes, aside)
		b.aside[aside] = now.UTC()
	}
	return aside, ok
}

// Clear notes that an asset was shown for its whole time: earlier strikes were another's.
func (b *Blame) Clear(d playlists.Digest) { delete(b.strikes, d) }

// Release gives, and sets aside no more, what has been set aside for [AsideFor] and what is not used any
// more: another rendition of the item has another digest.
func (b *Blame) Release(now time.Time, used map[playlists.Digest]bool) (released []playlists.Digest) {
	for d, since := range b.aside {
		if !used[d] || now.Sub(since) >= AsideFor {
			released = append(released, d)
			delete(b.aside, d)
		}
	}
	slices.Sort(released)
	return released
}

// Aside reports whether an asset is set aside.
func (b *Blame) Aside(d playlists.Digest) bool {
	_, ok := b.aside[d]
	return ok
}

// All lists what is set aside, ascending.
func (b *Blame) All() []playlists.Digest { return slices.Sorted(maps.Keys(b.aside)) }
