package api

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics count requests by route, which come from the table and not from strangers.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "anteroom_http_requests_total", Help: "Requests by route, method and status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "anteroom_http_request_duration_seconds", Help: "How long requests took, by route.",
			Buckets: []float64{.002, .01, .05, .2, 1, 5, 30},
		}, []string{"route"}),
	}
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.requests, m.seconds} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("registering the metrics of requests: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) count(row Route, status int, took time.Duration) {
	route, method := row.Path, row.Method
	if route == "" {
		route, method = "none", ""
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	if status != http.StatusSwitchingProtocols {
		m.seconds.WithLabelValues(route).Observe(took.Seconds())
	}
}
