package api_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"anteroom/controller/access"
	"anteroom/controller/api"
	"anteroom/playlists"
)

// holidays is a calendar with a Christmas of this year, a meeting, and what is given.
func holidays(more ...string) string {
	year := time.Now().UTC().Year()
	lines := append([]string{
		"BEGIN:VCALENDAR", "X-WR-CALNAME:Holidays",
		"BEGIN:VEVENT", "SUMMARY:Christmas Day", fmt.Sprintf("DTSTART;VALUE=DATE:%d1225", year), "END:VEVENT",
		"BEGIN:VEVENT", "SUMMARY:Board", fmt.Sprintf("DTSTART:%d1201T100000", year), "END:VEVENT",
	}, more...)
	return strings.Join(append(lines, "END:VCALENDAR"), "\r\n")
}

func christmas() playlists.Date {
	return playlists.Date{Year: time.Now().UTC().Year(), Month: time.December, Day: 25}
}

func TestReadingACalendar(t *testing.T) {
	h := start(t)
	ada := h.admin()
	read := func(file string) answer {
		return ada.do(http.MethodPost, "/api/v1/calendars/read", file, "Content-Type", "text/calendar")
	}
	var got api.CalendarRead
	read(holidays()).want(http.StatusOK).into(&got)
	if len(got.Days) != 1 || got.Days[0].Date != christmas() || got.Days[0].Names[0] != "Christmas Day" || got.Name != "Holidays" {
		t.Errorf("got %+v, want Christmas Day", got)
	}
	if len(got.Left) != 1 || got.Left[0] != (api.CalendarLeft{Line: 7, Name: "Board", Reason: "timed"}) {
		t.Errorf("left out: got %+v, want the meeting", got.Left)
	}
	if a := read("<html>").want(http.StatusUnprocessableEntity); !strings.Contains(a.body, "Line 1: an iCalendar file begins with BEGIN:VCALENDAR") {
		t.Errorf("got %s, want the line and the reason", a.body)
	}
	read(strings.Repeat("a", 3<<20)).want(http.StatusRequestEntityTooLarge)
	h.staff("vi", access.Viewer).do(http.MethodPost, "/api/v1/calendars/read", holidays(), "Content-Type", "text/calendar").want(http.StatusForbidden)
}

func TestFollowingACalendar(t *testing.T) {
	file := holidays()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, file) }))
	defer server.Close()
	h := start(t)
	ada := h.admin()
	address := func(url string) map[string]string { return map[string]string{"url": url} }
	var read api.CalendarRead
	ada.do(http.MethodPost, "/api/v1/calendars/fetch", address(server.URL)).want(http.StatusOK).into(&read)
	if len(read.Days) != 1 {
		t.Errorf("got %+v, want a day", read)
	}
	for url, want := range map[string]string{
		"ftp://example.org/a.ics":                  "this is no address of a calendar",
		"http://[::1]:9/a.ics":                     "it is at ::1, within the house",
		"https://ada:secret@intranet.example.org/": "without a name or password",
	} {
		a := ada.do(http.MethodPost, "/api/v1/calendars/fetch", address(url)).want(http.StatusUnprocessableEntity)
		if !strings.Contains(strings.ToLower(a.body), want) || !strings.Contains(a.body, `"location":"body.url"`) {
			t.Errorf("%s: got %s, want %s at the field", url, a.body, want)
		}
	}

	ada.make("closures/holidays", playlists.Closure{ID: "holidays", Name: "Holidays", Dates: []playlists.Date{}, Calendar: &playlists.Subscription{URL: server.URL}})
	at := "/api/v1/closures/holidays/calendar"
	var state api.CalendarState
	ada.get(at).want(http.StatusOK).into(&state)
	if state.URL != "" || !state.Tried.IsZero() {
		t.Errorf("got %+v before it was asked", state)
	}
	ada.do(http.MethodPost, at, nil).want(http.StatusOK).into(&state)
	var closure playlists.Closure
	ada.get("/api/v1/closures/holidays").want(http.StatusOK).into(&closure)
	if state.Problem != "" || state.Fetched.IsZero() || len(closure.Dates) != 1 || closure.Names[christmas()] != "Christmas Day" {
		t.Errorf("got %+v and %+v", state, closure)
	}
	file = "gone"
	ada.do(http.MethodPost, at, nil).want(http.StatusOK).into(&state)
	ada.get("/api/v1/closures/holidays").want(http.StatusOK).into(&closure)
	if !strings.Contains(state.Problem, "line 1") || len(closure.Dates) != 1 {
		t.Errorf("got %+v and %+v; want the problem, and the days as they were", state, closure)
	}
	ada.get("/api/v1/closures/nobody/calendar").want(http.StatusNotFound)
	ada.do(http.MethodPost, "/api/v1/closures/nobody/calendar", nil).want(http.StatusNotFound)
}
