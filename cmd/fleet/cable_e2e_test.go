//go:build e2e

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// cable leads to a network namespace of its own, in which a player lives. This side's end has a namespace, too: browsers
// give up what they load when an address of their own machine comes or goes.
type cable struct {
	t           *testing.T
	near, space string // the namespaces of this side's end and of the player's
	here, there string // addresses
	elsewhere   string // a further address of this side's
	names       *net.Resolver

	mu      sync.Mutex
	dialled []uint16 // local ports
}

// needNetworks skips what this machine cannot do, and says why.
func needNetworks(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: only root makes network namespaces; run the tests as root")
	}
	for _, tool := range []string{"ip", "nft", "tc"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("SKIPPED: %v; run .ci/setup.sh test", err)
		}
	}
	probe := fmt.Sprint("anteroom-probe-", os.Getpid())
	if out, err := exec.Command("ip", "netns", "add", probe).CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: this machine makes no network namespaces: %v: %s", err, out)
	}
	_ = exec.Command("ip", "netns", "del", probe).Run()
}

// layCable makes the n-th namespace of this process.
func layCable(t *testing.T, n int) *cable {
	t.Helper()
	subnet := fmt.Sprintf("10.%d.%d.", 100+os.Getpid()%100, n)
	c := &cable{t: t, space: fmt.Sprintf("ar%d-%d", os.Getpid()%100000, n), here: subnet + "1", there: subnet + "2", elsewhere: subnet + "3"}
	c.near = c.space + "-near"
	t.Cleanup(func() {
		_ = exec.Command("ip", "netns", "del", c.space).Run()
		_ = exec.Command("ip", "netns", "del", c.near).Run()
	})
	c.do("ip", "netns", "add", c.near)
	c.do("ip", "netns", "add", c.space)
	c.outside("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", c.space)
	c.outside("ip", "addr", "add", c.here+"/24", "dev", "eth0")
	c.outside("ip", "link", "set", "eth0", "up")
	c.inside("ip", "addr", "add", c.there+"/24", "dev", "eth0")
	c.inside("ip", "link", "set", "eth0", "up")
	c.inside("ip", "link", "set", "lo", "up")
	return c
}

func (c *cable) do(command ...string) {
	c.t.Helper()
	if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
		c.t.Fatalf("%s: %v: %s", strings.Join(command, " "), err, out)
	}
}

func (c *cable) inside(command ...string) {
	c.t.Helper()
	c.do(append([]string{"ip", "netns", "exec", c.space}, command...)...)
}

func (c *cable) outside(command ...string) {
	c.t.Helper()
	c.do(append([]string{"ip", "netns", "exec", c.near}, command...)...)
}

// listen waits for connections at an address of this side's end.
func (c *cable) listen(address string) net.Listener {
	c.t.Helper()
	listener, err := within(c.near, func() (net.Listener, error) { return net.Listen("tcp", address) })
	if err != nil {
		c.t.Fatal(err)
	}
	return listener
}

// drop loses packets that match, in both directions; an empty match is all.
func (c *cable) drop(in, out string) {
	c.t.Helper()
	c.inside("nft", "add table inet fault")
	for hook, match := range map[string]string{"input": in, "output": out} {
		c.inside("nft", fmt.Sprintf("add chain inet fault %s { type filter hook %s priority 0; }", hook, hook))
		c.inside("nft", fmt.Sprintf("add rule inet fault %s %s drop", hook, match))
	}
}

func (c *cable) heal() { c.inside("nft", "delete table inet fault") }

// throttle lets through so many bits a second, in both directions.
func (c *cable) throttle(rate string) {
	c.t.Helper()
	shape := []string{"root", "tbf", "rate", rate, "burst", "1600", "latency", "5s"}
	c.outside(append([]string{"tc", "qdisc", "add", "dev", "eth0"}, shape...)...)
	c.inside(append([]string{"tc", "qdisc", "add", "dev", "eth0"}, shape...)...)
}

func (c *cable) unthrottle() {
	c.outside("tc", "qdisc", "del", "dev", "eth0", "root")
	c.inside("tc", "qdisc", "del", "dev", "eth0", "root")
}

// dial connects from within the namespace.
func (c *cable) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if c.names != nil && net.ParseIP(host) == nil {
		found, err := c.names.LookupNetIP(ctx, "ip4", host)
		if err != nil {
			return nil, err
		}
		host = found[0].String()
	}
	conn, err := within(c.space, func() (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, net.JoinHostPort(host, port))
	})
	if err == nil {
		c.mu.Lock()
		c.dialled = append(c.dialled, conn.LocalAddr().(*net.TCPAddr).AddrPort().Port())
		c.mu.Unlock()
	}
	return conn, err
}

// open is the set of the local ports of all connections so far, as nft writes it.
func (c *cable) open() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	ports := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(c.dialled)), ","), "[]")
	return "{" + ports + "}"
}

// within runs do on a thread that is in a namespace: what is opened there stays there.
func within[T any](space string, do func() (T, error)) (T, error) {
	type opened struct {
		it  T
		err error
	}
	done := make(chan opened, 1)
	go func() {
		runtime.LockOSThread()
		home, err := enter(space)
		if err != nil {
			done <- opened{err: err} // still locked: a thread in the wrong place ends with its goroutine
			return
		}
		it, err := do()
		// Ending the thread each time would kill whatever it had started: a controller, say, that is to die with its
		// parent, and for the kernel the parent is a thread.
		if failed := home(); failed != nil {
			done <- opened{it, errors.Join(err, failed)}
			return
		}
		runtime.UnlockOSThread()
		done <- opened{it, err}
	}()
	o := <-done
	return o.it, o.err
}

// enter takes this thread into a namespace; home brings it back.
func enter(space string) (home func() error, err error) {
	from, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return nil, err
	}
	to, err := os.Open("/var/run/netns/" + space)
	if err != nil {
		return nil, errors.Join(err, from.Close())
	}
	if err := errors.Join(unix.Setns(int(to.Fd()), unix.CLONE_NEWNET), to.Close()); err != nil {
		return nil, errors.Join(err, from.Close())
	}
	return func() error { return errors.Join(unix.Setns(int(from.Fd()), unix.CLONE_NEWNET), from.Close()) }, nil
}

// answersWith is a name server at the cable's end that answers every name with what ip gives.
func (c *cable) answersWith(ip func() string) {
	c.t.Helper()
	socket, err := within(c.near, func() (net.PacketConn, error) { return net.ListenPacket("udp4", net.JoinHostPort(c.here, "5353")) })
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { socket.Close() })
	go func() {
		buffer := make([]byte, 1500)
		for {
			n, from, err := socket.ReadFrom(buffer)
			if err != nil {
				return
			}
			if reply := answerName(buffer[:n], ip()); reply != nil {
				_, _ = socket.WriteTo(reply, from)
			}
		}
	}()
	c.names = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return within(c.space, func() (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "udp4", net.JoinHostPort(c.here, "5353"))
		})
	}}
}

// answerName answers the one question of a DNS query (RFC 1035, section 4) with an address.
func answerName(query []byte, ip string) []byte {
	end := 12
	for end < len(query) && query[end] != 0 {
		end += 1 + int(query[end])
	}
	end += 5
	if end > len(query) {
		return nil
	}
	reply := append([]byte{}, query[:end]...)
	copy(reply[2:12], []byte{0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0})
	if query[end-3] != 1 { // not an A record
		return reply
	}
	reply[7] = 1
	reply = append(reply, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
	return append(reply, net.ParseIP(ip).To4()...)
}

// mode is what a gate does with connections.
type mode int

const (
	passing  mode = iota // to the controller
	breaking             // to the controller, for a while
	captive              // to the portal
)

// gate is a proxy before the controller.
type gate struct {
	listener      net.Listener
	to            string
	captives      chan net.Conn
	good, strange *tls.Certificate // nil: without TLS

	mu    sync.Mutex
	mode  mode
	conns []net.Conn
}

func openGate(t testing.TB, listener net.Listener, to string, behind http.Handler) *gate {
	t.Helper()
	g := &gate{listener: listener, to: to, captives: make(chan net.Conn)}
	server := &http.Server{Handler: behind, ReadHeaderTimeout: time.Minute, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	t.Cleanup(func() {
		listener.Close()
		server.Close()
		g.set(passing)
	})
	go func() { _ = server.Serve(captiveListener{g}) }()
	go g.run()
	return g
}

// captiveListener gives the portal its visitors.
type captiveListener struct{ *gate }

func (c captiveListener) Accept() (net.Conn, error) {
	conn, ok := <-c.captives
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}
func (c captiveListener) Close() error   { return nil }
func (c captiveListener) Addr() net.Addr { return c.listener.Addr() }

// set changes what becomes of connections, and cuts those that are open.
func (g *gate) set(m mode) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.mode = m
	for _, c := range g.conns {
		_ = c.Close()
	}
	g.conns = nil
}

func (g *gate) is() mode {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.mode
}

func (g *gate) run() {
	defer close(g.captives)
	for {
		conn, err := g.listener.Accept()
		if err != nil {
			return
		}
		m := g.is()
		g.mu.Lock()
		g.conns = append(g.conns, conn)
		g.mu.Unlock()
		shows := g.good
		if m == captive {
			shows = g.strange
		}
		if shows != nil {
			conn = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{*shows}})
		}
		if m == captive {
			g.captives <- conn
			continue
		}
		go g.pass(conn, m)
	}
}

// pass joins a connection to the controller until either end has enough, or, while breaking, for as long as chance
// allows.
func (g *gate) pass(conn net.Conn, m mode) {
	defer conn.Close()
	far, err := net.Dial("tcp", g.to)
	if err != nil {
		return
	}
	defer far.Close()
	ended := make(chan struct{}, 3)
	bytes := int64(math.MaxInt64)
	if m == breaking {
		bytes = rand.Int64N(6000)
		timer := time.AfterFunc(time.Duration(rand.Int64N(int64(3*time.Second))), func() { ended <- struct{}{} })
		defer timer.Stop()
	}
	for _, way := range [][2]net.Conn{{conn, far}, {far, conn}} {
		go func() {
			_, _ = io.CopyN(way[0], way[1], bytes)
			ended <- struct{}{}
		}()
	}
	<-ended
}

// portalPage is what a captive portal shows; none of it may ever be on a player's disk.
const portalPage = "<!DOCTYPE html><title>Guest network</title><p>PORTAL-PAGE: please accept our terms"

// portal answers every request with a page, or sends it to one.
func portal(status int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if status/100 == 3 {
			w.Header().Set("Location", "http://portal.example/login")
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(portalPage))
	})
}

// foreign fails if anything of the portal's is in a directory.
func foreign(t *testing.T, dir string) {
	t.Helper()
	out, err := exec.Command("grep", "-rlF", "PORTAL-PAGE", dir).Output()
	if files := strings.Fields(string(out)); len(files) > 0 {
		t.Errorf("the portal's page is in %v", slices.Compact(files))
	} else if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Errorf("looking for the portal's page: %v", err)
	}
}
