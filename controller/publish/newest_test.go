package publish_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"anteroom/controller/publish"
	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/wire"
)

// TestWhoLooksOftenSeesWhatIsThere: whatever staff did since, a publisher that keeps what it read and compiled for earlier
// looks says the same as one that has just begun, and what it publishes is what the whole hospital's documents make of it.
func TestWhoLooksOftenSeesWhatIsThere(t *testing.T) {
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	s := &staff{house: open(t, playliststest.Fleet(9, 3, 12)), r: rand.New(rand.NewPCG(uint64(seed), 1))}
	s.publish()
	for range 15 {
		did := s.act()
		long := s.looks(s.house)
		fresh := *s.house
		fresh.start()
		if diff := cmp.Diff(s.looks(&fresh), long); diff != "" {
			t.Fatalf("after %s (-fresh +long):\n%s", did, diff)
		}
		if diff := cmp.Diff(s.compiled(), s.drafts(s.house)); diff != "" {
			t.Fatalf("after %s, drafts (-of all documents +told):\n%s", did, diff)
		}
	}
	s.publish()
	for id, want := range s.compiled() {
		if got := s.head(id, 0).Body; got != want {
			t.Errorf("screen %s got another body than all documents together make", id)
		}
	}
}

// staff change documents at random.
type staff struct {
	*house

	r *rand.Rand
}

func pick[T any](s *staff, all ...T) T { return all[s.r.IntN(len(all))] }

func (s *staff) department() playlists.DepartmentID {
	return pick[playlists.DepartmentID](s, "department-00", "department-01", "department-02", "cardiology", "outpatients")
}

func (s *staff) screen() playlists.ScreenID {
	return pick(s, "screen-00000", "screen-00004", "screen-00007", playliststest.CardiologyDoor, playliststest.Outpatients)
}

func (s *staff) target() playlists.Target {
	return pick(s, playlists.Target{All: true}, playlists.Target{Site: pick[playlists.SiteID](s, "main", "west")}, playlists.Target{Department: s.department()},
		playlists.Target{Tag: pick[playlists.Tag](s, "fleet", "quiet", "new")}, playlists.Target{Screen: s.screen()})
}

func (s *staff) item() string {
	return pick(s, "know-your-numbers", "visiting-hours")
}

func (s *staff) playlist() playlists.PlaylistID {
	return pick[playlists.PlaylistID](s, "calm", "cardiology-day", "evening", "notices", "gone")
}

// act does one thing and says what.
func (s *staff) act() string {
	window := fmt.Sprintf("window-%04d", s.r.IntN(12))
	switch n := s.r.IntN(18); n {
	case 0, 1, 2:
		edit(s.house, "window", window, "ada", func(w *playlists.Window) {
			if w.ID == "" { // it had been deleted
				w.ID, w.Name, w.Start, w.End = playlists.WindowID(window), "Again", "0 9 * * *", playlists.LocalEnd{Clock: 600}
			}
			w.Targets, w.Except, w.Playlist = []playlists.Target{s.target(), s.target()}, []playlists.Target{s.target()}[:s.r.IntN(2)], s.playlist()
		})
		return "another target"
	case 3, 13, 14:
		s.remove("window", window)
		return "a window less"
	case 4:
		edit(s.house, "screen", string(s.screen()), "ada", func(d *playlists.Screen) { d.Department = s.department() })
		return "a move"
	case 5:
		edit(s.house, "screen", string(s.screen()), "ada", func(d *playlists.Screen) { d.Tags = []playlists.Tag{pick[playlists.Tag](s, "fleet", "new")} })
		return "another tag"
	case 6, 15:
		edit(s.house, "item", s.item(), "mo", func(i *playlists.Item) {
			if i.Approval == nil {
				return
			}
			i.Version, i.Title, i.Approval = i.Version+1, fmt.Sprintf("Title %d", s.r.IntN(9)), nil
		})
		return "an item that waits"
	case 7, 16:
		edit(s.house, "item", s.item(), "mo", func(i *playlists.Item) { i.Approval = &playlists.Approval{Version: i.Version} })
		return "a verdict"
	case 8:
		edit(s.house, "playlist", string(s.playlist()), "ada", func(p *playlists.Playlist) {
			if p.ID != "" {
				p.Entries = append(p.Entries, playlists.Entry{Item: playlists.ItemID(s.item()), Weight: 1})
			}
		})
		return "another entry"
	case 9:
		edit(s.house, "department", string(s.department()), "ada", func(d *playlists.Department) { d.Filler = s.playlist() })
		return "another filler"
	case 10:
		edit(s.house, "organisation", "organisation", "ada", func(o *playlists.Organisation) { o.Brand.Name = fmt.Sprintf("Brand %d", s.r.IntN(5)) })
		return "another brand"
	case 11:
		s.publish(s.department(), s.department())
		return "a publication"
	default:
		s.publish()
		return "a publication of everything"
	}
}

func (s *staff) remove(kind store.Kind, id string) {
	s.t.Helper()
	err := s.documents.Update(s.t.Context(), func(tx store.Tx) error {
		doc, err := tx.Get(kind, id)
		if err == nil {
			_, err = tx.Delete(kind, id, doc.Revision, "ada")
		}
		if errors.Is(err, playlists.ErrNotFound) {
			return nil
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// looks are what a publisher says of the drafts.
func (s *staff) looks(o *house) []any {
	s.t.Helper()
	var all []any
	for _, departments := range [][]playlists.DepartmentID{nil, {"cardiology", "department-01"}} {
		p, err := o.Preview(s.t.Context(), publish.Question{Departments: departments, Span: 30 * time.Hour})
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// drafts are the bodies that a publisher makes of the drafts, by screen.
func (s *staff) drafts(o *house) map[playlists.ScreenID]playlists.Digest {
	s.t.Helper()
	drafts, err := o.Drafts(s.t.Context(), nil, func(*playlists.Screen) bool { return true })
	if err != nil {
		s.t.Fatal(err)
	}
	bodies := map[playlists.ScreenID]playlists.Digest{}
	for _, d := range drafts {
		for _, screen := range d.Screens {
			bodies[screen] = s.digest(d.Body)
		}
	}
	return bodies
}

func (s *staff) digest(b *playlists.Body) playlists.Digest {
	s.t.Helper()
	_, digest, err := wire.EncodeBody(b)
	if err != nil {
		s.t.Fatal(err)
	}
	return digest
}

// compiled are the bodies that all documents together make, by screen.
func (s *staff) compiled() map[playlists.ScreenID]playlists.Digest {
	s.t.Helper()
	h := s.hospital()
	bodies := map[playlists.ScreenID]playlists.Digest{}
	for id := range h.Screens {
		body, _, err := playlists.Compile(h, id, playlists.Abilities{}, playliststest.Zones, playliststest.Fonts())
		if err != nil {
			s.t.Fatal(err)
		}
		bodies[id] = s.digest(body)
	}
	return bodies
}

func (s *staff) hospital() *playlists.Hospital {
	s.t.Helper()
	h := &playlists.Hospital{
		Sites: map[playlists.SiteID]playlists.Site{}, Departments: map[playlists.DepartmentID]playlists.Department{},
		Screens: map[playlists.ScreenID]playlists.Screen{}, Items: map[playlists.ItemID]playlists.Item{},
		Playlists: map[playlists.PlaylistID]playlists.Playlist{}, Layouts: map[playlists.LayoutID]playlists.Layout{},
		Windows: map[playlists.WindowID]playlists.Window{}, Closures: map[playlists.ClosureID]playlists.Closure{},
	}
	err := s.documents.View(s.t.Context(), func(v store.View) error {
		organisation, err := v.Get("organisation", "organisation")
		if err != nil {
			return err
		}
		items := map[playlists.ItemID]playlists.Item{}
		err = errors.Join(json.Unmarshal(organisation.Body, &h.Organisation), read(v, "site", h.Sites), read(v, "department", h.Departments),
			read(v, "screen", h.Screens), read(v, "playlist", h.Playlists), read(v, "layout", h.Layouts),
			read(v, "window", h.Windows), read(v, "closure", h.Closures), read(v, "item", items))
		for id := range items {
			approved, notYet := publish.Approved(v, id)
			if notYet == nil {
				h.Items[id] = approved
			}
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return h
}

// read gives all documents of a kind.
func read[K ~string, T any](v store.View, kind store.Kind, all map[K]T) error {
	for doc, err := range v.List(kind) {
		if err != nil {
			return err
		}
		var t T
		if err := json.Unmarshal(doc.Body, &t); err != nil {
			return err
		}
		all[K(doc.ID)] = t
	}
	return nil
}
