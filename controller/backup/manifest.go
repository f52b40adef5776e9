package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// format is the form of manifests that this code writes, and the newest that it reads.
const format = 1

// The names in a folder of backups.
const (
	nameLock     = "lock"
	nameContent  = "content"
	nameManifest = "manifest"
	nameUntried  = "manifest.untried" // until the trial has passed
	nameKey      = "controller.key"
	nameStore    = "store"
)

// stampLayout names a backup by its moment in UTC.
const stampLayout = "2006-01-02T150405Z"

// ErrDamaged says that a backup is not what it was when it was made.
var ErrDamaged = errors.New("damaged")

// Manifest lists all that a backup holds.
type Manifest struct {
	Format int `json:"format"`
	// At is when copying began: what the controller took in later is not in it.
	At      time.Time `json:"at"`
	Version string    `json:"version"` // of the program that made it
	Files   []File    `json:"files"`
}

// File is a file of a backup.
type File struct {
	// Path is where it goes in the controller's data, "store/documents.db".
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// isAsset reports whether the file lies with the assets of all backups.
func (f *File) isAsset() bool { return strings.HasPrefix(f.Path, nameContent+"/") }

// in is where the file lies if the backup is dir.
func (f *File) in(dir string) string {
	if f.isAsset() {
		dir = filepath.Dir(dir)
	}
	return filepath.Join(dir, filepath.FromSlash(f.Path))
}

// sealWords begin the first line of a manifest; the digest of all that follows the line ends it.
const sealWords = "Anteroom backup. SHA-256 of what follows: "

func (m *Manifest) encode() ([]byte, error) {
	body, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the manifest: %w", err)
	}
	return slices.Concat([]byte(sealWords+digestOf(body)+"\n"), body), nil
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func decode(b []byte) (Manifest, error) {
	seal, body, _ := bytes.Cut(b, []byte("\n"))
	if string(seal) != sealWords+digestOf(body) {
		return Manifest{}, fmt.Errorf("%w: its bytes are not those that were written", ErrDamaged)
	}
	var m Manifest
	if err := json.Unmarshal(body, &m); err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if m.Format > format {
		return Manifest{}, fmt.Errorf("it has format %d, this program reads %d: use the program that made it, version %s", m.Format, format, m.Version)
	}
	for i := range m.Files {
		if !filepath.IsLocal(filepath.FromSlash(m.Files[i].Path)) {
			return Manifest{}, fmt.Errorf("%w: it names the file %q", ErrDamaged, m.Files[i].Path)
		}
	}
	return m, nil
}

// read reads the manifest of the backup dir, under its name before or after the trial.
func read(dir, name string) (Manifest, error) {
	path := filepath.Join(dir, name)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, fmt.Errorf("%s is no backup: it was cut short, or failed its trial, and has no manifest; choose another", dir)
	}
	if err != nil {
		return Manifest{}, fmt.Errorf("reading a backup: %w", err)
	}
	m, err := decode(b)
	if err != nil {
		return Manifest{}, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}
