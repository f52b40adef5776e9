package hub

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what an operator sees of the hub.
type metrics struct {
	connections prometheus.Gauge
	linked      prometheus.Gauge
	refused     *prometheus.CounterVec
	dropped     *prometheus.CounterVec
	sent        *prometheus.CounterVec
	received    *prometheus.CounterVec
}

func newMetrics(to prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		connections: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "anteroom_hub_connections", Help: "Open connections of players, linked or not.",
		}),
		linked: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "anteroom_hub_linked_players", Help: "Paired players that are linked now.",
		}),
		refused: counters("anteroom_hub_refused_total", "Connections turned away before they were linked.", "reason"),
		dropped: counters("anteroom_hub_dropped_total", "Connections dropped because writes did not get through.", "reason"),
		sent:    counters("anteroom_hub_sent_total", "Messages written to players.", "kind"),
		received: counters("anteroom_hub_received_total",
			"Messages read from linked players.", "kind"),
	}
	if to == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.connections, m.linked, m.refused, m.dropped, m.sent, m.received} {
		if err := to.Register(c); err != nil {
			return nil, fmt.Errorf("registering the hub's metrics: %w", err)
		}
	}
	return m, nil
}

func counters(name, help, label string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
}
