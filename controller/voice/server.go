package voice

import (
	"context"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// Route is a row of the access table of the public listener.
type Route struct {
	Method string
	// Path is a pattern of [http.ServeMux] without the method, "/{code}/{item}". "/{$}" is the root alone.
	Path string
	// Limit is the most bytes of a request's body; 0 means that none is expected.
	Limit int64
}

func (r Route) pattern() string { return r.Method + " " + r.Path }

// Door is a route with what answers it. Headers that a handler sets win over those that every page gets ([Headers]).
type Door struct {
	Route

	Handler http.HandlerFunc
}

// Config is what a Server is made of.
type Config struct {
	// Documents, Counts and Content are the controller's.
	Documents store.Documents
	Counts    store.Counts
	Content   Content
	// Programmes say what is published, on which screens.
	Programmes Programmes
	// Thumbnail gives a small JPEG of a picture or film; nil: pages have none.
	Thumbnail func(ctx context.Context, d playlists.Digest, m playlists.Medium, width int) (playlists.Digest, error)
	// Key makes the codes of a screen.
	Key func(playlists.ScreenID) playlists.HandOffKey
	// Now is the time; nil is time.Now.
	Now func() time.Time
	// URL is where all this is reached, "https://tv.example.org": feeds name it.
	URL string
	// Beside are what others serve on the same listener.
	Beside []Door
	Log    *slog.Logger
}

// Server answers phones. It is an [http.Handler].
type Server struct {
	log       *slog.Logger
	mux       *http.ServeMux
	doors     []Door
	now       func() time.Time
	templates *template.Template
	texts     []*texts
	spoken    choice // among texts
	counted   choice // among names
	content   Content
	thumbnail func(ctx context.Context, d playlists.Digest, m playlists.Medium, width int) (playlists.Digest, error)
	codes     *codes
	shelf     *shelf
	ballots   *ballots
	damper    *damper
	outside   *damper // of websites, so that they leave phones their room
	feeds     *feeds
	counter   *counter
}

// New makes a Server that answers what is in its access table, and nothing else.
func New(c Config) (s *Server, err error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	s = &Server{
		log: c.Log, mux: http.NewServeMux(), now: c.Now, texts: catalogue(), content: c.Content, thumbnail: c.Thumbnail,
		codes:   &codes{key: c.Key, screens: c.Programmes.Screens},
		shelf:   &shelf{store: c.Documents, content: c.Content, programmes: c.Programmes},
		feeds:   &feeds{shelf: shelf{store: c.Documents, content: c.Content, programmes: c.Programmes}, url: c.URL, texts: catalogue()},
		ballots: &ballots{}, damper: newDamper(), outside: newDamper(), counter: newCounter(c.Counts, c.Log),
	}
	if s.templates, err = parsePages(); err != nil {
		return nil, err
	}
	var spoken, counted []playlists.Language
	for _, t := range s.texts {
		spoken = append(spoken, t.Language)
	}
	for _, n := range names() {
		counted = append(counted, n.Language)
	}
	s.spoken, s.counted = choiceOf(spoken...), choiceOf(counted...)
	s.doors = slices.Concat(s.ours(), s.websites(), c.Beside)
	defer func() {
		if wrong := recover(); wrong != nil { // two doors for one address
			s, err = nil, fmt.Errorf("%w: the public listener's routes: %v", playlists.ErrInvalid, wrong)
		}
	}()
	for _, d := range s.doors {
		s.mux.HandleFunc(d.pattern(), limited(d))
	}
	return s, nil
}

// Routes is the whole access table: what is not in it is refused.
func (s *Server) Routes() []Route {
	rows := make([]Route, 0, len(s.doors))
	for _, d := range s.doors {
		rows = append(rows, d.Route)
	}
	return rows
}

// ours are the doors of this package.
func (s *Server) ours() []Door {
	return []Door{
		{Route{Method: http.MethodGet, Path: "/robots.txt"}, robots},
		{Route{Method: http.MethodGet, Path: "/voice.css"}, s.still("voice.css", "text/css; charset=utf-8")},
		{Route{Method: http.MethodGet, Path: "/voice.js"}, s.still("voice.js", "text/javascript; charset=utf-8")},
		{Route{Method: http.MethodGet, Path: "/{$}"}, s.startPage},
		{Route{Method: http.MethodGet, Path: "/{code}"}, s.screenPage},
		{Route{Method: http.MethodPost, Path: "/{code}", Limit: formLimit}, s.wish},
		{Route{Method: http.MethodGet, Path: "/{code}/{item}"}, s.itemPage},
		{Route{Method: http.MethodPost, Path: "/{code}/{item}", Limit: formLimit}, s.answer},
		{Route{Method: http.MethodGet, Path: "/{code}/{item}/{file}"}, s.file},
		{Route{Method: http.MethodGet, Path: "/"}, s.unknownPage},
	}
}

// Run writes what is counted, until ctx is done; what was counted until then is written, too.
func (s *Server) Run(ctx context.Context) error { return s.counter.run(ctx) }

// Flush writes what was counted until now.
func (s *Server) Flush(ctx context.Context) error { return s.counter.flush(ctx) }

// limited lets no more of a body in than its door allows.
func limited(d Door) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, d.Limit)
		d.Handler(w, r)
	}
}

// ServeHTTP answers one request. It logs nothing about who asks.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	Headers(w.Header())
	s.mux.ServeHTTP(w, r)
}

// Headers are what every answer of the public listener says: nothing is loaded from elsewhere, nobody frames it, no search
// engine keeps it, and no page says where its reader came from.
func Headers(h http.Header) {
	h.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self'", "media-src 'self'",
		"form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
	}, "; "))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), browsing-topics=()")
	h.Set("Cache-Control", "no-store")
}

func robots(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("User-agent: *\nAllow: /feeds/\nDisallow: /\n")) // whoever asked has gone
}
