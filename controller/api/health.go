package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// readyWithin is how long the controller may take to say that it is ready.
const readyWithin = 5 * time.Second

// health tells strangers that the controller is up, and load balancers whether to send people here.
func (s *Server) health() {
	s.engine.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })
	s.engine.GET("/readyz", gin.WrapF(s.readyz))
}

func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	status, words := http.StatusOK, "ready\n"
	if err := s.ready(ctx); err != nil {
		s.log.WarnContext(ctx, "not ready", slogErr(err))
		status, words = http.StatusServiceUnavailable, "not ready\n"
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	if _, err := io.WriteString(w, words); err != nil {
		s.log.DebugContext(ctx, "readiness not sent", slogErr(err))
	}
}

func (s *Server) ready(ctx context.Context) error {
	if s.Ready == nil {
		return nil
	}
	return s.Ready(ctx)
}
