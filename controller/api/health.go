package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"

	"anteroom/controller/store"
)

// readyWithin is how long the controller may take to say that it is ready.
const readyWithin = 5 * time.Second

// health tells strangers that the controller is up, and load balancers whether to send people here.
func (s *Server) health() {
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		s.engine.Handle(method, "/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })
		s.engine.Handle(method, "/readyz", gin.WrapF(s.readyz))
	}
}

func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	status, words := http.StatusOK, "ready\n"
	if err := s.ready(ctx); err != nil {
		s.log.WarnContext(ctx, "not ready", slogErr(err))
		status, words = http.StatusServiceUnavailable, "not ready: "+whyNotReady(err)+"\n"
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	if _, err := io.WriteString(w, words); err != nil {
		s.log.DebugContext(ctx, "readiness not sent", slogErr(err))
	}
}

// whyNotReady is for anyone, so it names no file; the log has the error itself.
func whyNotReady(err error) string {
	switch {
	case diskFull(err):
		return "the controller's disk is full; free space where its data is"
	case errors.Is(err, syscall.EROFS):
		return "the controller's disk can only be read; the system's log says why"
	case errors.Is(err, store.ErrDamaged):
		return "the store is damaged; the controller's log says which file, and what to do"
	case errors.Is(err, context.DeadlineExceeded):
		return "the store does not answer; the disk may hang"
	}
	return "the store cannot be written; the controller's log says why"
}

func (s *Server) ready(ctx context.Context) error {
	if s.Ready == nil {
		return nil
	}
	return s.Ready(ctx)
}
