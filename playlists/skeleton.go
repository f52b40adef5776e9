package playlists

import "time"

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
