package link

import (
	"errors"
	"math"
	"time"

	"github.com/gorilla/websocket"

	"anteroom/playlists/wire"
)

const (
	// firstSpread is the window of reconnects before any controller has said one.
	firstSpread = 5 * time.Second
	// leastBackoff doubles with every dial in vain, up to mostBackoff.
	leastBackoff = time.Second
	mostBackoff  = 2 * time.Minute
	// leastWait keeps the luckiest from dialling in a circle.
	leastWait = 200 * time.Millisecond
	// settled is how long a link must last to count as a success.
	settled = time.Minute
	// replacedWait is the least wait of a player whose place another connection took.
	replacedWait = time.Minute
)

// backoff says how long to wait before the next dial: full jitter, so that a fleet does not come back
// as one.
type backoff struct {
	jitter   func() float64
	failures int
}

// after an end with err of a link that was welcomed for some time; spread is what the controller asks for.
func (b *backoff) after(err error, welcomed, spread time.Duration) time.Duration {
	if welcomed >= settled {
		b.failures = 0
	}
	window := max(spread, b.window())
	b.failures++
	least := leastWait
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
		switch {
		case !wire.ComeBack(closed.Code):
			least = wire.ComeBackLate
		case closed.Code == wire.CloseReplaced:
			least = replacedWait
		}
	}
	return least + time.Duration(b.jitter()*float64(window))
}

func (b *backoff) window() time.Duration {
	doubled := float64(leastBackoff) * math.Exp2(float64(min(b.failures, 30)))
	return time.Duration(min(doubled, float64(mostBackoff)))
}
