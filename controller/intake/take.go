package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// group is one transaction in the making.
type group struct {
	batches []store.Batch
	waiting []*request // for the transaction, in the order of batches
	// ends is how far each stream will have come, by the player's own name of it.
	ends map[playlists.StreamID]end
}

// end is the last batch of a stream in a group.
type end struct {
	line  playlists.StreamID
	last  uint64
	chain []byte
}

// take appends what is new of a group of batches and answers them. It gives back those that must wait
// for the others of their stream to be durable.
func (i *Intake) take(ctx context.Context, requests []*request) (later []*request) {
	g := &group{ends: map[playlists.StreamID]end{}}
	for _, r := range requests {
		if off := i.join(ctx, g, r); off {
			later = append(later, r)
		}
	}
	i.commit(ctx, g)
	return later
}

// join adds what is new of a batch to the group, or answers it, or puts it off.
func (i *Intake) join(ctx context.Context, g *group, r *request) (putOff bool) {
	b := &r.batch
	if e, ok := g.ends[b.Stream]; ok {
		if b.First != e.last+1 || !bytes.Equal(b.Before, e.chain) {
			return true
		}
		g.add(r, place{line: e.line})
		return false
	}
	p, err := i.place(ctx, r)
	switch {
	case err != nil:
		i.refuse(r, err)
	case p.want > 0:
		i.metrics.batches.WithLabelValues(resultWanted).Inc()
		r.answer <- answer{ack: wire.Ack{Stream: b.Stream, Through: p.have, Want: p.want}}
	case p.at == len(b.Plays):
		i.metrics.batches.WithLabelValues(resultKnown).Inc()
		r.answer <- done(r)
	case p.begins && !i.mayBegin(b.Player, r.received):
		i.refuse(r, ErrTooManyStreams)
	default:
		i.tell(r, p)
		r.begins = p.begins
		g.add(r, p)
	}
	return false
}

func done(r *request) answer {
	return answer{ack: wire.Ack{Stream: r.batch.Stream, Through: r.batch.Last}}
}

func (i *Intake) refuse(r *request, err error) {
	i.metrics.batches.WithLabelValues(resultRefused).Inc()
	r.answer <- answer{err: err}
}

func (g *group) add(r *request, p place) {
	b := &r.batch
	next := store.Batch{
		Player: b.Player, Stream: p.line, Plays: b.Plays[p.at:], Before: run{r, p.at}.before(), Chain: b.After,
		Signature: b.Signature, SignedFrom: b.First, Received: r.received,
	}
	if p.branch {
		next.Branch = b.Stream
	}
	g.batches, g.waiting = append(g.batches, next), append(g.waiting, r)
	g.ends[b.Stream] = end{line: p.line, last: b.Last, chain: b.After}
}

// commit makes a group durable and answers it.
func (i *Intake) commit(ctx context.Context, g *group) {
	if len(g.batches) == 0 {
		return
	}
	began := time.Now()
	err := i.store.Append(ctx, g.batches)
	i.metrics.commit.Observe(time.Since(began).Seconds())
	if errors.Is(err, playlists.ErrInvalid) && len(g.batches) > 1 {
		i.commitEach(ctx, g)
		return
	}
	for n, r := range g.waiting {
		i.settle(r, len(g.batches[n].Plays), err)
	}
}

// commitEach keeps one batch that the store refuses from holding up the others.
func (i *Intake) commitEach(ctx context.Context, g *group) {
	for n, r := range g.waiting {
		i.settle(r, len(g.batches[n].Plays), i.store.Append(ctx, g.batches[n:n+1]))
	}
}

func (i *Intake) settle(r *request, plays int, err error) {
	if err != nil {
		i.metrics.batches.WithLabelValues(resultFailed).Inc()
		r.answer <- answer{err: fmt.Errorf("keeping plays %d to %d of stream %s: %w", r.batch.First, r.batch.Last, r.batch.Stream, err)}
		return
	}
	if r.begins {
		i.began(r.batch.Player, r.received)
	}
	i.metrics.batches.WithLabelValues(resultTaken).Inc()
	i.metrics.plays.Add(float64(plays))
	r.answer <- done(r)
}

// tell staff of a branch, once a start of the controller.
func (i *Intake) tell(r *request, p place) {
	if p.line == r.batch.Stream || !i.firstMet(r.batch.Player, p.line) {
		return
	}
	b := &r.batch
	i.log.Warn("stream branches", slog.String("player", string(b.Player)), slog.String("stream", string(b.Stream)),
		slog.String("branch", string(p.line)), slog.Uint64("play", run{r, p.at}.first()))
	i.alarm(b.Player, playlists.Noted("Two machines use this player's identity, or it was set up from an old copy of its disk: "+
		"there are two different plays number %d. Both play on and are counted; those of the second are kept apart as stream %s. "+
		"Revoke this player and pair each machine anew.", run{r, p.at}.first(), p.line))
}

// compareWith tells staff of a player that lacks plays which it has sent: nobody sends what is not durable,
// so its disk is a copy of an earlier state, or lost what it had taken.
func (i *Intake) compareWith(l line, player playlists.PlayerID, stream playlists.StreamID, has wire.State) {
	if has.Journal >= l.mark.Through {
		return
	}
	if start, err := wire.ChainStart(stream); has.Journal == 0 && (err != nil || !bytes.Equal(start, has.Chain)) {
		return // it could not read its journal
	}
	i.log.Warn("player lacks plays that it has sent", slog.String("player", string(player)), slog.String("stream", string(stream)),
		slog.Uint64("has", has.Journal), slog.Uint64("sent", l.mark.Through))
	i.alarm(player, playlists.Noted("This player does not know plays any more that it has sent itself. Two machines use its identity, or it was set up from an "+
		"old copy of its disk, or the disk has lost what was written. It plays on, and every play is counted once. "+
		"If there are two machines, revoke this player and pair each machine anew."))
}

// firstMet reports whether a branch is met for the first time.
func (i *Intake) firstMet(player playlists.PlayerID, branch playlists.StreamID) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.ofLocked(player).firstTold(branch)
}
