package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"

	"anteroom/controller/disk"
	"anteroom/playlists"
)

// partName is the file beside a source that has not come whole.
const partName = "part.json"

// noteEvery is after how many bytes what has come is put on the disk and noted: as much is sent again at most after a
// controller was killed.
const noteEvery = 16 << 20

// part is an upload that has not come whole, as its file remembers it. Of a source that is longer, only the
// first Received bytes count.
type part struct {
	ID   string    `json:"id"`
	Name string    `json:"name"`
	By   string    `json:"by"`
	Mark string    `json:"mark"`
	At   time.Time `json:"at"`
	// Size is how many bytes are to come in all, -1 if nobody knows.
	Size     int64 `json:"size"`
	Received int64 `json:"received"`
	// Sum is the state of SHA-256 after them.
	Sum []byte `json:"sum"`
	// Form is known once its beginning has come.
	Form form `json:"form"`
	// Touched is when the last of them came.
	Touched time.Time `json:"touched"`
}

// arrival is an upload that is being received. Whoever took it out of [arrivals] has it alone.
type arrival struct {
	part

	dir string
	sum hash.Hash
	// noted: it goes on after a break; what came by unnoted bytes ago is on the disk.
	noted   bool
	unnoted int64

	// Of [arrivals].
	busy, cancelled bool
	stop            func()
}

func (a *arrival) source() string { return filepath.Join(a.dir, sourceName) }

func (a *arrival) whole() bool { return a.Received == a.Size }

// room is how much of b may be filled next: to the end of what decides its form, and then to its own end.
func (a *arrival) room(b []byte) []byte {
	most := int64(len(b))
	if a.Form == "" {
		most = min(most, headBytes-a.Received)
	}
	if a.Size >= 0 {
		most = min(most, a.Size-a.Received)
	}
	return b[:most]
}

// note puts on the disk what has come so far, and that it has. The source is f.
func (a *arrival) note(f *os.File, now time.Time) error {
	if err := f.Sync(); err != nil {
		return fmt.Errorf("receiving an upload: %w", err)
	}
	a.Touched = now
	state, ok := a.sum.(interface{ MarshalBinary() ([]byte, error) })
	if !a.noted || !ok {
		return nil
	}
	var err error
	if a.Sum, err = state.MarshalBinary(); err != nil {
		return fmt.Errorf("noting an upload: %w", err)
	}
	b, err := json.Marshal(a.part)
	if err != nil {
		return fmt.Errorf("noting an upload: %w", err)
	}
	if err := disk.Write(filepath.Join(a.dir, partName), disk.Seal(b)); err != nil {
		return fmt.Errorf("noting an upload: %w", err)
	}
	a.unnoted = 0
	return nil
}

// job is an arrival that has come whole.
func (a *arrival) job() job {
	return job{
		ID: a.ID, Name: a.Name, By: a.By, Mark: a.Mark, At: a.At, Form: a.Form, Bytes: a.Received,
		Digest: playlists.Digest(hex.EncodeToString(a.sum.Sum(nil))), dir: a.dir,
	}
}

// upload is an arrival as people see it.
func (a *arrival) upload() Upload {
	u := Upload{ID: a.ID, Name: a.Name, By: a.By, At: a.At, State: Receiving, Medium: a.Form.medium(), Bytes: a.Size, Mark: a.Mark}
	u.receive(a.Received)
	return u
}

// remove leaves nothing of it.
func (a *arrival) remove() error {
	return job{dir: a.dir}.remove()
}

// readPart reads what has come of an upload; [os.ErrNotExist] if nothing was noted.
func readPart(dir string) (*arrival, error) {
	b, err := os.ReadFile(filepath.Join(dir, partName))
	if err != nil {
		return nil, err
	}
	a := &arrival{dir: dir, sum: sha256.New(), noted: true}
	if b, err = disk.Unseal(b); err == nil {
		err = json.Unmarshal(b, &a.part)
	}
	if err != nil {
		return nil, fmt.Errorf("reading what has come of it: %w", err)
	}
	state, ok := a.sum.(interface{ UnmarshalBinary(b []byte) error })
	if !ok || a.ID != filepath.Base(dir) || a.Received < 0 || a.Size <= 0 || a.Received > a.Size {
		return nil, errNotWritten
	}
	if err := state.UnmarshalBinary(a.Sum); err != nil {
		return nil, fmt.Errorf("reading what has come of it: %w", err)
	}
	info, err := os.Lstat(a.source())
	switch {
	case err != nil:
		return nil, errors.New("its source is not there: " + err.Error()) // that is not "nothing noted"
	case !info.Mode().IsRegular() || info.Size() < a.Received:
		return nil, fmt.Errorf("its source has %d bytes and should have %d", info.Size(), a.Received)
	}
	return a, nil
}

// head is the beginning of a source.
func head(f *os.File) ([]byte, error) {
	b := make([]byte, headBytes)
	n, err := f.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("receiving an upload: %w", err)
	}
	return b[:n], nil
}
