//go:build !e2e

package main

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"anteroom/cmd/demo/hospital"
	"anteroom/controller"
	"anteroom/controller/access"
	"anteroom/controller/controllertest"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/player"
	"anteroom/player/journal"
	"anteroom/player/playback"
	"anteroom/player/playertest"
	"anteroom/playlists"
	"anteroom/playlists/slide"
)

// What a month is made of.
const (
	monthPlayers = 20
	monthSlot    = time.Minute
)

// TestMonth lets 20 players play for a day, or with ANTEROOM_DAYS=30 a month, in virtual time against a real controller over an
// in-memory network that loses frames, with partitions, crashes and restarts of players, restarts of the
// controller, stages killed, and wall clocks that jump, all by seed. At the end the plays that the
// controller has of each screen are held, one by one and in order, against what its stage first drew.
func TestMonth(t *testing.T) {
	// Garbage of many players is cheaper to carry than to collect often.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	t.Run("seeds", func(t *testing.T) {
		for _, seed := range seeds() {
			t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
				t.Parallel()
				began := time.Now()
				dir := t.TempDir() // TMPDIR=/dev/shm spares the disk
				synctest.Test(t, func(t *testing.T) { month(t, dir, seed) })
				t.Logf("%d days of %d players took %v", days(), monthPlayers, time.Since(began))
			})
		}
	})
}

// days is how long it lasts: ANTEROOM_DAYS, or 1. A month of a seed takes a core five minutes.
func days() int { return given("ANTEROOM_DAYS", 1) }

// seeds are 1 to ANTEROOM_SEEDS, or to 8; under the race detector, which takes ten times as long, 1.
func seeds() []uint64 {
	n := 8
	if underRace {
		n = 1
	}
	all := make([]uint64, given("ANTEROOM_SEEDS", n))
	for i := range all {
		all[i] = uint64(i + 1)
	}
	return all
}

func given(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// clinic is a controller and its players in one bubble, most of the time.
type clinic struct {
	t      *testing.T
	dir    string
	random *rand.Rand
	mu     sync.Mutex
	net    *controllertest.Network
	stop   func() // ends the controller and waits
	rooms  []*room
	// settled is when plays were held against the truth.
	settled time.Time

	counts    sync.Mutex
	mishaps   [8]int // by kind
	exchanges int    // frames, and answers, that were lost one by one
}

// turn is one that a stage first drew: the truth.
type turn struct {
	item playlists.ItemID
	slot int64 // start of the slot by the player's clock, in milliseconds since 1970
	at   int64 // in milliseconds of the monotonic clock
	// mayBeLost: it was first drawn within the journal's group commit before a crash.
	mayBeLost bool
}

// room is a player, its stage without glass, and the truth of what that drew.
type room struct {
	c      *clinic
	i      int
	began  time.Time
	stage  *playertest.Stage
	player *player.Player
	stop   func()

	mu    sync.Mutex
	skew  time.Duration // of the wall clock, which jumps
	drawn []turn        // and not settled yet
	loss  *rand.Rand
	// What was first drawn until cut counts; the rest is only there to bring it to the controller.
	cut    int64
	counts int
	// What was settled so far: plays up to number last.
	last   uint64
	sum    tally
	faults int
}

func month(t *testing.T, dir string, seed uint64) {
	c := found(t, dir, seed, monthPlayers)
	c.pass(time.Duration(days()) * 24 * time.Hour)
	c.net.SetDown(false)
	for _, r := range c.rooms {
		r.stop() // the last play ends, and is in the journal
		r.leave()
	}
	c.end(days() * 24 * 50)
}

// found builds a clinic with so many rooms, and pairs their players.
func found(t *testing.T, dir string, seed uint64, rooms int) *clinic {
	c := &clinic{t: t, dir: dir, random: rand.New(rand.NewPCG(seed, 30)), settled: time.Now()}
	c.open()
	for i := range rooms {
		c.rooms = append(c.rooms, &room{c: c, i: i, began: time.Now(), loss: rand.New(rand.NewPCG(seed, uint64(i))), cut: math.MaxInt64})
	}
	c.enter()
	return c
}

// pass lets time pass in which things happen, to 20 players every two hours.
func (c *clinic) pass(d time.Duration) {
	often := float64(2*time.Hour) * monthPlayers / float64(len(c.rooms))
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(min(time.Duration(c.random.ExpFloat64()*often), time.Until(end)))
		c.mishap()
	}
}

// leave is the end of what counts: what the player does from now on only brings it to the controller.
func (r *room) leave() {
	r.cut, r.counts = r.mono()/int64(time.Millisecond), len(r.drawn)
	time.Sleep(2 * smallStep)
	r.open()
}

// end waits for what is left, and holds it against the truth. Each room has drawn so many turns at least.
func (c *clinic) end(turns int) {
	time.Sleep(time.Hour) // what is left arrives
	c.quiet()
	for _, r := range c.rooms {
		r.stop()
	}
	c.stop()
	c.settle(true)
	sum := c.sum()
	c.t.Logf("%+v after mishaps %v and %d lost frames", sum, c.mishaps, c.exchanges)
	if sum.Drawn < len(c.rooms)*turns {
		c.t.Errorf("only %d turns were drawn in all", sum.Drawn)
	}
}

// smallStep is how far a play's start may be from its first picture: a player waits out small steps
// back of its clock.
const smallStep = 2 * time.Second

// mishap is one of the things that happen.
func (c *clinic) mishap() {
	r := c.rooms[c.random.IntN(len(c.rooms))]
	kind := c.random.IntN(len(c.mishaps))
	everywhere := kind <= 2 || kind == 7
	if len(c.rooms) > monthPlayers && everywhere && c.random.IntN(len(c.rooms)) >= monthPlayers {
		return // many rooms have many mishaps, and one network
	}
	c.mishaps[kind]++
	switch kind {
	case 0: // the network is away for hours to days, and connections vanish without a word
		c.net.SetDown(true)
		c.net.Silence()
		time.Sleep(time.Duration(c.random.ExpFloat64() * float64(3*time.Hour)))
		c.net.SetDown(false)
	case 1: // connections break
		c.net.Cut()
	case 2: // frames are lost, and both ends find out later
		c.net.Silence()
	case 3:
		r.stop()
		time.Sleep(time.Duration(c.random.IntN(600)) * time.Second)
		r.open()
	case 4:
		r.crash()
		time.Sleep(time.Duration(c.random.IntN(60)) * time.Second)
		r.open()
	case 5:
		r.stage.Kill()
	case 6:
		r.jump(time.Duration(c.random.NormFloat64() * float64(time.Hour)))
	case 7:
		c.stop()
		time.Sleep(time.Duration(c.random.IntN(3600)) * time.Second)
		c.open()
	}
}

// crash is SIGKILL at this instant: what the player has written stays, and nothing that it would write
// from now on.
func (r *room) crash() {
	r.c.t.Helper()
	synctest.Wait()
	left := r.data() + ".left"
	r.c.must(os.CopyFS(left, os.DirFS(r.data())))
	n, now := len(r.drawn), r.mono()/int64(time.Millisecond)
	r.stop()
	r.drawn = r.drawn[:n]
	r.c.must(os.RemoveAll(r.data()))
	r.c.must(os.Rename(left, r.data()))
	if n > 0 && now-r.drawn[n-1].at <= journal.CommitEvery.Milliseconds() {
		r.drawn[n-1].mayBeLost = true
	}
}

func (r *room) data() string { return filepath.Join(r.c.dir, "player-"+strconv.Itoa(r.i)) }

func (r *room) mono() int64 { return int64(time.Since(r.began)) + int64(time.Hour) }

// open starts the controller on what it left.
func (c *clinic) open() {
	c.t.Helper()
	c.mu.Lock()
	first := c.net == nil
	c.net = controllertest.NewNetwork()
	c.mu.Unlock()
	con, err := controller.New(c.t.Context(), controller.Config{
		Data: filepath.Join(c.dir, "controller"), Listener: c.net, URL: "http://controller",
		Probe: func(context.Context, string) error { return nil }, PasswordCost: access.Cost{KiB: 64, Passes: 1, Lanes: 1}, NoSync: true,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	if first {
		user := access.User{Actor: access.Actor{Name: "ada", Role: access.Administrator, Everywhere: true}}
		if err := con.AddUser(c.t.Context(), "system", user, "correct horse battery"); err != nil {
			c.t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- con.Run(ctx) }()
	c.stop = func() {
		cancel()
		if err := <-done; err != nil {
			c.t.Errorf("the controller ended: %v", err)
		}
	}
}

func (r *room) open() {
	r.c.t.Helper()
	r.stage = playertest.New(playertest.Config{Mono: r.mono, Beat: 24 * time.Hour, First: r.saw})
	p, err := player.New(player.Config{
		Controller: "http://controller", PlainHTTP: true, Data: r.data(), Stage: r.stage, SendEvery: r.patience(),
		Wall: r.wall, Mono: r.mono, Boot: playlists.BootID(fmt.Sprintf("boot-%d", r.i)), NoSync: true,
		Dial: r.dial, Jitter: rand.New(rand.NewPCG(uint64(r.i), 1)).Float64,
	})
	if err != nil {
		r.c.t.Fatal(err)
	}
	r.player = p
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	r.stop = func() {
		synctest.Wait() // what was drawn at this very instant is known
		cancel()
		if err := <-done; err != nil {
			r.c.t.Errorf("player %d ended: %v", r.i, err)
		}
	}
}

// dial goes through the network of the controller that runs now.
func (c *clinic) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c.mu.Lock()
	n := c.net
	c.mu.Unlock()
	return n.Dial(ctx, network, address)
}

// wall is the player's wall clock, which is not always right.
func (r *room) wall() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Now().Add(r.skew)
}

func (r *room) jump(by time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.skew = by
}

// saw writes the truth down.
func (r *room) saw(region playback.RegionScene, d playback.Drawn) {
	item, slot, _ := strings.Cut(region.Label, "@")
	at, err := time.Parse(time.RFC3339Nano, slot)
	if err != nil {
		r.c.t.Errorf("the label %q has no time: %v", region.Label, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drawn = append(r.drawn, turn{item: playlists.ItemID(item), slot: at.UnixMilli(), at: d.At / int64(time.Millisecond)})
}

// patience is how long plays wait for their batch. One room in ten sends each play by itself, as real
// players do; the others spare the test the signatures.
func (r *room) patience() time.Duration {
	if r.i%10 == 0 {
		return 0
	}
	return 20 * time.Minute
}

// dial goes through the clinic's network, and now and then a frame is lost on the way, or what answers it.
func (r *room) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := r.c.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &lossy{Conn: conn, draw: r.draw}, nil
}

// draw says whether a frame is lost: one in a thousand, and as often its answer.
func (r *room) draw() (frame, answer bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.loss.IntN(1000)
	if n <= 1 {
		r.c.counts.Lock()
		r.c.exchanges++
		r.c.counts.Unlock()
	}
	return n == 0, n == 1
}

// lossy is a connection that falls silent in the middle of things.
type lossy struct {
	net.Conn
	draw func() (frame, answer bool)

	mu   sync.Mutex
	lost bool
}

func (l *lossy) silent() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}

// Write loses the frame, or delivers it and loses all that comes back.
func (l *lossy) Write(b []byte) (int, error) {
	frame, answer := l.draw()
	if frame || answer {
		l.mu.Lock()
		frame = frame || l.lost
		l.lost = true
		l.mu.Unlock()
	} else {
		frame = l.silent()
	}
	if frame {
		return len(b), nil
	}
	return l.Conn.Write(b)
}

// Read gives nothing once the connection is silent.
func (l *lossy) Read(b []byte) (int, error) {
	for {
		n, err := l.Conn.Read(b)
		if err != nil || !l.silent() {
			return n, err
		}
	}
}

// enter writes the clinic's documents and pairs its players, all through the API.
func (c *clinic) enter() {
	c.t.Helper()
	ctx := c.t.Context()
	api := c.client()
	c.must(api.Create(ctx, "sites", "main", playlists.Site{ID: "main", Name: "Main building"}))
	loop := playlists.Playlist{ID: "loop", Name: "Loop"}
	for _, id := range []playlists.ItemID{"walk", "rest", "ask", "drink", "breathe"} {
		c.must(enterNotice(ctx, api, id))
		loop.Entries = append(loop.Entries, playlists.Entry{Item: id, Weight: 1, Millis: monthSlot.Milliseconds()})
	}
	c.must(api.Create(ctx, "playlists", "loop", loop))
	c.must(api.Create(ctx, "departments", "clinic", playlists.Department{
		ID: "clinic", Site: "main", Name: "Clinic", Zone: "America/New_York", Fallback: "en", Filler: "loop",
		Languages: []playlists.LanguageShare{{Language: "en", Twelfths: 12}},
	}))
	for i := range c.rooms {
		s := playlists.Screen{ID: screen(i), Department: "clinic", Name: fmt.Sprintf("Screen %d", i)}
		c.must(api.Create(ctx, "screens", string(s.ID), s))
	}
	c.must(api.Publish(ctx, "", "clinic"))
	for some := range slices.Chunk(c.rooms, startersAtOnce) {
		for _, r := range some {
			r.open()
		}
		time.Sleep(time.Minute)
		for _, r := range some {
			status, err := r.player.Status(ctx)
			c.must(err)
			if status.Pairing == nil {
				c.t.Fatalf("player %d shows no code: %+v", r.i, status)
			}
			c.must(api.Pair(ctx, status.Pairing.Code, screen(r.i)))
		}
	}
}

func enterNotice(ctx context.Context, api *hospital.Client, id playlists.ItemID) error {
	var made struct {
		Rendition playlists.Rendition `json:"rendition"`
	}
	notice := slide.Slide{
		Template: slide.Notice, Language: "en", Title: "Remember to " + string(id), Text: "It does you good.",
		Brand: playlists.Brand{Name: "Clinic", Background: "#0b3d4c", Ink: "#ffffff", Accent: "#f2b84b"},
	}
	if err := api.Do(ctx, http.MethodPost, "/api/v1/slides", notice, &made, nil); err != nil {
		return err
	}
	return api.MakeItem(ctx, playlists.Item{
		ID: id, Title: string(id), Version: 1, Renditions: []playlists.Rendition{made.Rendition},
	})
}

func (c *clinic) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func screen(i int) playlists.ScreenID { return playlists.ScreenID(fmt.Sprintf("screen-%02d", i)) }

// settle holds what the controller has, which is stopped, against what every stage drew. Unless it is the last
// time, what has not arrived yet is not missing.
func (c *clinic) settle(last bool) {
	c.t.Helper()
	s, err := bolt.Open(context.Background(), bolt.Config{Dir: filepath.Join(c.dir, "controller", "store"), NoSync: true})
	c.must(err)
	defer s.Close()
	from, to := c.settled.AddDate(0, 0, -2), time.Now().AddDate(1, 0, 0)
	counted := make([][]playlists.Play, len(c.rooms))
	for p, err := range s.Scan(context.Background(), from, to) {
		c.must(err)
		if i := c.roomOf(p.Screen); p.Seq > c.rooms[i].last {
			counted[i] = append(counted[i], p.Play)
		}
	}
	for i, r := range c.rooms {
		slices.SortFunc(counted[i], func(a, b playlists.Play) int { return cmp.Compare(a.Seq, b.Seq) })
		r.compare(counted[i], last)
	}
	c.settled = time.Now()
	if last {
		c.countAll(s.Scan(context.Background(), time.Time{}, to))
	}
}

// countAll holds that each room has one stream, and in it as many plays as numbers.
func (c *clinic) countAll(all iter.Seq2[store.StoredPlay, error]) {
	streams, plays := map[playlists.StreamID]bool{}, make([]uint64, len(c.rooms))
	for p, err := range all {
		c.must(err)
		streams[p.Stream] = true
		plays[c.roomOf(p.Screen)]++
	}
	if len(streams) != len(c.rooms) {
		c.t.Errorf("%d players have %d streams", len(c.rooms), len(streams))
	}
	for i, r := range c.rooms {
		if plays[i] != r.last {
			r.fault("%d plays are numbered up to %d", plays[i], r.last)
		}
	}
}

func (c *clinic) roomOf(s playlists.ScreenID) (i int) {
	c.t.Helper()
	_, err := fmt.Sscanf(string(s), "screen-%d", &i)
	c.must(err)
	return i
}

func (c *clinic) sum() (sum tally) {
	for _, r := range c.rooms {
		sum.add(r.sum)
	}
	return sum
}

// tally is what became of turns.
type tally struct{ Drawn, Counted, Lost, Invented, Twice, LostInCrash int }

func (a *tally) add(b tally) {
	a.Drawn += b.Drawn
	a.Counted += b.Counted
	a.Lost += b.Lost
	a.Invented += b.Invented
	a.Twice += b.Twice
	a.LostInCrash += b.LostInCrash
}

// compare walks truth and plays, both in the order of time. They agree in item and slot, whatever the
// wall clock said, because both name the slot by the player's clock. What is settled is not kept.
func (r *room) compare(plays []playlists.Play, last bool) {
	truth := r.drawn
	if last {
		truth = truth[:r.counts]
	}
	for i := range plays {
		p := &plays[i]
		switch {
		case p.Gap != "":
			r.fault("play %d is a gap of %d: %s", p.Seq, p.Lost, p.Gap)
		case p.Seq <= r.last:
			r.sum.Twice++
			r.fault("play %d comes twice", p.Seq)
		case p.Seq != r.last+1:
			r.fault("plays %d to %d are missing", r.last+1, p.Seq-1)
		}
		r.last = p.Seq
		if p.Outcome == playlists.Failed || p.Mono > r.cut && p.Mono-r.cut > smallStep.Milliseconds() {
			continue // never drawn, or after the end
		}
		r.sum.Counted++
		skipped := slices.IndexFunc(truth[:min(6, len(truth))], func(t turn) bool { return t.is(p) })
		if skipped < 0 {
			r.sum.Invented++
			r.fault("play %d of %s at %v (mono %d, %s) was never drawn; expected %+v", p.Seq, p.Item, p.Start, p.Mono, p.Outcome, truth[:min(2, len(truth))])
			continue
		}
		r.miss(truth[:skipped])
		truth = truth[skipped+1:]
		r.sum.Drawn++
	}
	if last {
		r.miss(truth)
	}
	r.drawn = slices.Clone(truth)
}

// miss notes turns that were not counted.
func (r *room) miss(truth []turn) {
	r.sum.Drawn += len(truth)
	for _, t := range truth {
		if t.mayBeLost {
			r.sum.LostInCrash++
			continue
		}
		r.sum.Lost++
		r.fault("%s in the slot of %v, drawn at %d, is not counted", t.item, time.UnixMilli(t.slot).UTC(), t.at)
	}
}

// fault reports the first few of a room.
func (r *room) fault(format string, args ...any) {
	if r.faults++; r.faults <= 10 {
		r.c.t.Errorf("screen %d: "+format, append([]any{r.i}, args...)...)
	}
}

// is reports whether a play is the one of this turn.
func (t turn) is(p *playlists.Play) bool {
	start := p.Start.UnixMilli()
	return p.Item == t.item && start >= t.slot && start < t.slot+p.Planned && abs(p.Mono-t.at) <= smallStep.Milliseconds()
}

func abs(n int64) int64 { return max(n, -n) }
