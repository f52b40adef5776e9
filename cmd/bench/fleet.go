package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// bigMessage is the least size of the message that is measured, in bytes; all others are far smaller.
const bigMessage = 3000

const (
	// oneIn is how many peers there are for each that can stall.
	oneIn = 100
	// A peer that can stall has small buffers: the machine's own would hold hundreds of messages that nobody reads.
	stallBuffer  = 4 << 10
	stallSegment = 536
)

// fleet is the clients of one process, all on one thread: what they cost is taken from the servers that they measure.
type fleet struct {
	poll    int
	clients map[string][]*client // by server, by number from first
	first   int
	byFile  []*client
	buffer  []byte
	heard   int64 // when something last came
	linking int   // who are on their way
	missing int   // who have not yet the message that is awaited
	last    int64 // when the last one got it
	size    int   // of the message
	errors  []string
	awaits  *awaiting
	out     *json.Encoder
	stalled string // the server that one in a hundred does not listen to
}

// client is one connection to one server.
type client struct {
	number int
	server string
	says   speech
	file   int
	stage  stage
	rest   []byte // the beginning of what has not come whole
	waits  bool   // for the message
}

// stage is how far a connection has come.
type stage int

const (
	apart stage = iota
	connecting
	upgrading
	greeting
	linked
)

func newFleet(first, clients int) (*fleet, error) {
	poll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("polling: %w", err)
	}
	f := &fleet{poll: poll, first: first, clients: map[string][]*client{}, buffer: make([]byte, 64<<10)}
	for _, server := range []string{ours, whole, theirs} {
		for i := range clients {
			f.clients[server] = append(f.clients[server], &client{number: first + i, server: server, says: speechOf(server, first+i)})
		}
	}
	return f, nil
}

// turn deals with what comes within a while.
func (f *fleet) turn(within time.Duration) error {
	var events [256]unix.EpollEvent
	n, err := unix.EpollWait(f.poll, events[:], int(within.Milliseconds()))
	if err != nil && !errors.Is(err, unix.EINTR) {
		return fmt.Errorf("polling: %w", err)
	}
	for _, e := range events[:max(n, 0)] {
		if e.Fd == stdin {
			if err := f.obey(); err != nil {
				return err
			}
		} else if c := f.byFile[e.Fd]; c != nil {
			f.ready(c)
		}
	}
	return nil
}

func (f *fleet) ready(c *client) {
	if c.server == f.stalled && canStall(c.number) && c.stage == linked {
		return
	}
	if err := f.advance(c); err != nil {
		f.lose(c, err)
	}
}

func (f *fleet) lose(c *client, err error) {
	if c.stage != linked && len(f.errors) < 5 {
		f.errors = append(f.errors, fmt.Sprintf("client %d: %v", c.number, err))
	}
	f.hangUp(c)
}

func (f *fleet) hangUp(c *client) {
	if c.stage == apart {
		return
	}
	if c.waits { // nothing will come any more
		c.waits = false
		f.missing--
	}
	if c.stage != linked {
		f.linking--
	}
	f.byFile[c.file] = nil
	_ = unix.Close(c.file) // a socket that is gone anyway
	c.stage, c.rest = apart, nil
}

func canStall(number int) bool { return number%oneIn == 0 }

// dial begins a connection, from an address of the client's own: real players share none.
func (f *fleet) dial(c *client, port int) error {
	file, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	c.file, c.stage = file, connecting
	f.linking++
	for len(f.byFile) <= file {
		f.byFile = append(f.byFile, nil)
	}
	f.byFile[file] = c
	if err := prepare(c); err != nil {
		return err
	}
	err = unix.Connect(file, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}})
	if err != nil && !errors.Is(err, unix.EINPROGRESS) {
		return err
	}
	return unix.EpollCtl(f.poll, unix.EPOLL_CTL_ADD, file, &unix.EpollEvent{
		Fd: int32(file), Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLET&0xffffffff,
	})
}

func prepare(c *client) error {
	if canStall(c.number) {
		err := errors.Join(unix.SetsockoptInt(c.file, unix.SOL_SOCKET, unix.SO_RCVBUF, stallBuffer),
			unix.SetsockoptInt(c.file, unix.IPPROTO_TCP, unix.TCP_MAXSEG, stallSegment))
		if err != nil {
			return err
		}
	}
	err := unix.SetsockoptInt(c.file, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	if err != nil {
		return err
	}
	return unix.Bind(c.file, &unix.SockaddrInet4{Addr: [4]byte{127, 1, byte(c.number >> 8), byte(c.number)}})
}

// advance deals with what a connection has to say.
func (f *fleet) advance(c *client) error {
	if c.stage == connecting {
		if failed, err := unix.GetsockoptInt(c.file, unix.SOL_SOCKET, unix.SO_ERROR); err != nil || failed != 0 {
			return errors.Join(err, unix.Errno(failed))
		}
		c.stage = upgrading
		if err := c.write([]byte(c.says.upgrade())); err != nil {
			return err
		}
	}
	for {
		n, err := unix.Read(c.file, f.buffer)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return nil
		case err != nil:
			return err
		case n == 0:
			return errors.New("the server hung up")
		}
		f.heard = now()
		if err := f.take(c, f.buffer[:n]); err != nil || n < len(f.buffer) {
			return err
		}
	}
}

func (s speech) upgrade() string {
	request := "GET " + s.path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	if s.subprotocol != "" {
		request += "Sec-WebSocket-Protocol: " + s.subprotocol + "\r\n"
	}
	return request + "\r\n"
}

// write sends what is small enough to find room at once.
func (c *client) write(b []byte) error {
	n, err := unix.Write(c.file, b)
	if err == nil && n < len(b) {
		err = errors.New("no room to write")
	}
	return err
}

// take reads what came, and keeps the rest of it.
func (f *fleet) take(c *client, b []byte) error {
	if len(c.rest) > 0 {
		b = append(c.rest, b...)
	}
	if c.stage == upgrading {
		header, rest, ok := bytes.Cut(b, []byte("\r\n\r\n"))
		if !ok {
			c.rest = bytes.Clone(b)
			return nil
		}
		if !bytes.HasPrefix(header, []byte("HTTP/1.1 101 ")) {
			return fmt.Errorf("refused: %.60s", header)
		}
		b, c.stage = rest, greeting
		if c.says.opening != nil {
			if err := c.write(frameOf(opText, c.says.opening)); err != nil {
				return err
			}
		}
	}
	for {
		opcode, payload, rest, ok := cutFrame(b)
		if !ok {
			break
		}
		if err := f.hear(c, opcode, payload); err != nil {
			return err
		}
		b = rest
	}
	c.rest = nil
	if len(b) > 0 {
		c.rest = bytes.Clone(b)
	}
	return nil
}

// hear deals with a frame.
func (f *fleet) hear(c *client, opcode byte, payload []byte) error {
	switch {
	case opcode == opPing:
		return c.write(frameOf(opPong, payload))
	case opcode == opClose:
		return fmt.Errorf("closed: %.100q", payload)
	case opcode == opPong:
		return nil
	case c.stage == greeting:
		return f.greet(c, payload)
	case len(payload) == len("{}"): // the peer's ping
		return c.write(frameOf(opText, payload))
	case len(payload) >= bigMessage && c.waits:
		c.waits = false
		f.missing--
		f.last, f.size = now(), len(payload)
	}
	return nil
}

func (f *fleet) greet(c *client, frame []byte) error {
	reply, done, err := c.says.answer(frame)
	if err != nil {
		return err
	}
	if done {
		c.stage = linked
		f.linking--
		f.last = now()
		return nil
	}
	return c.write(frameOf(opText, reply))
}

// now is the machine's monotonic clock in nanoseconds, the same in all processes.
func now() int64 {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) // cannot fail for this clock
	return t.Nano()
}
