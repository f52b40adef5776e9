package slide

import (
	"slices"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	ubidi "golang.org/x/text/unicode/bidi"

	"anteroom/playlists"
)

// setter sets the words of one drawing. It belongs to one goroutine.
type setter struct {
	fonts   *Fonts
	faces   map[faceKey][]face
	thin    map[*font.Face]bool
	missing map[rune]bool
	seg     shaping.Segmenter
	shaper  shaping.HarfbuzzShaper
	wrapper shaping.LineWrapper
	bidi    bidi.Paragraph
	glyphs  map[glyphKey]glyph
}

type faceKey struct {
	language playlists.Language
	bold     bool
}

func newSetter(f *Fonts) *setter {
	return &setter{
		fonts: f, faces: map[faceKey][]face{}, thin: map[*font.Face]bool{},
		missing: map[rune]bool{}, glyphs: map[glyphKey]glyph{},
	}
}

// style is how a paragraph is set; size is in pixels.
type style struct {
	size     float64
	bold     bool
	language playlists.Language
	rtl      bool
	// tight closes the lines up, for titles.
	tight bool
}

// block is words set to a width.
type block struct {
	style      style
	paragraphs []paragraph
	lines      []line
	// leading is from one baseline to the next; ascent and descent are the tallest font's.
	leading, ascent, descent float64
	// width is the longest line's.
	width float64
}

// paragraph is what stands between two line feeds, shaped but not wrapped.
type paragraph struct {
	text   []rune
	levels []int
	runs   []shaping.Output
}

// line is a line's runs from left to right.
type line struct {
	runs  []shaping.Output
	width float64
	pause int // of what it ends with
}

func (b *block) height() float64 { return float64(len(b.lines)) * b.leading }

// baseline is how far below the top the first line's letters stand.
func (b *block) baseline() float64 { return (b.leading-b.ascent-b.descent)/2 + b.ascent }

// resolver is a [shaping.Fontmap] that remembers what no font has.
type resolver struct {
	faces   []face
	missing map[rune]bool
}

// ResolveFace implements [shaping.Fontmap].
func (r resolver) ResolveFace(c rune) *font.Face {
	for _, f := range r.faces {
		if _, ok := f.NominalGlyph(c); ok {
			return f.Face
		}
	}
	r.missing[c] = true
	return r.faces[0].Face
}

func (t *setter) resolver(s style) resolver {
	key := faceKey{s.language, s.bold}
	if _, ok := t.faces[key]; !ok {
		t.faces[key] = t.fonts.ordered(s.language, s.bold)
		for _, f := range t.faces[key] {
			t.thin[f.Face] = f.thin
		}
	}
	return resolver{t.faces[key], t.missing}
}

// set lays words out; a line is at most width pixels long unless a single word is longer.
func (t *setter) set(words string, s style, width float64) *block {
	b := &block{style: s}
	for part := range strings.SplitSeq(strings.TrimSpace(words), "\n") {
		p := paragraph{text: bound(strings.TrimSpace(part), s.language)}
		p.levels = t.levels(p.text, s.rtl)
		p.runs = t.shape(p.text, p.levels, s)
		for _, r := range p.runs {
			b.ascent = max(b.ascent, pixels(r.LineBounds.Ascent))
			b.descent = max(b.descent, -pixels(r.LineBounds.Descent))
		}
		b.paragraphs = append(b.paragraphs, p)
	}
	b.leading = b.ascent + b.descent
	if s.tight {
		b.leading *= 0.9
	}
	b.lines, b.width = t.wrap(b, width)
	return b
}

// balanced is set with its lines about equally long, as short texts look best, but rather ending with a
// sentence than in the middle of one.
func (t *setter) balanced(words string, s style, width float64) *block {
	b := t.set(words, s, width)
	if b.width > width || len(b.lines) == 1 {
		return b
	}
	low, high, full := b.width/2, b.width, b.width
	for range 7 {
		middle := (low + high) / 2
		if lines, widest := t.wrap(b, middle); len(lines) == len(b.lines) && widest <= middle {
			b.lines, b.width, high = lines, widest, middle
		} else {
			low = middle
		}
	}
	const tries = 12
	for i := range tries {
		at := between(high, full, float64(i+1)/tries)
		if lines, widest := t.wrap(b, at); len(lines) == len(b.lines) && pauses(lines) > pauses(b.lines) && even(lines, widest) {
			b.lines, b.width = lines, widest
		}
	}
	return b
}

// pauses is how well lines end, but for the last: 2 for a sentence, 1 for a part of one.
func pauses(lines []line) (sum int) {
	for _, l := range lines[:len(lines)-1] {
		sum += l.pause
	}
	return sum
}

// even reports whether no line is very short.
func even(lines []line, widest float64) bool {
	return !slices.ContainsFunc(lines, func(l line) bool { return l.width < 0.4*widest })
}

// wrap cuts a block's paragraphs into lines and tells the longest line's width.
func (t *setter) wrap(b *block, width float64) (lines []line, widest float64) {
	config := shaping.WrapConfig{
		Direction: direction(b.style.rtl), BreakPolicy: shaping.Never, DisableTrailingWhitespaceTrim: true,
	}
	for _, p := range b.paragraphs {
		if len(p.text) == 0 {
			lines = append(lines, line{})
			continue
		}
		wrapped, _ := t.wrapper.WrapParagraphF(config, fixed.Int26_6(width*64), p.text, shaping.NewSliceIterator(p.runs))
		for _, w := range wrapped {
			l := arrange(w, p.text, p.levels)
			l.pause = pauseOf(p.text[:w[len(w)-1].Runes.Offset+w[len(w)-1].Runes.Count])
			widest = max(widest, l.width)
			lines = append(lines, l)
		}
	}
	return lines, widest
}

// levels are the embedding levels of UAX #9, a rune each, with the paragraph's direction given.
func (t *setter) levels(text []rune, rtl bool) []int {
	base := bidi.LeftToRight
	if rtl {
		base = bidi.RightToLeft
	}
	runs := t.bidi.Segment(text, base)
	levels := make([]int, len(text))
	for i := range runs.NumRuns() {
		r := runs.Run(i)
		for j := r.Start; j < r.End; j++ {
			levels[j] = int(r.Level)
		}
		if !rtl && r.IsLeftToRight() {
			separate(text[r.Start:r.End], levels[r.Start:r.End], r.Start > 0, r.End < len(text))
		}
	}
	return levels
}

// separate gives the parts of a run their own levels: the library joins neighbours of level 0 and 2,
// so that "محمد 7 Smith" would move Smith along with the 7. Level 2 are numbers next to words
// that are written from the right; in such a context an Arabic number is one wherever it stands.
func separate(text []rune, levels []int, afterRTL, beforeRTL bool) {
	head, tail := 0, len(text)
	if afterRTL && levels[0] >= 2 {
		head = numberEnd(text)
	}
	if beforeRTL {
		for tail > head && class(text[tail-1]) == ubidi.AN {
			tail--
		}
	}
	for i := range levels {
		levels[i] = 0
		if i < head || i >= tail {
			levels[i] = 2
		}
	}
}

// numberEnd is where the number that text begins with ends, "12" in "12. May".
func numberEnd(text []rune) int {
	end := 0
	for i, r := range text {
		switch c := class(r); {
		case c == ubidi.EN || c == ubidi.AN:
			end = i + 1
		case c != ubidi.CS && c != ubidi.ES && c != ubidi.NSM:
			return end
		}
	}
	return end
}

func class(r rune) ubidi.Class {
	p, _ := ubidi.LookupRune(r)
	return p.Class()
}

// shape cuts text into runs of one level, script and font, and shapes each.
func (t *setter) shape(text []rune, levels []int, s style) []shaping.Output {
	var runs []shaping.Output
	faces := t.resolver(s)
	for start := 0; start < len(text); {
		end := start + 1
		for end < len(text) && levels[end] == levels[start] {
			end++
		}
		in := shaping.Input{
			Text: text, RunStart: start, RunEnd: end, Direction: direction(levels[start]%2 == 1),
			Size: fixed.Int26_6(s.size * 64), Language: language.NewLanguage(string(s.language)),
		}
		for _, part := range t.seg.Split(in, faces) {
			runs = append(runs, t.shaper.Shape(part))
		}
		start = end
	}
	return runs
}

// pauseOf is what one who reads text aloud does after it: 2 is an end, 1 a short stop. The full stop of
// "Dr." or "p. m." is neither: no short word ends a sentence here.
func pauseOf(text []rune) int {
	text = []rune(strings.TrimRightFunc(string(text), unicode.IsSpace))
	if len(text) == 0 {
		return 0
	}
	switch last := text[len(text)-1]; last {
	case '。', '！', '？', '!', '?', '؟', '…':
		return 2
	case '，', '、', '；', '：', ',', ';', ':', '،', '؛':
		return 1
	case '.':
		if len(text) > 4 && !slices.ContainsFunc(text[len(text)-5:len(text)-1], func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
			return 2
		}
	}
	return 0
}

// joiner keeps a line from ending before or after it; it has no width.
const joiner = '\u2060'

// bound keeps a "not" on the line of what must not be done: whoever reads the second line alone should not
// read "use the lifts". Chinese is divided between any two characters, so there the verb goes with it.
func bound(words string, l playlists.Language) []rune {
	if primary(l) == "zh" {
		return boundChinese([]rune(words))
	}
	not := map[string]string{
		"ar": " لا لم لن ", "de": " nicht kein keine keinen ", "en": " not no never don’t don't ", "es": " no nunca ni ",
		"fr": " ne pas jamais ", "ht": " pa ", "it": " non ", "pl": " nie ", "pt": " não nunca ", "ru": " не ", "vi": " không đừng ",
	}[primary(l)]
	text := make([]rune, 0, len(words))
	word, negated := []rune(nil), false
	for _, r := range words {
		switch {
		case unicode.IsSpace(r) && len(word) > 0:
			negated = strings.Contains(not, " "+strings.ToLower(string(word))+" ")
			word = nil
		case !unicode.IsSpace(r):
			if negated && len(word) == 0 {
				text = append(text, joiner)
			}
			word = append(word, r)
		}
		text = append(text, r)
	}
	return text
}

// boundChinese binds a verb of up to two characters to its negation.
func boundChinese(words []rune) []rune {
	text := make([]rune, 0, len(words))
	together := 0
	for i, r := range words {
		if together > 0 && unicode.Is(unicode.Han, r) {
			text = append(text, joiner)
			together--
		} else {
			together = 0
		}
		text = append(text, r)
		if strings.ContainsRune("不勿别", r) {
			together = 2
			if i+1 < len(words) && strings.ContainsRune("要能可得许准", words[i+1]) {
				together = 3
			}
		}
	}
	return text
}

func direction(rtl bool) di.Direction {
	if rtl {
		return di.DirectionRTL
	}
	return di.DirectionLTR
}

// arrange drops the spaces at a line's end and puts its runs into visual order (UAX #9, L1 and L2).
func arrange(w shaping.Line, text []rune, levels []int) line {
	runs := append([]shaping.Output{}, w...)
	for i := len(runs) - 1; i >= 0; i-- {
		trimEnd(&runs[i], text)
		if len(runs[i].Glyphs) > 0 {
			break
		}
	}
	l := line{runs: visual(runs, levels)}
	for _, r := range l.runs {
		l.width += pixels(r.Advance)
	}
	return l
}

// trimEnd removes the glyphs of spaces at the logical end of a run.
func trimEnd(r *shaping.Output, text []rune) {
	rtl := r.Direction == di.DirectionRTL
	for n := len(r.Glyphs); n > 0; n = len(r.Glyphs) {
		last := n - 1
		if rtl {
			last = 0
		}
		if !unicode.IsSpace(text[r.Glyphs[last].TextIndex()]) {
			return
		}
		r.Advance -= r.Glyphs[last].Advance
		if rtl {
			r.Glyphs = r.Glyphs[1:]
		} else {
			r.Glyphs = r.Glyphs[:last]
		}
	}
}

// visual turns runs in logical order into runs from left to right: from the highest level down to
// the lowest odd one, every stretch at or above it is reversed.
func visual(runs []shaping.Output, levels []int) []shaping.Output {
	order := make([]int, len(runs))
	top := 0
	for i, r := range runs {
		order[i] = levels[r.Runes.Offset]
		top = max(top, order[i])
	}
	index := make([]int, len(runs))
	for i := range index {
		index[i] = i
	}
	for level := top; level > 0; level-- {
		for i := 0; i < len(index); {
			j := i
			for j < len(index) && order[index[j]] >= level {
				j++
			}
			reverse(index[i:j])
			i = max(j, i+1)
		}
	}
	out := make([]shaping.Output, len(runs))
	for i, from := range index {
		out[i] = runs[from]
	}
	return out
}

func reverse(s []int) {
	for i, j := 0, len(s)-1; i < j; i, j = i+1, j-1 {
		s[i], s[j] = s[j], s[i]
	}
}

func pixels(v fixed.Int26_6) float64 { return float64(v) / 64 }

// missingText lists the characters that no font has, in order.
func (t *setter) missingText() string {
	runes := make([]rune, 0, len(t.missing))
	for r := range t.missing {
		runes = append(runes, r)
	}
	slices.Sort(runes)
	return string(runes)
}
