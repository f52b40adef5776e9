package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sys/unix"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// filmSize is what is fetched, in bytes.
const filmSize = 100_000_000

func measureAssets(ctx context.Context, args []string, stdout io.Writer) (err error) {
	flags := flag.NewFlagSet("assets", flag.ContinueOnError)
	clients := flags.Int("clients", 200, "`number` of clients that fetch it at once")
	rounds := flags.Int("rounds", 5, "`number` of times that they do")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, remove, err := dataDir()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	film, err := enter(ctx, dir, 1, filmSize)
	if err != nil {
		return err
	}
	ours, stopOurs, err := ourAssets(ctx, dir, film)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopOurs()) }()
	nginx, stopNginx, err := startNginx(ctx, dir, film)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopNginx()) }()
	return compare(ctx, stdout, []*origin{ours, nginx}, *clients, *rounds)
}

// origin is a server of the film.
type origin struct {
	name    string
	port    int
	request string
	pids    func() ([]int, error)
}

// ourAssets is the controller, and the film as a player asks for it.
func ourAssets(ctx context.Context, dir string, film playlists.Digest) (*origin, func() error, error) {
	c, err := start(ctx, whole, dir)
	if err != nil {
		return nil, nil, err
	}
	up, err := c.answer()
	if err != nil {
		return nil, nil, errors.Join(err, c.stop())
	}
	token, hangUp, err := bearer(ctx, up.Port)
	if err != nil {
		return nil, nil, errors.Join(err, c.stop())
	}
	return &origin{
		name: "anteroom", port: up.Port, pids: func() ([]int, error) { return []int{c.cmd.Process.Pid}, nil },
		request: "GET " + wire.AssetPath + string(film) + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + token + "\r\n\r\n",
	}, func() error { return errors.Join(hangUp(), c.stop()) }, nil
}

// bearer links player 0 and gives what it may fetch with.
func bearer(ctx context.Context, port int) (token string, hangUp func() error, err error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return "", nil, err
	}
	says := speechOf(whole, 0)
	if _, err := io.WriteString(conn, says.upgrade()); err != nil {
		return "", nil, err
	}
	in := bufio.NewReader(conn)
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		return "", nil, err
	}
	_ = response.Body.Close() // empty
	var b []byte
	for {
		next := make([]byte, 4096)
		n, err := in.Read(next)
		if err != nil {
			return "", nil, fmt.Errorf("linking a player: %w", err)
		}
		b = append(b, next[:n]...)
		for {
			_, payload, rest, ok := cutFrame(b)
			if !ok {
				break
			}
			b = rest
			reply, done, err := says.answer(payload)
			if err != nil {
				return "", nil, err
			}
			if done {
				e, err := wire.Decode(payload)
				return e.Welcome.Bearer.Token, conn.Close, err
			}
			if _, err := conn.Write(frameOf(opText, reply)); err != nil {
				return "", nil, err
			}
		}
	}
}

// nginxConfig has what Debian's own file says of the matter: as many workers as cores, sendfile, tcp_nopush. It keeps
// no log.
const nginxConfig = `daemon off;
worker_processes auto;
pid %[1]s/nginx.pid;
error_log stderr;
events { worker_connections 768; }
http {
	sendfile on;
	tcp_nopush on;
	access_log off;
	default_type video/mp4;
	client_body_temp_path %[1]s/body;
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
	server {
		listen 127.0.0.1:%[2]d;
		location /film { alias %[3]s; }
	}
}
`

// startNginx serves the controller's own file of the film.
func startNginx(ctx context.Context, dir string, film playlists.Digest) (*origin, func() error, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, nil, err
	}
	config := filepath.Join(dir, "nginx.conf")
	file := filepath.Join(dir, "content", string(film[:2]), string(film))
	if err := os.WriteFile(config, fmt.Appendf(nil, nginxConfig, dir, port, file), 0o600); err != nil {
		return nil, nil, err
	}
	for _, readable := range []string{dir, filepath.Dir(filepath.Dir(file)), filepath.Dir(file)} { // by nginx's own user
		if err := os.Chmod(readable, 0o755); err != nil {
			return nil, nil, err
		}
	}
	if err := os.Chmod(file, 0o444); err != nil {
		return nil, nil, err
	}
	version, err := exec.CommandContext(ctx, "nginx", "-v").CombinedOutput()
	if err != nil {
		return nil, nil, fmt.Errorf("asking nginx, of the package nginx, for its version: %w", err)
	}
	cmd := exec.CommandContext(ctx, "nginx", "-c", config)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("starting nginx, of the package nginx: %w", err)
	}
	stop := func() error { return errors.Join(cmd.Process.Signal(unix.SIGTERM), cmd.Wait()) }
	if err := answers(ctx, port); err != nil {
		return nil, nil, errors.Join(err, stop())
	}
	return &origin{
		name: strings.TrimSpace(strings.TrimPrefix(string(version), "nginx version: ")), port: port, request: "GET /film HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
		pids: func() ([]int, error) { return withChildren(cmd.Process.Pid) },
	}, stop, nil
}

func freePort(ctx context.Context) (int, error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return portOf(l), l.Close()
}

// answers waits until something listens.
func answers(ctx context.Context, port int) error {
	var d net.Dialer
	for until := time.Now().Add(10 * time.Second); ; <-time.After(20 * time.Millisecond) {
		conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return conn.Close()
		}
		if time.Now().After(until) {
			return err
		}
	}
}

func withChildren(pid int) ([]int, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	pids := []int{pid}
	for field := range strings.FieldsSeq(string(b)) {
		child, bad := strconv.Atoi(field)
		pids, err = append(pids, child), errors.Join(err, bad)
	}
	return pids, err
}

// used is the processor time that the server's processes have used so far.
func (o *origin) used() (sum time.Duration, err error) {
	pids, err := o.pids()
	for _, pid := range pids {
		t, bad := used(pid)
		sum, err = sum+t, errors.Join(err, bad)
	}
	return sum, err
}

func compare(ctx context.Context, stdout io.Writer, origins []*origin, clients, rounds int) error {
	speed, spent := make([][]float64, len(origins)), make([]times, len(origins))
	for round := range rounds + 1 {
		for turn := range origins {
			i := (turn + round) % len(origins)
			before, first := origins[i].used()
			rate, err := fetchAll(ctx, origins[i], clients)
			after, second := origins[i].used()
			if err := errors.Join(err, first, second); err != nil {
				return fmt.Errorf("%s: %w", origins[i].name, err)
			}
			if round > 0 { // the first warms up
				speed[i], spent[i] = append(speed[i], rate), append(spent[i], after-before)
			}
		}
	}
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "%d bytes to %d clients at once\t%s\t%s\tratio\n", filmSize, clients, origins[0].name, origins[1].name)
	var faster []float64
	for i := range rounds {
		faster = append(faster, speed[0][i]/speed[1][i])
	}
	fmt.Fprintf(table, "MB/s\t%s\t%s\t%s\n", spanOf(speed[0]), spanOf(speed[1]), spanOf(faster))
	fmt.Fprintf(table, "processor time of the server\t%s\t%s\t%s\n", spent[0], spent[1], ratio(spent[0], spent[1]))
	return table.Flush()
}

func spanOf(all []float64) string {
	sorted := slices.Sorted(slices.Values(all))
	return fmt.Sprintf("%.2f (%.2f to %.2f)", sorted[len(sorted)/2], sorted[0], sorted[len(sorted)-1])
}

// fetchAll fetches the film with all clients at once and gives the rate in MB a second. The bytes are counted and
// thrown away by the kernel: what clients cost is taken from the server that they measure.
func fetchAll(ctx context.Context, o *origin, clients int) (float64, error) {
	poll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return 0, err
	}
	defer func() { _ = unix.Close(poll) }()
	left := map[int32]int{} // bytes that are still to come, by socket; negative: the header is
	began := now()
	for range clients {
		file, err := ask(poll, o)
		if err != nil {
			return 0, err
		}
		left[int32(file)] = -1
	}
	buffer := make([]byte, 64<<10)
	for len(left) > 0 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		var events [64]unix.EpollEvent
		n, err := unix.EpollWait(poll, events[:], 1000)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return 0, err
		}
		for _, e := range events[:max(n, 0)] {
			still, err := drain(int(e.Fd), left[e.Fd], buffer)
			if err != nil {
				return 0, err
			}
			if left[e.Fd] = still; still == 0 {
				delete(left, e.Fd)
				_ = unix.Close(int(e.Fd)) // all has come
			}
		}
	}
	return float64(clients) * filmSize / 1e6 / time.Duration(now()-began).Seconds(), nil
}

// ask connects a client and sends its request.
func ask(poll int, o *origin) (file int, err error) {
	file, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	if err := unix.Connect(file, &unix.SockaddrInet4{Port: o.port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, err
	}
	if _, err := unix.Write(file, []byte(o.request)); err != nil {
		return 0, err
	}
	return file, unix.EpollCtl(poll, unix.EPOLL_CTL_ADD, file, &unix.EpollEvent{Fd: int32(file), Events: unix.EPOLLIN})
}

// drain takes what has come, and gives how many bytes are left to come.
func drain(file, left int, buffer []byte) (int, error) {
	if left < 0 {
		return drainHeader(file, buffer)
	}
	const atMost = 4 << 20
	n, _, errno := unix.Syscall6(unix.SYS_RECVFROM, uintptr(file), 0, uintptr(min(left, atMost)), unix.MSG_TRUNC|unix.MSG_DONTWAIT, 0, 0)
	switch {
	case errno == unix.EAGAIN:
		return left, nil
	case errno != 0:
		return 0, errno
	case n == 0:
		return 0, errors.New("the server hung up")
	}
	return left - int(n), nil
}

func drainHeader(file int, buffer []byte) (int, error) {
	n, _, err := unix.Recvfrom(file, buffer, unix.MSG_DONTWAIT)
	if err != nil {
		return 0, err
	}
	header, rest, whole := bytes.Cut(buffer[:n], []byte("\r\n\r\n"))
	if !whole || !bytes.HasPrefix(header, []byte("HTTP/1.1 200 ")) {
		return 0, fmt.Errorf("refused: %.100s", header)
	}
	return filmSize - len(rest), nil
}
