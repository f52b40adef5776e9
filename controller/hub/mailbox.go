package hub

import (
	"slices"
	"sync"
	"time"

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
	slotOrder
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
	held    bool      // no writer is called for yet
	closed  bool
}

// hold keeps letters together until release.
func (m *mailbox) hold() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held = true
}

// release reports whether a writer must now be found for what was held.
func (m *mailbox) release() (wake bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held = false
	wake = !m.queued && len(m.letters) > 0
	m.queued = m.queued || wake
	return wake
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
	wake = !m.queued && !m.held
	m.queued = m.queued || wake
	return wake
}

// take gives the letter that goes first, and whether more wait; nil, and the mailbox leaves the queue, when
// there is none.
func (m *mailbox) take() (l *letter, more bool) {
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
	l = m.letters[first]
	m.letters = slices.Delete(m.letters, first, first+1)
	return l, len(m.letters) > 0
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
	taken       uint64 // how often a connection left it for a writer
	closed      bool
	mail        chan struct{} // wakes who watches the writers; nil if nobody does
}

func (q *queue) push(c *conn) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.initLocked()
	if q.last == nil {
		q.first = c
		q.tellLocked()
	} else {
		q.last.next = c
	}
	q.last = c
	q.filled.Signal()
}

func (q *queue) tellLocked() {
	select {
	case q.mail <- struct{}{}:
	default: // told already
	}
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
	return q.takeLocked()
}

// popWaiting is pop for who does not wait.
func (q *queue) popWaiting() (*conn, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.takeLocked()
}

func (q *queue) takeLocked() (*conn, bool) {
	if q.closed || q.first == nil {
		return nil, false
	}
	c := q.first
	q.first, c.next = c.next, nil
	if q.first == nil {
		q.last = nil
	}
	q.taken++
	return c, true
}

// look is how often a connection has been taken, and whether any waits.
func (q *queue) look() (taken uint64, waits bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.taken, q.first != nil && !q.closed
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.initLocked()
	q.closed = true
	q.filled.Broadcast()
	q.tellLocked()
}

func (q *queue) isClosed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed
}

// write empties mailboxes for as long as next gives any.
func write(next func() (*conn, bool)) {
	for {
		c, ok := next()
		if !ok {
			return
		}
		c.empty()
	}
}

// relieve watches the writers until the queue closes.
func (h *Hub) relieve(add func(writer func())) {
	for !h.queue.isClosed() {
		<-h.queue.mail
		h.watch(add)
	}
}

// watch adds as many writers as there are at first, whenever those there are have all been held up for a while by
// players that do not read: others wait behind these. What was added goes when nothing waits any more.
func (h *Hub) watch(add func(writer func())) {
	tick := time.NewTicker(heldUp)
	defer tick.Stop()
	for taken, waits := h.queue.look(); waits; {
		<-tick.C
		before := taken
		taken, waits = h.queue.look()
		if !waits || taken != before {
			continue
		}
		for range h.writers {
			add(func() { write(h.queue.popWaiting) })
		}
	}
}

// empty writes all letters of the connection's mailbox, those that wait together in one piece; one that cannot
// be written ends it.
func (c *conn) empty() {
	for {
		l, more := c.box.take()
		if l == nil {
			return
		}
		c.out.hold(more)
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
		"challenge", "pair", "welcome", "bearer", "takeovers", "head", "time", "ack", "snapshot", "order", "ping", "revoked", "close",
	}[s]
}
