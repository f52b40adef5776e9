// Package faulttest breaks a child process at every system call of an operation on the disk, and holds what
// it left against what it had said.
//
// A test's binary is its own child: TestMain hands over to [Main], which in the child runs one [Operation].
// The child says on its standard output what it is about to ask for and what was acknowledged, in lines
// that no fault touches, so that the parent can tell what is unknown from what is not there. The parent, a
// [Campaign], runs it under strace: killed at the first call, at the second, and so on until the operation
// ends untouched; then with each call failing, for once or for as long as a disk is full. Before that it runs
// once untouched, and whenever it says a line, all that it has written must have been synced: a power cut may
// follow, which a killed process does not show.
package faulttest

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The environment of a child: its operation, and the directory that it works on.
const (
	envOperation = "ANTEROOM_FAULT_OPERATION"
	envDir       = "ANTEROOM_FAULT_DIR"
)

// The lines that a child says of itself.
const (
	lineBegin   = "begin"
	lineDone    = "done"
	lineFailed  = "failed "
	lineStopped = "stopped "
)

// Operation is what a child does to a directory; an error means that it gave up.
type Operation func(c *Child) error

// Main runs the tests or, in a child process, the operation that the parent asked for.
func Main(m *testing.M, operations map[string]Operation) {
	name := os.Getenv(envOperation)
	if name == "" {
		m.Run()
		return
	}
	runtime.LockOSThread() // strace counts calls by thread
	c := &Child{Dir: os.Getenv(envDir)}
	operation, ok := operations[name]
	if !ok {
		c.Say("%sthere is no operation %q", lineStopped, name)
		return
	}
	c.Say(lineBegin)
	if err := operation(c); err != nil {
		c.Say("%s%v", lineStopped, err)
		return
	}
	c.Say(lineDone)
}

// Child is what an operation knows of its surroundings. It is for the operation's own goroutine.
type Child struct {
	// Dir is the directory to work on.
	Dir string
}

// Say tells the parent one line. It uses a call of its own that no fault is put into.
func (*Child) Say(format string, args ...any) {
	line := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " ") + "\n"
	if _, err := unix.Writev(unix.Stdout, [][]byte{[]byte(line)}); err != nil {
		panic(err) // nobody listens
	}
}

// Tell tells the parent much at once.
func (*Child) Tell(b []byte) {
	if _, err := os.Stdout.Write(b); err != nil {
		panic(err) // nobody listens
	}
}

// How often a step is tried, often enough for the longest stretch of failing calls, and how much longer is
// waited after each.
const (
	tries = 3 * fullCalls
	pause = 3 * time.Millisecond
)

// Try takes a step until it succeeds, as something that runs on does, after pauses that grow; the error is
// the last one.
func (c *Child) Try(step func() error) error {
	var err error
	for n := range tries {
		if err = step(); err == nil {
			return nil
		}
		c.Say("%s%v", lineFailed, err)
		// Not time.Sleep: that would let the runtime make calls of its own.
		if err := unix.Nanosleep(&unix.Timespec{Nsec: int64(n+1) * int64(pause)}, nil); err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
	}
	return err
}
