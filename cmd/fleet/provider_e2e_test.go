//go:build e2e

package main

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"anteroom/cmd/demo/hospital"
)

// identities says how the browser's tests start the hospital's identity provider, and end it.
type identities struct {
	Program string `json:"program"`
	Listen  string `json:"listen"`
	Cert    string `json:"cert"`
	Key     string `json:"key"`
	Secret  string `json:"secret"`
	Name    string `json:"name"`
}

// TestTheHospitalsOwnSignIn has staff sign in by the hospital's identity provider, and some of them leave: a real provider, the
// example's nginx before the controller, and a real browser, each of which knows the hospital's authority.
func TestTheHospitalsOwnSignIn(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	plain, secure := freeAddress(t), freeAddress(t)
	cert, key := a.certify("127.0.0.1")
	who := identities{Secret: "only the two of them know it", Name: "St Mary's account"}
	who.Listen = strings.Replace(freeAddress(t), "127.0.0.1", "127.0.0.2", 1) // another site than the controller, for the browser
	who.Cert, who.Key = a.certify("127.0.0.2")
	var err error
	who.Program, err = filepath.Abs(bin + "oidc")
	a.must(err)
	secret := filepath.Join(a.dir, "secret")
	a.must(os.WriteFile(secret, []byte(who.Secret), 0o600))
	h := openBehind(t, func(h *house) {
		nginx(t, plain, secure, h.addr, cert, key)
		h.front = "https://" + secure
		h.own = []string{"SSL_CERT_FILE=" + a.file}
		h.serve = []string{
			"--url", h.front, "--trusted-proxies", "127.0.0.1", "--oidc-issuer", "https://" + who.Listen, "--oidc-client-id", "anteroom",
			"--oidc-client-secret-file", secret, "--oidc-name", who.Name,
		}
		through := a.transport()
		h.api = hospital.NewClient(h.front)
		h.api.Transport(through)
		h.ready = func() error { return get(&http.Client{Transport: through}, h.front+"/readyz") }
	})
	told, err := json.Marshal(who)
	h.must(err)
	h.browse([]string{"provider"}, "HOME="+a.home(), "ANTEROOM_PROVIDER="+string(told))
}

// home is that of somebody whose browser trusts the authority, as those of the hospital's machines do.
func (a *authority) home() string {
	a.t.Helper()
	home := a.t.TempDir()
	known := filepath.Join(home, ".pki", "nssdb")
	a.must(os.MkdirAll(known, 0o700))
	for _, args := range [][]string{
		{"-N", "--empty-password"},
		{"-A", "-n", "the hospital", "-t", "C,,", "-i", a.file},
	} {
		out, err := exec.CommandContext(a.t.Context(), "certutil", append([]string{"-d", "sql:" + known}, args...)...).CombinedOutput()
		if err != nil {
			a.t.Fatalf("certutil: %v: %s", err, out)
		}
	}
	return home
}
