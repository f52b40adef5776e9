// Package player is the player as a value: what holds identity, cache and evidence, and cues a stage.
//
// It boots from plain files and plays: nothing on the way to the first picture needs a network, a
// database or a set clock. One goroutine, the loop, owns what shows and what was shown; the others wait
// for disks and networks on its behalf and bring it news.
package player

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"anteroom/player/cache"
	"anteroom/player/clock"
	"anteroom/player/disk"
	"anteroom/player/identity"
	"anteroom/player/journal"
	"anteroom/player/link"
	"anteroom/player/playback"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// Stage is what draws. Its events begin with Ready, each time that it has started; Gone comes when it
// has ended. Before the first Ready it tells, if that is known, what the stages of earlier agents drew, and
// they are gone by then. Send never waits; events are taken until Run has returned.
type Stage interface {
	Run(ctx context.Context) error
	Send(o playback.Order)
	// Restart ends the stage that runs, if one does; another one starts. It never waits.
	Restart()
	Events() <-chan playback.Event
}

// Config is what a player needs; only Data and Stage must be given.
type Config struct {
	// Controller is the controller's URL; without one the slate says how to set it, in the words of
	// Advice.
	Controller string
	Advice     []string
	// Data is the directory of everything that lasts; one process at a time.
	Data  string
	Stage Stage
	// Abilities hold until the stage has said its own size and renderer.
	Abilities playlists.Abilities
	// Software is the version of the player's program.
	Software string
	// Wall, Mono (CLOCK_MONOTONIC in nanoseconds, as the stage reads it) and Boot default to the
	// machine's; Floor is an instant that has certainly passed.
	Wall  func() time.Time
	Mono  func() int64
	Boot  playlists.BootID
	Floor time.Time
	// PlainHTTP, TLS, Dial and Jitter are the link's.
	PlainHTTP bool
	TLS       *tls.Config
	Dial      func(ctx context.Context, network, address string) (net.Conn, error)
	Jitter    func() float64
	// CacheQuota and JournalQuota are in bytes; 0 means the packages' defaults.
	CacheQuota   int64
	JournalQuota int64
	// Probe reads a journal file in a child process; nil does it in this one.
	Probe func(path string) error
	// NoSync trusts the machine not to lose power; for simulations.
	NoSync bool
	// SendEvery is how long plays may wait for their batch; 0 means [wire.BatchEvery]. Simulations of
	// many players wait longer.
	SendEvery time.Duration
	// Status offers the player's state on a socket in Data, for `player status`.
	Status bool
	// Log; nil discards.
	Log *slog.Logger
}

// Player is a player; New makes it, Run runs it, once.
type Player struct {
	cfg      Config
	log      *slog.Logger
	lock     *os.File
	identity *identity.Identity
	clock    *clock.Clock
	cache    *cache.Cache
	journal  *journal.Journal
	link     *link.Link // nil without a controller
	damages  damages

	inbox   chan func()   // news for the loop
	stopped chan struct{} // closed when the loop has ended
	redial  chan struct{} // the hello would be another now
	sender  chan senderNews
	fetcher fetcher
	started chan struct{} // closed at the first Ready
	ready   sync.Once
	shared  shared
	loop    loop
	pending sync.WaitGroup // pictures under way to the controller
}

// shared is what other goroutines read of the loop's state.
type shared struct {
	mu        sync.Mutex
	state     wire.State
	show      *playback.Show // that of the programme in force; nil before the first
	abilities playlists.Abilities
	told      playlists.Abilities // those of the last hello
	stream    playlists.StreamID  // that of the last hello
}

// New opens what lasts and reads what to show; it reaches for nothing beyond Data.
func New(cfg Config) (*Player, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	p := &Player{
		cfg: cfg, log: cfg.Log, inbox: make(chan func(), 16), stopped: make(chan struct{}),
		redial: make(chan struct{}, 1), sender: make(chan senderNews, 16), started: make(chan struct{}),
	}
	p.shared.abilities = cfg.Abilities
	p.fetcher.kick = make(chan struct{}, 1)
	if err := p.open(); err != nil {
		return nil, errors.Join(err, p.unlock())
	}
	return p, nil
}

func (c *Config) complete() error {
	if c.Data == "" || c.Stage == nil {
		return fmt.Errorf("%w: a player needs a data directory and a stage", playlists.ErrInvalid)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Wall == nil {
		c.Wall = time.Now
	}
	if c.Mono == nil {
		c.Mono = clock.Monotonic
	}
	if c.SendEvery == 0 {
		c.SendEvery = wire.BatchEvery
	}
	if c.Boot != "" {
		return nil
	}
	boot, err := clock.Boot()
	c.Boot = boot
	return err
}

func (p *Player) open() error {
	if err := p.takeLock(); err != nil {
		return err
	}
	var err error
	if p.identity, err = identity.Open(filepath.Join(p.cfg.Data, "identity")); err != nil {
		return fmt.Errorf("starting player: %w", err)
	}
	if p.cache, err = cache.Open(cache.Config{Dir: filepath.Join(p.cfg.Data, "cache"), Quota: p.cfg.CacheQuota, Damaged: p.damages.found, Log: p.log}); err != nil {
		return fmt.Errorf("starting player: %w", err)
	}
	p.clock = clock.New(p.clockConfig())
	p.journal = journal.New(journal.Config{
		Dir: filepath.Join(p.cfg.Data, "journal"), Boot: p.cfg.Boot, Now: p.now, Mono: p.cfg.Mono,
		Screen: p.identity.Screen, Retime: p.retime, Quota: p.cfg.JournalQuota, Probe: p.cfg.Probe, NoSync: p.cfg.NoSync, Damaged: p.damages.found, Log: p.log,
	})
	p.begin()
	if p.cfg.Controller == "" {
		return nil
	}
	p.link, err = link.New(link.Config{
		URL: p.cfg.Controller, Identity: p.identity, Clock: p.clock, Handler: (*news)(p), State: p.helloState,
		Abilities: p.helloAbilities, Stream: p.helloStream, Software: p.cfg.Software, PlainHTTP: p.cfg.PlainHTTP,
		TLS: p.cfg.TLS, Dial: p.cfg.Dial, Jitter: p.cfg.Jitter, Log: p.log,
	})
	if err != nil {
		return fmt.Errorf("starting player: %w", err)
	}
	return nil
}

// now is the time as far as it is known.
func (p *Player) now() time.Time {
	t, _ := p.clock.Now()
	return t
}

// takeLock makes sure that one process at a time uses the data. It locks the directory itself: a disk that is
// full or read-only gives no file for that.
func (p *Player) takeLock() error {
	if err := disk.MakeDir(p.cfg.Data); err != nil {
		return fmt.Errorf("starting player: %w", err)
	}
	file, err := os.Open(p.cfg.Data)
	if err != nil {
		return fmt.Errorf("starting player: %w", err)
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return errors.Join(fmt.Errorf("starting player: another player uses %s: stop it first", p.cfg.Data), file.Close())
	}
	p.lock = file
	return nil
}

func (p *Player) unlock() error {
	if p.lock == nil {
		return nil
	}
	return p.lock.Close()
}

// Run plays until ctx ends; what was shown by then is on disk when it returns.
func (p *Player) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	stageCtx, stopStage := context.WithCancel(context.WithoutCancel(ctx))
	defer stopStage()
	over := make(chan struct{})
	g.Go(func() error {
		defer close(over)
		return p.cfg.Stage.Run(stageCtx)
	})
	g.Go(func() error {
		defer close(p.stopped)
		p.play(ctx)
		p.finish(ctx, stopStage, over)
		return nil
	})
	g.Go(func() error { return p.keepJournal(ctx) })
	g.Go(func() error { return p.fetch(ctx) })
	if p.link != nil {
		g.Go(func() error { return p.stayLinked(ctx) })
		g.Go(func() error { return p.send(ctx) })
	}
	if p.cfg.Status {
		g.Go(func() error { return p.serveStatus(ctx) })
	}
	err := g.Wait()
	p.pending.Wait()
	p.leave()
	return errors.Join(err, p.unlock())
}

// leave writes what is left; a disk that refuses it is no reason not to stop.
func (p *Player) leave() {
	if err := p.journal.Close(); err != nil {
		_, plays := p.journal.Unkept()
		p.log.Error("journal not closed", slog.Uint64("plays_lost", plays), slog.Any("error", err))
	}
	if err := p.saveClock(); err != nil {
		p.log.Warn("clock not kept", slog.Any("error", err))
	}
}

// post brings news to the loop, which alone changes what shows; it is lost once the loop has ended.
func (p *Player) post(news func()) {
	select {
	case p.inbox <- news:
	case <-p.stopped:
	}
}

// stayLinked keeps the link; it waits for the stage, so that the controller learns its size at once.
func (p *Player) stayLinked(ctx context.Context) error {
	wait := time.NewTimer(5 * time.Second)
	defer wait.Stop()
	select {
	case <-p.started:
	case <-wait.C:
	case <-ctx.Done():
	}
	for ctx.Err() == nil {
		if err := p.linkOnce(ctx); err != nil {
			return err
		}
	}
	return nil
}

// linkOnce runs the link until the hello would be another.
func (p *Player) linkOnce(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	linkCtx, cancel := context.WithCancel(ctx)
	g.Go(func() error {
		defer cancel()
		select {
		case <-p.redial:
		case <-ctx.Done():
		}
		return nil
	})
	g.Go(func() error { return p.link.Run(linkCtx) })
	return g.Wait()
}

// keepJournal opens the journal beside the first picture, not before it.
func (p *Player) keepJournal(ctx context.Context) error {
	if key, ok := p.identity.Controller(); ok {
		if err := p.journal.Bind(wire.ControllerIDOf(key)); err != nil {
			p.log.WarnContext(ctx, "journal not opened", slog.Any("error", err))
		}
	}
	if _, err := p.journal.State(); err != nil {
		p.log.WarnContext(ctx, "journal not opened", slog.Any("error", err))
	}
	return p.journal.Run(ctx)
}
