package api_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"anteroom/controller/access"
	"anteroom/controller/api"
	"anteroom/controller/disk"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/wire"
)

func TestLossesOfARestoredController(t *testing.T) {
	data := t.TempDir()
	record := fmt.Sprintf(`{"at":%q,"restored_at":%[1]q}`, time.Now().Add(-time.Hour).UTC().Format(time.RFC3339))
	if err := errors.Join(os.MkdirAll(data, 0o700), os.WriteFile(filepath.Join(data, "restored.json"), disk.Seal([]byte(record)), 0o600)); err != nil {
		t.Fatal(err)
	}
	h := startOn(t, data)
	ada := h.admin()
	ada.furnish()
	ada.do(http.MethodPost, "/api/v1/publications", map[string]any{}).want(http.StatusCreated)
	s := h.screen()
	s.pair(ada, playliststest.Outpatients)
	s.head()
	s.dial(wire.State{Generation: 40}, true) // it had this from the lost controller
	if got := s.head().Generation; got != 41 {
		t.Errorf("it got generation %d, want 41", got)
	}
	var l api.Losses
	ada.get("/api/v1/losses").want(http.StatusOK).into(&l)
	if l.Restored == nil || len(l.Programmes) != 1 || l.Programmes[0].Generation != 40 || l.Programmes[0].Here != 1 {
		t.Errorf("got %+v", l)
	}
	mo := h.staff("mo", access.Scheduler, "cardiology")
	mo.get("/api/v1/losses").want(http.StatusForbidden)
}

func TestNothingIsLostWhereNothingWasRestored(t *testing.T) {
	h := start(t)
	var l api.Losses
	h.admin().get("/api/v1/losses").want(http.StatusOK).into(&l)
	if l.Restored != nil || len(l.Programmes)+len(l.Shown)+len(l.Takeovers) > 0 {
		t.Errorf("got %+v", l)
	}
}
