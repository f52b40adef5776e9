package playlists

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"
	"unicode/utf8"
)

// Bounds of what is shown.
const (
	// DefaultMillis is how long a picture or slide stays where neither entry nor item say.
	DefaultMillis = 10_000
	// MinMillis and MaxMillis bound a slot.
	MinMillis = 1_000
	MaxMillis = 24 * 60 * 60 * 1_000
	// MaxSlots is the most slots of a loop, before languages are unrolled.
	MaxSlots = 1_000
	// maxRegions is the most regions of a layout.
	maxRegions = 16
	// maxSlide is the largest slide of a takeover, in bytes.
	maxSlide = 8 << 10
	// maxTakeoverSlides is the most slides of a takeover, maxSizes the most sizes of its picture.
	maxTakeoverSlides = 16
	maxSizes          = 8
	// maxPriority bounds a window's priority, both ways.
	maxPriority = 1_000
)

// Validate reports, as an [ErrInvalid], what is wrong with the item.
func (i Item) Validate() error {
	f := faultsOf("item", i.ID)
	f.text("title", i.Title)
	f.check(i.Version >= 1, "version", "versions count from 1")
	f.check(len(i.Renditions) > 0, "renditions", "upload a picture, a video or a slide")
	for n, r := range i.Renditions {
		r.check(f, fmt.Sprintf("renditions[%d]", n))
	}
	distinct(f, "renditions", len(i.Renditions), func(n int) Language { return i.Renditions[n].Language })
	f.check(i.Phase == "" || slices.Contains(Phases(), i.Phase), "phase", "%q is no phase of care; choose one of %v", string(i.Phase), Phases())
	for n, t := range i.Topics {
		checkID(f, fmt.Sprintf("topics[%d]", n), t)
	}
	i.checkPlatforms(f)
	i.checkBinding(f)
	checkMillis(f, "millis", i.Millis)
	f.check(utf8.RuneCountInString(i.Sponsor) <= maxText, "sponsor", "it is too long; use at most %d letters", maxText)
	f.check(utf8.RuneCountInString(i.Campaign) <= maxText, "campaign", "it is too long; use at most %d letters", maxText)
	f.check(i.From.IsZero() || i.Until.IsZero() || i.From.Before(i.Until), "until", "it ends before it begins; choose a later end")
	f.check(i.ReviewBy.IsZero() || i.ReviewBy.real(), "review_by", "choose a date from 1970 to 2199")
	f.check(i.Approval == nil || i.Approval.Version <= i.Version, "approval", "it approves a version that does not exist yet")
	f.check(i.Returned == nil || i.Returned.Version <= i.Version, "returned", "it sends a version back that does not exist yet")
	i.checkTemplate(f)
	return f.err()
}

func (i Item) checkTemplate(f *faults) {
	if i.Template == nil {
		return
	}
	f.check(i.Template.Severity >= Notice && i.Template.Severity <= Emergency, "template.severity", "choose 1 (notice), 2 (warning) or 3 (emergency)")
	most := int(MaxTakeover / time.Minute)
	f.check(i.Template.Minutes >= 1 && i.Template.Minutes <= most, "template.minutes", "%d is out of bounds; choose 1 to %d", i.Template.Minutes, most)
	said := 0
	for n, r := range i.Renditions {
		f.check(len(r.Further) == 0, fmt.Sprintf("renditions[%d]", n), "wording for takeovers has no pages; take the leaflet out")
		want := Slide
		if r.Language == NoWords {
			want = Image
		} else {
			said++
		}
		for _, a := range r.Variants {
			f.check(a.Medium == want, fmt.Sprintf("renditions[%d]", n), "wording for takeovers is a slide in each language, and perhaps one picture without words; take this file out")
		}
	}
	f.check(said > 0, "renditions", "write the words in at least one language")
	f.check(said < maxTakeoverSlides, "renditions", "%d languages are too many to show in turn; choose %d at most", said, maxTakeoverSlides-1)
}

// checkMillis checks a slot's length; 0 is unsaid.
func checkMillis(f *faults, field string, millis int64) {
	f.check(millis == 0 || millis >= MinMillis && millis <= MaxMillis, field, "%d ms is out of bounds; choose 1 second to 24 hours", millis)
}

func (r Rendition) check(f *faults, field string) {
	f.language(field+".language", r.Language)
	f.check(len(r.Variants) > 0, field+".variants", "it has no file; upload it again")
	for n, a := range r.Variants {
		at := fmt.Sprintf("%s.variants[%d]", field, n)
		a.check(f, at)
		f.check(a.Medium != Font && a.Medium != Captions, at+".medium", "this shows nothing by itself; upload a picture, a video or a slide")
		f.check(a.Medium == r.Variants[0].Medium, at+".medium", "the variants differ in kind; upload it again")
	}
	r.checkFurther(f, field)
	if r.Captions != nil {
		r.Captions.check(f, field+".captions")
		f.check(r.Captions.Medium == Captions, field+".captions.medium", "these are no captions; upload a WebVTT file")
		f.check(len(r.Variants) == 0 || r.Variants[0].Medium == Video, field+".captions", "only a video has captions; leave them out")
		f.check(r.Language != NoWords, field+".captions", "captions are words; say in which language the video is")
	}
}

// maxPages is the most pages of a leaflet.
const maxPages = 24

func (r Rendition) checkFurther(f *faults, field string) {
	f.check(len(r.Further) < maxPages, field+".further", "a leaflet of %d pages is too long for a screen; keep %d at most", len(r.Further)+1, maxPages)
	f.check(len(r.Further) == 0 || len(r.Variants) == 0 || r.Variants[0].Medium == Image, field+".further", "only a leaflet of pictures has further pages; leave them out")
	for n, page := range r.Further {
		at := fmt.Sprintf("%s.further[%d]", field, n)
		f.check(len(page) > 0, at, "page %d has no file; upload the leaflet again", n+2)
		for i, a := range page {
			a.check(f, fmt.Sprintf("%s[%d]", at, i))
			f.check(a.Medium == Image, at, "page %d is no picture; upload the leaflet again", n+2)
		}
	}
}

func (a Asset) check(f *faults, field string) {
	f.check(ValidDigest(a.Digest), field+".digest", "%q is no SHA-256 in lower-case hexadecimal", string(a.Digest))
	f.check(a.MediaType != "", field+".media_type", "it is missing")
	f.check(a.Bytes > 0, field+".bytes", "the file is empty")
	switch a.Medium {
	case Image, Video:
		f.check(a.Width > 0 && a.Height > 0, field, "its width and height are missing")
	case Slide, Font, Captions:
	default:
		f.add(field+".medium", "%q is not image, video, slide, font or captions", string(a.Medium))
	}
	f.check(a.Medium != Video || a.Millis > 0, field+".millis", "a video has a length")
}

// Validate reports, as an [ErrInvalid], what is wrong with the playlist. One whose weights are all 0 is
// refused, and so is one with more than [MaxSlots] slots.
func (p Playlist) Validate() error {
	f := faultsOf("playlist", p.ID)
	f.text("name", p.Name)
	weights := make([]int, len(p.Entries))
	for i, e := range p.Entries {
		e.check(f, fmt.Sprintf("entries[%d]", i))
		weights[i] = max(0, e.Weight)
	}
	if p.Demand != nil {
		p.Demand.check(f)
	}
	switch slots := slotsOf(weights); {
	case slots == 0:
		f.add("entries", "nothing would be shown; add an item with a weight of at least 1")
	case slots > MaxSlots:
		f.add("entries", "the weights make a loop of %d slots; choose smaller ones, for at most %d", slots, MaxSlots)
	}
	return f.err()
}

func (e Entry) check(f *faults, field string) {
	checkID(f, field+".item", e.Item)
	checkMillis(f, field+".millis", e.Millis)
	f.check(e.Weight >= 0 && e.Weight <= math.MaxInt32, field+".weight", "%d is no weight; choose 0 (off) or more", e.Weight)
	f.check(e.Transition.valid(), field+".transition", "%q is no transition; choose fade, or leave it out for a cut", string(e.Transition))
	f.check(e.Fit.valid(), field+".fit", "%q is no fit; choose fill, or leave it out for the whole picture", string(e.Fit))
}

func (t Transition) valid() bool { return t == Cut || t == CrossFade }

func (t Fit) valid() bool { return t == FitInside || t == Fill }

// Validate reports, as an [ErrInvalid], what is wrong with the layout.
func (l Layout) Validate() error {
	f := faultsOf("layout", l.ID)
	f.check(l.ID != LayoutFull, "id", "%q is built in; choose another", string(LayoutFull))
	f.text("name", l.Name)
	f.check(len(l.Regions) >= 1 && len(l.Regions) <= maxRegions, "regions", "a layout has 1 to %d regions", maxRegions)
	for i, r := range l.Regions {
		r.check(f, fmt.Sprintf("regions[%d]", i))
	}
	distinct(f, "regions", len(l.Regions), func(i int) string { return l.Regions[i].Name })
	return f.err()
}

func (r Region) check(f *faults, field string) {
	checkID(f, field+".name", r.Name)
	f.check(insideScreen(r.X, r.Y, r.W, r.H), field, "it is not within the screen; x + w and y + h are at most 1")
	f.check((r.Playlist != "") != (r.Widget != nil), field, "choose either a playlist or a widget")
	optionalID(f, field+".playlist", r.Playlist)
	if r.Widget != nil {
		r.Widget.check(f, field+".widget")
	}
}

// insideScreen allows for the rounding of fractions such as thirds.
func insideScreen(x, y, w, h float64) bool {
	const slack = 1e-6
	return x >= 0 && y >= 0 && w > 0 && h > 0 && x+w <= 1+slack && y+h <= 1+slack
}

func (w Widget) check(f *faults, field string) {
	switch w.Kind {
	case ClockWidget:
	case TickerWidget:
		f.check(w.Text != "" && len(w.Text) <= 2_000, field+".text", "write 1 to 2000 characters")
	case QRWidget:
		f.check(w.URL != "" && len(w.URL) <= 1_000, field+".url", "write the address that the code opens, at most 1000 characters")
		f.check(utf8.RuneCountInString(w.Text) <= maxText, field+".text", "write at most %d characters", maxText)
	default:
		f.add(field+".kind", "%q is no widget; choose clock, ticker or qr", string(w.Kind))
	}
}

// Validate reports, as an [ErrInvalid], what is wrong with the window: an occurrence lasts 1 minute to 7
// days by the wall clock.
func (w Window) Validate() error { return w.validate(map[string]startRule{}) }

// validate adds the window's rule to those that are known.
func (w Window) validate(known map[string]startRule) error {
	f := faultsOf("window", w.ID)
	f.text("name", w.Name)
	f.check((w.Playlist != "") != (w.Layout != ""), "playlist", "choose either a playlist or a layout")
	optionalID(f, "playlist", w.Playlist)
	optionalID(f, "layout", w.Layout)
	f.check(w.Layout != LayoutFull, "layout", "for the whole screen choose a playlist")
	checkTimes(f, "", w.Start, w.End, known)
	checkDates(f, "", w.First, w.Last)
	for i, c := range w.Closures {
		checkID(f, fmt.Sprintf("closures[%d]", i), c)
	}
	checkTargets(f, w.Targets, w.Except)
	f.check(w.Priority >= -maxPriority && w.Priority <= maxPriority, "priority", "%d is out of bounds; choose -%d to %d", w.Priority, maxPriority, maxPriority)
	return f.err()
}

// checkTimes gives the rule that start is, and adds it to those that are known.
func checkTimes(f *faults, prefix, start string, end LocalEnd, known map[string]startRule) startRule {
	f.check(end.Days >= 0 && end.Days <= 7, prefix+"end.days", "%d is out of bounds; choose 0 to 7", end.Days)
	f.check(end.Clock >= 0 && end.Clock <= 24*60, prefix+"end.clock", "choose 00:00 to 24:00")
	rule, ok := known[start]
	if !ok {
		var err error
		if rule, err = parseRule(start); err != nil {
			f.add(prefix+"start", "%v", err)
			return startRule{}
		}
		known[start] = rule
	}
	longest, shortest := rule.span(end)
	f.check(shortest >= 1, prefix+"end", "it ends at %s, before it starts; choose a later end, or one on the next day", end.Clock)
	f.check(longest <= 7*24*60, prefix+"end", "it lasts longer than 7 days; choose an earlier end")
	return rule
}

func checkDates(f *faults, prefix string, first, last Date) {
	f.check(first.IsZero() || first.real(), prefix+"first", "choose a date from 1970 to 2199")
	f.check(last.IsZero() || last.real(), prefix+"last", "choose a date from 1970 to 2199")
	f.check(first.IsZero() || last.IsZero() || first.Compare(last) <= 0, prefix+"last", "%s is before the first date, %s; choose a later one", last, first)
}

func checkTargets(f *faults, targets, except []Target) {
	f.check(len(targets) > 0, "targets", "choose where it shows: screens, tags, departments, sites or everywhere")
	for i, t := range targets {
		t.check(f, fmt.Sprintf("targets[%d]", i))
	}
	for i, t := range except {
		t.check(f, fmt.Sprintf("except[%d]", i))
	}
}

func (t *Target) check(f *faults, field string) {
	optionalID(f, field+".screen", t.Screen)
	optionalID(f, field+".tag", t.Tag)
	optionalID(f, field+".department", t.Department)
	optionalID(f, field+".site", t.Site)
	n := 0
	for _, set := range []bool{t.Screen != "", t.Tag != "", t.Department != "", t.Site != "", t.All} {
		if set {
			n++
		}
	}
	f.check(n == 1, field, "choose exactly one of screen, tag, department, site and all")
}

// Validate reports, as an [ErrInvalid], what is wrong with the takeover.
func (t Takeover) Validate() error {
	f := faultsOf("takeover", t.ID)
	f.check(t.Severity >= Notice && t.Severity <= Emergency, "severity", "choose 1 (notice), 2 (warning) or 3 (emergency)")
	length := t.Until.Sub(t.From)
	f.check(length > 0, "until", "it ends before it begins; choose a later end")
	f.check(length <= MaxTakeover, "until", "it lasts longer than %d hours; choose an earlier end", int(MaxTakeover/time.Hour))
	checkTargets(f, t.Targets, t.Except)
	f.check(len(t.Slides) >= 1 && len(t.Slides) <= maxTakeoverSlides, "slides", "write it in 1 to %d languages", maxTakeoverSlides)
	optionalID(f, "template", t.Template)
	for i, s := range t.Slides {
		field := fmt.Sprintf("slides[%d]", i)
		f.language(field+".language", s.Language)
		f.check(json.Valid(s.Slide) && len(s.Slide) <= maxSlide, field+".slide", "the slide is not valid JSON of at most %d bytes", maxSlide)
		f.check(len(s.Picture) <= maxSizes, field+".picture", "it has more than %d sizes", maxSizes)
		for n, a := range s.Picture {
			a.check(f, fmt.Sprintf("%s.picture[%d]", field, n))
			f.check(a.Medium == Image, field+".picture", "only a picture can be shown instead of words")
		}
	}
	return f.err()
}

// Validate reports, as an [ErrInvalid], what is wrong with the document or any takeover in it.
func (t Takeovers) Validate() error {
	f := &faults{kind: "takeovers", id: fmt.Sprint(t.Number)}
	f.check(t.Number > 0 || len(t.Takeovers) == 0, "number", "numbers count from 1")
	distinct(f, "takeovers", len(t.Takeovers), func(i int) TakeoverID { return t.Takeovers[i].ID })
	for _, one := range t.Takeovers {
		if err := one.Validate(); err != nil {
			f.errs = append(f.errs, err)
		}
	}
	return f.err()
}
