//go:build !e2e

package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"anteroom/controller/content"
	"anteroom/controller/intake"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/player/cache"
	"anteroom/player/identity"
	"anteroom/player/journal"
	"anteroom/playlists"
	"anteroom/playlists/playliststest/faulttest"
	"anteroom/playlists/wire"
)

// rig is what a player and a controller keep on their disks, with the way of a play and of an asset between
// them and nothing else.
type rig struct {
	dir      string
	identity *identity.Identity
	cache    *cache.Cache
	journal  *journal.Journal
	store    *bolt.Store
	content  *content.Content
	intake   *intake.Intake
	log      *bytes.Buffer

	mu     sync.Mutex
	alarms []string
	now    time.Time
	began  time.Time
	stop   func() error
}

// The two disks of a rig.
const (
	agentDisk      = "agent"
	controllerDisk = "controller"
)

// openRig opens both sides as the n-th start does. The clock of every start is a few hours later.
func openRig(dir string, start int, probe bool) (*rig, error) {
	began := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC).Add(time.Duration(start) * 3 * time.Hour)
	r := &rig{dir: dir, now: began, began: began, log: &bytes.Buffer{}}
	agent, controller := filepath.Join(dir, agentDisk), filepath.Join(dir, controllerDisk)
	log := slog.New(slog.NewTextHandler(&locked{mu: &r.mu, w: r.log}, nil))
	var err error
	if r.identity, err = identity.Open(filepath.Join(agent, "identity")); err != nil {
		return nil, err
	}
	if r.cache, err = cache.Open(cache.Config{Dir: filepath.Join(agent, "cache"), Log: log, Free: func(string) (int64, error) { return 1 << 40, nil }}); err != nil {
		return nil, err
	}
	own, theirs := journal.Config{
		Dir: filepath.Join(agent, "journal"), Boot: playlists.BootID(fmt.Sprint("boot-", start)), Now: r.clock,
		Mono: func() int64 { return int64(r.clock().Sub(began)) }, Log: log,
	}, bolt.Config{Dir: filepath.Join(controller, "store"), Log: log}
	if probe {
		own.Probe, theirs.Probe = journal.ProbeWith(probing("journal")...), bolt.ProbeWith(probing("store")...)
	}
	r.journal = journal.New(own)
	if r.content, err = content.Open(filepath.Join(controller, "content")); err != nil {
		return nil, err
	}
	if r.store, err = bolt.Open(context.Background(), theirs); err != nil {
		return nil, err
	}
	return r, r.takeIn(log)
}

// takeIn runs the intake.
func (r *rig) takeIn(log *slog.Logger) (err error) {
	r.intake, err = intake.New(intake.Config{Store: r.store, Log: log, Alarm: func(_ playlists.PlayerID, note playlists.Remark) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.alarms = append(r.alarms, note.Text)
	}})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.intake.Run(ctx) }()
	r.stop = func() error {
		cancel()
		return <-ended
	}
	return nil
}

func (r *rig) close() error {
	return errors.Join(r.journal.Close(), r.stop(), r.store.Close())
}

// locked is a writer for several goroutines.
type locked struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rig) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

// show is play number id, from its open mark to its durable record.
func (r *rig) show(id int) error {
	p := playlists.Play{
		Screen: "lobby", Item: "item", Region: "main", Start: r.clock(), Boot: playlists.BootID("boot"),
		Mono: r.clock().Sub(r.began).Milliseconds(), Planned: 10_000, Version: id,
	}
	r.journal.Open(uint64(id), p, p.Start)
	if err := r.journal.Commit(); err != nil {
		return err
	}
	r.journal.Begin(uint64(id), p, p.Start)
	r.pass(10 * time.Minute)
	p.Outcome, p.Shown = playlists.Complete, 10_000
	r.journal.End(uint64(id), p)
	return r.journal.Commit()
}

// hello tells the controller what the player has, and takes its word on what is known.
func (r *rig) hello() error {
	s, err := r.journal.State()
	if err != nil {
		return err
	}
	known, err := r.intake.Resume(context.Background(), r.identity.Player(), s.Stream, wire.State{Journal: s.Last, Chain: s.Chain, Kept: s.Kept})
	if err != nil {
		return err
	}
	return r.journal.Known(s.Stream, known)
}

// send brings one batch across, if there is one, and gives how far its stream is acknowledged.
func (r *rig) send(limit int, acked func(wire.Ack)) (sent bool, err error) {
	s, err := r.journal.Next(limit)
	if err != nil || len(s.Plays) == 0 {
		return false, err
	}
	key := r.identity.Key()
	b, err := wire.NewBatch(key, s.Stream, s.Before, s.Plays)
	if err != nil {
		return false, err
	}
	public, _ := key.Public().(ed25519.PublicKey)
	ack, err := r.intake.Accept(context.Background(), public, b)
	if err != nil {
		return false, err
	}
	acked(ack)
	return true, r.journal.Acknowledge(ack)
}

// asset is a slide of some kilobytes.
func asset(id int) []byte {
	return fmt.Appendf(nil, `{"slide":%q}`, bytes.Repeat(fmt.Appendf(nil, "%d ", id), 2000))
}

// fetch has an asset cached out of the controller's content.
func (r *rig) fetch(id int) error {
	b := asset(id)
	a := playlists.Asset{Digest: wire.DigestOf(b), Medium: playlists.Slide, Bytes: int64(len(b))}
	return r.cache.Get(context.Background(), a, func(_ context.Context, d playlists.Digest, offset int64) (io.ReadCloser, int64, error) {
		f, total, err := r.content.Open(d)
		if err != nil {
			return nil, 0, err
		}
		_, err = f.Seek(offset, io.SeekStart)
		return f, total, err
	})
}

// head makes head number id current, with its body.
func (r *rig) head(id int) error {
	if err := r.cache.SaveBody(wire.DigestOf(asset(-id)), asset(-id)); err != nil {
		return err
	}
	if err := r.cache.Save(cache.Offered, wire.Signed{Bytes: fmt.Appendf(nil, "%d", id), Signature: []byte("signature")}); err != nil {
		return err
	}
	return r.cache.Promote()
}

func (r *rig) current() (int, error) {
	s, err := r.cache.Load(cache.Current)
	if errors.Is(err, playlists.ErrNotFound) {
		return 0, nil
	}
	var id int
	if err == nil {
		_, err = fmt.Sscan(string(s.Bytes), &id)
	}
	return id, err
}

func (r *rig) document(id int) error {
	return r.store.Update(context.Background(), func(tx store.Tx) error {
		_, err := tx.Put("item", fmt.Sprint(id), 0, "ada", fmt.Appendf(nil, `{"id":%d}`, id))
		return err
	})
}

// work does all that both sides do at once, until the power is cut, and says what it asks for and what was
// acknowledged: "ask play 7", "have play 7", and "took", a stream and how far the controller has it.
func (r *rig) work(c *faulttest.Child, first int) {
	for what, do := range map[string]func(id int) error{
		"play": r.show, "document": r.document, "head": r.head, "asset": r.fetch,
		"content": func(id int) error {
			_, _, err := r.content.Put(context.Background(), bytes.NewReader(asset(id)))
			return err
		},
	} {
		go func() {
			for id := first; ; id++ {
				c.Say("ask %s %d", what, id)
				err := do(id)
				for what == "asset" && errors.Is(err, playlists.ErrNotFound) { // not uploaded yet
					time.Sleep(time.Millisecond)
					err = do(id)
				}
				if err != nil {
					c.Say("broken %s %v", what, err)
					return
				}
				c.Say("have %s %d", what, id)
			}
		}()
	}
	go func() {
		err := r.hello()
		for err == nil {
			var sent bool
			sent, err = r.send(8, func(a wire.Ack) { c.Say("took %s %d", a.Stream, a.Through) })
			if !sent && err == nil {
				time.Sleep(time.Millisecond)
			}
		}
		c.Say("broken sender %v", err)
	}()
	select {}
}

// startOf tells a child the number of its start.
func startOf(dir string) (start int, err error) {
	b, err := os.ReadFile(filepath.Join(dir, "start"))
	if err == nil {
		_, err = fmt.Sscan(string(b), &start)
	}
	return start, err
}

func noteStart(t *testing.T, dir string, start int) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "start"), fmt.Append(nil, start), 0o600); err != nil {
		t.Fatal(err)
	}
}
