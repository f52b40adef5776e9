package players_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"anteroom/controller/players"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
	"anteroom/playlists/playliststest/fuzztest"
	"anteroom/playlists/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func public(seed byte) ed25519.PublicKey { return key(seed).Public().(ed25519.PublicKey) }

func idOf(seed byte) playlists.PlayerID { return wire.PlayerIDOf(public(seed)) }

// bench is a registry on a real store, and a clock to turn.
type bench struct {
	*players.Registry

	t     *testing.T
	store store.Store
	now   time.Time
}

func newBench(t *testing.T) *bench {
	t.Helper()
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	b := &bench{t: t, store: s, now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
	b.restart()
	err = s.Update(t.Context(), func(tx store.Tx) error {
		for _, id := range []string{"lobby", "chapel"} {
			if _, err := tx.Put("screen", id, 0, "system", fmt.Appendf(nil, `{"id":%q}`, id)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// restart makes a registry anew, as a controller that starts does.
func (b *bench) restart() {
	b.t.Helper()
	r, err := players.New(b.t.Context(), players.Config{Store: b.store, Key: key(200), Now: func() time.Time { return b.now }})
	if err != nil {
		b.t.Fatal(err)
	}
	b.Registry = r
}

func (b *bench) await(seed byte) players.Waiting {
	b.t.Helper()
	w, err := b.Await(players.Applicant{Player: idOf(seed), Key: public(seed), Software: "1.0"}, func() {})
	if err != nil {
		b.t.Fatal(err)
	}
	return w
}

func (b *bench) pair(seed byte, screen playlists.ScreenID) {
	b.t.Helper()
	if err := b.Claim(b.t.Context(), b.await(seed).Code, screen, "ada"); err != nil {
		b.t.Fatal(err)
	}
}

func TestCodesAsPeopleTypeThem(t *testing.T) {
	b := newBench(t)
	w := b.await(1)
	code := w.Code
	for name, c := range map[string]struct {
		typed string
		want  error
	}{
		"as shown":             {code, nil},
		"in small letters":     {strings.ToLower(code), nil},
		"in two groups":        {code[:4] + "-" + code[4:], nil},
		"with spaces around":   {"  " + code[:4] + " " + code[4:] + "\n", nil},
		"one letter short":     {code[:7], playlists.ErrNotFound},
		"one letter too many":  {code + "B", playlists.ErrNotFound},
		"nothing":              {"", playlists.ErrNotFound},
		"a thousand letters":   {strings.Repeat("B", 1000), playlists.ErrNotFound},
		"letters of no code":   {"AEIOUAEI", playlists.ErrNotFound},
		"two letters swapped?": {swapped(code), playlists.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := b.Waiting(c.typed, name)
			if !errors.Is(err, c.want) || err == nil && got.Player != idOf(1) {
				t.Errorf("%q: got %v, %v, want %v", c.typed, got.Player, err, c.want)
			}
		})
	}
}

// swapped exchanges the first two letters that differ.
func swapped(code string) string {
	for i := 1; i < len(code); i++ {
		if code[i] != code[0] {
			return string(code[i]) + code[1:i] + string(code[0]) + code[i+1:]
		}
	}
	return "BBBBBBBC"
}

func TestCodesAreEightOfTwentyLettersAndDiffer(t *testing.T) {
	b := newBench(t)
	seen, letters := map[string]bool{}, map[rune]int{}
	for i := range 200 {
		w := b.await(byte(i))
		if len(w.Code) != playlists.CodeLength || seen[w.Code] {
			t.Fatalf("got code %q", w.Code)
		}
		seen[w.Code] = true
		for _, r := range w.Code {
			letters[r]++
		}
	}
	for r := range maps.Keys(letters) {
		if !strings.ContainsRune(playlists.CodeLetters, r) {
			t.Errorf("letter %c", r)
		}
	}
	if len(letters) != 20 {
		t.Errorf("got %d letters, want 20", len(letters))
	}
}

func TestCodeIsGoodForTenMinutesAndOneUse(t *testing.T) {
	b := newBench(t)
	w := b.await(1)
	b.now = b.now.Add(10*time.Minute - time.Second)
	if again := b.await(1); again.Code != w.Code {
		t.Error("another code before the first has ended")
	}
	b.now = b.now.Add(time.Second)
	if err := b.Claim(t.Context(), w.Code, "lobby", "ada"); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("after ten minutes: got %v, want ErrNotFound", err)
	}
	w = b.await(1)
	if err := b.Claim(t.Context(), w.Code, "lobby", "ada"); err != nil {
		t.Fatal(err)
	}
	if err := b.Claim(t.Context(), w.Code, "chapel", "ada"); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("twice: got %v, want ErrNotFound", err)
	}
}

func TestClaimInVainLeavesTheCode(t *testing.T) {
	b := newBench(t)
	w := b.await(1)
	if err := b.Claim(t.Context(), w.Code, "no-such-screen", "ada"); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	if err := b.Claim(t.Context(), w.Code, "lobby", "ada"); err != nil {
		t.Errorf("with a screen that is there: %v", err)
	}
}

func TestGuessesAreLimitedForEachPersonAndForAll(t *testing.T) {
	b := newBench(t)
	code := b.await(1).Code
	guess := func(by string) error {
		_, err := b.Waiting("BBBBBBBB", by)
		return err
	}
	for i := range 10 {
		if err := guess("eve"); !errors.Is(err, playlists.ErrNotFound) {
			t.Fatalf("guess %d: got %v", i+1, err)
		}
	}
	if err := guess("eve"); !errors.Is(err, players.ErrTooManyGuesses) {
		t.Errorf("the eleventh: got %v, want ErrTooManyGuesses", err)
	}
	if _, err := b.Waiting(code, "eve"); !errors.Is(err, players.ErrTooManyGuesses) {
		t.Errorf("the right code, too late: got %v, want ErrTooManyGuesses", err)
	}
	if _, err := b.Waiting(code, "ada"); err != nil {
		t.Errorf("another person: %v", err)
	}
	b.now = b.now.Add(90 * time.Second)
	if err := guess("eve"); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("a while later: got %v, want ErrNotFound", err)
	}
	hits := 0
	for i := range 1000 {
		if !errors.Is(guess(fmt.Sprintf("bot-%d", i)), players.ErrTooManyGuesses) {
			hits++
		}
	}
	if hits > 100 {
		t.Errorf("a thousand people had %d guesses, want at most 100", hits)
	}
}

// A year of guessing as fast as the limits let one try must not find a code.
func TestLimitsLeaveNoHopeOfGuessing(t *testing.T) {
	const codes, year = 25_600_000_000, 365 * 24 * 3600 / 10
	if odds := float64(players.MaxWaiting) * year / codes; odds > 0.2 {
		t.Errorf("odds %.3f a year with %d screens waiting all the time", odds, players.MaxWaiting)
	}
}

func TestPairingOutlastsARestart(t *testing.T) {
	b := newBench(t)
	b.pair(1, "lobby")
	b.restart()
	p, ok := b.OfScreen("lobby")
	if !ok || p.ID != idOf(1) || !bytes.Equal(p.Key, public(1)) || p.PairedBy != "ada" || p.Software != "1.0" {
		t.Errorf("got %+v, %v", p, ok)
	}
	if err := b.Revoke(t.Context(), idOf(1), "bob"); err != nil {
		t.Fatal(err)
	}
	b.restart()
	if _, ok := b.OfScreen("lobby"); ok {
		t.Error("a revoked player still serves the screen")
	}
	if p, _ := b.Player(idOf(1)); p.RevokedBy != "bob" {
		t.Errorf("got %+v", p)
	}
}

func TestScreenHasOnePlayerAndPlayerOneScreen(t *testing.T) {
	b := newBench(t)
	b.pair(1, "lobby")
	b.pair(2, "lobby")
	if p, _ := b.OfScreen("lobby"); p.ID != idOf(2) {
		t.Errorf("got %s, want the later player", p.ID)
	}
	if p, _ := b.Player(idOf(1)); !p.Revoked() {
		t.Error("the earlier player was not unpaired")
	}
	b.pair(2, "chapel")
	if p, ok := b.OfScreen("lobby"); ok {
		t.Errorf("%s serves the screen that it left", p.ID)
	}
	b.pair(1, "lobby")
	if p, _ := b.Player(idOf(1)); p.Revoked() || p.Screen != "lobby" {
		t.Errorf("paired anew: %+v", p)
	}
	if n := len(b.All()); n != 2 {
		t.Errorf("got %d players", n)
	}
}

func TestRevoke(t *testing.T) {
	b := newBench(t)
	if err := b.Revoke(t.Context(), idOf(1), "ada"); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("nobody: got %v, want ErrNotFound", err)
	}
	b.pair(1, "lobby")
	cut := 0
	b.Link(idOf(1), func() { cut++ })
	for range 2 {
		if err := b.Revoke(t.Context(), idOf(1), "ada"); err != nil {
			t.Error(err)
		}
	}
	if cut == 0 {
		t.Error("the link was not cut")
	}
}

func TestBearer(t *testing.T) {
	b := newBench(t)
	b.pair(1, "lobby")
	bearer, err := b.Bearer(idOf(1))
	if err != nil {
		t.Fatal(err)
	}
	if life := bearer.Expires.Sub(b.now); life != wire.BearerLife {
		t.Errorf("lasts %v", life)
	}
	if id, err := b.OpenBearer(bearer.Token); err != nil || id != idOf(1) {
		t.Errorf("got %s, %v", id, err)
	}
	b.restart()
	if _, err := b.OpenBearer(bearer.Token); err != nil {
		t.Errorf("after a restart: %v", err)
	}
	for name, token := range map[string]string{
		"nothing":        "",
		"half of it":     bearer.Token[:len(bearer.Token)/2],
		"one letter off": flip(bearer.Token, 40),
		"another player": flip(bearer.Token, 3),
		"a later end":    flip(bearer.Token, 31),
		"padded":         bearer.Token + "==",
	} {
		if _, err := b.OpenBearer(token); !errors.Is(err, playlists.ErrDenied) {
			t.Errorf("%s: got %v, want ErrDenied", name, err)
		}
	}
	b.now = b.now.Add(wire.BearerLife)
	if _, err := b.OpenBearer(bearer.Token); !errors.Is(err, playlists.ErrDenied) {
		t.Errorf("after its end: got %v, want ErrDenied", err)
	}
}

func flip(token string, at int) string {
	b := []byte(token)
	b[at]++
	if b[at] == 'Z'+1 || b[at] == 'z'+1 || b[at] == '9'+1 {
		b[at] = 'A'
	}
	return string(b)
}

func TestBearerEndsWithThePairing(t *testing.T) {
	b := newBench(t)
	b.pair(1, "lobby")
	old, err := b.Bearer(idOf(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Revoke(t.Context(), idOf(1), "ada"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.OpenBearer(old.Token); !errors.Is(err, playlists.ErrDenied) {
		t.Errorf("revoked: got %v, want ErrDenied", err)
	}
	if _, err := b.Bearer(idOf(1)); !errors.Is(err, playlists.ErrDenied) {
		t.Errorf("a bearer for a revoked player: got %v, want ErrDenied", err)
	}
	b.now = b.now.Add(time.Minute)
	b.pair(1, "lobby")
	if _, err := b.OpenBearer(old.Token); !errors.Is(err, playlists.ErrDenied) {
		t.Errorf("paired anew: got %v, want ErrDenied for the old pairing's bearer", err)
	}
}

func FuzzOpenBearer(f *testing.F) {
	g := fuzztest.New(f)
	g.Add("")
	g.Add(strings.Repeat("A", 75))
	r, err := players.New(f.Context(), players.Config{Store: nothing{}, Key: key(200)})
	if err != nil {
		f.Fatal(err)
	}
	g.Fuzz(func(t *testing.T, token string) {
		if id, err := r.OpenBearer(token); err == nil {
			t.Errorf("opened %s", id)
		}
	})
}

// nothing is a store of an organisation that has just begun.
type nothing struct{ store.Documents }

func (nothing) View(context.Context, func(store.View) error) error { return nil }

func TestSnapshots(t *testing.T) {
	b := newBench(t)
	b.pair(1, "lobby")
	if orders, wait := b.SnapshotsDue(); len(orders) != 0 || wait != 0 {
		t.Errorf("nobody looks: got %v, %v", orders, wait)
	}
	b.Watch("lobby")
	b.Watch("chapel") // no player
	orders, wait := b.SnapshotsDue()
	if len(orders) != 1 || orders[0].Player != idOf(1) || wait != players.SnapshotEvery {
		t.Fatalf("got %v, %v", orders, wait)
	}
	jpeg := []byte("\xff\xd8\xff\xe0")
	for name, c := range map[string]struct {
		player playlists.PlayerID
		id     string
		jpeg   []byte
		want   error
	}{
		"not asked for":   {idOf(1), "else", jpeg, playlists.ErrNotFound},
		"no JPEG":         {idOf(1), orders[0].ID, []byte("<html>"), playlists.ErrInvalid},
		"a poster":        {idOf(1), orders[0].ID, append(jpeg, make([]byte, players.MaxSnapshot)...), playlists.ErrInvalid},
		"of a stranger":   {idOf(7), orders[0].ID, jpeg, playlists.ErrDenied},
		"as asked for":    {idOf(1), orders[0].ID, jpeg, nil},
		"without a name?": {idOf(1), "", jpeg, playlists.ErrNotFound},
	} {
		if err := b.PutSnapshot(c.player, c.id, c.jpeg); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if got, at, ok := b.Snapshot("lobby"); !ok || !bytes.Equal(got, jpeg) || !at.Equal(b.now) {
		t.Errorf("got %q, %v, %v", got, at, ok)
	}
	b.now = b.now.Add(players.LookFor)
	if orders, wait := b.SnapshotsDue(); len(orders) != 0 || wait != 0 {
		t.Errorf("nobody looks any more: got %v, %v", orders, wait)
	}
}

func TestPresence(t *testing.T) {
	b := newBench(t)
	b.pair(1, "lobby")
	if _, ok := b.Presence(idOf(1)); ok {
		t.Error("known before it was ever linked")
	}
	old := b.Link(idOf(1), func() {})
	b.now = b.now.Add(time.Minute)
	fresh := b.Link(idOf(1), func() {})
	old.Heartbeat(wire.Heartbeat{Health: wire.Health{Unsent: 99}})
	old.End()
	p, _ := b.Presence(idOf(1))
	if !p.Linked || p.Heartbeat.Health.Unsent != 0 {
		t.Errorf("the replaced session still speaks: %+v", p)
	}
	fresh.End()
	if p, _ := b.Presence(idOf(1)); p.Linked || !p.Since.Equal(b.now) {
		t.Errorf("got %+v", p)
	}
}

func TestWhenAPlayerHadSentAllItsPlays(t *testing.T) {
	b := newBench(t)
	b.pair(1, "lobby")
	s := b.Link(idOf(1), func() {})
	start := b.now
	for _, beat := range []struct {
		after, clock time.Duration // of the controller, and the player's against it
		unsent       uint64
		want         time.Duration // after the start; below 0: never
	}{
		{time.Minute, 0, 7, -1},
		{2 * time.Minute, 0, 0, 2 * time.Minute},
		{3 * time.Minute, 0, 1, 2 * time.Minute},
		{4 * time.Minute, -time.Second, 0, 4*time.Minute - time.Second},
		{5 * time.Minute, time.Hour, 0, 5 * time.Minute},
	} {
		b.now = start.Add(beat.after)
		s.Heartbeat(wire.Heartbeat{At: b.now.Add(beat.clock), Health: wire.Health{Unsent: beat.unsent}})
		var want time.Time
		if beat.want >= 0 {
			want = start.Add(beat.want)
		}
		if p, _ := b.Presence(idOf(1)); !p.SentAll.Equal(want) || p.Heartbeat.Health.Unsent != beat.unsent {
			t.Errorf("after %v: all was sent at %v, want %v", beat.after, p.SentAll, want)
		}
	}
}

// TestAWrongClockIsOver: what it left behind in what is still to come neither opens anything for longer, nor hides
// since when a player is silent.
func TestAWrongClockIsOver(t *testing.T) {
	b := newBench(t)
	b.pair(1, "lobby")
	right := b.now
	b.now = right.AddDate(134, 0, 0)
	bearer, err := b.Bearer(idOf(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.OpenBearer(bearer.Token); err != nil {
		t.Errorf("by the wrong clock: %v", err)
	}
	heard := b.now
	b.now = right.Add(time.Hour)
	if _, err := b.OpenBearer(bearer.Token); !errors.Is(err, playlists.ErrDenied) {
		t.Errorf("a bearer until %v: got %v, want it denied", bearer.Expires, err)
	}
	r, err := players.New(t.Context(), players.Config{
		Store: b.store, Key: key(200), Now: func() time.Time { return b.now }, Heard: map[playlists.PlayerID]time.Time{idOf(1): heard},
	})
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := r.Presence(idOf(1)); !ok || !p.LastHeard.Equal(b.now) {
		t.Errorf("heard in %v by the wrong clock: got %+v, want now", heard, p)
	}
}

func TestPlayersHeardBeforeARestart(t *testing.T) {
	b := newBench(t)
	paired := b.now
	b.pair(1, "lobby")
	b.pair(2, "chapel")
	at := paired.Add(time.Hour)
	r, err := players.New(t.Context(), players.Config{Store: b.store, Key: key(200), Now: func() time.Time { return at.Add(time.Hour) }, Heard: map[playlists.PlayerID]time.Time{
		idOf(1): at,
		idOf(2): paired.Add(-time.Hour), // on another screen
		idOf(3): at,                     // not paired any more
	}})
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := r.Presence(idOf(1)); !ok || p.Linked || !p.LastHeard.Equal(at) || !p.Since.Equal(at) {
		t.Errorf("got %+v, %v; want silence since %v", p, ok, at)
	}
	for _, id := range []playlists.PlayerID{idOf(2), idOf(3)} {
		if p, ok := r.Presence(id); ok {
			t.Errorf("player %s: got %+v, want nothing", id, p)
		}
	}
}

func TestNewestConfirmationOfEachTakeoverIsKept(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r, err := players.New(t.Context(), players.Config{Store: nothing{}, Key: key(200)})
		if err != nil {
			rt.Fatal(err)
		}
		s := r.Link(idOf(1), func() {})
		want := map[playlists.TakeoverID]uint64{}
		for n := range rapid.Uint64Range(0, 60).Draw(rt, "confirmations") {
			id := playlists.TakeoverID(rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(rt, "takeover"))
			want[id] = n
			s.Drawn(wire.Drawn{Number: n, Takeover: id})
		}
		p, _ := r.Presence(idOf(1))
		got := map[playlists.TakeoverID]uint64{}
		for _, d := range p.Drawn {
			got[d.Takeover] = d.Number
		}
		if !maps.Equal(got, want) {
			rt.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestAlarmsAreNotedOnce(t *testing.T) {
	b := newBench(t)
	for i := range 20 {
		b.Alarm(idOf(1), playlists.Noted("trouble %d", i))
		b.Alarm(idOf(1), playlists.Noted("trouble %d", i))
	}
	p, _ := b.Presence(idOf(1))
	if len(p.Alarms) != 8 || p.Alarms[7].Text != "trouble 19" {
		t.Errorf("got %v", p.Alarms)
	}
}

func TestChangesAreToldAsOne(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	changes := b.Changes(ctx)
	b.pair(1, "lobby")
	b.Alarm(idOf(1), playlists.Noted("trouble"))
	if n := len(changes); n != 1 {
		t.Errorf("got %d, want one word for all", n)
	}
	<-changes
	cancel()
	for range 100 { // the subscription ends by itself, soon
		b.Alarm(idOf(1), playlists.Noted("%s", time.Now()))
		if len(changes) == 0 {
			return
		}
		<-changes
		time.Sleep(time.Millisecond)
	}
	t.Error("still told after the end")
}

func TestTooManyWaitingAreTurnedAway(t *testing.T) {
	b := newBench(t)
	var err error
	for i := 0; i <= players.MaxWaiting && err == nil; i++ {
		_, err = b.Await(players.Applicant{Player: playlists.PlayerID(fmt.Sprint(i)), Key: public(1)}, func() {})
	}
	if !errors.Is(err, playlists.ErrDenied) {
		t.Errorf("got %v, want ErrDenied", err)
	}
	b.now = b.now.Add(players.CodeLife)
	b.await(1)
}
