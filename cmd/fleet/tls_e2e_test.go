//go:build e2e

package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"anteroom/cmd/demo/hospital"
)

// authority is a hospital's own, which only those trust who are told to.
type authority struct {
	t    *testing.T
	dir  string
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	file string // its certificate, PEM
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir()}
	a.key = newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Lakeside Hospital Authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	a.must(err)
	a.cert, err = x509.ParseCertificate(der)
	a.must(err)
	a.file = a.write("ca.pem", "CERTIFICATE", der)
	return a
}

func (a *authority) must(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) write(name, kind string, der []byte) string {
	a.t.Helper()
	path := filepath.Join(a.dir, name)
	a.must(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	return path
}

// certify gives a certificate and its key for a name or an address, as files.
func (a *authority) certify(name string) (cert, key string) {
	a.t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 6, 0)}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	own := newKey(a.t)
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, own.Public(), a.key)
	a.must(err)
	secret, err := x509.MarshalPKCS8PrivateKey(own)
	a.must(err)
	return a.write(name+".pem", "CERTIFICATE", der), a.write(name+".key", "PRIVATE KEY", secret)
}

// transport trusts the authority.
func (a *authority) transport() *http.Transport {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
}

// connectProxy passes connections on to wherever CONNECT asks, as a hospital's proxy does that lets nothing
// else out. It knows one name, which nobody else does.
type connectProxy struct {
	address string

	mu    sync.Mutex
	asked []string
}

// newConnectProxy makes a proxy to which name leads to an address.
func newConnectProxy(t *testing.T, name, address string) *connectProxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &connectProxy{address: l.Addr().String()}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked = append(p.asked, r.Method+" "+r.Host)
		p.mu.Unlock()
		if r.Method != http.MethodConnect || r.Host != name {
			http.Error(w, "this way there is nothing", http.StatusForbidden)
			return
		}
		p.pass(w, address)
	})}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return p
}

func (*connectProxy) pass(w http.ResponseWriter, address string) {
	far, err := net.Dial("tcp", address)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer far.Close()
	w.WriteHeader(http.StatusOK)
	near, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer near.Close()
	go func() {
		_, _ = io.Copy(far, buffered)
		_ = far.Close()
	}()
	_, _ = io.Copy(near, far)
}

func (p *connectProxy) wasAsked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.asked...)
}

// TestThroughTheHospitalsProxy lets a player reach a controller with a certificate of the hospital's own
// authority, through a proxy that is the only way out: websocket and files both.
func TestThroughTheHospitalsProxy(t *testing.T) {
	t.Parallel()
	const name = "signage.hospital.test"
	a := newAuthority(t)
	cert, key := a.certify(name)
	var proxy *connectProxy
	h := openBehind(t, func(h *house) {
		proxy = newConnectProxy(t, name+":443", h.addr)
		h.front = "https://" + name
		h.serve = []string{"--tls-cert", cert, "--tls-key", key, "--url", h.front}
		h.play = []string{"--ca", a.file}
		h.env = []string{"HTTPS_PROXY=http://" + proxy.address, "HTTP_PROXY=http://" + proxy.address, "NO_PROXY="}
		straight := a.transport()
		straight.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, h.addr)
		}
		h.api = hospital.NewClient(h.front)
		h.api.Transport(straight)
		h.ready = func() error { return get(&http.Client{Transport: straight}, h.front+"/readyz") }
	})
	h.item("red", red)
	h.playlist("filler", 10*time.Second, "red")
	h.department("cardiology", "filler", "window")
	h.publish("cardiology")
	w := h.hang("window")
	w.shows(patience, 0.5, 0.5, red)
	asked := proxy.wasAsked()
	if len(asked) < 2 { // the websocket and at least one connection for files
		t.Errorf("the proxy was asked for %v", asked)
	}
	for _, one := range asked {
		if one != "CONNECT "+name+":443" {
			t.Errorf("the proxy was asked for %s", one)
		}
	}
	h.countsExactly(w)
	t.Run("who is not told of the authority is not linked", func(*testing.T) {
		h.play = nil
		stranger := h.hangUnpaired("stranger")
		h.eventually(patience, "it says what to do", func() error {
			status, err := stranger.status()
			if err != nil {
				return err
			}
			if why, _ := status["unlinked"].(string); why == "" {
				return errors.New("it says nothing yet")
			}
			return nil
		})
	})
}
