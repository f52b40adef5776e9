package player_test

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"anteroom/player"
	"anteroom/player/journal"
	"anteroom/player/playback"
	"anteroom/playlists"
)

// image is what the disk held at an instant.
func (h *house) image() string {
	h.t.Helper()
	synctest.Wait()
	dir := h.t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(h.dir)); err != nil {
		h.t.Fatal(err)
	}
	return dir
}

// kill is SIGKILL of the agent at this instant, with what the disk held at an earlier one; the stage's
// account is whole. What the old player does from now on never was.
func (h *house) kill(disk string) {
	h.t.Helper()
	synctest.Wait()
	h.earlier.Lives = append(h.earlier.Lives, h.stage.Life())
	n := len(h.seen())
	h.net.SetDown(true)
	h.end()
	h.mu.Lock()
	h.truth = h.truth[:n]
	h.mu.Unlock()
	h.dir = disk
	h.net.SetDown(false)
}

// untilJustBefore waits until a moment before the next slot begins.
func (h *house) untilJustBefore() {
	h.t.Helper()
	now := time.Now()
	h.pass(now.Truncate(10*time.Second).Add(10*time.Second-time.Millisecond).Sub(now) + 10*time.Second)
}

// TestKilledAsTheStageDraws: the agent never hears of a first picture; the next one counts it, and one that
// was only cued it does not.
func TestKilledAsTheStageDraws(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread", "cheese")
		for range 5 {
			h.untilJustBefore()
			disk := h.image()
			n := len(h.seen())
			h.pass(5 * time.Millisecond)
			h.want("the slot was drawn", len(h.seen()) == n+1)
			h.kill(disk)
			h.pass(3 * time.Second)
			h.start()
			h.pass(40 * time.Second)
			h.kill(h.image()) // with all that it knew
			h.start()
			h.pass(25 * time.Second)
		}
		h.settle()
		h.countIsExact(h.unsent())
		h.want("nothing is doubted", h.desk.count(playlists.Failed) == 0 && h.desk.count(playlists.Lost) == 0)
	})
}

// TestKilledBeforeTheJournalIsOpen: its probe takes a minute, the picture does not wait, and what is drawn
// meanwhile counts although the agent is killed, and so is the next.
func TestKilledBeforeTheJournalIsOpen(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread")
		h.kill(h.image())
		h.conf = func(c *player.Config) {
			c.Probe = func(path string) error {
				time.Sleep(time.Minute)
				return journal.Probe(path)
			}
		}
		for range 2 {
			h.net.SetDown(true)
			n := len(h.seen())
			h.start()
			h.pass(25 * time.Second)
			h.want("pictures do not wait", len(h.seen()) == n+3)
			h.kill(h.image())
			h.pass(time.Second)
		}
		h.conf = nil
		h.start()
		h.settle()
		h.countIsExact(h.unsent())
	})
}

// TestARestartInASlotResumes: however the player ended, the play that it begins anew in the same slot says
// so and is not complete.
func TestARestartInASlotResumes(t *testing.T) {
	for _, how := range []string{"stopped", "killed", "killed, and nobody knows what was drawn"} {
		t.Run(how, func(t *testing.T) {
			inHouse(t, func(h *house) {
				h.playing("apple", "bread")
				h.untilJustBefore()
				h.pass(101 * time.Millisecond)
				if how == "stopped" {
					h.end()
				} else {
					h.kill(h.image())
				}
				if how != "killed" {
					h.earlier.Lives = nil
				}
				h.pass(100 * time.Millisecond)
				h.start()
				h.settle()
				h.countIsExact(h.unsent())
				h.desk.mu.Lock()
				defer h.desk.mu.Unlock()
				resumed := 0
				for _, p := range h.desk.plays {
					if p.Resumed {
						resumed++
						h.want("a resumed play is not complete", p.Outcome != playlists.Complete)
					}
				}
				h.want("one play is resumed", resumed == 1)
			})
		})
	}
}

// lastBreath is a stage that draws what it was cued in the moment in which it is ended.
type lastBreath struct {
	orders chan playback.Order
	events chan playback.Event
	drew   int
}

func (s *lastBreath) Restart()                      {}
func (s *lastBreath) Send(o playback.Order)         { s.orders <- o }
func (s *lastBreath) Events() <-chan playback.Event { return s.events }

func (s *lastBreath) Run(ctx context.Context) error {
	s.events <- playback.Event{Ready: &playback.Ready{Width: 1, Height: 1}}
	<-ctx.Done()
	scene := (<-s.orders).Scene
	for _, r := range scene.Regions {
		s.drew++
		s.events <- playback.Event{Drawn: &playback.Drawn{Scene: scene.ID, Turn: r.Turn, At: scene.At}}
	}
	s.events <- playback.Event{Gone: &playback.Gone{At: scene.At, Display: true}}
	return nil
}

func TestAPictureDrawnAsThePlayerStopsIsAPlay(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread")
		h.end()
		h.net.SetDown(true)
		stage := &lastBreath{orders: make(chan playback.Order, 64), events: make(chan playback.Event)}
		h.conf = func(c *player.Config) { c.Stage = stage }
		h.start()
		h.pass(30 * time.Second)
		before := h.plays()
		h.end()
		h.want("it drew", stage.drew == 1)
		h.want("and that is a play", h.plays() == before+1)
	})
}

// plays counts the plays on the disk.
func (h *house) plays() uint64 {
	h.t.Helper()
	j := journal.New(journal.Config{
		Dir: h.image() + "/journal", Boot: h.boot, Now: time.Now, Mono: h.mono, NoSync: true, Log: slog.New(slog.DiscardHandler),
	})
	defer func() { _ = j.Close() }()
	s, err := j.State()
	if err != nil {
		h.t.Fatal(err)
	}
	return s.Last
}
