package slide

import (
	"fmt"
	"image"
	"image/color"
	"strings"

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
	// w, h, unit (a hundredth of the shorter side), margin (at the sides), head and tail (above and below
	// all words) and floor are pixels.
	w, h, unit, margin, head, tail, floor float64
	// start and column are where the words begin and how wide they may be, beside a code; below is the height that a code
	// takes beneath them.
	start, column, below    float64
	code                    *Code
	background, ink, accent color.RGBA
	draw                    func(*canvas)
}

func compose(s Slide, f *Fonts, width, height int) (*page, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	if min(width, height) < MinSide || max(width, height) > MaxSide {
		return nil, fmt.Errorf("%w: a slide of %d by %d pixels; choose sides from %d to %d", playlists.ErrInvalid, width, height, MinSide, MaxSide)
	}
	p := newPage(s, f, width, height)
	if err := p.makeRoom(); err != nil {
		return nil, err
	}
	var fits bool
	switch s.Template {
	case Notice:
		fits = p.notice()
	case Steps, Questions, Facts:
		fits = p.list()
	case Urgent:
		fits = p.urgent()
	}
	if len(p.setter.missing) > 0 {
		return nil, invalid(s.blame(), "has letters that no font here has (%s); write without them or add a font for their script", p.setter.missingText())
	}
	if field, word := p.tooLong(); !fits && word != "" {
		return nil, invalid(field, "has %q, which is too long for a line; divide it with a hyphen or choose a shorter word", word)
	}
	if !fits {
		field := s.blame()
		verb := "does"
		if field == "points" {
			verb = "do"
		}
		return nil, invalid(field, "%s not fit at a size that can be read from four metres; write less or make two slides of it", verb)
	}
	return p, nil
}

// makeRoom keeps a place for the code: beside the words where the picture is wide, beneath them where it is high.
func (p *page) makeRoom() error {
	if p.slide.Code == "" {
		return nil
	}
	var err error
	if p.code, err = NewCode(p.slide.Code); err != nil {
		return invalid("code", "%q is no address that a telephone opens; write one like https://medlineplus.gov/", p.slide.Code)
	}
	if p.w < p.h {
		p.below = codeSide*p.unit + codeGap*p.unit
		return nil
	}
	taken := (codeSide + codeGap) * p.unit
	p.column -= taken
	if p.rtl {
		p.start += taken
	}
	return nil
}

func newPage(s Slide, f *Fonts, width, height int) *page {
	b := dressed(s.Brand)
	w, h, unit := float64(width), float64(height), float64(min(width, height))/100
	// A television may cut off up to a twentieth at each edge (EBU R 95). In a region much longer than
	// high that would be far more than looks well.
	safe := func(least, side float64) float64 { return min(max(least*unit, side/20), 12*unit) }
	p := &page{
		slide: s, setter: newSetter(f), rtl: rightToLeft(s.Language),
		w: w, h: h, unit: unit, margin: safe(7.5, w), head: safe(7.5, h), tail: safe(5, h), floor: Floor(width, height),
		background: colourOf(b.Background), ink: colourOf(b.Ink), accent: colourOf(b.Accent),
	}
	p.start, p.column = p.margin, p.w-2*p.margin
	return p
}

// colourOf reads a colour that has been validated; any other is black.
func colourOf(s string) color.RGBA {
	c, err := ParseColour(s)
	if err != nil {
		return color.RGBA{A: 0xff}
	}
	return c
}

// tooLong finds a word that does not fit on a line even in the smallest type, and its field.
func (p *page) tooLong() (field, word string) {
	width := p.column
	title := 1.25 * p.floor
	if p.slide.Template == Urgent {
		title = 1.6 * p.floor
	}
	if word := p.longer(p.slide.Title, p.titleStyle(title), width); word != "" {
		return "title", word
	}
	if word := p.longer(p.slide.Text, p.style(p.floor, false), width); word != "" {
		return "text", word
	}
	for i, point := range p.slide.Points {
		if word := p.longer(point, p.style(p.floor, false), width-indent*p.floor); word != "" {
			return fmt.Sprintf("points[%d]", i), word
		}
	}
	return "", ""
}

// longer is the first word that is longer than a line.
func (p *page) longer(words string, s style, width float64) string {
	for word := range strings.FieldsSeq(words) {
		if p.setter.set(word, s, width).width > width {
			return word
		}
	}
	return ""
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
