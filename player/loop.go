package player

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"anteroom/player/journal"
	"anteroom/player/playback"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// Times of the loop.
const (
	longestWait = 30 * time.Second
	// lookFor is how long somebody looks after having asked for a picture.
	lookFor = 15 * time.Second
	// aliveEvery is how often a long picture leaves a sign of life in the journal.
	aliveEvery = time.Minute
	// clockSlack is the correction of the clock that does not move scenes.
	clockSlack = 20 * time.Millisecond
)

// loop is what the loop's goroutine owns.
type loop struct {
	manifests

	director *playback.Director
	ledger   *playback.Ledger
	blame    playback.Blame

	stageUp    bool
	stagePID   int
	stageState string // as in wire.Health
	dirty      bool   // something that decides what shows has changed
	begun      bool   // a first picture was drawn that is not on disk
	refused    bool   // the disk takes no plays
	wake       int64  // when to plan again
	nextBeat   int64
	nextAlive  int64
	nextClock  int64
	lookUntil  int64
	snapshots  map[string]string // paths asked of the stage, and the controller's ids
	snapshotN  int
	confirmed  wire.Drawn
	tellAgain  bool // what was confirmed may not have arrived
	pairing    *playback.Slate
	code       *Pairing // set even where the code does not show, because the player plays on
	unlinked   string   // why there is no link
	notes      notes
	orders     orders

	found     *journal.Found    // what earlier agents left, until it is settled
	succeeded bool              // the stages of earlier agents are gone
	earlier   *playback.Earlier // and what they drew, if that is known
}

// begin prepares the loop from what is on disk.
func (p *Player) begin() {
	l := &p.loop
	l.director = playback.NewDirector(p.asset, uint64(max(0, p.cfg.Mono()/int64(time.Millisecond))))
	l.ledger = playback.NewLedger(p.cfg.Boot)
	l.stageState = "restarting"
	l.snapshots = map[string]string{}
	for i, note := range p.identity.Notes() {
		l.notes.set("identity"+strconv.Itoa(i), note)
	}
	now := p.cfg.Mono()
	l.nextBeat, l.nextAlive, l.nextClock = now+int64(wire.HeartbeatEvery), now+int64(aliveEvery), now+int64(time.Hour)
	p.loadManifests()
	p.loadAside()
	l.dirty = true
}

// asset is a file that may be shown.
func (p *Player) asset(d playlists.Digest) (string, bool) {
	if p.loop.blame.Aside(d) {
		return "", false
	}
	had := p.cache.Has(d)
	path, ok := p.cache.Path(d)
	if had && !ok && !p.cache.Has(d) {
		p.loop.fetchAgain = true
	}
	return path, ok
}

// play is the loop.
func (p *Player) play(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-p.cfg.Stage.Events():
			p.stageSays(ctx, e)
		case f := <-p.journal.Found():
			p.loop.found = &f
			p.loop.ledger.Recent(f.Recent)
			p.settle()
		case news := <-p.inbox:
			news()
		case <-timer.C:
		}
		p.turn()
		timer.Reset(p.untilNext())
	}
}

// finish ends the stage and then the plays: a picture that it draws in its last moment is one.
func (p *Player) finish(ctx context.Context, stopStage func(), over <-chan struct{}) {
	now := p.cfg.Mono()
	stopStage()
	events := p.cfg.Stage.Events()
	for running := true; running || len(events) > 0; {
		select {
		case e := <-events:
			if e.Gone == nil { // no asset is to blame
				p.stageSays(ctx, e)
			}
		case <-over:
			running, over = false, nil
		}
	}
	p.record(p.loop.ledger.Stop(now))
}

// settle ends what earlier agents of this boot left open, once it is known what their stages drew, if it
// ever will be.
func (p *Player) settle() {
	l := &p.loop
	if l.found == nil || !l.succeeded {
		return
	}
	left := make([]playback.Orphan, 0, len(l.found.Open))
	for _, o := range l.found.Open {
		left = append(left, playback.Orphan(o))
	}
	p.record(l.ledger.Recover(left, l.earlier, l.found.Alive))
	l.found = nil
}

// turn does what is due.
func (p *Player) turn() {
	l := &p.loop
	now := p.cfg.Mono()
	p.followClock()
	if l.offered != nil && l.offered.at != 0 && now >= l.offered.at {
		p.promote()
	}
	if l.dirty {
		p.respan(now)
	}
	if l.stageUp && (l.dirty || now >= l.wake) {
		p.plan(now)
	}
	l.dirty = false
	if l.begun {
		p.commit() // a crash must not forget what has been on the glass
	}
	if l.fetchAgain {
		l.fetchAgain = false
		p.want()
	}
	p.confirmDrawn()
	p.confirmNamed()
	p.periodic(now)
}

// periodic sends the heartbeat and signs of life.
func (p *Player) periodic(now int64) {
	l := &p.loop
	if now >= l.nextAlive && l.stageUp {
		l.nextAlive = now + int64(aliveEvery)
		p.journal.Alive()
	}
	if now >= l.nextClock {
		l.nextClock = now + int64(time.Hour)
		if err := p.saveClock(); err != nil {
			p.log.Warn("clock not kept", slog.Any("error", err))
		}
	}
	if now >= l.nextBeat {
		p.release()
		p.heartbeat(now)
	}
}

func (p *Player) untilNext() time.Duration {
	l := &p.loop
	next := min(l.nextBeat, l.nextAlive, l.nextClock)
	if l.stageUp {
		next = min(next, l.wake)
	}
	if l.offered != nil && l.offered.at != 0 {
		next = min(next, l.offered.at)
	}
	return min(max(time.Duration(next-p.cfg.Mono()), time.Millisecond), longestWait)
}

// plan cues what comes next; the marks are on disk before the scenes go out, unless the disk refuses.
func (p *Player) plan(now int64) {
	l := &p.loop
	cues, wake := l.director.Plan(now)
	l.wake = wake
	if len(cues) == 0 {
		return
	}
	for _, c := range cues {
		p.record(l.ledger.Cue(c, now))
	}
	p.commit()
	for _, c := range cues {
		p.cfg.Stage.Send(playback.Order{Scene: &c.Scene})
	}
	if p.looking(now) {
		l.nextBeat = now
	}
}

func (p *Player) looking(now int64) bool { return now < p.loop.lookUntil }

// commit makes marks outlast this process, and, once the journal is open, the power.
func (p *Player) commit() {
	p.loop.begun = false
	if err := p.journal.Secure(); err != nil {
		p.log.Error("plays wait in memory: the disk refuses them", slog.Any("error", err))
		p.loop.notes.set("journal", playlists.Noted("Plays cannot be written to the player's disk: %v", err))
		p.loop.refused = true
		p.loop.nextBeat = p.cfg.Mono() // the controller must know of every play that may be lost
		return
	}
	p.loop.refused = false
	p.loop.notes.clear("journal")
}

// notKept takes the controller's word on plays that an earlier run of this player had in its memory alone: they
// are lost, and the journal says so.
func (p *Player) notKept(u *wire.Unkept) {
	own, _ := p.journal.Unkept()
	if u == nil || u.Plays == 0 || u.Run == own {
		return
	}
	p.log.Error("plays lost", slog.Uint64("plays", u.Plays), slog.String("reason", "the disk refused them until an earlier run ended"))
	p.loop.notes.set("lost", playlists.Noted("%d plays are lost: the player's disk could not be written, and then the player ended.", u.Plays))
	p.journal.Lost(u.Run, u.Plays)
	p.commit()
}

// record hands what happened to the journal.
func (p *Player) record(steps []playback.Step) {
	ended := false
	for _, s := range steps {
		switch s.Kind {
		case playback.Opened:
			p.journal.Open(s.Turn, s.Play, s.Slot)
		case playback.Begun:
			p.loop.begun = true
			p.journal.Begin(s.Turn, s.Play, s.Slot)
		case playback.Ended:
			ended = true
			p.journal.End(s.Turn, s.Play)
			if s.Play.Outcome == playlists.Complete {
				p.loop.blame.Clear(s.Play.Asset)
			}
		case playback.Withdrawn:
			p.journal.Withdraw(s.Turn)
		}
	}
	if ended && p.looking(p.cfg.Mono()) {
		p.tellSender(senderNews{now: true})
	}
}

// stageSays takes what the stage says.
func (p *Player) stageSays(ctx context.Context, e playback.Event) {
	l := &p.loop
	now := p.cfg.Mono()
	switch {
	case e.Earlier != nil:
		l.earlier, l.succeeded = e.Earlier, true
		p.settle()
	case e.Ready != nil:
		l.succeeded = true
		p.settle()
		p.stageReady(e.Ready)
	case e.Gone != nil:
		p.stageGone(e.Gone)
	case e.Failed != nil:
		p.turnFailed(e.Failed)
	case e.Snapshot != "":
		p.snapshotTaken(ctx, e.Snapshot)
	default:
		p.record(l.ledger.Event(e))
	}
	if e.Drawn != nil || e.Beat != nil {
		// What comes next shares the commit of what this ended and began; and files that were cued may
		// have changed since.
		l.wake = min(l.wake, now)
	}
}

func (p *Player) stageReady(r *playback.Ready) {
	l := &p.loop
	p.log.Info("stage ready", slog.Int("width", r.Width), slog.Int("height", r.Height), slog.String("renderer", r.Renderer))
	p.record(l.ledger.Stop(0))
	l.stagePID = r.PID
	l.director.Restarted()
	l.stageUp, l.dirty, l.stageState = true, true, "drawing"
	if o := l.orders.restarting; o != nil {
		l.orders.restarting = nil
		p.carriedOut(o)
	}
	p.ready.Do(func() { close(p.started) })
	p.shared.mu.Lock()
	a := &p.shared.abilities
	a.Width, a.Height, a.SoftwareGL = r.Width, r.Height, r.SoftwareGL
	told := p.shared.told
	changed := told.Width != 0 && (told.Width != a.Width || told.Height != a.Height || told.SoftwareGL != a.SoftwareGL)
	p.shared.mu.Unlock()
	if changed {
		p.dialAgain()
	}
}

func (p *Player) dialAgain() {
	select {
	case p.redial <- struct{}{}:
	default:
	}
}

func (p *Player) stageGone(g *playback.Gone) {
	l := &p.loop
	was := l.stageState
	l.stageUp, l.stagePID, l.stageState = false, 0, "restarting"
	if !g.Display {
		l.stageState = "no-display"
	}
	if g.Display && !g.Asked {
		p.strike(l.ledger.Suspects())
	}
	p.record(l.ledger.Event(playback.Event{Gone: g}))
	l.director.Restarted()
	if l.stageState != was { // a panel that is off all night is told of once
		l.nextBeat = min(l.nextBeat, p.cfg.Mono())
	}
}

func (p *Player) titleOf(d playlists.Digest) string {
	if m := p.loop.current; m != nil {
		for i := range m.body.Showings {
			if m.body.Showings[i].Asset == d {
				return m.body.Showings[i].Title
			}
		}
	}
	return string(d)
}

// turnFailed looks at the asset that the stage could not show: damaged, it is removed and fetched again.
func (p *Player) turnFailed(f *playback.Failed) {
	l := &p.loop
	p.log.Warn("turn failed", slog.Uint64("turn", f.Turn), slog.String("reason", f.Reason))
	if d, ok := l.ledger.AssetOf(f.Turn); ok {
		if p.cache.Verify(d) != nil {
			l.fetchAgain = true
		} else {
			p.strike([]playlists.Digest{d})
		}
		l.dirty = true
	}
	p.record(l.ledger.Event(playback.Event{Failed: f}))
}

// takeSnapshot asks the stage for a picture on the controller's behalf.
func (p *Player) takeSnapshot(id string) {
	l := &p.loop
	now := p.cfg.Mono()
	if !p.looking(now) {
		l.nextBeat = now
		p.tellSender(senderNews{now: true})
	}
	l.lookUntil = now + int64(lookFor)
	if !l.stageUp || len(l.snapshots) > 8 {
		return
	}
	l.snapshotN++
	path := filepath.Join(p.cfg.Data, "snapshot-"+strconv.Itoa(l.snapshotN)+".jpg")
	l.snapshots[path] = id
	p.cfg.Stage.Send(playback.Order{Snapshot: path})
}

// snapshotTaken sends a picture on; nobody waits for it.
func (p *Player) snapshotTaken(ctx context.Context, path string) {
	id, ok := p.loop.snapshots[path]
	if !ok {
		return
	}
	delete(p.loop.snapshots, path)
	jpeg, err := os.ReadFile(path)
	if err == nil {
		err = os.Remove(path)
	}
	if err != nil {
		p.log.WarnContext(ctx, "snapshot not read", slog.Any("error", err))
		return
	}
	p.pending.Go(func() {
		if err := p.link.PutSnapshot(ctx, id, jpeg); err != nil {
			p.log.InfoContext(ctx, "snapshot not sent", slog.Any("error", err))
		}
	})
}

// confirmDrawn tells the controller which takeover has reached the glass, or that none applies.
func (p *Player) confirmDrawn() {
	l := &p.loop
	if l.takeovers == nil || p.link == nil || !l.stageUp {
		return
	}
	now := p.cfg.Mono()
	on, _ := l.director.On(now)
	if on == nil {
		return
	}
	drawn := wire.Drawn{Number: l.takeovers.Number, Takeover: on.Takeover, At: p.clock.At(now)}
	if id, at, ok := l.ledger.Takeover(); on.Takeover != "" {
		if !ok || id != on.Takeover {
			return
		}
		drawn.At = p.clock.At(at)
	} else if l.ledger.On() < on.Scene.ID {
		return
	}
	if drawn.Takeover == l.confirmed.Takeover && l.confirmed.Number > 0 {
		if drawn.Number == l.confirmed.Number && !l.tellAgain {
			return
		}
		drawn.At = l.confirmed.At
	}
	l.confirmed, l.tellAgain = drawn, false
	p.link.Drawn(drawn)
}

// notes are faults in words, one a cause, newest last.
type notes struct {
	keys []string
	all  []playlists.Remark
}

func (n *notes) set(key string, note playlists.Remark) {
	if i := slices.Index(n.keys, key); i >= 0 {
		n.all[i] = note
		return
	}
	n.keys, n.all = append(n.keys, key), append(n.all, note)
	if len(n.keys) > 16 {
		n.keys, n.all = n.keys[1:], n.all[1:]
	}
}

// newest are the last eight, in words and as phrases.
func (n *notes) newest() (texts []string, said []playlists.Phrase) {
	for _, note := range n.all[max(0, len(n.all)-8):] {
		texts, said = append(texts, note.Text), append(said, note.Phrase)
	}
	return texts, said
}

func (n *notes) clear(key string) {
	if i := slices.Index(n.keys, key); i >= 0 {
		n.keys, n.all = slices.Delete(n.keys, i, i+1), slices.Delete(n.all, i, i+1)
	}
}
