package controller

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// lookAtDemand is how often it is looked whether a week of wishes is over.
const lookAtDemand = time.Hour

// followDemand has departments follow what their patients asked for in the last week that is over.
func (o *Controller) followDemand(ctx context.Context) {
	if err := o.publish.Follow(ctx, asked{o.store}); err != nil && ctx.Err() == nil {
		o.log.ErrorContext(ctx, "demand not followed", slog.Any("error", err))
	}
}

// asked tells of wishes as far as anybody is told of them.
type asked struct{ counts store.Counts }

// Asked gives what was asked for in a department in the weeks of two Mondays and between.
func (a asked) Asked(ctx context.Context, d playlists.DepartmentID, from, to playlists.Date) ([]playlists.AskedFor, error) {
	var all []playlists.AskedFor
	for c, err := range a.counts.Counts(ctx, from, to) {
		if err != nil {
			return nil, fmt.Errorf("reading what patients asked for: %w", err)
		}
		if c.Department == d && c.What == store.Asked && c.N >= playlists.DemandThreshold {
			all = append(all, playlists.AskedFor{Topic: playlists.Topic(c.Of), Language: c.Language, Times: int(c.N)})
		}
	}
	return all, nil
}
