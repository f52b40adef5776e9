package stage

import (
	"context"
	"image"
	"image/color"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"anteroom/player/media"
	"anteroom/player/playback"
	"anteroom/player/stage/scene"
	"anteroom/playlists"
)

// state is how far a layer has come.
type state int

const (
	loading state = iota
	ready
	failed
)

// layerKey is what makes two layers the same picture: a turn that goes on into the next scene is not
// begun again.
type layerKey struct {
	turn       uint64
	rect       image.Rectangle
	fit        playlists.Fit
	medium     playlists.Medium
	what       string // path, slide, widget or slate
	background string
	ink        string
}

// layer is what one region shows during one turn. It belongs to the game loop.
type layer struct {
	key    layerKey
	region playback.RegionScene
	slate  *playback.Slate
	scene  uint64
	state  state
	fonts  []string // paths, as the scene that it came with has them

	bars    []image.Rectangle // around the picture
	ground  color.RGBA        // of the bars
	room    image.Rectangle   // what the picture has of the region
	inside  image.Rectangle   // the picture's place
	texture *ebiten.Image
	handOff *ebiten.Image // beside the picture; nil without one
	motion  *motion       // videos
	ticker  *ticker
	clock   string // what a clock says or is being painted to say
	// captions are nil without any.
	captions *captioned

	cancel context.CancelFunc
	add    func(request) // makes another picture of it wanted
	// sound starts the sound at a position, at a volume.
	sound func(from time.Duration, volume int)
	began int64 // when it came on; 0 before
	drawn bool  // told of
	dirty bool
}

// motion is a video on a layer.
type motion struct {
	video  *media.Video
	packed *ebiten.Image
	whole  *ebiten.Image // the frame in RGB, where it has to be scaled
}

// ticker is a line of words in tiles no wider than its region.
type ticker struct {
	tiles  []*ebiten.Image
	width  int
	height int
	rtl    bool
}

// close gives everything back.
func (l *layer) close() {
	l.cancel()
	images := []*ebiten.Image{l.texture, l.handOff}
	if l.motion != nil {
		images = append(images, l.motion.packed, l.motion.whole)
	}
	if l.ticker != nil {
		images = append(images, l.ticker.tiles...)
	}
	if l.captions != nil {
		images = append(images, l.captions.pictures()...)
	}
	for _, i := range images {
		if i != nil {
			i.Deallocate()
		}
	}
	l.texture, l.handOff, l.motion, l.ticker, l.captions, l.state = nil, nil, nil, nil, nil, failed
}

// alpha is how much of it is there at an instant.
func (l *layer) alpha(now int64) float64 {
	if l.region.Transition != playlists.CrossFade || l.began == 0 {
		return 1
	}
	return scene.Fade(l.began, now)
}

// covers reports whether nothing of a layer beneath is seen any more.
func (l *layer) covers(beneath *layer, now int64) bool {
	return l.state == ready && l.began != 0 && l.alpha(now) >= 1 && beneath.key.rect.In(l.key.rect)
}

// fades reports whether it still comes on; to the last step and a little beyond.
func (l *layer) fades(now int64) bool {
	return l.region.Transition == playlists.CrossFade && l.began != 0 && now-l.began < int64(scene.FadeTime+time.Second)
}

// moves reports whether it may be another picture in the next frame.
func (l *layer) moves(now int64) bool {
	return l.motion != nil || l.ticker != nil || l.fades(now)
}

// position is where in a video a moment is.
func (l *layer) position(now int64) time.Duration { return time.Duration(now - l.region.Begin) }

// advance takes a video's next picture; it reports whether there is a new one.
func (l *layer) advance(now int64) bool {
	if l.motion == nil {
		return false
	}
	b, fresh := l.motion.video.Frame(l.position(now))
	if fresh {
		l.motion.packed.WritePixels(b)
	}
	return fresh
}

// paint draws a layer that is ready.
func (l *layer) paint(p *painter, now int64) {
	alpha := l.alpha(now)
	for _, bar := range l.bars {
		p.fill(bar, l.ground, alpha)
	}
	switch {
	case l.motion != nil:
		l.paintVideo(p, alpha)
	case l.ticker != nil:
		l.paintTicker(p, now, alpha)
	case l.texture != nil:
		p.picture(l.texture, l.inside, l.room, alpha)
	}
	if l.captions != nil {
		l.captions.paint(p, l.room, alpha)
	}
	if l.handOff != nil {
		_, place := scene.Beside(l.key.rect)
		p.picture(l.handOff, place, l.key.rect, alpha)
	}
}

func (l *layer) paintVideo(p *painter, alpha float64) {
	size := l.motion.video.Fitted.Pixels
	if size == l.inside.Size() {
		p.video(p.panel, l.motion.packed, size, l.inside.Min, p.geometry(), alpha)
		return
	}
	if l.motion.whole == nil {
		l.motion.whole = ebiten.NewImageWithOptions(image.Rectangle{Max: size}, &ebiten.NewImageOptions{Unmanaged: true})
	}
	p.video(l.motion.whole, l.motion.packed, size, image.Point{}, ebiten.GeoM{}, 1)
	p.picture(l.motion.whole, l.inside, l.room, alpha)
}

func (l *layer) paintTicker(p *painter, now int64, alpha float64) {
	r := l.key.rect
	p.fill(r, l.ground, alpha)
	for _, at := range scene.TickerPositions(now, l.ticker.width, r.Dx(), l.ticker.rtl) {
		x := r.Min.X + at
		for _, tile := range l.ticker.tiles {
			size := tile.Bounds().Size()
			place := image.Rectangle{Max: size}.Add(image.Pt(x, r.Min.Y))
			if place.Overlaps(r) {
				p.picture(tile, place, r, alpha)
			}
			x += size.X
		}
	}
}
