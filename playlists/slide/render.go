package slide

import (
	"fmt"
	"image"
	"image/color"

	"anteroom/playlists"
)

// Floor is the least type size in pixels on a picture of that size; the package comment says why.
func Floor(width, height int) float64 { return float64(min(width, height)) / 20 }

// The sizes that a slide may be drawn at, in pixels a side.
const (
	MinSide = 64
	MaxSide = 7680
)

// Render draws a slide. It refuses, with [playlists.ErrInvalid], the field, the reason and the way out,
// what is not valid, does not fit at [Floor], or has letters that no font has. A picture of 1920 by
// 1080 takes some tens of milliseconds.
func Render(s Slide, f *Fonts, width, height int) (*image.RGBA, error) {
	p, err := compose(s, f, width, height)
	if err != nil {
		return nil, err
	}
	c := newCanvas(width, height, p.background, p.setter)
	p.draw(c)
	return c.RGBA, nil
}

// Fits reports, as [Render] would, whether a slide can be shown both upright and across on a screen of
// full size; it lays the words out but draws nothing.
func Fits(s Slide, f *Fonts) error {
	if _, err := compose(s, f, 1920, 1080); err != nil {
		return err
	}
	_, err := compose(s, f, 1080, 1920)
	return err
}

// page is a slide being laid out: its colours and measures, then what to draw.
type page struct {
	slide  Slide
	setter *setter
	rtl    bool
	// w, h, unit (a hundredth of the shorter side), margin and floor are pixels.
	w, h, unit, margin, floor float64
	background, ink, accent   color.RGBA
	draw                      func(*canvas)
}

func compose(s Slide, f *Fonts, width, height int) (*page, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	if min(width, height) < MinSide || max(width, height) > MaxSide {
		return nil, fmt.Errorf("%w: a slide of %d by %d pixels; choose sides from %d to %d", playlists.ErrInvalid, width, height, MinSide, MaxSide)
	}
	p := newPage(s, f, width, height)
	var fits bool
	switch s.Template {
	case Notice:
		fits = p.notice()
	case Steps, Questions:
		fits = p.list()
	case Urgent:
		fits = p.urgent()
	}
	if len(p.setter.missing) > 0 {
		return nil, invalid(s.blame(), "has letters that no font here has (%s); write without them or add a font for their script", p.setter.missingText())
	}
	if !fits {
		return nil, invalid(s.blame(), "does not fit at a size that can be read from four metres; shorten it or make two slides of it")
	}
	return p, nil
}

func newPage(s Slide, f *Fonts, width, height int) *page {
	b := dressed(s.Brand)
	unit := float64(min(width, height)) / 100
	return &page{
		slide: s, setter: newSetter(f), rtl: rightToLeft(s.Language),
		w: float64(width), h: float64(height), unit: unit, margin: 7.5 * unit, floor: Floor(width, height),
		background: colourOf(b.Background), ink: colourOf(b.Ink), accent: colourOf(b.Accent),
	}
}

// colourOf reads a colour that has been validated; any other is black.
func colourOf(s string) color.RGBA {
	c, err := ParseColour(s)
	if err != nil {
		return color.RGBA{A: 0xff}
	}
	return c
}

// blame is the field with the most words: shortening it helps most.
func (s Slide) blame() string {
	field, most := "title", len(s.Title)
	if len(s.Text) > most {
		field, most = "text", len(s.Text)
	}
	points := 0
	for _, p := range s.Points {
		points += len(p)
	}
	if points > most {
		field = "points"
	}
	return field
}

// largest finds the greatest t from 0 to 1, to within a fortieth, for which try succeeds, and leaves
// what try did last for that t. It reports whether there is one.
func largest(try func(t float64) bool) bool {
	if try(1) {
		return true
	}
	const steps = 40
	low, high := -1, steps // low fits (or is none), high does not
	for high-low > 1 {
		middle := (low + high) / 2
		if try(float64(middle) / steps) {
			low = middle
		} else {
			high = middle
		}
	}
	return low >= 0 && try(float64(low)/steps)
}

// between is a at 0 and b at 1.
func between(a, b, t float64) float64 { return a + (b-a)*t }

// style is the page's own, at a size.
func (p *page) style(size float64, bold bool) style {
	return style{size: size, bold: bold, language: p.slide.Language, rtl: p.rtl}
}

func (p *page) titleStyle(size float64) style {
	s := p.style(size, true)
	s.tight = true
	return s
}

// mirrored is x of a box of width w on a page read from the left, or its mirror image.
func (p *page) mirrored(x, w float64) float64 {
	if p.rtl {
		return p.w - x - w
	}
	return x
}
