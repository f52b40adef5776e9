//go:build e2e

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"anteroom/cmd/demo/hospital"
	"anteroom/playlists"
)

// exchange replaces parts of the example, each of which must be there.
func exchange(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for n := 0; n < len(pairs); n += 2 {
		if !strings.Contains(text, pairs[n]) {
			t.Fatalf("the example has no %q", pairs[n])
		}
		text = strings.ReplaceAll(text, pairs[n], pairs[n+1])
	}
	return text
}

// nginx runs nginx with the example of deploy/, on the loopback in place of every address, and ends it with the test.
func nginx(t *testing.T, plain, secure, controller, cert, key string) {
	t.Helper()
	example, err := os.ReadFile("../../deploy/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	site := exchange(t, string(example),
		"listen 80;", "listen "+plain+";", "listen 443 ssl http2;", "listen "+secure+" ssl http2;", "server 127.0.0.1:8080;", "server "+controller+";",
		"/etc/ssl/certs/signage.example.org.pem", cert, "/etc/ssl/private/signage.example.org.key", key,
		"server_name signage.example.org;", "server_name 127.0.0.1;")
	conf := fmt.Sprintf("daemon off; user root; pid %[1]s/pid; error_log stderr warn; worker_processes 2; events {}\n"+
		"http { access_log off; client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;\n%[2]s\n}\n", dir, site)
	if os.Geteuid() != 0 {
		conf = strings.Replace(conf, "user root; ", "", 1)
	}
	path := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(path, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("nginx", "-p", dir, "-c", path)
	var log said
	cmd.Stderr = &log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = end(cmd, patience)
		if t.Failed() {
			t.Logf("nginx:\n%s", log.String())
		}
	})
}

// TestBehindNginx runs everything that a proxy may spoil through the example's nginx: the players'
// websocket, files, ranges, events without an end, an upload of 100 MB, and who asks.
func TestBehindNginx(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	cert, key := a.certify("127.0.0.1")
	plain, secure := freeAddress(t), freeAddress(t)
	var client *http.Client
	h := openBehind(t, func(h *house) {
		nginx(t, plain, secure, h.addr, cert, key)
		h.front = "https://" + secure
		h.serve = []string{"--url", h.front, "--trusted-proxies", "127.0.0.1"}
		h.play = []string{"--ca", a.file}
		through := a.transport()
		h.api = hospital.NewClient(h.front)
		h.api.Transport(through)
		client = &http.Client{Transport: through, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		h.ready = func() error { return get(client, h.front+"/readyz") }
	})
	digest := h.item("red", red)
	h.playlist("filler", 10*time.Second, "red")
	h.department("cardiology", "filler", "window")
	h.publish("cardiology")
	w := h.hang("window")
	w.shows(patience, 0.5, 0.5, red)
	t.Run("who asks is known", func(t *testing.T) { h.knowsWhoAsks(t, a) })
	t.Run("a part of a file", func(t *testing.T) { h.givesRanges(t, digest) })
	t.Run("events come at once", func(t *testing.T) { h.tellsEvents(t) })
	t.Run("100 MB go up", func(t *testing.T) { h.takesLargeFiles(t) })
	t.Run("http is sent on to https", func(t *testing.T) {
		answer, err := client.Get("http://" + plain + "/screens")
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if at := answer.Header.Get("Location"); answer.StatusCode != http.StatusMovedPermanently || at != "https://127.0.0.1/screens" {
			t.Errorf("%s to %s", answer.Status, at)
		}
	})
	h.countsExactly(w)
}

// knowsWhoAsks signs in from another address of this machine, and looks for it in the log.
func (h *house) knowsWhoAsks(t *testing.T, a *authority) {
	t.Helper()
	const desk = "127.0.0.77"
	from := a.transport()
	from.DialContext = (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(desk)}}).DialContext
	elsewhere := hospital.NewClient(h.front)
	elsewhere.Transport(from)
	if err := elsewhere.SignIn(t.Context(), admin, password); err != nil {
		t.Fatal(err)
	}
	h.waitFor(`msg="signed in" user=ada from=` + regexp.QuoteMeta(desk))
}

// givesRanges fetches a part of an asset and holds it against the whole.
func (h *house) givesRanges(t *testing.T, d playlists.Digest) {
	t.Helper()
	whole, _ := h.fetch(t, "/api/v1/assets/"+string(d), "")
	if sum := sha256.Sum256(whole); hex.EncodeToString(sum[:]) != string(d) {
		t.Errorf("the whole has the digest %x", sum)
	}
	part, status := h.fetch(t, "/api/v1/assets/"+string(d), "bytes=100-199")
	if status != http.StatusPartialContent || !bytes.Equal(part, whole[100:200]) {
		t.Errorf("a part: %d, %d bytes", status, len(part))
	}
}

func (h *house) fetch(t *testing.T, path, span string) (body []byte, status int) {
	t.Helper()
	header := http.Header{}
	if span != "" {
		header.Set("Range", span)
	}
	answer, err := h.api.Fetch(t.Context(), path, header)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body, answer.StatusCode
}

// tellsEvents waits for the first event of an answer that has no end.
func (h *house) tellsEvents(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	answer, err := h.api.Fetch(ctx, "/api/v1/fleet/events", http.Header{"Accept": {"text/event-stream"}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if line, err := bufio.NewReader(answer.Body).ReadString('\n'); err != nil || line == "" {
		t.Errorf("got %q, %v", line, err)
	}
}

// takesLargeFiles uploads a film of 100 MB, most of which is nothing.
func (h *house) takesLargeFiles(t *testing.T) {
	t.Helper()
	small := film(t)
	const padding = 100_000_000
	head := append(binary.BigEndian.AppendUint32(nil, padding), "free"...) // a box that readers pass over
	noise := io.LimitReader(rand.NewChaCha8([32]byte{}), padding-int64(len(head)))
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	began := time.Now()
	upload, err := h.api.Upload(ctx, "film.mp4", io.MultiReader(bytes.NewReader(small), bytes.NewReader(head), noise))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("100 MB were taken and converted in %v: %+v", time.Since(began), upload.Rendition.Variants)
}

// film is a film of two seconds.
func film(t testing.TB) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "film.mp4")
	out, err := exec.CommandContext(t.Context(), "ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=size=640x360:rate=10", "-t", "2", "-pix_fmt", "yuv420p", "-c:v", "libx264", path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
