package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"anteroom/player/disk"
	"anteroom/playlists"
)

// How the files are called in which runs write their steps down before the journal is open.
const (
	earlyPrefix = "early-"
	earlySuffix = ".jsonl"
)

// early is where steps are written down before the journal is open: the first picture does not wait for
// it, and yet must be known after the process was killed. The file is not synced; a power cut may take it.
type early struct {
	mu   sync.Mutex
	file *os.File
	next uint64 // the number of the first step that is not in it
}

// written is a step in such a file.
type written struct {
	N    uint64          `json:"n"`
	Turn uint64          `json:"turn,omitempty"`
	Mark *mark           `json:"mark,omitempty"`
	Play *playlists.Play `json:"play,omitempty"`
	Lost *lost           `json:"lost,omitempty"`
	Live bool            `json:"live,omitempty"`
}

// Secure makes what was noted outlast this process: durable once the files are open, written down before.
func (j *Journal) Secure() error {
	if !j.up.Load() {
		if done, err := j.writeDown(); done {
			return err
		}
	}
	return j.Commit()
}

// writeDown writes what waits into this run's early file; false if some of it is on its way to the journal.
func (j *Journal) writeDown() (bool, error) {
	e := &j.early
	e.mu.Lock()
	defer e.mu.Unlock()
	ops, ok := j.queue.from(e.next)
	if !ok || len(ops) == 0 {
		return ok, nil
	}
	if err := e.open(j.cfg.Dir, j.run); err != nil {
		return true, err
	}
	var b bytes.Buffer
	for i, o := range ops {
		enc, err := json.Marshal(written{e.next + uint64(i), o.turn, o.mark, o.play, o.lost, o.live})
		if err != nil {
			return true, err
		}
		fmt.Fprintf(&b, "\n%08x %s", checksum(nil, enc), enc)
	}
	if _, err := e.file.Write(append(b.Bytes(), '\n')); err != nil {
		return true, fmt.Errorf("writing plays down: %w", err)
	}
	e.next += uint64(len(ops))
	return true, nil
}

func (e *early) open(dir, run string) error {
	if e.file != nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("writing plays down: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, earlyPrefix+run+earlySuffix), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("writing plays down: %w", err)
	}
	e.file = file
	return nil
}

// forget removes this run's file once all that is in it is durable: the first done steps are.
func (e *early) forget(done uint64) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.file == nil || e.next > done {
		return nil
	}
	file := e.file
	e.file = nil
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// takeEarlyLocked takes in what earlier runs wrote down and never committed. Each file counts once: the
// commit is signed with its run and says how many of its steps are in, and nobody else commits before the
// file is gone for good.
func (j *Journal) takeEarlyLocked() error {
	names, err := j.earlier()
	if err != nil || len(names) == 0 {
		return err
	}
	for _, name := range names {
		run := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(name), earlyPrefix), earlySuffix)
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		steps, damaged := readWritten(b)
		if damaged != nil {
			j.cfg.Log.Warn("plays written down before the journal was open are damaged", slog.String("file", name), slog.Any("error", damaged))
			j.cfg.damaged(name)
		}
		if err := j.takeInLocked(run, steps, errors.Is(damaged, ErrDamaged)); err != nil {
			return err
		}
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	if j.cfg.NoSync {
		return nil
	}
	return disk.SyncDir(j.cfg.Dir)
}

// earlier lists the files of earlier runs.
func (j *Journal) earlier() ([]string, error) {
	all, err := filepath.Glob(filepath.Join(j.cfg.Dir, earlyPrefix+"*"+earlySuffix))
	var names []string
	for _, name := range all {
		if filepath.Base(name) != earlyPrefix+j.run+earlySuffix {
			names = append(names, name)
		}
	}
	return names, err
}

// takeInLocked applies the steps of a run that the newest file lacks; a gap stands for what some of them were
// lost of.
func (j *Journal) takeInLocked(run string, steps []written, lost bool) error {
	head := j.head()
	from, next := uint64(0), uint64(0)
	if head.meta.Run == run {
		from = head.meta.Ops
	}
	if len(steps) > 0 {
		next = steps[len(steps)-1].N + 1
	}
	if next <= from && (!lost || from > 0) {
		return nil
	}
	j.cfg.Log.Info("plays taken in that were written down before the journal was open", slog.Int("steps", len(steps)))
	return head.update(func(w *writer) error {
		for _, s := range steps {
			o := op{s.Turn, s.Mark, s.Play, s.Lost, s.Live}
			if s.N < from {
				continue
			}
			if err := o.applyLocked(j, w); err != nil {
				return err
			}
		}
		w.meta.Run, w.meta.Ops = run, max(next, 1)
		if !lost {
			return nil
		}
		return w.add(j.lostPlay("what the player wrote down before its journal was open was damaged: plays of it may be lost", 1))
	})
}

// dropEarlyLocked throws away what earlier runs wrote down: what of it was committed is not known any more.
func (j *Journal) dropEarlyLocked() error {
	names, err := j.earlier()
	for _, name := range names {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

var errTorn = errors.New("its last line is torn")

// readWritten reads steps, ascending; lines that cannot be believed are left out. [ErrDamaged] says that some are
// missing; of a last line that was not written to its end nobody knows more than that.
func readWritten(b []byte) (steps []written, err error) {
	next := uint64(0)
	for line := range bytes.Lines(b) {
		text, whole := bytes.CutSuffix(line, []byte("\n"))
		if len(text) == 0 {
			continue
		}
		s, ok := readLine(text)
		switch {
		case !ok && !whole:
			if err == nil {
				err = errTorn
			}
		case !ok:
			err = fmt.Errorf("%w: a line after step %d", ErrDamaged, next)
		case s.N >= next:
			if s.N > next {
				err = fmt.Errorf("%w: step %d follows step %d", ErrDamaged, s.N, next)
			}
			steps, next = append(steps, s), s.N+1
		}
	}
	return steps, err
}

func readLine(text []byte) (s written, ok bool) {
	sum, enc, _ := bytes.Cut(text, []byte{' '})
	if string(sum) != fmt.Sprintf("%08x", checksum(nil, enc)) {
		return s, false
	}
	return s, json.Unmarshal(enc, &s) == nil
}
