package player

import (
	"crypto/ed25519"
	"errors"
	"log/slog"
	"slices"
	"time"

	"anteroom/player/cache"
	"anteroom/player/playback"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// manifest is a head with what has come of its body.
type manifest struct {
	head playlists.Head
	body *playlists.Body // nil while it is still to come
	show *playback.Show  // nil while it has to be made (again)
	// at is, for an offered one that is complete, the monotonic instant at which it takes over.
	at int64
}

// manifests are what the player has to show.
type manifests struct {
	current, offered, previous *manifest
	takeovers                  *playlists.Takeovers
	fetchAgain                 bool // files are missing that were there

	epoch   time.Time
	quality playlists.ClockQuality
	spans   []playback.Span
	// before is what showed while the clock was unset; it stays until beforeUntil, a slot boundary.
	before      *playback.Span
	beforeUntil int64
}

// loadManifests reads what an earlier run left. Whatever cannot be read or believed is passed over.
func (p *Player) loadManifests() {
	l := &p.loop
	l.epoch = p.clock.At(0)
	_, l.quality = p.clock.Now()
	key, ok := p.identity.Controller()
	if !ok {
		return
	}
	load := func(n cache.Name) *manifest {
		signed, err := p.cache.Load(n)
		if err != nil {
			return p.passOver(n, err)
		}
		head, err := wire.OpenHead(key, signed)
		if err != nil {
			return p.passOver(n, err)
		}
		if head.Screen != p.identity.Screen() {
			p.log.Warn("head of another screen passed over", slog.String("document", string(n)), slog.String("screen", string(head.Screen)))
			return nil
		}
		m := &manifest{head: head}
		if m.body, err = p.cache.LoadBody(head.Body); err != nil && n != cache.Offered {
			return p.passOver(n, err)
		}
		return m
	}
	l.current, l.offered, l.previous = load(cache.Current), load(cache.Offered), load(cache.Previous)
	if l.current == nil {
		l.current, l.previous = l.previous, nil
	}
	l.takeovers = p.loadTakeovers(key)
	p.bootOffered()
	p.want()
}

// loadTakeovers gives the takeovers that an earlier run left, nil if there are none to believe; the
// controller sends them again.
func (p *Player) loadTakeovers(key ed25519.PublicKey) *playlists.Takeovers {
	signed, err := p.cache.Load(cache.Takeovers)
	if err != nil {
		p.passOver(cache.Takeovers, err)
		return nil
	}
	ts, err := wire.OpenTakeovers(key, signed)
	if err != nil {
		p.passOver(cache.Takeovers, err)
		return nil
	}
	return &ts
}

func (p *Player) passOver(n cache.Name, err error) *manifest {
	if !errors.Is(err, playlists.ErrNotFound) {
		p.log.Warn("document passed over", slog.String("document", string(n)), slog.Any("error", err))
		p.damages.found(string(n))
	}
	return nil
}

// bootOffered takes an offered manifest at start, when nothing is on that it could disturb.
func (p *Player) bootOffered() {
	l := &p.loop
	if l.offered == nil || l.current != nil && l.offered.head.Generation <= l.current.head.Generation {
		l.offered = nil
		return
	}
	due := l.quality != playlists.ClockUnset && !l.offered.head.From.After(p.now())
	if l.offered.body != nil && (l.current == nil || due && p.missing(l.offered) == 0) {
		p.promote()
		return
	}
	p.arrange() // its files may all be there, so that nothing else would
}

// forget drops everything that an earlier controller or screen was to show.
func (p *Player) forget() {
	l := &p.loop
	l.current, l.offered, l.previous, l.takeovers, l.before = nil, nil, nil, nil, nil
	l.confirmed, l.orders.naming = wire.Drawn{}, nil
	if err := p.cache.Forget(cache.Current, cache.Offered, cache.Previous, cache.Takeovers); err != nil {
		p.log.Error("old manifest not removed", slog.Any("error", err))
	}
	l.dirty = true
	p.want()
}

// followClock notes when the clock has been put right.
func (p *Player) followClock() {
	l := &p.loop
	_, quality := p.clock.Now()
	epoch := p.clock.At(0)
	if quality == l.quality && epoch.Sub(l.epoch).Abs() <= clockSlack {
		return
	}
	now := p.cfg.Mono()
	if l.quality == playlists.ClockUnset && quality != playlists.ClockUnset && len(l.spans) > 0 {
		before := l.spans[0]
		l.before, l.beforeUntil = &before, boundary(&before, now)
		p.reshow()
	}
	p.log.Info("clock put right", slog.String("quality", string(quality)), slog.Duration("by", epoch.Sub(l.epoch)))
	l.epoch, l.quality, l.dirty = epoch, quality, true
	if l.offered != nil && l.offered.at != 0 {
		p.arrange()
	}
}

// boundary is the next monotonic instant at which a slot begins, or something else has the screen: a change
// there cuts no slot of the region short. A stronger window may begin before the slot that is on ends.
func boundary(s *playback.Span, now int64) int64 {
	programme, t := s.Show.Programme, s.Wall(now)
	on := programme.At(t)
	for len(on.Slots) > 0 {
		t = programme.Next(t)
		next := programme.At(t)
		begins := slices.ContainsFunc(next.Slots, func(slot playlists.Slot) bool { return slot.Start.Equal(t) })
		same := next.Source == on.Source && next.Window == on.Window && next.Takeover == on.Takeover && next.Start.Equal(on.Start)
		if begins || !same || len(next.Slots) == 0 {
			return s.Mono(t)
		}
	}
	return now
}

// reshow makes all shows anew, because what they are made of has changed.
func (p *Player) reshow() {
	for _, m := range []*manifest{p.loop.current, p.loop.offered} {
		if m != nil {
			m.show = nil
		}
	}
	p.loop.dirty = true
}

// respan tells the director what to play from now on.
func (p *Player) respan(now int64) {
	l := &p.loop
	span := playback.Span{Epoch: l.epoch, Quality: l.quality, Show: p.showOf(l.current)}
	l.spans = l.spans[:0]
	if l.before != nil && now < l.beforeUntil && !p.takeoverAt(&span, now) {
		l.spans = append(l.spans, *l.before)
		span.From = l.beforeUntil
	} else {
		l.before = nil
	}
	l.spans = append(l.spans, span)
	if l.offered != nil && l.offered.at != 0 {
		l.spans = append(l.spans, playback.Span{From: l.offered.at, Epoch: l.epoch, Quality: l.quality, Show: p.showOf(l.offered)})
	}
	l.director.Set(p.named(l.spans, now))
	p.publish()
}

func (p *Player) takeoverAt(s *playback.Span, now int64) bool {
	return s.Show.Programme.At(s.Wall(now)).Source == playlists.FromTakeover
}

// showOf is a manifest as a show; without one, or with one that cannot be read, the slate.
func (p *Player) showOf(m *manifest) *playback.Show {
	if m == nil || m.body == nil || p.loop.pairing != nil {
		return p.slateOf()
	}
	if m.show == nil {
		show, err := p.makeShow(m)
		if err != nil {
			p.log.Error("manifest cannot be shown", slog.Uint64("generation", m.head.Generation), slog.Any("error", err))
			p.loop.notes.set("manifest", playlists.Noted("The programme cannot be shown: %v", err))
			return p.slateOf()
		}
		m.show = show
	}
	return m.show
}

func (p *Player) makeShow(m *manifest) (*playback.Show, error) {
	manifest := &playlists.Manifest{Head: m.head, Body: m.body}
	takeovers := p.loop.takeovers
	if p.loop.quality == playlists.ClockUnset {
		manifest.Body, takeovers = m.body.Untimed(), nil
		manifest.Head.Anchors = nil
	}
	programme, err := playlists.NewProgramme(manifest, takeovers)
	if err != nil {
		return nil, err
	}
	only := playback.FillerOnly(manifest.Body)
	if only == nil {
		return playback.NewShow(programme, nil, manifest, nil), nil
	}
	filler, err := playlists.NewProgramme(&playlists.Manifest{Head: manifest.Head, Body: only}, nil)
	if err != nil {
		return nil, err
	}
	return playback.NewShow(programme, filler, manifest, nil), nil
}

// slateOf is the show that says what the player waits for.
func (p *Player) slateOf() *playback.Show {
	programme, err := playlists.NewProgramme(nil, nil)
	if err != nil {
		p.log.Error("slate", slog.Any("error", err)) // it has no parts that could be wrong
	}
	return playback.NewShow(programme, nil, nil, p.slate())
}

// slate is what is written where there is nothing to show.
func (p *Player) slate() *playback.Slate {
	l := &p.loop
	screen := p.identity.Screen()
	switch {
	case l.pairing != nil:
		return l.pairing
	case p.cfg.Controller == "":
		return &playback.Slate{Title: "This player does not know its controller", Lines: p.cfg.Advice}
	case screen != "":
		return &playback.Slate{Title: "Waiting for the first publication", Lines: []string{"This is the screen " + string(screen) + "."}}
	case l.unlinked != "":
		return &playback.Slate{Title: "No link to the controller", Lines: []string{p.cfg.Controller, l.unlinked}}
	}
	return &playback.Slate{Title: "Looking for the controller", Lines: []string{p.cfg.Controller}}
}

// offer takes a newer head.
func (p *Player) offer(h playlists.Head, signed wire.Signed) {
	l := &p.loop
	if h.Screen != p.identity.Screen() || l.current != nil && h.Generation <= l.current.head.Generation {
		return
	}
	if o := l.offered; o != nil && (h.Generation < o.head.Generation || h.Generation == o.head.Generation && !h.IssuedAt.After(o.head.IssuedAt)) {
		return
	}
	if err := p.cache.Save(cache.Offered, signed); err != nil {
		p.log.Error("head not kept", slog.Any("error", err))
		l.notes.set("disk", playlists.Noted("The player's disk cannot be written: %v", err))
		return
	}
	p.log.Info("head offered", slog.Uint64("generation", h.Generation))
	l.offered = &manifest{head: h}
	if l.current != nil && l.current.head.Body == h.Body {
		l.offered.body = l.current.body
	} else if body, err := p.cache.LoadBody(h.Body); err == nil {
		l.offered.body = body
	}
	p.bodyThere()
}

// bodyThere goes on with an offered manifest whose body may have come.
func (p *Player) bodyThere() {
	l := &p.loop
	if l.offered != nil && l.offered.body != nil && l.current == nil {
		p.promote()
	}
	p.want()
	p.arrange()
}

// arrange settles when an offered manifest takes over, once all its assets are there: at its own
// instant or, if that has passed, at the next slot boundary.
func (p *Player) arrange() {
	l := &p.loop
	l.dirty = true
	o := l.offered
	if o == nil || o.body == nil || p.missing(o) > 0 {
		return
	}
	now := p.cfg.Mono()
	span := playback.Span{Epoch: l.epoch, Quality: l.quality, Show: p.showOf(l.current)}
	if l.quality != playlists.ClockUnset && o.head.From.After(span.Wall(now)) {
		o.at = max(1, span.Mono(o.head.From))
		return
	}
	o.at = max(1, boundary(&span, now))
}

// promote makes the offered manifest current.
func (p *Player) promote() {
	l := &p.loop
	if err := p.cache.Promote(); err != nil {
		p.log.Error("manifest not kept", slog.Any("error", err))
		l.notes.set("disk", playlists.Noted("The player's disk cannot be written: %v", err))
	}
	l.previous, l.current, l.offered = l.current, l.offered, nil
	l.notes.clear("manifest")
	l.dirty = true
	p.log.Info("manifest current", slog.Uint64("generation", l.current.head.Generation))
	p.want()
	p.collect()
}

// collect lets the cache remove what nothing uses any more.
func (p *Player) collect() {
	p.cache.Mark(p.inUse())
	bodies := map[playlists.Digest]bool{}
	for _, m := range []*manifest{p.loop.current, p.loop.offered, p.loop.previous} {
		if m != nil {
			bodies[m.head.Body] = true
		}
	}
	p.cache.Collect(bodies)
}

// inUse marks the assets of all manifests, and those that the stage may still show.
func (p *Player) inUse() map[playlists.Digest]bool {
	use := map[playlists.Digest]bool{}
	for _, m := range []*manifest{p.loop.current, p.loop.offered, p.loop.previous} {
		if m != nil && m.body != nil {
			for _, a := range m.body.Assets {
				use[a.Digest] = true
			}
		}
	}
	for _, d := range p.loop.director.Cued() {
		use[d] = true
	}
	return use
}

// missing counts the assets of m that are still to come.
func (p *Player) missing(m *manifest) int {
	n := 0
	for _, a := range m.body.Assets {
		if !p.cache.Has(a.Digest) {
			n++
		}
	}
	return n
}

// takeOver takes a newer document of takeovers; they show at once.
func (p *Player) takeOver(ts playlists.Takeovers, signed wire.Signed) {
	l := &p.loop
	if l.takeovers != nil && ts.Number <= l.takeovers.Number {
		return
	}
	if err := p.cache.Save(cache.Takeovers, signed); err != nil {
		p.log.Error("takeovers not kept", slog.Any("error", err))
	}
	p.log.Info("takeovers", slog.Uint64("number", ts.Number), slog.Int("count", len(ts.Takeovers)))
	l.takeovers = &ts
	p.reshow()
}
