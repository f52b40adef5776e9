package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"anteroom/controller/disk"
	"anteroom/playlists"
)

// What lies in an upload's directory, besides what a conversion makes.
const (
	sourceName = "source"
	jobName    = "job.json"
)

// mostTries is how often a conversion is begun that ends with the controller each time.
const mostTries = 3

// job is an upload that has been received whole. Until it has ended, the upload is still to be converted, by
// whichever controller comes next; then its file is all that is kept, so that whoever sent it can still ask.
type job struct {
	ID   string    `json:"id"`
	Name string    `json:"name"`
	By   string    `json:"by"`
	Mark string    `json:"mark,omitempty"`
	At   time.Time `json:"at"`
	Form form      `json:"form"`
	// Bytes of the source, and their digest.
	Bytes  int64            `json:"bytes"`
	Digest playlists.Digest `json:"digest"`
	// Tries counts the conversions that were begun and not called off by a stop.
	Tries int `json:"tries"`
	// Ended is the upload as it ended.
	Ended *Upload `json:"ended,omitempty"`

	dir string
}

func (j job) source() string { return filepath.Join(j.dir, sourceName) }

// waiting is the job as an upload that waits for its turn.
func (j job) waiting() Upload {
	u := Upload{ID: j.ID, Name: j.Name, By: j.By, At: j.At, Medium: j.Form.medium(), Bytes: j.Bytes, Received: j.Bytes, Mark: j.Mark}
	u.wait()
	return u
}

// write puts the job file in place, whole or not at all, and on the disk before it returns.
func (j job) write() error {
	b, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("noting an upload: %w", err)
	}
	if err := disk.Write(filepath.Join(j.dir, jobName), disk.Seal(b)); err != nil {
		return fmt.Errorf("noting an upload: %w", err)
	}
	return nil
}

// verify holds the source against what was received: it may have waited on the disk for long.
func (j job) verify(ctx context.Context) error {
	f, err := os.Open(j.source())
	if err != nil {
		return fmt.Errorf("reading an upload: %w", err)
	}
	sum := sha256.New()
	_, err = io.Copy(sum, while{ctx.Err, f})
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("reading an upload: %w", err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != string(j.Digest) {
		return refuse("The file was damaged on the controller's disk before it was converted. Upload it again; tell your administrator to look at the disk.")
	}
	return nil
}

// while is a reader that gives bytes until its context ends.
type while struct {
	over func() error
	r    io.Reader
}

// Read implements [io.Reader].
func (w while) Read(b []byte) (int, error) {
	if err := w.over(); err != nil {
		return 0, err
	}
	return w.r.Read(b)
}

// keep makes a received upload last: from here on it survives any end of the controller.
func (j job) keep() error {
	if err := j.write(); err != nil {
		return err
	}
	if err := disk.SyncDir(filepath.Dir(j.dir)); err != nil {
		return fmt.Errorf("noting an upload: %w", err)
	}
	return nil
}

// end leaves of an upload only how it ended, and nothing of one that was refused before it was kept.
func (j job) end(u Upload) error {
	if _, err := os.Lstat(filepath.Join(j.dir, jobName)); err != nil {
		return j.remove()
	}
	j.Ended = &u
	if err := j.write(); err != nil {
		return errors.Join(err, j.remove())
	}
	return j.tidy()
}

// tidy removes what a conversion has made, and leaves the upload until it has ended.
func (j job) tidy() error {
	entries, err := os.ReadDir(j.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != jobName && (e.Name() != sourceName || j.Ended != nil) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(j.dir, e.Name())))
		}
	}
	return err
}

// remove removes what notes it first: without that, the next start removes what is left.
func (j job) remove() error {
	return errors.Join(removeFile(filepath.Join(j.dir, jobName)), removeFile(filepath.Join(j.dir, partName)), os.RemoveAll(j.dir))
}

func removeFile(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

var errNotWritten = errors.New("its job is not one that was written")

// readJob reads the job of a directory; [os.ErrNotExist] if it holds none.
func readJob(dir string) (job, error) {
	b, err := os.ReadFile(filepath.Join(dir, jobName))
	if err != nil {
		return job{}, err
	}
	j := job{dir: dir}
	if b, err = disk.Unseal(b); err == nil {
		err = json.Unmarshal(b, &j)
	}
	if err != nil {
		return job{}, fmt.Errorf("reading its job: %w", err)
	}
	if u := j.Ended; u != nil {
		if j.ID != filepath.Base(dir) || u.ID != j.ID || !u.finished() {
			return job{}, errNotWritten
		}
		return j, nil
	}
	info, err := os.Lstat(j.source())
	switch {
	case err != nil:
		return job{}, errors.New("its source is not there: " + err.Error()) // that is not "no job"
	case j.ID != filepath.Base(dir) || j.Form.medium() == "" || j.Tries < 0:
		return job{}, errNotWritten
	case !info.Mode().IsRegular() || info.Size() != j.Bytes:
		return job{}, fmt.Errorf("its source has %d bytes and should have %d", info.Size(), j.Bytes)
	}
	return j, nil
}

// resume finds the uploads in dir that wait or have ended, oldest first, and those of which a part has come, and removes
// everything else there.
func resume(dir string, log *slog.Logger) (jobs []job, parts []*arrival, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		j, found := readJob(path)
		if found == nil {
			err = errors.Join(err, j.tidy())
			jobs = append(jobs, j)
			continue
		}
		if errors.Is(found, os.ErrNotExist) {
			var a *arrival
			if a, found = readPart(path); found == nil {
				parts = append(parts, a)
				continue
			}
		}
		if e.IsDir() && !errors.Is(found, os.ErrNotExist) {
			log.Warn("damaged upload removed", slog.String("upload", e.Name()), slog.Any("error", found))
		}
		err = errors.Join(err, os.RemoveAll(path))
	}
	slices.SortFunc(jobs, func(a, b job) int {
		if order := a.At.Compare(b.At); order != 0 {
			return order
		}
		return strings.Compare(a.ID, b.ID)
	})
	return jobs, parts, err
}
