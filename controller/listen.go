package controller

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
	"syscall"

	"anteroom/playlists"
)

// listener gives what was given, or listens on an address that a flag named.
func listener(ctx context.Context, flag string, given net.Listener, address string) (net.Listener, error) {
	if given != nil {
		return given, nil
	}
	if !canListen(ctx, address) {
		return nil, fmt.Errorf("%w: %s: %q is no address to listen on: write it like 127.0.0.1:8080, or :8080 for every address of this machine", playlists.ErrInvalid, flag, address)
	}
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w%s", flag, err, listenAdvice(address, err))
	}
	return l, nil
}

// canListen reports whether an address has a port, by number or name.
func canListen(ctx context.Context, address string) bool {
	_, port, err := net.SplitHostPort(address)
	if err != nil || port == "" {
		return false
	}
	_, err = net.DefaultResolver.LookupPort(ctx, "tcp", port)
	return err == nil
}

// listenAdvice is what to do about an address that cannot be listened on.
func listenAdvice(address string, err error) string {
	_, port, _ := net.SplitHostPort(address)
	number, _ := strconv.Atoi(port)
	var unknown *net.DNSError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "; another program has the port, perhaps another controller: stop that one, or choose another port"
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.As(err, &unknown):
		return "; it is no address of this machine: choose one that it has, or :" + port + " for every one"
	case errors.Is(err, fs.ErrPermission) && number < 1024:
		return "; ports below 1024 are for root: choose a higher one, and let a reverse proxy have port 443"
	}
	return ""
}

// reachable is an address to type into a browser: "every address" cannot be visited, this machine can.
func reachable(at net.Addr) string {
	tcp, ok := at.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("localhost:%d", tcp.Port)
	}
	return at.String()
}

// wayOut adds to an error about the data directory what to do about it.
func wayOut(data string, err error) error {
	var network *net.OpError
	switch {
	case errors.As(err, &network):
		return err
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("data: %w; all of %s must belong to the user that runs the controller, which is now number %d: run it as the owner, or give it to this user with chown -R", err, data, os.Geteuid())
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("data: %w; %s must be a directory: choose another one", err, data)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("data: %w; the disk can only be read: mount it for writing, or choose another directory", err)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("data: %w; the disk is full: free space there", err)
	}
	return err
}
