package publish

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// The kinds of document that this package writes.
const (
	// PublicationKind's ids are numbers of ten digits, "0000000042".
	PublicationKind store.Kind = "publication"
	// HeadKind's ids are those of screens.
	HeadKind store.Kind = "head"
	// DemandKind's ids are those of departments.
	DemandKind store.Kind = "demand"
	// StateKind's ids are those of departments.
	StateKind store.Kind = "state"
	// WaitingKind's ids are numbers of ten digits too, counted apart.
	WaitingKind store.Kind = "waiting_publication"
)

// Pin names one revision of one document.
type Pin struct {
	Kind     store.Kind `json:"kind"`
	ID       string     `json:"id"`
	Revision uint64     `json:"revision"`
}

func (p Pin) key() key { return key{p.Kind, p.ID} }

// key names a document.
type key struct {
	kind store.Kind
	id   string
}

// Pins are what a department is compiled from, ascending by kind and id.
type Pins []Pin

// same reports whether two departments are compiled from the same.
func (p Pins) same(o Pins) bool {
	return len(p) == len(o) && (len(p) == 0 || &p[0] == &o[0] || slices.Equal(p, o))
}

func sortPins(pins Pins) Pins {
	slices.SortFunc(pins, func(a, b Pin) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	return pins
}

func (p Pins) byKey() map[key]Pin {
	m := make(map[key]Pin, len(p))
	for _, pin := range p {
		m[pin.key()] = pin
	}
	return m
}

// Publication is one act of putting documents on screens. It is never changed.
type Publication struct {
	// Number counts from 1.
	Number uint64    `json:"number"`
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Note   string    `json:"note,omitempty"`
	// Departments are those that it pins, ascending.
	Departments []playlists.DepartmentID `json:"departments"`
	// UndoOf is the publication that this one takes back, 0 if none.
	UndoOf uint64 `json:"undo_of,omitempty"`
	// BackTo is the earlier publication that this one brings back, 0 if none.
	BackTo uint64 `json:"back_to,omitempty"`
	// From is when screens switch at the earliest, if somebody chose a time; the zero time if not.
	From time.Time `json:"from,omitzero"`
	// Waited is the number under which it waited, 0 if it did not.
	Waited uint64 `json:"waited,omitempty"`
	// Alone is the kind of the one document that it put in force, if it was for no other; the rest stays as it was.
	Alone store.Kind `json:"alone,omitempty"`
	// Screens is how many screens got something new.
	Screens int `json:"screens"`
	// Problems are what staff were told about it.
	Problems []playlists.Problem `json:"problems"`
	// Pins are what each department is compiled from.
	Pins map[playlists.DepartmentID]Pins `json:"pins"`
}

func (p *Publication) id() string { return fmt.Sprintf("%010d", p.Number) }

// Change is a document that goes out in another revision than is in force.
type Change struct {
	Kind  store.Kind `json:"kind"`
	ID    string     `json:"id"`
	Title string     `json:"title"`
	// From and To are revisions; From is 0 for what is new, To for what goes.
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
	// By and At say who made the change last.
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// newestUntil gives each department's newest publication and the number of the last one, of those with numbers until one.
func newestUntil(v store.View, until uint64) (newest map[playlists.DepartmentID]Publication, last uint64, _ error) {
	newest = map[playlists.DepartmentID]Publication{}
	for doc, err := range v.List(PublicationKind) {
		if err != nil {
			return nil, 0, err
		}
		publication, err := readPublication(doc)
		if err != nil {
			return nil, 0, err
		}
		if publication.Number > until {
			break
		}
		last = publication.Number
		for d := range publication.Pins {
			newest[d] = publication
		}
	}
	return newest, last, nil
}
