package journal

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// Stretch is a run of plays to send: dense, durable, of one stream.
type Stretch struct {
	Stream playlists.StreamID
	// Before is the chain's value before the first play.
	Before []byte
	Plays  []playlists.Play
}

// Next gives up to limit plays after the last that is acknowledged; none if all are. The same plays come
// until they are acknowledged: one stretch at a time is on its way.
func (j *Journal) Next(limit int) (Stretch, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.openLocked(); err != nil {
		return Stretch{}, err
	}
	s := j.sendingLocked()
	out := Stretch{Stream: s.ID, Before: bytes.Clone(s.Chain)}
	if s.Acked >= s.last() {
		return out, nil
	}
	d, err := j.readyLocked(s, s.Acked+1)
	if err != nil {
		return Stretch{}, j.surelyLocked(err)
	}
	err = d.plays(s.Acked+1, func(p *playlists.Play) (bool, error) {
		if firstOf(p) <= s.Acked {
			return false, fmt.Errorf("%w: play %d is in the middle of a gap", ErrDamaged, s.Acked+1)
		}
		out.Plays = append(out.Plays, *p)
		return len(out.Plays) < limit, nil
	})
	if err != nil {
		return Stretch{}, err
	}
	return out, nil
}

// readyLocked opens the file that holds number seq, which follows what is acknowledged: a damaged one
// is replaced by a gap, and one whose chain does not follow is chained anew.
func (j *Journal) readyLocked(s *stream, seq uint64) (*day, error) {
	i := s.holds(seq)
	if i < 0 {
		return nil, j.bridgeLocked(s, seq)
	}
	for k, other := range s.days {
		if k != i && other != j.head() {
			if err := other.close(); err != nil {
				return nil, err
			}
		}
	}
	d := s.days[i]
	if err := j.openForReading(d); errors.Is(err, ErrDamaged) && d != j.head() {
		return j.mendLocked(s, i)
	} else if err != nil {
		return nil, err
	}
	if d.meta.Last < seq {
		return j.fillLocked(s, i)
	}
	if seq == d.meta.First && !bytes.Equal(d.meta.Before, s.Chain) {
		return d, j.rechainLocked(s, d)
	}
	return d, nil
}

func (j *Journal) openForReading(d *day) error { return d.openFor(d == j.head(), &j.cfg) }

// holds is the index of the day file that holds seq; -1 if none does.
func (s *stream) holds(seq uint64) int {
	for i, d := range slices.Backward(s.days) {
		if d.first <= seq {
			if seq <= s.lastOf(i) {
				return i
			}
			return -1
		}
	}
	return -1
}

// mendLocked replaces a damaged file that is not the newest by a gap over what was not acknowledged.
func (j *Journal) mendLocked(s *stream, i int) (*day, error) {
	d, last := s.days[i], s.lastOf(i)
	j.cfg.Log.Error("journal damaged", slog.String("file", d.path), slog.Uint64("plays_lost", last-s.Acked))
	j.cfg.damaged(d.path)
	if err := j.keepAside(d); err != nil {
		return nil, err
	}
	made, err := j.gapLocked(s, d, last, "the player's journal of "+d.date+" was damaged")
	if err != nil {
		return nil, err
	}
	if made.path != d.path {
		if err := os.Remove(d.path); err != nil {
			return nil, err
		}
	}
	s.days[i] = made
	return made, j.openForReading(made)
}

// fillLocked puts a gap where a file is missing after day file i.
func (j *Journal) fillLocked(s *stream, i int) (*day, error) {
	d, last := s.days[i], s.lastOf(i)
	j.cfg.Log.Error("journal incomplete", slog.String("after", d.path), slog.Uint64("plays_lost", last-s.Acked))
	made, err := j.gapLocked(s, d, last, "a file of the player's journal was gone")
	if err != nil {
		return nil, err
	}
	s.days = slices.Insert(s.days, i+1, made)
	return made, j.openForReading(made)
}

// gapLocked makes a file of one gap record, of what follows the acknowledged plays up to last.
func (j *Journal) gapLocked(s *stream, like *day, last uint64, why string) (*day, error) {
	first := s.Acked + 1
	start := meta{Stream: s.ID, First: first, Last: s.Acked, Before: s.Chain, After: s.Chain, Condensed: true}
	return buildDay(s.path(j.cfg.Dir, like.index, like.date, first), start, j.cfg.NoSync, func(w *writer) error {
		return w.add(j.lostPlay(why, int(last-s.Acked)))
	})
}

// rechainLocked makes a file's chain follow what is acknowledged, after plays before it were lost or
// condensed.
func (j *Journal) rechainLocked(s *stream, d *day) error {
	next := d.meta
	next.Before, next.After, next.Last = s.Chain, s.Chain, d.meta.First-1
	err := d.plays(0, func(p *playlists.Play) (bool, error) {
		next.follow(p)
		return true, nil
	})
	if err != nil {
		return err
	}
	if err := d.openFor(true, &j.cfg); err != nil {
		return err
	}
	return d.update(func(w *writer) error {
		w.meta = next
		return nil
	})
}

// Acknowledge notes that the controller has all plays of a stream up to through; want, if above 0, is
// the first that it lacks.
func (j *Journal) Acknowledge(a wire.Ack) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.openLocked(); err != nil {
		return err
	}
	s := j.sendingLocked()
	switch {
	case s.ID != a.Stream:
		return nil
	case a.Want > 0:
		return j.moveLocked(s, a.Want-1)
	case a.Through > s.Acked:
		return j.moveLocked(s, a.Through)
	}
	return nil
}

// Known takes the controller's word, given in its welcome, on how much of a stream it has: more than
// believed where an acknowledgement was lost, less where the controller was restored.
func (j *Journal) Known(id playlists.StreamID, through uint64) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.openLocked(); err != nil {
		return err
	}
	s := j.sendingLocked()
	if s.ID != id || s.Acked == through && !s.Guessed {
		return nil
	}
	return j.moveLocked(s, through)
}

// moveLocked makes through the last acknowledged play. Where that cannot be joined to what is on disk,
// the rest goes into a new stream.
func (j *Journal) moveLocked(s *stream, through uint64) error {
	if through > s.last() {
		return j.surelyLocked(j.renewLocked(s, s.last()+1, "the controller has plays of the old stream that this player does not have"))
	}
	if through+1 < s.kept() {
		return j.surelyLocked(j.renewLocked(s, s.kept(), "the controller asked for plays older than the player keeps"))
	}
	chain, err := j.chainAtLocked(s, through)
	if errors.Is(err, ErrDamaged) {
		return j.surelyLocked(j.renewLocked(s, through+1, "the controller has plays that the player lost"))
	}
	if err != nil {
		return j.surelyLocked(err)
	}
	s.Acked, s.Chain, s.Guessed = through, chain, false
	if j.cfg.NoSync {
		j.unsaved = true // the controller tells again
		return nil
	}
	return j.saveIndex()
}

// chainAtLocked is the chain's value after play seq; [ErrDamaged] where no record ends there.
func (j *Journal) chainAtLocked(s *stream, seq uint64) ([]byte, error) {
	if seq == 0 {
		return wire.ChainStart(s.ID)
	}
	i := s.holds(seq)
	if i < 0 && seq+1 == s.kept() {
		err := j.openForReading(s.days[0])
		return s.days[0].meta.Before, err
	}
	if i < 0 {
		return nil, fmt.Errorf("%w: play %d is not kept", ErrDamaged, seq)
	}
	d := s.days[i]
	if s.Acked < seq && d.first <= s.Acked+1 {
		var err error
		if d, err = j.readyLocked(s, s.Acked+1); err != nil {
			return nil, err
		}
		return chainTo(d, meta{Last: s.Acked, After: s.Chain}, seq)
	}
	if err := j.openForReading(d); err != nil {
		return nil, err
	}
	return chainTo(d, meta{Last: d.meta.First - 1, After: d.meta.Before}, seq)
}

func chainTo(d *day, at meta, seq uint64) ([]byte, error) {
	err := d.plays(at.Last+1, func(p *playlists.Play) (bool, error) {
		if firstOf(p) == at.Last+1 && p.Seq <= seq {
			at.follow(p)
		}
		return p.Seq < seq, nil
	})
	if err == nil && at.Last != seq {
		err = fmt.Errorf("%w: no record ends at play %d", ErrDamaged, seq)
	}
	return at.After, err
}

// bridgeLocked is for numbers that no file holds any more: the rest goes into a new stream.
func (j *Journal) bridgeLocked(s *stream, seq uint64) error {
	from := s.last() + 1
	for _, d := range s.days {
		if d.first > seq {
			from = min(from, d.first)
		}
	}
	if err := j.renewLocked(s, from, "files of the player's journal were gone"); err != nil {
		return err
	}
	return fmt.Errorf("%w: plays from %d on are gone; the rest is in a new stream", ErrDamaged, seq)
}
