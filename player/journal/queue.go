package journal

import (
	"slices"
	"sync"

	"anteroom/playlists"
)

// op is a step on its way to the disk.
type op struct {
	turn uint64
	mark *mark
	play *playlists.Play
	live bool // only a sign of life
}

// applyLocked writes a step.
func (o *op) applyLocked(j *Journal, w *writer) error {
	switch {
	case o.live:
		return nil
	case o.mark != nil:
		return w.mark(o.turn, *o.mark)
	case o.play != nil:
		if err := j.finishLocked(w, *o.play); err != nil {
			return err
		}
	}
	return w.unmark(o.turn)
}

// queue holds steps in memory. It has a lock of its own, so that nobody who adds waits for the disk.
type queue struct {
	// waiting tells Run that something waits for its commit.
	waiting chan struct{}

	mu      sync.Mutex
	ops     []op
	taken   uint64 // how many were taken; the number of the first of ops
	dropped int    // plays that found no room
}

func (q *queue) add(o op) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.ops) == 0 {
		select {
		case q.waiting <- struct{}{}:
		default:
		}
	}
	if len(q.ops) < maxPending {
		q.ops = append(q.ops, o)
	} else if o.play != nil {
		q.dropped++
	}
}

func (q *queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.ops) == 0
}

// take gives up to limit steps, oldest first, and how many plays were dropped.
func (q *queue) take(limit int) (ops []op, dropped int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(max(0, limit), len(q.ops))
	ops, q.ops = q.ops[:n:n], q.ops[n:]
	q.taken += uint64(n)
	if len(q.ops) == 0 {
		q.ops = nil
		dropped, q.dropped = q.dropped, 0
	}
	return ops, dropped
}

// from gives the steps from number n on; false if some of them were taken.
func (q *queue) from(n uint64) ([]op, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n < q.taken {
		return nil, false
	}
	return slices.Clone(q.ops[n-q.taken:]), true
}

// end is the number of the next step.
func (q *queue) end() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.taken + uint64(len(q.ops))
}
