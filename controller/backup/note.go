package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"anteroom/controller/disk"
)

// nameNotes is the file of a controller's data that says how its backups went.
const nameNotes = "backups.json"

// Note is how an attempt at a backup ended.
type Note struct {
	// At is the moment whose state the backup shows; of one that failed, when it was tried.
	At time.Time `json:"at"`
	// Dir is where it lies, on the machine that made it.
	Dir    string `json:"dir"`
	Bytes  int64  `json:"bytes,omitempty"`
	Assets int    `json:"assets,omitempty"`
	// Error is why it is no backup.
	Error string `json:"error,omitempty"`
}

// Notes are the newest backup that counts, restored on trial as all that count, and the newest attempt since
// that failed. Each is nil if there is none.
type Notes struct {
	Last   *Note `json:"last,omitempty"`
	Failed *Note `json:"failed,omitempty"`
}

// ReadNotes gives the notes of a data directory.
func ReadNotes(data string) (Notes, error) {
	var n Notes
	b, err := os.ReadFile(filepath.Join(data, nameNotes))
	if errors.Is(err, fs.ErrNotExist) {
		return n, nil
	}
	if err == nil {
		b, err = disk.Unseal(b)
	}
	if err == nil {
		err = json.Unmarshal(b, &n)
	}
	if err != nil {
		return Notes{}, fmt.Errorf("reading how backups went: %s: %w", nameNotes, err)
	}
	return n, nil
}

// Keep adds how an attempt ended to the notes of a data directory. Notes that are damaged begin anew.
func Keep(data string, note Note) error {
	n, err := ReadNotes(data)
	if err != nil {
		n = Notes{}
	}
	if note.Error == "" {
		n = Notes{Last: &note}
	} else {
		n.Failed = &note
	}
	b, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("encoding how backups went: %w", err)
	}
	path := filepath.Join(data, nameNotes)
	if err := errors.Join(disk.Write(path, disk.Seal(b)), giveTo(data, path)); err != nil {
		return fmt.Errorf("noting how the backup went: %w", err)
	}
	return nil
}
