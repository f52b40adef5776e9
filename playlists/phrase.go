package playlists

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Phrase names a sentence to a person and gives what was filled in, for who says it in another language. The zero
// value names none.
type Phrase struct {
	// Code is the sentence's first words with hyphens between them, "does-not-exist-choose-another", whatever is filled in.
	Code string `json:"code,omitempty" doc:"Names the sentence, whatever is filled in, for who says it in another language; absent where there is no name for it"`
	// Values are what was filled in, in the order of the English sentence.
	Values []string `json:"values,omitempty" doc:"What is filled in, in the order of the sentence"`
}

// Remark is a sentence to a person with its phrase.
type Remark struct {
	Phrase

	Text string `json:"text" doc:"The sentence in English"`
}

// Noted says something in the words of fmt.Sprintf, and names it.
func Noted(format string, args ...any) Remark {
	return Remark{PhraseOf(format, args...), fmt.Sprintf(format, args...)}
}

// codeWords is the most words of a code: enough to tell sentences apart.
const codeWords = 8

// PhraseOf is the phrase of what fmt.Sprintf makes of a format, which takes no stars and no indices.
func PhraseOf(format string, args ...any) Phrase {
	var p Phrase
	var fixed strings.Builder
	for {
		before, after, found := strings.Cut(format, "%")
		fixed.WriteString(before)
		if !found {
			break
		}
		end := strings.IndexFunc(after, func(r rune) bool { return unicode.IsLetter(r) || r == '%' }) + 1
		if after[end-1] != '%' {
			fixed.WriteByte(' ')
			p.Values, args = append(p.Values, filled(after[:end], args[0])), args[1:]
		}
		format = after[end:]
	}
	words := strings.FieldsFunc(strings.ToLower(fixed.String()), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	p.Code = strings.Join(words[:min(codeWords, len(words))], "-")
	return p
}

// filled is one value, without the quotes that an English sentence puts around it.
func filled(verb string, arg any) string {
	switch verb {
	case "q", "w":
		verb = "v"
	}
	return fmt.Sprintf("%"+verb, arg)
}

// phrasedError is an error whose sentence has a name.
type phrasedError struct {
	error

	phrase Phrase
}

func (e *phrasedError) Unwrap() error { return e.error }

// Phrase is what the error says to a person.
func (e *phrasedError) Phrase() Phrase { return e.phrase }

// Phrased is an error in which [Said] finds what it says.
func Phrased(err error, p Phrase) error { return &phrasedError{err, p} }

// Refuse is fmt.Errorf("%w: "+format, sentinel, args...), in which [Said] finds the format's phrase.
func Refuse(sentinel error, format string, args ...any) error {
	return Phrased(fmt.Errorf("%w: "+format, append([]any{sentinel}, args...)...), PhraseOf(format, args...))
}

// Sentence is errors.New(text), in which [Said] finds its phrase.
func Sentence(text string) error { return Phrased(errors.New(text), PhraseOf(text)) }

// Said is what an error says to a person, the zero value where no layer named it.
func Said(err error) Phrase {
	if e, ok := errors.AsType[interface {
		error
		Phrase() Phrase
	}](err); ok {
		return e.Phrase()
	}
	return Phrase{}
}
