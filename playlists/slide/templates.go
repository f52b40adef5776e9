package slide

import (
	"image/color"
	"strconv"

	"anteroom/playlists"
)

// foot is the line at the bottom: the note, or who the slide is from.
func (p *page) foot() *block {
	words := p.slide.Note
	if words == "" {
		words = p.slide.Brand.Name
	}
	if words == "" {
		return nil
	}
	return p.setter.set(words, p.style(p.floor, false), p.w-2*p.margin)
}

// body is the room between the top margin and the foot; ok is false where the foot leaves none.
func (p *page) body(foot *block) (top, height float64, ok bool) {
	top, bottom := p.head, p.h-p.head
	if foot != nil {
		if len(foot.lines) > 2 || foot.width > p.w-2*p.margin {
			return 0, 0, false
		}
		bottom = p.h - p.tail - foot.height() - 7*p.unit
	}
	return top, bottom - top - p.below, bottom-top-p.below > p.h/3
}

// ground draws what lies behind the words: rings in a corner and a band at the edge where lines begin.
func (p *page) ground(c *canvas) {
	p.rings(c, mix(p.background, p.accent, 0.13))
	band := 1.8 * p.unit
	c.fill(p.mirrored(0, band), 0, band, p.h, p.accent)
}

func (p *page) rings(c *canvas, tint color.RGBA) {
	if contrast(tint, p.ink) < MinContrast {
		return
	}
	cx := p.mirrored(p.w-6*p.unit, 0)
	c.disc(cx, 4*p.unit, 46*p.unit, tint)
	c.disc(cx, 4*p.unit, 34*p.unit, p.background)
	c.disc(cx, 4*p.unit, 22*p.unit, tint)
}

func (p *page) drawFoot(c *canvas, foot *block, a align) {
	if foot == nil {
		return
	}
	y := p.h - p.tail - foot.height()
	c.fill(p.margin, y-2.2*p.unit, p.w-2*p.margin, max(1, 0.22*p.unit), mix(p.background, p.ink, 0.3))
	c.write(foot, p.margin, y, p.w-2*p.margin, a, p.ink)
}

// notice is a large title, a short rule and a text, in the middle of the height.
func (p *page) notice() bool {
	foot := p.foot()
	top, room, ok := p.body(foot)
	if !ok {
		return false
	}
	width := p.column
	var title, text *block
	var height float64
	gap := 4.2 * p.unit
	fits := largest(func(t float64) bool {
		title = p.setter.balanced(p.slide.Title, p.titleStyle(between(1.25*p.floor, 13.5*p.unit, t)), width)
		text = p.setter.balanced(p.slide.Text, p.style(between(p.floor, 7.4*p.unit, t), false), width)
		height = title.height() + 2*gap + p.unit
		if p.slide.Text != "" {
			height += text.height()
		}
		return height <= room && title.width <= width && text.width <= width
	})
	p.draw = func(c *canvas) {
		p.ground(c)
		p.drawCode(c, foot)
		y := top + (room-height)/2
		c.write(title, p.start, y, width, toStart, p.ink)
		y += title.height() + gap
		c.fill(p.mirrored(p.margin, 14*p.unit), y, 14*p.unit, p.unit, p.accent)
		if p.slide.Text != "" {
			c.write(text, p.start, y+p.unit+gap, width, toStart, p.ink)
		}
		p.drawFoot(c, foot, toStart)
	}
	return fits
}

// columns is a list laid out in one or two columns.
type columns struct {
	title, lead *block
	points      []*block
	count       int
	// gap is between points, between around the title and the text; height is all of it.
	size, badge, indent, columnWidth, gap, between, height float64
}

// indent is how far the words of a point stand from its edge, in sizes of their type.
const indent = 2.15

// list is a title, perhaps a line of text, and the points with a badge each.
func (p *page) list() bool {
	foot := p.foot()
	top, room, ok := p.body(foot)
	if !ok {
		return false
	}
	one, fits := p.arrange(1, room)
	best := one
	if len(p.slide.Points) >= 4 && p.w > p.h {
		if two, ok := p.arrange(2, room); ok && (!fits || two.size > 1.08*one.size) {
			best, fits = two, true
		}
	}
	p.draw = func(c *canvas) {
		p.ground(c)
		p.drawCode(c, foot)
		y := top + max(0, (room-best.height)/2)
		c.write(best.title, p.start, y, p.column, toStart, p.ink)
		y += best.title.height() + best.between
		if best.lead != nil {
			c.write(best.lead, p.start, y, p.column, toStart, p.ink)
			y += best.lead.height() + best.between
		}
		p.drawPoints(c, best, y)
		p.drawFoot(c, foot, toStart)
	}
	return fits
}

// arrange finds the largest sizes at which the list stands in so many columns.
func (p *page) arrange(count int, room float64) (columns, bool) {
	var l columns
	width := p.column
	fits := largest(func(t float64) bool {
		size := between(p.floor, 7.2*p.unit, t)
		l = columns{count: count, size: size, badge: 1.55 * size, indent: indent * size, between: 0.75 * size}
		l.columnWidth = (width - float64(count-1)*5*p.unit) / float64(count)
		l.title = p.setter.balanced(p.slide.Title, p.titleStyle(between(1.25*p.floor, 11*p.unit, t)), width)
		used := l.title.height() + l.between
		wide := l.title.width <= width
		if p.slide.Text != "" {
			l.lead = p.setter.balanced(p.slide.Text, p.style(size, false), width)
			used += l.lead.height() + l.between
			wide = wide && l.lead.width <= width
		}
		for _, point := range p.slide.Points {
			b := p.setter.balanced(point, p.style(size, false), l.columnWidth-l.indent)
			wide = wide && b.width <= l.columnWidth-l.indent
			l.points = append(l.points, b)
		}
		l.gap = 0.62 * size
		tallest, rows := l.tallest()
		if spare := room - used - tallest; spare > 0 && rows > 1 {
			l.gap += min(spare/float64(rows-1), 0.55*size)
			tallest, _ = l.tallest()
		}
		l.height = used + tallest
		return wide && l.height <= room
	})
	return l, fits
}

// row is how high the row of a point is: its own words, those beside it in the other column, or the badge.
func (l *columns) row(i int) float64 {
	height, rows := l.badge, l.perColumn()
	for i %= rows; i < len(l.points); i += rows {
		height = max(height, l.points[i].height())
	}
	return height
}

// perColumn is how many points a column holds at most.
func (l *columns) perColumn() int { return (len(l.points) + l.count - 1) / l.count }

// tallest is the height of the columns and how many points the longest has.
func (l *columns) tallest() (height float64, rows int) {
	rows = l.perColumn()
	height = float64(rows-1) * l.gap
	for i := range rows {
		height += l.row(i)
	}
	return height, rows
}

func (p *page) drawPoints(c *canvas, l columns, top float64) {
	rows := l.perColumn()
	y := top
	for i, point := range l.points {
		column := i / rows
		if i%rows == 0 {
			y = top
		}
		x := p.margin + float64(column)*(l.columnWidth+5*p.unit)
		joined := p.slide.Template == Steps && i%rows < rows-1 && i < len(l.points)-1
		if joined {
			c.fill(p.mirrored(x+l.badge/2-0.25*p.unit, 0.5*p.unit), y+l.badge, 0.5*p.unit, l.row(i)+l.gap-l.badge, mix(p.background, p.accent, 0.5))
		}
		p.badge(c, i, p.mirrored(x, l.badge), y, l)
		first := max(0, (l.badge-point.leading)/2)
		textWidth := l.columnWidth - l.indent
		c.write(point, p.mirrored(x+l.indent, textWidth), y+first, textWidth, toStart, p.ink)
		y += l.row(i) + l.gap
	}
}

// badge is a step's number in a disc, a question mark in a bubble, or the dot of a fact.
func (p *page) badge(c *canvas, i int, x, y float64, l columns) {
	mark := strconv.Itoa(i + 1)
	switch p.slide.Template {
	case Facts:
		c.disc(x+l.badge/2, y+l.badge/2, 0.2*l.badge, p.accent)
		return
	case Steps:
		c.disc(x+l.badge/2, y+l.badge/2, l.badge/2, p.accent)
	case Questions, Notice, Urgent: // the last two have none
		mark = "?"
		if p.rtl && rightToLeft(p.slide.Language) && primary(p.slide.Language) != "he" {
			mark = "؟"
		}
		side := 0.92 * l.badge
		c.rounded(x+(l.badge-side)/2, y+(l.badge-side)/2, side, side, 0.26*side, p.accent)
		tail := p.mirrored(p.mirrored(x, l.badge)+0.24*l.badge, 0)
		lean := 0.2 * l.badge
		if p.rtl {
			lean = -lean
		}
		c.polygon(p.accent, [2]float64{tail, y + 0.9*l.badge}, [2]float64{tail, y + 1.14*l.badge}, [2]float64{tail + 1.2*lean, y + 0.9*l.badge})
	}
	b := p.setter.set(mark, p.style(max(0.9*l.size, p.floor), true), l.badge)
	c.write(b, x, y+(l.badge-b.height())/2, l.badge, toCentre, legibleOn(p.accent))
}

// severityColour is the ground of an urgent slide: blue, amber or red. Black or white words on it have
// a contrast of at least 7.
func severityColour(severity int) color.RGBA {
	switch severity {
	case 1:
		return color.RGBA{0x0a, 0x45, 0x80, 0xff}
	case 2:
		return color.RGBA{0xff, 0xc2, 0x14, 0xff}
	}
	return color.RGBA{0xa8, 0x0f, 0x1e, 0xff}
}

// urgent is a sign, a very large title and a text in the middle, between the banners of a drill.
func (p *page) urgent() bool {
	p.background = severityColour(int(p.slide.Severity))
	p.ink = legibleOn(p.background)
	foot := p.foot()
	top, room, ok := p.body(foot)
	if !ok {
		return false
	}
	width := p.w - 2*p.margin
	drill := p.drill(width)
	if drill != nil {
		taken := drill.height + 3*p.unit - p.head
		top, room = top+taken, room-taken
		if foot == nil { // else it keeps the words off the stripe
			room -= max(0, drill.stripe+4*p.unit-p.head)
		}
	}
	var title, text *block
	var sign, height float64
	gap := 3.4 * p.unit
	fits := largest(func(t float64) bool {
		sign = between(9*p.unit, 20*p.unit, t)
		title = p.setter.balanced(p.slide.Title, p.titleStyle(between(1.6*p.floor, 17*p.unit, t)), width)
		text = p.setter.balanced(p.slide.Text, p.style(between(1.25*p.floor, 9*p.unit, t), false), width)
		height = sign + gap + title.height()
		if p.slide.Text != "" {
			height += gap + text.height()
		}
		return height <= room && title.width <= width && text.width <= width
	})
	p.draw = func(c *canvas) {
		if drill != nil {
			p.drawDrill(c, drill)
		}
		y := top + (room-height)/2
		p.sign(c, p.w/2, y, sign)
		y += sign + gap
		c.write(title, p.margin, y, width, toCentre, p.ink)
		if p.slide.Text != "" {
			c.write(text, p.margin, y+title.height()+gap, width, toCentre, p.ink)
		}
		p.drawFoot(c, foot, toCentre)
	}
	return fits && (drill == nil || drill.widest() <= width)
}

// sign is a triangle with an exclamation mark, for a notice a disc with an i.
func (p *page) sign(c *canvas, cx, y, size float64) {
	mark := "!"
	drop := 0.13 * size
	if p.slide.Severity == 1 {
		mark, drop = "i", 0
		c.disc(cx, y+size/2, size/2, p.ink)
	} else {
		half := size * 0.58
		c.polygon(p.ink, [2]float64{cx - half, y + size}, [2]float64{cx, y}, [2]float64{cx + half, y + size})
	}
	b := p.setter.set(mark, style{size: 0.62 * size, bold: true, language: "en"}, size)
	c.write(b, cx-size/2, y+(size-b.height())/2+drop, size, toCentre, p.background)
}

// banner is what a drill says of itself: one large word, and a sentence beside it or below.
type banner struct {
	word, sentence *block
	beside         bool
	// gap is between the two when they are beside each other; stripe is how high a stripe is, height all of it.
	gap, stripe, height float64
}

// drill is the banner of a drill, in the slide's language where there are words for it; nil for what is none.
func (p *page) drill(width float64) *banner {
	if !p.slide.Drill {
		return nil
	}
	l := p.slide.Language
	said, ok := exercise(l)
	if !ok {
		l = "en"
		said, _ = exercise(l)
	}
	set := func(words string, size float64) *block {
		s := style{size: size * p.unit, bold: true, language: l, rtl: rightToLeft(l), tight: true}
		b := p.setter.balanced(words, s, width)
		for ; b.width > width && s.size > p.floor; b = p.setter.balanced(words, s, width) {
			s.size = max(p.floor, 0.94*s.size)
		}
		return b
	}
	b := &banner{word: set(said[0], 10), sentence: set(said[1], 6), gap: 4 * p.unit, stripe: max(2.4*p.unit, p.tail-2*p.unit)}
	b.beside = len(b.sentence.lines) == 1 && b.word.width+b.gap+b.sentence.width <= width
	b.height = 2*b.stripe + 2.6*p.unit + b.word.height()
	if !b.beside {
		b.height += b.sentence.height()
	}
	return b
}

// exercise is how a language says that something is only a drill.
func exercise(l playlists.Language) (said [2]string, ok bool) {
	said, ok = map[string][2]string{
		"ar": {"تدريب", "هذا مجرد تمرين."},
		"de": {"ÜBUNG", "Dies ist nur eine Übung."},
		"en": {"DRILL", "This is only an exercise."},
		"es": {"SIMULACRO", "Esto es solo un ejercicio."},
		"fr": {"EXERCICE", "Ceci n’est qu’un exercice."},
		"ht": {"EGZÈSIS", "Sa a se yon egzèsis sèlman."},
		"it": {"ESERCITAZIONE", "È solo una prova."},
		"pl": {"ĆWICZENIA", "To tylko ćwiczenia."},
		"pt": {"SIMULAÇÃO", "Isto é apenas um exercício."},
		"ru": {"УЧЕНИЯ", "Это только тренировка."},
		"vi": {"DIỄN TẬP", "Đây chỉ là một buổi diễn tập."},
		"zh": {"演习", "这只是一次演练。"},
	}[primary(l)]
	return said, ok
}

func (b *banner) widest() float64 { return max(b.word.width, b.sentence.width) }

// drawDrill paints the banner on white between stripes of black and yellow, and such a stripe at the foot.
func (p *page) drawDrill(c *canvas, b *banner) {
	white, black := color.RGBA{0xff, 0xff, 0xff, 0xff}, color.RGBA{0x10, 0x14, 0x18, 0xff}
	c.fill(0, 0, p.w, b.height, white)
	for _, y := range []float64{0, b.height - b.stripe, p.h - b.stripe} {
		p.stripes(c, y, b.stripe, black)
	}
	y := b.stripe + 1.3*p.unit
	if !b.beside {
		c.write(b.word, 0, y, p.w, toCentre, black)
		c.write(b.sentence, 0, y+b.word.height(), p.w, toCentre, black)
		return
	}
	first, second := b.word, b.sentence
	if b.word.style.rtl {
		first, second = second, first
	}
	x := (p.w - first.width - b.gap - second.width) / 2
	for _, part := range []*block{first, second} {
		// Their letters stand on one line.
		c.write(part, x, y+b.word.baseline()-part.baseline(), part.width, toStart, black)
		x += part.width + b.gap
	}
}

func (p *page) stripes(c *canvas, y, height float64, black color.RGBA) {
	c.fill(0, y, p.w, height, color.RGBA{0xff, 0xd2, 0x3c, 0xff})
	for x := -height; x < p.w; x += 2 * height {
		c.polygon(black, [2]float64{x, y + height}, [2]float64{x + height, y}, [2]float64{x + 2*height, y}, [2]float64{x + height, y + height})
	}
}
