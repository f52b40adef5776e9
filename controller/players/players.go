// Package players knows every player: who is paired with which screen, who waits to be, who is linked.
//
// What staff decided (pairing, revocation) is a document of kind "player" and durable before anybody
// is told. Codes, presence, drawn confirmations and snapshots are in memory: they come back by
// themselves when players link again.
package players

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// Kind is the kind of document that a paired player is; its id is the player's.
const Kind store.Kind = "player"

// screenKind is the kind of document that a screen is.
const screenKind store.Kind = "screen"

// Player is a player that has been paired at some time.
type Player struct {
	ID         playlists.PlayerID  `json:"id"`
	Key        []byte              `json:"key"` // Ed25519 public key
	Screen     playlists.ScreenID  `json:"screen"`
	PairedAt   time.Time           `json:"paired_at"`
	PairedBy   string              `json:"paired_by"`
	RevokedAt  time.Time           `json:"revoked_at,omitzero"`
	RevokedBy  string              `json:"revoked_by,omitempty"`
	Abilities  playlists.Abilities `json:"abilities"`
	Software   string              `json:"software,omitempty"`
	documentAt uint64              // revision of the document that says so
}

// Revoked reports whether staff, or a later player of the screen, cut this player off.
func (p *Player) Revoked() bool { return !p.RevokedAt.IsZero() }

// Is reports whether this is what is known of the player's machine.
func (p *Player) Is(a playlists.Abilities, software string) bool {
	return p.Software == software && p.Abilities.Width == a.Width && p.Abilities.Height == a.Height &&
		p.Abilities.SoftwareGL == a.SoftwareGL && slices.Equal(p.Abilities.Decoders, a.Decoders)
}

// Config is what a registry needs.
type Config struct {
	Store store.Documents
	// Key is the controller's; bearers are made from it, so they outlast a restart.
	Key ed25519.PrivateKey
	// Heard is when players were heard before this controller started; nil: nobody remembers.
	Heard map[playlists.PlayerID]time.Time
	// Log; nil discards.
	Log *slog.Logger
	// Now is the time; nil is time.Now.
	Now func() time.Time
}

// Registry is safe for concurrent use.
type Registry struct {
	store  store.Documents
	public ed25519.PublicKey
	secret []byte // of bearers
	log    *slog.Logger
	now    func() time.Time

	changes changes
	codes   codes
	live    live
	shots   shots

	// writing makes changes of players one after the other; it is taken before mu, never under it.
	writing sync.Mutex
	mu      sync.RWMutex
	players map[playlists.PlayerID]Player
	screens map[playlists.ScreenID]playlists.PlayerID // not revoked
}

// New reads all players from the store.
func New(ctx context.Context, c Config) (*Registry, error) {
	public, ok := c.Key.Public().(ed25519.PublicKey)
	if !ok || c.Store == nil {
		return nil, fmt.Errorf("%w: the registry of players needs a store and the controller's key", playlists.ErrInvalid)
	}
	secret, err := hkdf.Key(sha256.New, c.Key.Seed(), nil, "anteroom bearer v1", sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("making the bearers' secret: %w", err)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	r := &Registry{
		store: c.Store, public: public, secret: secret, log: c.Log, now: c.Now,
		players: map[playlists.PlayerID]Player{}, screens: map[playlists.ScreenID]playlists.PlayerID{},
	}
	r.codes.init()
	r.live.init()
	r.shots.init()
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	r.remember(c.Heard)
	return r, nil
}

// remember takes over when paired players were heard; what they said before they were paired where they
// are now does not count. What a clock that was wrong puts into what is still to come was heard by now.
func (r *Registry) remember(heard map[playlists.PlayerID]time.Time) {
	now := r.now()
	for id, p := range r.players {
		at := heard[id]
		if at.After(now) {
			at = now
		}
		if at.After(p.PairedAt) {
			r.live.players[id] = &presence{Presence: Presence{Since: at, LastHeard: at}}
		}
	}
}

func (r *Registry) load(ctx context.Context) error {
	return r.store.View(ctx, func(v store.View) error {
		for doc, err := range v.List(Kind) {
			if err != nil {
				return fmt.Errorf("reading players: %w", err)
			}
			p, err := read(doc)
			if err != nil {
				return err
			}
			r.setLocked(p)
		}
		return nil
	})
}

func read(doc store.Document) (Player, error) {
	var p Player
	if err := json.Unmarshal(doc.Body, &p); err != nil {
		return Player{}, fmt.Errorf("reading player %s: %w", doc.ID, err)
	}
	p.documentAt = doc.Revision
	return p, nil
}

func (r *Registry) setLocked(p Player) {
	if was, ok := r.players[p.ID]; ok && r.screens[was.Screen] == p.ID {
		delete(r.screens, was.Screen)
	}
	r.players[p.ID] = p
	if !p.Revoked() {
		r.screens[p.Screen] = p.ID
	}
}

// Player gives a player that is or was paired.
func (r *Registry) Player(id playlists.PlayerID) (Player, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	p, ok := r.players[id]
	return p, ok
}

// OfScreen gives the player that serves a screen; false if none is paired with it.
func (r *Registry) OfScreen(screen playlists.ScreenID) (Player, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	p, ok := r.players[r.screens[screen]]
	return p, ok
}

// IDOf gives the player that serves a screen, if one does.
func (r *Registry) IDOf(screen playlists.ScreenID) (playlists.PlayerID, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	id := r.screens[screen]
	_, ok := r.players[id]
	return id, ok
}

// AbilitiesOf gives those of the player that serves a screen, the zero value if none does.
func (r *Registry) AbilitiesOf(screen playlists.ScreenID) playlists.Abilities {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.players[r.screens[screen]].Abilities
}

// All gives every player that is or was paired, by id.
func (r *Registry) All() []Player {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.SortedFunc(maps.Values(r.players), func(a, b Player) int { return cmp.Compare(a.ID, b.ID) })
}

// CutOff gives the screens of which staff cut a player off at some time.
func (r *Registry) CutOff() map[playlists.ScreenID]bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	cut := map[playlists.ScreenID]bool{}
	for _, p := range r.players {
		if p.Revoked() {
			cut[p.Screen] = true
		}
	}
	return cut
}

// Changes tells that something about some player has changed, many changes at once as one. The
// channel is never closed; nothing more comes once ctx is done.
func (r *Registry) Changes(ctx context.Context) <-chan struct{} { return r.changes.subscribe(ctx) }

// Claim pairs the player that shows code with a screen, and unpairs an earlier player of that screen.
// It returns after it is durable and the player, if linked, has been told. by is the person's name.
// Errors are those of [Registry.Waiting]; [playlists.ErrNotFound] also if there is no such screen.
func (r *Registry) Claim(ctx context.Context, code string, screen playlists.ScreenID, by string) error {
	w, err := r.codes.take(code, by, r.now())
	if err != nil {
		return err
	}
	next := Player{
		ID: w.Player, Key: w.key, Screen: screen, PairedAt: r.now().UTC(), PairedBy: by,
		Abilities: w.Abilities, Software: w.Software,
	}
	replaced, err := r.pair(ctx, next, by)
	if err != nil {
		r.codes.giveBack(&w)
		return err
	}
	r.log.InfoContext(ctx, "player paired", slogPlayer(next.ID), slog.String("screen", string(screen)), slog.String("by", by))
	if replaced != "" {
		r.live.cutOff(replaced)
	}
	w.claimed()
	r.changes.tell()
	return nil
}

// pair writes the player and the revocation of an earlier player of its screen in one transaction.
func (r *Registry) pair(ctx context.Context, next Player, by string) (replaced playlists.PlayerID, err error) {
	r.writing.Lock()
	defer r.writing.Unlock()
	earlier, had := r.OfScreen(next.Screen)
	had = had && earlier.ID != next.ID
	was, _ := r.Player(next.ID)
	next.documentAt = was.documentAt
	err = r.store.Update(ctx, func(tx store.Tx) error {
		if _, err := tx.Get(screenKind, string(next.Screen)); err != nil {
			return fmt.Errorf("screen %s: %w", next.Screen, err)
		}
		if had {
			earlier.RevokedAt, earlier.RevokedBy = next.PairedAt, by
			if err := put(tx, &earlier, by); err != nil {
				return err
			}
		}
		return put(tx, &next, by)
	})
	if err != nil {
		return "", fmt.Errorf("pairing player %s: %w", next.ID, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if had {
		r.setLocked(earlier)
		replaced = earlier.ID
	}
	r.setLocked(next)
	return replaced, nil
}

// put writes the player's document and notes its revision.
func put(tx store.Tx, p *Player, by string) error {
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encoding player %s: %w", p.ID, err)
	}
	doc, err := tx.Put(Kind, string(p.ID), p.documentAt, by, body)
	if err != nil {
		return fmt.Errorf("writing player %s: %w", p.ID, err)
	}
	p.documentAt = doc.Revision
	return nil
}

// Revoke cuts a player off: its connection ends at once, its bearers open nothing any more. It may be
// paired anew. Revoking twice is no error; [playlists.ErrNotFound] if it was never paired.
func (r *Registry) Revoke(ctx context.Context, player playlists.PlayerID, by string) error {
	err := r.edit(ctx, player, by, func(p *Player) bool {
		if p.Revoked() {
			return false
		}
		p.RevokedAt, p.RevokedBy = r.now().UTC(), by
		return true
	})
	if err != nil {
		return fmt.Errorf("revoking: %w", err)
	}
	r.log.InfoContext(ctx, "player revoked", slogPlayer(player), slog.String("by", by))
	r.live.cutOff(player)
	r.changes.tell()
	return nil
}

// edit changes a player's document if edit says that there is something to write.
func (r *Registry) edit(ctx context.Context, player playlists.PlayerID, by string, edit func(*Player) bool) error {
	r.writing.Lock()
	defer r.writing.Unlock()
	p, ok := r.Player(player)
	if !ok {
		return fmt.Errorf("player %s: %w", player, playlists.ErrNotFound)
	}
	if !edit(&p) {
		return nil
	}
	if err := r.store.Update(ctx, func(tx store.Tx) error { return put(tx, &p, by) }); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.setLocked(p)
	return nil
}

// Saw keeps what a paired player says of its machine in hello, if that has changed.
func (r *Registry) Saw(ctx context.Context, player playlists.PlayerID, a playlists.Abilities, software string) error {
	err := r.edit(ctx, player, "player:"+string(player), func(p *Player) bool {
		same := p.Is(a, software)
		p.Software, p.Abilities = software, a
		return !same
	})
	if err != nil {
		return fmt.Errorf("keeping a player's abilities: %w", err)
	}
	return nil
}

// Words are the six words that the player's screen shows beside its code.
func (r *Registry) Words(playerKey ed25519.PublicKey) []string {
	return wire.Words(r.public, playerKey)
}
