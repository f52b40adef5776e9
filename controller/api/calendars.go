package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"anteroom/controller/access"
	"anteroom/controller/calendars"
	"anteroom/controller/closures"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// CalendarRead is what an iCalendar file says of closed days. Nothing of it is kept.
type CalendarRead struct {
	Name    string         `json:"name,omitempty" doc:"What the calendar calls itself"`
	Charset string         `json:"charset,omitempty" doc:"The encoding that was assumed, if the file is not UTF-8"`
	First   playlists.Date `json:"first" doc:"Days from here were read"`
	Last    playlists.Date `json:"last" doc:"Up to and with here"`
	Days    []CalendarDay  `json:"days" doc:"Whole days, ascending"`
	Left    []CalendarLeft `json:"left" doc:"What closes nothing, by line"`
	More    int            `json:"more,omitempty" doc:"How many further ones closed nothing"`
}

// CalendarDay is a date on which a calendar has something for the whole day.
type CalendarDay struct {
	Date  playlists.Date `json:"date"`
	Names []string       `json:"names"`
}

// CalendarLeft is something in a calendar that closes no day.
type CalendarLeft struct {
	Line   int             `json:"line"`
	Name   string          `json:"name,omitempty"`
	Reason closures.Reason `json:"reason" enum:"timed,cancelled,no_date,no_zone,not_followed,too_long,no_property" doc:"timed: it lasts part of a day; no_zone: it is in UTC, and nothing says for which place; not_followed: it repeats in a way that is not understood; no_property: the line is damaged"`
}

// CalendarState is how a subscription stands.
type CalendarState struct {
	URL     string    `json:"url,omitempty" doc:"The address that was asked; none if it was never asked"`
	Tried   time.Time `json:"tried,omitzero" doc:"When it was last asked"`
	Fetched time.Time `json:"fetched,omitzero" doc:"When it last gave its days or said that nothing had changed"`
	Problem string    `json:"problem,omitempty" doc:"Why it gave nothing when it was last asked; the days before stay"`
	// Said is what the problem says.
	Said playlists.Phrase `json:"said,omitzero"`
}

type calendarInput struct {
	body io.Reader
}

// Resolve implements [huma.Resolver].
func (in *calendarInput) Resolve(ctx huma.Context) []error {
	in.body = ginOf(ctx).Request.Body
	return nil
}

func (s *Server) calendars() {
	type readOut struct{ Body CalendarRead }
	type stateOut struct{ Body CalendarState }
	type addressInput struct {
		Body struct {
			URL string `json:"url" maxLength:"2000" doc:"Where the file is, https://intranet.example.org/holidays.ics"`
		}
	}
	operation(s, http.MethodPost, "/api/v1/calendars/read", "readCalendar", "What an iCalendar file says of closed days; nothing is kept",
		func(_ context.Context, in *calendarInput) (*readOut, error) {
			b, err := io.ReadAll(in.body)
			if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
				return nil, newProblem(http.StatusRequestEntityTooLarge, "The file has more than 2 MiB. Export a calendar that has only the closed days.")
			}
			if err != nil {
				return nil, newProblem(http.StatusBadRequest, "The file did not arrive whole. Send it again.")
			}
			c, span, err := s.Calendars.Read(b)
			return &readOut{Body: calendarRead(c, span)}, err
		}, takesBytes)
	operation(s, http.MethodPost, "/api/v1/calendars/fetch", "fetchCalendar", "What the iCalendar file at an address says of closed days; nothing is kept",
		func(ctx context.Context, in *addressInput) (*readOut, error) {
			probe := playlists.Closure{ID: "probe", Name: "Probe", Calendar: &playlists.Subscription{URL: in.Body.URL}}
			if err := probe.Validate(); err != nil {
				return nil, playlists.Refuse(playlists.ErrInvalid, "url: this is no address of a calendar that can be used; write it like https://intranet.example.org/holidays.ics, without a name or password")
			}
			c, span, err := s.Calendars.Fetch(ctx, in.Body.URL)
			return &readOut{Body: calendarRead(c, span)}, err
		})
	operation(s, http.MethodGet, "/api/v1/closures/{id}/calendar", "getSubscription", "How the calendar stands that a closure follows",
		func(ctx context.Context, in *idInput) (*stateOut, error) {
			err := s.Store.View(ctx, func(v store.View) error {
				_, err := v.Get("closure", in.ID)
				return missing(err, "closure", in.ID)
			})
			return &stateOut{Body: CalendarState(s.Calendars.State(playlists.ClosureID(in.ID)))}, err
		})
	operation(s, http.MethodPost, "/api/v1/closures/{id}/calendar", "askSubscription", "Ask the calendar now that a closure follows; what has changed becomes a draft",
		func(ctx context.Context, in *idInput) (*stateOut, error) {
			if err := may(ctx, access.Edit, access.Object{Kind: "closure"}); err != nil {
				return nil, err
			}
			state, err := s.Calendars.Ask(ctx, playlists.ClosureID(in.ID))
			return &stateOut{Body: CalendarState(state)}, missing(err, "closure", in.ID)
		})
}

func calendarRead(c closures.Calendar, span closures.Span) CalendarRead {
	out := CalendarRead{Name: c.Name, Charset: c.Charset, First: span.First, Last: span.Last, Days: []CalendarDay{}, Left: []CalendarLeft{}, More: c.More}
	for _, d := range c.Days {
		out.Days = append(out.Days, CalendarDay{Date: d.Date, Names: append([]string{}, d.Names...)})
	}
	for _, l := range c.Left {
		out.Left = append(out.Left, CalendarLeft(l))
	}
	return out
}

// Calendars read closed days from files and addresses.
type Calendars interface {
	Read(b []byte) (closures.Calendar, closures.Span, error)
	Fetch(ctx context.Context, url string) (closures.Calendar, closures.Span, error)
	State(id playlists.ClosureID) calendars.State
	Ask(ctx context.Context, id playlists.ClosureID) (calendars.State, error)
}
