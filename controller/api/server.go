package api

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"anteroom/controller/access"
	"anteroom/controller/access/audit"
	"anteroom/controller/access/provider"
	"anteroom/controller/alert"
	"anteroom/controller/backup"
	"anteroom/controller/ingest"
	"anteroom/controller/notify"
	"anteroom/controller/players"
	"anteroom/controller/publish"
	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/slide"
	"anteroom/playlists/wire"
)

// Config is what a Server is made of. All of it is needed but where it says otherwise.
type Config struct {
	Store   store.Store
	Content Content
	People  *access.Access
	Publish *publish.Publisher
	Alert   *alert.Alerts
	Players *players.Registry
	Ingest  *ingest.Ingest
	Notify  *notify.Notifier
	// Record writes into the audit log what is in no document.
	Record func(context.Context, ...audit.Entry) error
	// Provider says who staff are, if the hospital has one; nil: nobody signs in so.
	Provider *provider.Provider
	// Calendars give closed days.
	Calendars Calendars
	// Order has the player of a screen do something; false if it has no link.
	Order func(playlists.ScreenID, wire.Order) bool
	// Link serves the players' websocket, Console the staff's program.
	Link, Console http.Handler
	// Fonts draw slides' previews.
	Fonts *slide.Fonts
	Zones playlists.ZoneData
	// Key is the controller's; the tokens of scripts are made from it.
	Key ed25519.PrivateKey
	// URL is where people reach the console, "https://tv.example.org": requests from there are its own,
	// whatever a proxy makes of the Host header. Empty: the Host header alone tells.
	URL string
	// Version of the program, "v0.1.0".
	Version string
	// PublicURL is where patients' phones reach their pages; empty if they do not.
	PublicURL string
	// Losses says what a restored controller lost.
	Losses func(context.Context) (Losses, error)
	// Backups says how backups went; nil: nobody knows.
	Backups func() (backup.Notes, error)
	// Data is the controller's directory, as whoever makes a backup has to name it.
	Data string
	// Ready says why the controller cannot serve; nil while it can.
	Ready func(context.Context) error
	// Metrics; nil keeps none.
	Metrics prometheus.Registerer
	Log     *slog.Logger
	// Now is the time; nil is time.Now.
	Now func() time.Time
}

// Server answers HTTP.
type Server struct {
	Config

	log     *slog.Logger
	routes  map[string]Route
	engine  *gin.Engine
	api     huma.API
	handler http.Handler
	origins *http.CrossOriginProtection
	pages   *pages
	metrics *metrics
	counts  *dayCounts
	outline *outline
	known   *knownAssets
	shelf   *shelf
	screens *copies[playlists.Screen]
	byID    screensByID
	items   *copies[playlists.Item]
	// importing is held while a file of health topics is read: it is large, and there is one at a time.
	importing sync.Mutex
	// stopping ends event streams, which otherwise outlast a graceful stop.
	stopping chan struct{}
	unfollow context.CancelFunc
}

// New makes a Server whose every route is in [Routes]; it lasts until [Server.Stop], whatever becomes of ctx.
func New(ctx context.Context, c Config) (*Server, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	pages, err := newPages()
	if err != nil {
		return nil, err
	}
	metrics, err := newMetrics(c.Metrics)
	if err != nil {
		return nil, err
	}
	origins := http.NewCrossOriginProtection()
	if c.URL != "" {
		if err := origins.AddTrustedOrigin(c.URL); err != nil {
			return nil, fmt.Errorf("%w: url: %w", playlists.ErrInvalid, err)
		}
	}
	s := &Server{
		Config: c, log: c.Log, pages: pages, metrics: metrics, routes: map[string]Route{},
		origins: origins, counts: &dayCounts{}, known: &knownAssets{assets: map[playlists.Digest]playlists.Asset{}}, shelf: &shelf{}, stopping: make(chan struct{}),
	}
	s.screens, s.items = &copies[playlists.Screen]{kind: "screen"}, &copies[playlists.Item]{kind: "item"}
	var following context.Context
	following, s.unfollow = context.WithCancel(context.WithoutCancel(ctx))
	s.outline = follow(following, &s.Config)
	for _, row := range Routes() {
		s.routes[row.Method+" "+ginPath(row.Path)] = row
	}
	s.build()
	return s, nil
}

func (s *Server) build() {
	gin.SetMode(gin.ReleaseMode)
	s.engine = gin.New()
	s.engine.HandleMethodNotAllowed = true
	s.engine.RedirectTrailingSlash = false
	s.engine.ContextWithFallback = true
	s.engine.Use(s.recovered, s.logged, s.headers, s.guard)
	s.engine.NoRoute(s.unknown)
	s.engine.NoMethod(s.wrongMethod)
	s.api = humagin.New(s.engine, humaConfig(s.Version))
	s.operations()
	s.plain()
	tidySchemas(s.api.OpenAPI())
	s.handler = s.sessions(s.engine)
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// sessions gives every request but the players' its session.
func (s *Server) sessions(next http.Handler) http.Handler {
	if s.People == nil {
		return next
	}
	staff := s.People.Middleware(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/player/") {
			next.ServeHTTP(w, r)
			return
		}
		staff.ServeHTTP(w, r)
	})
}

// Stop ends the event streams; call it once, before stopping the HTTP server.
func (s *Server) Stop() {
	close(s.stopping)
	s.unfollow()
}

// operations registers everything that the OpenAPI document describes.
func (s *Server) operations() {
	s.aboutMe()
	s.ownPassword()
	s.myAccount()
	s.othersAccounts()
	s.auditLog()
	s.users()
	s.documents()
	s.followed()
	s.states()
	s.departmentTemplates()
	s.itemUses()
	s.library()
	s.calendars()
	s.schedule()
	s.reviews()
	s.clear()
	s.notifications()
	s.fleet()
	s.outlines()
	s.orders()
	s.pairings()
	s.uploads()
	s.resumable()
	s.slides()
	s.assets()
	s.publications()
	s.rehearsals()
	s.takeovers()
	s.takeoverTemplates()
	s.tags()
	s.imports()
	s.backups()
	s.days()
	s.reports()
	s.coverage()
	s.smilAddresses()
	s.voice()
	s.feeds()
	s.sheets()
	s.plays()
	s.losses()
}

// plain registers what is not part of the API that scripts use.
func (s *Server) plain() {
	s.health()
	s.signIn()
	s.signInBy()
	s.playerRoutes()
	s.smilRoutes()
}
