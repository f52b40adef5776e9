package playlists

import "time"

// ZoneData gives the TZif bytes (RFC 8536) of an IANA zone.
type ZoneData func(zone string) (tzif []byte, err error)

// Problem is something in the documents that staff should look at.
type Problem struct {
	Kind    string `json:"kind"`
	ID      string `json:"id"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

func (o Organisation) Validate() error { return nil }
func (s Site) Validate() error         { return nil }
func (d Department) Validate() error   { return nil }
func (s Screen) Validate() error       { return nil }
func (i Item) Validate() error         { return nil }
func (p Playlist) Validate() error     { return nil }
func (l Layout) Validate() error       { return nil }
func (w Window) Validate() error       { return nil }
func (c Closure) Validate() error      { return nil }
func (t Takeover) Validate() error     { return nil }
func (t Takeovers) Validate() error    { return nil }

func (h *Hospital) Check() []Problem                               { return nil }
func (h *Hospital) Place(s ScreenID) (Place, error)                { return Place{}, nil }
func (h *Hospital) Reached(targets, except []Target) []ScreenID    { return nil }
func Reaches(targets, except []Target, p Place) (Narrowness, bool) { return 0, false }
func Compile(h *Hospital, s ScreenID, a Abilities, zones ZoneData, fonts []Asset) (*Body, []Problem, error) {
	return &Body{Filler: -1, Closed: -1}, nil, nil
}

type Compiler struct{}

func NewCompiler(h *Hospital, zones ZoneData, fonts []Asset) *Compiler { return nil }
func (c *Compiler) Compile(s ScreenID, a Abilities) (*Body, []Problem, error) {
	return nil, nil, nil
}

func (b *Body) Validate() error { return nil }
func (b *Body) Untimed() *Body  { return b }

type Programme struct{}
type Cursor struct{}

func NewProgramme(m *Manifest, ts *Takeovers) (*Programme, error) { return &Programme{}, nil }
func (p *Programme) At(t time.Time) Frame                         { return Frame{Source: FromSlate} }
func (p *Programme) Next(t time.Time) time.Time                   { return t.Add(time.Minute) }
func (p *Programme) Why(t time.Time) Why                          { return Why{} }
func (p *Programme) Cursor() *Cursor                              { return &Cursor{} }
func (p *Programme) Soon(t time.Time) []Digest                    { return nil }
func (p *Programme) Spans(from, to time.Time) []Span              { return nil }
func (p *Programme) Zone() *Zone                                  { return nil }
func (c *Cursor) At(t time.Time) Frame                            { return Frame{Source: FromSlate} }
func (c *Cursor) Next(t time.Time) time.Time                      { return t.Add(time.Minute) }

// Span is a stretch of time with one winner, for a timeline.
type Span struct {
	Start, End time.Time
	Source     Source
	Window     WindowID
	Takeover   TakeoverID
	Layout     *BodyLayout
}

func Supersede(old *Manifest, body *Body, digest Digest, earliest time.Time) (from time.Time, anchors []Anchor) {
	return earliest, nil
}

type Zone struct{}

func ParseZone(name string, tzif []byte) (*Zone, error) { return &Zone{}, nil }
func (z *Zone) Name() string                            { return "" }
func (z *Zone) Local(t time.Time) (Date, Clock, int)    { return Date{}, 0, 0 }
func (z *Zone) Instant(d Date, c Clock) time.Time       { return time.Time{} }
func (z *Zone) HourStart(t time.Time) time.Time         { return t.Truncate(time.Hour) }
func (z *Zone) DayStart(d Date) time.Time               { return time.Time{} }

// Why says what a screen shows at an instant, and why not something else.
type Why struct {
	At     time.Time `json:"at"`
	Winner Candidate `json:"winner"`
	Losers []Loser   `json:"losers"`
}

// Candidate is something that could own the screen.
type Candidate struct {
	Source     Source     `json:"source"`
	Window     WindowID   `json:"window,omitempty"`
	Takeover   TakeoverID `json:"takeover,omitempty"`
	Name       string     `json:"name,omitempty"`
	Start      time.Time  `json:"start,omitzero"`
	End        time.Time  `json:"end,omitzero"`
	Priority   int        `json:"priority,omitempty"`
	Narrowness Narrowness `json:"narrowness,omitempty"`
	Severity   Severity   `json:"severity,omitempty"`
}

// Reason is why a candidate lost.
type Reason string

// Loser is a candidate with the reason why it does not show; Text says it to a person.
type Loser struct {
	Candidate
	Reason Reason    `json:"reason"`
	Text   string    `json:"text"`
	When   time.Time `json:"when,omitzero"`
}
