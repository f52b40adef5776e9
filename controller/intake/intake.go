package intake

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// groupLimit is how many batches one transaction takes at most.
const groupLimit = 512

// ErrStopped says that the intake does not run any more; the player sends the batch again to the next one.
var ErrStopped = errors.New("plays are not taken in: the controller is stopping")

// Config is what an intake needs.
type Config struct {
	Store store.Plays
	// Alarm tells staff what is wrong with a player, in plain words; nil leaves it to the log.
	Alarm func(player playlists.PlayerID, note playlists.Remark)
	// Log; nil discards.
	Log *slog.Logger
	// Metrics; nil keeps none.
	Metrics prometheus.Registerer
}

// Intake takes plays in.
type Intake struct {
	store   store.Plays
	alarm   func(playlists.PlayerID, playlists.Remark)
	log     *slog.Logger
	metrics *metrics
	queue   chan *request
	stopped chan struct{} // closed by Run

	mu      sync.Mutex
	players map[playlists.PlayerID]*memory
}

// New makes an intake; Run must run for Accept to return.
func New(c Config) (*Intake, error) {
	m, err := newMetrics(c.Metrics)
	if err != nil {
		return nil, err
	}
	i := &Intake{
		store: c.Store, alarm: c.Alarm, log: c.Log, metrics: m,
		queue: make(chan *request), stopped: make(chan struct{}),
		players: map[playlists.PlayerID]*memory{},
	}
	if i.log == nil {
		i.log = slog.New(slog.DiscardHandler)
	}
	if i.alarm == nil {
		i.alarm = func(playlists.PlayerID, playlists.Remark) {}
	}
	return i, nil
}

// request is a verified batch that waits for its answer.
type request struct {
	batch    wire.Batch
	received time.Time
	chains   [][]byte // after each play; filled when needed
	begins   bool     // it begins a stream or a branch
	answer   chan answer
}

type answer struct {
	ack wire.Ack
	err error
}

// Accept verifies a batch against the player's key and returns after it is durable. A batch that
// nobody's player can have sent is [playlists.ErrDenied] or [playlists.ErrInvalid]; after any other
// error it should come again.
func (i *Intake) Accept(ctx context.Context, key ed25519.PublicKey, b wire.Batch) (wire.Ack, error) {
	if err := b.Verify(key); err != nil {
		i.metrics.batches.WithLabelValues(resultRefused).Inc()
		return wire.Ack{}, err
	}
	r := &request{batch: b, received: time.Now().UTC(), answer: make(chan answer, 1)}
	select {
	case i.queue <- r:
	case <-i.stopped:
		return wire.Ack{}, ErrStopped
	case <-ctx.Done():
		return wire.Ack{}, ctx.Err()
	}
	select {
	case a := <-r.answer:
		return a.ack, a.err
	case <-ctx.Done():
		return wire.Ack{}, ctx.Err()
	}
}

// Run takes batches in until ctx ends; a transaction that has begun is finished first.
func (i *Intake) Run(ctx context.Context) error {
	defer close(i.stopped)
	var later []*request
	for {
		group, ok := i.gather(ctx, later)
		if !ok {
			for _, r := range later {
				r.answer <- answer{err: ErrStopped}
			}
			return nil
		}
		later = i.take(context.WithoutCancel(ctx), group)
	}
}

// gather waits for a batch, and takes all that wait by then. Batches put off come first.
func (i *Intake) gather(ctx context.Context, group []*request) ([]*request, bool) {
	if ctx.Err() != nil {
		return nil, false
	}
	if len(group) == 0 {
		select {
		case r := <-i.queue:
			group = append(group, r)
		case <-ctx.Done():
			return nil, false
		}
	}
	for len(group) < groupLimit {
		select {
		case r := <-i.queue:
			group = append(group, r)
		default:
			return group, true
		}
	}
	return group, true
}

// Known is how far a stream is durable, and the chain there.
func (i *Intake) Known(ctx context.Context, stream playlists.StreamID) (through uint64, chain []byte, err error) {
	w, err := i.store.Watermark(ctx, stream)
	return w.Through, w.Chain, err
}
