package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// The one table of counts.db; doc.go draws it.
const (
	nameCounts  = "counts.db"
	holdsCounts = "counts"
	tableCounts = "counts"
)

func countsDesign() design {
	return design{holds: holdsCounts, format: format, tables: []string{tableCounts}, grow: 1 << 16}
}

// counts is the file of counts, which is made when there is something to count.
type counts struct {
	config Config

	mu   sync.Mutex
	kept *file // nil before the first count
	over bool  // the store is closed
}

func (c *counts) path() string { return filepath.Join(c.config.Dir, nameCounts) }

func openCounts(ctx context.Context, config Config) (*counts, error) {
	c := &counts{config: config}
	if _, err := os.Stat(c.path()); errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	f := c.file()
	err := f.open(ctx)
	if errors.Is(err, store.ErrDamaged) {
		err = c.putAside(ctx, err)
		return c, err
	}
	if err != nil {
		return nil, err
	}
	c.kept = f
	return c, nil
}

func (c *counts) file() *file {
	return &file{path: c.path(), design: countsDesign(), noSync: c.config.NoSync, log: c.config.Log, probe: c.config.Probe}
}

// putAside makes room for a new file: screens and staff do not wait for figures.
func (c *counts) putAside(ctx context.Context, why error) error {
	aside := c.path() + markCorrupt + time.Now().UTC().Format("20060102T150405Z")
	if err := os.Rename(c.path(), aside); err != nil {
		return fmt.Errorf("setting damaged counts aside: %w", err)
	}
	c.config.Log.ErrorContext(ctx, "damaged counts set aside", slog.String("file", aside), slog.Any("error", why),
		slog.String("advice", "counting begins anew; to have most of it back, stop the controller and put store/counts.db of the newest backup in its place"))
	return nil
}

// there gives the file, if there is one; begin makes it.
func (c *counts) there(ctx context.Context, begin bool) (*file, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return nil, errClosed
	}
	if c.kept != nil || !begin {
		return c.kept, nil
	}
	if err := create(c.path(), countsDesign(), c.config.NoSync, nil); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	f := c.file()
	if err := f.open(ctx); err != nil {
		return nil, err
	}
	c.kept = f
	return f, nil
}

// PutCounts implements [store.Counts].
func (c *counts) PutCounts(ctx context.Context, all []store.Count) error {
	for i := range all {
		if err := checkCount(&all[i]); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil || len(all) == 0 {
		return err
	}
	f, err := c.there(ctx, true)
	if err != nil {
		return err
	}
	return f.update(ctx, func(t *tx) error {
		for i := range all {
			if err := t.table(tableCounts).put(countKey(&all[i].CountKey), number(uint64(all[i].N))); err != nil {
				return err
			}
		}
		return nil
	})
}

func checkCount(c *store.Count) error {
	switch {
	case c.N < 1:
		return fmt.Errorf("%w: a count of %d", playlists.ErrInvalid, c.N)
	case c.Week.Weekday() != time.Monday:
		return fmt.Errorf("%w: %s begins no week", playlists.ErrInvalid, c.Week)
	case c.Department == "" || c.What == "" || c.Language == "" || len(countKey(&c.CountKey)) > maxName ||
		strings.ContainsRune(string(c.Department)+string(c.What)+c.Of+string(c.Language), 0):
		return fmt.Errorf("%w: a count needs a department, what is counted and a language, in %d bytes", playlists.ErrInvalid, maxName)
	}
	return nil
}

// countKey is the week's Monday, and the rest with zeros between.
func countKey(k *store.CountKey) []byte {
	key := dayKey(dayOfDate(k.Week))
	for i, text := range []string{string(k.Department), string(k.What), k.Of, string(k.Language)} {
		if i > 0 {
			key = append(key, 0)
		}
		key = append(key, text...)
	}
	return key
}

func splitCount(key, value []byte) (store.Count, error) {
	if len(key) < 4 || len(value) != 8 {
		return store.Count{}, fmt.Errorf("%w: key %s in %s", store.ErrDamaged, readable(key), tableCounts)
	}
	parts := bytes.Split(key[4:], []byte{0})
	if len(parts) != 4 {
		return store.Count{}, fmt.Errorf("%w: key %s in %s", store.ErrDamaged, readable(key), tableCounts)
	}
	return store.Count{CountKey: store.CountKey{
		Week: dateOf(dayNumber(key[:4])), Department: playlists.DepartmentID(parts[0]), What: store.Counted(parts[1]),
		Of: string(parts[2]), Language: playlists.Language(parts[3]),
	}, N: int64(binary.BigEndian.Uint64(value))}, nil
}

// Counts implements [store.Counts].
func (c *counts) Counts(ctx context.Context, from, to playlists.Date) iter.Seq2[store.Count, error] {
	return func(yield func(store.Count, error) bool) {
		all, err := c.between(ctx, from, to)
		for _, one := range all {
			if !yield(one, nil) {
				return
			}
		}
		if err != nil {
			yield(store.Count{}, err)
		}
	}
}

func (c *counts) between(ctx context.Context, from, to playlists.Date) ([]store.Count, error) {
	f, err := c.there(ctx, false)
	if err != nil || f == nil || ctx.Err() != nil {
		return nil, errors.Join(err, ctx.Err())
	}
	var all []store.Count
	err = f.view(ctx, func(t *tx) error {
		cur := t.table(tableCounts).cursor()
		key, value, err := cur.seek(dayKey(dayOfDate(from)))
		for ; key != nil && err == nil; key, value, err = cur.next() {
			one, broken := splitCount(key, value)
			if broken != nil {
				return broken
			}
			if one.Week.Compare(to) > 0 {
				return nil
			}
			all = append(all, one)
		}
		return err
	})
	return all, err
}

func (c *counts) copyCounts(ctx context.Context, dir string) error {
	f, err := c.there(ctx, false)
	if err != nil || f == nil {
		return err
	}
	return f.copyInto(ctx, dir)
}

func (c *counts) closeCounts() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	if c.kept == nil {
		return nil
	}
	return c.kept.close()
}
