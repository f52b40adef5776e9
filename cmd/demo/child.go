package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// patience is how long a child may take to end after it was asked to.
const patience = 4 * time.Second

// child starts a command in a process group of its own, with its output in a file. The kernel ends it
// if the demo dies; ctx ends nothing, for [process.end] asks first.
func child(ctx context.Context, logfile string, environment []string, extra []*os.File, name string, args ...string) (*exec.Cmd, error) {
	out, err := os.OpenFile(logfile, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening a log: %w", err)
	}
	defer func() { _ = out.Close() }() // the child has its own
	cmd := exec.CommandContext(context.WithoutCancel(ctx), name, args...)
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = out, out, extra
	cmd.Env = append(os.Environ(), environment...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", filepath.Base(name), err)
	}
	return cmd, nil
}

// process is a child and how it ended.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how, once done is closed
}

func follow(cmd *exec.Cmd) *process {
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() { // ends with the child, which end sees to
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p
}

// end asks the child to end, and ends what is left of its group when it has or does not.
func (p *process) end() {
	group := p.cmd.Process.Pid
	_ = syscall.Kill(group, syscall.SIGTERM) // it may have ended by itself
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
	}
	if err := syscall.Kill(-group, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		fmt.Fprintln(os.Stderr, "demo: ending what a child left behind:", err)
	}
	<-p.done
}

// display starts a virtual display and gives its name, ":12".
func display(ctx context.Context, logfile string) (*process, string, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, "", fmt.Errorf("making a pipe: %w", err)
	}
	defer func() { _ = read.Close() }() // only read
	cmd, err := child(ctx, logfile, nil, []*os.File{write}, "Xvfb", "-displayfd", "3", "-screen", "0", "640x360x24", "-nolisten", "tcp")
	_ = write.Close() // the child has its own
	if err != nil {
		return nil, "", fmt.Errorf("%w; it is in Debian's package xvfb", err)
	}
	p := follow(cmd)
	// The number and the end of its line come in two writes, and the server dies if nobody reads both.
	number, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		p.end()
		return nil, "", fmt.Errorf("waiting for the virtual display, see %s: %w", logfile, err)
	}
	return p, ":" + strings.TrimSpace(number), nil
}
