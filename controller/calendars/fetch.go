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
	"strings"

	"anteroom/controller/outward"
	"anteroom/playlists"
)

// MaxBytes is the largest file that is read.
const MaxBytes = 2 << 20

// maxRedirects is how often an address may lead to another.
const maxRedirects = 5

// fetcher gets files from addresses that it may connect to.
type fetcher struct {
	client *http.Client
	agent  string
}

// newFetcher makes a fetcher. It connects to public addresses and to those of the networks.
func newFetcher(agent string, networks []netip.Prefix) *fetcher {
	return &fetcher{agent: agent, client: outward.NewClient(networks, maxRedirects)}
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
		return file{}, playlists.Refuse(playlists.ErrInvalid, "url: %q is no address of a calendar", address)
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
		return file{}, playlists.Refuse(playlists.ErrInvalid, "url: the address answers %s; look whether it opens in a browser without signing in", response.Status)
	}
	b, err := io.ReadAll(io.LimitReader(response.Body, MaxBytes+1))
	if err != nil {
		return file{}, unreachable(err)
	}
	if len(b) > MaxBytes {
		return file{}, playlists.Refuse(playlists.ErrInvalid, "url: the calendar has more than %d MiB; subscribe to one that has only the closed days", MaxBytes>>20)
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
	if refusal, ok := outward.Refused(err); ok {
		return fmt.Errorf("%w: url: %w", playlists.ErrInvalid, refusal)
	}
	var name *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &name):
		return playlists.Refuse(playlists.ErrInvalid, "url: there is no %q; look at the address, and whether the controller can look up names outside", name.Name)
	case errors.As(err, &timeout) && timeout.Timeout():
		return playlists.Refuse(playlists.ErrInvalid, "url: nothing came within %s; the address may not be reachable from the controller", outward.Within)
	}
	if asked := (*url.Error)(nil); errors.As(err, &asked) {
		err = asked.Err
	}
	return playlists.Refuse(playlists.ErrInvalid, "url: the calendar cannot be reached: %w", err)
}
