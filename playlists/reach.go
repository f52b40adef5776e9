package playlists

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Place tells where a screen is. It is an error, [ErrNotFound], if the screen or its department is
// missing.
func (h *Hospital) Place(id ScreenID) (Place, error) {
	s, ok := h.Screens[id]
	if !ok {
		return Place{}, fmt.Errorf("%w: screen %s", ErrNotFound, id)
	}
	d, ok := h.Departments[s.Department]
	if !ok {
		return Place{}, fmt.Errorf("%w: department %s of screen %s", ErrNotFound, s.Department, id)
	}
	return Place{Screen: id, Department: d.ID, Site: d.Site, Tags: sortedTags(s.Tags)}, nil
}

// Reached lists the screens that targets, less the exceptions, reach, ascending. Screens whose
// department is missing are reached by nothing.
func (h *Hospital) Reached(targets, except []Target) []ScreenID {
	var reached []ScreenID
	for _, id := range slices.Sorted(maps.Keys(h.Screens)) {
		if p, err := h.Place(id); err == nil {
			if _, ok := Reaches(targets, except, p); ok {
				reached = append(reached, id)
			}
		}
	}
	return reached
}

// places are those of all screens; of screens that no window names, one for each department and set of
// tags, as windows cannot tell the others from it.
func (h *Hospital) places() []Place {
	named := h.named()
	var places []Place
	seen := map[string]bool{}
	for id, s := range h.Screens {
		p, err := h.Place(id)
		if err != nil {
			continue
		}
		like := string(s.Department) + " " + joined(p.Tags)
		if named[id] || !seen[like] {
			places = append(places, p)
			seen[like] = seen[like] || !named[id]
		}
	}
	return places
}

// named are the screens that any window names.
func (h *Hospital) named() map[ScreenID]bool {
	named := map[ScreenID]bool{}
	for _, w := range h.Windows {
		for _, targets := range [][]Target{w.Targets, w.Except} {
			for _, t := range targets {
				if t.Screen != "" {
					named[t.Screen] = true
				}
			}
		}
	}
	return named
}

// Reaches reports whether targets, less the exceptions, reach a place, and by the narrowest that does.
func Reaches(targets, except []Target, p Place) (Narrowness, bool) {
	for i := range except {
		if _, ok := except[i].reaches(&p); ok {
			return 0, false
		}
	}
	narrowest, reached := ByAll, false
	for i := range targets {
		if n, ok := targets[i].reaches(&p); ok {
			narrowest, reached = max(narrowest, n), true
		}
	}
	return narrowest, reached
}

func (t *Target) reaches(p *Place) (Narrowness, bool) {
	switch {
	case t.Screen != "":
		return ByScreen, t.Screen == p.Screen
	case t.Tag != "":
		return ByTag, slices.Contains(p.Tags, t.Tag)
	case t.Department != "":
		return ByDepartment, t.Department == p.Department
	case t.Site != "":
		return BySite, t.Site == p.Site
	}
	return ByAll, t.All
}

// joined writes tags one after the other.
func joined(tags []Tag) string {
	var s strings.Builder
	for _, t := range tags {
		s.WriteString(string(t))
		s.WriteByte(',')
	}
	return s.String()
}

// sortedTags is nil for no tags, so that equal places are equal in every respect.
func sortedTags(tags []Tag) []Tag {
	if len(tags) == 0 {
		return nil
	}
	sorted := slices.Clone(tags)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}
