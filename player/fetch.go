package player

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"anteroom/player/cache"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// Times of the fetcher.
const (
	firstRetry   = 2 * time.Second
	longestRetry = 5 * time.Minute
	scrubEvery   = 10 * time.Minute
)

// maxBody is the largest body that a player reads, in bytes.
const maxBody = 32 << 20

// fetcher holds what is missing, soonest needed first.
type fetcher struct {
	kick chan struct{}

	mu     sync.Mutex
	body   playlists.Digest // of the offered head; fetched before any asset
	assets []playlists.Asset
	retry  map[playlists.Digest]retry
}

// retry is when to try again, after how long a wait.
type retry struct {
	at   time.Time
	wait time.Duration
}

// want tells the fetcher what is missing: what shows next comes first.
func (p *Player) want() {
	l := &p.loop
	var body playlists.Digest
	var assets []playlists.Asset
	seen := map[playlists.Digest]bool{}
	for _, m := range []*manifest{l.current, l.offered} {
		switch {
		case m == nil:
		case m.body == nil:
			body = m.head.Body
		case l.orders.bodyAgain && m == l.current:
			body = m.head.Body
			assets = p.missingOf(m, assets, seen)
		default:
			assets = p.missingOf(m, assets, seen)
		}
	}
	p.cache.Mark(p.inUse())
	p.fetcher.set(body, assets)
}

// missingOf appends the assets of m that are not there, in the order in which they are needed.
func (p *Player) missingOf(m *manifest, to []playlists.Asset, seen map[playlists.Digest]bool) []playlists.Asset {
	if p.missing(m) == 0 {
		return to
	}
	programme, err := playlists.NewProgramme(&playlists.Manifest{Head: m.head, Body: m.body}, nil)
	if err != nil {
		return to
	}
	for _, d := range programme.Soon(p.now()) {
		if a, ok := m.body.Asset(d); ok && !seen[d] && !p.cache.Has(d) {
			seen[d] = true
			to = append(to, a)
		}
	}
	return to
}

func (f *fetcher) set(body playlists.Digest, assets []playlists.Asset) {
	f.mu.Lock()
	f.body, f.assets, f.retry = body, assets, map[playlists.Digest]retry{}
	f.mu.Unlock()
	select {
	case f.kick <- struct{}{}:
	default:
	}
}

// next is the first thing to fetch now; if there is none yet, how long to wait.
func (f *fetcher) next(now time.Time) (body playlists.Digest, asset *playlists.Asset, wait time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	wait = scrubEvery
	due := func(d playlists.Digest) bool {
		until := f.retry[d].at.Sub(now)
		if until > 0 {
			wait = min(wait, until)
		}
		return until <= 0
	}
	if f.body != "" && due(f.body) {
		return f.body, nil, 0
	}
	for i := range f.assets {
		if due(f.assets[i].Digest) {
			a := f.assets[i]
			return "", &a, 0
		}
	}
	return "", nil, wait
}

// done removes what has come.
func (f *fetcher) done(d playlists.Digest) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.body == d {
		f.body = ""
	}
	for i := range f.assets {
		if f.assets[i].Digest == d {
			f.assets = append(f.assets[:i:i], f.assets[i+1:]...)
			return
		}
	}
}

// failed puts off what did not come; each time for longer.
func (f *fetcher) failed(d playlists.Digest, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	wait := min(max(firstRetry, 2*f.retry[d].wait), longestRetry)
	f.retry[d] = retry{now.Add(wait), wait}
}

// fetch brings what is missing, one thing at a time, and scrubs the cache when there is nothing to bring.
func (p *Player) fetch(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	scrubbed, last := time.Now(), playlists.Digest("")
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.fetcher.kick:
		case <-timer.C:
		}
		timer.Reset(p.fetchAll(ctx))
		if time.Since(scrubbed) >= scrubEvery {
			scrubbed = time.Now()
			last = p.scrub(last)
		}
	}
}

// fetchAll fetches until nothing is due, and gives the time until something is.
func (p *Player) fetchAll(ctx context.Context) time.Duration {
	if p.link == nil {
		return scrubEvery
	}
	for ctx.Err() == nil {
		body, asset, wait := p.fetcher.next(time.Now())
		switch {
		case !p.link.Linked():
			return scrubEvery // Linked kicks
		case body != "":
			p.fetched(body, p.fetchBody(ctx, body))
		case asset != nil:
			p.fetched(asset.Digest, p.fetchAsset(ctx, *asset))
		default:
			return wait
		}
	}
	return scrubEvery
}

// fetched notes how a download ended.
func (p *Player) fetched(d playlists.Digest, err error) {
	key := "fetch" + string(d)
	if err == nil {
		p.fetcher.done(d)
		p.post(func() { p.loop.notes.clear(key) })
		return
	}
	p.fetcher.failed(d, time.Now())
	p.log.Warn("not fetched", slog.String("digest", string(d)), slog.Any("error", err))
	if errors.Is(err, context.Canceled) {
		return
	}
	p.post(func() {
		p.loop.notes.set(key, playlists.Noted("A file could not be fetched: %v", err))
		if errors.Is(err, cache.ErrFull) && p.loop.previous != nil {
			p.loop.previous = nil // its files make room
			p.collect()
			p.want()
		}
	})
}

func (p *Player) fetchBody(ctx context.Context, d playlists.Digest) error {
	r, _, err := p.link.Fetch(ctx, wire.BodyPath+string(d), 0)
	if err != nil {
		return err
	}
	enc, err := io.ReadAll(io.LimitReader(r, maxBody))
	if err = errors.Join(err, r.Close()); err != nil {
		return fmt.Errorf("fetching body %s: %w", d, err)
	}
	if err := p.cache.SaveBody(d, enc); err != nil {
		return err
	}
	body, err := p.cache.LoadBody(d)
	if err != nil {
		return err
	}
	p.post(func() {
		if c := p.loop.current; c != nil && c.head.Body == d {
			p.loop.orders.bodyAgain = false
		}
		if o := p.loop.offered; o != nil && o.body == nil && o.head.Body == d {
			o.body = body
			p.bodyThere()
		}
	})
	return nil
}

func (p *Player) fetchAsset(ctx context.Context, a playlists.Asset) error {
	err := p.cache.Get(ctx, a, func(ctx context.Context, d playlists.Digest, offset int64) (io.ReadCloser, int64, error) {
		return p.link.Fetch(ctx, wire.AssetPath+string(d), offset)
	})
	if p.cache.Has(a.Digest) { // one that is there and cannot be shown holds nothing up
		p.post(p.arrange)
	}
	return err
}

// scrub looks at one asset; a damaged one is fetched again.
func (p *Player) scrub(after playlists.Digest) playlists.Digest {
	looked, removed := p.cache.Scrub(after)
	if removed {
		p.post(func() { p.loop.fetchAgain, p.loop.dirty = true, true })
	}
	return looked
}
