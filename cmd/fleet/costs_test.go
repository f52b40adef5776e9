package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"anteroom/cmd/demo/hospital"
	"anteroom/controller"
	"anteroom/controller/access"
	"anteroom/controller/publish"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/controller/store/storetest"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/wire"
)

// BenchmarkCosts prints what screens cost a controller, by their number: one of them to ten thousand, or to
// ANTEROOM_SCREENS. It is the real binary, with documents and paired players in its store, and players over TCP that are
// no more than their link. cmd/bench/curves draws the figures.
func BenchmarkCosts(b *testing.B) {
	bin := buildController(b)
	for screens := 1; screens <= setting(b, "ANTEROOM_SCREENS", 10_000); screens *= 10 {
		b.Run(fmt.Sprintf("screens=%d", screens), func(b *testing.B) {
			for b.Loop() {
				c := &costs{resident: resident{b: b, dir: b.TempDir(), players: screens, bin: bin, generation: 1}}
				c.enter()
				c.start()
				c.publishes()
				c.stop()
				c.start() // anew, for signing in takes 64 MB for a moment, which would count
				c.linkAll()
				c.hears()
				c.stop()
				c.heads()
			}
		})
	}
}

// costs is a controller whose screens are in departments of 25, but 40 departments at most, with a hundred windows.
type costs struct{ resident }

func (c *costs) departments() int { return min(40, 1+c.players/25) }

func (c *costs) department(i int) playlists.DepartmentID {
	return playlists.DepartmentID(fmt.Sprintf("department-%02d", i%c.departments()))
}

// enter puts everything into the store that staff and pairing would.
func (c *costs) enter() {
	c.b.Helper()
	u := access.User{Actor: access.Actor{Name: "ada", Role: access.Administrator, Everywhere: true}}
	made, err := controller.New(c.b.Context(), controller.Config{Data: c.dir, Listen: "127.0.0.1:0", Probe: func(context.Context, string) error { return nil }})
	c.fail(err)
	c.fail(errors.Join(made.AddUser(c.b.Context(), "system", u, "please take a seat"), made.Close()))
	h := playliststest.Fleet(0, c.departments(), 100)
	clear(h.Screens)
	s, err := bolt.Open(c.b.Context(), bolt.Config{Dir: filepath.Join(c.dir, "store"), NoSync: true})
	c.fail(err)
	c.fail(s.Update(c.b.Context(), func(tx store.Tx) error {
		return errors.Join(
			putAll(tx, "site", h.Sites), putAll(tx, "department", h.Departments), putAll(tx, "item", h.Items),
			putAll(tx, "playlist", h.Playlists), putAll(tx, "layout", h.Layouts), putAll(tx, "window", h.Windows), putAll(tx, "closure", h.Closures),
		)
	}))
	for from := 0; from < c.players; from += 1000 {
		c.fail(s.Update(c.b.Context(), func(tx store.Tx) error {
			for i := from; i < min(from+1000, c.players); i++ {
				if err := c.pair(tx, i, c.department(i)); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	c.fail(s.Close())
}

func putAll[K ~string, T any](tx store.Tx, kind store.Kind, all map[K]T) error {
	for id, document := range all {
		body, err := json.Marshal(document)
		if err != nil {
			return err
		}
		if _, err := tx.Put(kind, string(id), 0, "ada", body); err != nil {
			return err
		}
	}
	return nil
}

// publishes does so with everything once, and then three times a change that reaches every screen, through the API.
func (c *costs) publishes() {
	c.b.Helper()
	ctx, api := c.b.Context(), hospital.NewClient(strings.TrimSuffix("http"+strings.TrimPrefix(c.url, "ws"), wire.LinkPath))
	c.fail(api.SignIn(ctx, "ada", "please take a seat"))
	var all []playlists.DepartmentID
	for i := range c.departments() {
		all = append(all, c.department(i))
	}
	c.fail(api.Publish(ctx, "", all...))
	var took []time.Duration
	before := c.contents()
	for n := range 3 {
		var calm playlists.Playlist
		etag, err := api.Get(ctx, "/api/v1/playlists/calm", &calm)
		c.fail(err)
		calm.Entries[0].Weight = 2 + n
		c.fail(api.Replace(ctx, "/api/v1/playlists/calm", etag, calm))
		began := time.Now()
		c.fail(api.Publish(ctx, "", all...))
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	c.b.ReportMetric(took[1].Seconds(), "s/publication")
	c.b.ReportMetric(float64(c.contents()-before)/3, "body-B")
}

// contents is how many bytes of assets there are.
func (c *costs) contents() (sum int64) {
	c.b.Helper()
	c.fail(filepath.WalkDir(filepath.Join(c.dir, "content"), func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			sum += info.Size()
		}
		return err
	}))
	return sum
}

// listening is for how long heartbeats come as they would.
const listening = 15 * time.Second

// hears lets heartbeats come as they would, and then as fast as they are taken.
func (c *costs) hears() {
	c.b.Helper()
	began, before := time.Now(), c.busy()
	beats := int(listening * time.Duration(c.players) / wire.HeartbeatEvery)
	for n := range beats {
		time.Sleep(time.Until(began.Add(listening * time.Duration(n) / time.Duration(beats))))
		c.beatOf(n)
	}
	time.Sleep(time.Until(began.Add(listening)))
	c.b.ReportMetric((c.busy()-before).Seconds()*float64(time.Hour)/float64(time.Since(began)), "cpu-s/hour")
	c.b.ReportMetric(float64(c.memory()), "resident-B")

	before, beats = c.busy(), max(1000, c.players)
	for n := range beats {
		c.beatOf(n % c.players)
	}
	time.Sleep(time.Second) // for the last to be heard
	c.b.ReportMetric((c.busy()-before).Seconds()/float64(beats), "cpu-s/heartbeat")
}

// busy is how long the controller has kept a core busy.
func (c *costs) busy() (sum time.Duration) {
	c.b.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", c.cmd.Process.Pid))
	c.fail(err)
	for _, path := range threads {
		stat, err := os.ReadFile(path)
		c.fail(err)
		ns, err := strconv.ParseInt(strings.Fields(string(stat))[0], 10, 64)
		c.fail(err)
		sum += time.Duration(ns)
	}
	return sum
}

// heads adds up the newest heads of all screens.
func (c *costs) heads() {
	c.b.Helper()
	s, err := bolt.Open(c.b.Context(), bolt.Config{Dir: filepath.Join(c.dir, "store")})
	c.fail(err)
	bytes, screens := 0, 0
	c.fail(s.View(c.b.Context(), func(v store.View) error {
		for doc, err := range v.List(publish.HeadKind) {
			var head struct {
				Signed wire.Signed `json:"signed"`
			}
			if err := errors.Join(err, json.Unmarshal(doc.Body, &head)); err != nil {
				return err
			}
			bytes, screens = bytes+len(head.Signed.Bytes)+len(head.Signed.Signature), screens+1
		}
		return nil
	}))
	c.fail(s.Close())
	if screens != c.players {
		c.b.Fatalf("%d heads for %d screens", screens, c.players)
	}
	c.b.ReportMetric(float64(bytes), "head-B")
}

// BenchmarkCostsYear prints what the plays of a year take on the disk, by the number of screens, up to a thousand or
// ANTEROOM_SCREENS: each plays something every 10 s, day and night, for one to thirty days, of which the year is then
// made. A file is of a month; of few screens its first pages would count for much if they counted daily.
func BenchmarkCostsYear(b *testing.B) {
	for screens := 1; screens <= setting(b, "ANTEROOM_SCREENS", 1000); screens *= 10 {
		b.Run(fmt.Sprintf("screens=%d", screens), func(b *testing.B) {
			for b.Loop() {
				dir, days := b.TempDir(), min(30, max(1, 300/screens))
				playDays(b, dir, screens, days)
				b.ReportMetric(365*float64(allocated(b, filepath.Join(dir, "plays-*.db")))/float64(days), "play-B/year")
			}
		})
	}
}

// playDays stores the plays of days, in batches of 64 as players send them, group by group.
func playDays(b *testing.B, dir string, screens, days int) {
	b.Helper()
	s, err := bolt.Open(b.Context(), bolt.Config{Dir: dir, NoSync: true})
	if err != nil {
		b.Fatal(err)
	}
	lines, turn := make([]*storetest.Line, screens), 0
	for i := range lines {
		lines[i] = storetest.NewLine(b, i+1)
	}
	first := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for batch := range days * 24 * 360 / 64 {
		var group []store.Batch
		for i, line := range lines {
			plays := make([]playlists.Play, 64)
			for k := range plays {
				plays[k] = playOf(i, turn, first.Add(time.Duration(batch*64+k)*10*time.Second))
				turn++
			}
			group = append(group, line.Batch(plays[63].Start.Add(11*time.Second), plays...))
		}
		if err := s.Append(context.Background(), group); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

// playOf is a play of a loop of a dozen items in two languages; every fortieth ends early, and starts jitter by a few
// frames, as on real screens.
func playOf(screen, turn int, start time.Time) playlists.Play {
	p := storetest.Play(screenName(screen), playlists.ItemID(fmt.Sprintf("item-of-a-usual-name-%d", turn%12)), start.Add(time.Duration(turn%17)*time.Millisecond))
	p.Language = []playlists.Language{"en", "es"}[turn/12%2]
	p.Boot = playlists.BootID(fmt.Sprintf("8f3b0c1e-5b7e-4f6e-9d5a-%012d", screen))
	p.Shown = p.Planned - int64(turn%17)
	if turn%40 == 0 {
		p.Outcome, p.Shown = playlists.Preempted, 3_217
	}
	return p
}

// allocated is how much disk files take.
func allocated(b *testing.B, pattern string) (bytes int64) {
	b.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		b.Fatalf("there is no %s: %v", pattern, err)
	}
	for _, f := range files {
		var stat syscall.Stat_t
		if err := syscall.Stat(f, &stat); err != nil {
			b.Fatal(err)
		}
		bytes += stat.Blocks * 512
	}
	return bytes
}
