package ingest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"anteroom/playlists"
)

// Command is the hidden subcommand under which the controller's binary calls [Child]:
// os.Exit(ingest.Child(os.Args[2:], os.Stdin, os.Stdout)).
const Command = "ingest-child"

// The children's tasks.
const (
	taskPicture = "picture" // decode, turn and resize a picture in this process
	taskTool    = "tool"    // become ffmpeg or ffprobe
)

// bounds are what a child imposes on itself before it touches a byte of an upload.
type bounds struct {
	// Memory in bytes of address space; for a picture, beyond what the runtime has reserved.
	Memory int64 `json:"memory"`
	// Seconds of wall clock, and CPU seconds over all threads. A child is nice, and a busy machine is no fault of
	// the file: the wall clock ends only what stands still.
	Seconds int64 `json:"seconds"`
	CPU     int64 `json:"cpu"`
	// File is the size in bytes that no file it writes may exceed.
	File int64 `json:"file"`
}

// order is what a child is told, as JSON in its last argument.
type order struct {
	Bounds  bounds        `json:"bounds"`
	Picture *pictureOrder `json:"picture,omitempty"`
	// Tool and its arguments.
	Tool []string `json:"tool,omitempty"`
}

// message is a line of a picture child's output.
type message struct {
	Percent int    `json:"percent,omitempty"`
	Problem string `json:"problem,omitempty"`
	// Said is what the problem says.
	Said playlists.Phrase `json:"said,omitzero"`
	Made []made           `json:"made,omitempty"`
}

// refusal is the problem as the child's own caller would be told it; nil if there is none.
func (m *message) refusal() *RefusalError {
	if m.Problem == "" {
		return nil
	}
	return &RefusalError{Reason: m.Problem, phrase: m.Said}
}

// made is a file that a child has made.
type made struct {
	Path      string `json:"path"`
	MediaType string `json:"media_type"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
	Millis    int64  `json:"millis,omitempty"`
}

// Exit statuses of a child.
const (
	exitDone   = 0
	exitFailed = 1 // the message says why, or standard error does
	exitMisuse = 64
	exitNoTool = 69 // ffmpeg or ffprobe is not there
)

// Child does one task of a conversion in a process of its own, which it first limits: address space,
// CPU and wall time, file size, niceness. It gives the exit status.
func Child(args []string, _ io.Reader, stdout io.Writer) int {
	if len(args) != 2 {
		return exitMisuse
	}
	var o order
	if err := json.Unmarshal([]byte(args[1]), &o); err != nil {
		return exitMisuse
	}
	out := bufio.NewWriter(stdout)
	tell := func(m message) {
		if err := json.NewEncoder(out).Encode(m); err == nil {
			_ = out.Flush() // if nobody listens any more, nobody misses it
		}
	}
	err := perform(args[0], o, tell)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, exec.ErrNotFound):
		return exitNoTool
	}
	tell(message{Problem: err.Error(), Said: playlists.Said(err)})
	return exitFailed
}

func perform(task string, o order, tell func(message)) error {
	switch {
	case task == taskPicture && o.Picture != nil:
		if err := errors.Join(o.Bounds.confine(), limit(unix.RLIMIT_AS, reserved()+o.Bounds.Memory)); err != nil {
			return err
		}
		debug.SetMemoryLimit(o.Bounds.Memory / 2)
		stop := killAfter(time.Duration(o.Bounds.Seconds) * time.Second)
		defer stop()
		return convertPicture(*o.Picture, tell)
	case task == taskTool && len(o.Tool) > 0:
		return become(o)
	}
	return errors.New("ingest child: no such task")
}

// become replaces this process by a tool, which keeps the limits.
func become(o order) error {
	path, err := exec.LookPath(o.Tool[0])
	if err != nil {
		return fmt.Errorf("finding %s: %w", o.Tool[0], err)
	}
	if err := o.Bounds.confine(); err != nil {
		return err
	}
	if _, err := unix.Setitimer(unix.ItimerReal, unix.Itimerval{Value: unix.Timeval{Sec: o.Bounds.Seconds}}); err != nil {
		return fmt.Errorf("setting the deadline: %w", err)
	}
	// This process has reserved more address space than a tool may have: under the tool's limit its own runtime may die
	// before the tool is there. The shell is small enough to take that limit on.
	shell := []string{"sh", "-c", `ulimit -v "$0" && exec "$@"`, strconv.FormatInt(o.Bounds.Memory>>10, 10), path}
	return unix.Exec("/bin/sh", append(shell, o.Tool[1:]...), os.Environ())
}

// niceness leaves the processor to whoever serves players.
const niceness = 10

// confine sets the process's limits but that of its memory.
func (b bounds) confine() error {
	limits := []struct {
		what  int
		value int64
	}{{unix.RLIMIT_CPU, b.CPU}, {unix.RLIMIT_FSIZE, b.File}, {unix.RLIMIT_CORE, 0}}
	for _, l := range limits {
		if err := limit(l.what, l.value); err != nil {
			return err
		}
	}
	if err := unix.Setpriority(unix.PRIO_PROCESS, 0, niceness); err != nil {
		return fmt.Errorf("limiting the conversion: %w", err)
	}
	return nil
}

func limit(what int, value int64) error {
	v := uint64(max(value, 0))
	if err := unix.Setrlimit(what, &unix.Rlimit{Cur: v, Max: v}); err != nil {
		return fmt.Errorf("limiting the conversion: %w", err)
	}
	return nil
}

// reserved is the address space of this process in bytes: a Go program reserves far more than it uses.
func reserved() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	pages, _, _ := strings.Cut(string(b), " ")
	n, err := strconv.ParseInt(pages, 10, 64)
	if err != nil {
		return 0
	}
	return n * int64(os.Getpagesize())
}

// killAfter ends this process if it takes too long; stop calls it off.
func killAfter(d time.Duration) (stop func() bool) {
	return time.AfterFunc(d, func() { _ = unix.Kill(os.Getpid(), unix.SIGKILL) }).Stop
}

// fileIn gives a path in dir for the n-th result.
func fileIn(dir string, n int, ending string) string {
	return filepath.Join(dir, "variant-"+strconv.Itoa(n)+ending)
}
