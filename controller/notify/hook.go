package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"syscall"
	"time"
)

// SignatureHeader carries when a webhook's body was signed, and the HMAC-SHA256 of that time, a full stop and the
// body, with the secret that both sides know: "t=1795437600,v1=9f86d0...".
const SignatureHeader = "X-Anteroom-Signature"

// Hook posts messages to webhooks.
type Hook struct {
	// Secret signs them; empty: none is sent, for nobody could tell them from a stranger's.
	Secret []byte
	// Refuse says why an address must not be connected to; nil: this machine and what is not for single machines
	// are refused.
	Refuse func(netip.Addr) error
}

var errNoSecret = errors.New("no secret for webhooks is set: start the controller with --webhook-secret-file")

// posted is the body of a webhook.
type posted struct {
	Said
	*Message

	ID string `json:"id"`
}

// Sign gives the value of [SignatureHeader].
func Sign(secret []byte, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// send posts a message to one address, which takes it by any answer of 200 to 299.
func (h *Hook) send(ctx context.Context, to, id string, m *Message, s Said, now time.Time) error {
	if len(h.Secret) == 0 {
		return errNoSecret
	}
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	body, err := json.Marshal(posted{Said: s, ID: id, Message: m})
	if err != nil {
		return fmt.Errorf("writing the message: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("preparing to post: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(SignatureHeader, Sign(h.Secret, now, body))
	client := h.client()
	defer client.CloseIdleConnections()
	answer, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("posting: %w", err)
	}
	_, err = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return fmt.Errorf("the webhook answered %s", answer.Status)
	}
	return nil
}

// client follows no redirection: it could lead anywhere. Addresses are checked when they are dialled, so that a
// name that changes its address in between gains nothing.
func (h *Hook) client() *http.Client {
	refuse := h.Refuse
	if refuse == nil {
		refuse = refuseOwn
	}
	dialer := &net.Dialer{Timeout: sendWithin, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("reading the address %s: %w", address, err)
		}
		return refuse(to.Addr().Unmap())
	}}
	return &http.Client{
		Transport:     &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true, TLSHandshakeTimeout: sendWithin},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// refuseOwn keeps webhooks away from this machine, and from what answers only to neighbours of a link.
func refuseOwn(a netip.Addr) error {
	if a.IsLoopback() || a.IsUnspecified() || a.IsLinkLocalUnicast() || a.IsMulticast() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return fmt.Errorf("%s is no address for a webhook: it is this machine's own, or not for one machine", a)
	}
	return nil
}
