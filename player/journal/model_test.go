package journal

import (
	"bufio"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"

	"anteroom/playlists"
	"anteroom/playlists/playliststest/faulttest"
	"anteroom/playlists/wire"
)

// TestMain is the writer that gets killed and the child that probes, too.
func TestMain(m *testing.M) {
	if dir := os.Getenv("JOURNAL_WRITER"); dir != "" {
		os.Exit(writeUntilKilled(dir))
	}
	if os.Getenv("JOURNAL_PROBE") != "" {
		if err := ProbeMain(os.Args[len(os.Args)-1], os.Stdout); err != nil {
			panic(err)
		}
		return
	}
	faulttest.Main(m, faultOperations())
}

// TestAgainstAModel holds the journal to a naive slice, with crashes between any two steps.
func TestAgainstAModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b, c := newBench(t, nil), newController(t)
		// The model: what is durable, what waits, which turns are open on disk and in memory.
		var durable, waiting []int
		type turn struct{ drawn, onDisk, drawnOnDisk bool }
		open := map[uint64]*turn{}
		interruptions := 0
		next, boots := uint64(0), 1
		commit := func() {
			b.commit()
			durable, waiting = append(durable, waiting...), nil
			for _, m := range open {
				m.onDisk, m.drawnOnDisk = true, m.drawn
			}
		}
		onDisk := map[uint64]turn{} // what the open bucket holds
		sync := func() {
			commit()
			clear(onDisk)
			for id, m := range open {
				onDisk[id] = *m
			}
		}
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			b.pass(time.Duration(rapid.IntRange(1, 20_000).Draw(rt, "pass")) * time.Second / 10)
			switch rapid.IntRange(0, 6).Draw(rt, "step") {
			case 0:
				next++
				b.Open(next, b.play(next), b.now)
				open[next] = &turn{}
			case 1:
				for id, m := range open {
					b.Begin(id, b.play(id), b.now)
					m.drawn = true
					break
				}
			case 2:
				for id := range open {
					p := b.play(id)
					p.Outcome = playlists.Complete
					b.End(id, p)
					waiting = append(waiting, int(id))
					delete(open, id)
					break
				}
			case 3:
				for id, m := range open {
					if !m.drawn {
						b.Withdraw(id)
						delete(open, id)
						break
					}
				}
			case 4:
				sync()
			case 5:
				c.drain(b)
			case 6:
				boots++
				// Marks whose slot had come, by the last sign of life, are interrupted plays now.
				interruptions += len(onDisk)
				clear(onDisk)
				clear(open)
				waiting = nil
				b.crash(playlists.BootID(fmt.Sprintf("boot-%d", boots)))
			}
		}
		sync()
		c.drain(b)
		if got := c.count(playlists.Complete); got != len(durable) {
			rt.Fatalf("%d complete plays arrived, %d were durable", got, len(durable))
		}
		if got := c.count(playlists.Interrupted); got != interruptions {
			rt.Fatalf("%d interrupted plays arrived, the model has %d", got, interruptions)
		}
		if len(c.streams) > 1 || c.gaps() > 0 {
			rt.Fatalf("%d streams, %d gaps", len(c.streams), c.gaps())
		}
	})
}

// writeUntilKilled shows one slot after another and says which are durable.
func writeUntilKilled(dir string) int {
	began := time.Now()
	j := New(Config{
		Dir: dir, Boot: "boot", Now: time.Now, Mono: func() int64 { return int64(time.Since(began)) + int64(time.Hour) },
		Log: slog.New(slog.DiscardHandler),
	})
	state, err := j.State()
	if err != nil {
		fmt.Println("failed", err)
		return 1
	}
	fmt.Println("began", state.Last)
	for turn := uint64(1); ; turn++ {
		p := playlists.Play{Screen: "lobby", Item: "item", Region: "main", Start: time.Now(), Boot: "boot", Planned: 10}
		p.Mono = j.cfg.Mono() / 1e6
		j.Open(turn, p, p.Start)
		if j.Commit() != nil {
			return 1
		}
		j.Begin(turn, p, p.Start)
		p.Outcome = playlists.Complete
		j.End(turn, p)
		if j.Commit() != nil {
			return 1
		}
		fmt.Println("durable", turn)
	}
}

// TestKilledWriter kills a process that writes, at random moments: what it said was durable is there,
// once.
func TestKilledWriter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	durable, doubtful := 0, 0
	for round := range 12 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "JOURNAL_WRITER="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		killed := false
		said := 0
		for lines := bufio.NewScanner(out); lines.Scan(); {
			word, number, _ := strings.Cut(lines.Text(), " ")
			n, _ := strconv.Atoi(number)
			switch word {
			case "failed":
				t.Fatal(lines.Text())
			case "durable":
				said = n
			}
			if n > 3+round*2 && !killed {
				killed = true
				_ = cmd.Process.Signal(syscall.SIGKILL)
			}
		}
		_ = cmd.Wait()
		durable += said
		doubtful++ // the one that was being written
	}
	b := &bench{t: t, now: time.Now(), on: time.Now()}
	b.Journal = New(Config{
		Dir: dir, Boot: "after", Now: func() time.Time { return b.now }, Mono: func() int64 { return 1 }, Log: slog.New(slog.DiscardHandler),
	})
	c := newController(t)
	c.drain(b)
	complete, interrupted := c.count(playlists.Complete), c.count(playlists.Interrupted)
	if complete < durable || complete > durable+doubtful || interrupted > doubtful || len(c.streams) != 1 {
		t.Errorf("%d said durable, %d found complete, %d interrupted, %d streams", durable, complete, interrupted, len(c.streams))
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func TestDiskThatRefuses(t *testing.T) {
	b, c := newBench(t, func(cfg *Config) { cfg.NoSync = false }), newController(t)
	b.show(1)
	// The file is taken away under the journal's feet: the commit fails, and is made up for.
	b.mu.Lock()
	if err := b.head().close(); err != nil {
		t.Fatal(err)
	}
	if err := b.head().openFor(false, &b.cfg); err != nil {
		t.Fatal(err)
	}
	b.mu.Unlock()
	b.End(2, b.play(2))
	if err := b.Commit(); err == nil {
		t.Fatal("a refused write was taken for durable")
	}
	b.End(3, b.play(3))
	b.commit()
	c.drain(b)
	if len(c.plays) != 3 {
		t.Errorf("got %d plays, want 3, each once", len(c.plays))
	}
}

// TestCommitThatFailedAndWasDurable is the other half: the error came after the disk had it.
func TestCommitThatFailedAndWasDurable(t *testing.T) {
	b, c := newBench(t, nil), newController(t)
	b.show(1)
	b.End(2, b.play(2))
	b.mu.Lock()
	j := b.Journal
	ops, _ := j.queue.take(10)
	j.batch = ops
	if err := j.head().update(j.applyLocked); err != nil {
		t.Fatal(err)
	}
	err := j.poisonLocked(errors.New("fdatasync: input/output error"))
	b.mu.Unlock()
	if err == nil {
		t.Fatal("no error")
	}
	b.End(3, b.play(3))
	b.commit()
	c.drain(b)
	if len(c.plays) != 3 {
		t.Errorf("got %d plays, want 3, each once", len(c.plays))
	}
}

func TestMemoryIsBoundedAndTheLossIsVisible(t *testing.T) {
	b, c := newBench(t, nil), newController(t)
	const room, lost = maxPending/3 + 1, 50 // a turn whose first step finds room takes three
	for turn := range uint64(room + lost) {
		p := b.play(1)
		b.Open(turn, p, p.Start)
		b.Begin(turn, p, p.Start)
		b.End(turn, p)
	}
	if _, n := b.Unkept(); n != room+lost {
		t.Errorf("%d plays are lost if it ends now, want %d", n, room+lost)
	}
	b.commit()
	b.commit()
	c.drain(b)
	if len(c.plays) != room+1 || c.gaps() != lost {
		t.Errorf("got %d records and a gap of %d, want %d and %d", len(c.plays), c.gaps(), room+1, lost)
	}
	if _, n := b.Unkept(); n != 0 {
		t.Errorf("%d plays are not kept", n)
	}
}

// TestPlaysThatAnEarlierRunLostAreToldOnce: the controller tells of them at every link until it hears better.
func TestPlaysThatAnEarlierRunLostAreToldOnce(t *testing.T) {
	b, c := newBench(t, nil), newController(t)
	b.show(1)
	own, _ := b.Unkept()
	b.Lost(own, 9) // of this run nothing is lost yet
	b.Lost("earlier", 5)
	b.Lost("earlier", 5)
	if _, n := b.Unkept(); n != 5 {
		t.Errorf("%d plays are lost if this run ends now, too, want 5", n)
	}
	b.commit()
	b.pass(24 * time.Hour) // into another file
	b.show(2)
	b.crash("boot-2")
	b.Lost("earlier", 5)
	b.commit()
	b.Lost("another", 2)
	b.show(3)
	c.drain(b)
	if len(c.plays) != 5 || c.gaps() != 7 {
		t.Errorf("got %d records and gaps of %d, want 5 and 7: %+v", len(c.plays), c.gaps(), c.plays)
	}
	if _, n := b.Unkept(); n != 0 {
		t.Errorf("%d plays are not kept", n)
	}
}

func TestProbeInAChildDecides(t *testing.T) {
	b := newBench(t, nil)
	b.show(1)
	b.mod = func(cfg *Config) {
		cfg.Probe = func(string) error { return fmt.Errorf("%w: signal: bus error", ErrDamaged) }
	}
	b.crash("boot-2")
	c := newController(t)
	b.show(2)
	c.drain(b)
	if len(c.streams) != 1 || c.gaps() != 1 || c.count(playlists.Complete) != 1 {
		t.Errorf("a file whose probe died was opened: %d streams, %d gaps", len(c.streams), c.gaps())
	}
	if kept, _ := filepath.Glob(filepath.Join(b.dir, "journal", "*", "*.damaged")); len(kept) != 1 {
		t.Errorf("set aside: %q", kept)
	}
}

func TestRestoredControllerAsksForMoreThanIsKept(t *testing.T) {
	b, c := newBench(t, nil), newController(t)
	for day := range uint64(12) {
		b.show(day + 1)
		c.drain(b)
		b.pass(24 * time.Hour)
		if err := b.tidy(); err != nil {
			t.Fatal(err)
		}
	}
	old := b.state().Stream
	restored := newController(t)
	restored.known[old], restored.chains[old], restored.streams = 1, []byte("from a backup"), nil
	if err := b.Known(old, 1); err != nil {
		t.Fatal(err)
	}
	restored.drain(b)
	if b.state().Stream == old || restored.gaps() != 1 || restored.count(playlists.Complete) < 5 {
		t.Errorf("got %d plays and %d gaps, stream still %v", restored.count(playlists.Complete), restored.gaps(), b.state().Stream == old)
	}
	b.show(99)
	restored.drain(b)
	if restored.plays[len(restored.plays)-1].Version != 99 {
		t.Error("the new stream does not go on")
	}
}

func TestSingleBitsNeverGiveAWrongPlay(t *testing.T) {
	b := newBench(t, nil)
	for turn := range uint64(40) {
		b.show(turn + 1)
	}
	s, err := b.Next(100)
	if err != nil {
		t.Fatal(err)
	}
	good := map[string]bool{}
	for _, p := range s.Plays {
		good[string(wire.PackPlays([]playlists.Play{p}))] = true
	}
	b.mu.Lock()
	path := b.head().path
	_ = b.poisonLocked(nil)
	b.mu.Unlock()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	caught := 0
	for bit := 8 * 4096; bit < 8*len(whole); bit += 5003 {
		bad := append([]byte{}, whole...)
		bad[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if probeInAChild(path) != nil {
			caught++
			continue
		}
		d, _ := parseDay(path)
		d.probed = true
		if err := d.openFor(false, &b.cfg); err != nil {
			t.Fatal(err)
		}
		err := d.plays(0, func(p *playlists.Play) (bool, error) {
			if !good[string(wire.PackPlays([]playlists.Play{*p}))] {
				t.Errorf("bit %d gives play %+v", bit, *p)
			}
			return true, nil
		})
		if err := errors.Join(err, d.close()); err != nil {
			t.Errorf("bit %d passed the probe: %v", bit, err)
		}
	}
	if caught == 0 {
		t.Error("no flip was caught")
	}
}

// probeInAChild is the probe as players run it: a damaged file may kill it.
func probeInAChild(path string) error {
	return ProbeWith("/usr/bin/env", "JOURNAL_PROBE=1", os.Args[0])(path)
}
