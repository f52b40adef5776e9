package checkup

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"anteroom/playlists/wire"
)

// patience is how long each step of a way may take.
const patience = 10 * time.Second

// soon is how long before its end a certificate is worth a word.
const soon = 21 * 24 * time.Hour

// Way is the way to a controller.
type Way struct {
	// Address is the controller's, "https://signage.example.org".
	Address string
	// Roots are trusted; nil: the machine's.
	Roots *x509.CertPool
	// Proxy gives the proxy to go through; nil: none.
	Proxy func(*http.Request) (*url.URL, error)
	// Now is the time by which certificates are judged.
	Now time.Time
}

// Reach goes the way step by step, as far as it leads: name, connection, certificate, and who answers.
func Reach(ctx context.Context, w Way) []Finding {
	at, err := url.Parse(w.Address)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return []Finding{Bad("address", "Write it like https://signage.example.org.", "%q is no address of a controller.", w.Address)}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(w.Address, "/")+"/healthz", http.NoBody)
	if err != nil {
		return []Finding{Bad("address", "Write it like https://signage.example.org.", "%q is no address of a controller: %v.", w.Address, err)}
	}
	first := w.approach(r)
	if first.Level != Fine {
		return []Finding{first}
	}
	return append([]Finding{first}, w.visit(r)...)
}

// approach goes as far as a connection, to the proxy where there is one.
func (w *Way) approach(r *http.Request) Finding {
	if proxy := w.proxyFor(r); proxy != nil {
		return w.connect(r.Context(), "proxy", proxy.Hostname(), port(proxy))
	}
	return w.connect(r.Context(), "network", r.URL.Hostname(), port(r.URL))
}

func (w *Way) proxyFor(r *http.Request) *url.URL {
	if w.Proxy == nil {
		return nil
	}
	proxy, err := w.Proxy(r)
	if err != nil {
		return nil // a proxy that cannot be read fails the visit, with its own words
	}
	return proxy
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// connect looks a name up and opens a connection.
func (w *Way) connect(ctx context.Context, about, host, port string) Finding {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := net.DefaultResolver.LookupHost(ctx, host); err != nil {
		return Bad(about, "Check the name, and this machine's DNS servers (/etc/resolv.conf).", "The name %s cannot be found: %s.", host, short(err))
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return Bad(about, "Check that it runs, the port, and the firewalls on the way; only this one port is needed.", "Nothing answers at %s: %s.", net.JoinHostPort(host, port), short(err))
	}
	_ = c.Close() // it was only to see whether it opens
	return Good(about, "%s can be reached.", net.JoinHostPort(host, port))
}

// short is the innermost error, which a person can read.
func short(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return dns.Err
	}
	return err.Error()
}

// visit asks for the controller's health, and judges the certificate on the way.
func (w *Way) visit(r *http.Request) []Finding {
	ctx, cancel := context.WithTimeout(r.Context(), 2*patience)
	defer cancel()
	client := w.client()
	answer, err := client.Do(r.WithContext(ctx))
	if err != nil {
		return []Finding{w.noAnswer(r.URL, err)}
	}
	said, err := io.ReadAll(io.LimitReader(answer.Body, 4096))
	if closed := answer.Body.Close(); err == nil {
		err = closed
	}
	var found []Finding
	if answer.TLS != nil {
		found = append(found, w.certificate(answer.TLS.PeerCertificates[0]))
	}
	if err != nil {
		return append(found, Bad("controller", "Try again; if it stays, look at the proxies on the way.", "The answer of %s breaks off: %s.", r.URL.Host, short(err)))
	}
	judged := who(r.URL, answer, string(said))
	found = append(found, judged)
	if judged.Level == Fine {
		found = append(found, upgrade(client, r.WithContext(ctx)))
	}
	return found
}

// client follows nobody, and trusts whom the way trusts.
func (w *Way) client() *http.Client {
	config := &tls.Config{RootCAs: w.Roots, Time: func() time.Time { return w.Now }, MinVersion: tls.VersionTLS12}
	return &http.Client{
		Transport:     &http.Transport{Proxy: w.Proxy, TLSClientConfig: config, TLSHandshakeTimeout: patience, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// upgrade asks for the players' websocket, as far as the controller's first word.
func upgrade(client *http.Client, r *http.Request) Finding {
	const about = "websocket"
	r = r.Clone(r.Context())
	r.URL.Path = strings.TrimSuffix(r.URL.Path, "/healthz") + wire.LinkPath
	r.Header = http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key": {"YW50ZXJvb20gZG9jdG9yIQ=="}, "Sec-Websocket-Protocol": {wire.Subprotocol},
	}
	answer, err := client.Do(r)
	if err != nil {
		return Bad(about, "Let the proxies on the way pass websockets; deploy/nginx.conf shows how.", "The players' link at %s breaks off: %s.", r.URL.Host, short(err))
	}
	_ = answer.Body.Close() // its first word was enough
	switch answer.StatusCode {
	case http.StatusSwitchingProtocols:
		return Good(about, "The players' link opens.")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return Odd(about, "Try again in a minute.", "The controller is too busy now for another link (%s).", answer.Status)
	}
	return Bad(about, "Let the proxies on the way pass websockets; deploy/nginx.conf shows how.", "The players' link does not open: %s answers %s.", r.URL.Host, answer.Status)
}

// certificate judges a certificate that was accepted.
func (w *Way) certificate(c *x509.Certificate) Finding {
	left := c.NotAfter.Sub(w.Now)
	if left < soon {
		return Odd("certificate", "Renew it.", "The certificate of %s ends in %d days, on %s.", strings.Join(c.DNSNames, ", "), int(left.Hours()/24), c.NotAfter.UTC().Format(time.DateOnly))
	}
	return Good("certificate", "The certificate is good until %s.", c.NotAfter.UTC().Format(time.DateOnly))
}

// noAnswer says why nothing came back.
func (w *Way) noAnswer(at *url.URL, err error) Finding {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown):
		return Bad("certificate", "If it is the hospital's own authority, name its certificate with --ca FILE; else somebody stands in between.", "The certificate of %s was signed by %s, which this machine does not trust.", at.Host, issuer(unknown.Cert))
	case errors.As(err, &name):
		return Bad("certificate", "Use a name that the certificate has, or get one for this name.", "The certificate of %s is for %s.", at.Hostname(), names(name.Certificate))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && w.Now.Before(invalid.Cert.NotBefore):
		return Bad("certificate", "Check this machine's clock.", "The certificate of %s begins on %s, and this machine says that it is %s.", at.Host, invalid.Cert.NotBefore.UTC().Format(time.DateOnly), w.Now.UTC().Format(time.DateOnly))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return Bad("certificate", "Renew it, or check this machine's clock.", "The certificate of %s ended on %s, and this machine says that it is %s.", at.Host, invalid.Cert.NotAfter.UTC().Format(time.DateOnly), w.Now.UTC().Format(time.DateOnly))
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return Bad("certificate", "Check scheme and port of the address: https is spoken where TLS is ended.", "%s does not speak TLS.", at.Host)
	case strings.Contains(err.Error(), "Proxy Authentication Required"):
		return strangerToProxy()
	}
	return Bad("controller", "Check the controller's log, and what stands before it.", "%s gives no answer: %s.", at.Host, short(err))
}

func strangerToProxy() Finding {
	return Bad("proxy", "Give the proxy's name and password in HTTPS_PROXY, http://name:password@proxy:3128, or let it pass this address.", "The proxy wants to know who asks.")
}

func issuer(c *x509.Certificate) string {
	if c == nil || c.Issuer.String() == "" {
		return "somebody"
	}
	return c.Issuer.String()
}

func names(c *x509.Certificate) string {
	all := append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		all = append(all, ip.String())
	}
	if len(all) == 0 {
		return "no name at all"
	}
	return strings.Join(all, ", ")
}

// who judges whether it is a controller that answered.
func who(at *url.URL, answer *http.Response, said string) Finding {
	const page = "Let this machine past the page where one signs in to the network, or put it on another network."
	kind := answer.Header.Get("Content-Type")
	switch {
	case answer.StatusCode == http.StatusOK && said == "ok\n":
		return Good("controller", "A controller answers at %s.", at.Host)
	case answer.StatusCode == http.StatusProxyAuthRequired:
		return strangerToProxy()
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		return Bad("controller", page, "Not a controller answers at %s, but somebody who sends us on to %s.", at.Host, answer.Header.Get("Location"))
	case answer.StatusCode == http.StatusBadGateway || answer.StatusCode == http.StatusGatewayTimeout || answer.StatusCode == http.StatusServiceUnavailable:
		return Bad("controller", "Start the controller; look at its log.", "The proxy before the controller answers at %s, but does not reach it (%s).", at.Host, answer.Status)
	case answer.StatusCode == http.StatusOK && strings.HasPrefix(kind, "text/html"), strings.HasPrefix(kind, "application/xhtml"):
		return Bad("controller", page, "Not a controller answers at %s, but a page for people.", at.Host)
	}
	return Bad("controller", "Check the address, and where the proxy before it leads.", "What answers at %s is no controller (%s).", at.Host, answer.Status)
}

// CertificateFiles judges the certificate and key that a controller is to speak TLS with, for a name if one is given.
func CertificateFiles(cert, key, host string, now time.Time) Finding {
	const about = "certificate"
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return Bad(about, "Put a certificate and its key, both in PEM form, where the program's user can read them.", "%s with %s cannot be used: %v.", cert, key, err)
	}
	left := pair.Leaf.NotAfter.Sub(now)
	switch {
	case left < 0:
		return Bad(about, "Renew it; the controller takes the new files by itself.", "The certificate %s ended on %s.", cert, pair.Leaf.NotAfter.UTC().Format(time.DateOnly))
	case host != "" && pair.Leaf.VerifyHostname(host) != nil:
		return Bad(about, "Get one for this name.", "The certificate %s is for %s, not for %s.", cert, names(pair.Leaf), host)
	case left < soon:
		return Odd(about, "Renew it; the controller takes the new files by itself.", "The certificate %s ends in %d days, on %s.", cert, int(left.Hours()/24), pair.Leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	return Good(about, "The certificate %s is good until %s.", cert, pair.Leaf.NotAfter.UTC().Format(time.DateOnly))
}
