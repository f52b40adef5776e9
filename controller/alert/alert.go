// Package alert puts takeovers on screens, and takes them off again.
//
// All takeovers in force are one signed document with a number that only grows; every player gets the
// same bytes and picks its own. A takeover waits for no publication and always ends. What was started
// and cleared, by whom, stays known.
package alert

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/slide"
	"anteroom/playlists/wire"
)

// The kinds of document that this package writes.
const (
	// TakeoverKind's documents are takeovers with who started and cleared them.
	TakeoverKind store.Kind = "takeover"
	// SignedKind has one document, the newest that players were given.
	SignedKind store.Kind = "takeovers"
)

const signedID = "takeovers"

// maxBytes is the largest document of takeovers; a frame has to hold it, in base64.
const maxBytes = 40 << 10

// Takeover is a takeover with who started and ended it.
type Takeover struct {
	playlists.Takeover

	By        string    `json:"by"`
	ClearedAt time.Time `json:"cleared_at,omitzero"`
	ClearedBy string    `json:"cleared_by,omitempty"`
}

// On reports whether the takeover holds at t.
func (t *Takeover) On(at time.Time) bool {
	return !at.Before(t.From) && at.Before(t.ends())
}

// ends is when it ended, or will.
func (t *Takeover) ends() time.Time {
	if !t.ClearedAt.IsZero() && t.ClearedAt.Before(t.Until) {
		return t.ClearedAt
	}
	return t.Until
}

// Order is what someone wants to be shown at once.
type Order struct {
	Severity playlists.Severity
	// For is how long; 0 means [playlists.DefaultTakeover].
	For     time.Duration
	Targets []playlists.Target
	Except  []playlists.Target
	Drill   bool
	Words   []Words
	// Template is the item whose wording it began with, and Version which version of it; empty if none.
	Template playlists.ItemID
	Version  int
	// Picture takes a turn on screens that hold it, in one of these sizes; never in a drill, for it would not say
	// that it is one.
	Picture []playlists.Asset
	By      string
}

// Words are what a takeover says in one language.
type Words struct {
	Language playlists.Language
	Title    string
	Text     string
}

// Config is what an Alerts is made of.
type Config struct {
	Store store.Documents
	Key   ed25519.PrivateKey
	// Fits says why a slide cannot be drawn; nil accepts every valid one.
	Fits func(slide.Slide) error
	// Nudge gives every linked player the new document; it must not wait. It may be nil.
	Nudge func(wire.Signed)
	// Held is the newest number of a document that players say they hold: after a restore it may be above
	// any that is known here. Nil: nobody says.
	Held func() uint64
	// Log; nil discards.
	Log *slog.Logger
	// Now is the time; nil is time.Now.
	Now func() time.Time
}

// maxNumber is more than any controller will ever sign; a player that holds more is damaged.
const maxNumber = 1 << 40

// Alerts is safe for concurrent use.
type Alerts struct {
	store  store.Documents
	key    ed25519.PrivateKey
	public ed25519.PublicKey
	fits   func(slide.Slide) error
	nudge  func(wire.Signed)
	held   func() uint64
	log    *slog.Logger
	now    func() time.Time

	mu sync.Mutex
	// revision is that of the signed document, 0 if there is none yet.
	revision uint64
	number   uint64
	signed   wire.Signed
}

// New reads the newest document of takeovers.
func New(ctx context.Context, c Config) (*Alerts, error) {
	public, ok := c.Key.Public().(ed25519.PublicKey)
	if !ok || c.Store == nil {
		return nil, fmt.Errorf("%w: takeovers need a store and the controller's key", playlists.ErrInvalid)
	}
	a := &Alerts{store: c.Store, key: c.Key, public: public, fits: c.Fits, nudge: c.Nudge, held: c.Held, log: c.Log, now: c.Now}
	if a.held == nil {
		a.held = func() uint64 { return 0 }
	}
	if a.fits == nil {
		a.fits = func(slide.Slide) error { return nil }
	}
	if a.nudge == nil {
		a.nudge = func(wire.Signed) {}
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.now == nil {
		a.now = time.Now
	}
	if err := a.loadLocked(ctx); err != nil {
		return nil, err
	}
	return a, nil
}

func (a *Alerts) loadLocked(ctx context.Context) error {
	err := a.store.View(ctx, func(v store.View) error {
		doc, err := v.Get(SignedKind, signedID)
		if errors.Is(err, playlists.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		err = json.Unmarshal(doc.Body, &a.signed)
		if err != nil {
			return err
		}
		ts, err := wire.OpenTakeovers(a.public, a.signed)
		if err != nil {
			return fmt.Errorf("signed with another key: put back the key file that belongs to this store: %w", err)
		}
		a.revision, a.number = doc.Revision, ts.Number
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the takeovers: %w", err)
	}
	return nil
}

// Signed gives the newest document for players; false if there never was a takeover.
func (a *Alerts) Signed() (wire.Signed, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.signed, a.revision > 0
}

// Number is that of the newest document, 0 if there is none.
func (a *Alerts) Number() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.number
}

// Start puts a takeover on the screens it names, and returns after it is durable and players were
// nudged. What is wrong with the order is [playlists.ErrInvalid].
func (a *Alerts) Start(ctx context.Context, o Order) (Takeover, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var t Takeover
	err := a.change(ctx, o.By, func(tx store.Tx, now time.Time) error {
		var err error
		if t, err = a.takeover(tx, o, now); err != nil {
			return err
		}
		return put(tx, &t, 0, o.By)
	})
	if err != nil {
		return Takeover{}, fmt.Errorf("starting a takeover: %w", err)
	}
	a.log.WarnContext(ctx, "takeover started", slog.String("takeover", string(t.ID)), slog.String("by", o.By), slog.Bool("drill", t.Drill), slog.Time("until", t.Until))
	return t, nil
}

// takeover makes an order into a takeover.
func (a *Alerts) takeover(v store.View, o Order, now time.Time) (Takeover, error) {
	if o.For == 0 {
		o.For = playlists.DefaultTakeover
	}
	if o.For < time.Minute || o.For > playlists.MaxTakeover {
		return Takeover{}, playlists.Refuse(playlists.ErrInvalid, "minutes: a takeover lasts 1 minute to 24 hours; choose fewer or start it again later")
	}
	t := Takeover{By: o.By, Takeover: playlists.Takeover{
		ID: playlists.TakeoverID("tko-" + strings.ToLower(rand.Text()[:8])), Severity: o.Severity,
		From: now, Until: now.Add(o.For), Targets: o.Targets, Except: o.Except, Drill: o.Drill,
		Template: o.Template, Version: o.Version,
	}}
	brand, err := brandOf(v)
	if err != nil {
		return Takeover{}, err
	}
	for i, w := range o.Words {
		s := slide.Slide{
			Template: slide.Urgent, Language: w.Language, Title: w.Title, Text: w.Text,
			Drill: o.Drill, Severity: o.Severity, Brand: brand,
		}
		if err := a.check(s); err != nil {
			return Takeover{}, fmt.Errorf("slides[%d]: %w", i, err)
		}
		enc, err := slide.Encode(s)
		if err != nil {
			return Takeover{}, err
		}
		t.Slides = append(t.Slides, playlists.TakeoverSlide{Language: w.Language, Slide: enc})
	}
	if len(o.Picture) > 0 && !o.Drill && len(t.Slides) > 0 {
		words := t.Slides[0]
		words.Picture = o.Picture
		t.Slides = append(t.Slides, words)
	}
	return t, t.Validate()
}

func (a *Alerts) check(s slide.Slide) error {
	if err := s.Validate(); err != nil {
		return err
	}
	return a.fits(s)
}

func brandOf(v store.View) (playlists.Brand, error) {
	var o playlists.Organisation
	doc, err := v.Get("organisation", "organisation")
	if err != nil {
		return o.Brand, fmt.Errorf("reading the organisation: %w", err)
	}
	if err := json.Unmarshal(doc.Body, &o); err != nil {
		return o.Brand, fmt.Errorf("reading the organisation: %w", err)
	}
	return o.Brand, nil
}

// Clear ends a takeover; [playlists.ErrNotFound] if there is none of that id. Clearing one that has
// ended changes nothing.
func (a *Alerts) Clear(ctx context.Context, id playlists.TakeoverID, by string) error {
	return a.clear(ctx, by, func(v store.View) ([]playlists.TakeoverID, error) {
		_, err := v.Get(TakeoverKind, string(id))
		if errors.Is(err, playlists.ErrNotFound) {
			return nil, playlists.Refuse(playlists.ErrNotFound, "there is no takeover %q", id)
		}
		return []playlists.TakeoverID{id}, err
	})
}

// ClearAll ends every takeover in force.
func (a *Alerts) ClearAll(ctx context.Context, by string) error {
	return a.clear(ctx, by, func(v store.View) ([]playlists.TakeoverID, error) {
		on, err := inForce(v, a.now().UTC())
		var ids []playlists.TakeoverID
		for _, t := range on {
			ids = append(ids, t.ID)
		}
		return ids, err
	})
}

func (a *Alerts) clear(ctx context.Context, by string, choose func(store.View) ([]playlists.TakeoverID, error)) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var ids []playlists.TakeoverID
	err := a.change(ctx, by, func(tx store.Tx, now time.Time) error {
		var err error
		if ids, err = choose(tx); err != nil {
			return err
		}
		for _, id := range ids {
			if err := end(tx, id, by, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("clearing takeovers: %w", err)
	}
	a.log.WarnContext(ctx, "takeovers cleared", slog.Any("takeovers", ids), slog.String("by", by))
	return nil
}

func end(tx store.Tx, id playlists.TakeoverID, by string, now time.Time) error {
	doc, err := tx.Get(TakeoverKind, string(id))
	if err != nil {
		return err
	}
	t, err := read(doc)
	if err != nil || !t.On(now) {
		return err
	}
	t.ClearedAt, t.ClearedBy = now, by
	return put(tx, &t, doc.Revision, by)
}

// change writes takeovers and, in the same transaction, the signed document of those in force; then it
// nudges. If writing fails, memory is read anew, since it may have happened.
func (a *Alerts) change(ctx context.Context, by string, write func(store.Tx, time.Time) error) error {
	now := a.now().UTC().Truncate(time.Millisecond)
	var signed wire.Signed
	var number, revision uint64
	err := a.store.Update(ctx, func(tx store.Tx) error {
		if err := write(tx, now); err != nil {
			return err
		}
		var err error
		if signed, number, err = a.sign(tx, now); err != nil {
			return err
		}
		body, err := json.Marshal(signed)
		if err != nil {
			return err
		}
		doc, err := tx.Put(SignedKind, signedID, a.revision, by, body)
		revision = doc.Revision
		return err
	})
	if err != nil {
		return errors.Join(err, a.loadLocked(context.WithoutCancel(ctx)))
	}
	a.signed, a.number, a.revision = signed, number, revision
	a.nudge(signed)
	return nil
}

// sign makes the document of the takeovers in force. Its number is at least the seconds since 1970 and above
// what players hold, so that it grows even where an old copy of the store was put back.
func (a *Alerts) sign(v store.View, now time.Time) (wire.Signed, uint64, error) {
	on, err := inForce(v, now)
	if err != nil {
		return wire.Signed{}, 0, err
	}
	number := max(a.number+1, uint64(max(now.Unix(), 0)))
	if held := a.held(); held < maxNumber {
		number = max(number, held+1)
	}
	ts := playlists.Takeovers{
		Controller: wire.ControllerIDOf(a.public), Number: number, IssuedAt: now,
		Takeovers: []playlists.Takeover{},
	}
	for _, t := range on {
		ts.Takeovers = append(ts.Takeovers, t.Takeover)
	}
	err = ts.Validate()
	if err != nil {
		return wire.Signed{}, 0, err
	}
	signed, err := wire.SignTakeovers(a.key, ts)
	if err == nil && len(signed.Bytes) > maxBytes {
		err = playlists.Refuse(playlists.ErrInvalid, "slides: with what is on already this is too much to reach every screen at once; clear another takeover or use fewer words")
	}
	return signed, ts.Number, err
}

const (
	// lookEvery is how often it is looked whether the clock was set back, and least by how much it must have been.
	lookEvery = 5 * time.Second
	least     = 2 * time.Second
)

// Run looks after the clock until ctx is done. When that is set back, a takeover in force would begin only in a
// while; it goes on in place of that, for as long as it still had. One that is set on ends takeovers early: they may
// have ended meanwhile, and nothing is taken over again.
func (a *Alerts) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	wall, since := a.now().Round(0), time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		is := a.now().Round(0)
		back := wall.Add(time.Since(since)).Sub(is)
		if back < least {
			wall, since = is, time.Now()
			continue
		}
		if err := a.setBack(ctx, back); err != nil {
			a.log.WarnContext(ctx, "takeovers not moved with the clock", slog.Any("error", err))
			continue // and tried again
		}
		wall, since = is, time.Now()
	}
}

// setBack moves the takeovers in force back with the clock.
func (a *Alerts) setBack(ctx context.Context, by time.Duration) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var on []Takeover
	err := a.store.View(ctx, func(v store.View) (err error) {
		on, err = inForce(v, a.now().UTC().Add(by))
		return err
	})
	if err != nil || len(on) == 0 {
		return err
	}
	return a.change(ctx, "system", func(tx store.Tx, _ time.Time) error {
		for _, t := range on {
			doc, err := tx.Get(TakeoverKind, string(t.ID))
			if err != nil {
				return err
			}
			t.From, t.Until = t.From.Add(-by), t.Until.Add(-by)
			if err := put(tx, &t, doc.Revision, "system"); err != nil {
				return err
			}
		}
		return nil
	})
}

// InForce gives the takeovers that hold now, oldest first.
func (a *Alerts) InForce(ctx context.Context) ([]Takeover, error) {
	var on []Takeover
	err := a.store.View(ctx, func(v store.View) (err error) {
		on, err = inForce(v, a.now().UTC())
		return err
	})
	return on, err
}

// Get gives one takeover, also one that has ended; [playlists.ErrNotFound] if there is none.
func (a *Alerts) Get(ctx context.Context, id playlists.TakeoverID) (Takeover, error) {
	var t Takeover
	err := a.store.View(ctx, func(v store.View) error {
		doc, err := v.Get(TakeoverKind, string(id))
		if err != nil {
			return fmt.Errorf("takeover %q: %w", id, err)
		}
		t, err = read(doc)
		return err
	})
	return t, err
}

// Between gives, as players had them, the takeovers that held at some time between two instants, with
// their ends as they really were. Nil if there were none.
func (a *Alerts) Between(ctx context.Context, from, to time.Time) (*playlists.Takeovers, error) {
	ts := &playlists.Takeovers{Controller: wire.ControllerIDOf(a.public), Number: 1, IssuedAt: from}
	err := a.store.View(ctx, func(v store.View) error {
		all, err := list(v, func(t *Takeover) bool { return t.From.Before(to) && t.ends().After(from) })
		for _, t := range all {
			t.Until = t.ends()
			ts.Takeovers = append(ts.Takeovers, t.Takeover)
		}
		return err
	})
	if err != nil || len(ts.Takeovers) == 0 {
		return nil, err
	}
	return ts, nil
}

func inForce(v store.View, now time.Time) ([]Takeover, error) {
	return list(v, func(t *Takeover) bool { return t.On(now) })
}

func list(v store.View, want func(*Takeover) bool) ([]Takeover, error) {
	var all []Takeover
	for doc, err := range v.List(TakeoverKind) {
		if err != nil {
			return nil, err
		}
		t, err := read(doc)
		if err != nil {
			return nil, err
		}
		if want(&t) {
			all = append(all, t)
		}
	}
	slices.SortStableFunc(all, func(a, b Takeover) int { return a.From.Compare(b.From) })
	return all, nil
}

func read(doc store.Document) (Takeover, error) {
	var t Takeover
	if err := json.Unmarshal(doc.Body, &t); err != nil {
		return Takeover{}, fmt.Errorf("reading takeover %s: %w", doc.ID, err)
	}
	return t, nil
}

func put(tx store.Tx, t *Takeover, was uint64, by string) error {
	body, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("encoding takeover %s: %w", t.ID, err)
	}
	_, err = tx.Put(TakeoverKind, string(t.ID), was, by, body)
	return err
}
