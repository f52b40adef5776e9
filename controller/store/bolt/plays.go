package bolt

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// The tables of a month's plays; doc.go draws them.
const (
	holdsPlays        = "plays"
	tableNames        = "names"
	tableDictionaries = "dictionaries"
	tablePlays        = "plays"
	tableStreams      = "streams"
	tableRollups      = "rollups"
	tableDays         = "days"
	tableMonths       = "months"
	tableTotals       = "totals" // since formatTotals

	keyEarlier = "earlier" // in the table meta
)

func playsDesign() design {
	return design{
		holds: holdsPlays, grow: 16 << 20, format: formatTotals,
		tables: []string{tableNames, tableDictionaries, tablePlays, tableStreams, tableRollups, tableDays, tableMonths, tableTotals},
	}
}

// plays keeps a file a month of arrival, or several parts of it. The newest is written; all others are closed.
type plays struct {
	dir    string
	log    *slog.Logger
	probe  func(ctx context.Context, path string) error
	noSync bool
	part   int64 // the size in bytes at which a part ends

	// writer is held by the one that appends or changes months.
	writer sync.Mutex
	// begun is a month that could not be begun: what may be there of it holds nothing.
	begun string
	// heard are the watermarks of the newest month, once somebody has asked for all of them.
	heard heard
	// months are all that are known, in order; the last one is written. The slice is never modified.
	months atomic.Pointer[[]*month]
}

// closing is what a month's file was when the next one was made, as that one remembers it.
type closing struct {
	Month    string `json:"month"` // "2026-11", or a later part of it, "2026-11-part002"
	Commits  uint64 `json:"commits,omitempty"`
	FirstDay *int32 `json:"first_day,omitempty"`
	LastDay  *int32 `json:"last_day,omitempty"`
	// Forgotten: its plays have been removed. LastDate is the newest day of theirs on the screens' wall clocks.
	Forgotten bool   `json:"forgotten,omitempty"`
	LastDate  *int32 `json:"last_date,omitempty"`
}

const (
	monthLayout = "2006-01"
	partMark    = "-part"
)

// defaultPart is the size in bytes at which a part of a month ends, so that a start proves the part that is
// written in less than a second, however many plays there are.
const defaultPart = 256 << 20

// partName is the name of a month's n-th part, from 1; names sort like time.
func partName(month string, n int) string {
	if n == 1 {
		return month
	}
	return fmt.Sprintf("%s%s%03d", month, partMark, n)
}

// partOf is the month and the number of a part.
func partOf(name string) (month string, n int) {
	month, number, later := strings.Cut(name, partMark)
	if !later {
		return month, 1
	}
	n, err := strconv.Atoi(number)
	if err != nil {
		return name, 1
	}
	return month, n
}

// isPart reports whether a name is that of a part of a month.
func isPart(name string) bool {
	month, n := partOf(name)
	_, err := time.Parse(monthLayout, month)
	return err == nil && n > 0 && partName(month, n) == name
}

func openPlays(ctx context.Context, c Config) (*plays, error) {
	p := &plays{dir: c.Dir, log: c.Log, probe: c.Probe, noSync: c.NoSync, part: cmp.Or(c.Part, defaultPart)}
	p.months.Store(&[]*month{})
	found, err := p.onDisk()
	if err != nil || len(found) == 0 {
		return p, err
	}
	newest := found[len(found)-1]
	m := p.month(closing{Month: newest})
	if err := os.Chmod(m.file.path, 0o600); err != nil { // the next month may be gone, or not have come to be
		return nil, fmt.Errorf("opening a month of plays: %w", err)
	}
	err = m.file.open(ctx)
	if errors.Is(err, store.ErrDamaged) {
		m, err = p.replace(ctx, newest, found[:len(found)-1], err)
	}
	if err != nil {
		return nil, err
	}
	if err := p.resume(ctx, m); err != nil {
		return nil, err
	}
	return p, nil
}

// onDisk lists the months that there are files of, in order.
func (p *plays) onDisk() ([]string, error) {
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		return nil, fmt.Errorf("looking for plays: %w", err)
	}
	var found []string
	for _, e := range entries {
		name, isPlays := strings.CutPrefix(e.Name(), prefixPlays)
		name, isFile := strings.CutSuffix(name, suffixFile)
		if isPlays && isFile && isPart(name) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found, nil
}

func (p *plays) path(month string) string {
	return filepath.Join(p.dir, prefixPlays+month+suffixFile)
}

// resume takes an open month as the one that is written, and the months that it remembers.
func (p *plays) resume(ctx context.Context, newest *month) error {
	var earlier []closing
	err := newest.file.view(ctx, func(t *tx) (err error) {
		earlier, err = earlierOf(t)
		return err
	})
	if err != nil {
		return errors.Join(err, newest.file.close())
	}
	var months []*month
	for _, c := range earlier {
		months = append(months, p.closedMonth(c))
	}
	months = append(months, newest)
	p.months.Store(&months)
	return nil
}

func earlierOf(t *tx) (earlier []closing, err error) {
	raw, err := t.table(tableMeta).get([]byte(keyEarlier))
	if err != nil || raw == nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &earlier); err != nil {
		return nil, fmt.Errorf("%w: the list of earlier months: %w", store.ErrDamaged, err)
	}
	return earlier, nil
}

func putEarlier(t *tx, earlier []closing) error {
	list, err := json.Marshal(earlier)
	if err != nil {
		return fmt.Errorf("listing earlier months: %w", err)
	}
	return t.table(tableMeta).put([]byte(keyEarlier), list)
}

// replace sets the newest month's damaged file aside and makes a new one from the watermarks of the
// newest sound month before it, if there is one. Players send again what they still have; what they
// have no more shows as gaps.
func (p *plays) replace(ctx context.Context, damaged string, before []string, why error) (*month, error) {
	aside := p.path(damaged) + markCorrupt + time.Now().UTC().Format("20060102T150405Z")
	if err := os.Rename(p.path(damaged), aside); err != nil {
		return nil, fmt.Errorf("setting a damaged file aside: %w", errors.Join(err, why))
	}
	p.log.ErrorContext(ctx, "damaged plays set aside", slog.String("file", aside), slog.Any("error", why),
		slog.String("advice", "players send again what they still have; older plays of that month are only in this file: keep it, and restore it from a backup if there is one"))
	var skipped []closing
	for _, b := range slices.Backward(before) {
		m := p.month(closing{Month: b})
		m.file.readOnly = true
		err := m.file.open(ctx)
		if err == nil {
			return p.succeedAndClose(ctx, m, damaged, skipped)
		}
		if !errors.Is(err, store.ErrDamaged) {
			return nil, err
		}
		p.log.ErrorContext(ctx, "damaged plays", slog.String("file", m.file.path), slog.Any("error", err))
		skipped = append([]closing{{Month: b}}, skipped...)
	}
	return p.begin(ctx, damaged, skipped, nil)
}

func (p *plays) succeedAndClose(ctx context.Context, old *month, name string, skipped []closing) (*month, error) {
	fresh, err := p.succeed(ctx, old, name, skipped)
	return fresh, errors.Join(err, old.file.close())
}

// succeed makes the month after old, with its watermarks and what it remembers.
func (p *plays) succeed(ctx context.Context, old *month, name string, skipped []closing) (*month, error) {
	var earlier []closing
	streams := map[string][]byte{}
	err := old.file.view(ctx, func(t *tx) (err error) {
		if earlier, err = earlierOf(t); err != nil {
			return err
		}
		l, err := t.readLedger()
		if err != nil {
			return err
		}
		earlier = append(append(earlier, closing{Month: old.Month, Commits: l.Commits, FirstDay: l.FirstDay, LastDay: l.LastDay}), skipped...)
		c := t.table(tableStreams).cursor()
		key, value, err := c.seek(nil)
		for ; key != nil && err == nil; key, value, err = c.next() {
			streams[string(key)] = slices.Clone(value)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return p.begin(ctx, name, earlier, streams)
}

// begin makes a month's file and opens it.
func (p *plays) begin(ctx context.Context, name string, earlier []closing, streams map[string][]byte) (*month, error) {
	if p.begun == name {
		if err := os.Remove(p.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("beginning a month of plays: %w", err)
		}
	}
	m, err := p.create(ctx, name, earlier, streams)
	switch {
	case err == nil:
		p.begun = ""
	case !errors.Is(err, fs.ErrExist):
		p.begun = name
	}
	return m, err
}

func (p *plays) create(ctx context.Context, name string, earlier []closing, streams map[string][]byte) (*month, error) {
	err := create(p.path(name), playsDesign(), p.noSync, func(t *tx) error {
		for key, value := range streams {
			if err := t.table(tableStreams).put([]byte(key), value); err != nil {
				return err
			}
		}
		return putEarlier(t, earlier)
	})
	if err != nil {
		return nil, err
	}
	m := p.month(closing{Month: name})
	if err := m.file.open(ctx); err != nil {
		return nil, err
	}
	return m, nil
}

// newest is the month that is written; nil before the first play.
func (p *plays) newest() *month {
	months := *p.months.Load()
	if len(months) == 0 {
		return nil
	}
	return months[len(months)-1]
}

// Watermark implements [store.Plays].
func (p *plays) Watermark(ctx context.Context, stream playlists.StreamID) (w store.Watermark, err error) {
	key, err := streamKey(stream)
	m := p.newest()
	if err != nil || m == nil {
		return store.Watermark{}, err
	}
	err = m.file.view(ctx, func(t *tx) error {
		w, err = watermark(t, key)
		return err
	})
	return w, err
}

// Heard implements [store.Plays]: the newest month has the watermarks of all streams.
func (p *plays) Heard(ctx context.Context) (map[playlists.PlayerID]store.Watermark, error) {
	m := p.newest()
	if m == nil {
		return map[playlists.PlayerID]store.Watermark{}, nil
	}
	return p.heard.players(ctx, m)
}

// ChainAt implements [store.Plays].
func (p *plays) ChainAt(ctx context.Context, stream playlists.StreamID, seq uint64) (chain []byte, ok bool, err error) {
	w, err := p.Watermark(ctx, stream)
	if err != nil || seq > w.Through || w.Through == 0 {
		return nil, false, err
	}
	if seq == w.Through {
		return w.Chain, true, nil
	}
	key, err := streamKey(stream)
	if err != nil {
		return nil, false, err
	}
	for _, m := range slices.Backward(*p.months.Load()) {
		if m.Forgotten {
			continue
		}
		err = m.ready(ctx)
		if err == nil {
			chain, ok, err = m.chainAt(ctx, key, seq)
		}
		if ok || err != nil {
			return chain, ok, err
		}
	}
	return nil, false, nil
}

func (p *plays) closeMonths() error {
	p.writer.Lock()
	defer p.writer.Unlock()
	var errs []error
	for _, m := range *p.months.Load() {
		errs = append(errs, m.file.close())
	}
	return errors.Join(errs...)
}
