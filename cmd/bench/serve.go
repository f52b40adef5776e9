package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// listen serves links on a port of its own while it obeys.
func listen(ctx context.Context, h http.Handler, do func(order) (answer, error), in io.Reader, out io.Writer) error {
	var listening net.ListenConfig
	l, err := listening.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	web := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- web.Serve(l) }()
	err = errors.Join(obey(portOf(l), do, in, out), web.Close())
	<-served // it was closed
	return err
}

func portOf(l net.Listener) int {
	at, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0
	}
	return at.Port
}

// obey says on which port a server listens, and answers orders until there are no more.
func obey(port int, do func(order) (answer, error), in io.Reader, out io.Writer) error {
	answers, orders := json.NewEncoder(out), json.NewDecoder(in)
	if err := answers.Encode(answer{Port: port}); err != nil {
		return err
	}
	for {
		var o order
		err := orders.Decode(&o)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading an order: %w", err)
		}
		var a answer
		if o.Do == "tidy" {
			debug.FreeOSMemory()
		} else {
			a, err = do(o)
		}
		if err != nil {
			a.Errors = []string{err.Error()}
		}
		if err := answers.Encode(a); err != nil {
			return err
		}
	}
}

// jam has a server send to those who do not read, until their buffers are full; send gives how many they are.
func jam(send func() int) error {
	const enough, still = 1000, 3 // tries, and how many of them change nothing any more
	last, same := 0, 0
	for range enough {
		peers := send()
		<-time.After(10 * time.Millisecond)
		full, bytes, err := unsent()
		if err != nil {
			return err
		}
		if bytes != last || full < peers {
			last, same = bytes, 0
			continue
		}
		same++
		if same == still {
			return nil
		}
	}
	return errors.New("filling buffers: they never fill")
}

// unsent is how many connections of this process have bytes that the other side has not taken, and how many bytes.
func unsent() (connections, bytes int, err error) {
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0, 0, fmt.Errorf("looking for connections: %w", err)
	}
	for _, f := range files {
		file, err := strconv.Atoi(f.Name())
		if err != nil {
			return 0, 0, fmt.Errorf("looking for connections: %w", err)
		}
		n, err := unix.IoctlGetInt(file, unix.TIOCOUTQ)
		if err != nil || n == 0 {
			continue // no connection, or all is taken
		}
		connections++
		bytes += n
	}
	return connections, bytes, nil
}

func unknown(o order) error { return fmt.Errorf("there is no order %q", o.Do) }
