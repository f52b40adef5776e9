package journal

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"anteroom/playlists"
)

// setAside renames a damaged file, so that it is not read again and a person can look at it. What takes its
// place is durable by then, so that a crash in between changes no numbers.
func (j *Journal) setAside(d *day) error {
	err := d.close()
	if rename := os.Rename(d.path, d.path+damagedSuffix); rename != nil && !errors.Is(rename, os.ErrNotExist) {
		return errors.Join(err, rename)
	}
	return err
}

// keepAside gives a damaged file a second name, before another file takes its own.
func (j *Journal) keepAside(d *day) error {
	if err := d.close(); err != nil {
		return err
	}
	aside := d.path + damagedSuffix
	if err := os.Remove(aside); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Link(d.path, aside); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// renewLocked moves the plays of s from number from on into a new stream, after a gap record that says
// why. It is only done when the controller has just told what it has, or nothing of them can be with
// it; else they would be counted twice.
func (j *Journal) renewLocked(s *stream, from uint64, why string) error {
	next, err := j.makeStream(why)
	if err != nil {
		return err
	}
	next.Controller = s.Controller
	gap := j.gapPlay(why, 1)
	at := meta{Stream: next.ID, First: 1, Before: next.Chain, After: next.Chain}
	for i, d := range s.days {
		if s.lastOf(i) < from && d != j.head() {
			continue
		}
		made, err := j.copyDay(next, d, at, from, &gap)
		if err != nil {
			return err
		}
		if made != nil {
			next.days = append(next.days, made)
			at = meta{Stream: next.ID, First: made.meta.Last + 1, Last: made.meta.Last, Before: made.meta.After, After: made.meta.After}
		}
	}
	return j.replaceLocked(s, next, gap)
}

// copyDay copies the plays from number from on, and what waits in the newest file, into a new stream.
// What is damaged is left out, and the gap record says so.
func (j *Journal) copyDay(to *stream, d *day, at meta, from uint64, gap *playlists.Play) (*day, error) {
	var plays []playlists.Play
	var left waiting
	err := j.openForReading(d)
	if err == nil {
		err = d.plays(from, func(p *playlists.Play) (bool, error) {
			plays = append(plays, *p)
			return true, nil
		})
	}
	if err == nil && d == j.head() {
		left, err = d.waiting()
	}
	if errors.Is(err, ErrDamaged) {
		gap.Gap += "; the journal of " + d.date + " was damaged"
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return buildDay(to.path(j.cfg.Dir, d.index, d.date, at.First), at, j.cfg.NoSync, func(w *writer) error {
		j.signLocked(&w.meta)
		for _, p := range plays {
			if err := w.add(p); err != nil {
				return err
			}
		}
		return left.put(w)
	})
}

// replaceLocked ends s, which is drained by next. If s is the newest stream, next is written to from now
// on; the gap record is its last then, because numbers before it are given already.
func (j *Journal) replaceLocked(s, next *stream, gap playlists.Play) error {
	newest := s == j.streams[len(j.streams)-1]
	if len(next.days) == 0 {
		start := meta{Stream: next.ID, First: 1, Before: next.Chain, After: next.Chain}
		made, err := buildDay(next.path(j.cfg.Dir, 1, j.cfg.Now().UTC().Format(time.DateOnly), 1), start, j.cfg.NoSync, func(w *writer) error {
			j.signLocked(&w.meta)
			return nil
		})
		if err != nil {
			return err
		}
		next.days = append(next.days, made)
	}
	last := next.days[len(next.days)-1]
	err := last.openFor(true, &j.cfg)
	if err == nil {
		err = last.update(func(w *writer) error { return w.add(gap) })
	}
	if err != nil {
		return err
	}
	if newest {
		j.streams = append(j.streams, next)
	} else {
		next.End = next.last()
		j.streams = append([]*stream{next}, j.streams...)
		err = last.close()
	}
	if err := errors.Join(err, s.close()); err != nil {
		return err
	}
	return j.dropStream(s)
}

// dropStream removes a stream that holds nothing any more that another does not; its files go once the
// index does without it.
func (j *Journal) dropStream(s *stream) error {
	j.streams = slices.DeleteFunc(slices.Clone(j.streams), func(other *stream) bool { return other == s })
	if err := j.saveIndex(); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Clean(s.dir(j.cfg.Dir)))
}
