package link

import (
	"time"

	"anteroom/playlists/wire"
)

const (
	// inARow is how many times the player asks for the time; the quickest answer counts.
	inARow = 5
	// syncEvery is how long the clock runs by itself between two such rows.
	syncEvery = 10 * time.Minute
	// worstTrip is the round trip above which an answer says nothing.
	worstTrip = 10 * time.Second
)

// exchanges is a row of time exchanges (RFC 5905 section 8), of which the one with the least round
// trip is the most certain.
type exchanges struct {
	count  int
	trip   time.Duration
	offset time.Duration
}

// add takes an answer that came at monotonic instant t4 to a question of instant T1; at gives the
// player's time at an instant.
func (x *exchanges) add(e *wire.TimeExchange, t4 int64, at func(int64) time.Time) {
	x.count++
	trip := time.Duration((t4 - e.T1) - (e.T3 - e.T2))
	if e.T1 > t4 || trip < 0 || trip > worstTrip || x.trip != 0 && trip >= x.trip {
		return
	}
	out, back := e.T2-at(e.T1).UnixNano(), e.T3-at(t4).UnixNano()
	x.trip, x.offset = max(trip, 1), time.Duration(out/2+back/2)
}

// timed takes an answer, asks again, and sets the clock at the end of the row.
func (s *session) timed(e *wire.TimeExchange) {
	clock := s.link.config.Clock
	s.times.add(e, s.arrived, clock.At)
	if s.times.count < inARow {
		s.post(func() { s.ask = true })
		return
	}
	if s.times.trip > 0 {
		clock.Adjust(s.times.offset, s.times.trip/2)
	}
	s.times = exchanges{}
}
