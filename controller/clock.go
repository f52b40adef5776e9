package controller

import (
	"context"
	"fmt"
	"time"

	"anteroom/playlists"
)

const (
	// oldest is for how many years after its floor a program may run.
	oldest = 30
	// clockEvery is how often a running controller looks at its clock.
	clockEvery = 10 * time.Second
)

// believe refuses a clock that cannot be right. Players take their time from the controller, heads and takeovers hold by
// it, and files of plays are named by it: it is better that players play on alone until somebody has set it.
func believe(now, floor time.Time) error {
	if floor.IsZero() || !now.Before(floor) && now.Before(floor.AddDate(oldest, 0, 0)) {
		return nil
	}
	return fmt.Errorf("%w: the clock of this machine says %s, which cannot be; set up time synchronisation (systemd-timesyncd or chrony), and start again",
		playlists.ErrInvalid, now.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// watchClock ends with an error when the clock is set to what cannot be right.
func watchClock(ctx context.Context, floor time.Time) error {
	tick := time.NewTicker(clockEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := believe(time.Now().Round(0), floor); err != nil {
				return err
			}
		}
	}
}
