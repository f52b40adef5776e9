// Package reading says how many years of school a text asks of its readers: a hint to whoever writes it, of English alone.
//
// The grade is Flesch-Kincaid's, as Kincaid, Fishburne, Rogers and Chissom gave it in "Derivation of New Readability Formulas
// for Navy Enlisted Personnel" (Naval Technical Training Command, Research Branch Report 8-75, 1975), which MIL-M-38784
// took over:
//
//	0.39 x words per sentence + 11.8 x syllables per word - 15.59
//
// Syllables are counted by groups of vowels, which is right for nine words of ten. A grade says nothing of whether a text is
// clear: short sentences of rare words can be easy by it.
package reading

import (
	"math"
	"strings"
	"unicode"
)

// MinWords is how many words a text needs at least for a grade to mean anything.
const MinWords = 15

// Measure is what was counted of a text.
type Measure struct {
	Words     int `json:"words"`
	Sentences int `json:"sentences"`
	Syllables int `json:"syllables"`
}

// Of counts words, sentences and syllables of a text's pieces: each ends a sentence, a heading as well as a point of a list.
func Of(pieces ...string) Measure {
	var m Measure
	for _, piece := range pieces {
		open := false
		for word := range strings.FieldsSeq(piece) {
			if n := syllables(word); n > 0 {
				m.Words, m.Syllables, open = m.Words+1, m.Syllables+n, true
			}
			if open && strings.ContainsAny(word[len(word)-1:], ".!?:;") {
				m.Sentences, open = m.Sentences+1, false
			}
		}
		if open {
			m.Sentences++
		}
	}
	return m
}

// Grade is the years of school, to a tenth; not ok for a text that is too short to tell.
func (m Measure) Grade() (years float64, ok bool) {
	if m.Words < MinWords {
		return 0, false
	}
	return m.grade(), true
}

func (m Measure) grade() float64 {
	words := float64(m.Words)
	return math.Round((0.39*words/float64(m.Sentences)+11.8*float64(m.Syllables)/words-15.59)*10) / 10
}

// syllables of a word; 0 for what is none. A number has as many as digits.
func syllables(word string) int {
	word = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, strings.TrimSuffix(strings.ReplaceAll(word, "’", "'"), "'s"))
	n, vowel, digits := 0, false, 0
	for _, r := range word {
		is := strings.ContainsRune("aeiouyáéíóúàèäëïöü", r)
		if is && !vowel {
			n++
		}
		vowel = is
		if unicode.IsDigit(r) {
			digits++
		}
	}
	if n > 1 && silent(word) {
		n--
	}
	if word == "" {
		return 0
	}
	return max(1, n+digits)
}

// silent reports whether the last e of a word is not said: "time", "times" and "timed", but not "table", "boxes" and "needed".
func silent(word string) bool {
	stem, ed := strings.CutSuffix(word, "ed")
	if ed {
		return endsIn(stem, "bcfghjklmnpqrsvwxyz")
	}
	stem, es := strings.CutSuffix(word, "es")
	if es {
		return endsIn(stem, "bdfhkmnpqrtvwy") && !strings.HasSuffix(stem, "sh") && !strings.HasSuffix(stem, "ch")
	}
	stem, e := strings.CutSuffix(word, "e")
	if !e || !endsIn(stem, "bcdfghjklmnpqrstvwxyz") {
		return false
	}
	before, l := strings.CutSuffix(stem, "l")
	return !l || !endsIn(before, "bcdfghjkmnpqrstvwxyz")
}

func endsIn(stem, letters string) bool {
	return stem != "" && strings.Contains(letters, stem[len(stem)-1:])
}
