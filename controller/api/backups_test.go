package api_test

import (
	"net/http"
	"testing"
	"time"

	"anteroom/controller/access"
	"anteroom/controller/api"
	"anteroom/controller/backup"
)

func TestHowBackupsWent(t *testing.T) {
	data := t.TempDir()
	h := startOn(t, data)
	ada := h.admin()
	now := func() (b api.Backups) {
		ada.get("/api/v1/backups").want(http.StatusOK).into(&b)
		return b
	}
	if b := now(); b.Last != nil || b.Failed != nil || b.Data != data {
		t.Errorf("before the first: %+v", b)
	}
	at := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	note := func(n backup.Note) {
		if err := backup.Keep(data, n); err != nil {
			t.Fatal(err)
		}
	}
	note(backup.Note{At: at, Dir: "/backup/1", Bytes: 3, Assets: 2})
	note(backup.Note{At: at.Add(time.Hour), Dir: "/backup", Error: "the disk is full"})
	if b := now(); b.Last == nil || !b.Last.At.Equal(at) || b.Failed == nil || b.Failed.Error != "the disk is full" {
		t.Errorf("one that counts and one that failed: %+v", b)
	}
	note(backup.Note{At: at.Add(2 * time.Hour), Dir: "/backup/2"})
	if b := now(); b.Last == nil || b.Last.Dir != "/backup/2" || b.Failed != nil {
		t.Errorf("well again: %+v", b)
	}
	h.staff("mo", access.Scheduler).get("/api/v1/backups").want(http.StatusForbidden)
}
