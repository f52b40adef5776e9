package captions

import (
	"html"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// plain is a cue's text without its marks, what can be written as entities as itself, and no empty lines.
func plain(text string) string {
	var lines []string
	for line := range strings.SplitSeq(html.UnescapeString(unmarked(text)), "\n") {
		if words := strings.Join(strings.FieldsFunc(line, invisible), " "); words != "" {
			lines = append(lines, words)
		}
	}
	return strings.Join(lines, "\n")
}

// invisible is what stands between words, or is not seen at all. What directs and joins letters stays.
func invisible(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
}

// unmarked leaves out what stands in angle brackets, and the readings in ruby marks.
func unmarked(text string) string {
	var b strings.Builder
	for reading := false; ; {
		before, rest, marked := strings.Cut(text, "<")
		if !reading {
			b.WriteString(before)
		}
		if !marked {
			return b.String()
		}
		mark, after, _ := strings.Cut(rest, ">")
		switch mark {
		case "rt":
			reading = true
		case "/rt", "/ruby":
			reading = false
		}
		text = after
	}
}

// escape writes words so that none of them is a mark, an entity or the times of a cue.
func escape(words string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(words)
}

// flatten puts cues one after the other: those that stand there at once are one, one below the other.
func flatten(cues []Cue) (Track, error) {
	slices.SortStableFunc(cues, func(a, b Cue) int { return int(a.From - b.From) })
	var edges []time.Duration
	for _, c := range cues {
		edges = append(edges, c.From, c.To)
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	var t Track
	var on []Cue
	for i, from := range edges[:len(edges)-1] {
		on = slices.DeleteFunc(on, func(c Cue) bool { return c.To <= from })
		for len(cues) > 0 && cues[0].From == from {
			on, cues = append(on, cues[0]), cues[1:]
		}
		c := Cue{from, edges[i+1], together(on)}
		if len(on) > MaxAtOnce || utf8.RuneCountInString(c.Words) > MaxRunes {
			return nil, invalid("at %s there are too many captions at once; at most %d, with %d characters in all", stamp(from), MaxAtOnce, MaxRunes)
		}
		t = appended(t, c)
	}
	return t, nil
}

func together(cues []Cue) string {
	words := make([]string, 0, len(cues))
	for _, c := range cues {
		words = append(words, c.Words)
	}
	return strings.Join(words, "\n")
}

// appended adds a cue to a track: none without words, and the same words again are only longer.
func appended(t Track, c Cue) Track {
	if c.Words == "" {
		return t
	}
	if last := len(t) - 1; last >= 0 && t[last].To == c.From && t[last].Words == c.Words {
		t[last].To = c.To
		return t
	}
	return append(t, c)
}
