package playlists

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Why says what owns the screen at an instant, and of everything else why it does not.
type Why struct {
	At     time.Time `json:"at"`
	Winner Candidate `json:"winner"`
	// Losers are the strongest first, then what is not on at all, by id.
	Losers []Loser `json:"losers"`
}

// Candidate is something that could own the screen.
type Candidate struct {
	Source   Source     `json:"source"`
	Window   WindowID   `json:"window,omitempty"`
	Takeover TakeoverID `json:"takeover,omitempty"`
	// Name is the window's.
	Name string `json:"name,omitempty"`
	// Start and End bound the occurrence, the takeover or the day; zero for a window that is not on.
	Start      time.Time  `json:"start,omitzero"`
	End        time.Time  `json:"end,omitzero"`
	Priority   int        `json:"priority,omitempty"`
	Narrowness Narrowness `json:"narrowness,omitempty"`
	Severity   Severity   `json:"severity,omitempty"`
}

// Loser is a candidate that does not show.
type Loser struct {
	Candidate

	Reason Reason `json:"reason"`
	// Text says the reason to a person, in the department's local time.
	Text string `json:"text"`
	// Next is when it starts next, if it does.
	Next time.Time `json:"next,omitzero"`
	// Date is what keeps it off: its first or last date, or the closed one.
	Date Date `json:"date,omitzero"`
}

// Reason is why a candidate does not show.
type Reason string

// The reasons.
const (
	// UnderTakeover: a takeover has the screen.
	UnderTakeover Reason = "under_takeover"
	// LowerSeverity and OlderTakeover: another takeover is stronger.
	LowerSeverity Reason = "lower_severity"
	OlderTakeover Reason = "older_takeover"
	// LowerPriority, WiderTarget, EarlierStart and LaterID: another window won the tie.
	LowerPriority Reason = "lower_priority"
	WiderTarget   Reason = "wider_target"
	EarlierStart  Reason = "earlier_start"
	LaterID       Reason = "later_id"
	// NothingValid: it would come first, but nothing of it may be shown at that instant.
	NothingValid Reason = "nothing_valid"
	// NotOn: it is not its time.
	NotOn Reason = "not_on"
	// RestsClosed: it would be on, but the date is closed.
	RestsClosed Reason = "rests_closed"
	// OutOfDates: it would be on, but not on these dates.
	OutOfDates Reason = "out_of_dates"
	// LastResort: filler and closed programme show only under nothing else.
	LastResort Reason = "last_resort"
)

// Why explains the frame of t.
func (p *Programme) Why(t time.Time) Why {
	n := nanos(t)
	w := Why{At: t, Losers: []Loser{}}
	won := false
	for _, s := range p.candidates(n) {
		var f Frame
		switch shown, _, _ := s.show(&f, n); {
		case won && s.source != FromSlate:
			w.Losers = append(w.Losers, loses(s.candidate(), w.Winner))
		case !won && !shown:
			w.Losers = append(w.Losers, Loser{Candidate: s.candidate(), Reason: NothingValid, Text: "nothing of it may be shown at that moment"})
		case !won:
			won, w.Winner = true, s.candidate()
		}
	}
	w.Losers = append(w.Losers, p.notOn(n)...)
	return w
}

// candidates are all spans of the instant n, the strongest first; the slate is the last.
func (p *Programme) candidates(n int64) []*span {
	second, _ := floorDiv(n, int64(time.Second))
	date := p.zone.dayAt(second)
	spans := p.spans(date, p.zone.dayStart(date)*int64(time.Second), p.zone.dayStart(date+1)*int64(time.Second))
	h := horizon{p: p, date: date, spans: slices.Clone(spans)}
	spans = slices.DeleteFunc(spans, func(s *span) bool { return n < s.from || n >= s.to })
	h.settle(spans)
	return spans
}

func (s *span) candidate() Candidate {
	c := Candidate{Source: s.source, Start: s.startTime, End: s.endTime}
	if s.window != nil {
		c.Window, c.Name, c.Priority, c.Narrowness = s.window.ID, s.window.Name, s.window.Priority, s.window.Narrowness
	}
	if s.takeover != nil {
		c.Takeover, c.Severity = s.takeover.ID, s.takeover.Severity
	}
	return c
}

// loses says why c loses against the winner, which comes before it.
func loses(c, winner Candidate) Loser {
	l := Loser{Candidate: c}
	switch {
	case c.Source == FromTakeover && c.Severity < winner.Severity:
		l.Reason, l.Text = LowerSeverity, fmt.Sprintf("takeover %s is more severe", winner.Takeover)
	case c.Source == FromTakeover:
		l.Reason, l.Text = OlderTakeover, fmt.Sprintf("takeover %s is newer", winner.Takeover)
	case winner.Source == FromTakeover:
		l.Reason, l.Text = UnderTakeover, fmt.Sprintf("takeover %s has the whole screen", winner.Takeover)
	case c.Source != FromWindow:
		l.Reason, l.Text = LastResort, "it shows only where nothing else does"
	case c.Priority < winner.Priority:
		l.Reason, l.Text = LowerPriority, fmt.Sprintf("%s has priority %d, this has %d", winner.Name, winner.Priority, c.Priority)
	case c.Narrowness < winner.Narrowness:
		l.Reason, l.Text = WiderTarget, fmt.Sprintf("%s is chosen for %s, this for %s", winner.Name, winner.Narrowness, c.Narrowness)
	case c.Start.Before(winner.Start):
		l.Reason, l.Text = EarlierStart, fmt.Sprintf("%s started later", winner.Name)
	default:
		l.Reason, l.Text = LaterID, fmt.Sprintf("all else is equal, and %s comes first by its id", winner.Window)
	}
	return l
}

// String says what a window of that narrowness is chosen for, "the department".
func (n Narrowness) String() string {
	switch n {
	case ByScreen:
		return "the screen"
	case ByTag:
		return "a tag"
	case ByDepartment:
		return "the department"
	case BySite:
		return "the site"
	case ByAll:
	}
	return "all screens"
}

// notOn lists the takeovers and windows that are no candidates at n.
func (p *Programme) notOn(n int64) []Loser {
	var losers []Loser
	for _, t := range p.takeovers {
		if n < nanos(t.From) || n >= nanos(t.Until) {
			c := Candidate{Source: FromTakeover, Takeover: t.ID, Severity: t.Severity, Start: t.From, End: t.Until}
			losers = append(losers, Loser{Candidate: c, Reason: NotOn, Text: "it lasts from " + p.say(t.From) + " to " + p.say(t.Until)})
		}
	}
	second, _ := floorDiv(n, int64(time.Second))
	starts := p.almanac(p.zone.dayAt(second))
	for i := range p.windows {
		if w := &p.windows[i]; !starts.runs(w, second) {
			losers = append(losers, p.offLoser(w, second))
		}
	}
	slices.SortStableFunc(losers, func(a, b Loser) int { return cmp.Compare(a.Window, b.Window) })
	return losers
}

// runs reports whether an occurrence of w is on at the Unix second u, which is of the day.
func (a *almanac) runs(w *window, u int64) bool {
	return slices.ContainsFunc(a.around(nil, w), func(o occurrence) bool { return o.start <= u && u < o.end })
}

// offLoser says why w is not on at u, and when it starts next.
func (p *Programme) offLoser(w *window, u int64) Loser {
	l := Loser{Candidate: Candidate{Source: FromWindow, Window: w.body.ID, Name: w.body.Name, Priority: w.body.Priority, Narrowness: w.body.Narrowness}}
	next := "it does not start again"
	if o, ok := p.nextStart(w, u); ok {
		l.Next = time.Unix(o.start, 0).UTC()
		next = "it starts on " + p.say(l.Next)
	}
	date, kept := p.keptOff(w, u)
	switch {
	case !kept:
		l.Reason, l.Text = NotOn, next
	case date < w.first:
		l.Reason, l.Date, l.Text = OutOfDates, w.body.First, fmt.Sprintf("its first date is %s; %s", w.body.First, next)
	case date > w.last:
		l.Reason, l.Date, l.Text = OutOfDates, w.body.Last, fmt.Sprintf("its last date was %s", w.body.Last)
	default:
		l.Reason, l.Date, l.Text = RestsClosed, dateOf(date), fmt.Sprintf("%s is closed; %s", dateOf(date), next)
	}
	return l
}

// keptOff is the date on which w would have started an occurrence that would be on at u, or later that
// day, had dates and closures not kept it off.
func (p *Programme) keptOff(w *window, u int64) (date int64, kept bool) {
	today := p.zone.dayAt(u)
	for date := today; date >= today-int64(w.body.End.Days); date-- {
		if !p.rests(w, date) {
			continue
		}
		for _, o := range w.occurrences(nil, p.zone, date) {
			if u < o.end {
				return date, true
			}
		}
	}
	return 0, false
}

// searchDays is how far ahead the next start of a window is looked for: 29 February may be eight years
// away.
const searchDays = 9 * 366

// nextStart is the first occurrence of w that starts after u.
func (p *Programme) nextStart(w *window, u int64) (occurrence, bool) {
	today := p.zone.dayAt(u)
	from := max(today-1, w.first)
	for date := from; date <= min(from+searchDays, w.last); date++ {
		if p.rests(w, date) {
			continue
		}
		for _, o := range w.occurrences(nil, p.zone, date) {
			if o.start > u {
				return o, true
			}
		}
	}
	return occurrence{}, false
}

// say writes an instant as people of the department read it, "Tue 24 Nov 2026 at 08:00".
func (p *Programme) say(t time.Time) string {
	d, c, _ := p.zone.Local(t)
	return fmt.Sprintf("%s %d %s %d at %s", d.Weekday().String()[:3], d.Day, d.Month.String()[:3], d.Year, c)
}
