package api_test

import (
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"anteroom/controller/access"
	"anteroom/controller/api"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/controller/store/storetest"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// shown gives a house with something published, in which plays were shown.
func shown(t *testing.T, plays ...playlists.Play) (*house, *person) {
	t.Helper()
	data := t.TempDir()
	h := startOn(t, data)
	ada := h.admin()
	ada.furnish()
	ada.do(http.MethodPost, "/api/v1/publications", map[string]any{}).want(http.StatusCreated)
	h.stop()
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: filepath.Join(data, "store")})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Append(t.Context(), []store.Batch{storetest.NewLine(t, 1).Batch(time.Now(), plays...)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	h = startOn(t, data)
	ada = h.signIn("ada")
	return h, ada
}

func TestCoverage(t *testing.T) {
	now := time.Now().UTC()
	play := func(item playlists.ItemID, ago time.Duration, change func(*playlists.Play)) playlists.Play {
		p := storetest.Play(playliststest.CardiologyDoor, item, now.Add(-ago))
		change(&p)
		return p
	}
	plain := func(*playlists.Play) {}
	const day = 24 * time.Hour
	_, ada := shown(
		t,
		play("know-your-numbers", day, plain), play("know-your-numbers", 20*day, plain), play("know-your-numbers", 50*day, plain),
		play("know-your-numbers", day, func(p *playlists.Play) { p.Language = "es" }),
		play("know-your-numbers", day, func(p *playlists.Play) { p.Outcome = playlists.Truncated }),
		play("know-your-numbers", day, func(p *playlists.Play) { p.Takeover = "fire" }),
	)
	var got api.Coverage
	ada.get("/api/v1/coverage?department=cardiology").want(http.StatusOK).into(&got)
	if len(got.Departments) != 1 || got.Departments[0].Department != "cardiology" || got.Unreadable != nil {
		t.Fatalf("got %+v", got)
	}
	c := got.Departments[0]
	if !slices.Equal(c.Languages, []playlists.Language{"en", "es"}) || c.Screens == 0 || c.OpenHours < 20 || c.OpenHours > 50 {
		t.Errorf("got %v, %d screens, %v open hours", c.Languages, c.Screens, c.OpenHours)
	}
	for _, cell := range c.Cells {
		if cell.Phase != playlists.Prevention {
			continue
		}
		want := map[playlists.Language]api.CoverageCell{
			"en": {Phase: playlists.Prevention, Language: "en", Ready: 1, PerHour: cell.PerHour, WeekPlays: 1, WeekSeconds: 10.004, Plays: 2, Seconds: 20.008},
			"es": {Phase: playlists.Prevention, Language: "es", Ready: 1, PerHour: cell.PerHour, WeekPlays: 1, WeekSeconds: 10.004, Plays: 1, Seconds: 10.004},
		}[cell.Language]
		if diff := cmp.Diff(want, cell); diff != "" || cell.PerHour < 1 {
			t.Errorf("%v an hour (-want +got):\n%s", cell.PerHour, diff)
		}
	}
	i := slices.IndexFunc(c.Cells, func(cell api.CoverageCell) bool { return cell.Phase == playlists.Treatment && cell.Language == "es" })
	if want := []playlists.ItemID{"taking-your-tablets"}; i < 0 || c.Cells[i].Gap != "no-language" || !slices.Equal(c.Cells[i].Lacking, want) {
		t.Errorf("treatment in Spanish: %+v", c.Cells)
	}
}

func TestCoverageIsOfOnesOwnDepartments(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	vic := h.staff("vic", access.Viewer, "cardiology")
	var got api.Coverage
	vic.get("/api/v1/coverage").want(http.StatusOK).into(&got)
	if len(got.Departments) != 1 || got.Departments[0].Department != "cardiology" || got.Departments[0].Screens != 0 {
		t.Errorf("got %+v", got)
	}
	vic.get("/api/v1/coverage?department=paediatrics").want(http.StatusForbidden)
	ada.get("/api/v1/coverage?department=nowhere").want(http.StatusNotFound)
	ada.get("/api/v1/coverage").want(http.StatusOK).into(&got)
	if len(got.Departments) != len(playliststest.Hospital().Departments) {
		t.Errorf("got %d departments", len(got.Departments))
	}
}
