package playback

import (
	"maps"
	"slices"
	"time"

	"anteroom/playlists"
)

// StepKind is what happened to a turn.
type StepKind int

// A turn is opened before its scene goes out; then it begins and ends, or ends without having begun
// (failed), or is withdrawn.
const (
	Opened StepKind = iota
	Begun
	Ended
	Withdrawn
)

// Step is one entry for the journal. Play is what is known: planned with Opened, with its real start
// with Begun, final but for its number with Ended.
type Step struct {
	Kind StepKind
	Turn uint64
	Play playlists.Play
	// Slot is the slot's own start.
	Slot time.Time
}

// Ledger turns cues and what the stage says of them into plays: exactly one final play for each turn
// whose first picture was drawn, and one for each turn that had its time and was never drawn. It is
// pure; one goroutine uses it.
type Ledger struct {
	boot   playlists.BootID
	cues   []Cue // on the glass, then to come; ascending by scene
	turns  map[uint64]*turnState
	failed map[uint64]bool   // turns whose play has ended while scenes still have them
	slots  map[slotKey]int64 // slots that were begun, by the monotonic end of the slot
	recent []playlists.Play  // of earlier runs
	on     uint64            // scene on the glass
	alive  int64             // last instant at which the stage surely drew
}

type turnState struct {
	Turn

	cue   uint64 // the last scene that has it
	first int64  // when the first scene that has it begins
	cued  int64
	drawn bool
	begin int64 // first picture or slot's start, the later
}

// slotKey tells slots apart, whatever stood in for what.
type slotKey struct {
	region   string
	window   playlists.WindowID
	takeover playlists.TakeoverID
	start    int64
}

// NewLedger makes an empty ledger for this boot of the machine.
func NewLedger(boot playlists.BootID) *Ledger {
	return &Ledger{boot: boot, turns: map[uint64]*turnState{}, failed: map[uint64]bool{}, slots: map[slotKey]int64{}}
}

// Recent tells of plays that earlier runs ended and whose slots may still be on: what shows in them now
// resumes them.
func (l *Ledger) Recent(plays []playlists.Play) {
	l.recent = plays
	for _, t := range l.turns {
		t.Play.Resumed = t.Play.Resumed || t.drawn && l.resumes(t)
	}
}

// resumes reports whether a turn's slot was begun before.
func (l *Ledger) resumes(t *turnState) bool {
	_, ok := l.slots[t.slot()]
	return ok || l.resumesRecent(t)
}

// resumesRecent reports whether a recent play began in a turn's slot, and before the turn if that has begun.
func (l *Ledger) resumesRecent(t *turnState) bool {
	slot := t.Play.Start.Truncate(time.Millisecond)
	begin := slot.Add(time.Duration(t.Play.Planned) * time.Millisecond)
	if t.drawn {
		begin = l.play(t).Start
	}
	return slices.ContainsFunc(l.recent, func(p playlists.Play) bool {
		return p.Region == t.Play.Region && p.Window == t.Play.Window && p.Takeover == t.Play.Takeover &&
			!p.Start.Before(slot) && p.Start.Before(begin)
	})
}

// On is the scene that is on the glass, as far as the stage has said; 0 if none.
func (l *Ledger) On() uint64 { return l.on }

// Takeover is the takeover whose slide is on the glass, and when that slide was first drawn.
func (l *Ledger) Takeover() (id playlists.TakeoverID, at int64, ok bool) {
	for _, t := range l.turns {
		if t.drawn && t.Play.Takeover != "" {
			return t.Play.Takeover, t.begin, true
		}
	}
	return "", 0, false
}

func (t *turnState) slot() slotKey {
	return slotKey{t.Play.Region, t.Play.Window, t.Play.Takeover, t.Play.Start.UnixMilli()}
}

// Cue notes a scene that is about to go to the stage at now; the steps must be durable before it does.
func (l *Ledger) Cue(c Cue, now int64) []Step {
	var steps []Step
	for _, turn := range c.Turns {
		if l.failed[turn.ID] {
			continue // the stage does not try it again
		}
		state := l.turns[turn.ID]
		if state == nil {
			state = &turnState{cued: now, first: c.Scene.At}
			l.turns[turn.ID] = state
			state.Turn = turn
			steps = append(steps, Step{Opened, turn.ID, l.planned(state), turn.Play.Start})
		}
		if !state.drawn && state.cue > l.on {
			state.first = c.Scene.At
		}
		play := state.Play
		state.Turn, state.cue = turn, c.Scene.ID
		if state.drawn {
			state.Play = play // what was true when it began
		}
	}
	l.cues = append(l.cues, c)
	return steps
}

// planned is the play of a turn as it will be if it begins on time.
func (l *Ledger) planned(t *turnState) playlists.Play {
	p := l.play(t)
	p.Resumed = l.resumes(t)
	return p
}

func offsetAt(zone *time.Location, t time.Time) int {
	_, offset := t.In(zone).Zone()
	return offset
}

// Event notes what the stage says.
func (l *Ledger) Event(e Event) []Step {
	switch {
	case e.Drawn != nil:
		l.alive = max(l.alive, e.Drawn.At)
		return append(l.advance(e.Drawn.Scene, e.Drawn.At), l.draw(e.Drawn)...)
	case e.Failed != nil:
		return append(l.fail(e.Failed), l.advanceIfDue(e.Failed.Scene, e.Failed.At)...)
	case e.Beat != nil:
		l.alive = max(l.alive, e.Beat.At)
		return l.advanceIfDue(e.Beat.Scene, e.Beat.At)
	case e.Gone != nil:
		return l.Stop(e.Gone.At)
	}
	return nil
}

// Stop ends everything at the last instant at which the stage surely drew: at or later, if it said so.
func (l *Ledger) Stop(at int64) []Step {
	l.alive = max(l.alive, at)
	var steps []Step
	for _, id := range l.ids() {
		if t := l.turns[id]; t.drawn {
			steps = append(steps, l.end(t, l.alive, playlists.Interrupted))
		} else {
			steps = append(steps, Step{Withdrawn, id, t.Play, t.Play.Start})
		}
	}
	clear(l.turns)
	clear(l.failed)
	l.cues, l.on = nil, 0
	return steps
}

// Suspects lists the assets that the stage was busy with when it died, drawn, due or cued within the last
// ten seconds: those just drawn first, then those that it made ready, then those that had been on a while.
func (l *Ledger) Suspects() []playlists.Digest {
	since := l.alive - int64(10*time.Second)
	var ranks [3][]playlists.Digest
	for _, id := range l.ids() {
		t := l.turns[id]
		recent := t.drawn && t.begin >= since || !t.drawn && (t.cued >= since || t.first <= l.alive)
		if !recent || t.Play.Asset == "" {
			continue
		}
		rank := 2
		switch {
		case !t.drawn:
			rank = 1
		case t.begin > l.alive-int64(time.Second):
			rank = 0
		}
		ranks[rank] = append(ranks[rank], t.Play.Asset)
	}
	var all []playlists.Digest
	for _, d := range slices.Concat(ranks[:]...) {
		if !slices.Contains(all, d) {
			all = append(all, d)
		}
	}
	return all
}

// AssetOf is the asset of a turn that is cued or on.
func (l *Ledger) AssetOf(turn uint64) (playlists.Digest, bool) {
	t := l.turns[turn]
	if t == nil || t.Play.Asset == "" {
		return "", false
	}
	return t.Play.Asset, true
}

// ids lists the turns in the order of their numbers.
func (l *Ledger) ids() []uint64 {
	ids := make([]uint64, 0, len(l.turns))
	for id := range l.turns {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// advanceIfDue notes that a scene is on since it was due.
func (l *Ledger) advanceIfDue(scene uint64, now int64) []Step {
	for i := range l.cues {
		if c := &l.cues[i]; c.Scene.ID == scene && c.Scene.At <= now {
			return l.advance(scene, c.Scene.At)
		}
	}
	return nil
}

// advance notes that a scene is on the glass since at: turns that it lacks are over.
func (l *Ledger) advance(scene uint64, at int64) []Step {
	i := slices.IndexFunc(l.cues, func(c Cue) bool { return c.Scene.ID == scene })
	if scene <= l.on || i < 0 {
		return nil
	}
	l.on, l.cues = scene, l.cues[i:]
	cue := &l.cues[0]
	var steps []Step
	for _, id := range l.ids() {
		if t := l.turns[id]; t.cue < scene {
			steps = append(steps, l.leave(t, cue, at))
		}
	}
	maps.DeleteFunc(l.failed, func(id uint64, _ bool) bool { return !l.cued(id) })
	return steps
}

// cued reports whether the scene on or one to come has a turn.
func (l *Ledger) cued(turn uint64) bool {
	return slices.ContainsFunc(l.cues, func(c Cue) bool {
		return slices.ContainsFunc(c.Turns, func(t Turn) bool { return t.ID == turn })
	})
}

// leave ends a turn that the scene now on lacks.
func (l *Ledger) leave(t *turnState, on *Cue, at int64) Step {
	switch {
	case t.drawn:
		return l.end(t, at, whyOver(t, on, at))
	case t.first < on.Scene.At:
		return l.end(t, t.Begin, playlists.Failed)
	default:
		delete(l.turns, t.ID)
		return Step{Withdrawn, t.ID, t.Play, t.Play.Start}
	}
}

// whyOver tells a turn that its own time ended from one that something stronger ended.
func whyOver(t *turnState, on *Cue, at int64) playlists.Outcome {
	if t.Over <= at+int64(playlists.CompleteTolerance) {
		return playlists.Truncated
	}
	takeover := on.Source == playlists.FromTakeover && on.Takeover != t.Play.Takeover
	order := on.Source == playlists.FromOrder
	window := on.Source == playlists.FromWindow && t.Source != playlists.FromTakeover && on.Window != t.key.window
	if takeover || window || order {
		return playlists.Preempted
	}
	return playlists.Truncated
}

// draw notes a turn's first picture.
func (l *Ledger) draw(d *Drawn) []Step {
	t := l.turns[d.Turn]
	if t == nil || t.drawn {
		return nil
	}
	t.drawn, t.begin = true, max(t.Begin, d.At)
	t.Play.Resumed = l.resumes(t)
	l.remember(t.slot(), t.End)
	return []Step{{Begun, t.ID, l.play(t), t.Play.Start}}
}

// remember notes that a slot was begun, and forgets those that are long over.
func (l *Ledger) remember(key slotKey, end int64) {
	l.slots[key] = end
	if len(l.slots) > 64 {
		for k, end := range l.slots {
			if end < l.alive-int64(time.Minute) {
				delete(l.slots, k)
			}
		}
	}
}

// fail notes that a turn cannot be shown, or stopped being shown.
func (l *Ledger) fail(f *Failed) []Step {
	t := l.turns[f.Turn]
	switch {
	case t == nil:
		return nil
	case t.drawn:
		l.failed[f.Turn] = true
		return []Step{l.end(t, f.At, playlists.Interrupted)}
	default:
		l.failed[f.Turn] = true
		return []Step{l.end(t, t.Begin, playlists.Failed)}
	}
}

// end closes a turn that showed until at.
func (l *Ledger) end(t *turnState, at int64, why playlists.Outcome) Step {
	delete(l.turns, t.ID)
	p := l.play(t)
	if t.drawn {
		p.Shown = min(max(0, min(at, t.End)-t.begin)/int64(time.Millisecond), p.Planned) // a clock put back stretches slots
	}
	p.Outcome = why
	tolerance := playlists.CompleteTolerance.Milliseconds()
	if t.drawn && !p.Resumed && p.Planned-p.Shown <= tolerance && p.Shown-p.Planned <= tolerance {
		p.Outcome = playlists.Complete
	}
	return Step{Ended, t.ID, p, t.Play.Start}
}

// play is a turn's play with its real start.
func (l *Ledger) play(t *turnState) playlists.Play {
	p := t.Play
	p.Boot = l.boot
	begin := t.Begin
	if t.drawn {
		begin = t.begin
	}
	p.Mono = begin / int64(time.Millisecond)
	p.Start = t.Play.Start.Add(time.Duration(begin - t.Begin)).Truncate(time.Millisecond)
	p.Offset = offsetAt(t.zone, p.Start)
	return p
}
