package journal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"anteroom/playlists"
)

// Times and sizes that hold where Config says nothing.
const (
	// CommitEvery is how long an ended play may wait for its commit.
	CommitEvery = 5 * time.Second
	// DefaultKeep is how long acknowledged plays stay, so that a restored controller can ask again.
	DefaultKeep = 7 * 24 * time.Hour
	// DefaultQuota is how much disk the journal may use, in bytes.
	DefaultQuota = 256 << 20
	// tidyEvery is how often old files are looked at.
	tidyEvery = 10 * time.Minute
	// maxPending bounds the steps that wait in memory while the disk refuses them.
	maxPending = 20_000
)

// Config is what a journal needs.
type Config struct {
	// Dir is the journal's own directory; it is made.
	Dir  string
	Boot playlists.BootID
	// Now is the wall clock, for the days; Mono CLOCK_MONOTONIC in nanoseconds.
	Now  func() time.Time
	Mono func() int64
	// Screen is the place that gaps are told of; nil where there is none.
	Screen func() playlists.ScreenID
	// Retime gives a play, recorded in this boot while the clock was unset, its true time; false while
	// the clock is unset still. Until then such plays wait without a number. nil leaves all as they are.
	Retime func(p playlists.Play) (as playlists.Play, ok bool)
	// Quota in bytes and Keep bound what is kept; 0 means the defaults.
	Quota int64
	Keep  time.Duration
	// Probe reads a day file in a child process: see [ProbeWith]. nil probes in this process, as tests do.
	Probe func(path string) error
	// NoSync trusts the machine not to lose power; for simulations.
	NoSync bool
	// Damaged is told of files that were not as they had been written; nil tells nobody.
	Damaged func(path string)
	Log     *slog.Logger
}

// damaged tells of a file that was not as it had been written.
func (c *Config) damaged(path string) {
	if c.Damaged != nil {
		c.Damaged(path)
	}
}

// Journal keeps plays. It is safe for use by several goroutines.
type Journal struct {
	cfg   Config
	run   string
	queue queue
	// probeIndex reads the index and reports whether it can be believed.
	probeIndex func(path string) error

	early early
	found chan Found
	up    atomic.Bool // the files have been open once

	mu      sync.Mutex
	streams []*stream // nil while the files are closed; the last one is written to
	batch   []op      // taken from the queue, not durable yet
	dropped int       // plays that found no room in the queue, to be told of
	// doubt: a write failed, and what was read since need not be on the disk.
	doubt bool
	// unsaved: the index on disk lags behind.
	unsaved bool
	done    uint64 // how many steps of this run are durable
	// foreign are turns that were opened for another controller; their plays are nobody's.
	foreign map[uint64]bool
	// controller is whom the plays are for, once known; steps before number bound may be for another.
	controller playlists.ControllerID
	bound      uint64
}

// Found is what earlier runs left.
type Found struct {
	// Open are the turns that earlier runs of this boot opened and did not end. What became of them is
	// for whoever knows what was drawn: until End or Withdraw they stay as they are.
	Open []Orphan
	// Alive is the last instant of this boot at which an earlier run is known to have lived, in
	// nanoseconds; 0 if there is none.
	Alive int64
	// Recent are plays whose slots may still be on.
	Recent []playlists.Play
}

// Orphan is a turn without an end; Slot is its slot's start, Drawn whether its first picture was noted.
type Orphan struct {
	Turn  uint64
	Play  playlists.Play
	Slot  time.Time
	Drawn bool
}

// New makes a journal; nothing is opened before the first use, and no damage on disk is an error.
func New(cfg Config) *Journal {
	if cfg.Quota == 0 {
		cfg.Quota = DefaultQuota
	}
	if cfg.Keep == 0 {
		cfg.Keep = DefaultKeep
	}
	if cfg.Probe == nil {
		cfg.Probe = Probe
	}
	cfg.Probe = patient(cfg.Probe)
	return &Journal{
		cfg: cfg, run: rand.Text(), queue: queue{waiting: make(chan struct{}, 1), skipped: map[uint64]bool{}}, found: make(chan Found, 1),
		foreign: map[uint64]bool{}, probeIndex: patient(probeIndex),
	}
}

// Found gives, once, what earlier runs left, when the files are first open.
func (j *Journal) Found() <-chan Found { return j.found }

// Up reports whether the files have been open: before, whoever asks for [Journal.State] waits until they
// are probed.
func (j *Journal) Up() bool { return j.up.Load() }

// Open notes that a turn's scene is about to go to the stage; Secure must follow before it does.
func (j *Journal) Open(turn uint64, p playlists.Play, slot time.Time) {
	j.add(op{turn: turn, mark: &mark{Play: p, Slot: slot, Run: j.run}})
}

// Begin notes that a turn's first picture was drawn; p has its real start.
func (j *Journal) Begin(turn uint64, p playlists.Play, slot time.Time) {
	j.add(op{turn: turn, mark: &mark{Play: p, Slot: slot, Drawn: true, Run: j.run}})
}

// End notes a turn's final play; its number is given when it is written.
func (j *Journal) End(turn uint64, p playlists.Play) { j.add(op{turn: turn, play: &p}) }

// Withdraw notes that a turn's scene never began.
func (j *Journal) Withdraw(turn uint64) { j.add(op{turn: turn}) }

// Alive notes that the agent lives, so that an interrupted play can say how long it was shown.
func (j *Journal) Alive() { j.add(op{live: true}) }

// Lost notes plays that an earlier run, which is over, had in its memory alone ([Journal.Unkept]): a gap stands for
// them, once for each run.
func (j *Journal) Lost(run string, plays uint64) {
	if run == j.run || plays == 0 || !j.owe(run) {
		return
	}
	j.add(op{lost: &lost{run, plays}})
}

// owe reports whether a run's plays are not noted yet.
func (j *Journal) owe(run string) bool {
	j.queue.mu.Lock()
	defer j.queue.mu.Unlock()
	known := j.queue.owed == run
	j.queue.owed = run
	return !known
}

// Unkept names this run, and counts the plays that are lost if it ends now: those that were on the glass, or
// were told of with [Journal.Lost], and that the disk has not taken.
func (j *Journal) Unkept() (run string, plays uint64) { return j.run, j.queue.notKept() }

func (j *Journal) add(o op) { j.queue.add(o) }

// Commit writes what waits, and returns when it is durable. After an error it still waits, and the
// files are opened anew, through the probe, by the next call.
func (j *Journal) Commit() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.batch) == 0 && j.queue.empty() && !j.releasableLocked() {
		return nil
	}
	if err := j.openLocked(); err != nil {
		return err
	}
	if err := j.rollLocked(); err != nil {
		return j.poisonLocked(err)
	}
	ops, dropped := j.queue.take(maxPending - len(j.batch))
	j.batch, j.dropped = append(j.batch, ops...), j.dropped+dropped
	if err := j.head().update(j.applyLocked); err != nil {
		return j.poisonLocked(err)
	}
	j.done += uint64(len(j.batch))
	j.queue.kept(j.batch, j.dropped)
	j.batch, j.dropped = nil, 0
	return j.early.forget(j.done)
}

// applyLocked writes all that waits into one transaction.
func (j *Journal) applyLocked(w *writer) error {
	if err := j.releaseLocked(w); err != nil {
		return err
	}
	for _, o := range j.batch {
		if j.foreign[o.turn] {
			continue
		}
		if err := o.applyLocked(j, w); err != nil {
			return err
		}
	}
	if j.dropped > 0 {
		if err := w.add(j.lostPlay("the player's disk could not be written for too long", j.dropped)); err != nil {
			return err
		}
	}
	j.signLocked(&w.meta)
	w.meta.Ops += uint64(len(j.batch))
	return nil
}

// signLocked leaves this run's sign of life, and how many of its steps are durable.
func (j *Journal) signLocked(m *meta) {
	m.Boot, m.Alive = j.cfg.Boot, j.cfg.Mono()/int64(time.Millisecond)
	m.Run, m.Ops = j.run, j.done
}

// loseLocked writes the gap for plays that an earlier run lost, if it is not there yet.
func (j *Journal) loseLocked(w *writer, l *lost) error {
	if w.meta.Settled == l.Run {
		return nil
	}
	w.meta.Settled = l.Run
	return w.add(j.lostPlay("the player's disk could not be written, and then the player ended", int(l.Plays)))
}

// lostPlay stands for plays whose records are gone.
func (j *Journal) lostPlay(why string, lost int) playlists.Play {
	p := j.gapPlay(why, lost)
	p.Outcome = playlists.Lost
	return p
}

// gapPlay stands for numbers without plays of their own.
func (j *Journal) gapPlay(why string, lost int) playlists.Play {
	var screen playlists.ScreenID
	if j.cfg.Screen != nil {
		screen = j.cfg.Screen()
	}
	return playlists.Play{
		Screen: screen, Start: j.cfg.Now().UTC(), Boot: j.cfg.Boot, Mono: j.cfg.Mono() / int64(time.Millisecond),
		Quality: playlists.ClockSystem, Gap: why, Lost: lost,
	}
}

// poisonLocked closes everything after an error: what the disk holds now is not what memory believes.
func (j *Journal) poisonLocked(err error) error {
	streams := j.streams
	j.streams, j.doubt = nil, j.doubt || err != nil
	for _, s := range streams {
		err = errors.Join(err, s.close())
	}
	return err
}

// Run commits within [CommitEvery] and keeps the files within the quota, until ctx ends.
func (j *Journal) Run(ctx context.Context) error {
	tidy := time.NewTicker(tidyEvery)
	defer tidy.Stop()
	due := time.NewTimer(0)
	defer due.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-j.queue.waiting:
			due.Reset(CommitEvery)
		case <-due.C:
			if err = j.Commit(); err != nil || j.holds() {
				due.Reset(CommitEvery)
			}
		case <-tidy.C:
			err = j.tidy()
		}
		if err != nil {
			j.cfg.Log.WarnContext(ctx, "journal not written", slog.Any("error", err))
		}
	}
}

// Close commits what waits and closes the files.
func (j *Journal) Close() error {
	err := j.Commit()
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.poisonLocked(err)
}

// State is how far the journal is.
type State struct {
	// Stream is the one to send now: the oldest that is not wholly acknowledged.
	Stream playlists.StreamID
	// Last is its last durable play, Chain the chain after it, Kept the oldest that could be sent again.
	Last  uint64
	Chain []byte
	Kept  uint64
	// Unsent counts the durable plays of all streams that are not acknowledged.
	Unsent uint64
	// Held counts durable plays without a number, because the clock has not been set yet.
	Held uint64
}

// State opens the journal and tells how far it is.
func (j *Journal) State() (State, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.openLocked(); err != nil {
		return State{}, err
	}
	s := j.sendingLocked()
	state := State{Stream: s.ID, Last: s.last(), Chain: s.chain(), Kept: s.kept(), Held: j.head().meta.Held}
	for _, s := range j.streams {
		state.Unsent += s.last() - s.Acked
	}
	return state, nil
}

// Bind says whom the plays are for. Another controller than before gets a new stream, and never the
// plays of the old one.
func (j *Journal) Bind(controller playlists.ControllerID) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if controller != j.controller {
		j.controller, j.bound = controller, j.queue.end()
	}
	if err := j.openLocked(); err != nil {
		return err
	}
	return j.surelyLocked(j.bindLocked())
}

// surelyLocked poisons the journal after an error of something that changes its files.
func (j *Journal) surelyLocked(err error) error {
	if err != nil {
		return j.poisonLocked(err)
	}
	return nil
}

func (j *Journal) head() *day {
	s := j.streams[len(j.streams)-1]
	return s.days[len(s.days)-1]
}

// sendingLocked is the oldest stream with plays to send, else the newest.
func (j *Journal) sendingLocked() *stream {
	for _, s := range j.streams {
		if s.Acked < s.last() {
			return s
		}
	}
	return j.streams[len(j.streams)-1]
}

func (j *Journal) bytesLocked() int64 {
	var sum int64
	for _, s := range j.streams {
		for _, d := range s.days {
			sum += d.size()
		}
	}
	return sum
}

// rollLocked begins a new day file when the date has changed; marks and held plays move in the
// transaction that makes it, and those left behind in the old file mean nothing any more.
func (j *Journal) rollLocked() error {
	date := j.cfg.Now().UTC().Format(time.DateOnly)
	old := j.head()
	if old.date == date {
		return nil
	}
	left, err := old.waiting()
	if err != nil {
		return err
	}
	s := j.streams[len(j.streams)-1]
	first := meta{
		Stream: s.ID, First: old.meta.Last + 1, Last: old.meta.Last, Before: old.meta.After, After: old.meta.After,
		Settled: old.meta.Settled,
	}
	made, err := buildDay(s.path(j.cfg.Dir, old.index+1, date, first.First), first, j.cfg.NoSync, func(w *writer) error {
		j.signLocked(&w.meta)
		return left.put(w)
	})
	if err != nil {
		return fmt.Errorf("beginning %s: %w", date, err)
	}
	s.days = append(s.days, made)
	return errors.Join(old.close(), made.openFor(true, &j.cfg))
}
