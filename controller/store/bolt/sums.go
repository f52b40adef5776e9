package bolt

import (
	"context"
	"errors"
	"iter"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// Days implements [store.Plays].
func (p *plays) Days(ctx context.Context, from, to playlists.Date, by store.Apart) iter.Seq2[store.Sum, error] {
	return p.sums(ctx, ofDays, from, to, to, by)
}

// Months implements [store.Plays].
func (p *plays) Months(ctx context.Context, from, to playlists.Date, by store.Apart) iter.Seq2[store.Sum, error] {
	const longest = 31 // days
	return p.sums(ctx, ofMonths, from, to, to.AddDays(longest), by)
}

// sums adds figures up that are kept under from to to, and are of days until last.
func (p *plays) sums(ctx context.Context, of span, from, to, last playlists.Date, by store.Apart) iter.Seq2[store.Sum, error] {
	first, end := dayOfDate(from), dayOfDate(to.AddDays(1))
	return everyMonth(ctx, p, days{dayOfDate(from), dayOfDate(last), true}, func(m *month, yield func(store.Sum, error) bool) bool {
		s := newSums(m, by)
		goOn := true
		in, err := m.drawer(ctx, of, by)
		if err != nil {
			return yield(store.Sum{}, m.damaged(err))
		}
		err = m.pages(ctx, in.table, sumKeys, in.key(first), in.key(end), func(_ *tx, key, value []byte) error {
			return s.take(key[len(in.prefix):], value)
		}, func() bool {
			goOn = len(s.all) < mostSums || s.flush(yield)
			return goOn
		})
		goOn = goOn && s.flush(yield)
		if err = errors.Join(err, s.err); err == nil || !goOn && s.err == nil { // whoever has stopped hears no more
			return goOn
		}
		return yield(store.Sum{}, m.damaged(err))
	})
}

// mostSums is how many figures may wait to be given: where more is kept apart they seldom meet others. Those of 10,000 screens
// are fewer.
const mostSums = 1 << 16

// summand is what figures have in common that are added up, by numbers.
type summand struct {
	day   int32
	group uint32
	entry entry
}

// sums adds figures of a month's file up by the numbers of their names, and names them when it gives them.
type sums struct {
	by    store.Apart
	month *month
	// all are the sums in the order in which they first came; places has their numbers, from 1 on, each at a place made of its
	// summand or behind it. There are at least twice as many places: a map of thousands takes longer, and so does collecting it.
	all    []added
	places []uint32
	shift  int // of what is mixed, to the number of a place
	// screens are the numbers of the groups, by those of the screens' names; 0 until asked, then one more.
	screens []uint32
	groups  map[string]uint32
	names   []string
	err     error
}

// added is a sum.
type added struct {
	summand
	figure
}

// fewPlaces is how many bits the number of a place has at first.
const fewPlaces = 10

// The numbers of the group of screens that are not asked for, and of that of all where nobody asks for groups.
const (
	notAsked = 0
	allOfIt  = 1
)

func newSums(m *month, by store.Apart) *sums {
	s := &sums{by: by, month: m, groups: map[string]uint32{"": allOfIt}, names: []string{notAsked: "", allOfIt: ""}}
	s.room(fewPlaces)
	return s
}

// take adds the figures up that a key has.
func (s *sums) take(key, value []byte) error {
	when, screen, err := parseRollupKey(key, daySize)
	if err != nil {
		return err
	}
	k := summand{}
	if k.group, err = s.groupOf(screen); err != nil || k.group == notAsked {
		return err
	}
	if s.by.Day {
		k.day = dayNumber(when)
	}
	r := reader{b: value}
	for len(r.b) > 0 {
		e, f := r.figure()
		k.entry = s.kept(&e)
		s.add(&k, f)
	}
	return r.err
}

func (s *sums) add(k *summand, f figure) {
	at := s.place(k)
	if *at == 0 {
		s.all = append(s.all, added{summand: *k})
		*at = uint32(len(s.all))
	}
	sum := &s.all[*at-1]
	sum.count += f.count
	sum.millis += f.millis
	if 2*len(s.all) > len(s.places) {
		s.room(34 - s.shift) // four times as many
	}
}

// place is where the number of a summand is, or 0 if it has none yet.
func (s *sums) place(k *summand) *uint32 {
	for at := k.mixed() >> s.shift; ; at = (at + 1) % uint32(len(s.places)) {
		if n := s.places[at]; n == 0 || s.all[n-1].summand == *k {
			return &s.places[at]
		}
	}
}

// room makes places anew, as many as their numbers have bits.
func (s *sums) room(bits int) {
	s.places, s.shift = make([]uint32, 1<<bits), 32-bits
	for n := range s.all {
		*s.place(&s.all[n].summand) = uint32(n) + 1
	}
}

// mixed is made of all of a summand, by the golden ratio.
func (k *summand) mixed() uint32 {
	e, mixed := &k.entry, k.group
	for _, n := range [...]uint32{uint32(k.day), e.item, uint32(e.version), e.language, e.outcome, e.window, e.takeover} {
		mixed = (mixed ^ n) * 0x9e3779b1
	}
	return mixed
}

// kept leaves of an entry what is kept apart.
func (s *sums) kept(e *entry) entry {
	kept := entry{outcome: e.outcome}
	if s.by.Item {
		kept.item = e.item
	}
	if s.by.Version {
		kept.version = e.version
	}
	if s.by.Language {
		kept.language = e.language
	}
	if s.by.Window {
		kept.window = e.window
	}
	if s.by.Takeover {
		kept.takeover = e.takeover
	}
	return kept
}

// groupOf gives the number of the group of a screen, by the number of the screen's name.
func (s *sums) groupOf(screen uint32) (uint32, error) {
	if s.by.Group == nil {
		return allOfIt, nil
	}
	if int(screen) < len(s.screens) && s.screens[screen] != 0 {
		return s.screens[screen] - 1, nil
	}
	names := s.month.names.all()
	id, err := names.at(uint64(screen))
	if err != nil {
		return 0, err
	}
	if more := len(names.known) - len(s.screens); more > 0 {
		s.screens = append(s.screens, make([]uint32, more)...)
	}
	group := s.number(playlists.ScreenID(id))
	s.screens[screen] = group + 1
	return group, nil
}

// number asks for the group of a screen, and gives its number.
func (s *sums) number(screen playlists.ScreenID) uint32 {
	group, asked := s.by.Group(screen)
	if !asked {
		return notAsked
	}
	at, known := s.groups[group]
	if !known {
		at = uint32(len(s.names))
		s.groups[group], s.names = at, append(s.names, group)
	}
	return at
}

// flush gives what was added up; it says whether to go on.
func (s *sums) flush(yield func(store.Sum, error) bool) bool {
	names := s.month.names.all()
	for i := range s.all {
		k, f := &s.all[i].summand, &s.all[i].figure
		named, err := k.entry.texts(names)
		if err != nil {
			s.err = err
			return false
		}
		sum := store.Sum{Group: s.names[k.group], Entry: named, Count: f.count, Millis: f.millis}
		if s.by.Day {
			sum.Day = dateOf(k.day)
		}
		if !yield(sum, nil) {
			return false
		}
	}
	s.all = s.all[:0]
	clear(s.places)
	return true
}
