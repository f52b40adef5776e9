package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"anteroom/controller/store"
)

// ErrHeader is damage to one of a file's two headers alone. All values are sound, but the last
// transaction may be gone: the other header may be the one before it.
var ErrHeader = fmt.Errorf("%w: one of its two headers", store.ErrDamaged)

// Probe reads all of a file: headers, pages, ledger and the checksum of every value. What is wrong
// with the file is [store.ErrDamaged]; any other error is about reading it.
//
// A damaged file may crash the process that reads it, by a panic in a goroutine of bbolt's or by a
// signal. Therefore a child process does this, see [ProbeMain].
func Probe(path string) error { return probe(path, 0) }

// guard is the address space behind a file that belongs to nothing else, in bytes, while a child probes it: more
// than a damaged position and two damaged sizes, of 32 bits each, lead away from it. Without it they may lead to
// other memory of the child's, look well, and kill whoever opens the file next.
const guard = 16 << 30

func probe(path string, space int) (err error) {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("probing: %w", err)
	}
	if info.Size() == 0 {
		return fmt.Errorf("probing %s: %w: it is empty", path, store.ErrDamaged)
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("probing %s: %w: reading it panics: %v", path, store.ErrDamaged, r)
		}
	}()
	b, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, ReadOnly: true, NoStatistics: true, InitialMmapSize: space, PreLoadFreelist: true})
	if err != nil {
		return fmt.Errorf("probing %s: %w", path, openError(err))
	}
	pageSize := int64(b.Info().PageSize)
	err = errors.Join(b.View(examine), b.Close())
	if err == nil {
		err = headers(path, pageSize)
	}
	if err != nil {
		return fmt.Errorf("probing %s: %w", path, err)
	}
	return nil
}

// openError tells damage from a file that is in use or cannot be read.
func openError(err error) error {
	var at *os.PathError
	if errors.Is(err, bbolterrors.ErrTimeout) || errors.As(err, &at) {
		return err
	}
	return fmt.Errorf("%w: %w", store.ErrDamaged, err)
}

func examine(raw *bbolt.Tx) error {
	t, err := newTx(raw)
	if err != nil {
		return err
	}
	d, err := designOf(&t.ledger)
	if err != nil {
		return err
	}
	if err := reach(raw); err != nil {
		return err
	}
	for fault := range raw.Check() { // to the end: bbolt waits for whoever listens
		if err == nil {
			err = fmt.Errorf("%w: %w", store.ErrDamaged, fault)
		}
	}
	if err != nil {
		return err
	}
	for _, name := range d.tables {
		if t.table(name).bucket == nil {
			return fmt.Errorf("%w: table %s is missing", store.ErrDamaged, name)
		}
	}
	found := map[string]int64{}
	err = raw.ForEach(func(name []byte, _ *bbolt.Bucket) error {
		n, broken := count(t.table(string(name)))
		found[string(name)] = n
		return broken
	})
	if err != nil {
		return err
	}
	return compare(t.ledger.Keys, found)
}

// reach looks for a page that claims to reach beyond the file: bbolt's check would believe it, and take minutes
// and gigabytes for the pages that it should have.
func reach(raw *bbolt.Tx) error {
	for id := 2; ; id++ { // behind the headers
		p, err := raw.Page(id)
		if err != nil || p == nil {
			return err
		}
		if p.Type == "free" {
			continue
		}
		if last, err := raw.Page(id + p.OverflowCount); err != nil || last == nil {
			return errors.Join(fmt.Errorf("%w: page %d claims to be %d pages long", store.ErrDamaged, id, p.OverflowCount+1), err)
		}
		id += p.OverflowCount
	}
}

// count reads every value of a table.
func count(t table) (n int64, err error) {
	c := t.cursor()
	key, _, err := c.seek(nil)
	for ; key != nil && err == nil; key, _, err = c.next() {
		n++
	}
	return n, err
}

func compare(want, found map[string]int64) error {
	for _, name := range slices.Concat(keys(want), keys(found)) {
		if want[name] != found[name] {
			return fmt.Errorf("%w: table %s has %d keys instead of %d", store.ErrDamaged, name, found[name], want[name])
		}
	}
	return nil
}

func keys(m map[string]int64) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// The two headers lie at the beginning of the first two pages, behind the page's own; bbolt reads the
// newer of those that are sound and does not say whether the other is.
const (
	pageHead   = 16
	headerSize = 64
	headerSum  = 56
)

func headers(path string, pageSize int64) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	header := make([]byte, headerSize)
	for page := range int64(2) {
		if _, err := f.ReadAt(header, page*pageSize+pageHead); err != nil {
			return fmt.Errorf("%w: %w", ErrHeader, err)
		}
		sum := fnv.New64a()
		_, _ = sum.Write(header[:headerSum])
		if sum.Sum64() != binary.NativeEndian.Uint64(header[headerSum:]) {
			return ErrHeader
		}
	}
	return nil
}

// The lines by which a probing child speaks to its parent.
const (
	lineBegins = "probe begins"
	lineSound  = "probe sound"
	lineHeader = "probe header damaged"
	lineFailed = "probe failed: "
	lineBad    = "probe damaged: "
)

// ProbeMain is the whole of the child process that [ProbeWith] runs: it probes path and writes what
// it found for its parent.
func ProbeMain(path string, out io.Writer) error {
	if _, err := fmt.Fprintln(out, lineBegins); err != nil {
		return err
	}
	err := probe(path, guard)
	verdict := lineSound
	switch {
	case errors.Is(err, ErrHeader):
		verdict = lineHeader
	case errors.Is(err, store.ErrDamaged):
		verdict = lineBad + err.Error()
	case err != nil:
		verdict = lineFailed + err.Error()
	}
	_, err = fmt.Fprintln(out, strings.ReplaceAll(verdict, "\n", "; "))
	return err
}

// probeFloor and probeRate bound how long a probe may take: some damage makes it run for ever.
const (
	probeFloor = time.Minute
	probeRate  = 8 << 20 // bytes a second
)

// ProbeWith gives a probe for [Config.Probe] that runs a child process: command, with the path as its
// last argument, must end in [ProbeMain] with its standard output. A child that crashes or hangs has
// met damage; one that could not be started or was killed says nothing about the file.
func ProbeWith(command ...string) func(ctx context.Context, path string) error {
	return func(ctx context.Context, path string) error {
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("probing: %w", err)
		}
		limit := probeFloor + time.Duration(info.Size()/probeRate)*time.Second
		within, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		child := exec.CommandContext(within, command[0], slices.Concat(command[1:], []string{path})...)
		var said, cried bytes.Buffer
		child.Stdout, child.Stderr = &said, &cried
		err = child.Run()
		if ctx.Err() != nil {
			return fmt.Errorf("probing %s: %w", path, ctx.Err())
		}
		if within.Err() != nil {
			return fmt.Errorf("probing %s: %w: reading it takes longer than %v", path, store.ErrDamaged, limit)
		}
		return verdict(path, said.String(), cried.String(), err)
	}
}

// verdict reads what a child said, cried on standard error and ended with.
func verdict(path, said, cried string, ended error) error {
	rest, begun := strings.CutPrefix(said, lineBegins+"\n")
	line, _, _ := strings.Cut(rest, "\n")
	var exit *exec.ExitError
	switch {
	case !begun:
		return fmt.Errorf("probing %s: the child process did not begin: %w: %.200s", path, errors.Join(errNoProbe, ended), cried)
	case line == lineSound:
		return nil
	case line == lineHeader:
		return fmt.Errorf("probing %s: %w", path, ErrHeader)
	case strings.HasPrefix(line, lineBad):
		return fmt.Errorf("%w: %s", store.ErrDamaged, strings.TrimPrefix(line, lineBad))
	case strings.HasPrefix(line, lineFailed):
		return fmt.Errorf("%w: %s", errNoProbe, strings.TrimPrefix(line, lineFailed))
	case errors.As(ended, &exit) && exit.ExitCode() < 0 && strings.Contains(exit.String(), "killed"):
		return fmt.Errorf("probing %s: %w: it was killed, perhaps for want of memory", path, errNoProbe)
	}
	first, _, _ := strings.Cut(cried, "\n")
	return fmt.Errorf("probing %s: %w: reading it ends the process: %.200s", path, store.ErrDamaged, first)
}

var errNoProbe = errors.New("the file could not be probed")
