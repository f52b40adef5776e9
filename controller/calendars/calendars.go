// Package calendars keeps closures in step with the calendars that they are subscribed to.
//
// A calendar is asked once a day. What has changed in it becomes a new revision of the closure, a draft as if
// somebody had typed it: screens follow the next publication. While a calendar cannot be read, the days that
// it gave last stay.
package calendars

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"

	"anteroom/controller/closures"
	"anteroom/controller/disk"
	"anteroom/controller/store"
	"anteroom/playlists"
)

const (
	// Author is who revisions are by that a calendar made.
	Author = "calendar"
	// each is how long a calendar is left alone; a little less than a day, so that an hourly look finds it
	// due at the same hour.
	each = 23*time.Hour + 30*time.Minute
	// yearsAhead is how many years after this one are read.
	yearsAhead = 2
	// kind is the store's word for closures.
	kind = store.Kind("closure")
)

// Config is what Calendars are made of.
type Config struct {
	Store store.Documents
	// File remembers when calendars were asked, and how to ask whether they have changed.
	File  string
	Zones playlists.ZoneData
	// Networks within the house that may be reached; public addresses always may be.
	Networks []netip.Prefix
	// Version of the program, which calendars' hosts are told.
	Version string
	// Log; nil discards.
	Log *slog.Logger
}

// State is how a closure's subscription stands.
type State struct {
	URL string `json:"url"`
	// Tried is when it was last asked, Fetched when it last gave days or said that nothing had changed.
	Tried   time.Time `json:"tried,omitzero"`
	Fetched time.Time `json:"fetched,omitzero"`
	// Problem says why Tried gave nothing; empty if it did.
	Problem string `json:"problem,omitempty"`
	// Said is what the problem says.
	Said playlists.Phrase `json:"said,omitzero"`
}

// kept is a state with what only the next fetch needs.
type kept struct {
	State

	ETag     string         `json:"etag,omitempty"`
	Modified string         `json:"modified,omitempty"`
	Last     playlists.Date `json:"last,omitzero"` // of the span that was read
}

// Calendars are safe for concurrent use.
type Calendars struct {
	store   store.Documents
	file    string
	zones   playlists.ZoneData
	fetcher *fetcher
	log     *slog.Logger

	// asking is held while calendars are asked and closures changed, one after the other.
	asking sync.Mutex

	mu     sync.Mutex
	states map[playlists.ClosureID]kept
}

// New reads how subscriptions stand.
func New(c Config) (*Calendars, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	o := &Calendars{
		store: c.Store, file: c.File, zones: c.Zones, log: c.Log,
		fetcher: newFetcher("Anteroom/"+c.Version, c.Networks), states: map[playlists.ClosureID]kept{},
	}
	b, err := os.ReadFile(c.File)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("reading how calendars stand: %w", err)
	}
	if err == nil {
		if b, err = disk.Unseal(b); err == nil {
			err = json.Unmarshal(b, &o.states)
		}
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		o.log.Warn("calendars forgotten", slog.String("file", c.File), slog.String("advice", "all are asked again"))
		o.states = map[playlists.ClosureID]kept{}
	}
	return o, nil
}

// span is what is read of a calendar: this year and the next ones.
func span(now time.Time) closures.Span {
	return closures.Span{
		First: playlists.Date{Year: now.Year(), Month: time.January, Day: 1},
		Last:  playlists.Date{Year: now.Year() + yearsAhead, Month: time.December, Day: 31},
	}
}

// Read decodes a file that somebody has.
func (c *Calendars) Read(b []byte) (closures.Calendar, closures.Span, error) {
	s := span(time.Now().UTC())
	calendar, err := closures.Read(b, s, c.zones)
	return calendar, s, err
}

// Fetch reads a calendar once, to see what it holds.
func (c *Calendars) Fetch(ctx context.Context, url string) (closures.Calendar, closures.Span, error) {
	f, err := c.fetcher.fetch(ctx, url, file{})
	if err != nil {
		return closures.Calendar{}, closures.Span{}, err
	}
	return c.Read(f.bytes)
}

// State is how a closure's subscription stands; the zero State if it was never asked.
func (c *Calendars) State(id playlists.ClosureID) State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.states[id].State
}

// Refresh asks the calendars that are due and writes what has changed.
func (c *Calendars) Refresh(ctx context.Context) {
	all, err := c.subscribed(ctx)
	if err != nil {
		c.log.ErrorContext(ctx, "calendars not asked", slog.Any("error", err))
		return
	}
	for _, closure := range all {
		was := c.State(closure.ID)
		// It was not asked in the future, but by a clock that was wrong.
		if since := time.Since(was.Tried); was.URL == closure.Calendar.URL && since >= 0 && since < each {
			continue
		}
		if _, err := c.ask(ctx, closure.ID, false); err != nil {
			c.log.WarnContext(ctx, "calendar not read", slog.String("closure", string(closure.ID)), slog.Any("error", err))
		}
	}
	c.forget(all)
}

// Ask asks a closure's calendar now. The error is one of the closure or the store; what is wrong with the
// calendar is in the state.
func (c *Calendars) Ask(ctx context.Context, id playlists.ClosureID) (State, error) {
	state, err := c.ask(ctx, id, true)
	if err != nil && state.Problem != "" {
		return state, nil
	}
	return state, err
}

func (c *Calendars) subscribed(ctx context.Context) ([]playlists.Closure, error) {
	var all []playlists.Closure
	err := c.store.View(ctx, func(v store.View) error {
		for doc, err := range v.List(kind) {
			if err != nil {
				return err
			}
			closure, err := decode(doc)
			if err != nil {
				return err
			}
			if closure.Calendar != nil {
				all = append(all, closure)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading closures: %w", err)
	}
	return all, nil
}

func decode(doc store.Document) (playlists.Closure, error) {
	var closure playlists.Closure
	if err := json.Unmarshal(doc.Body, &closure); err != nil {
		return closure, fmt.Errorf("reading closure %s: %w", doc.ID, err)
	}
	return closure, nil
}

// ask fetches a closure's calendar, whole or only if it has changed, and remembers how that went.
func (c *Calendars) ask(ctx context.Context, id playlists.ClosureID, whole bool) (State, error) {
	c.asking.Lock()
	defer c.asking.Unlock()
	url, err := c.url(ctx, id)
	if err != nil {
		return State{}, err
	}
	now := time.Now().UTC()
	was := c.known(id, url)
	read := kept{State: State{URL: url, Tried: now, Fetched: was.Fetched}, Last: span(now).Last, ETag: was.ETag, Modified: was.Modified}
	from := file{}
	if !whole && was.Last == read.Last {
		from = file{etag: was.ETag, modified: was.Modified}
	}
	f, err := c.fetcher.fetch(ctx, url, from)
	if err == nil && !f.unchanged {
		read.ETag, read.Modified = f.etag, f.modified
		err = c.take(ctx, id, url, f.bytes, now)
	}
	if err != nil {
		// The next time asks for all of it.
		read.ETag, read.Modified, read.Problem, read.Said = "", "", said(err), playlists.Said(err)
	} else {
		read.Fetched = now
	}
	return read.State, errors.Join(err, c.remember(id, read))
}

// url is where a closure's calendar is.
func (c *Calendars) url(ctx context.Context, id playlists.ClosureID) (string, error) {
	var url string
	err := c.store.View(ctx, func(v store.View) error {
		doc, err := v.Get(kind, string(id))
		if err != nil {
			return err
		}
		closure, err := decode(doc)
		if err == nil && closure.Calendar == nil {
			err = playlists.Refuse(playlists.ErrInvalid, "%q follows no calendar; give it an address first", closure.Name)
		}
		if err == nil {
			url = closure.Calendar.URL
		}
		return err
	})
	return url, err
}

// known is what is known of a calendar at an address.
func (c *Calendars) known(id playlists.ClosureID, url string) kept {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k := c.states[id]; k.URL == url {
		return k
	}
	return kept{}
}

// take writes what a calendar says into the closure, if that changes it and it still follows that address.
func (c *Calendars) take(ctx context.Context, id playlists.ClosureID, url string, b []byte, now time.Time) error {
	calendar, err := closures.Read(b, span(now), c.zones)
	if err != nil {
		return err
	}
	if len(calendar.Days) == 0 {
		return playlists.Refuse(playlists.ErrInvalid, "the calendar has no whole days from %s to %s", span(now).First, span(now).Last)
	}
	return c.store.Update(ctx, func(tx store.Tx) error {
		doc, err := tx.Get(kind, string(id))
		if err != nil {
			return err
		}
		closure, err := decode(doc)
		if err != nil || closure.Calendar == nil || closure.Calendar.URL != url {
			return err
		}
		next := Follow(closure, calendar.Days, span(now).First)
		if err := next.Validate(); err != nil {
			return err
		}
		body, err := json.Marshal(next)
		if err != nil {
			return fmt.Errorf("encoding closure %s: %w", id, err)
		}
		if string(body) == string(doc.Body) {
			return nil
		}
		_, err = tx.Put(kind, string(id), doc.Revision, Author, body)
		return err
	})
}

// Follow gives a closure with the days of its calendar from a date on in place of those that it gave before.
// Days that are kept by hand stay, and those before the date.
func Follow(c playlists.Closure, days []closures.Day, from playlists.Date) playlists.Closure {
	names := maps.Clone(c.Names)
	if names == nil {
		names = map[playlists.Date]string{}
	}
	gone := func(d playlists.Date) bool { return d.Compare(from) >= 0 && slices.Contains(c.Calendar.Days, d) }
	maps.DeleteFunc(names, func(d playlists.Date, _ string) bool { return gone(d) })
	dates := slices.DeleteFunc(slices.Clone(c.Dates), gone)
	given := slices.DeleteFunc(slices.Clone(c.Calendar.Days), gone)
	for _, day := range days {
		name, closed := nameOf(day, c.Calendar.Skip)
		if !closed || slices.Contains(dates, day.Date) {
			continue
		}
		dates, given = append(dates, day.Date), append(given, day.Date)
		if name != "" {
			names[day.Date] = name
		}
	}
	slices.SortFunc(dates, playlists.Date.Compare)
	slices.SortFunc(given, playlists.Date.Compare)
	subscription := *c.Calendar
	subscription.Days = given
	c.Dates, c.Names, c.Calendar = dates, names, &subscription
	return c
}

// nameOf is what a day is called without the events to skip; a day of only those is not closed.
func nameOf(day closures.Day, skip []string) (name string, closed bool) {
	for _, n := range day.Names {
		if !slices.Contains(skip, n) {
			return n, true
		}
	}
	return "", len(day.Names) == 0
}

// said is a problem as a person reads it.
func said(err error) string {
	text := err.Error()
	for _, lead := range []string{playlists.ErrInvalid.Error() + ": ", "url: "} {
		if len(text) > len(lead) && text[:len(lead)] == lead {
			text = text[len(lead):]
		}
	}
	return text
}

func (c *Calendars) remember(id playlists.ClosureID, k kept) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.states[id] = k
	return c.writeLocked()
}

// forget drops what is known of closures that follow nothing any more.
func (c *Calendars) forget(all []playlists.Closure) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := len(c.states)
	maps.DeleteFunc(c.states, func(id playlists.ClosureID, _ kept) bool {
		return !slices.ContainsFunc(all, func(closure playlists.Closure) bool { return closure.ID == id })
	})
	if len(c.states) == before {
		return
	}
	if err := c.writeLocked(); err != nil {
		c.log.Warn("calendars not remembered", slog.Any("error", err))
	}
}

func (c *Calendars) writeLocked() error {
	b, err := json.Marshal(c.states)
	if err == nil {
		err = disk.Write(c.file, disk.Seal(b))
	}
	if err != nil {
		return fmt.Errorf("keeping how calendars stand: %w", err)
	}
	return nil
}
