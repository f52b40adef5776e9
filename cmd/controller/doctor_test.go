package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"anteroom/cmd/internal/checkup"
	"anteroom/controller"
	"anteroom/controller/api"
	"anteroom/controller/backup"
	"anteroom/controller/publish"
	"anteroom/playlists"
)

func TestWhatTheDoctorSays(t *testing.T) {
	restored := time.Date(2026, 11, 22, 20, 4, 5, 0, time.UTC)
	losses := func(change func(*api.Losses)) []checkup.Finding {
		l := api.Losses{Restored: &backup.Record{At: restored}}
		change(&l)
		return lossesFindings(l)
	}
	shown := func(s backup.Shown) []checkup.Finding {
		s.Screens, s.From, s.To = []playlists.ScreenID{"door", "lobby"}, restored, restored.Add(time.Hour)
		return losses(func(l *api.Losses) { l.Shown = append(l.Shown, s) })
	}
	one := func(f checkup.Finding) []checkup.Finding { return []checkup.Finding{f} }
	tests := []struct {
		name  string
		found []checkup.Finding
		level checkup.Level
		says  string
	}{
		{"the key is there", one(keyFinding("/d", nil)), checkup.Fine, "The controller's key is there, for its owner alone."},
		{"no key", one(keyFinding("/d", fs.ErrNotExist)), checkup.Fault, "/d has no key."},
		{"a key that others can read", one(keyFinding("/d", errors.New("others can read it"))), checkup.Fault, "The key cannot be used: others can read it."},
		{"a sound store", one(storeFinding(3, nil, nil)), checkup.Fine, "All files of the store are sound (3)."},
		{"a damaged month", one(storeFinding(3, []error{errors.New("plays-2026-10.db: damaged")}, nil)), checkup.Fault, "Of 3 files of the store 1 are not sound: plays-2026-10.db: damaged."},
		{"a store in use without a socket", one(storeFinding(0, nil, fmt.Errorf("locking: %w", controller.ErrStoreInUse))), checkup.Fault, "A controller has the store, and does not answer on its socket."},
		{"no store yet", one(storeFinding(0, nil, fs.ErrNotExist)), checkup.Fine, "There is no store yet; the first start makes it."},
		{"a store that cannot be read", one(storeFinding(0, nil, fs.ErrPermission)), checkup.Fault, "The store cannot be looked at: permission denied."},
		{"all fonts", one(fontsFinding(5)), checkup.Fine, "5 fonts draw slides."},
		{"the small fonts", one(fontsFinding(2)), checkup.Warning, "Slides can be drawn in Latin, Greek and Cyrillic script only"},
		{"zones", one(zonesFinding(nil)), checkup.Fine, "This machine has time zones."},
		{"no zones", one(zonesFinding(errors.New("install tzdata"))), checkup.Fault, "This machine has no time zones: install tzdata."},
		{"restored, and nothing lost", losses(func(*api.Losses) {}), checkup.Fine, "Restored to the state of 2026-11-22 20:04:05 UTC; no player proves that anything later is lost."},
		{"screens that had later programmes", losses(func(l *api.Losses) {
			for n := range 7 {
				l.Programmes = append(l.Programmes, publish.Ahead{Screen: playlists.ScreenID(fmt.Sprintf("s%d", n))})
			}
		}), checkup.Warning, "7 screens had a later programme: s0, s1, s2, s3, s4, and 2 more."},
		{"a takeover that nobody knows", losses(func(l *api.Losses) { l.Takeovers = []playlists.ScreenID{"door"} }), checkup.Warning, "1 screens may show a takeover that this controller does not know: door."},
		{"a newer item", shown(backup.Shown{Kind: "item", ID: "flu", Version: 3, Here: 2}), checkup.Warning, `Version 3 of the item "flu", of which only version 2 is here, was on 2 screens between 2026-11-22 20:04:05 and 2026-11-22 21:04:05 UTC.`},
		{"a new window", shown(backup.Shown{Kind: "window", ID: "mornings"}), checkup.Warning, `The window "mornings", which is not here, was on 2 screens`},
		{"a programme", shown(backup.Shown{Kind: backup.ProgrammeKind, ID: "0123456789abcdef"}), checkup.Warning, "A programme that is not here (01234567) was on 2 screens"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if len(tt.found) != 1 || tt.found[0].Level != tt.level || !strings.Contains(tt.found[0].Says, tt.says) {
				t.Fatalf("got %+v; want %s with %q", tt.found, tt.level, tt.says)
			}
			if (tt.found[0].Do == "") != (tt.level == checkup.Fine) {
				t.Errorf("what to do is %q", tt.found[0].Do)
			}
		})
	}
	if f := lossesFindings(api.Losses{}); len(f) != 0 {
		t.Errorf("a controller that was never restored: %+v", f)
	}
}
