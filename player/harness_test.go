package player_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/color"
	"image/png"
	"log/slog"
	"net/http"
	"os"
	"path"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"anteroom/player"
	"anteroom/player/playback"
	"anteroom/player/playertest"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/wire"
)

// desk is a controller scripted at the level of the wire.
type desk struct {
	t   *testing.T
	key ed25519.PrivateKey

	mu        sync.Mutex
	paired    bool
	screen    playlists.ScreenID
	head      *wire.Signed
	takeovers *wire.Signed
	files     map[playlists.Digest][]byte
	spoil     func(d playlists.Digest, b []byte) []byte
	ws        *websocket.Conn
	said      wire.Challenge
	hello     wire.Hello
	beats     []wire.Heartbeat
	drawn     []wire.Drawn
	pictures  int
	known     map[playlists.StreamID]uint64
	chains    map[playlists.StreamID][]byte
	plays     []playlists.Play
	mute      bool // takes plays and acknowledges nothing
	served    map[string]int
}

func newDesk(t *testing.T) *desk {
	return &desk{
		t: t, key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)), screen: "lobby", paired: true,
		files: map[playlists.Digest][]byte{}, known: map[playlists.StreamID]uint64{},
		chains: map[playlists.StreamID][]byte{}, served: map[string]int{},
	}
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch name := playlists.Digest(path.Base(r.URL.Path)); {
	case r.URL.Path == wire.LinkPath:
		d.link(w, r)
	case r.Method == http.MethodPut:
		d.mu.Lock()
		d.pictures++
		d.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	default:
		d.mu.Lock()
		b, ok := d.files[name]
		if d.spoil != nil {
			b = d.spoil(name, b)
		}
		d.served[string(name)]++
		d.mu.Unlock()
		if !ok {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
	}
}

func (d *desk) send(e wire.Envelope) {
	b, err := wire.Encode(e)
	if err != nil {
		d.t.Error(err)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ws != nil {
		_ = d.ws.WriteMessage(websocket.TextMessage, b)
	}
}

func (d *desk) link(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{Subprotocols: []string{wire.Subprotocol}}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	d.mu.Lock()
	d.ws = ws
	d.mu.Unlock()
	public := d.key.Public().(ed25519.PublicKey)
	challenge := wire.Challenge{Version: wire.Version, Controller: wire.ControllerIDOf(public), Key: public, Nonce: make([]byte, 32)}
	d.send(wire.Envelope{Challenge: &challenge})
	_, b, err := ws.ReadMessage()
	if err != nil {
		return
	}
	e, err := wire.Decode(b)
	if err != nil || e.Hello == nil {
		d.t.Errorf("no hello: %v", err)
		return
	}
	d.greet(challenge, *e.Hello)
	stop := make(chan struct{})
	defer close(stop)
	go d.ping(ws, stop)
	for {
		kind, b, err := ws.ReadMessage()
		if err != nil {
			return
		}
		d.hear(kind, b)
	}
}

func (d *desk) ping(ws *websocket.Conn, stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(wire.PingEvery):
			_ = ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second))
		}
	}
}

func (d *desk) greet(c wire.Challenge, h wire.Hello) {
	d.mu.Lock()
	d.said, d.hello = c, h
	paired, known, head, takeovers := d.paired, d.known[h.Stream], d.head, d.takeovers
	d.mu.Unlock()
	if !paired {
		d.send(wire.Envelope{Pair: &wire.Pair{Code: "BCDFGHJK", Expires: time.Now().Add(10 * time.Minute)}})
		return
	}
	if !h.Paired {
		d.send(wire.Envelope{Pair: &wire.Pair{Paired: true}})
	}
	d.send(wire.Envelope{Welcome: &wire.Welcome{
		Screen: d.screen, Known: known, SpreadMillis: 5000, Signature: ed25519.Sign(d.key, wire.WelcomeBytes(c, h)),
		Bearer: wire.Bearer{Token: "token", Expires: time.Now().Add(100 * time.Hour)},
	}})
	if head != nil {
		d.send(wire.Envelope{Head: head})
	}
	if takeovers != nil {
		d.send(wire.Envelope{Takeovers: takeovers})
	}
}

func (d *desk) hear(kind int, b []byte) {
	if kind == websocket.BinaryMessage {
		d.accept(b)
		return
	}
	e, err := wire.Decode(b)
	if err != nil {
		d.t.Error(err)
		return
	}
	switch {
	case e.Time != nil:
		now := time.Now().UnixNano()
		d.send(wire.Envelope{Time: &wire.TimeExchange{T1: e.Time.T1, T2: now, T3: now}})
	case e.Heartbeat != nil:
		d.mu.Lock()
		d.beats = append(d.beats, *e.Heartbeat)
		d.mu.Unlock()
	case e.Drawn != nil:
		d.mu.Lock()
		d.drawn = append(d.drawn, *e.Drawn)
		d.mu.Unlock()
	}
}

// confirmed are the takeovers that the player said it drew.
func (d *desk) confirmed() []wire.Drawn {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.drawn)
}

// accept does what intake does: verify, drop what is known, append, acknowledge.
func (d *desk) accept(frame []byte) {
	batch, err := wire.DecodeBatch(frame)
	if err == nil {
		err = batch.Verify(d.hello.Key)
	}
	if err != nil {
		d.t.Error(err)
		return
	}
	d.mu.Lock()
	if batch.First > d.known[batch.Stream]+1 {
		want := d.known[batch.Stream] + 1
		d.mu.Unlock()
		d.send(wire.Envelope{Ack: &wire.Ack{Stream: batch.Stream, Through: want - 1, Want: want}})
		return
	}
	chain := batch.Before
	for _, p := range batch.Plays {
		chain = wire.Chain(chain, p)
		if p.Seq == d.known[batch.Stream] && !bytes.Equal(chain, d.chains[batch.Stream]) {
			d.t.Errorf("play %d comes again, and is another", p.Seq)
		}
		if p.Seq > d.known[batch.Stream] {
			d.known[batch.Stream], d.chains[batch.Stream] = p.Seq, chain
			d.plays = append(d.plays, p)
		}
	}
	ack := wire.Ack{Stream: batch.Stream, Through: d.known[batch.Stream]}
	mute := d.mute
	d.mu.Unlock()
	if !mute {
		d.send(wire.Envelope{Ack: &ack})
	}
}

// picture makes a picture asset of one colour.
func (d *desk) picture(shade uint8) playlists.Asset {
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range img.Pix {
		img.Pix[i] = shade
	}
	img.Set(0, 0, color.White)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		d.t.Fatal(err)
	}
	digest := wire.DigestOf(b.Bytes())
	d.mu.Lock()
	d.files[digest] = b.Bytes()
	d.mu.Unlock()
	return playlists.Asset{Digest: digest, Medium: playlists.Image, MediaType: "image/png", Bytes: int64(b.Len()), Width: 8, Height: 8}
}

// body is a filler of pictures of 10 s each; titled like the items.
func (d *desk) body(items ...string) *playlists.Body {
	tzif, err := playliststest.Zones("America/New_York")
	if err != nil {
		d.t.Fatal(err)
	}
	b := &playlists.Body{
		Format: playlists.BodyFormat, Department: "cardiology", Site: "north", Zone: "America/New_York", TZif: tzif,
		Brand:   playlists.Brand{Name: "Lakeside", Background: "#0b3d4c", Ink: "#ffffff", Accent: "#ffcc00"},
		Layouts: []playlists.BodyLayout{{ID: playlists.LayoutFull, Regions: []playlists.BodyRegion{{Name: "full", W: 1, H: 1}}}},
		Closed:  -1,
	}
	loop := playlists.Loop{Playlist: "filler"}
	for i, name := range items {
		a := d.picture(name[0])
		b.Assets = append(b.Assets, a)
		b.Showings = append(b.Showings, playlists.Showing{
			Item: playlists.ItemID(name), Version: 1, Title: name, Language: "en", Asset: a.Digest, Medium: playlists.Image,
		})
		loop.Entries = append(loop.Entries, playlists.LoopEntry{Showing: i, Millis: 10_000})
		loop.Order = append(loop.Order, i)
	}
	slices.SortFunc(b.Assets, func(x, y playlists.Asset) int { return bytes.Compare([]byte(x.Digest), []byte(y.Digest)) })
	b.Loops = []playlists.Loop{loop}
	return b
}

// publish offers a body to the player.
func (d *desk) publish(generation uint64, from time.Time, b *playlists.Body) {
	enc, digest, err := wire.EncodeBody(b)
	if err != nil {
		d.t.Fatal(err)
	}
	public := d.key.Public().(ed25519.PublicKey)
	head, err := wire.SignHead(d.key, playlists.Head{
		Controller: wire.ControllerIDOf(public), Screen: d.screen, Generation: generation, Body: digest, From: from, IssuedAt: time.Now(),
	})
	if err != nil {
		d.t.Fatal(err)
	}
	d.mu.Lock()
	d.files[digest], d.head = enc, &head
	d.mu.Unlock()
	d.send(wire.Envelope{Head: &head})
}

// take puts takeovers in force.
func (d *desk) take(number uint64, ts ...playlists.Takeover) {
	public := d.key.Public().(ed25519.PublicKey)
	signed, err := wire.SignTakeovers(d.key, playlists.Takeovers{
		Controller: wire.ControllerIDOf(public), Number: number, IssuedAt: time.Now(), Takeovers: ts,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	d.mu.Lock()
	d.takeovers = &signed
	d.mu.Unlock()
	d.send(wire.Envelope{Takeovers: &signed})
}

func (d *desk) count(outcome playlists.Outcome) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, p := range d.plays {
		if p.Outcome == outcome {
			n++
		}
	}
	return n
}

func (d *desk) lastBeat() wire.Heartbeat {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.beats) == 0 {
		return wire.Heartbeat{}
	}
	return d.beats[len(d.beats)-1]
}

// house is a controller, a network, and a screen with its player, in one bubble.
type house struct {
	t     *testing.T
	desk  *desk
	net   *playertest.Network
	dir   string
	boot  playlists.BootID
	began time.Time
	wall  time.Duration // how far the player's wall clock is off
	floor time.Time
	conf  func(*player.Config)
	draw  func(playback.RegionScene) error // asked before each turn is drawn

	stage *playertest.Stage
	// earlier is what the stages before drew, for the next one to tell.
	earlier playback.Earlier
	stop    context.CancelFunc
	ended   chan error

	mu    sync.Mutex
	truth []first
}

// first is a turn first drawn: the ground truth.
type first struct {
	label  string
	turn   uint64
	at     int64
	sum    string // of the file that was drawn
	medium playlists.Medium
}

func inHouse(t *testing.T, test func(h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &house{
			t: t, desk: newDesk(t), net: playertest.NewNetwork(),
			dir: t.TempDir(), boot: "boot-1", began: time.Now(),
		}
		server := &http.Server{Handler: h.desk}
		served := make(chan error, 1)
		go func() { served <- server.Serve(h.net) }()
		defer func() {
			if h.stop != nil {
				h.end()
			}
			server.Close()
			<-served
			h.net.SetDown(true)
		}()
		test(h)
	})
}

func (h *house) mono() int64 { return int64(time.Since(h.began)) + int64(time.Hour) }

func (h *house) start() {
	h.t.Helper()
	stage := playertest.Config{Mono: h.mono, First: h.first, Draw: h.draw}
	if len(h.earlier.Lives) > 0 {
		stage.Earlier = &playback.Earlier{Lives: slices.Clone(h.earlier.Lives)}
	}
	h.stage = playertest.New(stage)
	cfg := player.Config{
		Controller: "http://controller.test", PlainHTTP: true, Data: h.dir, Stage: h.stage, Mono: h.mono, Boot: h.boot,
		Wall: func() time.Time { return time.Now().Add(h.wall) }, Dial: h.net.Dial, NoSync: true, Floor: h.floor,
		Jitter: func() float64 { return 0.5 }, Software: "test", Log: slog.New(slog.DiscardHandler),
	}
	if testing.Verbose() {
		cfg.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	if h.conf != nil {
		h.conf(&cfg)
	}
	p, err := player.New(cfg)
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	h.stop, h.ended = cancel, make(chan error, 1)
	go func() { h.ended <- p.Run(ctx) }()
}

func (h *house) end() {
	h.t.Helper()
	h.stop()
	if err := <-h.ended; err != nil {
		h.t.Error(err)
	}
	h.stop = nil
}

func (h *house) first(r playback.RegionScene, d playback.Drawn) {
	f := first{label: r.Label, turn: r.Turn, at: d.At, medium: r.Medium}
	if b, err := os.ReadFile(r.Path); err == nil {
		sum := sha256.Sum256(b)
		f.sum = hex.EncodeToString(sum[:])
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.truth = append(h.truth, f)
}

func (h *house) seen() []first {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.truth)
}

func (h *house) lastSeen() string {
	seen := h.seen()
	if len(seen) == 0 {
		return ""
	}
	return string(playertest.Item(seen[len(seen)-1].label))
}

// pass lets time pass in whole.
func (h *house) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// settle lets everything be sent: the last slot ends with the player, plays are committed and arrive.
func (h *house) settle() { h.pass(3 * time.Minute) }

// countIsExact holds plays against the truth: one final record per turn that was first drawn.
func (h *house) countIsExact(open int) {
	h.t.Helper()
	want := map[string]int{}
	for _, f := range h.seen() {
		want[f.label]++
	}
	h.desk.mu.Lock()
	defer h.desk.mu.Unlock()
	got := map[string]int{}
	for _, p := range h.desk.plays {
		if p.Outcome == playlists.Failed || p.Gap != "" {
			continue
		}
		name := string(p.Item) + string(p.Takeover)
		got[name]++
		if p.Shown > p.Planned {
			h.t.Errorf("play %d shown for %d of %d ms", p.Seq, p.Shown, p.Planned)
		}
	}
	drawn, plays := 0, 0
	for _, n := range want {
		drawn += n
	}
	for _, n := range got {
		plays += n
	}
	if drawn-plays != open {
		h.t.Errorf("%d turns were drawn and %d plays counted, %d may be open:\n%v\n%v", drawn, plays, open, want, got)
	}
}

func (h *house) want(what string, ok bool) {
	h.t.Helper()
	if !ok {
		h.t.Errorf("at %v: not so: %s; on is %q", time.Since(h.began), what, h.lastSeen())
	}
}
