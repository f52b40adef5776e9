package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"

	"anteroom/controller"
	"anteroom/controller/players"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// BenchmarkResident prints what a linked player costs the controller in resident memory: the real binary,
// over TCP, with everything that it keeps of a player that has said hello and sends heartbeats. The players
// are in this process and are no more than their link. ANTEROOM_PLAYERS says how many, ANTEROOM_BEATS for
// how many heartbeats, one every 30 s.
func BenchmarkResident(b *testing.B) {
	n, beats := setting(b, "ANTEROOM_PLAYERS", 2000), setting(b, "ANTEROOM_BEATS", 2)
	for b.Loop() {
		r := &resident{b: b, dir: b.TempDir(), bin: buildController(b), players: n, generation: 7}
		r.pairAll()
		r.start()
		alone := r.memory()
		r.linkAll()
		r.report("linked", alone)
		for range beats {
			r.beat()
		}
		r.report("heard", alone)
		r.stop()
	}
}

func setting(b *testing.B, name string, otherwise int) int {
	b.Helper()
	n, err := strconv.Atoi(os.Getenv(name))
	if err != nil {
		return otherwise
	}
	return n
}

// resident is a controller in a process of its own, and the players on it.
type resident struct {
	b       *testing.B
	dir     string
	bin     string // the program
	players int
	// generation is what the players have; of a higher one than the controller's it makes a new one.
	generation uint64

	cmd *exec.Cmd
	url string

	mu    sync.Mutex
	links []*websocket.Conn
}

func (*resident) key(i int) ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	binary.BigEndian.PutUint64(seed, uint64(i))
	return ed25519.NewKeyFromSeed(seed)
}

func (r *resident) fail(err error) {
	r.b.Helper()
	if err != nil {
		r.b.Fatal(err)
	}
}

// pairAll puts screens and paired players into the store, as pairing one after the other would.
func (r *resident) pairAll() {
	r.b.Helper()
	c, err := controller.New(r.b.Context(), controller.Config{Data: r.dir, Listen: "127.0.0.1:0", Probe: func(context.Context, string) error { return nil }})
	r.fail(err)
	r.fail(c.Close())
	s, err := bolt.Open(r.b.Context(), bolt.Config{Dir: filepath.Join(r.dir, "store"), NoSync: true})
	r.fail(err)
	for from := 0; from < r.players; from += 1000 {
		r.fail(s.Update(r.b.Context(), func(tx store.Tx) error {
			for i := from; i < min(from+1000, r.players); i++ {
				if err := r.pair(tx, i, "cardiology"); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	r.fail(s.Close())
}

func (r *resident) pair(tx store.Tx, i int, department playlists.DepartmentID) error {
	key := public(r.key(i))
	p := players.Player{
		ID: wire.PlayerIDOf(key), Key: key, Screen: screenName(i), PairedAt: time.Now().UTC(), PairedBy: "ada",
		Abilities: abilities(), Software: "v0.1.0",
	}
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	screen, err := json.Marshal(playlists.Screen{ID: p.Screen, Department: department, Name: fmt.Sprintf("Lobby %d", i), Tags: []playlists.Tag{"fleet"}})
	if err != nil {
		return err
	}
	_, first := tx.Put("screen", string(p.Screen), 0, "ada", screen)
	_, second := tx.Put(players.Kind, string(p.ID), 0, "ada", body)
	return errors.Join(first, second)
}

func screenName(i int) playlists.ScreenID {
	return playlists.ScreenID(fmt.Sprintf("cardiology-%05d", i))
}

func abilities() playlists.Abilities {
	return playlists.Abilities{Width: 1920, Height: 1080, Decoders: []string{"h264", "vp9"}}
}

// buildController builds the controller's program.
func buildController(b *testing.B) string {
	b.Helper()
	bin := filepath.Join(b.TempDir(), "controller")
	out, err := exec.CommandContext(b.Context(), "go", "build", "-tags", "nomsgpack", "-o", bin, "anteroom/cmd/controller").CombinedOutput()
	if err != nil {
		b.Fatalf("building the controller: %v: %s", err, out)
	}
	return bin
}

// start starts the controller and waits for it to serve.
func (r *resident) start() {
	r.b.Helper()
	r.cmd = exec.Command(r.bin, "serve", "--data", r.dir, "--listen", "127.0.0.1:0", "--metrics", "")
	r.cmd.Stderr = r.b.Output()
	stdout, err := r.cmd.StdoutPipe()
	r.fail(err)
	r.fail(r.cmd.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	r.fail(err)
	r.url = "ws" + strings.TrimPrefix(regexp.MustCompile(`http://\S+`).FindString(line), "http") + wire.LinkPath
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	time.Sleep(time.Second)
}

func (r *resident) stop() {
	r.b.Helper()
	r.fail(r.cmd.Process.Signal(syscall.SIGTERM))
	r.fail(r.cmd.Wait())
}

// memory is the controller's resident memory in bytes, without pages of files.
func (r *resident) memory() int64 {
	r.b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	r.fail(err)
	kb := regexp.MustCompile(`RssAnon:\s+(\d+) kB`).FindSubmatch(status)
	n, err := strconv.ParseInt(string(kb[1]), 10, 64)
	r.fail(err)
	return n << 10
}

func (r *resident) report(when string, alone int64) {
	now := r.memory()
	r.b.ReportMetric(float64(now-alone)/float64(r.players), "B/player-"+when)
	r.b.ReportMetric(float64(alone)/float64(r.players), "B/player-before")
}

func (r *resident) linkAll() {
	r.b.Helper()
	var all errgroup.Group
	all.SetLimit(32)
	for i := range r.players {
		all.Go(func() error { return r.link(i) })
	}
	r.fail(all.Wait())
}

// link says hello and leaves a goroutine that answers pings.
func (r *resident) link(i int) error {
	d := websocket.Dialer{
		Subprotocols: []string{wire.Subprotocol}, ReadBufferSize: 512, WriteBufferSize: 512, WriteBufferPool: new(sync.Pool),
		NetDialContext: (&net.Dialer{}).DialContext,
	}
	ws, resp, err := d.DialContext(r.b.Context(), r.url, http.Header{})
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	var challenge wire.Envelope
	if err := ws.ReadJSON(&challenge); err != nil {
		return err
	}
	key := r.key(i)
	h := wire.Hello{
		Version: wire.Version, Player: wire.PlayerIDOf(public(key)), Key: public(key), Nonce: bytes.Repeat([]byte{1}, wire.NonceSize),
		Stream: playlists.StreamID(fmt.Sprintf("%032x", i)), Paired: true, State: r.state(i), Abilities: abilities(), Software: "v0.1.0",
	}
	h.Signature = ed25519.Sign(key, wire.HelloBytes(*challenge.Challenge, h))
	if err := ws.WriteJSON(wire.Envelope{Hello: &h}); err != nil {
		return err
	}
	var welcome wire.Envelope
	if err := ws.ReadJSON(&welcome); err != nil || welcome.Welcome == nil {
		return fmt.Errorf("no welcome for player %d: %w", i, err)
	}
	go func() {
		for {
			if _, _, err := ws.NextReader(); err != nil {
				return
			}
		}
	}()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.links = append(r.links, ws)
	return nil
}

func (r *resident) state(i int) wire.State {
	return wire.State{
		Screen: screenName(i), Generation: r.generation, Body: playlists.Digest(strings.Repeat("ab", 32)), Takeovers: 3,
		Journal: 100_000, Chain: bytes.Repeat([]byte{7}, wire.ChainSize), Kept: 1,
	}
}

// beat sends a heartbeat of every player, one after the other as they would come.
func (r *resident) beat() {
	r.b.Helper()
	began := time.Now()
	for i := range r.links {
		time.Sleep(time.Until(began.Add(wire.HeartbeatEvery * time.Duration(i) / time.Duration(len(r.links)))))
		r.beatOf(i)
	}
}

// beatOf sends a heartbeat of one player.
func (r *resident) beatOf(i int) {
	r.b.Helper()
	now := time.Now().UTC()
	r.fail(r.links[i].WriteJSON(wire.Envelope{Heartbeat: &wire.Heartbeat{At: now, State: r.state(i), Health: wire.Health{
		Source: playlists.FromWindow, Window: "mornings", Stage: "drawing", Display: playlists.DisplayOn, Clock: playlists.ClockSynced,
		NextChange: now.Add(15 * time.Second), DiskFree: 10 << 30, CacheUsed: 1 << 30, Unsent: 12,
		Showing: []wire.NowShowing{{Region: "main", Item: "what-to-expect", Title: "What to expect today", Language: "en", Until: now.Add(15 * time.Second)}},
	}}}))
}
