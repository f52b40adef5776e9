// Package controllertest gives tests of a controller an in-memory network that fails as networks do.
//
// Everything in it works inside a testing/synctest bubble.
package controllertest

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// ErrDown is what dialling gives while the network is down.
var ErrDown = errors.New("network is down")

// Network connects dialers with one listener through memory, and can fail as networks do.
type Network struct {
	accept chan net.Conn
	done   chan struct{}
	once   sync.Once

	mu    sync.Mutex
	down  bool
	conns map[*link]struct{}
	dials int
}

// NewNetwork makes a network that is up.
func NewNetwork() *Network {
	return &Network{accept: make(chan net.Conn), done: make(chan struct{}), conns: map[*link]struct{}{}}
}

// Accept implements [net.Listener].
func (n *Network) Accept() (net.Conn, error) {
	select {
	case c := <-n.accept:
		return c, nil
	case <-n.done:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener]; connections stay.
func (n *Network) Close() error {
	n.once.Do(func() { close(n.done) })
	return nil
}

// Addr implements [net.Listener].
func (n *Network) Addr() net.Addr { return address("controller:80") }

// Dial connects to the listener, whatever the address; [ErrDown] while the network is down.
func (n *Network) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := n.pair()
	if near == nil {
		return nil, ErrDown
	}
	select {
	case n.accept <- far:
		return near, nil
	case <-n.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (n *Network) pair() (near, far net.Conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.dials++
	if n.down {
		return nil, nil
	}
	a, b := net.Pipe()
	shared := new(silence)
	x, y := &link{Conn: a, net: n, silence: shared}, &link{Conn: b, net: n, silence: shared}
	n.conns[x], n.conns[y] = struct{}{}, struct{}{}
	return x, y
}

// Dials is how many times anybody has tried to connect.
func (n *Network) Dials() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.dials
}

// SetDown takes the network down or up for new connections; [Network.Cut] and [Network.Silence] are
// for those that are open.
func (n *Network) SetDown(down bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.down = down
}

// Cut breaks all open connections, as both ends will notice at once.
func (n *Network) Cut() {
	for _, c := range n.open() {
		_ = c.Close() // breaking it is the purpose
	}
}

// Silence lets all open connections vanish without a word: writes succeed, and nothing arrives any
// more at either end.
func (n *Network) Silence() {
	for _, c := range n.open() {
		c.silence.set()
	}
}

func (n *Network) open() []*link {
	n.mu.Lock()
	defer n.mu.Unlock()
	open := make([]*link, 0, len(n.conns))
	for c := range n.conns {
		open = append(open, c)
	}
	return open
}

type silence struct {
	mu sync.Mutex
	on bool
}

func (s *silence) set() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on = true
}

func (s *silence) is() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.on
}

// link is one end of a connection.
type link struct {
	net.Conn

	net     *Network
	silence *silence
}

// Read gives nothing that arrives after the silence.
func (l *link) Read(b []byte) (int, error) {
	for {
		n, err := l.Conn.Read(b)
		if err != nil || !l.silence.is() {
			return n, err
		}
	}
}

// Write succeeds in silence.
func (l *link) Write(b []byte) (int, error) {
	if l.silence.is() {
		return len(b), nil
	}
	return l.Conn.Write(b)
}

// Close is not noticed by the other end in silence.
func (l *link) Close() error {
	l.net.forget(l)
	if l.silence.is() {
		return l.SetDeadline(time.Unix(1, 0))
	}
	return l.Conn.Close()
}

// LocalAddr implements [net.Conn] with an address that HTTP can read.
func (l *link) LocalAddr() net.Addr { return address("192.0.2.1:80") }

// RemoteAddr implements [net.Conn].
func (l *link) RemoteAddr() net.Addr { return address("192.0.2.2:4000") }

func (n *Network) forget(l *link) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.conns, l)
}

type address string

// Network implements [net.Addr].
func (address) Network() string { return "tcp" }

// String implements [net.Addr].
func (a address) String() string { return string(a) }
