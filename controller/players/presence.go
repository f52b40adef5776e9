package players

import (
	"slices"
	"sync"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// Bounds of what is remembered of one player.
const (
	maxDrawn  = 32
	maxAlarms = 8
)

// Forks: a player whose connections replace each other this often within this time is two players.
const (
	forkReplacements = 3
	forkWithin       = 10 * time.Minute
)

// Presence is what is known of a player: since the controller started, but for when it was last heard.
type Presence struct {
	Linked bool
	// Since is when Linked last changed, LastHeard when the player last said anything.
	Since, LastHeard time.Time
	// Heartbeat is the newest, without the screen and the chain of its state.
	Heartbeat wire.Heartbeat
	// SentAll is when the newest heartbeat that said so said that no play waits to be sent.
	SentAll time.Time
	// Drawn are confirmations of takeovers, the newest of each, oldest first.
	Drawn []wire.Drawn
	// Alarms are what staff must look into, oldest first.
	Alarms []Alarm
}

// Alarm is something wrong with a player that only people can settle.
type Alarm struct {
	playlists.Remark

	At time.Time
}

// Session is one connection of a paired player, from its welcome to its end.
type Session struct {
	registry *Registry
	player   playlists.PlayerID
	cut      func()
}

type presence struct {
	Presence

	session  *Session
	replaced []time.Time
}

type live struct {
	mu      sync.RWMutex
	players map[playlists.PlayerID]*presence
	words   words
}

func (l *live) init() { l.players = map[playlists.PlayerID]*presence{} }

// Link begins a session; an earlier one of the same player ends. cut is called, once at most, when the
// player is revoked; it must not wait.
func (r *Registry) Link(player playlists.PlayerID, cut func()) *Session {
	s := &Session{registry: r, player: player, cut: cut}
	if r.live.link(s, r.now()) {
		r.Alarm(player, playlists.Noted("Two machines seem to use one identity: they keep replacing each other. Revoke this player and pair each machine anew."))
	}
	r.changes.tell()
	return s
}

// link reports whether sessions of the player replace each other suspiciously often.
func (l *live) link(s *Session, now time.Time) (forked bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.getLocked(s.player)
	if p.session != nil {
		p.replaced = append(p.replaced, now)
	}
	p.replaced = slices.DeleteFunc(p.replaced, func(t time.Time) bool { return now.Sub(t) > forkWithin })
	if forked = len(p.replaced) >= forkReplacements; forked {
		p.replaced = nil
	}
	if !p.Linked {
		p.Linked, p.Since = true, now
	}
	p.session, p.LastHeard = s, now
	return forked
}

func (l *live) getLocked(player playlists.PlayerID) *presence {
	p, ok := l.players[player]
	if !ok {
		p = new(presence)
		l.players[player] = p
	}
	return p
}

// End ends the session; if a newer one has begun, nothing changes.
func (s *Session) End() {
	now := s.registry.now()
	if s.update(func(p *presence) { p.session, p.Linked, p.Since = nil, false, now }) {
		s.registry.changes.tell()
	}
}

// Heard notes that the player is alive.
func (s *Session) Heard() {
	now := s.registry.now()
	s.update(func(p *presence) { p.LastHeard = now })
}

// Heartbeat keeps the player's health.
func (s *Session) Heartbeat(h wire.Heartbeat) {
	now := s.registry.now()
	if s.update(func(p *presence) { p.beat(s.registry.live.words.slim(h), now) }) {
		s.registry.changes.tell()
	}
}

// beat keeps a heartbeat of now.
func (p *presence) beat(h wire.Heartbeat, now time.Time) {
	p.LastHeard, p.Heartbeat = now, h
	if h.Health.Unsent == 0 && !h.At.IsZero() {
		p.SentAll = h.At
		if now.Before(h.At) {
			p.SentAll = now
		}
	}
}

// Drawn keeps a confirmation.
func (s *Session) Drawn(d wire.Drawn) {
	if s.update(func(p *presence) { p.confirm(d) }) {
		s.registry.changes.tell()
	}
}

// confirm keeps the newest confirmation of each takeover. The slice that readers hold is not touched.
func (p *presence) confirm(d wire.Drawn) {
	kept := make([]wire.Drawn, 0, len(p.Drawn)+1)
	for _, old := range p.Drawn {
		if old.Takeover != d.Takeover {
			kept = append(kept, old)
		}
	}
	kept = append(kept, d)
	p.Drawn = kept[max(0, len(kept)-maxDrawn):]
}

// update changes the player's presence while the session is its newest.
func (s *Session) update(change func(*presence)) bool {
	l := &s.registry.live
	l.mu.Lock()
	defer l.mu.Unlock()
	p, ok := l.players[s.player]
	if !ok || p.session != s {
		return false
	}
	change(p)
	return true
}

// cutOff ends the player's session from our side.
func (l *live) cutOff(player playlists.PlayerID) {
	l.mu.RLock()
	p, ok := l.players[player]
	var s *Session
	if ok {
		s = p.session
	}
	l.mu.RUnlock()
	if s != nil {
		s.cut()
	}
}

// Alarm notes what staff must look into; the same text is noted once.
func (r *Registry) Alarm(player playlists.PlayerID, note playlists.Remark) {
	if r.live.alarm(player, Alarm{note, r.now().UTC()}) {
		r.log.Warn("player needs a person", slogPlayer(player), slogText(note.Text))
		r.changes.tell()
	}
}

func (l *live) alarm(player playlists.PlayerID, a Alarm) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.getLocked(player)
	if slices.ContainsFunc(p.Alarms, func(old Alarm) bool { return old.Text == a.Text }) {
		return false
	}
	alarms := append(slices.Clone(p.Alarms), a)
	p.Alarms = alarms[max(0, len(alarms)-maxAlarms):]
	return true
}

// Presence gives what is known of a player; false if it has not been heard since it was paired, or
// nobody remembers.
func (r *Registry) Presence(player playlists.PlayerID) (Presence, bool) {
	r.live.mu.RLock()
	defer r.live.mu.RUnlock()
	p, ok := r.live.players[player]
	if !ok {
		return Presence{}, false
	}
	return p.Presence, true
}
