package backup_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"anteroom/controller/backup"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// here is a restored controller with the flu item in version 2, one window, one takeover and two screens.
func here() backup.Known {
	return backup.Known{
		Version: func(id playlists.ItemID) (int, error) {
			return map[playlists.ItemID]int{"flu": 2}[id], nil
		},
		Has: func(kind store.Kind, id string) (bool, error) {
			return slices.Contains([]string{"window mornings", "takeover tko-1", "screen lobby", "screen window"}, string(kind)+" "+id), nil
		},
		Programme: func(d playlists.Digest) bool { return d == "old" },
	}
}

// play is one of the screen at so many minutes after the first backup.
func play(screen playlists.ScreenID, minutes int, change func(*playlists.Play)) store.StoredPlay {
	p := playlists.Play{Screen: screen, Item: "flu", Version: 2, Window: "mornings", Body: "old", Start: first.Add(time.Duration(minutes) * time.Minute)}
	if change != nil {
		change(&p)
	}
	return store.StoredPlay{Play: p}
}

func TestEvidenceOfWhatWasLost(t *testing.T) {
	newer := func(p *playlists.Play) { p.Version, p.Body = 3, "new" }
	tests := []struct {
		name  string
		plays []store.StoredPlay
		want  []string
	}{
		{"nothing was shown that is not here", []store.StoredPlay{play("lobby", 1, nil), play("window", 2, nil)}, nil},
		{"an item in a newer version, on two screens", []store.StoredPlay{play("lobby", 9, newer), play("window", 4, newer), play("lobby", 6, newer)}, []string{
			"item flu@3, here 2, on [lobby window] from 4 to 9", "programme new@0, here 0, on [lobby window] from 4 to 9",
		}},
		{"an item that was never here", []store.StoredPlay{play("lobby", 1, func(p *playlists.Play) { p.Item, p.Version = "heart", 1 })}, []string{"item heart@1, here 0, on [lobby] from 1 to 1"}},
		{"a window", []store.StoredPlay{play("lobby", 1, func(p *playlists.Play) { p.Window = "evenings" })}, []string{"window evenings@0, here 0, on [lobby] from 1 to 1"}},
		{"a takeover", []store.StoredPlay{play("lobby", 1, func(p *playlists.Play) { *p = playlists.Play{Screen: "lobby", Takeover: "tko-2", Start: p.Start} })}, []string{"takeover tko-2@0, here 0, on [lobby] from 1 to 1"}},
		{"a takeover that is here", []store.StoredPlay{play("lobby", 1, func(p *playlists.Play) { *p = playlists.Play{Screen: "lobby", Takeover: "tko-1", Start: p.Start} })}, nil},
		{"a screen", []store.StoredPlay{play("door", 1, nil)}, []string{"screen door@0, here 0, on [door] from 1 to 1"}},
		{"lost plays prove nothing", []store.StoredPlay{play("lobby", 1, func(p *playlists.Play) { p.Gap, p.Item = "damaged", "heart" })}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found, err := backup.Evidence(func(yield func(store.StoredPlay, error) bool) {
				for _, p := range tt.plays {
					if !yield(p, nil) {
						return
					}
				}
			}, here())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range found {
				got = append(got, fmt.Sprintf("%s %s@%d, here %d, on %v from %v to %v", s.Kind, s.ID, s.Version, s.Here, s.Screens, s.From.Sub(first).Minutes(), s.To.Sub(first).Minutes()))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %s\nwant %s", strings.Join(got, "; "), strings.Join(tt.want, "; "))
			}
		})
	}
}

func TestEvidenceThatCannotBeRead(t *testing.T) {
	broken := errors.New("the month is damaged")
	_, err := backup.Evidence(func(yield func(store.StoredPlay, error) bool) { yield(store.StoredPlay{}, broken) }, here())
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	k := here()
	k.Has = func(store.Kind, string) (bool, error) { return false, broken }
	_, err = backup.Evidence(func(yield func(store.StoredPlay, error) bool) { yield(play("lobby", 1, nil), nil) }, k)
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
