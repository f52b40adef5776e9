package supervise

import (
	"slices"
	"sync"

	"anteroom/player/playback"
)

// orders are what the stage has not taken yet. Like on the stage, a scene replaces those with the same or
// a later At, and a snapshot the one before: however slowly the stage reads, the newest reaches it.
type orders struct {
	mu      sync.Mutex
	waiting []playback.Order
	wake    chan struct{}
}

func newOrders() *orders { return &orders{wake: make(chan struct{}, 1)} }

// put adds an order. It reports whether all that is not replaced still waits: of more than maxQueue the
// oldest, whose time was first, goes.
func (q *orders) put(o playback.Order) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(slices.DeleteFunc(q.waiting, func(w playback.Order) bool { return replaces(o, w) }), o)
	whole := len(q.waiting) <= maxQueue
	if !whole {
		q.waiting = slices.Delete(q.waiting, 0, 1)
	}
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return whole
}

func replaces(o, waiting playback.Order) bool {
	if o.Scene == nil || waiting.Scene == nil {
		return o.Scene == waiting.Scene
	}
	return waiting.Scene.At >= o.Scene.At
}

// next is the order that waits longest.
func (q *orders) next() (o playback.Order, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return o, false
	}
	o = q.waiting[0]
	q.waiting = slices.Delete(q.waiting, 0, 1)
	return o, true
}

// forget drops what waits: a stage that starts is sent everything anew.
func (q *orders) forget() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = nil
}
