package api

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"

	"anteroom/controller/access"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// TagUse is a tag with where it is used.
type TagUse struct {
	Tag       playlists.Tag `json:"tag"`
	Screens   int           `json:"screens" doc:"How many of the screens that you may see have it"`
	Windows   []Named       `json:"windows" doc:"Windows that name it as a target or an exception"`
	Own       bool          `json:"own,omitempty" doc:"Whether you are responsible for every department with a screen that has it, so that your windows and takeovers may name it"`
	Renamable bool          `json:"renamable,omitempty" doc:"Whether you may rename it: you may change every screen and window that has it"`
}

// Named is a document with what people call it.
type Named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// TagRenamed is what became of a tag.
type TagRenamed struct {
	Screens int `json:"screens" doc:"Screens that were changed"`
	Windows int `json:"windows" doc:"Windows that were changed"`
}

type renameInput struct {
	ID   playlists.Tag `path:"id" maxLength:"64" doc:"The tag, \"chapel\""`
	Body struct {
		To playlists.Tag `json:"to" doc:"Its new name. A tag of that name takes it in"`
	}
}

func (s *Server) tags() {
	operation(s, http.MethodGet, "/api/v1/tags", "listTags", "The tags of screens, and where each is used",
		func(ctx context.Context, _ *listInput) (*list[TagUse], error) {
			out := &list[TagUse]{}
			screens, err := s.screens.newest(ctx, s.Store)
			if err != nil {
				return nil, err
			}
			err = s.Store.View(ctx, func(v store.View) (err error) {
				out.Body.Items, err = tagUses(ctx, v, screens)
				return err
			})
			return out, err
		})
	type out struct{ Body TagRenamed }
	operation(s, http.MethodPost, "/api/v1/tags/{id}/rename", "renameTag",
		"Rename a tag wherever it is used, all in one step, or merge it into another. Screens follow with the next publication",
		func(ctx context.Context, in *renameInput) (*out, error) {
			if !playlists.ValidID(string(in.Body.To)) {
				return nil, playlists.Refuse(playlists.ErrInvalid, "to: %q is no tag; write lower-case letters, digits and hyphens, like second-floor", in.Body.To)
			}
			done := &out{}
			err := s.Store.Update(ctx, func(tx store.Tx) (err error) {
				done.Body, err = renameTag(ctx, tx, in.ID, in.Body.To)
				return err
			})
			return done, err
		})
}

// tagged is where a tag is, whoever may see that.
type tagged struct {
	departments []playlists.DepartmentID // of the screens that have it
	screens     int                      // those that whoever asks may see
	windows     []Named
	fixed       bool // a window that whoever asks may not change names it
}

// tagUses lists the tags that whoever asks may know of.
func tagUses(ctx context.Context, v store.View, screens []copied[playlists.Screen]) ([]TagUse, error) {
	tags := map[playlists.Tag]*tagged{}
	of := func(t playlists.Tag) *tagged {
		if tags[t] == nil {
			tags[t] = &tagged{windows: []Named{}}
		}
		return tags[t]
	}
	tagScreens(ctx, screens, of)
	if err := tagWindows(ctx, v, of); err != nil {
		return nil, err
	}
	all := []TagUse{}
	for _, tag := range slices.Sorted(maps.Keys(tags)) {
		t := tags[tag]
		if t.screens == 0 && len(t.windows) == 0 {
			continue
		}
		own := func(kind store.Kind) bool {
			return may(ctx, access.Edit, access.Object{Kind: kind, Departments: t.departments}) == nil
		}
		slices.SortFunc(t.windows, func(a, b Named) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
		all = append(all, TagUse{Tag: tag, Screens: t.screens, Windows: t.windows, Own: own("window"), Renamable: own("screen") && !t.fixed})
	}
	return all, nil
}

func tagScreens(ctx context.Context, screens []copied[playlists.Screen], of func(playlists.Tag) *tagged) {
	for i := range screens {
		screen := &screens[i].value
		if len(screen.Tags) == 0 {
			continue
		}
		visible := may(ctx, access.See, access.Object{Kind: "screen", Departments: single(screen.Department)}) == nil
		for _, tag := range screen.Tags {
			t := of(tag)
			if !slices.Contains(t.departments, screen.Department) {
				t.departments = append(t.departments, screen.Department)
			}
			if visible {
				t.screens++
			}
		}
	}
}

func tagWindows(ctx context.Context, v store.View, of func(playlists.Tag) *tagged) error {
	return each(v, "window", func(w playlists.Window) error {
		tags := tagsOf(w)
		if len(tags) == 0 {
			return nil
		}
		err := allowed[Window, playlists.Window](ctx, v, windowsKind(), access.Edit, &Window{Window: w})
		if err != nil && !errors.Is(err, playlists.ErrDenied) {
			return err
		}
		for tag := range tags {
			t := of(tag)
			t.windows = append(t.windows, Named{string(w.ID), w.Name})
			t.fixed = t.fixed || err != nil
		}
		return nil
	})
}

// tagsOf are the tags that a window names.
func tagsOf(w playlists.Window) map[playlists.Tag]bool {
	tags := map[playlists.Tag]bool{}
	for _, t := range slices.Concat(w.Targets, w.Except) {
		if t.Tag != "" {
			tags[t.Tag] = true
		}
	}
	return tags
}

// renameTag renames a tag of all screens and windows, or of none where one of them is not for whoever asks to change.
func renameTag(ctx context.Context, tx store.Tx, from, to playlists.Tag) (done TagRenamed, err error) {
	done.Screens, err = rewrite[Screen, playlists.Screen](ctx, tx, screensKind(), func(s *playlists.Screen) bool {
		if !slices.Contains(s.Tags, from) {
			return false
		}
		s.Tags = replaced(s.Tags, from, to)
		return true
	})
	if err != nil {
		return done, err
	}
	done.Windows, err = rewrite[Window, playlists.Window](ctx, tx, windowsKind(), func(w *playlists.Window) bool {
		if !tagsOf(*w)[from] {
			return false
		}
		old, next := playlists.Target{Tag: from}, playlists.Target{Tag: to}
		w.Targets, w.Except = replaced(w.Targets, old, next), replaced(w.Except, old, next)
		return true
	})
	if err == nil && done.Screens+done.Windows == 0 {
		err = missing(playlists.ErrNotFound, "tag", string(from))
	}
	return done, err
}

// replaced has to in the place of from, once.
func replaced[T comparable](all []T, from, to T) []T {
	var next []T
	for _, one := range all {
		if one == from {
			one = to
		}
		if !slices.Contains(next, one) {
			next = append(next, one)
		}
	}
	return next
}

// rewrite writes each document of a kind that change changes, and counts them.
func rewrite[D, T any, P document[D, T]](ctx context.Context, tx store.Tx, k kind[D, T], change func(*T) bool) (int, error) {
	var changed []P
	for doc, err := range tx.List(k.name) {
		if err != nil {
			return 0, err
		}
		d, err := decode[D, T, P](doc)
		if err != nil {
			return 0, err
		}
		if _, t := P(d).parts(); change(t) {
			changed = append(changed, P(d))
		}
	}
	for _, d := range changed {
		revision, t := d.parts()
		if err := write[D, T, P](ctx, tx, k, k.id(t), *revision, (*D)(d)); err != nil {
			return 0, err
		}
	}
	return len(changed), nil
}
