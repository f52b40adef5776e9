package calendars

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"anteroom/playlists"
)

// MaxBytes is the largest file that is read.
const MaxBytes = 2 << 20

const (
	// fetchWithin bounds a fetch from the first step to the last byte.
	fetchWithin  = 30 * time.Second
	maxRedirects = 5
)

// fetcher gets files from addresses that it may connect to.
type fetcher struct {
	client *http.Client
	agent  string
}

// newFetcher makes a fetcher. It connects to public addresses and to those of the networks.
func newFetcher(agent string, networks []netip.Prefix) *fetcher {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		return mayDial(address, networks)
	}}
	return &fetcher{agent: agent, client: &http.Client{
		Timeout: fetchWithin,
		// No proxy: it would be the one who dials, and nobody looked where.
		Transport: &http.Transport{
			DialContext: dialer.DialContext, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10,
			TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 20 * time.Second,
		},
		CheckRedirect: checkRedirect,
	}}
}

func checkRedirect(next *http.Request, via []*http.Request) error {
	switch {
	case len(via) >= maxRedirects:
		return fmt.Errorf("%w: url: the address leads to another more than %d times; give the last one", playlists.ErrInvalid, maxRedirects)
	case next.URL.Scheme != "https" && via[0].URL.Scheme == "https":
		return fmt.Errorf("%w: url: the address leads from https to one without; give one that stays with https", playlists.ErrInvalid)
	}
	return nil
}

// special are public by their form and nobody's calendar by their use; addresses that hold another one
// inside are judged by neither.
func special() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
		netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
		netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"),
	}
}

// mayDial is nil for an address that calendars may be fetched from. It is asked after names were looked
// up, for each connection: a name cannot lead elsewhere.
func mayDial(address string, networks []netip.Prefix) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("reading the address %s: %w", address, err)
	}
	ip := at.Addr().Unmap().WithZone("")
	holds := func(p netip.Prefix) bool { return p.Contains(ip) }
	if slices.ContainsFunc(networks, holds) {
		return nil
	}
	if ip.IsGlobalUnicast() && !ip.IsPrivate() && !slices.ContainsFunc(special(), holds) {
		return nil
	}
	return fmt.Errorf("%w: url: the calendar is at %s, within the house; whoever runs the controller can allow that with --calendar-networks", playlists.ErrInvalid, ip)
}

// file is what an address gave.
type file struct {
	bytes []byte
	// etag and modified are how to ask whether it has changed.
	etag, modified string
	// unchanged: it is as it was, and no bytes came.
	unchanged bool
}

// fetch gets what is at an address, unless it is still what it was.
func (f *fetcher) fetch(ctx context.Context, address string, was file) (file, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, webAddress(address), http.NoBody)
	if err != nil {
		return file{}, fmt.Errorf("%w: url: %q is no address of a calendar", playlists.ErrInvalid, address)
	}
	request.Header.Set("User-Agent", f.agent)
	request.Header.Set("Accept", "text/calendar, */*;q=0.1")
	if was.etag != "" {
		request.Header.Set("If-None-Match", was.etag)
	}
	if was.modified != "" {
		request.Header.Set("If-Modified-Since", was.modified)
	}
	response, err := f.client.Do(request)
	if err != nil {
		return file{}, unreachable(err)
	}
	got, err := read(response)
	return got, errors.Join(err, response.Body.Close())
}

// webAddress is an address with the scheme that is meant by webcal.
func webAddress(address string) string {
	if rest, ok := strings.CutPrefix(address, "webcal://"); ok {
		return "https://" + rest
	}
	return address
}

func read(response *http.Response) (file, error) {
	if response.StatusCode == http.StatusNotModified {
		return file{unchanged: true}, nil
	}
	if response.StatusCode != http.StatusOK {
		return file{}, fmt.Errorf("%w: url: the address answers %s; look whether it opens in a browser without signing in", playlists.ErrInvalid, response.Status)
	}
	b, err := io.ReadAll(io.LimitReader(response.Body, MaxBytes+1))
	if err != nil {
		return file{}, unreachable(err)
	}
	if len(b) > MaxBytes {
		return file{}, fmt.Errorf("%w: url: the calendar has more than %d MiB; subscribe to one that has only the closed days", playlists.ErrInvalid, MaxBytes>>20)
	}
	return file{bytes: b, etag: header(response, "ETag"), modified: header(response, "Last-Modified")}, nil
}

// header is what is kept of a header.
func header(response *http.Response, name string) string {
	value := response.Header.Get(name)
	if len(value) > 1000 {
		return ""
	}
	return value
}

// unreachable says why nothing came, in words for whoever typed the address.
func unreachable(err error) error {
	if already := (*url.Error)(nil); errors.As(err, &already) && errors.Is(already.Err, playlists.ErrInvalid) {
		return already.Err
	}
	var name *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &name):
		return fmt.Errorf("%w: url: there is no %q; look at the address, and whether the controller can look up names outside", playlists.ErrInvalid, name.Name)
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("%w: url: nothing came within %s; the address may not be reachable from the controller", playlists.ErrInvalid, fetchWithin)
	}
	if asked := (*url.Error)(nil); errors.As(err, &asked) {
		err = asked.Err
	}
	return fmt.Errorf("%w: url: the calendar cannot be reached: %w", playlists.ErrInvalid, err)
}
