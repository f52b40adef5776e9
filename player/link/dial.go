package link

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

const dialLimit = 20 * time.Second

// dial opens the websocket.
func (l *Link) dial(ctx context.Context) (*websocket.Conn, error) {
	d := websocket.Dialer{
		NetDialContext: l.config.Dial, TLSClientConfig: l.tlsConfig(), HandshakeTimeout: dialLimit,
		Subprotocols: []string{wire.Subprotocol}, ReadBufferSize: 4096, WriteBufferSize: 4096,
	}
	if l.config.Dial == nil {
		d.Proxy = http.ProxyFromEnvironment
	}
	u := *l.base
	u.Scheme = strings.Replace(u.Scheme, "http", "ws", 1)
	u.Path += wire.LinkPath
	ws, resp, err := d.DialContext(ctx, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("dialling %s: %w", l.base.Host, dialError(resp, err))
	}
	if ws.Subprotocol() != wire.Subprotocol {
		_ = ws.Close() // not a controller's
		return nil, fmt.Errorf("dialling %s: %w", l.base.Host, ErrIntercepted)
	}
	return ws, nil
}

// dialError says in people's words what came instead of a websocket.
func dialError(resp *http.Response, err error) error {
	if resp == nil {
		return tlsError(err)
	}
	_ = resp.Body.Close() // gorilla has read what there is
	switch {
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusServiceUnavailable && !isPage(resp):
		return fmt.Errorf("the controller is busy or stopping: %s", resp.Status)
	case resp.StatusCode == http.StatusBadGateway, resp.StatusCode == http.StatusGatewayTimeout:
		return fmt.Errorf("the reverse proxy does not reach the controller: %s", resp.Status)
	}
	return fmt.Errorf("%w: it said %s", ErrIntercepted, resp.Status)
}

// isPage reports whether a response is a page for people, which a controller never sends to players.
func isPage(resp *http.Response) bool {
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return err == nil && (kind == "text/html" || kind == "application/xhtml+xml")
}

func tlsError(err error) error {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown):
		return fmt.Errorf("%w: %w", ErrUntrusted, err)
	case errors.As(err, &host), errors.As(err, &record):
		return fmt.Errorf("%w: %w", ErrIntercepted, err)
	}
	return err
}

// tlsConfig checks certificates at the player's own time. While its clock is unset, it cannot tell
// whether a certificate is in date and takes the certificate's word: the controller proves itself by
// its key, and only a link can set the clock.
func (l *Link) tlsConfig() *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if l.config.TLS != nil {
		c = l.config.TLS.Clone()
	}
	host := l.base.Hostname()
	if c.ServerName != "" {
		host = c.ServerName
	}
	roots, also := c.RootCAs, c.VerifyConnection
	c.InsecureSkipVerify = true // VerifyConnection verifies, at a time of our choice
	c.VerifyConnection = func(s tls.ConnectionState) error {
		if err := l.verify(s, host, roots); err != nil || also == nil {
			return err
		}
		return also(s)
	}
	return c
}

func (l *Link) verify(s tls.ConnectionState, host string, roots *x509.CertPool) error {
	leaf, others := s.PeerCertificates[0], x509.NewCertPool()
	for _, c := range s.PeerCertificates[1:] {
		others.AddCert(c)
	}
	now, quality := l.config.Clock.Now()
	if quality == playlists.ClockUnset {
		now = leaf.NotBefore
	}
	_, err := leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: roots, Intermediates: others, CurrentTime: now})
	return err
}
