package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// children starts tasks in processes of their own.
type children struct {
	// program is the controller's own binary.
	program string
}

// stderrBytes is how much of a child's complaints is kept.
const stderrBytes = 4 << 10

// run starts a task and reads its output. It returns when the child has ended; the child does not
// outlive ctx, its bounds or this process. Its complaints come back also where it succeeds.
func (c children) run(ctx context.Context, task string, o order, read func(io.Reader) error) (complaints string, err error) {
	what, err := json.Marshal(o)
	if err != nil {
		return "", fmt.Errorf("starting a conversion: %w", err)
	}
	// The kernel ends the child when the thread that started it ends: keep the thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ctx, cancel := context.WithTimeout(ctx, time.Duration(o.Bounds.Seconds+graceSeconds)*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.program, Command, task, string(what))
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "GOTRACEBACK=none"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	cmd.WaitDelay = graceSeconds * time.Second
	stderr := &tail{most: stderrBytes}
	cmd.Stderr = stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", fmt.Errorf("starting a conversion: %w", err)
	}
	if err = cmd.Start(); err != nil {
		return "", fmt.Errorf("starting a conversion: %w", err)
	}
	readErr := read(stdout)
	if readErr != nil {
		cancel()
	}
	err = cmd.Wait()
	if readErr != nil {
		return stderr.String(), readErr
	}
	return stderr.String(), ended(ctx, err, stderr.String())
}

// graceSeconds is how much longer the parent waits than the child allows itself.
const graceSeconds = 5

var (
	// errTooMuch: a child met one of its bounds.
	errTooMuch = errors.New("it needs more time or memory than one file may have")
	// errNoTool: the operator has to do something before any video can be taken.
	errNoTool = errors.New("ffmpeg and ffprobe are not installed on the controller; install the package ffmpeg")
)

// ended explains how a child ended; nil if it did its task.
func ended(ctx context.Context, err error, complaints string) error {
	if err == nil {
		return nil
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return errTooMuch
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return fmt.Errorf("converting: %w", err)
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() && limitSignal(status.Signal()) {
		return errTooMuch
	}
	if exit.ExitCode() == exitNoTool {
		return errNoTool
	}
	if outOfMemory(complaints) {
		return errTooMuch
	}
	return fmt.Errorf("converting: %w: %s", err, oneLine(complaints))
}

func limitSignal(s syscall.Signal) bool {
	return s == syscall.SIGXCPU || s == syscall.SIGKILL || s == syscall.SIGALRM || s == syscall.SIGXFSZ
}

func outOfMemory(complaints string) bool {
	return strings.Contains(complaints, "out of memory") || strings.Contains(complaints, "Cannot allocate memory") ||
		strings.Contains(complaints, "cannot allocate memory")
}

func oneLine(s string) string { return strings.ReplaceAll(strings.TrimSpace(s), "\n", "; ") }

// tail keeps the last bytes that are written to it.
type tail struct {
	most int
	kept bytes.Buffer
}

// Write implements [io.Writer].
func (t *tail) Write(b []byte) (int, error) {
	t.kept.Write(b)
	if extra := t.kept.Len() - t.most; extra > 0 {
		t.kept.Next(extra)
	}
	return len(b), nil
}

// String gives what was kept.
func (t *tail) String() string { return t.kept.String() }

// pictureBounds suffice for 64 million pixels in any of the three forms.
func pictureBounds() bounds {
	return bounds{Memory: 1536 << 20, Seconds: 1800, CPU: 180, File: 256 << 20}
}

// picture runs a picture's conversion.
func (c children) picture(ctx context.Context, o pictureOrder, progress func(percent int)) ([]made, error) {
	var results []made
	var problem *RefusalError
	_, err := c.run(ctx, taskPicture, order{Bounds: pictureBounds(), Picture: &o}, func(r io.Reader) error {
		// What is no message ends the reading: how the child ended tells why.
		d := json.NewDecoder(io.LimitReader(r, 1<<20))
		for m := (message{}); d.Decode(&m) == nil; m = (message{}) {
			if m.Percent > 0 {
				progress(m.Percent)
			}
			problem, results = m.refusal(), m.Made
		}
		return nil
	})
	switch {
	case problem != nil:
		return nil, problem
	case errors.Is(err, errTooMuch):
		return nil, refuse("The picture takes more memory or time to open than a picture may. Save it with at most 3840 pixels on its long side.")
	case err != nil:
		return nil, err
	case len(results) == 0:
		return nil, errors.New("the conversion gave no picture")
	}
	return results, nil
}
