package medlineplus

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// part is a paragraph of a summary, an item of a list or a heading, as plain text.
type part struct {
	kind partKind
	text string
}

type partKind int

const (
	paragraph partKind = iota
	listed
	heading
)

// parts takes a summary's HTML apart. Only its words are kept: no addresses, no scripts, nothing that a program could obey.
func parts(summary string) []part {
	b := partsBuilder{}
	z := html.NewTokenizer(strings.NewReader(summary))
	z.SetMaxBuf(maxText)
	for {
		switch z.Next() {
		case html.ErrorToken:
			b.flush()
			return b.all
		case html.TextToken:
			if b.unseen == 0 {
				b.text.WriteString(z.Token().Data)
			}
		case html.StartTagToken:
			name, _ := z.TagName()
			b.tag(string(name), true)
		case html.EndTagToken:
			name, _ := z.TagName()
			b.tag(string(name), false)
		case html.SelfClosingTagToken:
			b.text.WriteByte(' ')
		case html.CommentToken, html.DoctypeToken: // no words
		}
	}
}

type partsBuilder struct {
	all    []part
	text   strings.Builder
	kind   partKind
	unseen int // how many elements are open that show nothing
}

func (b *partsBuilder) tag(name string, opens bool) {
	switch name {
	case "script", "style", "title", "template", "noscript", "iframe", "textarea", "xmp", "noembed", "noframes":
		if opens {
			b.unseen++
		} else {
			b.unseen = max(0, b.unseen-1)
		}
	case "br":
		b.text.WriteByte(' ')
	case "li", "dd":
		b.flush()
		if b.kind = paragraph; opens {
			b.kind = listed
		}
	case "h1", "h2", "h3", "h4", "h5", "h6", "dt":
		b.flush()
		if b.kind = paragraph; opens {
			b.kind = heading
		}
	case "p", "div":
		if b.kind == listed { // a paragraph in an item goes on with it
			b.text.WriteByte(' ')
			return
		}
		b.flush()
	case "ul", "ol", "dl", "table", "tr", "td", "th", "blockquote", "section", "article":
		b.flush()
		b.kind = paragraph
	}
}

func (b *partsBuilder) flush() {
	if text := plain(b.text.String()); text != "" {
		b.all = append(b.all, part{b.kind, text})
	}
	b.text.Reset()
}

// plain is a text in one line: each space one, and nothing that cannot be seen or turns the line about.
func plain(s string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(clean), " ")
}

// sentences are what a summary says, one after the other. A list is one sentence with what leads to it, for half of it
// could mean something else. Headings and lines that are no sentences are left out, such as who wrote a summary.
func sentences(summary string) []string {
	var said []string
	all := parts(summary)
	lead := ""
	for i := 0; i < len(all); i++ {
		switch p := all[i]; p.kind {
		case heading:
			lead = p.text
		case paragraph:
			whole := split(p.text)
			lead = ""
			if last := whole[len(whole)-1]; !ends(last) {
				whole, lead = whole[:len(whole)-1], last
			}
			said = append(said, whole...)
		case listed:
			n := i + 1
			for n < len(all) && all[n].kind == listed {
				n++
			}
			if list := enumerate(lead, all[i:n]); list != "" {
				said = append(said, list)
			}
			i, lead = n-1, ""
		}
	}
	return said
}

// enumerate writes a list as a sentence; an empty one is none.
func enumerate(lead string, items []part) string {
	words := make([]string, len(items))
	for i, item := range items {
		words[i] = strings.TrimRight(item.text, ".;,: ")
	}
	words = slices.DeleteFunc(words, func(s string) bool { return s == "" })
	list := strings.Join(words, "; ")
	switch lead = strings.TrimRight(lead, " "); {
	case list == "":
		return ""
	case strings.HasSuffix(lead, "?"), strings.HasSuffix(lead, ":"):
		list = lead + " " + list
	case lead != "":
		list = lead + ": " + list
	}
	if !ends(list) {
		list += "."
	}
	return list
}

// ends reports whether a text ends as sentences do.
func ends(s string) bool {
	s = strings.TrimRight(s, "\"'”’»)] ")
	return strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "…")
}

// split cuts a paragraph into its sentences; the last may have no end.
func split(text string) []string {
	var all []string
	words := strings.Split(text, " ")
	from := 0
	for i, w := range words {
		if i+1 < len(words) && (!ends(w) || shortened(w) || !begins(words[i+1])) {
			continue
		}
		all = append(all, strings.Join(words[from:i+1], " "))
		from = i + 1
	}
	return all
}

// begins reports whether a sentence may begin with a word.
func begins(word string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(word, "\"'“‘«([¿¡"))
	return unicode.IsUpper(r) || unicode.IsDigit(r) || word != "" && strings.ContainsAny(word[:1], "\"(")
}

// shortened reports whether a word ends in a point because it is short for another.
func shortened(word string) bool {
	w := strings.TrimLeft(word, "\"'“‘«(")
	bare := strings.TrimSuffix(w, ".")
	if bare == w {
		return false
	}
	if strings.Contains(bare, ".") && len(bare) <= 5 { // U.S., e.g., p.m.
		return true
	}
	switch strings.ToLower(bare) {
	case "dr", "dra", "mr", "mrs", "ms", "st", "sr", "sra", "ud", "uds", "vs", "no", "núm", "ee", "uu", "etc", "approx", "jr", "prof", "ej":
		return true
	}
	return len(bare) == 1 && unicode.IsUpper(rune(bare[0])) && bare != "I"
}
