package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"anteroom/controller/access"
	"anteroom/controller/publish"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// Timeline is a screen's day: what was or will be on, and what was recorded.
type Timeline struct {
	Zone  string         `json:"zone"`
	Date  playlists.Date `json:"date"`
	Start time.Time      `json:"start" doc:"Midnight at the screen"`
	End   time.Time      `json:"end"`
	Spans []TimelineSpan `json:"spans"`
	Plays []WindowPlays  `json:"plays" doc:"Recorded plays of that day, by what had the screen"`
	// Unreadable are as those of an [ImpressionReport].
	Unreadable []string `json:"unreadable,omitempty" doc:"Months, 2026-11: some or all plays that came in during them cannot be read and are missing here"`
	Forgotten  string   `json:"forgotten,omitempty" doc:"A month, 2026-10: plays of the day that came in until its end are no longer kept, and are missing here"`
}

// TimelineSpan is a stretch of time with one winner.
type TimelineSpan struct {
	Start      time.Time            `json:"start"`
	End        time.Time            `json:"end"`
	Source     playlists.Source     `json:"source"`
	Window     playlists.WindowID   `json:"window,omitempty"`
	WindowName string               `json:"window_name,omitempty"`
	Takeover   playlists.TakeoverID `json:"takeover,omitempty"`
	Layout     playlists.LayoutID   `json:"layout,omitempty"`
	Generation uint64               `json:"generation"`
	Items      []string             `json:"items" doc:"Titles, in the order in which they come"`
}

// WindowPlays are the recorded plays of one window; without a window, those of filler, closed
// programme and takeovers.
type WindowPlays struct {
	Window   playlists.WindowID   `json:"window,omitempty"`
	Takeover playlists.TakeoverID `json:"takeover,omitempty"`
	Plays    int64                `json:"plays"`
	Complete int64                `json:"complete"`
	Millis   int64                `json:"millis"`
}

// Why says what a screen shows at an instant, why not something else, and what was recorded.
type Why struct {
	playlists.Why

	// By is who made the winning window or takeover, as it was then.
	By         string    `json:"by,omitempty"`
	Zone       string    `json:"zone"`
	Generation uint64    `json:"generation" doc:"The programme then in force; 0 before the first"`
	Since      time.Time `json:"since,omitzero" doc:"When that generation came into force"`
	Slots      []WhySlot `json:"slots"`
	Plays      []WhyPlay `json:"plays" doc:"Recorded plays that cover the instant"`
}

// WhySlot is what one region shows.
type WhySlot struct {
	Region   string             `json:"region"`
	Item     playlists.ItemID   `json:"item,omitempty"`
	Title    string             `json:"title"`
	Language playlists.Language `json:"language,omitempty"`
	Start    time.Time          `json:"start"`
	End      time.Time          `json:"end"`
	// Fills is what must run in the department, if the turn is none of the playlist's own.
	Fills *playlists.Floor          `json:"fills,omitempty" doc:"The floor of the department that the turn fills for, if it was added from the library"`
	Mix   []playlists.LanguageShare `json:"mix,omitempty" doc:"The language mix that the loop goes by, if targets or demand moved it from the department's own"`
	// AskedFor is a topic for which the turn comes more often than its weight says.
	AskedFor playlists.Topic `json:"asked_for,omitempty" doc:"The topic that patients asked for so often that this comes more often than staff's weight says"`
	Asked    int             `json:"asked,omitempty" doc:"How often, in four weeks, of weeks in which at least 11 people asked in one language"`
	// While is the state of the clinic for which it shows, Moment the moment of a visit, if it is for such alone.
	While  *playlists.StateSet `json:"while,omitempty" doc:"The state of the clinic for which it shows, who set it, since when and until when; absent if it is for none"`
	Moment playlists.Moment    `json:"moment,omitempty" doc:"The moment of a visit for which it shows there; absent if it is for none"`
}

// WhyPlay is a recorded play.
type WhyPlay struct {
	Region   string               `json:"region"`
	Item     playlists.ItemID     `json:"item,omitempty"`
	Title    string               `json:"title"`
	Language playlists.Language   `json:"language,omitempty"`
	Window   playlists.WindowID   `json:"window,omitempty"`
	Takeover playlists.TakeoverID `json:"takeover,omitempty"`
	Start    time.Time            `json:"start"`
	Shown    int64                `json:"shown" doc:"Milliseconds"`
	Planned  int64                `json:"planned" doc:"Milliseconds"`
	Outcome  playlists.Outcome    `json:"outcome"`
	// Generation is lower than that in force while its player did not have that yet.
	Generation uint64 `json:"generation" doc:"The programme that the player went by; 0 if it is not of this screen"`
}

// longestPlay is how far back a play may have begun that still covers an instant.
const longestPlay = 24 * time.Hour

func (s *Server) days() {
	type dayInput struct {
		ID   string `path:"id" maxLength:"64"`
		Date string `query:"date" doc:"A local date of the screen, 2026-11-23; today if left out"`
	}
	type instantInput struct {
		ID string    `path:"id" maxLength:"64"`
		At time.Time `query:"at" required:"true" doc:"An instant, past or future"`
	}
	type timelineOut struct{ Body Timeline }
	type whyOut struct{ Body Why }
	operation(s, http.MethodGet, "/api/v1/screens/{id}/timeline", "getTimeline", "A screen's day",
		func(ctx context.Context, in *dayInput) (*timelineOut, error) {
			t, err := s.timeline(ctx, playlists.ScreenID(in.ID), in.Date)
			return &timelineOut{Body: t}, err
		})
	operation(s, http.MethodGet, "/api/v1/screens/{id}/why", "getWhy", "Why a screen shows what it shows at an instant",
		func(ctx context.Context, in *instantInput) (*whyOut, error) {
			w, err := s.why(ctx, playlists.ScreenID(in.ID), in.At.UTC())
			return &whyOut{Body: w}, err
		})
}

// timeline lays out a screen's day by the heads that were in force in it.
func (s *Server) timeline(ctx context.Context, id playlists.ScreenID, date string) (Timeline, error) {
	if err := s.mayScreen(ctx, access.See, "screen", id); err != nil {
		return Timeline{}, err
	}
	now, err := s.Publish.Current(id)
	if err != nil {
		return Timeline{}, err
	}
	zone, err := playlists.ParseZone(now.Body.Zone, now.Body.TZif)
	if err != nil {
		return Timeline{}, err
	}
	day, _, _ := zone.Local(s.Now())
	if date != "" {
		if day, err = playlists.ParseDate(date); err != nil {
			return Timeline{}, fmt.Errorf("date: %w", err)
		}
	}
	t := Timeline{Zone: now.Body.Zone, Date: day, Start: zone.DayStart(day), End: zone.DayStart(day.AddDays(1)), Spans: []TimelineSpan{}}
	if t.Spans, err = s.spans(ctx, id, t.Start, t.End); err != nil {
		return Timeline{}, err
	}
	err = s.windowPlays(ctx, id, &t)
	return t, err
}

func (s *Server) spans(ctx context.Context, id playlists.ScreenID, from, to time.Time) ([]TimelineSpan, error) {
	spells, err := s.Publish.Past(ctx, id, from, to)
	if err != nil {
		return nil, err
	}
	all := []TimelineSpan{}
	for _, spell := range spells {
		programme, err := s.programme(ctx, spell)
		if err != nil {
			return nil, err
		}
		names := windowNames(spell.Manifest.Body)
		for _, span := range programme.Spans(spell.Start, spell.End) {
			row := TimelineSpan{
				Start: span.Start, End: span.End, Source: span.Source, Window: span.Window, WindowName: names[span.Window],
				Takeover: span.Takeover, Generation: spell.Manifest.Head.Generation, Items: titles(spell.Manifest.Body, span),
			}
			if span.Layout != nil {
				row.Layout = span.Layout.ID
			}
			all = append(all, row)
		}
	}
	return all, nil
}

// programme is what a screen's player goes by during a spell, takeovers of that time included.
func (s *Server) programme(ctx context.Context, spell publish.Spell) (*playlists.Programme, error) {
	takeovers, err := s.Alert.Between(ctx, spell.Start, spell.End)
	if err != nil {
		return nil, err
	}
	return playlists.NewProgramme(spell.Manifest, takeovers)
}

func windowNames(b *playlists.Body) map[playlists.WindowID]string {
	names := map[playlists.WindowID]string{}
	for _, w := range b.Windows {
		names[w.ID] = w.Name
	}
	return names
}

// titles are what the loops of a span hold that may be shown in it, each once.
func titles(b *playlists.Body, span playlists.Span) []string {
	titles := []string{}
	if span.Layout == nil {
		return titles
	}
	for _, region := range span.Layout.Regions {
		if region.Loop < 0 {
			continue
		}
		for _, entry := range b.Loops[region.Loop].Order {
			showing := &b.Showings[b.Loops[region.Loop].Entries[entry].Showing]
			may := showing.Valid(span.Start) || showing.From.Before(span.End) && showing.Valid(later(showing.From, span.Start))
			if may && !slices.Contains(titles, showing.Title) {
				titles = append(titles, showing.Title)
			}
		}
	}
	return titles
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// windowPlays adds up a screen's recorded plays of a day, and notes what of them cannot be read or is no longer kept.
func (s *Server) windowPlays(ctx context.Context, id playlists.ScreenID, day *Timeline) error {
	type owner struct {
		window   playlists.WindowID
		takeover playlists.TakeoverID
	}
	sums, damaged := map[owner]*WindowPlays{}, map[string]bool{}
	for r, err := range s.Store.RollupsScreen(ctx, id, day.Start, day.End) {
		if month := (*store.DamagedMonthError)(nil); errors.As(err, &month) {
			damaged[month.Month] = true
			continue
		}
		if gone := (*store.ForgottenError)(nil); errors.As(err, &gone) {
			day.Forgotten = gone.Through
			continue
		}
		if err != nil {
			return fmt.Errorf("reading plays: %w", err)
		}
		if !r.Entry.Outcome.Shown() {
			continue
		}
		o := owner{r.Entry.Window, r.Entry.Takeover}
		if sums[o] == nil {
			sums[o] = &WindowPlays{Window: o.window, Takeover: o.takeover}
		}
		sums[o].Plays += r.Count
		sums[o].Millis += r.Millis
		if r.Entry.Outcome == playlists.Complete {
			sums[o].Complete += r.Count
		}
	}
	day.Plays, day.Unreadable = []WindowPlays{}, slices.Sorted(maps.Keys(damaged))
	for _, sum := range sums {
		day.Plays = append(day.Plays, *sum)
	}
	slices.SortFunc(day.Plays, func(a, b WindowPlays) int {
		return cmp.Or(cmp.Compare(a.Window, b.Window), cmp.Compare(a.Takeover, b.Takeover))
	})
	return nil
}

// why explains an instant by the head that was in force then, or that will be by what is known now.
func (s *Server) why(ctx context.Context, id playlists.ScreenID, at time.Time) (Why, error) {
	if err := s.mayScreen(ctx, access.See, "screen", id); err != nil {
		return Why{}, err
	}
	now, err := s.Publish.Current(id)
	if err != nil {
		return Why{}, err
	}
	spell, err := s.spellAt(ctx, id, at)
	if err != nil {
		return Why{}, err
	}
	programme, err := s.programme(ctx, spell)
	if err != nil {
		return Why{}, err
	}
	w := Why{Why: programme.Why(at), Zone: now.Body.Zone, Slots: slotsOf(programme, at)}
	w.Losers = append([]playlists.Loser{}, w.Losers...)
	if spell.Manifest != nil {
		head := spell.Manifest.Head
		w.Zone, w.Generation, w.Since = spell.Manifest.Body.Zone, head.Generation, later(head.From, head.IssuedAt)
		if w.By, err = s.author(ctx, id, head.Generation, w.Winner); err != nil {
			return Why{}, err
		}
		if err := s.whoSet(ctx, id, head.Generation, w.Slots); err != nil {
			return Why{}, err
		}
	}
	w.Plays, err = s.playsAt(ctx, id, at)
	return w, err
}

// spellAt gives what was in force on a screen at an instant; no manifest before the first.
func (s *Server) spellAt(ctx context.Context, id playlists.ScreenID, at time.Time) (publish.Spell, error) {
	spells, err := s.Publish.Past(ctx, id, at, at.Add(time.Millisecond))
	if err != nil || len(spells) == 0 {
		return publish.Spell{Start: at, End: at.Add(time.Millisecond)}, err
	}
	return spells[0], nil
}

// author is who made what won, empty for what has no author of its own.
func (s *Server) author(ctx context.Context, id playlists.ScreenID, generation uint64, winner playlists.Candidate) (string, error) {
	if winner.Takeover != "" {
		t, err := s.Alert.Get(ctx, winner.Takeover)
		return t.By, err
	}
	if winner.Window == "" {
		return "", nil
	}
	by, err := s.Publish.Author(ctx, id, generation, "window", string(winner.Window))
	if errors.Is(err, playlists.ErrNotFound) {
		return "", nil
	}
	return by, err
}

// whoSet adds who set the states for which slots show.
func (s *Server) whoSet(ctx context.Context, id playlists.ScreenID, generation uint64, slots []WhySlot) error {
	for i := range slots {
		if while := slots[i].While; while != nil {
			by, err := s.Publish.SetBy(ctx, id, generation, while.StateSpan)
			if err != nil && !errors.Is(err, playlists.ErrNotFound) {
				return err
			}
			while.By = by
		}
	}
	return nil
}

func slotsOf(p *playlists.Programme, at time.Time) []WhySlot {
	f, slots := p.At(at), []WhySlot{}
	for _, slot := range f.Slots {
		row := WhySlot{Region: slot.Region, Start: slot.Start, End: slot.End}
		if slot.Showing != nil {
			row.Item, row.Title, row.Language = slot.Showing.Item, slot.Showing.Title, slot.Showing.Language
		}
		if floor, ok := p.Fills(&slot); ok {
			row.Fills = &floor
		}
		row.Mix = p.Mix(&f, &slot)
		row.AskedFor, row.Asked, _ = p.Asked(&slot)
		while, moment := p.While(&slot)
		if row.Moment = moment; while.State != "" {
			row.While = &playlists.StateSet{StateSpan: while}
		}
		if slot.Slide != nil {
			row.Language, row.Title = slot.Slide.Language, "Takeover"
		}
		slots = append(slots, row)
	}
	return slots
}

// monthMissing reports whether an error only says that plays of some month are not there: it is damaged, or no longer kept.
func monthMissing(err error) bool {
	damaged, gone := (*store.DamagedMonthError)(nil), (*store.ForgottenError)(nil)
	return errors.As(err, &damaged) || errors.As(err, &gone)
}

// playsAt gives the recorded plays that cover an instant, by region.
func (s *Server) playsAt(ctx context.Context, id playlists.ScreenID, at time.Time) ([]WhyPlay, error) {
	covering := map[string]store.StoredPlay{}
	for p, err := range s.Store.ScanScreen(ctx, id, at.Add(-longestPlay), at.Add(time.Millisecond)) {
		if monthMissing(err) {
			continue // the day says so
		}
		if err != nil {
			return nil, fmt.Errorf("reading plays: %w", err)
		}
		over := p.Start.Add(time.Duration(p.Shown) * time.Millisecond)
		if p.Gap == "" && p.Condensed == 0 && !at.Before(p.Start) && at.Before(over) {
			covering[p.Region+p.Start.String()] = p
		}
	}
	all := []WhyPlay{}
	for _, k := range slices.Sorted(maps.Keys(covering)) {
		p := covering[k].Play
		play, err := s.recorded(ctx, id, &p)
		if err != nil {
			return nil, err
		}
		all = append(all, play)
	}
	return all, nil
}

// recorded tells of a play by the body that its player went by: titles change, and a player may have been
// behind.
func (s *Server) recorded(ctx context.Context, id playlists.ScreenID, p *playlists.Play) (WhyPlay, error) {
	play := WhyPlay{
		Region: p.Region, Item: p.Item, Language: p.Language, Window: p.Window, Takeover: p.Takeover,
		Start: p.Start, Shown: p.Shown, Planned: p.Planned, Outcome: p.Outcome,
	}
	m, err := s.Publish.ManifestOf(ctx, id, p.Body, p.Start)
	if err != nil && !errors.Is(err, playlists.ErrNotFound) {
		return WhyPlay{}, err
	}
	if m != nil {
		play.Generation = m.Head.Generation
		for i := range m.Body.Showings {
			if m.Body.Showings[i].Item == p.Item {
				play.Title = m.Body.Showings[i].Title
				return play, nil
			}
		}
	}
	play.Title, err = s.titleNow(ctx, p.Item)
	return play, err
}

// titleNow is what an item is called now; its id if it is gone.
func (s *Server) titleNow(ctx context.Context, id playlists.ItemID) (string, error) {
	if id == "" {
		return "Takeover", nil
	}
	title := string(id)
	err := s.Store.View(ctx, func(v store.View) error {
		doc, err := v.Get("item", string(id))
		if errors.Is(err, playlists.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		item, err := domain[playlists.Item](doc)
		title = cmp.Or(item.Title, title)
		return err
	})
	return title, err
}
