package hub

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"anteroom/controller/players"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// conn is one connection. Its reader (serve) owns it; mu guards what others touch too. There are as many
// as there are players, so what only the handshake needs is let go after it.
type conn struct {
	hub     *Hub
	ws      *websocket.Conn
	in      *bufio.Reader // what ws reads from; the reader looks into it
	out     outlet        // what ws writes to
	address string        // of a stranger
	box     mailbox
	next    *conn // in the hub's queue, which guards it
	known   bool  // no longer counted as a stranger; guarded by the hub

	// who is set by the reader before anybody else knows the connection.
	who who
	// greeted: the hello has come. It is the reader's, as is untaken.
	greeted bool
	// untaken: the last batch was not taken, and the log says so.
	untaken bool

	mu      sync.Mutex
	stage   stage
	hello   *wire.Hello // until the player is linked
	session *players.Session
	code    *time.Timer // ends with the code that the player shows
	renew   time.Time   // when the bearer is to be renewed
	ping    time.Time   // when the next is due
	silent  time.Time   // when nothing has been heard for too long
}

// who is a player that has proved itself, and what it has proved it over.
type who struct {
	player     playlists.PlayerID
	key        ed25519.PublicKey
	stream     playlists.StreamID
	challenged [wire.NonceSize]byte
	answered   [wire.NonceSize]byte
}

// said is what both sides signed, as far as a signature needs it.
func (c *conn) said() (wire.Challenge, wire.Hello) {
	return c.hub.challenge(c.who.challenged[:]), wire.Hello{Player: c.who.player, Stream: c.who.stream, Nonce: c.who.answered[:]}
}

// stage is how far a connection has come.
type stage int

const (
	greeting stage = iota
	waiting        // shows a code
	linked
	closing
)

// closeError ends a connection from our side.
type closeError struct {
	code int
	err  error
}

func (e *closeError) Error() string { return e.err.Error() }
func (e *closeError) Unwrap() error { return e.err }

// open takes the upgraded connection and sends the challenge, in one piece with the answer to the upgrade.
func (c *conn) open(ws *websocket.Conn) error {
	c.ws = ws
	ws.SetReadLimit(wire.MaxFrame)
	ws.SetPongHandler(func(string) error {
		c.heard()
		c.listen()
		return nil
	})
	if _, err := rand.Read(c.who.challenged[:]); err != nil {
		return fmt.Errorf("making a nonce: %w", err)
	}
	challenge := c.hub.challenge(c.who.challenged[:])
	l, err := encode(slotChallenge, wire.Envelope{Challenge: &challenge})
	if err != nil {
		return err
	}
	c.silent = time.Now().Add(wire.HandshakeLimit)
	if err := ws.SetReadDeadline(c.silent); err != nil {
		return err
	}
	c.out.hold(false)
	if err := c.writeLetter(l); err != nil {
		return err
	}
	c.hub.metrics.sent.WithLabelValues(slotChallenge.String()).Inc()
	return nil
}

// drain reads what still comes until the player hangs up.
func (c *conn) drain() error {
	for {
		if _, _, err := c.ws.ReadMessage(); err != nil {
			return err
		}
	}
}

// end forgets the connection.
func (c *conn) end() {
	c.mu.Lock()
	session := c.session
	c.stage = closing
	stop(c.code)
	c.mu.Unlock()
	c.hub.leave(c)
	if session != nil {
		session.End()
	}
	c.drop()
}

// drop hangs up without a word.
func (c *conn) drop() {
	c.box.shutDown()
	_ = c.ws.Close() // nothing is left to be told
}

// shut says why and hangs up; the reader ends by itself.
func (c *conn) shut(code int, why string) {
	// RFC 6455 has room for 123 bytes, and a peer fails a reason that ends inside a character.
	c.put(&letter{slot: slotClose, code: code, reason: strings.ToValidUTF8(why[:min(len(why), 120)], "")})
}

func (c *conn) put(l *letter) {
	if c.box.put(l, false) {
		c.hub.queue.push(c)
	}
}

// putFirst places a letter unless one of its kind has been sent on this connection: what was asked for
// may be older than what was nudged meanwhile.
func (c *conn) putFirst(l *letter) {
	if c.box.put(l, true) {
		c.hub.queue.push(c)
	}
}

// release lets the letters go that the mailbox held.
func (c *conn) release() {
	if c.box.release() {
		c.hub.queue.push(c)
	}
}

func (c *conn) send(s slot, e wire.Envelope) error {
	l, err := encode(s, e)
	if err != nil {
		return fmt.Errorf("sending %s: %w", s, err)
	}
	c.put(l)
	return nil
}

// writeLetter is called by one writer at a time.
func (c *conn) writeLetter(l *letter) error {
	deadline := time.Now().Add(wire.WriteDeadline)
	switch {
	case l.ping:
		return c.ws.WriteControl(websocket.PingMessage, nil, deadline)
	case l.code != 0:
		err := c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(l.code, l.reason), deadline)
		c.linger()
		return err
	case l.time != nil:
		timed, err := encode(slotTime, wire.Envelope{Time: &wire.TimeExchange{T1: l.time.T1, T2: l.time.T2, T3: time.Now().UnixNano()}})
		if err != nil {
			return err
		}
		l = timed
	}
	if err := c.ws.SetWriteDeadline(deadline); err != nil {
		return err
	}
	return c.ws.WriteMessage(websocket.TextMessage, l.frame)
}

func whyDropped(err error) string {
	var n net.Error
	if errors.As(err, &n) && n.Timeout() {
		return "slow"
	}
	return "broken"
}

// linger gives the player a moment to hang up first, so that it gets to read the close frame.
func (c *conn) linger() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stage = closing
	_ = c.ws.SetReadDeadline(time.Now().Add(lingerFor)) // a broken connection ends sooner
}

// greet is the handshake from the hello up to the welcome or the first code.
func (c *conn) greet(ctx context.Context) error {
	if err := c.readHello(); err != nil {
		return err
	}
	c.heard()
	c.mu.Lock()
	c.ping = time.Now().Add(wire.PingEvery)
	c.mu.Unlock()
	return c.place(ctx)
}

func (c *conn) readHello() error {
	kind, frame, err := c.ws.ReadMessage()
	if err != nil {
		return c.late(err)
	}
	e, err := wire.Decode(frame)
	if err != nil || kind != websocket.TextMessage || e.Hello == nil {
		c.hub.metrics.refused.WithLabelValues("handshake").Inc()
		return &closeError{wire.CloseBadMessage, errors.New("a hello was expected")}
	}
	if e.Hello.Version < 1 {
		return &closeError{wire.CloseVersion, fmt.Errorf("version %d of the wire is too old: update the player", e.Hello.Version)}
	}
	if err := e.Hello.Verify(c.hub.challenge(c.who.challenged[:])); err != nil {
		c.hub.metrics.refused.WithLabelValues("signature").Inc()
		return &closeError{wire.CloseIdentity, err}
	}
	c.who.player, c.who.key, c.who.stream = e.Hello.Player, e.Hello.Key, e.Hello.Stream
	if p, ok := c.hub.players.Player(c.who.player); ok {
		c.who.player, c.who.key = p.ID, p.Key // the same, which the registry keeps anyway
	}
	copy(c.who.answered[:], e.Hello.Nonce)
	c.mu.Lock()
	c.hello = e.Hello
	c.mu.Unlock()
	return nil
}

// late counts a hello that did not come in time, if that is what err is about.
func (c *conn) late(err error) error {
	if whyDropped(err) == "slow" {
		c.hub.metrics.refused.WithLabelValues("handshake").Inc()
	}
	return err
}

// asked is what the player said in its hello; nil once it is linked.
func (c *conn) asked() *wire.Hello {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hello
}

// place decides what the player is to us.
func (c *conn) place(ctx context.Context) error {
	p, known := c.hub.players.Player(c.who.player)
	switch {
	case known && !p.Revoked():
		return c.welcome(ctx)
	case known && c.asked().Paired:
		c.revoke()
		return nil
	}
	return c.showCode()
}

// showCode gives the player a code, and a new one whenever that ends.
func (c *conn) showCode() error {
	hello := c.asked()
	if hello == nil {
		return nil
	}
	w, err := c.hub.players.Await(players.Applicant{
		Player: hello.Player, Key: hello.Key, Abilities: hello.Abilities, Software: hello.Software,
	}, c.claimed)
	if err != nil {
		return &closeError{wire.CloseGoingAway, err}
	}
	if !c.wait(w.Expires) {
		return nil
	}
	if p, ok := c.hub.players.Player(hello.Player); ok && !p.Revoked() {
		c.claimed() // while we were asking for the code
		return nil
	}
	return c.send(slotPair, wire.Envelope{Pair: &wire.Pair{Code: w.Code, Expires: w.Expires}})
}

// wait moves the connection to waiting, until its code ends; false if it is linked or closing.
func (c *conn) wait(expires time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stage != greeting && c.stage != waiting {
		return false
	}
	c.stage = waiting
	c.code = time.AfterFunc(time.Until(expires), func() {
		if err := c.showCode(); err != nil {
			c.shut(wire.CloseGoingAway, err.Error())
		}
	})
	return true
}

// claimed is called once staff have chosen a place for the player.
func (c *conn) claimed() {
	c.hub.ask(func(ctx context.Context) {
		if err := c.welcome(ctx); err != nil {
			c.shut(wire.CloseGoingAway, err.Error())
		}
	})
}

// welcome links the player and tells it what is in force.
func (c *conn) welcome(ctx context.Context) error {
	p, ok := c.hub.players.Player(c.who.player)
	if !ok || p.Revoked() {
		return &closeError{wire.CloseGoingAway, errors.New("unpaired meanwhile")}
	}
	hello := c.asked()
	if hello == nil {
		return nil
	}
	w, err := c.welcomeFor(ctx, &p, hello)
	if err != nil {
		return &closeError{wire.CloseGoingAway, err}
	}
	if !c.begin(&p, w.Bearer) {
		return nil
	}
	c.box.hold() // so that all of it goes in one piece
	defer c.release()
	if !hello.Paired {
		err = c.send(slotPair, wire.Envelope{Pair: &wire.Pair{Paired: true}})
	}
	err = errors.Join(err, c.send(slotWelcome, wire.Envelope{Welcome: &w}))
	if older := c.hub.link(c); older != nil {
		older.shut(wire.CloseReplaced, "a newer connection of this player took over")
	}
	if err != nil {
		return err
	}
	if err := c.inform(ctx, &p, hello); err != nil {
		return &closeError{wire.CloseGoingAway, err}
	}
	return nil
}

func (c *conn) welcomeFor(ctx context.Context, p *players.Player, hello *wire.Hello) (wire.Welcome, error) {
	through, err := c.hub.intake.Resume(ctx, p.ID, hello.Stream, hello.State)
	if err != nil {
		return wire.Welcome{}, fmt.Errorf("reading how far the plays have come: %w", err)
	}
	bearer, err := c.hub.players.Bearer(p.ID)
	if err != nil {
		return wire.Welcome{}, err
	}
	challenge, answer := c.said()
	presence, _ := c.hub.players.Presence(p.ID) // none says nothing
	return wire.Welcome{
		Screen: p.Screen, Bearer: bearer, Known: through, SpreadMillis: c.hub.spread().Milliseconds(),
		Unkept:    presence.Heartbeat.Health.Unkept,
		Signature: ed25519.Sign(c.hub.key, wire.WelcomeBytes(challenge, answer)),
	}, nil
}

// begin moves the connection to linked; false if it is closing or has been welcomed already.
func (c *conn) begin(p *players.Player, b wire.Bearer) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stage == closing || c.stage == linked {
		return false
	}
	c.stage, c.hello = linked, nil
	stop(c.code)
	c.code = nil
	c.session = c.hub.players.Link(p.ID, c.revoke)
	c.renew = renewal(b)
	return true
}

func renewal(b wire.Bearer) time.Time { return b.Expires.Add(-wire.BearerLife / 2) }

func stop(t *time.Timer) {
	if t != nil {
		t.Stop()
	}
}

// inform sends the takeovers and the head in force.
func (c *conn) inform(ctx context.Context, p *players.Player, hello *wire.Hello) error {
	takeovers, ok, err := c.hub.heads.Takeovers(ctx)
	if err != nil {
		return fmt.Errorf("reading the takeovers in force: %w", err)
	}
	if ok {
		if err := c.sendFirst(slotTakeovers, wire.Envelope{Takeovers: &takeovers}); err != nil {
			return err
		}
	}
	if !p.Is(hello.Abilities, hello.Software) {
		c.release() // nobody waits for the disk
		if err := c.hub.players.Saw(ctx, p.ID, hello.Abilities, hello.Software); err != nil {
			return err
		}
	}
	head, ok, err := c.hub.heads.Head(ctx, p.Screen, hello.Abilities, hello.State.Generation)
	if err != nil {
		return fmt.Errorf("reading the head of %s: %w", p.Screen, err)
	}
	if ok {
		return c.sendFirst(slotHead, wire.Envelope{Head: &head})
	}
	return nil
}

func (c *conn) sendFirst(s slot, e wire.Envelope) error {
	l, err := encode(s, e)
	if err != nil {
		return fmt.Errorf("sending %s: %w", s, err)
	}
	c.putFirst(l)
	return nil
}

// revoke tells the player, signed, that it is cut off, and hangs up.
func (c *conn) revoke() {
	r := wire.Revoked{Signature: ed25519.Sign(c.hub.key, wire.RevokedBytes(c.said()))}
	if err := c.send(slotRevoked, wire.Envelope{Revoked: &r}); err != nil {
		c.hub.log.Error("revocation cannot be sent", slogErr(err))
	}
	c.shut(wire.CloseRevoked, "staff revoked this player")
}

// receive reads and handles one frame.
func (c *conn) receive(ctx context.Context) error {
	kind, frame, err := c.ws.ReadMessage()
	if err != nil {
		return err
	}
	arrived := time.Now()
	session, ok := c.linkedSession()
	if !ok {
		return &closeError{wire.CloseBadMessage, errors.New("nothing is expected from a player before its welcome")}
	}
	if kind == websocket.BinaryMessage {
		err = c.takeBatch(ctx, frame)
	} else {
		err = c.takeMessage(session, frame, arrived)
	}
	c.heard()
	return err
}

func (c *conn) linkedSession() (*players.Session, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session, c.session != nil
}

func (c *conn) takeMessage(session *players.Session, frame []byte, arrived time.Time) error {
	e, err := wire.Decode(frame)
	if errors.Is(err, wire.ErrUnknown) {
		return nil
	}
	if err != nil {
		return &closeError{wire.CloseBadMessage, err}
	}
	switch {
	case e.Time != nil:
		c.hub.metrics.received.WithLabelValues("time").Inc()
		c.put(&letter{slot: slotTime, time: &wire.TimeExchange{T1: e.Time.T1, T2: arrived.UnixNano()}})
	case e.Heartbeat != nil:
		c.hub.metrics.received.WithLabelValues("heartbeat").Inc()
		session.Heartbeat(*e.Heartbeat)
		return c.renewBearer(arrived)
	case e.Drawn != nil:
		c.hub.metrics.received.WithLabelValues("drawn").Inc()
		session.Drawn(*e.Drawn)
	}
	return nil
}

// renewBearer sends a new token when the old one has lived half its life.
func (c *conn) renewBearer(now time.Time) error {
	c.mu.Lock()
	due := !now.Before(c.renew)
	c.mu.Unlock()
	if !due {
		return nil
	}
	b, err := c.hub.players.Bearer(c.who.player)
	if err != nil {
		return &closeError{wire.CloseGoingAway, err}
	}
	c.mu.Lock()
	c.renew = renewal(b)
	c.mu.Unlock()
	return c.send(slotBearer, wire.Envelope{Bearer: &b})
}

func (c *conn) takeBatch(ctx context.Context, frame []byte) error {
	c.hub.metrics.received.WithLabelValues("plays").Inc()
	b, err := wire.DecodeBatch(frame)
	if err != nil {
		return &closeError{wire.CloseBadMessage, err}
	}
	if b.Player != c.who.player {
		return &closeError{wire.CloseIdentity, fmt.Errorf("plays of another player, %s", b.Player)}
	}
	ack, err := c.hub.intake.Accept(ctx, c.who.key, b)
	switch {
	case errors.Is(err, playlists.ErrDenied), errors.Is(err, playlists.ErrInvalid):
		c.hub.log.WarnContext(ctx, "plays refused", slog.String("player", string(b.Player)), slogErr(err))
		return &closeError{wire.CloseBadMessage, err}
	case err != nil:
		if !c.untaken { // they come again and again
			c.hub.log.ErrorContext(ctx, "plays not taken", slog.String("player", string(b.Player)), slogErr(err))
		}
		c.untaken = true
		return nil
	}
	c.untaken = false
	return c.send(slotAck, wire.Envelope{Ack: &ack})
}
