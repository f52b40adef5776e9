package backup

import (
	"cmp"
	"errors"
	"iter"
	"maps"
	"slices"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// Known is what a restored controller has.
type Known struct {
	// Version is the newest version of an item, 0 if the item was never here.
	Version func(playlists.ItemID) (int, error)
	// Has reports whether a document, also one that was deleted, is here.
	Has func(kind store.Kind, id string) (bool, error)
	// Programme reports whether a compiled programme is here.
	Programme func(playlists.Digest) bool
}

// ProgrammeKind stands for a compiled programme, whose id is its digest.
const ProgrammeKind store.Kind = "programme"

// Shown is something that was on screens and is not known to the restored controller.
type Shown struct {
	// Kind is item, window, takeover, screen or programme.
	Kind store.Kind `json:"kind"`
	ID   string     `json:"id"`
	// Version is that of an item that was shown, Here the newest that is known, 0 for none.
	Version int `json:"version,omitempty"`
	Here    int `json:"here,omitempty"`
	// Screens showed it, between From and To at least.
	Screens []playlists.ScreenID `json:"screens"`
	From    time.Time            `json:"from"`
	To      time.Time            `json:"to"`
}

// Evidence finds in plays what was shown and is not known: documents that were made or changed after the
// state that was restored, and lost with the machine.
func Evidence(plays iter.Seq2[store.StoredPlay, error], known Known) ([]Shown, error) {
	e := evidence{known: known, judged: map[thing]int{}, found: map[thing]*sighting{}}
	for p, err := range plays {
		if gone := (*store.ForgottenError)(nil); errors.As(err, &gone) {
			continue // what they showed is long over
		}
		if err != nil {
			return nil, err
		}
		if err := e.look(&p.Play); err != nil {
			return nil, err
		}
	}
	return e.shown(), nil
}

// thing names something that plays name.
type thing struct {
	kind    store.Kind
	id      string
	version int
}

// isKnown is what judged says of a thing that is here; else it is the newest version that is, or 0.
const isKnown = -1

type evidence struct {
	known  Known
	judged map[thing]int
	found  map[thing]*sighting
}

type sighting struct {
	screens  map[playlists.ScreenID]bool
	from, to time.Time
}

// look notes all that a play names.
func (e *evidence) look(p *playlists.Play) error {
	if p.Gap != "" {
		return nil
	}
	for _, t := range [...]thing{
		{"item", string(p.Item), p.Version},
		{"window", string(p.Window), 0},
		{"takeover", string(p.Takeover), 0},
		{"screen", string(p.Screen), 0},
		{ProgrammeKind, string(p.Body), 0},
	} {
		if t.id == "" {
			continue
		}
		here, ok := e.judged[t]
		if !ok {
			var err error
			if here, err = e.judge(t); err != nil {
				return err
			}
			e.judged[t] = here
		}
		if here != isKnown {
			e.see(t, p)
		}
	}
	return nil
}

func (e *evidence) judge(t thing) (here int, err error) {
	var known bool
	switch t.kind {
	case "item":
		here, err = e.known.Version(playlists.ItemID(t.id))
		known = here >= t.version && here > 0
	case ProgrammeKind:
		known = e.known.Programme(playlists.Digest(t.id))
	default:
		known, err = e.known.Has(t.kind, t.id)
	}
	if known {
		return isKnown, err
	}
	return here, err
}

func (e *evidence) see(t thing, p *playlists.Play) {
	s, ok := e.found[t]
	if !ok {
		s = &sighting{screens: map[playlists.ScreenID]bool{}, from: p.Start, to: p.Start}
		e.found[t] = s
	}
	s.screens[p.Screen] = true
	if p.Start.Before(s.from) {
		s.from = p.Start
	}
	if p.Start.After(s.to) {
		s.to = p.Start
	}
}

func (e *evidence) shown() []Shown {
	all := make([]Shown, 0, len(e.found))
	for t, s := range e.found {
		all = append(all, Shown{
			Kind: t.kind, ID: t.id, Version: t.version, Here: e.judged[t], From: s.from, To: s.to,
			Screens: slices.Sorted(maps.Keys(s.screens)),
		})
	}
	slices.SortFunc(all, func(a, b Shown) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Version, b.Version))
	})
	return all
}
