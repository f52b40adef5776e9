package slide

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"anteroom/playlists"
)

// Limits of a slide, in characters unless it says otherwise. They bound what is kept and drawn; what a
// slide really holds is less and decided by drawing it.
const (
	MaxTitle  = 160
	MaxText   = 800
	MaxPoint  = 240
	MaxNote   = 120
	MaxPoints = 6
	// MaxCode is in bytes: a code that says more has modules too small for a telephone some steps away.
	MaxCode  = 200
	MaxBytes = 32 << 10
)

// Encode writes a slide as JSON.
func Encode(s Slide) ([]byte, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encoding slide: %w", err)
	}
	return b, nil
}

// Decode reads what [Encode] wrote and validates it.
func Decode(b []byte) (Slide, error) {
	var s Slide
	if len(b) > MaxBytes {
		return s, fmt.Errorf("%w: a slide of %d bytes is too large, at most %d", playlists.ErrInvalid, len(b), MaxBytes)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return Slide{}, fmt.Errorf("%w: not a slide: %w", playlists.ErrInvalid, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Slide{}, fmt.Errorf("%w: something follows the slide; send one slide", playlists.ErrInvalid)
	}
	return s, s.Validate()
}

// Validate checks everything that can be told without fonts. Each problem names the field, the reason
// and the way out; all wrap [playlists.ErrInvalid]. Whether the words fit, [Fits] tells.
func (s Slide) Validate() error {
	return errors.Join(
		s.validateTemplate(),
		s.validateLanguage(),
		words("title", s.Title, 1, MaxTitle),
		words("text", s.Text, 0, MaxText),
		words("note", s.Note, 0, MaxNote),
		s.validatePoints(),
		s.validateUrgent(),
		s.validateCode(),
		s.validateColours(),
	)
}

func (s Slide) validateTemplate() error {
	switch s.Template {
	case Notice, Steps, Questions, Facts, Urgent:
		return nil
	}
	return invalid("template", "%q is none that there is; choose notice, steps, questions, facts or urgent", s.Template)
}

func (s Slide) validateLanguage() error {
	l := string(s.Language)
	if l == "" {
		return invalid("language", "is missing; say which language the words are in, like en or zh-Hans")
	}
	for _, r := range l {
		if len(l) > 35 || r != '-' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)) {
			return invalid("language", "%q is not a language tag; write one like en, es, ar or zh-Hans", l)
		}
	}
	return nil
}

func (s Slide) validatePoints() error {
	listed := s.Template == Steps || s.Template == Questions || s.Template == Facts
	switch {
	case !listed && len(s.Points) > 0:
		return invalid("points", "are for steps, questions and facts; put the words into text")
	case listed && len(s.Points) == 0:
		return invalid("points", "are missing; write one to %d", MaxPoints)
	case len(s.Points) > MaxPoints:
		return invalid("points", "are %d, at most %d can be read from a chair; make two slides", len(s.Points), MaxPoints)
	}
	var errs []error
	for i, p := range s.Points {
		field := fmt.Sprintf("points[%d]", i)
		if strings.TrimSpace(p) == "" {
			errs = append(errs, invalid(field+":", "the %s point is empty; write it, or take it out", ordinal(i)))
			continue
		}
		errs = append(errs, words(field, p, 1, MaxPoint))
	}
	return errors.Join(errs...)
}

func (s Slide) validateUrgent() error {
	urgent := s.Template == Urgent
	switch {
	case urgent && (s.Severity < playlists.Notice || s.Severity > playlists.Emergency):
		return invalid("severity", "is %d; choose 1 (notice), 2 (warning) or 3 (emergency)", s.Severity)
	case !urgent && s.Severity != 0:
		return invalid("severity", "is for urgent slides; leave it out")
	case !urgent && s.Drill:
		return invalid("drill", "is for urgent slides; leave it out")
	}
	return nil
}

func (s Slide) validateCode() error {
	scheme, rest, _ := strings.Cut(s.Code, "://")
	switch {
	case s.Code == "":
		return nil
	case s.Template == Urgent:
		return invalid("code", "is not for urgent slides; leave it out")
	case scheme != "https" && scheme != "http" || rest == "" || rest[0] == '/' || strings.ContainsFunc(rest, func(r rune) bool { return r <= ' ' || r > '~' }):
		return invalid("code", "%q is no address that a telephone opens; write one like https://medlineplus.gov/", s.Code)
	case len(s.Code) > MaxCode:
		return invalid("code", "has %d characters, at most %d; choose a shorter address", len(s.Code), MaxCode)
	}
	return nil
}

func (s Slide) validateColours() error {
	var errs []error
	for _, c := range []struct{ field, value string }{
		{"brand.background", s.Brand.Background}, {"brand.ink", s.Brand.Ink}, {"brand.accent", s.Brand.Accent},
	} {
		if _, err := ParseColour(c.value); c.value != "" && err != nil {
			errs = append(errs, invalid(c.field, "%q is not a colour; write one like #0b3d4c", c.value))
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	b := dressed(s.Brand)
	if c := Contrast(b.Background, b.Ink); c < MinContrast {
		return invalid("brand.ink", "%s on %s has a contrast of %.1f to 1, at least 4.5 is needed; make one darker or the other lighter", b.Ink, b.Background, c)
	}
	return nil
}

// dressed is the brand with the colours that it leaves out.
func dressed(b playlists.Brand) playlists.Brand {
	if b.Background == "" {
		b.Background = "#0b3d4c"
	}
	if b.Ink == "" {
		b.Ink = "#ffffff"
	}
	if b.Accent == "" {
		b.Accent = "#f2b84b"
	}
	return b
}

// ordinal is how people count the points.
func ordinal(i int) string {
	return [MaxPoints]string{"first", "second", "third", "fourth", "fifth", "sixth"}[i]
}

// words checks one field of words.
func words(field, s string, least, most int) error {
	n := utf8.RuneCountInString(strings.TrimSpace(s))
	switch {
	case !utf8.ValidString(s):
		return invalid(field, "is not UTF-8 text; type it again")
	case n < least, least > 0 && !playlists.Seen(s):
		return invalid(field, "is empty; write what it should say")
	case n > most:
		return invalid(field, "has %d characters, at most %d; shorten it", n, most)
	case strings.ContainsFunc(s, forbidden):
		return invalid(field, "has characters that cannot be drawn; type it again without them")
	}
	return nil
}

// forbidden reports control characters, and the directional overrides with which a text could show
// something else than it says.
func forbidden(r rune) bool {
	return unicode.IsControl(r) && r != '\n' || r == '\u202d' || r == '\u202e' || r == unicode.ReplacementChar
}

func invalid(field, format string, args ...any) error {
	said := fmt.Errorf("%w: %s %s", playlists.ErrInvalid, field, fmt.Sprintf(format, args...))
	return playlists.Phrased(said, playlists.PhraseOf(format, args...))
}
