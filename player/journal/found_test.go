package journal

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"anteroom/playlists"
)

// TestOpenTurnsOfThisBootWaitForWhoeverKnows: they are neither ended nor forgotten, however often the agent
// is killed, until they are ended or withdrawn.
func TestOpenTurnsOfThisBootWaitForWhoeverKnows(t *testing.T) {
	b, c := newBench(t, nil), newController(t)
	for turn := range uint64(3) {
		b.Open(turn+1, b.play(turn+1), b.now)
	}
	b.Begin(1, b.play(1), b.now)
	b.commit()
	alive := b.cfg.Mono()
	for range 3 {
		b.pass(time.Second)
		b.crash("boot-1")
		found := b.found()
		if len(found.Open) != 3 || !found.Open[0].Drawn || found.Open[1].Drawn || found.Open[2].Turn != 3 || !found.Open[2].Slot.Equal(found.Open[2].Play.Start) {
			t.Fatalf("found %+v", found.Open)
		}
		if found.Alive != alive {
			t.Errorf("it lived until %d, want %d", found.Alive, alive)
		}
	}
	p := b.play(1)
	p.Outcome = playlists.Interrupted
	b.End(1, p)
	b.Withdraw(2)
	b.commit()
	b.pass(24 * time.Hour)
	b.Alive()
	b.commit() // a new day: the mark that is left moves
	b.crash("boot-1")
	if found := b.found(); len(found.Open) != 1 || found.Open[0].Turn != 3 {
		t.Errorf("found %+v, want turn 3 alone", found.Open)
	}
	b.crash("boot-2")
	c.drain(b)
	if c.count(playlists.Interrupted) != 2 {
		t.Errorf("got %+v, want the play that was ended and, after a power cut, the one that was open", c.plays)
	}
}

func TestRecentPlaysMayStillBeOn(t *testing.T) {
	b := newBench(t, nil)
	b.now = time.Date(2026, 11, 22, 23, 59, 40, 0, time.UTC)
	end := func(turn uint64, planned int64) {
		p := b.play(turn)
		p.Planned, p.Outcome = planned, playlists.Interrupted
		b.End(turn, p)
		b.commit()
	}
	end(1, 10_000)
	end(2, 60_000)
	b.pass(25 * time.Second)
	end(3, 10_000) // in the next day's file
	if len(b.files()) != 2 {
		t.Fatalf("files %q", b.files())
	}
	b.crash("boot-2")
	found := b.found()
	if len(found.Recent) != 2 || found.Recent[0].Version != 3 || found.Recent[1].Version != 2 {
		t.Errorf("got %+v, want the plays of turns 3 and 2", found.Recent)
	}
}

// secure makes what was noted outlast the process.
func (b *bench) secure() {
	b.t.Helper()
	if err := b.Secure(); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) earlyFiles() []string {
	names, _ := filepath.Glob(filepath.Join(b.dir, "journal", earlyPrefix+"*"))
	return names
}

// TestWhatCameBeforeTheJournalWasOpen: it outlasts the process, counts once, and leaves nothing behind.
func TestWhatCameBeforeTheJournalWasOpen(t *testing.T) {
	first := func(b *bench) {
		b.Open(1, b.play(1), b.now)
		b.secure()
		b.Begin(1, b.play(1), b.now)
		p := b.play(1)
		p.Outcome = playlists.Complete
		b.End(1, p)
		b.Open(2, b.play(2), b.now)
		b.secure()
	}
	tests := []struct {
		name string
		do   func(b *bench)
	}{
		{"killed before it was open", func(*bench) {}},
		{"killed twice", func(b *bench) {
			b.crash("boot-1")
			b.Withdraw(99)
			b.secure()
		}},
		{"opened and committed", func(b *bench) { b.state(); b.commit() }},
		{"killed after the commit, before the file was gone", func(b *bench) {
			left := b.earlyFiles()[0]
			kept, err := os.ReadFile(left)
			if err != nil {
				b.t.Fatal(err)
			}
			b.state()
			b.commit()
			if err := os.WriteFile(left, kept, 0o600); err != nil {
				b.t.Fatal(err)
			}
		}},
		{"killed after it was taken in, before the file was gone", func(b *bench) {
			left := b.earlyFiles()[0]
			kept, err := os.ReadFile(left)
			if err != nil {
				b.t.Fatal(err)
			}
			b.crash("boot-1")
			b.state()
			if err := os.WriteFile(left, kept, 0o600); err != nil {
				b.t.Fatal(err)
			}
		}},
		{"killed while it was written", func(b *bench) {
			f, err := os.OpenFile(b.earlyFiles()[0], os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				b.t.Fatal(err)
			}
			defer f.Close()
			if _, err := f.WriteString("\n12345678 {\"n\":4,\"turn\":7,\"ma"); err != nil {
				b.t.Fatal(err)
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, c := newBench(t, nil), newController(t)
			first(b)
			if len(b.files()) != 0 || len(b.earlyFiles()) != 1 {
				t.Fatalf("there are %q and %q", b.files(), b.earlyFiles())
			}
			tt.do(b)
			for range 2 {
				b.crash("boot-1")
				if found := b.found(); len(found.Open) != 1 || found.Open[0].Turn != 2 {
					t.Errorf("open is %+v, want turn 2", found.Open)
				}
				if len(b.earlyFiles()) != 0 {
					t.Errorf("left behind: %q", b.earlyFiles())
				}
			}
			c.drain(b)
			if len(c.plays) != 1 || c.count(playlists.Complete) != 1 {
				t.Errorf("got %+v, want one complete play", c.plays)
			}
		})
	}
}

// TestEarlyStepsAgainstAModel: at random, steps are noted, secured and committed, the journal opens late,
// the process is killed. What was secured is there, once.
func TestEarlyStepsAgainstAModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b, c := newBench(t, nil), newController(t)
		secured, noted, turn := 0, 0, uint64(0)
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			b.pass(time.Duration(rapid.IntRange(1, 7200).Draw(rt, "pass")) * time.Second)
			switch rapid.IntRange(0, 4).Draw(rt, "step") {
			case 0, 1:
				turn++
				p := b.play(turn)
				p.Outcome = playlists.Complete
				b.End(turn, p)
				noted++
			case 2:
				b.secure()
				secured = noted
			case 3:
				b.state() // opens
			case 4:
				noted = secured
				b.crash("boot-1")
			}
		}
		b.secure()
		secured = noted
		b.crash("boot-1")
		c.drain(b)
		if got := c.count(playlists.Complete); got != secured || len(c.plays) != secured {
			rt.Fatalf("%d plays of %d that were secured", got, secured)
		}
	})
}

func TestEarlyLinesThatCannotBeBelieved(t *testing.T) {
	b := newBench(t, nil)
	for turn := range uint64(3) {
		b.Open(turn+1, b.play(turn+1), b.now)
	}
	b.secure()
	whole, err := os.ReadFile(b.earlyFiles()[0])
	if err != nil {
		t.Fatal(err)
	}
	good := map[uint64]bool{1: true, 2: true, 3: true}
	for bit := 0; bit < 8*len(whole); bit += 3 {
		bad := []byte(string(whole))
		bad[bit/8] ^= 1 << (bit % 8)
		steps, err := readWritten(bad)
		if len(steps) < 3 && err == nil {
			t.Fatalf("bit %d: %d steps, and nobody is told", bit, len(steps))
		}
		for _, s := range steps {
			if !good[s.Turn] || s.Mark == nil || s.Mark.Play.Planned != 10_000 {
				t.Fatalf("bit %d gives %+v", bit, s)
			}
		}
	}
}

// TestWhatWasLostOfEarlyStepsIsTold: once, whatever happens in between.
func TestWhatWasLostOfEarlyStepsIsTold(t *testing.T) {
	for name, damage := range map[string]func(whole []byte) []byte{
		"lines in the middle": func(whole []byte) []byte {
			return bytes.ReplaceAll(whole, []byte(`"turn":2`), []byte(`"turn":9`))
		},
		"they are gone": func(whole []byte) []byte {
			lines := bytes.SplitAfter(whole, []byte("\n"))
			return bytes.Join(slices.DeleteFunc(lines, func(line []byte) bool { return bytes.Contains(line, []byte(`"turn":2`)) }), nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b, c := newBench(t, nil), newController(t)
			for turn := range uint64(3) {
				b.Open(turn+1, b.play(turn+1), b.now)
				b.Begin(turn+1, b.play(turn+1), b.now)
				p := b.play(turn + 1)
				p.Outcome = playlists.Complete
				b.End(turn+1, p)
			}
			b.secure()
			path := b.earlyFiles()[0]
			whole, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			bad := damage(whole)
			for range 2 { // killed before the file was gone
				if err := os.WriteFile(path, bad, 0o600); err != nil {
					t.Fatal(err)
				}
				b.crash("boot-1")
				b.state()
			}
			c.drain(b)
			if len(c.plays) != 3 || c.count(playlists.Complete) != 2 || c.plays[2].Outcome != playlists.Lost {
				t.Errorf("got %+v, want two plays and that some are lost", c.plays)
			}
		})
	}
}

// TestAnotherControllerGetsNothingThatWasBegun: neither what waits nor what is on.
func TestAnotherControllerGetsNothingThatWasBegun(t *testing.T) {
	b, c := newBench(t, nil), newController(t)
	if err := b.Bind("first"); err != nil {
		t.Fatal(err)
	}
	b.Open(1, b.play(1), b.now)
	b.Open(2, b.play(2), b.now)
	b.commit()
	b.End(2, b.play(2))
	b.Open(3, b.play(3), b.now)
	if err := b.Bind("second"); err != nil {
		t.Fatal(err)
	}
	for _, turn := range []uint64{1, 3} { // they go on until the old programme ends
		b.Begin(turn, b.play(turn), b.now)
		b.commit()
		b.End(turn, b.play(turn))
	}
	b.show(4)
	c.drain(b)
	if len(c.plays) != 1 || c.plays[0].Version != 4 {
		t.Errorf("the second controller got %+v", c.plays)
	}
	b.crash("boot-1")
	if found := b.found(); len(found.Open) != 0 {
		t.Errorf("left open: %+v", found.Open)
	}
}

// TestACrashDuringTheMoveToAnotherController: whatever the index says, the old plays go nowhere.
func TestACrashDuringTheMoveToAnotherController(t *testing.T) {
	b, c := newBench(t, nil), newController(t)
	if err := b.Bind("first"); err != nil {
		t.Fatal(err)
	}
	b.show(1)
	index := filepath.Join(b.dir, "journal", indexName)
	before, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	old := filepath.Dir(b.files()[0])
	copied := filepath.Join(t.TempDir(), "old")
	if err := os.CopyFS(copied, os.DirFS(old)); err != nil {
		t.Fatal(err)
	}
	if err := b.Bind("second"); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(index); err != nil || strings.Contains(string(after), filepath.Base(old)[5:]) || string(after) == string(before) {
		t.Errorf("the index is %s (%v)", after, err)
	}
	if err := os.CopyFS(old, os.DirFS(copied)); err != nil { // it was not removed yet
		t.Fatal(err)
	}
	b.crash("boot-1")
	if err := b.Bind("second"); err != nil {
		t.Fatal(err)
	}
	b.show(2)
	c.drain(b)
	if len(c.plays) != 1 || c.plays[0].Version != 2 {
		t.Errorf("the second controller got %+v", c.plays)
	}
}

// TestAnIndexThatCannotBeWrittenCostsNothing: the controller asks for more than is kept, which moves all
// plays into a new stream, and the disk refuses the index.
func TestAnIndexThatCannotBeWrittenCostsNothing(t *testing.T) {
	b, c := newBench(t, func(cfg *Config) { cfg.NoSync = false }), newController(t)
	for turn := range uint64(5) {
		b.show(turn + 1)
	}
	stream := b.state().Stream
	index := filepath.Join(b.dir, "journal", indexName)
	kept, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(index); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(index, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := b.Known(stream, 3); err == nil {
		t.Fatal("an index was written over a directory")
	}
	if err := b.Known(stream, 99); err == nil {
		t.Fatal("an index was written over a directory")
	}
	if err := os.RemoveAll(index); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(index, kept, 0o600); err != nil {
		t.Fatal(err)
	}
	b.crash("boot-2")
	c.drain(b)
	if c.count(playlists.Complete) != 5 {
		t.Errorf("got %+v, want 5 plays", c.plays)
	}
}

// TestWrittenDownWhileTheFirstCommitRuns: the loop found the journal closed, wrote its steps down, and
// meanwhile it was opened and committed what had come before.
func TestWrittenDownWhileTheFirstCommitRuns(t *testing.T) {
	b, c := newBench(t, nil), newController(t)
	b.End(1, b.play(1))
	b.secure()
	b.state()
	b.mu.Lock()
	b.batch, _ = b.queue.take(10)
	b.End(2, b.play(2))
	if done, err := b.writeDown(); !done || err != nil {
		t.Fatalf("not written down: %v", err)
	}
	if err := b.head().update(b.applyLocked); err != nil {
		t.Fatal(err)
	}
	if err := b.early.forget(1); err != nil {
		t.Fatal(err)
	}
	b.mu.Unlock()
	b.crash("boot-1")
	c.drain(b)
	if len(c.plays) != 2 {
		t.Errorf("got %+v, want two plays", c.plays)
	}
}

// TestNotWrittenDownWhatIsOnItsWay: what a commit has taken, and was never written down, is waited for.
func TestNotWrittenDownWhatIsOnItsWay(t *testing.T) {
	b := newBench(t, nil)
	b.End(1, b.play(1))
	b.state()
	b.queue.take(10)
	if done, _ := b.writeDown(); done {
		t.Error("it is said to be written down")
	}
}
