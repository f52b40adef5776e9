package notify

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"anteroom/controller/players"
	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// house is players that a test sets.
type house map[playlists.ScreenID]players.Presence

func (h house) OfScreen(s playlists.ScreenID) (players.Player, bool) {
	_, ok := h[s]
	return players.Player{ID: playlists.PlayerID("player-" + s), Screen: s}, ok
}

func (h house) Presence(p playlists.PlayerID) (players.Presence, bool) {
	presence, ok := h[playlists.ScreenID(p[len("player-"):])]
	return presence, ok
}

// The bubble's first midnight is a Friday evening in New York: Cardiology is closed, Paediatrics always open.
func TestHowEverythingIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		documents := openStore(t, t.TempDir())
		defer func() {
			if err := documents.Close(); err != nil {
				t.Error(err)
			}
		}()
		h := playliststest.Hospital()
		put := func(tx store.Tx, kind store.Kind, id string, document any) {
			body, err := json.Marshal(document)
			if err == nil {
				_, err = tx.Put(kind, id, 0, "ada", body)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		contacts := func(some ...playlists.Contact) {
			err := documents.Update(t.Context(), func(tx store.Tx) error {
				d := h.Departments["paediatrics"]
				d.Contacts = some
				body, err := json.Marshal(d)
				if err == nil {
					_, err = tx.Put("department", "paediatrics", 1, "ada", body)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		err := documents.Update(t.Context(), func(tx store.Tx) error {
			for id, d := range h.Departments {
				put(tx, "department", string(id), d)
			}
			for id, s := range h.Screens {
				put(tx, "screen", string(id), s)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		time.Sleep(time.Hour)
		beat := players.Presence{Linked: true, LastHeard: time.Now()}
		off := beat
		off.Heartbeat.Health.Display = playlists.DisplayOff
		forked := beat
		forked.Alarms = []players.Alarm{{Remark: playlists.Remark{Text: "Two machines"}}}
		w := &Watch{Store: documents, Zones: playliststest.Zones, Started: start, Players: house{
			playliststest.CardiologyDoor: {LastHeard: start.Add(-time.Hour)}, playliststest.Paediatrics: off, playliststest.Outpatients: forked,
		}}
		if l, _, err := w.Look(t.Context()); err != nil || len(l.Screens)+len(l.Open) > 0 {
			t.Fatalf("with nobody to tell it looks at %+v, %v", l, err)
		}
		contacts(playlists.Contact{Email: "desk@lakeside.example"})
		l, names, err := w.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range l.Screens {
			since := time.Duration(0)
			if s.Trouble != Well {
				since = s.Since.Sub(start)
			}
			got = append(got, fmt.Sprintf("%s %q after %v %q", s.ID, s.Trouble, since, s.Alarms))
		}
		slices.Sort(got)
		want := []string{
			`cardiology-door "unheard" after 0s []`, `outpatients-hall "" after 0s ["Two machines"]`, `paediatrics-play-corner "no-picture" after 1h0m0s []`,
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if _, open := l.Open["cardiology"]; open || len(names.Departments) != 3 {
			t.Errorf("Cardiology is open at %v: %v", l.At, l.Open)
		}
		if _, open := l.Open["paediatrics"]; !open {
			t.Errorf("Paediatrics is closed at %v: %v", l.At, l.Open)
		}
		time.Sleep(time.Hour)
		later, _, err := w.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range later.Screens {
			if s.ID == playliststest.Paediatrics && (s.Trouble != Unheard || s.Since != beat.LastHeard) {
				t.Errorf("an hour after its last word: %+v", s)
			}
		}
	})
}
