package hub

import (
	"net"
	"sync"
)

// outlet is a network connection on which what is written can be held, to go in one piece with what is written next.
type outlet struct {
	net.Conn

	mu    sync.Mutex
	holds bool
	held  []byte
}

// hold begins or ends holding; what is held goes with the next write after the end.
func (o *outlet) hold(on bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.holds = on
}

// Write implements [net.Conn].
func (o *outlet) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.holds && len(o.held) == 0 {
		return o.Conn.Write(b)
	}
	o.held = append(o.held, b...)
	if o.holds {
		return len(b), nil
	}
	all := o.held
	o.held = nil
	if _, err := o.Conn.Write(all); err != nil {
		return 0, err
	}
	return len(b), nil
}
