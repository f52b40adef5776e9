//go:build e2e

package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"anteroom/cmd/demo/hospital"
	"anteroom/player/playertest"
	"anteroom/playlists"
)

// The binaries as `make` leaves them.
const bin = "../../bin/"

const (
	admin    = "ada"
	password = "correct horse battery staple"
)

// house is a controller of its own, with real players on virtual displays.
type house struct {
	t    testing.TB
	dir  string
	data string // the controller's
	addr string
	api  *hospital.Client
	// front is where people and players reach the controller, if not at addr; serve are further flags of the
	// controller and own its environment, play those of players and env theirs.
	front                 string
	serve, own, play, env []string
	ready                 func() error // nil: asked at addr by plain HTTP
	// traces, if set, is a directory for what each program asks of the network.
	traces string
	// apart: each program runs on a machine of its own, see [machine].
	apart bool
	// glass is the size of the virtual displays.
	glass image.Point

	mu         sync.Mutex
	controller *exec.Cmd
	said       bytes.Buffer
}

// open starts a controller and signs its first administrator in.
func open(t testing.TB) *house {
	t.Helper()
	return openBehind(t, func(*house) {})
}

// openBehind starts a controller that is reached as arrange says.
func openBehind(t testing.TB, arrange func(*house)) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), addr: freeAddress(t), glass: image.Pt(640, 360)}
	h.data = filepath.Join(h.dir, "controller")
	arrange(h)
	t.Cleanup(func() {
		said := h.log()
		for _, alarm := range alarms(said) {
			t.Errorf("false alarm: %s", alarm)
		}
		if t.Failed() {
			t.Logf("controller:\n%s", said[max(0, len(said)-8000):])
		}
	})
	h.start()
	if h.api == nil {
		h.api = hospital.NewClient(h.base())
	}
	link := h.waitFor(`http\S+/first\?token=\S+`)
	h.must(h.api.First(t.Context(), link, admin, password))
	h.must(h.api.SignIn(t.Context(), admin, password))
	return h
}

// alarms are the lines of a controller's log in which it tells staff of two machines with one identity. No house has such.
func alarms(log string) (lines []string) {
	for line := range strings.Lines(log) {
		told := strings.Contains(line, "identity") || strings.Contains(line, "one stream of plays after the other")
		if told && strings.Contains(line, `msg="player needs a person"`) {
			lines = append(lines, line)
		}
	}
	return lines
}

// ports counts the addresses that were given out: no two tests get the same.
var ports atomic.Int64

// freeAddress is one at which nobody listens, and which no connection of anybody gets as its own end: those are of higher
// ports, and one would be in the way of a controller that is started again. It is asked by connecting: a listener would
// live on for a moment in every program that is just being started.
func freeAddress(t testing.TB) string {
	t.Helper()
	ports.CompareAndSwap(0, 1+rand.Int64N(20_000))
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 10_000+ports.Add(1)%20_000)
		c, err := net.Dial("tcp", address)
		if errors.Is(err, syscall.ECONNREFUSED) {
			return address
		}
		if err == nil {
			c.Close()
		}
	}
	t.Fatal("no port of this machine is free")
	return ""
}

func (h *house) base() string { return cmp.Or(h.front, "http://"+h.addr) }

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// Write keeps what the controller says.
func (h *house) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.said.Write(p)
}

func (h *house) log() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.said.String()
}

// start starts the controller on its data, and waits until it serves.
func (h *house) start() {
	h.t.Helper()
	h.controller = h.program("controller", "controller", append([]string{"serve", "--data", h.data, "--listen", h.addr, "--metrics", "127.0.0.1:0"}, h.serve...)...)
	h.controller.Stdout, h.controller.Stderr = h, h
	h.controller.Env = append(os.Environ(), h.own...)
	h.controller.SysProcAttr = h.attributes()
	h.must(h.controller.Start())
	h.t.Cleanup(h.stop)
	h.eventually(patience, "the controller is ready", func() error {
		if h.ready != nil {
			return h.ready()
		}
		return get(http.DefaultClient, "http://"+h.addr+"/readyz")
	})
}

// attributes are those of a program that dies with the test.
func (h *house) attributes() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if h.apart {
		a.Cloneflags = syscall.CLONE_NEWNS | syscall.CLONE_NEWPID
	}
	return a
}

// program is one of ours, which leaves a trace under a name if traces are wanted.
func (h *house) program(what, name string, args ...string) *exec.Cmd {
	if h.apart {
		return h.alone(what, name, args...)
	}
	if h.traces == "" {
		return exec.Command(bin+what, args...)
	}
	// Detached, strace is the child and the program what is signalled and waited for.
	trace := []string{"-D", "-f", "-qq", "-e", "trace=network", "-o", filepath.Join(h.traces, name), bin + what}
	return exec.Command("strace", append(trace, args...)...)
}

// stop ends the controller as systemd does.
func (h *house) stop() {
	if h.controller == nil {
		return
	}
	cmd := h.controller
	h.controller = nil
	if err := end(cmd, patience); err != nil {
		h.t.Errorf("stopping the controller: %v\n%s", err, h.log())
	}
}

// kill ends the controller as the kernel does that has no memory left.
func (h *house) kill() {
	h.t.Helper()
	cmd := h.controller
	h.controller = nil
	h.must(syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL))
	_ = cmd.Wait()
}

// end asks a process to end, waits for it, and kills its group if it takes longer than within.
func end(cmd *exec.Cmd, within time.Duration) error {
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	_ = cmd.Process.Signal(syscall.SIGTERM)
	var err error
	select {
	case err = <-done:
	case <-time.After(within):
		err = fmt.Errorf("it still ran %v after SIGTERM", within)
	}
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	return err
}

// waitFor gives the first match of pattern in what the controller said.
func (h *house) waitFor(pattern string) string {
	h.t.Helper()
	expression := regexp.MustCompile(pattern)
	var found string
	h.eventually(patience, pattern+" is printed", func() error {
		if found = expression.FindString(h.log()); found == "" {
			return errors.New(h.log())
		}
		return nil
	})
	return found
}

// eventually asks until there is no error, and fails the test with the last one. The longer it takes the more seldom it
// asks, for much that is asked starts a program, and others have use for the processors, too.
func (h *house) eventually(within time.Duration, what string, ask func() error) time.Duration {
	h.t.Helper()
	return eventually(h.t, within, what, ask)
}

func eventually(t testing.TB, within time.Duration, what string, ask func() error) time.Duration {
	t.Helper()
	began := time.Now()
	for {
		err := ask()
		if err == nil {
			return time.Since(began)
		}
		if time.Since(began) > within {
			t.Fatalf("not within %v: %s: %v", within, what, err)
		}
		select {
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-time.After(min(max(time.Since(began)/10, 50*time.Millisecond), time.Second/2)):
		}
	}
}

// wall is a screen with its player on a virtual display.
type wall struct {
	h       *house
	screen  playlists.ScreenID
	dir     string
	display string
	agent   *exec.Cmd
}

// hang starts a player on a display of its own, and pairs it with a screen that exists.
func (h *house) hang(screen playlists.ScreenID) *wall {
	h.t.Helper()
	w := h.hangUnpaired(screen)
	h.must(h.api.Pair(h.t.Context(), w.code(), screen))
	return w
}

func (h *house) hangUnpaired(name playlists.ScreenID) *wall {
	h.t.Helper()
	w := &wall{h: h, screen: name, dir: filepath.Join(h.dir, "player-"+string(name)), display: newDisplay(h.t, h.glass)}
	w.start()
	return w
}

func newDisplay(t testing.TB, glass image.Point) string {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	cmd := exec.Command("Xvfb", "-noreset", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", glass.X, glass.Y), "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{write}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	err = cmd.Start()
	write.Close()
	if err != nil {
		t.Fatalf("starting Xvfb: %v", err)
	}
	t.Cleanup(func() { _ = end(cmd, 3*time.Second) })
	number, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatalf("reading the display's number: %v", err)
	}
	return ":" + strings.TrimSpace(number)
}

// start starts the agent, which starts the stage.
func (w *wall) start() {
	w.h.t.Helper()
	w.agent = w.h.program("player", "player-"+string(w.screen), append([]string{"--controller", w.h.base(), "--data", w.dir}, w.h.play...)...)
	w.agent.Env = append(os.Environ(), "DISPLAY="+w.display, "ANTEROOM_TRUTH="+w.truthFile())
	w.agent.Env = append(w.agent.Env, w.h.env...)
	log, err := os.OpenFile(w.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	w.h.must(err)
	defer log.Close()
	w.agent.Stdout, w.agent.Stderr = log, log
	w.agent.SysProcAttr = w.h.attributes()
	w.h.must(w.agent.Start())
	w.h.t.Cleanup(func() {
		w.stop()
		if w.h.t.Failed() {
			said, _ := os.ReadFile(log.Name())
			w.h.t.Logf("player of %s:\n%s", w.screen, said[max(0, len(said)-4000):])
		}
	})
}

func (w *wall) stop() {
	if w.agent == nil {
		return
	}
	agent := w.agent
	w.agent = nil
	if err := end(agent, patience); err != nil {
		w.h.t.Errorf("stopping the player of %s: %v", w.screen, err)
	}
}

// kill is the cable pulled: nothing gets to say goodbye.
func (w *wall) kill() {
	agent := w.agent
	w.agent = nil
	_ = syscall.Kill(-agent.Process.Pid, syscall.SIGKILL)
	_ = agent.Wait()
}

func (w *wall) logFile() string { return filepath.Join(w.h.dir, string(w.screen)+".log") }

func (w *wall) truthFile() string { return filepath.Join(w.h.dir, string(w.screen)+".truth") }

// truth is what the stages have written of each turn that they first drew.
func (w *wall) truth() []playertest.Line {
	w.h.t.Helper()
	file, err := os.ReadFile(w.truthFile())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	w.h.must(err)
	whole := file[:bytes.LastIndexByte(file, '\n')+1] // without a line that is being written
	lines, err := playertest.ReadTruth(whole)
	w.h.must(err)
	return lines
}

// status is what `player status --json` says.
func (w *wall) status() (map[string]any, error) {
	ctx, cancel := context.WithTimeout(w.h.t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, bin+"player", "status", "--json", "--data", w.dir).Output()
	if err != nil {
		return nil, err
	}
	var status map[string]any
	err = json.Unmarshal(out, &status)
	return status, err
}

// code is the pairing code that the player shows.
func (w *wall) code() string {
	w.h.t.Helper()
	var code string
	w.h.eventually(patience, "a pairing code shows", func() error {
		status, err := w.status()
		if err != nil {
			return err
		}
		if pairing, ok := status["pairing"].(map[string]any); ok {
			code, _ = pairing["code"].(string)
		}
		if code == "" {
			return fmt.Errorf("no code in %v", status)
		}
		return nil
	})
	return code
}

// at is the colour of a point on the glass, in fractions of it.
func (w *wall) at(x, y float64) (color.Color, error) {
	img, err := w.picture(fmt.Sprintf("1x1+%d+%d", int(x*float64(w.h.glass.X)), int(y*float64(w.h.glass.Y))))
	if err != nil {
		return nil, err
	}
	return img.At(img.Bounds().Min.X, img.Bounds().Min.Y), nil
}

// picture is a part of the glass, "width x height + left + top".
func (w *wall) picture(part string) (image.Image, error) {
	ctx, cancel := context.WithTimeout(w.h.t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, "import", "-display", w.display, "-window", "root", "-crop", part, "png:-").Output()
	if err != nil {
		return nil, fmt.Errorf("taking a picture of %s: %w", w.display, err)
	}
	return png.Decode(bytes.NewReader(out))
}

// xrandr switches the panel off or on. That X cannot make its screen 0 by 0 pixels is no harm.
func (w *wall) xrandr(how string) {
	w.h.t.Helper()
	out, err := exec.Command("xrandr", "-display", w.display, "--output", "screen", how).CombinedOutput()
	if err != nil && !strings.Contains(string(out), "RRSetScreenSize") {
		w.h.t.Fatalf("xrandr %s: %v: %s", how, err, out)
	}
}

// shows waits until the point, in fractions of the glass, has the colour.
func (w *wall) shows(within time.Duration, x, y float64, want color.RGBA) time.Duration {
	w.h.t.Helper()
	return w.h.eventually(within, fmt.Sprintf("%s shows %v at %v, %v", w.screen, want, x, y), func() error {
		return w.looks(x, y, want)
	})
}

func (w *wall) looks(x, y float64, want color.RGBA) error {
	c, err := w.at(x, y)
	if err != nil {
		return err
	}
	if !alike(c, want) {
		return fmt.Errorf("it is %v", c)
	}
	return nil
}

// alike reports whether a colour is the wanted one.
func alike(c color.Color, want color.RGBA) bool {
	r, g, b, _ := c.RGBA()
	return !far(byte(r>>8), want.R) && !far(byte(g>>8), want.G) && !far(byte(b>>8), want.B)
}

// far allows for what JPEG and scaling do to a flat colour.
func far(a, b byte) bool { return max(a, b)-min(a, b) > 6 }
