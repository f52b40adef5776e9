package voice

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// flushEvery is how long a count waits at most to be written.
const flushEvery = 10 * time.Second

// counter adds up what phones did, and writes the sums now and then. Sums are written whole: what may have been written is
// written again, and counts once.
type counter struct {
	store store.Counts
	log   *slog.Logger

	// writing is held while sums are written, so that none are written over newer ones.
	writing sync.Mutex

	mu sync.Mutex
	// sums are those of the weeks that were read, dirty are not written yet.
	sums  map[store.CountKey]int64
	weeks map[playlists.Date]bool
	dirty map[store.CountKey]bool
}

func newCounter(s store.Counts, log *slog.Logger) *counter {
	return &counter{store: s, log: log, sums: map[store.CountKey]int64{}, weeks: map[playlists.Date]bool{}, dirty: map[store.CountKey]bool{}}
}

// add counts one more.
func (c *counter) add(ctx context.Context, k store.CountKey) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.weeks[k.Week] {
		if err := c.readLocked(ctx, k.Week); err != nil {
			return fmt.Errorf("reading the counts of the week of %s: %w", k.Week, err)
		}
	}
	c.sums[k]++
	c.dirty[k] = true
	return nil
}

// readLocked begins with what was counted of the week before, and forgets weeks that nobody adds to any more.
func (c *counter) readLocked(ctx context.Context, week playlists.Date) error {
	fresh := map[store.CountKey]int64{}
	for one, err := range c.store.Counts(ctx, week, week) {
		if err != nil {
			return err
		}
		fresh[one.CountKey] = one.N
	}
	maps.Copy(c.sums, fresh)
	c.weeks[week] = true
	for old := range c.weeks {
		written := !slices.ContainsFunc(slices.Collect(maps.Keys(c.dirty)), func(k store.CountKey) bool { return k.Week == old })
		if old.AddDays(14).Compare(week) < 0 && written {
			delete(c.weeks, old)
			maps.DeleteFunc(c.sums, func(k store.CountKey, _ int64) bool { return k.Week == old })
		}
	}
	return nil
}

// flush writes what was counted since the last time.
func (c *counter) flush(ctx context.Context) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.mu.Lock()
	var all []store.Count
	for k := range c.dirty {
		all = append(all, store.Count{CountKey: k, N: c.sums[k]})
	}
	c.mu.Unlock()
	if len(all) == 0 {
		return nil
	}
	if err := c.store.PutCounts(ctx, all); err != nil {
		return fmt.Errorf("writing counts: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range all {
		if c.sums[one.CountKey] == one.N {
			delete(c.dirty, one.CountKey)
		}
	}
	return nil
}

// run writes until ctx is done, and then once more.
func (c *counter) run(ctx context.Context) error {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			if err := c.flush(context.WithoutCancel(ctx)); err != nil {
				c.log.ErrorContext(ctx, "counts lost", slog.Any("error", err))
			}
			return nil
		case <-tick.C:
			if err := c.flush(ctx); err != nil && !errors.Is(err, context.Canceled) {
				c.log.WarnContext(ctx, "counts not written", slog.Any("error", err))
			}
		}
	}
}
