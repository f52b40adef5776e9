package api

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"anteroom/controller/access"
	"anteroom/controller/access/provider"
	"anteroom/playlists"
)

// signInByPath leads to the hospital's identity provider.
const signInByPath = "/sign-in/provider"

// wayMaxAge is how long a browser keeps what it needs to come back, in seconds.
const wayMaxAge = 15 * 60

func (s *Server) signInBy() {
	s.engine.GET(signInByPath, s.toProvider)
	s.engine.GET(provider.ReturnPath, s.fromProvider)
}

func (s *Server) toProvider(c *gin.Context) {
	next := localPath(c.Query("next"))
	if s.Provider == nil {
		c.Redirect(http.StatusSeeOther, "/sign-in?next="+url.QueryEscape(next))
		return
	}
	to, way, err := s.Provider.Begin(c.Request.Context(), next, s.Now())
	if err != nil {
		s.notSignedIn(c, err, next)
		return
	}
	s.keepWay(c, way.Text(), wayMaxAge)
	c.Redirect(http.StatusSeeOther, to)
}

func (s *Server) fromProvider(c *gin.Context) {
	way, err := s.way(c)
	s.keepWay(c, "", -1)
	if err == nil {
		err = s.arrive(c, way)
	}
	if err != nil {
		s.notSignedIn(c, err, localPath(way.Next))
		return
	}
	c.Redirect(http.StatusSeeOther, localPath(way.Next))
}

// arrive signs in whoever comes back from the provider.
func (s *Server) arrive(c *gin.Context, way provider.Way) error {
	from := access.AddressOf(c.Request)
	id, err := s.Provider.End(c.Request.Context(), c.Request.URL.Query(), way, s.Now())
	if errors.Is(err, playlists.ErrDenied) {
		s.log.WarnContext(c, "identity provider's answer refused", slog.String("from", from.String()), slogErr(err))
	}
	if err != nil {
		return err
	}
	_, err = s.People.SignInBy(c.Request.Context(), id, from)
	return err
}

// way is what this browser kept.
func (s *Server) way(c *gin.Context) (provider.Way, error) {
	if s.Provider == nil {
		return provider.Way{}, playlists.ErrDenied
	}
	kept, err := c.Cookie(s.wayName())
	if err != nil {
		kept = ""
	}
	return provider.ReadWay(kept)
}

func (s *Server) wayName() string {
	if s.secure() {
		return "__Host-anteroom-way"
	}
	return "anteroom-way"
}

func (s *Server) secure() bool { return strings.HasPrefix(s.URL, "https://") }

// keepWay has the browser keep a text; with a negative age, forget it.
func (s *Server) keepWay(c *gin.Context, text string, age int) {
	http.SetCookie(c.Writer, &http.Cookie{
		Name: s.wayName(), Value: text, Path: "/", MaxAge: age, HttpOnly: true, Secure: s.secure(), SameSite: http.SameSiteLaxMode,
	})
}

// notSignedIn says on the sign-in page why not, and what to do.
func (s *Server) notSignedIn(c *gin.Context, err error, next string) {
	if errors.Is(err, provider.ErrAway) {
		s.log.WarnContext(c, "identity provider does not answer", slogErr(err))
		s.show(c, http.StatusBadGateway, "sign-in", s.signInPageOf(c, next, s.speak(c).ProviderAway))
		return
	}
	status, words := s.said(c, err)
	s.show(c, status, "sign-in", s.signInPageOf(c, next, words))
}

// signInPageOf is the sign-in page, with the provider's button where there is one.
func (s *Server) signInPageOf(c *gin.Context, next, problem string) page {
	p := page{Title: s.speak(c).SignIn, Next: next, Problem: problem}
	if s.Provider != nil {
		p.Provider = s.speak(c).signInBy(s.Provider.Name())
		p.ProviderPath = signInByPath + "?next=" + url.QueryEscape(next)
	}
	return p
}
