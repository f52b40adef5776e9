package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"anteroom/controller/access"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// kind is how documents of one kind are read and written: D as the API gives them, T as the domain
// has them.
type kind[D, T any] struct {
	name store.Kind
	// one and many are how people and paths call them.
	one, many string
	// id is where a document says its own name; nil where it has none.
	id func(*T) string
	// reach gives the departments that a document belongs to or reaches; nil where it is common to all.
	reach func(store.View, *T) ([]playlists.DepartmentID, error)
	// written is a document with what writers may not set, by whom; old is nil for a new one. It may be nil.
	written func(next T, old *T, by string) T
	// fits refuses a document that does not go with the others, and says why; nil where each stands alone.
	fits func(v store.View, next *T) error
	// free refuses to delete a document that others need, and says which; nil where none do.
	free func(v store.View, id string) error
	// gone deletes what goes with a deleted document; nil where nothing does.
	gone func(ctx context.Context, tx store.Tx, id string) error
	// copies are kept of a kind of which there are thousands; nil of others.
	copies *copies[T]
}

// document is a pointer to D that gives its revision and its domain half.
type document[D, T any] interface {
	*D
	parts() (*uint64, *T)
}

type valid interface{ Validate() error }

type (
	listInput   struct{}
	list[D any] struct {
		Body struct {
			Items []D `json:"items"`
		}
	}
	idInput struct {
		ID string `path:"id" maxLength:"64" doc:"The document's id, \"cardiology\""`
	}
	one[D any] struct {
		ETag string `header:"ETag" doc:"The revision in quotes, for If-Match"`
		Body D
	}
	putInput[D any] struct {
		ID          string `path:"id" maxLength:"64" doc:"The document's id, \"cardiology\""`
		IfMatch     string `header:"If-Match" doc:"The ETag of the revision that the writer saw"`
		IfNoneMatch string `header:"If-None-Match" enum:"*" doc:"* for a new document"`
		Body        D
	}
	deleteInput struct {
		ID      string `path:"id" maxLength:"64"`
		IfMatch string `header:"If-Match" doc:"The ETag of the revision that the writer saw"`
	}
	// Revision is one kept version of a document, with who made it.
	Revision[D any] struct {
		Revision uint64    `json:"revision"`
		By       string    `json:"by"`
		At       time.Time `json:"at"`
		Deleted  bool      `json:"deleted,omitempty"`
		Document *D        `json:"document,omitempty" doc:"Absent where the revision says that the document was deleted"`
	}
	// StaleError is the problem of a refused write, with both versions, so that nobody's work is lost.
	StaleError[D any] struct {
		ProblemError

		By     string    `json:"by" doc:"Who changed the document meanwhile"`
		At     time.Time `json:"at"`
		Newest *D        `json:"newest,omitempty" doc:"The document as it is now; absent if it was deleted"`
		Yours  *D        `json:"yours,omitempty" doc:"What was sent"`
	}
)

func (s *Server) documents() {
	s.organisation()
	documentsOf[Site](s, kind[Site, playlists.Site]{
		name: "site", one: "site", many: "sites", id: func(d *playlists.Site) string { return string(d.ID) },
	})
	documentsOf[Department](s, departmentsKind())
	screens := screensKind()
	screens.copies = s.screens
	documentsOf[Screen](s, screens)
	documentsOf[Item](s, kind[Item, playlists.Item]{
		name: "item", one: "item", many: "items", copies: s.items,
		id: func(d *playlists.Item) string { return string(d.ID) }, written: playlists.Item.WrittenOver, free: unused,
	})
	documentsOf[Playlist](s, playlistsKind())
	documentsOf[Layout](s, kind[Layout, playlists.Layout]{
		name: "layout", one: "layout", many: "layouts", id: func(d *playlists.Layout) string { return string(d.ID) },
	})
	documentsOf[Window](s, windowsKind())
	documentsOf[Closure](s, kind[Closure, playlists.Closure]{
		name: "closure", one: "closure", many: "closures", id: func(d *playlists.Closure) string { return string(d.ID) },
	})
	documentsOf[TopicEntry](s, kind[TopicEntry, playlists.TopicEntry]{
		name: "topic", one: "topic", many: "topics", id: func(d *playlists.TopicEntry) string { return string(d.ID) },
		fits: growsOnTree, free: unnamed,
	})
}

func departmentsKind() kind[Department, playlists.Department] {
	return kind[Department, playlists.Department]{
		name: "department", one: "department", many: "departments",
		id: func(d *playlists.Department) string { return string(d.ID) },
		reach: func(_ store.View, d *playlists.Department) ([]playlists.DepartmentID, error) {
			return single(d.ID), nil
		},
	}
}

func playlistsKind() kind[Playlist, playlists.Playlist] {
	return kind[Playlist, playlists.Playlist]{
		name: "playlist", one: "playlist", many: "playlists", id: func(d *playlists.Playlist) string { return string(d.ID) },
	}
}

func screensKind() kind[Screen, playlists.Screen] {
	return kind[Screen, playlists.Screen]{
		name: "screen", one: "screen", many: "screens",
		id: func(d *playlists.Screen) string { return string(d.ID) },
		reach: func(_ store.View, d *playlists.Screen) ([]playlists.DepartmentID, error) {
			return single(d.Department), nil
		},
		gone: closeSMIL,
	}
}

func windowsKind() kind[Window, playlists.Window] {
	return kind[Window, playlists.Window]{
		name: "window", one: "window", many: "windows", id: func(d *playlists.Window) string { return string(d.ID) },
		reach: func(v store.View, d *playlists.Window) ([]playlists.DepartmentID, error) {
			return targeted(v, d.Targets)
		},
	}
}

func capital(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

func single(d playlists.DepartmentID) []playlists.DepartmentID { return []playlists.DepartmentID{d} }

// documentsOf registers the five operations of a kind.
func documentsOf[D, T any, P document[D, T]](s *Server, k kind[D, T]) {
	base := "/api/v1/" + k.many
	title, titles := capital(k.one), capital(k.many)
	operation(s, http.MethodGet, base, "list"+titles, "List the "+k.many, func(ctx context.Context, _ *listInput) (*list[D], error) {
		return listAll[D, T, P](ctx, s, k)
	})
	operation(s, http.MethodGet, base+"/{id}", "get"+title, "Get a "+k.one, func(ctx context.Context, in *idInput) (*one[D], error) {
		return getOne[D, T, P](ctx, s, k, in.ID)
	})
	operation(s, http.MethodPut, base+"/{id}", "put"+title, "Make or change a "+k.one, func(ctx context.Context, in *putInput[D]) (*one[D], error) {
		return putOne[D, T, P](ctx, s, k, in)
	}, staleAnswer[D](s))
	operation(s, http.MethodDelete, base+"/{id}", "delete"+title, "Delete a "+k.one, func(ctx context.Context, in *deleteInput) (*struct{}, error) {
		return nil, deleteOne[D, T, P](ctx, s, k, in)
	}, status(http.StatusNoContent), staleAnswer[D](s))
	operation(s, http.MethodGet, base+"/{id}/revisions", "revisionsOf"+title, "Every kept revision of a "+k.one+", newest first", func(ctx context.Context, in *idInput) (*list[Revision[D]], error) {
		return revisions[D, T, P](ctx, s, k, in.ID)
	})
}

// organisation is the one document without an id.
func (s *Server) organisation() {
	k := kind[Organisation, playlists.Organisation]{name: "organisation", one: "organisation"}
	type in struct {
		IfMatch     string `header:"If-Match" doc:"The ETag of the revision that the writer saw"`
		IfNoneMatch string `header:"If-None-Match" enum:"*" doc:"* for the first time"`
		Body        Organisation
	}
	operation(s, http.MethodGet, "/api/v1/organisation", "getOrganisation", "Get the organisation", func(ctx context.Context, _ *struct{}) (*one[Organisation], error) {
		return getOne[Organisation, playlists.Organisation](ctx, s, k, "organisation")
	})
	operation(s, http.MethodPut, "/api/v1/organisation", "putOrganisation", "Change the organisation", func(ctx context.Context, i *in) (*one[Organisation], error) {
		if err := s.checkLogo(ctx, &i.Body.Organisation); err != nil {
			return nil, err
		}
		return putOne[Organisation, playlists.Organisation](ctx, s, k, &putInput[Organisation]{ID: "organisation", IfMatch: i.IfMatch, IfNoneMatch: i.IfNoneMatch, Body: i.Body})
	}, staleAnswer[Organisation](s))
}

// staleAnswer documents the answer to a stale write.
func staleAnswer[D any](s *Server) func(*huma.Operation) {
	return func(op *huma.Operation) {
		schema := huma.SchemaFromType(s.api.OpenAPI().Components.Schemas, typeOf[StaleError[D]]())
		if op.Responses == nil {
			op.Responses = map[string]*huma.Response{}
		}
		op.Responses["412"] = &huma.Response{
			Description: "Somebody changed the document meanwhile: nothing was written",
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: schema}},
		}
		op.Errors = []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusPreconditionRequired}
	}
}

func listAll[D, T any, P document[D, T]](ctx context.Context, s *Server, k kind[D, T]) (*list[D], error) {
	out := &list[D]{}
	out.Body.Items = []D{}
	if k.copies != nil {
		return out, listCopies[D, T, P](ctx, s, k, out)
	}
	err := s.Store.View(ctx, func(v store.View) error {
		for doc, err := range v.List(k.name) {
			if err != nil {
				return err
			}
			d, err := decode[D, T, P](doc)
			if err != nil {
				return err
			}
			if seen[D, T, P](ctx, v, k, d) == nil {
				out.Body.Items = append(out.Body.Items, *d)
			}
		}
		return nil
	})
	return out, err
}

func listCopies[D, T any, P document[D, T]](ctx context.Context, s *Server, k kind[D, T], out *list[D]) error {
	all, err := k.copies.newest(ctx, s.Store)
	if err != nil {
		return err
	}
	out.Body.Items = make([]D, 0, len(all))
	return s.Store.View(ctx, func(v store.View) error {
		for i := range all {
			d := P(new(D))
			revision, t := d.parts()
			*revision, *t = all[i].revision, all[i].value
			if allowed[D, T, P](ctx, v, k, access.See, (*D)(d)) == nil {
				out.Body.Items = append(out.Body.Items, *d)
			}
		}
		return nil
	})
}

func getOne[D, T any, P document[D, T]](ctx context.Context, s *Server, k kind[D, T], id string) (*one[D], error) {
	var d *D
	err := s.Store.View(ctx, func(v store.View) error {
		doc, err := v.Get(k.name, id)
		if err != nil {
			return missing(err, k.one, id)
		}
		if d, err = decode[D, T, P](doc); err != nil {
			return err
		}
		return seen[D, T, P](ctx, v, k, d)
	})
	if err != nil {
		return nil, err
	}
	return answer[D, T, P](d), nil
}

func putOne[D, T any, P document[D, T]](ctx context.Context, s *Server, k kind[D, T], in *putInput[D]) (*one[D], error) {
	_, next := P(&in.Body).parts()
	if err := named(k, in.ID, next); err != nil {
		return nil, err
	}
	was, err := precondition(in.IfMatch, in.IfNoneMatch)
	if err != nil {
		return nil, err
	}
	sent := in.Body
	err = s.Store.Update(ctx, func(tx store.Tx) error {
		return write[D, T, P](ctx, tx, k, in.ID, was, &in.Body)
	})
	if err != nil {
		return nil, stale[D, T, P](err, k.one, &sent)
	}
	return answer[D, T, P](&in.Body), nil
}

// write puts d in place of revision was, if whoever asks may do that to the document before and after.
func write[D, T any, P document[D, T]](ctx context.Context, tx store.Tx, k kind[D, T], id string, was uint64, d *D) error {
	revision, next := P(d).parts()
	if m, ok := any(d).(markable); ok {
		m.mark(true) // or nothing is written
	}
	old, err := current[D, T, P](ctx, tx, k, access.Edit, id)
	if err != nil {
		return err
	}
	err = allowed[D, T, P](ctx, tx, k, access.Edit, d)
	if err != nil {
		return err
	}
	if k.written != nil {
		*next = k.written(*next, old, by(ctx))
	}
	if v, ok := any(next).(valid); ok {
		err = v.Validate()
		if err != nil {
			return err
		}
	}
	if k.fits != nil {
		if err := k.fits(tx, next); err != nil {
			return err
		}
	}
	body, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("encoding %s %s: %w", k.one, id, err)
	}
	doc, err := tx.Put(k.name, id, was, by(ctx), body)
	*revision = doc.Revision
	return missing(err, k.one, id)
}

// current gives the document as it is, nil if there is none, and refuses who may not do action to it.
func current[D, T any, P document[D, T]](ctx context.Context, v store.View, k kind[D, T], action access.Action, id string) (*T, error) {
	doc, err := v.Get(k.name, id)
	if errors.Is(err, playlists.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d, err := decode[D, T, P](doc)
	if err != nil {
		return nil, err
	}
	_, old := P(d).parts()
	return old, allowed[D, T, P](ctx, v, k, action, d)
}

func deleteOne[D, T any, P document[D, T]](ctx context.Context, s *Server, k kind[D, T], in *deleteInput) error {
	was, err := precondition(in.IfMatch, "")
	if err != nil {
		return err
	}
	err = s.Store.Update(ctx, func(tx store.Tx) error {
		if _, denied := current[D, T, P](ctx, tx, k, access.Edit, in.ID); denied != nil {
			return denied
		}
		if _, failed := tx.Delete(k.name, in.ID, was, by(ctx)); failed != nil {
			return missing(failed, k.one, in.ID)
		}
		if k.gone != nil {
			return k.gone(ctx, tx, in.ID)
		}
		if k.free != nil {
			return k.free(tx, in.ID)
		}
		return nil
	})
	return stale[D, T, P](err, k.one, nil)
}

func revisions[D, T any, P document[D, T]](ctx context.Context, s *Server, k kind[D, T], id string) (*list[Revision[D]], error) {
	out := &list[Revision[D]]{}
	err := s.Store.View(ctx, func(v store.View) error {
		for doc, err := range v.Revisions(k.name, id) {
			if err != nil {
				return err
			}
			r := Revision[D]{Revision: doc.Revision, By: doc.By, At: doc.At, Deleted: doc.Deleted}
			if !doc.Deleted {
				if r.Document, err = decode[D, T, P](doc); err != nil {
					return err
				}
				if err := allowed[D, T, P](ctx, v, k, access.See, r.Document); err != nil {
					return err
				}
			}
			out.Body.Items = append(out.Body.Items, r)
		}
		return nil
	})
	if err == nil && len(out.Body.Items) == 0 {
		err = missing(playlists.ErrNotFound, k.one, id)
	}
	return out, err
}

// allowed asks whether whoever asks may do action to the document.
func allowed[D, T any, P document[D, T]](ctx context.Context, v store.View, k kind[D, T], action access.Action, d *D) error {
	o, err := object[D, T, P](ctx, v, k, d)
	if err != nil {
		return err
	}
	return may(ctx, action, o)
}

// seen asks whether whoever asks may see the document, and says in it whether they may change it.
func seen[D, T any, P document[D, T]](ctx context.Context, v store.View, k kind[D, T], d *D) error {
	o, err := object[D, T, P](ctx, v, k, d)
	if err != nil {
		return err
	}
	if m, ok := any(d).(markable); ok {
		m.mark(may(ctx, access.Edit, o) == nil)
	}
	return may(ctx, access.See, o)
}

// object is the document as [access.Authorize] judges it. For who is responsible everywhere it does not matter whom it reaches.
func object[D, T any, P document[D, T]](ctx context.Context, v store.View, k kind[D, T], d *D) (access.Object, error) {
	o := access.Object{Kind: k.name}
	if actor, _ := access.FromContext(ctx); k.reach == nil || actor.Everywhere {
		return o, nil
	}
	_, t := P(d).parts()
	var err error
	o.Departments, err = k.reach(v, t)
	return o, err
}

func decode[D, T any, P document[D, T]](doc store.Document) (*D, error) {
	d := P(new(D))
	revision, t := d.parts()
	*revision = doc.Revision
	if err := json.Unmarshal(doc.Body, t); err != nil {
		return nil, fmt.Errorf("reading %s %s: %w", doc.Kind, doc.ID, err)
	}
	return (*D)(d), nil
}

func answer[D, T any, P document[D, T]](d *D) *one[D] {
	revision, _ := P(d).parts()
	return &one[D]{ETag: strconv.Quote(strconv.FormatUint(*revision, 10)), Body: *d}
}

// named makes sure that a document carries the id of its place.
func named[D, T any](k kind[D, T], id string, d *T) error {
	if k.id == nil {
		return nil
	}
	if !playlists.ValidID(id) {
		return playlists.Refuse(playlists.ErrInvalid, "id: %q: use 1 to 64 lower-case letters, digits and hyphens", id)
	}
	if own := k.id(d); own != id {
		return playlists.Refuse(playlists.ErrInvalid, "id: the document calls itself %q, the address %q; they must be the same", own, id)
	}
	return nil
}

// precondition gives the revision that a writer saw, 0 for a new document.
func precondition(ifMatch, ifNoneMatch string) (uint64, error) {
	if ifMatch == "" && ifNoneMatch == "*" {
		return 0, nil
	}
	if ifMatch == "" {
		return 0, newProblem(http.StatusPreconditionRequired,
			"Say which revision you saw: If-Match with the ETag of your last read, or If-None-Match: * for a new document.")
	}
	text, err := strconv.Unquote(ifMatch)
	if err != nil {
		return 0, notETag(ifMatch)
	}
	was, err := strconv.ParseUint(text, 10, 64)
	if err != nil || was == 0 {
		return 0, notETag(ifMatch)
	}
	return was, nil
}

func notETag(given string) error {
	return newProblem(http.StatusBadRequest, "If-Match must be an ETag as this address gave it, like \"12\", not %s.", given)
}

// missing says which document was not found.
func missing(err error, what, id string) error {
	if errors.Is(err, playlists.ErrNotFound) {
		return playlists.Refuse(playlists.ErrNotFound, "there is no %s %q; it may have been deleted", what, id)
	}
	return err
}

// stale turns a refused write into the problem that shows both versions.
func stale[D, T any, P document[D, T]](err error, what string, yours *D) error {
	refused, ok := errors.AsType[*store.StaleError](err)
	if !ok {
		return err
	}
	p := &StaleError[D]{By: refused.Newest.By, At: refused.Newest.At, Yours: yours}
	p.ProblemError = *whatNow(refused, what)
	if refused.Newest.Deleted || refused.Newest.Revision == 0 {
		return p
	}
	newest, err := decode[D, T, P](refused.Newest)
	if err != nil {
		return err
	}
	p.Newest = newest
	return p
}

func whatNow(e *store.StaleError, what string) *ProblemError {
	switch {
	case e.Newest.Revision == 0:
		return newProblem(http.StatusPreconditionFailed, "There is no such %s any more. Send it with If-None-Match: * to make it anew.", what)
	case e.Newest.Deleted:
		return newProblem(http.StatusPreconditionFailed, "%s deleted this %s meanwhile. Send it with If-None-Match: * to make it anew.", e.Newest.By, what)
	case e.Was == 0:
		return newProblem(http.StatusPreconditionFailed, "This id belongs to another %s already, by %s. Choose another id, or change that one.", what, e.Newest.By)
	}
	return newProblem(http.StatusPreconditionFailed, "%s changed this %s meanwhile. Compare both versions, put yours right and send it with If-Match: \"%d\".", e.Newest.By, what, e.Newest.Revision)
}

// targeted gives the departments that targets reach; none where one reaches everything, or nothing yet.
func targeted(v store.View, targets []playlists.Target) ([]playlists.DepartmentID, error) {
	var departments []playlists.DepartmentID
	for _, t := range targets {
		if t.All {
			return nil, nil
		}
		if t.Department != "" {
			departments = append(departments, t.Department)
			continue
		}
		var reached []playlists.DepartmentID
		for _, read := range []func(store.View, playlists.Target) ([]playlists.DepartmentID, error){screensOf, departmentsOf} {
			more, err := read(v, t)
			if err != nil {
				return nil, err
			}
			reached = append(reached, more...)
		}
		if len(reached) == 0 {
			return nil, nil // nobody knows yet whom it will reach
		}
		departments = append(departments, reached...)
	}
	return departments, nil
}

// screensOf gives the departments of the screens that a target names by itself or by a tag.
func screensOf(v store.View, t playlists.Target) ([]playlists.DepartmentID, error) {
	if t.Screen == "" && t.Tag == "" {
		return nil, nil
	}
	return collect(v, "screen", func(s playlists.Screen) (playlists.DepartmentID, bool) {
		place := playlists.Place{Screen: s.ID, Tags: s.Tags}
		_, ok := playlists.Reaches([]playlists.Target{t}, nil, place)
		return s.Department, ok
	})
}

// departmentsOf gives the departments of the site that a target names.
func departmentsOf(v store.View, t playlists.Target) ([]playlists.DepartmentID, error) {
	if t.Site == "" {
		return nil, nil
	}
	return collect(v, "department", func(d playlists.Department) (playlists.DepartmentID, bool) { return d.ID, d.Site == t.Site })
}

func collect[T any](v store.View, k store.Kind, take func(T) (playlists.DepartmentID, bool)) ([]playlists.DepartmentID, error) {
	var found []playlists.DepartmentID
	for doc, err := range v.List(k) {
		if err != nil {
			return nil, err
		}
		var t T
		if err := json.Unmarshal(doc.Body, &t); err != nil {
			return nil, fmt.Errorf("reading %s %s: %w", doc.Kind, doc.ID, err)
		}
		if id, ok := take(t); ok {
			found = append(found, id)
		}
	}
	return found, nil
}
