package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"anteroom/controller/access"
	"anteroom/playlists"
)

// bodyTimeout is how long a request's words may take to arrive; uploads may take longer.
const bodyTimeout = 30 * time.Second

// recovered turns a panic into "internal error".
func (s *Server) recovered(c *gin.Context) {
	defer func() {
		what := recover()
		if what == nil {
			return
		}
		if err, ok := what.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(what)
		}
		s.log.ErrorContext(c, "handler panicked", slog.String("route", c.FullPath()), slog.Any("panic", what), slog.String("stack", string(debug.Stack())))
		if !c.Writer.Written() {
			refuse(c, http.StatusInternalServerError, "internal error")
		}
		c.Abort()
	}()
	c.Next()
}

// logged writes one line a request; quiet routes are heard when they fail.
func (s *Server) logged(c *gin.Context) {
	began := s.Now()
	c.Next()
	row := s.routes[c.Request.Method+" "+c.FullPath()]
	s.metrics.count(row, c.Writer.Status(), s.Now().Sub(began))
	if row.Quiet && c.Writer.Status() < http.StatusInternalServerError {
		return
	}
	actor, _ := access.FromContext(c.Request.Context())
	s.log.InfoContext(c, "request", slog.String("method", c.Request.Method), slog.String("route", c.FullPath()),
		slog.Int("status", c.Writer.Status()), slog.Duration("took", s.Now().Sub(began)), slog.String("user", actor.Name))
}

// headers are what every answer says to a browser. The console sets its own policy over this one.
func (s *Server) headers(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	c.Next()
}

// guard lets a request pass that its row of the table allows.
func (s *Server) guard(c *gin.Context) {
	if c.FullPath() == "" {
		c.Next() // no route at all: unknown and wrongMethod answer
		return
	}
	row := s.routes[c.Request.Method+" "+c.FullPath()] // a route without a row is for nobody
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, row.Limit)
	var err error
	switch row.Who {
	case Anyone:
		err = s.checkOrigin(c.Request)
		if err == nil && changes(c.Request.Method) && hasSession(c.Request) {
			err = hasOrigin(c.Request)
		}
	case Player:
		err = s.checkBearer(c)
	case Secret:
		err = s.checkSecret(c)
	case Staff:
		err = s.checkStaff(c.Request, row)
	default:
		err = playlists.Refuse(playlists.ErrDenied, "nobody may use this")
	}
	if err != nil {
		s.turnAway(c, err)
		return
	}
	c.Next()
}

func (s *Server) turnAway(c *gin.Context, err error) {
	if errors.Is(err, errStranger) {
		refuse(c, http.StatusUnauthorized, "Sign in first, at /sign-in.")
		return
	}
	refuseAs(c, explain(http.StatusForbidden, sentenceOf(err), playlists.Said(err)))
}

// errStranger: nobody is signed in.
var errStranger = errors.New("nobody is signed in")

func changes(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}

func (s *Server) checkOrigin(r *http.Request) error {
	if err := s.origins.Check(r); err != nil || s.unsafe(r) {
		return playlists.Refuse(playlists.ErrDenied, "this request came from another site; open the controller's own page and try again")
	}
	return nil
}

// unsafe reports a change that comes from a page without https of a controller that people reach by
// https: whoever sits on the way can write such a page. Newer browsers say so themselves.
func (s *Server) unsafe(r *http.Request) bool {
	return strings.HasPrefix(s.URL, "https://") && changes(r.Method) &&
		r.Header.Get("Sec-Fetch-Site") == "" && strings.HasPrefix(r.Header.Get("Origin"), "http://")
}

// checkStaff asks who is signed in, whether the request is theirs and not another site's, and whether
// their role may do such a thing anywhere.
func (s *Server) checkStaff(r *http.Request, row Route) error {
	actor, ok := access.FromContext(r.Context())
	if !ok {
		return errStranger
	}
	if changes(r.Method) {
		if err := s.checkOwn(r, actor); err != nil {
			return err
		}
	}
	if row.Action == "" {
		return nil
	}
	actor.Everywhere = true // of which departments, only the handler knows
	return access.Authorize(actor, row.Action, access.Object{Kind: row.Kind})
}

// checkOwn wants a good Origin, which browsers always send with such requests, or a token, which no browser
// sends by itself.
func (s *Server) checkOwn(r *http.Request, actor access.Actor) error {
	if err := s.checkOrigin(r); err != nil || actor.Token != "" {
		return err
	}
	return hasOrigin(r)
}

func hasOrigin(r *http.Request) error {
	if r.Header.Get("Origin") == "" {
		return playlists.Refuse(playlists.ErrDenied, "a request without Origin needs a token: make one under My account, and send it as Authorization: Bearer TOKEN")
	}
	return nil
}

// hasSession reports whether a request carries a session's cookie, good or not.
func hasSession(r *http.Request) bool {
	return slices.ContainsFunc(r.Cookies(), func(c *http.Cookie) bool { return strings.HasSuffix(c.Name, "anteroom") })
}

// may is [access.Authorize] for whoever the request is from.
func may(ctx context.Context, action access.Action, o access.Object) error {
	actor, _ := access.FromContext(ctx)
	return access.Authorize(actor, action, o)
}

// by is the name that goes into revisions.
func by(ctx context.Context) string {
	actor, _ := access.FromContext(ctx)
	return actor.Name
}

// refuse answers with a problem outside of huma.
func refuse(c *gin.Context, status int, format string, args ...any) {
	refuseAs(c, newProblem(status, format, args...))
}

func refuseAs(c *gin.Context, r *ProblemError) {
	b, err := json.Marshal(r)
	if err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.Abort()
	c.Data(r.Status, "application/problem+json", b)
}

func (s *Server) wrongMethod(c *gin.Context) {
	refuse(c, http.StatusMethodNotAllowed, "This address does not take %s; see /api/openapi.json for what it takes.", c.Request.Method)
}

// unknown answers for every address that is no route: the console's pages for those who are signed
// in, the sign-in page for others, and a refusal below the API.
func (s *Server) unknown(c *gin.Context) {
	path := c.Request.URL.Path
	switch {
	case strings.HasPrefix(path, "/api/"), strings.HasPrefix(path, "/player/"):
		refuse(c, http.StatusNotFound, "There is nothing at this address; see /api/openapi.json for what there is.")
	case changes(c.Request.Method):
		refuse(c, http.StatusMethodNotAllowed, "Pages can only be read.")
	default:
		s.servePage(c)
	}
}

func (s *Server) servePage(c *gin.Context) {
	if _, ok := access.FromContext(c.Request.Context()); !ok {
		c.Redirect(http.StatusSeeOther, "/sign-in?next="+then(c.Request.URL))
		return
	}
	c.Status(http.StatusOK)
	s.Console.ServeHTTP(c.Writer, c.Request)
}
