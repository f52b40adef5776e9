package api

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"anteroom/controller/access"
)

//go:embed pages
var pageFiles embed.FS

// pagePolicy is what pages without JavaScript need.
const pagePolicy = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// pages are those that work without JavaScript.
type pages struct {
	templates *template.Template
	style     []byte
	sheet     []byte // the style of a sheet of paper
	languages languages
}

func newPages() (*pages, error) {
	t, err := template.ParseFS(pageFiles, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("reading the pages: %w", err)
	}
	style, err := pageFiles.ReadFile("pages/pages.css")
	if err != nil {
		return nil, fmt.Errorf("reading the pages: %w", err)
	}
	sheet, err := pageFiles.ReadFile("pages/sheet.css")
	if err != nil {
		return nil, fmt.Errorf("reading the pages: %w", err)
	}
	return &pages{templates: t, style: style, sheet: sheet, languages: newLanguages()}, nil
}

// page is what the templates show.
type page struct {
	Title   string
	Problem string
	// Say is everything else, in the reader's language.
	Say *pageTexts
	// Name is what was typed, Next where to go after signing in, Token that of the first link.
	Name, FullName, Next, Token string
	// Logo is the address of the organisation's, and House the organisation's name; empty without a logo.
	Logo, House string
	// Provider is what the button of the hospital's identity provider says, and ProviderPath where it leads.
	Provider, ProviderPath string
}

func (s *Server) signIn() {
	s.engine.GET("/pages.css", func(c *gin.Context) {
		c.Header("Cache-Control", "public, max-age=3600")
		c.Data(http.StatusOK, "text/css; charset=utf-8", s.pages.style)
	})
	s.engine.GET("/sheet.css", func(c *gin.Context) {
		c.Header("Cache-Control", "public, max-age=3600")
		c.Data(http.StatusOK, "text/css; charset=utf-8", s.pages.sheet)
	})
	// The pages look like the console: its letters and its mark are in the bundle.
	s.engine.GET("/inter.woff2", gin.WrapH(s.Console))
	s.engine.GET("/favicon.svg", gin.WrapH(s.Console))
	s.engine.GET("/logo", s.logo)
	s.engine.GET("/sign-in", s.signInPage)
	s.engine.POST("/sign-in", s.signInPost)
	s.engine.POST("/sign-out", s.signOutPost)
	s.engine.GET("/first", s.firstPage)
	s.engine.POST("/first", s.firstPost)
	s.engine.GET(welcomePath, s.welcomePage)
	s.engine.POST(welcomePath, s.welcomePost)
}

// speak gives the texts in the language that the browser asks for.
func (s *Server) speak(c *gin.Context) *pageTexts {
	return s.pages.languages.wanted(c.GetHeader("Accept-Language"))
}

func (s *Server) show(c *gin.Context, status int, name string, p page) {
	p.Say = s.speak(c)
	p.Logo, p.House = s.houseLogo(c.Request.Context())
	var b bytes.Buffer
	if err := s.pages.templates.ExecuteTemplate(&b, name+".html", p); err != nil {
		s.log.ErrorContext(c, "page not made", slogErr(err))
		refuse(c, http.StatusInternalServerError, "internal error")
		return
	}
	c.Header("Content-Security-Policy", pagePolicy)
	c.Header("Content-Language", p.Say.Language)
	c.Header("Vary", "Accept-Language")
	c.Data(status, "text/html; charset=utf-8", b.Bytes())
}

func (s *Server) signInPage(c *gin.Context) {
	next := localPath(c.Query("next"))
	if _, ok := access.FromContext(c.Request.Context()); ok {
		c.Redirect(http.StatusSeeOther, next)
		return
	}
	s.show(c, http.StatusOK, "sign-in", s.signInPageOf(c, next, ""))
}

func (s *Server) signInPost(c *gin.Context) {
	next, name := localPath(c.PostForm("next")), c.PostForm("name")
	_, err := s.People.SignIn(c.Request.Context(), name, c.PostForm("password"), access.AddressOf(c.Request))
	if err != nil {
		status, words := s.said(c, err)
		p := s.signInPageOf(c, next, words)
		p.Name = name
		s.show(c, status, "sign-in", p)
		return
	}
	c.Redirect(http.StatusSeeOther, next)
}

func (s *Server) signOutPost(c *gin.Context) {
	if err := s.People.SignOut(c.Request.Context()); err != nil {
		status, words := s.said(c, err)
		s.show(c, status, "message", page{Title: s.speak(c).NotSignedOut, Problem: words})
		return
	}
	c.Redirect(http.StatusSeeOther, "/sign-in")
}

func (s *Server) firstPage(c *gin.Context) {
	token := c.Query("token")
	if !s.People.FirstOpen(token) {
		say := s.speak(c)
		s.show(c, http.StatusForbidden, "message", page{Title: say.NoLink, Problem: say.NoLinkHelp})
		return
	}
	s.show(c, http.StatusOK, "first", page{Title: s.speak(c).Welcome, Token: token})
}

func (s *Server) firstPost(c *gin.Context) {
	p := page{Title: s.speak(c).Welcome, Token: c.PostForm("token"), Name: c.PostForm("name"), FullName: c.PostForm("full_name")}
	_, err := s.People.First(c.Request.Context(), p.Token, p.Name, p.FullName, c.PostForm("password"))
	if err != nil {
		status, words := s.said(c, err)
		p.Problem = words
		s.show(c, status, "first", p)
		return
	}
	c.Redirect(http.StatusSeeOther, "/")
}

// welcomePath is where whoever has a link chooses their password.
const welcomePath = "/welcome"

func (s *Server) welcomePage(c *gin.Context) {
	token := c.Query("token")
	u, err := s.People.Invited(c.Request.Context(), token)
	if err != nil {
		status, words := s.said(c, err)
		s.show(c, status, "message", page{Title: s.speak(c).NoLink, Problem: words})
		return
	}
	s.show(c, http.StatusOK, "welcome", page{Title: s.speak(c).Welcome, Token: token, Name: u.Name})
}

func (s *Server) welcomePost(c *gin.Context) {
	p := page{Title: s.speak(c).Welcome, Token: c.PostForm("token")}
	u, err := s.People.Invited(c.Request.Context(), p.Token)
	if err == nil {
		p.Name = u.Name
		_, err = s.People.Accept(c.Request.Context(), p.Token, c.PostForm("password"))
	}
	if err != nil {
		var status int
		status, p.Problem = s.said(c, err)
		s.show(c, status, "welcome", p)
		return
	}
	c.Redirect(http.StatusSeeOther, "/")
}

// said gives the status and the words of an error for a page.
func (s *Server) said(c *gin.Context, err error) (status int, words string) {
	say := s.speak(c)
	if many, ok := errors.AsType[*access.TooManyError](err); ok {
		return http.StatusTooManyRequests, say.wait(many)
	}
	for _, row := range statuses() {
		if errors.Is(err, row.err) {
			var all []string
			for _, part := range split(err) {
				all = append(all, say.say(sentenceOf(part)))
			}
			return row.status, strings.Join(all, " ")
		}
	}
	s.log.ErrorContext(c, "page failed", slogErr(err))
	if diskFull(err) {
		return http.StatusInsufficientStorage, say.DiskFull
	}
	return http.StatusInternalServerError, say.Wrong
}

// localPath keeps a redirection on this controller.
func localPath(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.Contains(path, "\\") {
		return "/"
	}
	return path
}

// then is where to come back to after signing in.
func then(u *url.URL) string { return url.QueryEscape(u.RequestURI()) }
