package voice

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/slide"
)

// Programmes gives what is in force on screens.
type Programmes interface {
	Current(screen playlists.ScreenID) (*playlists.Manifest, error)
	Screens() map[playlists.ScreenID]uint64
	// Published are the items that the playlists in force in a department name.
	Published(d playlists.DepartmentID) []playlists.ItemID
}

// Content is where assets lie.
type Content interface {
	Open(d playlists.Digest) (*os.File, int64, error)
}

// shown is what the phones before one screen may see: the items of what is published there, as they were approved.
type shown struct {
	manifest   *playlists.Manifest
	programme  *playlists.Programme
	until      time.Time // when it is made anew, for what is not published: names and topics
	department playlists.Department
	zone       *time.Location
	topics     map[playlists.Topic]playlists.TopicEntry
	items      map[playlists.ItemID]*shownItem
	order      []playlists.ItemID // by title
}

// shownItem is an item with the words of its slides.
type shownItem struct {
	playlists.Item

	slides map[playlists.Digest]slide.Slide
}

const (
	// freshFor is for how long names and topics may be out of date.
	freshFor = time.Minute
	// mostShown bounds the programmes in memory, and maxSlide a slide in bytes.
	mostShown = 1000
	maxSlide  = 1 << 20
)

// shelf makes what screens show, and keeps it for a while.
type shelf struct {
	store      store.Documents
	content    Content
	programmes Programmes

	mu   sync.Mutex
	kept map[playlists.ScreenID]*shown
}

// of gives what a screen shows; [playlists.ErrNotFound] if nothing is published there.
func (s *shelf) of(ctx context.Context, screen playlists.ScreenID, now time.Time) (*shown, error) {
	m, err := s.programmes.Current(screen)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	kept := s.kept[screen]
	s.mu.Unlock()
	if kept != nil && kept.manifest.Head.Generation == m.Head.Generation && now.Before(kept.until) {
		return kept, nil
	}
	made, err := s.make(ctx, m, now)
	if err != nil {
		return nil, fmt.Errorf("gathering what %s shows: %w", screen, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil || len(s.kept) >= mostShown {
		s.kept = map[playlists.ScreenID]*shown{}
	}
	s.kept[screen] = made
	return made, nil
}

func (s *shelf) make(ctx context.Context, m *playlists.Manifest, now time.Time) (*shown, error) {
	programme, err := playlists.NewProgramme(m, nil)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocationFromTZData(m.Body.Zone, m.Body.TZif)
	if err != nil {
		return nil, fmt.Errorf("zone %s: %w", m.Body.Zone, err)
	}
	out := &shown{
		manifest: m, programme: programme, until: now.Add(freshFor), zone: zone,
		topics: map[playlists.Topic]playlists.TopicEntry{}, items: map[playlists.ItemID]*shownItem{},
	}
	if err := s.store.View(ctx, func(v store.View) error { return out.read(v) }); err != nil {
		return nil, err
	}
	for _, i := range out.items {
		if err := s.readSlides(i); err != nil {
			return nil, err
		}
	}
	out.order = slices.SortedFunc(maps.Keys(out.items), func(a, b playlists.ItemID) int {
		return cmp.Or(cmp.Compare(out.items[a].Title, out.items[b].Title), cmp.Compare(a, b))
	})
	return out, nil
}

// read reads the department, the topics and the items.
func (o *shown) read(v store.View) error {
	doc, err := v.Get("department", string(o.manifest.Body.Department))
	if err == nil {
		err = json.Unmarshal(doc.Body, &o.department)
	}
	if err != nil {
		return err
	}
	for doc, err := range v.List("topic") {
		var e playlists.TopicEntry
		if err == nil {
			err = json.Unmarshal(doc.Body, &e)
		}
		if err != nil {
			return err
		}
		o.topics[e.ID] = e
	}
	for i := range o.manifest.Body.Showings {
		at := &o.manifest.Body.Showings[i]
		if o.items[at.Item] != nil {
			continue
		}
		item, err := published(v, at.Item, at.Version)
		if errors.Is(err, playlists.ErrNotFound) {
			continue // it cannot be shown to be approved
		}
		if err != nil {
			return err
		}
		if item.GoesTo(playlists.Phone) {
			o.items[at.Item] = &shownItem{Item: item}
		}
	}
	return nil
}

// published is the newest revision of a version that was approved; what was written since, or is not approved, is nobody's
// to read.
func published(v store.View, id playlists.ItemID, version int) (playlists.Item, error) {
	for doc, err := range v.Revisions("item", string(id)) {
		if err != nil {
			return playlists.Item{}, err
		}
		var item playlists.Item
		if doc.Deleted || json.Unmarshal(doc.Body, &item) != nil || item.Version != version || !item.Approved() {
			continue
		}
		return item, nil
	}
	return playlists.Item{}, playlists.ErrNotFound
}

func (s *shelf) readSlides(i *shownItem) error {
	i.slides = map[playlists.Digest]slide.Slide{}
	for _, r := range i.Renditions {
		for _, a := range r.Variants {
			if a.Medium != playlists.Slide {
				continue
			}
			words, err := s.readSlide(a.Digest)
			if err != nil {
				return fmt.Errorf("reading a slide of %s: %w", i.ID, err)
			}
			i.slides[a.Digest] = words
		}
	}
	return nil
}

func (s *shelf) readSlide(d playlists.Digest) (words slide.Slide, err error) {
	f, _, err := s.content.Open(d)
	if err != nil {
		return words, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	err = json.NewDecoder(io.LimitReader(f, maxSlide)).Decode(&words)
	return words, err
}

// valid reports whether an item may be shown at a time.
func (o *shown) valid(id playlists.ItemID, now time.Time) bool {
	i := o.items[id]
	return i != nil && i.ValidAt(now)
}

// now are the items on the screen at a time.
func (o *shown) now(at time.Time) []playlists.ItemID {
	var on []playlists.ItemID
	frame := o.programme.At(at)
	for _, slot := range frame.Slots {
		if slot.Showing != nil && o.valid(slot.Showing.Item, at) && !slices.Contains(on, slot.Showing.Item) {
			on = append(on, slot.Showing.Item)
		}
	}
	return on
}

// related are the valid items that share a topic with one: those of a later phase, and the rest, each by phase.
func (o *shown) related(id playlists.ItemID, at time.Time) (next, more []playlists.ItemID) {
	phases := playlists.Phases()
	mine := slices.Index(phases, o.items[id].Phase)
	for _, other := range o.order {
		i := o.items[other]
		if other == id || !o.valid(other, at) || !slices.ContainsFunc(i.Topics, func(t playlists.Topic) bool { return slices.Contains(o.items[id].Topics, t) }) {
			continue
		}
		if mine >= 0 && slices.Index(phases, i.Phase) > mine {
			next = append(next, other)
			continue
		}
		more = append(more, other)
	}
	byPhase := func(a, b playlists.ItemID) int {
		return cmp.Compare(slices.Index(phases, o.items[a].Phase), slices.Index(phases, o.items[b].Phase))
	}
	slices.SortStableFunc(next, byPhase)
	return next, more
}

// week is the Monday of the week that it is in the department.
func (o *shown) week(at time.Time) playlists.Date {
	y, m, d := at.In(o.zone).Date()
	return playlists.Date{Year: y, Month: m, Day: d}.Monday()
}
