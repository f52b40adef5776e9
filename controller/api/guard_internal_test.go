package api

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"anteroom/controller/access"
	"anteroom/controller/players"
	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/slide"
	"anteroom/playlists/wire"
)

func bareServer(t *testing.T) *Server {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(t.Context(), Config{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheTableIsTheRouter(t *testing.T) {
	var routed, listed []string
	for _, r := range bareServer(t).engine.Routes() {
		routed = append(routed, r.Method+" "+r.Path)
	}
	for _, r := range Routes() {
		listed = append(listed, r.Method+" "+ginPath(r.Path))
	}
	slices.Sort(routed)
	slices.Sort(listed)
	for _, r := range routed {
		if !slices.Contains(listed, r) {
			t.Errorf("%s is served, but not in the access table", r)
		}
	}
	for _, r := range listed {
		if !slices.Contains(routed, r) {
			t.Errorf("%s is in the access table, but not served", r)
		}
	}
	if len(slices.Compact(slices.Clone(listed))) != len(listed) {
		t.Error("a route is in the table twice")
	}
}

// TestStrangers holds what somebody who has not signed in may reach: health, sign-in and the players'
// link, which proves keys itself.
func TestStrangers(t *testing.T) {
	var open []string
	for _, r := range Routes() {
		if r.Who == Anyone {
			open = append(open, r.Method+" "+r.Path)
		}
	}
	want := []string{
		"GET /healthz", "HEAD /healthz", "GET /readyz", "HEAD /readyz", "GET /sign-in", "POST /sign-in",
		"GET /sign-in/provider", "GET /sign-in/return", "POST /sign-out", "GET /first", "POST /first", "GET /welcome", "POST /welcome",
		"GET /pages.css", "GET /sheet.css", "GET /inter.woff2", "GET /favicon.svg", "GET /logo", "GET /player/v1/link",
	}
	if !slices.Equal(open, want) {
		t.Errorf("strangers may reach %v, want %v", open, want)
	}
	for _, r := range Routes() {
		if r.Who == Staff && changes(r.Method) && r.Action == "" {
			t.Errorf("%s %s changes something and asks for no right", r.Method, r.Path)
		}
		if changes(r.Method) && r.Method != http.MethodDelete && r.Limit == 0 {
			t.Errorf("%s %s has no limit", r.Method, r.Path)
		}
	}
}

func TestNotReadyWithTheReason(t *testing.T) {
	for _, test := range []struct {
		what string
		err  error
		says string
	}{
		{"nothing", nil, "ready\n"},
		{"a full disk", &fs.PathError{Op: "write", Path: "/secret", Err: syscall.ENOSPC}, "not ready: the controller's disk is full; free space where its data is\n"},
		{"a quota", fmt.Errorf("writing: %w", syscall.EDQUOT), "not ready: the controller's disk is full; free space where its data is\n"},
		{"a disk that went read-only", fmt.Errorf("writing: %w", syscall.EROFS), "not ready: the controller's disk can only be read; the system's log says why\n"},
		{"damage", fmt.Errorf("documents.db: %w", store.ErrDamaged), "not ready: the store is damaged; the controller's log says which file, and what to do\n"},
		{"a disk that hangs", fmt.Errorf("waiting: %w", context.DeadlineExceeded), "not ready: the store does not answer; the disk may hang\n"},
		{"a store that stopped", errors.New("/secret is not open"), "not ready: the store cannot be written; the controller's log says why\n"},
	} {
		t.Run(test.what, func(t *testing.T) {
			s := bareServer(t)
			s.Ready = func(context.Context) error { return test.err }
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				w := httptest.NewRecorder()
				s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, "/readyz", nil))
				if (w.Code == http.StatusOK) != (test.err == nil) || (test.err != nil && w.Code != http.StatusServiceUnavailable) || w.Body.String() != test.says {
					t.Errorf("%s: got %d %q, want %q", method, w.Code, w.Body, test.says)
				}
			}
		})
	}
}

func TestRoutesOutsideTheTableAreRefused(t *testing.T) {
	s := bareServer(t)
	delete(s.routes, "GET /healthz")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/healthz", nil))
	if w.Code == http.StatusOK {
		t.Errorf("a route without a row answered %d %s", w.Code, w.Body)
	}
}

func TestPanicsAreInternalErrors(t *testing.T) {
	s := bareServer(t)
	s.routes["GET /panics"] = Route{Method: http.MethodGet, Path: "/panics", Who: Anyone}
	s.engine.GET("/panics", func(*gin.Context) { panic("the secret is 42") })
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/panics", nil))
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), `"internal error"`) || strings.Contains(w.Body.String(), "42") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestErrorsAsPeopleReadThem(t *testing.T) {
	department := playlists.Department{
		ID: "cardiology", Site: "main", Name: "Cardiology", Zone: "TZ=x", Fallback: "en",
		Languages: []playlists.LanguageShare{{Language: "en", Twelfths: 12}},
	}
	for _, test := range []struct {
		what string
		err  error
		want string
	}{
		{
			"one field", department.Validate(),
			`422 Zone: "TZ=x" is no time zone; choose one like America/New_York. [body.zone]`,
		},
		{
			"several", playlists.Closure{}.Validate(),
			`422 There are 2 things to put right. [body.id body.name]`,
		},
		{
			"a field within a field", fmt.Errorf("starting a takeover: slides[1]: %w", fmt.Errorf("%w: title is missing; write some words", playlists.ErrInvalid)),
			`422 Title is missing; write some words. [body.slides[1].title]`,
		},
		{
			"one of a slide's points", slide.Slide{Template: slide.Steps, Language: "en", Title: "Before", Points: []string{"Come in", " "}}.Validate(),
			`422 The second point is empty; write it, or take it out. [body.points[1]]`,
		},
		{
			"a person", access.User{Actor: access.Actor{Name: "Ana María", FullName: strings.Repeat("x", 201), Role: "root", Everywhere: true}}.Validate(),
			`422 There are 3 things to put right. [body.name body.full_name body.role]`,
		},
		{
			"without a field", fmt.Errorf("undoing publication 3: %w: there is nothing to go back to", playlists.ErrInvalid),
			`422 There is nothing to go back to. []`,
		},
		{"missing", missing(fmt.Errorf("x: %w", playlists.ErrNotFound), "site", "north"), `404 There is no site "north"; it may have been deleted. []`},
		{"denied", access.Authorize(access.Actor{Name: "vi", Role: access.Viewer}, access.Edit, access.Object{Kind: "item"}), `403 A viewer may not edit items; ask an administrator. []`},
		{"too often", &access.TooManyError{After: 90 * time.Second}, `429 Too many attempts to sign in; wait 1m30s and try again. []`},
		{
			"the disk full", fmt.Errorf("keeping a slide: %w", &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}),
			`507 The controller's disk is full, so nothing was saved. Tell your administrator to free space where its data is, and try again. []`,
		},
		{"unforeseen", errors.New("disk sda1 is on fire"), `500 internal error []`},
	} {
		t.Run(test.what, func(t *testing.T) {
			var p struct {
				Status int
				Detail string
				Errors []struct{ Location string }
			}
			got := bareServer(t).problem(t.Context(), "test", test.err)
			if many, ok := errors.AsType[huma.HeadersError](got); ok {
				p.Status, p.Detail = http.StatusTooManyRequests, many.Error()
			} else if b, err := json.Marshal(got); err != nil || json.Unmarshal(b, &p) != nil {
				t.Fatal(err)
			}
			var where []string
			for _, e := range p.Errors {
				if e.Location != "" {
					where = append(where, e.Location)
				}
			}
			if said := fmt.Sprintf("%d %s %v", p.Status, p.Detail, where); said != test.want {
				t.Errorf("got  %s\nwant %s", said, test.want)
			}
		})
	}
}

func TestRedirectionsStayHere(t *testing.T) {
	for path, want := range map[string]string{
		"/screens/lobby?at=1": "/screens/lobby?at=1", "": "/", "https://evil.example": "/", "//evil.example/x": "/", `/\evil.example`: "/", "javascript:alert(1)": "/",
	} {
		if got := localPath(path); got != want {
			t.Errorf("%q leads to %q, want %q", path, got, want)
		}
	}
}

func TestStatesInPlainWords(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC) // 15:00 there
	health := func(h wire.Health) players.Presence {
		return players.Presence{Linked: true, LastHeard: now.Add(-time.Minute), Heartbeat: wire.Heartbeat{Health: h}}
	}
	for _, test := range []struct {
		presence players.Presence
		state    ScreenState
		text     string
	}{
		{health(wire.Health{Stage: "drawing"}), Playing, "Playing and linked"},
		{health(wire.Health{Stage: "none"}), Playing, "Playing and linked"},
		{health(wire.Health{Stage: "drawing", Offered: 3, Missing: 4}), Playing, "Playing and linked; fetching 4 files for what comes next"},
		{health(wire.Health{Stage: "drawing", Source: playlists.FromSlate}), NoPicture, "Nothing to show but the slate: publish its department, or give that a filler"},
		{health(wire.Health{Stage: "no-display"}), NoPicture, "No picture: the player finds no display; last heard at 14:59"},
		{health(wire.Health{Stage: "restarting"}), NoPicture, "No picture for a moment: the player restarts its drawing"},
		{health(wire.Health{Stage: "drawing", Display: playlists.DisplayOff}), NoPicture, "No picture: the display is switched off"},
		{players.Presence{Since: now.Add(-55 * time.Minute)}, Alone, "Playing on its own since 14:05"},
		{players.Presence{Since: now.Add(-25 * time.Hour)}, Alone, "Playing on its own since 22 November, 14:00"},
	} {
		state, words := stateOf(test.presence, zone)
		text := words.words(now)
		if state != test.state || text != test.text {
			t.Errorf("got %s %q, want %s %q", state, text, test.state, test.text)
		}
	}
}
