package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"anteroom/controller/access"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// ItemUses says where an item is used, by the newest documents. A takeover carries its own slides and uses none.
type ItemUses struct {
	Playlists   []PlaylistUse            `json:"playlists" doc:"Playlists with an entry of the item, by name"`
	Departments []playlists.DepartmentID `json:"departments" doc:"Departments whose screens show any of those playlists"`
}

// PlaylistUse is a playlist that has an item, and where the playlist shows.
type PlaylistUse struct {
	ID          playlists.PlaylistID     `json:"id"`
	Name        string                   `json:"name"`
	Entries     int                      `json:"entries" doc:"How many of its entries show the item; those that are off count"`
	Others      int                      `json:"others" doc:"How many of its entries are on and show something else"`
	Windows     []WindowUse              `json:"windows" doc:"Windows that show the playlist, by itself or in a layout"`
	Departments []playlists.DepartmentID `json:"departments" doc:"Departments whose screens show the playlist: in a window, as their filler or when they are closed"`
}

// WindowUse is a window that shows a playlist.
type WindowUse struct {
	ID   playlists.WindowID `json:"id"`
	Name string             `json:"name"`
}

// InUseError is the problem of a deletion that would leave holes, with where those would be.
type InUseError struct {
	ProblemError

	Uses ItemUses `json:"uses"`
}

// ReplacementOrder puts another item in an item's place.
type ReplacementOrder struct {
	With   playlists.ItemID `json:"with,omitempty" doc:"The item that takes its place in every playlist, with the same length and weight; left out, its entries go"`
	Delete bool             `json:"delete,omitempty" doc:"Delete the item once nothing uses it"`
}

// Replacement is what came of a [ReplacementOrder]. Screens change when the departments are published.
type Replacement struct {
	Playlists   []playlists.PlaylistID   `json:"playlists" doc:"Playlists that were written anew"`
	Departments []playlists.DepartmentID `json:"departments" doc:"Departments to publish, so that their screens show it"`
}

func (s *Server) itemUses() {
	type usesOut struct{ Body ItemUses }
	operation(s, http.MethodGet, "/api/v1/items/{id}/uses", "usesOfItem", "Where an item is used",
		func(ctx context.Context, in *idInput) (*usesOut, error) {
			out := &usesOut{}
			return out, s.Store.View(ctx, func(v store.View) (err error) {
				if err := may(ctx, access.See, access.Object{Kind: "item"}); err != nil {
					return err
				}
				if _, err := v.Get("item", in.ID); err != nil {
					return missing(err, "item", in.ID)
				}
				out.Body, err = usesOf(v, playlists.ItemID(in.ID))
				return err
			})
		})
	type replaceInput struct {
		ID      string `path:"id" maxLength:"64" doc:"The item's id, \"flu-season\""`
		IfMatch string `header:"If-Match" doc:"The ETag of the revision that you saw"`
		Body    ReplacementOrder
	}
	type replaceOut struct{ Body Replacement }
	operation(s, http.MethodPost, "/api/v1/items/{id}/replace", "replaceItem", "Put another item in an item's place, in the newest revision of every playlist",
		func(ctx context.Context, in *replaceInput) (*replaceOut, error) {
			was, err := precondition(in.IfMatch, "")
			if err != nil {
				return nil, err
			}
			out := &replaceOut{}
			err = s.Store.Update(ctx, func(tx store.Tx) (err error) {
				out.Body, err = replace(ctx, tx, playlists.ItemID(in.ID), was, in.Body)
				return err
			})
			return out, stale[Item, playlists.Item](err, "item", nil)
		}, staleAnswer[Item](s))
}

// unused refuses to delete an item that a playlist has, and says which.
func unused(v store.View, id string) error {
	uses, err := usesOf(v, playlists.ItemID(id))
	if err != nil {
		return err
	}
	if len(uses.Playlists) == 0 {
		return dispensable(v, playlists.ItemID(id))
	}
	names := make([]string, 0, len(uses.Playlists))
	for _, p := range uses.Playlists {
		names = append(names, p.Name)
	}
	refused := &InUseError{Uses: uses}
	refused.ProblemError = *newProblem(http.StatusConflict,
		"The item is in these playlists: %s. Put another in its place, or take it out of them first.", strings.Join(names, ", "))
	return refused
}

// dispensable refuses to delete an item that must run in a department, and says in which.
func dispensable(v store.View, id playlists.ItemID) error {
	var names []string
	err := each(v, "department", func(d playlists.Department) error {
		if slices.ContainsFunc(d.Floors, func(f playlists.Floor) bool { return f.Item == id }) {
			names = append(names, d.Name)
		}
		return nil
	})
	if err != nil || len(names) == 0 {
		return err
	}
	slices.Sort(names)
	return newProblem(http.StatusConflict,
		"The item must run in %s. Take it out of what must run there, in the settings, or leave it in the library.", strings.Join(names, ", "))
}

// usesOf follows an item to the playlists that have it, and those to windows and departments.
func usesOf(v store.View, id playlists.ItemID) (ItemUses, error) {
	all := ItemUses{Playlists: []PlaylistUse{}, Departments: []playlists.DepartmentID{}}
	shown, err := playlistUses(v)
	if err != nil {
		return all, err
	}
	windows, err := playlistWindows(v)
	if err != nil {
		return all, err
	}
	err = each(v, "playlist", func(p playlists.Playlist) error {
		use := PlaylistUse{ID: p.ID, Name: p.Name, Windows: append([]WindowUse{}, windows[p.ID]...), Departments: distinct(shown[p.ID])}
		for _, e := range p.Entries {
			if e.Item == id {
				use.Entries++
			} else if e.Weight > 0 {
				use.Others++
			}
		}
		if use.Entries > 0 {
			all.Playlists, all.Departments = append(all.Playlists, use), append(all.Departments, use.Departments...)
		}
		return nil
	})
	slices.SortStableFunc(all.Playlists, func(a, b PlaylistUse) int { return strings.Compare(a.Name, b.Name) })
	all.Departments = distinct(all.Departments)
	return all, err
}

// playlistWindows gives the windows that show a playlist, by itself or in a layout.
func playlistWindows(v store.View) (map[playlists.PlaylistID][]WindowUse, error) {
	layouts := map[playlists.LayoutID]playlists.Layout{}
	if err := each(v, "layout", func(l playlists.Layout) error {
		layouts[l.ID] = l
		return nil
	}); err != nil {
		return nil, err
	}
	windows := map[playlists.PlaylistID][]WindowUse{}
	err := each(v, "window", func(w playlists.Window) error {
		of := []playlists.PlaylistID{w.Playlist}
		for _, r := range layouts[w.Layout].Regions {
			of = append(of, r.Playlist)
		}
		for _, p := range distinct(of) {
			windows[p] = append(windows[p], WindowUse{ID: w.ID, Name: w.Name})
		}
		return nil
	})
	return windows, err
}

// distinct is ids in order, each once; never nil.
func distinct[ID ~string](ids []ID) []ID {
	all := append([]ID{}, ids...)
	slices.Sort(all)
	return slices.Compact(all)
}

// replace writes every playlist that has the item anew, as drafts of whoever asks, and then deletes the item if that
// is wanted.
func replace(ctx context.Context, tx store.Tx, id playlists.ItemID, was uint64, order ReplacementOrder) (Replacement, error) {
	done := Replacement{Playlists: []playlists.PlaylistID{}, Departments: []playlists.DepartmentID{}}
	if err := replaceable(ctx, tx, id, was, order.With); err != nil {
		return done, err
	}
	uses, err := usesOf(tx, id)
	if err != nil {
		return done, err
	}
	for _, use := range uses.Playlists {
		if err := exchange(ctx, tx, use.ID, id, order.With); err != nil {
			return done, err
		}
		done.Playlists = append(done.Playlists, use.ID)
	}
	done.Departments = uses.Departments
	if order.Delete {
		if err := dispensable(tx, id); err != nil {
			return done, err
		}
		_, err = tx.Delete("item", string(id), was, by(ctx))
	}
	return done, missing(err, "item", string(id))
}

// replaceable refuses who may not, an item that is not there or has changed meanwhile, and a replacement that is
// none.
func replaceable(ctx context.Context, v store.View, id playlists.ItemID, was uint64, with playlists.ItemID) error {
	for _, kind := range []store.Kind{"item", "playlist"} {
		if err := may(ctx, access.Edit, access.Object{Kind: kind}); err != nil {
			return err
		}
	}
	doc, err := v.Get("item", string(id))
	if err != nil {
		return missing(err, "item", string(id))
	}
	if doc.Revision != was {
		return &store.StaleError{Newest: doc, Was: was}
	}
	if with == id {
		return playlists.Refuse(playlists.ErrInvalid, "with: that is the item itself; choose another")
	}
	if with == "" {
		return nil
	}
	if _, err := v.Get("item", string(with)); err != nil {
		return playlists.Refuse(playlists.ErrInvalid, "with: there is no item %q; it may have been deleted", with)
	}
	return nil
}

// exchange writes a playlist with another item in the entries of one, or without them.
func exchange(ctx context.Context, tx store.Tx, in playlists.PlaylistID, id, with playlists.ItemID) error {
	doc, err := tx.Get("playlist", string(in))
	if err != nil {
		return err
	}
	p, err := domain[playlists.Playlist](doc)
	if err != nil {
		return err
	}
	for i := range p.Entries {
		if p.Entries[i].Item == id {
			p.Entries[i].Item = with
		}
	}
	p.Entries = slices.DeleteFunc(p.Entries, func(e playlists.Entry) bool { return e.Item == "" })
	if err := p.Validate(); err != nil {
		return playlists.Refuse(playlists.ErrInvalid, "with: without it nothing would be left to show in %q; choose another item for its place", p.Name)
	}
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encoding playlist %s: %w", in, err)
	}
	_, err = tx.Put("playlist", string(in), doc.Revision, by(ctx), body)
	return err
}
