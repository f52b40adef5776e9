package controller_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anteroom/controller"
	"anteroom/controller/controllertest"
)

// renew writes a certificate for 127.0.0.1 with a serial number, and its key.
func renew(t *testing.T, dir string, serial int64) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	must(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	must(t, errors.Join(
		os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600),
		os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600),
	))
	return cert, key
}

// serial asks a controller that speaks TLS for its health, and gives its certificate's number and the
// protocol spoken.
func serial(t *testing.T, at string) (number int64, protocol string) {
	t.Helper()
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true, ForceAttemptHTTP2: true,
	}
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport}).Get(at + "/healthz")
	must(t, err)
	said, err := io.ReadAll(answer.Body)
	must(t, errors.Join(err, answer.Body.Close()))
	if string(said) != "ok\n" {
		t.Errorf("it says %q", said)
	}
	return answer.TLS.PeerCertificates[0].SerialNumber.Int64(), answer.Proto
}

func TestACertificateIsRenewedWithoutARestart(t *testing.T) {
	dir := t.TempDir()
	cfg := config(t.TempDir(), nil)
	cfg.Listener, cfg.Listen, cfg.URL = nil, "127.0.0.1:0", ""
	cfg.TLSCert, cfg.TLSKey = renew(t, dir, 1)
	var log words
	cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	c, err := controller.New(t.Context(), cfg)
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	defer func() {
		stop()
		must(t, <-ended)
	}()
	if !strings.HasPrefix(c.URL(), "https://127.0.0.1:") {
		t.Errorf("it is at %s", c.URL())
	}
	if number, protocol := serial(t, c.URL()); number != 1 || protocol != "HTTP/2.0" {
		t.Errorf("certificate %d, %s", number, protocol)
	}
	renew(t, dir, 2)
	time.Sleep(1100 * time.Millisecond)
	if number, _ := serial(t, c.URL()); number != 2 {
		t.Errorf("after its renewal it shows certificate %d", number)
	}
	must(t, os.WriteFile(cfg.TLSKey, []byte("half a key"), 0o600))
	time.Sleep(1100 * time.Millisecond)
	for range 3 {
		if number, _ := serial(t, c.URL()); number != 2 {
			t.Errorf("with half a key it shows certificate %d", number)
		}
	}
	if said := log.String(); strings.Count(said, "certificate not renewed") != 1 || strings.Count(said, "certificate renewed") != 1 {
		t.Errorf("it says %s", said)
	}
}

func TestCertificatesThatCannotWork(t *testing.T) {
	dir := t.TempDir()
	cert, key := renew(t, dir, 1)
	other, _ := renew(t, t.TempDir(), 2)
	for what, test := range map[string]struct {
		cert, key, url, says string
	}{
		"a certificate without its key":   {cert, "", "", "go together"},
		"a key without its certificate":   {"", key, "", "go together"},
		"files that are not there":        {cert + "x", key, "", "no such file"},
		"a key of another certificate":    {other, key, "", "private key does not match"},
		"no certificate in the file":      {key, key, "", "both must be in PEM form"},
		"an address without TLS for it":   {cert, key, "http://tv.example.org", "write it with https"},
		"an address of TLS is as it must": {cert, key, "https://tv.example.org", ""},
	} {
		cfg := config(t.TempDir(), controllertest.NewNetwork())
		cfg.TLSCert, cfg.TLSKey, cfg.URL = test.cert, test.key, test.url
		c, err := controller.New(t.Context(), cfg)
		if err == nil {
			c.Close()
		}
		if (test.says == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %v, want %q", what, err, test.says)
		}
	}
}
