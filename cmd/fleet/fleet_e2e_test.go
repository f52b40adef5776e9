//go:build e2e

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"anteroom/playlists"
)

// said keeps what a process prints.
type said struct {
	mu  sync.Mutex
	all bytes.Buffer
}

// Write implements [io.Writer].
func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.String()
}

// fleetSize is 20, or ANTEROOM_FLEET.
func fleetSize() int {
	if given, err := strconv.Atoi(os.Getenv("ANTEROOM_FLEET")); err == nil {
		return given
	}
	return 20
}

// TestFleetLinksAndPlays lets simulated players pair, link and report to a real controller.
func TestFleetLinksAndPlays(t *testing.T) {
	t.Parallel()
	players := fleetSize()
	h := open(t)
	h.item("red", red)
	h.item("green", green)
	h.playlist("filler", 3*time.Second, "red", "green")
	h.department("cardiology", "filler")
	h.publish("cardiology")

	var out said
	fleet := exec.Command(bin+"fleet", "--controller", h.base(), "--players", fmt.Sprint(players), "--department", "cardiology", "--user", admin)
	fleet.Env = append(fleet.Environ(), "ANTEROOM_PASSWORD="+password, "TMPDIR="+t.TempDir())
	fleet.Stdout, fleet.Stderr = &out, &out
	fleet.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	h.must(fleet.Start())
	ended := false
	defer func() {
		if !ended {
			_ = end(fleet, patience)
		}
		t.Logf("the fleet said:\n%s", out.String())
	}()

	took := h.eventually(patience, "every player is linked", func() error { return h.fleetHas(players) })
	t.Logf("%d players paired and linked after %v", players, took)
	took = h.eventually(patience, "plays of every screen arrive", func() error {
		for n := 1; n <= players; n++ {
			if plays, err := h.plays(screenOf(n)); err != nil || len(plays) == 0 {
				return errors.Join(fmt.Errorf("%s has no play yet", screenOf(n)), err)
			}
		}
		return nil
	})
	t.Logf("plays of every screen had arrived %v later", took)
	ended = true
	if err := end(fleet, patience); err != nil {
		t.Errorf("ending the fleet: %v", err)
	}
	if !strings.Contains(out.String(), "All players have ended.") {
		t.Error("it ended without saying so")
	}
}

// fleetHas fails unless the console shows n screens, all of them linked and playing.
func (h *house) fleetHas(n int) error {
	var fleet struct {
		Items []struct {
			ID     playlists.ScreenID `json:"id"`
			State  string             `json:"state"`
			Linked bool               `json:"linked"`
		} `json:"items"`
	}
	if _, err := h.api.Get(h.t.Context(), "/api/v1/fleet", &fleet); err != nil {
		return err
	}
	if len(fleet.Items) != n {
		return fmt.Errorf("there are %d screens, want %d", len(fleet.Items), n)
	}
	for _, one := range fleet.Items {
		if !one.Linked || one.State != "playing" {
			return fmt.Errorf("%s is %s, linked: %t", one.ID, one.State, one.Linked)
		}
	}
	return nil
}
