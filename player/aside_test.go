package player_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anteroom/player/playback"
	"anteroom/playlists"
)

// poison kills the stage whenever it draws an item.
func (h *house) poison(item string) (kills *int) {
	kills = new(int)
	h.draw = func(r playback.RegionScene) error {
		if strings.HasPrefix(r.Label, item+"@") && r.Path != "" && strings.HasSuffix(r.Path, string(h.digest(item))) {
			*kills++
			h.stage.Kill()
		}
		return nil
	}
	return kills
}

// digest is that of the picture that the desk makes for an item.
func (h *house) digest(item string) playlists.Digest { return h.desk.picture(item[0]).Digest }

func TestAPoisonousItemStaysSetAsideOverRestarts(t *testing.T) {
	inHouse(t, func(h *house) {
		kills := h.poison("apple")
		slow := h.desk.body("apple", "bread", "cheese")
		for i := range slow.Loops[0].Entries {
			slow.Loops[0].Entries[i].Millis = 60_000 // a day of them is soon over
		}
		h.desk.publish(1, time.Now(), slow)
		h.start()
		h.pass(4 * time.Minute)
		h.want("three kills and no more", *kills == playback.Strikes)
		told := func() bool {
			health := h.desk.lastBeat().Health
			return len(health.SetAside) == 1 && health.SetAside[0] == h.digest("apple") && len(health.Notes) == 1
		}
		h.want("the controller is told", told())
		for range 3 {
			h.end()
			h.start()
			h.pass(3 * time.Minute)
		}
		h.want("no kills after restarts", *kills == playback.Strikes)
		h.want("the controller is told still", told())
		h.pass(playback.AsideFor)
		h.want("it is tried again after a day", *kills == 2*playback.Strikes)
		h.desk.publish(2, time.Now().Add(30*time.Second), h.desk.body("bread", "cheese"))
		h.pass(3 * time.Minute)
		h.desk.publish(3, time.Now().Add(30*time.Second), h.desk.body("bread", "dates"))
		h.pass(3 * time.Minute)
		h.want("what nothing names any more is forgotten", len(h.desk.lastBeat().Health.SetAside) == 0 && len(h.desk.lastBeat().Health.Notes) == 0)
		h.settle()
		h.countIsExact(h.unsent())
	})
}

func TestWhatIsSetAsideMayBeAnything(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread")
		h.end()
		if err := os.WriteFile(filepath.Join(h.dir, "aside.json"), []byte("{no"), 0o600); err != nil {
			t.Fatal(err)
		}
		n := len(h.seen())
		h.start()
		h.pass(time.Minute)
		h.want("it plays all the same", len(h.seen()) > n+5)
	})
}
