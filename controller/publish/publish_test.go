package publish_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"anteroom/controller/content"
	"anteroom/controller/publish"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/wire"
)

// house is a publisher on a real store, with a clock that tests move.
type house struct {
	*publish.Publisher

	t         testing.TB
	dir       string
	documents store.Store
	key       ed25519.PrivateKey
	handOff   string // where codes lead
	now       time.Time
	clock     func() time.Time // instead of now, if not nil
	abilities map[playlists.ScreenID]playlists.Abilities
	nudged    []playlists.ScreenID
}

// open starts a publisher on a hospital's documents; nothing is published yet.
func open(t testing.TB, h *playlists.Hospital) *house {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	o := &house{t: t, dir: t.TempDir(), key: key, now: playliststest.NewYork(t, "2026-11-23 09:00"), abilities: map[playlists.ScreenID]playlists.Abilities{}}
	o.documents, err = bolt.Open(t.Context(), bolt.Config{Dir: filepath.Join(o.dir, "store"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.documents.Close(); err != nil {
			t.Error(err)
		}
	})
	o.putAll(h)
	o.start()
	return o
}

// start makes the publisher, as after a restart of the controller.
func (o *house) start() {
	o.t.Helper()
	files, err := content.Open(filepath.Join(o.dir, "content"))
	if err != nil {
		o.t.Fatal(err)
	}
	o.Publisher, err = publish.New(o.t.Context(), publish.Config{
		Store: o.documents, Content: files, Key: o.key, Fonts: playliststest.Fonts(), Zones: playliststest.Zones, HandOff: o.handOff,
		Abilities: func(s playlists.ScreenID) playlists.Abilities { return o.abilities[s] },
		Nudge:     func(s playlists.ScreenID, _ wire.Signed) { o.nudged = append(o.nudged, s) },
		Now: func() time.Time {
			if o.clock != nil {
				return o.clock()
			}
			return o.now
		},
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *house) putAll(h *playlists.Hospital) {
	o.t.Helper()
	err := o.documents.Update(o.t.Context(), func(tx store.Tx) error {
		return errors.Join(
			save(tx, "organisation", map[string]playlists.Organisation{"organisation": h.Organisation}),
			save(tx, "site", h.Sites), save(tx, "department", h.Departments), save(tx, "screen", h.Screens),
			save(tx, "item", h.Items), save(tx, "playlist", h.Playlists), save(tx, "layout", h.Layouts),
			save(tx, "window", h.Windows), save(tx, "closure", h.Closures),
		)
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

func save[K ~string, T any](tx store.Tx, kind store.Kind, all map[K]T) error {
	for id, doc := range all {
		body, err := json.Marshal(doc)
		if err != nil {
			return err
		}
		if _, err := tx.Put(kind, string(id), 0, "ada", body); err != nil {
			return err
		}
	}
	return nil
}

// edit saves a new revision of a document, as somebody does in the console.
func edit[T any](o *house, kind store.Kind, id, by string, change func(*T)) {
	o.t.Helper()
	err := o.documents.Update(o.t.Context(), func(tx store.Tx) error {
		var t T
		var was uint64
		doc, err := tx.Get(kind, id)
		if err == nil {
			was, err = doc.Revision, json.Unmarshal(doc.Body, &t)
		}
		if err != nil && !errors.Is(err, playlists.ErrNotFound) {
			return err
		}
		change(&t)
		body, err := json.Marshal(t)
		if err != nil {
			return err
		}
		_, err = tx.Put(kind, id, was, by, body)
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

// remove deletes a document.
func (o *house) remove(kind store.Kind, id string) {
	o.t.Helper()
	err := o.documents.Update(o.t.Context(), func(tx store.Tx) error {
		doc, err := tx.Get(kind, id)
		if err == nil {
			_, err = tx.Delete(kind, id, doc.Revision, "ada")
		}
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *house) publish(departments ...playlists.DepartmentID) publish.Publication {
	o.t.Helper()
	p, err := o.Publish(o.t.Context(), publish.Order{Departments: departments, By: "maria"})
	if err != nil {
		o.t.Fatal(err)
	}
	return p
}

func (o *house) undo(number uint64) publish.Publication {
	o.t.Helper()
	p, err := o.Undo(o.t.Context(), number, "", "maria")
	if err != nil {
		o.t.Fatal(err)
	}
	return p
}

// head is what a player of a screen is given.
func (o *house) head(s playlists.ScreenID, generation uint64) playlists.Head {
	o.t.Helper()
	signed, ok, err := o.Head(o.t.Context(), s, o.abilities[s], generation)
	if err != nil || !ok {
		o.t.Fatalf("head of %s: %v, %v", s, ok, err)
	}
	public, _ := o.key.Public().(ed25519.PublicKey)
	h, err := wire.OpenHead(public, signed)
	if err != nil {
		o.t.Fatal(err)
	}
	return h
}

// titles are what the playlist of a window shows on a screen.
func (o *house) titles(s playlists.ScreenID, p playlists.PlaylistID) []string {
	o.t.Helper()
	m, err := o.Current(s)
	if err != nil {
		o.t.Fatal(err)
	}
	var titles []string
	for _, l := range m.Body.Loops {
		if l.Playlist != p {
			continue
		}
		for _, e := range l.Entries {
			if title := m.Body.Showings[e.Showing].Title; !slices.Contains(titles, title) {
				titles = append(titles, title)
			}
		}
	}
	return titles
}

func TestColleaguesHalfDoneWorkStaysIn(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()

	// A colleague in paediatrics empties the playlist that both departments share in the evening, and
	// has not finished; in cardiology a new picture is ready.
	edit(o, "playlist", "evening", "colleague", func(p *playlists.Playlist) { p.Entries = p.Entries[:1] })
	edit(o, "window", "paediatrics-nights", "colleague", func(w *playlists.Window) { w.Playlist = "notices" })
	edit(o, "playlist", "closed-today", "maria", func(p *playlists.Playlist) { p.Entries = p.Entries[:1] })
	before := o.head(playliststest.Paediatrics, 0)
	p := o.publish("cardiology")

	if got := o.head(playliststest.Paediatrics, 0); got.Generation != before.Generation || got.Body != before.Body {
		t.Errorf("paediatrics got generation %d, its colleague's work went out with cardiology's", got.Generation)
	}
	want := []string{"Home after a stay", "Visiting hours"}
	if got := o.titles(playliststest.Paediatrics, "evening"); !slices.Equal(got, want) {
		t.Errorf("evenings in paediatrics show %q, want %q as published", got, want)
	}
	if got := o.titles(playliststest.CardiologyDoor, "evening"); !slices.Equal(got, want[:1]) {
		t.Errorf("evenings in cardiology show %q, want %q: it reaches that playlist", got, want[:1])
	}
	if got := p.Departments; !slices.Equal(got, []playlists.DepartmentID{"cardiology"}) {
		t.Errorf("published %v", got)
	}
	for _, pin := range p.Pins["cardiology"] {
		if pin.ID == "paediatrics-nights" {
			t.Error("cardiology pins a window that does not reach it")
		}
	}
}

// TestNobodyPublishesWhatTheyHaveNotSeen: what a colleague saves between the preview and the click does not go out with it.
func TestNobodyPublishesWhatTheyHaveNotSeen(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	cardiology := []playlists.DepartmentID{"cardiology"}
	edit(o, "playlist", "calm", "maria", func(p *playlists.Playlist) { p.Name = "Calm water" })
	look := func() publish.Order {
		t.Helper()
		p, err := o.Preview(t.Context(), publish.Question{Departments: cardiology})
		if err != nil || p.Drafts == "" {
			t.Fatalf("drafts %q, %v", p.Drafts, err)
		}
		return publish.Order{Departments: cardiology, By: "maria", Drafts: p.Drafts}
	}
	seen := look()
	edit(o, "window", "paediatrics-nights", "omar", func(w *playlists.Window) { w.Name = "Nights elsewhere" })
	o.start() // the names are of what is kept
	if again := look(); again.Drafts != seen.Drafts {
		t.Errorf("a change of another department makes %s of %s", again.Drafts, seen.Drafts)
	}
	edit(o, "window", "numbers-at-lunch", "omar", func(w *playlists.Window) { w.Name = "Not ready" })
	if p, err := o.Publish(t.Context(), seen); !errors.Is(err, playlists.ErrStale) {
		t.Errorf("published %d, %v; want it refused", p.Number, err)
	}
	if w, err := o.PublishAt(t.Context(), seen, o.now.Add(time.Hour)); !errors.Is(err, playlists.ErrStale) {
		t.Errorf("%d waits, %v; want it refused", w.Number, err)
	}
	p, err := o.Publish(t.Context(), look())
	if err != nil || p.Number != 2 {
		t.Errorf("after another look it is publication %d, %v", p.Number, err)
	}
	if p, err := o.Preview(t.Context(), publish.Question{Undo: 2}); err != nil || p.Drafts != "" {
		t.Errorf("what is not made of drafts names %q, %v", p.Drafts, err)
	}
}

func TestWhatIsSavedLaterShowsNowhere(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	before := o.head(playliststest.CardiologyDoor, 0)
	edit(o, "screen", string(playliststest.CardiologyDoor), "ada", func(s *playlists.Screen) { s.Rotation = 180 })
	edit(o, "item", "know-your-numbers", "ada", func(i *playlists.Item) { i.Title = "Know them well" })
	o.start()
	if got := o.head(playliststest.CardiologyDoor, 0); !cmp.Equal(got, before) {
		t.Errorf("got %+v, want the head as published: %+v", got, before)
	}
}

func TestGenerationsGrowOnlyWithTheBody(t *testing.T) {
	o := open(t, playliststest.Hospital())
	steps := []struct {
		what string
		do   func()
		want map[playlists.ScreenID]uint64
	}{
		{
			"the first publication", func() { o.publish() },
			map[playlists.ScreenID]uint64{"cardiology-door": 1, "cardiology-window": 1, "outpatients-hall": 1, "paediatrics-play-corner": 1},
		},
		{
			"nothing has changed", func() { o.publish() },
			map[playlists.ScreenID]uint64{"cardiology-door": 1, "cardiology-window": 1, "outpatients-hall": 1, "paediatrics-play-corner": 1},
		},
		{
			"a name that no player sees", func() {
				edit(o, "screen", "cardiology-door", "ada", func(s *playlists.Screen) { s.Name = "Cardiology, by the lift" })
				o.publish()
			},
			map[playlists.ScreenID]uint64{"cardiology-door": 1, "cardiology-window": 1, "outpatients-hall": 1, "paediatrics-play-corner": 1},
		},
		{
			"one screen turned", func() {
				edit(o, "screen", "cardiology-door", "ada", func(s *playlists.Screen) { s.Rotation = 90 })
				o.publish("cardiology")
			},
			map[playlists.ScreenID]uint64{"cardiology-door": 2, "cardiology-window": 1, "outpatients-hall": 1, "paediatrics-play-corner": 1},
		},
		{
			"turned back", func() {
				edit(o, "screen", "cardiology-door", "ada", func(s *playlists.Screen) { s.Rotation = 0 })
				o.publish("cardiology")
			},
			map[playlists.ScreenID]uint64{"cardiology-door": 3, "cardiology-window": 1, "outpatients-hall": 1, "paediatrics-play-corner": 1},
		},
	}
	for _, step := range steps {
		o.now = o.now.Add(time.Hour)
		step.do()
		if diff := cmp.Diff(step.want, o.Screens()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.what, diff)
		}
		o.start() // it is all in the store
		if diff := cmp.Diff(step.want, o.Screens()); diff != "" {
			t.Errorf("%s, after a restart (-want +got):\n%s", step.what, diff)
		}
	}
}

func TestPlayersReportGenerations(t *testing.T) {
	for _, test := range []struct {
		what       string
		reported   uint64
		generation uint64
	}{
		{"nothing yet", 0, 1},
		{"the same", 1, 1},
		{"a higher one, after the store was put back", 57, 58},
		{"the highest that is believed", 1 << 40, 1<<40 + 1},
		{"an impossible one", math.MaxUint64, 1},
	} {
		t.Run(test.what, func(t *testing.T) {
			o := open(t, playliststest.Hospital())
			o.publish()
			was := o.head(playliststest.Outpatients, 0)
			got := o.head(playliststest.Outpatients, test.reported)
			if got.Generation != test.generation || got.Body != was.Body {
				t.Errorf("got generation %d of body %s, want %d of the same body", got.Generation, got.Body, test.generation)
			}
			if !got.From.Equal(was.From) {
				t.Errorf("from moved to %v, the loop would jump", got.From)
			}
			if again := o.head(playliststest.Outpatients, test.generation); again.Generation != test.generation {
				t.Errorf("told of %d, it issued %d: generations run away", test.generation, again.Generation)
			}
		})
	}
}

// TestAWrongClockHoldsNoPublicationUp: what was published by a clock that was ahead holds from then on. Once the clock
// is right, whoever publishes next, the same again or something else, waits for none of it, nor does a player that links.
func TestAWrongClockHoldsNoPublicationUp(t *testing.T) {
	shorten := func(o *house) {
		edit(o, "playlist", "calm", "ada", func(p *playlists.Playlist) { p.Entries = p.Entries[:1] })
	}
	for what, then := range map[string]func(o *house){
		"the same is published again": func(o *house) { o.publish() },
		"something else is published": func(o *house) {
			edit(o, "playlist", "closed-today", "maria", func(p *playlists.Playlist) { p.Entries = p.Entries[:1] })
			edit(o, "playlist", "notices", "maria", func(p *playlists.Playlist) { p.Entries = p.Entries[:1] })
			o.publish()
		},
		"it is undone":                func(o *house) { o.undo(2) },
		"a player links":              func(*house) {},
		"a player links to a restart": func(o *house) { o.start() },
	} {
		for _, ahead := range []time.Duration{time.Hour, 134 * 365 * 24 * time.Hour} {
			t.Run(fmt.Sprint(what, " after ", ahead), func(t *testing.T) {
				o := open(t, playliststest.Hospital())
				o.publish()
				o.now = o.now.Add(24 * time.Hour)
				right := o.now
				o.now = right.Add(ahead)
				shorten(o)
				o.publish("cardiology")
				if h := o.head(playliststest.CardiologyDoor, 0); !h.From.After(right.Add(ahead)) {
					t.Fatalf("by the wrong clock it holds from %v", h.From)
				}
				o.now = right.Add(time.Minute)
				then(o)
				door, window := o.head(playliststest.CardiologyDoor, 0), o.head(playliststest.CardiologyWindow, 0)
				for _, h := range []playlists.Head{door, window} {
					if wait := h.From.Sub(o.now); wait > 10*time.Minute {
						t.Errorf("%s: generation %d holds in %v", h.Screen, h.Generation, wait)
					}
					for _, a := range h.Anchors {
						if a.Since.After(h.From) {
							t.Errorf("%s: a loop counts from %v, after %v", h.Screen, a.Since, h.From)
						}
					}
				}
				if door.Body == window.Body && (!door.From.Equal(window.From) || !cmp.Equal(door.Anchors, window.Anchors)) {
					t.Errorf("screens of one class are out of step: %+v, %+v", door, window)
				}
				if again := o.head(playliststest.CardiologyDoor, door.Generation); again.Generation != door.Generation {
					t.Errorf("it issued %d after %d: generations run away", again.Generation, door.Generation)
				}
			})
		}
	}
}

func TestUndoGoesBack(t *testing.T) {
	o := open(t, playliststest.Hospital())
	first := o.publish()
	before := o.head(playliststest.CardiologyDoor, 0)
	edit(o, "playlist", "calm", "ada", func(p *playlists.Playlist) { p.Entries = p.Entries[:1] })
	o.now = o.now.Add(time.Hour)
	second := o.publish("cardiology")
	o.now = o.now.Add(time.Hour)
	o.nudged = nil
	third := o.undo(second.Number)

	got := o.head(playliststest.CardiologyDoor, 0)
	if got.Body != before.Body || got.Generation != 3 {
		t.Errorf("got generation %d of body %s, want 3 of %s", got.Generation, got.Body, before.Body)
	}
	if third.UndoOf != second.Number || third.Number != 3 || third.Screens != 2 {
		t.Errorf("got %+v", third)
	}
	if diff := cmp.Diff(first.Pins["cardiology"], third.Pins["cardiology"]); diff != "" {
		t.Errorf("pins differ from the first publication's (-first +undone):\n%s", diff)
	}
	if !slices.Equal(o.nudged, []playlists.ScreenID{playliststest.CardiologyDoor, playliststest.CardiologyWindow}) {
		t.Errorf("nudged %v", o.nudged)
	}
	// Undoing an undo is a publication like any other.
	o.undo(third.Number)
	if o.head(playliststest.CardiologyDoor, 0).Generation != 4 {
		t.Error("the undo could not be undone")
	}
	if _, err := o.Undo(t.Context(), first.Number, "", "maria"); !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("undoing the first publication: %v, want ErrInvalid", err)
	}
	if _, err := o.Undo(t.Context(), 99, "", "maria"); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("undoing what never was: %v, want ErrNotFound", err)
	}
}

func TestUndoKeepsWhatCameLater(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	edit(o, "playlist", "calm", "ada", func(p *playlists.Playlist) { p.Entries = p.Entries[:1] })
	edit(o, "screen", "cardiology-new", "ada", func(s *playlists.Screen) {
		*s = playlists.Screen{ID: "cardiology-new", Department: "cardiology", Name: "New", Volume: 20}
	})
	o.publish()
	o.undo(2)
	if got, want := o.head("cardiology-new", 0).Body, o.head(playliststest.CardiologyDoor, 0).Body; got != want {
		t.Errorf("the new screen shows %s, want what its class shows again, %s", got, want)
	}
}

func TestUndoLeavesAMovedScreenWhereItIs(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	edit(o, "screen", string(playliststest.CardiologyDoor), "ada", func(s *playlists.Screen) { s.Department = "paediatrics" })
	o.publish("paediatrics")
	moved := o.head(playliststest.CardiologyDoor, 0)
	edit(o, "playlist", "cardiology-day", "ada", func(p *playlists.Playlist) { p.Entries = p.Entries[:2] })
	o.undo(o.publish("cardiology").Number)
	for _, when := range []string{"undone", "restarted"} {
		if got := o.head(playliststest.CardiologyDoor, 0); got.Body != moved.Body {
			t.Errorf("%s: the screen in paediatrics shows cardiology's programme again", when)
		}
		o.start()
	}
}

func TestUndoOfAMoveLeavesTheScreenAsItHangs(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	edit(o, "screen", string(playliststest.CardiologyDoor), "ada", func(s *playlists.Screen) { s.Department = "paediatrics" })
	edit(o, "playlist", "evening", "ada", func(p *playlists.Playlist) { p.Entries = p.Entries[:1] })
	move := o.publish("paediatrics")
	edit(o, "screen", string(playliststest.CardiologyDoor), "colleague", func(s *playlists.Screen) { s.Rotation = 90 })
	o.undo(move.Number)
	for _, when := range []string{"undone", "restarted"} {
		o.head(playliststest.CardiologyDoor, 0) // as when its player links
		m, err := o.Current(playliststest.CardiologyDoor)
		if err != nil {
			t.Fatal(err)
		}
		if m.Body.Department != "paediatrics" || m.Body.Rotation != 0 {
			t.Errorf("%s: it shows %s's programme, turned by %d; want paediatrics', as published", when, m.Body.Department, m.Body.Rotation)
		}
		o.start()
	}
}

// Undone for both departments at once, the screen is back where it was.
func TestUndoOfAMoveInBothDepartments(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	before := o.head(playliststest.CardiologyDoor, 0)
	edit(o, "screen", string(playliststest.CardiologyDoor), "ada", func(s *playlists.Screen) { s.Department = "paediatrics" })
	o.undo(o.publish("cardiology", "paediatrics").Number)
	for _, when := range []string{"undone", "restarted"} {
		if got := o.head(playliststest.CardiologyDoor, 0); got.Body != before.Body {
			t.Errorf("%s: it does not show cardiology's programme again", when)
		}
		o.start()
	}
}

// Two departments' old pins hold the screen, as the one it left was not published with the move.
func TestUndoWhereTwoDepartmentsHeldTheScreen(t *testing.T) {
	for range 8 { // no order of maps may decide
		o := open(t, playliststest.Hospital())
		o.publish()
		edit(o, "screen", string(playliststest.CardiologyDoor), "ada", func(s *playlists.Screen) { s.Department = "paediatrics" })
		o.publish("paediatrics")
		moved := o.head(playliststest.CardiologyDoor, 0)
		o.undo(o.publish("cardiology", "paediatrics").Number)
		o.start()
		if got := o.head(playliststest.CardiologyDoor, 0); got.Body != moved.Body {
			t.Fatal("the screen in paediatrics shows cardiology's programme again")
		}
	}
}

func TestScreenPairedAfterPublication(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	door := o.head(playliststest.CardiologyDoor, 0)
	o.now = o.now.Add(72 * time.Hour)
	edit(o, "screen", "cardiology-lift", "ada", func(s *playlists.Screen) {
		*s = playlists.Screen{ID: "cardiology-lift", Department: "cardiology", Name: "By the lift", Volume: 20}
	})
	edit(o, "playlist", "calm", "colleague", func(p *playlists.Playlist) { p.Entries = p.Entries[:1] })
	got := o.head("cardiology-lift", 0)
	if got.Body != door.Body || got.Generation != 1 {
		t.Errorf("got generation %d of %s, want the body of the publication in force, %s", got.Generation, got.Body, door.Body)
	}
	if !got.From.Equal(door.From) || !cmp.Equal(got.Anchors, door.Anchors) {
		t.Errorf("from %v anchors %v, want those of its class: %v %v", got.From, got.Anchors, door.From, door.Anchors)
	}
	if _, ok, err := o.Head(t.Context(), "nowhere", playlists.Abilities{}, 0); ok || err != nil {
		t.Errorf("a screen that is not there: %v, %v", ok, err)
	}
}

func TestScreensOfAClassStayInStep(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	// Mid-morning the running loop of cardiology changes, so its anchors count from the change.
	edit(o, "playlist", "cardiology-day", "ada", func(p *playlists.Playlist) { p.Entries = p.Entries[:2] })
	o.now = o.now.Add(2 * time.Hour)
	o.publish("cardiology")
	door := o.head(playliststest.CardiologyDoor, 0)
	if len(door.Anchors) == 0 || door.From.Before(o.now.Add(30*time.Second)) {
		t.Fatalf("the loop changed while it ran, but from is %v (published %v) and anchors %v", door.From, o.now, door.Anchors)
	}
	o.now = o.now.Add(20 * time.Minute)
	edit(o, "screen", "cardiology-lift", "ada", func(s *playlists.Screen) {
		*s = playlists.Screen{ID: "cardiology-lift", Department: "cardiology", Name: "By the lift", Volume: 20}
	})
	joined := o.head("cardiology-lift", 0)
	if joined.Body != door.Body {
		t.Fatal("not of one class")
	}
	at := o.now.Add(time.Minute)
	if got, want := o.slotAt("cardiology-lift", at), o.slotAt(playliststest.CardiologyDoor, at); got != want {
		t.Errorf("the late joiner shows %s, its neighbour %s", got, want)
	}
}

// A louder screen has another body, and is in step all the same, whether it is published or paired late.
func TestClassesOfADepartmentStayInStep(t *testing.T) {
	newScreen := func(o *house, id string) {
		edit(o, "screen", id, "ada", func(s *playlists.Screen) {
			*s = playlists.Screen{ID: playlists.ScreenID(id), Department: "cardiology", Name: "By the lift", Volume: 77}
		})
	}
	for _, row := range []struct{ what, published, late string }{
		{what: "paired later", late: "cardiology-lift"},
		{what: "published with the change", published: "cardiology-lift"},
		{what: "published with the change, and listed first", published: "a-lift"},
	} {
		t.Run(row.what, func(t *testing.T) {
			o := open(t, playliststest.Hospital())
			o.publish()
			o.now = o.now.Add(2 * time.Hour)
			edit(o, "playlist", "cardiology-day", "ada", func(p *playlists.Playlist) {
				p.Entries = p.Entries[:2]
				p.Entries[0].Millis = 17_000
			})
			if row.published != "" {
				newScreen(o, row.published)
			}
			o.publish("cardiology")
			o.now = o.now.Add(20 * time.Minute)
			if row.late != "" {
				newScreen(o, row.late)
			}
			id := playlists.ScreenID(row.published + row.late)
			if o.head(id, 0).Body == o.head(playliststest.CardiologyDoor, 0).Body {
				t.Fatal("of one class")
			}
			at := o.now.Add(time.Minute)
			if got, want := o.slotAt(id, at), o.slotAt(playliststest.CardiologyDoor, at); got != want {
				t.Errorf("it shows %s, its neighbour %s", got, want)
			}
		})
	}
}

// A window that has been on for hours elsewhere is given to one more screen, of another class.
func TestScreenReachedLaterIsInStep(t *testing.T) {
	h := playliststest.Hospital()
	w := h.Windows["cardiology-weekdays"]
	w.Targets = []playlists.Target{{Tag: "day"}}
	h.Windows[w.ID] = w
	s := h.Screens[playliststest.CardiologyDoor]
	s.Tags, s.Rotation = append(s.Tags, "day"), 90
	h.Screens[s.ID] = s
	o := open(t, h)
	o.publish()
	o.now = o.now.Add(2*time.Hour + 7*time.Second)
	edit(o, "screen", string(playliststest.CardiologyWindow), "ada", func(s *playlists.Screen) { s.Tags = append(s.Tags, "day") })
	o.publish("cardiology")
	at := o.now.Add(5 * time.Minute)
	if got, want := o.slotAt(playliststest.CardiologyWindow, at), o.slotAt(playliststest.CardiologyDoor, at); got != want {
		t.Errorf("it shows %s, its neighbour %s", got, want)
	}
}

// A new screen of the same class, which could begin at once, does not make the others cut a picture.
func TestNewScreenDoesNotHurryItsClass(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	o.now = o.now.Add(2 * time.Hour)
	edit(o, "playlist", "cardiology-day", "ada", func(p *playlists.Playlist) { p.Entries = p.Entries[:2] })
	edit(o, "screen", "a-lift", "ada", func(s *playlists.Screen) {
		*s = playlists.Screen{ID: "a-lift", Department: "cardiology", Name: "By the lift", Volume: 20}
	})
	o.publish("cardiology")
	door := o.head(playliststest.CardiologyDoor, 0)
	if len(door.Anchors) == 0 || door.From.Before(o.now.Add(30*time.Second)) {
		t.Errorf("from is %v (published %v) and anchors %v", door.From, o.now, door.Anchors)
	}
	if lift := o.head("a-lift", 0); lift.Body != door.Body || !cmp.Equal(lift.Anchors, door.Anchors) {
		t.Errorf("the new screen has anchors %v, its class %v", lift.Anchors, door.Anchors)
	}
}

func (o *house) slotAt(s playlists.ScreenID, at time.Time) string {
	o.t.Helper()
	m, err := o.Current(s)
	if err != nil {
		o.t.Fatal(err)
	}
	p, err := playlists.NewProgramme(m, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	f := p.At(at)
	if len(f.Slots) == 0 {
		return "nothing"
	}
	return fmt.Sprintf("%s from %v to %v", f.Slots[0].Showing.Title, f.Slots[0].Start, f.Slots[0].End)
}

func TestAbilitiesMakeAnotherBody(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	was := o.head(playliststest.CardiologyDoor, 0)
	o.now = o.now.Add(time.Hour)
	o.abilities[playliststest.CardiologyDoor] = playlists.Abilities{Width: 1280, Height: 720, SoftwareGL: true, Decoders: []string{"h264"}}
	got := o.head(playliststest.CardiologyDoor, was.Generation)
	if got.Body == was.Body || got.Generation != 2 {
		t.Errorf("got generation %d of %s, want a new body for a small machine", got.Generation, got.Body)
	}
	if neighbour := o.head(playliststest.CardiologyWindow, 0); neighbour.Generation != 1 {
		t.Errorf("the neighbour got generation %d", neighbour.Generation)
	}
	o.publish()
	if again := o.head(playliststest.CardiologyDoor, got.Generation); again.Generation != got.Generation {
		t.Errorf("publishing forgot what the machine can do: generation %d", again.Generation)
	}
}

func TestDepartmentThatWasNeverPublished(t *testing.T) {
	o := open(t, playliststest.Hospital())
	head := o.head(playliststest.Outpatients, 0)
	m, err := o.Current(playliststest.Outpatients)
	if err != nil {
		t.Fatal(err)
	}
	if m.Body.Zone != "America/Chicago" || len(m.Body.Windows) != 0 || m.Body.Filler != -1 || head.Generation != 1 {
		t.Errorf("got generation %d, zone %s, %d windows, filler %d: want its place and nothing to show", head.Generation, m.Body.Zone, len(m.Body.Windows), m.Body.Filler)
	}
	takeover := playliststest.Takeover("tko-1", o.now)
	takeover.Targets = []playlists.Target{{Site: "west"}}
	p, err := playlists.NewProgramme(m, playliststest.Takeovers(1, o.now, takeover))
	if err != nil {
		t.Fatal(err)
	}
	if f := p.At(o.now.Add(time.Second)); f.Source != playlists.FromTakeover {
		t.Errorf("a takeover of its site shows as %s", f.Source)
	}
}

func TestUnapprovedChangesWait(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	edit(o, "item", "visiting-hours", "mo", func(i *playlists.Item) { i.Title, i.Version = "Come when you like", 2 })
	edit(o, "item", "brand-new", "mo", func(i *playlists.Item) {
		*i = playliststest.Pictures("brand-new", "Brand new", playlists.Recovery, "en")
		i.Approval = nil
	})
	edit(o, "playlist", "calm", "mo", func(p *playlists.Playlist) {
		p.Entries = append(p.Entries, playlists.Entry{Item: "brand-new", Weight: 1})
	})
	p := o.publish("outpatients")
	want := []string{"The lake at dawn", "Visiting hours"}
	if got := o.titles(playliststest.Outpatients, "calm"); !slices.Equal(got, want) {
		t.Errorf("shows %q, want only what was approved: %q", got, want)
	}
	for _, id := range []string{"visiting-hours", "brand-new"} {
		about := func(p playlists.Problem) bool { return p.ID == id || slices.Contains([]string{"calm"}, p.ID) }
		if !slices.ContainsFunc(p.Problems, about) {
			t.Errorf("nobody was told about %s: %+v", id, p.Problems)
		}
	}
}

func TestPreviewListsChanges(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	edit(o, "playlist", "calm", "mo", func(p *playlists.Playlist) { p.Name = "Calm water" })
	edit(o, "window", "numbers-at-lunch", "mo", func(w *playlists.Window) { w.Targets = []playlists.Target{{Site: "main"}} })
	edit(o, "window", "fresh", "li", func(w *playlists.Window) {
		*w = playlists.Window{
			ID: "fresh", Name: "Fresh", Playlist: "no-such", Start: "0 9 * * *", End: playlists.LocalEnd{Clock: 600},
			Targets: []playlists.Target{{Screen: playliststest.Outpatients}},
		}
	})
	p, err := o.Preview(t.Context(), publish.Question{Departments: []playlists.DepartmentID{"outpatients"}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range p.Changes {
		got = append(got, fmt.Sprintf("%s %s %q %d->%d by %s", c.Kind, c.ID, c.Title, c.From, c.To, c.By))
	}
	want := []string{
		`playlist calm "Calm water" 1->2 by mo`,
		`window fresh "Fresh" 0->1 by li`,
		`window numbers-at-lunch "Know your numbers, at lunch" 1->0 by mo`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if p.Screens != 1 {
		t.Errorf("%d screens would change, want 1", p.Screens)
	}
	if !slices.ContainsFunc(p.Problems, func(p playlists.Problem) bool { return p.Kind == "window" && p.ID == "fresh" }) {
		t.Errorf("the missing playlist is not told: %+v", p.Problems)
	}
	if o.Generation(playliststest.Outpatients) != 1 {
		t.Error("a preview published")
	}
	if _, err := o.Preview(t.Context(), publish.Question{Departments: []playlists.DepartmentID{"dentists"}}); !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("an unknown department: %v, want ErrInvalid", err)
	}
}

// TestPreviewsFollowChanges: what was read for one preview is in the next only as far as it is still so.
func TestPreviewsFollowChanges(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	rename := func(name string) func() {
		return func() { edit(o, "playlist", "calm", "mo", func(p *playlists.Playlist) { p.Name = name }) }
	}
	turned := func() {
		edit(o, "playlist", "calm", "mo", func(p *playlists.Playlist) { slices.Reverse(p.Entries) })
	}
	for _, step := range []struct {
		name string
		do   func()
		want []string
	}{
		{"all is published", func() {}, []string{"0 screens"}},
		{"a change", rename("Calm water"), []string{"0 screens", `calm "Calm water" 1->2`}},
		{"nothing since", func() {}, []string{"0 screens", `calm "Calm water" 1->2`}},
		{"the same again", rename("Still water"), []string{"0 screens", `calm "Still water" 1->3`}},
		{"another document", func() {
			edit(o, "department", "outpatients", "li", func(d *playlists.Department) { d.Name = "Clinic" })
		}, []string{"0 screens", `outpatients "Clinic" 1->2`, `calm "Still water" 1->3`}},
		{"it is published", func() { o.publish() }, []string{"0 screens"}},
		{"a change after that", rename("Calm"), []string{"0 screens", `calm "Calm" 3->4`}},
		{"its loop the other way round", turned, []string{"1 screens", `calm "Calm" 3->5`}},
	} {
		step.do()
		p, err := o.Preview(t.Context(), publish.Question{Departments: []playlists.DepartmentID{"outpatients"}})
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		got := []string{fmt.Sprintf("%d screens", p.Screens)}
		for _, c := range p.Changes {
			got = append(got, fmt.Sprintf("%s %q %d->%d", c.ID, c.Title, c.From, c.To))
		}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("%s: changes (-want +got):\n%s", step.name, diff)
		}
	}
}

// TestPreviewTellsMissedFloors: from saving a floor on, before it is published; by the phases that items are of now, and of items that are
// deleted since by what they were.
func TestPreviewTellsMissedFloors(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	misses := func(q publish.Question) string {
		t.Helper()
		q.Span = 7 * 24 * time.Hour
		p, err := o.Preview(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, m := range p.Diff.Floors {
			said = append(said, fmt.Sprintf("%s %s%s %d/h: %d of %d hours, %d screens", m.Department, m.Floor.Item, m.Floor.Phase, m.Floor.Plays, m.Hours, m.OpenHours, m.Screens))
		}
		return strings.Join(said, ", ")
	}
	want := func(name string, q publish.Question, want string) {
		t.Helper()
		if got := misses(q); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	cardiology := publish.Question{Departments: []playlists.DepartmentID{"cardiology"}}
	want("no floors", cardiology, "")
	edit(o, "department", "cardiology", "ada", func(d *playlists.Department) {
		d.Floors = []playlists.Floor{{Phase: playlists.Prevention, Plays: 100}, {Item: "visiting-hours", Plays: 1}}
	})
	want("a draft", cardiology, "cardiology prevention 100/h: 8 of 40 hours, 2 screens, cardiology visiting-hours 1/h: 32 of 40 hours, 2 screens")
	want("of another department", publish.Question{Departments: []playlists.DepartmentID{"outpatients"}}, "")
	want("who may not see its screens", publish.Question{Sees: func(d playlists.DepartmentID) bool { return d != "cardiology" }}, "")
	first := o.publish()
	edit(o, "playlist", "cardiology-day", "ada", func(p *playlists.Playlist) { p.Entries[0].Item = "visiting-hours" })
	want("another playlist, from the next hour on", cardiology, "cardiology prevention 100/h: 39 of 39 hours, 2 screens")
	o.publish()
	o.remove("item", "know-your-numbers")
	want("going back to an item that is deleted", publish.Question{BackTo: first.Number},
		"cardiology prevention 100/h: 8 of 39 hours, 2 screens, cardiology visiting-hours 1/h: 31 of 39 hours, 2 screens")
	edit(o, "item", "visiting-hours", "ada", func(i *playlists.Item) { i.Phase = playlists.Prevention })
	want("an item of another phase", cardiology, "")
}

// TestPreviewTellsWhatPeopleWillSee: what a preview says is what the heads that are then issued make of it.
func TestPreviewTellsWhatPeopleWillSee(t *testing.T) {
	week := 7 * 24 * time.Hour
	for _, c := range []struct {
		name   string
		change func(o *house)
		// sees is whose screens are compared, "" for all.
		sees    playlists.DepartmentID
		screens int
		// idle is what starts to have nothing scheduled, and where.
		idle string
	}{
		{"nothing", func(*house) {}, "", 4, ""},
		{"a loop that runs now", func(o *house) {
			edit(o, "playlist", "cardiology-day", "ada", func(p *playlists.Playlist) { p.Entries = p.Entries[1:] })
		}, "", 4, ""},
		{"a new version of a picture", func(o *house) {
			edit(o, "item", "visiting-hours", "ada", func(i *playlists.Item) { i.Version, i.Approval.Version = 2, 2 })
		}, "", 4, ""},
		{"evenings only from Monday to Friday", func(o *house) {
			edit(o, "window", "main-evenings", "ada", func(w *playlists.Window) { w.Start = "0 17 * * 1-5" })
		}, "", 4, "cardiology [cardiology-door cardiology-window] Sat 17:00, paediatrics [paediatrics-play-corner] Sat 17:00, cardiology [cardiology-door cardiology-window] Sun 17:00, paediatrics [paediatrics-play-corner] Sun 17:00"},
		{"the same, for who sees paediatrics", func(o *house) {
			edit(o, "window", "main-evenings", "ada", func(w *playlists.Window) { w.Start = "0 17 * * 1-5" })
		}, "paediatrics", 1, "paediatrics [paediatrics-play-corner] Sat 17:00, paediatrics [paediatrics-play-corner] Sun 17:00"},
		{"a screen that is new", func(o *house) {
			edit(o, "screen", "fresh", "ada", func(s *playlists.Screen) {
				*s = playlists.Screen{ID: "fresh", Department: "paediatrics", Name: "By the door"}
			})
		}, "", 5, ""},
		{"a screen that moves", func(o *house) {
			edit(o, "screen", string(playliststest.Paediatrics), "ada", func(s *playlists.Screen) { s.Department = "cardiology" })
		}, "", 4, "cardiology [paediatrics-play-corner] Mon 22:00, cardiology [paediatrics-play-corner] Tue 22:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := open(t, playliststest.Hospital())
			o.publish()
			o.now = o.now.Add(time.Hour)
			c.change(o)
			q := publish.Question{Span: week}
			if c.sees != "" {
				q.Sees = func(d playlists.DepartmentID) bool { return d == c.sees }
			}
			preview, err := o.Preview(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if preview.Diff.Screens != c.screens {
				t.Errorf("%d screens are compared, want %d", preview.Diff.Screens, c.screens)
			}
			if idle := newlyIdle(preview.Diff); !strings.HasPrefix(idle, c.idle) || c.idle == "" && idle != "" {
				t.Errorf("nothing is scheduled any more: %s\nwant %s", idle, c.idle)
			}
			before := o.manifests()
			o.publish()
			var after []playlists.Exchange
			for s, m := range o.manifests() {
				if q.Sees == nil || q.Sees(m.Body.Department) {
					after = append(after, playlists.Exchange{Screens: []playlists.ScreenID{s}, Before: before[s], After: m, Since: m.Head.From})
				}
			}
			got, err := playlists.Diff(after, nil, o.now, o.now.Add(week))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, preview.Diff); diff != "" {
				t.Errorf("(-happened +foretold):\n%s", diff)
			}
		})
	}
}

// manifests are those in force, by screen.
func (o *house) manifests() map[playlists.ScreenID]*playlists.Manifest {
	o.t.Helper()
	all := map[playlists.ScreenID]*playlists.Manifest{}
	for s := range o.Screens() {
		m, err := o.Current(s)
		if err != nil {
			o.t.Fatal(err)
		}
		all[s] = m
	}
	return all
}

func newlyIdle(d playlists.Difference) string {
	var said []string
	for _, i := range d.Idle {
		if i.New {
			said = append(said, fmt.Sprintf("%s %v %s", i.Department, i.Some, i.Start.In(time.FixedZone("EST", -5*60*60)).Format("Mon 15:04")))
		}
	}
	return strings.Join(said, ", ")
}

func TestWhatPlayersMayFetch(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	first := o.head(playliststest.CardiologyDoor, 0)
	old, err := o.Current(playliststest.CardiologyDoor)
	if err != nil {
		t.Fatal(err)
	}
	gone := old.Body.Showings[slices.IndexFunc(old.Body.Showings, func(s playlists.Showing) bool { return s.Item == "taking-your-tablets" })].Asset
	edit(o, "playlist", "cardiology-day", "ada", func(p *playlists.Playlist) { p.Entries = p.Entries[:2] })
	o.publish()
	second := o.head(playliststest.CardiologyDoor, 0)
	edit(o, "playlist", "cardiology-day", "ada", func(p *playlists.Playlist) { p.Entries = p.Entries[:1] })
	o.publish()
	third := o.head(playliststest.CardiologyDoor, 0)
	stranger := o.head(playliststest.Outpatients, 0)

	for _, test := range []struct {
		what     string
		reported playlists.Digest
		digest   playlists.Digest
		allowed  bool
	}{
		{"the offered body", "", third.Body, true},
		{"a font", "", playliststest.Fonts()[0].Digest, true},
		{"the body it has, long offline", first.Body, first.Body, true},
		{"an asset of the body it has", first.Body, gone, true},
		{"the body before, where it says nothing", "", second.Body, true},
		{"a body from before that, where it says nothing", "", first.Body, false},
		{"an asset of a body that it does not have any more", third.Body, gone, false},
		{"another department's body", stranger.Body, stranger.Body, false},
		{"something that is nowhere", "", playliststest.Digest("x"), false},
	} {
		_, err := o.Opens(t.Context(), playliststest.CardiologyDoor, test.reported, test.digest)
		if allowed := err == nil; allowed != test.allowed {
			t.Errorf("%s: %v, want allowed %v", test.what, err, test.allowed)
		}
		if err != nil && !errors.Is(err, playlists.ErrDenied) {
			t.Errorf("%s: %v, want ErrDenied", test.what, err)
		}
	}
}

func TestThePastIsKept(t *testing.T) {
	o := open(t, playliststest.Hospital())
	began := o.now
	o.publish()
	edit(o, "playlist", "calm", "ada", func(p *playlists.Playlist) { p.Entries = p.Entries[:1] })
	o.now = began.Add(24 * time.Hour)
	o.publish()
	second := o.head(playliststest.Outpatients, 0)
	spells, err := o.Past(t.Context(), playliststest.Outpatients, began.Add(-time.Hour), began.Add(48*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range spells {
		got = append(got, fmt.Sprintf("%d: %v to %v", s.Manifest.Head.Generation, s.Start.Sub(began), s.End.Sub(began)))
	}
	change := second.From.Sub(began)
	want := []string{fmt.Sprintf("1: 0s to %v", change), fmt.Sprintf("2: %v to 48h0m0s", change)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	edit(o, "window", "outpatients-days", "somebody-else", func(w *playlists.Window) { w.Name = "Changed since" })
	by, err := o.Author(t.Context(), playliststest.Outpatients, 1, "window", "outpatients-days")
	if err != nil || by != "ada" {
		t.Errorf("the window was made by %q, %v; want ada", by, err)
	}
}

func TestAnotherKeyIsRefused(t *testing.T) {
	o := open(t, playliststest.Hospital())
	o.publish()
	_, other, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	files, err := content.Open(filepath.Join(o.dir, "content"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = publish.New(t.Context(), publish.Config{Store: o.documents, Content: files, Key: other, Zones: playliststest.Zones})
	if !errors.Is(err, playlists.ErrDenied) {
		t.Errorf("got %v, want ErrDenied: these heads are another controller's", err)
	}
}

// failing is a store whose writes fail once they have happened, as when nobody knows whether a commit is
// durable.
type failing struct {
	store.Documents

	fail bool
}

var errDisk = errors.New("no idea whether it is on disk")

func (f *failing) Update(ctx context.Context, write func(store.Tx) error) error {
	err := f.Documents.Update(ctx, write)
	if err == nil && f.fail {
		return errDisk
	}
	return err
}

func TestMemoryFollowsTheStoreThroughFailures(t *testing.T) {
	o := open(t, playliststest.Hospital())
	files, err := content.Open(filepath.Join(o.dir, "content"))
	if err != nil {
		t.Fatal(err)
	}
	disk := &failing{Documents: o.documents, fail: true}
	p, err := publish.New(t.Context(), publish.Config{
		Store: disk, Content: files, Key: o.key, Fonts: playliststest.Fonts(), Zones: playliststest.Zones, Now: func() time.Time { return o.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = p.Publish(t.Context(), publish.Order{By: "maria"}); !errors.Is(err, errDisk) {
		t.Fatalf("got %v", err)
	}
	disk.fail = false
	again, err := p.Publish(t.Context(), publish.Order{By: "maria"})
	if err != nil {
		t.Fatal(err)
	}
	if again.Number != 2 || again.Screens != 0 {
		t.Errorf("got publication %d for %d screens; the first was written after all", again.Number, again.Screens)
	}
}

// Published, asked for by a player of other abilities, or after a restart: a player can fetch what its head names.
func TestTheBodyOfEveryHeadIsThere(t *testing.T) {
	o := open(t, playliststest.Hospital())
	files, err := content.Open(filepath.Join(o.dir, "content"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[playlists.Digest]bool{}
	check := func(what string) {
		t.Helper()
		h := o.head(playliststest.CardiologyDoor, 0)
		if !files.Has(h.Body) {
			t.Errorf("%s: body %s is not there", what, h.Body)
		}
		seen[h.Body] = true
	}
	check("before the first publication")
	o.publish()
	check("published")
	o.abilities[playliststest.CardiologyDoor] = playlists.Abilities{Width: 1280, Height: 720, SoftwareGL: true, Decoders: []string{"h264"}}
	check("asked for by a small screen")
	o.start()
	check("after a restart")
	if len(seen) != 3 {
		t.Errorf("%d bodies, want three", len(seen))
	}
}

func TestNobodyIsNudgedBeforeItIsDurable(t *testing.T) {
	o := open(t, playliststest.Hospital())
	files, err := content.Open(filepath.Join(o.dir, "content"))
	if err != nil {
		t.Fatal(err)
	}
	nudged := 0
	disk := &failing{Documents: o.documents, fail: true}
	p, err := publish.New(t.Context(), publish.Config{
		Store: disk, Content: files, Key: o.key, Fonts: playliststest.Fonts(), Zones: playliststest.Zones, Now: func() time.Time { return o.now },
		Nudge: func(playlists.ScreenID, wire.Signed) { nudged++ },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Publish(t.Context(), publish.Order{By: "maria"}); !errors.Is(err, errDisk) {
		t.Fatalf("got %v", err)
	}
	if nudged > 0 {
		t.Errorf("%d screens were nudged to what may not be there", nudged)
	}
	disk.fail = false
	edit(o, "playlist", "calm", "ada", func(p *playlists.Playlist) { p.Entries = p.Entries[:1] })
	if again, err := p.Publish(t.Context(), publish.Order{By: "maria"}); err != nil || again.Screens == 0 || nudged != again.Screens {
		t.Errorf("%d screens were nudged, %d have something new: %v", nudged, again.Screens, err)
	}
}

func TestThousandsOfScreensShareFewBodies(t *testing.T) {
	h := playliststest.Hospital()
	for i := range 2000 {
		id := playlists.ScreenID(fmt.Sprintf("wall-%04d", i))
		h.Screens[id] = playlists.Screen{ID: id, Department: []playlists.DepartmentID{"cardiology", "paediatrics", "outpatients"}[i%3], Name: string(id)}
	}
	o := open(t, h)
	p := o.publish()
	if p.Screens != 2004 {
		t.Errorf("%d screens got something, want 2004", p.Screens)
	}
	bodies := map[playlists.Digest]bool{}
	for id := range h.Screens {
		bodies[o.head(id, 0).Body] = true
	}
	if len(bodies) > 6 {
		t.Errorf("%d bodies for three departments", len(bodies))
	}
	entries, err := os.ReadDir(filepath.Join(o.dir, "content"))
	if err != nil || len(entries) == 0 {
		t.Errorf("content: %v, %v", entries, err)
	}
}

// BenchmarkPublish publishes a change of one department to all of its 10,000 screens.
func BenchmarkPublish(b *testing.B) {
	h := playliststest.Hospital()
	for i := range 10_000 {
		id := playlists.ScreenID(fmt.Sprintf("wall-%05d", i))
		h.Screens[id] = playlists.Screen{ID: id, Department: "cardiology", Name: string(id)}
	}
	o := open(b, h)
	o.publish()
	for n := 0; b.Loop(); n++ {
		edit(o, "playlist", "calm", "ada", func(p *playlists.Playlist) { p.Entries[0].Weight = 2 + n%5 })
		o.now = o.now.Add(time.Hour)
		if p := o.publish("cardiology"); p.Screens < 10_000 {
			b.Fatalf("%d screens got it", p.Screens)
		}
	}
}

// BenchmarkPreview asks what publishing a change to all screens of 40 departments would do. Compiling is
// for 10,000 screens that 1,000 windows reach, and from documents as they lie in the store: all that
// publishing does before it signs and writes; the goal is a second. A week is for 1,000 screens, with the
// difference that people would see; the goal is about a second, too.
func BenchmarkPreview(b *testing.B) {
	for _, c := range []struct {
		name             string
		screens, windows int
		span             time.Duration
	}{
		{"compiling", 10_000, 1_000, 0},
		{"week", 1_000, 100, 7 * 24 * time.Hour},
	} {
		b.Run(c.name, func(b *testing.B) {
			o := open(b, playliststest.Fleet(c.screens, 40, c.windows))
			o.publish()
			edit(o, "playlist", "calm", "ada", func(p *playlists.Playlist) { p.Entries[0].Weight = 2 })
			edit(o, "playlist", "cardiology-day", "ada", func(p *playlists.Playlist) { p.Entries[0].Weight = 3 })
			for b.Loop() {
				p, err := o.Preview(b.Context(), publish.Question{Span: c.span})
				if err != nil || p.Screens < c.screens {
					b.Fatalf("%d screens would change: %v", p.Screens, err)
				}
			}
		})
	}
}

// TestPublicationsPinWhatFills: an item that no playlist has goes out with the department that fills with it, stays as it was
// when the library changes, and goes again when the publication is undone.
func TestPublicationsPinWhatFills(t *testing.T) {
	h := playliststest.Hospital()
	h.Items["walking"] = playliststest.Pictures("walking", "Walk a little", playlists.Recovery, "en", "es")
	o := open(t, h)
	o.publish()
	edit(o, "department", "cardiology", "ada", func(d *playlists.Department) {
		d.Floors = []playlists.Floor{{EveryPhase: true, Plays: 2, Fill: true}}
	})
	filled := o.publish("cardiology")
	pinned := func(p publish.Publication, item string) bool {
		return slices.ContainsFunc(p.Pins["cardiology"], func(pin publish.Pin) bool { return pin.Kind == "item" && pin.ID == item })
	}
	if !pinned(filled, "walking") {
		t.Error("the item that fills is not pinned")
	}
	shows := func() bool {
		return slices.Contains(o.titles(playliststest.CardiologyDoor, "cardiology-day"), "Walk a little")
	}
	if !shows() {
		t.Error("the loop does not have the item that fills")
	}
	edit(o, "item", "walking", "ada", func(i *playlists.Item) { i.Phase = playlists.Symptoms })
	if !shows() {
		t.Error("the loop changed before anything was published")
	}
	o.undo(filled.Number)
	if shows() {
		t.Error("the item still shows after the publication was undone")
	}
}
