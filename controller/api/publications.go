package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"anteroom/controller/access"
	"anteroom/controller/publish"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// Publication is one act of putting documents on screens.
type Publication struct {
	Number      uint64                   `json:"number"`
	At          time.Time                `json:"at"`
	By          string                   `json:"by"`
	Note        string                   `json:"note,omitempty"`
	Departments []playlists.DepartmentID `json:"departments"`
	UndoOf      uint64                   `json:"undo_of,omitempty" doc:"The publication that this one takes back"`
	Screens     int                      `json:"screens" doc:"How many screens got something new"`
	Problems    []playlists.Problem      `json:"problems"`
}

func publication(p *publish.Publication) Publication {
	return Publication{
		Number: p.Number, At: p.At, By: p.By, Note: p.Note, Departments: p.Departments,
		UndoOf: p.UndoOf, Screens: p.Screens, Problems: p.Problems,
	}
}

// PublicationOrder chooses what to publish, or what to take back.
type PublicationOrder struct {
	Departments []playlists.DepartmentID `json:"departments,omitempty" doc:"Departments to bring up to date; none means all"`
	Note        string                   `json:"note,omitempty" maxLength:"500"`
	Undo        uint64                   `json:"undo,omitempty" doc:"Instead: the publication to take back"`
}

// previewDays is how far ahead a preview looks if nobody says.
const previewDays = 7

func (s *Server) publications() {
	type previewIn struct {
		Body struct {
			Departments []playlists.DepartmentID `json:"departments,omitempty" doc:"None means all"`
			Days        int                      `json:"days,omitempty" minimum:"1" maximum:"31" doc:"How many days from now on are compared; 7 if left out"`
		}
	}
	type previewOut struct{ Body publish.Preview }
	type in struct{ Body PublicationOrder }
	type out struct{ Body Publication }
	operation(s, http.MethodPost, "/api/v1/publications/preview", "previewPublication", "What publishing would change, and what is wrong; of screens that you may see, what people would see of it",
		func(ctx context.Context, in *previewIn) (*previewOut, error) {
			p, err := s.Publish.Preview(ctx, publish.Question{
				Departments: in.Body.Departments, Span: time.Duration(cmp.Or(in.Body.Days, previewDays)) * 24 * time.Hour,
				Sees: func(d playlists.DepartmentID) bool {
					return may(ctx, access.See, access.Object{Kind: "screen", Departments: single(d)}) == nil
				},
			})
			return &previewOut{Body: p}, err
		})
	operation(s, http.MethodPost, "/api/v1/publications", "publish", "Put drafts on screens, or take a publication back",
		func(ctx context.Context, in *in) (*out, error) {
			p, err := s.publish(ctx, in.Body)
			if err != nil {
				return nil, err
			}
			return &out{Body: publication(&p)}, nil
		}, status(http.StatusCreated))
	operation(s, http.MethodGet, "/api/v1/publications", "listPublications", "All publications, newest first",
		func(ctx context.Context, _ *listInput) (*list[Publication], error) {
			all, err := s.Publish.List(ctx)
			out := &list[Publication]{}
			out.Body.Items = []Publication{}
			for i := range all {
				out.Body.Items = append(out.Body.Items, publication(&all[i]))
			}
			return out, err
		})
}

func (s *Server) publish(ctx context.Context, o PublicationOrder) (publish.Publication, error) {
	if o.Undo != 0 {
		return s.undo(ctx, o)
	}
	departments, err := s.orAll(ctx, o.Departments)
	if err != nil {
		return publish.Publication{}, err
	}
	if err := may(ctx, access.Publish, access.Object{Kind: publish.PublicationKind, Departments: departments}); err != nil {
		return publish.Publication{}, err
	}
	return s.Publish.Publish(ctx, publish.Order{Departments: departments, Note: o.Note, By: by(ctx)})
}

func (s *Server) undo(ctx context.Context, o PublicationOrder) (publish.Publication, error) {
	if len(o.Departments) > 0 {
		return publish.Publication{}, fmt.Errorf("%w: departments: undo takes back a publication whole; leave them out", playlists.ErrInvalid)
	}
	all, err := s.Publish.List(ctx)
	if err != nil {
		return publish.Publication{}, err
	}
	for i := range all {
		if all[i].Number == o.Undo {
			err = may(ctx, access.Publish, access.Object{Kind: publish.PublicationKind, Departments: all[i].Departments})
		}
	}
	if err != nil {
		return publish.Publication{}, err
	}
	return s.Publish.Undo(ctx, o.Undo, o.Note, by(ctx))
}

// orAll gives the departments chosen, or all there are.
func (s *Server) orAll(ctx context.Context, chosen []playlists.DepartmentID) ([]playlists.DepartmentID, error) {
	if len(chosen) > 0 {
		return chosen, nil
	}
	var all []playlists.DepartmentID
	err := s.Store.View(ctx, func(v store.View) (err error) {
		all, err = collect(v, "department", func(d playlists.Department) (playlists.DepartmentID, bool) { return d.ID, true })
		return err
	})
	return all, err
}
