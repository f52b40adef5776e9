package playlists

import (
	"cmp"
	"slices"
	"time"
)

// Moment is a moment of a visit. A screen stands where people live through it, and an item may be for it alone.
type Moment string

// The moments of a visit. Where a screen does not say which is its own, people wait before it.
const (
	Arriving   Moment = "arriving"
	Waiting    Moment = "waiting"
	CalledSoon Moment = "called_soon"
	Leaving    Moment = "leaving"
)

// Moments lists all moments in the order of a visit.
func Moments() []Moment { return []Moment{Arriving, Waiting, CalledSoon, Leaving} }

// State is a state that a clinic may be in. The states are these and no others, so that none ever says anything of a
// patient.
type State string

// The states of a clinic.
const (
	Delay30         State = "delay_30" // people wait more than 30 minutes longer than they were told
	Delay60         State = "delay_60"
	VaccinationDay  State = "vaccination_day"
	ScreeningDay    State = "screening_day"
	VisitorsLimited State = "visitors_limited"
)

// ClinicStates lists all states.
func ClinicStates() []State {
	return []State{Delay30, Delay60, VaccinationDay, ScreeningDay, VisitorsLimited}
}

// Bounds of how long a state is set for at once.
const (
	MinState = time.Minute
	MaxState = 24 * time.Hour
)

// StateSpan is a state with the time for which it was set.
type StateSpan struct {
	State State     `json:"state" enum:"delay_30,delay_60,vaccination_day,screening_day,visitors_limited"`
	Since time.Time `json:"since"`
	// Until is when it ends by itself.
	Until time.Time `json:"until"`
}

// StateSet is a state that somebody set.
type StateSet struct {
	StateSpan

	By string `json:"by"`
}

// States are those that a department's clinic is in.
type States struct {
	Department DepartmentID `json:"department"`
	// Set are the states in the order in which they were set, each once.
	Set []StateSet `json:"set"`
}

// Validate reports, as an [ErrInvalid], what is wrong with the states.
func (s States) Validate() error {
	f := &faults{kind: "state", id: string(s.Department)}
	checkID(f, "department", s.Department)
	for i := range s.Set {
		s.Set[i].check(f)
	}
	distinct(f, "set", len(s.Set), func(i int) State { return s.Set[i].State })
	return f.err()
}

func (s *StateSpan) check(f *faults) {
	f.check(slices.Contains(ClinicStates(), s.State), "state", "%q is no state of a clinic; choose one of %v", string(s.State), ClinicStates())
	lasts := s.Until.Sub(s.Since)
	f.check(lasts >= MinState && lasts <= MaxState, "until", "a state lasts from 1 minute to 24 hours; choose an end within that, and set it again if it goes on")
}

// With are the states with one more set, or set anew: one that was set already goes on since then, with another end.
func (s States) With(set StateSet) States {
	for _, had := range s.Set {
		if had.State == set.State && set.Until.Sub(had.Since) <= MaxState && had.Until.After(set.Since) {
			set.Since = had.Since
		}
	}
	s = s.Without(set.State)
	s.Set = append(s.Set, set)
	return s
}

// Without are the states less one.
func (s States) Without(state State) States {
	s.Set = slices.DeleteFunc(slices.Clone(s.Set), func(set StateSet) bool { return set.State == state })
	return s
}

// At are the states that have not ended by t.
func (s States) At(t time.Time) States {
	s.Set = slices.DeleteFunc(slices.Clone(s.Set), func(set StateSet) bool { return !t.Before(set.Until) })
	return s
}

func (i Item) checkBinding(f *faults) {
	for _, m := range i.Moments {
		f.check(slices.Contains(Moments(), m), "moments", "%q is no moment of a visit; choose of %v", string(m), Moments())
	}
	distinct(f, "moments", len(i.Moments), func(n int) Moment { return i.Moments[n] })
	for _, s := range i.States {
		f.check(slices.Contains(ClinicStates(), s), "states", "%q is no state of a clinic; choose of %v", string(s), ClinicStates())
	}
	distinct(f, "states", len(i.States), func(n int) State { return i.States[n] })
	f.check(i.Template == nil || !i.Bound(), "states", "wording for takeovers shows when somebody takes screens over; take moments and states out")
}

// Bound reports whether the item shows at moments of a visit or in states of the clinic alone.
func (i Item) Bound() bool { return len(i.Moments) > 0 || len(i.States) > 0 }

// looserThan reports whether the item shows at any moment or in any state that another does not.
func (i Item) looserThan(other *Item) bool {
	return more(i.Moments, other.Moments) || more(i.States, other.States)
}

// more reports whether something is for more than it was; for all, if for none in particular.
func more[T comparable](now, was []T) bool {
	return len(was) > 0 && (len(now) == 0 || slices.ContainsFunc(now, func(t T) bool { return !slices.Contains(was, t) }))
}

// bind says for which state of the department an item shows, and at which moment; the zero values where it is not bound to
// any. It does not show at all unless the class's screens stand at one of its moments and one of its states is set. Of
// several it is the one that lasts longest.
func (b *builder) bind(i Item) (while StateSpan, at Moment, ok bool) {
	if len(i.Moments) > 0 {
		if !slices.Contains(i.Moments, b.class.moment) {
			return StateSpan{}, "", false
		}
		at = b.class.moment
	}
	for _, set := range b.h.States[b.department.ID].Set {
		if slices.Contains(i.States, set.State) && set.Until.After(while.Until) {
			while = set.StateSpan
		}
	}
	return while, at, len(i.States) == 0 || while.State != ""
}

// stateIndex is where the body has a state, counted from 1; 0 for none.
func (b *builder) stateIndex(s StateSpan) int {
	if s.State == "" {
		return 0
	}
	if i := slices.Index(b.body.States, s); i >= 0 {
		return i + 1
	}
	b.body.States = append(b.body.States, s)
	return len(b.body.States)
}

// ends is the earlier of an item's own end and that of the state for which it shows.
func ends(own time.Time, while StateSpan) time.Time {
	if own.IsZero() || while.State != "" && while.Until.Before(own) {
		return while.Until
	}
	return own
}

// While says for which state of the clinic a slot shows, and for which moment of a visit, if its item is for such alone.
func (p *Programme) While(s *Slot) (while StateSpan, at Moment) {
	if s.Showing == nil {
		return StateSpan{}, ""
	}
	if n := s.Showing.While; n >= 1 && n <= len(p.body.States) {
		while = p.body.States[n-1]
	}
	return while, s.Showing.Moment
}

// moment is where the screen stands in a visit.
func (s Screen) moment() Moment { return cmp.Or(s.Moment, Waiting) }
