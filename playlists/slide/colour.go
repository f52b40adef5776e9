package slide

import (
	"fmt"
	"image/color"
	"math"
	"strconv"

	"anteroom/playlists"
)

// MinContrast is the least contrast between words and what is behind them (WCAG 2.2, 1.4.3).
const MinContrast = 4.5

// ParseColour reads an sRGB colour, "#0b3d4c".
func ParseColour(s string) (color.RGBA, error) {
	if len(s) == 7 && s[0] == '#' {
		if v, err := strconv.ParseUint(s[1:], 16, 32); err == nil {
			return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 0xff}, nil
		}
	}
	return color.RGBA{}, fmt.Errorf("%w: colour %q is not like #0b3d4c", playlists.ErrInvalid, s)
}

// Contrast is the WCAG 2 contrast ratio of two sRGB colours, from 1 (alike) to 21 (black on white). A
// colour that cannot be read has no contrast with anything: 1.
func Contrast(a, b string) float64 {
	ca, errA := ParseColour(a)
	cb, errB := ParseColour(b)
	if errA != nil || errB != nil {
		return 1
	}
	return contrast(ca, cb)
}

func contrast(a, b color.RGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// luminance is WCAG's relative luminance.
func luminance(c color.RGBA) float64 {
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func linear(v uint8) float64 {
	s := float64(v) / 255
	if s <= 0.04045 {
		return s / 12.92
	}
	return math.Pow((s+0.055)/1.055, 2.4)
}

// mix is a with the part t of b in it.
func mix(a, b color.RGBA, t float64) color.RGBA {
	part := func(x, y uint8) uint8 { return uint8(math.Round(float64(x)*(1-t) + float64(y)*t)) }
	return color.RGBA{part(a.R, b.R), part(a.G, b.G), part(a.B, b.B), 0xff}
}

// legibleOn is black or white, whichever stands out more; the better of the two always reaches 4.58.
func legibleOn(c color.RGBA) color.RGBA {
	black, white := color.RGBA{A: 0xff}, color.RGBA{0xff, 0xff, 0xff, 0xff}
	if contrast(c, white) >= contrast(c, black) {
		return white
	}
	return black
}
