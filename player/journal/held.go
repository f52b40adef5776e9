package journal

import (
	"fmt"

	bolt "go.etcd.io/bbolt"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

const (
	// heldMost is how many plays wait for the clock to be set; beyond it the oldest is numbered as it is.
	heldMost = 20_000
	// releaseMost is how many are numbered in one transaction.
	releaseMost = 1000
)

// timed is a play as it is to be numbered. wait says that its time may still become known: it was
// recorded in this boot, and the clock has not been set since.
func (j *Journal) timed(p playlists.Play) (as playlists.Play, wait bool) {
	if j.cfg.Retime == nil || p.Quality != playlists.ClockUnset || p.Boot != j.cfg.Boot {
		return p, false
	}
	as, ok := j.cfg.Retime(p)
	return as, !ok
}

// finishLocked numbers a play that is over, or holds it while its time may become known or others wait
// before it.
func (j *Journal) finishLocked(w *writer, p playlists.Play) error {
	as, wait := j.timed(p)
	if wait || w.meta.Held > 0 {
		return w.hold(p)
	}
	return w.add(as)
}

// releaseLocked numbers held plays, the oldest first, as far as they need not wait any more.
func (j *Journal) releaseLocked(w *writer) error {
	for range releaseMost {
		p, err := w.oldestHeld()
		if err != nil || p.Seq == 0 {
			return err
		}
		as, wait := j.timed(p)
		if wait && w.meta.Held <= heldMost {
			return nil
		}
		if err := w.unhold(p.Seq); err != nil {
			return err
		}
		if err := w.add(as); err != nil {
			return err
		}
	}
	return nil
}

// releasableLocked reports whether held plays may be numbered.
func (j *Journal) releasableLocked() bool {
	if !j.holdsLocked() {
		return false
	}
	_, wait := j.timed(playlists.Play{Quality: playlists.ClockUnset, Boot: j.cfg.Boot})
	return !wait
}

func (j *Journal) holdsLocked() bool { return j.streams != nil && j.head().meta.Held > 0 }

// holds reports whether plays wait for the clock.
func (j *Journal) holds() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.holdsLocked()
}

// hold keeps a play that has no number yet; meanwhile Seq is its place in the row.
func (w *writer) hold(p playlists.Play) error {
	b, err := w.tx.CreateBucketIfNotExists([]byte(heldBucket))
	if err != nil {
		return err
	}
	if p.Seq, err = b.NextSequence(); err != nil {
		return err
	}
	w.meta.Held++
	return w.put(heldBucket, number(p.Seq), wire.PackPlays([]playlists.Play{p}))
}

// oldestHeld is the first in the row; its Seq is 0 if there is none.
func (w *writer) oldestHeld() (playlists.Play, error) {
	b := w.tx.Bucket([]byte(heldBucket))
	if b == nil {
		return playlists.Play{}, nil
	}
	k, v := b.Cursor().First()
	if k == nil {
		return playlists.Play{}, nil
	}
	return unsealPlay(k, v)
}

func (w *writer) unhold(place uint64) error {
	w.meta.Held--
	return w.tx.Bucket([]byte(heldBucket)).Delete(number(place))
}

// waiting is what a new file takes over from the newest: marks, and held plays in their order.
type waiting struct {
	marks map[uint64]mark
	held  []playlists.Play
}

func (d *day) waiting() (waiting, error) {
	marks, err := d.marks()
	if err != nil {
		return waiting{}, err
	}
	all := waiting{marks: marks}
	err = d.db.View(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte(heldBucket))
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, v []byte) error {
			p, err := unsealPlay(k, v)
			all.held = append(all.held, p)
			return err
		})
	})
	if err == nil && uint64(len(all.held)) != d.meta.Held {
		err = fmt.Errorf("%w: %d plays wait for the clock, not %d as is noted", ErrDamaged, len(all.held), d.meta.Held)
	}
	return all, err
}

func (a *waiting) put(w *writer) error {
	for turn, m := range a.marks {
		if err := w.mark(turn, m); err != nil {
			return err
		}
	}
	for _, p := range a.held {
		if err := w.hold(p); err != nil {
			return err
		}
	}
	return nil
}
