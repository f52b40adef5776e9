package supervise

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"anteroom/player/account"
	"anteroom/player/playback"
	"anteroom/playlists"
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
	if how == "starts-slowly" {
		time.Sleep(1300 * time.Millisecond)
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
	if how == "reads-late" {
		time.Sleep(500 * time.Millisecond)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var o playback.Order
		if json.Unmarshal(lines.Bytes(), &o) != nil || o.Scene == nil {
			continue
		}
		for _, r := range o.Scene.Regions {
			drawn := playback.Event{Drawn: &playback.Drawn{Scene: o.Scene.ID, Turn: r.Turn, At: o.Scene.At}}
			if !note(drawn) {
				return 4
			}
			if how != "dies-before-telling" {
				say(drawn)
			}
		}
		switch how {
		case "dies":
			fmt.Fprintln(os.Stderr, "panic: a picture too big")
			return 2
		case "freezes":
			time.Sleep(time.Hour)
		case "with-child", "dies-before-telling":
			return 2
		}
	}
	return 0
}

// note writes an event into the account, if the stage was given one.
func note(e playback.Event) bool {
	i := slices.Index(os.Args, "--account")
	if i < 0 {
		return true
	}
	w, err := account.Open(os.Args[i+1])
	return err == nil && w.Tell(e) == nil && w.Close() == nil
}

type theatre struct {
	*Supervisor

	t    *testing.T
	stop context.CancelFunc
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
	th := &theatre{s, t, cancel, make(chan struct{})}
	go func() {
		defer close(th.done)
		_ = s.Run(ctx)
	}()
	t.Cleanup(th.end)
	return th
}

// end ends the supervisor; what it still tells is lost.
func (th *theatre) end() {
	th.stop()
	for late := time.After(time.Minute); ; {
		select {
		case <-th.done:
			return
		case <-th.Events():
		case <-late:
			th.t.Error("supervisor did not end")
			return
		}
	}
}

func (th *theatre) next(what string, want func(playback.Event) bool) playback.Event {
	th.t.Helper()
	late := time.After(time.Minute)
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

// TestASlowStageGetsTheNewest: its pipe is full and far more orders wait than are kept; what it is told
// in the end is the last.
func TestASlowStageGetsTheNewest(t *testing.T) {
	th := open(t, "reads-late")
	th.next("ready", isReady)
	const last = 20 * maxQueue
	for at := range int64(last + 1) {
		o := scene(at)
		o.Scene.Name = strings.Repeat("x", 4096)
		th.Send(o)
	}
	th.next("the last order drawn", func(e playback.Event) bool { return e.Drawn != nil && e.Drawn.At == last })
}

func TestOrdersThatWaitAreReplaced(t *testing.T) {
	at := func(at int64) playback.Order { return playback.Order{Scene: &playback.Scene{At: at}} }
	snapshot := func(path string) playback.Order { return playback.Order{Snapshot: path} }
	for _, test := range []struct {
		what       string
		sent, want []playback.Order
	}{
		{"one after the other", []playback.Order{at(1), at(2)}, []playback.Order{at(1), at(2)}},
		{"the same instant", []playback.Order{at(1), at(2), at(2)}, []playback.Order{at(1), at(2)}},
		{"a takeover, at once", []playback.Order{at(5), at(9), at(2)}, []playback.Order{at(2)}},
		{"two snapshots", []playback.Order{snapshot("a"), at(1), snapshot("b")}, []playback.Order{at(1), snapshot("b")}},
	} {
		q := newOrders()
		for _, o := range test.sent {
			if !q.put(o) {
				t.Errorf("%s: an order was lost", test.what)
			}
		}
		var got []playback.Order
		for o, ok := q.next(); ok; o, ok = q.next() {
			got = append(got, o)
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %+v, want %+v", test.what, got, test.want)
		}
	}
}

func TestDeadStageComesBack(t *testing.T) {
	th := open(t, "dies")
	th.next("ready", isReady)
	th.Send(scene(42))
	gone := th.next("gone", isGone).Gone
	died := time.Now()
	if gone.At != 42 || !gone.Display || !strings.Contains(gone.Reason, "a picture too big") {
		t.Errorf("got %+v, want the last drawn instant and what it said last", gone)
	}
	th.next("ready again", isReady)
	t.Logf("back after %v", time.Since(died))
}

func TestAStageIsStartedAnewOnRequest(t *testing.T) {
	th := open(t, "well")
	first := th.next("ready", isReady)
	th.Restart()
	gone := th.next("gone", isGone)
	if !gone.Gone.Asked || !gone.Gone.Display {
		t.Errorf("got %+v, want one that was asked to, and no fault of the display", gone.Gone)
	}
	if second := th.next("ready", isReady); second.Ready.PID == first.Ready.PID {
		t.Error("it is the same stage")
	}
}

func TestFrozenStageIsKilled(t *testing.T) {
	th := open(t, "freezes")
	th.next("ready", isReady)
	th.Send(scene(42))
	began := time.Now()
	gone := th.next("gone", isGone).Gone
	if took := time.Since(began); took < 800*time.Millisecond {
		t.Errorf("killed after %v of silence, want about 1 s", took)
	}
	if !strings.Contains(gone.Reason, "froze") || !gone.Display {
		t.Errorf("got %+v", gone)
	}
	th.next("ready again", isReady)
}

// TestASlowStartIsAwaited: a stage that needs longer than it may be silent is killed, and not for ever.
func TestASlowStartIsAwaited(t *testing.T) {
	th := open(t, "starts-slowly")
	gone := th.next("gone", isGone).Gone
	if !strings.Contains(gone.Reason, "froze") || gone.Display {
		t.Errorf("got %+v", gone)
	}
	th.next("ready", isReady)
}

func TestNoDisplayIsNobodysFault(t *testing.T) {
	var log bytes.Buffer
	th := open(t, "blind", func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	began := time.Now()
	for range 4 {
		if gone := th.next("gone", isGone).Gone; gone.Display {
			t.Fatalf("got %+v, want no display", gone)
		}
	}
	if took := time.Since(began); took < 600*time.Millisecond {
		t.Errorf("four starts in %v: no back-off", took)
	}
	th.end()
	if n := strings.Count(log.String(), "stage gone"); n != 1 {
		t.Errorf("it is logged %d times:\n%s", n, &log)
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
	gone, _ := s.live(t.Context(), time.Second)
	if gone.Display || !strings.Contains(gone.Reason, "/nowhere/stage") {
		t.Errorf("got %+v", gone)
	}
}

// TestWhatTheAccountSaysStillCounts: a stage that is killed between drawing and telling has drawn.
func TestWhatTheAccountSaysStillCounts(t *testing.T) {
	th := open(t, "dies-before-telling", func(c *Config) { c.Accounts = t.TempDir() })
	th.next("ready", isReady)
	th.Send(scene(42))
	e := th.next("drawn or gone", func(e playback.Event) bool { return isDrawn(e) || isGone(e) })
	if e.Drawn == nil || e.Drawn.Turn != 7 || e.Drawn.At != 42 {
		t.Fatalf("got %+v, want turn 7 drawn", e)
	}
	if e := th.next("gone", isGone); e.Gone.At != 42 {
		t.Errorf("got %+v, want its end at 42", e.Gone)
	}
}

// orphan is a stage that an earlier agent left behind: any process, with its account.
func orphan(t *testing.T, dir string, at int64, boot playlists.BootID, turn uint64) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("sleep", "60")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	book, err := account.New(dir, at)
	if err != nil {
		t.Fatal(err)
	}
	if err := book.Put(account.Head{Boot: boot, PID: cmd.Process.Pid, Since: startOf(cmd.Process.Pid)}); err != nil {
		t.Fatal(err)
	}
	w, err := account.Open(book.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.Tell(playback.Event{Drawn: &playback.Drawn{Turn: turn, At: at}}); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// TestStagesOfDeadAgentsAreReplaced: they are dead before the first Ready is heard, and what they drew is
// told; what another boot left is neither killed nor told.
func TestStagesOfDeadAgentsAreReplaced(t *testing.T) {
	dir := t.TempDir()
	first, second := orphan(t, dir, 10, "boot-1", 1), orphan(t, dir, 20, "boot-1", 2)
	other := orphan(t, dir, 30, "boot-0", 3)
	defer func() {
		_ = other.Process.Kill()
		_ = other.Wait()
	}()
	if _, err := account.New(dir, 40); err != nil { // its stage was not even named
		t.Fatal(err)
	}
	if err := second.Process.Kill(); err != nil { // dead, and nobody has fetched its status
		t.Fatal(err)
	}
	th := open(t, "well", func(c *Config) { c.Accounts, c.Boot = dir, "boot-1" })
	e := th.next("earlier or ready", func(playback.Event) bool { return true })
	if e.Earlier == nil || len(e.Earlier.Lives) != 2 {
		t.Fatalf("got %+v first, want the two earlier stages of this boot", e)
	}
	for i, life := range e.Earlier.Lives {
		if len(life.Told) != 1 || life.Told[0].Drawn.Turn != uint64(i+1) {
			t.Errorf("stage %d told %+v", i+1, life.Told)
		}
	}
	if lives := e.Earlier.Lives; lives[0].End <= 10 || lives[1].End != 20 {
		t.Errorf("they drew until %d and %d; the first was killed just now, the second is known to have drawn until 20", lives[0].End, lives[1].End)
	}
	if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", first.Process.Pid)); err == nil && !strings.Contains(string(stat), ") Z ") {
		t.Errorf("the first still lives: %s", stat)
	}
	_, _ = first.Wait(), second.Wait()
	if startOf(other.Process.Pid) == "" {
		t.Error("a process that another boot's account names was killed")
	}
	th.next("ready", isReady)
	if all, err := account.List(dir); err != nil || len(all) != 3 {
		t.Errorf("%d accounts are kept (%v), want those of three stages of this boot", len(all), err)
	}
}

// TestAStageThatTakesLongToDieHasDrawn: on a busy machine a killed stage may not be dead in time; what it drew is told
// all the same.
func TestAStageThatTakesLongToDieHasDrawn(t *testing.T) {
	dir := t.TempDir()
	slow := orphan(t, dir, 10, "boot-1", 1)
	s := New(Config{Accounts: dir, Boot: "boot-1", Mono: func() int64 { return 50 }, Log: slog.New(slog.DiscardHandler)})
	s.patience = 0
	earlier, err := s.earlier()
	if err != nil || len(earlier.Lives) != 1 || len(earlier.Lives[0].Told) != 1 || earlier.Lives[0].Told[0].Drawn.Turn != 1 {
		t.Errorf("got %+v, %v", earlier, err)
	}
	_ = slow.Wait()
}

// TestAnAccountThatThePowerTook: nobody knows what its stage drew, so that nothing is told of any; and it is no fault.
func TestAnAccountThatThePowerTook(t *testing.T) {
	dir := t.TempDir()
	known := orphan(t, dir, 10, "boot-1", 1)
	lost, err := account.New(dir, 20)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(lost.Path, 0); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	th := open(t, "well", func(c *Config) {
		c.Accounts, c.Boot = dir, "boot-1"
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	if e := th.next("earlier or ready", func(playback.Event) bool { return true }); e.Ready == nil {
		t.Errorf("got %+v first, want that the stage is ready", e)
	}
	_ = known.Wait() // it was killed
	if _, err := os.Stat(lost.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
	th.end()
	if said := log.String(); !strings.Contains(said, `level=INFO msg="accounts of earlier stages lost"`) || strings.Contains(said, "level=ERROR") {
		t.Errorf("it was logged:\n%s", said)
	}
}

func TestAStageThatWasNeverReadyLeavesNoAccount(t *testing.T) {
	dir := t.TempDir()
	th := open(t, "blind", func(c *Config) { c.Accounts = dir })
	for range 3 {
		th.next("gone", isGone)
	}
	if all, err := account.List(dir); err != nil || len(all) > 1 {
		t.Errorf("%d accounts are left: %v", len(all), err)
	}
}
