package hub

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"anteroom/playlists/wire"
)

// readBuffer is little more than the least buffer that the websocket library takes over from a hijacker,
// and holds any control frame; what messages have beyond it goes past it.
const readBuffer = 288

// hijacker gives a connection a small read buffer that its reader can look into, and its outlet.
type hijacker struct {
	http.ResponseWriter

	conn *conn
}

// Hijack implements [http.Hijacker].
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	raw, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil || rw.Reader.Buffered() > 0 {
		return raw, rw, err // what came too early is for the upgrade to refuse
	}
	h.conn.in = bufio.NewReaderSize(raw, readBuffer)
	h.conn.out.Conn = raw
	h.conn.out.hold(true) // until the challenge goes with it
	return &h.conn.out, bufio.NewReadWriter(h.conn.in, rw.Writer), nil
}

// serve waits until something comes, and hands the connection to a worker that is idle, or becomes one. It does
// nothing else, so that its stack keeps the size that goroutines begin with; that is most of what a quiet
// connection costs.
func (c *conn) serve(ctx context.Context) {
	_, _ = c.in.Peek(1) // whether something came or it failed, the next step deals with it
	select {
	case c.hub.ready <- c:
	default:
		c.hub.deal(ctx, c)
	}
}

// deal takes the next step of one connection after the other, in a goroutine whose stack may grow.
func (h *Hub) deal(ctx context.Context, c *conn) {
	for c != nil {
		if c.step(ctx) {
			h.start(ctx, c.serve)
		}
		c = h.idle(ctx)
	}
}

// idle waits for a connection with something to do, unless enough workers do.
func (h *Hub) idle(ctx context.Context) *conn {
	select {
	case h.spare <- struct{}{}:
		defer func() { <-h.spare }()
	default:
		return nil
	}
	select {
	case c := <-h.ready:
		return c
	case <-ctx.Done():
		return nil
	}
}

// step deals with one thing: the hello, a message, or a silence. It is false at the end.
func (c *conn) step(ctx context.Context) (goOn bool) {
	err := c.take(ctx)
	if err == nil {
		c.rest()
		return true
	}
	defer c.end()
	if ours, ok := errors.AsType[*closeError](err); ok {
		c.shut(ours.code, ours.Error())
		err = c.drain()
	}
	c.hub.log.DebugContext(ctx, "connection ended", slog.String("player", string(c.who.player)), slogErr(err))
	return false
}

func (c *conn) take(ctx context.Context) error {
	_, err := c.in.Peek(1)
	if !c.greeted {
		if err != nil {
			return c.late(err)
		}
		c.greeted = true
		return c.greet(ctx)
	}
	if err != nil {
		return c.silence(err)
	}
	c.listen()
	if was, err := c.takePong(); was || err != nil {
		return err
	}
	return c.receive(ctx)
}

// takePong takes a pong, if that is what has come. The library would go on to wait for the message
// behind it, and keep this goroutine and its stack.
func (c *conn) takePong() (was bool, err error) {
	const finalPong, masked, longest = 0x8a, 0x80, 125
	head, err := c.in.Peek(2)
	if err != nil || head[0] != finalPong || head[1]&masked == 0 || head[1]&^masked > longest {
		return false, err
	}
	const headSize = 2 + 4 // with the mask
	if _, err := c.in.Discard(headSize + int(head[1]&^masked)); err != nil {
		return true, err
	}
	c.heard()
	return true, nil
}

// silence is nil if err says no more than that a ping is due.
func (c *conn) silence(err error) error {
	var n net.Error
	if !errors.As(err, &n) || !n.Timeout() {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stage == closing || !time.Now().Before(c.silent) {
		return err
	}
	return nil
}

// listen lets a message that has begun take the time that a silence may.
func (c *conn) listen() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waitLocked(c.silent)
}

// rest sends a ping if one is due, and has the reader wait for the next, or for a silence to be too long.
func (c *conn) rest() {
	now := time.Now()
	c.mu.Lock()
	due := c.stage != closing && !now.Before(c.ping)
	if due {
		c.ping = now.Add(wire.PingEvery)
	}
	until := c.ping
	if c.silent.Before(until) {
		until = c.silent
	}
	c.waitLocked(until)
	c.mu.Unlock()
	if due {
		c.put(&letter{slot: slotPing, ping: true})
	}
}

// waitLocked moves the read deadline, unless the connection is closing and has its last one.
func (c *conn) waitLocked(until time.Time) {
	if c.stage != closing {
		_ = c.ws.SetReadDeadline(until) // a broken connection shows at the next read
	}
}

// heard begins the time anew after which a silence is too long.
func (c *conn) heard() {
	c.mu.Lock()
	session := c.session
	c.silent = time.Now().Add(wire.ReadDeadline)
	c.mu.Unlock()
	if session != nil {
		session.Heard()
	}
}
