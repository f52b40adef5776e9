package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"anteroom/controller/disk"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// Forget implements [store.Plays]. The month that is written notes what goes before any file does: whatever happens then,
// the files go at the next call, and nobody takes a month that is gone for one that had no plays.
func (p *plays) Forget(ctx context.Context, keep int, about func(months []string) error) error {
	if keep < 0 {
		return fmt.Errorf("%w: plays cannot be kept for %d months", playlists.ErrInvalid, keep)
	}
	p.writer.Lock()
	defer p.writer.Unlock()
	months := *p.months.Load()
	if old := outdated(months, keep); len(old) > 0 {
		if about != nil {
			if err := about(monthsOf(old)); err != nil {
				return err
			}
		}
		if err := p.forget(ctx, months, old); err != nil {
			return fmt.Errorf("forgetting plays: %w", err)
		}
	}
	if err := p.removeForgotten(); err != nil {
		return fmt.Errorf("removing forgotten plays: %w", err)
	}
	return nil
}

// outdated are the months that came before the last keep whole ones. The newest of those is the newest closed month.
func outdated(months []*month, keep int) (old []*month) {
	if keep == 0 || len(months) == 0 {
		return nil
	}
	written, _ := partOf(months[len(months)-1].Month)
	closed := ""
	for _, m := range months {
		if name, _ := partOf(m.Month); name < written {
			closed = max(closed, name)
		}
	}
	at, err := time.Parse(monthLayout, closed)
	if err != nil { // none is closed
		return nil
	}
	oldest := at.AddDate(0, 1-keep, 0).Format(monthLayout)
	for _, m := range months {
		if name, _ := partOf(m.Month); name < oldest && !m.Forgotten {
			old = append(old, m)
		}
	}
	return old
}

// monthsOf names months, without their parts.
func monthsOf(months []*month) (names []string) {
	for _, m := range months {
		name, _ := partOf(m.Month)
		names = append(names, name)
	}
	return slices.Compact(names)
}

// forget notes in the month that is written, the last one, that the old ones are gone, and lets nobody read them any more.
func (p *plays) forget(ctx context.Context, months, old []*month) error {
	kept := slices.Clone(months)
	for n, m := range months {
		if !slices.Contains(old, m) {
			continue
		}
		c, err := m.lastKnown(ctx)
		if err != nil {
			return err
		}
		kept[n] = p.closedMonth(c)
	}
	var earlier []closing
	for _, m := range kept[:len(kept)-1] {
		earlier = append(earlier, m.closing)
	}
	err := p.newest().file.update(ctx, func(t *tx) error { return putEarlier(t, earlier) })
	if err != nil {
		return err
	}
	p.months.Store(&kept)
	var errs []error
	for _, m := range old {
		errs = append(errs, m.leave())
	}
	return errors.Join(errs...)
}

// leave closes a month that is gone, whoever reads it.
func (m *month) leave() error {
	m.opening.Lock()
	defer m.opening.Unlock()
	m.gone.Store(true)
	return m.file.close()
}

// lastKnown is what is kept of a month that goes; of one that is damaged, what the month after it knows.
func (m *month) lastKnown(ctx context.Context) (closing, error) {
	c := m.closing
	c.Forgotten = true
	err := m.ready(ctx)
	if err == nil {
		err = m.file.view(ctx, func(t *tx) error {
			l, err := t.readLedger()
			if err != nil {
				return err
			}
			c.Commits, c.FirstDay, c.LastDay = l.Commits, l.FirstDay, l.LastDay
			key, _, err := t.table(tableDays).cursor().before(after(nil))
			if err != nil || key == nil {
				return err
			}
			when, _, err := parseRollupKey(key, daySize)
			if err == nil {
				date := dayNumber(when)
				c.LastDate = &date
			}
			return err
		})
	}
	if !errors.Is(err, store.ErrDamaged) {
		return c, err
	}
	if m.Commits == 0 { // not even the month after it knows
		first, last := int32(math.MinInt32), c.monthEnd()
		c.FirstDay, c.LastDay = &first, &last
	}
	return c, nil
}

// monthEnd is the number of the last day of a month of arrival.
func (c *closing) monthEnd() int32 {
	name, _ := partOf(c.Month)
	at, err := time.Parse(monthLayout, name)
	if err != nil {
		return math.MaxInt32
	}
	return dayOf(at.AddDate(0, 1, -1))
}

// forgotten is an error if plays of some days are gone.
func forgotten(months []*month, of days) error {
	through := ""
	for _, m := range months {
		if m.Forgotten && m.hadSome(of) {
			through, _ = partOf(m.Month)
		}
	}
	if through == "" {
		return nil
	}
	return &store.ForgottenError{Through: through}
}

// hadSome reports whether a forgotten month had plays of some days. Those of a player whose clock was ahead it does not
// count: they would be missed for years.
func (c *closing) hadSome(of days) bool {
	if c.FirstDay == nil || c.LastDay == nil {
		return false
	}
	last, end := *c.LastDay, c.monthEnd()
	if of.local { // the date may be ahead of that of UTC
		last, end = last+1, end+1
		if c.LastDate != nil {
			last = *c.LastDate
		}
	}
	last = min(last, end)
	return of.first <= last && int64(*c.FirstDay)-1 <= int64(of.last)
}

// removeForgotten removes the files of months that are gone: those that were set aside as damaged, too.
func (p *plays) removeForgotten() error {
	through := ""
	for _, m := range *p.months.Load() {
		if m.Forgotten {
			through = max(through, monthsOf([]*month{m})[0])
		}
	}
	if through == "" {
		return nil
	}
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		return err
	}
	removed := false
	for _, e := range entries {
		name, isPlays := strings.CutPrefix(e.Name(), prefixPlays)
		part, _, isFile := strings.Cut(name, suffixFile)
		if month, _ := partOf(part); !isPlays || !isFile || !isPart(part) || month > through {
			continue
		}
		if err := os.Remove(filepath.Join(p.dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		removed = true
	}
	if !removed || p.noSync {
		return nil
	}
	return disk.SyncDir(p.dir)
}

// ForgottenUntil implements [store.Plays].
func (p *plays) ForgottenUntil() (until time.Time) {
	for _, m := range *p.months.Load() {
		if !m.Forgotten || m.LastDay == nil {
			continue
		}
		if end := time.Unix(int64(*m.LastDay+1)*daySeconds, 0).UTC(); end.After(until) {
			until = end
		}
	}
	return until
}
