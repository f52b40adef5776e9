package api

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// spoken is an error as a person reads it: which field, and what is wrong with the way out.
type spoken struct {
	fields []string
	words  string
}

// said reads an error that wraps a sentinel. Layers write "what was tried: field: invalid thing: field:
// words"; what was tried has spaces and is for the log, fields have none.
func said(sentinel, err error) spoken {
	before, after := cut(err.Error(), sentinel.Error())
	var s spoken
	for part := range strings.SplitSeq(before, ": ") {
		if isField(part) {
			s.fields = append(s.fields, part)
		}
	}
	if _, words, ok := strings.Cut(after, ": "); ok {
		s.words = words
	} else {
		s.words = strings.TrimSuffix(before, ": ")
	}
	field, words, ok := strings.Cut(s.words, ": ")
	if ok && isField(field) {
		s.fields, s.words = append(s.fields, field), words
	} else if first, _, _ := strings.Cut(s.words, " "); isField(first) && slices.Contains(slideFields(), withoutIndex(first)) {
		s.fields = append(s.fields, first)
	}
	return s
}

// cut divides a text at the sentinel, which stands at its beginning or after a colon.
func cut(text, sentinel string) (before, after string) {
	if rest, ok := strings.CutPrefix(text, sentinel); ok {
		return "", rest
	}
	before, after, _ = strings.Cut(text, ": "+sentinel)
	return before, after
}

// slideFields begin what is said of slides, without a colon: "title is missing".
func slideFields() []string {
	return []string{"template", "language", "title", "text", "note", "points", "severity", "drill"}
}

// withoutIndex is the list that "points[2]" is of.
func withoutIndex(field string) string {
	list, _, _ := strings.Cut(field, "[")
	return list
}

func isField(part string) bool {
	return part != "" && !strings.ContainsFunc(part, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz_.[]0123456789", r)
	})
}

// location is where the field is in a request, "body.slides[0].title"; empty if none is named.
func (s spoken) location() string {
	if len(s.fields) == 0 {
		return ""
	}
	return "body." + strings.Join(s.fields, ".")
}

// sentence names the field, unless the words do: they begin with it, or say in people's words what they are about, "the second point".
func (s spoken) sentence() string {
	if len(s.fields) == 0 || strings.HasPrefix(s.words, s.fields[len(s.fields)-1]) || strings.HasPrefix(s.words, "the ") {
		return asSentence(s.words)
	}
	return asSentence(strings.Join(s.fields, ".") + ": " + s.words)
}

// sentenceOf is any error as a sentence, without the sentinel's name.
func sentenceOf(err error) string {
	for _, row := range statuses() {
		if errors.Is(err, row.err) {
			return said(row.err, err).sentence()
		}
	}
	return asSentence(err.Error())
}

func asSentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}
	text = string(unicode.ToUpper(first)) + text[size:]
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}
