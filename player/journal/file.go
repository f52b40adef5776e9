package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"

	"anteroom/player/disk"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// The buckets of a day file, and the one key of the first.
const (
	metaBucket  = "meta"
	playsBucket = "plays"
	openBucket  = "open"
	heldBucket  = "held"
	metaKey     = "meta"
)

// lockWait is how long to wait for another process that has the file.
const lockWait = 2 * time.Second

// meta is what a day file says of itself. Without plays Last is First-1 and After is Before.
type meta struct {
	Stream playlists.StreamID `json:"stream"`
	First  uint64             `json:"first"`
	Last   uint64             `json:"last"`
	Before []byte             `json:"before"`
	After  []byte             `json:"after"`
	// Alive is the last instant at which the agent wrote, in milliseconds of Boot's monotonic clock.
	Boot  playlists.BootID `json:"boot,omitempty"`
	Alive int64            `json:"alive,omitempty"`
	// Run is the process that wrote last, Ops how many of its steps are durable: a commit that failed may be
	// durable all the same.
	Run string `json:"run,omitempty"`
	Ops uint64 `json:"ops,omitempty"`
	// Settled is the earlier run whose lost plays have their gap.
	Settled string `json:"settled,omitempty"`
	// Condensed: its plays are sums already.
	Condensed bool `json:"condensed,omitempty"`
	// Held counts plays that wait for the clock to be set.
	Held uint64 `json:"held,omitempty"`
}

// follow extends the chain by a play.
func (m *meta) follow(p *playlists.Play) {
	m.Last, m.After = p.Seq, wire.Chain(m.After, *p)
}

// mark is a play without a number.
type mark struct {
	Play  playlists.Play `json:"play"`
	Slot  time.Time      `json:"slot"`
	Drawn bool           `json:"drawn,omitempty"`
	Run   string         `json:"run"`
}

// day is a day file. db is nil while it is closed, and meta unknown until it was open.
type day struct {
	path   string
	index  int
	date   string
	first  uint64
	meta   meta
	db     *bolt.DB
	probed bool
}

func dayName(index int, date string, first uint64) string {
	return fmt.Sprintf("%06d-%s-%d.db", index, date, first)
}

func parseDay(path string) (*day, bool) {
	d := &day{path: path}
	_, err := fmt.Sscanf(filepath.Base(path), "%06d-%10s-%d.db", &d.index, &d.date, &d.first)
	return d, err == nil && filepath.Base(path) == dayName(d.index, d.date, d.first)
}

func openDB(path string, readOnly, noSync bool, space int) (*bolt.DB, error) {
	return bolt.Open(path, 0o600, &bolt.Options{
		Timeout: lockWait, ReadOnly: readOnly, NoSync: noSync, NoGrowSync: noSync, FreelistType: bolt.FreelistMapType,
		InitialMmapSize: space, PreLoadFreelist: true,
	})
}

// openFor opens the file after its probe, once, and reads what it says of itself.
func (d *day) openFor(writing bool, cfg *Config) error {
	if d.db != nil && writing == d.db.IsReadOnly() {
		if err := d.close(); err != nil {
			return err
		}
	}
	if d.db != nil {
		return nil
	}
	if !d.probed {
		if err := cfg.Probe(d.path); err != nil {
			return fmt.Errorf("probing %s: %w", filepath.Base(d.path), err)
		}
		d.probed = true
	}
	db, err := openDB(d.path, !writing, cfg.NoSync, 0)
	if err != nil {
		return fmt.Errorf("opening %s: %w", filepath.Base(d.path), err)
	}
	d.db = db
	return db.View(func(tx *bolt.Tx) error { return d.readMeta(tx) })
}

func (d *day) readMeta(tx *bolt.Tx) error {
	b := tx.Bucket([]byte(metaBucket))
	if b == nil {
		return fmt.Errorf("%w: %s has no meta", ErrDamaged, filepath.Base(d.path))
	}
	return unsealJSON([]byte(metaKey), b.Get([]byte(metaKey)), &d.meta)
}

func (d *day) close() error {
	if d.db == nil {
		return nil
	}
	db := d.db
	d.db = nil
	return db.Close()
}

// size is the file's length in bytes; 0 if it is gone.
func (d *day) size() int64 {
	info, err := os.Stat(d.path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// plays calls do with each record from the one that holds number from on, until it returns false.
func (d *day) plays(from uint64, do func(*playlists.Play) (bool, error)) error {
	return d.db.View(func(tx *bolt.Tx) error {
		c := tx.Bucket([]byte(playsBucket)).Cursor()
		for k, v := c.Seek(number(from)); k != nil; k, v = c.Next() {
			p, err := unsealPlay(k, v)
			if err != nil {
				return err
			}
			if more, err := do(&p); err != nil || !more {
				return err
			}
		}
		return nil
	})
}

// recent gives the last records, the newest first, limit at most.
func (d *day) recent(limit int) ([]playlists.Play, error) {
	var last []playlists.Play
	err := d.db.View(func(tx *bolt.Tx) error {
		c := tx.Bucket([]byte(playsBucket)).Cursor()
		for k, v := c.Last(); k != nil && len(last) < limit; k, v = c.Prev() {
			p, err := unsealPlay(k, v)
			if err != nil {
				return err
			}
			last = append(last, p)
		}
		return nil
	})
	return last, err
}

// marks gives all marks by turn.
func (d *day) marks() (map[uint64]mark, error) {
	all := map[uint64]mark{}
	err := d.db.View(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(openBucket)).ForEach(func(k, v []byte) error {
			var m mark
			if err := unsealJSON(k, v, &m); err != nil {
				return err
			}
			all[turnOf(k)] = m
			return nil
		})
	})
	return all, err
}

// writer writes into one transaction of a day file.
type writer struct {
	tx   *bolt.Tx
	meta meta
}

// update runs write in one transaction, which is durable when it returns without an error.
func (d *day) update(write func(*writer) error) error {
	w := writer{meta: d.meta}
	err := d.db.Update(func(tx *bolt.Tx) error {
		w.tx = tx
		if err := write(&w); err != nil {
			return err
		}
		return w.putJSON(metaBucket, []byte(metaKey), w.meta)
	})
	if err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(d.path), err)
	}
	d.meta = w.meta
	return nil
}

func (w *writer) put(bucket string, key, value []byte) error {
	return w.tx.Bucket([]byte(bucket)).Put(key, seal(key, value))
}

func (w *writer) putJSON(bucket string, key []byte, value any) error {
	enc, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return w.put(bucket, key, enc)
}

// add gives a play the next number, and a gap the next numbers.
func (w *writer) add(p playlists.Play) error {
	p.Seq = w.meta.Last + uint64(max(1, p.Lost))
	p.Start = p.Start.UTC().Truncate(time.Millisecond)
	w.meta.follow(&p)
	return w.put(playsBucket, number(p.Seq), wire.PackPlays([]playlists.Play{p}))
}

func (w *writer) mark(turn uint64, m mark) error { return w.putJSON(openBucket, number(turn), m) }

func (w *writer) unmark(turn uint64) error {
	return w.tx.Bucket([]byte(openBucket)).Delete(number(turn))
}

// buildDay makes a whole new day file at path, or none: fill writes it in one transaction.
func buildDay(path string, first meta, noSync bool, fill func(*writer) error) (*day, error) {
	d, ok := parseDay(path)
	if !ok {
		return nil, fmt.Errorf("building %s: not the name of a day file", path)
	}
	temp := path + tempSuffix
	if err := os.Remove(temp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	made, err := fillDay(temp, first, noSync, fill)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("building %s: %w", filepath.Base(path), err), os.RemoveAll(temp))
	}
	if err := disk.Rename(temp, path); err != nil {
		return nil, err
	}
	d.meta, d.probed = made, true
	return d, nil
}

func fillDay(path string, first meta, noSync bool, fill func(*writer) error) (meta, error) {
	db, err := openDB(path, false, noSync, 0)
	if err != nil {
		return meta{}, err
	}
	d := day{path: path, db: db, meta: first}
	err = db.Update(func(tx *bolt.Tx) error {
		for _, name := range []string{metaBucket, playsBucket, openBucket} {
			if _, err := tx.CreateBucket([]byte(name)); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = d.update(fill)
	}
	return d.meta, errors.Join(err, d.close())
}
