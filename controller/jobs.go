package controller

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// lookForCalendars is how often it is looked which calendars are due: each once a day.
	lookForCalendars = time.Hour
	// tellHead is how often the newest entry of the audit log goes into the controller's log.
	tellHead = 24 * time.Hour
)

// jobs runs what is done again and again, until ctx is done.
func (o *Controller) jobs(ctx context.Context) error {
	var all errgroup.Group
	all.Go(func() error { return again(ctx, lookForCalendars, func() { o.calendar.Refresh(ctx) }) })
	o.tellAuditHead(ctx)
	all.Go(func() error { return again(ctx, tellHead, func() { o.tellAuditHead(ctx) }) })
	return all.Wait()
}

// again does something after each pause, until ctx is done. It counts real time: an appointment by the clock on the wall
// would be a year away when that is set back by a year.
func again(ctx context.Context, pause time.Duration, do func()) error {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			do()
		}
	}
}
