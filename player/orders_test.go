package player_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/wire"
)

// order gives the player an order, and tells whether it says within a while that it carried it out.
func (d *desk) order(h *house, o wire.Order, within time.Duration) bool {
	d.mu.Lock()
	o = wire.SignOrder(d.key, d.said, d.hello, o)
	d.mu.Unlock()
	d.send(wire.Envelope{Order: &o})
	h.pass(within)
	done := d.lastBeat().Health.Done
	return done != nil && done.ID == o.ID && done.Do == o.Do
}

func TestIdentify(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread", "cheese")
		h.pass(3 * time.Second)
		n := len(h.seen())
		h.want("it is carried out at once", h.desk.order(h, wire.Order{ID: "a", Do: wire.Identify, Name: "By the window"}, time.Second))
		h.want("the heartbeat says what is on the screen", h.desk.lastBeat().Health.Source == playlists.FromOrder)
		h.pass(wire.IdentifyFor - 2*time.Second)
		h.want("nothing else shows meanwhile", len(h.seen()) == n)
		h.pass(2 * time.Second)
		h.want("then the loop is back", len(h.seen()) == n+1)
		h.settle()
		h.want("what the name broke off was preempted", h.desk.count(playlists.Preempted) == 1)
		h.countIsExact(h.unsent())
	})
}

func TestATakeoverGoesOverTheName(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread")
		h.pass(3 * time.Second)
		h.desk.order(h, wire.Order{ID: "a", Do: wire.Identify, Name: "By the window"}, time.Second)
		h.desk.take(1, playliststest.Takeover("tko-1", time.Now()))
		h.pass(time.Second)
		h.want("the takeover shows within a second", h.lastSeen() == "tko-1")
		h.want("a name beneath it is not said to show", !h.desk.order(h, wire.Order{ID: "b", Do: wire.Identify, Name: "By the window"}, time.Second))
	})
}

func TestAStageRestartedByStaffSetsNothingAside(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread")
		for _, id := range []string{"a", "b", "c", "d"} {
			h.pass(7 * time.Second)
			n := len(h.seen())
			h.want("it is carried out", h.desk.order(h, wire.Order{ID: id, Do: wire.RestartStage}, time.Second))
			h.want("and the picture is back", len(h.seen()) > n)
		}
		h.settle()
		h.want("its plays were interrupted", h.desk.count(playlists.Interrupted) == 4)
		h.want("nothing was set aside for it", len(h.desk.lastBeat().Health.SetAside) == 0)
		h.countIsExact(h.unsent())
	})
}

func TestReload(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread")
		h.pass(30 * time.Second)
		files, _ := filepath.Glob(filepath.Join(h.dir, "cache", "assets", "??", "*"))
		bodies, _ := filepath.Glob(filepath.Join(h.dir, "cache", "bodies", "*"))
		if len(files) != 2 || len(bodies) != 1 {
			t.Fatalf("%d files, %d bodies", len(files), len(bodies))
		}
		for _, name := range []string{files[0], bodies[0]} {
			if err := os.WriteFile(name, []byte("rotten"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		fetched := h.desk.served[filepath.Base(files[0])] + h.desk.served[filepath.Base(bodies[0])]
		h.want("it is carried out", h.desk.order(h, wire.Order{ID: "a", Do: wire.Reload}, 10*time.Second))
		h.want("the body and what was damaged came again", h.desk.served[filepath.Base(files[0])]+h.desk.served[filepath.Base(bodies[0])] == fetched+2)
		for _, name := range []string{files[0], bodies[0]} {
			if b, err := os.ReadFile(name); err != nil || string(b) == "rotten" {
				t.Errorf("%s is as it was: %v", name, err)
			}
		}
		h.settle()
		h.countIsExact(h.unsent())
	})
}
