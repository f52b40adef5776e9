package main

import (
	"bufio"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"anteroom/player/playback"
	"anteroom/playlists"
)

// TestMain is the stage itself when a test starts it. It needs a display; xvfb-run -a go test ./cmd/stage/
// gives it one.
func TestMain(m *testing.M) {
	if args, ok := os.LookupEnv("STAGE_TEST_ARGS"); ok {
		os.Exit(run(strings.Fields(args), os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// child is a stage started by a test.
type child struct {
	*exec.Cmd

	t      *testing.T
	orders io.WriteCloser
	events *bufio.Scanner
}

func start(t *testing.T, args string) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{Cmd: exec.CommandContext(t.Context(), self), t: t}
	c.Env = append(os.Environ(), "STAGE_TEST_ARGS="+args)
	c.Stderr = t.Output()
	if c.orders, err = c.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.events = bufio.NewScanner(out)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// next is the next event but for beats.
func (c *child) next() playback.Event {
	c.t.Helper()
	for c.events.Scan() {
		var e playback.Event
		if err := json.Unmarshal(c.events.Bytes(), &e); err != nil {
			c.t.Fatalf("%s: %v", c.events.Bytes(), err)
		}
		if e.Beat == nil {
			return e
		}
	}
	c.t.Fatalf("the stage ended: %v", c.Wait())
	return playback.Event{}
}

func (c *child) order(o playback.Order) {
	c.t.Helper()
	if err := json.NewEncoder(c.orders).Encode(o); err != nil {
		c.t.Fatal(err)
	}
}

func TestStageShowsTellsAndEnds(t *testing.T) {
	dir := t.TempDir()
	picture, truth, snapshot := filepath.Join(dir, "a.png"), filepath.Join(dir, "truth"), filepath.Join(dir, "snap.jpg")
	writePicture(t, picture)
	c := start(t, "--windowed --width 320 --height 180 --truth "+truth)
	if e := c.next(); e.Ready == nil || e.Ready.Width != 320 || e.Ready.Height != 180 || e.Ready.Renderer == "" {
		t.Fatalf("the first event is %+v", e)
	}
	c.order(playback.Order{Scene: &playback.Scene{ID: 1, Background: "#0b3d4c", Ink: "#ffffff", Regions: []playback.RegionScene{
		{Name: "main", W: 1, H: 1, Turn: 7, Label: "item@slot", Medium: playlists.Image, Path: picture},
	}}})
	e := c.next()
	if e.Drawn == nil || e.Drawn.Turn != 7 || e.Drawn.Scene != 1 || e.Drawn.At == 0 {
		t.Fatalf("got %+v, want turn 7 drawn", e)
	}
	b, err := os.ReadFile(truth)
	if err != nil || !strings.Contains(string(b), `{"turn":7,"label":"item@slot","region":"main","at":`) {
		t.Errorf("the truth log says %q (%v)", b, err)
	}
	c.order(playback.Order{Snapshot: snapshot})
	if e := c.next(); e.Snapshot != snapshot {
		t.Errorf("got %+v, want the snapshot", e)
	}
	if info, err := os.Stat(snapshot); err != nil || info.Size() == 0 {
		t.Errorf("no snapshot: %v", err)
	}
	asked := time.Now()
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for c.events.Scan() { // to its end
	}
	if err := c.Wait(); err != nil {
		t.Errorf("asked to end it ended with %v", err)
	}
	if took := time.Since(asked); took > 12*time.Second { // without its agent it goes on for 15 s
		t.Errorf("it took %v to end", took)
	}
}

func TestUnknownFlagsAreRefused(t *testing.T) {
	c := start(t, "--loud")
	for c.events.Scan() { // to its end
	}
	if err := c.Wait(); err == nil || c.ProcessState.ExitCode() != 2 {
		t.Errorf("got %v, exit status %d, want 2", err, c.ProcessState.ExitCode())
	}
}

// TestWithoutADisplay: the graphics library would panic before main begins.
func TestWithoutADisplay(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		what, display string
		args          []string
		status        int
		want          string
	}{
		{"help", "", []string{"--help"}, 0, "--windowed"},
		{"the version", "", []string{"--version"}, 0, "\n"},
		{"no display", "", nil, 1, "there is no display: start X first"},
		{"a display that nobody serves", ":4711", nil, 1, "DISPLAY is :4711"},
	} {
		cmd := exec.CommandContext(t.Context(), self, test.args...)
		cmd.Env = append(os.Environ(), "DISPLAY="+test.display)
		out, err := cmd.CombinedOutput()
		if status := cmd.ProcessState.ExitCode(); status != test.status || !strings.Contains(string(out), test.want) {
			t.Errorf("%s: status %d (%v), it said %q; want %d and %q", test.what, status, err, out, test.status, test.want)
		}
	}
}

// display is an X server of 640 by 360 pixels that remembers its settings while nobody is there.
func display(t *testing.T) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	cmd := exec.Command("Xvfb", "-noreset", "-displayfd", "3", "-screen", "0", "640x360x24", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{write}
	err = cmd.Start()
	write.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	number, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DISPLAY", ":"+strings.TrimSpace(number))
}

func xrandr(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "xrandr", args...).CombinedOutput()
	if err != nil && !strings.Contains(string(out), "RRSetScreenSize") { // it cannot make the screen 0 by 0
		t.Fatalf("xrandr %v: %v: %s", args, err, out)
	}
}

// TestThePanelGoes: switched off, plugged into another, or set to another mode, the graphics library would
// draw where nobody looks. The stage ends, and the next one finds the panel as it is.
func TestThePanelGoes(t *testing.T) {
	display(t)
	xrandr(t, "--newmode", "small", "5", "320", "330", "340", "350", "180", "182", "184", "190")
	xrandr(t, "--addmode", "screen", "small")
	for _, change := range [][]string{{"--mode", "small"}, {"--mode", "640x360"}, {"--off"}} {
		c := start(t, "")
		c.next() // it is ready
		xrandr(t, append([]string{"--output", "screen"}, change...)...)
		late := time.AfterFunc(2*time.Minute, func() { _ = c.Process.Kill() })
		for c.events.Scan() { // to its end
		}
		late.Stop()
		if err := c.Wait(); c.ProcessState.ExitCode() != 1 {
			t.Errorf("xrandr %v: %v, want status 1", change, err)
		}
	}
	c := start(t, "")
	for c.events.Scan() { // there is no panel, so it says nothing
		t.Errorf("without a panel it says %s", c.events.Bytes())
	}
	if err := c.Wait(); c.ProcessState.ExitCode() != 1 {
		t.Errorf("without a panel it ended with %v, want status 1", err)
	}
	xrandr(t, "--output", "screen", "--auto")
	if e := start(t, "").next(); e.Ready == nil || e.Ready.Width != 640 {
		t.Errorf("with the panel back it says %+v", e)
	}
}

func writePicture(t *testing.T, path string) {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 32, 18))
	m.Set(3, 3, color.White)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
}
