package slide

import (
	"image"
	"image/color"
	"image/draw"
	"slices"
	"strings"
	"unicode"

	ubidi "golang.org/x/text/unicode/bidi"

	"anteroom/playlists"
)

// Slate is what a screen shows when there is nothing else, or while it waits to be paired.
type Slate struct {
	// Name is whose screen it is, "Lakeside Hospital".
	Name string
	// Logo stands above all words, on a white plate, for which logos are made; nil if there is none. It is drawn as it is:
	// [LogoRoom] says how large it may be.
	Logo  *image.RGBA
	Title string
	Lines []string
	// Code and Words are drawn large: a pairing code and the words to compare.
	Code  string
	Words []string
	// Background and Ink are sRGB colours; those that cannot be read are the house's own.
	Background, Ink string
}

// RenderSlate draws a slate. It always has a picture: what does not fit is set smaller than [Floor],
// for staff stand near when they read it.
func RenderSlate(s Slate, f *Fonts, width, height int) *image.RGBA {
	w, h := max(width, MinSide), max(height, MinSide)
	p := newPage(Slide{Language: languageOf(s.Name + s.Title)}, f, w, h)
	p.background, p.ink = panelColours(s.Background, s.Ink)
	c := newCanvas(w, h, p.background, p.setter)
	p.rings(c, mix(p.background, p.ink, 0.06))
	var parts []part
	logo := p.logoOf(s)
	largest(func(t float64) bool {
		parts = p.slateParts(s, between(0.35, 1, t))
		total, widest := extentOf(parts)
		return total+logo <= p.h-2*p.head && widest <= p.w-2*p.margin
	})
	total, _ := extentOf(parts)
	y := (p.h - total - logo) / 2
	if logo > 0 {
		at := image.Pt((w-s.Logo.Rect.Dx())/2, int(y+plate*p.unit))
		size := s.Logo.Rect.Size()
		c.rounded(float64(at.X)-1.5*plate*p.unit, y, float64(size.X)+3*plate*p.unit, float64(size.Y)+2*plate*p.unit, plate*p.unit, color.RGBA{0xff, 0xff, 0xff, 0xff})
		draw.Draw(c.RGBA, image.Rectangle{Min: at, Max: at.Add(s.Logo.Rect.Size())}, s.Logo, s.Logo.Rect.Min, draw.Over)
		y += logo
	}
	for _, part := range parts {
		c.write(part.block, p.margin, y, p.w-2*p.margin, toCentre, part.ink)
		y += part.block.height() + part.after
	}
	return c.RGBA
}

// LogoRoom is how large the logo on a slate of that size may be.
func LogoRoom(width, height int) image.Point { return image.Pt(width*2/5, height/4) }

// plate is how far the plate goes beyond the logo above and below it.
const plate = 2.4

// logoOf is how high the logo is, with the room beneath it; 0 for none, and for one that is too large.
func (p *page) logoOf(s Slate) float64 {
	room := LogoRoom(int(p.w), int(p.h))
	if s.Logo == nil || s.Logo.Rect.Dx() > room.X || s.Logo.Rect.Dy() > room.Y {
		return 0
	}
	return float64(s.Logo.Rect.Dy()) + (2*plate+5)*p.unit
}

// part is a block of a slate and the room after it.
type part struct {
	block *block
	after float64
	ink   color.RGBA
}

func extentOf(parts []part) (height, width float64) {
	for i, p := range parts {
		height += p.block.height()
		if i < len(parts)-1 {
			height += p.after
		}
		width = max(width, p.block.width)
	}
	return height, width
}

func (p *page) slateParts(s Slate, scale float64) []part {
	var parts []part
	add := func(words string, size float64, bold bool, after float64, ink color.RGBA) {
		if words == "" {
			return
		}
		st := p.style(size*p.unit*scale, bold)
		st.language, st.rtl = languageOf(words), rightToLeft(languageOf(words))
		parts = append(parts, part{p.setter.balanced(words, st, p.w-2*p.margin), after * p.unit * scale, ink})
	}
	quiet := p.ink
	if m := mix(p.background, p.ink, 0.78); contrast(m, p.background) >= MinContrast {
		quiet = m
	}
	if s.Title == "" && s.Code == "" {
		add(s.Name, 11, true, 4, p.ink)
	} else {
		add(s.Name, 5, true, 2.5, quiet)
	}
	add(s.Title, 8, true, 3.5, p.ink)
	add(spaced(s.Code), 17, true, 3, p.ink)
	add(p.inRows(s.Words, 6.4*p.unit*scale), 6.4, true, 4, p.ink)
	for _, l := range s.Lines {
		add(unbroken(l), 5, false, 1.2, quiet)
	}
	return parts
}

// inRows sets words on one line, or else on rows of as many each.
func (p *page) inRows(words []string, size float64) string {
	const dot = "  ·  "
	for perRow := len(words); perRow > 1; perRow-- {
		if len(words)%perRow != 0 {
			continue
		}
		var rows []string
		for row := range slices.Chunk(words, perRow) {
			rows = append(rows, strings.Join(row, dot))
		}
		set := strings.Join(rows, "\n")
		if p.setter.set(set, p.style(size, true), 1e6).width <= p.w-2*p.margin {
			return set
		}
	}
	return strings.Join(words, "\n")
}

// unbroken keeps addresses and the names of files from being divided where they begin.
func unbroken(line string) string {
	return strings.NewReplacer("://", "://"+string(joiner), " /", " /"+string(joiner)).Replace(line)
}

// spaced sets a code in groups of four, which are easier to copy.
func spaced(code string) string {
	if len(code) == 8 {
		return code[:4] + " " + code[4:]
	}
	return code
}

// Label draws words centred in a box, as large as they fit; background and ink as in [Slate]. Words
// too long for the box are set small rather than left out.
func Label(words string, f *Fonts, width, height int, background, ink string) *image.RGBA {
	w, h := max(width, 8), max(height, 8)
	bg, fg := panelColours(background, ink)
	t := newSetter(f)
	c := newCanvas(w, h, bg, t)
	lang := languageOf(words)
	s := style{bold: true, language: lang, rtl: rightToLeft(lang), tight: true}
	roomW, roomH := 0.88*float64(w), 0.8*float64(h)
	var b *block
	largest(func(p float64) bool {
		s.size = between(6, min(0.5*float64(h), 0.3*float64(w)), p)
		b = t.balanced(words, s, roomW)
		return b.width <= roomW && b.height() <= roomH
	})
	c.write(b, (float64(w)-roomW)/2, (float64(h)-b.height())/2, roomW, toCentre, fg)
	return c.RGBA
}

// Strip draws words on one line as long as it needs, height pixels high, and tells whether they are
// read from the right. A strip is never longer than most pixels: words beyond are left out.
func Strip(words string, f *Fonts, height, most int, background, ink string) (strip *image.RGBA, rtl bool) {
	bg, fg := panelColours(background, ink)
	lang := languageOf(words)
	s := style{size: 0.52 * float64(height), bold: true, language: lang, rtl: rightToLeft(lang)}
	t := newSetter(f)
	b := t.set(strings.Join(strings.Fields(words), " "), s, 1e6)
	width := min(int(b.width)+1, most)
	c := newCanvas(max(width, 1), max(height, 1), bg, t)
	x := 0.0
	if s.rtl {
		x = float64(width) - b.width
	}
	c.write(b, x, (float64(height)-b.height())/2, b.width, toStart, fg)
	return c.RGBA, s.rtl
}

func panelColours(background, ink string) (bg, fg color.RGBA) {
	house := dressed(Slide{}.Brand)
	bg, err := ParseColour(background)
	if err != nil {
		bg = colourOf(house.Background)
	}
	fg, err = ParseColour(ink)
	if err != nil || contrast(bg, fg) < MinContrast {
		fg = legibleOn(bg)
	}
	return bg, fg
}

// languageOf guesses a language to set words in from their first letter of a script of its own.
func languageOf(words string) playlists.Language {
	for _, r := range words {
		switch p, _ := ubidi.LookupRune(r); {
		case p.Class() == ubidi.AL:
			return "ar"
		case p.Class() == ubidi.R:
			return "he"
		case unicode.Is(unicode.Han, r):
			return "zh"
		case unicode.IsLetter(r):
			return "en"
		}
	}
	return "en"
}
