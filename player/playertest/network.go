package playertest

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"time"
)

// Network is a listener and the only way to dial it, in memory, so that it may run in a bubble of
// virtual time. It is safe for use by several goroutines.
type Network struct {
	conns chan net.Conn
	done  chan struct{}

	mu    sync.Mutex
	dials []time.Time
	open  []net.Conn
	down  bool
}

// NewNetwork makes a network that is up.
func NewNetwork() *Network {
	return &Network{conns: make(chan net.Conn), done: make(chan struct{})}
}

// Accept implements [net.Listener].
func (n *Network) Accept() (net.Conn, error) {
	select {
	case c := <-n.conns:
		return c, nil
	case <-n.done:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener]; it is called once.
func (n *Network) Close() error { close(n.done); return nil }

// Addr implements [net.Listener].
func (*Network) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// Dial waits until the listener accepts; it fails at once while the network is down.
func (n *Network) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if !n.dialled() {
		return nil, errors.New("no route to host")
	}
	near, far := net.Pipe()
	select {
	case n.conns <- far:
		n.mu.Lock()
		defer n.mu.Unlock()
		n.open = append(n.open, near)
		return near, nil
	case <-n.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// dialled notes an attempt and reports whether the network is up.
func (n *Network) dialled() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.dials = append(n.dials, time.Now())
	return !n.down
}

// Dials are the times of all attempts, oldest first, those that failed too.
func (n *Network) Dials() []time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.dials)
}

// SetDown takes the network down, which cuts what is open, or up again.
func (n *Network) SetDown(down bool) {
	n.mu.Lock()
	n.down = down
	n.mu.Unlock()
	if down {
		n.Cut()
	}
}

// Cut ends all connections.
func (n *Network) Cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.open {
		_ = c.Close() // a pipe's never fails
	}
	n.open = nil
}
