package player

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"anteroom/player/playback"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// Status is what a player tells of itself to `player status`.
type Status struct {
	At         time.Time           `json:"at"`
	Player     playlists.PlayerID  `json:"player"`
	Screen     playlists.ScreenID  `json:"screen,omitempty"`
	Controller string              `json:"controller,omitempty"`
	Linked     bool                `json:"linked"`
	Unlinked   string              `json:"unlinked,omitempty"` // why
	Pairing    *Pairing            `json:"pairing,omitempty"`  // while it shows a code
	Software   string              `json:"software,omitempty"`
	Abilities  playlists.Abilities `json:"abilities"`
	State      wire.State          `json:"state"`
	Health     wire.Health         `json:"health"`
	StagePID   int                 `json:"stage_pid,omitempty"`
}

// Pairing is what staff enter, and compare, to pair a player.
type Pairing struct {
	Code    string    `json:"code"`
	Words   []string  `json:"words"`
	Expires time.Time `json:"expires"`
}

// heartbeat tells the controller how the player is.
func (p *Player) heartbeat(now int64) {
	p.loop.nextBeat = now + int64(wire.HeartbeatEvery)
	if p.link == nil {
		return
	}
	p.link.Heartbeat(wire.Heartbeat{At: p.clock.At(now), State: p.state(), Health: p.health(now)})
}

// health gathers what staff see of a player.
func (p *Player) health(now int64) wire.Health {
	l := &p.loop
	h := wire.Health{
		Stage: l.stageState, Clock: l.quality, OffsetMS: p.clock.WallOffset().Milliseconds(),
		SetAside: l.blame.All(),
	}
	if note, ok := p.damages.note(); ok {
		l.notes.set("damages", note)
	}
	h.Notes, h.Said = l.notes.newest()
	h.CacheUsed, h.DiskFree = p.cache.Usage()
	h.Unsent = p.unsent()
	if run, plays := p.journal.Unkept(); l.refused {
		h.Unkept = &wire.Unkept{Run: run, Plays: plays}
	}
	h.Done = l.orders.done
	if o := l.offered; o != nil {
		h.Offered = o.head.Generation
		if o.body != nil {
			h.Missing = p.missing(o)
		}
	}
	on, next := l.director.On(now)
	if on == nil || !l.stageUp {
		return h
	}
	h.Source, h.Window = on.Source, on.Window
	h.Showing = p.shown(on.Turns)
	if next != nil {
		h.NextChange = p.clock.At(next.Scene.At)
		h.Next = p.shown(slices.DeleteFunc(slices.Clone(next.Turns), func(t playback.Turn) bool { return on.Has(t.ID) }))
	}
	return h
}

func (p *Player) shown(turns []playback.Turn) []wire.NowShowing {
	var all []wire.NowShowing
	for _, t := range turns {
		all = append(all, wire.NowShowing{
			Region: t.Play.Region, Item: t.Play.Item, Title: t.Title, Language: t.Play.Language, Until: p.clock.At(t.End),
		})
	}
	return all
}

// unsent counts the plays that wait in the journal or for it. Without a word from the journal there may be some,
// and nobody is to believe that all have arrived.
func (p *Player) unsent() uint64 {
	_, waiting := p.journal.Unkept()
	if p.journal.Up() {
		if j, err := p.journal.State(); err == nil {
			return j.Unsent + j.Held + waiting
		}
	}
	return max(1, waiting)
}

func (p *Player) status() Status {
	l := &p.loop
	now := p.cfg.Mono()
	s := Status{
		At: p.clock.At(now), Player: p.identity.Player(), Screen: p.identity.Screen(), Controller: p.cfg.Controller,
		Unlinked: l.unlinked, Pairing: l.code, Software: p.cfg.Software, State: p.state(), Health: p.health(now),
		StagePID: l.stagePID,
	}
	s.Linked = p.link != nil && p.link.Linked()
	p.shared.mu.Lock()
	defer p.shared.mu.Unlock()
	s.Abilities = p.shared.abilities
	return s
}

// statusSocket is where a running player tells its status.
func statusSocket(data string) string { return filepath.Join(data, "status.sock") }

// serveStatus writes the status to whoever connects. A player whose socket cannot be made plays all the
// same.
func (p *Player) serveStatus(ctx context.Context) error {
	path := statusSocket(p.cfg.Data)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		p.log.WarnContext(ctx, "no status socket", slog.Any("error", err))
		return nil
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "unix", path)
	if err != nil {
		p.log.WarnContext(ctx, "no status socket", slog.Any("error", err))
		return nil
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		<-ctx.Done()
		return listener.Close()
	})
	g.Go(func() error {
		for {
			conn, err := listener.Accept()
			if err != nil {
				if !errors.Is(err, net.ErrClosed) { // else the player stops
					p.log.WarnContext(ctx, "status socket lost", slog.Any("error", err))
				}
				return nil
			}
			p.tellStatus(ctx, conn)
		}
	})
	return g.Wait()
}

func (p *Player) tellStatus(ctx context.Context, conn net.Conn) {
	defer func() { _ = conn.Close() }()
	told, err := p.Status(ctx)
	if err != nil {
		return // stopping
	}
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if err := json.NewEncoder(conn).Encode(told); err != nil {
		p.log.InfoContext(ctx, "status not told", slog.Any("error", err))
	}
}

// Status is how the player is now; an error if it does not run.
func (p *Player) Status(ctx context.Context) (Status, error) {
	got := make(chan Status, 1)
	go p.post(func() { got <- p.status() }) // ends with the loop at the latest
	select {
	case told := <-got:
		return told, nil
	case <-ctx.Done():
		return Status{}, ctx.Err()
	case <-p.stopped:
		return Status{}, errStopped
	}
}

var errStopped = errors.New("the player has stopped")

// AskStatus asks the player that runs on a data directory.
func AskStatus(ctx context.Context, data string) (Status, error) {
	var s Status
	var d net.Dialer
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := d.DialContext(ctx, "unix", statusSocket(data))
	if err != nil {
		return s, fmt.Errorf("no player runs on %s: %w", data, err)
	}
	defer func() { _ = conn.Close() }()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return s, err
	}
	if err := json.NewDecoder(conn).Decode(&s); err != nil {
		return s, fmt.Errorf("the player on %s does not answer: %w", data, err)
	}
	return s, nil
}
