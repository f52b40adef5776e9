package ingest

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// errCancelled is why a conversion ends that somebody called off.
var errCancelled = errors.New("called off")

// line is where uploads wait for their conversion, one behind the other, and which is at its turn.
type line struct {
	mu   sync.Mutex
	jobs []job
	// more has a value when there may be jobs.
	more chan struct{}

	turn   string
	cancel context.CancelCauseFunc
	over   chan struct{}
}

func newLine() *line { return &line{more: make(chan struct{}, 1)} }

// put adds a job at the end.
func (l *line) put(j job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.jobs = append(l.jobs, j)
	select {
	case l.more <- struct{}{}:
	default:
	}
}

// next gives the first job its turn, with a context that [line.stop] ends, until it says that its turn is over. ok is
// false if there is none.
func (l *line) next(ctx context.Context) (own context.Context, j job, over func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.jobs) == 0 {
		return nil, job{}, nil, false
	}
	j, l.jobs = l.jobs[0], l.jobs[1:]
	own, l.cancel = context.WithCancelCause(ctx)
	l.turn, l.over = j.ID, make(chan struct{})
	return own, j, l.end, true
}

func (l *line) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cancel(nil)
	close(l.over)
	l.turn, l.cancel, l.over = "", nil, nil
}

// leave takes a job out of the line, if it waits there.
func (l *line) leave(id string) (job, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := slices.IndexFunc(l.jobs, func(j job) bool { return j.ID == id })
	if n < 0 {
		return job{}, false
	}
	j := l.jobs[n]
	l.jobs = slices.Delete(l.jobs, n, n+1)
	return j, true
}

// stop ends the turn of a job, if it has it, and returns when that is over.
func (l *line) stop(ctx context.Context, id string) error {
	l.mu.Lock()
	over := l.over
	if l.turn != id || over == nil {
		l.mu.Unlock()
		return nil
	}
	l.cancel(errCancelled)
	l.mu.Unlock()
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
