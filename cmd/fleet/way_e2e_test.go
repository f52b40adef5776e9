//go:build e2e

package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"anteroom/player/playertest"
	"anteroom/playlists"
)

// patience is how long anything may take on two busy cores before a test gives up: how long it took is logged, and decides
// nothing.
const patience = 3 * time.Minute

// steady is a zone that never puts its clocks forward or back, whenever the tests are run.
const steady = "America/Phoenix"

// soon is the start rule and the local end of a window that runs now and ends at the next full minute
// that is at least atLeast away.
func soon(t testing.TB, atLeast time.Duration) (start string, end playlists.LocalEnd, at time.Time) {
	t.Helper()
	zone, err := time.LoadLocation(steady)
	if err != nil {
		t.Fatal(err)
	}
	at = time.Now().Add(atLeast).Truncate(time.Minute).Add(time.Minute)
	local := at.In(zone)
	began := time.Now().In(zone).Add(-time.Hour)
	days := 0
	if local.Day() != began.Day() {
		days = 1
	}
	return fmt.Sprintf("%d %d * * *", began.Minute(), began.Hour()),
		playlists.LocalEnd{Days: days, Clock: playlists.Clock(local.Hour()*60 + local.Minute())}, at
}

func TestPairAndSeeAPicture(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.item("red", red)
	h.playlist("filler", 10*time.Second, "red")
	h.department("cardiology", "filler", "window")
	h.publish("cardiology")
	w := h.hangUnpaired("window")
	code := w.code()
	var waiting struct {
		Words []string `json:"words"`
	}
	h.must(h.api.Do(t.Context(), http.MethodPost, "/api/v1/pairings/lookup", map[string]string{"code": code}, &waiting, nil))
	status, err := w.status()
	h.must(err)
	pairing, _ := status["pairing"].(map[string]any)
	if got := fmt.Sprint(pairing["words"]); len(waiting.Words) != 6 || got != fmt.Sprint(waiting.Words) {
		t.Errorf("the screen shows the words %v, the console %v", got, waiting.Words)
	}
	h.must(h.api.Pair(t.Context(), code, "window"))
	t.Logf("from the claim to the picture: %v", w.shows(patience, 0.5, 0.5, red))
	if err := h.api.Pair(t.Context(), code, "window"); err == nil {
		t.Error("the same code could be used twice")
	}
}

func TestPublishIntoRegions(t *testing.T) {
	t.Parallel()
	h, w := oneScreen(t)
	w.shows(patience, 0.5, 0.5, red)
	h.item("green", green)
	h.item("blue", blue)
	h.playlist("left", 10*time.Second, "green")
	h.playlist("right", 10*time.Second, "blue")
	h.must(h.api.Create(t.Context(), "layouts", "halves", playlists.Layout{ID: "halves", Name: "Halves", Regions: []playlists.Region{
		{Name: "left", X: 0, Y: 0, W: 0.5, H: 1, Playlist: "left"},
		{Name: "right", X: 0.5, Y: 0, W: 0.5, H: 1, Playlist: "right"},
	}}))
	h.must(h.api.Create(t.Context(), "windows", "all-day", playlists.Window{
		ID: "all-day", Name: "All day", Layout: "halves", Start: "0 0 * * *", End: playlists.LocalEnd{Days: 1},
		Targets: []playlists.Target{{Department: "cardiology"}},
	}))
	h.publish("cardiology")
	took := w.shows(patience, 0.25, 0.5, green)
	w.shows(patience, 0.75, 0.5, blue)
	w.shows(patience, 0.48, 0.5, green)
	w.shows(patience, 0.52, 0.5, blue)
	t.Logf("from publish to the glass: %v (a running loop changes at a boundary at least 30 s ahead)", took)
}

func TestWindowEndsAndTheNextBegins(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.item("red", red)
	h.item("green", green)
	h.playlist("filler", 10*time.Second, "red")
	h.playlist("window", 10*time.Second, "green")
	h.department("cardiology", "filler", "window")
	w := h.hang("window") // first, so that what is published soon shows soon
	at := w.showsUntil()
	w.shows(patience, 0.5, 0.5, red)
	late := time.Since(at)
	t.Logf("the next picture was seen %v after the window's end", late)
	if late < 0 {
		t.Errorf("the window's picture was gone %v before its end", -late)
	}
	next := "red@" + at.UTC().Format(time.RFC3339Nano)
	h.eventually(patience, "the slot that begins at the window's end has been drawn", func() error {
		if lines := w.truth(); !slices.ContainsFunc(lines, func(l playertest.Line) bool { return l.Label == next }) {
			return fmt.Errorf("there is no %s in %v", next, lines)
		}
		return nil
	})
}

// showsUntil publishes a window that ends soon, waits until it is seen, and gives its end. One that ends before a busy
// machine has shown it is followed by another that is longer.
func (w *wall) showsUntil() time.Time {
	w.h.t.Helper()
	for atLeast := 30 * time.Second; atLeast < 2*patience; atLeast *= 2 {
		start, end, at := soon(w.h.t, atLeast)
		id := playlists.WindowID("ending-" + strconv.FormatInt(at.Unix(), 10))
		w.h.must(w.h.api.Create(w.h.t.Context(), "windows", string(id), playlists.Window{
			ID: id, Name: "Ending soon", Playlist: "window", Start: start, End: end, Targets: []playlists.Target{{Screen: w.screen}},
		}))
		w.h.publish("cardiology")
		for time.Now().Before(at) {
			if w.looks(0.5, 0.5, green) == nil {
				return at
			}
			time.Sleep(250 * time.Millisecond)
		}
	}
	w.h.t.Fatal("no window was seen before its end")
	return time.Time{}
}

func TestPlaysOnWithoutControllerAndCountsOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.item("red", red)
	h.item("green", green)
	h.playlist("filler", 2*time.Second, "red", "green")
	h.department("cardiology", "filler", "window")
	h.publish("cardiology")
	w := h.hang("window")
	w.drawn(3)
	h.stop()
	w.kill()
	before := len(w.truth())
	w.start()
	began := time.Now()
	w.drawn(before + 1)
	t.Logf("from the restart without a network to a picture: %v", time.Since(began))
	w.drawn(before + 5)
	h.start()
	h.must(h.api.SignIn(t.Context(), admin, password))
	h.countsExactly(w)
}

func TestThePictureReturnsWithThePanel(t *testing.T) {
	t.Parallel()
	h, w := oneScreen(t)
	w.shows(patience, 0.5, 0.5, red)
	for range 2 {
		w.xrandr("--off")
		h.eventually(patience, "the player says that its panel is off", func() error {
			status, err := w.status()
			if err != nil {
				return err
			}
			if health, _ := status["health"].(map[string]any); health["stage"] != "no-display" {
				return fmt.Errorf("the stage is %v", health["stage"])
			}
			return nil
		})
		w.xrandr("--auto")
		t.Logf("from the panel to the picture: %v", w.shows(patience, 0.5, 0.5, red))
	}
	h.countsExactly(w)
}

func TestTakeoverReachesThreeScreens(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.item("red", red)
	h.playlist("filler", 10*time.Second, "red")
	h.department("cardiology", "filler", "a", "b")
	h.department("paediatrics", "filler", "c")
	h.publish("cardiology", "paediatrics")
	walls := []*wall{h.hang("a"), h.hang("b"), h.hang("c")}
	for _, w := range walls {
		w.shows(patience, 0.5, 0.02, red)
	}
	began := time.Now()
	var made struct {
		ID string `json:"id"`
	}
	h.must(h.api.Do(t.Context(), http.MethodPost, "/api/v1/takeovers", map[string]any{
		"severity": 3, "minutes": 10, "targets": []map[string]any{{"all": true}},
		"slides": []map[string]any{
			{"language": "en", "title": "Please leave the building", "text": "Use the stairs. Staff will help you."},
			{"language": "es", "title": "Salga del edificio", "text": "Use las escaleras. El personal le ayudará."},
		},
	}, &made, nil))
	h.eventually(patience, "all three have drawn it", func() error { return h.reached(made.ID, 3) })
	t.Logf("three screens confirmed after %v", time.Since(began))
	for _, w := range walls {
		h.eventually(patience, "what was drawn is on the glass", func() error {
			if w.looks(0.5, 0.02, red) == nil {
				return fmt.Errorf("%s confirmed the takeover and still shows its loop", w.screen)
			}
			return nil
		})
	}
	h.must(h.api.Do(t.Context(), http.MethodPost, "/api/v1/takeovers/"+made.ID+"/clear", map[string]any{}, nil, nil))
	for _, w := range walls {
		w.shows(patience, 0.5, 0.02, red)
	}
}

// reached fails while fewer than n screens have drawn the takeover.
func (h *house) reached(id string, n int) error {
	var list struct {
		Items []struct {
			ID    string `json:"id"`
			Reach []struct {
				Screen  string     `json:"screen"`
				DrawnAt *time.Time `json:"drawn_at"`
			} `json:"reach"`
		} `json:"items"`
	}
	if _, err := h.api.Get(h.t.Context(), "/api/v1/takeovers", &list); err != nil {
		return err
	}
	for _, one := range list.Items {
		if one.ID != id {
			continue
		}
		drawn := 0
		for _, r := range one.Reach {
			if r.DrawnAt != nil {
				drawn++
			}
		}
		if drawn == n {
			return nil
		}
		return fmt.Errorf("%d of %d have drawn it: %+v", drawn, n, one.Reach)
	}
	return fmt.Errorf("there is no takeover %s", id)
}

func TestRevokedPlayerIsCutOff(t *testing.T) {
	t.Parallel()
	h, w := oneScreen(t)
	w.shows(patience, 0.5, 0.5, red)
	h.must(h.api.Do(t.Context(), http.MethodPost, "/api/v1/screens/window/revoke", map[string]any{}, nil, nil))
	took := h.eventually(patience, "the player waits to be paired again", func() error {
		status, err := w.status()
		if err != nil {
			return err
		}
		if linked, _ := status["linked"].(bool); linked {
			return errors.New("it is still linked")
		}
		return nil
	})
	t.Logf("cut off after %v", took)
	var fleet struct {
		Items []struct{ ID, State string }
	}
	_, err := h.api.Get(t.Context(), "/api/v1/fleet", &fleet)
	h.must(err)
	if len(fleet.Items) != 1 || fleet.Items[0].State == "playing" {
		t.Errorf("the console says %+v of a revoked player", fleet.Items)
	}
}

func TestCorruptedAssetIsFetchedAgain(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.item("red", red)
	digest := h.item("green", green)
	h.playlist("filler", 3*time.Second, "red", "green")
	h.department("cardiology", "filler", "window")
	h.publish("cardiology")
	w := h.hang("window")
	w.shows(patience, 0.5, 0.5, green)
	w.kill()
	file := w.asset(digest)
	whole, err := os.ReadFile(file)
	h.must(err)
	broken := append([]byte{}, whole...)
	broken[len(broken)/2] ^= 0x40
	h.must(os.Chmod(file, 0o600))
	h.must(os.WriteFile(file, broken, 0o600))
	w.start()
	h.eventually(patience, "the asset is whole again", func() error {
		now, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if string(now) != string(whole) {
			return errors.New("it is still broken")
		}
		return nil
	})
	w.shows(patience, 0.5, 0.5, green)
}

// asset finds the file of a digest in the player's cache.
func (w *wall) asset(d playlists.Digest) string {
	w.h.t.Helper()
	var found string
	err := filepath.WalkDir(w.dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.Contains(filepath.Base(path), string(d)[4:]) {
			found = path
		}
		return err
	})
	w.h.must(err)
	if found == "" {
		w.h.t.Fatalf("%s is not in the cache", d)
	}
	return found
}

func TestStageKilledCountIsExact(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.item("red", red)
	h.item("green", green)
	h.playlist("filler", 3*time.Second, "red", "green")
	h.department("cardiology", "filler", "window")
	h.publish("cardiology")
	w := h.hang("window")
	w.drawn(2)
	for range 3 {
		pid := w.stagePID()
		h.must(syscall.Kill(pid, syscall.SIGKILL))
		before, began := len(w.truth()), time.Now()
		w.drawn(before + 1)
		t.Logf("from SIGKILL to the next picture: %v", time.Since(began))
		w.drawn(before + 3)
	}
	h.countsExactly(w)
}

func (w *wall) stagePID() int {
	w.h.t.Helper()
	var pid int
	w.h.eventually(patience, "there is a stage", func() error {
		status, err := w.status()
		if err != nil {
			return err
		}
		number, _ := status["stage_pid"].(float64)
		if pid = int(number); pid == 0 {
			return fmt.Errorf("no stage_pid in %v", status)
		}
		return nil
	})
	return pid
}

func TestTwoPlayersShowTheSameSlot(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.item("red", red)
	h.item("green", green)
	h.item("blue", blue)
	h.playlist("filler", 2*time.Second, "red", "green", "blue")
	h.department("cardiology", "filler", "a", "b")
	h.publish("cardiology")
	a, b := h.hang("a"), h.hang("b")
	a.drawn(3)
	b.drawn(3)
	h.eventually(patience, "both have drawn four slots", func() error {
		shared, apart, err := together(a.truth(), b.truth())
		if err != nil {
			t.Error(err)
		}
		if shared < 4 {
			return fmt.Errorf("only %d slots were shown by both", shared)
		}
		t.Logf("%d slots were drawn by both, at most %v apart", shared, apart)
		return nil
	})
}

// together is how many slots two stages have both drawn, and how far apart at most; an error if they showed different
// things in one.
func together(a, b []playertest.Line) (shared int, apart time.Duration, err error) {
	slots := map[string]playertest.Line{}
	for _, one := range a {
		_, slot, _ := strings.Cut(one.Label, "@")
		slots[slot] = one
	}
	// The first turns of each were joined in the middle.
	for _, one := range b[1:] {
		_, slot, _ := strings.Cut(one.Label, "@")
		other, ok := slots[slot]
		if !ok {
			continue
		}
		shared++
		apart = max(apart, time.Duration(one.At-other.At).Abs())
		if one.Label != other.Label {
			err = errors.Join(err, fmt.Errorf("in one slot a has drawn %s and b %s", other.Label, one.Label))
		}
	}
	return shared, apart, err
}

// drawn waits until the stage has first-drawn n turns.
func (w *wall) drawn(n int) {
	w.h.t.Helper()
	w.h.eventually(patience, fmt.Sprintf("%s has drawn %d turns", w.screen, n), func() error {
		if got := len(w.truth()); got < n {
			return fmt.Errorf("it has drawn %d", got)
		}
		return nil
	})
}

// plays gives every recorded play of a screen.
func (h *house) plays(screen playlists.ScreenID) ([]playlists.Play, error) {
	var list struct {
		Items []playlists.Play `json:"items"`
	}
	_, err := h.api.Get(h.t.Context(), "/api/v1/plays?"+url.Values{
		"screen": {string(screen)},
		"from":   {time.Now().Add(-24 * time.Hour).UTC().Format(time.RFC3339)},
		"to":     {time.Now().Add(time.Hour).UTC().Format(time.RFC3339)},
	}.Encode(), &list)
	return list.Items, err
}

// countsExactly stops the player, lets what it has arrive, and holds every play against the stage's
// own line of each turn that it drew first: no play missing, none twice, none invented.
func (h *house) countsExactly(w *wall) {
	h.t.Helper()
	w.stop()
	drawn := w.truth()
	w.start() // what the journal holds is sent now
	h.counts(w.screen, drawn)
}

// counts waits until what was drawn is counted, each turn once.
func (h *house) counts(screen playlists.ScreenID, drawn []playertest.Line) {
	h.t.Helper()
	h.eventually(patience, fmt.Sprintf("every turn of %s that was drawn before the stop is counted exactly once", screen), func() error {
		counted, err := h.plays(screen)
		if err != nil {
			return err
		}
		return differences(playertest.Compare(drawn, counted))
	})
}

func differences(lines []string) error {
	if len(lines) == 0 {
		return nil
	}
	return fmt.Errorf("%d differences:\n%s", len(lines), strings.Join(lines, "\n"))
}
