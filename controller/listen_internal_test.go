package controller

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"syscall"
	"testing"

	"anteroom/playlists"
)

func TestWhatToDoAboutAnAddress(t *testing.T) {
	taken, err := listener(t.Context(), "listen", nil, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, test := range []struct {
		address, says string
		misuse        bool
	}{
		{"", "write it like 127.0.0.1:8080", true},
		{"8080", "write it like", true},
		{"127.0.0.1", "write it like", true},
		{"127.0.0.1:", "write it like", true},
		{"127.0.0.1:99999", "write it like", true},
		{"127.0.0.1:nonsense", "write it like", true},
		{taken.Addr().String(), "another program has the port, perhaps another controller: stop that one, or choose another port", false},
		{"192.0.2.1:8080", "it is no address of this machine: choose one that it has, or :8080 for every one", false},
	} {
		l, err := listener(t.Context(), "metrics", nil, test.address)
		if err == nil {
			l.Close()
			t.Errorf("%q: it listens", test.address)
			continue
		}
		if !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "metrics: ") || errors.Is(err, playlists.ErrInvalid) != test.misuse {
			t.Errorf("%q: got %v, want words with %q", test.address, err, test.says)
		}
	}
}

func TestWhatToDoAboutADirectory(t *testing.T) {
	at := func(err error) error {
		return fmt.Errorf("opening: %w", &fs.PathError{Op: "open", Path: "/data/x", Err: err})
	}
	for _, test := range []struct {
		what string
		err  error
		says string
	}{
		{"another's directory", at(syscall.EACCES), "/data must belong to the user that runs the controller"},
		{"a file", at(syscall.ENOTDIR), "/data must be a directory"},
		{"a disk that can only be read", at(syscall.EROFS), "mount it for writing"},
		{"a full disk", at(syscall.ENOSPC), "free space there"},
		{"a port that only root may have", &net.OpError{Op: "listen", Err: syscall.EACCES}, "listen: permission denied"},
	} {
		got := wayOut("/data", test.err)
		if !strings.Contains(got.Error(), test.says) || !errors.Is(got, test.err) {
			t.Errorf("%s: got %v, want words with %q", test.what, got, test.says)
		}
	}
	advice := listenAdvice(":80", &net.OpError{Op: "listen", Err: syscall.EACCES})
	if !strings.Contains(advice, "ports below 1024 are for root") {
		t.Errorf("port 80: got %q", advice)
	}
}
