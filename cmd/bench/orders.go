package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const stdin = 0

// order is what the process that measures wants of a child. Each is answered by one answer.
type order struct {
	Do     string `json:"do"`
	Server string `json:"server,omitempty"`
	Port   int    `json:"port,omitempty"`
	Bytes  int    `json:"bytes,omitempty"`
	Times  int    `json:"times,omitempty"` // how often the text of a message is repeated
	// Players is how many there are in all.
	Players int `json:"players,omitempty"`
}

// answer is what came of an order.
type answer struct {
	Count   int      `json:"count,omitempty"`   // who did, or are, what was asked for
	Missing int      `json:"missing,omitempty"` // who did not
	Last    int64    `json:"last,omitempty"`    // when the last one did
	Bytes   int      `json:"bytes,omitempty"`
	Port    int      `json:"port,omitempty"`
	Errors  []string `json:"errors,omitempty"`
}

// awaiting is an order that is not answered yet: it is when done is true, or later than until; patience if that is 0.
type awaiting struct {
	done   func() bool
	answer func() answer
	until  int64
}

// patience is how long an order of a fleet may take.
const patience = 40 * time.Second

// runFleet obeys orders until there are no more.
func runFleet(first, clients int, out io.Writer) error {
	f, err := newFleet(first, clients)
	if err != nil {
		return err
	}
	f.out = json.NewEncoder(out)
	f.byFile = make([]*client, 1)
	if err := unix.EpollCtl(f.poll, unix.EPOLL_CTL_ADD, stdin, &unix.EpollEvent{Fd: stdin, Events: unix.EPOLLIN}); err != nil {
		return fmt.Errorf("listening for orders: %w", err)
	}
	for {
		if err := f.turn(20 * time.Millisecond); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := f.report(); err != nil {
			return err
		}
	}
}

func (f *fleet) report() error {
	if f.awaits == nil || !f.awaits.done() && now() < f.awaits.until {
		return nil
	}
	a := f.awaits.answer()
	a.Errors, f.errors, f.awaits = f.errors, nil, nil
	return f.out.Encode(a)
}

// obey takes one order; they come one at a time, and each in one piece.
func (f *fleet) obey() error {
	b := make([]byte, 4096)
	n, err := os.Stdin.Read(b)
	if err != nil {
		return err
	}
	var o order
	if err := json.Unmarshal(b[:n], &o); err != nil {
		return fmt.Errorf("reading an order: %w", err)
	}
	f.awaits = f.begin(o)
	if f.awaits.until == 0 {
		f.awaits.until = now() + patience.Nanoseconds()
	}
	return nil
}

// begin does what an order says, and gives what to wait for.
func (f *fleet) begin(o order) *awaiting {
	switch o.Do {
	case "link":
		return f.link(o)
	case "cut":
		for _, c := range f.clients[o.Server] {
			f.hangUp(c)
		}
	case "stall":
		f.stalled = o.Server
	case "recover":
		f.recover(o.Server)
	case "expect":
		f.expect(o.Server)
	case "await":
		return &awaiting{done: func() bool { return f.missing == 0 }, answer: func() answer {
			return answer{Missing: f.missing, Last: f.last, Bytes: f.size}
		}}
	case "quiet":
		began := now()
		return &awaiting{
			done:   func() bool { return now()-max(f.heard, began) > quiet.Nanoseconds() },
			answer: func() answer { return answer{} }, until: began + noisy.Nanoseconds(),
		}
	}
	return &awaiting{done: func() bool { return true }, answer: func() answer { return answer{} }}
}

const (
	// quiet is how long nothing has come once everything that was on its way is there.
	quiet = 60 * time.Millisecond
	// noisy is how long to wait for that: pings of so many servers can go on for seconds.
	noisy = 500 * time.Millisecond
)

// link links all that are not, at once.
func (f *fleet) link(o order) *awaiting {
	var asked []*client
	for _, c := range f.clients[o.Server] {
		if c.stage != apart {
			continue
		}
		asked = append(asked, c)
		if err := f.dial(c, o.Port); err != nil {
			f.lose(c, err)
		}
	}
	return &awaiting{
		done: func() bool { return f.linking == 0 },
		answer: func() answer {
			n := 0
			for _, c := range asked {
				if c.stage == linked {
					n++
				}
			}
			return answer{Count: n, Missing: len(asked) - n, Last: f.last}
		},
	}
}

// recover ends the stall: those who stalled hang up.
func (f *fleet) recover(server string) {
	f.stalled = ""
	for _, c := range f.clients[server] {
		if canStall(c.number) {
			f.hangUp(c)
		}
	}
}

// expect makes all that are linked and read wait for the next message.
func (f *fleet) expect(server string) {
	f.missing = 0
	for _, c := range f.clients[server] {
		c.waits = c.stage == linked && (server != f.stalled || !canStall(c.number))
		if c.waits {
			f.missing++
		}
	}
}
