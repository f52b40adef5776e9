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
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"anteroom/controller/outward"
)

// SignatureHeader carries when a webhook's body was signed, and the HMAC-SHA256 of that time, a full stop and the
// body, with the secret that both sides know: "t=1795437600,v1=9f86d0...".
const SignatureHeader = "X-Anteroom-Signature"

// Hook posts messages to webhooks.
type Hook struct {
	// Secret signs them; empty: none is sent, for nobody could tell them from a stranger's.
	Secret []byte
	// Networks within the house that may be reached; public addresses always may be.
	Networks []netip.Prefix
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
	answer, err := outward.NewClient(h.Networks, 0).Do(r)
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
