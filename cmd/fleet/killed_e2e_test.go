//go:build e2e

package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/player/account"
	"anteroom/player/identity"
	"anteroom/player/playertest"
	"anteroom/playlists"
	"anteroom/playlists/playliststest/faulttest"
	"anteroom/playlists/wire"
)

// blows is how often somebody is killed: 20 times, or ANTEROOM_KILLS.
func blows() int {
	if given, err := strconv.Atoi(os.Getenv("ANTEROOM_KILLS")); err == nil {
		return given
	}
	return 20
}

// settled is by when before the test's deadline the blows end, so that what they did can be looked at.
const settled = 8 * time.Minute

// victims are who dies of one blow.
type victims uint8

const (
	agentDies victims = 1 << iota
	stageDies
	controllerDies
	everyoneDies = agentDies | stageDies | controllerDies
)

func (v victims) String() string {
	names := map[victims]string{agentDies: "agent", stageDies: "stage", controllerDies: "controller"}
	var all []string
	for _, one := range []victims{agentDies, stageDies, controllerDies} {
		if v&one != 0 {
			all = append(all, names[one])
		}
	}
	return strings.Join(all, " and ")
}

// blow kills, with SIGKILL and at one moment, the agent and the stage of one wall, the controller, or any of them.
type blow struct {
	victims

	wall int
	// drawing: it waits until the wall has drawn since it was hit. after is how long after that, or after the blow before,
	// it comes; then it waits until all its victims live.
	drawing bool
	after   time.Duration
	// agent and controller are when each is started again.
	agent, controller time.Duration
}

// drawBlows draws every combination as often as any other. Half of the blows come into a wall that draws, the others at
// any moment, also while somebody recovers.
func drawBlows(r *rand.Rand, n, walls int) []blow {
	within := func(d time.Duration) time.Duration { return time.Duration(r.Int64N(int64(d))) }
	all := make([]blow, 0, n)
	for len(all) < n {
		for _, v := range r.Perm(int(everyoneDies)) {
			b := blow{
				victims: victims(v + 1), wall: r.IntN(walls), drawing: r.IntN(2) == 0, after: within(2 * time.Second),
				agent: within(500 * time.Millisecond), controller: within(500 * time.Millisecond),
			}
			all = append(all, b)
		}
	}
	return all[:n]
}

// service is a program that is started again whenever it was killed, as by systemd.
type service struct {
	name  string
	cmd   *exec.Cmd
	log   string // file that it writes to, empty: as before
	ended chan error
	due   time.Time // when it is started again; zero while it runs
}

// take takes over a program that runs.
func take(name string, cmd **exec.Cmd) *service {
	s := &service{name: name}
	s.runs(*cmd)
	*cmd = nil
	return s
}

func (s *service) runs(cmd *exec.Cmd) {
	ended := make(chan error, 1)
	go func() {
		ended <- cmd.Wait()
		close(ended)
	}()
	s.cmd, s.ended, s.due = cmd, ended, time.Time{}
}

// again starts it once more.
func (s *service) again() error {
	next := exec.Command(s.cmd.Path, s.cmd.Args[1:]...)
	next.Env, next.SysProcAttr, next.WaitDelay = s.cmd.Env, s.cmd.SysProcAttr, 5*time.Second
	next.Stdout, next.Stderr = s.cmd.Stdout, s.cmd.Stderr
	if s.log != "" {
		log, err := os.OpenFile(s.log, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		defer log.Close()
		next.Stdout, next.Stderr = log, log
	}
	if err := next.Start(); err != nil {
		return fmt.Errorf("starting the %s again: %w", s.name, err)
	}
	s.runs(next)
	return nil
}

// end asks it to end, and gives its word.
func (s *service) end() error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-s.ended:
		return err
	case <-time.After(patience):
		_ = s.cmd.Process.Kill()
		return fmt.Errorf("the %s still ran %v after SIGTERM", s.name, patience)
	}
}

// storm kills the agents and stages of several walls, and their controller.
type storm struct {
	*house

	walls      []*wall
	agents     []*service
	controller *service
	random     *rand.Rand
	drew       map[*wall]int // turns that a wall had drawn when it was last hit
	blows      map[string]int
	signals    map[string]int
}

func newStorm(h *house, r *rand.Rand, walls []*wall) *storm {
	s := &storm{house: h, walls: walls, random: r, drew: map[*wall]int{}, blows: map[string]int{}, signals: map[string]int{}}
	s.controller = take("controller", &h.controller)
	for _, w := range walls {
		agent := take("agent of "+string(w.screen), &w.agent)
		agent.log = w.logFile()
		s.agents = append(s.agents, agent)
	}
	h.t.Cleanup(func() {
		for _, one := range s.services() {
			_ = one.cmd.Process.Kill()
			<-one.ended
		}
	})
	return s
}

func (s *storm) services() []*service { return append([]*service{s.controller}, s.agents...) }

// until waits, and starts meanwhile what is due.
func (s *storm) until(at time.Time) {
	s.t.Helper()
	for {
		var next *service
		for _, one := range s.services() {
			if !one.due.IsZero() && one.due.Before(at) && (next == nil || one.due.Before(next.due)) {
				next = one
			}
		}
		if next == nil {
			time.Sleep(time.Until(at))
			return
		}
		time.Sleep(time.Until(next.due))
		s.must(next.again())
	}
}

// strike waits for its moment, and until all its victims live. A blow that cannot come, because a busy machine takes long
// to start them, is left out.
func (s *storm) strike(b blow) {
	s.t.Helper()
	w := s.walls[b.wall]
	drawn := s.wait(func() bool { return !b.drawing || len(w.truth()) > s.drew[w] })
	s.until(time.Now().Add(b.after))
	var dying []*os.Process
	alive := s.wait(func() bool {
		dying = s.living(b)
		return dying != nil
	})
	if !drawn || !alive {
		s.blows["left out"]++
		return
	}
	s.random.Shuffle(len(dying), func(i, j int) { dying[i], dying[j] = dying[j], dying[i] })
	for _, one := range dying {
		_ = one.Kill()
	}
	s.drew[w] = len(w.truth())
	s.blows[b.String()]++
	if b.victims&stageDies != 0 {
		s.signals["stage"]++
	}
	if b.victims&controllerDies != 0 {
		<-s.controller.ended
		s.controller.due = time.Now().Add(b.controller)
		s.signals["controller"]++
	}
	if b.victims&agentDies != 0 {
		<-s.agents[b.wall].ended
		s.agents[b.wall].due = time.Now().Add(b.agent)
		s.signals["agent"]++
	}
}

// wait waits patiently, and reports whether it was worth it.
func (s *storm) wait(may func() bool) bool {
	s.t.Helper()
	for began := time.Now(); !may(); s.until(time.Now().Add(5 * time.Millisecond)) {
		if time.Since(began) > patience {
			return false
		}
	}
	return true
}

// living are the victims; nil if one of them does not live now.
func (s *storm) living(b blow) (all []*os.Process) {
	for _, one := range s.services() {
		if one == s.controller && b.victims&controllerDies == 0 || one != s.controller && (b.victims&agentDies == 0 || one != s.agents[b.wall]) {
			continue
		}
		if !one.due.IsZero() {
			return nil
		}
		select {
		case err := <-one.ended:
			s.t.Fatalf("the %s ended by itself: %v", one.name, err)
		default:
		}
		all = append(all, one.cmd.Process)
	}
	if b.victims&stageDies != 0 {
		stage := s.walls[b.wall].stage()
		if stage == nil {
			return nil
		}
		all = append(all, stage)
	}
	return all
}

// stage is the newest stage of a player, also while its agent is dead; nil if it does not live.
func (w *wall) stage() *os.Process {
	all, err := account.List(filepath.Join(w.dir, "stage"))
	if err != nil || len(all) == 0 || all[len(all)-1].Head.PID == 0 {
		return nil
	}
	newest := all[len(all)-1]
	p, err := os.FindProcess(newest.Head.PID) // which holds on to this one, whoever gets its number next
	if err != nil {
		return nil
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", p.Pid))
	if err != nil || !bytes.Contains(line, []byte(newest.Path)) {
		return nil
	}
	return p
}

// calm starts whoever is dead, and waits until the controller answers and all draw.
func (s *storm) calm() {
	s.t.Helper()
	s.until(time.Now().Add(time.Second))
	s.eventually(patience, "the controller is ready", func() error { return get(http.DefaultClient, s.base()+"/readyz") })
	for _, w := range s.walls {
		w.drawn(len(w.truth()) + 2)
	}
}

// settle ends the agents in good order, starts them again, and waits until all that was drawn by then is counted. It gives
// what was drawn.
func (s *storm) settle() map[*wall][]playertest.Line {
	s.t.Helper()
	drawn := map[*wall][]playertest.Line{}
	for n, w := range s.walls {
		s.must(s.agents[n].end())
		b, err := os.ReadFile(w.truthFile())
		s.must(err)
		drawn[w], err = playertest.ReadTruth(b)
		s.must(err)
		w.start()
	}
	for _, w := range s.walls {
		s.counts(w.screen, drawn[w])
	}
	s.eventually(patience, "all are linked and play", func() error { return s.linked(len(s.walls)) })
	return drawn
}

// audit opens the store of a controller that has ended: what it holds of each wall is what was drawn, in one stream, dense,
// and its chain is signed by the player. It gives how many turns were drawn, and how many plays had arrived by an instant.
func (s *storm) audit(drawn map[*wall][]playertest.Line, by time.Time) (turns, early int) {
	s.t.Helper()
	s.kept(by, func(kept store.Plays, w *wall, mine []store.StoredPlay) {
		turns += len(drawn[w])
		all := make([]playlists.Play, 0, len(mine))
		for i := range mine {
			all = append(all, mine[i].Play)
			if mine[i].Received.Before(by) {
				early++
			}
		}
		if err := errors.Join(differences(playertest.Compare(drawn[w], all)), w.chained(kept, mine)); err != nil {
			s.t.Errorf("%s: %v", w.screen, err)
		}
	})
	return turns, early
}

// kept opens the store of a controller that has ended, and gives the plays of each wall of the days around an instant, by
// their numbers.
func (s *storm) kept(around time.Time, look func(kept store.Plays, w *wall, mine []store.StoredPlay)) {
	s.t.Helper()
	kept, err := bolt.Open(s.t.Context(), bolt.Config{Dir: filepath.Join(s.data, "store"), Log: slog.New(slog.DiscardHandler)})
	s.must(err)
	defer func() { s.must(kept.Close()) }()
	plays := map[playlists.ScreenID][]store.StoredPlay{}
	for p, err := range kept.Scan(s.t.Context(), around.Add(-24*time.Hour), around.Add(24*time.Hour)) {
		s.must(err)
		plays[p.Screen] = append(plays[p.Screen], p)
	}
	for _, w := range s.walls {
		mine := plays[w.screen]
		slices.SortFunc(mine, func(a, b store.StoredPlay) int { return cmp.Compare(a.Seq, b.Seq) })
		look(kept, w, mine)
	}
}

// chained holds plays, by their numbers, to be one stream without a hole whose end the player has signed.
func (w *wall) chained(kept store.Plays, plays []store.StoredPlay) error {
	me, err := identity.Open(filepath.Join(w.dir, "identity"))
	if err != nil {
		return err
	}
	stream := plays[0].Stream
	chain, err := wire.ChainStart(stream)
	if err != nil {
		return err
	}
	for i := range plays {
		if p := &plays[i]; p.Stream != stream || p.Player != me.Player() || p.Seq != uint64(i+1) {
			return fmt.Errorf("play %d of stream %s and player %s where %d of %s and %s should be", p.Seq, p.Stream, p.Player, i+1, stream, me.Player())
		}
		chain = wire.Chain(chain, plays[i].Play)
	}
	mark, err := kept.Watermark(w.h.t.Context(), stream)
	if err != nil {
		return err
	}
	public, _ := me.Key().Public().(ed25519.PublicKey)
	if !bytes.Equal(chain, mark.Chain) || !ed25519.Verify(public, wire.BatchBytes(stream, mark.SignedFrom, mark.Through, chain), mark.Signature) {
		return fmt.Errorf("the chain of %d plays is not what the player signed through %d", len(plays), mark.Through)
	}
	return nil
}

// complaints are lines of the programs' logs that no kill excuses.
func (s *storm) complaints() []string {
	logs := s.log()
	for _, w := range s.walls {
		b, err := os.ReadFile(w.logFile())
		s.must(err)
		logs += string(b)
	}
	return complaining(logs)
}

// complaining are the lines that need a person. An asset that was on in three deaths of the stage is set aside, as it should
// be.
func complaining(logs string) (lines []string) {
	for line := range strings.Lines(logs) {
		if strings.Contains(line, "asset set aside") {
			continue
		}
		for _, bad := range []string{"level=ERROR", "player needs a person", "panic", "fatal error"} {
			if strings.Contains(line, bad) {
				lines = append(lines, line)
				break
			}
		}
	}
	return lines
}

// fourWalls is a house with four players that play a short loop, and a notice board without one.
func fourWalls(t *testing.T) (*house, []*wall) {
	t.Helper()
	h := open(t)
	walls := h.hangAll("north", "east", "south", "west")
	return h, walls
}

// hangAll hangs players that play a short loop, beside a notice board without one.
func (h *house) hangAll(screens ...playlists.ScreenID) (walls []*wall) {
	h.t.Helper()
	h.item("red", red)
	h.item("green", green)
	h.item("blue", blue)
	h.playlist("filler", 2*time.Second, "red", "green", "blue")
	h.playlist("notices", 2*time.Second, "red")
	h.department("cardiology", "filler", screens...)
	h.department("noticeboard", "notices", "board")
	h.publish("cardiology", "noticeboard")
	for _, screen := range screens {
		walls = append(walls, h.hang(screen))
	}
	for _, w := range walls {
		w.drawn(2)
	}
	return walls
}

// TestAgentsStagesAndControllerAreStruck kills them, alone and together, at random moments, while staff upload, write,
// publish and look. Each play that a stage wrote down as drawn is counted, once, and nothing else is; what the controller
// acknowledged is there.
func TestAgentsStagesAndControllerAreStruck(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(faulttest.Seed(t), 1))
	h, walls := fourWalls(t)
	s := newStorm(h, random, walls)
	people := &staff{h: h}
	ctx, rest := context.WithCancel(t.Context())
	var busy sync.WaitGroup
	busy.Go(func() { people.work(ctx) })
	busy.Go(func() { h.look(ctx, walls) })
	began := time.Now()
	for _, b := range drawBlows(random, blows(), len(walls)) {
		if late, ok := t.Deadline(); ok && time.Until(late) < settled {
			break
		}
		s.strike(b)
	}
	over := time.Now()
	s.calm()
	rest()
	busy.Wait()
	drawn := s.settle()
	people.findsAll()
	for _, w := range walls {
		w.stop()
	}
	h.must(s.controller.end())
	people.findsBytes()
	if out := s.blows["left out"]; out > blows()/4 {
		t.Errorf("%d of %d blows were left out", out, blows())
	}
	turns, early := s.audit(drawn, over)
	for _, line := range s.complaints() {
		t.Errorf("it was logged: %s", line)
	}
	t.Logf("of %d blows, in %v: %v; SIGKILLs: %v", blows(), over.Sub(began).Round(time.Second), s.blows, s.signals)
	t.Logf("%d plays drawn; %d plays had arrived by the last blow", turns, early)
	t.Logf("acknowledged: %d pictures, %d items, %d publications; %d requests unanswered, %d pictures refused",
		len(people.assets), len(people.items), len(people.publications), people.unanswered, people.refused)
}
