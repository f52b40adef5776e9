package voice

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"sync"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

const (
	// mostBallots is how many ballots a code gives in a window, and mostOfNetwork how many of them to one network, so that
	// nobody takes them all.
	mostBallots   = 20
	mostOfNetwork = 10
	// ballotBytes is how long a ballot is: nobody guesses one.
	ballotBytes = 16
)

// ballots are given one to a page, and count once. They are in memory alone.
type ballots struct {
	mu     sync.Mutex
	window int64
	given  map[string]int    // in this window, by code
	of     map[network]int   // in this window, by code and network
	open   map[string]ballot // not yet used
}

type ballot struct {
	code string
	ends time.Time
}

// network is a keyed hash of somebody's network and of what it is looked up for; it cannot be turned back.
type network [16]byte

// give gives a page of a code its ballot; false if the code, or the network, has had as many as it may have.
func (b *ballots) give(code string, from network, now time.Time) (string, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turnLocked(now)
	if b.given[code] >= mostBallots || b.of[from] >= mostOfNetwork {
		return "", false
	}
	b.given[code]++
	b.of[from]++
	var id [ballotBytes]byte
	_, _ = rand.Read(id[:]) // never fails
	text := hex.EncodeToString(id[:])
	b.open[text] = ballot{code: code, ends: now.Add((playlists.HandOffGrace + 1) * playlists.HandOffWindow)}
	return text, true
}

// take uses a ballot up, and reports whether it counts: it was given to a page of this code, and nobody has used it.
func (b *ballots) take(id, code string, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	given, ok := b.open[id]
	if !ok || given.code != code {
		return false
	}
	delete(b.open, id)
	return now.Before(given.ends)
}

// turnLocked begins a new window, and forgets ballots that are too old.
func (b *ballots) turnLocked(now time.Time) {
	if b.open != nil && b.window == window(now) {
		return
	}
	b.window, b.given, b.of = window(now), map[string]int{}, map[network]int{}
	if b.open == nil {
		b.open = map[string]ballot{}
	}
	for id, given := range b.open {
		if !now.Before(given.ends) {
			delete(b.open, id)
		}
	}
}

const (
	// mostAlike is how many counts of one thing a network adds in a week: alone it never reaches the figures that are shown,
	// which begin with 11 ([Threshold]).
	mostAlike = Threshold - 1
	// mostRemembered bounds the memory of networks; what comes beyond is not counted.
	mostRemembered = 1 << 20
)

// damper limits what one network counts for. It is in memory alone, and forgets all when a week begins.
type damper struct {
	key [32]byte // of this run of the controller

	mu   sync.Mutex
	week playlists.Date
	had  map[network]uint8
}

func newDamper() *damper {
	d := &damper{}
	_, _ = rand.Read(d.key[:]) // never fails
	return d
}

// network is the /24 or /48 of an address as it is remembered, for one purpose. Whoever has no address is of one network with
// all of those.
func (d *damper) network(remote, purpose string) network {
	sum := sha256.New()
	sum.Write(d.key[:])
	if at, err := netip.ParseAddrPort(remote); err == nil {
		bits := 48
		a := at.Addr().Unmap().WithZone("")
		if a.Is4() {
			bits = 24
		}
		if prefix, err := a.Prefix(bits); err == nil {
			sum.Write([]byte(prefix.String()))
		}
	}
	sum.Write([]byte{0})
	sum.Write([]byte(purpose))
	return network(sum.Sum(nil)[:16])
}

// lets reports whether something that came from there counts. Languages, and both answers to a question, are one thing.
func (d *damper) lets(remote string, k store.CountKey) bool {
	what := k.What
	if what == store.Unhelpful {
		what = store.Helpful
	}
	of := d.network(remote, string(what)+"\x00"+string(k.Department)+"\x00"+k.Of)
	d.mu.Lock()
	defer d.mu.Unlock()
	if k.Week.Compare(d.week) > 0 || d.had == nil {
		d.week, d.had = k.Week, map[network]uint8{}
	}
	if d.had[of] >= mostAlike || len(d.had) >= mostRemembered {
		return false
	}
	d.had[of]++
	return true
}
