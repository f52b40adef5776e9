package checkup_test

import (
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"anteroom/cmd/internal/checkup"
)

// TestTheWayToAProvider has one thing wrong in each row; all else is right.
func TestTheWayToAProvider(t *testing.T) {
	type way struct {
		issuer, body, date string
		status             int
		stranger           bool
	}
	for _, row := range []struct {
		what, says, do string
		level          checkup.Level
		spoil          func(w *way)
	}{
		{"nothing", "says where one signs in", "", checkup.Fine, func(*way) {}},
		{"its clock a little", "are 2m0s apart", "Set both clocks", checkup.Warning, func(w *way) { w.date = today.Add(-2 * time.Minute).Format(http.TimeFormat) }},
		{"its clock", "are 1h0m0s apart", "Set both clocks", checkup.Fault, func(w *way) { w.date = today.Add(time.Hour).Format(http.TimeFormat) }},
		{"no clock", "does not say what time it is", "Ask those", checkup.Warning, func(w *way) { w.date = "noon" }},
		{"another name", `calls itself "https://login.example.org"`, "Write --oidc-issuer", checkup.Fault, func(w *way) { w.issuer = "https://login.example.org" }},
		{"no place to sign in", "does not say where one signs in", "Ask those", checkup.Fault, func(w *way) { w.body = `{"issuer":%q}` }},
		{"a page", "is no identity provider (200 OK)", "Write --oidc-issuer", checkup.Fault, func(w *way) { w.body = "<html>%s</html>" }},
		{"not there", "is no identity provider (404 Not Found)", "Write --oidc-issuer", checkup.Fault, func(w *way) { w.status = http.StatusNotFound }},
		{"an authority that nobody here knows", "which this machine does not trust", "update-ca-certificates", checkup.Fault, func(w *way) { w.stranger = true }},
	} {
		t.Run(row.what, func(t *testing.T) {
			w := way{body: `{"issuer":%q,"authorization_endpoint":"https://x/auth","token_endpoint":"https://x/token","jwks_uri":"https://x/keys"}`, date: today.Format(http.TimeFormat), status: http.StatusOK}
			s := httptest.NewTLSServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/.well-known/openid-configuration" {
					t.Errorf("it is asked for %s", r.URL.Path)
				}
				out.Header().Set("Date", w.date)
				out.WriteHeader(w.status)
				fmt.Fprintf(out, w.body, w.issuer)
			}))
			defer s.Close()
			w.issuer = s.URL
			row.spoil(&w)
			roots := x509.NewCertPool()
			if !w.stranger {
				roots.AddCert(s.Certificate())
			}
			worst := checkup.Finding{Level: checkup.Fine}
			var all []string
			for _, f := range checkup.Provider(t.Context(), checkup.Way{Address: s.URL, Roots: roots, Now: today}) {
				all = append(all, f.Says)
				if f.About != "sign-in" {
					t.Errorf("it is about %q", f.About)
				}
				if f.Level != checkup.Fine {
					worst = f
				}
			}
			if worst.Level != row.level || !strings.Contains(strings.Join(all, " "), row.says) || !strings.HasPrefix(worst.Do, row.do) && !strings.Contains(worst.Do, row.do) {
				t.Errorf("got %+v of %q", worst, all)
			}
		})
	}
}

func TestAProviderThatIsNotThere(t *testing.T) {
	for address, says := range map[string]string{
		"https://login.invalid": "cannot be found",
		"http://127.0.0.1:1":    "Nothing answers at 127.0.0.1:1",
		"://":                   "is no identity provider",
	} {
		found := checkup.Provider(t.Context(), checkup.Way{Address: address, Now: today})
		if len(found) != 1 || found[0].Level != checkup.Fault || !strings.Contains(found[0].Says, says) || found[0].Do == "" {
			t.Errorf("%s: %+v", address, found)
		}
	}
}
