package hub

import (
	"slices"
	"sync"

	"anteroom/playlists/wire"
)

// slot is a kind of message; a mailbox is emptied in this order, so that what a player must know first
// goes first and the close frame last.
type slot int

const (
	slotChallenge slot = iota
	slotPair
	slotWelcome
	slotBearer
	slotTakeovers
	slotHead
	slotTime
	slotAck
	slotSnapshot
	slotPing
	slotRevoked
	slotClose
	slots
)

// letter is a message on its way: a frame, or what becomes one at the moment of writing.
type letter struct {
	slot   slot
	frame  []byte
	time   *wire.TimeExchange
	ping   bool
	code   int // of a close frame
	reason string
}

func encode(s slot, e wire.Envelope) (*letter, error) {
	frame, err := wire.Encode(e)
	if err != nil {
		return nil, err
	}
	return &letter{slot: s, frame: frame}, nil
}

// mailbox has one slot for each kind of message; the newest wins. It takes memory while it holds letters.
type mailbox struct {
	mu      sync.Mutex
	letters []*letter // of different kinds
	used    uint32    // slots that have ever held a letter, as bits
	queued  bool      // a writer has, or will have, this mailbox
	closed  bool
}

// put places a letter and reports whether a writer must now be found.
func (m *mailbox) put(l *letter, onlyFirst bool) (wake bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed || onlyFirst && m.used&(1<<l.slot) != 0 {
		return false
	}
	if i := slices.IndexFunc(m.letters, func(old *letter) bool { return old.slot == l.slot }); i >= 0 {
		m.letters[i] = l
	} else {
		m.letters = append(m.letters, l)
	}
	m.used |= 1 << l.slot
	m.closed = l.slot == slotClose
	wake = !m.queued
	m.queued = true
	return wake
}

// take gives the letter that goes first; false, and the mailbox leaves the queue, when there is none.
func (m *mailbox) take() (*letter, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.letters) == 0 {
		m.letters, m.queued = nil, false
		return nil, false
	}
	first := 0
	for i, l := range m.letters {
		if l.slot < m.letters[first].slot {
			first = i
		}
	}
	l := m.letters[first]
	m.letters = slices.Delete(m.letters, first, first+1)
	return l, true
}

// shutDown empties the mailbox for good.
func (m *mailbox) shutDown() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.letters = nil
	m.closed, m.queued = true, false
}

// queue holds connections with mail, first come first served; it has no bound of its own, since each
// connection is in it at most once.
type queue struct {
	mu          sync.Mutex
	filled      sync.Cond
	first, last *conn
	closed      bool
}

func (q *queue) push(c *conn) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.initLocked()
	if q.last == nil {
		q.first = c
	} else {
		q.last.next = c
	}
	q.last = c
	q.filled.Signal()
}

func (q *queue) initLocked() {
	if q.filled.L == nil {
		q.filled.L = &q.mu
	}
}

// pop waits for a connection with mail; false once the queue is closed.
func (q *queue) pop() (*conn, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.initLocked()
	for q.first == nil && !q.closed {
		q.filled.Wait()
	}
	if q.closed {
		return nil, false
	}
	c := q.first
	q.first, c.next = c.next, nil
	if q.first == nil {
		q.last = nil
	}
	return c, true
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.initLocked()
	q.closed = true
	q.filled.Broadcast()
}

// write empties mailboxes until the queue closes.
func (h *Hub) write() {
	for {
		c, ok := h.queue.pop()
		if !ok {
			return
		}
		c.empty()
	}
}

// empty writes all letters of the connection's mailbox; one that cannot be written ends it.
func (c *conn) empty() {
	for {
		l, ok := c.box.take()
		if !ok {
			return
		}
		if err := c.writeLetter(l); err != nil {
			c.hub.metrics.dropped.WithLabelValues(whyDropped(err)).Inc()
			c.drop()
			return
		}
		c.hub.metrics.sent.WithLabelValues(l.slot.String()).Inc()
	}
}

// String names a slot for metrics.
func (s slot) String() string {
	return [...]string{
		"challenge", "pair", "welcome", "bearer", "takeovers", "head", "time", "ack", "snapshot", "ping", "revoked", "close",
	}[s]
}
