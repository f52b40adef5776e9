package player

import (
	"context"
	"log/slog"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// ackWithin is how long a batch may go unacknowledged before it is sent again.
const ackWithin = 30 * time.Second

// senderNews is what the sender must know of.
type senderNews struct {
	linked, unlinked bool
	stream           playlists.StreamID // with linked: what known is about
	known            uint64
	ack              *wire.Ack
	now              bool // somebody looks: do not wait for more
}

func (p *Player) tellSender(n senderNews) {
	if p.link == nil {
		return
	}
	if n.now {
		select {
		case p.sender <- n:
		default: // it has enough to do
		}
		return
	}
	select {
	case p.sender <- n:
	case <-p.stopped:
	}
}

// sending is where the sender stands: one batch at a time is on its way.
type sending struct {
	linked bool
	now    bool
	sent   time.Time // of the batch on its way; zero if none is
	due    time.Time
}

// send brings plays to the controller: at 60 s or 64 plays, at once while somebody looks.
func (p *Player) send(ctx context.Context) error {
	var s sending
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.stopped:
			return nil
		case n := <-p.sender:
			p.senderHears(&s, n)
		case <-timer.C:
		}
		timer.Reset(p.sendDue(ctx, &s))
	}
}

func (p *Player) senderHears(s *sending, n senderNews) {
	var err error
	switch {
	case n.linked:
		*s = sending{linked: true, due: time.Now()}
		err = p.journal.Known(n.stream, n.known)
	case n.unlinked:
		*s = sending{}
	case n.ack != nil:
		s.sent = time.Time{}
		err = p.journal.Acknowledge(*n.ack)
	case n.now:
		s.now = true
	}
	if err != nil {
		p.log.Warn("journal not moved", slog.Any("error", err))
	}
}

// sendDue sends a batch if it is time, and gives how long to wait before the next look.
func (p *Player) sendDue(ctx context.Context, s *sending) time.Duration {
	if !s.linked {
		return time.Hour
	}
	if waited := time.Since(s.sent); !s.sent.IsZero() && waited < ackWithin {
		return ackWithin - waited
	}
	if s.now {
		p.commitForSender()
	}
	state, err := p.journal.State()
	if err != nil {
		return p.cfg.SendEvery
	}
	wait := time.Until(s.due)
	if state.Unsent == 0 || state.Unsent < wire.BatchPlays && wait > 0 && !s.now {
		if wait <= 0 {
			s.due = time.Now().Add(p.cfg.SendEvery)
		}
		s.now = false
		return max(time.Until(s.due), time.Second)
	}
	if err := p.sendBatch(ctx); err != nil {
		p.log.InfoContext(ctx, "plays not sent", slog.Any("error", err))
		return 5 * time.Second
	}
	s.sent, s.due, s.now = time.Now(), time.Now().Add(p.cfg.SendEvery), false
	return ackWithin
}

func (p *Player) commitForSender() {
	if err := p.journal.Commit(); err != nil {
		p.log.Warn("journal not written", slog.Any("error", err))
	}
}

func (p *Player) sendBatch(ctx context.Context) error {
	stretch, err := p.journal.Next(wire.BatchPlays)
	if err != nil || len(stretch.Plays) == 0 {
		return err
	}
	batch, err := wire.NewBatch(p.identity.Key(), stretch.Stream, stretch.Before, stretch.Plays)
	if err != nil {
		return err
	}
	return p.link.SendPlays(ctx, batch)
}
