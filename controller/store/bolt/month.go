package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"anteroom/controller/store"
)

// month is a file of plays.
type month struct {
	closing // what is known without opening it

	file  *file
	names names

	// opening guards the first use of a closed month.
	opening sync.Mutex
	open    bool
	// refused is why the file could not be opened when it was at.
	refused error
	at      state
	// gone: its plays were removed while somebody may still read it.
	gone atomic.Bool
}

// state changes whenever somebody writes a file or puts another in its place.
type state struct {
	device, inode uint64
	size          int64
	changed       unix.Timespec
}

// stateOf is the state of a file; of none it is the zero value.
func stateOf(path string) state {
	var s unix.Stat_t
	if err := unix.Stat(path, &s); err != nil {
		return state{}
	}
	return state{device: s.Dev, inode: s.Ino, size: s.Size, changed: s.Ctim}
}

// month is a file of plays that is open or about to be opened by its maker.
func (p *plays) month(c closing) *month {
	m := &month{closing: c, open: true}
	m.file = &file{path: p.path(c.Month), design: playsDesign(), noSync: p.noSync, log: p.log, commits: c.Commits, loaded: m.names.load}
	m.file.probe = func(ctx context.Context, path string) error {
		err := p.probe(ctx, path)
		if errors.Is(err, ErrHeader) {
			p.log.WarnContext(ctx, "damaged header", slog.String("file", path), slog.Any("error", err),
				slog.String("advice", "the last plays that came in may be gone; players send them again"))
			return nil
		}
		return err
	}
	return m
}

// closedMonth is a file of plays that is read only, and opened on first use.
func (p *plays) closedMonth(c closing) *month {
	m := p.month(c)
	m.file.readOnly, m.open = true, false
	return m
}

// ready opens a closed month that is not open yet. One that was damaged is not proved again before its file changes.
func (m *month) ready(ctx context.Context) error {
	m.opening.Lock()
	defer m.opening.Unlock()
	switch {
	case m.gone.Load():
		return m.damaged(errClosed)
	case m.open:
		return nil
	}
	at := stateOf(m.file.path)
	if m.refused != nil && m.at == at {
		return m.refused
	}
	err := m.file.open(ctx)
	m.open = err == nil
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: %w", store.ErrDamaged, err)
	}
	err = m.damaged(err)
	if m.refused = nil; errors.Is(err, store.ErrDamaged) {
		m.refused, m.at = err, at
	}
	return err
}

// damaged adds the month, and what to do, to an error about damage.
func (m *month) damaged(err error) error {
	name, _ := partOf(m.Month)
	if errors.Is(err, errClosed) && m.gone.Load() {
		return &store.ForgottenError{Through: name}
	}
	if !errors.Is(err, store.ErrDamaged) {
		return err
	}
	return &store.DamagedMonthError{Month: name, Err: fmt.Errorf("%w. Put the backup of %s in its place", err, m.file.path)}
}

// mayHold reports whether plays that start from day first to day last may be in the month.
func (m *month) mayHold(first, last int64) bool {
	return m.FirstDay == nil || m.LastDay == nil || int64(*m.FirstDay) <= last && first <= int64(*m.LastDay)
}

// chainAt looks for a play in the chunks of a stream, day by day: there is no index of numbers, since
// only a player that repeats itself makes anybody look.
func (m *month) chainAt(ctx context.Context, stream [16]byte, seq uint64) (chain []byte, ok bool, err error) {
	err = m.file.view(ctx, func(t *tx) error {
		days, broken := daysOf(t)
		for n := 0; n < len(days) && broken == nil && !ok; n++ {
			chain, ok, broken = m.chainOn(t, days[n], stream, seq)
		}
		return broken
	})
	return chain, ok, err
}

// daysOf lists the days of which there are plays.
func daysOf(t *tx) (days []int32, err error) {
	c := t.table(tablePlays).cursor()
	key, _, err := c.seek(nil)
	for key != nil && err == nil {
		var k chunkKey
		if k, err = parseChunkKey(key); err != nil {
			break
		}
		days = append(days, k.day)
		if k.day == math.MaxInt32 {
			break
		}
		key, _, err = c.seek(dayKey(k.day + 1))
	}
	return days, err
}

// chainOn looks for a play of one day: in the last chunk that begins at or before it, and in one that
// begins right after it, which knows the chain before.
func (m *month) chainOn(t *tx, day int32, stream [16]byte, seq uint64) (chain []byte, ok bool, err error) {
	c := t.table(tablePlays).cursor()
	for bound := seq + 1; bound <= seq+2 && err == nil && !ok; bound++ {
		var key, packed []byte
		if key, packed, err = c.before(chunkKey{day, stream, bound}.bytes()); err != nil {
			break
		}
		var k *chunkKey
		if k, err = chunkOf(key, day, stream); k != nil {
			chain, ok, err = m.chainIn(t, *k, packed, seq)
		}
	}
	return chain, ok, err
}

// chainIn looks for a play in one chunk.
func (m *month) chainIn(t *tx, k chunkKey, packed []byte, seq uint64) (chain []byte, ok bool, err error) {
	c, err := openChunk(k, packed)
	if err != nil || seq+1 < k.first || seq > c.last {
		return nil, false, err
	}
	d, err := m.dictionary(t, k)
	if err != nil {
		return nil, false, err
	}
	return c.chain(k, d, seq)
}

// chunkOf reads a key if it is of a stream's chunk of a day.
func chunkOf(key []byte, day int32, stream [16]byte) (*chunkKey, error) {
	if key == nil {
		return nil, nil
	}
	k, err := parseChunkKey(key)
	if err != nil || k.day != day || k.stream != stream {
		return nil, err
	}
	return &k, nil
}

func (m *month) dictionary(t *tx, k chunkKey) (*dictionary, error) {
	packed, err := t.table(tableDictionaries).get(k.prefix())
	if err != nil {
		return nil, err
	}
	return openDictionary(packed, m.names.all())
}
