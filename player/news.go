package player

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"time"

	"anteroom/player/link"
	"anteroom/player/playback"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// news is the player as the link's handler: it brings everything to the loop.
type news Player

// Linked implements [link.Handler].
func (n *news) Linked(w wire.Welcome) {
	p := (*Player)(n)
	p.shared.mu.Lock()
	stream := p.shared.stream
	p.shared.mu.Unlock()
	p.tellSender(senderNews{linked: true, stream: stream, known: w.Known})
	p.post(func() {
		l := &p.loop
		l.unlinked, l.tellAgain = "", true
		l.nextBeat = p.cfg.Mono()
		p.setPairing(nil)
		p.want()
		p.notKept(w.Unkept)
	})
}

// Unlinked implements [link.Handler].
func (n *news) Unlinked(err error) {
	p := (*Player)(n)
	p.tellSender(senderNews{unlinked: true})
	p.post(func() {
		p.loop.unlinked = err.Error()
		if errors.Is(err, link.ErrRevoked) {
			p.forget()
		}
		if p.loop.current == nil {
			p.loop.dirty = true
		}
	})
}

// Pairing implements [link.Handler]. A player that its controller has forgotten plays on; staff find the
// code with `player status`.
func (n *news) Pairing(code string, words []string, expires time.Time) {
	p := (*Player)(n)
	slate := &playback.Slate{
		Title: "Pair this screen", Code: code, Words: words,
		Lines: []string{"Enter this code in the console, and compare the six words."},
	}
	p.post(func() {
		p.loop.code = &Pairing{code, words, expires}
		if p.loop.current != nil {
			p.loop.notes.set("pairing", playlists.Noted("The controller does not know this player any more; pair it with the code %s.", code))
			return
		}
		p.setPairing(slate)
	})
}

func (p *Player) setPairing(s *playback.Slate) {
	if s == nil {
		p.loop.code = nil
		p.loop.notes.clear("pairing")
	}
	if s != p.loop.pairing {
		p.loop.pairing, p.loop.dirty = s, true
	}
}

// Paired implements [link.Handler].
func (n *news) Paired(screen playlists.ScreenID) {
	p := (*Player)(n)
	if key, ok := p.identity.Controller(); ok {
		if err := p.journal.Bind(wire.ControllerIDOf(key)); err != nil {
			p.log.Error("journal not bound", slog.Any("error", err))
		}
	}
	p.post(func() {
		p.setPairing(nil)
		if c := p.loop.current; c == nil || c.head.Screen != screen || !p.isOurs(c.head.Controller) {
			p.forget()
		}
	})
}

func (p *Player) isOurs(id playlists.ControllerID) bool {
	key, ok := p.identity.Controller()
	return ok && wire.ControllerIDOf(key) == id
}

// Head implements [link.Handler].
func (n *news) Head(h playlists.Head, signed wire.Signed) {
	p := (*Player)(n)
	p.post(func() { p.offer(h, signed) })
}

// Takeovers implements [link.Handler].
func (n *news) Takeovers(ts playlists.Takeovers, signed wire.Signed) {
	p := (*Player)(n)
	p.post(func() { p.takeOver(ts, signed) })
}

// Ack implements [link.Handler].
func (n *news) Ack(a wire.Ack) { (*Player)(n).tellSender(senderNews{ack: &a}) }

// Snapshot implements [link.Handler].
func (n *news) Snapshot(id string) {
	p := (*Player)(n)
	p.post(func() { p.takeSnapshot(id) })
}

// publish tells the other goroutines what the loop has.
func (p *Player) publish() {
	l := &p.loop
	state := wire.State{Screen: p.identity.Screen()}
	if l.current != nil {
		state.Generation, state.Body = l.current.head.Generation, l.current.head.Body
	}
	if l.takeovers != nil {
		state.Takeovers = l.takeovers.Number
	}
	p.shared.mu.Lock()
	defer p.shared.mu.Unlock()
	p.shared.state = state
	if len(l.spans) > 0 {
		p.shared.show = l.spans[0].Show
	}
}

// helloState is what the player has, for a hello; it waits until the journal is open.
func (p *Player) helloState() wire.State {
	state := p.playing()
	j, err := p.journal.State()
	if err != nil {
		p.log.Warn("journal not read", slog.Any("error", err))
		return state
	}
	state.Journal, state.Chain, state.Kept = j.Last, j.Chain, j.Kept
	return state
}

// state is what the player has, for heartbeats: the loop must not wait for the journal to be opened.
func (p *Player) state() wire.State {
	if !p.journal.Up() {
		return p.playing()
	}
	return p.helloState()
}

// playing is what the player has but for its journal.
func (p *Player) playing() wire.State {
	p.shared.mu.Lock()
	state := p.shared.state
	p.shared.mu.Unlock()
	state.Screen = p.identity.Screen()
	return state
}

// helloStream is the stream to send. Without a journal it is one that nothing will be sent on.
func (p *Player) helloStream() playlists.StreamID {
	id := playlists.StreamID(hex.EncodeToString(make([]byte, 16)))
	if j, err := p.journal.State(); err == nil {
		id = j.Stream
	} else if b := make([]byte, 16); fill(b) {
		id = playlists.StreamID(hex.EncodeToString(b))
	}
	p.shared.mu.Lock()
	defer p.shared.mu.Unlock()
	p.shared.stream = id
	return id
}

func fill(b []byte) bool {
	_, err := rand.Read(b)
	return err == nil
}

func (p *Player) helloAbilities() playlists.Abilities {
	p.shared.mu.Lock()
	defer p.shared.mu.Unlock()
	p.shared.told = p.shared.abilities
	return p.shared.abilities
}
