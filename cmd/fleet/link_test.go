package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"anteroom/controller/controllertest"
	"anteroom/controller/hub"
	"anteroom/controller/players"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/player/clock"
	"anteroom/player/identity"
	"anteroom/player/link"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// bothSides is a hub and links with nothing between them but the network.
type bothSides struct {
	t       *testing.T
	net     *controllertest.Network
	players *players.Registry
	hub     *hub.Hub
	key     ed25519.PrivateKey

	mu        sync.Mutex
	known     map[playlists.StreamID]uint64
	takeovers wire.Signed
}

// Head implements [hub.Heads].
func (b *bothSides) Head(context.Context, playlists.ScreenID, playlists.Abilities, uint64) (wire.Signed, bool, error) {
	return wire.Signed{}, false, nil
}

// Takeovers implements [hub.Heads].
func (b *bothSides) Takeovers(context.Context) (wire.Signed, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.takeovers, b.takeovers.Bytes != nil, nil
}

// Resume implements [hub.Intake].
func (b *bothSides) Resume(_ context.Context, _ playlists.PlayerID, s playlists.StreamID, _ wire.State) (through uint64, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.known[s], nil
}

// Accept implements [hub.Intake].
func (b *bothSides) Accept(_ context.Context, key ed25519.PublicKey, batch wire.Batch) (wire.Ack, error) {
	if err := batch.Verify(key); err != nil {
		return wire.Ack{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.known[batch.Stream] = max(b.known[batch.Stream], batch.Last)
	return wire.Ack{Stream: batch.Stream, Through: b.known[batch.Stream]}, nil
}

func (b *bothSides) takeOver(number uint64) {
	b.t.Helper()
	s, err := wire.SignTakeovers(b.key, playlists.Takeovers{Controller: wire.ControllerIDOf(public(b.key)), Number: number})
	if err != nil {
		b.t.Fatal(err)
	}
	b.mu.Lock()
	b.takeovers = s
	b.mu.Unlock()
	b.hub.NudgeTakeovers(s)
}

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// screenEnd is what one linked screen has heard.
type screenEnd struct {
	*link.Link

	id *identity.Identity

	mu   sync.Mutex
	told heard
}

// heard is what a link told; its slices only grow.
type heard struct {
	codes   []string
	ended   []error
	linked  []time.Time
	takeno  uint64
	through uint64
}

func (s *screenEnd) note(what func(*heard)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	what(&s.told)
}

func (s *screenEnd) heard() heard {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told
}

// handler keeps the callbacks apart from the link's own methods.
type handler struct{ *screenEnd }

func (h handler) Linked(wire.Welcome) {
	h.note(func(to *heard) { to.linked = append(to.linked, time.Now()) })
}

func (h handler) Unlinked(err error) { h.note(func(to *heard) { to.ended = append(to.ended, err) }) }

func (h handler) Pairing(code string, _ []string, _ time.Time) {
	h.note(func(to *heard) { to.codes = append(to.codes, code) })
}
func (h handler) Paired(playlists.ScreenID)        {}
func (h handler) Head(playlists.Head, wire.Signed) {}
func (h handler) Ack(a wire.Ack)                   { h.note(func(to *heard) { to.through = a.Through }) }
func (h handler) Order(wire.Order)                 {}
func (h handler) Snapshot(string)                  {}
func (h handler) Takeovers(t playlists.Takeovers, _ wire.Signed) {
	h.note(func(to *heard) { to.takeno = t.Number })
}

// meet runs a test with a hub and n unpaired screens, in virtual time.
func meet(t *testing.T, n int, test func(t *testing.T, b *bothSides, screens []*screenEnd)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, err := bolt.Open(t.Context(), bolt.Config{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		b := &bothSides{
			t: t, net: controllertest.NewNetwork(), known: map[playlists.StreamID]uint64{},
			key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{200}, ed25519.SeedSize)),
		}
		if b.players, err = players.New(t.Context(), players.Config{Store: s, Key: b.key}); err != nil {
			t.Fatal(err)
		}
		if b.hub, err = hub.New(hub.Config{Players: b.players, Heads: b, Intake: b, Key: b.key}); err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: b.hub}
		ctx, cancel := context.WithCancel(context.Background())
		var running sync.WaitGroup
		running.Go(func() {
			if err := b.hub.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		running.Go(func() { _ = server.Serve(b.net) })
		var screens []*screenEnd
		for i := range n {
			b.addScreen(s, i)
			screen := b.newScreen(i)
			screens = append(screens, screen)
			running.Go(func() {
				if err := screen.Run(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		defer func() {
			cancel()
			server.Close()
			running.Wait()
			b.net.Cut()
			synctest.Wait()
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}()
		settle(20 * time.Second)
		test(t, b, screens)
		for _, s := range screens {
			if p, _ := b.players.Presence(s.id.Player()); len(p.Alarms) > 0 {
				t.Errorf("false alarms: %v", p.Alarms)
			}
		}
	})
}

// settle lets time pass and everything that it sets off come to rest.
func settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (b *bothSides) addScreen(s store.Documents, i int) {
	b.t.Helper()
	err := s.Update(b.t.Context(), func(tx store.Tx) error {
		_, err := tx.Put("screen", fmt.Sprintf("screen-%d", i), 0, "system", []byte(`{}`))
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bothSides) newScreen(i int) *screenEnd {
	b.t.Helper()
	id, err := identity.Open(b.t.TempDir())
	if err != nil {
		b.t.Fatal(err)
	}
	began := time.Now()
	s := &screenEnd{id: id}
	s.Link, err = link.New(link.Config{
		URL: "http://controller.test", PlainHTTP: true, Identity: id, Handler: handler{s}, Dial: b.net.Dial,
		Clock:     clock.New(clock.Config{Mono: func() int64 { return time.Since(began).Nanoseconds() }}),
		State:     func() wire.State { return wire.State{} },
		Abilities: func() playlists.Abilities { return playlists.Abilities{Width: 1920, Height: 1080} },
		Stream:    func() playlists.StreamID { return playlists.StreamID(fmt.Sprintf("%032x", i+1)) },
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// claim pairs every screen that shows a code.
func (b *bothSides) claim(screens []*screenEnd) {
	b.t.Helper()
	for i, s := range screens {
		codes := s.heard().codes
		if len(codes) == 0 {
			b.t.Fatalf("screen %d shows no code", i)
		}
		if err := b.players.Claim(b.t.Context(), codes[len(codes)-1], playlists.ScreenID(fmt.Sprintf("screen-%d", i)), "ada"); err != nil {
			b.t.Fatal(err)
		}
	}
	synctest.Wait()
}

func TestPairedScreenHearsSendsAndIsCutOff(t *testing.T) {
	meet(t, 1, func(t *testing.T, b *bothSides, screens []*screenEnd) {
		s := screens[0]
		b.claim(screens)
		b.takeOver(4)
		s.Heartbeat(wire.Heartbeat{Health: wire.Health{Stage: "drawing", Unsent: 7}})
		s.Drawn(wire.Drawn{Number: 4, Takeover: "tko-1", At: time.Now()})
		start, err := wire.ChainStart("00000000000000000000000000000001")
		if err != nil {
			t.Fatal(err)
		}
		batch, err := wire.NewBatch(s.id.Key(), "00000000000000000000000000000001", start, []playlists.Play{{Seq: 1, Region: "main"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.SendPlays(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		p, _ := b.players.Presence(s.id.Player())
		if s.heard().takeno != 4 || s.heard().through != 1 || p.Heartbeat.Health.Unsent != 7 || len(p.Drawn) != 1 {
			t.Errorf("heard takeovers %d, plays through %d; the controller %+v", s.heard().takeno, s.heard().through, p)
		}
		if err := b.players.Revoke(t.Context(), s.id.Player(), "ada"); err != nil {
			t.Fatal(err)
		}
		settle(5 * time.Second)
		if _, paired := s.id.Controller(); paired || !errors.Is(s.heard().ended[0], link.ErrRevoked) {
			t.Errorf("five seconds after the revocation: paired %v, ended %v", paired, s.heard().ended)
		}
		settle(time.Minute)
		if len(s.heard().codes) != 2 {
			t.Errorf("got codes %v, want a second one", s.heard().codes)
		}
	})
}

func TestUnpairedScreenShowsCodesForHours(t *testing.T) {
	meet(t, 1, func(t *testing.T, b *bothSides, screens []*screenEnd) {
		settle(2 * time.Hour)
		s := screens[0]
		if n := len(s.heard().codes); n < 12 || n > 14 || b.net.Dials() != 1 {
			t.Errorf("got %d codes over %d dials in two hours, want one every ten minutes over one", n, b.net.Dials())
		}
		b.claim(screens)
		if !s.Linked() {
			t.Error("the last code did not pair")
		}
	})
}

func TestLinkLastsThroughADayOfQuiet(t *testing.T) {
	meet(t, 1, func(t *testing.T, b *bothSides, screens []*screenEnd) {
		b.claim(screens)
		settle(24 * time.Hour)
		if n := len(screens[0].heard().linked); n != 1 || len(screens[0].heard().ended) != 0 {
			t.Errorf("linked %d times, ended %v", n, screens[0].heard().ended)
		}
	})
}

// The cable is pulled and nobody says so: both ends notice, and the link comes back.
func TestSilenceEndsAndTheLinkComesBack(t *testing.T) {
	meet(t, 1, func(t *testing.T, b *bothSides, screens []*screenEnd) {
		s := screens[0]
		b.claim(screens)
		b.net.SetDown(true)
		b.net.Silence()
		settle(75 * time.Second)
		if p, _ := b.players.Presence(s.id.Player()); p.Linked || len(s.heard().ended) == 0 {
			t.Fatalf("after 75 s: the controller thinks linked %v, the player heard %v", p.Linked, s.heard().ended)
		}
		settle(24 * time.Hour)
		b.net.SetDown(false)
		settle(2*time.Minute + 10*time.Second)
		if p, _ := b.players.Presence(s.id.Player()); !p.Linked || len(s.heard().linked) != 2 {
			t.Errorf("two minutes after the cable is back: linked %v, %d times", p.Linked, len(s.heard().linked))
		}
	})
}

func TestFleetComesBackSpread(t *testing.T) {
	meet(t, 60, func(t *testing.T, b *bothSides, screens []*screenEnd) {
		b.claim(screens)
		b.net.Cut()
		cut := time.Now()
		settle(time.Minute)
		perSecond := map[int]int{}
		for i, s := range screens {
			if len(s.heard().linked) != 2 {
				t.Errorf("screen %d linked %d times", i, len(s.heard().linked))
				continue
			}
			perSecond[int(s.heard().linked[1].Sub(cut).Seconds())]++
		}
		for second, n := range perSecond {
			if n > 40 {
				t.Errorf("%d of 60 came back in second %d", n, second)
			}
		}
	})
}
