package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
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
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"anteroom/controller"
	"anteroom/controller/access"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// served is the real controller in a process of its own, to be measured from outside, with somebody who may
// sign in.
type served struct {
	*resident

	base string // http://127.0.0.1:12345
}

// Who may sign in.
const servedUser, servedPassword = "ada", "correct horse battery staple"

func newServed(b *testing.B) *served {
	b.Helper()
	s := &served{resident: &resident{b: b, dir: b.TempDir(), bin: buildController(b)}}
	c, err := controller.New(b.Context(), controller.Config{
		Data: s.dir, Listen: "127.0.0.1:0", Probe: unprobed, PasswordCost: access.Cost{KiB: 64, Passes: 1, Lanes: 1},
	})
	s.fail(err)
	ada := access.User{Actor: access.Actor{Name: servedUser, FullName: "Ada", Role: access.Administrator, Everywhere: true}}
	s.fail(c.AddUser(b.Context(), "system", ada, servedPassword))
	s.fail(c.Close())
	return s
}

func unprobed(context.Context, string) error { return nil }

// store opens the store while the controller does not run. Nothing of it need outlast a power cut.
func (s *served) store() *bolt.Store {
	s.b.Helper()
	opened, err := bolt.Open(s.b.Context(), bolt.Config{Dir: filepath.Join(s.dir, "store"), NoSync: true, Probe: unprobed})
	s.fail(err)
	return opened
}

func (s *served) player(n int) playlists.PlayerID { return wire.PlayerIDOf(public(s.key(n))) }

func streamName(n int) playlists.StreamID { return playlists.StreamID(fmt.Sprintf("%032x", n)) }

// putNew puts a document that is not there yet.
func putNew(tx store.Tx, kind store.Kind, id string, document any) error {
	body, err := json.Marshal(document)
	if err != nil {
		return err
	}
	_, err = tx.Put(kind, id, 0, servedUser, body)
	return err
}

// start starts the controller and returns when it has said where it is, and how long that took.
func (s *served) start() time.Duration {
	s.b.Helper()
	s.cmd = exec.Command(s.bin, "serve", "--data", s.dir, "--listen", "127.0.0.1:0", "--metrics", "")
	log, err := os.Create(filepath.Join(s.dir, "log"))
	s.fail(err)
	defer func() { _ = log.Close() }() // the controller has its own
	s.cmd.Stderr = log
	stdout, err := s.cmd.StdoutPipe()
	s.fail(err)
	began := time.Now()
	s.fail(s.cmd.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	s.fail(err)
	s.base = regexp.MustCompile(`http://\S+`).FindString(line)
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	s.ready()
	return time.Since(began)
}

// ready waits until the controller says that it can do its work.
func (s *served) ready() {
	s.b.Helper()
	for {
		resp, err := http.Get(s.base + "/readyz")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(time.Millisecond)
	}
}

// kill ends the controller as a power cut would, but for the disk.
func (s *served) kill() {
	s.b.Helper()
	s.fail(s.cmd.Process.Kill())
	_ = s.cmd.Wait() // it says that it was killed
}

// processor is how long the controller has had a processor, without its children.
func (s *served) processor() time.Duration {
	s.b.Helper()
	return s.times(11, 12)
}

// processorOfAll is the same with the children that have ended.
func (s *served) processorOfAll() time.Duration {
	s.b.Helper()
	return s.times(11, 12, 13, 14)
}

// times adds fields of the controller's /proc/PID/stat up, counted from the one after its name.
func (s *served) times(fields ...int) time.Duration {
	s.b.Helper()
	const ticks = 100 // a second, on every Linux
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	s.fail(err)
	all := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	sum := 0
	for _, f := range fields {
		n, err := strconv.Atoi(all[f])
		s.fail(err)
		sum += n
	}
	return time.Duration(sum) * time.Second / ticks
}

// written is how many bytes the controller has given to its disk.
func (s *served) written() int64 {
	s.b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", s.cmd.Process.Pid))
	s.fail(err)
	n, err := strconv.ParseInt(string(regexp.MustCompile(`write_bytes: (\d+)`).FindSubmatch(text)[1]), 10, 64)
	s.fail(err)
	return n
}

// hello links the n-th player, which has the state that it says.
func (s *served) hello(n int, state wire.State) (*websocket.Conn, error) {
	d := websocket.Dialer{
		Subprotocols: []string{wire.Subprotocol}, ReadBufferSize: 512, WriteBufferSize: 512, WriteBufferPool: new(sync.Pool),
		NetDialContext: (&net.Dialer{}).DialContext,
	}
	ws, resp, err := d.DialContext(s.b.Context(), "ws"+strings.TrimPrefix(s.base, "http")+wire.LinkPath, http.Header{})
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	var challenge wire.Envelope
	if err := ws.ReadJSON(&challenge); err != nil {
		return nil, err
	}
	key := s.key(n)
	h := wire.Hello{
		Version: wire.Version, Player: wire.PlayerIDOf(public(key)), Key: public(key), Nonce: bytes.Repeat([]byte{1}, wire.NonceSize),
		Stream: streamName(n), Paired: true, State: state, Abilities: abilities(), Software: "v0.1.0",
	}
	h.Signature = ed25519.Sign(key, wire.HelloBytes(*challenge.Challenge, h))
	if err := ws.WriteJSON(wire.Envelope{Hello: &h}); err != nil {
		return nil, err
	}
	var welcome wire.Envelope
	if err := ws.ReadJSON(&welcome); err != nil || welcome.Welcome == nil {
		return nil, fmt.Errorf("no welcome for player %d: %w", n, err)
	}
	return ws, nil
}
