package controller

import (
	"context"
	"fmt"

	"github.com/robfig/cron/v3"
)

// lookForCalendars is when it is looked which calendars are due: each once a day.
const lookForCalendars = "17 * * * *"

// tellHead is when the newest entry of the audit log goes into the controller's log.
const tellHead = "7 0 * * *"

// jobs runs what is done by the clock, until ctx is done.
func (o *Controller) jobs(ctx context.Context) error {
	clock := cron.New(cron.WithLogger(cron.DiscardLogger))
	if _, err := clock.AddFunc(lookForCalendars, func() { o.calendar.Refresh(ctx) }); err != nil {
		return fmt.Errorf("planning jobs: %w", err)
	}
	if _, err := clock.AddFunc(tellHead, func() { o.tellAuditHead(ctx) }); err != nil {
		return fmt.Errorf("planning jobs: %w", err)
	}
	o.tellAuditHead(ctx)
	clock.Start()
	<-ctx.Done()
	<-clock.Stop().Done()
	return nil
}
