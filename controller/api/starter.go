package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"anteroom/controller/access"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// TemplateProposal is what a template would make of a department, before it is made.
type TemplateProposal struct {
	Department Department        `json:"department" doc:"The department as it would be"`
	Playlist   *Playlist         `json:"playlist,omitempty" doc:"Its first playlist; absent if the library has nothing for it"`
	Windows    []Window          `json:"windows" doc:"They have the playlist on in opening hours"`
	Missing    []playlists.Phase `json:"missing" doc:"Phases of care for which the library has nothing that fits"`

	Titles map[playlists.ItemID]string `json:"titles" doc:"What the items of the playlist are called"`
	Seen   string                      `json:"seen" doc:"Names what is proposed; send it to have just that made"`
}

// TemplateOrder has a template make what was proposed.
type TemplateOrder struct {
	Template playlists.DepartmentTemplateID `json:"template" maxLength:"64" doc:"Of the list, \"cardiology\""`
	Seen     string                         `json:"seen" maxLength:"64" doc:"What the proposal said; another proposal by now is refused"`
}

// MadeDocument is a draft that a template made or changed.
type MadeDocument struct {
	Kind   store.Kind `json:"kind" enum:"department,playlist,window"`
	ID     string     `json:"id" maxLength:"64"`
	Before uint64     `json:"before" doc:"The revision before; 0 if it was made"`
	After  uint64     `json:"after" doc:"The revision that the template wrote"`
}

// MadeByTemplate are the drafts that a template made, to be published or taken back.
type MadeByTemplate struct {
	Documents []MadeDocument `json:"documents" maxItems:"100" doc:"Send them back to undo it"`
}

func (s *Server) departmentTemplates() {
	type (
		idIn struct {
			ID       playlists.DepartmentID         `path:"id" maxLength:"64"`
			Template playlists.DepartmentTemplateID `query:"template" required:"true" maxLength:"64"`
		}
		proposed struct{ Body TemplateProposal }
		orderIn  struct {
			ID   playlists.DepartmentID `path:"id" maxLength:"64"`
			Body TemplateOrder
		}
		made   struct{ Body MadeByTemplate }
		undoIn struct {
			ID   playlists.DepartmentID `path:"id" maxLength:"64"`
			Body MadeByTemplate
		}
	)
	const one = "/api/v1/departments/{id}/template"
	operation(s, http.MethodGet, "/api/v1/department-templates", "listDepartmentTemplates", "What kinds of department there are templates for",
		func(context.Context, *listInput) (*list[playlists.DepartmentTemplate], error) {
			out := &list[playlists.DepartmentTemplate]{}
			out.Body.Items = playlists.DepartmentTemplates()
			return out, nil
		})
	operation(s, http.MethodGet, one, "proposeTemplate", "What a template would make of a department: a first playlist from the library, when it is on, hours and what must run; and what is missing",
		func(ctx context.Context, in *idIn) (*proposed, error) {
			p, err := s.propose(ctx, in.ID, in.Template)
			return &proposed{Body: p}, err
		})
	operation(s, http.MethodPost, one, "applyTemplate", "Make what a template proposes, as drafts",
		func(ctx context.Context, in *orderIn) (*made, error) {
			m, err := s.applyTemplate(ctx, in.ID, in.Body)
			return &made{Body: m}, err
		}, status(http.StatusCreated))
	operation(s, http.MethodPost, one+"/undo", "undoTemplate", "Take back what a template made, unless somebody has changed it since",
		func(ctx context.Context, in *undoIn) (*struct{}, error) {
			return nil, s.undoTemplate(ctx, in.ID, in.Body)
		}, status(http.StatusNoContent))
}

func (s *Server) propose(ctx context.Context, d playlists.DepartmentID, t playlists.DepartmentTemplateID) (TemplateProposal, error) {
	if err := may(ctx, access.Edit, access.Object{Kind: "department", Departments: single(d)}); err != nil {
		return TemplateProposal{}, err
	}
	made, err := s.Publish.Propose(ctx, d, t)
	if err != nil {
		return TemplateProposal{}, err
	}
	p := TemplateProposal{
		Department: Department{Department: made.Department}, Windows: []Window{}, Missing: made.Missing, Titles: map[playlists.ItemID]string{},
	}
	for _, w := range made.Windows {
		p.Windows = append(p.Windows, Window{Window: w})
	}
	if made.Playlist != nil {
		p.Playlist = &Playlist{Playlist: *made.Playlist}
		for _, e := range made.Playlist.Entries {
			if p.Titles[e.Item], err = s.titleNow(ctx, e.Item); err != nil {
				return p, err
			}
		}
	}
	p.Seen, err = seenOf(&made)
	return p, err
}

// seenOf names a proposal: others have another name.
func seenOf(p *playlists.Proposal) (string, error) {
	b, err := json.Marshal(p)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16]), err
}

func (s *Server) applyTemplate(ctx context.Context, id playlists.DepartmentID, o TemplateOrder) (MadeByTemplate, error) {
	made := MadeByTemplate{Documents: []MadeDocument{}}
	p, err := s.propose(ctx, id, o.Template)
	if err != nil {
		return made, err
	}
	if p.Seen != o.Seen {
		return made, playlists.Refuse(playlists.ErrStale, "something was saved since you looked; look at what the template would make now, and make it then")
	}
	err = s.Store.Update(ctx, func(tx store.Tx) error {
		made.Documents = made.Documents[:0]
		was, err := tx.Get("department", string(id))
		if err != nil {
			return missing(err, "department", string(id))
		}
		d := &p.Department
		err = write[Department, playlists.Department](ctx, tx, departmentsKind(), string(id), was.Revision, d)
		made.Documents = append(made.Documents, MadeDocument{"department", string(id), was.Revision, d.Revision})
		if err != nil || p.Playlist == nil {
			return err
		}
		list := p.Playlist
		if err := write[Playlist, playlists.Playlist](ctx, tx, playlistsKind(), string(list.ID), 0, list); err != nil {
			return err
		}
		made.Documents = append(made.Documents, MadeDocument{"playlist", string(list.ID), 0, list.Revision})
		for i := range p.Windows {
			w := &p.Windows[i]
			if err := write[Window, playlists.Window](ctx, tx, windowsKind(), string(w.ID), 0, w); err != nil {
				return err
			}
			made.Documents = append(made.Documents, MadeDocument{"window", string(w.ID), 0, w.Revision})
		}
		return nil
	})
	return made, err
}

func (s *Server) undoTemplate(ctx context.Context, id playlists.DepartmentID, made MadeByTemplate) error {
	if err := may(ctx, access.Edit, access.Object{Kind: "department", Departments: single(id)}); err != nil {
		return err
	}
	return s.Store.Update(ctx, func(tx store.Tx) error {
		for _, m := range slices.Backward(made.Documents) { // what names others goes first
			if m.Kind == "department" && m.ID != string(id) {
				return playlists.Refuse(playlists.ErrInvalid, "documents: they are of another department")
			}
			if err := undoMade(ctx, tx, &m); err != nil {
				return err
			}
		}
		return nil
	})
}

func undoMade(ctx context.Context, tx store.Tx, m *MadeDocument) error {
	switch m.Kind {
	case "department":
		return putBack[Department, playlists.Department](ctx, tx, departmentsKind(), m)
	case "playlist":
		return putBack[Playlist, playlists.Playlist](ctx, tx, playlistsKind(), m)
	case "window":
		return putBack[Window, playlists.Window](ctx, tx, windowsKind(), m)
	}
	return playlists.Refuse(playlists.ErrInvalid, "documents: no template makes a %s", m.Kind)
}

// putBack has a document be as it was before, or not be, if it is still as the template left it.
func putBack[D, T any, P document[D, T]](ctx context.Context, tx store.Tx, k kind[D, T], m *MadeDocument) error {
	now, err := tx.Get(k.name, m.ID)
	if err != nil {
		return missing(err, k.one, m.ID)
	}
	if now.Revision != m.After {
		return playlists.Refuse(playlists.ErrStale, "%s has changed the %s %s since; put that right by hand", now.By, k.one, m.ID)
	}
	if m.Before == 0 {
		if _, err := current[D, T, P](ctx, tx, k, access.Edit, m.ID); err != nil {
			return err
		}
		_, err := tx.Delete(k.name, m.ID, m.After, by(ctx))
		return err
	}
	before, err := tx.GetRevision(k.name, m.ID, m.Before)
	if err != nil {
		return fmt.Errorf("reading %s %s as it was: %w", k.one, m.ID, err)
	}
	d, err := decode[D, T, P](before)
	if err != nil {
		return err
	}
	return write[D, T, P](ctx, tx, k, m.ID, m.After, d)
}
