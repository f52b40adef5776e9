package scene

import (
	"fmt"
	"image"
	"image/draw"
	"strings"

	"anteroom/player/playback"
	"anteroom/playlists/slide"
)

// leastModule is the least size of a code's module, in pixels: what is smaller no camera tells apart.
const leastModule = 2

// Beside divides a region between its picture and the way to people's phones: a fifth of it at the right, or at the
// foot of an upright one. Nothing of the picture is covered.
func Beside(region image.Rectangle) (picture, handOff image.Rectangle) {
	picture, handOff = region, region
	if region.Dx() >= region.Dy() {
		picture.Max.X -= region.Dx() / 5
		handOff.Min.X = picture.Max.X
	} else {
		picture.Max.Y -= region.Dy() / 5
		handOff.Min.Y = picture.Max.Y
	}
	return picture, handOff
}

// HandOff draws the code that leads to a phone, and the address for those who type it. The code is low, where people who sit
// reach it with their cameras.
func HandOff(h playback.HandOff, f *slide.Fonts, size image.Point, background, ink string) (*image.RGBA, error) {
	code, err := slide.NewCode(h.Address)
	if err != nil {
		return nil, err
	}
	scale := min(size.X, size.Y) * 9 / 10 / code.Modules()
	if scale < leastModule {
		return nil, fmt.Errorf("a QR code of %d modules does not fit %d by %d pixels; make the region larger or the address shorter", code.Modules(), size.X, size.Y)
	}
	picture := slide.Label("", f, size.X, size.Y, background, ink)
	square, host, typed := around(size, code.Modules()*scale)
	code.Paint(picture, square.Min, scale)
	address, short := h.Short, ""
	if i := strings.LastIndexByte(h.Short, '/'); i >= 0 {
		address, short = h.Short[:i+1], h.Short[i+1:]
	}
	for _, l := range []struct {
		words string
		at    image.Rectangle
	}{{address, host}, {short, typed}} {
		if !l.at.Empty() {
			label := slide.Label(l.words, f, l.at.Dx(), l.at.Dy(), background, ink)
			draw.Draw(picture, l.at, label, image.Point{}, draw.Src)
		}
	}
	return picture, nil
}

// around places a code of that side, the host's name and what is typed after it: below the code where there is a column, beside it where
// there is a row. A twentieth at the edge stays free, which a television may cut off.
func around(size image.Point, side int) (square, host, typed image.Rectangle) {
	if size.X >= size.Y {
		margin := (size.Y - side) / 2
		square = image.Rect(size.X-margin-side, margin, size.X-margin, margin+side)
		left, middle := size.X/20, size.Y/2
		return square, image.Rect(left, middle-side/2, square.Min.X-margin, middle-side/12), image.Rect(left, middle-side/12, square.Min.X-margin, middle+side/2)
	}
	margin := (size.X - side) / 2
	bottom := size.Y - size.Y/20
	typed = image.Rect(0, bottom-side/3, size.X, bottom)
	host = image.Rect(0, typed.Min.Y-side/5, size.X, typed.Min.Y)
	return image.Rect(margin, host.Min.Y-side, margin+side, host.Min.Y), host, typed
}
