package player_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPairThenPlay(t *testing.T) {
	inHouse(t, func(h *house) {
		h.desk.paired = false
		h.start()
		h.pass(10 * time.Second)
		h.want("nothing shows before pairing", len(h.seen()) == 0)
		h.desk.mu.Lock()
		h.desk.paired = true
		h.desk.mu.Unlock()
		h.net.SetDown(true)
		h.net.SetDown(false)
		h.pass(30 * time.Second)
		h.desk.publish(1, time.Now(), h.desk.body("apple", "bread", "cheese"))
		h.pass(5 * time.Second)
		h.want("a picture shows within seconds of the first publication", len(h.seen()) > 0)
		h.pass(time.Minute)
		h.settle()
		h.want("plays arrive", h.desk.count(playlists.Complete) >= 5)
		h.countIsExact(h.unsent())
		beat := h.desk.lastBeat()
		h.want("the heartbeat says what is on", len(beat.Health.Showing) == 1 && beat.Health.Showing[0].Title != "" && beat.Health.Stage == "drawing")
		h.want("and what comes next, by its name", len(beat.Health.Next) == 1 && beat.Health.Next[0].Title != "" &&
			beat.Health.Next[0].Item != beat.Health.Showing[0].Item && beat.Health.NextChange.Equal(beat.Health.Showing[0].Until))
		h.want("and that the clock is synced", beat.Health.Clock == playlists.ClockSynced && beat.State.Generation == 1)
	})
}

// unsent is how many drawn turns cannot have arrived yet: those of the last minute or so.
func (h *house) unsent() int {
	n := 0
	h.desk.mu.Lock()
	last := h.desk.plays[len(h.desk.plays)-1]
	h.desk.mu.Unlock()
	for _, f := range h.seen() {
		if f.at/1e6 > last.Mono+100 {
			n++
		}
	}
	return n
}

func (h *house) playing(items ...string) {
	h.t.Helper()
	h.desk.publish(1, time.Now(), h.desk.body(items...))
	h.start()
	h.pass(30 * time.Second)
	h.want("it plays", len(h.seen()) > 0)
}

func TestPlaysOnAloneAndCountsEverythingOnce(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread")
		h.net.SetDown(true)
		h.pass(20 * time.Minute)
		h.end()
		h.start()
		h.pass(time.Second)
		before := len(h.seen())
		h.want("the first picture needs no network", before > 120)
		h.pass(20 * time.Minute)
		h.net.SetDown(false)
		h.settle()
		h.end()
		h.start()
		h.settle()
		h.countIsExact(h.unsent())
		h.want("the two stops interrupted one play each", h.desk.count(playlists.Interrupted) == 2)
	})
}

func TestLostAcknowledgementsCountNothingTwice(t *testing.T) {
	inHouse(t, func(h *house) {
		h.desk.mute = true
		h.playing("apple", "bread")
		h.pass(10 * time.Minute)
		h.desk.mu.Lock()
		h.desk.mute = false
		h.desk.mu.Unlock()
		h.settle()
		h.countIsExact(h.unsent())
	})
}

func TestKilledStage(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread", "cheese")
		for range 10 {
			h.pass(37 * time.Second)
			n := len(h.seen())
			h.stage.Kill()
			h.pass(time.Second)
			h.want("the picture is back within a second", len(h.seen()) > n)
		}
		h.settle()
		h.countIsExact(h.unsent())
		h.want("ten plays were interrupted", h.desk.count(playlists.Interrupted) == 10)
		resumed := 0
		for _, p := range h.desk.plays {
			if p.Resumed {
				resumed++
				h.want("a resumed play is never complete", p.Outcome != playlists.Complete)
			}
		}
		h.want("and ten resumed them", resumed == 10)
		h.want("nothing was set aside for it", len(h.desk.lastBeat().Health.SetAside) == 0)
	})
}

func TestAPanelThatIsOffAllNight(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread")
		h.stage.Unplug()
		h.pass(time.Minute)
		h.want("staff see it", h.desk.lastBeat().Health.Stage == "no-display")
		seen, beats := len(h.seen()), len(h.desk.beats)
		h.pass(30 * time.Minute)
		h.want("it is told of as often as all is well", len(h.desk.beats)-beats <= int(30*time.Minute/wire.HeartbeatEvery)+1)
		h.stage.Plug()
		h.pass(time.Second)
		h.want("the picture is back within a second of the panel", len(h.seen()) == seen+1)
		h.settle()
		h.countIsExact(h.unsent())
		h.want("and nothing was set aside for it", len(h.desk.lastBeat().Health.SetAside) == 0)
	})
}

func TestPublicationTakesOverAtItsInstant(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread")
		from := time.Now().Add(50 * time.Second).Truncate(10 * time.Second)
		h.desk.publish(2, from, h.desk.body("cheese", "dates"))
		h.pass(time.Until(from) - 100*time.Millisecond)
		h.want("the old one shows until then", h.lastSeen() == "apple" || h.lastSeen() == "bread")
		h.want("the new one is ready", h.desk.lastBeat().Health.Missing == 0)
		h.pass(200 * time.Millisecond)
		h.want("the new one shows from then on", h.lastSeen() == "cheese" || h.lastSeen() == "dates")
		h.settle()
		h.want("without a truncated play", h.desk.count(playlists.Truncated) <= 1)
		h.want("generation 2 is current", h.desk.lastBeat().State.Generation == 2)
		h.countIsExact(h.unsent())
	})
}

func TestPublicationTakesOverAfterARestart(t *testing.T) {
	for _, row := range []struct {
		what string
		wall time.Duration
	}{{"with a set clock", 0}, {"with an unset clock", -50 * 365 * 24 * time.Hour}} {
		t.Run(row.what, func(t *testing.T) {
			inHouse(t, func(h *house) {
				h.playing("apple", "bread")
				from := time.Now().Add(50 * time.Second).Truncate(10 * time.Second)
				h.desk.publish(2, from, h.desk.body("cheese", "dates"))
				h.pass(10 * time.Second)
				h.want("the new one is ready", h.desk.lastBeat().Health.Missing == 0)
				h.end()
				h.boot, h.wall, h.floor = "boot-2", row.wall, time.Now().Add(-24*time.Hour)
				h.net.SetDown(true)
				h.start()
				h.pass(time.Until(from) + time.Minute)
				h.want("the new one shows", h.lastSeen() == "cheese" || h.lastSeen() == "dates")
				h.net.SetDown(false)
				h.settle()
				h.settle()
				h.want("generation 2 is current", h.desk.lastBeat().State.Generation == 2)
				h.countIsExact(h.unsent())
			})
		})
	}
}

// What came is what its digest says, and no picture: the others of its publication show all the same.
func TestUnusableAssetHoldsNothingUp(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread")
		bytes := []byte("no picture")
		junk := playlists.Asset{
			Digest: wire.DigestOf(bytes), Medium: playlists.Image, MediaType: "image/png", Bytes: int64(len(bytes)), Width: 8, Height: 8,
		}
		b := h.desk.body("cheese", "dates")
		b.Assets = append(b.Assets, junk)
		slices.SortFunc(b.Assets, func(x, y playlists.Asset) int { return strings.Compare(string(x.Digest), string(y.Digest)) })
		b.Showings = append(b.Showings, playlists.Showing{
			Item: "junk", Version: 1, Title: "junk", Language: "en", Asset: junk.Digest, Medium: playlists.Image,
		})
		b.Loops[0].Entries = append(b.Loops[0].Entries, playlists.LoopEntry{Showing: 2, Millis: 10_000})
		b.Loops[0].Order = append(b.Loops[0].Order, 2)
		h.desk.mu.Lock()
		h.desk.files[junk.Digest] = bytes
		h.desk.mu.Unlock()
		h.desk.publish(2, time.Now().Add(30*time.Second), b)
		h.pass(5 * time.Minute)
		h.want("the new one shows", h.lastSeen() == "cheese" || h.lastSeen() == "dates")
		h.want("the fault is told", len(h.desk.lastBeat().Health.Notes) > 0)
		h.countIsExact(h.unsent())
	})
}

func TestTakeover(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread")
		h.pass(3 * time.Second)
		ordered := time.Now()
		h.desk.take(1, playliststest.Takeover("tko-1", time.Now()))
		h.pass(time.Second)
		h.want("it shows within a second", h.lastSeen() == "tko-1")
		drawn := h.desk.confirmed()
		h.want("and is confirmed", len(drawn) > 0 && drawn[len(drawn)-1].Takeover == "tko-1")
		h.want("with the instant of its first picture", drawn[len(drawn)-1].At.Sub(ordered) < time.Second)
		h.pass(25 * time.Second)
		h.desk.take(2)
		h.pass(time.Second)
		h.want("the all-clear brings the loop back", h.lastSeen() == "apple" || h.lastSeen() == "bread")
		drawn = h.desk.confirmed()
		last := drawn[len(drawn)-1]
		h.want("and is confirmed", last.Number == 2 && last.Takeover == "")
		h.settle()
		h.want("what it broke off was preempted", h.desk.count(playlists.Preempted) == 1)
		h.countIsExact(h.unsent())
	})
}

func TestTakeoverKeepsItsFirstInstantOverALostLink(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread")
		ordered := time.Now()
		h.desk.take(1, playliststest.Takeover("tko-1", time.Now()))
		h.pass(time.Minute)
		h.net.SetDown(true)
		h.net.SetDown(false)
		n := len(h.desk.confirmed())
		h.pass(time.Minute)
		drawn := h.desk.confirmed()
		h.want("it is confirmed again", len(drawn) > n)
		last := drawn[len(drawn)-1]
		h.want("with the instant of its first picture", last.Takeover == "tko-1" && last.At.Sub(ordered) < time.Second)
	})
}

func TestTakeoverOutlivesARestartAlone(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread")
		h.desk.take(1, playliststest.Takeover("tko-1", time.Now()))
		h.pass(5 * time.Second)
		h.end()
		h.net.SetDown(true)
		h.start()
		h.pass(time.Second)
		h.want("it is back without a network", h.lastSeen() == "tko-1")
		h.pass(time.Hour)
		h.want("and ends by its own rule", h.lastSeen() == "apple" || h.lastSeen() == "bread")
	})
}

func TestCorruptedAssetIsNeverShown(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread", "cheese")
		h.pass(30 * time.Second)
		files, _ := filepath.Glob(filepath.Join(h.dir, "cache", "assets", "??", "*"))
		if len(files) != 3 {
			t.Fatalf("%d files", len(files))
		}
		spoiled := map[string]bool{}
		for _, name := range files {
			b, _ := os.ReadFile(name)
			b[len(b)/2] ^= 1
			if err := os.WriteFile(name, b, 0o600); err != nil {
				t.Fatal(err)
			}
			spoiled[filepath.Base(name)] = true
		}
		h.pass(time.Second)
		n := len(h.seen())
		h.pass(2 * time.Minute)
		for _, f := range h.seen()[n:] {
			h.want("what is drawn is what its digest says", spoiled[f.sum])
		}
		h.want("they are fetched again and shown", len(h.seen()) > n+8)
		h.settle()
		h.countIsExact(h.unsent())
	})
}

func TestWrongBytesAreNotShown(t *testing.T) {
	inHouse(t, func(h *house) {
		body := h.desk.body("apple", "bread")
		bad := body.Showings[1].Asset
		h.desk.spoil = func(d playlists.Digest, b []byte) []byte {
			if d == bad {
				return []byte("<html>Welcome to the guest network</html>")
			}
			return b
		}
		h.desk.publish(1, time.Now(), body)
		h.start()
		h.pass(time.Minute)
		for _, f := range h.seen() {
			h.want("only the good one shows, in the other's slots too", strings.HasPrefix(f.label, "apple"))
		}
		h.want("the fault is told", len(h.desk.lastBeat().Health.Notes) > 0)
		h.desk.mu.Lock()
		h.desk.spoil = nil
		h.desk.mu.Unlock()
		h.pass(10 * time.Minute)
		h.want("both show once the network is honest", h.lastTwo() == "apple bread" || h.lastTwo() == "bread apple")
		h.settle()
		h.countIsExact(h.unsent())
	})
}

func (h *house) lastTwo() string {
	seen := h.seen()
	var two []string
	for _, f := range seen[len(seen)-2:] {
		name, _, _ := strings.Cut(f.label, "@")
		two = append(two, name)
	}
	return strings.Join(two, " ")
}

func TestUnsetClock(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread")
		h.end()
		h.boot, h.wall = "boot-2", -50*365*24*time.Hour
		h.floor = time.Now().Add(-24 * time.Hour)
		h.net.SetDown(true)
		h.start()
		h.pass(time.Minute)
		h.want("the filler plays", len(h.seen()) > 5)
		linked := time.Now()
		h.net.SetDown(false)
		h.settle()
		h.pass(5 * time.Minute)
		h.want("the clock is synced", h.desk.lastBeat().Health.Clock == playlists.ClockSynced)
		h.want("no play is left with the time of an unset clock", h.quality(playlists.ClockUnset) == 0)
		h.want("plays before have their true time", h.startedBetween(linked.Add(-time.Minute), linked) >= 5)
		h.want("plays after are right", h.startedBetween(linked, time.Now()) >= 5)
		h.want("no play was broken off by the change", h.desk.count(playlists.Truncated) <= 2)
		h.countIsExact(h.unsent())
	})
}

func (h *house) startedBetween(from, to time.Time) int {
	h.desk.mu.Lock()
	defer h.desk.mu.Unlock()
	n := 0
	for _, p := range h.desk.plays {
		if p.Boot == h.boot && !p.Start.Before(from) && p.Start.Before(to) {
			n++
		}
	}
	return n
}

func (h *house) quality(q playlists.ClockQuality) int {
	h.desk.mu.Lock()
	defer h.desk.mu.Unlock()
	n := 0
	for _, p := range h.desk.plays {
		if p.Quality == q {
			n++
		}
	}
	return n
}

func TestSnapshot(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread")
		beats := len(h.desk.beats)
		h.desk.send(wire.Envelope{Snapshot: &wire.SnapshotOrder{ID: "s1"}})
		h.pass(time.Second)
		h.want("the picture arrives", h.desk.pictures == 1)
		h.want("and a heartbeat at once", len(h.desk.beats) > beats)
		left, _ := filepath.Glob(filepath.Join(h.dir, "snapshot-*"))
		h.want("nothing is left behind", len(left) == 0)
	})
}

// What comes late, twice, or for another screen changes nothing.
func TestNewsThatIsNotNews(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple")
		h.desk.publish(3, time.Now(), h.desk.body("bread"))
		h.desk.take(2, playliststest.Takeover("tko-2", time.Now()))
		h.pass(time.Minute)
		h.want("the takeover shows", h.lastSeen() == "tko-2")
		h.desk.take(1)
		h.pass(time.Minute)
		h.want("the document before it does not end it", h.lastSeen() == "tko-2")
		h.desk.take(3)
		h.pass(time.Minute)
		h.want("generation 3 shows", h.lastSeen() == "bread")
		h.desk.publish(2, time.Now(), h.desk.body("cheese"))
		h.pass(2 * time.Minute)
		h.want("generation 2 does not take its place", h.lastSeen() == "bread" && h.desk.lastBeat().State.Generation == 3)
		moved := func(to playlists.ScreenID) (from playlists.ScreenID) {
			h.desk.mu.Lock()
			defer h.desk.mu.Unlock()
			from, h.desk.screen = h.desk.screen, to
			return from
		}
		here := moved("cafeteria")
		h.desk.publish(4, time.Now(), h.desk.body("dates"))
		moved(here)
		h.pass(2 * time.Minute)
		h.want("nor does what is for another screen", h.lastSeen() == "bread" && h.desk.lastBeat().State.Generation == 3)
	})
}

func TestAnotherScreenForgetsTheOldProgramme(t *testing.T) {
	inHouse(t, func(h *house) {
		h.playing("apple", "bread")
		h.desk.mu.Lock()
		h.desk.screen, h.desk.head = "cafeteria", nil
		h.desk.mu.Unlock()
		h.net.SetDown(true)
		h.net.SetDown(false)
		h.pass(40 * time.Second)
		n := len(h.seen())
		h.pass(time.Minute)
		h.want("the old programme stops", len(h.seen()) == n)
		h.desk.publish(1, time.Now(), h.desk.body("dates"))
		h.pass(20 * time.Second)
		h.want("the new one shows", h.lastSeen() == "dates")
		h.settle()
		h.countIsExact(h.unsent())
	})
}
