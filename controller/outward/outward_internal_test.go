package outward

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

func TestWhereOneMayGo(t *testing.T) {
	networks := []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16"), netip.MustParsePrefix("fd00:20::/32")}
	tests := []struct {
		address string
		may     bool
		what    string
	}{
		{"93.184.216.34:443", true, "public"},
		{"93.184.216.34:8443", true, "public, another port"},
		{"172.15.255.255:80", true, "before the private ones"},
		{"172.32.0.1:80", true, "behind the private ones"},
		{"[2606:2800:220:1::1]:443", true, "public, version 6"},
		{"[::ffff:93.184.216.34]:443", true, "public, mapped"},
		{"10.20.3.4:80", true, "named"},
		{"[::ffff:10.20.3.4]:80", true, "named, mapped"},
		{"[::ffff:a14:304]:80", true, "named, mapped, in hexadecimal"},
		{"[fd00:20::5]:80", true, "named, version 6"},
		{"[fd00:20::5%eth0]:80", true, "named, with a zone"},

		{"10.21.3.4:80", false, "private"},
		{"10.0.0.0:80", false, "private, the first"},
		{"172.16.0.1:443", false, "private"},
		{"172.31.255.255:443", false, "private, the last"},
		{"192.168.1.1:443", false, "private"},
		{"[::ffff:192.168.1.1]:443", false, "private, mapped"},
		{"[::ffff:c0a8:101]:443", false, "private, mapped, in hexadecimal"},
		{"[0:0:0:0:0:ffff:10.21.3.4]:80", false, "private, mapped, written out"},
		{"[fd00::1]:443", false, "unique local"},
		{"[fc00::1]:443", false, "unique local"},
		{"[fdff:ffff::1]:443", false, "unique local, the last"},
		{"[fec0::1]:443", false, "site-local"},

		{"127.0.0.1:443", false, "loopback"},
		{"127.255.255.254:443", false, "loopback, the last"},
		{"[::1]:443", false, "loopback, version 6"},
		{"[0:0:0:0:0:0:0:1]:443", false, "loopback, written out"},
		{"[::ffff:127.0.0.1]:443", false, "loopback, mapped"},
		{"[::ffff:7f00:1]:443", false, "loopback, mapped, in hexadecimal"},
		{"[::127.0.0.1]:443", false, "loopback, compatible"},
		{"[64:ff9b::7f00:1]:443", false, "loopback, translated"},
		{"[64:ff9b:1::7f00:1]:443", false, "loopback, translated in the house"},
		{"[2002:7f00:1::]:80", false, "loopback, tunnelled"},
		{"[2001:0:7f00:1::]:80", false, "loopback, as Teredo's server"},
		{"0.0.0.0:80", false, "unspecified"},
		{"0.1.2.3:80", false, "this network"},
		{"[::]:80", false, "unspecified, version 6"},
		{"[::ffff:0.0.0.0]:80", false, "unspecified, mapped"},

		{"169.254.169.254:80", false, "a cloud's data of a machine"},
		{"[::ffff:169.254.169.254]:80", false, "the same, mapped"},
		{"[64:ff9b::a9fe:a9fe]:80", false, "the same, translated"},
		{"[fd00:ec2::254]:80", false, "the same, version 6"},
		{"169.254.170.2:80", false, "a container's data"},
		{"168.63.129.16:80", false, "another cloud's"},
		{"100.100.100.200:80", false, "another cloud's"},
		{"192.0.0.192:80", false, "another cloud's"},
		{"169.254.0.1:443", false, "link-local"},
		{"[fe80::1]:443", false, "link-local, version 6"},
		{"[fe80::1%eth0]:443", false, "link-local, with a zone"},
		{"100.64.0.1:80", false, "a provider's"},
		{"100.127.255.255:80", false, "a provider's, the last"},
		{"198.18.0.1:80", false, "for benchmarks"},
		{"224.0.0.1:80", false, "multicast"},
		{"239.255.255.250:1900", false, "multicast"},
		{"[ff02::1]:80", false, "multicast, version 6"},
		{"240.0.0.1:80", false, "reserved"},
		{"255.255.255.255:80", false, "broadcast"},
		{"elsewhere", false, "no address"},
		{"", false, "nothing"},
	}
	for _, tt := range tests {
		if err := mayDial(tt.address, networks); (err == nil) != tt.may {
			t.Errorf("%s, %s: got %v, want %v", tt.address, tt.what, err, tt.may)
		}
	}
}

// names is a name server that answers everything with one address.
type names struct{ address atomic.Value }

func newNames(address string) *names {
	n := &names{}
	n.address.Store(address)
	return n
}

// resolver asks the name server without a network.
func (n *names) resolver(t *testing.T) *net.Resolver {
	t.Helper()
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go n.serve(ours)
		return theirs, nil
	}}
}

// serve answers as over TCP: each message behind its length.
func (n *names) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	for {
		var length [2]byte
		if _, err := io.ReadFull(c, length[:]); err != nil {
			return
		}
		question := make([]byte, int(length[0])<<8|int(length[1]))
		if _, err := io.ReadFull(c, question); err != nil {
			return
		}
		answer, err := n.answer(question)
		if err != nil {
			return
		}
		if _, err := c.Write(append([]byte{byte(len(answer) >> 8), byte(len(answer))}, answer...)); err != nil {
			return
		}
	}
}

func (n *names) answer(question []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil {
		return nil, err
	}
	m.Response, m.Additionals = true, nil
	if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
		address, _ := n.address.Load().(string)
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
			Body:   &dnsmessage.AResource{A: netip.MustParseAddr(address).As4()},
		}}
	}
	return m.Pack()
}

// secret is a server that nobody may reach, and counts who did.
func secret(t *testing.T, address string) (port string, reached *atomic.Int64) {
	t.Helper()
	reached = new(atomic.Int64)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		t.Skip("this machine has no ", address)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	server.Listener = l
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			reached.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	_, port, err = net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, reached
}

// get asks an address, and gives the status of the answer.
func get(t *testing.T, c *http.Client, address string) (int, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0, err
	}
	response, err := c.Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// However somebody writes this machine, it is not reached. Names and numbers that the machine reads in its own
// way are all given as loopback by the name server here.
func TestNoSpellingReachesThisMachine(t *testing.T) {
	for _, own := range []string{"127.0.0.1", "::1"} {
		port, reached := secret(t, own)
		client := newClient(&net.Dialer{Resolver: newNames("127.0.0.1").resolver(t)}, nil, 5)
		for _, host := range []string{
			"127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "127.0.0.1.",
			"0", "0.0.0.0", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::1%25lo]",
			"localhost", "LOCALHOST", "localhost.", "localhost.localdomain", "127.0.0.1.nip.example", "harmless.example", "ada@127.0.0.1",
			"example.org@127.0.0.1", "%31%32%37.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1",
		} {
			if _, err := get(t, client, "http://"+host+":"+port+"/"); err == nil {
				t.Errorf("%s: an answer, want none", host)
			}
		}
		if n := reached.Load(); n != 0 {
			t.Errorf("%s was reached %d times", own, n)
		}
	}
}

// The name is at first where one may go, and then it is not.
func TestANameLeadsNowhereElse(t *testing.T) {
	port, _ := secret(t, "127.0.0.1")
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.2:"+port)
	if err != nil {
		t.Skip("this machine has no second address of its own")
	}
	defer func() { _ = l.Close() }()
	var reached atomic.Int64
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			reached.Add(1)
			_ = c.Close()
		}
	}()
	n := newNames("127.0.0.1")
	client := newClient(&net.Dialer{Resolver: n.resolver(t)}, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, 0)
	if _, err := get(t, client, "http://calendar.example:"+port+"/"); err != nil {
		t.Fatalf("where one may go: %v", err)
	}
	n.address.Store("127.0.0.2")
	_, err = get(t, client, "http://calendar.example:"+port+"/")
	if r, ok := Refused(err); !ok || !strings.Contains(string(r), "127.0.0.2") {
		t.Errorf("after the name has moved: got %v, want it refused", err)
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("where it led was reached %d times", n)
	}
}

func TestRedirects(t *testing.T) {
	port, reached := secret(t, "127.0.0.2")
	mux := http.NewServeMux()
	lead := func(from, to string) {
		mux.HandleFunc(from, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) })
	}
	mux.HandleFunc("/there", func(http.ResponseWriter, *http.Request) {})
	lead("/moved", "/there")
	lead("/round", "/round")
	lead("/away", "http://127.0.0.2:"+port+"/")
	lead("/name", "http://localhost.:"+port+"/")
	lead("/twice", "/away")
	lead("/file", "file:///etc/passwd")
	server := httptest.NewServer(mux)
	defer server.Close()
	n := newNames("127.0.0.2")
	follow := newClient(&net.Dialer{Resolver: n.resolver(t)}, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, 5)
	stay := NewClient([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, 0)
	tests := []struct {
		path   string
		client *http.Client
		status int    // of the answer
		want   string // of the error
	}{
		{"/there", follow, http.StatusOK, ""},
		{"/moved", follow, http.StatusOK, ""},
		{"/round", follow, 0, "more than 5 times"},
		{"/away", follow, 0, "127.0.0.2, within the house"},
		{"/name", follow, 0, "within the house"},
		{"/twice", follow, 0, "127.0.0.2, within the house"},
		{"/file", follow, 0, "unsupported protocol"},
		{"/there", stay, http.StatusOK, ""},
		{"/moved", stay, http.StatusFound, ""},
		{"/away", stay, http.StatusFound, ""},
	}
	for _, tt := range tests {
		status, err := get(t, tt.client, server.URL+tt.path)
		if tt.want == "" && (err != nil || status != tt.status) {
			t.Errorf("%s: got %d, %v, want %d", tt.path, status, err, tt.status)
		}
		if tt.want != "" && !strings.Contains(fmt.Sprint(err), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.path, err, tt.want)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("where one may not go was reached %d times", n)
	}
}

func TestRedirectsStayWithTLS(t *testing.T) {
	at := func(address string) *http.Request {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		return &http.Request{URL: u}
	}
	for _, tt := range []struct {
		from, to string
		may      bool
	}{
		{"https://example.org/a", "https://example.net/b", true},
		{"http://example.org/a", "https://example.net/b", true},
		{"http://example.org/a", "http://example.net/b", true},
		{"https://example.org/a", "http://example.org/a", false},
	} {
		if err := mayFollow(at(tt.to), []*http.Request{at(tt.from)}, 5); (err == nil) != tt.may {
			t.Errorf("%s to %s: got %v, want %v", tt.from, tt.to, err, tt.may)
		}
	}
}
