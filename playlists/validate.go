package playlists

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// FieldError is one thing that is wrong in one field of a document, with the way out. Validate methods
// join them; [Faults] takes them apart again. It wraps [ErrInvalid].
type FieldError struct {
	// Kind and ID name the document, "window" "flu-weekdays".
	Kind, ID string
	// Field is the JSON name, with an index where it repeats, "entries[2].weight".
	Field string
	// Message says the reason and what to do, to a person.
	Message string

	phrase Phrase
}

// Error says it all in one line.
func (e *FieldError) Error() string {
	return fmt.Sprintf("%v %s %s: %s: %s", ErrInvalid, e.Kind, e.ID, e.Field, e.Message)
}

// Unwrap gives [ErrInvalid].
func (e *FieldError) Unwrap() error { return ErrInvalid }

// Phrase is the message's.
func (e *FieldError) Phrase() Phrase { return e.phrase }

// Faults lists every [FieldError] in err, which may wrap and join them.
func Faults(err error) []*FieldError {
	if joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); ok {
		var all []*FieldError
		for _, e := range joined.Unwrap() {
			all = append(all, Faults(e)...)
		}
		return all
	}
	if fault, ok := errors.AsType[*FieldError](err); ok {
		return []*FieldError{fault}
	}
	return nil
}

// faults gathers what is wrong with one document.
type faults struct {
	kind, id string
	errs     []error
}

func (f *faults) add(field, format string, args ...any) {
	f.errs = append(f.errs, &FieldError{f.kind, f.id, field, fmt.Sprintf(format, args...), PhraseOf(format, args...)})
}

// check adds the fault unless ok.
func (f *faults) check(ok bool, field, format string, args ...any) {
	if !ok {
		f.add(field, format, args...)
	}
}

func (f *faults) err() error { return errors.Join(f.errs...) }

// faultsOf begins with the document's own id.
func faultsOf[ID ~string](kind string, id ID) *faults {
	f := &faults{kind: kind, id: string(id)}
	checkID(f, "id", id)
	return f
}

func checkID[ID ~string](f *faults, field string, id ID) {
	f.check(ValidID(string(id)), field, "%q is no identifier; use 1 to 64 lower-case letters, digits and hyphens", string(id))
}

// optionalID is checkID where empty means none.
func optionalID[ID ~string](f *faults, field string, id ID) {
	if id != "" {
		checkID(f, field, id)
	}
}

// maxText is the longest name or title, in characters.
const maxText = 200

func (f *faults) text(field, s string) {
	f.check(Seen(s) && utf8.RuneCountInString(s) <= maxText, field, "write 1 to %d characters that can be seen", maxText)
	f.check(!strings.ContainsFunc(s, unicode.IsControl), field, "a character in it cannot be seen; write it in one line, without tabs")
}

func (f *faults) language(field string, l Language) {
	f.check(validLanguage(l), field, "%q is no language; write a tag like en, es or zh-Hans", string(l))
}

// distinct adds a fault at each value that was there before.
func distinct[T comparable](f *faults, field string, n int, value func(int) T) {
	seen := make(map[T]bool, n)
	for i := range n {
		v := value(i)
		f.check(!seen[v], fmt.Sprintf("%s[%d]", field, i), "%v is there twice; remove one", v)
		seen[v] = true
	}
}

func validLanguage(l Language) bool {
	primary, rest, more := strings.Cut(string(l), "-")
	if len(l) > 35 || len(primary) < 2 || len(primary) > 3 || !isWord(primary, "") {
		return false
	}
	for more {
		var part string
		part, rest, more = strings.Cut(rest, "-")
		if len(part) < 2 || len(part) > 8 || !isWord(part, "0123456789") {
			return false
		}
	}
	return true
}

// isWord reports whether s has at least one character, and only letters and those of also.
func isWord(s, also string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune(also, r) {
			return false
		}
	}
	return s != ""
}

// ValidDigest reports whether d is the hexadecimal form of a SHA-256, in lower case.
func ValidDigest(d Digest) bool {
	if len(d) != 64 {
		return false
	}
	for i := range len(d) {
		if (d[i] < '0' || d[i] > '9') && (d[i] < 'a' || d[i] > 'f') {
			return false
		}
	}
	return true
}

// Validate reports, as an [ErrInvalid], what is wrong with the name or the brand.
func (o Organisation) Validate() error {
	f := &faults{kind: "organisation"}
	f.text("name", o.Name)
	o.Brand.check(f)
	if o.Logo != nil {
		o.Logo.check(f, "logo")
		f.check(o.Logo.Medium == Image, "logo", "a logo is a picture; upload a PNG, JPEG or WebP")
		f.check(o.Logo.Bytes <= maxLogoBytes, "logo", "the picture has %d kB, and a logo %d kB at most; save it smaller, as a PNG with few colours", o.Logo.Bytes>>10, maxLogoBytes>>10)
	}
	o.checkWebsites(f)
	return f.err()
}

// maxWebsites keeps a header in bounds that goes out with every page that is framed.
const maxWebsites = 20

func (o Organisation) checkWebsites(f *faults) {
	f.check(len(o.Websites) <= maxWebsites, "websites", "%d websites are more than %d; leave out those that show no page", len(o.Websites), maxWebsites)
	for i, w := range o.Websites {
		f.check(origin(w), fmt.Sprintf("websites[%d]", i), "%q is not a website's address by itself; write it like https://www.example.org, with nothing behind", w)
	}
	distinct(f, "websites", len(o.Websites), func(i int) string { return o.Websites[i] })
}

// origin reports whether a text is a scheme and a host, with a port at most: it goes into a header, so nothing else may be in it.
func origin(text string) bool {
	host, https := strings.CutPrefix(text, "https://")
	if !https {
		var http bool
		if host, http = strings.CutPrefix(text, "http://"); !http {
			return false
		}
	}
	host, ok := withoutPort(host)
	const digits, letters = "0123456789", "abcdefghijklmnopqrstuvwxyz"
	allowed := digits + letters + "-."
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host, allowed = host[1:len(host)-1], digits+"abcdef:."
	}
	return ok && host != "" && !strings.ContainsFunc(strings.ToLower(host), func(r rune) bool { return !strings.ContainsRune(allowed, r) })
}

// withoutPort takes the port off a host, if it has one; good reports whether that is a port.
func withoutPort(host string) (name string, good bool) {
	i := strings.LastIndexByte(host, ':')
	if i < 0 || strings.HasSuffix(host, "]") {
		return host, true
	}
	n, err := strconv.ParseUint(host[i+1:], 10, 16)
	return host[:i], err == nil && n > 0
}

// maxLogoBytes keeps the page on which people sign in quick.
const maxLogoBytes = 1 << 20

// minContrast is what WCAG 2.2 asks of text.
const minContrast = 4.5

func (b Brand) check(f *faults) {
	f.text("brand.name", b.Name)
	background, ok := luminance(b.Background)
	f.check(ok, "brand.background", "%q is no colour; write it like #0b3d4c", b.Background)
	ink, inkOK := luminance(b.Ink)
	f.check(inkOK, "brand.ink", "%q is no colour; write it like #ffffff", b.Ink)
	_, accentOK := luminance(b.Accent)
	f.check(accentOK, "brand.accent", "%q is no colour; write it like #f2b84b", b.Accent)
	if ok && inkOK {
		ratio := (max(background, ink) + 0.05) / (min(background, ink) + 0.05)
		f.check(ratio >= minContrast, "brand.ink", "its contrast with the background is %.1f; choose a lighter or darker ink, for at least %.1f", ratio, minContrast)
	}
}

// Validate reports, as an [ErrInvalid], what is wrong with the site.
func (s Site) Validate() error {
	f := faultsOf("site", s.ID)
	f.text("name", s.Name)
	return f.err()
}

// Validate reports, as an [ErrInvalid], what is wrong with the department by itself; whether its zone is
// known shows when it is compiled.
func (d Department) Validate() error {
	f := faultsOf("department", d.ID)
	checkID(f, "site", d.Site)
	f.text("name", d.Name)
	f.check(plausibleZone(d.Zone), "zone", "%q is no time zone; choose one like America/New_York", d.Zone)
	for i, h := range d.Hours {
		h.check(f, fmt.Sprintf("hours[%d]", i))
	}
	checkContacts(f, d.Contacts)
	for i, c := range d.Closures {
		checkID(f, fmt.Sprintf("closures[%d]", i), c)
	}
	distinct(f, "closures", len(d.Closures), func(i int) ClosureID { return d.Closures[i] })
	checkMix(f, d.Languages)
	checkLanguageTargets(f, d.Languages, d.LanguageTargets)
	f.language("fallback", d.Fallback)
	optionalID(f, "filler", d.Filler)
	optionalID(f, "closed", d.Closed)
	checkFloors(f, d.Floors)
	f.check(len(d.Ask) <= MaxAsk, "ask", "%d topics are too many to choose from on a phone; name %d at most", len(d.Ask), MaxAsk)
	for i, t := range d.Ask {
		checkID(f, fmt.Sprintf("ask[%d]", i), t)
	}
	distinct(f, "ask", len(d.Ask), func(i int) Topic { return d.Ask[i] })
	if d.Demand != nil {
		d.Demand.check(f)
	}
	return f.err()
}

// MaxAsk is how many topics a department's patients may choose from at most.
const MaxAsk = 30

// plausibleZone: a path of the zone database, and none that leads elsewhere.
func plausibleZone(zone string) bool {
	for part := range strings.SplitSeq(zone, "/") {
		if !isWord(part, "0123456789_+-") {
			return false
		}
	}
	return len(zone) <= 64
}

func (h Hours) check(f *faults, field string) {
	f.check(len(h.Days) > 0, field+".days", "choose at least one day")
	for _, d := range h.Days {
		f.check(d >= 0 && d <= 6, field+".days", "%d is no day; days are 0 (Sunday) to 6 (Saturday)", d)
	}
	f.check(0 <= h.From && h.From < h.To && h.To <= 24*60, field, "%s to %s is no span; close later than you open, at 24:00 at the latest", h.From, h.To)
}

func checkMix(f *faults, mix []LanguageShare) {
	sum := 0
	for i, l := range mix {
		f.language(fmt.Sprintf("languages[%d].language", i), l.Language)
		f.check(l.Twelfths >= 1, fmt.Sprintf("languages[%d].twelfths", i), "give it at least 1 twelfth, or remove it")
		sum += l.Twelfths
	}
	distinct(f, "languages", len(mix), func(i int) Language { return mix[i].Language })
	f.check(sum == 12, "languages", "the shares add up to %d twelfths; make it 12", sum)
}

// Validate reports, as an [ErrInvalid], what is wrong with the screen.
func (s Screen) Validate() error {
	f := faultsOf("screen", s.ID)
	checkID(f, "department", s.Department)
	f.text("name", s.Name)
	for i, t := range s.Tags {
		checkID(f, fmt.Sprintf("tags[%d]", i), t)
	}
	f.check(validRotation(s.Rotation), "rotation", "%d degrees is not possible; choose 0, 90, 180 or 270", s.Rotation)
	f.check(s.Volume >= 0 && s.Volume <= 100, "volume", "%d is out of bounds; choose 0 (silent) to 100", s.Volume)
	f.check(s.Moment == "" || slices.Contains(Moments(), s.Moment), "moment", "%q is no moment of a visit; choose one of %v", string(s.Moment), Moments())
	return f.err()
}

func validRotation(degrees int) bool {
	return degrees == 0 || degrees == 90 || degrees == 180 || degrees == 270
}

// maxDates is the most dates of one closure, ten years of them.
const maxDates = 3660

// Validate reports, as an [ErrInvalid], what is wrong with the closure.
func (c Closure) Validate() error {
	f := faultsOf("closure", c.ID)
	f.text("name", c.Name)
	f.check(len(c.Dates) <= maxDates, "dates", "%d dates are too many; divide them into closures of at most %d", len(c.Dates), maxDates)
	for i, d := range c.Dates {
		f.check(d.real(), fmt.Sprintf("dates[%d]", i), "%d-%d-%d is no date; choose one from 1970 to 2199", d.Year, int(d.Month), d.Day)
	}
	for _, d := range slices.SortedFunc(maps.Keys(c.Names), Date.Compare) {
		name := c.Names[d]
		f.check(slices.Contains(c.Dates, d), "names", "%s has a name, but it is none of the dates; leave it out", d)
		f.check(utf8.RuneCountInString(name) <= maxText, "names", "the name of %s is too long; use at most %d letters", d, maxText)
	}
	if c.Calendar != nil {
		c.Calendar.check(f)
	}
	return f.err()
}

// maxURL and maxSkips bound a subscription.
const (
	maxURL   = 2000
	maxSkips = 500
)

func (s *Subscription) check(f *faults) {
	f.check(len(s.URL) <= maxURL, "calendar.url", "%d letters are too many for an address; use at most %d", len(s.URL), maxURL)
	scheme, rest, _ := strings.Cut(s.URL, "://")
	authority := rest[:len(rest)-len(strings.TrimLeftFunc(rest, func(r rune) bool { return !strings.ContainsRune("/?#", r) }))]
	web := authority != "" && slices.Contains([]string{"https", "http", "webcal"}, scheme) &&
		!strings.ContainsFunc(s.URL, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	f.check(web, "calendar.url", "%q is no address of a calendar; write it like https://intranet.example.org/holidays.ics", s.URL)
	f.check(!strings.Contains(authority, "@"), "calendar.url", "the address holds a name or password that everybody would see; use one without, often called a private address")
	f.check(len(s.Skip) <= maxSkips, "calendar.skip", "%d names are too many; use at most %d", len(s.Skip), maxSkips)
	f.check(len(s.Days) <= maxDates, "calendar.days", "%d days are too many; use at most %d", len(s.Days), maxDates)
}

// real reports whether d is a date of the calendar, within reach of programmes.
func (d Date) real() bool {
	return d.Year >= 1970 && d.Year < 2200 && d.Month >= time.January && d.Month <= time.December && d.Day >= 1 && d.Day <= daysIn(d.Year, d.Month)
}
