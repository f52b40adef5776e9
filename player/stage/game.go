package stage

import (
	"fmt"
	"image"
	"image/color"
	"log/slog"
	"slices"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"anteroom/player/playback"
	"anteroom/player/stage/scene"
	"anteroom/playlists"
	"anteroom/playlists/slide"
)

const (
	// hold is how long the last picture stays when the agent has gone.
	hold = 15 * time.Second
	// heal is how often everything is drawn anew though nothing has changed: a panel may have lost it.
	heal = 20 * time.Second
	// lead is how early the next scene is made ready.
	lead = 10 * time.Second
	// longestRest is how late what nobody announces may be noticed while the picture stands still: a clock's
	// next minute, a panel of another size. It is a small part of the time after which a silent stage is killed.
	longestRest = 250 * time.Millisecond
	// house is behind everything before the first scene.
	house = "#0b3d4c"
)

// Game is the [ebiten.Game] of the stage. Everything in it belongs to the game loop.
type Game struct {
	stop   func() error // not nil once it is time to
	lost   func() error // not nil once the panel is
	log    *slog.Logger
	now    func() int64
	pause  func(time.Duration) // lets so much time pass, or less when there is news
	loader *loader
	out    *outbox
	orders <-chan playback.Order // nil when they have ended

	plan    scene.Plan
	on      *playback.Scene
	panel   image.Point
	painter *painter
	// over are the layers of the scene on; under what they come on above, until all of them are there;
	// ahead those of the next scene.
	under, over, ahead []*layer
	aheadOf            *playback.Scene
	spawn              func(*layer, request) // makes a layer's picture wanted

	software  bool
	ready     bool
	at        int64 // the instant of this round
	full      bool  // everything has to be drawn
	frames    uint64
	fresh     []*layer        // painted for the first time, not presented yet
	told      *playback.Scene // the scene without turns that was told of last
	untold    bool            // that scene is painted, not presented yet
	lastBeat  int64
	lastFull  int64
	ended     int64 // when the agent went
	snapshots []string
}

// Update implements [ebiten.Game]: it reads the clock once and brings everything to that instant. While
// nothing moves it waits before.
func (g *Game) Update() error {
	g.rest()
	g.at = g.now()
	if g.stop() != nil {
		return ebiten.Termination
	}
	if !g.ready {
		if g.frames == 0 {
			g.full = true
			return nil // GL answers only once it has drawn
		}
		g.announce()
	}
	g.confirm()
	g.receive()
	if g.ended != 0 && g.at-g.ended >= int64(hold) {
		return ebiten.Termination
	}
	g.collect()
	g.proceed()
	g.prefetch()
	g.animate()
	return g.beat()
}

// Layout implements [ebiten.Game]: one pixel is one pixel of the panel.
func (g *Game) Layout(width, height int) (w, h int) {
	s := ebiten.Monitor().DeviceScaleFactor()
	size := image.Pt(int(float64(width)*s), int(float64(height)*s))
	if size != g.panel && g.on != nil {
		g.panel, g.full = size, true
		g.begin(g.on)
	}
	g.panel = size
	return size.X, size.Y
}

func (g *Game) announce() {
	renderer := rendererName()
	g.software = softwareGL(renderer)
	g.ready = true
	g.out.send(playback.Event{Ready: &playback.Ready{
		Width: g.panel.X, Height: g.panel.Y, SoftwareGL: g.software, Renderer: renderer,
	}})
}

// confirm tells of what the frame before presented for the first time.
func (g *Game) confirm() {
	for _, l := range g.fresh {
		l.drawn = true
		if l.key.turn == 0 {
			continue
		}
		g.out.drawn(playback.Drawn{Scene: l.scene, Turn: l.key.turn, At: g.at}, &l.region)
		if l.motion != nil && g.on.Volume > 0 && l.motion.video.Info.Sound {
			l.sound(l.position(g.at), g.on.Volume)
		}
	}
	g.fresh = g.fresh[:0]
	if g.untold {
		g.untold = false
		g.out.send(playback.Event{Drawn: &playback.Drawn{Scene: g.on.ID, At: g.at}})
	}
}

// rest waits while the picture stands still: going round sixty times a second for nothing takes several
// percent of a core.
func (g *Game) rest() {
	if !g.ready || g.full || g.untold || len(g.fresh) > 0 || len(g.snapshots) > 0 {
		return
	}
	now := g.now()
	if slices.ContainsFunc(slices.Concat(g.under, g.over), func(l *layer) bool { return l.moves(now) }) {
		return
	}
	d := longestRest
	if next := g.plan.Next(); next != nil {
		d = min(d, time.Duration(next.At-now))
	}
	if d > 0 {
		g.pause(d)
	}
}

// await is the pause of a stage that runs: an order or a picture ends it.
func (g *Game) await(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case o, ok := <-g.orders:
		g.take(o, ok)
	case <-g.loader.news:
	case <-t.C:
	}
}

// receive takes the agent's orders in.
func (g *Game) receive() {
	for {
		select {
		case o, ok := <-g.orders:
			g.take(o, ok)
		default:
			return
		}
	}
}

func (g *Game) take(o playback.Order, ok bool) {
	switch {
	case !ok:
		g.ended, g.orders = g.now(), nil
	case o.Scene != nil:
		g.plan.Order(o.Scene)
	default:
		g.snapshots = append(g.snapshots, o.Snapshot)
	}
}

// proceed begins the scene whose time has come. Without an agent nothing new begins.
func (g *Game) proceed() {
	if g.ended != 0 {
		return
	}
	if on, changed := g.plan.At(g.at); changed {
		g.begin(on)
	}
}

// begin puts a scene on: what was visible stays beneath until all of it is there.
func (g *Game) begin(s *playback.Scene) {
	turned := g.on != nil && g.on.Rotation != s.Rotation
	g.on, g.full = s, true
	over := g.layers(s, g.over, g.ahead)
	var under []*layer
	for _, l := range slices.Concat(g.under, g.over) {
		if l.began != 0 && !turned && !slices.Contains(over, l) {
			under = append(under, l)
		}
	}
	for _, l := range slices.Concat(g.under, g.over, g.ahead) {
		if !slices.Contains(over, l) && !slices.Contains(under, l) {
			l.close()
		}
	}
	g.under, g.over, g.ahead, g.aheadOf = under, over, nil, nil
}

// prefetch makes the next scene ready.
func (g *Game) prefetch() {
	next := g.plan.Next()
	if next == g.aheadOf || next != nil && next.At-g.at > int64(lead) {
		return
	}
	var ahead []*layer
	if next != nil {
		ahead = g.layers(next, g.over, g.ahead)
	}
	for _, l := range g.ahead {
		if !slices.Contains(ahead, l) && !slices.Contains(g.over, l) {
			l.close()
		}
	}
	g.ahead, g.aheadOf = ahead, next
}

// layers are those of a scene: taken from the pools where they are the same picture, else made.
func (g *Game) layers(s *playback.Scene, pools ...[]*layer) []*layer {
	canvas := scene.Canvas(g.panel, s.Rotation)
	regions := s.Regions
	if s.Slate != nil {
		regions = []playback.RegionScene{{W: 1, H: 1}}
	}
	pool := slices.Concat(pools...)
	layers := make([]*layer, 0, len(regions))
	for _, r := range regions {
		if g.software {
			r.Transition = playlists.Cut
		}
		key := keyOf(s, &r, scene.Place(&r, canvas))
		i := slices.IndexFunc(pool, func(l *layer) bool { return l.key == key && (l.state != failed || key.turn != 0) })
		if i >= 0 {
			l := pool[i]
			l.region.Begin, l.region.End, l.region.Label = r.Begin, r.End, r.Label
			if l.began == 0 {
				l.scene = s.ID
			}
			layers = append(layers, l)
			continue
		}
		layers = append(layers, g.newLayer(s, r, key))
	}
	return layers
}

func keyOf(s *playback.Scene, r *playback.RegionScene, rect image.Rectangle) layerKey {
	key := layerKey{turn: r.Turn, rect: rect, fit: r.Fit, medium: r.Medium, background: s.Background, ink: s.Ink}
	switch {
	case s.Slate != nil:
		key.what = fmt.Sprintf("slate %q %q %+v", s.Name, s.Logo, *s.Slate)
	case r.Widget != nil:
		key.what = fmt.Sprintf("widget %+v", *r.Widget)
	default:
		key.what = r.Path + string(r.Slide)
	}
	return key
}

func (g *Game) newLayer(s *playback.Scene, r playback.RegionScene, key layerKey) *layer {
	ground, err := slide.ParseColour(s.Background)
	if err != nil {
		ground = colourOfHouse()
	}
	l := &layer{key: key, region: r, slate: s.Slate, scene: s.ID, fonts: s.Fonts, ground: ground}
	rq := request{
		layer: l, region: r, slate: s.Slate, name: s.Name, logo: s.Logo, fonts: s.Fonts, rect: key.rect, ground: ground,
		background: s.Background, ink: s.Ink, at: s.At, software: g.software,
	}
	if r.Widget != nil && r.Widget.Kind == playlists.ClockWidget {
		l.clock = scene.ClockText(s.Clock, max(g.at, s.At))
		rq.clock = l.clock
	}
	g.spawn(l, rq)
	return l
}

func colourOfHouse() color.RGBA {
	c, err := slide.ParseColour(house)
	if err != nil {
		return color.RGBA{A: 0xff}
	}
	return c
}

// collect puts what the loader has made ready onto its layers.
func (g *Game) collect() {
	for _, r := range g.loader.take() {
		l := r.layer
		if !slices.Contains(g.over, l) && !slices.Contains(g.ahead, l) {
			continue
		}
		err := r.err
		if err == nil {
			err = l.safely(func() { l.upload(r) })
		}
		if err != nil {
			g.fail(l, err)
		}
	}
}

// fail tells of a turn that cannot be shown or stopped. What is on already stays.
func (g *Game) fail(l *layer, err error) {
	if l.state == loading {
		l.state = failed
	}
	g.log.Warn("cannot show", slog.Uint64("turn", l.key.turn), slog.String("region", l.region.Name), slog.Any("error", err))
	g.out.send(playback.Event{Failed: &playback.Failed{Scene: l.scene, Turn: l.key.turn, At: g.at, Reason: err.Error()}})
}

// animate brings every layer of the scene to this instant and lets go of what is covered.
func (g *Game) animate() {
	for _, l := range g.ahead {
		l.arrive()
		g.caption(l)
	}
	settled := true
	for _, l := range g.over {
		l.arrive()
		if l.state == ready && l.began == 0 {
			l.began, g.full = g.at, true
		}
		g.caption(l)
		g.move(l)
		if l.state == loading || l.state == ready && l.alpha(g.at) < 1 {
			settled = false
		}
	}
	for _, l := range g.under {
		g.move(l)
	}
	g.letGo(settled)
	if g.at-g.lastFull >= int64(heal) {
		g.full = true
	}
}

// move takes a layer's next picture, if it is on and moves.
func (g *Game) move(l *layer) {
	if l.began == 0 {
		return
	}
	if err := l.safely(func() { l.dirty = l.advance(g.at) || l.dirty }); err != nil {
		g.fail(l, err)
	}
	if l.ticker != nil {
		l.dirty = true
	}
	g.full = g.full || l.fades(g.at)
	g.tick(l)
}

// tick has a clock painted anew when it says something else.
func (g *Game) tick(l *layer) {
	if l.region.Widget == nil || l.region.Widget.Kind != playlists.ClockWidget || !slices.Contains(g.over, l) {
		return
	}
	if text := scene.ClockText(g.on.Clock, g.at); text != l.clock {
		l.clock = text
		g.spawn(l, request{
			layer: l, region: l.region, fonts: g.on.Fonts, rect: l.key.rect, ground: l.ground,
			background: l.key.background, ink: l.key.ink, clock: text, at: g.at,
		})
	}
}

// letGo gives back what lies beneath and is not needed any more.
func (g *Game) letGo(settled bool) {
	keep := g.under[:0]
	for i, u := range g.under {
		if g.needs(u, g.under[i+1:], settled) {
			keep = append(keep, u)
			continue
		}
		u.close()
		g.full = g.full || settled
	}
	g.under = keep
}

// needs reports whether a layer beneath others is still needed: until it is covered or the scene is there,
// and then in place of a picture that failed. What is covered does not wait for the scene: where pictures
// come more slowly than scenes, no scene is ever all there, and the layers would pile up.
func (g *Game) needs(u *layer, above []*layer, settled bool) bool {
	covers := func(l *layer) bool { return l.covers(u, g.at) }
	if slices.ContainsFunc(above, covers) || slices.ContainsFunc(g.over, covers) {
		return false
	}
	return !settled || slices.ContainsFunc(g.over, func(l *layer) bool { return l.state == failed && l.key.rect == u.key.rect })
}

// beat tells every second that the loop goes round, and looks whether the panel is still there.
func (g *Game) beat() error {
	if g.at-g.lastBeat < int64(time.Second) {
		return nil
	}
	g.lastBeat = g.at
	b := &playback.Beat{At: g.at, Frames: g.frames}
	if g.on != nil {
		b.Scene = g.on.ID
	}
	g.out.send(playback.Event{Beat: b})
	return g.lost()
}

// Draw implements [ebiten.Game]: it draws what has changed, and most often nothing.
func (g *Game) Draw(panel *ebiten.Image) {
	g.painter.panel, g.painter.rotation = panel, 0
	if g.on != nil {
		g.painter.rotation = g.on.Rotation
	}
	switch {
	case g.full:
		g.drawAll()
	case slices.ContainsFunc(g.over, func(l *layer) bool { return l.dirty }), slices.ContainsFunc(g.under, func(l *layer) bool { return l.dirty }):
		g.drawDirty()
	}
	g.snapshot(panel)
}

func (g *Game) drawAll() {
	if g.frames == 0 {
		g.painter.warm()
	}
	g.full, g.lastFull = false, g.at
	g.frames++
	ground := colourOfHouse()
	if g.on != nil {
		if c, err := slide.ParseColour(g.on.Background); err == nil {
			ground = c
		}
	}
	g.painter.panel.Fill(ground)
	for _, l := range slices.Concat(g.under, g.over) {
		g.draw(l)
	}
	if g.on != nil && g.told != g.on && g.silent() {
		g.told, g.untold = g.on, true
	}
}

// silent reports whether the scene on has no turn to tell of, and is there.
func (g *Game) silent() bool {
	return !slices.ContainsFunc(g.over, func(l *layer) bool { return l.key.turn != 0 || l.state == loading })
}

// drawDirty draws the layers that changed and what lies above them.
func (g *Game) drawDirty() {
	g.frames++
	var drawn []image.Rectangle
	for _, l := range slices.Concat(g.under, g.over) {
		above := func(r image.Rectangle) bool { return r.Overlaps(l.key.rect) }
		if l.dirty || slices.ContainsFunc(drawn, above) {
			g.draw(l)
			drawn = append(drawn, l.key.rect)
		}
	}
}

func (g *Game) draw(l *layer) {
	if l.state != ready || l.began == 0 {
		return
	}
	if err := l.safely(func() { l.paint(g.painter, g.at) }); err != nil {
		g.fail(l, err)
		l.state = failed
		return
	}
	l.dirty = false
	if !l.drawn && !slices.Contains(g.fresh, l) {
		g.fresh = append(g.fresh, l)
	}
}

// safely runs what a bad file may bring down; its panic is an error of this layer.
func (l *layer) safely(f func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("drawing it went wrong: %v", p)
		}
	}()
	f()
	return nil
}

// arrive makes a video's layer ready when its first picture is there.
func (l *layer) arrive() {
	if l.state == loading && l.motion != nil && l.motion.video.Ready() {
		l.state, l.dirty = ready, true
	}
}

// upload turns what the loader prepared into textures.
func (l *layer) upload(r loaded) {
	options := &ebiten.NewImageOptions{Unmanaged: true}
	if r.caption != nil {
		l.dirty = l.captions.put(r) || l.dirty
		return
	}
	l.place(r)
	switch {
	case r.video != nil:
		size := r.video.Fitted.Pixels
		l.motion = &motion{video: r.video, packed: ebiten.NewImageWithOptions(image.Rect(0, 0, size.X/4, size.Y*3/2), options)}
		if len(r.captions) > 0 {
			l.captions = newCaptioned(r.captions)
		}
		return // ready when its first picture is
	case r.strip:
		l.bars = nil
		l.ticker = cut(r.picture, l.key.rect.Dx(), r.rtl)
	case l.texture != nil && l.texture.Bounds().Size() == r.picture.Rect.Size():
		l.texture.WritePixels(r.picture.Pix)
	default:
		if l.texture != nil {
			l.texture.Deallocate()
		}
		l.texture = ebiten.NewImageWithOptions(r.picture.Rect, options)
		l.texture.WritePixels(r.picture.Pix)
	}
	l.state, l.dirty = ready, true
}

// place settles where the parts of a layer stand.
func (l *layer) place(r loaded) {
	l.room = l.key.rect
	if r.handOff != nil {
		l.room, _ = scene.Beside(l.key.rect)
		l.handOff = ebiten.NewImageWithOptions(image.Rectangle{Max: r.handOff.Rect.Size()}, &ebiten.NewImageOptions{Unmanaged: true})
		l.handOff.WritePixels(r.handOff.Pix)
	}
	l.inside, l.bars = r.inside, scene.Bars(l.room, r.inside)
}

// cut makes tiles of a strip, none wider than its region: a texture has a largest size.
func cut(strip *image.RGBA, width int, rtl bool) *ticker {
	t := &ticker{width: strip.Rect.Dx(), height: strip.Rect.Dy(), rtl: rtl}
	for x := 0; x < t.width; x += width {
		r := image.Rect(0, 0, min(width, t.width-x), t.height)
		pix := make([]byte, 0, 4*r.Dx()*r.Dy())
		for y := range t.height {
			row := strip.Pix[strip.PixOffset(x, y):]
			pix = append(pix, row[:4*r.Dx()]...)
		}
		tile := ebiten.NewImageWithOptions(r, &ebiten.NewImageOptions{Unmanaged: true})
		tile.WritePixels(pix)
		t.tiles = append(t.tiles, tile)
	}
	return t
}
