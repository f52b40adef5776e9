package player

import (
	"log/slog"

	"anteroom/player/playback"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// orders are what staff want done, once and now.
type orders struct {
	done *wire.Done // what was carried out last
	// naming is an order to show the screen's name, until namedUntil; restarting one to start the stage anew. They
	// are waiting until the glass, or the new stage, shows that they are carried out.
	naming     *wire.Order
	namedUntil int64
	nameTold   bool
	restarting *wire.Order
	// bodyAgain: the body in force is to be fetched though it is there.
	bodyAgain bool
}

// Order implements [link.Handler]. Later versions may order what this one does not know.
func (n *news) Order(o wire.Order) {
	p := (*Player)(n)
	p.post(func() {
		p.log.Info("ordered", slog.String("deed", string(o.Do)), slog.String("order", o.ID))
		switch o.Do {
		case wire.Identify:
			p.identify(o)
		case wire.RestartStage:
			p.loop.orders.restarting = &o
			p.cfg.Stage.Restart()
		case wire.Reload:
			p.reload(o)
		}
	})
}

// carriedOut tells the controller at once.
func (p *Player) carriedOut(o *wire.Order) {
	now := p.cfg.Mono()
	p.loop.orders.done = &wire.Done{ID: o.ID, Do: o.Do, At: p.clock.At(now)}
	p.loop.nextBeat = now
}

// identify has the screen show its name over everything but takeovers.
func (p *Player) identify(o wire.Order) {
	l := &p.loop
	l.orders.naming, l.orders.nameTold = &o, false
	l.orders.namedUntil = p.cfg.Mono() + int64(wire.IdentifyFor)
	l.dirty = true
}

// named puts the screen's name over spans while it is to be seen at now.
func (p *Player) named(spans []playback.Span, now int64) []playback.Span {
	o, until := p.loop.orders.naming, p.loop.orders.namedUntil
	if o == nil || now >= until {
		return spans
	}
	slate := &playback.Slate{Title: o.Name, Lines: o.Lines}
	var all []playback.Span
	for i, s := range spans {
		if i == 0 || s.From < until {
			over := s
			over.Show = s.Show.Naming(slate)
			all = append(all, over)
		}
		if i == len(spans)-1 || spans[i+1].From > until {
			s.From = max(s.From, until)
			all = append(all, s)
		}
	}
	return all
}

// confirmNamed notes that the glass shows the name.
func (p *Player) confirmNamed() {
	l := &p.loop
	if l.orders.naming == nil || l.orders.nameTold || !l.stageUp {
		return
	}
	now := p.cfg.Mono()
	if now >= l.orders.namedUntil {
		l.orders.naming = nil
		return
	}
	if on, _ := l.director.On(now); on != nil && on.Source == playlists.FromOrder && l.ledger.On() >= on.Scene.ID {
		l.orders.nameTold = true
		p.carriedOut(l.orders.naming)
	}
}

// reload verifies what the programme needs, beside the loop; then the player links anew and fetches the body again and
// whatever is missing.
func (p *Player) reload(o wire.Order) {
	assets := p.inUse()
	p.pending.Go(func() {
		for d := range assets {
			select {
			case <-p.stopped:
				return
			default:
			}
			if err := p.cache.Verify(d); err != nil {
				p.log.Warn("asset not as it should be", slog.String("asset", string(d)), slog.Any("error", err))
			}
		}
		p.post(func() {
			l := &p.loop
			l.orders.bodyAgain, l.fetchAgain, l.dirty = l.current != nil, true, true
			p.carriedOut(&o)
			p.dialAgain()
		})
	})
}
