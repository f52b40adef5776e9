package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"anteroom/cmd/demo/hospital"
	"anteroom/cmd/internal/revision"
	"anteroom/player"
	"anteroom/playlists"
)

// Times of a fleet.
const (
	tellEvery = 10 * time.Second
	lookEvery = 100 * time.Millisecond
	// beatEvery is how often a stage says that it lives; nobody watches it here.
	beatEvery = 10 * time.Second
)

// startersAtOnce is how many players wait for their pairing at a time: a controller turns away more
// strangers from one address than a ward would have.
const startersAtOnce = 8

// fleet is all the players of this process.
type fleet struct {
	flags *flags
	dir   string
	api   *hospital.Client // nil: nobody may pair
	out   io.Writer
	drawn atomic.Int64

	mu      sync.Mutex
	players []*player.Player
	failed  []error
}

func newFleet(f *flags, dir string, api *hospital.Client, out io.Writer) *fleet {
	return &fleet{flags: f, dir: dir, api: api, out: out}
}

// signIn gives a client for pairing, or nil if nothing is to be paired.
func (f *flags) signIn(ctx context.Context) (*hospital.Client, error) {
	if f.Department == "" {
		return nil, nil
	}
	api := hospital.NewClient(f.Controller)
	if err := api.SignIn(ctx, f.User, f.Password); err != nil {
		return nil, fmt.Errorf("signing in as %s at %s: %w", f.User, f.Controller, err)
	}
	if _, err := api.Get(ctx, "/api/v1/departments/"+f.Department, nil); err != nil {
		return nil, fmt.Errorf("looking for department %s: %w", f.Department, err)
	}
	return api, nil
}

// run starts every player, tells how they are, and ends them all when ctx is done.
func (a *fleet) run(ctx context.Context) error {
	playing, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var ended sync.WaitGroup
	starting := a.start(ctx, playing, &ended)
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			a.tell(playing)
		case err := <-starting:
			starting = nil
			if err != nil && ctx.Err() == nil {
				stop()
				ended.Wait()
				return err
			}
		case <-ctx.Done():
			a.tell(playing)
			stop()
			ended.Wait()
			fmt.Fprintln(a.out, "All players have ended.")
			return errors.Join(a.failed...)
		}
	}
}

// start starts the players one after the other, a few at a time, and gives the first error, or nil when
// all are paired.
func (a *fleet) start(ctx, playing context.Context, ended *sync.WaitGroup) <-chan error {
	done := make(chan error, 1)
	ended.Go(func() {
		g, starting := errgroup.WithContext(ctx)
		g.SetLimit(startersAtOnce)
		for n := 1; n <= a.flags.Players && starting.Err() == nil; n++ {
			g.Go(func() error { return a.startOne(starting, playing, n, ended) })
		}
		done <- g.Wait()
	})
	return done
}

// startOne runs player n, and returns when it is paired.
func (a *fleet) startOne(ctx, playing context.Context, n int, ended *sync.WaitGroup) error {
	p, err := player.New(a.config(n))
	if err != nil {
		return fmt.Errorf("player %d: %w", n, err)
	}
	a.mu.Lock()
	a.players = append(a.players, p)
	a.mu.Unlock()
	ended.Go(func() {
		if err := p.Run(playing); err != nil {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.failed = append(a.failed, fmt.Errorf("player %d: %w", n, err))
		}
	})
	if err := a.pair(ctx, p, screenOf(n)); err != nil {
		return fmt.Errorf("pairing player %d: %w", n, err)
	}
	return nil
}

func (a *fleet) config(n int) player.Config {
	g := glassOf(a.flags.Seed, n, func() { a.drawn.Add(1) })
	return player.Config{
		Controller: a.flags.Controller, PlainHTTP: a.flags.PlainHTTP, Data: filepath.Join(a.dir, string(screenOf(n))),
		Stage: g.stage, Software: "fleet " + revision.Text(version), Jitter: g.jitter, NoSync: true,
	}
}

func screenOf(n int) playlists.ScreenID { return playlists.ScreenID(fmt.Sprintf("fleet-%04d", n)) }

// pair makes the screen and claims the player for it, as soon as it shows a code. A player that is
// paired already needs nothing.
func (a *fleet) pair(ctx context.Context, p *player.Player, screen playlists.ScreenID) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		status, err := p.Status(ctx)
		switch {
		case err != nil:
			return err
		case status.Screen != "":
			return nil
		case status.Pairing != nil && a.api == nil:
			return fmt.Errorf("%w: it is not paired: give --department, --user and --password", playlists.ErrInvalid)
		case status.Pairing != nil:
			return a.claim(ctx, status.Pairing.Code, screen)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (a *fleet) claim(ctx context.Context, code string, screen playlists.ScreenID) error {
	path := "/api/v1/screens/" + string(screen)
	if _, err := a.api.Get(ctx, path, nil); err != nil {
		err = a.api.Do(ctx, http.MethodPut, path, playlists.Screen{
			ID: screen, Department: playlists.DepartmentID(a.flags.Department), Name: "Simulated " + string(screen),
		}, nil, http.Header{"If-None-Match": {"*"}})
		if err != nil {
			return err
		}
	}
	return a.api.Pair(ctx, code, screen)
}

// counts are what a fleet is at an instant.
type counts struct {
	players, paired, linked int
	unsent                  uint64
}

func (a *fleet) count(ctx context.Context) counts {
	a.mu.Lock()
	players := a.players
	a.mu.Unlock()
	var c counts
	for _, p := range players {
		status, err := p.Status(ctx)
		if err != nil {
			continue // it has ended
		}
		c.players++
		c.unsent += status.Health.Unsent
		if status.Screen != "" {
			c.paired++
		}
		if status.Linked {
			c.linked++
		}
	}
	return c
}

// tell prints one line.
func (a *fleet) tell(ctx context.Context) {
	c := a.count(ctx)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	each := (m.HeapInuse + m.StackInuse) / uint64(max(1, c.players)) >> 10
	fmt.Fprintf(a.out, "%s  players %d  paired %d  linked %d  turns drawn %d  plays unsent %d  goroutines %d  memory %d KiB a player\n",
		time.Now().Format(time.TimeOnly), c.players, c.paired, c.linked, a.drawn.Load(), c.unsent, runtime.NumGoroutine(), each)
}
