package link

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// session is one connection: one goroutine reads, one writes.
type session struct {
	link *Link
	ws   *websocket.Conn

	// The reader's alone.
	challenge wire.Challenge
	hello     wire.Hello
	pairing   bool // told that staff have chosen a place
	welcomed  time.Time
	arrived   int64 // when the message came, on the monotonic clock
	times     exchanges
	orders    map[string]bool // by id, so that what is repeated is not done again

	plays chan playsOrder
	ended chan struct{} // closed when the session is over
	wake  chan struct{}

	mu     sync.Mutex
	greet  []byte // the hello, until it is sent
	ask    bool   // for the time
	linked bool   // what waits in the link may go
}

// playsOrder is a batch to write, and where to say how that went.
type playsOrder struct {
	frame []byte
	done  chan<- error
}

func newSession(l *Link, ws *websocket.Conn) *session {
	return &session{
		link: l, ws: ws, plays: make(chan playsOrder), ended: make(chan struct{}), wake: make(chan struct{}, 1), orders: map[string]bool{},
	}
}

// run speaks until the connection ends; the error is never nil. The caller's goroutine reads.
func (s *session) run(ctx context.Context) error {
	defer close(s.ended)
	defer s.link.end(s)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	hurry := context.AfterFunc(ctx, func() {
		_ = s.ws.NetConn().SetWriteDeadline(time.Now().Add(time.Second)) // a closed connection needs none
	})
	defer hurry()
	var g errgroup.Group
	g.Go(func() error { return s.write(ctx) })
	err := s.read()
	cancel()
	wrote := g.Wait()
	if errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe) {
		return wrote // the writer hung up, and knows why
	}
	return err
}

func (s *session) linkedFor() time.Duration {
	if s.welcomed.IsZero() {
		return 0
	}
	return time.Since(s.welcomed)
}

// read is the reading goroutine.
func (s *session) read() error {
	s.ws.SetReadLimit(wire.MaxFrame)
	answer := s.ws.PingHandler()
	s.ws.SetPingHandler(func(data string) error {
		if err := s.alive(wire.ReadDeadline); err != nil {
			return err
		}
		return answer(data)
	})
	if err := s.handshake(); err != nil {
		return err
	}
	for {
		e, err := s.next()
		if err != nil {
			return err
		}
		if err := s.handle(&e); err != nil {
			return err
		}
		if err := s.alive(wire.ReadDeadline); err != nil {
			return err
		}
	}
}

func (s *session) alive(within time.Duration) error {
	return s.ws.SetReadDeadline(time.Now().Add(within))
}

// next reads a message of a kind that this version knows.
func (s *session) next() (wire.Envelope, error) {
	for {
		kind, frame, err := s.ws.ReadMessage()
		if err != nil {
			return wire.Envelope{}, err
		}
		s.arrived = s.link.config.Clock.Mono()
		if kind != websocket.TextMessage {
			continue
		}
		e, err := wire.Decode(frame)
		if errors.Is(err, wire.ErrUnknown) {
			continue
		}
		return e, err
	}
}

// handshake answers the challenge and waits for the first word that follows.
func (s *session) handshake() error {
	if err := s.alive(wire.HandshakeLimit); err != nil {
		return err
	}
	e, err := s.next()
	if err != nil {
		return err
	}
	if e.Challenge == nil {
		return fmt.Errorf("%w: no challenge came", ErrIntercepted)
	}
	s.challenge = *e.Challenge
	if err := s.checkController(); err != nil {
		return err
	}
	return s.sayHello()
}

// checkController holds the challenge against the pinned key.
func (s *session) checkController() error {
	if s.challenge.Version < 1 {
		return fmt.Errorf("%w: version %d of the wire is unknown: update the controller", playlists.ErrInvalid, s.challenge.Version)
	}
	if wire.ControllerIDOf(s.challenge.Key) != s.challenge.Controller {
		return fmt.Errorf("%w: its name and its key differ", ErrIntercepted)
	}
	if key, ok := s.link.pinned(); ok && !bytes.Equal(key, s.challenge.Key) {
		return fmt.Errorf("%w: %s", ErrOtherController, s.challenge.Controller)
	}
	return nil
}

func (s *session) sayHello() error {
	l := s.link
	key := l.config.Identity.Key()
	public, _ := key.Public().(ed25519.PublicKey)
	_, paired := l.pinned()
	s.hello = wire.Hello{
		Version: wire.Version, Player: wire.PlayerIDOf(public), Key: public, Nonce: make([]byte, wire.NonceSize),
		Stream: l.config.Stream(), Paired: paired, State: l.config.State(), Abilities: l.config.Abilities(), Software: l.config.Software,
	}
	if _, err := rand.Read(s.hello.Nonce); err != nil {
		return fmt.Errorf("making a nonce: %w", err)
	}
	s.hello.Signature = ed25519.Sign(key, wire.HelloBytes(s.challenge, s.hello))
	frame, err := wire.Encode(wire.Envelope{Hello: &s.hello})
	if err != nil {
		return err
	}
	s.post(func() { s.greet = frame })
	return nil
}

// handle does what a message asks for.
func (s *session) handle(e *wire.Envelope) error {
	switch {
	case e.Pair != nil:
		return s.pair(e.Pair)
	case e.Welcome != nil:
		return s.welcome(e.Welcome)
	case e.Revoked != nil:
		return s.revoked(e.Revoked)
	case s.welcomed.IsZero():
		return fmt.Errorf("%w: a message came before the welcome", playlists.ErrInvalid)
	}
	return s.handleLinked(e)
}

func (s *session) handleLinked(e *wire.Envelope) error {
	h := s.link.config.Handler
	switch {
	case e.Head != nil:
		head, err := wire.OpenHead(s.challenge.Key, *e.Head)
		if err != nil {
			return err
		}
		h.Head(head, *e.Head)
	case e.Takeovers != nil:
		takeovers, err := wire.OpenTakeovers(s.challenge.Key, *e.Takeovers)
		if err != nil {
			return err
		}
		h.Takeovers(takeovers, *e.Takeovers)
	case e.Time != nil:
		s.timed(e.Time)
	case e.Ack != nil:
		h.Ack(*e.Ack)
	case e.Snapshot != nil:
		h.Snapshot(e.Snapshot.ID)
	case e.Order != nil:
		return s.order(e.Order)
	case e.Bearer != nil:
		s.link.setBearer(*e.Bearer)
	}
	return nil
}

// pair shows a code, or notes that staff have chosen a place; the welcome proves it.
func (s *session) pair(p *wire.Pair) error {
	if p.Paired {
		s.pairing = true
		return nil
	}
	s.link.config.Handler.Pairing(p.Code, wire.Words(s.challenge.Key, s.hello.Key), p.Expires)
	return nil
}

// welcome ends the handshake: the controller has proved that it holds its key.
func (s *session) welcome(w *wire.Welcome) error {
	if err := w.Verify(s.challenge, s.hello); err != nil {
		return fmt.Errorf("%w: %w", ErrIntercepted, err)
	}
	if !s.welcomed.IsZero() || !s.pairing && !s.hello.Paired {
		return fmt.Errorf("%w: a welcome that was not due", playlists.ErrInvalid)
	}
	if err := s.pin(w.Screen); err != nil {
		return err
	}
	s.welcomed = time.Now()
	s.link.begin(s, w)
	s.post(func() { s.linked, s.ask = true, true })
	s.link.config.Log.Info("linked", slog.String("screen", string(w.Screen)))
	s.link.config.Handler.Linked(*w)
	return nil
}

// pin keeps the controller and the screen if they are new.
func (s *session) pin(screen playlists.ScreenID) error {
	id := s.link.config.Identity
	if _, paired := s.link.pinned(); paired && id.Screen() == screen {
		return nil
	}
	if err := id.Pin(s.challenge.Key, screen); err != nil {
		return fmt.Errorf("pairing: %w", err)
	}
	s.link.config.Handler.Paired(screen)
	return nil
}

// revoked unpairs the player if the controller has signed so.
func (s *session) revoked(r *wire.Revoked) error {
	if err := r.Verify(s.challenge, s.hello); err != nil {
		return fmt.Errorf("%w: %w", ErrIntercepted, err)
	}
	if err := s.link.config.Identity.Unpair(); err != nil {
		return fmt.Errorf("unpairing: %w", err)
	}
	return ErrRevoked
}

// order hands on what staff want done, if the controller has signed so for this connection.
func (s *session) order(o *wire.Order) error {
	if err := o.Verify(s.challenge, s.hello); err != nil {
		return fmt.Errorf("%w: %w", ErrIntercepted, err)
	}
	if s.orders[o.ID] {
		return nil
	}
	s.orders[o.ID] = true
	s.link.config.Handler.Order(*o)
	return nil
}

// post changes what is to be sent, and wakes the writer.
func (s *session) post(change func()) {
	s.mu.Lock()
	change()
	s.mu.Unlock()
	s.nudge()
}

func (s *session) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// write is the writing goroutine.
func (s *session) write(ctx context.Context) error {
	defer func() { _ = s.ws.Close() }() // frees the reader
	resync := time.NewTicker(syncEvery)
	defer resync.Stop()
	for {
		if err := s.empty(); err != nil {
			return err
		}
		select {
		case <-s.wake:
		case <-resync.C:
			s.post(func() { s.ask = s.linked })
		case o := <-s.plays:
			err := s.writeFrame(websocket.BinaryMessage, o.frame)
			o.done <- err
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return s.sayGoodbye(ctx)
		}
	}
}

// sayGoodbye closes the connection politely.
func (s *session) sayGoodbye(ctx context.Context) error {
	_ = s.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseGoingAway, ""),
		time.Now().Add(time.Second)) // whoever is gone need not be told
	return context.Cause(ctx)
}

// empty writes all that waits.
func (s *session) empty() error {
	for {
		frame, err := s.take()
		if err != nil || frame == nil {
			return err
		}
		if err := s.writeFrame(websocket.TextMessage, frame); err != nil {
			return err
		}
	}
}

// take gives the next frame to write; nil if there is none.
func (s *session) take() ([]byte, error) {
	s.mu.Lock()
	frame, ask, linked := s.greet, s.ask, s.linked
	s.greet = nil
	s.ask = ask && frame != nil
	s.mu.Unlock()
	switch {
	case frame != nil:
		return frame, nil
	case ask:
		return wire.Encode(wire.Envelope{Time: &wire.TimeExchange{T1: s.link.config.Clock.Mono()}})
	case linked:
		return s.link.waiting()
	}
	return nil, nil
}

func (s *session) writeFrame(kind int, frame []byte) error {
	if err := s.ws.SetWriteDeadline(time.Now().Add(wire.WriteDeadline)); err != nil {
		return err
	}
	return s.ws.WriteMessage(kind, frame)
}

func (s *session) sendPlays(ctx context.Context, frame []byte) error {
	done := make(chan error, 1)
	select {
	case s.plays <- playsOrder{frame, done}:
	case <-s.ended:
		return fmt.Errorf("sending plays: %w", ErrUnlinked)
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("sending plays: %w: %w", ErrUnlinked, err)
		}
		return nil
	case <-s.ended:
		return fmt.Errorf("sending plays: %w", ErrUnlinked)
	}
}
