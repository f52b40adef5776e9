//go:build e2e

package main

import (
	"bytes"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
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
// children could reach anybody, while they do all that they can: the player speaks with the controller, and nobody with anybody else.
func TestNothingLeavesTheNetwork(t *testing.T) {
	t.Parallel()
	h := openBehind(t, func(h *house) { h.traces = t.TempDir() })
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
	w.stop()
	h.stop()

	listens := false
	for _, one := range whatWasAsked(t, filepath.Join(h.traces, "controller")) {
		at, err := netip.ParseAddrPort(one.address)
		if one.call != "bind" || err != nil || !at.Addr().Unmap().IsLoopback() { // Go tries at its start what families there are
			t.Errorf("the controller asked for %s by %s", one.address, one.call)
		}
		listens = listens || one.address == h.addr
	}
	if !listens {
		t.Error("the controller is not seen to listen: nothing was traced")
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
