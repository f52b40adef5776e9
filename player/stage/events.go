package stage

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"anteroom/player/playback"
)

// outbox sends events without ever making the game loop wait: a reader that has stopped reading loses
// the beats, then gets everything else once it reads again.
type outbox struct {
	mu     sync.Mutex
	events []playback.Event
	wake   chan struct{}
}

// most is how many events wait before beats are dropped, and ten times as many before any are.
const most = 256

func newOutbox() *outbox { return &outbox{wake: make(chan struct{}, 1)} }

func (o *outbox) send(e playback.Event) {
	o.mu.Lock()
	if n := len(o.events); n < most || e.Beat == nil && n < 10*most {
		o.events = append(o.events, e)
	}
	o.mu.Unlock()
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// run writes a line an event until the context ends. When nobody reads any more it says so once and
// lets the events go.
func (o *outbox) run(ctx context.Context, w io.Writer, complain func(error)) {
	gone := false
	for {
		o.mu.Lock()
		events := o.events
		o.events = nil
		o.mu.Unlock()
		for _, e := range events {
			if err := writeEvent(w, e); err != nil && !gone {
				gone = true
				complain(err)
			}
		}
		select {
		case <-o.wake:
		case <-ctx.Done():
			return
		}
	}
}

func writeEvent(w io.Writer, e playback.Event) error {
	b, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encoding event: %w", err)
	}
	if _, err := w.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("writing event: %w", err)
	}
	return nil
}

// maxOrder bounds a line from the agent; slides of takeovers come inline.
const maxOrder = 4 << 20

// readOrders hands on the agent's lines until they end. A line that is no order is passed over with a
// complaint: the next scene may well be good.
func readOrders(r io.Reader, orders chan<- playback.Order, complain func(error)) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxOrder)
	for lines.Scan() {
		o, err := decodeOrder(lines.Bytes())
		if err != nil {
			complain(err)
			continue
		}
		orders <- o
	}
	return lines.Err()
}

func decodeOrder(line []byte) (playback.Order, error) {
	var o playback.Order
	if err := json.Unmarshal(line, &o); err != nil {
		return o, fmt.Errorf("reading an order: %w", err)
	}
	if o.Scene == nil && o.Snapshot == "" {
		return o, errors.New("an order with neither scene nor snapshot")
	}
	return o, nil
}

// truth is the log that tests hold plays against: a line per turn first drawn.
type truth struct{ file *os.File }

func openTruth(path string) (*truth, error) {
	if path == "" {
		return &truth{}, nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening the truth log: %w", err)
	}
	return &truth{f}, nil
}

func (t *truth) drawn(turn uint64, label, region string, at int64) error {
	if t.file == nil {
		return nil
	}
	b, err := json.Marshal(struct {
		Turn   uint64 `json:"turn"`
		Label  string `json:"label"`
		Region string `json:"region"`
		At     int64  `json:"at"`
	}{turn, label, region, at})
	if err != nil {
		return fmt.Errorf("truth log: %w", err)
	}
	if _, err := t.file.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("truth log: %w", err)
	}
	return nil
}

func (t *truth) close() error {
	if t.file == nil {
		return nil
	}
	return t.file.Close()
}
