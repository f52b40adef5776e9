package api

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"anteroom/controller/access"
	"anteroom/controller/report"
	"anteroom/controller/store"
	"anteroom/playlists"
)

type reportInput struct {
	From       string `query:"from" required:"true" doc:"First local date, 2026-11-01"`
	To         string `query:"to" required:"true" doc:"Last local date, included"`
	By         string `query:"by" default:"item" doc:"What a row is about: item, screen, department, day, or several with commas"`
	Department string `query:"department" doc:"Only these departments, with commas"`
	Screen     string `query:"screen" doc:"Only these screens, with commas"`
	Item       string `query:"item" doc:"Only these items, with commas"`
	Accept     string `header:"Accept" hidden:"true"`
}

// ImpressionReport says what was shown: plays, not people.
type ImpressionReport struct {
	Rows           []ReportRow   `json:"rows" doc:"The library's items"`
	Totals         ReportFigures `json:"totals"`
	Takeovers      []ReportRow   `json:"takeovers" doc:"Takeovers stand apart: nobody scheduled them"`
	TakeoverTotals ReportFigures `json:"takeover_totals"`
	Lost           int64         `json:"lost" doc:"Plays of the period whose records are gone; they are in no other figure"`
	Condensed      int64         `json:"condensed" doc:"Plays among those counted that are known by sums only, of an item and an hour, because a player's journal was full"`
	Unreadable     []string      `json:"unreadable,omitempty" doc:"Months, 2026-11: some or all plays that came in during them cannot be read and are missing from the figures. The controller's log says which file, and what to do"`
	Forgotten      string        `json:"forgotten,omitempty" doc:"A month, 2026-10: plays of the period that came in until its end are no longer kept, and are missing from the figures"`
	// CompleteUntil: no play that had ended by then is missing; absent where a screen has never reported, and
	// where a month cannot be read or is no longer kept.
	CompleteUntil time.Time            `json:"complete_until,omitzero"`
	Waiting       []playlists.ScreenID `json:"waiting" doc:"Screens whose plays are still on their way for some of the period"`
	Methodology   string               `json:"methodology"`
	Definitions   map[string]string    `json:"definitions"`
}

// ReportRow is a line of a report.
type ReportRow struct {
	ReportFigures

	Key        string                 `json:"key" doc:"The values of what the row is about, joined"`
	Name       string                 `json:"name" doc:"The same as people say it"`
	Department playlists.DepartmentID `json:"department,omitempty"`
	Screen     playlists.ScreenID     `json:"screen,omitempty"`
	Item       playlists.ItemID       `json:"item,omitempty"`
	Takeover   playlists.TakeoverID   `json:"takeover,omitempty"`
	Day        playlists.Date         `json:"day,omitzero"`
}

// ReportFigures count plays.
type ReportFigures struct {
	Plays       int64   `json:"plays"`
	Complete    int64   `json:"complete"`
	Truncated   int64   `json:"truncated"`
	Preempted   int64   `json:"preempted"`
	Interrupted int64   `json:"interrupted"`
	Failed      int64   `json:"failed" doc:"Due and never drawn; no plays"`
	Seconds     float64 `json:"seconds"`
}

func figures(f *report.Figures) ReportFigures {
	return ReportFigures{
		Plays: f.Plays, Complete: f.Complete, Truncated: f.Truncated, Preempted: f.Preempted,
		Interrupted: f.Interrupted, Failed: f.Failed, Seconds: float64(f.Millis) / 1000,
	}
}

const csvType = "text/csv"

func (s *Server) reports() {
	path := "/api/v1/reports/impressions"
	operation(s, http.MethodGet, path, "getImpressions", "What was shown, counted",
		func(ctx context.Context, in *reportInput) (*huma.StreamResponse, error) {
			if strings.Contains(in.Accept, csvType) {
				return s.reportCSV(ctx, in)
			}
			return s.reportJSON(ctx, in)
		}, func(op *huma.Operation) {
			schema := s.api.OpenAPI().Components.Schemas.Schema(typeOf[ImpressionReport](), true, "")
			op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
				"application/json": {Schema: schema}, csvType: {Schema: &huma.Schema{Type: huma.TypeString}},
			}}}
		})
	operation(s, http.MethodGet, path+".csv", "getImpressionsCSV", "What was shown, as CSV (RFC 4180)", s.reportCSV, answers(csvType))
}

func (s *Server) reportJSON(ctx context.Context, in *reportInput) (*huma.StreamResponse, error) {
	rep, names, err := s.report(ctx, in)
	if err != nil {
		return nil, err
	}
	out := ImpressionReport{
		Rows: reportRows(rep.Rows, rep.Query.By, names), Totals: figures(&rep.Totals),
		Takeovers: reportRows(rep.Takeovers, rep.Query.By, names), TakeoverTotals: figures(&rep.TakeoverTotals),
		Lost: rep.Lost, Condensed: rep.Condensed, Unreadable: store.Months(rep.Unreadable), Forgotten: rep.Forgotten, CompleteUntil: rep.Completeness.Until, Waiting: append([]playlists.ScreenID{}, rep.Completeness.Waiting...),
		Methodology: rep.Definitions.Methodology, Definitions: map[string]string{},
	}
	for _, d := range rep.Definitions.Words {
		out.Definitions[d.Word] = d.Meaning
	}
	return s.jsonOf(ctx, out), nil
}

// jsonOf answers with JSON where an operation may also stream something else.
func (s *Server) jsonOf(ctx context.Context, v any) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(to huma.Context) {
		to.SetHeader("Content-Type", "application/json")
		if err := huma.DefaultJSONFormat.Marshal(to.BodyWriter(), v); err != nil {
			s.log.DebugContext(ctx, "report not sent", slogErr(err))
		}
	}}
}

func (s *Server) reportCSV(ctx context.Context, in *reportInput) (*huma.StreamResponse, error) {
	rep, names, err := s.report(ctx, in)
	if err != nil {
		return nil, err
	}
	var table bytes.Buffer
	if err := report.CSV(&table, rep, report.CSVOptions{BOM: true, Names: names}); err != nil {
		return nil, err
	}
	name := fmt.Sprintf("impressions-%s-%s.csv", rep.Query.From, rep.Query.To)
	return &huma.StreamResponse{Body: func(to huma.Context) {
		to.SetHeader("Content-Type", csvType+"; charset=utf-8")
		to.SetHeader("Content-Disposition", `attachment; filename="`+name+`"`)
		if _, err := to.BodyWriter().Write(table.Bytes()); err != nil {
			s.log.DebugContext(ctx, "report not sent", slogErr(err))
		}
	}}, nil
}

// report adds up what whoever asks may see.
func (s *Server) report(ctx context.Context, in *reportInput) (*report.Report, report.Names, error) {
	q, err := query(in)
	if err != nil {
		return nil, nil, err
	}
	screens, err := s.screensByID(ctx)
	if err != nil {
		return nil, nil, err
	}
	departments, err := documentsByID[playlists.DepartmentID, playlists.Department](ctx, s.Store, "department")
	if err != nil {
		return nil, nil, err
	}
	err = mayReport(ctx, &q, screens)
	if err != nil {
		return nil, nil, err
	}
	complete, err := s.completeness(ctx, q, screens, q.End()) // before the figures: they hold at least as much
	if err != nil {
		return nil, nil, err
	}
	rep, err := report.Impressions(s.figuresOf(ctx, q), func(id playlists.ScreenID) playlists.DepartmentID { return screens[id].Department }, q)
	if err != nil {
		return nil, nil, err
	}
	rep.Completeness = complete
	for _, month := range rep.Unreadable {
		s.log.ErrorContext(ctx, "report without a damaged month", slogErr(month))
	}
	if rep.Holed() {
		rep.Completeness.Until = time.Time{}
	}
	names, err := s.names(ctx, screens, departments)
	return rep, names, err
}

// figuresOf reads what a report is made of, by month where it can.
func (s *Server) figuresOf(ctx context.Context, q report.Query) func(store.Apart) iter.Seq2[store.Sum, error] {
	days, months := q.Periods()
	return func(by store.Apart) iter.Seq2[store.Sum, error] {
		var all []iter.Seq2[store.Sum, error]
		for _, p := range days {
			all = append(all, s.Store.Days(ctx, p.From, p.To, by))
		}
		if !months.From.IsZero() {
			all = append(all, s.Store.Months(ctx, months.From, months.To, by))
		}
		return func(yield func(store.Sum, error) bool) {
			for _, sums := range all {
				for sum, err := range sums {
					if !yield(sum, err) {
						return
					}
				}
			}
		}
	}
}

func query(in *reportInput) (report.Query, error) {
	var q report.Query
	var err error
	if q.From, err = playlists.ParseDate(in.From); err != nil {
		return q, fmt.Errorf("from: %w", err)
	}
	if q.To, err = playlists.ParseDate(in.To); err != nil {
		return q, fmt.Errorf("to: %w", err)
	}
	q.By = words[report.Dimension](in.By)
	q.Departments, q.Screens, q.Items = words[playlists.DepartmentID](in.Department), words[playlists.ScreenID](in.Screen), words[playlists.ItemID](in.Item)
	return q, q.Validate()
}

func words[T ~string](list string) []T {
	var all []T
	for word := range strings.SplitSeq(list, ",") {
		if word = strings.TrimSpace(word); word != "" {
			all = append(all, T(word))
		}
	}
	return all
}

// mayReport narrows a question about all departments to those whose figures whoever asks may see, and
// refuses one about others.
func mayReport(ctx context.Context, q *report.Query, screens map[playlists.ScreenID]playlists.Screen) error {
	actor, _ := access.FromContext(ctx)
	if len(q.Departments) == 0 && !actor.Everywhere {
		q.Departments = append([]playlists.DepartmentID{}, actor.Departments...)
	}
	named := slices.Clone(q.Departments)
	for _, id := range q.Screens {
		named = append(named, screens[id].Department)
	}
	if len(named) == 0 {
		return may(ctx, access.See, access.Object{Kind: access.PlayKind})
	}
	for _, d := range named { // each by itself: figures of one's own open no others
		if err := may(ctx, access.See, access.Object{Kind: access.PlayKind, Departments: single(d)}); err != nil {
			return err
		}
	}
	return nil
}

// completeness asks how far the plays of each screen of a report have arrived.
func (s *Server) completeness(ctx context.Context, q report.Query, screens map[playlists.ScreenID]playlists.Screen, end time.Time) (report.Completeness, error) {
	arrived, err := s.Store.Heard(ctx)
	if err != nil {
		return report.Completeness{}, fmt.Errorf("asking how far plays have arrived: %w", err)
	}
	heard := make(map[playlists.ScreenID]time.Time, len(screens))
	var asked []playlists.ScreenID
	for id, screen := range screens {
		if !chosen(q.Departments, screen.Department) || !chosen(q.Screens, id) {
			continue
		}
		player, ok := s.Players.IDOf(id)
		if !ok {
			continue // nobody serves it, so nothing is on its way
		}
		asked = append(asked, id)
		mark := arrived[player]
		presence, _ := s.Players.Presence(player)
		heard[id] = report.Evidence{Ended: mark.Ended, Arrived: mark.At, SentAll: presence.SentAll}.Until()
	}
	if soon := s.Now().Add(-arriveWithin); soon.Before(end) {
		end = soon
	}
	return report.CompleteUntil(asked, heard, end), nil
}

// arriveWithin is how old the newest evidence of a linked player can be: with turns of up to two
// minutes, a play ends two minutes after the one before and is sent a minute later, and between turns that
// are longer a heartbeat says that nothing waits.
const arriveWithin = 4 * time.Minute

// chosen reports whether one is in a list of which none means all.
func chosen[T comparable](list []T, one T) bool { return len(list) == 0 || slices.Contains(list, one) }

// names gives what people call the things in a report.
func (s *Server) names(ctx context.Context, screens map[playlists.ScreenID]playlists.Screen, departments map[playlists.DepartmentID]playlists.Department) (report.Names, error) {
	items, err := s.items.newest(ctx, s.Store)
	if err != nil {
		return nil, err
	}
	return func(d report.Dimension, id string) string {
		switch d {
		case report.ByDepartment:
			return departments[playlists.DepartmentID(id)].Name
		case report.ByScreen:
			return screens[playlists.ScreenID(id)].Name
		case report.ByItem:
			item, ok := find(items, id)
			if !ok {
				return ""
			}
			return item.Title
		case report.ByDay:
			return id
		}
		return id
	}, nil
}

func reportRows(rows []report.Row, dimensions []report.Dimension, names report.Names) []ReportRow {
	out := make([]ReportRow, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		row := ReportRow{Department: r.Department, Screen: r.Screen, Item: r.Item, Takeover: r.Takeover, Day: r.Day, ReportFigures: figures(&r.Figures)}
		var keys, said []string
		for _, d := range dimensions {
			id := keyOf(r, d)
			keys = append(keys, id)
			said = append(said, cmp.Or(names(d, id), id))
		}
		row.Key, row.Name = strings.Join(keys, " / "), strings.Join(said, ", ")
		out = append(out, row)
	}
	return out
}

func keyOf(r *report.Row, d report.Dimension) string {
	switch d {
	case report.ByDepartment:
		return string(r.Department)
	case report.ByScreen:
		return string(r.Screen)
	case report.ByItem:
		return cmp.Or(string(r.Item), string(r.Takeover))
	case report.ByDay:
		return r.Day.String()
	}
	return ""
}
