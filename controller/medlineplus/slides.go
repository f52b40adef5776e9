package medlineplus

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"sort"
	"strings"
	"unicode/utf8"

	"anteroom/playlists"
	"anteroom/playlists/slide"
)

// errUnfit says that nothing whole of a topic fits on a slide, or that its page has no address for a code.
var errUnfit = errors.New("it does not fit on a slide")

// millis is how long a slide of a topic stays: so many words take that long to read.
const millis = 20_000

// slideOf makes a slide of a topic: as many sentences of its summary from the first on as fit, each whole. fits tells
// whether a slide can be shown.
func slideOf(t *Topic, brand playlists.Brand, fits func(slide.Slide) error) (slide.Slide, error) {
	s := slide.Slide{Template: slide.Facts, Language: t.Language, Title: t.Title, Note: attribution(t.Language), Code: t.URL, Brand: brand}
	said := sentences(t.Summary)
	if !playlists.MedlinePlusPage(t.URL) || len(said) == 0 {
		return s, errUnfit
	}
	most := 0
	for most < min(len(said), slide.MaxPoints) && utf8.RuneCountInString(said[most]) <= slide.MaxPoint {
		most++
	}
	// The first number of sentences that does not fit; more do not, either.
	n := sort.Search(most, func(i int) bool {
		s.Points = said[:i+1]
		return fits(s) != nil
	})
	if s.Points = said[:n]; n > 0 {
		return s, nil
	}
	s.Template, s.Points, s.Text = slide.Notice, nil, said[0]
	if fits(s) != nil {
		return s, errUnfit
	}
	return s, nil
}

// attribution is what a slide says of its source, in its language.
func attribution(l playlists.Language) string {
	if l == "es" {
		return "Fuente: MedlinePlus, Biblioteca Nacional de Medicina"
	}
	return "Source: MedlinePlus, National Library of Medicine"
}

// read is the digest of what a topic says in all its languages. How its HTML is written does not matter.
func (p Pair) read() (playlists.Digest, error) {
	var said []any
	for _, t := range p.all() {
		said = append(said, t.Language, t.Title, t.URL, sentences(t.Summary))
	}
	b, err := json.Marshal(said)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return playlists.Digest(hex.EncodeToString(sum[:])), nil
}

// slug is a name as an id: "Skin, Hair and Nails" becomes "skin-hair-and-nails".
func slug(name string) playlists.Topic {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(unaccented(name)) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
			continue
		}
		gap = r != '\'' && r != '’' || gap
	}
	const most = 48
	s := b.String()
	if len(s) > most {
		s = strings.TrimRight(s[:most], "-")
	}
	return playlists.Topic(s)
}
