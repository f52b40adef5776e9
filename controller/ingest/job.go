package ingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"anteroom/controller/disk"
)

// What lies in an upload's directory, besides what a conversion makes.
const (
	sourceName = "source"
	jobName    = "job.json"
)

// mostTries is how often a conversion is begun that ends with the controller each time.
const mostTries = 3

// job is an upload that has been received whole. While its file lies beside its source, the upload
// is still to be converted, by whichever controller comes next.
type job struct {
	ID   string    `json:"id"`
	Name string    `json:"name"`
	By   string    `json:"by"`
	At   time.Time `json:"at"`
	Form form      `json:"form"`
	// Bytes of the source.
	Bytes int64 `json:"bytes"`
	// Tries counts the conversions that were begun and not called off by a stop.
	Tries int `json:"tries"`

	dir string
}

func (j job) source() string { return filepath.Join(j.dir, sourceName) }

// waiting is the job as an upload that waits for its turn.
func (j job) waiting() Upload {
	u := Upload{ID: j.ID, Name: j.Name, By: j.By, At: j.At, Medium: j.Form.medium()}
	u.wait()
	return u
}

// write puts the job file in place, whole or not at all, and on the disk before it returns.
func (j job) write() error {
	b, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("noting an upload: %w", err)
	}
	if err := disk.Write(filepath.Join(j.dir, jobName), b); err != nil {
		return fmt.Errorf("noting an upload: %w", err)
	}
	return nil
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

// tidy removes what a conversion has made, and leaves the upload.
func (j job) tidy() error {
	entries, err := os.ReadDir(j.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != sourceName && e.Name() != jobName {
			err = errors.Join(err, os.RemoveAll(filepath.Join(j.dir, e.Name())))
		}
	}
	return err
}

// remove removes the job first: without it, what is left counts as half received.
func (j job) remove() error {
	return errors.Join(removeFile(filepath.Join(j.dir, jobName)), os.RemoveAll(j.dir))
}

func removeFile(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// readJob reads the job of a directory; [os.ErrNotExist] if it holds none.
func readJob(dir string) (job, error) {
	b, err := os.ReadFile(filepath.Join(dir, jobName))
	if err != nil {
		return job{}, err
	}
	j := job{dir: dir}
	if err := json.Unmarshal(b, &j); err != nil {
		return job{}, fmt.Errorf("reading its job: %w", err)
	}
	info, err := os.Lstat(j.source())
	switch {
	case err != nil:
		return job{}, errors.New("its source is not there: " + err.Error()) // that is not "no job"
	case j.ID != filepath.Base(dir) || j.Form.medium() == "" || j.Tries < 0:
		return job{}, errors.New("its job is not one that was written")
	case !info.Mode().IsRegular() || info.Size() != j.Bytes:
		return job{}, fmt.Errorf("its source has %d bytes and should have %d", info.Size(), j.Bytes)
	}
	return j, nil
}

// resume finds the uploads that wait in dir, oldest first, and removes everything else there.
func resume(dir string, log *slog.Logger) ([]job, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var jobs []job
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		j, found := readJob(path)
		if found == nil {
			err = errors.Join(err, j.tidy())
			jobs = append(jobs, j)
			continue
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
	return jobs, err
}
