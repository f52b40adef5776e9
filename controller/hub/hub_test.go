package hub_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"anteroom/controller/hub"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

func TestPairingLeadsFromCodeToWelcome(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		s := b.dial(1).greet(false)
		code := s.want("a code", isCode).Pair.Code
		w, err := b.players.Waiting(strings.ToLower(code[:4]+"-"+code[4:]), "ada")
		if err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Join(w.Words, " "), strings.Join(wire.Words(s.said.Key, public(1)), " "); got != want {
			t.Errorf("staff see %q, the screen shows %q", got, want)
		}
		if err := b.players.Claim(t.Context(), code, "screen-1", "ada"); err != nil {
			t.Fatal(err)
		}
		s.want("paired", isPaired)
		welcome := s.want("a welcome", isWelcome).Welcome
		if err := welcome.Verify(s.said, s.hello); err != nil {
			t.Error(err)
		}
		if welcome.Screen != "screen-1" {
			t.Errorf("got screen %s", welcome.Screen)
		}
		if id, err := b.players.OpenBearer(welcome.Bearer.Token); err != nil || id != idOf(1) {
			t.Errorf("the bearer opens %q, %v", id, err)
		}
		if p, _ := b.players.Presence(idOf(1)); !p.Linked {
			t.Error("the player is not known to be linked")
		}
	})
}

func TestCodeChangesWhenItHasExpired(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		s := b.dial(1).greet(false)
		first := s.want("a code", isCode).Pair
		began := time.Now()
		second := s.want("another code", isCode).Pair
		if took := time.Since(began); took != 10*time.Minute || second.Code == first.Code {
			t.Errorf("got %q and after %v %q", first.Code, took, second.Code)
		}
		if _, err := b.players.Waiting(first.Code, "ada"); !errors.Is(err, playlists.ErrNotFound) {
			t.Errorf("the expired code: got %v, want ErrNotFound", err)
		}
		if err := b.players.Claim(t.Context(), second.Code, "screen-1", "ada"); err != nil {
			t.Error(err)
		}
		s.want("paired", isPaired)
	})
}

func TestPairedWhileItWasAway(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		s := b.dial(1).greet(false)
		code := s.want("a code", isCode).Pair.Code
		s.ws.Close()
		synctest.Wait()
		if err := b.players.Claim(t.Context(), code, "screen-1", "ada"); err != nil {
			t.Fatal(err)
		}
		back := b.dial(1).greet(false)
		back.want("paired", isPaired)
		back.want("a welcome", isWelcome)
	})
}

func TestWelcomeIsFollowedByWhatIsInForce(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.pair(1).ws.Close()
		head, doc := b.heads.publish(t, "screen-1", 7), takeovers(t, 3)
		b.heads.takeOver(doc)
		b.intake.set(41, nil)
		s := b.dial(1).greet(true)
		if w := s.want("a welcome", isWelcome).Welcome; w.Known != 41 {
			t.Errorf("got %d plays known, want 41", w.Known)
		}
		s.want("takeovers", isTakeovers)
		got := s.want("a head", isHead).Head
		if string(got.Bytes) != string(head.Bytes) {
			t.Errorf("got head %s", got.Bytes)
		}
	})
}

// TestReturnTakesTwoWrites: the challenge comes with the answer to the upgrade, and the welcome with all that is in
// force; when all players come back at once, each write counts.
func TestReturnTakesTwoWrites(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.pair(1).ws.Close()
		b.heads.publish(t, "screen-1", 7)
		b.heads.takeOver(takeovers(t, 3))
		before := b.pieces.Load()
		began := time.Now()
		s := b.dial(1).greet(true)
		s.want("a welcome", isWelcome)
		s.want("takeovers", isTakeovers)
		s.want("a head", isHead)
		if n := b.pieces.Load() - before; n != 2 {
			t.Errorf("it came in %d pieces, want 2", n)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v; somebody forgot to send it", took)
		}
	})
}

// TestNewAbilitiesDelayNoWelcome: what a player says of itself is written down after it has been told what is in force,
// for after an update of all players that is a write for each.
func TestNewAbilitiesDelayNoWelcome(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.pair(1).ws.Close()
		b.heads.takeOver(takeovers(t, 3))
		b.disk.slow.Store(int64(time.Minute))
		began := time.Now()
		s := b.dial(1)
		s.software = "an update"
		s.greet(true)
		s.want("a welcome", isWelcome)
		s.want("takeovers", isTakeovers)
		if took := time.Since(began); took >= time.Minute {
			t.Errorf("the welcome waited %v for the disk", took)
		}
		time.Sleep(2 * time.Minute)
		if p, _ := b.players.Player(idOf(1)); p.Software != s.software {
			t.Errorf("software %q is known, want %q", p.Software, s.software)
		}
	})
}

func TestHelloThatProvesNothingIsRefused(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		paired := b.pair(1)
		for name, c := range map[string]struct {
			spoil func(fresh *screen, h *wire.Hello)
			code  int
		}{
			"a replayed hello":         {func(_ *screen, h *wire.Hello) { *h = paired.hello }, wire.CloseIdentity},
			"another player's name":    {func(_ *screen, h *wire.Hello) { h.Player = idOf(2) }, wire.CloseIdentity},
			"a version before the 1st": {func(_ *screen, h *wire.Hello) { h.Version = 0 }, wire.CloseVersion},
		} {
			s := b.dial(1)
			h := paired.hello
			c.spoil(s, &h)
			s.write(wire.Envelope{Hello: &h})
			s.t.Log(name)
			s.wantClose(c.code)
		}
		s := b.dial(3)
		s.write(wire.Envelope{Time: &wire.TimeExchange{T1: 1}})
		s.wantClose(wire.CloseBadMessage)
		if p, _ := b.players.Presence(idOf(1)); !p.Linked {
			t.Error("a stranger's hello ended the player's own link")
		}
	})
}

func TestStrangerWhoSaysNothingIsDropped(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		s := b.dial(1)
		began := time.Now()
		if _, err := s.read(); err == nil {
			t.Error("got a message")
		}
		if took := time.Since(began); took > 21*time.Second {
			t.Errorf("took %v, want at most 20 s", took)
		}
	})
}

func TestRevokedPlayerIsCutOffWithinSeconds(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.pair(1).ws.Close()
		s := b.dial(1).greet(true)
		token := s.want("a welcome", isWelcome).Welcome.Bearer.Token
		heard := make(chan time.Duration, 1)
		began := time.Now()
		go func() {
			r := s.want("a revocation", isRevoked).Revoked
			if err := r.Verify(s.said, s.hello); err != nil {
				t.Error(err)
			}
			s.wantClose(wire.CloseRevoked)
			heard <- time.Since(began)
		}()
		if err := b.players.Revoke(t.Context(), idOf(1), "ada"); err != nil {
			t.Fatal(err)
		}
		if took := <-heard; took > 5*time.Second {
			t.Errorf("took %v", took)
		}
		if _, err := b.players.OpenBearer(token); !errors.Is(err, playlists.ErrDenied) {
			t.Errorf("the bearer: got %v, want ErrDenied", err)
		}
		again := b.dial(1).greet(true)
		again.want("a revocation", isRevoked)
		again.wantClose(wire.CloseRevoked)
		b.dial(1).greet(false).want("a code", isCode)
	})
}

func TestScreenClaimedAnewUnpairsItsEarlierPlayer(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		old := b.pair(1)
		fresh := b.dial(2).greet(false)
		code := fresh.want("a code", isCode).Pair.Code
		go func() {
			if err := b.players.Claim(t.Context(), code, "screen-1", "ada"); err != nil {
				t.Error(err)
			}
		}()
		old.want("a revocation", isRevoked)
		old.wantClose(wire.CloseRevoked)
		fresh.want("paired", isPaired)
		if w := fresh.want("a welcome", isWelcome).Welcome; w.Screen != "screen-1" {
			t.Errorf("got screen %s", w.Screen)
		}
	})
}

func TestHalfOpenPlayerIsNoticed(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		s := b.pair(1)
		s.listen()
		time.Sleep(10 * time.Minute)
		if p, _ := b.players.Presence(idOf(1)); !p.Linked {
			t.Fatal("a quiet player that answers pings was dropped")
		}
		b.net.Silence()
		began := time.Now()
		for p, _ := b.players.Presence(idOf(1)); p.Linked; p, _ = b.players.Presence(idOf(1)) {
			time.Sleep(time.Second)
			if time.Since(began) > 75*time.Second {
				t.Fatal("still linked after 75 s of silence")
			}
		}
		s.ws.Close()
	})
}

func TestSlowPlayerIsDroppedWhileOthersGoOn(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		slow := b.pair(1) // reads nothing from now on
		other := b.pair(2).listen()
		began := time.Now()
		for n := range uint64(10) {
			b.hub.NudgeTakeovers(takeovers(t, n+1))
			synctest.Wait()
		}
		var last uint64
		for last < 10 {
			e := <-other
			if e.Takeovers == nil {
				continue
			}
			doc, err := wire.OpenTakeovers(public(controllerSeed), *e.Takeovers)
			if err != nil {
				t.Fatal(err)
			}
			last = doc.Number
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("the other player waited %v for the slow one", took)
		}
		time.Sleep(wire.WriteDeadline + time.Second)
		if p, _ := b.players.Presence(idOf(1)); p.Linked {
			t.Error("the slow player is still linked")
		}
		if p, _ := b.players.Presence(idOf(2)); !p.Linked {
			t.Error("the other player was dropped")
		}
		slow.ws.Close()
		if got := testutil.CollectAndCount(b.metrics, "anteroom_hub_dropped_total"); got != 1 {
			t.Errorf("got %d reasons for drops, want 1", got)
		}
	})
}

func TestMoreSlowPlayersThanWritersHoldNobodyUp(t *testing.T) {
	bubbleWith(t, func(c *hub.Config) { c.Writers = 2 }, func(t *testing.T, b *bench) {
		other := b.pair(9).listen()
		for seed := range byte(8) {
			b.pair(seed) // reads nothing from now on
		}
		for n := range uint64(10) {
			began := time.Now()
			b.hub.NudgeTakeovers(takeovers(t, n+1))
			for e := range other {
				if e.Takeovers != nil {
					break
				}
			}
			if took := time.Since(began); took > 50*time.Millisecond {
				t.Errorf("message %d took %v to the one that listens", n+1, took)
			}
		}
	})
}

func TestNewestNudgeWins(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		s := b.pair(1)
		for n := range uint64(100) {
			b.hub.NudgeHead("screen-1", b.heads.publish(t, "screen-1", n+1))
		}
		synctest.Wait()
		heard := s.listen()
		time.Sleep(time.Second)
		var got []uint64
		for len(heard) > 0 {
			head, err := wire.OpenHead(public(controllerSeed), *(<-heard).Head)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, head.Generation)
		}
		if len(got) > 2 || got[len(got)-1] != 100 {
			t.Errorf("got generations %v, want at most the first and the last of 100", got)
		}
	})
}

func TestNewerConnectionReplacesTheOlder(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		old := b.pair(1)
		fresh := b.dial(1).greet(true)
		fresh.want("a welcome", isWelcome)
		old.wantClose(wire.CloseReplaced)
		synctest.Wait()
		if p, _ := b.players.Presence(idOf(1)); !p.Linked {
			t.Error("the end of the old connection unlinked the new one")
		}
		b.hub.NudgeHead("screen-1", b.heads.publish(t, "screen-1", 2))
		fresh.want("a head", isHead)
	})
}

func TestTwoMachinesWithOneIdentityAreReported(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		s := b.pair(1)
		for range 3 {
			next := b.dial(1).greet(true)
			next.want("a welcome", isWelcome)
			s.wantClose(wire.CloseReplaced)
			s = next
		}
		p, _ := b.players.Presence(idOf(1))
		if len(p.Alarms) != 1 || !strings.Contains(p.Alarms[0].Text, "one identity") {
			t.Errorf("got alarms %v", p.Alarms)
		}
	})
}

func TestBearerIsRenewedByHeartbeats(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		s := b.pair(1)
		heard := s.listen()
		var tokens []wire.Bearer
		for range 2 * 30 { // half an hour
			s.write(wire.Envelope{Heartbeat: &wire.Heartbeat{At: time.Now(), Health: wire.Health{Stage: "drawing"}}})
			time.Sleep(wire.HeartbeatEvery)
			for len(heard) > 0 {
				if e := <-heard; isBearer(&e) {
					tokens = append(tokens, *e.Bearer)
				}
			}
		}
		if len(tokens) < 5 || len(tokens) > 6 {
			t.Fatalf("got %d bearers in half an hour, want one every five minutes", len(tokens))
		}
		newest := tokens[len(tokens)-1]
		if _, err := b.players.OpenBearer(newest.Token); err != nil {
			t.Error(err)
		}
		if _, err := b.players.OpenBearer(tokens[0].Token); !errors.Is(err, playlists.ErrDenied) {
			t.Errorf("a bearer of twenty minutes ago: got %v, want ErrDenied", err)
		}
	})
}

func TestDayOfHeartbeats(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		s := b.pair(1)
		s.listen()
		for range 24 * 60 * 2 {
			s.write(wire.Envelope{Heartbeat: &wire.Heartbeat{At: time.Now(), Health: wire.Health{Stage: "drawing", Unsent: 3}}})
			time.Sleep(wire.HeartbeatEvery)
		}
		p, _ := b.players.Presence(idOf(1))
		if !p.Linked || time.Since(p.Since) != 24*time.Hour || p.Heartbeat.Health.Unsent != 3 {
			t.Errorf("after a day: %+v", p)
		}
	})
}

func TestPlaysAreAcknowledgedOnceDurable(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		s := b.pair(1)
		s.sendBatch(1)
		if ack := s.want("an acknowledgement", isAck).Ack; ack.Through != 64 || ack.Stream != stream {
			t.Errorf("got %+v", ack)
		}
	})
}

func TestPlaysAreNotAcknowledgedWhenTheDiskFails(t *testing.T) {
	var log bytes.Buffer
	logged := func(c *hub.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) }
	bubbleWith(t, logged, func(t *testing.T, b *bench) {
		s := b.pair(1)
		b.intake.set(0, errors.New("no space left on device"))
		for range 5 {
			s.sendBatch(1)
		}
		heard := s.listen()
		time.Sleep(time.Minute)
		if n := len(heard); n != 0 {
			t.Errorf("got %d messages", n)
		}
		if p, _ := b.players.Presence(idOf(1)); !p.Linked {
			t.Error("the player was dropped for the controller's fault")
		}
		if n := strings.Count(log.String(), "plays not taken"); n != 1 {
			t.Errorf("%d lines about it, want 1:\n%s", n, &log)
		}
	})
}

func TestPlaysOfAnotherPlayerEndTheLink(t *testing.T) {
	bubble(t, func(_ *testing.T, b *bench) {
		s := b.pair(1)
		s.sendBatch(2)
		s.wantClose(wire.CloseIdentity)
	})
}

func TestUnreadableFramesEndTheLink(t *testing.T) {
	for name, c := range map[string]struct {
		kind  int
		frame string
	}{
		"text that is no message":   {websocket.TextMessage, "hello"},
		"a binary that is no batch": {websocket.BinaryMessage, "\x01\x02"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, b *bench) {
				s := b.pair(1)
				if err := s.ws.WriteMessage(c.kind, []byte(c.frame)); err != nil {
					t.Fatal(err)
				}
				s.wantClose(wire.CloseBadMessage)
			})
		})
	}
}

func TestAFrameThatIsTooLongEndsTheLink(t *testing.T) {
	bubble(t, func(_ *testing.T, b *bench) {
		s := b.pair(1)
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			_ = s.ws.WriteMessage(websocket.TextMessage, []byte(`{"confetti":"`+strings.Repeat("x", wire.MaxFrame)+`"}`)) // it may be cut off
		}()
		s.wantClose(websocket.CloseMessageTooBig)
		s.ws.Close()
		<-sent
	})
}

func TestMessagesOfLaterVersionsAreIgnored(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		s := b.pair(1)
		if err := s.ws.WriteMessage(websocket.TextMessage, []byte(`{"confetti":{}}`)); err != nil {
			t.Fatal(err)
		}
		s.write(wire.Envelope{Time: &wire.TimeExchange{T1: 5}})
		s.want("the time", func(e *wire.Envelope) bool { return e.Time != nil && e.Time.T1 == 5 && e.Time.T3 >= e.Time.T2 })
	})
}

func TestUnpairedPlayerMayOnlyWait(t *testing.T) {
	bubble(t, func(_ *testing.T, b *bench) {
		s := b.dial(1).greet(false)
		s.want("a code", isCode)
		s.sendBatch(1)
		s.wantClose(wire.CloseBadMessage)
	})
}

func TestSnapshotsAreOrderedWhileSomebodyLooks(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		heard := b.pair(1).listen()
		b.players.Watch("screen-1")
		time.Sleep(10 * time.Minute)
		var orders []string
		for len(heard) > 0 {
			if e := <-heard; isSnapshot(&e) {
				orders = append(orders, e.Snapshot.ID)
			}
		}
		if len(orders) != 5 {
			t.Fatalf("got %d orders in the 15 s after a look, want one every 3.5 s", len(orders))
		}
		b.players.Watch("screen-1")
		order := (<-heard).Snapshot.ID
		picture := []byte("\xff\xd8\xff\xe0 a picture")
		if err := b.players.PutSnapshot(idOf(1), order, picture); err != nil {
			t.Fatal(err)
		}
		if got, at, ok := b.players.Snapshot("screen-1"); !ok || string(got) != string(picture) || !at.Equal(time.Now()) {
			t.Errorf("got %q, %v, %v", got, at, ok)
		}
		if err := b.players.PutSnapshot(idOf(1), orders[0], picture); !errors.Is(err, playlists.ErrNotFound) {
			t.Errorf("an old order: got %v, want ErrNotFound", err)
		}
	})
}

func TestAnOrderIsSignedForItsLink(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		order := wire.Order{ID: "a", Do: wire.Identify, Name: "By the window"}
		if b.hub.Order("screen-1", order) {
			t.Error("an order for a screen without a player was sent")
		}
		s := b.pair(1)
		if !b.hub.Order("screen-1", order) {
			t.Fatal("the order was not sent")
		}
		got := s.want("an order", func(e *wire.Envelope) bool { return e.Order != nil }).Order
		if err := got.Verify(s.said, s.hello); err != nil || got.Name != "By the window" {
			t.Errorf("got %+v, %v", got, err)
		}
		s.ws.Close()
		synctest.Wait()
		if b.hub.Order("screen-1", order) {
			t.Error("an order without a link was sent")
		}
	})
}

func TestDrawnConfirmationsAreKept(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		s := b.pair(1)
		first := time.Now().UTC()
		s.write(wire.Envelope{Drawn: &wire.Drawn{Number: 3, Takeover: "tko-1", At: first}})
		s.write(wire.Envelope{Drawn: &wire.Drawn{Number: 4, Takeover: "tko-2", At: first.Add(time.Second)}})
		synctest.Wait()
		p, _ := b.players.Presence(idOf(1))
		if len(p.Drawn) != 2 || p.Drawn[0].Takeover != "tko-1" || !p.Drawn[0].At.Equal(first) {
			t.Errorf("got %+v", p.Drawn)
		}
	})
}

func TestStrangersOfOneAddressAreLimited(t *testing.T) {
	bubbleWith(t, func(c *hub.Config) { c.PerAddress = 3 }, func(t *testing.T, b *bench) {
		b.pair(9) // linked players do not count
		var open []*screen
		for seed := range byte(3) {
			open = append(open, b.dial(seed))
		}
		d := websocket.Dialer{NetDialContext: b.net.Dial, Subprotocols: []string{wire.Subprotocol}}
		_, resp, err := d.DialContext(t.Context(), "ws://controller/", nil)
		if err == nil || resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" {
			t.Fatalf("got %v, %v, want 429 with Retry-After", resp, err)
		}
		_ = resp.Body.Close()
		open[0].ws.Close()
		synctest.Wait()
		b.dial(0)
	})
}

func TestWhoCountsAsOneParty(t *testing.T) {
	for remote, want := range map[string]string{
		"203.0.113.9:4000":              "203.0.113.9",
		"[::ffff:203.0.113.9]:4000":     "203.0.113.9",
		"[2001:db8:1:2:3:4:5:6]:4000":   "2001:db8:1:2::/64",
		"[2001:db8:1:2:ffff::1%9]:4000": "2001:db8:1:2::/64",
		"@":                             "@",
	} {
		if got := hub.Party(remote); got != want {
			t.Errorf("%s is %s, want %s", remote, got, want)
		}
	}
}

func TestOthersThanPlayersAreTurnedAway(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		for name, c := range map[string]struct {
			header    http.Header
			protocols []string
			want      int
		}{
			"a browser's page":      {http.Header{"Origin": {"https://evil.example"}}, []string{wire.Subprotocol}, http.StatusForbidden},
			"another subprotocol":   {nil, []string{"graphql-ws"}, http.StatusBadRequest},
			"no subprotocol at all": {nil, nil, http.StatusBadRequest},
		} {
			d := websocket.Dialer{NetDialContext: b.net.Dial, Subprotocols: c.protocols}
			_, resp, err := d.DialContext(t.Context(), "ws://controller/", c.header)
			if err == nil || resp.StatusCode != c.want {
				t.Fatalf("%s: got %v, want %d", name, resp, c.want)
			}
			_ = resp.Body.Close()
		}
	})
}

func TestStopTellsEveryPlayerAndTakesSeconds(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.pair(3) // hears nothing, and hangs the writer for a while
		s := b.pair(1)
		w := b.dial(2).greet(false)
		w.want("a code", isCode)
		told := make(chan struct{}, 2)
		for _, player := range []*screen{s, w} {
			go func() {
				player.wantClose(wire.CloseGoingAway)
				player.ws.Close()
				told <- struct{}{}
			}()
		}
		if took := b.stopHub(); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
		<-told
		<-told
	})
}

func TestALongReasonEndsWithAWholeCharacter(t *testing.T) {
	bubble(t, func(_ *testing.T, b *bench) {
		s := b.pair(1)
		b.hub.Disconnect(idOf(1), wire.CloseGoingAway, "x"+strings.Repeat("é", 80))
		s.wantClose(wire.CloseGoingAway)
	})
}

func TestDisconnectSaysWhy(t *testing.T) {
	bubble(t, func(_ *testing.T, b *bench) {
		s := b.pair(1)
		b.hub.Disconnect(idOf(1), wire.CloseGoingAway, "restored from a backup")
		s.wantClose(wire.CloseGoingAway)
	})
}

func TestControllerThatCannotReadItsStoreAsksToComeBack(t *testing.T) {
	bubble(t, func(_ *testing.T, b *bench) {
		b.pair(1).ws.Close()
		b.heads.fail(errors.New("input/output error"))
		s := b.dial(1).greet(true)
		s.want("a welcome", isWelcome)
		s.wantClose(wire.CloseGoingAway)
	})
}

func TestMetricsAreWellNamed(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.pair(1)
		problems, err := testutil.GatherAndLint(b.metrics)
		if err != nil || len(problems) > 0 {
			t.Errorf("got %v, %v", problems, err)
		}
		if err := testutil.GatherAndCompare(b.metrics, strings.NewReader(`
# HELP anteroom_hub_linked_players Paired players that are linked now.
# TYPE anteroom_hub_linked_players gauge
anteroom_hub_linked_players 1
`), "anteroom_hub_linked_players"); err != nil {
			t.Error(err)
		}
	})
}
