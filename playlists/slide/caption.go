package slide

import (
	"image"
	"image/color"

	"anteroom/playlists"
)

// Caption draws the words over a film that fills width by height pixels, on a dark ground that is no larger
// than they need. Letters are floor pixels high or a little more, [Floor] of what the film stands in, and never
// smaller. The picture's Rect is its place in the film: at the foot, in the middle.
func Caption(words string, l playlists.Language, f *Fonts, width, height int, floor float64) *image.RGBA {
	w, h := max(float64(width), MinSide), max(float64(height), MinSide)
	t := newSetter(f)
	room := 0.86 * w
	s := style{bold: true, language: l, rtl: rightToLeft(l)}
	var b *block
	for _, size := range []float64{1.25, 1.1, 1} {
		s.size = size * floor
		if b = t.balanced(words, s, room); len(b.lines) <= 2 {
			break
		}
	}
	pad := 0.35 * s.size
	across, down := round(min(b.width+2*pad, w)), round(min(b.height()+pad, h))
	c := newCanvas(across, down, captionGround(), t)
	c.write(b, pad, pad/2, b.width, toCentre, color.RGBA{0xff, 0xff, 0xff, 0xff})
	// A television may cut off a twentieth at the edge, and a caption there as well.
	left, top := (int(w)-across)/2, max(0, round(0.94*h)-down)
	c.Rect = c.Rect.Add(image.Pt(left, top))
	return c.RGBA
}

// captionGround is behind a caption's words: dark whatever the film shows.
func captionGround() color.RGBA { return color.RGBA{0x10, 0x14, 0x16, 0xff} }
