package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// days shows a play a day.
func (b *bench) days(n int) {
	for turn := range uint64(n) {
		b.show(turn + 1)
		b.pass(24 * time.Hour)
	}
}

// aside lists what was set aside.
func (b *bench) aside() []string {
	names, _ := filepath.Glob(filepath.Join(b.dir, "journal", "*", "*"+damagedSuffix))
	return names
}

func TestCutShort(t *testing.T) {
	tests := []struct {
		name string
		// leave does to the files what a crash would have left; b is closed.
		leave          func(t *testing.T, b *bench, files []string)
		plays, gaps    int
		streams, aside int
	}{
		{"nothing", func(*testing.T, *bench, []string) {}, 5, 0, 1, 0},
		{"the first start, before the first file was whole", func(t *testing.T, b *bench, files []string) {
			for _, f := range files {
				remove(t, f)
			}
			remove(t, filepath.Join(b.dir, "journal", indexName))
			write(t, files[0]+tempSuffix, "half")
		}, 0, 0, 0, 0},
		{"a file in the middle is gone: a gap, and the rest follows", func(t *testing.T, _ *bench, files []string) {
			remove(t, files[2])
		}, 4, 1, 1, 0},
		{"the newest file is gone: its numbers are not used again", func(t *testing.T, b *bench, files []string) {
			acknowledge(t, b, 5)
			remove(t, files[5])
			remove(t, files[4])
		}, 0, 1, 1, 0},
		{"the index is gone, and older files were sent and removed", func(t *testing.T, b *bench, files []string) {
			acknowledge(t, b, 2)
			remove(t, files[0])
			remove(t, files[1])
			remove(t, filepath.Join(b.dir, "journal", indexName))
		}, 3, 0, 1, 0},
		{"a damaged file in the middle, and its second name is there already", func(t *testing.T, _ *bench, files []string) {
			write(t, files[2], "garbage")
			write(t, files[2]+damagedSuffix, "garbage")
		}, 4, 1, 1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, c := newBench(t, func(cfg *Config) { cfg.NoSync = false }), newController(t)
			b.days(5)
			b.commit()
			b.Alive()
			b.commit() // the sixth file holds no play
			files := b.files()
			if len(files) != 6 {
				t.Fatalf("files %v", files)
			}
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
			tt.leave(t, b, files)
			b.start("boot-2")
			stream := b.state().Stream
			if acked := b.sent(); acked > 0 {
				start, err := b.Next(1)
				if err != nil {
					t.Fatal(err)
				}
				c.known[stream], c.chains[stream], c.streams = acked, start.Before, []playlists.StreamID{stream}
			}
			c.drain(b)
			if c.count(playlists.Complete) != tt.plays || c.gaps() != tt.gaps || len(c.streams) != tt.streams || len(b.aside()) != tt.aside {
				t.Errorf("%d plays, %d lost, %d streams, %v set aside", c.count(playlists.Complete), c.gaps(), len(c.streams), b.aside())
			}
			b.show(77)
			c.drain(b)
			if last := c.plays[len(c.plays)-1]; last.Version != 77 {
				t.Errorf("it does not go on: %+v", last)
			}
		})
	}
}

// sent is how many plays of the stream to send the controller has.
func (b *bench) sent() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sendingLocked().Acked
}

// acknowledge opens the journal for once, to take the controller's word.
func acknowledge(t *testing.T, b *bench, through uint64) {
	t.Helper()
	b.start("between")
	if err := b.Acknowledge(wire.Ack{Stream: b.state().Stream, Through: through}); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A disk that cannot be read for a while is no damage; one that never can be read is.
func TestUnreadableIsNotDamaged(t *testing.T) {
	tests := []struct {
		name    string
		err     error
		starts  int
		plays   int
		damaged int
	}{
		{"too many open files, for long", syscall.EMFILE, 3 * hopeless, 3, 0},
		{"the probe did not begin", errNoProbe, 3 * hopeless, 3, 0},
		{"an input/output error, for a while", syscall.EIO, hopeless - 1, 3, 0},
		{"an input/output error, again and again", syscall.EIO, hopeless, 1, 1},
		{"the probe is killed, again and again", errKilled, hopeless, 1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, c := newBench(t, nil), newController(t)
			b.show(1)
			b.show(2)
			left := tt.starts
			b.mod = func(cfg *Config) {
				cfg.Probe = func(path string) error {
					left--
					if left >= 0 {
						return fmt.Errorf("reading %s: %w", path, tt.err)
					}
					return Probe(path)
				}
			}
			b.crash("boot-2")
			p := b.play(3)
			p.Outcome = playlists.Complete
			b.End(3, p)
			for range 3 * hopeless {
				if b.Commit() == nil {
					break
				}
			}
			b.commit()
			c.drain(b)
			c.drain(b)
			if c.count(playlists.Complete) != tt.plays || len(b.aside()) != tt.damaged {
				t.Errorf("%d plays, set aside: %v", c.count(playlists.Complete), b.aside())
			}
		})
	}
}

func TestUnreadableDirectoryIsNotEmpty(t *testing.T) {
	b := newBench(t, nil)
	b.show(1)
	b.crash("boot-2")
	dir := filepath.Dir(b.files()[0])
	away := filepath.Join(b.dir, "away")
	if err := errors.Join(os.Rename(dir, away), os.WriteFile(dir, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.State(); !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("got %v, want that it cannot be listed", err)
	}
	if err := errors.Join(os.Remove(dir), os.Rename(away, dir)); err != nil {
		t.Fatal(err)
	}
	if s := b.state(); s.Last != 1 {
		t.Errorf("got %+v", s)
	}
}

// What waits in memory outlives the file that it could not be written to.
func TestCommitThatFailedAndItsFileIsDamaged(t *testing.T) {
	b, c := newBench(t, nil), newController(t)
	b.show(1)
	b.End(2, func() playlists.Play { p := b.play(2); p.Outcome = playlists.Complete; return p }())
	b.mu.Lock()
	j := b.Journal
	j.batch, _ = j.queue.take(10)
	path := j.head().path
	_ = j.poisonLocked(errors.New("fdatasync: input/output error"))
	b.mu.Unlock()
	write(t, path, "garbage")
	b.commit()
	c.drain(b)
	if c.count(playlists.Complete) != 1 || c.plays[len(c.plays)-1].Version != 2 {
		t.Errorf("got %+v", c.plays)
	}
}

// An acknowledged file is removed only when the index says on disk that it is acknowledged: else the next
// start would miss it.
func TestTrimWaitsForTheIndex(t *testing.T) {
	b := newBench(t, func(cfg *Config) { cfg.NoSync = false })
	b.days(10)
	block := filepath.Join(b.dir, "journal", "."+indexName+tempSuffix)
	if err := os.MkdirAll(filepath.Join(block, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := b.Acknowledge(wire.Ack{Stream: b.state().Stream, Through: 9}); err == nil {
		t.Fatal("the index was written")
	}
	if err := b.tidy(); err == nil || len(b.files()) != 10 {
		t.Errorf("got %v, files %v", err, b.files())
	}
	if err := os.RemoveAll(block); err != nil {
		t.Fatal(err)
	}
	if err := b.tidy(); err != nil || len(b.files()) != 7 {
		t.Errorf("got %v, files %v", err, b.files())
	}
}

// A new stream's plays are not to be lost because the list of streams could not be written.
func TestStreamWithoutIndexTakesNoPlays(t *testing.T) {
	b, c := newBench(t, func(cfg *Config) { cfg.NoSync = false }), newController(t)
	if err := b.Bind("first"); err != nil {
		t.Fatal(err)
	}
	b.show(1)
	block := filepath.Join(b.dir, "journal", "."+indexName+tempSuffix)
	if err := os.MkdirAll(filepath.Join(block, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	old := b.files()[0]
	if err := b.Bind("second"); err == nil {
		t.Fatal("the index was written")
	}
	b.End(2, b.play(2))
	if err := b.Commit(); err == nil {
		t.Error("a play went into a stream that the next start would not know")
	}
	if _, err := os.Stat(old); err != nil {
		t.Errorf("the old stream: %v", err)
	}
	if err := os.RemoveAll(block); err != nil {
		t.Fatal(err)
	}
	b.commit()
	b.crash("boot-2")
	c.drain(b)
	if len(c.plays) != 1 || c.plays[0].Version != 2 {
		t.Errorf("the second controller got %+v", c.plays)
	}
}

func TestControllerHasAllBeforeWhatIsKept(t *testing.T) {
	b, c := newBench(t, nil), newController(t)
	b.days(10)
	all, err := b.Next(1)
	if err != nil {
		t.Fatal(err)
	}
	stream, chain := all.Stream, all.Before
	var plays []playlists.Play
	for range 9 {
		s, err := b.Next(64)
		if err != nil || len(s.Plays) == 0 {
			t.Fatal(err)
		}
		plays = append(plays, s.Plays...)
		if err := b.Acknowledge(wire.Ack{Stream: stream, Through: s.Plays[len(s.Plays)-1].Seq}); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.tidy(); err != nil {
		t.Fatal(err)
	}
	kept := b.state().Kept
	for _, p := range plays[:kept-1] {
		chain = wire.Chain(chain, p)
	}
	c.known[stream], c.chains[stream], c.streams = kept-1, chain, []playlists.StreamID{stream}
	if err := b.Known(stream, kept-1); err != nil {
		t.Fatal(err)
	}
	c.drain(b)
	if len(c.streams) != 1 || c.gaps() != 0 || c.count(playlists.Complete) != 10-int(kept)+1 {
		t.Errorf("%d streams, %d gaps, %d plays", len(c.streams), c.gaps(), c.count(playlists.Complete))
	}
}

func TestVerdictOfTheProbe(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "whole.db")
	b := newBench(t, nil)
	b.show(1)
	path := b.files()[0]
	b.crash("boot-2")
	image, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		probe   func(string) error
		content string
		damaged bool
		says    string
	}{
		{"sound", probeInAChild, string(image), false, ""},
		{"garbage", probeInAChild, "garbage", true, "damaged"},
		{"empty", probeInAChild, "", true, "damaged"},
		{"cut short", probeInAChild, string(image[:len(image)/2]), true, "damaged"},
		{"no program", ProbeWith("/does/not/exist"), "garbage", false, "could not be probed"},
		{"no probe", ProbeWith("/bin/false"), "garbage", false, "could not be probed"},
		{"a probe that crashes", ProbeWith("/bin/sh", "-c", "echo probe begins; kill -BUS $$"), "garbage", true, "ends the process"},
		{"a probe that is killed", ProbeWith("/bin/sh", "-c", "echo probe begins; kill -KILL $$"), "garbage", false, "killed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			write(t, whole, tt.content)
			err := tt.probe(whole)
			if errors.Is(err, ErrDamaged) != tt.damaged || (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v", err)
			}
		})
	}
	if err := probeInAChild(filepath.Join(t.TempDir(), "none.db")); err == nil || errors.Is(err, ErrDamaged) {
		t.Errorf("a file that is not there: %v", err)
	}
}
