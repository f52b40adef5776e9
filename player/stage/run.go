// Package stage draws: it is the only package that knows ebiten, and holds nothing that must last.
//
// Orders come in and events go out as lines of JSON (package playback). It has no network and no store,
// and may die at any moment. What it promises: no black between pictures, for the last good one stays
// until the next is ready; nothing drawn when nothing has changed, and the loop at rest when nothing can;
// Drawn only for what was presented; a bad item is that item's failure and nobody else's. Pictures are
// prepared off the game loop, one at a time, and are never larger than the panel. What can be worked out
// without a display is in scene.
package stage

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"io"
	"log/slog"
	"time"

	"github.com/hajimehoshi/ebiten/v2"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"anteroom/player/account"
	"anteroom/player/playback"
	"anteroom/player/stage/panel"
)

// Config says how the stage runs; the zero value of what may be left out is a whole screen.
type Config struct {
	// Orders come a line each; when they end, the last picture stays 15 s and then Run returns.
	Orders io.Reader
	// Events are written a line each.
	Events io.Writer
	Log    *slog.Logger
	// Account is the file that the agent made for this stage's account (package account); none if empty.
	Account string
	// Truth is a file to which a line per turn first drawn is appended; none if empty.
	Truth string
	// Windowed puts the picture into a window of Width by Height pixels (1280 by 720 if 0) with a Title,
	// instead of the whole screen.
	Windowed      bool
	Width, Height int
	Title         string
}

// Run draws until the context ends or the orders have ended. It must be called on the main goroutine
// and at most once in a process, as the graphics library wants it.
func Run(ctx context.Context, c Config) error {
	t, err := openTruth(c.Truth)
	if err != nil {
		return err
	}
	book := openAccount(ctx, c)
	g, err := newGame(ctx, c, newOutbox(book, t))
	if err != nil {
		return errors.Join(err, t.close(), closeAccount(book))
	}
	orders := make(chan playback.Order, 64)
	g.orders = orders
	// The reader ends with the orders; nothing can interrupt a read from a pipe, so nobody waits for it.
	go func() {
		defer close(orders)
		if err := readOrders(c.Orders, orders, func(err error) { c.Log.WarnContext(ctx, "order not understood", slog.Any("error", err)) }); err != nil {
			c.Log.WarnContext(ctx, "orders ended", slog.Any("error", err))
		}
	}()
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var group errgroup.Group
	group.Go(func() error { return g.loader.run(background) })
	if !c.Windowed {
		if err := g.mindPanel(background, &group); err != nil {
			c.Log.WarnContext(ctx, "panel not watched", slog.Any("error", err))
		}
	}
	group.Go(func() error {
		g.out.run(background, c.Events, func(err error) { c.Log.WarnContext(ctx, "event not told", slog.Any("error", err)) })
		return nil
	})
	g.spawn = spawner(background, g.loader)
	prepareWindow(c)
	err = ebiten.RunGameWithOptions(g, &ebiten.RunGameOptions{SingleThread: true, X11ClassName: "anteroom", X11InstanceName: "stage"})
	stop()
	if err != nil {
		err = fmt.Errorf("drawing: %w", err)
	}
	return errors.Join(err, group.Wait(), t.close(), closeAccount(book))
}

// mindPanel ends the game when its panel is gone or another: the graphics library leaves the window at
// some wild place then, or at its old size. A new stage finds the panel as it is.
func (g *Game) mindPanel(ctx context.Context, group *errgroup.Group) error {
	x, err := panel.Open()
	if err != nil {
		return err
	}
	lost := make(chan error, 1)
	group.Go(func() error {
		defer x.Close()
		if err := x.Watch(ctx, time.Second); err != nil {
			lost <- err
		}
		return nil
	})
	g.lost = func() error {
		select {
		case err := <-lost:
			return err
		default:
		}
		if !ebiten.IsFullscreen() { // it came and went between two looks
			return panel.ErrNone
		}
		return nil
	}
	return nil
}

// openAccount opens the account; without one the stage draws all the same.
func openAccount(ctx context.Context, c Config) *account.Writer {
	if c.Account == "" {
		return nil
	}
	w, err := account.Open(c.Account)
	if err != nil {
		c.Log.WarnContext(ctx, "no account", slog.Any("error", err))
		return nil
	}
	return w
}

func closeAccount(w *account.Writer) error {
	if w == nil {
		return nil
	}
	return w.Close()
}

func newGame(ctx context.Context, c Config, out *outbox) (*Game, error) {
	l, err := newLoader(c.Log, monotonic)
	if err != nil {
		return nil, err
	}
	p, err := newPainter()
	if err != nil {
		return nil, err
	}
	g := &Game{stop: ctx.Err, lost: func() error { return nil }, log: c.Log, now: monotonic, loader: l, painter: p, out: out, full: true}
	g.pause = g.await
	return g, nil
}

func newPainter() (*painter, error) {
	shader, err := ebiten.NewShader([]byte(i420))
	if err != nil {
		return nil, fmt.Errorf("compiling the video shader: %w", err)
	}
	white := ebiten.NewImage(1, 1)
	white.Fill(color.White)
	return &painter{white: white, shader: shader}, nil
}

// spawner gives each layer a context of its own, which ends with the layer and with it all that it asked for.
func spawner(ctx context.Context, loader *loader) func(*layer, request) {
	return func(l *layer, r request) {
		if l.add == nil {
			own, cancel := context.WithCancel(ctx)
			l.cancel = cancel
			l.sound = func(from time.Duration, volume int) { loader.sound(own, r.region.Path, from, volume) }
			l.add = func(r request) { loader.add(own, r) }
		}
		l.add(r)
	}
}

func prepareWindow(c Config) {
	ebiten.SetScreenClearedEveryFrame(false)
	ebiten.SetRunnableOnUnfocused(true)
	ebiten.SetWindowTitle(c.Title)
	if !c.Windowed {
		ebiten.SetCursorMode(ebiten.CursorModeHidden)
		ebiten.SetWindowDecorated(false)
		ebiten.SetFullscreen(true)
		return
	}
	if c.Width <= 0 || c.Height <= 0 {
		c.Width, c.Height = 1280, 720
	}
	ebiten.SetWindowSize(c.Width, c.Height)
	ebiten.SetWindowResizingMode(ebiten.WindowResizingModeEnabled)
}

// monotonic is CLOCK_MONOTONIC in nanoseconds, which the agent reads too.
func monotonic() int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		return 0 // cannot be: the clock is always there
	}
	return t.Nano()
}
