// Package captions reads the words that stand over a film, and says which stand there when.
//
// It takes WebVTT, and of it what a wall can show: the words and their times. Where a cue stands, how it
// looks and who speaks it are left out: all captions stand at the foot of the film, in the letters of the
// slides. A file that has a mistake is refused whole, with the line, for a caption that is silently left
// out is missed by those who cannot hear.
package captions

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"anteroom/playlists"
)

// Bounds of a file.
const (
	// MaxBytes of a file.
	MaxBytes = 512 << 10
	// MaxCues is the most cues of a file, and MaxAtOnce the most that may stand there at once.
	MaxCues   = 5_000
	MaxAtOnce = 3
	// MaxRunes is the most characters that stand there at once: as many as fit, large enough to be read from
	// four metres, on a screen of any shape.
	MaxRunes = 250
	// MaxTime is the latest that a cue may end.
	MaxTime = 24 * time.Hour
)

// MediaType is the MIME type of captions.
const MediaType = "text/vtt"

// Cue is words and when they stand over the film, from its beginning on. To is exclusive.
type Cue struct {
	From, To time.Duration
	// Words have a line feed between lines.
	Words string
}

// Track is a film's captions: cues one after the other, of which no two stand there at once.
type Track []Cue

// At gives the index of the cue that stands there at a position, or -1, and of the next one to come, or -1.
func (t Track) At(position time.Duration) (now, next int) {
	n, _ := slices.BinarySearchFunc(t, position, func(c Cue, at time.Duration) int {
		if c.To <= at {
			return -1
		}
		return 1
	})
	now, next = -1, n
	if n < len(t) && t[n].From <= position {
		now, next = n, n+1
	}
	if next >= len(t) {
		next = -1
	}
	return now, next
}

// Decode reads a WebVTT file. What is wrong with it is a [playlists.ErrInvalid] with the line and the way
// out.
func Decode(b []byte) (Track, error) {
	switch {
	case len(b) > MaxBytes:
		return nil, invalid("the captions have more than %d kB; divide the film and its captions", MaxBytes>>10)
	case !utf8.Valid(b):
		return nil, invalid("the captions are not in UTF-8; save them again in that encoding")
	}
	text := string(bytes.TrimPrefix(b, []byte("\ufeff")))
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\ufffd").Replace(text)
	r := &reader{lines: strings.Split(text, "\n")}
	if head := r.lines[0]; head != "WEBVTT" && !strings.HasPrefix(head, "WEBVTT ") && !strings.HasPrefix(head, "WEBVTT\t") {
		return nil, invalid("line 1: the first word must be WEBVTT; save the captions as WebVTT (.vtt)")
	}
	cues, err := r.cues()
	if err != nil {
		return nil, err
	}
	if len(cues) == 0 {
		return nil, invalid("there are no captions in the file; choose the one that was meant")
	}
	return flatten(cues)
}

// Encode writes captions as WebVTT, which [Decode] reads as the same.
func Encode(t Track) []byte {
	var b bytes.Buffer
	b.WriteString("WEBVTT\n")
	for _, c := range t {
		fmt.Fprintf(&b, "\n%s --> %s\n%s\n", stamp(c.From), stamp(c.To), escape(c.Words))
	}
	return b.Bytes()
}

func invalid(format string, args ...any) error {
	return playlists.Phrased(fmt.Errorf("%w: %s", playlists.ErrInvalid, fmt.Sprintf(format, args...)), playlists.PhraseOf(format, args...))
}

// reader goes through the lines of a file.
type reader struct {
	lines []string
	at    int // of the next line
}

// cues reads all cues; notes, styles and regions are passed over.
func (r *reader) cues() ([]Cue, error) {
	r.skipHead()
	var cues []Cue
	for r.at < len(r.lines) {
		switch line := r.lines[r.at]; {
		case line == "":
			r.at++
		case aside(line):
			r.skipBlock()
		default:
			c, err := r.cue()
			if err != nil {
				return nil, err
			}
			if c.Words != "" {
				cues = append(cues, c)
			}
			if len(cues) > MaxCues {
				return nil, invalid("there are more than %d captions; divide the film", MaxCues)
			}
		}
	}
	return cues, nil
}

// aside reports whether a block that begins so is none of the captions.
func aside(line string) bool {
	first, _, _ := strings.Cut(strings.ReplaceAll(line, "\t", " "), " ")
	return (first == "NOTE" || first == "STYLE" || first == "REGION") && !strings.Contains(line, arrow)
}

func (r *reader) skipBlock() {
	for r.at < len(r.lines) && r.lines[r.at] != "" {
		r.at++
	}
}

// skipHead passes over what stands before the first cue.
func (r *reader) skipHead() {
	r.at = 1
	for r.at < len(r.lines) && r.lines[r.at] != "" && !strings.Contains(r.lines[r.at], arrow) {
		r.at++
	}
}

const arrow = "-->"

// cue reads a block: a name or none, the times, then the words.
func (r *reader) cue() (Cue, error) {
	if !strings.Contains(r.lines[r.at], arrow) {
		r.at++ // its name
	}
	if r.at >= len(r.lines) || !strings.Contains(r.lines[r.at], arrow) {
		return Cue{}, invalid("line %d: a caption has no times; write when it begins and ends, as 00:01.000 --> 00:04.000", r.at)
	}
	from, rest, _ := strings.Cut(r.lines[r.at], arrow)
	to, _, _ := strings.Cut(strings.TrimLeft(strings.ReplaceAll(rest, "\t", " "), " "), " ")
	r.at++
	c, err := timed(strings.TrimSpace(from), to, r.at)
	if err != nil {
		return c, err
	}
	first := r.at
	for r.at < len(r.lines) && r.lines[r.at] != "" && !strings.Contains(r.lines[r.at], arrow) {
		r.at++
	}
	c.Words = plain(strings.Join(r.lines[first:r.at], "\n"))
	if utf8.RuneCountInString(c.Words) > MaxRunes {
		return c, invalid("line %d: this caption has more than %d characters; divide it into several", first+1, MaxRunes)
	}
	return c, nil
}

// timed is a cue without words; line is where it stands.
func timed(from, to string, line int) (c Cue, err error) {
	if c.From, err = moment(from, line); err == nil {
		c.To, err = moment(to, line)
	}
	switch {
	case err != nil:
		return c, err
	case c.To <= c.From:
		return c, invalid("line %d: the caption ends before it begins; write a later end than %s", line, from)
	case c.To > MaxTime:
		return c, invalid("line %d: the caption ends after %d hours; put its time right", line, int(MaxTime.Hours()))
	}
	return c, nil
}

// moment reads "01:02:03.456" or "02:03.456".
func moment(s string, line int) (time.Duration, error) {
	clock, millis, ok := strings.Cut(s, ".")
	parts := strings.Split(clock, ":")
	if ok && len(parts) == 2 {
		parts = slices.Insert(parts, 0, "00")
	}
	if ok && len(parts) == 3 && len(parts[1]) == 2 && len(parts[2]) == 2 && len(millis) == 3 && len(parts[0]) >= 2 && len(parts[0]) <= 4 {
		hours, minutes, seconds, thousandths := number(parts[0]), number(parts[1]), number(parts[2]), number(millis)
		if min(hours, minutes, seconds, thousandths) >= 0 && max(minutes, seconds) < 60 {
			return time.Duration(((hours*60+minutes)*60+seconds)*1000+thousandths) * time.Millisecond, nil
		}
	}
	return 0, invalid("line %d: %.40q is no time; write it as 00:01.000 or 01:00:01.000", line, s)
}

// number is what digits say, or -1.
func number(digits string) int {
	for _, r := range digits {
		if r < '0' || r > '9' {
			return -1
		}
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return -1
	}
	return n
}

// stamp writes a time as [moment] reads it.
func stamp(d time.Duration) string {
	ms := d.Milliseconds()
	return fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, ms%1000)
}
