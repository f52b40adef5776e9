package playlists

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Problem is something between documents that staff should look at before they publish. It stops
// nothing: what is missing is left out, and the rest shows.
type Problem struct {
	// Phrase is the message's.
	Phrase

	// Kind and ID name the document to open, "playlist" "cardiology-day".
	Kind string `json:"kind"`
	ID   string `json:"id"`
	// Field is the JSON name, "filler"; empty if it is about the whole document.
	Field string `json:"field,omitempty"`
	// Message says what is wrong and the way out.
	Message string `json:"message"`
}

// NewProblem says something of a document, or of a field of it, in the words of fmt.Sprintf.
func NewProblem(kind, id, field, format string, args ...any) Problem {
	return Problem{PhraseOf(format, args...), kind, id, field, fmt.Sprintf(format, args...)}
}

// Same reports whether two problems say the same of the same.
func (p Problem) Same(other Problem) bool {
	return p.Kind == other.Kind && p.ID == other.ID && p.Field == other.Field && p.Message == other.Message
}

// Check lists what documents refer to and is not there, items that are not approved, and windows that
// reach no screen; ordered by kind, id and field. Whether zones are known shows in [Compile].
func (h *Hospital) Check() []Problem {
	var ps problems
	for _, d := range h.Departments {
		h.checkDepartment(&ps, d)
	}
	for _, s := range h.Screens {
		missing(&ps, "screen", string(s.ID), "department", h.Departments, s.Department)
	}
	for _, p := range h.Playlists {
		for _, e := range p.Entries {
			h.usable(&ps, p.ID, e)
		}
	}
	for _, l := range h.Layouts {
		for _, r := range l.Regions {
			missing(&ps, "layout", string(l.ID), "regions", h.Playlists, r.Playlist)
		}
	}
	places := h.places()
	for _, w := range h.Windows {
		h.checkWindow(&ps, w, places)
	}
	return ps.sorted()
}

func (h *Hospital) checkDepartment(ps *problems, d Department) {
	id := string(d.ID)
	missing(ps, "department", id, "site", h.Sites, d.Site)
	missing(ps, "department", id, "filler", h.Playlists, d.Filler)
	missing(ps, "department", id, "closed", h.Playlists, d.Closed)
	for _, c := range d.Closures {
		missing(ps, "department", id, "closures", h.Closures, c)
	}
	for i, fl := range d.Floors {
		field := fmt.Sprintf("floors[%d].item", i)
		if missing(ps, "department", id, field, h.Items, fl.Item) || fl.Item == "" {
			continue
		}
		switch item := h.Items[fl.Item]; {
		case item.Template != nil:
			ps.add("department", id, field, "%s is wording for takeovers, which no playlist shows; choose another item, or take this out", item.Title)
		case item.Bound():
			ps.add("department", id, field, "%s is for some moments of a visit or states of the clinic alone, so nobody can keep it running always; choose another item, or take this out", item.Title)
		case !item.GoesTo(Screens):
			ps.add("department", id, field, "%s does not go to screens; choose another item, or let it go to screens", item.Title)
		}
	}
}

func (h *Hospital) checkWindow(ps *problems, w Window, places []Place) {
	id := string(w.ID)
	missing(ps, "window", id, "playlist", h.Playlists, w.Playlist)
	missing(ps, "window", id, "layout", h.Layouts, w.Layout)
	for _, c := range w.Closures {
		missing(ps, "window", id, "closures", h.Closures, c)
	}
	for _, t := range slices.Concat(w.Targets, w.Except) {
		missing(ps, "window", id, "targets", h.Screens, t.Screen)
		missing(ps, "window", id, "targets", h.Departments, t.Department)
		missing(ps, "window", id, "targets", h.Sites, t.Site)
	}
	reached := func(p Place) bool { _, ok := Reaches(w.Targets, w.Except, p); return ok }
	if !slices.ContainsFunc(places, reached) {
		ps.add("window", id, "targets", "it reaches no screen; choose where it shows, or remove it")
	}
}

// usable gives an entry's item, unless the entry is off or there is nothing of it to show.
func (h *Hospital) usable(ps *problems, p PlaylistID, e Entry) (Item, bool) {
	if e.Weight <= 0 || missing(ps, "playlist", string(p), "entries", h.Items, e.Item) {
		return Item{}, false
	}
	i := h.Items[e.Item]
	if i.Template != nil {
		ps.add("playlist", string(p), "entries", "%s is wording for takeovers, so it is left out; take it out of the playlist", i.Title)
		return Item{}, false
	}
	if !i.GoesTo(Screens) {
		ps.add("playlist", string(p), "entries", "%s does not go to screens, so it is left out; take it out of the playlist, or let it go to screens", i.Title)
		return Item{}, false
	}
	return i, i.letOut(ps)
}

// letOut reports whether the item is valid and approved.
func (i Item) letOut(ps *problems) bool {
	if err := i.Validate(); err != nil {
		ps.addFaults("item", string(i.ID), err)
		return false
	}
	if !i.Approved() {
		ps.add("item", string(i.ID), "approval", "version %d is not approved, so it is left out; have it approved", i.Version)
		return false
	}
	return true
}

// missing adds a problem if id is set and names none of documents.
func missing[ID ~string, T any](ps *problems, kind, id, field string, documents map[ID]T, ref ID) bool {
	if ref == "" {
		return false
	}
	if _, ok := documents[ref]; ok {
		return false
	}
	ps.add(kind, id, field, "%s does not exist; choose another", ref)
	return true
}

// problems is a set of problems, by what they are about and say.
type problems map[[4]string]Problem

func (ps *problems) add(kind, id, field, format string, args ...any) {
	ps.put(NewProblem(kind, id, field, format, args...))
}

func (ps *problems) put(p Problem) {
	if *ps == nil {
		*ps = problems{}
	}
	(*ps)[[4]string{p.Kind, p.ID, p.Field, p.Message}] = p
}

// addFaults adds what is wrong with a document that should have been refused.
func (ps *problems) addFaults(kind, id string, err error) {
	for _, fault := range Faults(err) {
		ps.put(Problem{fault.phrase, kind, id, fault.Field, fault.Message})
	}
}

func (ps *problems) sorted() []Problem {
	return slices.SortedFunc(maps.Values(*ps), func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Message, b.Message))
	})
}

// join adds all of others.
func (ps *problems) join(others problems) {
	for _, p := range others {
		ps.put(p)
	}
}
