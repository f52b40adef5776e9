package link_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"anteroom/player/link"
	"anteroom/player/playertest"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

func TestPairingPinsTheControllerOnlyWithItsWelcome(t *testing.T) {
	claim := make(chan struct{})
	bubble(t, func(b *bench, _ *link.Config) {
		claim = make(chan struct{})
		b.script = func(c *controller) {
			if !c.greet() {
				return
			}
			c.send(wire.Envelope{Pair: &wire.Pair{Code: "BCDFGHJK", Expires: time.Now().Add(time.Minute)}})
			<-claim
			c.send(wire.Envelope{Pair: &wire.Pair{Paired: true}})
			time.Sleep(time.Second)
			c.welcome("lobby")
			c.attend(nil)
		}
	}, func(t *testing.T, b *bench) {
		p := b.player
		if !slices.Equal(p.heard.codes, []string{"BCDFGHJK"}) || !slices.Equal(p.heard.words[0], wire.Words(public(controllerSeed), p.id.Key().Public().(ed25519.PublicKey))) {
			t.Errorf("got codes %v, words %v", p.heard.codes, p.heard.words)
		}
		close(claim)
		synctest.Wait()
		if _, pinned := p.id.Controller(); pinned {
			t.Error("pinned before the controller had proved itself")
		}
		settle(2 * time.Second)
		if _, pinned := p.id.Controller(); !pinned || p.id.Screen() != "lobby" || !p.Linked() {
			t.Errorf("pinned %v, screen %q, linked %v", pinned, p.id.Screen(), p.Linked())
		}
		if !slices.Equal(p.heard.paired, []playlists.ScreenID{"lobby"}) || len(p.heard.linked) != 1 {
			t.Errorf("heard paired %v, linked %v", p.heard.paired, p.heard.linked)
		}
	})
}

// What answers in the controller's place must be told apart, and must change nothing.
func TestImpostorsChangeNothing(t *testing.T) {
	page := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<html>Welcome to Guest Wi-Fi</html>")
		}
	}
	for name, c := range map[string]struct {
		serve  http.HandlerFunc
		script func(c *controller)
		want   error
	}{
		"a captive portal's page":                   {serve: page(http.StatusOK), want: link.ErrIntercepted},
		"a captive portal that calls itself broken": {serve: page(http.StatusServiceUnavailable), want: link.ErrIntercepted},
		"a proxy that wants a password":             {serve: page(http.StatusProxyAuthRequired), want: link.ErrIntercepted},
		"a redirect to a sign-in page": {serve: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://portal.example/login", http.StatusFound)
		}, want: link.ErrIntercepted},
		"a websocket of something else": {serve: func(w http.ResponseWriter, r *http.Request) {
			ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
			if err == nil {
				ws.Close()
			}
		}, want: link.ErrIntercepted},
		"another controller": {script: func(c *controller) {
			c.challenge.Key, c.challenge.Controller = public(7), wire.ControllerIDOf(public(7))
			if c.greet() {
				c.t.Error("the player said hello to another controller")
			}
		}, want: link.ErrOtherController},
		"a key under the controller's name": {script: func(c *controller) {
			c.challenge.Key = public(7)
			c.greet()
		}, want: link.ErrIntercepted},
		"the controller's name and key, without its secret": {script: func(c *controller) {
			if c.greet() {
				c.send(wire.Envelope{Welcome: &wire.Welcome{
					Screen: "theirs", Signature: ed25519.Sign(key(7), wire.WelcomeBytes(c.challenge, c.hello)),
				}})
				c.attend(nil)
			}
		}, want: link.ErrIntercepted},
		"a revocation that the controller did not sign": {script: func(c *controller) {
			if c.greet() {
				c.send(wire.Envelope{Revoked: &wire.Revoked{Signature: ed25519.Sign(key(7), wire.RevokedBytes(c.challenge, c.hello))}})
				c.attend(nil)
			}
		}, want: link.ErrIntercepted},
		"a head before the welcome": {script: func(c *controller) {
			if c.greet() {
				c.send(wire.Envelope{Head: &wire.Signed{Bytes: []byte("{}"), Signature: make([]byte, 64)}})
				c.attend(nil)
			}
		}, want: playlists.ErrInvalid},
		"a head signed by another": {script: func(c *controller) {
			if c.greet() {
				c.welcome("lobby")
				c.send(wire.Envelope{Head: &wire.Signed{Bytes: []byte("{}"), Signature: make([]byte, 64)}})
				c.attend(nil)
			}
		}, want: playlists.ErrDenied},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(b *bench, conf *link.Config) {
				if err := conf.Identity.Pin(public(controllerSeed), "lobby"); err != nil {
					t.Fatal(err)
				}
				b.script = c.script
				if c.serve != nil {
					b.serve = c.serve
				}
			}, func(t *testing.T, b *bench) {
				p := b.player
				settle(2 * time.Second)
				if len(p.heard.ended) == 0 || !errors.Is(p.heard.ended[0], c.want) {
					t.Errorf("got %v, want %v", p.heard.ended, c.want)
				}
				if pinned, ok := p.id.Controller(); !ok || !pinned.Equal(public(controllerSeed)) || p.id.Screen() != "lobby" {
					t.Error("the pairing was changed")
				}
				if len(p.heard.paired)+len(p.heard.heads)+len(p.heard.codes) != 0 {
					t.Errorf("the player was told %v, %v, %v", p.heard.paired, p.heard.heads, p.heard.codes)
				}
			})
		})
	}
}

func TestBusyControllerIsNoImpostor(t *testing.T) {
	bubble(t, func(b *bench, _ *link.Config) {
		b.serve = func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "Too Many Requests", http.StatusTooManyRequests)
		}
	}, func(t *testing.T, b *bench) {
		if err := b.player.heard.ended[0]; errors.Is(err, link.ErrIntercepted) || !strings.Contains(err.Error(), "busy") {
			t.Errorf("got %v", err)
		}
	})
}

func TestSignedRevocationUnpairs(t *testing.T) {
	bubble(t, func(b *bench, conf *link.Config) {
		if err := conf.Identity.Pin(public(controllerSeed), "lobby"); err != nil {
			t.Fatal(err)
		}
		b.script = func(c *controller) {
			if !c.greet() {
				return
			}
			if !c.hello.Paired {
				c.send(wire.Envelope{Pair: &wire.Pair{Code: "BCDFGHJK"}})
				c.attend(nil)
				return
			}
			c.welcome("lobby")
			c.send(wire.Envelope{Revoked: &wire.Revoked{Signature: ed25519.Sign(key(controllerSeed), wire.RevokedBytes(c.challenge, c.hello))}})
			c.attend(nil)
		}
	}, func(t *testing.T, b *bench) {
		p := b.player
		settle(2 * time.Second)
		if len(p.heard.ended) != 1 || !errors.Is(p.heard.ended[0], link.ErrRevoked) {
			t.Fatalf("got %v, want ErrRevoked", p.heard.ended)
		}
		if _, ok := p.id.Controller(); ok {
			t.Error("still paired")
		}
		settle(time.Minute)
		if !slices.Equal(p.heard.codes, []string{"BCDFGHJK"}) {
			t.Errorf("got codes %v, want one to be paired anew", p.heard.codes)
		}
	})
}

func TestAnOrderIsObeyedOnce(t *testing.T) {
	bubble(t, func(b *bench, conf *link.Config) {
		if err := conf.Identity.Pin(public(controllerSeed), "lobby"); err != nil {
			t.Fatal(err)
		}
		b.script = func(c *controller) {
			if !c.greet() {
				return
			}
			c.welcome("lobby")
			first := wire.SignOrder(key(controllerSeed), c.challenge, c.hello, wire.Order{ID: "a", Do: wire.Reload})
			second := wire.SignOrder(key(controllerSeed), c.challenge, c.hello, wire.Order{ID: "b", Do: wire.RestartStage})
			forged := second
			forged.ID = "c"
			for _, o := range []*wire.Order{&first, &second, &first, &second, &forged} {
				c.send(wire.Envelope{Order: o})
			}
			c.attend(nil)
		}
	}, func(t *testing.T, b *bench) {
		settle(time.Second)
		if want := []wire.Deed{wire.Reload, wire.RestartStage}; !slices.Equal(b.player.heard.deeds, want) {
			t.Errorf("got %v, want %v: each once, and none that was not signed so", b.player.heard.deeds, want)
		}
		if ended := b.player.heard.ended; len(ended) != 1 || !errors.Is(ended[0], link.ErrIntercepted) {
			t.Errorf("after a forged order: got %v, want ErrIntercepted", ended)
		}
	})
}

func TestCloseCodesDecideWhenToComeBack(t *testing.T) {
	for name, c := range map[string]struct {
		code        int
		least, most time.Duration
	}{
		"the controller stops":             {wire.CloseGoingAway, 0, 6 * time.Second},
		"a newer connection took over":     {wire.CloseReplaced, time.Minute, 70 * time.Second},
		"no common version":                {wire.CloseVersion, 15 * time.Minute, 16 * time.Minute},
		"the signature was wrong":          {wire.CloseIdentity, 15 * time.Minute, 16 * time.Minute},
		"revoked, without the signed word": {wire.CloseRevoked, 15 * time.Minute, 16 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(b *bench, conf *link.Config) {
				if err := conf.Identity.Pin(public(controllerSeed), "lobby"); err != nil {
					t.Fatal(err)
				}
				b.script = func(peer *controller) {
					if peer.greet() {
						_ = peer.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(c.code, ""), time.Now().Add(time.Second))
						peer.read()
					}
				}
			}, func(t *testing.T, b *bench) {
				settle(time.Hour)
				dials := b.net.Dials()
				took := dials[1].Sub(dials[0])
				if took < c.least || took > c.most {
					t.Errorf("came back after %v, want %v to %v", took, c.least, c.most)
				}
				if _, ok := b.player.id.Controller(); !ok {
					t.Error("unpaired without the controller's signature")
				}
			})
		})
	}
}

func TestDialsInVainGrowRareButNeverStop(t *testing.T) {
	bubble(t, func(b *bench, _ *link.Config) { b.net.SetDown(true) }, func(t *testing.T, b *bench) {
		settle(24 * time.Hour)
		dials := b.net.Dials()
		if n := len(dials); n < 24*60/2 || n > 24*60*2 {
			t.Errorf("got %d dials in a day, want about one a minute", n)
		}
		for i := 1; i < len(dials); i++ {
			if gap := dials[i].Sub(dials[i-1]); gap > 2*time.Minute+time.Second {
				t.Fatalf("waited %v", gap)
			}
		}
	})
}

// A fleet that lost its controller must not come back as one.
func TestReconnectsSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const fleet = 200
		n := playertest.NewNetwork()
		n.SetDown(true)
		var wg sync.WaitGroup
		ctx, cancel := context.WithCancel(context.Background())
		for i := range fleet {
			p := newPlayer(t, func(c *link.Config) {
				c.Dial = n.Dial
				phase := float64(i) / fleet
				c.Jitter = func() float64 { return phase }
			})
			wg.Go(func() { _ = p.Run(ctx) })
		}
		synctest.Wait()
		settle(5 * time.Second)
		cancel()
		wg.Wait()
		perSecond := map[int]int{}
		dials := n.Dials()
		for _, d := range dials[fleet:] {
			perSecond[int(d.Sub(dials[0]).Seconds())]++
		}
		for second, count := range perSecond {
			if count > fleet/2 {
				t.Errorf("%d of %d came back in second %d", count, fleet, second)
			}
		}
	})
}

func TestHalfOpenControllerIsNoticed(t *testing.T) {
	bubble(t, func(b *bench, _ *link.Config) {
		b.script = func(c *controller) {
			if c.greet() {
				c.welcome("lobby")
				for c.read() != nil { // reads, and never says a word
				}
			}
		}
	}, func(t *testing.T, b *bench) {
		settle(wire.ReadDeadline - time.Second)
		if !b.player.Linked() {
			t.Fatal("gave up too soon")
		}
		settle(5 * time.Second)
		if len(b.player.heard.ended) != 1 {
			t.Errorf("still linked after %v of silence", wire.ReadDeadline+4*time.Second)
		}
	})
}

func TestClockIsSetFromTheControllerAlone(t *testing.T) {
	bubble(t, func(b *bench, _ *link.Config) { b.script = good(nil) }, func(t *testing.T, b *bench) {
		p := b.player
		if now, quality := p.clock.Now(); quality != playlists.ClockSynced || time.Until(now).Abs() > time.Millisecond {
			t.Errorf("got %v, %v", now, quality)
		}
		p.clock.Adjust(3*time.Minute, 0) // as if it had drifted
		settle(11 * time.Minute)
		if now, _ := p.clock.Now(); time.Until(now).Abs() > time.Millisecond {
			t.Errorf("still %v off", time.Until(now))
		}
	})
}

func TestUnprovenControllerDoesNotSetTheClock(t *testing.T) {
	bubble(t, func(b *bench, _ *link.Config) {
		b.script = func(c *controller) {
			if c.greet() {
				c.send(wire.Envelope{Pair: &wire.Pair{Code: "BCDFGHJK"}})
				c.send(wire.Envelope{Time: &wire.TimeExchange{T1: 1, T2: 1e18, T3: 1e18}})
				c.attend(nil)
			}
		}
	}, func(t *testing.T, b *bench) {
		if _, quality := b.player.clock.Now(); quality == playlists.ClockSynced {
			t.Error("the clock believes a controller that has proved nothing")
		}
	})
}

func TestHeartbeatsAndConfirmationsWaitForALink(t *testing.T) {
	var heard []wire.Envelope
	bubble(t, func(b *bench, _ *link.Config) {
		heard = nil
		b.net.SetDown(true)
		b.script = good(func(e *wire.Envelope) { heard = append(heard, *e) })
	}, func(t *testing.T, b *bench) {
		for i := range 100 {
			b.player.Heartbeat(wire.Heartbeat{Health: wire.Health{Unsent: uint64(i)}})
			b.player.Drawn(wire.Drawn{Number: uint64(i), Takeover: playlists.TakeoverID(fmt.Sprintf("tko-%d", i%3))})
		}
		b.net.SetDown(false)
		settle(5 * time.Minute)
		var beats, drawn []uint64
		for _, e := range heard {
			if e.Heartbeat != nil {
				beats = append(beats, e.Heartbeat.Health.Unsent)
			}
			if e.Drawn != nil {
				drawn = append(drawn, e.Drawn.Number)
			}
		}
		if !slices.Equal(beats, []uint64{99}) || !slices.Equal(drawn, []uint64{97, 98, 99}) {
			t.Errorf("got heartbeats %v, confirmations %v, want the newest of each", beats, drawn)
		}
	})
}

func TestPlaysAreSentAndAcknowledged(t *testing.T) {
	bubble(t, func(b *bench, _ *link.Config) { b.script = good(nil) }, func(t *testing.T, b *bench) {
		if err := b.player.SendPlays(t.Context(), plays(t, b.player.id.Key())); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if want := []wire.Ack{{Stream: stream, Through: 3}}; !slices.Equal(b.player.heard.acks, want) {
			t.Errorf("got %v, want %v", b.player.heard.acks, want)
		}
	})
}

func TestPlaysNeedALink(t *testing.T) {
	bubble(t, func(b *bench, _ *link.Config) { b.net.SetDown(true) }, func(t *testing.T, b *bench) {
		if err := b.player.SendPlays(t.Context(), plays(t, b.player.id.Key())); !errors.Is(err, link.ErrUnlinked) {
			t.Errorf("got %v, want ErrUnlinked", err)
		}
		if _, _, err := b.player.Fetch(t.Context(), wire.AssetPath+"x", 0); !errors.Is(err, link.ErrUnlinked) {
			t.Errorf("fetching: got %v, want ErrUnlinked", err)
		}
	})
}

func plays(t *testing.T, key ed25519.PrivateKey) wire.Batch {
	t.Helper()
	start, err := wire.ChainStart(stream)
	if err != nil {
		t.Fatal(err)
	}
	b, err := wire.NewBatch(key, stream, start, []playlists.Play{{Seq: 1}, {Seq: 2}, {Seq: 3}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestConnectionIsClosedPolitely(t *testing.T) {
	var ended error
	bubble(t, func(b *bench, _ *link.Config) {
		b.script = func(c *controller) {
			if c.greet() {
				c.welcome("lobby")
				for {
					if _, _, err := c.ws.ReadMessage(); err != nil {
						ended = err
						return
					}
				}
			}
		}
	}, func(*testing.T, *bench) {})
	if !websocket.IsCloseError(ended, websocket.CloseGoingAway) {
		t.Errorf("got %v, want going away", ended)
	}
}

func TestAddressOfTheController(t *testing.T) {
	for url, c := range map[string]struct{ plain, ok bool }{
		"https://anteroom.example.org":        {false, true},
		"https://anteroom.example.org:8443/a": {false, true},
		"http://localhost:8080":               {false, true},
		"http://127.0.0.1:8080":               {false, true},
		"http://[::1]:8080":                   {false, true},
		"http://anteroom.example.org":         {false, false},
		"http://10.0.0.7:8080":                {true, true},
		"http://localhost.evil.example":       {false, false},
		"ftp://anteroom.example.org":          {true, false},
		"anteroom.example.org":                {false, false},
		"https://user:secret@example.org":     {false, false},
		"https://example.org/?token=1":        {false, false},
		"":                                    {false, false},
	} {
		t.Run(url, func(t *testing.T) {
			p := newPlayer(t, func(*link.Config) {})
			_, err := link.New(link.Config{
				URL: url, PlainHTTP: c.plain, Identity: p.id, Clock: p.clock, Handler: p.heard, State: func() wire.State { return wire.State{} },
				Abilities: func() playlists.Abilities { return playlists.Abilities{} }, Stream: func() playlists.StreamID { return stream },
			})
			if (err == nil) != c.ok {
				t.Errorf("got %v, want ok %v", err, c.ok)
			}
		})
	}
}
