package journal

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// tidy removes what is acknowledged and old, and keeps the journal within its quota: acknowledged plays
// go first, then the oldest others become one record per item and hour.
func (j *Journal) tidy() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.streams == nil {
		return nil
	}
	if j.unsaved { // files go only when the index on disk does without them
		if err := j.saveIndex(); err != nil {
			return err
		}
	}
	err := j.forgetLocked(j.cfg.Now())
	for err == nil && j.bytesLocked() > j.cfg.Quota {
		var less bool
		if less, err = j.shrinkLocked(); !less {
			break
		}
	}
	return j.surelyLocked(err)
}

// forgetLocked removes acknowledged files older than the time to keep them, and streams without files.
func (j *Journal) forgetLocked(now time.Time) error {
	limit := now.Add(-j.cfg.Keep).UTC().Format(time.DateOnly)
	for _, s := range slices.Clone(j.streams) {
		for len(s.days) > 0 && s.days[0].date < limit && j.doneLocked(s, 0) {
			if err := s.dropFirst(); err != nil {
				return err
			}
		}
		if len(s.days) == 0 && s.Acked >= s.last() {
			if err := j.dropStream(s); err != nil {
				return err
			}
		}
	}
	return j.forgetDamaged(now)
}

// doneLocked reports whether the controller has all of day file i, and it is not written to.
func (j *Journal) doneLocked(s *stream, i int) bool {
	return s.lastOf(i) <= s.Acked && s.days[i] != j.head()
}

func (s *stream) dropFirst() error {
	d := s.days[0]
	s.days = s.days[1:]
	return errors.Join(d.close(), os.Remove(d.path))
}

// forgetDamaged removes files that were set aside, when they are older than the time to keep plays.
func (j *Journal) forgetDamaged(now time.Time) error {
	names, err := filepath.Glob(filepath.Join(j.cfg.Dir, "*", "*"+damagedSuffix))
	for _, name := range names {
		info, statErr := os.Stat(name)
		if statErr == nil && now.Sub(info.ModTime()) > j.cfg.Keep {
			err = errors.Join(err, os.Remove(name))
		}
	}
	return err
}

// shrinkLocked makes the journal smaller by one step; false if nothing more can be done.
func (j *Journal) shrinkLocked() (bool, error) {
	for _, s := range j.streams {
		if len(s.days) > 0 && j.doneLocked(s, 0) {
			return true, s.dropFirst()
		}
	}
	for _, s := range j.streams {
		for i, d := range s.days {
			if d == j.head() || j.doneLocked(s, i) || s.Guessed {
				continue
			}
			if err := j.openForReading(d); err != nil {
				return false, err
			}
			if !d.meta.Condensed {
				return true, j.condenseLocked(s, i)
			}
		}
	}
	return false, nil
}

// inFlight is how many plays after the acknowledged ones the controller may have already; they are
// never condensed, because their numbers are taken.
const inFlight = wire.BatchPlays

// condenseLocked rewrites day file i: of what cannot be with the controller yet, one record stays per
// item and hour; a gap record stands for the numbers that this sets free.
func (j *Journal) condenseLocked(s *stream, i int) error {
	d := s.days[i]
	var keep, sums []playlists.Play
	index := map[sumKey]int{}
	freed := 0
	err := d.plays(0, func(p *playlists.Play) (bool, error) {
		switch key := sumOf(p); {
		case firstOf(p) <= s.Acked+inFlight:
			keep = append(keep, *p)
		case p.Gap != "":
			sums = append(sums, *p)
		default:
			at, ok := index[key]
			if ok {
				sums[at] = join(sums[at], *p)
				freed++
				break
			}
			index[key] = len(sums)
			sums = append(sums, condensed(*p))
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	if freed > 0 {
		sums = append(sums, j.gapPlay("the journal was full: these plays are in the counts before", freed))
	}
	if err := d.close(); err != nil {
		return err
	}
	start := d.meta
	start.Last, start.After, start.Condensed = d.meta.First-1, d.meta.Before, true
	made, err := buildDay(d.path, start, j.cfg.NoSync, func(w *writer) error {
		for _, p := range append(keep, sums...) {
			if err := w.add(p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.days[i] = made
	j.cfg.Log.Warn("journal condensed", slog.String("date", d.date), slog.Int("records", len(sums)), slog.Int("freed", freed))
	return nil
}

// sumKey is what plays must share to be counted in one record.
type sumKey struct {
	play playlists.Play
	hour int64
}

func sumOf(p *playlists.Play) sumKey {
	k := sumKey{*p, p.Start.Add(time.Duration(p.Offset) * time.Second).Truncate(time.Hour).Unix()}
	k.play.Seq, k.play.Start, k.play.Mono, k.play.Shown, k.play.Planned, k.play.Condensed = 0, time.Time{}, 0, 0, 0, 0
	return k
}

func condensed(p playlists.Play) playlists.Play {
	p.Condensed = max(1, p.Condensed)
	return p
}

func join(sum, p playlists.Play) playlists.Play {
	sum.Shown, sum.Planned = sum.Shown+p.Shown, sum.Planned+p.Planned
	sum.Condensed += max(1, p.Condensed)
	return sum
}
