// Package link keeps a player linked with its controller: it dials, backs off, receives nudges, fetches
// bytes and sends plays.
//
// The link changes nothing that the player shows and believes nothing that the pinned controller has
// not signed: captive portals, proxies and wrong controllers end in an error that says what they are.
package link

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"anteroom/player/clock"
	"anteroom/player/identity"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// maxDrawn is how many takeovers' confirmations wait at most.
const maxDrawn = 32

// What ends a link, or keeps it from beginning; [Handler.Unlinked] gets errors that wrap these.
var (
	// ErrUnlinked: there is no link now; it comes back by itself.
	ErrUnlinked = errors.New("not linked")
	// ErrIntercepted: something other than a controller answers at the address.
	ErrIntercepted = errors.New("something between this player and the controller answers in its place (a captive portal or a proxy?)")
	// ErrOtherController: a controller answers that this player is not paired with.
	ErrOtherController = errors.New("another controller answers than the one this player is paired with")
	// ErrRevoked: staff revoked this player; it has been unpaired and will ask for a code.
	ErrRevoked = errors.New("staff revoked this player")
	// ErrUntrusted: the controller's certificate is not trusted by this machine.
	ErrUntrusted = errors.New("the controller's certificate is not trusted: give the player the certificate authority of the hospital")
)

// Handler hears what the controller says. All calls come from one goroutine, in order; a handler that
// waits holds up the link. Heads and takeovers have been verified.
type Handler interface {
	// Linked says that the handshake has succeeded.
	Linked(w wire.Welcome)
	// Unlinked gives the reason of every end of a link and of every dial in vain.
	Unlinked(err error)
	// Pairing gives the code and the words to show until expires. A player that has pinned a
	// controller hears it too if that controller does not know it any more (restored from a backup).
	Pairing(code string, words []string, expires time.Time)
	// Paired says that the player has pinned the controller, or was moved to another screen.
	Paired(screen playlists.ScreenID)
	Head(h playlists.Head, signed wire.Signed)
	Takeovers(t playlists.Takeovers, signed wire.Signed)
	Ack(a wire.Ack)
	// Order asks for something to be done once; it has been verified, and none comes twice in a link.
	Order(o wire.Order)
	// Snapshot asks for a picture, to be given to [Link.PutSnapshot] under id; somebody looks.
	Snapshot(id string)
}

// Config is what a link needs.
type Config struct {
	// URL is the controller's, "https://anteroom.example.org".
	URL      string
	Identity *identity.Identity
	Clock    *clock.Clock
	Handler  Handler
	// State, Abilities and Stream are asked at every dial.
	State     func() wire.State
	Abilities func() playlists.Abilities
	Stream    func() playlists.StreamID
	// Software is the version of the player's program.
	Software string
	// PlainHTTP allows http to other machines than this one.
	PlainHTTP bool
	// TLS holds the certificate authorities beside the system's; nil is the system's alone.
	TLS *tls.Config
	// Dial reaches the controller; nil is the network, through the proxy that the environment names.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Jitter gives numbers in [0, 1); nil is random.
	Jitter func() float64
	// Log; nil discards.
	Log *slog.Logger
}

// Link is safe for concurrent use.
type Link struct {
	config Config
	base   *url.URL
	client *http.Client

	mu      sync.Mutex
	session *session // nil while not linked
	bearer  wire.Bearer
	spread  time.Duration // over which to come back
	// What waits to be sent, over sessions: the newest heartbeat and the newest confirmation of each
	// takeover.
	heartbeat []byte
	drawn     []wire.Drawn
}

// New checks the configuration; a URL that is not https, and neither of this machine nor allowed by
// PlainHTTP, is [playlists.ErrInvalid].
func New(c Config) (*Link, error) {
	base, err := parseURL(c.URL, c.PlainHTTP)
	if err != nil {
		return nil, err
	}
	if c.Identity == nil || c.Clock == nil || c.Handler == nil || c.State == nil || c.Abilities == nil || c.Stream == nil {
		return nil, fmt.Errorf("%w: a link needs an identity, a clock, a handler, a state, abilities and a stream", playlists.ErrInvalid)
	}
	if c.Jitter == nil {
		c.Jitter = rand.Float64
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	l := &Link{config: c, base: base, spread: firstSpread}
	l.client = l.newClient()
	return l, nil
}

func parseURL(raw string, plain bool) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%w: the controller's address %q is not like https://anteroom.example.org", playlists.ErrInvalid, raw)
	}
	u.Path = strings.TrimSuffix(u.Path, "/")
	switch {
	case u.Scheme == "https", u.Scheme == "http" && (plain || loopback(u.Hostname())):
		return u, nil
	case u.Scheme == "http":
		return nil, fmt.Errorf("%w: %s is not encrypted: use https, or allow plain HTTP explicitly", playlists.ErrInvalid, raw)
	}
	return nil, fmt.Errorf("%w: the controller's address %q is neither https nor http", playlists.ErrInvalid, raw)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Run keeps the player linked until ctx is done.
func (l *Link) Run(ctx context.Context) error {
	defer l.client.CloseIdleConnections()
	retry := backoff{jitter: l.config.Jitter}
	for {
		welcomed, err := l.once(ctx)
		if ctx.Err() != nil {
			return nil
		}
		l.config.Handler.Unlinked(err)
		wait := retry.after(err, welcomed, l.reconnectSpread())
		l.config.Log.InfoContext(ctx, "link ended", slog.String("reason", err.Error()), slog.Duration("retry_in", wait))
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
	}
}

// once dials and keeps one link until it ends; the error is never nil. welcomed is how long it was linked.
func (l *Link) once(ctx context.Context) (welcomed time.Duration, err error) {
	ws, err := l.dial(ctx)
	if err != nil {
		return 0, err
	}
	s := newSession(l, ws)
	err = s.run(ctx)
	return s.linkedFor(), err
}

// begin makes s the link.
func (l *Link) begin(s *session, w *wire.Welcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.session, l.bearer = s, w.Bearer
	l.spread = time.Duration(w.SpreadMillis) * time.Millisecond
}

func (l *Link) end(s *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.session == s {
		l.session = nil
	}
}

func (l *Link) reconnectSpread() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.spread
}

func (l *Link) setBearer(b wire.Bearer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bearer = b
}

func (l *Link) current() *session {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.session
}

// Heartbeat sends the player's health now, or once there is a link; the newest replaces any that has
// not left yet. What is too long for the wire is cut.
func (l *Link) Heartbeat(h wire.Heartbeat) {
	frame, err := wire.Encode(wire.Envelope{Heartbeat: h.Clipped()})
	if err != nil {
		l.config.Log.Error("heartbeat cannot be sent", slog.String("error", err.Error()))
		return
	}
	l.post(func() { l.heartbeat = frame })
}

// Drawn confirms a takeover now, or once there is a link. One that was on its way when a link broke is
// lost: confirm again what is on the screen at [Handler.Linked].
func (l *Link) Drawn(d wire.Drawn) {
	l.post(func() { l.drawn = newestDrawn(l.drawn, d) })
}

// post changes what waits to be sent, and wakes the session if there is one.
func (l *Link) post(change func()) {
	l.mu.Lock()
	change()
	s := l.session
	l.mu.Unlock()
	if s != nil {
		s.nudge()
	}
}

// newestDrawn adds a confirmation in place of an earlier one of the same takeover.
func newestDrawn(drawn []wire.Drawn, d wire.Drawn) []wire.Drawn {
	drawn = slices.DeleteFunc(drawn, func(old wire.Drawn) bool { return old.Takeover == d.Takeover })
	drawn = append(drawn, d)
	return drawn[max(0, len(drawn)-maxDrawn):]
}

// waiting takes the next frame that waits to be sent; nil if there is none.
func (l *Link) waiting() ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if frame := l.heartbeat; frame != nil {
		l.heartbeat = nil
		return frame, nil
	}
	if len(l.drawn) == 0 {
		return nil, nil
	}
	d := l.drawn[0]
	l.drawn = slices.Delete(l.drawn, 0, 1)
	return wire.Encode(wire.Envelope{Drawn: &d})
}

// SendPlays hands a batch to the controller and returns once it is written; that it has arrived only
// [Handler.Ack] says. [ErrUnlinked] while there is no link, or if it ends meanwhile.
func (l *Link) SendPlays(ctx context.Context, b wire.Batch) error {
	frame, err := wire.EncodeBatch(b)
	if err != nil {
		return fmt.Errorf("sending plays: %w", err)
	}
	s := l.current()
	if s == nil {
		return fmt.Errorf("sending plays: %w", ErrUnlinked)
	}
	return s.sendPlays(ctx, frame)
}

// Linked reports whether there is a link now.
func (l *Link) Linked() bool { return l.current() != nil }

// token is the newest bearer; [ErrUnlinked] if there is none that still opens anything.
func (l *Link) token() (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, _ := l.config.Clock.Now()
	if l.bearer.Token == "" || !now.Before(l.bearer.Expires) {
		return "", fmt.Errorf("no bearer: %w", ErrUnlinked)
	}
	return l.bearer.Token, nil
}

// pinned gives the key that the link must find at the other end; false if any will do.
func (l *Link) pinned() (ed25519.PublicKey, bool) { return l.config.Identity.Controller() }
