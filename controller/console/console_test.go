package console

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func TestHandler(t *testing.T) {
	files := fstest.MapFS{
		"index.html":             {Data: []byte("<h1>page</h1>")},
		"favicon.svg":            {Data: []byte("<svg xmlns='http://www.w3.org/2000/svg'/>")},
		"assets/index-1a2b3c.js": {Data: []byte("program")},
	}
	for _, tt := range []struct {
		name, method, path string
		status             int
		body, cache, kind  string
	}{
		{"the front page", "GET", "/", 200, "page", "no-cache", "text/html"},
		{"a page of the program", "GET", "/screens/cardiology-window", 200, "page", "no-cache", "text/html"},
		{"a page with a dot in its name", "GET", "/screens/lobby.north", 200, "page", "no-cache", "text/html"},
		{"a file of the root", "GET", "/favicon.svg", 200, "svg", "no-cache", "image/svg+xml"},
		{"a hashed file may be kept for ever", "GET", "/assets/index-1a2b3c.js", 200, "program", "public, max-age=31536000, immutable", "text/javascript"},
		{"a hashed file of another version is not a page", "GET", "/assets/index-old.js", 404, "another version", "", "text/plain"},
		{"a way out of the bundle is a page", "GET", "/../../etc/passwd", 200, "page", "no-cache", "text/html"},
		{"a directory is a page", "GET", "/assets", 200, "page", "no-cache", "text/html"},
		{"nothing can be written", "POST", "/", 405, "only be read", "", "text/plain"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			r := httptest.NewRequest(tt.method, "/", http.NoBody)
			r.URL.Path = tt.path
			handler(files).ServeHTTP(w, r)
			if w.Code != tt.status {
				t.Errorf("got status %d, want %d", w.Code, tt.status)
			}
			if !strings.Contains(w.Body.String(), tt.body) {
				t.Errorf("got body %q, want %q in it", w.Body, tt.body)
			}
			if got := w.Header().Get("Cache-Control"); got != tt.cache {
				t.Errorf("got Cache-Control %q, want %q", got, tt.cache)
			}
			if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, tt.kind) {
				t.Errorf("got Content-Type %q, want %q", got, tt.kind)
			}
		})
	}
}

func TestHashedFilesComePacked(t *testing.T) {
	files := fstest.MapFS{
		"index.html":                {Data: []byte("<h1>page</h1>")},
		"assets/index-1a2b3c.js":    {Data: []byte("program")},
		"assets/index-1a2b3c.js.gz": {Data: []byte("packed")},
		"assets/inter-4d5e6f.woff2": {Data: []byte("letters")},
	}
	for _, tt := range []struct {
		name, path, accepts string
		body, encoding      string
	}{
		{"to who says so", "/assets/index-1a2b3c.js", "gzip, deflate, br, zstd", "packed", "gzip"},
		{"to who says so last", "/assets/index-1a2b3c.js", "br,gzip", "packed", "gzip"},
		{"not to who says nothing", "/assets/index-1a2b3c.js", "", "program", ""},
		{"not to who knows another way", "/assets/index-1a2b3c.js", "br", "program", ""},
		{"not to who refuses", "/assets/index-1a2b3c.js", "gzip;q=0", "program", ""},
		{"letters are packed already", "/assets/inter-4d5e6f.woff2", "gzip", "letters", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodGet, tt.path, http.NoBody)
			r.Header.Set("Accept-Encoding", tt.accepts)
			handler(files).ServeHTTP(w, r)
			if w.Code != http.StatusOK || w.Body.String() != tt.body {
				t.Errorf("got %d %q, want %q", w.Code, w.Body, tt.body)
			}
			h := w.Header()
			if h.Get("Content-Encoding") != tt.encoding || h.Get("Vary") != "Accept-Encoding" {
				t.Errorf("got Content-Encoding %q, want %q, and Vary %q", h.Get("Content-Encoding"), tt.encoding, h.Get("Vary"))
			}
			if strings.HasSuffix(tt.path, ".js") && !strings.HasPrefix(h.Get("Content-Type"), "text/javascript") {
				t.Errorf("got Content-Type %q", h.Get("Content-Type"))
			}
		})
	}
}

func TestPolicyOnPages(t *testing.T) {
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	if got := w.Header().Get("Content-Security-Policy"); got != Policy {
		t.Errorf("got policy %q, want %q", got, Policy)
	}
	if strings.Contains(Policy, "unsafe") || strings.Contains(Policy, "http:") || strings.Contains(Policy, "https:") {
		t.Errorf("the policy lets foreign or inline code in: %s", Policy)
	}
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<h1>") && !strings.Contains(w.Body.String(), "<script") {
		t.Errorf("got %d %q, want a page", w.Code, w.Body)
	}
}
