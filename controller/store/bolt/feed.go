package bolt

import (
	"context"
	"sync"
)

// feed tells followers of the newest change; who is slow gets the newest when it looks again.
type feed struct {
	mu        sync.Mutex
	newest    uint64
	last      int
	followers map[int]chan uint64
}

// follow gives a channel of the newest change number, at once if it is above after.
func (f *feed) follow(ctx context.Context, after uint64) <-chan uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	name, told := f.last, make(chan uint64, 1)
	if f.followers == nil {
		f.followers = map[int]chan uint64{}
	}
	f.followers[name] = told
	if f.newest > after {
		told <- f.newest
	}
	context.AfterFunc(ctx, func() { f.leave(name) })
	return told
}

func (f *feed) leave(name int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.followers, name)
}

// tell replaces what a follower has not taken yet. Numbers that do not grow are not told.
func (f *feed) tell(newest uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if newest <= f.newest {
		return
	}
	f.newest = newest
	for _, told := range f.followers {
		select {
		case <-told:
		default:
		}
		told <- newest
	}
}
