package intake_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"testing"
	"time"

	"anteroom/controller/intake"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
}

// site is a controller's intake and store, which can be restarted.
type site struct {
	t      testing.TB
	dir    string
	store  store.Store
	intake *intake.Intake
	alarms []string
	stop   func()
}

func newSite(tb testing.TB, dir string) *site {
	tb.Helper()
	s := &site{t: tb, dir: dir}
	s.start()
	return s
}

func (s *site) start() {
	opened, err := bolt.Open(context.Background(), bolt.Config{Dir: s.dir, NoSync: true})
	if err != nil {
		s.t.Fatalf("opening the store: %v", err)
	}
	s.store = opened
	s.run(opened)
}

// run starts an intake over plays.
func (s *site) run(plays store.Plays) {
	i, err := intake.New(intake.Config{Store: plays, Alarm: func(_ playlists.PlayerID, note playlists.Remark) { s.alarms = append(s.alarms, note.Text) }})
	if err != nil {
		s.t.Fatalf("making the intake: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- i.Run(ctx) }()
	s.intake = i
	s.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			s.t.Fatalf("run: %v", err)
		}
	}
}

func (s *site) close() {
	s.stop()
	if err := s.store.Close(); err != nil {
		s.t.Fatalf("closing the store: %v", err)
	}
}

func (s *site) restart() {
	s.close()
	s.start()
}

// stored is every play there is, as text with its chain apart: the same play twice is there twice.
func (s *site) stored(t tester) []string {
	t.Helper()
	var all []string
	for p, err := range s.store.Scan(context.Background(), time.Time{}, noon().AddDate(50, 0, 0)) {
		if err != nil {
			t.Fatalf("scan: %v", err)
		}
		all = append(all, textOf(&p.Play))
	}
	slices.Sort(all)
	return all
}

// textOf tells plays apart: machines of the tests never make the same item twice.
func textOf(p *playlists.Play) string { return fmt.Sprintf("%s %d-%d", p.Item, firstOf(p), p.Seq) }

func firstOf(p *playlists.Play) uint64 { return p.Seq - uint64(max(p.Lost, 1)) + 1 }

func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// machine is a player's journal in memory: what it shows is numbered and chained, and sent until it is
// acknowledged, as the real journal does it.
type machine struct {
	name   string
	key    ed25519.PrivateKey
	stream playlists.StreamID
	plays  []playlists.Play
	chains [][]byte // before each play, and after the last
	acked  uint64
	made   int
}

func newMachine(name string) *machine {
	seed := make([]byte, ed25519.SeedSize)
	copy(seed, name)
	m := &machine{name: name, key: ed25519.NewKeyFromSeed(seed)}
	m.renew()
	return m
}

// renew begins a new stream, as a journal does whose old one cannot go on.
func (m *machine) renew() {
	m.stream = playlists.StreamID(fmt.Sprintf("%032x", []byte(fmt.Sprintf("%-12.12s%04d", m.name, m.made))))[:32]
	start, err := wire.ChainStart(m.stream)
	if err != nil {
		panic(err)
	}
	m.plays, m.chains, m.acked = nil, [][]byte{start}, 0
}

// clone copies the disk.
func (m *machine) clone(name string) *machine {
	c := *m
	c.name, c.plays, c.chains = name, slices.Clone(m.plays), slices.Clone(m.chains)
	return &c
}

func (m *machine) last() uint64 {
	if len(m.plays) == 0 {
		return 0
	}
	return m.plays[len(m.plays)-1].Seq
}

// show records plays; lost, if above 0, makes the first a gap record.
func (m *machine) show(n, lost int) {
	for k := range n {
		m.made++
		p := playlists.Play{
			Seq: m.last() + 1, Screen: "lobby", Item: playlists.ItemID(fmt.Sprintf("%s-%d", m.name, m.made)),
			Start: noon().Add(time.Duration(m.made) * 10 * time.Second), Shown: 10_000, Planned: 10_000, Outcome: playlists.Complete,
		}
		if k == 0 && lost > 0 {
			p.Seq, p.Lost, p.Gap = m.last()+uint64(lost), lost, "lost"
		}
		m.plays = append(m.plays, p)
		m.chains = append(m.chains, wire.Chain(m.chains[len(m.chains)-1], p))
	}
}

// all lists what the machine has shown in its present stream.
func (m *machine) all() []string {
	var all []string
	for i := range m.plays {
		all = append(all, textOf(&m.plays[i]))
	}
	return all
}

// batch signs plays from index at to index to.
func (m *machine) batch(at, to int) wire.Batch {
	b, err := wire.NewBatch(m.key, m.stream, m.chains[at], slices.Clone(m.plays[at:to]))
	if err != nil {
		panic(err)
	}
	return b
}

// index is the index of the play after number seq.
func (m *machine) index(seq uint64) int {
	return slices.IndexFunc(append(slices.Clone(m.plays), playlists.Play{Seq: m.last() + 1}), func(p playlists.Play) bool { return p.Seq > seq })
}

func (s *site) send(b wire.Batch, key ed25519.PrivateKey) (wire.Ack, error) {
	return s.intake.Accept(context.Background(), key.Public().(ed25519.PublicKey), b)
}

// hello tells the controller what the machine has, and takes its word on what is known.
func (m *machine) hello(t tester, s *site) {
	t.Helper()
	state := wire.State{Journal: m.last(), Chain: m.chains[len(m.chains)-1]}
	if len(m.plays) > 0 {
		state.Kept = firstOf(&m.plays[0])
	}
	known, err := s.intake.Resume(context.Background(), wire.PlayerIDOf(m.key.Public().(ed25519.PublicKey)), m.stream, state)
	if err != nil {
		t.Fatalf("resume: %v", err)
	}
	if known > m.last() {
		m.renew()
		return
	}
	m.acked = known
}

// sync sends until all is acknowledged.
func (m *machine) sync(t tester, s *site, limit int) {
	t.Helper()
	for range 1000 {
		if m.acked >= m.last() {
			return
		}
		at := m.index(m.acked)
		ack, err := s.send(m.batch(at, min(at+limit, len(m.plays))), m.key)
		if err != nil {
			t.Fatalf("%s sends from play %d: %v", m.name, m.acked+1, err)
		}
		m.heed(ack)
	}
	t.Fatalf("%s: not all acknowledged after 1,000 batches: %d of %d", m.name, m.acked, m.last())
}

func (m *machine) heed(a wire.Ack) {
	switch {
	case a.Want > 0:
		m.acked = a.Want - 1
	case a.Through > m.acked:
		m.acked = a.Through
	}
}

func sameChain(a, b []byte) bool { return bytes.Equal(a, b) }
