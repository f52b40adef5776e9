package voice_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"anteroom/controller/voice"
	"anteroom/playlists"
)

func answer(t *testing.T, h http.Handler, method, path string) (status int, header http.Header) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody))
	return w.Code, w.Header()
}

func TestOnlyWhatIsInTheTableIsServed(t *testing.T) {
	feed := voice.Door{Route: voice.Route{Method: http.MethodGet, Path: "/feeds/{department}"}, Handler: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "frame-ancestors *")
	}}
	s, err := voice.New(voice.Config{Programmes: newRoom(t), Beside: []voice.Door{feed}})
	if err != nil {
		t.Fatal(err)
	}
	if rows := s.Routes(); rows[len(rows)-1] != feed.Route {
		t.Errorf("the table ends with %v", rows[len(rows)-1])
	}
	for _, row := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/robots.txt", 200},
		{"POST", "/robots.txt", 404},
		{"GET", "/feeds/cardiology", 200},
		{"PUT", "/feeds/cardiology", 405},
		{"DELETE", "/", 405},
		{"PUT", "/BCDFGHJK/flu", 405},
		{"GET", "/api/v1/screens/lobby", 404},
		{"GET", "/player/v1/link/x", 404},
	} {
		if got, _ := answer(t, s, row.method, row.path); got != row.want {
			t.Errorf("%s %s: %d, want %d", row.method, row.path, got, row.want)
		}
	}
	_, h := answer(t, s, "GET", "/feeds/cardiology")
	if got := h.Get("Content-Security-Policy"); got != "frame-ancestors *" {
		t.Errorf("the feed's own policy was lost: %q", got)
	}
}

func TestTwoDoorsForOneAddressAreRefused(t *testing.T) {
	again := voice.Door{Route: voice.Route{Method: http.MethodGet, Path: "/robots.txt"}, Handler: func(http.ResponseWriter, *http.Request) {}}
	if _, err := voice.New(voice.Config{Programmes: newRoom(t), Beside: []voice.Door{again}}); !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	r := newRoom(t)
	s := r.Server
	for _, path := range []string{"/robots.txt", "/nothing/of/the/kind/here", "/", "/voice.js", "/" + r.code(), "/" + r.code() + "/flu-shot"} {
		_, h := answer(t, s, "GET", path)
		policy := h.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
			t.Errorf("%s: policy %q", path, policy)
		}
		for name, want := range map[string]string{"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Set-Cookie": ""} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
}
