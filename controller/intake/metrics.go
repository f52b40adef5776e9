package intake

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// What becomes of a batch.
const (
	resultTaken   = "taken"
	resultKnown   = "known"
	resultWanted  = "wanted" // earlier plays were asked for instead
	resultRefused = "refused"
	resultFailed  = "failed"
)

// metrics are what an operator sees of the intake.
type metrics struct {
	plays   prometheus.Counter
	batches *prometheus.CounterVec
	commit  prometheus.Histogram
}

func newMetrics(to prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		plays: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "anteroom_intake_plays_total", Help: "Plays made durable, gap records included.",
		}),
		batches: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "anteroom_intake_batches_total", Help: "Batches of plays from players, by what became of them.",
		}, []string{"result"}),
		commit: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "anteroom_intake_commit_seconds", Help: "How long a group of batches took to become durable.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 14),
		}),
	}
	if to == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.plays, m.batches, m.commit} {
		if err := to.Register(c); err != nil {
			return nil, fmt.Errorf("registering the intake's metrics: %w", err)
		}
	}
	return m, nil
}
