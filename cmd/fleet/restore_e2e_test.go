//go:build e2e

package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"anteroom/playlists"
)

// TestTheMachineIsLost backs a controller up, lets it go on, loses its machine and restores it
// on another: what players showed is counted once, whatever the lost controller had counted already.
func TestTheMachineIsLost(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.item("red", red)
	h.item("green", green)
	h.playlist("filler", 2*time.Second, "red", "green")
	h.department("cardiology", "filler", "a", "b")
	h.publish("cardiology")
	walls := []*wall{h.hang("a"), h.hang("b")}
	for _, w := range walls {
		w.drawn(3)
	}
	folder := filepath.Join(h.dir, "backups")
	t.Logf("%s", h.command("backup", folder, "--data", h.data))

	h.goOn(walls)
	before := map[*wall]uint64{}
	for _, w := range walls {
		before[w] = w.generation()
	}
	began := time.Now()
	h.lose()
	for _, w := range walls {
		w.drawn(len(w.truth()) + 2) // nobody notices
	}

	watched := watch(t, walls)
	elsewhere := filepath.Join(h.dir, "another machine")
	t.Logf("%s", h.command("restore", folder, "--data", elsewhere))
	h.data = elsewhere
	h.start()
	h.must(h.api.SignIn(t.Context(), admin, password))
	h.eventually(patience, "both players are back by themselves", func() error { return h.linked(2) })
	t.Logf("from the loss to the players' return: %v", time.Since(began))
	for _, w := range walls {
		h.eventually(patience, "the generation has grown", func() error {
			if now := w.generation(); now <= before[w] {
				return fmt.Errorf("%s is at %d; it had %d from the lost controller", w.screen, now, before[w])
			}
			return nil
		})
	}
	h.wantLosses(before)
	h.takesOver(2)
	watched()
	for _, w := range walls {
		h.countsExactly(w)
	}
}

// command runs the controller's binary and gives what it says.
func (h *house) command(args ...string) string {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, bin+"controller", args...).CombinedOutput()
	if err != nil {
		h.t.Fatalf("controller %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// goOn does after the backup what the lost controller alone will have known: plays that it acknowledged,
// an edit, a publication, a takeover.
func (h *house) goOn(walls []*wall) {
	h.t.Helper()
	for _, w := range walls {
		w.stop() // what it has is sent when it starts again
		w.start()
	}
	h.eventually(patience, "the controller has counted plays that the backup has not", func() error {
		for _, w := range walls {
			if counted, err := h.plays(w.screen); err != nil || len(counted) < 3 {
				return fmt.Errorf("%d plays of %s: %w", len(counted), w.screen, err)
			}
		}
		return nil
	})
	h.item("blue", blue)
	h.playlist("blues", 2*time.Second, "blue")
	h.must(h.api.Create(h.t.Context(), "windows", "all-day", playlists.Window{
		ID: "all-day", Name: "All day", Playlist: "blues", Start: "0 0 * * *", End: playlists.LocalEnd{Days: 1},
		Targets: []playlists.Target{{Department: "cardiology"}},
	}))
	h.publish("cardiology")
	for _, w := range walls {
		w.shows(patience, 0.5, 0.5, blue)
		w.drawn(len(w.truth()) + 2)
	}
	h.takesOver(2)
}

// takesOver starts a takeover, waits until n screens have drawn it, and clears it.
func (h *house) takesOver(n int) {
	h.t.Helper()
	var made struct {
		ID string `json:"id"`
	}
	h.must(h.api.Do(h.t.Context(), http.MethodPost, "/api/v1/takeovers", map[string]any{
		"severity": 3, "minutes": 10, "targets": []map[string]any{{"all": true}},
		"slides": []map[string]any{{"language": "en", "title": "Please leave the building", "text": "Use the stairs."}},
	}, &made, nil))
	h.eventually(patience, "they have drawn it", func() error { return h.reached(made.ID, n) })
	h.must(h.api.Do(h.t.Context(), http.MethodPost, "/api/v1/takeovers/"+made.ID+"/clear", map[string]any{}, nil, nil))
}

// lose is a machine that is gone, with its disk.
func (h *house) lose() {
	h.t.Helper()
	h.kill()
	h.must(os.RemoveAll(h.data))
}

// linked reports an error unless n screens are linked and play.
func (h *house) linked(n int) error {
	var fleet struct {
		Items []struct{ ID, State string }
	}
	_, err := h.api.Get(h.t.Context(), "/api/v1/fleet", &fleet)
	playing := 0
	for _, s := range fleet.Items {
		if s.State == "playing" {
			playing++
		}
	}
	if err == nil && playing < n {
		err = fmt.Errorf("the console says %+v", fleet.Items)
	}
	return err
}

// generation is that of the programme that the player shows, 0 while that cannot be asked.
func (w *wall) generation() uint64 {
	status, err := w.status()
	if err != nil {
		return 0
	}
	state, _ := status["state"].(map[string]any)
	n, _ := state["generation"].(float64)
	return uint64(n)
}

// watch holds until its answer is called that no player is asked to be paired, and that no generation goes back.
func watch(t *testing.T, walls []*wall) (done func()) {
	t.Helper()
	stop := make(chan struct{})
	var watching sync.WaitGroup
	for _, w := range walls {
		watching.Go(func() {
			newest := uint64(0)
			for {
				if now := w.generation(); now < newest && now > 0 {
					t.Errorf("%s went back from generation %d to %d", w.screen, newest, now)
				} else {
					newest = max(newest, now)
				}
				if status, err := w.status(); err == nil && status["pairing"] != nil {
					t.Errorf("%s is to be paired again: %v", w.screen, status["pairing"])
				}
				select {
				case <-stop:
					return
				case <-time.After(200 * time.Millisecond):
				}
			}
		})
	}
	once := sync.OnceFunc(func() {
		close(stop)
		watching.Wait()
	})
	t.Cleanup(once)
	return once
}

// wantLosses holds the restored controller to say what it lost: which programmes, and what was on the
// screens that it does not know.
func (h *house) wantLosses(before map[*wall]uint64) {
	h.t.Helper()
	type programme struct {
		Screen     playlists.ScreenID `json:"screen"`
		Generation uint64             `json:"generation"`
	}
	var lost struct {
		Restored struct {
			At time.Time `json:"at"`
		} `json:"restored"`
		Programmes []programme `json:"programmes"`
		Shown      []struct {
			Kind    string               `json:"kind"`
			ID      string               `json:"id"`
			Screens []playlists.ScreenID `json:"screens"`
		} `json:"shown"`
	}
	h.eventually(patience, "players have proved what was lost", func() error {
		if _, err := h.api.Get(h.t.Context(), "/api/v1/losses", &lost); err != nil {
			return err
		}
		found := map[string]int{}
		for _, s := range lost.Shown {
			found[s.Kind+" "+s.ID] = len(s.Screens)
		}
		if len(lost.Programmes) != 2 || found["item blue"] != 2 || found["window all-day"] != 2 {
			return fmt.Errorf("it says %+v", lost)
		}
		return nil
	})
	for w, n := range before {
		if !slices.Contains(lost.Programmes, programme{w.screen, n}) {
			h.t.Errorf("generation %d of %s is not among what was lost: %+v", n, w.screen, lost.Programmes)
		}
	}
	if lost.Restored.At.IsZero() {
		h.t.Error("it does not say which state was restored")
	}
}
