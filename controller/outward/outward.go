// Package outward reaches addresses that staff typed, and nothing within the house that nobody allowed.
//
// Who runs the controller names the networks of the house that may be reached; public addresses always may be.
// Each connection is judged after its name was looked up and before it is made: neither a redirection nor a
// name that changes its address in between leads elsewhere.
package outward

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// Within bounds a request from the first step to the last byte.
const Within = 30 * time.Second

const (
	dialWithin   = 10 * time.Second
	answerWithin = 20 * time.Second
	maxHeader    = 64 << 10
)

// RefusalError is why an address is not gone to, in words for whoever typed it.
type RefusalError string

// Error gives the words.
func (r RefusalError) Error() string { return string(r) }

// NewClient makes a client that reaches public addresses and those of the networks, and follows that many
// redirections. With none, the redirection itself is the answer.
func NewClient(networks []netip.Prefix, redirects int) *http.Client {
	return newClient(&net.Dialer{Timeout: dialWithin}, networks, redirects)
}

func newClient(dialer *net.Dialer, networks []netip.Prefix, redirects int) *http.Client {
	dialer.Control = func(_, address string, _ syscall.RawConn) error { return mayDial(address, networks) }
	return &http.Client{
		Timeout: Within,
		// No proxy: it would be the one who dials, and nobody looked where.
		Transport: &http.Transport{
			DialContext: dialer.DialContext, DisableKeepAlives: true, MaxResponseHeaderBytes: maxHeader,
			TLSHandshakeTimeout: dialWithin, ResponseHeaderTimeout: answerWithin,
		},
		CheckRedirect: func(next *http.Request, via []*http.Request) error { return mayFollow(next, via, redirects) },
	}
}

// Refused is the refusal within an error of a request.
func Refused(err error) (r RefusalError, is bool) {
	is = errors.As(err, &r)
	return r, is
}

func mayFollow(next *http.Request, via []*http.Request, redirects int) error {
	switch {
	case redirects == 0:
		return http.ErrUseLastResponse
	case len(via) >= redirects:
		return RefusalError(fmt.Sprintf("the address leads to another more than %d times; give the last one", redirects))
	case next.URL.Scheme != "https" && via[0].URL.Scheme == "https":
		return RefusalError("the address leads from https to one without; give one that stays with https")
	}
	return nil
}

// special are public by their form and nobody's by their use; addresses that hold another one inside are judged
// by neither.
func special() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("168.63.129.16/32"),
		netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"),
		netip.MustParsePrefix("::/96"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"),
		netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
	}
}

// mayDial is nil for an address that may be connected to.
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
	return RefusalError(fmt.Sprintf("it is at %s, within the house; whoever runs the controller can allow that with --house-networks", ip))
}
