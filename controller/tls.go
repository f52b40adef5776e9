package controller

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"anteroom/playlists"
)

// lookEvery is how often, at most, the certificate's files are looked at.
const lookEvery = time.Second

// certificate is the controller's own for TLS. It is read again when its files have changed, so that who
// renews it need not restart the controller; a pair that does not fit is passed over until it does.
type certificate struct {
	cert, key string
	log       *slog.Logger

	mu     sync.Mutex
	looked time.Time
	seen   string // what the files looked like when they were last read
	now    *tls.Certificate
}

// openCertificate reads a certificate with its key, both in PEM form; nil without any.
func openCertificate(cert, key string, log *slog.Logger) (*certificate, error) {
	if cert == "" && key == "" {
		return nil, nil
	}
	if cert == "" || key == "" {
		return nil, fmt.Errorf("%w: tls-cert and tls-key go together: name both files or none", playlists.ErrInvalid)
	}
	c := &certificate{cert: cert, key: key, log: log, looked: time.Now(), seen: looks(cert, key)}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate %s with the key %s: %w; both must be in PEM form, the certificate first in its file and those of its authority behind it", cert, key, err)
	}
	c.now = &pair
	return c, nil
}

// listener speaks TLS on l.
func (c *certificate) listener(l net.Listener) net.Listener {
	if c == nil {
		return l
	}
	return tls.NewListener(l, &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.newest(), nil },
	})
}

// newest is the certificate as its files have it now, or had it when they were last sound.
func (c *certificate) newest() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.looked) >= lookEvery {
		c.looked = now
		c.rereadLocked()
	}
	return c.now
}

func (c *certificate) rereadLocked() {
	seen := looks(c.cert, c.key)
	if seen == c.seen {
		return
	}
	c.seen = seen
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		c.log.Warn("certificate not renewed", slog.String("file", c.cert), slog.Any("error", err),
			slog.String("advice", "the one before is used; put certificate and key that belong together in their places"))
		return
	}
	c.now = &pair
	c.log.Info("certificate renewed", slog.String("file", c.cert), slog.Time("until", pair.Leaf.NotAfter))
}

// looks tells files apart from what they were: who renews a certificate writes other files, or other bytes.
func looks(paths ...string) string {
	var all strings.Builder
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			_, _ = fmt.Fprintln(&all, errors.Unwrap(err)) // a builder does not fail
			continue
		}
		var inode uint64
		if stat, ok := info.Sys().(*syscall.Stat_t); ok {
			inode = stat.Ino
		}
		_, _ = fmt.Fprintln(&all, info.Size(), info.ModTime().UnixNano(), inode)
	}
	return all.String()
}
