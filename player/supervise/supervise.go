// Package supervise keeps a stage running: a child process in a group of its own that is cued over
// pipes, watched by its frame beats, and started again within a second when it dies.
//
// The stage may die at any moment and loses nothing, because it holds nothing: whoever sends it scenes
// sends them anew when it says that it is ready. Its end is told as [playback.Gone], with the last
// instant at which it surely drew, after all that it drew, by its account if its pipe did not bring it. A
// stage that is silent for ten seconds is killed, with the children in its group; one that is not ready by
// then, on a machine that is too busy, leaves the next one twice as long. When the agent itself
// dies, the stage's input ends and it holds the last picture for a while: so the kernel must not kill it
// with its parent. The next agent kills it as soon as its own stage is ready, or frozen stages would pile
// up, and tells what it drew as [playback.Earlier].
package supervise

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"anteroom/player/account"
	"anteroom/player/playback"
	"anteroom/playlists"
)

// Times that hold where Config says nothing.
const (
	// DefaultSilence is how long a stage may say nothing before it is killed.
	DefaultSilence = 10 * time.Second
	// longestStart bounds how many times as long a stage may take to be ready.
	longestStart = 4
	// firstPause and longestPause bound the time between a stage's end and the next start.
	firstPause   = 100 * time.Millisecond
	longestPause = 2 * time.Second
)

const (
	maxLine    = 4 << 20 // one event
	maxQueue   = 64      // orders that wait for a stage that does not read
	maxEvents  = 256
	maxLastLog = 2 << 10 // of what a dead stage wrote last
)

// Why a stage is gone.
var (
	errEnded  = errors.New("stage ended")
	errFrozen = errors.New("stage froze")
	errAsked  = errors.New("stage was asked to restart")
)

// exitDisplay is the status with which a stage, and Xlib under it, ends when there is no display.
const exitDisplay = 1

// Config is what a supervisor needs.
type Config struct {
	// Path is the stage's program, Args what follows it, Env its environment (nil: the agent's own).
	Path string
	Args []string
	Env  []string
	// Mono is CLOCK_MONOTONIC in nanoseconds.
	Mono func() int64
	// Silence is how long the stage may say nothing; 0 means [DefaultSilence].
	Silence time.Duration
	// Accounts is the directory of the stages' accounts, by which the next agent finds this one's stage and
	// what it drew; empty for none. Boot is this start of the machine.
	Accounts string
	Boot     playlists.BootID
	Log      *slog.Logger
}

// Supervisor runs one stage after another.
type Supervisor struct {
	cfg    Config
	events chan playback.Event
	orders *orders
	again  chan struct{} // the stage that runs is to end
	// own are the files of the accounts of this agent's stages; succeeded, whether it has taken over from
	// the earlier ones. Both are Run's.
	own       map[string]bool
	succeeded bool
	patience  time.Duration // for earlier stages to be dead
}

// New makes a supervisor; Run starts the stage.
func New(cfg Config) *Supervisor {
	if cfg.Silence == 0 {
		cfg.Silence = DefaultSilence
	}
	return &Supervisor{
		cfg: cfg, events: make(chan playback.Event, maxEvents), orders: newOrders(), again: make(chan struct{}, 1),
		own: map[string]bool{}, patience: dying,
	}
}

// Events gives what the stage says, and Gone when it has ended; somebody must take them until Run
// returns. It is never closed.
func (s *Supervisor) Events() <-chan playback.Event { return s.events }

// Send hands an order to the stage that runs now. It never waits: a stage that does not read finds the
// newest when it reads again. With no stage the order is lost, and the next Ready asks for everything anew.
func (s *Supervisor) Send(o playback.Order) {
	if !s.orders.put(o) {
		s.cfg.Log.Warn("stage does not take orders")
	}
}

// Restart ends the stage that runs, if one does; another one starts. It never waits.
func (s *Supervisor) Restart() {
	select {
	case s.again <- struct{}{}:
	default:
	}
}

// asked ends with an error when the stage is to end.
func (s *Supervisor) asked(ctx context.Context) error {
	select {
	case <-s.again:
		return errAsked
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run keeps a stage running until ctx ends, and returns when its whole group is dead and all that it drew
// is told.
func (s *Supervisor) Run(ctx context.Context) error {
	pause, told, start := firstPause, "", s.cfg.Silence
	for ctx.Err() == nil {
		began := time.Now()
		gone, slow := s.live(ctx, start)
		s.tell(playback.Event{Gone: &gone})
		select {
		case <-ctx.Done():
			return nil
		default:
		}
		if slow {
			start = min(2*start, longestStart*s.cfg.Silence)
		} else {
			start = s.cfg.Silence
		}
		if time.Since(began) > s.cfg.Silence {
			pause, told = firstPause, ""
		}
		if gone.Reason != told { // a television that is off at night is one event
			s.cfg.Log.WarnContext(ctx, "stage gone", slog.String("reason", gone.Reason), slog.Bool("display", gone.Display))
			told = gone.Reason
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, longestPause)
	}
	return nil
}

func (s *Supervisor) tell(e playback.Event) { s.events <- e }

// child is one stage process and what was heard of it.
type child struct {
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	stdout  io.ReadCloser
	last    *tail
	account *account.Account // nil for none

	mu    sync.Mutex
	heard time.Time
	drew  int64
	told  int64 // the instant of the last turn that was heard of
	ready bool
}

// live runs one stage from start to end. It is slow if it was not ready after start, and would perhaps have been.
func (s *Supervisor) live(ctx context.Context, start time.Duration) (gone playback.Gone, slow bool) {
	s.orders.forget()
	select {
	case <-s.again: // this one is new anyway
	default:
	}
	c := &child{last: &tail{}, heard: time.Now(), account: s.openAccount()}
	if err := s.start(ctx, c); err != nil {
		gone = playback.Gone{At: s.cfg.Mono(), Reason: err.Error()}
		s.closeAccount(c, &gone)
		return gone, false
	}
	g, one := errgroup.WithContext(ctx)
	g.Go(func() error { return c.write(one, s.orders) })
	g.Go(func() error { return s.read(ctx, c) }) // what it said before it died still counts
	g.Go(func() error { return c.watch(one, start, s.cfg.Silence) })
	g.Go(func() error { return s.asked(one) })
	<-one.Done()
	c.kill()
	reason := g.Wait()
	gone = c.gone(reason)
	s.closeAccount(c, &gone)
	return gone, errors.Is(reason, errFrozen) && !c.ready
}

// start forks a stage. It is killed as a group, so no context of its own ends it.
func (s *Supervisor) start(ctx context.Context, c *child) error {
	args := s.cfg.Args
	if c.account != nil {
		args = append(slices.Clone(args), "--account", c.account.Path)
	}
	c.cmd = exec.CommandContext(context.WithoutCancel(ctx), s.cfg.Path, args...)
	c.cmd.Env = s.cfg.Env
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.cmd.Stderr = c.last
	c.cmd.WaitDelay = time.Second
	var err error
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		return fmt.Errorf("starting stage: %w", err)
	}
	if c.stdout, err = c.cmd.StdoutPipe(); err != nil {
		return fmt.Errorf("starting stage: %w", err)
	}
	if err := c.cmd.Start(); err != nil {
		return fmt.Errorf("starting stage: %w", err)
	}
	s.nameAccount(c)
	return nil
}

// kill ends the stage and everything in its group; it may be called again.
func (c *child) kill() {
	if c.cmd.Process != nil {
		_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL)
	}
}

// write sends orders as lines.
func (c *child) write(ctx context.Context, orders *orders) error {
	enc := json.NewEncoder(c.stdin)
	enc.SetEscapeHTML(false)
	for {
		o, ok := orders.next()
		if !ok {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-orders.wake:
			}
			continue
		}
		if err := enc.Encode(o); err != nil {
			return fmt.Errorf("stage takes no orders: %w", err)
		}
	}
}

// read passes on what the stage says, until it ends.
func (s *Supervisor) read(ctx context.Context, c *child) error {
	lines := bufio.NewScanner(c.stdout)
	lines.Buffer(make([]byte, 0, 4096), maxLine)
	for lines.Scan() {
		var e playback.Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			s.cfg.Log.WarnContext(ctx, "stage said what is no event", slog.Any("error", err))
			continue
		}
		e.Gone = nil
		c.hear(e)
		if e.Ready != nil {
			e.Ready.PID = c.cmd.Process.Pid
			s.succeed()
		}
		s.tell(e)
	}
	return errors.Join(errEnded, lines.Err())
}

func (c *child) hear(e playback.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard = time.Now()
	switch {
	case e.Ready != nil:
		c.ready = true
	case e.Beat != nil:
		c.drew = max(c.drew, e.Beat.At)
	case e.Drawn != nil:
		c.drew, c.told = max(c.drew, e.Drawn.At), e.Drawn.At
	case e.Failed != nil:
		c.told = e.Failed.At
	}
}

// watch ends with an error when nothing was heard for too long: for start until it is ready, for silence then.
func (c *child) watch(ctx context.Context, start, silence time.Duration) error {
	tick := time.NewTicker(silence / 10)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		c.mu.Lock()
		quiet, most := time.Since(c.heard), start
		if c.ready {
			most = silence
		}
		c.mu.Unlock()
		if quiet > most {
			return fmt.Errorf("%w: it said nothing for %v", errFrozen, quiet.Round(time.Second))
		}
	}
}

// gone reaps the process and tells why it ended.
func (c *child) gone(reason error) playback.Gone {
	_ = c.stdin.Close()
	err := c.cmd.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := errors.Is(reason, errAsked)
	g := playback.Gone{At: c.drew, Reason: reason.Error(), Asked: asked, Display: c.ready || asked}
	if err != nil && !asked && !errors.Is(reason, errFrozen) {
		g.Reason += ": " + err.Error()
	}
	if last := c.last.String(); last != "" && !asked {
		g.Reason += ": " + last
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == exitDisplay {
		g.Display = false
	}
	return g
}

// tail keeps the end of what is written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

// Write implements [io.Writer]; it never fails.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b...)
	if over := len(t.b) - maxLastLog; over > 0 {
		t.b = append(t.b[:0], t.b[over:]...)
	}
	return len(b), nil
}

// String is what was written last.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}

// Find gives the stage's program: the path given, else the one beside the agent's.
func Find(path string) (string, error) {
	if path != "" {
		return path, nil
	}
	own, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("looking for the stage: %w", err)
	}
	stage := filepath.Join(filepath.Dir(own), "stage")
	if _, err := os.Stat(stage); err != nil {
		return "", fmt.Errorf("looking for the stage: put it beside the player or name it with --stage: %w", err)
	}
	return stage, nil
}
