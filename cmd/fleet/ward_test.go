//go:build !e2e

package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"anteroom/cmd/demo/hospital"
	"anteroom/controller/controllertest"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/player"
	"anteroom/player/playback"
	"anteroom/player/playertest"
	"anteroom/playlists"
)

// ward is a controller and a few players whose clocks, cables and disks a test holds, in virtual time.
type ward struct {
	*clinic

	api   *hospital.Client
	beds  []*bed
	first func(b *bed) // what is to be known of a machine before it is switched on
}

// bed is a machine: a player, its stage without glass, and the truth of what that drew.
type bed struct {
	w       *ward
	name    string
	screen  playlists.ScreenID
	dir     string
	floor   time.Time // the build of its program
	crystal float64   // how fast its monotonic clock goes; 1 is right
	on      time.Time // when it was switched on
	boots   int
	log     *slog.Logger
	sync    bool  // its disk may lose what is not synced
	quota   int64 // of its journal, in bytes
	player  *player.Player
	stop    func()

	mu        sync.Mutex
	wall      time.Duration // how far its wall clock is off
	unplugged bool
	cables    []net.Conn
	drawn     []shown
	ended     bool // what it draws from now on does not count
	// gone: it is never switched on again, and what it drew after surely may be lost with its disk.
	gone   bool
	surely time.Time
}

// shown is a turn that a stage first drew.
type shown struct {
	item playlists.ItemID
	boot playlists.BootID
	mono int64 // in milliseconds
	at   time.Time
}

// inWard runs a test on a day of the year 2000, with departments in the given zones whose loops have a slot each.
func inWard(t *testing.T, day time.Time, slot time.Duration, test func(w *ward), zones ...string) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(day))
		w := &ward{clinic: &clinic{t: t, dir: dir, random: rand.New(rand.NewPCG(1, 2))}}
		w.open()
		w.enter(slot, zones)
		test(w)
	})
}

// enter writes the documents: a department a zone, whose filler is walk and rest by day, with a window of sleep and
// breathe from 22:00 to 06:00.
func (w *ward) enter(slot time.Duration, zones []string) {
	ctx := w.t.Context()
	w.api = w.client()
	w.must(w.api.Create(ctx, "sites", "main", playlists.Site{ID: "main", Name: "Main building"}))
	for id, items := range map[playlists.PlaylistID][]playlists.ItemID{"day": {"walk", "rest"}, "night": {"sleep", "breathe"}} {
		loop := playlists.Playlist{ID: id, Name: string(id)}
		for _, item := range items {
			w.must(enterNotice(ctx, w.api, item))
			loop.Entries = append(loop.Entries, playlists.Entry{Item: item, Weight: 1, Millis: slot.Milliseconds()})
		}
		w.must(w.api.Create(ctx, "playlists", string(id), loop))
	}
	for i, zone := range zones {
		id := departmentOf(i)
		w.must(w.api.Create(ctx, "departments", string(id), playlists.Department{
			ID: id, Site: "main", Name: string(id), Zone: zone, Fallback: "en", Filler: "day",
			Languages: []playlists.LanguageShare{{Language: "en", Twelfths: 12}},
		}))
		w.must(w.api.Create(ctx, "windows", "night-"+string(id), playlists.Window{
			ID: playlists.WindowID("night-" + string(id)), Name: "Night", Playlist: "night", Start: "0 22 * * *",
			End: playlists.LocalEnd{Days: 1, Clock: 6 * 60}, Targets: []playlists.Target{{Department: id}},
		}))
		w.must(w.api.Publish(ctx, "", id))
	}
}

func departmentOf(i int) playlists.DepartmentID {
	return playlists.DepartmentID(fmt.Sprintf("ward-%d", i))
}

// put makes a machine for a new screen of department i, switches it on and pairs it.
func (w *ward) put(i int, crystal float64) *bed {
	w.t.Helper()
	ctx := w.t.Context()
	name := fmt.Sprintf("bed-%d", len(w.beds))
	screen := playlists.ScreenID(name)
	w.must(w.api.Create(ctx, "screens", name, playlists.Screen{ID: screen, Department: departmentOf(i), Name: name}))
	b := w.machine(name, screen)
	b.crystal, b.floor = crystal, time.Now().AddDate(0, 0, -1)
	if w.first != nil {
		w.first(b)
	}
	b.boot(0)
	time.Sleep(time.Minute)
	status, err := b.player.Status(ctx)
	w.must(err)
	if status.Pairing == nil {
		w.t.Fatalf("%s shows no code: %+v", name, status)
	}
	w.must(w.api.Pair(ctx, status.Pairing.Code, screen))
	time.Sleep(time.Minute)
	return b
}

func (w *ward) machine(name string, screen playlists.ScreenID) *bed {
	b := &bed{w: w, name: name, screen: screen, dir: filepath.Join(w.dir, name), crystal: 1}
	w.beds = append(w.beds, b)
	return b
}

// boot switches the machine on with its wall clock off by so much.
func (b *bed) boot(wall time.Duration) {
	b.w.t.Helper()
	b.boots++
	b.on = time.Now()
	b.jump(wall)
	b.start()
}

// start starts the program.
func (b *bed) start() {
	b.w.t.Helper()
	stage := playertest.New(playertest.Config{Mono: b.mono, Beat: 24 * time.Hour, First: b.saw})
	p, err := player.New(player.Config{
		Controller: "http://controller", PlainHTTP: true, Data: b.dir, Stage: stage, SendEvery: 10 * time.Minute,
		Wall: b.now, Mono: b.mono, Boot: b.bootID(), Floor: b.floor, NoSync: !b.sync, Dial: b.dial,
		JournalQuota: b.quota, Log: b.log,
		Jitter: rand.New(rand.NewPCG(uint64(len(b.name)), 1)).Float64,
	})
	if err != nil {
		b.w.t.Fatal(err)
	}
	b.player = p
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	b.stop = func() {
		synctest.Wait()
		cancel()
		if err := <-done; err != nil {
			b.w.t.Errorf("%s ended: %v", b.name, err)
		}
	}
}

// off switches the machine off, if it is on.
func (b *bed) off() {
	if b.stop != nil {
		b.stop()
		b.stop = nil
	}
}

// scrap lets the machine send what it has, and takes it away for good.
func (b *bed) scrap() {
	b.w.t.Helper()
	b.surely = time.Now()
	b.off()
	b.plug()
	b.start()
	hours(1)
	b.off()
	b.gone = true
}

func (b *bed) bootID() playlists.BootID {
	return playlists.BootID(fmt.Sprintf("%s-boot-%d", b.name, b.boots))
}

func (b *bed) mono() int64 {
	return int64(float64(time.Since(b.on))*b.crystal) + int64(5*time.Second)
}

func (b *bed) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Now().Add(b.wall)
}

func (b *bed) jump(wall time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wall = wall
}

func (b *bed) dial(ctx context.Context, network, address string) (net.Conn, error) {
	b.mu.Lock()
	down := b.unplugged
	b.mu.Unlock()
	if down {
		return nil, controllertest.ErrDown
	}
	conn, err := b.w.dial(ctx, network, address)
	if err == nil {
		b.mu.Lock()
		b.cables = append(b.cables, conn)
		b.mu.Unlock()
	}
	return conn, err
}

// unplug takes the machine's own cable away, plug puts it back.
func (b *bed) unplug() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unplugged = true
	for _, c := range b.cables {
		_ = c.Close()
	}
	b.cables = nil
}

func (b *bed) plug() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unplugged = false
}

// saw writes the truth down.
func (b *bed) saw(region playback.RegionScene, d playback.Drawn) {
	item, _, _ := strings.Cut(region.Label, "@")
	ago := time.Duration(float64(b.mono()-d.At) / b.crystal)
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.ended {
		b.drawn = append(b.drawn, shown{playlists.ItemID(item), b.bootID(), d.At / int64(time.Millisecond), time.Now().Add(-ago)})
	}
}

// clone copies the machine's disk into another, as it is now. The machine must be off.
func (b *bed) clone(name string) *bed {
	b.w.t.Helper()
	other := b.w.machine(name, b.screen)
	other.floor, other.crystal = b.floor, b.crystal
	b.w.must(os.CopyFS(other.dir, os.DirFS(b.dir)))
	return other
}

// pair is a play and the turn that it is of.
type pair struct {
	shown

	play store.StoredPlay
}

// settle ends the ward: what is left arrives, and is held against the truth. It gives what each screen's machines
// showed, in the order of time.
func (w *ward) settle() map[playlists.ScreenID][]pair {
	w.t.Helper()
	for _, b := range w.beds {
		b.off()
		b.ended = true
	}
	for range 2 { // clones by turns: two machines with one identity push each other out
		for _, b := range w.beds {
			if b.gone {
				continue
			}
			b.plug()
			b.boot(0)
			time.Sleep(2 * time.Hour)
			b.off()
		}
	}
	w.stop()
	return w.compare()
}

// compare pairs each play with the turn that it is of, and fails where one is without the other.
func (w *ward) compare() map[playlists.ScreenID][]pair {
	w.t.Helper()
	truth, all := map[playlists.BootID][]shown{}, map[playlists.ScreenID][]pair{}
	for _, b := range w.beds {
		for _, s := range b.drawn {
			truth[s.boot] = append(truth[s.boot], s)
		}
	}
	s, err := bolt.Open(context.Background(), bolt.Config{Dir: filepath.Join(w.dir, "controller", "store"), NoSync: true})
	w.must(err)
	defer s.Close()
	for p, err := range s.Scan(context.Background(), time.Time{}, time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)) {
		w.must(err)
		turns, known := truth[p.Boot]
		if p.Outcome == playlists.Lost {
			w.t.Errorf("%s: %d plays are gone: %s", p.Screen, p.Lost, p.Gap)
		}
		if !known || p.Gap != "" || p.Outcome == playlists.Failed {
			continue // while it settled, a remark, or never drawn
		}
		i := slices.IndexFunc(turns, func(s shown) bool {
			return s.item == p.Item && abs(s.mono-p.Mono) <= smallStep.Milliseconds()
		})
		if i < 0 {
			w.t.Errorf("%s: play %d of %s in %s at %d ms was never drawn, or is counted twice", p.Screen, p.Seq, p.Item, p.Boot, p.Mono)
			continue
		}
		all[p.Screen] = append(all[p.Screen], pair{turns[i], p})
		truth[p.Boot] = slices.Delete(turns, i, i+1)
	}
	for _, b := range w.beds {
		if b.gone {
			boot := b.bootID()
			truth[boot] = slices.DeleteFunc(truth[boot], func(s shown) bool { return s.at.After(b.surely) })
		}
	}
	for boot, left := range truth {
		if len(left) > 0 {
			w.t.Errorf("%d turns of %s are not counted, first %+v", len(left), boot, left[0])
		}
	}
	for _, pairs := range all {
		slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	}
	return all
}

// alarms are what the console says about identities that two machines use.
func (c *clinic) alarms() (texts []string) {
	c.t.Helper()
	api := c.client()
	var fleet struct {
		Items []struct{ Notes []playlists.Remark }
	}
	_, err := api.Get(c.t.Context(), "/api/v1/fleet", &fleet)
	c.must(err)
	for _, one := range fleet.Items {
		for _, note := range one.Notes {
			if strings.Contains(note.Text, "identity") || strings.Contains(note.Text, "one stream of plays after the other") {
				texts = append(texts, note.Text)
			}
		}
	}
	return texts
}

// client is a person signed in.
func (c *clinic) client() *hospital.Client {
	c.t.Helper()
	api := hospital.NewClient("http://controller")
	api.Transport(&http.Transport{DialContext: c.dial, DisableKeepAlives: true})
	c.must(api.SignIn(c.t.Context(), "ada", "correct horse battery"))
	return api
}

// quiet fails if the controller told staff of two machines with one identity.
func (c *clinic) quiet() {
	c.t.Helper()
	if texts := c.alarms(); len(texts) > 0 {
		c.t.Errorf("false alarms: %q", texts)
	}
}
