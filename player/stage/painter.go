package stage

import (
	"image"
	"image/color"

	"github.com/hajimehoshi/ebiten/v2"

	"anteroom/player/stage/scene"
)

// painter draws on the panel in the canvas's coordinates: it turns everything as the screen hangs.
type painter struct {
	panel    *ebiten.Image
	rotation int
	white    *ebiten.Image
	shader   *ebiten.Shader
}

// geometry leads from the canvas to the panel.
func (p *painter) geometry() ebiten.GeoM {
	var g ebiten.GeoM
	w, h := float64(p.panel.Bounds().Dx()), float64(p.panel.Bounds().Dy())
	set := func(a, b, c, d, x, y float64) {
		g.SetElement(0, 0, a)
		g.SetElement(0, 1, b)
		g.SetElement(1, 0, c)
		g.SetElement(1, 1, d)
		g.SetElement(0, 2, x)
		g.SetElement(1, 2, y)
	}
	switch p.rotation {
	case 90:
		set(0, -1, 1, 0, w, 0)
	case 180:
		set(-1, 0, 0, -1, w, h)
	case 270:
		set(0, 1, -1, 0, 0, h)
	}
	return g
}

func (p *painter) turn(r image.Rectangle) image.Rectangle {
	return scene.Turn(r, p.panel.Bounds().Size(), p.rotation)
}

// fill paints a rectangle of the canvas; alpha is 0 to 1.
func (p *painter) fill(r image.Rectangle, c color.Color, alpha float64) {
	if alpha >= 1 {
		if part, ok := p.panel.SubImage(p.turn(r)).(*ebiten.Image); ok {
			part.Fill(c)
		}
		return
	}
	op := &ebiten.DrawImageOptions{}
	op.GeoM.Scale(float64(r.Dx()), float64(r.Dy()))
	op.GeoM.Translate(float64(r.Min.X), float64(r.Min.Y))
	op.GeoM.Concat(p.geometry())
	op.ColorScale.ScaleWithColor(c)
	op.ColorScale.ScaleAlpha(float32(alpha))
	p.panel.DrawImage(p.white, op)
}

// picture paints a texture over a rectangle of the canvas, cut off at clip.
func (p *painter) picture(t *ebiten.Image, r, clip image.Rectangle, alpha float64) {
	dst, ok := p.panel.SubImage(p.turn(r.Intersect(clip))).(*ebiten.Image)
	if !ok {
		return
	}
	op := &ebiten.DrawImageOptions{}
	if size := t.Bounds().Size(); size != r.Size() {
		// Half a texel at each edge stays outside: there the filter would mix in what lies beyond.
		op.GeoM.Translate(-0.5, -0.5)
		op.GeoM.Scale(float64(r.Dx())/float64(max(size.X-1, 1)), float64(r.Dy())/float64(max(size.Y-1, 1)))
		op.Filter = ebiten.FilterLinear
	}
	op.GeoM.Translate(float64(r.Min.X), float64(r.Min.Y))
	op.GeoM.Concat(p.geometry())
	op.ColorScale.ScaleAlpha(float32(alpha))
	dst.DrawImage(t, op)
}

// i420 shows the bytes of an I420 picture, uploaded as they come as a texture of a quarter of the
// width and half as high again. Alpha holds luma there, so nothing else may draw that texture.
const i420 = `//kage:unit pixels
package main

var Size vec2

func byteAt(i vec2) float {
	tx := floor(i.x / 4)
	c := imageSrc0UnsafeAt(vec2(tx+0.5, i.y+0.5) + imageSrc0Origin())
	m := i.x - tx*4
	if m < 0.5 {
		return c.r
	}
	if m < 1.5 {
		return c.g
	}
	if m < 2.5 {
		return c.b
	}
	return c.a
}

func Fragment(dst vec4, src vec2, color vec4) vec4 {
	p := floor(src - imageSrc0Origin())
	q := floor(p / 2)
	row := floor(q.y / 2)
	x := q.x + (q.y-row*2)*Size.x/2
	u := byteAt(vec2(x, Size.y+row)) - 0.5
	v := byteAt(vec2(x, Size.y+Size.y/4+row)) - 0.5
	y := (byteAt(p) - 16.0/255.0) * 1.164384
	rgb := clamp(vec3(y+1.792741*v, y-0.213249*u-0.532909*v, y+2.112402*u), 0, 1)
	return vec4(rgb, 1) * color.a
}
`

// warm makes the driver compile the video shader, so that the first video does not wait for it.
func (p *painter) warm() {
	options := &ebiten.NewImageOptions{Unmanaged: true}
	packed, dst := ebiten.NewImageWithOptions(image.Rect(0, 0, 1, 6), options), ebiten.NewImageWithOptions(image.Rect(0, 0, 4, 4), options)
	p.video(dst, packed, image.Pt(4, 4), image.Point{}, ebiten.GeoM{}, 1)
	packed.Deallocate()
	dst.Deallocate()
}

// video paints packed I420 of a size over an equal rectangle of dst; geometry leads there.
func (p *painter) video(dst, packed *ebiten.Image, size, at image.Point, g ebiten.GeoM, alpha float64) {
	w, h := float32(size.X), float32(size.Y)
	corner := func(sx, sy float32) ebiten.Vertex {
		x, y := g.Apply(float64(sx)+float64(at.X), float64(sy)+float64(at.Y))
		return ebiten.Vertex{DstX: float32(x), DstY: float32(y), SrcX: sx, SrcY: sy, ColorR: 1, ColorG: 1, ColorB: 1, ColorA: float32(alpha)}
	}
	op := &ebiten.DrawTrianglesShaderOptions{Uniforms: map[string]any{"Size": []float32{w, h}}}
	op.Images[0] = packed
	dst.DrawTrianglesShader([]ebiten.Vertex{corner(0, 0), corner(w, 0), corner(0, h), corner(w, h)}, []uint16{0, 1, 2, 1, 2, 3}, p.shader, op)
}
