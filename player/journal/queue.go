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
	lost *lost
	live bool // only a sign of life
}

// lost are plays that an earlier run had in its memory alone when it ended.
type lost struct {
	Run   string `json:"run"`
	Plays uint64 `json:"plays"`
}

// unkept is how many plays nobody knows of if this process ends before the step is on the disk. A play whose
// first picture is there is known of, whatever becomes of its end.
func (o *op) unkept() uint64 {
	switch {
	case o.lost != nil:
		return o.lost.Plays
	case o.mark != nil && o.mark.Drawn:
		return 1
	}
	return 0
}

// applyLocked writes a step.
func (o *op) applyLocked(j *Journal, w *writer) error {
	switch {
	case o.live:
		return nil
	case o.lost != nil:
		return j.loseLocked(w, o.lost)
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

	mu    sync.Mutex
	ops   []op
	taken uint64 // how many were taken; the number of the first of ops
	// skipped are turns that found no room, each with all its steps; dropped counts their plays.
	skipped map[uint64]bool
	dropped int
	// owed is the earlier run of which [Journal.Lost] told last.
	owed string
	// unkept counts plays that the disk has not taken, of ops that were taken too: see [Journal.Unkept].
	unkept uint64
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
	if q.admitLocked(o) {
		q.ops = append(q.ops, o)
		q.unkept += o.unkept()
	}
}

// admitLocked reports whether there is room for a step: a turn whose first step found none has none for the
// others, or its play would be lost and there.
func (q *queue) admitLocked(o op) bool {
	full := len(q.ops) >= maxPending
	if o.live {
		return !full
	}
	if full && o.mark != nil && !o.mark.Drawn {
		q.skipped[o.turn] = true
	}
	if !q.skipped[o.turn] {
		return true
	}
	if o.mark == nil {
		delete(q.skipped, o.turn)
	}
	if o.play != nil && o.play.Outcome != playlists.Failed {
		q.dropped++
		q.unkept++
	}
	return false
}

// kept notes that the disk has taken steps, and what is told of dropped plays.
func (q *queue) kept(ops []op, dropped int) {
	n := uint64(dropped)
	for i := range ops {
		n += ops[i].unkept()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.unkept -= n
}

// notKept is how many plays the disk has not taken.
func (q *queue) notKept() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.unkept
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
