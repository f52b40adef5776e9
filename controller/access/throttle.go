package access

import (
	"fmt"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"anteroom/playlists"
)

// TooManyError refuses a sign-in because there were too many attempts; nothing was compared.
type TooManyError struct {
	// After is how long to wait before the next attempt can count.
	After time.Duration
}

// Error says how long to wait.
func (e *TooManyError) Error() string { return fmt.Sprintf(tooMany, e.After.Round(time.Second)) }

const tooMany = "too many attempts to sign in; wait %s and try again"

// Phrase is what it says.
func (e *TooManyError) Phrase() playlists.Phrase {
	return playlists.PhraseOf(tooMany, e.After.Round(time.Second))
}

// pace is how often a key may come: burst at once, then one every so often.
type pace struct {
	burst int
	every time.Duration
}

// throttle limits attempts per key, and forgets keys that have rested long enough to be full again.
type throttle struct {
	pace pace

	mu   sync.Mutex
	seen map[string]*rate.Limiter
}

// mostKeys bounds the memory that strangers can make a throttle use; beyond it all new keys share one
// limiter.
const mostKeys = 10_000

func newThrottle(p pace) *throttle {
	return &throttle{pace: p, seen: map[string]*rate.Limiter{}}
}

// take counts an attempt by key, and gives how long it must wait; 0 if it may go on.
func (t *throttle) take(now time.Time, key string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.limiterLocked(now, key)
	if l.AllowN(now, 1) {
		return 0
	}
	missing := 1 - l.TokensAt(now)
	return time.Duration(missing * float64(t.pace.every))
}

// forgive forgets the attempts of a key that has shown who it is.
func (t *throttle) forgive(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.seen, key)
}

func (t *throttle) limiterLocked(now time.Time, key string) *rate.Limiter {
	if l, ok := t.seen[key]; ok {
		return l
	}
	if len(t.seen) >= mostKeys {
		t.sweepLocked(now)
	}
	if len(t.seen) >= mostKeys {
		key = ""
	}
	if l, ok := t.seen[key]; ok {
		return l
	}
	l := rate.NewLimiter(rate.Every(t.pace.every), t.pace.burst)
	t.seen[key] = l
	return l
}

func (t *throttle) sweepLocked(now time.Time) {
	for key, l := range t.seen {
		if l.TokensAt(now) >= float64(t.pace.burst) {
			delete(t.seen, key)
		}
	}
}

// addressKey groups addresses that one party can change at will: an IPv6 network of 64 bits is one.
func addressKey(a netip.Addr) string {
	a = a.Unmap()
	if a.Is6() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
