package api_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/wire"
)

// complete is what a report says of its completeness.
type complete struct {
	CompleteUntil time.Time `json:"complete_until"`
	Waiting       []playlists.ScreenID
}

// complete asks for a report of today until it says what is wanted.
func (p *person) complete(when string, enough func(complete) bool) complete {
	p.t.Helper()
	now := time.Now().UTC()
	path := "/api/v1/reports/impressions?from=" + now.AddDate(0, 0, -1).Format(time.DateOnly) + "&to=" + now.Format(time.DateOnly)
	var got complete
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		got = complete{}
		p.get(path).want(http.StatusOK).into(&got)
		if enough(got) {
			return got
		}
	}
	p.t.Errorf("%s: the report is complete until %v and waits for %v", when, got.CompleteUntil, got.Waiting)
	return got
}

func (s *screen) beat(at time.Time, unsent uint64) {
	s.t.Helper()
	s.send(wire.Envelope{Heartbeat: &wire.Heartbeat{At: at, State: wire.State{Screen: s.id}, Health: wire.Health{Stage: "drawing", Unsent: unsent}}})
}

func TestUntilWhenAReportIsComplete(t *testing.T) {
	data := t.TempDir()
	h := startOn(t, data)
	ada := h.admin()
	ada.furnish()
	waitsFor := func(until time.Time, screens ...playlists.ScreenID) func(complete) bool {
		return func(c complete) bool { return c.CompleteUntil.Equal(until) && slices.Equal(c.Waiting, screens) }
	}
	fresh := func(c complete) bool {
		age := time.Since(c.CompleteUntil)
		return len(c.Waiting) == 0 && age > 0 && age < 10*time.Minute
	}
	ada.complete("without any player", fresh)

	door := h.screen()
	door.pair(ada, playliststest.CardiologyDoor)
	ada.complete("with a player that has sent nothing", waitsFor(time.Time{}, playliststest.CardiologyDoor))

	ended := time.Now().UTC().Truncate(time.Millisecond).Add(-time.Hour)
	plays := []playlists.Play{playliststest.Play(1, ended), playliststest.Play(2, ended)}
	for i := range plays {
		plays[i].Screen = door.id
		plays[i].Start = ended.Add(-time.Duration(plays[i].Shown) * time.Millisecond)
	}
	door.sendPlays(plays)
	door.next(func(e wire.Envelope) bool { return e.Ack != nil })
	door.beat(time.Now(), 9)
	ada.complete("while plays of the last hour wait", waitsFor(ended, playliststest.CardiologyDoor))
	door.beat(time.Now(), 0)
	ada.complete("once all are sent", fresh)
	door.beat(time.Now(), 3)
	ada.complete("with a few that wait again", fresh)

	h.stop()
	h = startOn(t, data)
	ada = h.signIn("ada")
	ada.complete("after a restart", waitsFor(ended, playliststest.CardiologyDoor))
	ada.do(http.MethodPost, "/api/v1/screens/cardiology-door/revoke", nil).want(http.StatusNoContent)
	ada.complete("with the player cut off", fresh)
}
