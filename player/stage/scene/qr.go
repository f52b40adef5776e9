package scene

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"github.com/boombuler/barcode/qr"

	"anteroom/playlists/slide"
)

// quiet is the white border that a QR code needs, in modules (ISO/IEC 18004).
const quiet = 4

// QR draws a code that says url with words beside it, or below where the region is upright.
func QR(url, words string, f *slide.Fonts, size image.Point, background, ink string) (*image.RGBA, error) {
	code, err := qr.Encode(url, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("a QR code for %q: %w", url, err)
	}
	modules := code.Bounds().Dx() + 2*quiet
	room := min(size.X, size.Y)
	if words != "" {
		room = min(room, max(size.X, size.Y)*3/5)
	}
	scale := room * 9 / 10 / modules
	if scale < 1 {
		return nil, fmt.Errorf("a QR code of %d modules does not fit %d by %d pixels; make the region larger or the address shorter", modules, size.X, size.Y)
	}
	picture := slide.Label("", f, size.X, size.Y, background, ink)
	square, text := halves(size, modules*scale, words != "")
	paintCode(picture, code, square.Min, scale)
	if words != "" {
		label := slide.Label(words, f, text.Dx(), text.Dy(), background, ink)
		draw.Draw(picture, text, label, image.Point{}, draw.Src)
	}
	return picture, nil
}

// halves places the code and its words, which are to stay smaller than the code.
func halves(size image.Point, side int, words bool) (square, text image.Rectangle) {
	whole := image.Rectangle{Max: size}
	switch {
	case !words:
		return Centred(image.Pt(side, side), whole), image.Rectangle{}
	case size.X >= size.Y:
		margin := (size.Y - side) / 2
		square = image.Rect(margin, margin, margin+side, margin+side)
		return square, Centred(image.Pt(size.X-square.Max.X, min(size.Y, side*3/4)), image.Rect(square.Max.X, 0, size.X, size.Y))
	default:
		below := min(size.Y-side, side/2)
		both := Centred(image.Pt(size.X, side+below), whole)
		square = Centred(image.Pt(side, side), image.Rect(0, both.Min.Y, size.X, both.Min.Y+side))
		return square, image.Rect(0, square.Max.Y, size.X, both.Max.Y)
	}
}

func paintCode(dst *image.RGBA, code image.Image, at image.Point, scale int) {
	b := code.Bounds()
	side := (b.Dx() + 2*quiet) * scale
	draw.Draw(dst, image.Rectangle{at, at.Add(image.Pt(side, side))}, image.White, image.Point{}, draw.Src)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if r, _, _, _ := code.At(x, y).RGBA(); r > 0x7fff {
				continue
			}
			corner := at.Add(image.Pt((x-b.Min.X+quiet)*scale, (y-b.Min.Y+quiet)*scale))
			draw.Draw(dst, image.Rectangle{corner, corner.Add(image.Pt(scale, scale))}, image.NewUniform(color.Black), image.Point{}, draw.Src)
		}
	}
}
