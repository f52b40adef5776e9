// Package disk writes files whole or not at all.
//
// A power cut at any moment leaves the old file or the new one: temporary file, sync, rename, sync of
// the directory (without the last, a rename came back undone).
package disk

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Write replaces the file at path by data, readable by the owner alone. One goroutine at a time writes to
// a path; what a crash leaves half written is written over by the next.
func Write(path string, data []byte) error {
	temp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".temp")
	err := writeSynced(temp, data)
	if err == nil {
		err = Rename(temp, path)
	}
	if err == nil {
		return nil
	}
	if removed := os.Remove(temp); !errors.Is(removed, os.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	return fmt.Errorf("writing %s: %w", path, err)
}

// ErrDamaged says that a file does not hold what was written.
var ErrDamaged = errors.New("damaged")

// sumSize is how long the sum before sealed data is, in bytes: CRC-32C in hexadecimal digits, and a space.
const sumSize = 9

func sumOf(data []byte) []byte {
	return fmt.Appendf(nil, "%08x ", crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)))
}

// WriteSealed replaces the file at path by data behind a sum of it, for [ReadSealed].
func WriteSealed(path string, data []byte) error {
	return Write(path, append(sumOf(data), data...))
}

// ReadSealed gives what [WriteSealed] wrote; [ErrDamaged] if the file holds anything else.
func ReadSealed(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(b) < sumSize || !bytes.Equal(b[:sumSize], sumOf(b[sumSize:])) {
		return nil, fmt.Errorf("reading %s: %w", path, ErrDamaged)
	}
	return b[sumSize:], nil
}

func writeSynced(path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err = file.Write(data); err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// Rename moves a file that is already synced to path, and returns once that is durable.
func Rename(from, path string) error {
	if err := os.Rename(from, path); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// SyncDir makes the names in dir durable.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// MakeDir makes dir and what lies above it, for the owner alone, durably. On a disk that has become read-only
// it is enough that dir is there: nothing that needs it can be made any more.
func MakeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := SyncDir(filepath.Dir(dir)); !errors.Is(err, unix.EROFS) {
		return err
	}
	return nil
}

// Reread makes what is next read from the file at path come from the disk. After a failed sync the kernel
// may hold something else (https://wiki.postgresql.org/wiki/Fsync_Errors).
func Reread(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	if err = file.Sync(); err == nil {
		err = unix.Fadvise(int(file.Fd()), 0, 0, unix.FADV_DONTNEED)
	}
	return errors.Join(err, file.Close())
}
