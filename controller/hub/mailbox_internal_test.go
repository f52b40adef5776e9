package hub

import (
	"slices"
	"testing"
)

// What is put into a mailbox, and what a writer takes from it: "head 2" is the second head.
func TestAMailboxKeepsWhatIsNewest(t *testing.T) {
	letters := map[string]*letter{
		"welcome": {slot: slotWelcome}, "ack": {slot: slotAck}, "close": {slot: slotClose},
		"head 1": {slot: slotHead}, "head 2": {slot: slotHead}, "takeovers": {slot: slotTakeovers},
	}
	put := func(m *mailbox, name string) bool { return m.put(letters[name], false) }
	first := func(m *mailbox, name string) bool { return m.put(letters[name], true) }
	take := func(m *mailbox) (names []string) {
		for {
			l, _ := m.take()
			if l == nil {
				return names
			}
			for name, known := range letters {
				if known == l {
					names = append(names, name)
				}
			}
		}
	}
	tests := []struct {
		name string
		do   func(m *mailbox)
		want []string
	}{
		{"the newest of a kind", func(m *mailbox) { put(m, "head 1"); put(m, "head 2") }, []string{"head 2"}},
		{"in the order of what must be known first", func(m *mailbox) {
			put(m, "ack")
			put(m, "head 1")
			put(m, "takeovers")
			put(m, "welcome")
		}, []string{"welcome", "takeovers", "head 1", "ack"}},
		{"the close frame last, and nothing after it", func(m *mailbox) {
			put(m, "ack")
			put(m, "close")
			put(m, "head 1")
		}, []string{"ack", "close"}},
		{"what was asked for is older than a nudge that waits", func(m *mailbox) { put(m, "head 2"); first(m, "head 1") }, []string{"head 2"}},
		{"and than one that was sent", func(m *mailbox) { put(m, "head 2"); take(m); first(m, "head 1") }, nil},
		{"what was asked for, when nothing was nudged", func(m *mailbox) { put(m, "takeovers"); first(m, "head 1") }, []string{"takeovers", "head 1"}},
		{"emptied, and used again", func(m *mailbox) { put(m, "head 1"); take(m); put(m, "head 2") }, []string{"head 2"}},
		{"shut down", func(m *mailbox) { put(m, "head 1"); m.shutDown(); put(m, "head 2") }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var m mailbox
			tt.do(&m)
			if got := take(&m); !slices.Equal(got, tt.want) {
				t.Errorf("taken: %q, want %q", got, tt.want)
			}
		})
	}
}

// A writer is called for once, and again only when it has found the mailbox empty.
func TestAMailboxWakesOneWriter(t *testing.T) {
	var m mailbox
	if !m.put(&letter{slot: slotHead}, false) {
		t.Error("nobody is called for the first letter")
	}
	if m.put(&letter{slot: slotAck}, false) {
		t.Error("a second writer is called")
	}
	for range 3 {
		m.take()
	}
	if !m.put(&letter{slot: slotAck}, false) {
		t.Error("nobody is called for a letter after that")
	}
}

func TestAQueueForgetsNobody(t *testing.T) {
	var q queue
	var conns []*conn
	for range 3 {
		conns = append(conns, &conn{})
	}
	for round := range 2 {
		for _, c := range conns {
			q.push(c)
		}
		for n, c := range conns {
			if q.first == nil { // pop would wait for ever
				t.Fatalf("round %d: connection %d is forgotten", round, n)
			}
			if got, ok := q.pop(); !ok || got != c {
				t.Fatalf("round %d: connection %d does not come in its turn", round, n)
			}
		}
	}
	q.close()
	if _, ok := q.pop(); ok {
		t.Error("something comes out of an empty queue that is closed")
	}
}
