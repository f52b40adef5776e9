package scene

import (
	"fmt"
	"image"
	"image/draw"

	"anteroom/playlists/slide"
)

// QR draws a code that says url with words beside it, or below where the region is upright.
func QR(url, words string, f *slide.Fonts, size image.Point, background, ink string) (*image.RGBA, error) {
	code, err := slide.NewCode(url)
	if err != nil {
		return nil, err
	}
	modules := code.Modules()
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
	code.Paint(picture, square.Min, scale)
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
