// Package disk makes what the controller writes outlast a power cut, whole or not at all.
//
// A file counts once it is synced, and its name once its directory is: without that a rename can come
// back undone.
package disk

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
)

// NewSuffix ends the name of a file that is being written.
const NewSuffix = ".new"

// Write replaces the file at path by b, readable by the owner alone. One goroutine at a time writes to a
// path; what a crash leaves half written is written over by the next.
func Write(path string, b []byte) error {
	temporary := path + NewSuffix
	err := write(temporary, b, os.O_TRUNC)
	if err == nil {
		err = Rename(temporary, path)
	}
	if err == nil {
		return nil
	}
	if removed := os.Remove(temporary); !errors.Is(removed, os.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	return err
}

// WriteNew makes a file that is not there, readable by the owner alone. Its name is durable after
// [SyncDir].
func WriteNew(path string, b []byte) error { return write(path, b, os.O_EXCL) }

func write(path string, b []byte, how int) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|how, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.Write(b); err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// ErrDamaged says that a file does not hold what was written.
var ErrDamaged = errors.New("damaged")

// sumSize is how long the sum before sealed bytes is: CRC-32C in hexadecimal digits, and a space.
const sumSize = 9

func sumOf(b []byte) []byte {
	return fmt.Appendf(nil, "%08x ", crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
}

// Seal puts a sum before the bytes of a file, for [Unseal].
func Seal(b []byte) []byte { return append(sumOf(b), b...) }

// Unseal gives what was sealed; [ErrDamaged] if that is not what it was.
func Unseal(b []byte) ([]byte, error) {
	if len(b) < sumSize || !bytes.Equal(b[:sumSize], sumOf(b[sumSize:])) {
		return nil, ErrDamaged
	}
	return b[sumSize:], nil
}

// Rename moves a file or folder that is durable itself, durably.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(to))
}

// MakeDir makes a folder for its owner alone, durably.
func MakeDir(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// SyncDir makes the names in a directory durable.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
