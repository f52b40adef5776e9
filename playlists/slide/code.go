package slide

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
)

// quiet is the white border that a QR code needs, in modules (ISO/IEC 18004).
const quiet = 4

// The place of a code on a slide, in hundredths of the shorter side: on a 43-inch panel a square of 16 cm, which a
// telephone reads from a step or two away.
const (
	codeSide = 30
	codeGap  = 4
)

// Code is a QR code that is going to be drawn.
type Code struct{ modules barcode.Barcode }

// NewCode makes a code that says an address.
func NewCode(address string) (*Code, error) {
	code, err := qr.Encode(address, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("a QR code for %q: %w", address, err)
	}
	return &Code{code}, nil
}

// Modules is how many modules the code has on a side, with its white border.
func (c *Code) Modules() int { return c.modules.Bounds().Dx() + 2*quiet }

// Paint draws the code with its border, so many pixels a module.
func (c *Code) Paint(dst draw.Image, at image.Point, scale int) {
	side := c.Modules() * scale
	draw.Draw(dst, image.Rectangle{at, at.Add(image.Pt(side, side))}, image.White, image.Point{}, draw.Src)
	c.each(func(x, y int) {
		corner := at.Add(image.Pt(x*scale, y*scale))
		draw.Draw(dst, image.Rectangle{corner, corner.Add(image.Pt(scale, scale))}, image.Black, image.Point{}, draw.Src)
	})
}

// each gives the place of every dark module, counted from the corner of the border.
func (c *Code) each(dark func(x, y int)) {
	b := c.modules.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if r, _, _, _ := c.modules.At(x, y).RGBA(); r <= 0x7fff {
				dark(x-b.Min.X+quiet, y-b.Min.Y+quiet)
			}
		}
	}
}

// drawCode draws the page's code in the corner above the foot where lines end. All its modules are of one size, but
// in small previews, where the code would else be smaller than on a screen.
func (p *page) drawCode(c *canvas, foot *block) {
	if p.code == nil {
		return
	}
	bottom := p.h - p.head
	if foot != nil {
		bottom = p.h - p.tail - foot.height() - 5*p.unit
	}
	n := float64(p.code.Modules())
	scale := codeSide * p.unit / n
	if scale >= 4 {
		scale = float64(int(scale))
	}
	side := scale * n
	x, y := float64(round(p.mirrored(p.w-p.margin-side, side))), float64(round(bottom-side))
	c.fill(x, y, side, side, color.RGBA{0xff, 0xff, 0xff, 0xff})
	p.code.each(func(mx, my int) {
		c.fill(x+float64(mx)*scale, y+float64(my)*scale, scale, scale, color.RGBA{A: 0xff})
	})
}
