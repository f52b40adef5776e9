//go:build !e2e

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"anteroom/controller/store/bolt"
	"anteroom/playlists"
	"anteroom/playlists/playliststest/faulttest"
)

// small is a file system in memory that is soon full.
type small struct{ dir string }

// newSmall mounts one until the test ends, or skips the test and says why.
func newSmall(t *testing.T, options string) *small {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: only root may mount a disk, so this fault is not tried")
	}
	s := &small{dir: t.TempDir()}
	if err := unix.Mount("small", s.dir, "tmpfs", 0, options); err != nil {
		t.Skipf("SKIPPED: no disk can be mounted here, so this fault is not tried: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(s.dir, unix.MNT_DETACH) })
	return s
}

func (s *small) filler() string { return filepath.Join(s.dir, "filler") }

// fill takes all room, to the last byte.
func (s *small) fill(t *testing.T) {
	t.Helper()
	f, err := os.OpenFile(s.filler(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1 << 20; size > 0; {
		n, err := f.Write(make([]byte, size))
		if err == nil {
			continue
		}
		if !errors.Is(err, unix.ENOSPC) {
			t.Fatal(err)
		}
		if n == 0 {
			size /= 16
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// crowd takes all names: no file can be made any more, while there is room.
func (s *small) crowd(t *testing.T) {
	t.Helper()
	if err := os.MkdirAll(s.filler(), 0o700); err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		err := os.WriteFile(filepath.Join(s.filler(), fmt.Sprint(n)), nil, 0o600)
		if errors.Is(err, unix.ENOSPC) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// free gives room and names back.
func (s *small) free(t *testing.T) {
	t.Helper()
	if err := os.RemoveAll(s.filler()); err != nil {
		t.Fatal(err)
	}
}

// on puts a machine on a disk of its own into the ward and lets it play for an hour.
func (w *ward) on(dir string) (*bed, *logged) {
	w.t.Helper()
	w.must(os.Symlink(dir, filepath.Join(w.dir, "bed-0")))
	var all logged
	w.first = func(b *bed) { b.log, b.sync = slog.New(slog.NewTextHandler(&all, nil)), true }
	b := w.put(0, 1)
	hours(1)
	return b, &all
}

// logged looks through a log for the first time that the disk refused plays.
type logged struct {
	mu      sync.Mutex
	refused time.Time
}

// Write takes a line of the log.
func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refused.IsZero() && bytes.Contains(line, []byte("plays wait in memory")) {
		l.refused = time.Now()
	}
	return len(line), nil
}

// since is that time, zero if it never did.
func (l *logged) since() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refused
}

// diskNotes are what the console says about the disks of players.
func (w *ward) diskNotes() (notes []string) {
	w.t.Helper()
	var fleet struct {
		Items []struct {
			Notes  []playlists.Remark
			Unsent uint64
		}
	}
	_, err := w.client().Get(w.t.Context(), "/api/v1/fleet", &fleet)
	w.must(err)
	for _, one := range fleet.Items {
		if one.Unsent > 0 {
			for _, note := range one.Notes {
				notes = append(notes, note.Text)
			}
		}
	}
	return slices.DeleteFunc(notes, func(n string) bool { return !strings.Contains(n, "disk") })
}

// reported is what a report of these days says.
type reported struct {
	Totals        struct{ Plays int }
	Lost          int
	Condensed     int
	CompleteUntil time.Time `json:"complete_until"`
}

func (w *ward) report() (r reported) {
	w.t.Helper()
	from, to := time.Now().AddDate(0, 0, -20).Format(time.DateOnly), time.Now().AddDate(0, 0, 1).Format(time.DateOnly)
	_, err := w.client().Get(w.t.Context(), "/api/v1/reports/impressions?by=item&from="+from+"&to="+to, &r)
	w.must(err)
	return r
}

// balance is what became of the turns that were drawn.
type balance struct{ drawn, counted, condensed, lost int }

// weigh lets everything arrive, ends the ward, and holds what the controller has against what was drawn. A turn that
// is not counted by itself must be in a sum of its item and hour, or be told as lost.
func (w *ward) weigh(b *bed) (sum balance) {
	w.t.Helper()
	b.off()
	b.ended = true
	b.plug()
	b.boot(0)
	hours(2)
	w.quiet()
	said := w.report()
	b.off()
	w.stop()
	sum.drawn = len(b.drawn)
	sums := map[string]int{}
	left := slices.Clone(b.drawn)
	for _, p := range w.stored() {
		sum.lost += p.Lost * btoi(p.Outcome == playlists.Lost)
		ours := slices.ContainsFunc(b.drawn, func(s shown) bool { return s.boot == p.Boot })
		if p.Gap != "" || p.Outcome == playlists.Failed || !ours {
			continue
		}
		if p.Condensed > 0 {
			sum.condensed += p.Condensed
			sums[hourly(p.Item, p.Start)] += p.Condensed
			continue
		}
		i := slices.IndexFunc(left, func(s shown) bool {
			return s.item == p.Item && s.boot == p.Boot && abs(s.mono-p.Mono) <= smallStep.Milliseconds()
		})
		if i < 0 {
			w.t.Fatalf("play %d of %s at %v was never drawn, or is counted twice", p.Seq, p.Item, p.Start)
		}
		left = slices.Delete(left, i, i+1)
		sum.counted++
	}
	for _, s := range left {
		sums[hourly(s.item, s.at)]--
	}
	w.compareSums(sums, sum)
	if said.Lost != sum.lost || said.Condensed != sum.condensed || said.Totals.Plays < sum.counted+sum.condensed {
		w.t.Errorf("the report says %+v, of %+v", said, sum)
	}
	return sum
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func hourly(item playlists.ItemID, at time.Time) string {
	return fmt.Sprintf("%s in the hour of %v", item, at.UTC().Truncate(time.Hour))
}

// compareSums: of an item in an hour, no more plays are in a sum than were drawn, and no less unless told as lost.
func (w *ward) compareSums(sums map[string]int, sum balance) {
	w.t.Helper()
	missing := 0
	for what, n := range sums {
		if n > 0 {
			w.t.Errorf("%d plays of %s too many are counted in sums", n, what)
		}
		missing -= min(n, 0)
	}
	if missing != sum.lost || sum.drawn != sum.counted+sum.condensed+sum.lost {
		w.t.Errorf("%+v: %d turns were drawn that nobody tells of", sum, missing-sum.lost)
	}
}

// stored are all plays that the controller has.
func (w *ward) stored() (plays []playlists.Play) {
	w.t.Helper()
	s, err := bolt.Open(context.Background(), bolt.Config{Dir: filepath.Join(w.dir, "controller", "store"), NoSync: true})
	w.must(err)
	defer s.Close()
	for p, err := range s.Scan(context.Background(), time.Time{}, time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)) {
		w.must(err)
		plays = append(plays, p.Play)
	}
	return plays
}

// playsOn fails if a picture stood for longer than its slot of a minute since then.
func (b *bed) playsOn(since time.Time) {
	b.w.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	last := since
	for _, s := range append(slices.Clone(b.drawn), shown{at: time.Now()}) {
		if s.at.Before(since) {
			continue
		}
		if s.at.Sub(last) > time.Minute+smallStep {
			b.w.t.Errorf("nothing new was drawn from %v to %v", last, s.at)
		}
		last = s.at
	}
}

// refused checks, while a disk takes nothing and the player is linked, that the screen plays on and that everybody is
// told: the log, the console, and the report, which must not claim to be complete.
func (b *bed) refused(since time.Time, log *logged) {
	b.w.t.Helper()
	b.playsOn(since)
	told := log.since()
	if told.IsZero() {
		b.w.t.Error("the log does not tell that plays wait in memory")
	}
	if notes := b.w.diskNotes(); len(notes) == 0 {
		b.w.t.Error("the console does not tell that the disk cannot be written")
	}
	if until := b.w.report().CompleteUntil; until.After(told.Add(time.Minute)) {
		b.w.t.Errorf("the report is said to be complete until %v, and the disk has taken nothing since %v", until, told)
	}
}

// inDay runs a test in a ward whose slots last a minute.
func inDay(t *testing.T, test func(w *ward)) {
	t.Helper()
	inWard(t, time.Date(2000, 2, 1, 20, 0, 0, 0, time.UTC), time.Minute, test, "UTC")
}

// A disk is full, or has no room for another file, before the player starts or while it plays, for hours, over
// midnight. The screen plays on, everybody is told, and once there is room every play is counted, without a restart.
func TestFullDisk(t *testing.T) {
	for _, row := range []struct {
		name  string
		fill  func(s *small, t *testing.T)
		start bool // the player starts on it
		ended bool // and ends on it
	}{
		{"full in mid-play", (*small).fill, false, false},
		{"full from the start", (*small).fill, true, false},
		{"full from the start until the player ends", (*small).fill, true, true},
		{"no more files in mid-play", (*small).crowd, false, false},
		{"no more files from the start", (*small).crowd, true, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			disk := newSmall(t, "size=80m,nr_inodes=400")
			inDay(t, func(w *ward) {
				b, log := w.on(disk.dir)
				if row.start {
					b.stop()
					hours(4) // it is tomorrow: a new file is due
				}
				row.fill(disk, w.t)
				since := time.Now()
				if row.start {
					b.boot(0)
				}
				hours(5)
				b.refused(since, log)
				if row.ended {
					b.off()
				}
				disk.free(w.t)
				if !row.ended {
					hours(1)
					b.recovered()
				}
				sum := w.weigh(b)
				w.t.Logf("%+v", sum)
				if (sum.lost > 0) != row.ended || sum.drawn < 5*60 {
					w.t.Errorf("%+v", sum)
				}
			})
		})
	}
}

// recovered checks that nobody is told of a fault any more.
func (b *bed) recovered() {
	b.w.t.Helper()
	if notes := b.w.diskNotes(); len(notes) > 0 {
		b.w.t.Errorf("the console still tells: %q", notes)
	}
	if until := b.w.report().CompleteUntil; time.Since(until) > 30*time.Minute {
		b.w.t.Errorf("an hour later the report is complete until %v only", until)
	}
}

// A disk takes nothing any more while the player plays, as when a card dies, or is read-only when it starts. The screen
// plays on from the cache and everybody is told. What is in memory when the disk comes back is counted; what is when
// the player ends is told as lost.
func TestReadOnlyDisk(t *testing.T) {
	if _, err := exec.LookPath("mkfs.ext4"); err != nil {
		t.Skip("SKIPPED: mkfs.ext4 is not installed, so this fault is not tried: apt-get install e2fsprogs")
	}
	for _, row := range []struct {
		name string
		lost bool
		do   func(b *bed, d *faulttest.Disk, log *logged)
	}{
		{"in mid-play, until it ends", true, func(b *bed, d *faulttest.Disk, log *logged) {
			d.Fail(b.w.t)
			since := time.Now()
			hours(2)
			b.refused(since, log)
			b.off()
			d.Again(b.w.t)
		}},
		{"in mid-play, and the player is started anew on it", true, func(b *bed, d *faulttest.Disk, log *logged) {
			d.Fail(b.w.t)
			since := time.Now()
			hours(1)
			b.stop()
			b.start()
			hours(1)
			b.refused(since, log)
			b.off()
			d.Again(b.w.t)
		}},
		{"from the start, and later not", false, func(b *bed, d *faulttest.Disk, log *logged) {
			b.stop()
			d.ReadOnly(b.w.t, true)
			since := time.Now()
			b.boot(0)
			hours(3)
			b.refused(since, log)
			d.ReadOnly(b.w.t, false)
			hours(1)
			b.recovered()
		}},
		{"from the start until it ends", true, func(b *bed, d *faulttest.Disk, log *logged) {
			b.stop()
			d.ReadOnly(b.w.t, true)
			since := time.Now()
			b.boot(0)
			hours(2)
			b.refused(since, log)
			b.off()
			d.ReadOnly(b.w.t, false)
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			disk := faulttest.NewDisk(t, 96<<20, "-e", "remount-ro")
			inDay(t, func(w *ward) {
				b, log := w.on(disk.Dir)
				row.do(b, disk, log)
				sum := w.weigh(b)
				w.t.Logf("%+v", sum)
				if (sum.lost > 0) != row.lost || sum.drawn < 2*60 {
					w.t.Errorf("%+v", sum)
				}
			})
		})
	}
}

// A player is without a link for so long that its journal is over its quota. It keeps sums of its oldest plays, they
// arrive, and the report says how many plays they are.
func TestJournalOverQuota(t *testing.T) {
	inDay(t, func(w *ward) {
		w.first = func(b *bed) { b.quota = 256 << 10 }
		b := w.put(0, 1)
		since := time.Now()
		b.unplug()
		hours(2 * 24)
		b.playsOn(since)
		b.plug()
		hours(2)
		sum := w.weigh(b)
		w.t.Logf("%+v", sum)
		if sum.condensed < 24*60 || sum.counted < 12*60 || sum.lost > 0 {
			w.t.Errorf("%+v", sum)
		}
	})
}
