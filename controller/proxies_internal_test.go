package controller

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func trusted(networks ...string) proxies {
	var p proxies
	for _, n := range networks {
		p = append(p, netip.MustParsePrefix(n))
	}
	return p
}

func TestWhoAsksBehindProxies(t *testing.T) {
	inside := trusted("127.0.0.1/32", "10.20.0.0/16", "fd00::/8")
	for _, test := range []struct {
		what   string
		trust  proxies
		remote string
		header []string
		want   string
	}{
		{"nobody is trusted", nil, "203.0.113.9:4000", []string{"198.51.100.1"}, "203.0.113.9:4000"},
		{"somebody without a proxy lies", inside, "203.0.113.9:4000", []string{"198.51.100.1"}, "203.0.113.9:4000"},
		{"one proxy", inside, "127.0.0.1:4000", []string{"203.0.113.9"}, "203.0.113.9:0"},
		{"two proxies", inside, "127.0.0.1:4000", []string{"203.0.113.9, 10.20.1.1"}, "203.0.113.9:0"},
		{"two proxies, a header each", inside, "127.0.0.1:4000", []string{"203.0.113.9", "10.20.1.1"}, "203.0.113.9:0"},
		{"the client wrote a header first", inside, "127.0.0.1:4000", []string{"198.51.100.1, 203.0.113.9"}, "203.0.113.9:0"},
		{"the client names a proxy of ours", inside, "127.0.0.1:4000", []string{"10.20.1.1, 127.0.0.1, 203.0.113.9"}, "203.0.113.9:0"},
		{"the client names itself in another header", inside, "127.0.0.1:4000", []string{"198.51.100.1", "203.0.113.9"}, "203.0.113.9:0"},
		{"a proxy that is not ours", inside, "127.0.0.1:4000", []string{"203.0.113.9, 192.0.2.7"}, "192.0.2.7:0"},
		{"the proxy asks for itself", inside, "127.0.0.1:4000", nil, "127.0.0.1:4000"},
		{"somebody beside the proxy", inside, "127.0.0.1:4000", []string{"10.20.9.9"}, "10.20.9.9:0"},
		{"an empty header", inside, "127.0.0.1:4000", []string{""}, "127.0.0.1:4000"},
		{"an empty end", inside, "127.0.0.1:4000", []string{"203.0.113.9, "}, "127.0.0.1:4000"},
		{"no address", inside, "127.0.0.1:4000", []string{"unknown"}, "127.0.0.1:4000"},
		{"no address behind a hop", inside, "127.0.0.1:4000", []string{"<script>, 10.20.1.1"}, "10.20.1.1:0"},
		{"with a port", inside, "127.0.0.1:4000", []string{"203.0.113.9:51000"}, "203.0.113.9:0"},
		{"IPv6", inside, "[fd00::1]:4000", []string{"2001:db8::9"}, "[2001:db8::9]:0"},
		{"IPv6 in brackets", inside, "[fd00::1]:4000", []string{"[2001:db8::9]"}, "[2001:db8::9]:0"},
		{"IPv6 with a port", inside, "[fd00::1]:4000", []string{"[2001:db8::9]:51000"}, "[2001:db8::9]:0"},
		{"IPv4 in IPv6", inside, "[::ffff:127.0.0.1]:4000", []string{"::ffff:203.0.113.9"}, "203.0.113.9:0"},
		{"IPv4 in IPv6 as a hop", inside, "127.0.0.1:4000", []string{"203.0.113.9, ::ffff:10.20.1.1"}, "203.0.113.9:0"},
		{"a peer with a zone", trusted("fe80::/10"), "[fe80::1%eth0]:4000", []string{"203.0.113.9"}, "203.0.113.9:0"},
		{"a peer without an address", inside, "@", []string{"203.0.113.9"}, "@"},
		{"very many hops", inside, "127.0.0.1:4000", []string{"203.0.113.9" + strings.Repeat(", 10.20.1.1", 5000)}, "203.0.113.9:0"},
	} {
		t.Run(test.what, func(t *testing.T) {
			if got := test.trust.asks(test.remote, test.header); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestNobodyChoosesTheirAddress: whatever somebody writes into the header, behind a proxy that adds the
// address it sees, they are that address.
func TestNobodyChoosesTheirAddress(t *testing.T) {
	p := trusted("10.0.0.0/8")
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.OneOf(
			rapid.SampledFrom([]string{"10.0.0.1", "203.0.113.1", "", ",", "::1", "unknown", "10.0.0.1:80", "[", "for=10.0.0.1"}),
			rapid.String(),
		)).Draw(t, "header")
		header := slices.Concat(parts, []string{"198.51.100.7"})
		if rapid.Bool().Draw(t, "joined") {
			header = []string{strings.Join(header, ", ")}
		}
		if got := p.asks("10.0.0.9:1", header); got != "198.51.100.7:0" {
			t.Errorf("%q makes somebody at 198.51.100.7 be %s", header, got)
		}
	})
}

func TestTheRequestThatWasGivenStays(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	r.RemoteAddr = "10.0.0.9:1"
	r.Header.Set("X-Forwarded-For", "203.0.113.9")
	var saw string
	trusted("10.0.0.0/8").behind(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { saw = r.RemoteAddr })).ServeHTTP(httptest.NewRecorder(), r)
	if saw != "203.0.113.9:0" || r.RemoteAddr != "10.0.0.9:1" {
		t.Errorf("the handler saw %s, and the server's request says %s", saw, r.RemoteAddr)
	}
}
