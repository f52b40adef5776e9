package hub_test

import (
	"encoding/binary"
	"math"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"anteroom/playlists/wire"
)

// frame is what a client sends, masked with zeros.
func frame(opcode byte, payload []byte) []byte {
	b := []byte{0x80 | opcode, 0x80 | byte(min(len(payload), 126))}
	if len(payload) > 125 {
		b = binary.BigEndian.AppendUint16(b, uint16(len(payload)))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

func (s *screen) writeRaw(b []byte) {
	s.t.Helper()
	if _, err := s.ws.NetConn().Write(b); err != nil {
		s.t.Fatal(err)
	}
}

func beat() wire.Envelope { return wire.Envelope{Heartbeat: &wire.Heartbeat{At: time.Now()}} }

// TestWhoTalksAndHearsNothingIsPinged: a player that nobody answers must hear that the controller is there.
func TestWhoTalksAndHearsNothingIsPinged(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		s := b.pair(1)
		var pings atomic.Int64
		s.ws.SetPingHandler(func(string) error {
			pings.Add(1)
			return nil
		})
		s.listen()
		for range 30 {
			time.Sleep(10 * time.Second)
			s.write(beat())
		}
		if n := pings.Load(); n < 9 || n > 12 {
			t.Errorf("%d pings in five minutes, want one every %v or, at a message, a little later", n, wire.PingEvery)
		}
		if p, _ := b.players.Presence(idOf(1)); !p.Linked {
			t.Error("it was dropped")
		}
	})
}

// TestPongsAloneKeepALink: an hour in which nothing but pings and pongs goes to and fro.
func TestPongsAloneKeepALink(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.pair(1).listen()
		time.Sleep(time.Hour)
		p, _ := b.players.Presence(idOf(1))
		if !p.Linked || time.Since(p.LastHeard) > 2*wire.PingEvery {
			t.Errorf("after an hour: linked %v, last heard %v ago", p.Linked, time.Since(p.LastHeard))
		}
	})
}

// TestAQuietConnectionIsOneGoroutine: pongs and messages leave nothing behind but a few workers for all.
func TestAQuietConnectionIsOneGoroutine(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		synctest.Wait()
		const workers, connections = 4, 8
		before := runtime.NumGoroutine()
		for seed := range byte(connections) {
			s := b.pair(seed)
			s.write(beat())
			s.listen() // a goroutine of this test's
		}
		fewest := math.MaxInt // a finalizer counts while it runs
		for range 100 {
			time.Sleep(10 * time.Minute)
			synctest.Wait()
			fewest = min(fewest, runtime.NumGoroutine()-before-connections)
		}
		if fewest < connections || fewest > connections+workers {
			t.Errorf("%d goroutines for %d connections, want one each and at most %d workers", fewest, connections, workers)
		}
	})
}

func TestControlFramesAsTheyCome(t *testing.T) {
	big := make([]byte, 125)
	unmasked := []byte{0x8a, 0x00}
	for _, test := range []struct {
		what  string
		sends [][]byte
		stays bool
	}{
		{"a pong", [][]byte{frame(websocket.PongMessage, nil)}, true},
		{"the longest pong", [][]byte{frame(websocket.PongMessage, big)}, true},
		{"pongs in a row, in one piece", [][]byte{append(frame(websocket.PongMessage, big), frame(websocket.PongMessage, nil)...)}, true},
		{"a pong in pieces", [][]byte{frame(websocket.PongMessage, big)[:1], frame(websocket.PongMessage, big)[1:7], frame(websocket.PongMessage, big)[7:]}, true},
		{"a pong before a message, in one piece", [][]byte{append(frame(websocket.PongMessage, nil), frame(websocket.TextMessage, []byte(`{}`))...)}, true},
		{"two messages in one piece", [][]byte{append(frame(websocket.TextMessage, []byte(`{}`)), frame(websocket.TextMessage, []byte(`{}`))...)}, true},
		{"a ping", [][]byte{frame(websocket.PingMessage, nil)}, true},
		{"a pong between the parts of a message", [][]byte{{0x01, 0x81, 0, 0, 0, 0, '{'}, frame(websocket.PongMessage, nil), {0x80, 0x81, 0, 0, 0, 0, '}'}}, true},
		{"a pong without a mask", [][]byte{unmasked}, false},
		{"a pong that is too long", [][]byte{frame(websocket.PongMessage, make([]byte, 126))}, false},
		{"a pong in parts", [][]byte{{0x0a, 0x80, 0, 0, 0, 0}}, false},
		{"a frame of no kind", [][]byte{{0x83, 0x80, 0, 0, 0, 0}}, false},
	} {
		t.Run(test.what, func(t *testing.T) {
			bubble(t, func(t *testing.T, b *bench) {
				s := b.pair(1)
				s.listen()
				for _, part := range test.sends {
					s.writeRaw(part)
					time.Sleep(time.Second)
				}
				synctest.Wait()
				if p, _ := b.players.Presence(idOf(1)); p.Linked != test.stays {
					t.Fatalf("linked is %v, want %v", p.Linked, test.stays)
				}
				if test.stays { // and is understood after it
					s.write(wire.Envelope{Heartbeat: &wire.Heartbeat{At: time.Now(), Health: wire.Health{Unsent: 7}}})
					synctest.Wait()
					if p, _ := b.players.Presence(idOf(1)); p.Heartbeat.Health.Unsent != 7 {
						t.Error("the heartbeat after it was not understood")
					}
				}
			})
		})
	}
}

// TestAMessageMayTakeLongerThanAPing: half of it, and the rest a minute later over a bad line.
func TestAMessageMayTakeLongerThanAPing(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		s := b.pair(1)
		s.ws.SetPingHandler(func(string) error { return nil }) // no pong into the middle of it
		s.listen()
		e, err := wire.Encode(wire.Envelope{Heartbeat: &wire.Heartbeat{At: time.Now(), Health: wire.Health{Unsent: 7}}})
		if err != nil {
			t.Fatal(err)
		}
		whole := frame(websocket.TextMessage, e)
		s.writeRaw(whole[:20])
		time.Sleep(time.Minute)
		s.writeRaw(whole[20:])
		synctest.Wait()
		if p, _ := b.players.Presence(idOf(1)); !p.Linked || p.Heartbeat.Health.Unsent != 7 {
			t.Errorf("linked %v, heard %+v", p.Linked, p.Heartbeat.Health)
		}
	})
}

// TestAMessageWithoutEndIsASilence: who never finishes a message holds the connection no longer than who
// says nothing.
func TestAMessageWithoutEndIsASilence(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		s := b.pair(1)
		s.ws.SetPingHandler(func(string) error { return nil })
		s.listen()
		s.writeRaw(frame(websocket.TextMessage, []byte(`{"heartbeat":{}}`))[:10])
		time.Sleep(wire.ReadDeadline + time.Second)
		synctest.Wait()
		if p, _ := b.players.Presence(idOf(1)); p.Linked {
			t.Error("it is still linked")
		}
	})
}
