package slide

import (
	"bytes"
	"fmt"
	"sort"
	"strings"

	"github.com/go-text/typesetting/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"

	"anteroom/playlists"
)

// Fonts are typefaces in order of preference. They never change and may be used by many at once.
type Fonts struct {
	fonts []typeface
}

type typeface struct {
	font *font.Font
	bold bool
}

// NewFonts reads TrueType and OpenType files, the preferred first; bold ones are known by what they
// say of themselves. The Go fonts (Latin, Greek and Cyrillic) come last by themselves, so that with no
// files at all there is something to write with.
func NewFonts(files [][]byte) (*Fonts, error) {
	f := &Fonts{}
	for i, file := range append(append([][]byte{}, files...), goregular.TTF, gobold.TTF) {
		face, err := font.ParseTTF(bytes.NewReader(file))
		if err != nil {
			return nil, fmt.Errorf("%w: font %d is not a TrueType or OpenType file: %w", playlists.ErrInvalid, i, err)
		}
		f.fonts = append(f.fonts, typeface{face.Font, face.Describe().Aspect.Weight >= font.WeightSemibold})
	}
	return f, nil
}

// ordered are fresh faces for one drawing, the best for the language and the weight first: a Chinese
// comma is to come from the Chinese font, though the Latin one may have it too.
func (f *Fonts) ordered(l playlists.Language, bold bool) []face {
	sample := sampleOf(l)
	faces := make([]face, len(f.fonts))
	for i, t := range f.fonts {
		faces[i] = face{Face: font.NewFace(t.font), thin: bold && !t.bold}
		if _, ok := t.font.NominalGlyph(sample); !ok {
			faces[i].rank += 2
		}
		if t.bold != bold {
			faces[i].rank++
		}
	}
	sort.SliceStable(faces, func(i, j int) bool { return faces[i].rank < faces[j].rank })
	return faces
}

// face is a font in one drawing; a thin one is a regular that has to stand for a bold.
type face struct {
	*font.Face

	thin bool
	rank int
}

// sampleOf is a letter that a font for the language has.
func sampleOf(l playlists.Language) rune {
	switch primary(l) {
	case "zh":
		return '中'
	case "ja":
		return 'の'
	case "ko":
		return '한'
	case "ar", "fa", "ur", "ps", "ckb":
		return 'ع'
	case "he", "yi":
		return 'א'
	case "hi", "mr", "ne":
		return 'अ'
	case "vi":
		return 'ế'
	case "ru", "uk", "bg", "sr":
		return 'Я'
	}
	return 'a'
}

// primary is the language without script and region: "zh" of "zh-Hans".
func primary(l playlists.Language) string {
	p, _, _ := strings.Cut(strings.ToLower(string(l)), "-")
	return p
}

// rightToLeft reports whether the language is written from the right.
func rightToLeft(l playlists.Language) bool {
	switch primary(l) {
	case "ar", "fa", "ur", "ps", "ckb", "he", "yi":
		return true
	}
	return false
}
