package controller

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"anteroom/controller/access/audit"
	"anteroom/playlists"
)

const (
	// lookForCalendars is how often it is looked which calendars are due: each once a day.
	lookForCalendars = time.Hour
	// tellHead is how often the newest entry of the audit log goes into the controller's log.
	tellHead = 24 * time.Hour
	// lookForOld is how often it is looked whether a month of plays is older than plays are kept.
	lookForOld = time.Hour
	// lookAtStates is how often it is looked which states of clinics have ended. Screens do not wait for it.
	lookAtStates = time.Minute
)

// jobs runs what is done again and again, until ctx is done.
func (o *Controller) jobs(ctx context.Context) error {
	var all errgroup.Group
	all.Go(func() error { return again(ctx, lookForCalendars, func() { o.calendar.Refresh(ctx) }) })
	o.forgetPlays(ctx)
	all.Go(func() error { return again(ctx, lookForOld, func() { o.forgetPlays(ctx) }) })
	o.followDemand(ctx)
	all.Go(func() error { return again(ctx, lookAtDemand, func() { o.followDemand(ctx) }) })
	o.endStates(ctx)
	all.Go(func() error { return again(ctx, lookAtStates, func() { o.endStates(ctx) }) })
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

// forgetPlays removes the plays of months that are no longer kept. What goes is in the audit log before it goes.
func (o *Controller) forgetPlays(ctx context.Context) {
	var removed []string
	err := o.store.Forget(ctx, o.keepPlays, func(months []string) error {
		removed = months
		note := playlists.Noted("that came in during %s; %d whole months are kept", strings.Join(months, ", "), o.keepPlays)
		return o.store.Once(ctx, audit.Entry{By: "system", Did: audit.Forgot}.With(note))
	})
	if err != nil {
		o.log.ErrorContext(ctx, "old plays not removed", slog.Any("error", err))
		return
	}
	if len(removed) > 0 {
		o.log.InfoContext(ctx, "old plays removed", slog.Any("months", removed))
	}
}

// endStates takes out of loops what was for states of clinics that have ended.
func (o *Controller) endStates(ctx context.Context) {
	if err := o.publish.EndStates(ctx); err != nil && ctx.Err() == nil {
		o.log.ErrorContext(ctx, "ended states not taken out", slog.Any("error", err))
	}
}
