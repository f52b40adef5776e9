package checkup_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"anteroom/cmd/internal/checkup"
	"anteroom/playlists/wire"
)

var today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// healthy answers as a controller does.
func healthy(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/healthz":
		_, _ = w.Write([]byte("ok\n"))
	case wire.LinkPath:
		up := websocket.Upgrader{Subprotocols: []string{wire.Subprotocol}}
		if c, err := up.Upgrade(w, r, nil); err == nil {
			_ = c.Close()
		}
	default:
		http.NotFound(w, r)
	}
}

// noLink is a proxy that knows no websockets.
func noLink(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == wire.LinkPath {
		http.Error(w, "what?", http.StatusBadRequest)
		return
	}
	healthy(w, r)
}

func plain(t *testing.T, h http.HandlerFunc) checkup.Way {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return checkup.Way{Address: s.URL, Now: today}
}

// secure is a controller with a certificate for names, good from a week before today until days after it;
// the machine trusts its authority if trusted.
func secure(t *testing.T, trusted bool, days int, names ...string) checkup.Way {
	t.Helper()
	der, key := certificate(t, days, names...)
	s := httptest.NewUnstartedServer(http.HandlerFunc(healthy))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	s.StartTLS()
	t.Cleanup(s.Close)
	w := checkup.Way{Address: s.URL, Roots: x509.NewCertPool(), Now: today}
	if trusted {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		w.Roots.AddCert(c)
	}
	return w
}

// certificate is one for names, good from a week before today until days after it.
func certificate(t *testing.T, days int, names ...string) (der []byte, key *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Lakeside Hospital Authority"}, DNSNames: names,
		NotBefore: today.AddDate(0, 0, -7), NotAfter: today.AddDate(0, 0, days).Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		}
	}
	der, err = x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der, key
}

// closedPort is an address that nobody listens on.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// through is a way to a controller by a proxy.
func through(t *testing.T, proxy string) checkup.Way {
	t.Helper()
	return checkup.Way{Address: "http://signage.invalid", Now: today, Proxy: func(*http.Request) (*url.URL, error) { return url.Parse(proxy) }}
}

func answers(status int, header, value, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set(header, value)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func TestTheWayToAController(t *testing.T) {
	later := func(w checkup.Way, days int) checkup.Way {
		w.Now = today.AddDate(0, 0, days)
		return w
	}
	tests := []struct {
		name  string
		way   func(t *testing.T) checkup.Way
		level checkup.Level // of the last finding
		says  string
	}{
		{"all is well", func(t *testing.T) checkup.Way { t.Helper(); return plain(t, healthy) }, checkup.Fine, "The players' link opens."},
		{"all is well, by TLS", func(t *testing.T) checkup.Way { t.Helper(); return secure(t, true, 90, "127.0.0.1") }, checkup.Fine, "The players' link opens."},
		{"no address", func(*testing.T) checkup.Way { return checkup.Way{Address: "signage.example.org"} }, checkup.Fault, `"signage.example.org" is no address of a controller.`},
		{"an unknown name", func(*testing.T) checkup.Way { return checkup.Way{Address: "https://signage.invalid"} }, checkup.Fault, "The name signage.invalid cannot be found: "},
		{"nobody listens", func(t *testing.T) checkup.Way { t.Helper(); return checkup.Way{Address: "http://" + closedPort(t)} }, checkup.Fault, ": connection refused."},
		{"an authority of the hospital's own", func(t *testing.T) checkup.Way { t.Helper(); return secure(t, false, 90, "127.0.0.1") }, checkup.Fault, "was signed by CN=Lakeside Hospital Authority, which this machine does not trust."},
		{"a certificate for another name", func(t *testing.T) checkup.Way { t.Helper(); return secure(t, true, 90, "tv.example.org") }, checkup.Fault, "The certificate of 127.0.0.1 is for tv.example.org."},
		{"a certificate that has ended", func(t *testing.T) checkup.Way { t.Helper(); return later(secure(t, true, 10, "127.0.0.1"), 12) }, checkup.Fault, "ended on 2026-12-02, and this machine says that it is 2026-12-04."},
		{"a machine in 1970", func(t *testing.T) checkup.Way {
			t.Helper()
			w := secure(t, true, 90, "127.0.0.1")
			w.Now = time.Unix(0, 0)
			return w
		}, checkup.Fault, "begins on 2026-11-15, and this machine says that it is 1970-01-01."},
		{"https where http is spoken", func(t *testing.T) checkup.Way {
			t.Helper()
			w := plain(t, healthy)
			w.Address = strings.Replace(w.Address, "http:", "https:", 1)
			return w
		}, checkup.Fault, "does not speak TLS."},
		{"a page to sign in to the network", func(t *testing.T) checkup.Way {
			t.Helper()
			return plain(t, answers(http.StatusFound, "Location", "http://guest.example/login", ""))
		}, checkup.Fault, "but somebody who sends us on to http://guest.example/login."},
		{"a page in the controller's place", func(t *testing.T) checkup.Way {
			t.Helper()
			return plain(t, answers(http.StatusOK, "Content-Type", "text/html", "<h1>Welcome, guest</h1>"))
		}, checkup.Fault, "but a page for people."},
		{"the controller behind the proxy is stopped", func(t *testing.T) checkup.Way {
			t.Helper()
			return plain(t, answers(http.StatusBadGateway, "Content-Type", "text/html", "<h1>502</h1>"))
		}, checkup.Fault, "but does not reach it (502 Bad Gateway)."},
		{"another program", func(t *testing.T) checkup.Way { t.Helper(); return plain(t, http.NotFound) }, checkup.Fault, "is no controller (404 Not Found)."},
		{"a proxy that knows no websockets", func(t *testing.T) checkup.Way { t.Helper(); return plain(t, noLink) }, checkup.Fault, "The players' link does not open: "},
		{"a controller that is busy", func(t *testing.T) checkup.Way {
			t.Helper()
			return plain(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == wire.LinkPath {
					w.WriteHeader(http.StatusTooManyRequests)
					return
				}
				healthy(w, r)
			})
		}, checkup.Warning, "too busy now"},
		{"who hangs up", func(t *testing.T) checkup.Way {
			t.Helper()
			return plain(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		}, checkup.Fault, "gives no answer: EOF."},
		{"through a proxy", func(t *testing.T) checkup.Way {
			t.Helper()
			return through(t, plain(t, healthy).Address) // it answers in the controller's name
		}, checkup.Fine, "The players' link opens."},
		{"a proxy that is not there", func(t *testing.T) checkup.Way { t.Helper(); return through(t, "http://"+closedPort(t)) }, checkup.Fault, ": connection refused."},
		{"a proxy that wants to know who asks, without TLS", func(t *testing.T) checkup.Way {
			t.Helper()
			return through(t, plain(t, answers(http.StatusProxyAuthRequired, "Proxy-Authenticate", "Basic", "")).Address)
		}, checkup.Fault, "The proxy wants to know who asks."},
		{"a proxy that wants to know who asks", func(t *testing.T) checkup.Way {
			t.Helper()
			w := through(t, plain(t, answers(http.StatusProxyAuthRequired, "Proxy-Authenticate", "Basic", "")).Address)
			w.Address = "https://signage.invalid"
			return w
		}, checkup.Fault, "The proxy wants to know who asks."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found := checkup.Reach(t.Context(), tt.way(t))
			if len(found) == 0 {
				t.Fatal("nothing was found")
			}
			says(t, found[len(found)-1], tt.level, tt.says)
		})
	}
}

func TestACertificateThatEndsSoon(t *testing.T) {
	for _, f := range checkup.Reach(t.Context(), secure(t, true, 10, "127.0.0.1", "tv.example.org")) {
		if f.About == "certificate" {
			says(t, f, checkup.Warning, "ends in 10 days, on 2026-12-02.")
			return
		}
	}
	t.Error("nothing is said of the certificate")
}

func TestCertificateFiles(t *testing.T) {
	dir := t.TempDir()
	der, key := certificate(t, 10, "tv.example.org")
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{
		"cert.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		"key.pem":  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}),
	}
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name, cert, host string
		now              time.Time
		level            checkup.Level
		says             string
	}{
		{"good", "cert.pem", "tv.example.org", today.AddDate(0, 0, -20), checkup.Fine, "is good until 2026-12-02."},
		{"ends soon", "cert.pem", "", today, checkup.Warning, "ends in 10 days, on 2026-12-02."},
		{"has ended", "cert.pem", "", today.AddDate(0, 0, 12), checkup.Fault, "ended on 2026-12-02."},
		{"for another name", "cert.pem", "signage.example.org", today, checkup.Fault, "is for tv.example.org, not for signage.example.org."},
		{"no certificate", "key.pem", "", today, checkup.Fault, "cannot be used: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			says(t, checkup.CertificateFiles(filepath.Join(dir, tt.cert), filepath.Join(dir, "key.pem"), tt.host, tt.now), tt.level, tt.says)
		})
	}
}
