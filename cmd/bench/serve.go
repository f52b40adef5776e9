package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
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
		if err := orders.Decode(&o); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading an order: %w", err)
		}
		a, err := do(o)
		if err != nil {
			a.Errors = []string{err.Error()}
		}
		if err := answers.Encode(a); err != nil {
			return err
		}
	}
}

func unknown(o order) error { return fmt.Errorf("there is no order %q", o.Do) }
