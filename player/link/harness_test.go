package link_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"anteroom/player/clock"
	"anteroom/player/identity"
	"anteroom/player/link"
	"anteroom/player/playertest"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const stream playlists.StreamID = "00112233445566778899aabbccddeeff"

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func public(seed byte) ed25519.PublicKey { return key(seed).Public().(ed25519.PublicKey) }

// told is what a handler heard, in order.
type told struct {
	mu     sync.Mutex
	linked []wire.Welcome
	ended  []error
	codes  []string
	words  [][]string
	paired []playlists.ScreenID
	heads  []playlists.Head
	takes  []playlists.Takeovers
	acks   []wire.Ack
	orders []string
	deeds  []wire.Deed
}

func (h *told) note(what func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	what()
}

func (h *told) Linked(w wire.Welcome) { h.note(func() { h.linked = append(h.linked, w) }) }
func (h *told) Unlinked(err error)    { h.note(func() { h.ended = append(h.ended, err) }) }
func (h *told) Pairing(code string, words []string, _ time.Time) {
	h.note(func() { h.codes, h.words = append(h.codes, code), append(h.words, words) })
}
func (h *told) Paired(s playlists.ScreenID) { h.note(func() { h.paired = append(h.paired, s) }) }
func (h *told) Head(p playlists.Head, _ wire.Signed) {
	h.note(func() { h.heads = append(h.heads, p) })
}

func (h *told) Takeovers(p playlists.Takeovers, _ wire.Signed) {
	h.note(func() { h.takes = append(h.takes, p) })
}
func (h *told) Ack(a wire.Ack)     { h.note(func() { h.acks = append(h.acks, a) }) }
func (h *told) Order(o wire.Order) { h.note(func() { h.deeds = append(h.deeds, o.Do) }) }
func (h *told) Snapshot(id string) { h.note(func() { h.orders = append(h.orders, id) }) }

// player is a link on a bench.
type player struct {
	*link.Link

	heard *told
	id    *identity.Identity
	clock *clock.Clock
	wall  time.Duration // how far the wall clock is off
}

const controllerSeed = 200

// bench is a scripted controller and a player that wants to be linked with it.
type bench struct {
	t      *testing.T
	net    *playertest.Network
	player *player
	// serve answers what is dialled; tests replace it.
	serve http.HandlerFunc
	// script is what the controller does with a websocket, after the challenge.
	script func(c *controller)
}

// bubble runs a test in virtual time; begin starts the link.
func bubble(t *testing.T, set func(*bench, *link.Config), test func(t *testing.T, b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t, net: playertest.NewNetwork()}
		b.serve = b.upgrade
		b.player = newPlayer(t, func(c *link.Config) {
			c.Dial = b.net.Dial
			if set != nil {
				set(b, c)
			}
		})
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { b.serve(w, r) })}
		served := make(chan error, 1)
		go func() { served <- server.Serve(b.net) }()
		ctx, cancel := context.WithCancel(context.Background())
		ran := make(chan error, 1)
		defer func() {
			cancel()
			if err := <-ran; err != nil {
				t.Errorf("the link ended with %v", err)
			}
			server.Close()
			<-served
			b.net.Cut()
		}()
		go func() { ran <- b.player.Run(ctx) }()
		synctest.Wait()
		test(t, b)
	})
}

// settle lets time pass and everything that it sets off come to rest.
func settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func newPlayer(t *testing.T, set func(*link.Config)) *player {
	t.Helper()
	id, err := identity.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := &player{heard: new(told), id: id}
	began := time.Now()
	p.clock = clock.New(clock.Config{
		Wall: func() time.Time { return time.Now().Add(p.wall) },
		Mono: func() int64 { return time.Since(began).Nanoseconds() },
		Boot: "boot", Floor: began.Add(-time.Hour),
	})
	c := link.Config{
		URL: "http://controller.test", PlainHTTP: true, Identity: id, Clock: p.clock, Handler: p.heard,
		State:     func() wire.State { return wire.State{Generation: 3} },
		Abilities: func() playlists.Abilities { return playlists.Abilities{Width: 1920, Height: 1080} },
		Stream:    func() playlists.StreamID { return stream },
		Software:  "test",
	}
	set(&c)
	if p.Link, err = link.New(c); err != nil {
		t.Fatal(err)
	}
	return p
}

// controller is a controller scripted at the level of the wire.
type controller struct {
	t         *testing.T
	ws        *websocket.Conn
	challenge wire.Challenge
	hello     wire.Hello
}

func (b *bench) upgrade(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{Subprotocols: []string{wire.Subprotocol}}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		b.t.Error(err)
		return
	}
	defer ws.Close()
	c := &controller{t: b.t, ws: ws, challenge: wire.Challenge{
		Version: 1, Controller: wire.ControllerIDOf(public(controllerSeed)), Key: public(controllerSeed), Nonce: make([]byte, 32),
	}}
	if b.script != nil {
		b.script(c)
	}
}

func (c *controller) send(e wire.Envelope) {
	b, err := wire.Encode(e)
	if err != nil {
		c.t.Error(err)
		return
	}
	_ = c.ws.WriteMessage(websocket.TextMessage, b) // the player may have hung up
}

// read gives the next message; nil once the player has hung up.
func (c *controller) read() *wire.Envelope {
	kind, b, err := c.ws.ReadMessage()
	if err != nil {
		return nil
	}
	if kind == websocket.BinaryMessage {
		batch, err := wire.DecodeBatch(b)
		if err != nil {
			c.t.Error(err)
			return nil
		}
		return &wire.Envelope{Ack: &wire.Ack{Stream: batch.Stream, Through: batch.Last}}
	}
	e, err := wire.Decode(b)
	if err != nil {
		c.t.Error(err)
		return nil
	}
	return &e
}

// greet sends the challenge and reads the hello.
func (c *controller) greet() bool {
	c.send(wire.Envelope{Challenge: &c.challenge})
	e := c.read()
	if e == nil || e.Hello == nil {
		return false
	}
	c.hello = *e.Hello
	if err := c.hello.Verify(c.challenge); err != nil {
		c.t.Error(err)
	}
	return true
}

// welcome links the player.
func (c *controller) welcome(screen playlists.ScreenID) {
	if !c.hello.Paired {
		c.send(wire.Envelope{Pair: &wire.Pair{Paired: true}})
	}
	c.send(wire.Envelope{Welcome: &wire.Welcome{
		Screen: screen, Bearer: wire.Bearer{Token: "token", Expires: time.Now().Add(wire.BearerLife)}, SpreadMillis: 5000,
		Signature: ed25519.Sign(key(controllerSeed), wire.WelcomeBytes(c.challenge, c.hello)),
	}})
}

// attend answers time exchanges and plays until the player hangs up, pinging as controllers do.
func (c *controller) attend(each func(*wire.Envelope)) {
	var writing sync.Mutex
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for {
			select {
			case <-time.After(wire.PingEvery):
				_ = c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second)) // the reader notices
			case <-stop:
				return
			}
		}
	}()
	for e := c.read(); e != nil; e = c.read() {
		writing.Lock()
		if e.Time != nil {
			now := time.Now().UnixNano()
			c.send(wire.Envelope{Time: &wire.TimeExchange{T1: e.Time.T1, T2: now, T3: now}})
		}
		if e.Ack != nil {
			c.send(*e)
		}
		if each != nil {
			each(e)
		}
		writing.Unlock()
	}
}

// good is the script of a controller that links every player with a screen.
func good(each func(*wire.Envelope)) func(c *controller) {
	return func(c *controller) {
		if c.greet() {
			c.welcome("lobby")
			c.attend(each)
		}
	}
}
