package controllertest_test

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"anteroom/controller/controllertest"
)

// connect gives both ends of a connection.
func connect(t *testing.T, n *controllertest.Network) (near, far net.Conn) {
	t.Helper()
	accepted := make(chan net.Conn, 1)
	go func() {
		c, err := n.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- c
	}()
	near, err := n.Dial(t.Context(), "tcp", "controller:80")
	if err != nil {
		t.Fatal(err)
	}
	return near, <-accepted
}

func TestSilenceLooksLikeNothingAtAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := controllertest.NewNetwork()
		near, far := connect(t, n)
		n.Silence()
		if _, err := near.Write([]byte("hello?")); err != nil {
			t.Errorf("writing into the silence: %v", err)
		}
		if err := far.Close(); err != nil {
			t.Error(err)
		}
		if err := near.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Error(err)
		}
		start := time.Now()
		if _, err := near.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("got %v after %v, want nothing for a minute", err, time.Since(start))
		}
		near.Close()
	})
}

func TestCutIsNoticedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := controllertest.NewNetwork()
		near, far := connect(t, n)
		n.Cut()
		for _, c := range []net.Conn{near, far} {
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("got %v, want a broken connection", err)
			}
		}
	})
}

func TestDownRefusesDials(t *testing.T) {
	n := controllertest.NewNetwork()
	n.SetDown(true)
	if _, err := n.Dial(t.Context(), "tcp", "controller:80"); !errors.Is(err, controllertest.ErrDown) {
		t.Errorf("got %v, want ErrDown", err)
	}
	if n.Dials() != 1 {
		t.Errorf("got %d dials, want 1", n.Dials())
	}
}
