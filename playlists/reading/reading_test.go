package reading

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestPublishedExamples: the counts and grades of sentences that are printed in the literature on the formula.
func TestPublishedExamples(t *testing.T) {
	for _, c := range []struct {
		text string
		want Measure
		year float64
	}{
		{"The cat sat on the mat.", Measure{6, 1, 6}, -1.4}, // -1.45
		{"The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.", Measure{13, 1, 24}, 11.3},
		{"This sentence, taken as a reading passage unto itself, is being used to prove a point.", Measure{16, 1, 23}, 7.6}, // printed with a reading ease of 69, which 23 syllables make
	} {
		got := Of(c.text)
		// "being" is the word on which counts by vowels and by mouth differ.
		if d := got.Syllables - c.want.Syllables; got.Words != c.want.Words || got.Sentences != c.want.Sentences || d < -1 || d > 1 {
			t.Errorf("%q: got %+v, want %+v", c.text, got, c.want)
		}
		if d := c.want.grade() - c.year; d < -0.06 || d > 0.06 {
			t.Errorf("%q: the formula gives %.1f, want %.1f", c.text, c.want.grade(), c.year)
		}
	}
}

// TestSyllables of words that patients read.
func TestSyllables(t *testing.T) {
	for word, want := range map[string]int{
		"pain": 1, "time": 1, "times": 1, "timed": 1, "table": 2, "tables": 2, "needed": 2, "boxes": 2, "wished": 1, "wishes": 2, "medicine": 3, "breathe": 1,
		"the": 1, "be": 1, "Doctor’s": 2, "blood-pressure": 3, "911": 3, "…": 0, "–": 0, "rest,": 1, "cholesterol": 4, "every": 3, "minutes": 2, "you": 1, "people": 2,
		"vaccination": 4, "rhythm": 1, "X": 1,
	} {
		if got := syllables(word); got != want {
			t.Errorf("%s has %d, want %d", word, got, want)
		}
	}
}

// TestPiecesEndSentences: a heading and the points of a list are sentences, whatever they end with.
func TestPiecesEndSentences(t *testing.T) {
	got := Of("What to expect: a heart tracing", "You lie down", "We put small stickers on your chest. It does not hurt!", "", "…")
	if got.Sentences != 5 || got.Words != 20 {
		t.Errorf("got %+v, want 5 sentences of 20 words", got)
	}
	if years, ok := got.Grade(); !ok || years < -1 || years > 5 {
		t.Errorf("got %v, %v, want an easy text", years, ok)
	}
	if _, ok := Of("Two words.").Grade(); ok {
		t.Error("two words have a grade")
	}
}

// TestLongerIsHarder: the same words in one sentence ask for more school than in two; and no text breaks it.
func TestLongerIsHarder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,12}`), MinWords, 60).Draw(r, "words")
		one, half := Of(strings.Join(words, " ")), len(words)/2
		two := Of(strings.Join(words[:half], " "), strings.Join(words[half:], " "))
		a, _ := one.Grade()
		b, _ := two.Grade()
		if a <= b || one.Words != two.Words || one.Syllables != two.Syllables || one.Syllables < one.Words {
			r.Fatalf("one sentence %+v %v, two %+v %v", one, a, two, b)
		}
		Of(rapid.String().Draw(r, "anything"))
	})
}
