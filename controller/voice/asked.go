package voice

import (
	"context"
	"fmt"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// Asked gives what may be told of what was asked for in the weeks since a day: by month, topic and language, and with an
// empty language all of a topic. All have [Threshold] people or more.
func Asked(ctx context.Context, counts store.Counts, since playlists.Date, now time.Time) ([]Row, error) {
	var all []store.Count
	for c, err := range counts.Counts(ctx, since, today(now).AddDays(7)) {
		if err != nil {
			return nil, fmt.Errorf("reading what patients asked for: %w", err)
		}
		if c.What == store.Asked {
			all = append(all, c)
		}
	}
	var rows []Row
	for _, r := range Months(all, now) {
		if r.Of != "" && r.N >= Threshold {
			rows = append(rows, r)
		}
	}
	return rows, nil
}

func today(now time.Time) playlists.Date {
	y, m, d := now.UTC().Date()
	return playlists.Date{Year: y, Month: m, Day: d}
}
