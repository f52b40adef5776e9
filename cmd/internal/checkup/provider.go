package checkup

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

// How far the clock of an identity provider may be from this machine's.
const (
	clockOdd = time.Minute
	clockBad = 5 * time.Minute
)

// Provider goes the way to the hospital's identity provider (OpenID Connect), whose address is its issuer, as far as it leads:
// name, connection, certificate, what it says of itself, and its clock.
func Provider(ctx context.Context, w Way) []Finding {
	found := w.provider(ctx)
	for i := range found {
		found[i].About = "sign-in"
	}
	return found
}

func (w *Way) provider(ctx context.Context) []Finding {
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(w.Address, "/")+"/.well-known/openid-configuration", http.NoBody)
	if err != nil {
		return []Finding{Bad("", "Write --oidc-issuer like https://login.example.org/realms/staff.", "%q is no identity provider: %v.", w.Address, err)}
	}
	first := w.approach(r)
	if first.Level != Fine {
		return []Finding{first}
	}
	began := time.Now()
	answer, err := w.client().Do(r)
	if err != nil {
		return []Finding{first, strange(w.noAnswer(r.URL, err))}
	}
	said, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	found := []Finding{first}
	if answer.TLS != nil {
		found = append(found, w.certificate(answer.TLS.PeerCertificates[0]))
	}
	if err = cmp.Or(err, answer.Body.Close()); err != nil {
		return append(found, Bad("", "Try again; if it stays, look at the proxies on the way.", "The answer of %s breaks off: %s.", r.URL.Host, short(err)))
	}
	return append(found, w.describes(answer, said), ticks(answer.Header.Get("Date"), w.Now.Add(time.Since(began))))
}

// strange says of a provider what is otherwise said of a controller. Certificates that the doctor alone is told of would
// help nobody to sign in.
func strange(f Finding) Finding {
	switch {
	case f.About == "controller":
		f.Do = "Ask those who run it."
	case strings.Contains(f.Do, "--ca"):
		f.Do = "If it is the hospital's own authority, put its certificate into /usr/local/share/ca-certificates, run update-ca-certificates and restart the controller; else somebody stands in between."
	}
	return f
}

// describes judges what the provider says of itself.
func (w *Way) describes(answer *http.Response, said []byte) Finding {
	const do = "Write --oidc-issuer as the provider's own pages for administrators show it."
	var it struct {
		Issuer string `json:"issuer"`
		Auth   string `json:"authorization_endpoint"`
		Token  string `json:"token_endpoint"`
		Keys   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(said, &it); err != nil || answer.StatusCode != http.StatusOK {
		return Bad("", do, "What answers at %s is no identity provider (%s).", w.Address, answer.Status)
	}
	switch {
	case it.Issuer != w.Address:
		return Bad("", do, "The provider at %s calls itself %q, so that nobody can sign in.", w.Address, it.Issuer)
	case it.Auth == "", it.Token == "", it.Keys == "":
		return Bad("", "Ask those who run it.", "The provider at %s does not say where one signs in.", w.Address)
	}
	return Good("", "The identity provider %s says where one signs in.", w.Address)
}

// ticks judges the clock of who answered on a date.
func ticks(date string, now time.Time) Finding {
	const do = "Set both clocks by the same servers; whichever is wrong, nobody can sign in when they are too far apart."
	theirs, err := http.ParseTime(date)
	apart := now.Sub(theirs).Round(time.Second).Abs()
	switch {
	case err != nil:
		return Odd("", "Ask those who run it what time it is there.", "The provider does not say what time it is there.")
	case apart > clockBad:
		return Bad("", do, "The provider's clock and this machine's are %v apart: there it is %s.", apart, theirs.UTC().Format("2006-01-02 15:04:05 UTC"))
	case apart > clockOdd:
		return Odd("", do, "The provider's clock and this machine's are %v apart.", apart)
	}
	return Good("", "The provider's clock and this machine's agree.")
}
