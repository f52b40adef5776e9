package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"time"

	"anteroom/controller/access"
	"anteroom/controller/coverage"
	"anteroom/controller/publish"
	"anteroom/controller/report"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// Coverage says which phases of care reach people in which language, in each department that one may see.
type Coverage struct {
	Departments []DepartmentCoverage `json:"departments" doc:"By name"`
	Until       playlists.Date       `json:"until" doc:"The last day of the weeks and months looked back on"`
	Unreadable  []string             `json:"unreadable,omitempty" doc:"Months, 2026-11: some or all plays that came in during them cannot be read and are missing from the figures"`
	Forgotten   string               `json:"forgotten,omitempty" doc:"A month, 2026-10: plays of the days that came in until its end are no longer kept, and are missing from what was shown"`
}

// DepartmentCoverage is the coverage of one department.
type DepartmentCoverage struct {
	Department playlists.DepartmentID `json:"department"`
	Name       string                 `json:"name"`
	Languages  []playlists.Language   `json:"languages" doc:"Its language mix, the largest share first, and its fallback"`
	Screens    int                    `json:"screens" doc:"Screens that have something published"`
	OpenHours  float64                `json:"open_hours" doc:"Full opening hours of a screen in the coming 7 days, on average"`
	Cells      []CoverageCell         `json:"cells" doc:"By phase of care, and then by language"`
}

// CoverageCell is what reaches people of one phase in one language. What has no words speaks every language.
type CoverageCell struct {
	Phase       playlists.Phase    `json:"phase,omitempty" doc:"Absent for items of no phase"`
	Language    playlists.Language `json:"language"`
	Ready       int                `json:"ready" doc:"Items that are approved and valid now"`
	Others      int                `json:"others" doc:"Items that wait for review, were sent back, or are not valid now"`
	PerHour     float64            `json:"per_hour" doc:"Plays in an opening hour of the coming 7 days on one screen, on average, by what is published"`
	WeekPlays   int64              `json:"week_plays" doc:"Plays of the last 7 days, shown from beginning to end"`
	WeekSeconds float64            `json:"week_seconds" doc:"How long those were on the screens"`
	Plays       int64              `json:"plays" doc:"The same of the last 30 days"`
	Seconds     float64            `json:"seconds"`
	Gap         coverage.Gap       `json:"gap,omitempty" enum:"no-item,no-language,not-ready,not-scheduled,not-shown" doc:"What is missing first, if anything is"`
	Lacking     []playlists.ItemID `json:"lacking,omitempty" doc:"Items of the phase that are ready and not in this language, the first of them"`
}

const (
	weekDays  = 7
	monthDays = 30
	// mostLacking bounds how many items are named that lack a language.
	mostLacking = 20
)

func (s *Server) coverage() {
	type input struct {
		Department playlists.DepartmentID `query:"department" maxLength:"64" doc:"Only this department"`
	}
	type out struct{ Body Coverage }
	operation(s, http.MethodGet, "/api/v1/coverage", "getCoverage", "Which phases of care reach people in which language: in the library, scheduled, really shown",
		func(ctx context.Context, in *input) (*out, error) {
			covered, err := s.covered(ctx, in.Department)
			return &out{Body: covered}, err
		})
}

func (s *Server) covered(ctx context.Context, only playlists.DepartmentID) (Coverage, error) {
	departments, err := s.coverable(ctx, only)
	if err != nil {
		return Coverage{}, err
	}
	now := s.Now()
	utc := now.UTC()
	out := Coverage{Departments: []DepartmentCoverage{}, Until: playlists.Date{Year: utc.Year(), Month: utc.Month(), Day: utc.Day()}}
	of := make(evidence, len(departments))
	for _, d := range departments {
		of[d.ID] = coverage.NewEvidence()
	}
	if err := s.addEvidence(ctx, &out, departments, of, now); err != nil {
		return Coverage{}, err
	}
	copies, err := s.items.newest(ctx, s.Store)
	items := make([]*playlists.Item, len(copies))
	for i := range copies {
		items[i] = &copies[i].value
	}
	for i := range departments {
		out.Departments = append(out.Departments, departmentCoverage(&departments[i], items, of[departments[i].ID], now))
	}
	return out, err
}

// coverable gives the departments whose figures one may see, by name.
func (s *Server) coverable(ctx context.Context, only playlists.DepartmentID) ([]playlists.Department, error) {
	all, err := documentsByID[playlists.DepartmentID, playlists.Department](ctx, s.Store, "department")
	if err != nil {
		return nil, err
	}
	if _, known := all[only]; only != "" && !known {
		return nil, playlists.Refuse(playlists.ErrNotFound, "there is no department %q", only)
	}
	departments := []playlists.Department{}
	for id, d := range all {
		err := may(ctx, access.See, access.Object{Kind: access.PlayKind, Departments: single(id)})
		switch {
		case err == nil && (only == "" || only == id):
			departments = append(departments, d)
		case err != nil && only == id:
			return nil, err
		}
	}
	slices.SortFunc(departments, func(a, b playlists.Department) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return departments, nil
}

// addEvidence finds what is scheduled for the departments, and what was shown in them.
func (s *Server) addEvidence(ctx context.Context, out *Coverage, departments []playlists.Department, of evidence, now time.Time) error {
	screens, err := s.screensByID(ctx)
	if err != nil {
		return err
	}
	departmentOf := func(id playlists.ScreenID) (playlists.DepartmentID, bool) {
		d := screens[id].Department
		return d, of[d] != nil
	}
	inForce, err := s.Publish.InForce(departmentOf)
	if err != nil {
		return err
	}
	if err := of.plan(inForce, departments, now); err != nil {
		return err
	}
	by := store.Apart{Item: true, Language: true, Takeover: true, Group: func(id playlists.ScreenID) (string, bool) {
		d, asked := departmentOf(id)
		return string(d), asked
	}}
	week, month := out.Until.AddDays(1-weekDays), out.Until.AddDays(1-monthDays)
	rep := report.Report{}
	err = errors.Join(
		of.look(s.Store.Days(ctx, week, out.Until, by), &rep, (*coverage.Evidence).AddWeek),
		of.look(s.Store.Days(ctx, month, week.AddDays(-1), by), &rep, (*coverage.Evidence).AddEarlier),
	)
	out.Unreadable, out.Forgotten = store.Months(rep.Unreadable), rep.Forgotten
	return err
}

// evidence is what is known of departments.
type evidence map[playlists.DepartmentID]*coverage.Evidence

// look takes in what was shown from beginning to end, but for takeovers.
func (of evidence) look(sums iter.Seq2[store.Sum, error], rep *report.Report, take func(*coverage.Evidence, coverage.What, coverage.Shown)) error {
	for sum, err := range sums {
		if err != nil {
			if err = rep.Without(err); err != nil {
				return fmt.Errorf("reading plays: %w", err)
			}
			continue
		}
		if e := &sum.Entry; e.Outcome == playlists.Complete && e.Takeover == "" {
			take(of[playlists.DepartmentID(sum.Group)], coverage.What{Item: e.Item, Language: e.Language}, coverage.Shown{Plays: sum.Count, Millis: sum.Millis})
		}
	}
	return nil
}

// plan counts what is scheduled in the coming days.
func (of evidence) plan(inForce []publish.InForce, departments []playlists.Department, now time.Time) error {
	known := map[playlists.DepartmentID]*playlists.Department{}
	for i := range departments {
		known[departments[i].ID] = &departments[i]
	}
	for _, f := range inForce {
		p, err := playlists.NewProgramme(f.Manifest, nil)
		if err != nil {
			return fmt.Errorf("opening what is published for %s: %w", f.Department, err)
		}
		scheduled, hours := p.Scheduled(known[f.Department], now, now.Add(weekDays*24*time.Hour))
		of[f.Department].Plan.Add(f.Screens, scheduled, hours)
	}
	return nil
}

func departmentCoverage(d *playlists.Department, items []*playlists.Item, e *coverage.Evidence, now time.Time) DepartmentCoverage {
	out := DepartmentCoverage{Department: d.ID, Name: d.Name, Languages: coverage.Languages(d), Screens: e.Plan.Screens, Cells: []CoverageCell{}}
	if e.Plan.Screens > 0 {
		out.OpenHours = float64(e.Plan.Hours) / float64(e.Plan.Screens)
	}
	for _, c := range coverage.Of(d, items, e, now) {
		out.Cells = append(out.Cells, CoverageCell{
			Phase: c.Phase, Language: c.Language, Ready: c.Ready, Others: c.Others, PerHour: c.PerHour,
			WeekPlays: c.Week.Plays, WeekSeconds: float64(c.Week.Millis) / 1000, Plays: c.Month.Plays, Seconds: float64(c.Month.Millis) / 1000,
			Gap: c.Gap, Lacking: c.Lacking[:min(len(c.Lacking), mostLacking)],
		})
	}
	return out
}
