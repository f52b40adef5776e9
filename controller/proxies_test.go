package controller_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"

	"anteroom/controller"
	"anteroom/controller/access"
	"anteroom/controller/controllertest"
	"anteroom/controller/hub"
	"anteroom/playlists/wire"
)

// proxied is a controller that is asked by a reverse proxy, whose address is 192.0.2.2.
type proxied struct {
	t       *testing.T
	network *controllertest.Network
	log     *lines
}

// lines is a log that may be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func behindProxy(t *testing.T, change func(*controller.Config)) *proxied {
	t.Helper()
	p := &proxied{t: t, network: controllertest.NewNetwork(), log: &lines{}}
	cfg := config(t.TempDir(), p.network)
	cfg.URL = "https://tv.example.org"
	cfg.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	cfg.Log = slog.New(slog.NewTextHandler(p.log, nil))
	change(&cfg)
	c, err := controller.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	u := access.User{Actor: access.Actor{Name: "ada", Role: access.Administrator, Everywhere: true}}
	if err := c.AddUser(t.Context(), "system", u, "correct horse battery"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := c.Run(ctx); err != nil {
			t.Errorf("running: %v", err)
		}
	})
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	return p
}

// signIn is what the proxy passes on of a sign-in; it gives the answer's status and cookies.
func (p *proxied) signIn(password string, headers ...string) (status int, cookies []*http.Cookie) {
	p.t.Helper()
	form := url.Values{"name": {"ada"}, "password": {password}}.Encode()
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, "http://10.1.1.1:8080/sign-in", strings.NewReader(form))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://tv.example.org")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DialContext: p.network.Dial, DisableKeepAlives: true}}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode, response.Cookies()
}

func TestSignInsArePacedByWhoAsksBehindAProxy(t *testing.T) {
	p := behindProxy(t, func(*controller.Config) {})
	for i := range 10 {
		lie := fmt.Sprintf("198.51.100.%d, 203.0.113.1", i)
		if status, _ := p.signIn("a wrong one", "X-Forwarded-For", lie); status != http.StatusForbidden {
			t.Fatalf("attempt %d: got %d, want 403", i+1, status)
		}
	}
	if status, _ := p.signIn("a wrong one", "X-Forwarded-For", "198.51.100.99, 203.0.113.1"); status != http.StatusTooManyRequests {
		t.Errorf("the eleventh of one address: got %d, want 429", status)
	}
	status, cookies := p.signIn("correct horse battery", "X-Forwarded-For", "203.0.113.2")
	if status != http.StatusSeeOther {
		t.Fatalf("a colleague at another address: got %d, want 303", status)
	}
	if len(cookies) != 1 || !cookies[0].Secure || !strings.HasPrefix(cookies[0].Name, "__Host-") {
		t.Errorf("cookies are %v, want one that is for https alone", cookies)
	}
	if log := p.log.String(); !strings.Contains(log, "from=203.0.113.1") || !strings.Contains(log, "from=203.0.113.2") || strings.Contains(log, "from=192.0.2.2") {
		t.Errorf("the log names others than who asked:\n%s", log)
	}
}

func TestWithoutTrustTheProxyIsWhoAsks(t *testing.T) {
	p := behindProxy(t, func(c *controller.Config) { c.TrustedProxies = nil })
	for range 10 {
		p.signIn("a wrong one", "X-Forwarded-For", "203.0.113.1")
	}
	if status, _ := p.signIn("correct horse battery", "X-Forwarded-For", "203.0.113.2"); status != http.StatusTooManyRequests {
		t.Errorf("got %d, want 429", status)
	}
}

// TestOriginsBehindAProxy: the proxy ends TLS and asks under another Host than people type.
func TestOriginsBehindAProxy(t *testing.T) {
	p := behindProxy(t, func(*controller.Config) {})
	for _, test := range []struct {
		what, origin, site string
		want               int
	}{
		{"the console", "https://tv.example.org", "", http.StatusSeeOther},
		{"another site", "https://evil.example", "", http.StatusForbidden},
		{"the name with another port", "https://tv.example.org:8443", "", http.StatusForbidden},
		{"a page that was not encrypted", "http://tv.example.org", "", http.StatusForbidden},
		{"one that names the controller itself", "http://10.1.1.1:8080", "", http.StatusForbidden},
	} {
		headers := []string{"Origin", test.origin, "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "http"}
		if status, _ := p.signIn("correct horse battery", headers...); status != test.want {
			t.Errorf("%s: got %d, want %d", test.what, status, test.want)
		}
	}
}

func TestPlayersAreLimitedByWhoAsksBehindAProxy(t *testing.T) {
	p := behindProxy(t, func(*controller.Config) {})
	dial := func(from string) int {
		c, err := p.network.Dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return p.upgrade(c, from)
	}
	for dial("203.0.113.3") == http.StatusServiceUnavailable { // players come back until the hub runs
		continue
	}
	for range hub.DefaultPerAddress {
		if status := dial("203.0.113.1"); status != http.StatusSwitchingProtocols {
			t.Fatalf("got %d, want 101", status)
		}
	}
	if status := dial("203.0.113.1"); status != http.StatusTooManyRequests {
		t.Errorf("one too many: got %d, want 429", status)
	}
	if status := dial("203.0.113.2"); status != http.StatusSwitchingProtocols {
		t.Errorf("another address: got %d, want 101", status)
	}
}

func (p *proxied) upgrade(c net.Conn, from string) int {
	p.t.Helper()
	r := httptest.NewRequestWithContext(p.t.Context(), http.MethodGet, "http://10.1.1.1:8080"+wire.LinkPath, http.NoBody)
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
		"Sec-WebSocket-Protocol": wire.Subprotocol, "X-Forwarded-For": from,
	} {
		r.Header.Set(name, value)
	}
	if err := r.Write(c); err != nil {
		p.t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(c), r)
	if err != nil {
		p.t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}
