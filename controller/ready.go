package controller

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"anteroom/controller/store"
	"anteroom/playlists"
)

const (
	// readyFor is how long an answer holds: who asks all the time must not make the disk work for it.
	readyFor = 5 * time.Second
	// readyRoom is how much room a disk must have that is not full, in bytes.
	readyRoom = 1 << 20
)

// readiness tells whether the controller can do its work: whether what it is told can be kept.
type readiness struct {
	data  string
	store store.Store

	turn chan struct{} // held by the one who looks
	at   time.Time
	err  error
}

func newReadiness(data string, s store.Store) *readiness {
	return &readiness{data: data, store: s, turn: make(chan struct{}, 1)}
}

// ready is nil if the store can be written, and else says why not.
func (r *readiness) ready(ctx context.Context) error {
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("waiting for the store: %w", ctx.Err())
	}
	defer func() { <-r.turn }()
	if now := time.Now(); r.at.IsZero() || now.Sub(r.at) >= readyFor {
		r.err, r.at = r.look(context.WithoutCancel(ctx)), now
	}
	return r.err
}

// look writes a transaction that changes nothing, reads from the plays and tries for room.
func (r *readiness) look(ctx context.Context) error {
	if err := r.store.Update(ctx, func(store.Tx) error { return nil }); err != nil {
		return err
	}
	nobody := playlists.StreamID(fmt.Sprintf("%032x", 0))
	if _, err := r.store.Watermark(ctx, nobody); err != nil {
		return err
	}
	return hasRoom(r.data)
}

// hasRoom makes a file of readyRoom bytes and removes it.
func hasRoom(dir string) error {
	f, err := os.CreateTemp(dir, ".room-*")
	if err != nil {
		return fmt.Errorf("looking for room: %w", err)
	}
	err = unix.Fallocate(int(f.Fd()), 0, 0, readyRoom)
	if errors.Is(err, unix.EOPNOTSUPP) {
		err = nil // the store's own writes tell
	}
	if err != nil {
		err = &os.PathError{Op: "fallocate", Path: f.Name(), Err: err}
	}
	if err := errors.Join(err, f.Close(), os.Remove(f.Name())); err != nil {
		return fmt.Errorf("looking for room: %w", err)
	}
	return nil
}
