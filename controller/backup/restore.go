package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"anteroom/controller/content"
	"anteroom/controller/disk"
	"anteroom/playlists"
)

const (
	nameRestoring = ".restoring"
	nameRecord    = "restored.json"
	// maxNamed is how many damaged files an error names.
	maxNamed = 20
)

// Record says of a controller's data that they were restored.
type Record struct {
	// At is the state that came back: what was done between it and the loss is lost, but for the plays that
	// players still have.
	At         time.Time `json:"at"`
	RestoredAt time.Time `json:"restored_at"`
}

// ReadRecord gives the record of a data directory; false if it was never restored.
func ReadRecord(data string) (Record, bool, error) {
	b, err := os.ReadFile(filepath.Join(data, nameRecord))
	if errors.Is(err, fs.ErrNotExist) {
		return Record{}, false, nil
	}
	if err == nil {
		b, err = disk.Unseal(b)
	}
	var r Record
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err != nil {
		return Record{}, false, fmt.Errorf("reading when the controller was restored: %s: %w", nameRecord, err)
	}
	return r, true, nil
}

// Unfinished reports that a restore into a data directory was cut short, and what to do.
func Unfinished(data string) error {
	if !there(filepath.Join(data, nameRestoring)) {
		return nil
	}
	return fmt.Errorf("a restore into %s was cut short: run the same controller restore again", data)
}

// Choose gives the backup that path names: itself, or in a folder of backups the newest. passed are the
// newer ones that were cut short.
func Choose(path string) (dir string, passed []string, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return "", nil, fmt.Errorf("looking for backups: %w", err)
	}
	if _, err := time.Parse(stampLayout, filepath.Base(path)); err == nil {
		return path, nil, nil
	}
	all, err := stamps(path)
	if err != nil {
		return "", nil, fmt.Errorf("looking for backups: %w", err)
	}
	for _, name := range slices.Backward(all) {
		if dir := filepath.Join(path, name); proven(dir) {
			return dir, passed, nil
		}
		passed = append(passed, name)
	}
	why := "there is none in it"
	if len(passed) > 0 {
		why = "what is in it was cut short or failed its trial: " + strings.Join(passed, ", ")
	}
	return "", passed, fmt.Errorf("%w: %s holds no backup: %s", playlists.ErrInvalid, path, why)
}

// Restore puts the backup dir into data, a directory that is empty or not there yet, and returns when that
// is durable. A backup with a wrong byte anywhere is refused, and data is left empty. Run by root, the files
// belong to whom data belongs to.
func Restore(ctx context.Context, dir, data string) (Manifest, error) {
	m, err := read(dir, nameManifest)
	if err != nil {
		return m, err
	}
	if err := makeRoom(data); err != nil {
		return m, fmt.Errorf("restoring into %s: %w", data, err)
	}
	into := filepath.Join(data, nameRestoring)
	if err := unpack(ctx, m, dir, into, put); err != nil {
		return m, errors.Join(fmt.Errorf("restoring: %w; nothing was restored", err), os.RemoveAll(into))
	}
	if err := finish(m, data, into); err != nil {
		return m, fmt.Errorf("restoring into %s: %w", data, err)
	}
	return m, nil
}

// Try restores an untried backup into a directory for as long as its trial lasts: assets are linked where
// the file system can.
func Try(ctx context.Context, dir, into string) (Manifest, error) {
	m, err := read(dir, nameUntried)
	if err != nil {
		return m, err
	}
	return m, unpack(ctx, m, dir, into, linkOrPut)
}

// makeRoom makes data, or checks that there is nothing in it but what a restore that was cut short left.
func makeRoom(data string) error {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(data)
	if err != nil || len(entries) == 0 {
		return err
	}
	if Unfinished(data) == nil {
		return fmt.Errorf("%w: there is something in it already, such as %s: choose an empty directory", playlists.ErrInvalid, entries[0].Name())
	}
	for _, name := range []string{nameStore, nameContent, nameRecord, nameKey, nameRestoring} {
		if err := os.RemoveAll(filepath.Join(data, name)); err != nil {
			return err
		}
	}
	return nil
}

// unpack copies all files of a backup to into, which it makes, and holds them against the manifest.
func unpack(ctx context.Context, m Manifest, dir, into string, asset assetFunc) error {
	if err := disk.MakeDir(into); err != nil {
		return err
	}
	if err := disk.MakeDir(filepath.Join(into, nameStore)); err != nil {
		return err
	}
	assets, err := content.Open(filepath.Join(into, nameContent))
	if err != nil {
		return err
	}
	var wrong []string
	for i := range m.Files {
		file := &m.Files[i]
		var size int64
		var digest string
		if file.isAsset() {
			size, digest, err = asset(ctx, assets, file.in(dir), playlists.Digest(file.SHA256))
		} else {
			size, digest, err = copyFile(ctx, file.in(dir), filepath.Join(into, filepath.FromSlash(file.Path)))
		}
		if errors.Is(err, fs.ErrNotExist) {
			err, digest = nil, ""
		}
		if err != nil {
			return err
		}
		if size != file.Bytes || digest != file.SHA256 {
			wrong = append(wrong, file.in(dir))
		}
	}
	if len(wrong) > 0 {
		return damagedFiles(wrong)
	}
	return disk.SyncDir(filepath.Join(into, nameStore))
}

func damagedFiles(paths []string) error {
	more := ""
	if len(paths) > maxNamed {
		more = fmt.Sprintf(" and %d more", len(paths)-maxNamed)
		paths = paths[:maxNamed]
	}
	return fmt.Errorf("%w: these files are missing or not what was backed up: %s%s", ErrDamaged, strings.Join(paths, ", "), more)
}

// assetFunc brings an asset from a backup and gives the size and digest of what came.
type assetFunc func(ctx context.Context, to *content.Content, from string, d playlists.Digest) (int64, string, error)

func put(ctx context.Context, to *content.Content, from string, _ playlists.Digest) (size int64, digest string, err error) {
	f, err := os.Open(from)
	if err != nil {
		return 0, "", err
	}
	var got playlists.Digest
	got, size, err = to.Put(ctx, f)
	return size, string(got), errors.Join(err, f.Close())
}

func linkOrPut(ctx context.Context, to *content.Content, from string, d playlists.Digest) (size int64, digest string, err error) {
	path := to.Path(d)
	if path == "" {
		return 0, "", nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return 0, "", err
	}
	if os.Link(from, path) != nil {
		return put(ctx, to, from, d)
	}
	return sumFile(ctx, path)
}

// finish moves what is whole to where the controller looks for it, the key last: without it no controller
// starts on a store.
func finish(m Manifest, data, into string) error {
	record, err := json.Marshal(Record{At: m.At, RestoredAt: time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	err = disk.WriteNew(filepath.Join(into, nameRecord), disk.Seal(record))
	if err == nil {
		err = giveTo(data, into)
	}
	if err == nil {
		err = disk.SyncDir(into)
	}
	for _, name := range []string{nameStore, nameContent, nameRecord, nameKey} {
		if err == nil {
			err = disk.Rename(filepath.Join(into, name), filepath.Join(data, name))
		}
	}
	if err != nil {
		return err
	}
	return errors.Join(os.Remove(into), disk.SyncDir(data))
}

// giveTo lets all that is in into belong to whom data belongs to, if we are root and that is another.
func giveTo(data, into string) error {
	info, err := os.Stat(data)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || os.Geteuid() != 0 || owner.Uid == 0 {
		return nil
	}
	return filepath.WalkDir(into, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(owner.Uid), int(owner.Gid))
	})
}
