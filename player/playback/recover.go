package playback

import (
	"cmp"
	"math"
	"slices"
	"time"

	"anteroom/playlists"
)

// Orphan is a turn that an earlier agent of this boot opened and did not end; Slot is its slot's start,
// Drawn whether it had heard of the first picture.
type Orphan struct {
	Turn  uint64
	Play  playlists.Play
	Slot  time.Time
	Drawn bool
}

// Recover ends the turns that earlier agents of this boot left open, by what their stages are known to
// have drawn: what was drawn is a play from its first picture to the last that is known of it, and what
// was not is none. Without accounts (earlier is nil) alive decides, the last instant at which an agent is
// known to have lived: what had come by then is an interrupted play. What shows in their slots now resumes
// them.
func (l *Ledger) Recover(left []Orphan, earlier *Earlier, alive int64) []Step {
	orphans := make([]orphan, 0, len(left))
	for i := range left {
		o := orphanOf(&left[i])
		if earlier == nil {
			o.guess(alive)
		} else {
			o.look(earlier.Lives, alive)
		}
		orphans = append(orphans, o)
	}
	slices.SortStableFunc(orphans, func(a, b orphan) int { return cmp.Compare(a.begin, b.begin) })
	steps := make([]Step, 0, len(orphans))
	begun := map[slotKey]bool{}
	for i := range orphans {
		o := &orphans[i]
		o.cut(orphans[i+1:])
		o.Play.Resumed = o.Play.Resumed || begun[o.slot()] || l.resumesRecent(&o.turnState)
		begun[o.slot()] = begun[o.slot()] || o.drawn
		steps = append(steps, l.settle(o))
	}
	return steps
}

// orphan is an orphan with what is known of it.
type orphan struct {
	turnState

	failed bool
	end    int64 // the last instant at which it is known to have been on
	sure   bool  // an account says so
}

func orphanOf(o *Orphan) orphan {
	p := o.Play
	begin := p.Mono * int64(time.Millisecond)
	slot := o.Slot.UTC().Truncate(time.Millisecond)
	t := turnState{drawn: o.Drawn, begin: begin}
	t.ID, t.Begin = o.Turn, begin-int64(p.Start.Sub(slot))
	t.End, t.Over = t.Begin+p.Planned*int64(time.Millisecond), math.MaxInt64
	t.zone = time.FixedZone("", p.Offset)
	p.Start = slot
	t.Play = p
	return orphan{turnState: t}
}

// guess is for when no account is known.
func (o *orphan) guess(alive int64) {
	o.end = o.begin
	if o.drawn {
		o.end = max(o.begin, alive)
	}
	o.drawn = o.drawn || o.begin <= alive
}

// look finds the orphan in the stages' accounts. The last stage may have lived as long as the agent.
func (o *orphan) look(lives []Life, alive int64) {
	o.sure = true
	if o.drawn {
		o.end = max(o.begin, alive)
	}
	for i := range lives {
		end := lives[i].End
		if i == len(lives)-1 {
			end = max(end, alive)
		}
		for _, e := range lives[i].Told {
			switch {
			case e.Drawn != nil && e.Drawn.Turn == o.ID:
				if !o.drawn {
					o.drawn, o.begin = true, max(o.Begin, e.Drawn.At)
				}
				o.end = max(o.begin, end)
			case e.Failed != nil && e.Failed.Turn == o.ID:
				o.failed, o.end = true, max(o.begin, e.Failed.At)
			}
		}
	}
}

// cut ends the orphan where one that was drawn after it took its place; later are by their beginning.
func (o *orphan) cut(later []orphan) {
	for i := range later {
		u := &later[i]
		if u.drawn && u.begin > o.begin && (u.Play.Region == o.Play.Region || u.Play.Takeover != o.Play.Takeover) {
			o.end = min(o.end, u.begin)
			return
		}
	}
}

// settle is what becomes of an orphan.
func (l *Ledger) settle(o *orphan) Step {
	t := &o.turnState
	switch {
	case t.drawn:
		l.alive = max(l.alive, o.end)
		l.remember(t.slot(), t.End)
		l.resume(t.slot())
		step := l.end(t, o.end, playlists.Interrupted)
		if !o.sure {
			step.Play.Outcome = playlists.Interrupted
		}
		return step
	case o.failed:
		return l.end(t, t.Begin, playlists.Failed)
	default:
		return Step{Withdrawn, t.ID, t.Play, t.Play.Start}
	}
}

// resume marks what shows in a slot as resumed: an earlier agent had begun it.
func (l *Ledger) resume(key slotKey) {
	for _, t := range l.turns {
		t.Play.Resumed = t.Play.Resumed || t.drawn && t.slot() == key
	}
}
