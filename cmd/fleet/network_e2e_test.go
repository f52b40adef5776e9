//go:build e2e

package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	mrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"anteroom/player"
	"anteroom/player/clock"
	"anteroom/player/playback"
	"anteroom/player/playertest"
	"anteroom/playlists"
)

// guest is a simulated player at the end of a cable, with the truth of what it drew.
type guest struct {
	h      *house
	cable  *cable
	screen playlists.ScreenID
	dir    string
	url    string
	trust  *tls.Config
	player *player.Player
	end    func()

	mu   sync.Mutex
	seen []playertest.Line
}

// lasting is how long faults last: 12 s, or ANTEROOM_FAULT_SECONDS.
func lasting() time.Duration {
	if n, err := strconv.Atoi(os.Getenv("ANTEROOM_FAULT_SECONDS")); err == nil {
		return time.Duration(n) * time.Second
	}
	return 12 * time.Second
}

// TestNetworks lets networks fail in all their ways, while a programme is published and a takeover begins. Once each is
// healed, both sides agree on programme, takeover and plays; nothing has grown, and nothing of a portal's was kept.
func TestNetworks(t *testing.T) {
	t.Parallel()
	needNetworks(t)
	pprof.SetGoroutineLabels(pprof.WithLabels(t.Context(), pprof.Labels(ofTest, t.Name())))
	h := open(t)
	h.item("red", red)
	h.item("green", green)
	h.item("blue", blue)
	h.playlist("filler", 2*time.Second, "red", "green")
	h.playlist("blues", 2*time.Second, "blue", "red")
	h.must(h.api.Create(t.Context(), "sites", "main", playlists.Site{ID: "main", Name: "Main building"}))
	before := h.resources()
	t.Run("faults", func(t *testing.T) {
		for n, one := range []struct {
			name  string
			lasts time.Duration
			via   func(g *guest) *gate // what stands between; nil: the cable alone
			fault func(g *guest, between *gate)
			heal  func(g *guest, between *gate)
			told  string // what the player says of it
		}{
			{
				name:  "partition",
				fault: func(g *guest, _ *gate) { g.cable.drop("iifname eth0", "oifname eth0") },
				heal:  func(g *guest, _ *gate) { g.cable.heal() },
			},
			{
				name:  "30 % loss",
				fault: func(g *guest, _ *gate) { g.cable.drop("numgen random mod 100 < 30", "numgen random mod 100 < 30") },
				heal:  func(g *guest, _ *gate) { g.cable.heal() },
			},
			{
				name:  "9.6 kbit a second",
				fault: func(g *guest, _ *gate) { g.cable.throttle("9600bit") },
				heal:  func(g *guest, _ *gate) { g.cable.unthrottle() },
			},
			{
				name: "half-open", lasts: 75 * time.Second, // beyond the read deadlines of 70 s
				fault: func(g *guest, _ *gate) {
					ports := g.cable.open() // new connections pass
					g.cable.drop("tcp dport "+ports, "tcp sport "+ports)
				},
				heal: func(g *guest, _ *gate) { g.cable.heal() },
			},
			{
				name:  "a proxy that breaks connections",
				via:   func(g *guest) *gate { return g.gate(nil) },
				fault: func(_ *guest, between *gate) { between.set(breaking) },
				heal:  func(_ *guest, between *gate) { between.set(passing) },
			},
			{
				name:  "portal, 302",
				via:   func(g *guest) *gate { return g.gate(portal(http.StatusFound)) },
				fault: func(_ *guest, between *gate) { between.set(captive) },
				heal:  func(_ *guest, between *gate) { between.set(passing) },
				told:  "captive portal",
			},
			{
				name:  "portal, 200",
				via:   func(g *guest) *gate { return g.gate(portal(http.StatusOK)) },
				fault: func(_ *guest, between *gate) { between.set(captive) },
				heal:  func(_ *guest, between *gate) { between.set(passing) },
				told:  "captive portal",
			},
			{
				name:  "portal, strange certificate",
				via:   func(g *guest) *gate { return g.tlsGate(portal(http.StatusOK)) },
				fault: func(_ *guest, between *gate) { between.set(captive) },
				heal:  func(_ *guest, between *gate) { between.set(passing) },
				told:  "certificate",
			},
			{
				name: "portal, every name is its own",
				via: func(g *guest) *gate {
					between := g.gate(portal(http.StatusOK))
					g.url = strings.Replace(g.url, g.cable.here, "anteroom.hospital.example", 1)
					g.cable.outside("ip", "addr", "add", g.cable.elsewhere+"/24", "dev", "eth0")
					_, port, _ := net.SplitHostPort(between.listener.Addr().String())
					openGate(g.h.t, g.cable.listen(net.JoinHostPort(g.cable.elsewhere, port)), "", portal(http.StatusOK)).set(captive)
					g.cable.answersWith(func() string {
						if between.is() == captive {
							return g.cable.elsewhere
						}
						return g.cable.here
					})
					return between
				},
				fault: func(_ *guest, between *gate) { between.set(captive) },
				heal:  func(_ *guest, between *gate) { between.set(passing) },
				told:  "captive portal",
			},
		} {
			t.Run(one.name, func(t *testing.T) {
				t.Parallel()
				g := newGuest(t, h, n)
				var between *gate
				if one.via != nil {
					between = one.via(g)
				}
				g.join()
				one.fault(g, between)
				takeover := g.change()
				g.bear(max(one.lasts, lasting()), one.told)
				one.heal(g, between)
				took := g.agree(takeover)
				g.counts()
				foreign(t, g.dir)
				t.Logf("agreed %v after healing", took.Round(100*time.Millisecond))
			})
		}
	})
	h.nothingGrew(before)
}

// newGuest makes screen and department of a guest, and its cable to a gate that lets all pass.
func newGuest(t *testing.T, h *house, n int) *guest {
	t.Helper()
	name := fmt.Sprintf("guest-%d", n)
	mine := &house{t: t, dir: h.dir, data: h.data, addr: h.addr, api: h.api}
	g := &guest{h: mine, cable: layCable(t, n), screen: playlists.ScreenID(name), dir: filepath.Join(h.dir, name)}
	mine.department(playlists.DepartmentID(name), "filler", g.screen)
	mine.publish(playlists.DepartmentID(name))
	g.gate(nil)
	return g
}

// gate puts a gate between, with a portal behind it, at which the player finds its controller.
func (g *guest) gate(behind http.Handler) *gate {
	between := openGate(g.h.t, g.cable.listen(net.JoinHostPort(g.cable.here, "0")), g.h.addr, behind)
	g.url = "http://" + between.listener.Addr().String()
	return between
}

// tlsGate is a reverse proxy that the player trusts; its portal shows a certificate of its own.
func (g *guest) tlsGate(behind http.Handler) *gate {
	between := g.gate(behind)
	pool := x509.NewCertPool()
	between.good, between.strange = certificate(g.h.t, g.cable.here, pool), certificate(g.h.t, "portal.example", nil)
	g.trust = &tls.Config{RootCAs: pool}
	g.url = strings.Replace(g.url, "http:", "https:", 1)
	return between
}

// certificate is one for a host, self-signed, and trusted through pool.
func certificate(t testing.TB, host string, pool *x509.CertPool) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	if pool != nil {
		pool.AddCert(leaf)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// join starts the player, pairs it, and lets it play.
func (g *guest) join() {
	t := g.h.t
	t.Helper()
	g.start()
	t.Cleanup(func() { g.end() })
	g.h.eventually(patience, "a pairing code shows", func() error {
		status, err := g.player.Status(t.Context())
		if err == nil && status.Pairing == nil {
			err = fmt.Errorf("no code: %s", status.Unlinked)
		}
		if err != nil {
			return err
		}
		return g.h.api.Pair(t.Context(), status.Pairing.Code, g.screen)
	})
	g.draws(3)
}

func (g *guest) start() {
	p, err := player.New(player.Config{
		Controller: g.url, PlainHTTP: true, TLS: g.trust, Data: g.dir, NoSync: true, Dial: g.cable.dial, Jitter: mrand.Float64,
		Stage: playertest.New(playertest.Config{Mono: clock.Monotonic, First: func(r playback.RegionScene, d playback.Drawn) {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.seen = append(g.seen, playertest.Line{Turn: r.Turn, Label: r.Label, Region: r.Name, At: d.At})
		}}),
	})
	g.h.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	g.player = p
	g.end = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			g.h.t.Errorf("the player ended: %v", err)
		}
	})
}

func (g *guest) truth() []playertest.Line {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]playertest.Line{}, g.seen...)
}

// draws waits until n more turns were drawn.
func (g *guest) draws(n int) {
	g.h.t.Helper()
	n += len(g.truth())
	g.h.eventually(patience, "the player draws", func() error {
		if got := len(g.truth()); got < n {
			return fmt.Errorf("%d of %d turns", got, n)
		}
		return nil
	})
}

// change publishes another programme and begins a takeover.
func (g *guest) change() (takeover string) {
	g.h.t.Helper()
	ctx := g.h.t.Context()
	id := playlists.WindowID("all-day-" + g.screen)
	g.h.must(g.h.api.Create(ctx, "windows", string(id), playlists.Window{
		ID: id, Name: "All day", Playlist: "blues", Start: "0 0 * * *", End: playlists.LocalEnd{Days: 1},
		Targets: []playlists.Target{{Screen: g.screen}},
	}))
	g.h.publish(playlists.DepartmentID(g.screen))
	var made struct {
		ID string `json:"id"`
	}
	g.h.must(g.h.api.Do(ctx, http.MethodPost, "/api/v1/takeovers", map[string]any{
		"severity": 3, "minutes": 10, "targets": []map[string]any{{"screen": g.screen}},
		"slides": []map[string]any{{"language": "en", "title": "Please leave the building", "text": "Use the stairs."}},
	}, &made, nil))
	return made.ID
}

// bear lets the fault last; the player draws on, and says what it has met.
func (g *guest) bear(lasts time.Duration, told string) {
	g.h.t.Helper()
	over := time.Now().Add(lasts)
	g.draws(1)
	if told != "" {
		g.h.eventually(patience, "the player says what answers", func() error {
			status, err := g.player.Status(g.h.t.Context())
			if err == nil && !strings.Contains(status.Unlinked, told) {
				err = fmt.Errorf("it says %q", status.Unlinked)
			}
			return err
		})
	}
	time.Sleep(time.Until(over))
}

// agree waits until controller and player have the same programme, and the takeover is on the screen.
func (g *guest) agree(takeover string) time.Duration {
	g.h.t.Helper()
	took := g.h.eventually(4*time.Minute, "the takeover is drawn", func() error { return g.h.reached(takeover, 1) })
	g.h.must(g.h.api.Do(g.h.t.Context(), http.MethodPost, "/api/v1/takeovers/"+takeover+"/clear", map[string]any{}, nil, nil))
	return took + g.h.eventually(4*time.Minute, "both have the new programme", func() error {
		var fleet struct {
			Items []struct {
				ID         playlists.ScreenID
				Linked     bool
				Offered    uint64
				Generation uint64
				Window     playlists.WindowID
			}
		}
		if _, err := g.h.api.Get(g.h.t.Context(), "/api/v1/fleet", &fleet); err != nil {
			return err
		}
		for _, one := range fleet.Items {
			if one.ID == g.screen && one.Linked && one.Generation == 2 && one.Offered <= 2 && one.Window != "" {
				return nil
			}
		}
		return fmt.Errorf("the controller says %+v", fleet.Items)
	})
}

// counts stops the player, lets what it has arrive, and holds the truth against the count.
func (g *guest) counts() {
	g.h.t.Helper()
	g.end()
	drawn := g.truth()
	g.start()
	g.h.counts(g.screen, drawn)
	g.end()
	g.h.t.Logf("%d turns drawn, each counted once", len(drawn))
}

// resources are what must not grow.
type resources struct{ goroutines, files, megabytes int }

// Goroutines that a test started bear its name, as do those that they start.
const ofTest = "test"

// goroutines is how many goroutines bear a test's name.
func goroutines(t testing.TB, test string) (n int) {
	t.Helper()
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		t.Fatal(err)
	}
	label := fmt.Sprintf("# labels: {%q:%q}", ofTest, test)
	alike := 0
	for line := range strings.Lines(profile.String()) {
		if number, _, ok := strings.Cut(line, " @ "); ok {
			alike, _ = strconv.Atoi(number)
		}
		if strings.TrimSpace(line) == label {
			n += alike
		}
	}
	return n
}

func (h *house) resources() resources {
	h.t.Helper()
	at := fmt.Sprintf("/proc/%d/", h.controller.Process.Pid)
	files, err := os.ReadDir(at + "fd")
	h.must(err)
	status, err := os.ReadFile(at + "status")
	h.must(err)
	_, rest, alive := strings.Cut(string(status), "VmRSS:")
	if !alive {
		h.t.Fatalf("the controller is gone:\n%s", h.log())
	}
	kilobytes, err := strconv.Atoi(strings.Fields(rest)[0])
	h.must(err)
	return resources{goroutines(h.t, h.t.Name()), len(files), kilobytes >> 10}
}

// nothingGrew fails if the players, which live in this process, kept goroutines, or the controller connections or memory.
func (h *house) nothingGrew(before resources) {
	h.t.Helper()
	h.eventually(patience, "nothing is left of the players", func() error {
		now := h.resources()
		if now.goroutines > before.goroutines+20 || now.files > before.files+10 || now.megabytes > before.megabytes+64 {
			return fmt.Errorf("before %+v, now %+v", before, now)
		}
		h.t.Logf("before %+v, after %+v", before, now)
		return nil
	})
}
