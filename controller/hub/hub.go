// Package hub keeps the live connections of players: who is linked, nudges, and who is too slow.
//
// A connection costs one goroutine that reads and one mailbox with a slot for each kind of message, in
// which the newest wins; a pool of writers empties the mailboxes. So nobody who has something to say to a
// player ever waits. A player that does not listen costs a writer ten seconds at most, and where that holds
// up all writers, more stand in for them.
package hub

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"anteroom/controller/players"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// Defaults of [Config].
const (
	DefaultWriters    = 64
	DefaultPerAddress = 256
)

const (
	// stopWithin is how long players have to hear that the controller stops.
	stopWithin = 2 * time.Second
	// heldUp is how long all writers may be held up by players that do not read before there are more.
	heldUp = 2 * time.Millisecond
	// lingerFor is how long a player has to hang up after a close frame.
	lingerFor = 2 * time.Second
	// Reconnects spread over leastSpread and a second more for every spreadPerSecond players.
	leastSpread     = 5 * time.Second
	spreadPerSecond = 200
	writeBuffer     = 4096
)

// Heads gives what is in force.
type Heads interface {
	// Head is the newest head of a screen, for a machine with these abilities; generation is the one
	// that the player says it has. False if nothing has been published for the screen.
	Head(ctx context.Context, screen playlists.ScreenID, a playlists.Abilities, generation uint64) (wire.Signed, bool, error)
	// Takeovers is the newest document of takeovers; false if there has never been one.
	Takeovers(ctx context.Context) (wire.Signed, bool, error)
}

// Intake takes plays in.
type Intake interface {
	// Accept verifies a batch against the player's key and returns after it is durable. An error that
	// is [playlists.ErrInvalid] or [playlists.ErrDenied] ends the connection; any other leaves the
	// batch unacknowledged, so that it comes again.
	Accept(ctx context.Context, key ed25519.PublicKey, b wire.Batch) (wire.Ack, error)
	// Resume is how far the plays of a player's stream are durable that end as has says. It tells apart players
	// that share a stream by a copied disk, where one number for both would make one drop what only it has.
	Resume(ctx context.Context, player playlists.PlayerID, stream playlists.StreamID, has wire.State) (through uint64, err error)
}

// Config is what a hub needs.
type Config struct {
	Players *players.Registry
	Heads   Heads
	Intake  Intake
	// Key is the controller's.
	Key ed25519.PrivateKey
	// Log; nil discards.
	Log *slog.Logger
	// Metrics; nil keeps none.
	Metrics prometheus.Registerer
	// PerAddress is how many connections that are not, or not yet, linked one address (of IPv6, one
	// network of 64 bits) may hold; 0 is
	// [DefaultPerAddress].
	PerAddress int
	// Writers is how many connections are written to at once while players listen; 0 is [DefaultWriters].
	Writers int
}

// Hub is safe for concurrent use.
type Hub struct {
	players    *players.Registry
	heads      Heads
	intake     Intake
	key        ed25519.PrivateKey
	public     ed25519.PublicKey
	id         playlists.ControllerID
	log        *slog.Logger
	metrics    *metrics
	perAddress int
	writers    int
	upgrader   websocket.Upgrader

	queue queue
	// work hands what needs a goroutine to Run, which owns them all.
	work    chan func(context.Context)
	stopped chan struct{}
	readers errgroup.Group // it waits for them
	// ready hands a connection of which something has come to a worker that is idle; as many of these may be as
	// spare has room for.
	ready chan *conn
	spare chan struct{}

	mu        sync.RWMutex
	running   bool
	all       map[*conn]struct{}
	linked    map[playlists.PlayerID]*conn
	strangers map[string]int // connections not linked, by address
}

// New makes a hub; it serves once [Hub.Run] runs.
func New(c Config) (*Hub, error) {
	public, ok := c.Key.Public().(ed25519.PublicKey)
	if !ok || c.Players == nil || c.Heads == nil || c.Intake == nil {
		return nil, fmt.Errorf("%w: the hub needs players, heads, an intake and the controller's key", playlists.ErrInvalid)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	m, err := newMetrics(c.Metrics)
	if err != nil {
		return nil, err
	}
	return &Hub{
		players: c.Players, heads: c.Heads, intake: c.Intake, key: c.Key, public: public, id: wire.ControllerIDOf(public), log: c.Log, metrics: m,
		perAddress: positive(c.PerAddress, DefaultPerAddress), writers: positive(c.Writers, DefaultWriters),
		upgrader: websocket.Upgrader{
			HandshakeTimeout: wire.WriteDeadline, WriteBufferSize: writeBuffer,
			WriteBufferPool: new(sync.Pool), Subprotocols: []string{wire.Subprotocol}, CheckOrigin: fromNoPage,
		},
		queue: queue{mail: make(chan struct{}, 1)}, work: make(chan func(context.Context)), stopped: make(chan struct{}),
		ready: make(chan *conn), spare: make(chan struct{}, positive(c.Writers, DefaultWriters)),
		all: map[*conn]struct{}{}, linked: map[playlists.PlayerID]*conn{}, strangers: map[string]int{},
	}, nil
}

func positive(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

// party is whom connections from an address are counted for: an IPv6 network of 64 bits is one party's.
func party(remote string) string {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return remote
	}
	a := at.Addr().Unmap().WithZone("")
	if network, err := a.Prefix(64); a.Is6() && err == nil {
		return network.String()
	}
	return a.String()
}

// fromNoPage refuses browsers: players send no Origin.
func fromNoPage(r *http.Request) bool { return r.Header.Get("Origin") == "" }

// Run serves until ctx is done, then tells every player to come back, and returns within a few
// seconds, when all connections have ended. It can run once.
func (h *Hub) Run(ctx context.Context) error {
	var writers errgroup.Group
	for range h.writers {
		writers.Go(func() error { write(h.queue.pop); return nil })
	}
	writers.Go(func() error {
		h.relieve(func(writer func()) {
			writers.Go(func() error { writer(); return nil })
		})
		return nil
	})
	h.readers.Go(func() error { h.orderSnapshots(ctx); return nil })
	h.setRunning(true)
	h.dispatch(ctx)
	h.setRunning(false)
	close(h.stopped)
	cutShort := h.stop()
	err := h.readers.Wait()
	cutShort.Stop()
	h.queue.close()
	return errors.Join(err, writers.Wait())
}

// dispatch starts what is asked for until ctx is done.
func (h *Hub) dispatch(ctx context.Context) {
	for {
		select {
		case do := <-h.work:
			h.start(ctx, do)
		case <-ctx.Done():
			return
		}
	}
}

// start does something in a goroutine of its own. Only what Run waits for may use it.
func (h *Hub) start(ctx context.Context, do func(context.Context)) {
	h.readers.Go(func() error { do(ctx); return nil })
}

// ask has Run do something in a goroutine of its own; false if it has stopped.
func (h *Hub) ask(do func(context.Context)) bool {
	select {
	case h.work <- do:
		return true
	case <-h.stopped:
		return false
	}
}

func (h *Hub) setRunning(running bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running = running
}

// stop asks all players to come back; those that have not gone when the timer fires are dropped.
func (h *Hub) stop() *time.Timer {
	for _, c := range h.connections() {
		c.shut(wire.CloseGoingAway, "the controller stops")
	}
	return time.AfterFunc(stopWithin, func() {
		for _, c := range h.connections() {
			c.drop()
		}
	})
}

func (h *Hub) connections() []*conn {
	h.mu.RLock()
	defer h.mu.RUnlock()
	all := make([]*conn, 0, len(h.all))
	for c := range h.all {
		all = append(all, c)
	}
	return all
}

// ServeHTTP is the players' websocket; it returns after the upgrade.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !slices.Contains(websocket.Subprotocols(r), wire.Subprotocol) {
		h.metrics.refused.WithLabelValues("protocol").Inc()
		http.Error(w, "this is the players' link; it speaks the websocket subprotocol "+wire.Subprotocol, http.StatusBadRequest)
		return
	}
	address := party(r.RemoteAddr)
	if status := h.admit(address); status != http.StatusOK {
		w.Header().Set("Retry-After", "10")
		http.Error(w, http.StatusText(status), status)
		return
	}
	c := &conn{hub: h, address: address}
	ws, err := h.upgrader.Upgrade(&hijacker{w, c}, r, nil)
	if err != nil {
		h.metrics.refused.WithLabelValues("upgrade").Inc()
		h.forgive(address)
		return
	}
	if err := c.open(ws); err != nil {
		h.forgive(address)
		c.drop()
		return
	}
	h.enter(c)
	if !h.ask(c.serve) {
		c.end()
	}
}

// admit counts a stranger, or says with which status to turn it away.
func (h *Hub) admit(address string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.running {
		h.metrics.refused.WithLabelValues("stopped").Inc()
		return http.StatusServiceUnavailable
	}
	if h.strangers[address] >= h.perAddress {
		h.metrics.refused.WithLabelValues("address").Inc()
		return http.StatusTooManyRequests
	}
	h.strangers[address]++
	return http.StatusOK
}

func (h *Hub) forgive(address string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forgiveLocked(address)
}

func (h *Hub) forgiveLocked(address string) {
	h.strangers[address]--
	if h.strangers[address] <= 0 {
		delete(h.strangers, address)
	}
}

// challenge is what a player is asked to sign.
func (h *Hub) challenge(nonce []byte) wire.Challenge {
	return wire.Challenge{Version: wire.Version, Controller: h.id, Key: h.public, Nonce: nonce}
}

// NudgeHead tells the player of a screen of its newest head, if it is linked.
func (h *Hub) NudgeHead(screen playlists.ScreenID, s wire.Signed) {
	if p, ok := h.players.OfScreen(screen); ok {
		h.send(p.ID, slotHead, wire.Envelope{Head: &s})
	}
}

// NudgeTakeovers tells every linked player of the newest takeovers.
func (h *Hub) NudgeTakeovers(s wire.Signed) {
	l, err := encode(slotTakeovers, wire.Envelope{Takeovers: &s})
	if err != nil {
		h.log.Error("takeovers cannot be sent", slogErr(err))
		return
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, c := range h.linked {
		c.put(l)
	}
}

// Order has the player of a screen do something; false if it has no link, and nobody will do it. The id tells in
// heartbeats that it was done.
func (h *Hub) Order(screen playlists.ScreenID, o wire.Order) (sent bool) {
	p, ok := h.players.OfScreen(screen)
	if !ok {
		return false
	}
	c, ok := h.linkOf(p.ID)
	if !ok {
		return false
	}
	challenge, answer := c.said()
	signed := wire.SignOrder(h.key, challenge, answer, o)
	if err := c.send(slotOrder, wire.Envelope{Order: &signed}); err != nil {
		h.log.Error("order cannot be sent", slog.String("player", string(p.ID)), slogErr(err))
		return false
	}
	return true
}

// Disconnect closes a player's connection, if it has one, with a code of package wire.
func (h *Hub) Disconnect(player playlists.PlayerID, code int, why string) {
	if c, ok := h.linkOf(player); ok {
		c.shut(code, why)
	}
}

func (h *Hub) linkOf(player playlists.PlayerID) (*conn, bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	c, ok := h.linked[player]
	return c, ok
}

func (h *Hub) send(player playlists.PlayerID, s slot, e wire.Envelope) {
	c, ok := h.linkOf(player)
	if !ok {
		return
	}
	l, err := encode(s, e)
	if err != nil {
		h.log.Error("message cannot be sent", slog.String("player", string(player)), slogErr(err))
		return
	}
	c.put(l)
}

// orderSnapshots asks players for pictures while somebody looks.
func (h *Hub) orderSnapshots(ctx context.Context) {
	for {
		orders, wait := h.players.SnapshotsDue()
		for _, o := range orders {
			h.send(o.Player, slotSnapshot, wire.Envelope{Snapshot: &wire.SnapshotOrder{ID: o.ID}})
		}
		var next <-chan time.Time
		if wait > 0 {
			next = time.After(wait)
		}
		select {
		case <-h.players.Looked():
		case <-next:
		case <-ctx.Done():
			return
		}
	}
}

// spread is the window over which players are to reconnect if this controller goes.
func (h *Hub) spread() time.Duration {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return min(leastSpread+time.Duration(len(h.linked))*time.Second/spreadPerSecond, wire.MaxSpread)
}

func (h *Hub) enter(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all[c] = struct{}{}
	h.metrics.connections.Inc()
}

// link makes c the player's connection and gives the one that it replaces.
func (h *Hub) link(c *conn) (older *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.all[c]; !ok {
		return nil // it has ended meanwhile
	}
	older = h.linked[c.who.player]
	h.linked[c.who.player] = c
	c.known = true
	h.forgiveLocked(c.address)
	c.address = ""
	h.metrics.linked.Set(float64(len(h.linked)))
	return older
}

func (h *Hub) leave(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.all, c)
	h.metrics.connections.Dec()
	if !c.known {
		h.forgiveLocked(c.address)
	}
	if h.linked[c.who.player] == c {
		delete(h.linked, c.who.player)
		h.metrics.linked.Set(float64(len(h.linked)))
	}
}

func slogErr(err error) slog.Attr { return slog.String("error", err.Error()) }
