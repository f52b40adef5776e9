package api_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/controller/store/storetest"
	"anteroom/playlists/playliststest"
)

// damaged are the data of a house where one play of a minute ago came in this month and another,
// by a clock that was put back since, the month before, whose file is garbage. It names that month.
func damaged(t *testing.T, now time.Time) (data, month string) {
	t.Helper()
	data = t.TempDir()
	h := startOn(t, data)
	ada := h.admin()
	ada.furnish()
	ada.do(http.MethodPost, "/api/v1/publications", map[string]any{}).want(http.StatusCreated)
	h.stop()
	dir := filepath.Join(data, "store")
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	earlier := now.AddDate(0, 0, -now.Day())
	l := storetest.NewLine(t, 1)
	for _, at := range []time.Time{earlier, now} {
		play := storetest.Play(playliststest.CardiologyDoor, "know-your-numbers", now.Add(-time.Minute))
		if err := s.Append(t.Context(), []store.Batch{l.Batch(at, play)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	month = earlier.Format("2006-01")
	path := filepath.Join(dir, "plays-"+month+".db")
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	return data, month
}

func TestReportsSayWhichMonthCannotBeRead(t *testing.T) {
	now := time.Now().UTC()
	data, month := damaged(t, now)
	ada := startOn(t, data).signIn("ada")
	period := "?by=item&from=" + now.AddDate(0, 0, -1).Format(time.DateOnly) + "&to=" + now.AddDate(0, 0, 1).Format(time.DateOnly)
	var rep struct {
		Totals        struct{ Plays int }
		Unreadable    []string
		CompleteUntil *time.Time `json:"complete_until"`
	}
	ada.get("/api/v1/reports/impressions" + period).want(http.StatusOK).into(&rep)
	if rep.Totals.Plays != 1 || !slices.Equal(rep.Unreadable, []string{month}) || rep.CompleteUntil != nil {
		t.Errorf("got %+v, want the play that can be read, %s named, and no claim to be complete", rep, month)
	}
	table := ada.get("/api/v1/reports/impressions.csv" + period).want(http.StatusOK).body
	if !strings.Contains(table, "incomplete: plays that came in during "+month+" cannot be read") {
		t.Errorf("the CSV does not name %s: %s", month, table)
	}
}

// A damaged file of plays hides none of what goes on: the fleet, a screen's day and the reasons.
func TestADamagedMonthHidesNoScreen(t *testing.T) {
	now := time.Now().UTC()
	data, month := damaged(t, now)
	ada := startOn(t, data).signIn("ada")
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	if row := ada.row(playliststest.CardiologyDoor); row.ID != playliststest.CardiologyDoor {
		t.Errorf("got %+v", row)
	}
	var day struct {
		Plays      []struct{ Plays int }
		Unreadable []string
	}
	at := "/api/v1/screens/" + string(playliststest.CardiologyDoor)
	ada.get(at + "/timeline?date=" + now.Add(-time.Minute).In(zone).Format(time.DateOnly)).want(http.StatusOK).into(&day)
	if len(day.Plays) != 1 || day.Plays[0].Plays != 1 || !slices.Equal(day.Unreadable, []string{month}) {
		t.Errorf("got the day %+v, want the play that can be read, and %s named", day, month)
	}
	why := ada.why(playliststest.CardiologyDoor, now.Add(-55*time.Second))
	if len(why.Plays) != 1 {
		t.Errorf("got %+v, want the play that can be read", why.Plays)
	}
}

// What is no longer kept is said wherever it is asked for, and nowhere else.
func TestWhatIsNoLongerKeptIsSaid(t *testing.T) {
	now := time.Now().UTC()
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
	old := time.Date(now.Year(), now.Month()-2, 15, 17, 0, 0, 0, time.UTC)
	l := storetest.NewLine(t, 1)
	for _, at := range []time.Time{old, old.AddDate(0, 1, 0), now} {
		play := storetest.Play(playliststest.CardiologyDoor, "know-your-numbers", at.Add(-time.Minute))
		if err := s.Append(t.Context(), []store.Batch{l.Batch(at, play)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(s.Forget(t.Context(), 1, nil), s.Close()); err != nil {
		t.Fatal(err)
	}
	ada = startOn(t, data).signIn("ada")
	screen := string(playliststest.CardiologyDoor)
	date := func(at time.Time) string { return at.Format(time.DateOnly) }
	for _, row := range []struct {
		what      string
		from, to  time.Time
		plays     int
		forgotten string
	}{
		{"all three", old.AddDate(0, 0, -3), now.AddDate(0, 0, 1), 2, old.Format("2006-01")},
		{"the one that is gone", old.AddDate(0, 0, -1), old.AddDate(0, 0, 1), 0, old.Format("2006-01")},
		{"those that are kept", old.AddDate(0, 0, 3), now.AddDate(0, 0, 1), 2, ""},
	} {
		var rep struct {
			Totals    struct{ Plays int }
			Forgotten string
			Until     *time.Time `json:"complete_until"`
		}
		period := "?by=item&from=" + date(row.from) + "&to=" + date(row.to)
		ada.get("/api/v1/reports/impressions" + period).want(http.StatusOK).into(&rep)
		if rep.Totals.Plays != row.plays || rep.Forgotten != row.forgotten || row.forgotten != "" && rep.Until != nil {
			t.Errorf("%s: got %+v, want %d plays and %q said to be gone", row.what, rep, row.plays, row.forgotten)
		}
		table := ada.get("/api/v1/reports/impressions.csv" + period).want(http.StatusOK).body
		if strings.Contains(table, "incomplete: plays that came in until the end of "+row.forgotten+" are no longer kept") != (row.forgotten != "") {
			t.Errorf("%s: the CSV is %s", row.what, table)
		}
	}
	var day struct{ Forgotten string }
	ada.get("/api/v1/screens/" + screen + "/timeline?date=" + date(old)).want(http.StatusOK).into(&day)
	if day.Forgotten != old.Format("2006-01") {
		t.Errorf("the day of the play that is gone says %+v", day)
	}
	if why := ada.why(playliststest.CardiologyDoor, old.Add(-55*time.Second)); len(why.Plays) != 0 {
		t.Errorf("got %+v", why.Plays)
	}
	var records struct {
		Items     []struct{}
		Forgotten string
	}
	ada.get("/api/v1/plays?screen=" + screen + "&from=" + date(old) + "T00:00:00Z&to=" + date(old.AddDate(0, 0, 1)) + "T00:00:00Z").want(http.StatusOK).into(&records)
	if len(records.Items) != 0 || records.Forgotten != old.Format("2006-01") {
		t.Errorf("the records of that day: %+v", records)
	}
}
