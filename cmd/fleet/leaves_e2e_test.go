//go:build e2e

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"anteroom/playlists"
)

// asked is an address of the internet's families that a program asked for, and how.
type asked struct{ call, address string }

// Lines of strace like: 123 connect(5, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.0.0.1")}, 16) = 0.
var (
	reachesOut = regexp.MustCompile(`^\d+ +(connect|sendto|sendmsg|sendmmsg|bind)\(.*sa_family=AF_INET6?[,}]`)
	inPort     = regexp.MustCompile(`sin6?_port=htons\((\d+)\)`)
	inAddress  = regexp.MustCompile(`(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]+)"`)
)

// whatWasAsked reads a trace.
func whatWasAsked(t *testing.T, path string) (all []asked) {
	t.Helper()
	trace, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(bytes.TrimSpace(trace)) == 0 {
		t.Fatalf("%s is empty: nothing was traced", path)
	}
	for line := range strings.Lines(string(trace)) {
		call := reachesOut.FindStringSubmatch(line)
		if call == nil {
			continue
		}
		port, address := inPort.FindStringSubmatch(line), inAddress.FindStringSubmatch(line)
		if port == nil || address == nil {
			t.Fatalf("a line that nobody can read: %s", line)
		}
		all = append(all, asked{call[1], net.JoinHostPort(address[1], port[1])})
	}
	return all
}

// TestNothingLeavesTheNetwork traces every system call by which controller, player, stage and all their
// children could reach anybody, while they do all that they can: the player speaks with the controller, the controller
// with the calendar, the mail server and the webhook that it was told of, and nobody with anybody else.
func TestNothingLeavesTheNetwork(t *testing.T) {
	t.Parallel()
	out := newOutside(t)
	h := openBehind(t, func(h *house) {
		h.traces = t.TempDir()
		h.serve = []string{
			"--house-networks", "127.0.0.1", "--smtp", out.mail, "--smtp-from", "anteroom@lakeside.example", "--smtp-plain",
			"--webhook-secret-file", out.secret,
		}
	})
	h.item("red", red)
	h.takesAFilm(t)
	h.playlist("filler", 3*time.Second, "red", "film")
	h.department("cardiology", "filler", "window")
	h.publish("cardiology")
	w := h.hang("window")
	w.shows(patience, 0.5, 0.5, red)
	h.takesOver(1)
	w.drawn(4)
	if _, err := h.api.Get(t.Context(), "/api/v1/reports/impressions?from="+time.Now().Format(time.DateOnly)+"&to="+time.Now().Format(time.DateOnly), nil); err != nil {
		t.Error(err)
	}
	h.command("backup", filepath.Join(h.dir, "backups"), "--data", h.data)
	h.reachesOut(out)
	w.stop()
	h.stop()

	listens, reached := false, map[string]bool{}
	for _, one := range whatWasAsked(t, filepath.Join(h.traces, "controller")) {
		if one.call == "connect" && slices.Contains(out.all(), one.address) {
			reached[one.address] = true
			continue
		}
		at, err := netip.ParseAddrPort(one.address)
		if one.call != "bind" || err != nil || !at.Addr().Unmap().IsLoopback() { // Go tries at its start what families there are
			t.Errorf("the controller asked for %s by %s", one.address, one.call)
		}
		listens = listens || one.address == h.addr
	}
	if !listens {
		t.Error("the controller is not seen to listen: nothing was traced")
	}
	if len(reached) != len(out.all()) {
		t.Errorf("of %q the controller is seen to reach %v", out.all(), reached)
	}
	links := 0
	for _, one := range whatWasAsked(t, filepath.Join(h.traces, "player-window")) {
		if one != (asked{"connect", h.addr}) {
			t.Errorf("player or stage asked for %s by %s", one.address, one.call)
		}
		links++
	}
	if links == 0 {
		t.Error("the player is not seen to reach the controller: nothing was traced")
	}
	t.Logf("the player connected %d times, to %s alone", links, h.addr)
}

// outside are those whom a controller may be told to reach. The calendar leads to another address, too, which it may not.
type outside struct{ calendar, mail, hook, secret string }

func (o *outside) all() []string { return []string{o.calendar, o.mail, o.hook} }

func newOutside(t testing.TB) *outside {
	t.Helper()
	calendar := http.NewServeMux()
	calendar.HandleFunc("/closed.ics", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Closed\nDTSTART:%d1225\nEND:VEVENT\nEND:VCALENDAR\n", time.Now().UTC().Year())
	})
	calendar.Handle("/elsewhere.ics", http.RedirectHandler("http://127.0.0.2:9/closed.ics", http.StatusFound))
	serve := func(h http.Handler) string {
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		return server.Listener.Addr().String()
	}
	o := &outside{calendar: serve(calendar), hook: serve(http.NotFoundHandler()), secret: filepath.Join(t.TempDir(), "secret")}
	if err := os.WriteFile(o.secret, []byte("between us"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	o.mail = l.Addr().String()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go takeMail(c)
		}
	}()
	return o
}

// takeMail is an SMTP server that takes everything.
func takeMail(c net.Conn) {
	defer c.Close()
	fmt.Fprint(c, "220 postbox ESMTP\r\n")
	said, text := bufio.NewScanner(c), false
	for said.Scan() {
		switch {
		case text && said.Text() != ".":
			continue
		case said.Text() == "DATA":
			text = true
			fmt.Fprint(c, "354 go on\r\n")
			continue
		case said.Text() == "QUIT":
			fmt.Fprint(c, "221 bye\r\n")
			return
		}
		text = false
		fmt.Fprint(c, "250 ok\r\n")
	}
}

// reachesOut makes the controller read a calendar and tell a department's contacts.
func (h *house) reachesOut(o *outside) {
	h.t.Helper()
	ctx := h.t.Context()
	closed := playlists.Closure{ID: "holidays", Name: "Holidays", Dates: []playlists.Date{}, Calendar: &playlists.Subscription{URL: "http://" + o.calendar + "/closed.ics"}}
	h.must(h.api.Create(ctx, "closures", "holidays", closed))
	var state struct{ Problem string }
	h.must(h.api.Do(ctx, http.MethodPost, "/api/v1/closures/holidays/calendar", nil, &state, nil))
	if state.Problem != "" {
		h.t.Errorf("the calendar: %s", state.Problem)
	}
	if err := h.api.Do(ctx, http.MethodPost, "/api/v1/calendars/fetch", map[string]string{"url": "http://" + o.calendar + "/elsewhere.ics"}, nil, nil); err == nil || !strings.Contains(err.Error(), "127.0.0.2") {
		h.t.Errorf("a calendar that leads elsewhere: %v, want it refused", err)
	}
	var d playlists.Department
	etag, err := h.api.Get(ctx, "/api/v1/departments/cardiology", &d)
	h.must(err)
	d.Contacts = []playlists.Contact{{Email: "desk@lakeside.example"}, {Webhook: "http://" + o.hook + "/anteroom"}}
	h.must(h.api.Replace(ctx, "/api/v1/departments/cardiology", etag, d))
	var told struct{ Items []struct{ Error string } }
	h.must(h.api.Do(ctx, http.MethodPost, "/api/v1/departments/cardiology/test-message", nil, &told, nil))
	if len(told.Items) != 2 || told.Items[0].Error != "" || !strings.Contains(told.Items[1].Error, "404") {
		h.t.Errorf("the contacts were told so: %+v", told.Items)
	}
}

// takesAFilm makes an item of a film of two seconds.
func (h *house) takesAFilm(t testing.TB) {
	t.Helper()
	upload, err := h.api.Upload(t.Context(), "film.mp4", bytes.NewReader(film(t)))
	if err != nil {
		t.Fatal(err)
	}
	upload.Rendition.Language = playlists.NoWords
	h.must(h.api.MakeItem(t.Context(), playlists.Item{
		ID: "film", Title: "Film", Version: 1, Phase: playlists.Prevention, Millis: 2000, Renditions: []playlists.Rendition{upload.Rendition},
	}))
}
