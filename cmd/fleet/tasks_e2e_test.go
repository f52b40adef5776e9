//go:build e2e

package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"anteroom/cmd/demo/hospital"
	"anteroom/playlists"
)

// The person who schedules in the demo hospital, the item that they put on the wall last, and how long it is on at a time.
const (
	scheduler         = "flora"
	schedulerPassword = "slides before breakfast"
	lastScheduled     = "cold-slides"
	eachTurn          = 10 * time.Second
)

// TestTasksOnTheWall does in a real browser what is to be seen on real screens, and looks there: schedule in two departments
// (task 3), go back (task 8), have a screen show its name, restart and check its files; then who put that there (task 5),
// and which screens do not show what they should, and why (task 1).
func TestTasksOnTheWall(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.must(hospital.Enter(t.Context(), h.api))
	h.openNow()
	h.item("flu-slides", green)
	h.item(lastScheduled, blue)
	h.playlist("flu-slides", eachTurn, "flu-slides")
	h.playlist(lastScheduled, eachTurn, lastScheduled)
	h.must(h.api.Create(t.Context(), "users", scheduler, map[string]any{
		"name": scheduler, "full_name": "Flora Lopez", "role": "scheduler", "everywhere": true, "password": schedulerPassword,
	}))
	walls := map[playlists.ScreenID]*wall{}
	var named []string
	h.place("paediatrics-door") // where nobody hangs a player
	for _, s := range append(hospital.Screens(), h.place("paediatrics-aquarium")) {
		w := h.hang(s.ID)
		walls[s.ID] = w
		named = append(named, fmt.Sprintf("%s %s %s", s.ID, w.display, w.dir))
	}
	for _, w := range walls {
		w.drawn(1)
	}
	h.browse([]string{"wall"}, "ANTEROOM_WALLS="+strings.Join(named, ","), "ANTEROOM_SCHEDULER="+scheduler+":"+schedulerPassword)
	seen := walls["cardiology-desk"].shown(lastScheduled)
	walls["paediatrics-window"].xrandr("--off")
	walls["family-clinic-entrance"].kill()
	walls["cardiology-desk"].setsAside()
	h.browse([]string{"trouble", "why"},
		"ANTEROOM_TROUBLED=paediatrics-window,family-clinic-entrance,paediatrics-door,cardiology-desk",
		"ANTEROOM_WHY_SCREEN=cardiology-desk", "ANTEROOM_WHY_AT="+seen.UTC().Format(time.RFC3339),
		"ANTEROOM_WHY_TITLE="+lastScheduled, "ANTEROOM_WHY_BY="+scheduler)
}

// openNow has it be about noon in the whole hospital, and no holiday, whenever the tests are run.
func (h *house) openNow() {
	h.t.Helper()
	ctx, now := h.t.Context(), time.Now().UTC()
	var ids []playlists.DepartmentID
	for _, s := range hospital.Screens() {
		var d playlists.Department
		path := "/api/v1/departments/" + string(s.Department)
		etag, err := h.api.Get(ctx, path, &d)
		h.must(err)
		d.Zone = fmt.Sprintf("Etc/GMT%+d", now.Hour()-12) // its sign is the other way round: east is less
		h.must(h.api.Replace(ctx, path, etag, d))
		ids = append(ids, s.Department)
	}
	var c playlists.Closure
	path := "/api/v1/closures/public-holidays"
	etag, err := h.api.Get(ctx, path, &c)
	h.must(err)
	c.Dates = slices.DeleteFunc(c.Dates, func(d playlists.Date) bool { return d.String() == now.Format(time.DateOnly) })
	h.must(h.api.Replace(ctx, path, etag, c))
	h.publish(ids...)
}

// place enters another place in Paediatrics where a screen hangs.
func (h *house) place(id playlists.ScreenID) playlists.Screen {
	h.t.Helper()
	s := playlists.Screen{ID: id, Department: "paediatrics", Name: string(id)}
	h.must(h.api.Create(h.t.Context(), "screens", string(id), s))
	return s
}

// shown waits until an item was on for a whole turn, and gives a moment in the midst of that.
func (w *wall) shown(item string) time.Time {
	w.h.t.Helper()
	var at time.Time
	w.h.eventually(patience, string(w.screen)+" has shown "+item+" for a whole turn", func() error {
		var slots []string
		for _, line := range w.truth() {
			if name, slot, _ := strings.Cut(line.Label, "@"); name == item {
				slots = append(slots, slot)
			}
		}
		if len(slots) < 2 {
			return fmt.Errorf("its turns are %v", slots)
		}
		start, err := time.Parse(time.RFC3339Nano, slots[0])
		at = start.Add(eachTurn / 2)
		return err
	})
	return at
}

// setsAside kills the stage until the player has set aside what was on each time.
func (w *wall) setsAside() {
	w.h.t.Helper()
	w.h.eventually(patience, "the player of "+string(w.screen)+" has set an item aside", func() error {
		status, err := w.status()
		if err != nil {
			return err
		}
		health, _ := status["health"].(map[string]any)
		if aside, _ := health["set_aside"].([]any); len(aside) > 0 {
			return nil
		}
		showing, _ := health["showing"].([]any)
		if pid, _ := status["stage_pid"].(float64); pid > 0 && len(showing) > 0 {
			_ = syscall.Kill(int(pid), syscall.SIGKILL) // it may have died meanwhile
		}
		return errors.New("it has set nothing aside yet")
	})
}
