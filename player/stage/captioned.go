package stage

import (
	"image"

	"github.com/hajimehoshi/ebiten/v2"

	"anteroom/playlists/captions"
)

// captioned are the captions over a video: the picture of the one that stands there, and of the next.
type captioned struct {
	track captions.Track
	// on is the one that stands there, -1 if none; asked the last one whose picture was wanted.
	on, asked int
	shown     map[int]captionPicture
}

func newCaptioned(t captions.Track) *captioned {
	return &captioned{track: t, on: -1, asked: -1, shown: map[int]captionPicture{}}
}

// caption is one that is to be drawn.
type caption struct {
	number int
	words  string
	film   image.Rectangle // where the film stands
}

type captionPicture struct {
	texture *ebiten.Image
	place   image.Rectangle
}

// caption brings a layer's captions to this instant, and has the next one drawn before its time comes.
func (g *Game) caption(l *layer) {
	c := l.captions
	if c == nil {
		return
	}
	now, next := c.track.At(l.position(g.at))
	for _, n := range []int{now, next} {
		if n > c.asked {
			c.asked = n
			g.spawn(l, request{
				layer: l, region: l.region, fonts: l.fonts, rect: l.key.rect, at: l.region.Begin + int64(c.track[n].From),
				caption: &caption{n, c.track[n].Words, l.inside.Intersect(l.room)},
			})
		}
	}
	if now == c.on {
		return
	}
	c.on, l.dirty = now, true
	for n, p := range c.shown {
		if n != now && n != next {
			p.texture.Deallocate()
			delete(c.shown, n)
		}
	}
}

// put keeps a caption's picture; it reports whether that stands there now.
func (c *captioned) put(r loaded) bool {
	size := r.picture.Rect.Size()
	texture := ebiten.NewImageWithOptions(image.Rectangle{Max: size}, &ebiten.NewImageOptions{Unmanaged: true})
	texture.WritePixels(r.picture.Pix)
	c.shown[r.caption.number] = captionPicture{texture, r.inside}
	return r.caption.number == c.on
}

// paint draws the caption that stands there, cut off at clip.
func (c *captioned) paint(p *painter, clip image.Rectangle, alpha float64) {
	if on, ok := c.shown[c.on]; ok {
		p.picture(on.texture, on.place, clip, alpha)
	}
}

func (c *captioned) pictures() []*ebiten.Image {
	var all []*ebiten.Image
	for _, p := range c.shown {
		all = append(all, p.texture)
	}
	return all
}
