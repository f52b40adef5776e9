package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
)

// readFunc is a reader in one function.
type readFunc func(b []byte) (int, error)

func (f readFunc) Read(b []byte) (int, error) { return f(b) }

// while is r for as long as a context lasts.
func while(ctx context.Context, r io.Reader) io.Reader {
	return readFunc(func(b []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return r.Read(b)
	})
}

// copyFile makes a durable copy that only its owner can read, and gives its size and digest.
func copyFile(ctx context.Context, from, to string) (size int64, digest string, err error) {
	source, err := os.Open(from)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = source.Close() }() // it was only read
	made, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, "", err
	}
	sum := sha256.New()
	size, err = io.Copy(io.MultiWriter(made, sum), while(ctx, source))
	err = errors.Join(err, made.Sync(), made.Close())
	return size, hex.EncodeToString(sum.Sum(nil)), err
}

// sumFile gives the size and digest of a file.
func sumFile(ctx context.Context, path string) (size int64, digest string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	sum := sha256.New()
	size, err = io.Copy(sum, while(ctx, f))
	return size, hex.EncodeToString(sum.Sum(nil)), errors.Join(err, f.Close())
}
