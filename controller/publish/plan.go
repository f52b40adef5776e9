package publish

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// plan is a publication before it happens.
type plan struct {
	programmes map[playlists.DepartmentID]*programme
	// late are screens that came after their department's pins.
	late     []playlists.Screen
	changes  []Change
	problems []playlists.Problem
	news     map[playlists.ItemID]playlists.ItemNews
	// from is when screens switch at the earliest; the zero time if nothing says so.
	from time.Time
}

func (pl *plan) departments() []playlists.DepartmentID {
	return slices.Sorted(maps.Keys(pl.programmes))
}

// drafts names the revisions that the plan would put in force: others have another name.
func (pl *plan) drafts() string {
	var b []byte
	for _, d := range pl.departments() {
		b = append(append(b, d...), 0)
		for _, pin := range pl.programmes[d].pins {
			b = append(append(append(b, pin.Kind...), 0), pin.ID...)
			b = binary.AppendUvarint(append(b, 0), pin.Revision)
		}
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// department is one as it would be published, nil if it stays as it is.
func (pl *plan) department(id playlists.DepartmentID) *playlists.Department {
	g, ok := pl.programmes[id]
	if !ok {
		return nil
	}
	d := g.hospital.Departments[id]
	return &d
}

// know adds what is known of items that are deleted by now.
func (pl *plan) know(news map[playlists.ItemID]playlists.ItemNews) {
	for id, n := range news {
		if _, ok := pl.news[id]; !ok {
			pl.news[id] = n
		}
	}
}

// planLocked gathers the draft of the departments chosen.
func (p *Publisher) planLocked(v store.View, chosen []playlists.DepartmentID) (*plan, error) {
	all, err := draft(v, p.draft)
	if err != nil {
		return nil, err
	}
	return p.planFromLocked(v, all, chosen, p.draftedProgramme)
}

// orderedLocked is what somebody wants to publish, unless it is no longer what they saw.
func (p *Publisher) orderedLocked(v store.View, o Order) (*plan, error) {
	pl, err := p.planLocked(v, o.Departments)
	if err == nil && o.Drafts != "" && o.Drafts != pl.drafts() {
		return nil, playlists.Refuse(playlists.ErrStale, "something was saved since you looked; look at what publishing would change now, and publish again")
	}
	return pl, err
}

// planFromLocked is the plan to put what was gathered in force in the departments chosen; of makes their programmes.
func (p *Publisher) planFromLocked(
	v store.View, all *newest, chosen []playlists.DepartmentID, of func(playlists.DepartmentID, *part) *programme,
) (*plan, error) {
	if len(chosen) == 0 {
		chosen = slices.Sorted(maps.Keys(all.hospital.Departments))
	}
	if len(chosen) == 0 {
		return nil, playlists.Refuse(playlists.ErrInvalid, "departments: there are none yet; make a department first")
	}
	pl := &plan{programmes: map[playlists.DepartmentID]*programme{}, news: all.news()}
	for _, d := range chosen {
		g, err := all.department(d)
		if err != nil {
			return nil, err
		}
		pl.programmes[d] = of(d, g)
		pl.problems = append(pl.problems, g.told()...)
		if inForce := p.pinsLocked(d); g.pins.same(inForce) {
			g.pins = inForce // the same in one place is soon compared
			continue
		}
		changes, err := compare(v, p.pinsLocked(d), g.gathered)
		if err != nil {
			return nil, err
		}
		pl.changes = append(pl.changes, changes...)
	}
	pl.changes = once(pl.changes)
	return pl, nil
}

// lookedLocked is the programme of a draft, to look at and not to publish: as far as it is of the documents in force, or of
// those that somebody looked at before, it has been compiled already.
func (p *Publisher) lookedLocked(d playlists.DepartmentID, g *part) *programme {
	for _, was := range []*programme{p.inForce[d], p.looked[d]} {
		if was != nil && len(was.bodies) < maxClasses && was.pins.same(g.pins) {
			return was
		}
	}
	p.looked[d] = p.draftedProgramme(d, g)
	return p.looked[d]
}

func (p *Publisher) pinsLocked(d playlists.DepartmentID) Pins {
	if g, ok := p.inForce[d]; ok {
		return g.pins
	}
	return nil
}
