package controller_test

import (
	"strings"
	"sync"
)

// words keep what a controller logs.
type words struct {
	mu  sync.Mutex
	all strings.Builder
}

// Write implements [io.Writer].
func (w *words) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all.Write(b)
}

func (w *words) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all.String()
}
