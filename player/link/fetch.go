package link

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

const (
	// answerWithin is how long the controller may take to begin an answer.
	answerWithin = 30 * time.Second
	// stallLimit is how long a download may stand still.
	stallLimit = 60 * time.Second
	idleLimit  = 90 * time.Second
)

func (l *Link) newClient() *http.Client {
	t := &http.Transport{
		DialContext: l.config.Dial, TLSClientConfig: l.tlsConfig(), TLSHandshakeTimeout: dialLimit,
		ResponseHeaderTimeout: answerWithin, IdleConnTimeout: idleLimit, MaxConnsPerHost: 4,
	}
	if l.config.Dial == nil {
		t.Proxy = http.ProxyFromEnvironment
	}
	return &http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Fetch reads what the controller has at path ([wire.BodyPath], [wire.AssetPath] and a digest) from
// offset on. total is the length of the whole, -1 if the controller does not say. The caller closes
// the reader and checks the digest: nothing that comes is believed. The reader fails if nothing comes
// for a minute. Errors: [ErrUnlinked] without a bearer that opens anything, [playlists.ErrDenied] if
// the controller refuses this one, [playlists.ErrNotFound], [ErrIntercepted].
func (l *Link) Fetch(ctx context.Context, path string, offset int64) (body io.ReadCloser, total int64, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	resp, err := l.do(ctx, http.MethodGet, path, nil, func(h http.Header) {
		if offset > 0 {
			h.Set("Range", "bytes="+strconv.FormatInt(offset, 10)+"-")
		}
	})
	if err == nil {
		total, err = position(resp, offset)
	}
	if err != nil {
		if resp != nil {
			_ = resp.Body.Close() // nothing in it is wanted
		}
		cancel(err)
		return nil, 0, fmt.Errorf("fetching %s: %w", path, err)
	}
	return newPatient(resp.Body, cancel), total, nil
}

// position makes the body begin at offset and gives the length of the whole.
func position(resp *http.Response, offset int64) (total int64, err error) {
	if resp.StatusCode == http.StatusOK {
		_, err := io.CopyN(io.Discard, resp.Body, offset) // a proxy that knows no ranges
		return resp.ContentLength, err
	}
	from, total, ok := contentRange(resp.Header.Get("Content-Range"))
	if resp.StatusCode != http.StatusPartialContent || !ok || from != offset {
		return 0, fmt.Errorf("%w: it answered a range with %s", ErrIntercepted, resp.Status)
	}
	return total, nil
}

// contentRange reads "bytes 100-199/200"; an unknown total is -1.
func contentRange(s string) (from, total int64, ok bool) {
	span, whole, found := strings.Cut(strings.TrimPrefix(s, "bytes "), "/")
	first, _, dashed := strings.Cut(span, "-")
	from, err := strconv.ParseInt(first, 10, 64)
	if !found || !dashed || err != nil || from < 0 {
		return 0, 0, false
	}
	if whole == "*" {
		return from, -1, true
	}
	total, err = strconv.ParseInt(whole, 10, 64)
	return from, total, err == nil && total > from
}

// PutSnapshot sends a picture that the controller asked for under id.
func (l *Link) PutSnapshot(ctx context.Context, id string, jpeg []byte) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	resp, err := l.do(ctx, http.MethodPut, wire.SnapshotPath+url.PathEscape(id), bytes.NewReader(jpeg), func(h http.Header) {
		h.Set("Content-Type", "image/jpeg")
	})
	if resp != nil {
		_ = resp.Body.Close() // the status said all
	}
	if err != nil {
		return fmt.Errorf("sending snapshot %s: %w", id, err)
	}
	return nil
}

// do sends a request with the bearer; an answer that is not a success is an error.
func (l *Link) do(ctx context.Context, method, path string, body io.Reader, set func(http.Header)) (*http.Response, error) {
	token, err := l.token()
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, l.base.String()+path, body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", playlists.ErrInvalid, err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	set(req.Header)
	resp, err := l.client.Do(req)
	if err != nil {
		return nil, tlsError(err)
	}
	if err := answerError(resp); err != nil {
		_ = resp.Body.Close() // the status said all
		return nil, err
	}
	return resp, nil
}

func answerError(resp *http.Response) error {
	switch code := resp.StatusCode; {
	case code >= 300 && code < 400, isPage(resp):
		return fmt.Errorf("%w: it said %s", ErrIntercepted, resp.Status)
	case code < 300:
		return nil
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return fmt.Errorf("%w: the controller said %s", playlists.ErrDenied, resp.Status)
	case code == http.StatusNotFound, code == http.StatusGone:
		return playlists.ErrNotFound
	case code == http.StatusRequestedRangeNotSatisfiable:
		return fmt.Errorf("%w: nothing is there from that offset on", playlists.ErrInvalid)
	}
	return fmt.Errorf("the controller said %s", resp.Status)
}

// errStalled is why a download was given up.
var errStalled = errors.New("the download stood still for a minute")

// patient is a body that may be slow, but not stand still.
type patient struct {
	body   io.ReadCloser
	cancel context.CancelCauseFunc
	timer  *time.Timer
}

func newPatient(body io.ReadCloser, cancel context.CancelCauseFunc) *patient {
	timer := time.AfterFunc(stallLimit, func() { cancel(errStalled) })
	timer.Stop() // it runs while somebody reads
	return &patient{body, cancel, timer}
}

// Read implements [io.Reader].
func (p *patient) Read(b []byte) (int, error) {
	p.timer.Reset(stallLimit)
	n, err := p.body.Read(b)
	p.timer.Stop() // a caller that writes to a slow disk is no stall
	return n, err
}

// Close implements [io.Closer].
func (p *patient) Close() error {
	p.timer.Stop()
	err := p.body.Close()
	p.cancel(nil)
	return err
}
