package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// child is a process of this program that obeys orders.
type child struct {
	name    string
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *json.Decoder
}

// start runs this program as a child.
func start(ctx context.Context, args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	c := &child{name: args[0], cmd: exec.CommandContext(ctx, self, args...)}
	c.cmd.Stderr = os.Stderr
	c.in, err = c.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", c.name, err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", c.name, err)
	}
	c.answers = json.NewDecoder(bufio.NewReader(out))
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", c.name, err)
	}
	return c, nil
}

// order sends an order without waiting for its answer.
func (c *child) order(o order) error {
	b, err := json.Marshal(o)
	if err != nil {
		return err
	}
	if _, err := c.in.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("ordering %s: %s: %w", c.name, o.Do, err)
	}
	return nil
}

// answer waits for the answer to the oldest order.
func (c *child) answer() (answer, error) {
	var a answer
	if err := c.answers.Decode(&a); err != nil {
		return a, fmt.Errorf("waiting for %s: %w", c.name, err)
	}
	return a, nil
}

func (c *child) do(o order) (answer, error) {
	if err := c.order(o); err != nil {
		return answer{}, err
	}
	return c.answer()
}

// stop lets the child end.
func (c *child) stop() error { return errors.Join(c.in.Close(), c.cmd.Wait()) }

// tick is the unit of the times in /proc.
const tick = time.Second / 100

// used is the processor time that a process has used so far.
func used(pid int) (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("reading a process's time: %w", err)
	}
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	const user, system = 11, 12 // behind the name
	u, first := strconv.Atoi(fields[user])
	s, second := strconv.Atoi(fields[system])
	return time.Duration(u+s) * tick, errors.Join(first, second)
}

// usedByAll is the processor time that the machine has used so far.
func usedByAll() (time.Duration, error) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, fmt.Errorf("reading the machine's time: %w", err)
	}
	line, _, _ := strings.Cut(string(b), "\n")
	const idle, wait = 4, 5 // behind "cpu", user, nice and system
	var all time.Duration
	for i, field := range strings.Fields(line) {
		if i == 0 || i == idle || i == wait {
			continue
		}
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, fmt.Errorf("reading the machine's time: %w", err)
		}
		all += time.Duration(n) * tick
	}
	return all, nil
}

// resident is the memory of a process in bytes, without pages of files.
func resident(pid int) (int, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("reading a process's memory: %w", err)
	}
	_, rest, _ := strings.Cut(string(b), "RssAnon:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0, errors.New("reading a process's memory: no RssAnon")
	}
	kb, err := strconv.Atoi(fields[0])
	return kb << 10, err
}
