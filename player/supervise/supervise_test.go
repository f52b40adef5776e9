package supervise

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"anteroom/player/playback"
)

// TestMain is the stage's program too: tests start themselves again.
func TestMain(m *testing.M) {
	if how := os.Getenv("STAGE_PLAYS"); how != "" {
		os.Exit(act(how))
	}
	os.Exit(m.Run())
}

// act is a tiny stage.
func act(how string) int {
	say := func(e playback.Event) {
		if err := json.NewEncoder(os.Stdout).Encode(e); err != nil {
			os.Exit(1) // nobody listens
		}
	}
	if how == "blind" {
		return exitDisplay
	}
	if how == "with-child" {
		child := exec.Command("sleep", "60")
		if child.Start() != nil {
			return 3
		}
		fmt.Fprintln(os.Stderr, "child", child.Process.Pid)
		defer func() { _ = child.Wait() }()
	}
	say(playback.Event{Ready: &playback.Ready{Width: 640, Height: 360, Renderer: how}})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var o playback.Order
		if json.Unmarshal(lines.Bytes(), &o) != nil || o.Scene == nil {
			continue
		}
		for _, r := range o.Scene.Regions {
			say(playback.Event{Drawn: &playback.Drawn{Scene: o.Scene.ID, Turn: r.Turn, At: o.Scene.At}})
		}
		switch how {
		case "dies":
			fmt.Fprintln(os.Stderr, "panic: a picture too big")
			return 2
		case "freezes":
			time.Sleep(time.Hour)
		case "with-child":
			return 2
		}
	}
	return 0
}

type theatre struct {
	*Supervisor

	t    *testing.T
	done chan struct{}
}

func open(t *testing.T, how string, change ...func(*Config)) *theatre {
	t.Helper()
	start := time.Now()
	cfg := Config{
		Path: os.Args[0], Env: append(os.Environ(), "STAGE_PLAYS="+how), Silence: time.Second,
		Mono: func() int64 { return int64(time.Since(start)) }, Log: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&cfg)
	}
	s := New(cfg)
	ctx, cancel := context.WithCancel(t.Context())
	th := &theatre{s, t, make(chan struct{})}
	go func() {
		defer close(th.done)
		_ = s.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case <-th.done:
		case <-time.After(5 * time.Second):
			t.Error("supervisor did not end")
		}
	})
	return th
}

func (th *theatre) next(what string, want func(playback.Event) bool) playback.Event {
	th.t.Helper()
	late := time.After(10 * time.Second)
	for {
		select {
		case e := <-th.Events():
			if want(e) {
				return e
			}
		case <-late:
			th.t.Fatalf("no %s in time", what)
		}
	}
}

func isReady(e playback.Event) bool { return e.Ready != nil }
func isDrawn(e playback.Event) bool { return e.Drawn != nil }
func isGone(e playback.Event) bool  { return e.Gone != nil }

func scene(at int64) playback.Order {
	return playback.Order{Scene: &playback.Scene{ID: 1, At: at, Regions: []playback.RegionScene{{Turn: 7}}}}
}

func TestStageIsCuedAndAnswers(t *testing.T) {
	th := open(t, "well")
	if e := th.next("ready", isReady); e.Ready.Width != 640 {
		t.Errorf("got %+v", e.Ready)
	}
	th.Send(scene(42))
	if e := th.next("drawn", isDrawn); e.Drawn.Turn != 7 || e.Drawn.At != 42 {
		t.Errorf("got %+v", e.Drawn)
	}
}

func TestDeadStageComesBackWithinASecond(t *testing.T) {
	th := open(t, "dies")
	th.next("ready", isReady)
	th.Send(scene(42))
	gone := th.next("gone", isGone).Gone
	died := time.Now()
	if gone.At != 42 || !gone.Display || !strings.Contains(gone.Reason, "a picture too big") {
		t.Errorf("got %+v, want the last drawn instant and what it said last", gone)
	}
	th.next("ready again", isReady)
	if took := time.Since(died); took > time.Second {
		t.Errorf("back after %v", took)
	}
}

func TestFrozenStageIsKilled(t *testing.T) {
	th := open(t, "freezes")
	th.next("ready", isReady)
	th.Send(scene(42))
	began := time.Now()
	gone := th.next("gone", isGone).Gone
	if took := time.Since(began); took < 800*time.Millisecond || took > 4*time.Second {
		t.Errorf("killed after %v of silence, want about 1 s", took)
	}
	if !strings.Contains(gone.Reason, "froze") || !gone.Display {
		t.Errorf("got %+v", gone)
	}
	th.next("ready again", isReady)
}

func TestNoDisplayIsNobodysFault(t *testing.T) {
	th := open(t, "blind")
	began := time.Now()
	for range 4 {
		if gone := th.next("gone", isGone).Gone; gone.Display {
			t.Fatalf("got %+v, want no display", gone)
		}
	}
	if took := time.Since(began); took < 600*time.Millisecond {
		t.Errorf("four starts in %v: no back-off", took)
	}
}

func TestTheWholeGroupDies(t *testing.T) {
	th := open(t, "with-child")
	th.next("ready", isReady)
	th.Send(scene(1))
	gone := th.next("gone", isGone).Gone
	_, after, ok := strings.Cut(gone.Reason, "child ")
	pid, err := strconv.Atoi(strings.TrimSpace(after))
	if !ok || err != nil {
		t.Fatalf("no child in %q", gone.Reason)
	}
	for range 50 {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
	t.Error("the stage's child outlived it")
}

func TestMissingProgramIsTold(t *testing.T) {
	s := New(Config{Path: "/nowhere/stage", Mono: func() int64 { return 5 }, Log: slog.New(slog.DiscardHandler)})
	gone := s.live(t.Context())
	if gone.Display || !strings.Contains(gone.Reason, "/nowhere/stage") {
		t.Errorf("got %+v", gone)
	}
}

func TestStageOfADeadAgentIsReplaced(t *testing.T) {
	note := t.TempDir() + "/stage.pid"
	old := exec.Command("sleep", "60")
	old.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := old.Start(); err != nil {
		t.Fatal(err)
	}
	line := fmt.Sprintf("%d %s", old.Process.Pid, startOf(old.Process.Pid))
	if err := os.WriteFile(note, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	th := open(t, "well", func(c *Config) { c.Note = note })
	th.next("ready", isReady)
	err := old.Wait()
	if err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("the earlier stage ended with %v, want killed", err)
	}
	if b, _ := os.ReadFile(note); string(b) == line {
		t.Error("the new stage is not noted")
	}
}
