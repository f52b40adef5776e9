package calendars

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"anteroom/controller/closures"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

// host is a calendar's host.
type host struct {
	days   []string // 20261225
	status int
	etag   string
	asked  []string // the If-None-Match of each request
}

func (h *host) RoundTrip(r *http.Request) (*http.Response, error) {
	h.asked = append(h.asked, r.Header.Get("If-None-Match"))
	answer := &http.Response{StatusCode: h.status, Status: "418 teapot", Header: http.Header{"Etag": {h.etag}}, Request: r}
	if h.etag != "" && r.Header.Get("If-None-Match") == h.etag {
		answer.StatusCode = http.StatusNotModified
	}
	answer.Body = io.NopCloser(strings.NewReader(calendarOf(h.days...)))
	return answer, nil
}

func calendarOf(days ...string) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\n")
	for _, d := range days {
		b.WriteString("BEGIN:VEVENT\nSUMMARY:Day " + d + "\nDTSTART:" + d + "\nEND:VEVENT\n")
	}
	return b.String() + "END:VCALENDAR\n"
}

// house is calendars over a store with a closure "holidays" that follows the host.
type house struct {
	*Calendars

	t    *testing.T
	host *host
}

func open(t *testing.T, h *host) *house {
	t.Helper()
	documents, err := bolt.Open(t.Context(), bolt.Config{Dir: t.TempDir(), NoSync: true, Probe: func(_ context.Context, path string) error { return bolt.Probe(path) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { documents.Close() })
	o := &house{t: t, host: h}
	o.Calendars = o.reopen(documents, filepath.Join(t.TempDir(), "calendars.json"))
	o.write(playlists.Closure{ID: "holidays", Name: "Holidays", Dates: []playlists.Date{date("2000-05-01")}, Calendar: &playlists.Subscription{URL: "https://example.org/a.ics"}})
	return o
}

func (h *house) reopen(documents store.Documents, file string) *Calendars {
	h.t.Helper()
	c, err := New(Config{Store: documents, File: file, Zones: playliststest.Zones, Version: "test"})
	if err != nil {
		h.t.Fatal(err)
	}
	c.fetcher.client.Transport = h.host
	return c
}

func date(text string) playlists.Date {
	d, _ := playlists.ParseDate(text)
	return d
}

func (h *house) write(c playlists.Closure) {
	h.t.Helper()
	body, err := json.Marshal(c)
	if err != nil {
		h.t.Fatal(err)
	}
	err = h.store.Update(h.t.Context(), func(tx store.Tx) error {
		var was uint64
		if doc, err := tx.Get(kind, string(c.ID)); err == nil {
			was = doc.Revision
		}
		_, err := tx.Put(kind, string(c.ID), was, "ada", body)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// closure is the closure as it stands, and how many revisions there are.
func (h *house) closure() (c playlists.Closure, by string, revisions int) {
	h.t.Helper()
	err := h.store.View(h.t.Context(), func(v store.View) error {
		doc, err := v.Get(kind, "holidays")
		if err != nil {
			return err
		}
		by = doc.By
		for range v.Revisions(kind, "holidays") {
			revisions++
		}
		c, err = decode(doc)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return c, by, revisions
}

func (h *house) wantDates(want string) {
	h.t.Helper()
	c, _, _ := h.closure()
	var got []string
	for _, d := range c.Dates {
		got = append(got, d.String())
	}
	if strings.Join(got, " ") != want {
		h.t.Errorf("got %s, want %s", got, want)
	}
}

// The bubble's time begins on 1 January 2000.
func TestACalendarIsFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, &host{status: 200, etag: `"1"`, days: []string{"20001225", "20001226"}})
		h.Refresh(t.Context())
		h.wantDates("2000-05-01 2000-12-25 2000-12-26")
		c, by, revisions := h.closure()
		if by != Author || revisions != 2 || c.Names[date("2000-12-25")] != "Day 20001225" {
			t.Errorf("got revision %d by %s, %v", revisions, by, c.Names)
		}

		time.Sleep(23 * time.Hour)
		h.Refresh(t.Context())
		if len(h.host.asked) != 1 {
			t.Errorf("asked %d times within a day", len(h.host.asked))
		}
		time.Sleep(time.Hour)
		h.Refresh(t.Context())
		if _, _, n := h.closure(); n != 2 || len(h.host.asked) != 2 || h.host.asked[1] != `"1"` {
			t.Errorf("the next day: %d revisions, asked with %q; want no new one, and only whether it has changed", n, h.host.asked)
		}

		h.host.etag, h.host.days = `"2"`, []string{"20001226", "20001231"}
		time.Sleep(24 * time.Hour)
		h.Refresh(t.Context())
		h.wantDates("2000-05-01 2000-12-26 2000-12-31")

		h.host.status, h.host.etag = 418, ""
		time.Sleep(24 * time.Hour)
		h.Refresh(t.Context())
		h.wantDates("2000-05-01 2000-12-26 2000-12-31")
		s := h.State("holidays")
		if !strings.HasPrefix(s.Problem, "the address answers 418") || time.Since(s.Fetched) != 24*time.Hour || time.Since(s.Tried) != 0 {
			t.Errorf("got %+v, want the problem, and when it last went well", s)
		}

		h.Calendars = h.reopen(h.store, h.file)
		if again := h.State("holidays"); !reflect.DeepEqual(again, s) {
			t.Errorf("after a restart: got %+v, want %+v", again, s)
		}
		h.Refresh(t.Context())
		if len(h.host.asked) != 4 {
			t.Errorf("a restart asked again: %d times", len(h.host.asked))
		}
	})
}

func TestWhatACalendarDoesNotTouch(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(h *house)
		want  string
	}{
		{"an empty calendar", func(h *house) { h.host.days = nil }, "2000-05-01 2000-12-25"},
		{"a page", func(h *house) { h.host.days = []string{"20001225\nEND:VCALENDAR\n"} }, "2000-05-01 2000-12-25"},
		{"a day taken over by hand", func(h *house) {
			c, _, _ := h.closure()
			c.Calendar.Days = nil
			h.write(c)
			h.host.days = []string{"20001231"}
		}, "2000-05-01 2000-12-25 2000-12-31"},
		{"an event to skip", func(h *house) {
			c, _, _ := h.closure()
			c.Calendar.Skip = []string{"Day 20001225"}
			h.write(c)
			h.host.days = []string{"20001225", "20001231"}
		}, "2000-05-01 2000-12-31"},
		{"no longer followed", func(h *house) {
			c, _, _ := h.closure()
			c.Calendar = nil
			h.write(c)
			h.host.days = []string{"20001231"}
		}, "2000-05-01 2000-12-25"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t, &host{status: 200, days: []string{"20001225"}})
				h.Refresh(t.Context())
				h.wantDates("2000-05-01 2000-12-25")
				tt.spoil(h)
				time.Sleep(24 * time.Hour)
				h.Refresh(t.Context())
				h.wantDates(tt.want)
			})
		})
	}
}

func TestANewYearIsReadWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, &host{status: 200, etag: `"1"`, days: []string{"20001225", "20031225"}})
		h.Refresh(t.Context())
		h.wantDates("2000-05-01 2000-12-25")
		time.Sleep(366 * 24 * time.Hour)
		h.Refresh(t.Context())
		h.wantDates("2000-05-01 2000-12-25 2003-12-25")
		if h.host.asked[1] != "" {
			t.Errorf("asked with %q; what was not read before is wanted too", h.host.asked[1])
		}
	})
}

func TestAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, &host{status: 418})
		s, err := h.Ask(t.Context(), "holidays")
		if err != nil || s.Problem == "" || !s.Fetched.IsZero() {
			t.Errorf("got %+v, %v; want the problem in the state", s, err)
		}
		h.host.status, h.host.days = 200, []string{"20001225"}
		if s, err = h.Ask(t.Context(), "holidays"); err != nil || s.Problem != "" || s.Fetched.IsZero() {
			t.Errorf("got %+v, %v", s, err)
		}
		if _, err := h.Ask(t.Context(), "nobody"); !errors.Is(err, playlists.ErrNotFound) {
			t.Errorf("got %v, want not found", err)
		}
		h.write(playlists.Closure{ID: "by-hand", Name: "By hand", Dates: []playlists.Date{}})
		if _, err := h.Ask(t.Context(), "by-hand"); !errors.Is(err, playlists.ErrInvalid) {
			t.Errorf("got %v, want that it follows none", err)
		}
	})
}

// TestDamagedFileIsForgotten flips every bit of it: nothing of what it says is believed then.
func TestDamagedFileIsForgotten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calendars.json")
	c, err := New(Config{File: path})
	if err == nil {
		err = c.remember("holidays", kept{State: State{URL: "https://example.org/a.ics", Tried: time.Now()}})
	}
	whole, reading := os.ReadFile(path)
	if err := errors.Join(err, reading); err != nil {
		t.Fatal(err)
	}
	for bit := range 8 * len(whole) {
		damaged := slices.Clone(whole)
		damaged[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := New(Config{File: path}); err != nil || !reflect.DeepEqual(c.State("holidays"), State{}) {
			t.Errorf("bit %d: got %+v, %v", bit, c.State("holidays"), err)
		}
	}
}

// TestAClockThatWasWrongStopsNoCalendar: who was asked in 2160, by the clock of then, is asked again now.
func TestAClockThatWasWrongStopsNoCalendar(t *testing.T) {
	h := open(t, &host{days: []string{fmt.Sprint(time.Now().Year(), "1225")}, status: http.StatusOK})
	h.states["holidays"] = kept{State: State{URL: "https://example.org/a.ics", Tried: time.Now().AddDate(134, 0, 0)}}
	h.Refresh(t.Context())
	if n := len(h.host.asked); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
}

// Over real sockets: where one may dial is asked of each connection.
func TestFetch(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/a.ics", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, calendarOf("20261225")) })
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/a.ics", http.StatusFound) })
	mux.HandleFunc("/round", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/round", http.StatusFound) })
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://[::1]:9/secret", http.StatusFound)
	})
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bytes.Repeat([]byte("a"), MaxBytes+1)) })
	server := httptest.NewServer(mux)
	defer server.Close()
	inside := newFetcher("test", []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	tests := []struct {
		name, url string
		fetcher   *fetcher
		want      string
	}{
		{"there", server.URL + "/a.ics", inside, ""},
		{"elsewhere", server.URL + "/moved", inside, ""},
		{"round and round", server.URL + "/round", inside, "leads to another more than 5 times"},
		{"to where one may not", server.URL + "/away", inside, "it is at ::1, within the house"},
		{"where one may not", server.URL + "/a.ics", newFetcher("test", nil), "it is at 127.0.0.1, within the house"},
		{"nothing", server.URL + "/b.ics", inside, "the address answers 404 Not Found"},
		{"too large", server.URL + "/large", inside, "more than 2 MiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := tt.fetcher.fetch(t.Context(), tt.url, file{})
			if tt.want == "" && (err != nil || !bytes.Contains(f.bytes, []byte("20261225"))) {
				t.Errorf("got %q, %v", f.bytes, err)
			}
			if tt.want != "" && (!errors.Is(err, playlists.ErrInvalid) || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestWhyNothingCame(t *testing.T) {
	tests := []struct {
		err  error
		want string
	}{
		{&url.Error{Err: &net.DNSError{Name: "nowhere.example"}}, `url: there is no "nowhere.example"`},
		{&url.Error{Err: context.DeadlineExceeded}, "url: nothing came within 30s"},
		{&url.Error{Err: errors.New("tls: bad certificate")}, "url: the calendar cannot be reached: tls: bad certificate"},
	}
	for _, tt := range tests {
		if err := unreachable(tt.err); !errors.Is(err, playlists.ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
}

func TestWebcal(t *testing.T) {
	if got := webAddress("webcal://example.org/a.ics"); got != "https://example.org/a.ics" {
		t.Errorf("got %s", got)
	}
}

// A span is in the days that were asked for.
func TestFollowKeepsWhatIsOver(t *testing.T) {
	c := playlists.Closure{Dates: []playlists.Date{date("2025-12-25"), date("2026-01-01")}, Calendar: &playlists.Subscription{Days: []playlists.Date{date("2025-12-25"), date("2026-01-01")}}}
	next := Follow(c, []closures.Day{{Date: date("2026-12-25")}}, date("2026-01-01"))
	if len(next.Dates) != 2 || next.Dates[0] != date("2025-12-25") || next.Dates[1] != date("2026-12-25") {
		t.Errorf("got %v", next.Dates)
	}
}
