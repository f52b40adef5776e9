package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
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

// writeFile makes a durable file that only its owner can read.
func writeFile(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

// rename moves a file or folder that is durable itself, durably.
func rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncDir(filepath.Dir(to))
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// makeDir makes a folder for its owner alone, durably.
func makeDir(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}
