package controller

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"anteroom/controller/access"
	"anteroom/controller/access/audit"
	"anteroom/controller/access/provider"
	"anteroom/controller/alert"
	"anteroom/controller/api"
	"anteroom/controller/backup"
	"anteroom/controller/calendars"
	"anteroom/controller/console"
	"anteroom/controller/content"
	"anteroom/controller/fonts"
	"anteroom/controller/hub"
	"anteroom/controller/ingest"
	"anteroom/controller/intake"
	"anteroom/controller/medlineplus"
	"anteroom/controller/notify"
	"anteroom/controller/players"
	"anteroom/controller/publish"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/controller/voice"
	"anteroom/playlists"
	"anteroom/playlists/slide"
	"anteroom/playlists/wire"
)

// What lies in the data directory.
const (
	storeDir    = "store"
	contentDir  = "content"
	uploadsDir  = "uploads"
	sessionsDir = "sessions"
	// calendarsFile is how subscriptions stand.
	calendarsFile = "calendars.json"
)

const (
	// stopWithin is how long requests in flight have to end; with what follows it stays below 5 s.
	stopWithin = 2 * time.Second
	// headerWithin and idleFor bound what a connection costs that says nothing.
	headerWithin = 10 * time.Second
	idleFor      = 2 * time.Minute
	maxHeader    = 64 << 10
)

// Config is what a controller needs.
type Config struct {
	// Data is the directory that belongs to the controller; it is made if it is not there.
	Data string
	// Listen is the address to serve on, "127.0.0.1:8080"; Listener, if not nil, is taken instead.
	Listen   string
	Listener net.Listener
	// Metrics is the address of the metrics' own listener; empty: there is none. MetricsListener, if
	// not nil, is taken instead.
	Metrics         string
	MetricsListener net.Listener
	// PublicURL is where patients' phones reach their pages, "https://tv.example.org"; empty: there are none. They are served
	// at PublicListen, which serves nothing else; PublicListener, if not nil, is taken instead.
	PublicURL      string
	PublicListen   string
	PublicListener net.Listener
	// URL is where people reach the console if it is not Listen: through a proxy, "https://tv.example.org".
	// With https, cookies are for https alone.
	URL string
	// TLSCert and TLSKey are files in PEM form, read again when they change; with them Listen speaks TLS.
	TLSCert, TLSKey string
	// TrustedProxies are the networks of the reverse proxies that stand before it: only from them is the
	// header X-Forwarded-For believed. None: whoever connects is whoever asks.
	TrustedProxies []netip.Prefix
	// HouseNetworks are the networks within the house in which calendars and webhooks may be; public addresses
	// always may be.
	HouseNetworks []netip.Prefix
	// Fonts draw slides, in order of preference; nil: those that were built in.
	Fonts [][]byte
	// Zones gives zone data; nil: the system's.
	Zones playlists.ZoneData
	// Probe reads a store's file before it is opened; nil: a child of this binary does ([Child]).
	Probe func(ctx context.Context, path string) error
	// PasswordCost is what hashing a password takes; the zero value is the default.
	PasswordCost access.Cost
	// Floor is an instant that has certainly passed: a machine whose clock says otherwise, or is more than 30 years above,
	// runs no controller. The zero Floor believes every clock.
	Floor time.Time
	// NoSync trusts the machine not to lose power; for simulations.
	NoSync bool
	// KeepPlays is for how many whole months plays are kept, beside the present one; 0: for ever.
	KeepPlays int
	// Provider is the hospital's identity provider; the zero value: staff have passwords here alone.
	Provider provider.Config
	// Mail and Hook are how departments' contacts are told of troubles.
	Mail notify.Mail
	Hook notify.Hook
	// Local opens a socket in Data for commands on this machine, such as backup and doctor.
	Local bool
	// Version of the program.
	Version string
	// Log; nil discards.
	Log *slog.Logger
}

// Controller is a controller that has been opened. Run it once, or Close it.
type Controller struct {
	log     *slog.Logger
	data    string
	version string
	url     string
	// publicURL is where phones reach their pages; empty without any.
	publicURL string
	issuer    string // of the hospital's identity provider
	listener  net.Listener
	metrics   net.Listener
	public    net.Listener // nil without a public URL
	local     net.Listener // nil without one
	registry  *prometheus.Registry
	store     *audit.Log
	people    *access.Access
	players   *players.Registry
	publish   *publish.Publisher
	alert     *alert.Alerts
	intake    *intake.Intake
	hub       *hub.Hub
	ingest    *ingest.Ingest
	calendar  *calendars.Calendars
	importer  *medlineplus.Importer
	api       *api.Server
	notify    *notify.Notifier
	voice     *voice.Server // nil without a public URL
	proxies   proxies
	floor     time.Time
	// keepPlays is for how many whole months plays are kept; 0: for ever.
	keepPlays int
}

// New opens a controller: its key, its store, everything that it serves, and its listeners. The caller
// owns it from then on, and closes it by [Controller.Run] or [Controller.Close].
func New(ctx context.Context, c Config) (*Controller, error) {
	if c.Data == "" {
		return nil, fmt.Errorf("%w: a controller needs a data directory", playlists.ErrInvalid)
	}
	if c.KeepPlays < 0 {
		return nil, fmt.Errorf("%w: plays are kept for at least 1 month, or with 0 for ever", playlists.ErrInvalid)
	}
	if err := believe(time.Now(), c.Floor); err != nil {
		return nil, err
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Fonts == nil {
		c.Fonts = fonts.All()
	}
	if c.Zones == nil {
		c.Zones = systemZones
	}
	key, documents, err := openData(ctx, &c)
	if err != nil {
		return nil, wayOut(c.Data, err)
	}
	o := &Controller{log: c.Log, data: c.Data, version: c.Version, store: documents, registry: prometheus.NewRegistry(), proxies: c.TrustedProxies, floor: c.Floor, keepPlays: c.KeepPlays}
	if c.Local {
		o.local = listenLocal(ctx, c.Data, c.Log)
	}
	if err := o.open(ctx, &c, key); err != nil {
		return nil, errors.Join(wayOut(c.Data, err), o.Close())
	}
	return o, nil
}

// openData makes the data directory if need be, and opens the key and the store in it.
func openData(ctx context.Context, c *Config) (ed25519.PrivateKey, *audit.Log, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, nil, fmt.Errorf("making the data directory: %w", err)
	}
	if err := backup.Unfinished(c.Data); err != nil {
		return nil, nil, err
	}
	key, err := openKey(c.Data)
	if err != nil {
		return nil, nil, err
	}
	documents, err := openStore(ctx, c)
	return key, documents, err
}

// openStore opens the store, with its audit log: heads and signed takeovers follow from publications and takeovers,
// days of use and what contacts were told are the controller's own notes, and none of them has entries.
func openStore(ctx context.Context, c *Config) (*audit.Log, error) {
	if c.Probe == nil {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("finding the controller's own binary: %w", err)
		}
		c.Probe = bolt.ProbeWith(self, probeCommand)
	}
	opened, err := bolt.Open(ctx, bolt.Config{Dir: filepath.Join(c.Data, storeDir), Log: c.Log, Probe: c.Probe, NoSync: c.NoSync})
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	return audit.New(opened, publish.HeadKind, alert.SignedKind, access.TokenUseKind, notify.StateKind), nil
}

// open makes the parts in the order in which they need each other.
func (o *Controller) open(ctx context.Context, c *Config, key ed25519.PrivateKey) error {
	files, err := content.Open(filepath.Join(c.Data, contentDir))
	if err != nil {
		return err
	}
	drawn, err := slide.NewFonts(c.Fonts)
	if err != nil {
		return fmt.Errorf("reading the fonts: %w", err)
	}
	assets, err := keepFonts(ctx, files, c.Fonts)
	if err != nil {
		return err
	}
	err = seed(ctx, o.store)
	if err != nil {
		return err
	}
	if err := o.recordRestore(ctx); err != nil {
		c.Log.WarnContext(ctx, "restore not in the audit log", slog.Any("error", err))
	}
	heard, err := lastHeard(ctx, o.store)
	if err != nil {
		c.Log.WarnContext(ctx, "when players were last heard is not known", slog.Any("error", err))
	}
	if o.players, err = players.New(ctx, players.Config{Store: o.store, Key: key, Heard: heard, Log: c.Log}); err != nil {
		return err
	}
	err = o.openProgramme(ctx, c, key, files, assets, drawn)
	if err != nil {
		return err
	}
	err = o.openLinks(c, key)
	if err != nil {
		return err
	}
	err = o.openPeople(c, files, drawn)
	if err != nil {
		return err
	}
	o.importer = importer(o.store, files, drawn)
	o.calendar, err = calendars.New(calendars.Config{
		Store: o.store, File: filepath.Join(c.Data, calendarsFile), Zones: c.Zones, Networks: c.HouseNetworks, Version: c.Version, Log: c.Log,
	})
	if err != nil {
		return err
	}
	err = o.listen(ctx, c)
	if err != nil {
		return err
	}
	err = o.openVoice(ctx, c, key, files)
	if err != nil {
		return err
	}
	err = o.openNotify(ctx, c)
	if err != nil {
		return err
	}
	identities, err := openProvider(c)
	if err != nil {
		return err
	}
	o.api, err = api.New(ctx, api.Config{
		Store: o.store, Record: o.store.Record, Provider: identities, Content: files, People: o.people, Publish: o.publish, Alert: o.alert, Players: o.players,
		Ingest: o.ingest, Calendars: o.calendar, Order: o.hub.Order, Link: o.hub, Console: console.Handler(), Fonts: drawn, Zones: c.Zones, Key: key,
		URL: c.URL, PublicURL: c.PublicURL, Version: c.Version, Losses: o.Losses, Data: c.Data,
		Backups: func() (backup.Notes, error) { return backup.ReadNotes(c.Data) }, Notify: o.notify, Ready: newReadiness(c.Data, o.store).ready, Metrics: o.registry, Log: c.Log,
	})
	return err
}

// openNotify makes what tells contacts of troubles.
func (o *Controller) openNotify(ctx context.Context, c *Config) error {
	watch := &notify.Watch{
		Store: o.store, Players: o.players, Zones: c.Zones, URL: o.url, Started: time.Now(),
		Due: func(ctx context.Context) ([]notify.Due, error) { return o.api.Due(ctx) },
	}
	hook := c.Hook
	hook.Networks = c.HouseNetworks
	var err error
	o.notify, err = notify.New(ctx, notify.Config{Store: o.store, Look: watch.Look, Mail: c.Mail, Hook: hook, Log: c.Log})
	return err
}

// openProvider makes the way to the hospital's identity provider; nil without one.
func openProvider(c *Config) (*provider.Provider, error) {
	if !c.Provider.Used() {
		return nil, nil
	}
	c.Provider.URL = c.URL
	return provider.New(c.Provider)
}

// lastHeard is when each player's last plays arrived.
func lastHeard(ctx context.Context, plays store.Plays) (map[playlists.PlayerID]time.Time, error) {
	marks, err := plays.Heard(ctx)
	heard := map[playlists.PlayerID]time.Time{}
	for player, m := range marks {
		heard[player] = m.At
	}
	return heard, err
}

// openProgramme makes what decides about screens.
func (o *Controller) openProgramme(ctx context.Context, c *Config, key ed25519.PrivateKey, files *content.Content, assets []playlists.Asset, drawn *slide.Fonts) error {
	var err error
	o.publish, err = publish.New(ctx, publish.Config{
		Store: o.store, Content: files, Key: key, Fonts: assets, Zones: c.Zones, HandOff: c.PublicURL, Log: c.Log,
		Abilities: func(s playlists.ScreenID) playlists.Abilities { return o.players.AbilitiesOf(s) },
		Nudge:     func(s playlists.ScreenID, head wire.Signed) { o.hub.NudgeHead(s, head) },
	})
	if err != nil {
		return err
	}
	o.alert, err = alert.New(ctx, alert.Config{
		Store: o.store, Key: key, Log: c.Log,
		Fits:  func(s slide.Slide) error { return slide.Fits(s, drawn) },
		Nudge: func(ts wire.Signed) { o.hub.NudgeTakeovers(ts) },
		Held: func() uint64 {
			newest, _ := o.players.Takeovers(0)
			return newest
		},
	})
	return err
}

// openLinks makes what talks with players.
func (o *Controller) openLinks(c *Config, key ed25519.PrivateKey) error {
	o.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	var err error
	o.intake, err = intake.New(intake.Config{Store: o.store, Alarm: o.players.Alarm, Log: c.Log, Metrics: o.registry})
	if err != nil {
		return err
	}
	o.hub, err = hub.New(hub.Config{
		Players: o.players, Heads: heads{o.publish, o.alert}, Intake: o.intake, Key: key, Log: c.Log, Metrics: o.registry,
	})
	return err
}

// openPeople makes what staff use.
func (o *Controller) openPeople(c *Config, files *content.Content, drawn *slide.Fonts) error {
	secure, err := readURL(c)
	if err != nil {
		return err
	}
	o.people, err = access.New(access.Config{
		Store: o.store, Audit: o.store, Sessions: filepath.Join(c.Data, sessionsDir), Secure: secure, Cost: c.PasswordCost, Log: c.Log,
	})
	if err != nil {
		return err
	}
	o.ingest, err = ingest.New(ingest.Config{
		Content: files, Dir: filepath.Join(c.Data, uploadsDir), Log: c.Log,
		DrawSlide: func(s slide.Slide, width, height int) (image.Image, error) {
			return slide.Render(s, drawn, width, height)
		},
	})
	return err
}

// readURL reports whether people come by https. A URL that nobody could open is refused: links and
// the cookies' safety come from it.
func readURL(c *Config) (secure bool, err error) {
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	if c.URL == "" && c.TLSCert != "" {
		return true, nil
	}
	if c.URL == "" {
		if len(c.TrustedProxies) > 0 {
			c.Log.Warn("proxies are trusted, but no URL is set", slog.String("advice", "set --url to what people type, so that cookies are for https alone"))
		}
		return false, nil
	}
	c.URL = strings.TrimSuffix(c.URL, "/")
	at, ok := address(c.URL)
	if !ok {
		return false, fmt.Errorf("%w: url: %q is not an address of this controller: write it like https://tv.example.org, with a port if it has one and nothing behind", playlists.ErrInvalid, c.URL)
	}
	if at.Scheme == "http" && c.TLSCert != "" {
		return false, fmt.Errorf("%w: url: %q, but the controller speaks TLS: write it with https", playlists.ErrInvalid, c.URL)
	}
	return at.Scheme == "https", nil
}

// address reads where people reach something: a scheme and a host, and nothing behind.
func address(text string) (*url.URL, bool) {
	at, err := url.Parse(text)
	return at, err == nil && at.Host != "" && (at.Scheme == "https" || at.Scheme == "http") && at.Path == "" && at.RawQuery == "" && at.Fragment == "" && at.User == nil
}

func (o *Controller) listen(ctx context.Context, c *Config) error {
	certificate, err := openCertificate(c.TLSCert, c.TLSKey, c.Log)
	if err != nil {
		return err
	}
	if o.listener, err = listener(ctx, "listen", c.Listener, c.Listen); err != nil {
		return err
	}
	o.listener = certificate.listener(o.listener)
	if c.Metrics != "" || c.MetricsListener != nil {
		if o.metrics, err = listener(ctx, "metrics", c.MetricsListener, c.Metrics); err != nil {
			return err
		}
	}
	o.url, o.issuer = c.URL, c.Provider.Issuer
	if o.url == "" {
		o.url = "http://" + reachable(o.listener.Addr())
		if certificate != nil {
			o.url = "https://" + reachable(o.listener.Addr())
		}
	}
	return nil
}

// keepFonts puts the fonts where players can fetch them.
func keepFonts(ctx context.Context, files *content.Content, all [][]byte) ([]playlists.Asset, error) {
	var assets []playlists.Asset
	for _, b := range all {
		digest := wire.DigestOf(b)
		if files.Verify(ctx, digest) != nil { // or it is damaged, and heals
			if _, _, err := files.Put(ctx, bytes.NewReader(b)); err != nil {
				return nil, fmt.Errorf("keeping a font: %w", err)
			}
		}
		assets = append(assets, playlists.Asset{Digest: digest, Medium: playlists.Font, MediaType: "font/ttf", Bytes: int64(len(b))})
	}
	return assets, nil
}

// seed gives a new controller an organisation, so that screens have a colour before anything else.
func seed(ctx context.Context, documents store.Documents) error {
	err := documents.Update(ctx, func(tx store.Tx) error {
		_, err := tx.Get("organisation", "organisation")
		if !errors.Is(err, playlists.ErrNotFound) {
			return err
		}
		body, err := json.Marshal(playlists.Organisation{Name: "Our hospital", Brand: playlists.Brand{
			Name: "Our hospital", Background: "#0b3d4c", Ink: "#ffffff", Accent: "#5fd0c5",
		}})
		if err != nil {
			return err
		}
		_, err = tx.Put("organisation", "organisation", 0, "system", body)
		return err
	})
	if err != nil {
		return fmt.Errorf("making the organisation: %w", err)
	}
	return nil
}

// heads is what the hub asks for.
type heads struct {
	*publish.Publisher

	alert *alert.Alerts
}

// Takeovers implements [hub.Heads].
func (h heads) Takeovers(context.Context) (wire.Signed, bool, error) {
	signed, ok := h.alert.Signed()
	return signed, ok, nil
}

// URL is where people reach the console.
func (o *Controller) URL() string { return o.url }

// FirstLink is a link by which the first administrator makes their account, once; empty if there are
// users already. A later call makes the link before useless.
func (o *Controller) FirstLink(ctx context.Context) (string, error) {
	token, err := o.people.FirstToken(ctx)
	if err != nil || token == "" {
		return "", err
	}
	return o.url + "/first?token=" + token, nil
}

// AddUser makes a user who may sign in at once.
func (o *Controller) AddUser(ctx context.Context, by string, u access.User, password string) error {
	return o.people.AddUser(ctx, by, u, password)
}

// AddInvited makes a user who may sign in by their account at the hospital's provider, or with the password that they
// choose by a link.
func (o *Controller) AddInvited(ctx context.Context, by string, u access.User) error {
	return o.people.AddInvited(ctx, by, u)
}

// Close frees what New opened, for a controller that is not run.
func (o *Controller) Close() error {
	var errs []error
	for _, l := range []net.Listener{o.listener, o.metrics, o.public, o.local} {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	return errors.Join(append(errs, o.store.Close())...)
}

// Run serves until ctx is done or a part fails, and then stops within five seconds: first everything
// that takes work in, then what finishes it, last the store.
func (o *Controller) Run(ctx context.Context) error {
	// Workers outlast the doors: what came in by them is finished.
	workCtx, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	workers, workCtx := errgroup.WithContext(workCtx)
	workers.Go(func() error { return o.intake.Run(workCtx) })
	workers.Go(func() error { return o.ingest.Run(workCtx) })
	workers.Go(func() error { return o.people.Run(workCtx) })
	workers.Go(func() error { return o.notify.Run(workCtx) })
	workers.Go(func() error { return o.publish.Run(workCtx) })
	workers.Go(func() error { return o.alert.Run(workCtx) })
	if o.voice != nil {
		workers.Go(func() error { return o.voice.Run(workCtx) })
	}
	workers.Go(func() error { return watchClock(workCtx, o.floor) })
	workers.Go(func() error { return o.jobs(workCtx) })

	doorCtx, closeDoors := context.WithCancel(ctx)
	defer closeDoors()
	doors, doorCtx := errgroup.WithContext(doorCtx)
	doors.Go(func() error { return o.hub.Run(doorCtx) })
	doors.Go(func() error { return o.serve(doorCtx, o.listener, o.proxies.behind(o.api), o.api.Stop) })
	if o.metrics != nil {
		doors.Go(func() error { return o.serve(doorCtx, o.metrics, o.metricsHandler(), func() {}) })
	}
	if o.public != nil {
		doors.Go(func() error { return o.serve(doorCtx, o.public, o.proxies.behind(o.voice), func() {}) })
	}
	if o.local != nil {
		doors.Go(func() error { return o.serve(doorCtx, o.local, o.localHandler(doorCtx.Done()), func() {}) })
	}
	doors.Go(func() error {
		select {
		case <-workCtx.Done(): // a worker failed: nothing may come in any more
			return context.Cause(workCtx)
		case <-doorCtx.Done():
			return nil
		}
	})
	o.log.InfoContext(ctx, "controller up", slog.String("url", o.url))
	err := doors.Wait()
	stopWork()
	err = errors.Join(err, workers.Wait(), o.store.Close())
	o.log.InfoContext(ctx, "controller down")
	return err
}

// serve answers on l until ctx is done. stop ends requests that would go on for ever.
func (o *Controller) serve(ctx context.Context, l net.Listener, h http.Handler, stop func()) error {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: headerWithin, IdleTimeout: idleFor, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(o.log.Handler(), slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case err := <-served:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	stop()
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := server.Shutdown(within); err != nil {
		o.log.WarnContext(ctx, "requests cut off", slog.Any("error", errors.Join(err, server.Close())))
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving: %w", err)
	}
	return nil
}

func (o *Controller) metricsHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(o.registry, promhttp.HandlerOpts{Registry: o.registry}))
	return mux
}
