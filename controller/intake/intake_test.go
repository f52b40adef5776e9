package intake_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"pgregory.net/rapid"

	"anteroom/controller/intake"
	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

func accept(t *testing.T, s *site, m *machine, at, to int) wire.Ack {
	t.Helper()
	ack, err := s.send(m.batch(at, to), m.key)
	if err != nil {
		t.Fatalf("plays %d to %d: %v", at+1, to, err)
	}
	return ack
}

func TestEachPlayIsTakenOnce(t *testing.T) {
	m := newMachine("one")
	m.show(200, 0)
	for _, row := range []struct {
		what   string
		ranges [][2]int // plays sent, by index
		want   []wire.Ack
	}{
		{"in order", [][2]int{{0, 64}, {64, 128}}, []wire.Ack{{Through: 64}, {Through: 128}}},
		{"the same again, its acknowledgement was lost", [][2]int{{0, 64}, {0, 64}}, []wire.Ack{{Through: 64}, {Through: 64}}},
		{"known plays before new ones", [][2]int{{0, 64}, {32, 96}}, []wire.Ack{{Through: 64}, {Through: 96}}},
		{"known plays in the middle of a batch", [][2]int{{0, 64}, {10, 20}}, []wire.Ack{{Through: 64}, {Through: 20}}},
		{"one after the next", [][2]int{{64, 128}, {0, 64}, {64, 128}}, []wire.Ack{{Want: 1}, {Through: 64}, {Through: 128}}},
		{"a hole", [][2]int{{0, 64}, {100, 128}}, []wire.Ack{{Through: 64}, {Through: 64, Want: 65}}},
		{"one by one", [][2]int{{0, 1}, {1, 2}, {1, 2}, {2, 3}}, []wire.Ack{{Through: 1}, {Through: 2}, {Through: 2}, {Through: 3}}},
	} {
		t.Run(row.what, func(t *testing.T) {
			s := newSite(t, t.TempDir())
			defer s.close()
			most := uint64(0)
			for i, r := range row.ranges {
				row.want[i].Stream = m.stream
				if got := accept(t, s, m, r[0], r[1]); got != row.want[i] {
					t.Errorf("answer %d: got %+v, want %+v", i+1, got, row.want[i])
				}
				most = max(most, row.want[i].Through)
			}
			want := m.all()[:most]
			slices.Sort(want)
			if diff := cmp.Diff(s.stored(t), want); diff != "" {
				t.Errorf("stored plays (-got +want):\n%s", diff)
			}
			if through, chain, err := s.intake.Known(t.Context(), m.stream); err != nil || through != most || !sameChain(chain, m.chains[most]) {
				t.Errorf("known through %d, %v; want %d", through, err, most)
			}
			if len(s.alarms) > 0 {
				t.Errorf("alarms: %v", s.alarms)
			}
		})
	}
}

// Whatever is lost, repeated, reordered or cut in pieces on the way, and whenever the controller
// restarts: in the end each play is there once.
func TestExactlyOnce(t *testing.T) {
	root, runs := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		s := newSite(t, fmt.Sprintf("%s/%d", root, runs))
		defer s.close()
		machines := []*machine{newMachine("one"), newMachine("two")}
		pick := func(rt *rapid.T) *machine { return rapid.SampledFrom(machines).Draw(rt, "machine") }
		rt.Repeat(map[string]func(*rapid.T){
			"show": func(rt *rapid.T) {
				pick(rt).show(rapid.IntRange(1, 20).Draw(rt, "plays"), rapid.SampledFrom([]int{0, 0, 0, 1, 7}).Draw(rt, "lost"))
			},
			"send any part, with or without its answer": func(rt *rapid.T) {
				m := pick(rt)
				if len(m.plays) == 0 {
					return
				}
				at := rapid.IntRange(0, len(m.plays)-1).Draw(rt, "from")
				to := rapid.IntRange(at+1, min(len(m.plays), at+30)).Draw(rt, "to")
				ack, err := s.send(m.batch(at, to), m.key)
				if err != nil {
					rt.Fatalf("send: %v", err)
				}
				if ack.Through > m.last() || (ack.Want == 0) != (ack.Through >= m.plays[to-1].Seq) {
					rt.Fatalf("plays %d to %d: answer %+v", at+1, to, ack)
				}
				if rapid.Bool().Draw(rt, "answered") {
					m.heed(ack)
				}
			},
			"send at once": func(*rapid.T) {
				var all sync.WaitGroup
				for _, m := range machines {
					if n := len(m.plays); n > 0 {
						all.Go(func() { _, _ = s.send(m.batch(0, min(n, 64)), m.key) })
						all.Go(func() { _, _ = s.send(m.batch(n/2, min(n, n/2+64)), m.key) })
					}
				}
				all.Wait()
			},
			"link":    func(rt *rapid.T) { pick(rt).hello(rt, s) },
			"restart": func(*rapid.T) { s.restart() },
		})
		var want []string
		for _, m := range machines {
			m.hello(rt, s)
			m.sync(rt, s, 64)
			want = append(want, m.all()...)
		}
		slices.Sort(want)
		if diff := cmp.Diff(s.stored(rt), want); diff != "" {
			rt.Fatalf("stored plays (-got +want):\n%s", diff)
		}
		if len(s.alarms) > 0 {
			rt.Fatalf("alarms: %v", s.alarms)
		}
	})
}

// A copied disk: both machines play on with one identity, linked by turns. Nothing is lost, nothing is
// counted twice, what they had in common is there once, and staff are told.
func TestCopiedDisks(t *testing.T) {
	root, runs := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		s := newSite(t, fmt.Sprintf("%s/%d", root, runs))
		defer s.close()
		first := newMachine("first")
		first.show(rapid.IntRange(0, 40).Draw(rt, "common"), 0)
		if rapid.Bool().Draw(rt, "linked before") {
			first.sync(rt, s, 16)
		}
		machines := []*machine{first, first.clone("second"), first.clone("third")}[:rapid.IntRange(2, 3).Draw(rt, "machines")]
		want := first.all()
		common := len(want)
		limit := rapid.SampledFrom([]int{1, 5, 64}).Draw(rt, "batch")
		linked := map[*machine]bool{}
		rt.Repeat(map[string]func(*rapid.T){
			"show": func(rt *rapid.T) {
				m := rapid.SampledFrom(machines).Draw(rt, "machine")
				n := rapid.IntRange(1, 40).Draw(rt, "plays")
				m.show(n, rapid.SampledFrom([]int{0, 0, 3}).Draw(rt, "lost"))
				want = append(want, m.all()[len(m.plays)-n:]...)
			},
			"link": func(rt *rapid.T) {
				m := rapid.SampledFrom(machines).Draw(rt, "machine")
				m.hello(rt, s)
				m.sync(rt, s, limit)
				linked[m] = true
			},
			"restart": func(*rapid.T) { s.restart() },
		})
		for range 2 {
			for _, m := range machines {
				m.hello(rt, s)
				m.sync(rt, s, limit)
			}
		}
		slices.Sort(want)
		if diff := cmp.Diff(s.stored(rt), want); diff != "" {
			rt.Fatalf("%d in common; stored plays (-got +want):\n%s", common, diff)
		}
	})
}

func TestStaffAreToldOfACopiedDisk(t *testing.T) {
	s := newSite(t, t.TempDir())
	defer func() { s.close() }()
	one := newMachine("one")
	one.show(10, 0)
	two := one.clone("two")
	one.show(5, 0)
	two.show(9, 0)
	for range 2 {
		for _, m := range []*machine{one, two} {
			m.hello(t, s)
			m.sync(t, s, 64)
		}
	}
	if len(s.alarms) != 1 || !strings.Contains(s.alarms[0], "two different plays number 11") {
		t.Errorf("alarms: %q, want one, about play 11", s.alarms)
	}
	w, err := s.store.Watermark(t.Context(), intake.Branch(one.stream, 1))
	if err != nil || w.Branch != one.stream || w.Through != 19 {
		t.Errorf("branch: %+v, %v; want one of %s through 19", w, err, one.stream)
	}
	s.restart()
	two.show(1, 0)
	two.hello(t, s)
	two.sync(t, s, 64)
	if len(s.alarms) != 2 {
		t.Errorf("alarms after a restart: %q, want another", s.alarms)
	}
}

// A player that has forgotten what it sent was set up from an old copy of its disk; one that cannot read its
// journal, or has all of it, was not.
func TestStaffAreToldOfAnOldCopy(t *testing.T) {
	for _, row := range []struct {
		what string
		has  func(m *machine) wire.State
		told bool
	}{
		{"all that it sent", func(m *machine) wire.State { return wire.State{Journal: 20, Chain: m.chains[20]} }, false},
		{"half of it", func(m *machine) wire.State { return wire.State{Journal: 10, Chain: m.chains[10]} }, true},
		{"nothing yet", func(m *machine) wire.State { return wire.State{Chain: m.chains[0]} }, true},
		{"a journal that it cannot read", func(*machine) wire.State { return wire.State{} }, false},
		{"more than it sent", func(m *machine) wire.State { return wire.State{Journal: 30, Chain: m.chains[30]} }, false},
	} {
		t.Run(row.what, func(t *testing.T) {
			s := newSite(t, t.TempDir())
			defer s.close()
			one := newMachine("one")
			one.show(30, 0)
			accept(t, s, one, 0, 20)
			through, err := s.intake.Resume(t.Context(), wire.PlayerIDOf(one.key.Public().(ed25519.PublicKey)), one.stream, row.has(one))
			if told := len(s.alarms) > 0; err != nil || through != 20 || told != row.told {
				t.Errorf("through %d, %v, alarms %q; want through 20, and to be told: %t", through, err, s.alarms, row.told)
			}
		})
	}
}

// Without a hello to go by, plays of a second machine that begin after the two parted are still kept.
func TestUnknownPast(t *testing.T) {
	s := newSite(t, t.TempDir())
	defer s.close()
	one := newMachine("one")
	one.show(10, 0)
	two := one.clone("two")
	one.show(10, 0)
	two.show(10, 0)
	accept(t, s, one, 0, 20)
	accept(t, s, two, 15, 20)
	if got := len(s.stored(t)); got != 25 {
		t.Errorf("%d plays stored, want 20 of one and 5 of two", got)
	}
	if ack := accept(t, s, two, 15, 20); ack.Through != 20 {
		t.Errorf("the same again: %+v", ack)
	}
}

func TestRefused(t *testing.T) {
	s := newSite(t, t.TempDir())
	defer s.close()
	one, thief := newMachine("one"), newMachine("thief")
	one.show(5, 0)
	accept(t, s, one, 0, 5)
	thief.stream, thief.chains = one.stream, one.chains[:1]
	thief.show(5, 0)
	if _, err := s.send(thief.batch(0, 5), thief.key); !errors.Is(err, playlists.ErrDenied) {
		t.Errorf("plays for another player's stream: %v, want denied", err)
	}
	good := one.batch(0, 5)
	for what, spoil := range map[string]func(*wire.Batch){
		"a play changed":  func(b *wire.Batch) { b.Plays[2].Shown++ },
		"a play left out": func(b *wire.Batch) { b.Plays = b.Plays[:4] },
		"another's name":  func(b *wire.Batch) { b.Player = wire.PlayerIDOf(thief.key.Public().(ed25519.PublicKey)) },
		"another chain":   func(b *wire.Batch) { b.After = make([]byte, 32) },
		"no signature":    func(b *wire.Batch) { b.Signature = nil },
	} {
		bad := good
		bad.Plays = slices.Clone(good.Plays)
		spoil(&bad)
		if _, err := s.send(bad, one.key); !errors.Is(err, playlists.ErrDenied) && !errors.Is(err, playlists.ErrInvalid) {
			t.Errorf("%s: got %v, want denied or invalid", what, err)
		}
	}
	if got := len(s.stored(t)); got != 5 {
		t.Errorf("%d plays stored, want the 5 good ones", got)
	}
}

// spy is a store that counts and spoils appends.
type spy struct {
	store.Plays

	mu      sync.Mutex
	calls   int
	batches int
	before  func([]store.Batch) error
	after   func() error
}

func (s *spy) Append(ctx context.Context, batches []store.Batch) error {
	s.mu.Lock()
	s.calls++
	s.batches += len(batches)
	s.mu.Unlock()
	if s.before != nil {
		if err := s.before(batches); err != nil {
			return err
		}
	}
	if err := s.Plays.Append(ctx, batches); err != nil {
		return err
	}
	if s.after != nil {
		return s.after()
	}
	return nil
}

// spied is a site whose store is spied on.
func spied(t *testing.T, over *spy) *site {
	t.Helper()
	s := newSite(t, t.TempDir())
	s.stop()
	over.Plays = s.store
	s.run(over)
	t.Cleanup(s.close)
	return s
}

func TestBatchesOfManyPlayersShareATransaction(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	first := true
	over := &spy{before: func([]store.Batch) error {
		if first {
			first = false
			close(begun)
			<-goOn
		}
		return nil
	}}
	s := spied(t, over)
	const players = 50
	var all sync.WaitGroup
	send := func(n int) {
		m := newMachine(fmt.Sprintf("m%d", n))
		m.show(3, 0)
		all.Go(func() {
			if _, err := s.send(m.batch(0, 3), m.key); err != nil {
				t.Errorf("send: %v", err)
			}
		})
	}
	send(0)
	<-begun
	for n := range players {
		send(n + 1)
	}
	close(goOn)
	all.Wait()
	if over.calls > players/2 || over.batches != players+1 {
		t.Errorf("%d transactions for %d batches", over.calls, over.batches)
	}
}

func TestOneBadBatchHoldsUpNobody(t *testing.T) {
	bad := newMachine("bad")
	over := &spy{}
	over.before = func(batches []store.Batch) error {
		for _, b := range batches {
			if b.Stream == bad.stream {
				return fmt.Errorf("%w: bad", playlists.ErrInvalid)
			}
		}
		return nil
	}
	s := spied(t, over)
	var all sync.WaitGroup
	for n := range 20 {
		m := newMachine(fmt.Sprintf("m%d", n))
		if n%5 == 0 {
			m = bad.clone("bad")
		}
		m.show(1, 0)
		all.Go(func() {
			if _, err := s.send(m.batch(0, 1), m.key); (err != nil) != (m.stream == bad.stream) {
				t.Errorf("%s: %v", m.name, err)
			}
		})
	}
	all.Wait()
}

// The controller dies, or its disk fails, after the commit and before the answer.
func TestCommittedButNotAcknowledged(t *testing.T) {
	broken := errors.New("disk says no")
	over := &spy{after: func() error { return broken }}
	s := spied(t, over)
	m := newMachine("one")
	m.show(3, 0)
	if _, err := s.send(m.batch(0, 3), m.key); !errors.Is(err, broken) {
		t.Fatalf("got %v, want the store's error", err)
	}
	over.after = nil
	m.show(2, 0)
	if ack, err := s.send(m.batch(0, 5), m.key); err != nil || ack.Through != 5 {
		t.Errorf("the same and two more: %+v, %v", ack, err)
	}
	if got := len(s.stored(t)); got != 5 {
		t.Errorf("%d plays stored, want 5", got)
	}
}

func TestStopped(t *testing.T) {
	s := newSite(t, t.TempDir())
	m := newMachine("one")
	m.show(1, 0)
	s.stop()
	if _, err := s.send(m.batch(0, 1), m.key); !errors.Is(err, intake.ErrStopped) {
		t.Errorf("after the end: %v", err)
	}
	if err := s.store.Close(); err != nil {
		t.Error(err)
	}
}

func TestAcceptHeedsItsContext(t *testing.T) {
	s := newSite(t, t.TempDir())
	defer s.close()
	m := newMachine("one")
	m.show(1, 0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.intake.Accept(ctx, m.key.Public().(ed25519.PublicKey), m.batch(0, 1)); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestMetricsAreRegisteredOnce(t *testing.T) {
	r := prometheus.NewRegistry()
	if _, err := intake.New(intake.Config{Metrics: r}); err != nil {
		t.Fatal(err)
	}
	if _, err := intake.New(intake.Config{Metrics: r}); err == nil {
		t.Error("a second intake on the same registry was not refused")
	}
}
