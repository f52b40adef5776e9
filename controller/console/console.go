// Package console serves the staff's single-page program, built from web/ and embedded in the binary.
//
// The bundle is there with the build tag "console" and after `npm run build` in web/; without the tag
// every page says how to build it, so that go build and go test need no Node. The program talks to the
// same documented API as everyone else and loads nothing from anywhere but the controller.
package console

import (
	"bytes"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// Policy is the Content-Security-Policy of every page of the console.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; " +
	"font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Handler serves the console. Files whose names carry a hash of their content may be kept by browsers
// for ever, and come packed where the build has packed them; any other path without a file of that name
// is a page of the program, which finds out by itself what the path means. It wants to see the path as
// the browser asked for it, "/screens/lobby".
func Handler() http.Handler { return handler(bundle()) }

func handler(files fs.FS) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "The console can only be read.", http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
		if hashed(name) {
			serveHashed(w, r, files, name)
			return
		}
		serveNamed(w, r, files, name)
	})
}

// hashed reports whether name lies where the build puts files that carry a hash in their name.
func hashed(name string) bool { return strings.HasPrefix(name, "assets/") }

func serveHashed(w http.ResponseWriter, r *http.Request, files fs.FS, name string) {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		http.Error(w, "The console has been replaced by another version. Load the page again.", http.StatusNotFound)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Vary", "Accept-Encoding")
	if packed, err := fs.ReadFile(files, name+".gz"); err == nil && unpacks(r) {
		w.Header().Set("Content-Encoding", "gzip")
		b = packed
	}
	serve(w, r, name, b)
}

// unpacks reports whether whoever asks understands gzip.
func unpacks(r *http.Request) bool {
	for encoding := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		if strings.TrimSpace(encoding) == "gzip" { // browsers say neither more nor less
			return true
		}
	}
	return false
}

// serveNamed serves a file of the bundle's root or, for everything else, the page itself.
func serveNamed(w http.ResponseWriter, r *http.Request, files fs.FS, name string) {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		name = "index.html"
		if b, err = fs.ReadFile(files, name); err != nil {
			http.Error(w, "The console is missing from this build.", http.StatusInternalServerError)
			return
		}
	}
	w.Header().Set("Cache-Control", "no-cache")
	serve(w, r, name, b)
}

func serve(w http.ResponseWriter, r *http.Request, name string, b []byte) {
	h := w.Header()
	h.Set("Content-Security-Policy", Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(b))
}
