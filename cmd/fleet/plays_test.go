package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// BenchmarkPlays prints how many plays a second become durable through everything that a real play goes through: a
// websocket over TCP, the player's signature, the chain, the store with its fsync, the acknowledgement. Players are in this
// process, have signed their batches of 64 beforehand and send the next when the last is acknowledged; the
// controller is the real binary in a process of its own, whose time on processors is told as well, and that of the
// players, since they share the machine. At the end the plays in the store must be those that were sent.
// ANTEROOM_PLAYERS says how many players, ANTEROOM_BATCHES how many batches of each.
func BenchmarkPlays(b *testing.B) {
	n, batches, seed := setting(b, "ANTEROOM_PLAYERS", 500), setting(b, "ANTEROOM_BATCHES", 20), setting(b, "ANTEROOM_SEED", 1)
	for b.Loop() {
		m := &sending{served: newServed(b), seed: seed, batches: batches}
		m.players = n
		m.pairAll()
		m.sign(n)
		m.start()
		m.send()
		m.stop()
		m.compare()
	}
}

// sending is a controller and players with plays to send.
type sending struct {
	*served

	seed, batches int
	crowd         []sender
	waits         [][]time.Duration // of each player, for each of its acknowledgements
}

// sender is a player with its frames.
type sender struct {
	frames [][]byte
	chain  []byte // at the end
}

func (m *sending) plays() int { return len(m.crowd) * m.batches * wire.BatchPlays }

// sign makes all frames of n players, of plays that began today at midnight.
func (m *sending) sign(n int) {
	m.b.Helper()
	m.crowd, m.waits = make([]sender, n), make([][]time.Duration, n)
	midnight := time.Now().UTC().Truncate(24 * time.Hour)
	var all errgroup.Group
	all.SetLimit(2)
	for i := range n {
		all.Go(func() (err error) {
			m.crowd[i], err = m.signOne(i, newReel(m.seed, i, midnight))
			return err
		})
	}
	m.fail(all.Wait())
}

func (m *sending) signOne(i int, from *reel) (sender, error) {
	chain, err := wire.ChainStart(streamName(i))
	s := sender{chain: chain}
	for n := 0; n < m.batches && err == nil; n++ {
		plays := make([]playlists.Play, wire.BatchPlays)
		for k := range plays {
			plays[k] = from.next()
			plays[k].Seq = uint64(n*wire.BatchPlays + k + 1)
		}
		var batch wire.Batch
		if batch, err = wire.NewBatch(m.key(i), streamName(i), s.chain, plays); err != nil {
			break
		}
		var frame []byte
		frame, err = wire.EncodeBatch(batch)
		s.frames, s.chain = append(s.frames, frame), batch.After
	}
	return s, err
}

// send links all players and has them send all that they have.
func (m *sending) send() {
	m.b.Helper()
	links := make([]*websocket.Conn, len(m.crowd))
	var linking errgroup.Group
	linking.SetLimit(32)
	for i, s := range m.crowd {
		linking.Go(func() (err error) {
			links[i], err = m.hello(i, wire.State{Screen: screenName(i), Journal: uint64(m.batches * wire.BatchPlays), Chain: s.chain, Kept: 1})
			return err
		})
	}
	m.fail(linking.Wait())
	began, before, own, written := time.Now(), m.processor(), ownProcessor(), m.written()
	var all errgroup.Group
	for i := range m.crowd {
		all.Go(func() error { return m.sendAll(i, links[i]) })
	}
	m.fail(all.Wait())
	m.tell(time.Since(began), m.processor()-before, m.written()-written)
	m.b.ReportMetric(float64((ownProcessor()-own).Nanoseconds())/float64(m.plays()), "ns-players/play")
}

// ownProcessor is how long this process, with the players, has had a processor.
func ownProcessor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func (m *sending) sendAll(i int, ws *websocket.Conn) error {
	for n, frame := range m.crowd[i].frames {
		sent := time.Now()
		if err := ws.WriteMessage(websocket.BinaryMessage, frame); err != nil {
			return err
		}
		if err := acknowledged(ws, uint64((n+1)*wire.BatchPlays)); err != nil {
			return fmt.Errorf("player %d: %w", i, err)
		}
		m.waits[i] = append(m.waits[i], time.Since(sent))
	}
	return nil
}

// acknowledged waits until all plays through a number are durable.
func acknowledged(ws *websocket.Conn, through uint64) error {
	for {
		var e wire.Envelope
		if err := ws.ReadJSON(&e); err != nil {
			return err
		}
		switch {
		case e.Ack == nil:
		case e.Ack.Through == through && e.Ack.Want == 0:
			return nil
		default:
			return fmt.Errorf("play %d was acknowledged as %+v", through, *e.Ack)
		}
	}
}

func (m *sending) tell(took, processor time.Duration, written int64) {
	plays := float64(m.plays())
	wait := slices.Sorted(slices.Values(slices.Concat(m.waits...)))
	frames := 0
	for _, s := range m.crowd {
		for _, f := range s.frames {
			frames += len(f)
		}
	}
	m.b.Logf("seed %d, %d players, %d batches of %d plays each", m.seed, len(m.crowd), m.batches, wire.BatchPlays)
	m.b.ReportMetric(plays/took.Seconds(), "plays/s")
	m.b.ReportMetric(plays/processor.Seconds(), "plays/s/controller-core")
	m.b.ReportMetric(float64(processor.Nanoseconds())/plays, "ns-controller/play")
	m.b.ReportMetric(processor.Seconds()/took.Seconds(), "controller-cores")
	m.b.ReportMetric(float64(frames)/plays, "B/play-sent")
	m.b.ReportMetric(float64(written)/plays, "B/play-written")
	m.b.ReportMetric(float64(wait[len(wait)/2].Microseconds())/1000, "ms-median-ack")
	m.b.ReportMetric(float64(wait[len(wait)*99/100].Microseconds())/1000, "ms-p99-ack")
}

// compare holds what is stored against what was sent.
func (m *sending) compare() {
	m.b.Helper()
	s := m.store()
	defer func() { m.fail(s.Close()) }()
	counted, raw := 0, 0
	for r, err := range s.Rollups(context.Background(), time.UnixMilli(math.MinInt64/2), time.UnixMilli(math.MaxInt64/2)) {
		m.fail(err)
		counted += int(r.Count)
	}
	for _, err := range s.Scan(context.Background(), time.UnixMilli(math.MinInt64/2), time.UnixMilli(math.MaxInt64/2)) {
		m.fail(err)
		raw++
	}
	for i := range m.crowd {
		mark, err := s.Watermark(context.Background(), streamName(i))
		m.fail(err)
		if want := uint64(m.batches * wire.BatchPlays); mark.Through != want || !slices.Equal(mark.Chain, m.crowd[i].chain) {
			m.b.Fatalf("stream %d is known through %d with another chain or not through %d", i, mark.Through, want)
		}
	}
	if counted != m.plays() || raw != m.plays() {
		m.b.Fatalf("%d plays are counted and %d stored of %d that were sent", counted, raw, m.plays())
	}
	m.b.Logf("verified: %d plays sent, %d counted in rollups, %d read back, every stream's chain as its player has it", m.plays(), counted, raw)
	m.b.ReportMetric(float64(m.onDisk())/float64(m.plays()), "B/play-stored")
}

// onDisk is how much room the files of plays take.
func (s *served) onDisk() (bytes int64) {
	s.b.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "store", "plays-*.db"))
	s.fail(err)
	for _, f := range files {
		info, err := os.Stat(f)
		s.fail(err)
		bytes += info.Sys().(*syscall.Stat_t).Blocks * 512
	}
	return bytes
}
