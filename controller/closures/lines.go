package closures

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"anteroom/playlists"
)

// line is what was written on one line, or on several that were folded; at is the first one's number.
type line struct {
	at   int
	text string
}

// decode gives a file's lines, and the encoding that was assumed if it is not UTF-8.
func decode(b []byte) (lines []line, charset string) {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		b = b[3:]
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		b, charset = narrow(b[2:], binary.LittleEndian), "UTF-16"
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		b, charset = narrow(b[2:], binary.BigEndian), "UTF-16"
	}
	// Folding may cut a letter in two, so it is undone before the letters are looked at.
	lines = unfold(string(b))
	if !slices.ContainsFunc(lines, func(l line) bool { return !utf8.ValidString(l.text) }) {
		return lines, charset
	}
	latin := charmap.Windows1252.NewDecoder()
	for i := range lines {
		if text, err := latin.String(lines[i].text); err == nil { // it reads any byte
			lines[i].text = text
		}
	}
	return lines, "Windows-1252"
}

// narrow makes UTF-8 of UTF-16.
func narrow(b []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = order.Uint16(b[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// unfold gives the lines that are not empty; empty ones are not allowed, and common.
func unfold(text string) []line {
	var lines []line
	var whole strings.Builder
	at, number := 1, 0
	end := func() {
		if t := strings.TrimSpace(whole.String()); t != "" {
			lines = append(lines, line{at, t})
		}
		whole.Reset()
	}
	for one := range strings.Lines(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)) {
		number++
		one = strings.TrimSuffix(one, "\n")
		if number > 1 && (strings.HasPrefix(one, " ") || strings.HasPrefix(one, "\t")) {
			whole.WriteString(one[1:])
			continue
		}
		end()
		at = number
		whole.WriteString(one)
	}
	end()
	return lines
}

// property is one content line.
type property struct {
	line  int
	name  string // in capitals
	zone  string // of the parameter TZID
	later bool   // RANGE=THISANDFUTURE
	value string
}

// file is what of an iCalendar file matters.
type file struct {
	name   string
	zone   string
	events []*event
	// stray are the numbers of lines that are no properties.
	stray []int
}

// parser goes through the lines of a file.
type parser struct {
	file

	open  []property // the components begun, outermost first
	event *event     // the one that is open
	ended bool
	lone  string // the zone of the only VTIMEZONE
	zones int
}

// parse reads the components of a file.
func parse(lines []line) (*file, error) {
	p := parser{}
	last := 1
	for _, l := range lines {
		last = l.at
		if err := p.line(l.at, l.text); err != nil {
			return nil, err
		}
	}
	return p.end(last)
}

func refuse(line int, format string, args ...any) error {
	said := fmt.Errorf("%w: line %d: %s", playlists.ErrInvalid, line, fmt.Sprintf(format, args...))
	return playlists.Phrased(said, playlists.PhraseOf(format, args...))
}

func (p *parser) line(at int, text string) error {
	prop, ok := parseProperty(at, text)
	if len(p.open) == 0 && (!ok || prop.name != "BEGIN" || !strings.EqualFold(prop.value, "VCALENDAR")) {
		if p.ended {
			return nil // what comes after the calendar is none of it
		}
		return refuse(at, "an iCalendar file begins with BEGIN:VCALENDAR, this one with %q; choose the file that the calendar exports, with the ending .ics", cut(text, 40))
	}
	switch {
	case !ok:
		p.stray = append(p.stray, at)
	case prop.name == "BEGIN":
		return p.begin(prop)
	case prop.name == "END":
		return p.close(prop)
	default:
		return p.take(prop)
	}
	return nil
}

func (p *parser) begin(prop property) error {
	prop.value = strings.ToUpper(prop.value)
	p.open = append(p.open, prop)
	if len(p.open) > 8 {
		return refuse(prop.line, "there are %d parts within each other here; no calendar does that", len(p.open))
	}
	if prop.value == "VEVENT" && len(p.open) == 2 {
		if len(p.events) == maxEvents {
			return refuse(prop.line, "there are more than %d events; export a calendar that has only the closed days", maxEvents)
		}
		p.event = &event{line: prop.line}
		p.events = append(p.events, p.event)
	}
	return nil
}

func (p *parser) close(prop property) error {
	begun := p.open[len(p.open)-1]
	if !strings.EqualFold(prop.value, begun.value) {
		return refuse(prop.line, "END:%s, but line %d began %s; the file is damaged, export it again", cut(prop.value, 40), begun.line, begun.value)
	}
	p.open = p.open[:len(p.open)-1]
	if len(p.open) == 1 {
		p.event = nil
	}
	p.ended = p.ended || len(p.open) == 0
	return nil
}

// take keeps a property of the calendar, of an event or of a zone.
func (p *parser) take(prop property) error {
	within := p.open[len(p.open)-1].value
	switch {
	case p.event != nil && len(p.open) == 2:
		p.event.take(prop)
	case within == "VTIMEZONE" && prop.name == "TZID":
		p.zones++
		p.lone = prop.value
	case len(p.open) > 1:
	case prop.name == "X-WR-CALNAME" || prop.name == "NAME" && p.name == "":
		p.name = words(prop.value)
	case prop.name == "X-WR-TIMEZONE":
		p.zone = prop.value
	case prop.name == "METHOD" && strings.EqualFold(prop.value, "CANCEL"):
		return refuse(prop.line, "this file takes events back, as a mail of cancellation does; export the calendar itself")
	}
	return nil
}

func (p *parser) end(last int) (*file, error) {
	if len(p.open) > 0 {
		begun := p.open[len(p.open)-1]
		return nil, refuse(last, "the file ends within the %s that line %d began: it was not loaded whole, load it again", begun.value, begun.line)
	}
	if !p.ended {
		return nil, refuse(1, "the file is empty")
	}
	if p.zone == "" && p.zones == 1 {
		p.zone = p.lone
	}
	return &p.file, nil
}

// parseProperty reads "NAME;PARAMETER=value;...:value"; a quoted parameter may have any sign in it.
func parseProperty(line int, text string) (property, bool) {
	p := property{line: line}
	end := strings.IndexAny(text, ":;")
	if end < 1 || strings.ContainsFunc(text[:end], notOfName) {
		return p, false
	}
	p.name = strings.ToUpper(text[:end])
	for text[end] == ';' {
		text = text[end+1:]
		end = endOfParameter(text)
		if end < 0 {
			return p, false
		}
		p.parameter(text[:end])
	}
	p.value = text[end+1:]
	return p, true
}

func notOfName(r rune) bool {
	return r != '-' && r != '_' && r != '.' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
}

// endOfParameter is where a parameter ends in ';' or ':', -1 if it does not.
func endOfParameter(text string) int {
	quoted := false
	for i := range len(text) {
		switch text[i] {
		case '"':
			quoted = !quoted
		case ';', ':':
			if !quoted {
				return i
			}
		}
	}
	return -1
}

func (p *property) parameter(text string) {
	name, value, _ := strings.Cut(text, "=")
	switch value = strings.Trim(value, `"`); strings.ToUpper(name) {
	case "TZID":
		p.zone = value
	case "RANGE":
		p.later = strings.EqualFold(value, "THISANDFUTURE")
	}
}

// words are a text as people read it, in one line.
func words(text string) string {
	text = strings.NewReplacer(`\n`, " ", `\N`, " ", `\,`, ",", `\;`, ";", `\\`, `\`).Replace(text)
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, text)
	return cut(strings.Join(strings.Fields(text), " "), maxName)
}

// cut leaves the first letters of a text.
func cut(text string, most int) string {
	n := 0
	for i := range text {
		if n == most {
			return text[:i] + "…"
		}
		n++
	}
	return text
}
