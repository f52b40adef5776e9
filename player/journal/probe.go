package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"anteroom/playlists"
)

// Probe reads a day file whole: structure, checksums, numbers and chain. [ErrDamaged] says that it cannot
// be believed; any other error is about reading it, and says nothing of what is in it. A damaged file can
// kill the process that reads it: a child does this, see [ProbeMain].
func Probe(path string) error { return probe(path, 0) }

// guard is the address space behind a file that belongs to nothing else, in bytes, while a child probes it: more
// than a damaged position and two damaged sizes, of 32 bits each, lead away from it. Without it they may lead to
// other memory of the child's, look well, and kill whoever opens the file next.
const guard = 16 << 30

func probe(path string, space int) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() == 0 { // bbolt would write to it
		return fmt.Errorf("%w: it is empty", ErrDamaged)
	}
	db, err := openDB(path, true, false, space)
	if err != nil {
		return openError(err)
	}
	d := day{path: path, db: db}
	err = db.View(func(tx *bolt.Tx) error {
		if err := reach(tx); err != nil {
			return err
		}
		var found error
		for problem := range tx.Check() { // to the end: bbolt waits for whoever listens
			if found == nil {
				found = fmt.Errorf("%w: %w", ErrDamaged, problem)
			}
		}
		if found == nil {
			found = d.readMeta(tx)
		}
		return found
	})
	if err == nil {
		err = d.verify()
	}
	return errors.Join(err, d.close())
}

// reach looks for a page that claims to reach beyond the file: bbolt's check would believe it, and take minutes
// and gigabytes for the pages that it should have.
func reach(tx *bolt.Tx) error {
	for id := 2; ; id++ { // behind the headers
		p, err := tx.Page(id)
		if err != nil || p == nil {
			return err
		}
		if p.Type == "free" {
			continue
		}
		if last, err := tx.Page(id + p.OverflowCount); err != nil || last == nil {
			return errors.Join(fmt.Errorf("%w: page %d claims to be %d pages long", ErrDamaged, id, p.OverflowCount+1), err)
		}
		id += p.OverflowCount
	}
}

// openError tells damage from a file that is in use or cannot be read.
func openError(err error) error {
	var at *os.PathError
	var system syscall.Errno
	if errors.Is(err, bolterrors.ErrTimeout) || errors.As(err, &at) || errors.As(err, &system) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

// verify follows numbers and chain from the first play to the last.
func (d *day) verify() error {
	at := meta{Last: d.meta.First - 1, After: d.meta.Before}
	err := d.plays(0, func(p *playlists.Play) (bool, error) {
		if firstOf(p) != at.Last+1 {
			return false, fmt.Errorf("%w: play %d after %d", ErrDamaged, p.Seq, at.Last)
		}
		at.follow(p)
		return true, nil
	})
	if err != nil {
		return err
	}
	if at.Last != d.meta.Last || !bytes.Equal(at.After, d.meta.After) {
		return fmt.Errorf("%w: the plays end at %d, not at %d with the chain that is noted", ErrDamaged, at.Last, d.meta.Last)
	}
	_, err = d.waiting()
	return err
}

// hopeless is how often in a row a file may refuse to be read before it counts as damaged: a bad sector
// does not heal, a cable may.
const hopeless = 12

// patient is a probe that calls a file damaged which the disk has refused to read again and again.
func patient(probe func(path string) error) func(path string) error {
	refused := map[string]int{}
	return func(path string) error {
		err := probe(path)
		if errors.Is(err, ErrDamaged) || !errors.Is(err, syscall.EIO) && !errors.Is(err, errKilled) {
			delete(refused, path)
			return err
		}
		refused[path]++
		if refused[path] < hopeless {
			return err
		}
		return fmt.Errorf("%w: refused %d times: %w", ErrDamaged, refused[path], err)
	}
}

// The lines by which a probing child speaks to its parent.
const (
	lineBegins  = "probe begins"
	lineSound   = "probe sound"
	lineDamaged = "probe damaged: "
	lineRefused = "probe refused: " // by the disk
	lineFailed  = "probe failed: "
)

// ProbeMain is the whole of the child process that [ProbeWith] runs: it probes path and writes what it
// found for its parent.
func ProbeMain(path string, out io.Writer) error {
	if _, err := fmt.Fprintln(out, lineBegins); err != nil {
		return err
	}
	err := probe(path, guard)
	verdict := lineSound
	switch {
	case errors.Is(err, ErrDamaged):
		verdict = lineDamaged + err.Error()
	case errors.Is(err, syscall.EIO):
		verdict = lineRefused + err.Error()
	case err != nil:
		verdict = lineFailed + err.Error()
	}
	_, err = fmt.Fprintln(out, strings.ReplaceAll(verdict, "\n", "; "))
	return err
}

// probePatience is how long a child may read a file: some damage makes that take for ever.
const probePatience = time.Minute

// ProbeWith gives a probe for [Config.Probe] that runs a child process: command, with the path as its last
// argument, must end in [ProbeMain] with its standard output. A child that crashes or hangs has met damage;
// one that could not be started or was killed says nothing about the file.
func ProbeWith(command ...string) func(path string) error {
	return func(path string) error {
		ctx, cancel := context.WithTimeout(context.Background(), probePatience)
		defer cancel()
		child := exec.CommandContext(ctx, command[0], slices.Concat(command[1:], []string{path})...)
		var said, cried bytes.Buffer
		child.Stdout, child.Stderr = &said, &cried
		err := child.Run()
		if ctx.Err() != nil {
			return fmt.Errorf("%w: reading it takes longer than %v", ErrDamaged, probePatience)
		}
		return verdict(said.String(), cried.String(), err)
	}
}

var (
	errNoProbe = errors.New("the file could not be probed")
	errKilled  = errors.New("its probe was killed, perhaps for want of memory")
)

// verdict reads what a child said, cried on standard error and ended with.
func verdict(said, cried string, ended error) error {
	rest, begun := strings.CutPrefix(said, lineBegins+"\n")
	line, _, _ := strings.Cut(rest, "\n")
	word, why, _ := strings.Cut(line, ": ")
	var exit *exec.ExitError
	switch {
	case !begun:
		return fmt.Errorf("the child process did not begin: %w: %.200s", errors.Join(errNoProbe, ended), cried)
	case line == lineSound:
		return nil
	case word+": " == lineDamaged:
		return fmt.Errorf("%w: %s", ErrDamaged, why)
	case word+": " == lineRefused:
		return fmt.Errorf("%w: %w: %s", errNoProbe, syscall.EIO, why)
	case word+": " == lineFailed:
		return fmt.Errorf("%w: %s", errNoProbe, why)
	case errors.As(ended, &exit) && exit.ExitCode() < 0 && strings.Contains(exit.String(), "killed"):
		return errKilled
	}
	first, _, _ := strings.Cut(cried, "\n")
	return fmt.Errorf("%w: reading it ends the process: %.200s", ErrDamaged, first)
}
