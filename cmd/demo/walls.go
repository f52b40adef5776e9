package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"anteroom/cmd/demo/hospital"
	"anteroom/player"
	"anteroom/playlists"
)

// wall is a screen of the demo: a player, on a window or a virtual display.
type wall struct {
	screen  playlists.Screen
	data    string
	display string   // empty: windows on the display at hand
	server  *process // the virtual display; nil without one
	agent   *process
}

type walls []*wall

// hang starts a player for every screen. The caller ends them, also after an error.
func hang(ctx context.Context, url, dir string) (walls, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding the player beside this program: %w", err)
	}
	var all walls
	for _, screen := range hospital.Screens() {
		w := &wall{screen: screen, data: filepath.Join(dir, string(screen.ID))}
		all = append(all, w)
		if err := w.start(ctx, filepath.Join(filepath.Dir(program), "player"), url); err != nil {
			return all, err
		}
	}
	return all, nil
}

func (w *wall) start(ctx context.Context, program, url string) error {
	environment := []string{"ANTEROOM_STAGE_ARGS=--windowed,--width=640,--height=360,--title=" + strings.ReplaceAll(w.screen.Name, ",", " -")}
	if os.Getenv("DISPLAY") == "" {
		server, name, err := display(ctx, w.data+"-display.log")
		if err != nil {
			return err
		}
		w.server, w.display = server, name
		environment = []string{"DISPLAY=" + name}
	}
	cmd, err := child(ctx, w.data+".log", environment, nil, program, "--controller", url, "--data", w.data)
	if err != nil {
		return err
	}
	w.agent = follow(cmd)
	return nil
}

// pair claims every player that shows a code for its screen.
func (all walls) pair(ctx context.Context, api *hospital.Client) error {
	for _, w := range all {
		if err := w.pair(ctx, api); err != nil {
			return fmt.Errorf("pairing %s: %w", w.screen.ID, err)
		}
	}
	return nil
}

func (w *wall) pair(ctx context.Context, api *hospital.Client) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		status, err := player.AskStatus(ctx, w.data)
		switch {
		case err == nil && status.Screen == w.screen.ID:
			return nil
		case err == nil && status.Pairing != nil:
			return api.Pair(ctx, status.Pairing.Code, w.screen.ID)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-w.agent.done:
			return w.ended()
		case <-tick.C:
		}
	}
}

func (w *wall) ended() error {
	return fmt.Errorf("the player of %s ended: %w; see %s.log", w.screen.ID, w.agent.err, w.data)
}

// wait returns when ctx is done, or with an error when a player ends before.
func (all walls) wait(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, w := range all {
		g.Go(func() error {
			select {
			case <-w.agent.done:
				return w.ended()
			case <-ctx.Done():
				return nil
			}
		})
	}
	return g.Wait()
}

// end ends every player, then its display, and waits for them.
func (all walls) end() {
	var waiting sync.WaitGroup
	for _, w := range all {
		waiting.Go(func() {
			for _, p := range []*process{w.agent, w.server} {
				if p != nil {
					p.end()
				}
			}
		})
	}
	waiting.Wait()
}

// String says where the screens are to be seen.
func (all walls) String() string {
	var s strings.Builder
	for _, w := range all {
		where := "in a window"
		if w.display != "" {
			where = "on the virtual display " + w.display
		}
		fmt.Fprintf(&s, "    %-28s %s\n", w.screen.Name, where)
	}
	return s.String()
}
