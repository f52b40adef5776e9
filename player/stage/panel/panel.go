// Package panel tells which panels X shows its picture on, without the graphics library: that panics
// where there are none, and does not follow when they change.
package panel

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"slices"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"
)

// Why there is no picture; each says what to do.
var (
	ErrNoDisplay = errors.New("there is no display: start X first and say in DISPLAY which one it is, or try it with xvfb-run")
	ErrNone      = errors.New("no panel is switched on: switch it on, plug it in, or try xrandr --auto")
	ErrChanged   = errors.New("the panel is another than at the start")
)

// X is a connection to the X server that DISPLAY names. It belongs to one goroutine.
type X struct {
	conn  *xgb.Conn
	knows bool // which panels there are
}

// Open connects. The error says what to do.
func Open() (*X, error) {
	name := os.Getenv("DISPLAY")
	if name == "" {
		return nil, ErrNoDisplay
	}
	xgb.Logger.SetOutput(io.Discard) // that there is no ~/.Xauthority is no news
	conn, err := xgb.NewConn()
	if err != nil {
		return nil, fmt.Errorf("%w (DISPLAY is %s: %w)", ErrNoDisplay, name, err)
	}
	return &X{conn, randr.Init(conn) == nil}, nil
}

// Close ends the connection.
func (x *X) Close() { x.conn.Close() }

// Check is an error where nobody could see a picture.
func (x *X) Check() error {
	panels, err := x.look()
	if err == nil && x.knows && len(panels) == 0 {
		return ErrNone
	}
	return err
}

// Watch looks every so often. It returns [ErrChanged] or [ErrNone] when the panels are no longer those of
// its start, and nil when the context ends or X does not know. (It asks instead of having itself told:
// events go through a table of the X library that the graphics library writes to, unlocked, when panels
// change.)
func (x *X) Watch(ctx context.Context, every time.Duration) error {
	was, err := x.look()
	if err != nil || !x.knows {
		return err
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		switch now, err := x.look(); {
		case err != nil: // it was being changed just then; the next look will tell
		case len(now) == 0:
			return ErrNone
		case !slices.Equal(now, was):
			return fmt.Errorf("%w: %v then, %v now", ErrChanged, was, now)
		}
	}
}

// look asks where on X's screen the panels are that are switched on, as the graphics library does when it
// starts.
func (x *X) look() (panels []image.Rectangle, err error) {
	if !x.knows {
		return nil, nil
	}
	all, err := randr.GetScreenResourcesCurrent(x.conn, xproto.Setup(x.conn).DefaultScreen(x.conn).Root).Reply()
	if err != nil {
		return nil, fmt.Errorf("asking X for its panels: %w", err)
	}
	x.knows = all.NumCrtcs > 0
	for _, output := range all.Outputs {
		o, err := randr.GetOutputInfo(x.conn, output, all.ConfigTimestamp).Reply()
		if err != nil {
			return nil, fmt.Errorf("asking X for a panel: %w", err)
		}
		if o.Connection != randr.ConnectionConnected || o.Crtc == 0 {
			continue
		}
		c, err := randr.GetCrtcInfo(x.conn, o.Crtc, all.ConfigTimestamp).Reply()
		if err != nil {
			return nil, fmt.Errorf("asking X for a panel's place: %w", err)
		}
		at := image.Pt(int(c.X), int(c.Y))
		panels = append(panels, image.Rectangle{at, at.Add(image.Pt(int(c.Width), int(c.Height)))})
	}
	return panels, nil
}
