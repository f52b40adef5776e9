package hub_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"anteroom/controller/controllertest"
	"anteroom/controller/hub"
	"anteroom/controller/players"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const stream playlists.StreamID = "00112233445566778899aabbccddeeff"

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func public(seed byte) ed25519.PublicKey { return key(seed).Public().(ed25519.PublicKey) }

func idOf(seed byte) playlists.PlayerID { return wire.PlayerIDOf(public(seed)) }

const controllerSeed = 200

// bench is a hub behind a real HTTP server on an in-memory network.
type bench struct {
	t        *testing.T
	net      *controllertest.Network
	players  *players.Registry
	hub      *hub.Hub
	heads    *heads
	intake   *intake
	metrics  *prometheus.Registry
	disk     *disk
	pieces   atomic.Int64 // in which bytes reached players
	stopHub  func() time.Duration
	stopOnce sync.Once
}

// bubble runs a test against a bench in virtual time.
func bubble(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	bubbleWith(t, func(*hub.Config) {}, test)
}

func bubbleWith(t *testing.T, change func(*hub.Config), test func(t *testing.T, b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := start(t, change)
		defer b.stopHub()
		test(t, b)
	})
}

func start(t *testing.T, change func(*hub.Config)) *bench {
	t.Helper()
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	d := &disk{Documents: s}
	r, err := players.New(t.Context(), players.Config{Store: d, Key: key(controllerSeed)})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{
		t: t, net: controllertest.NewNetwork(), players: r, heads: &heads{signed: map[playlists.ScreenID]wire.Signed{}},
		intake: &intake{known: map[playlists.StreamID]uint64{}}, metrics: prometheus.NewRegistry(), disk: d,
	}
	c := hub.Config{Players: r, Heads: b.heads, Intake: b.intake, Key: key(controllerSeed), Metrics: b.metrics, Writers: 4}
	change(&c)
	if b.hub, err = hub.New(c); err != nil {
		t.Fatal(err)
	}
	b.run(s)
	for i := range 10 {
		b.addScreen(s, screenOf(byte(i)))
	}
	return b
}

func (b *bench) run(s store.Store) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.hub.Run(ctx) }()
	server := &http.Server{Handler: b.hub}
	served := make(chan error, 1)
	go func() { served <- server.Serve(b.net) }()
	synctest.Wait()
	b.stopHub = func() (took time.Duration) {
		b.stopOnce.Do(func() {
			began := time.Now()
			cancel()
			if err := <-done; err != nil {
				b.t.Errorf("the hub ended with %v", err)
			}
			took = time.Since(began)
			server.Close()
			<-served
			b.net.Cut()
			synctest.Wait()
			if err := s.Close(); err != nil {
				b.t.Error(err)
			}
		})
		return took
	}
}

func (b *bench) addScreen(s store.Documents, id playlists.ScreenID) {
	b.t.Helper()
	err := s.Update(b.t.Context(), func(tx store.Tx) error {
		_, err := tx.Put("screen", string(id), 0, "system", fmt.Appendf(nil, `{"id":%q}`, id))
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func screenOf(seed byte) playlists.ScreenID {
	return playlists.ScreenID(fmt.Sprintf("screen-%d", seed))
}

// disk takes its time for writes.
type disk struct {
	store.Documents

	slow atomic.Int64 // nanoseconds
}

func (d *disk) Update(ctx context.Context, change func(store.Tx) error) error {
	time.Sleep(time.Duration(d.slow.Load()))
	return d.Documents.Update(ctx, change)
}

// heads publishes what tests put in it.
type heads struct {
	mu        sync.Mutex
	signed    map[playlists.ScreenID]wire.Signed
	takeovers *wire.Signed
	err       error
}

func (h *heads) Head(_ context.Context, screen playlists.ScreenID, _ playlists.Abilities, _ uint64) (wire.Signed, bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, ok := h.signed[screen]
	return s, ok, h.err
}

func (h *heads) Takeovers(context.Context) (wire.Signed, bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.takeovers == nil {
		return wire.Signed{}, false, h.err
	}
	return *h.takeovers, true, h.err
}

func (h *heads) fail(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.err = err
}

func (h *heads) takeOver(doc wire.Signed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.takeovers = &doc
}

func (h *heads) publish(t *testing.T, screen playlists.ScreenID, generation uint64) wire.Signed {
	t.Helper()
	s, err := wire.SignHead(key(controllerSeed), playlists.Head{
		Controller: wire.ControllerIDOf(public(controllerSeed)), Screen: screen, Generation: generation, Body: wire.DigestOf(nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.signed[screen] = s
	return s
}

func takeovers(t *testing.T, number uint64) wire.Signed {
	t.Helper()
	s, err := wire.SignTakeovers(key(controllerSeed), playlists.Takeovers{
		Controller: wire.ControllerIDOf(public(controllerSeed)), Number: number,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// intake counts plays as the real one does, without a disk.
type intake struct {
	mu    sync.Mutex
	known map[playlists.StreamID]uint64
	err   error
}

func (i *intake) set(known uint64, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.known[stream], i.err = known, err
}

func (i *intake) Resume(_ context.Context, _ playlists.PlayerID, s playlists.StreamID, _ wire.State) (through uint64, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.known[s], nil
}

func (i *intake) Accept(_ context.Context, key ed25519.PublicKey, b wire.Batch) (wire.Ack, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if err := errors.Join(i.err, b.Verify(key)); err != nil {
		return wire.Ack{}, err
	}
	i.known[b.Stream] = max(i.known[b.Stream], b.Last)
	return wire.Ack{Stream: b.Stream, Through: i.known[b.Stream]}, nil
}

// screen is a player scripted at the level of the wire.
type screen struct {
	t     *testing.T
	seed  byte
	ws    *websocket.Conn
	said  wire.Challenge
	hello wire.Hello

	software string
}

// counted counts in how many pieces bytes come.
type counted struct {
	net.Conn

	pieces *atomic.Int64
}

func (c counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.pieces.Add(1)
	}
	return n, err
}

func (b *bench) connect(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := b.net.Dial(ctx, network, address)
	return counted{c, &b.pieces}, err
}

// dial connects and reads the challenge.
func (b *bench) dial(seed byte) *screen {
	b.t.Helper()
	d := websocket.Dialer{NetDialContext: b.connect, Subprotocols: []string{wire.Subprotocol}}
	ws, resp, err := d.DialContext(b.t.Context(), "ws://controller/player/v1/link", nil)
	if err != nil {
		b.t.Fatalf("dialling: %v %v", err, resp)
	}
	_ = resp.Body.Close() // empty: the connection is ws's
	s := &screen{t: b.t, seed: seed, ws: ws, software: "test"}
	b.t.Cleanup(func() { ws.Close() })
	e, err := s.read()
	if err != nil || e.Challenge == nil {
		b.t.Fatalf("got %+v, %v instead of a challenge", e, err)
	}
	s.said = *e.Challenge
	return s
}

// greet answers the challenge.
func (s *screen) greet(paired bool) *screen {
	s.t.Helper()
	h := wire.Hello{
		Version: wire.Version, Player: idOf(s.seed), Key: public(s.seed), Nonce: bytes.Repeat([]byte{s.seed}, 32), Stream: stream,
		Paired: paired, Abilities: playlists.Abilities{Width: 1920, Height: 1080}, Software: s.software,
	}
	h.Signature = ed25519.Sign(key(s.seed), wire.HelloBytes(s.said, h))
	s.hello = h
	s.write(wire.Envelope{Hello: &h})
	return s
}

func (s *screen) write(e wire.Envelope) {
	s.t.Helper()
	b, err := wire.Encode(e)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.ws.WriteMessage(websocket.TextMessage, b); err != nil {
		s.t.Fatal(err)
	}
}

func (s *screen) read() (wire.Envelope, error) {
	_, b, err := s.ws.ReadMessage()
	if err != nil {
		return wire.Envelope{}, err
	}
	return wire.Decode(b)
}

// readSoon reads what comes within an hour; pings alone would keep a link for ever.
func (s *screen) readSoon() (wire.Envelope, error) {
	_ = s.ws.SetReadDeadline(time.Now().Add(time.Hour))
	defer func() { _ = s.ws.SetReadDeadline(time.Time{}) }()
	return s.read()
}

// want reads the next message and checks its kind.
func (s *screen) want(what string, is func(*wire.Envelope) bool) wire.Envelope {
	s.t.Helper()
	e, err := s.readSoon()
	if err != nil {
		s.t.Fatalf("player %d: got %v, want %s", s.seed, err, what)
	}
	if !is(&e) {
		s.t.Fatalf("player %d: got %+v, want %s", s.seed, e, what)
	}
	return e
}

func isWelcome(e *wire.Envelope) bool   { return e.Welcome != nil }
func isHead(e *wire.Envelope) bool      { return e.Head != nil }
func isTakeovers(e *wire.Envelope) bool { return e.Takeovers != nil }
func isCode(e *wire.Envelope) bool      { return e.Pair != nil && e.Pair.Code != "" }
func isPaired(e *wire.Envelope) bool    { return e.Pair != nil && e.Pair.Paired }
func isRevoked(e *wire.Envelope) bool   { return e.Revoked != nil }
func isAck(e *wire.Envelope) bool       { return e.Ack != nil }
func isSnapshot(e *wire.Envelope) bool  { return e.Snapshot != nil }
func isBearer(e *wire.Envelope) bool    { return e.Bearer != nil }

// wantClose reads until the connection ends and checks the close code.
func (s *screen) wantClose(code int) {
	s.t.Helper()
	for range 1000 {
		_, err := s.readSoon()
		var closed *websocket.CloseError
		switch {
		case err == nil, errors.Is(err, wire.ErrUnknown):
			continue
		case !errors.As(err, &closed):
			s.t.Fatalf("player %d: got %v, want close code %d", s.seed, err, code)
		case closed.Code != code:
			s.t.Fatalf("player %d: got close code %d (%s), want %d", s.seed, closed.Code, closed.Text, code)
		}
		return
	}
	s.t.Fatalf("player %d: the link goes on, want close code %d", s.seed, code)
}

// pair dials as a new player and has staff claim it for its screen.
func (b *bench) pair(seed byte) *screen {
	b.t.Helper()
	s := b.dial(seed).greet(false)
	code := s.want("a code", isCode).Pair.Code
	if err := b.players.Claim(b.t.Context(), code, screenOf(seed), "ada"); err != nil {
		b.t.Fatal(err)
	}
	s.want("paired", isPaired)
	s.want("a welcome", isWelcome)
	return s
}

// listen reads in the background until the connection ends; the channel gets every message.
func (s *screen) listen() <-chan wire.Envelope {
	heard := make(chan wire.Envelope, 10000)
	go func() {
		defer close(heard)
		for {
			e, err := s.read()
			if err != nil {
				return
			}
			heard <- e
		}
	}()
	return heard
}

func alike(first, n uint64) []playlists.Play {
	plays := make([]playlists.Play, n)
	for i := range plays {
		plays[i] = playlists.Play{Seq: first + uint64(i), Screen: "screen-1", Region: "main", Shown: 15000, Planned: 15000, Outcome: playlists.Complete}
	}
	return slices.Clip(plays)
}

func (s *screen) sendBatch(signer byte) {
	s.t.Helper()
	before, err := wire.ChainStart(stream)
	if err != nil {
		s.t.Fatal(err)
	}
	batch, err := wire.NewBatch(key(signer), stream, before, alike(1, 64))
	if err != nil {
		s.t.Fatal(err)
	}
	frame, err := wire.EncodeBatch(batch)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.ws.WriteMessage(websocket.BinaryMessage, frame); err != nil {
		s.t.Fatal(err)
	}
}
