package api

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"anteroom/controller/access"
	"anteroom/controller/access/audit"
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
	BackTo      uint64                   `json:"back_to,omitempty" doc:"The earlier publication that this one brings back"`
	From        time.Time                `json:"from,omitzero" doc:"When screens switch at the earliest, if a time was chosen"`
	Screens     int                      `json:"screens" doc:"How many screens got something new"`
	Problems    []playlists.Problem      `json:"problems"`
}

func publication(p *publish.Publication) Publication {
	return Publication{
		Number: p.Number, At: p.At, By: p.By, Note: p.Note, Departments: p.Departments,
		UndoOf: p.UndoOf, BackTo: p.BackTo, From: p.From, Screens: p.Screens, Problems: p.Problems,
	}
}

// PublicationOrder chooses what to publish, or what to take back.
type PublicationOrder struct {
	Departments []playlists.DepartmentID `json:"departments,omitempty" doc:"Departments to bring up to date; none means all"`
	Note        string                   `json:"note,omitempty" maxLength:"500"`
	Drafts      string                   `json:"drafts,omitempty" maxLength:"64" doc:"Of a preview of the same departments: publish only if nothing of theirs was saved since"`
	Undo        uint64                   `json:"undo,omitempty" doc:"Instead: the publication to take back"`
	BackTo      uint64                   `json:"back_to,omitempty" doc:"Instead: the earlier publication whose state its departments get again"`
}

// LaterOrder chooses what to publish at a later time, as it is now.
type LaterOrder struct {
	Departments []playlists.DepartmentID `json:"departments,omitempty" doc:"Departments to bring up to date; none means all"`
	Note        string                   `json:"note,omitempty" maxLength:"500"`
	Drafts      string                   `json:"drafts,omitempty" maxLength:"64" doc:"Of a preview of the same departments: publish only if nothing of theirs was saved since"`
	At          time.Time                `json:"at" doc:"When screens are to switch, within the next twelve months"`
}

// WaitingPublication is a publication that was ordered for a later time.
type WaitingPublication struct {
	Number      uint64                   `json:"number,omitempty" doc:"Its number among those that wait; absent if it went out at once, as its time was near"`
	At          time.Time                `json:"at" doc:"When screens are to switch"`
	By          string                   `json:"by"`
	Ordered     time.Time                `json:"ordered"`
	Note        string                   `json:"note,omitempty"`
	Departments []playlists.DepartmentID `json:"departments" doc:"Those that it is still for"`
	Publication uint64                   `json:"publication,omitempty" doc:"The publication that it became"`
}

func waitingPublication(w *publish.Waiting) WaitingPublication {
	return WaitingPublication{
		Number: w.Number, At: w.At, By: w.By, Ordered: w.Ordered, Note: w.Note, Departments: w.Departments, Publication: w.Publication,
	}
}

// previewDays is how far ahead a preview looks if nobody says.
const previewDays = 7

func (s *Server) publications() {
	type in struct{ Body PublicationOrder }
	type out struct{ Body Publication }
	type numberIn struct {
		Number uint64 `path:"number"`
	}
	s.previewPublication()
	s.comparePublications()
	s.waitingPublications()
	operation(s, http.MethodPost, "/api/v1/publications", "publish", "Put drafts on screens, take a publication back, or go back to one",
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
	operation(s, http.MethodGet, "/api/v1/publications/{number}/changes", "changesOfPublication", "The documents that a publication changed, against what was in force before it",
		func(ctx context.Context, in *numberIn) (*list[publish.Change], error) {
			out := &list[publish.Change]{}
			var err error
			out.Body.Items, err = s.Publish.Changes(ctx, in.Number)
			return out, err
		})
}

func (s *Server) previewPublication() {
	type in struct {
		Body struct {
			Departments []playlists.DepartmentID `json:"departments,omitempty" doc:"None means all"`
			Days        int                      `json:"days,omitempty" minimum:"1" maximum:"31" doc:"How many days are compared; 7 if left out"`
			At          time.Time                `json:"at,omitzero" doc:"When it is to happen; now if left out"`
			Undo        uint64                   `json:"undo,omitempty" doc:"Instead of drafts: what taking this publication back would do"`
			BackTo      uint64                   `json:"back_to,omitempty" doc:"Instead of drafts: what going back to this publication would do"`
		}
	}
	type out struct{ Body publish.Preview }
	operation(s, http.MethodPost, "/api/v1/publications/preview", "previewPublication", "What publishing would change, and what is wrong; of screens that you may see, what people would see of it",
		func(ctx context.Context, in *in) (*out, error) {
			if (in.Body.Undo != 0 || in.Body.BackTo != 0) && len(in.Body.Departments) > 0 {
				return nil, errWhole()
			}
			p, err := s.Publish.Preview(ctx, publish.Question{
				Departments: in.Body.Departments, Span: time.Duration(cmp.Or(in.Body.Days, previewDays)) * 24 * time.Hour,
				At: in.Body.At, Undo: in.Body.Undo, BackTo: in.Body.BackTo, Sees: seesScreens(ctx),
			})
			return &out{Body: p}, err
		})
}

func (s *Server) comparePublications() {
	type in struct {
		Before uint64    `query:"before" required:"true" minimum:"1" doc:"The number of a publication"`
		After  uint64    `query:"after" required:"true" minimum:"1" doc:"That of another one; it may be the earlier of the two"`
		Days   int       `query:"days" minimum:"1" maximum:"31" default:"7" doc:"How many days are compared"`
		From   time.Time `query:"from" doc:"When they begin; now if left out"`
	}
	type out struct{ Body publish.Comparison }
	operation(s, http.MethodGet, "/api/v1/publications/compared", "comparePublications",
		"What two publications show differently: each with all that was in force once it had gone out, as if it went on through the days compared; of screens that you may see",
		func(ctx context.Context, in *in) (*out, error) {
			c, err := s.Publish.Compare(ctx, publish.Pair{
				Before: in.Before, After: in.After, From: in.From, Span: time.Duration(in.Days) * 24 * time.Hour, Sees: seesScreens(ctx),
			})
			return &out{Body: c}, err
		})
}

// seesScreens reports whether whoever asks may see a department's screens. What it gives is for one goroutine.
func seesScreens(ctx context.Context) func(playlists.DepartmentID) bool {
	known := map[playlists.DepartmentID]bool{}
	return func(d playlists.DepartmentID) bool {
		sees, ok := known[d]
		if !ok {
			sees = may(ctx, access.See, access.Object{Kind: "screen", Departments: single(d)}) == nil
			known[d] = sees
		}
		return sees
	}
}

func (s *Server) waitingPublications() {
	type in struct{ Body LaterOrder }
	type out struct{ Body WaitingPublication }
	type numberIn struct {
		Number uint64 `path:"number"`
	}
	operation(s, http.MethodPost, "/api/v1/publications/waiting", "publishLater", "Put drafts, as they are now, on screens at a later time",
		func(ctx context.Context, in *in) (*out, error) {
			departments, err := s.publishing(ctx, in.Body.Departments)
			if err != nil {
				return nil, err
			}
			w, err := s.Publish.PublishAt(ctx, publish.Order{Departments: departments, Note: in.Body.Note, By: by(ctx), Drafts: in.Body.Drafts}, in.Body.At)
			return &out{Body: waitingPublication(&w)}, err
		}, status(http.StatusCreated))
	operation(s, http.MethodGet, "/api/v1/publications/waiting", "listWaitingPublications", "The publications that wait for their time, the next first",
		func(context.Context, *listInput) (*list[WaitingPublication], error) {
			out := &list[WaitingPublication]{}
			out.Body.Items = []WaitingPublication{}
			for _, w := range s.Publish.Waiting() {
				out.Body.Items = append(out.Body.Items, waitingPublication(&w))
			}
			return out, nil
		})
	operation(s, http.MethodDelete, "/api/v1/publications/waiting/{number}", "takeBackWaitingPublication", "Take a publication back that waits",
		func(ctx context.Context, in *numberIn) (*struct{}, error) {
			for _, w := range s.Publish.Waiting() {
				if w.Number != in.Number {
					continue
				}
				if err := may(ctx, access.Publish, access.Object{Kind: publish.PublicationKind, Departments: w.Departments}); err != nil {
					return nil, err
				}
			}
			return nil, s.Publish.TakeBack(ctx, in.Number, by(ctx))
		}, status(http.StatusNoContent))
}

// publishing gives the departments chosen, or all there are, if whoever asks may publish for them.
func (s *Server) publishing(ctx context.Context, chosen []playlists.DepartmentID) ([]playlists.DepartmentID, error) {
	departments, err := s.orAll(ctx, chosen)
	if err != nil {
		return nil, err
	}
	return departments, may(ctx, access.Publish, access.Object{Kind: publish.PublicationKind, Departments: departments})
}

func errWhole() error {
	return playlists.Refuse(playlists.ErrInvalid, "departments: going back is for all departments of a publication; leave them out")
}

func (s *Server) publish(ctx context.Context, o PublicationOrder) (publish.Publication, error) {
	if o.Undo != 0 || o.BackTo != 0 {
		return s.goBack(ctx, o)
	}
	departments, err := s.publishing(ctx, o.Departments)
	if err != nil {
		return publish.Publication{}, err
	}
	return s.Publish.Publish(audit.As(ctx, publish.PublicationKind, audit.Published), publish.Order{Departments: departments, Note: o.Note, By: by(ctx), Drafts: o.Drafts})
}

func (s *Server) goBack(ctx context.Context, o PublicationOrder) (publish.Publication, error) {
	if len(o.Departments) > 0 {
		return publish.Publication{}, errWhole()
	}
	if o.Undo != 0 && o.BackTo != 0 {
		return publish.Publication{}, playlists.Refuse(playlists.ErrInvalid, "back_to: take one back, or go back to one, not both")
	}
	all, err := s.Publish.List(ctx)
	if err != nil {
		return publish.Publication{}, err
	}
	for i := range all {
		if all[i].Number == cmp.Or(o.Undo, o.BackTo) {
			err = may(ctx, access.Publish, access.Object{Kind: publish.PublicationKind, Departments: all[i].Departments})
		}
	}
	if err != nil {
		return publish.Publication{}, err
	}
	ctx = audit.As(ctx, publish.PublicationKind, audit.Undone)
	if o.BackTo != 0 {
		return s.Publish.BackTo(ctx, o.BackTo, o.Note, by(ctx))
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
