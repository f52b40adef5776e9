package stage

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"anteroom/player/account"
	"anteroom/player/playback"
)

// outbox sends events without ever making the game loop wait: a reader that has stopped reading loses
// the beats, then gets everything else once it reads again. What became of turns goes into the account
// first, then into the truth log, then to the agent; package account says why.
type outbox struct {
	account *account.Writer // nil for none
	truth   *truth

	mu     sync.Mutex
	events []said
	wake   chan struct{}
}

// said is an event, with what the truth log wants to know of a turn.
type said struct {
	playback.Event

	label, region string
}

// most is how many events wait before beats are dropped, and ten times as many before any are.
const most = 256

func newOutbox(a *account.Writer, t *truth) *outbox {
	return &outbox{account: a, truth: t, wake: make(chan struct{}, 1)}
}

func (o *outbox) send(e playback.Event) { o.add(said{Event: e}) }

// drawn tells of a turn's first picture.
func (o *outbox) drawn(d playback.Drawn, r *playback.RegionScene) {
	o.add(said{playback.Event{Drawn: &d}, r.Label, r.Name})
}

func (o *outbox) add(e said) {
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

func (o *outbox) take() []said {
	o.mu.Lock()
	defer o.mu.Unlock()
	events := o.events
	o.events = nil
	return events
}

// run writes a line an event until the context ends, what waits then included. Of whatever cannot be
// written it says so once and goes on: when nobody reads any more, the account matters all the more.
func (o *outbox) run(ctx context.Context, w io.Writer, complain func(error)) {
	book, log, pipe := sink{complain: complain}, sink{complain: complain}, sink{complain: complain}
	for over := false; ; {
		for _, e := range o.take() {
			if o.account != nil && (e.Beat == nil || pipe.failed) { // the agent, while it lives, hears the beats
				book.put(o.account.Tell(e.Event))
			}
			log.put(o.truth.drawn(&e))
			pipe.put(writeEvent(w, e.Event))
		}
		if over {
			return
		}
		select {
		case <-o.wake:
		case <-ctx.Done():
			over = true
		}
	}
}

// sink is a place that events go to.
type sink struct {
	failed   bool
	complain func(error)
}

func (s *sink) put(err error) {
	if err != nil && !s.failed {
		s.failed = true
		s.complain(err)
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

// truthWidth is what lines of the truth are padded to, so that none crosses a page: a kill leaves a line
// whole or none.
const truthWidth = 512

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

func (t *truth) drawn(e *said) error {
	if t.file == nil || e.Drawn == nil || e.Drawn.Turn == 0 {
		return nil
	}
	b, err := json.Marshal(struct {
		Turn   uint64 `json:"turn"`
		Label  string `json:"label"`
		Region string `json:"region"`
		At     int64  `json:"at"`
	}{e.Drawn.Turn, e.label, e.region, e.Drawn.At})
	if err != nil {
		return fmt.Errorf("truth log: %w", err)
	}
	b = append(b, bytes.Repeat([]byte{' '}, truthWidth-1-len(b)%truthWidth)...)
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
