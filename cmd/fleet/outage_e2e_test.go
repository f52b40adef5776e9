//go:build e2e

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"anteroom/controller/store"
	"anteroom/player/clock"
	"anteroom/player/playertest"
	"anteroom/playlists"
	"anteroom/playlists/playliststest/faulttest"
)

// howManyOutages is how often the power goes: 6 times, or ANTEROOM_OUTAGES.
func howManyOutages() int {
	if given, err := strconv.Atoi(os.Getenv("ANTEROOM_OUTAGES")); err == nil {
		return given
	}
	return 6
}

// aMachine runs a program as the only one of a machine: all others die with it, the kernel gives this start a name of its
// own, and no disk but that of its data is there. Its arguments are where that name is kept, the data and the program.
const aMachine = `set -e
mount --make-rprivate /
mine=$(stat -L -c %m "$2")
grep ^/dev/loop /proc/mounts | while read -r _ dir _; do [ "$dir" = "$mine" ] || umount -l "$dir"; done
mount -t proc none /proc
cat /proc/sys/kernel/random/uuid >"$1"
mount --bind "$1" /proc/sys/kernel/random/boot_id
shift 2
exec "$@"`

// alone is a program of ours on a machine of its own.
func (h *house) alone(what, name string, args ...string) *exec.Cmd {
	data := filepath.Join(h.dir, name)
	if name == "controller" {
		data = h.data
	}
	return exec.Command("sh", slices.Concat([]string{"-c", aMachine, name, filepath.Join(h.dir, name+".boot"), data, bin + what}, args)...)
}

// outage is a loss of power, of a wall, of the controller or of both at one moment.
type outage struct {
	blow

	// failing: the disk goes a moment before the rest, which sees it fail for so long.
	failing bool
	moment  time.Duration
}

// drawOutages draws each combination as often as any other, one in two with disks that go first.
func drawOutages(r *rand.Rand, n, walls int) []outage {
	all := make([]outage, 0, n)
	for _, b := range drawBlows(r, 3*n, walls) {
		if b.victims&stageDies == 0 && len(all) < n { // it dies with its agent
			all = append(all, outage{blow: b, failing: r.IntN(2) == 0, moment: time.Duration(r.Int64N(int64(20 * time.Millisecond)))})
		}
	}
	return all
}

// machine is one with a disk of its own whose power can be cut.
type machine struct {
	*service

	disk *faulttest.Disk
	log  func() int // how much it has logged
	cuts []cut
}

// cut is when the power of a machine went: between two instants of CLOCK_MONOTONIC, in nanoseconds, and in its log.
type cut struct {
	from, to       int64
	logFrom, logTo int
	failing        bool
}

// blackout cuts the power of the machines of a storm.
type blackout struct {
	*storm

	t          *testing.T
	controller *machine
	agents     []*machine
	people     *staff
}

// newBlackout is a house whose machines have disks of their own.
func newBlackout(t *testing.T, r *rand.Rand, screens ...playlists.ScreenID) *blackout {
	t.Helper()
	b := &blackout{t: t}
	disk := newData(t, 1<<30)
	h := openBehind(t, func(h *house) { h.apart, h.data = true, filepath.Join(disk.Dir, "data") })
	var disks []*faulttest.Disk
	for _, screen := range screens {
		d := newData(t, 256<<20)
		h.must(os.Symlink(filepath.Join(d.Dir, "data"), filepath.Join(h.dir, "player-"+string(screen))))
		disks = append(disks, d)
	}
	walls := h.hangAll(screens...)
	b.storm = newStorm(h, r, walls)
	b.controller = &machine{service: b.storm.controller, disk: disk, log: func() int { return len(h.log()) }}
	for n, w := range walls {
		b.agents = append(b.agents, &machine{service: b.storm.agents[n], disk: disks[n], log: func() int {
			info, err := os.Stat(w.logFile())
			h.must(err)
			return int(info.Size())
		}})
	}
	b.people = &staff{h: h}
	return b
}

// newData is a disk with a directory for data that outlasts a power cut.
func newData(t *testing.T, size int64) *faulttest.Disk {
	t.Helper()
	d := faulttest.NewDisk(t, size)
	if err := os.Mkdir(filepath.Join(d.Dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	unix.Sync()
	return d
}

// cut waits for its moment, and until all that lose their power have it.
func (b *blackout) cut(o outage) {
	b.t.Helper()
	w := b.walls[o.wall]
	drawn := b.wait(func() bool { return !o.drawing || len(w.truth()) > b.drew[w] })
	b.until(time.Now().Add(o.after))
	var dark []*machine
	alive := b.wait(func() bool {
		dark = b.powered(o)
		return dark != nil
	})
	if !drawn || !alive {
		b.blows["left out"]++
		return
	}
	for _, m := range dark {
		m.cuts = append(m.cuts, cut{from: clock.Monotonic(), logFrom: m.log(), failing: o.failing})
	}
	b.people.outages.Add(1)
	b.off(o, dark)
	for _, m := range dark {
		<-m.ended
		now := &m.cuts[len(m.cuts)-1]
		now.to, now.logTo = clock.Monotonic(), m.log()
		m.disk.Again(b.t)
		m.due = time.Now().Add(o.agent)
		if m == b.controller {
			m.due = time.Now().Add(o.controller)
		}
	}
	b.people.outages.Add(1)
	b.drew[w] = len(w.truth())
	b.blows[o.String()]++
}

// off takes the power of the disks and of whoever uses them.
func (b *blackout) off(o outage, dark []*machine) {
	b.t.Helper()
	if o.failing {
		for _, m := range dark {
			m.disk.Cut(b.t)
		}
		time.Sleep(o.moment)
	}
	for _, m := range dark {
		_ = m.cmd.Process.Kill()
	}
	if !o.failing {
		for _, m := range dark {
			m.disk.Cut(b.t)
		}
	}
}

// powered are the machines that an outage takes; nil if one of them has no power now.
func (b *blackout) powered(o outage) (all []*machine) {
	if o.victims&agentDies != 0 {
		all = append(all, b.agents[o.wall])
	}
	if o.victims&controllerDies != 0 {
		all = append(all, b.controller)
	}
	for _, m := range all {
		if !m.due.IsZero() {
			return nil
		}
		select {
		case err := <-m.ended:
			b.t.Fatalf("the %s ended by itself: %v", m.name, err)
		default:
		}
	}
	return all
}

// settled ends the agents in good order, starts them again, and waits until the last of what was drawn by then is counted:
// what came before it has come, too, for a player's plays arrive by their numbers. It gives what was drawn.
func (b *blackout) settled() map[*wall][]playertest.Line {
	b.t.Helper()
	drawn := map[*wall][]playertest.Line{}
	for n, w := range b.walls {
		b.must(b.agents[n].end())
		drawn[w] = w.truth()
		w.start()
	}
	for _, w := range b.walls {
		last := drawnAs(drawn[w][len(drawn[w])-1])
		b.eventually(patience, fmt.Sprintf("the last turn of %s that was drawn before the stop is counted", w.screen), func() error {
			counted, err := b.plays(w.screen)
			if err == nil && !slices.ContainsFunc(counted, func(p playlists.Play) bool { return countedAs(&p) == last }) {
				err = fmt.Errorf("%v is not among %d plays", last, len(counted))
			}
			return err
		})
	}
	return drawn
}

// drawing is what a turn and its play have in common; at is in milliseconds of CLOCK_MONOTONIC.
type drawing struct {
	what   playlists.ItemID
	region string
	at     int64
}

func drawnAs(l playertest.Line) drawing {
	return drawing{playertest.Item(l.Label), l.Region, l.At / 1e6}
}

func countedAs(p *playlists.Play) drawing {
	return drawing{cmp.Or(p.Item, playlists.ItemID(p.Takeover)), p.Region, p.Mono}
}

// sum is what became of what was drawn: counted; counted from the start of its slot on; forgotten, because the power went
// before the disk knew of its picture, the oldest so long before. Due were turns counted of which nobody saw a picture, lost
// are those that were told as lost.
type sum struct {
	drawn, counted, rounded, forgotten, due, lost int
	oldest                                        time.Duration
}

// String tells it.
func (s sum) String() string {
	return fmt.Sprintf("%d turns were drawn: %d counted, %d counted from the start of their slot on, %d not counted, as the power went before the disk knew of them (the oldest %v before; %v is what a commit may keep back). "+
		"%d turns were counted that were due then and were not seen. Players told %d plays as lost, since disks failed under them: these are among those that are not counted, or were never drawn",
		s.drawn, s.counted, s.rounded, s.forgotten, s.oldest.Round(time.Millisecond), keptBack, s.due, s.lost)
}

// atOnce is how many turns of one wall a cut may concern: those that were cued.
const atOnce = 4

// keptBack is how old a turn may be that a cut takes: commits of the journal are grouped for 5 s, and may take a moment.
const keptBack = 6 * time.Second

// judge holds what was counted against what was drawn. A machine without power may forget the end of what it drew, which
// its disk did not know of, or count for at least a moment what was due just then; all else is exact.
func (m *machine) judge(lines []playertest.Line, plays []playlists.Play, s *sum) error {
	v := verdict{machine: m, lines: lines, open: map[drawing][]int{}, counted: make([]bool, len(lines)), missing: map[int]int{}, due: map[int]int{}}
	for n, l := range lines {
		v.open[drawnAs(l)] = append(v.open[drawnAs(l)], n)
	}
	var strange []*playlists.Play
	for i := range plays {
		if p := &plays[i]; !v.take(p, s) {
			strange = append(strange, p)
		}
	}
	for _, p := range strange {
		v.judgePlay(p, s)
	}
	for n, counted := range v.counted {
		s.drawn++
		if counted {
			s.counted++
		} else {
			v.judgeLine(n, s)
		}
	}
	return errors.Join(v.wrong...)
}

// verdict is one that is being found.
type verdict struct {
	*machine

	lines        []playertest.Line
	open         map[drawing][]int // lines that no play was found for yet
	counted      []bool            // by line
	missing, due map[int]int       // by cut
	wrong        []error
}

// take finds the line of a play; false if there is none.
func (v *verdict) take(p *playlists.Play, s *sum) bool {
	if p.Outcome == playlists.Failed || p.Mono > v.lines[len(v.lines)-1].At/1e6 {
		return true
	}
	if p.Gap != "" && p.Condensed == 0 && slices.ContainsFunc(v.cuts, func(c cut) bool { return c.failing }) {
		s.lost += p.Lost
		return true
	}
	of := countedAs(p)
	if len(v.open[of]) == 0 {
		return false
	}
	v.counted[v.open[of][0]] = true
	v.open[of] = v.open[of][1:]
	return true
}

// judgePlay looks at a play that no line fits: it was due when the power went, and its first picture was not on the disk.
func (v *verdict) judgePlay(p *playlists.Play, s *sum) {
	n := v.next(p.Mono * 1e6)
	if n < 0 || p.Gap != "" || p.Outcome != playlists.Interrupted || p.Shown != 0 || v.due[n] >= atOnce {
		v.wrong = append(v.wrong, fmt.Errorf("counted and not drawn, or counted twice: %+v", *p))
		return
	}
	v.due[n]++
	for i, l := range v.lines {
		of := drawnAs(l)
		if !v.counted[i] && v.next(l.At) == n && of.what == cmp.Or(p.Item, playlists.ItemID(p.Takeover)) && of.region == p.Region && of.at >= p.Mono {
			v.counted[i] = true
			s.rounded++
			return
		}
	}
	s.due++
}

// judgeLine looks at a turn that was not counted: it must have come within the last group of commits before the power went,
// and nothing that was drawn after it, and before that, may be counted.
func (v *verdict) judgeLine(n int, s *sum) {
	at := v.lines[n].At
	c := v.next(at)
	age := func() time.Duration { return time.Duration(v.cuts[c].from - at) }
	later := func(i int) bool { return v.counted[i] && v.lines[i].At > at && v.next(v.lines[i].At) == c }
	if c < 0 || v.missing[c] >= atOnce || age() > keptBack || slices.ContainsFunc(indexes(v.lines), later) {
		err := fmt.Errorf("drawn and not counted: %v", drawnAs(v.lines[n]))
		if c >= 0 {
			err = fmt.Errorf("%w, %v before the next cut", err, age())
		}
		v.wrong = append(v.wrong, err)
		return
	}
	v.missing[c]++
	s.forgotten++
	s.oldest = max(s.oldest, age())
}

func indexes(lines []playertest.Line) []int {
	all := make([]int, len(lines))
	for i := range all {
		all[i] = i
	}
	return all
}

// next is the first cut after an instant, -1 if there was none any more.
func (m *machine) next(at int64) int {
	return slices.IndexFunc(m.cuts, func(c cut) bool { return at <= c.to })
}

// complaints are lines of the logs that no outage excuses: what was logged while a disk failed does not count.
func (b *blackout) complaints() (lines []string) {
	for n, w := range b.walls {
		log, err := os.ReadFile(w.logFile())
		b.must(err)
		lines = append(lines, b.agents[n].complains(string(log))...)
	}
	return append(lines, b.controller.complains(b.log())...)
}

func (m *machine) complains(log string) (lines []string) {
	from := 0
	for _, c := range m.cuts {
		lines = append(lines, complaining(log[from:c.logFrom])...)
		from = c.logTo
	}
	return append(lines, complaining(log[from:])...)
}

// TestThePowerGoes takes the power from players, each agent and stage a machine, and from their controller, alone and
// together, at random moments, while staff upload, write, publish and look. Each has its data on a disk of its own, which
// forgets what was not synced. What a stage wrote down as drawn, elsewhere, is counted, once, but for what was drawn in the
// last moment; nothing else is; and what the controller acknowledged is there.
func TestThePowerGoes(t *testing.T) {
	t.Parallel()
	outages := howManyOutages()
	random := rand.New(rand.NewPCG(faulttest.Seed(t), 1))
	screens := []playlists.ScreenID{"north", "east", "south", "west"}
	if outages < 100 {
		screens = screens[:2]
	}
	b := newBlackout(t, random, screens...)
	ctx, rest := context.WithCancel(t.Context())
	var busy sync.WaitGroup
	busy.Go(func() { b.people.work(ctx) })
	busy.Go(func() { b.look(ctx, b.walls) })
	began := time.Now()
	for n, o := range drawOutages(random, outages, len(b.walls)) {
		if late, ok := t.Deadline(); ok && time.Until(late) < settled {
			break
		}
		b.cut(o)
		if (n+1)%100 == 0 {
			t.Logf("%d outages so far", n+1)
		}
	}
	over := time.Now()
	b.calm()
	rest()
	busy.Wait()
	b.must(b.api.SignIn(t.Context(), admin, password)) // the last cut may have taken the session
	drawn := b.settled()
	b.people.findsAll()
	for _, w := range b.walls {
		w.stop()
	}
	b.must(b.controller.end())
	b.people.findsBytes()
	if out := b.blows["left out"]; out > outages/4 {
		t.Errorf("%d of %d outages were left out", out, outages)
	}
	var s sum
	b.kept(over, func(kept store.Plays, w *wall, mine []store.StoredPlay) {
		all := make([]playlists.Play, 0, len(mine))
		for i := range mine {
			all = append(all, mine[i].Play)
		}
		if err := errors.Join(b.agents[slices.Index(b.walls, w)].judge(drawn[w], all, &s), w.chained(kept, mine)); err != nil {
			t.Errorf("%s: %v", w.screen, err)
		}
	})
	for _, line := range b.complaints() {
		t.Errorf("it was logged: %s", line)
	}
	t.Logf("of %d outages, in %v: %v", outages, over.Sub(began).Round(time.Second), b.blows)
	t.Log(s)
	t.Logf("acknowledged: %d pictures, %d items, %d publications; %d requests unanswered, %d pictures refused, signed in %d times anew",
		len(b.people.assets), len(b.people.items), len(b.people.publications), b.people.unanswered, b.people.refused, b.people.signedIn)
}
