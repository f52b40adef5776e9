package slide

import (
	"image"
	"image/color"
	"math"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"golang.org/x/image/vector"
)

// canvas is the picture being drawn.
type canvas struct {
	*image.RGBA

	setter *setter
}

func newCanvas(w, h int, background color.RGBA, t *setter) *canvas {
	c := &canvas{image.NewRGBA(image.Rect(0, 0, w, h)), t}
	c.fill(0, 0, float64(w), float64(h), background)
	return c
}

// fill paints a rectangle with whole-pixel edges.
func (c *canvas) fill(x, y, w, h float64, ink color.RGBA) {
	r := image.Rect(round(x), round(y), round(x+w), round(y+h)).Intersect(c.Rect)
	if r.Empty() {
		return
	}
	first := c.Pix[c.PixOffset(r.Min.X, r.Min.Y):][:4*r.Dx()]
	for i := 0; i < len(first); i += 4 {
		first[i], first[i+1], first[i+2], first[i+3] = ink.R, ink.G, ink.B, 0xff
	}
	for y := r.Min.Y + 1; y < r.Max.Y; y++ {
		copy(c.Pix[c.PixOffset(r.Min.X, y):], first)
	}
}

func round(v float64) int { return int(math.Round(v)) }

// path paints what draw outlines; x, y, w, h bound it. Draw's coordinates count from x, y.
func (c *canvas) path(x, y, w, h float64, ink color.RGBA, draw func(*vector.Rasterizer)) {
	ox, oy := math.Floor(x), math.Floor(y)
	z := vector.NewRasterizer(int(math.Ceil(x+w-ox))+1, int(math.Ceil(y+h-oy))+1)
	draw(z)
	mask := image.NewAlpha(z.Bounds())
	z.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	c.stamp(mask, int(ox), int(oy), ink)
}

// disc paints a circle.
func (c *canvas) disc(cx, cy, radius float64, ink color.RGBA) {
	c.rounded(cx-radius, cy-radius, 2*radius, 2*radius, radius, ink)
}

// rounded paints a rectangle with round corners.
func (c *canvas) rounded(x, y, w, h, radius float64, ink color.RGBA) {
	const k = 0.5522847498 // the cubic nearest to a quarter circle
	fx, fy := x-math.Floor(x), y-math.Floor(y)
	c.path(x, y, w, h, ink, func(z *vector.Rasterizer) {
		l, t, r, b := float32(fx), float32(fy), float32(fx+w), float32(fy+h)
		q, p := float32(radius), float32(radius*(1-k))
		z.MoveTo(l+q, t)
		z.LineTo(r-q, t)
		z.CubeTo(r-p, t, r, t+p, r, t+q)
		z.LineTo(r, b-q)
		z.CubeTo(r, b-p, r-p, b, r-q, b)
		z.LineTo(l+q, b)
		z.CubeTo(l+p, b, l, b-p, l, b-q)
		z.LineTo(l, t+q)
		z.CubeTo(l, t+p, l+p, t, l+q, t)
		z.ClosePath()
	})
}

// polygon paints a polygon of at least three corners.
func (c *canvas) polygon(ink color.RGBA, corners ...[2]float64) {
	x0, y0, x1, y1 := corners[0][0], corners[0][1], corners[0][0], corners[0][1]
	for _, p := range corners {
		x0, y0, x1, y1 = min(x0, p[0]), min(y0, p[1]), max(x1, p[0]), max(y1, p[1])
	}
	ox, oy := math.Floor(x0), math.Floor(y0)
	c.path(x0, y0, x1-x0, y1-y0, ink, func(z *vector.Rasterizer) {
		for i, p := range corners {
			if i == 0 {
				z.MoveTo(float32(p[0]-ox), float32(p[1]-oy))
			} else {
				z.LineTo(float32(p[0]-ox), float32(p[1]-oy))
			}
		}
		z.ClosePath()
	})
}

// align is where lines stand in their width.
type align int

const (
	toStart align = iota // left, or right where the language is written from there
	toCentre
)

// write draws a block with its top left corner at x, y.
func (c *canvas) write(b *block, x, y, width float64, a align, ink color.RGBA) {
	for i, l := range b.lines {
		lx := x
		switch {
		case a == toCentre:
			lx += (width - l.width) / 2
		case b.style.rtl:
			lx += width - l.width
		}
		c.writeLine(l, lx, y+float64(i)*b.leading+b.baseline(), ink)
	}
}

func (c *canvas) writeLine(l line, x, baseline float64, ink color.RGBA) {
	for _, run := range l.runs {
		for _, g := range run.Glyphs {
			gx := x + pixels(g.XOffset)
			gy := round(baseline - pixels(g.YOffset))
			mark := c.setter.glyph(run.Face, g.GlyphID, pixels(run.Size), gx-math.Floor(gx))
			if mark.mask != nil {
				c.stamp(mark.mask, int(math.Floor(gx))+mark.x, gy+mark.y, ink)
			}
			x += pixels(g.Advance)
		}
	}
}

// stamp paints ink through a mask whose corner is at x, y.
func (c *canvas) stamp(mask *image.Alpha, x, y int, ink color.RGBA) {
	r := mask.Rect.Add(image.Pt(x, y)).Intersect(c.Rect)
	for py := r.Min.Y; py < r.Max.Y; py++ {
		src := mask.Pix[(py-y)*mask.Stride+r.Min.X-x:][:r.Dx()]
		dst := c.Pix[c.PixOffset(r.Min.X, py):]
		for i, a := range src {
			if a != 0 {
				blend(dst[4*i:4*i+3:4*i+3], ink, uint32(a))
			}
		}
	}
}

func blend(p []uint8, ink color.RGBA, a uint32) {
	p[0] = uint8((uint32(p[0])*(255-a) + uint32(ink.R)*a + 127) / 255)
	p[1] = uint8((uint32(p[1])*(255-a) + uint32(ink.G)*a + 127) / 255)
	p[2] = uint8((uint32(p[2])*(255-a) + uint32(ink.B)*a + 127) / 255)
}

// glyphKey names a glyph at a size and a quarter of a pixel.
type glyphKey struct {
	face *font.Face
	id   font.GID
	size float64
	part int
}

// glyph is a filled outline; x and y lead from the pen's pixel to the mask's corner. A space has none.
type glyph struct {
	mask *image.Alpha
	x, y int
}

func (t *setter) glyph(f *font.Face, id font.GID, size, part float64) glyph {
	key := glyphKey{f, id, size, int(part * 4)}
	g, ok := t.glyphs[key]
	if !ok {
		g = t.rasterise(key)
		t.glyphs[key] = g
	}
	return g
}

// rasterise fills one glyph in a box of its own.
func (t *setter) rasterise(k glyphKey) glyph {
	outline, ok := k.face.GlyphDataOutline(k.id)
	if !ok || len(outline.Segments) == 0 {
		return glyph{}
	}
	scale := float32(k.size) / float32(k.face.Upem())
	shift := float32(k.part) / 4
	thicken := float32(0)
	if t.thin[k.face] {
		thicken = float32(k.size) / 32
	}
	x0, y0, x1, y1 := extent(outline, scale)
	ox, oy := int(math.Floor(float64(x0+shift-thicken))), int(math.Floor(float64(y0-thicken)))
	z := vector.NewRasterizer(int(math.Ceil(float64(x1+shift+thicken)))-ox+1, int(math.Ceil(float64(y1+thicken)))-oy+1)
	trace(z, outline, scale, shift-float32(ox), -float32(oy))
	if thicken > 0 {
		// A regular stands for a missing bold: its outline again a little to each side.
		for _, d := range [][2]float32{{-.5, 0}, {.5, 0}, {0, -.3}, {0, .3}} {
			trace(z, outline, scale, shift-float32(ox)+d[0]*thicken, -float32(oy)+d[1]*thicken)
		}
	}
	mask := image.NewAlpha(z.Bounds())
	z.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	return glyph{mask, ox, oy}
}

func extent(o font.GlyphOutline, scale float32) (x0, y0, x1, y1 float32) {
	x0, y0, x1, y1 = math.MaxFloat32, math.MaxFloat32, -math.MaxFloat32, -math.MaxFloat32
	for i := range o.Segments {
		for _, p := range o.Segments[i].ArgsSlice() {
			x, y := p.X*scale, -p.Y*scale
			x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
		}
	}
	return x0, y0, x1, y1
}

func trace(z *vector.Rasterizer, o font.GlyphOutline, scale, dx, dy float32) {
	for i, s := range o.Segments {
		a := s.Args
		for j := range a {
			a[j].X, a[j].Y = a[j].X*scale+dx, -a[j].Y*scale+dy
		}
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			if i > 0 {
				z.ClosePath()
			}
			z.MoveTo(a[0].X, a[0].Y)
		case opentype.SegmentOpLineTo:
			z.LineTo(a[0].X, a[0].Y)
		case opentype.SegmentOpQuadTo:
			z.QuadTo(a[0].X, a[0].Y, a[1].X, a[1].Y)
		case opentype.SegmentOpCubeTo:
			z.CubeTo(a[0].X, a[0].Y, a[1].X, a[1].Y, a[2].X, a[2].Y)
		}
	}
	z.ClosePath()
}
