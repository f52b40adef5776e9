package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// Content is where assets lie.
type Content interface {
	Open(d playlists.Digest) (*os.File, int64, error)
}

func slogErr(err error) slog.Attr { return slog.Any("error", err) }

func ginOf(ctx huma.Context) *gin.Context { return humagin.Unwrap(ctx) }

type assetInput struct {
	Digest playlists.Digest `path:"digest" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the file"`
	Width  int              `query:"width" minimum:"1" maximum:"3840" doc:"Give a small JPEG of about this width instead"`
}

func (s *Server) assets() {
	operation(s, http.MethodGet, "/api/v1/assets/{digest}", "getAsset", "A file of the library, or a thumbnail of it",
		func(ctx context.Context, in *assetInput) (*huma.StreamResponse, error) {
			if err := mayLook(ctx); err != nil {
				return nil, err
			}
			asset, err := s.asset(ctx, in)
			if err != nil {
				return nil, err
			}
			return &huma.StreamResponse{Body: func(to huma.Context) { s.serveAsset(ctx, ginOf(to), asset) }}, nil
		}, answers("image/jpeg", "image/png", "video/mp4", "video/webm", "text/vtt", "application/octet-stream"))
}

// asset finds what the library calls a digest, and its thumbnail if a width is asked for.
func (s *Server) asset(ctx context.Context, in *assetInput) (playlists.Asset, error) {
	asset, err := s.inLibrary(ctx, in.Digest)
	if err != nil || in.Width == 0 {
		return asset, err
	}
	small, err := s.Ingest.Thumbnail(ctx, asset.Digest, asset.Medium, in.Width)
	if err != nil {
		return playlists.Asset{}, missing(err, "asset", string(in.Digest))
	}
	return playlists.Asset{Digest: small, Medium: playlists.Image, MediaType: "image/jpeg"}, nil
}

// inLibrary finds an asset among the items' renditions and the fresh uploads: nothing else of the
// content is for browsers.
func (s *Server) inLibrary(ctx context.Context, d playlists.Digest) (playlists.Asset, error) {
	for _, u := range s.Ingest.List() {
		for _, a := range u.Assets() {
			if a.Digest == d {
				return a, nil
			}
		}
	}
	found, err := s.known.find(ctx, s.Store, d)
	if err != nil {
		return playlists.Asset{}, missing(err, "asset", string(d))
	}
	return found, nil
}

// serveAsset answers with a file of the content, ranges included. What a digest names never changes.
func (s *Server) serveAsset(ctx context.Context, c *gin.Context, a playlists.Asset) {
	f, _, err := s.Content.Open(a.Digest)
	if errors.Is(err, playlists.ErrNotFound) {
		refuse(c, http.StatusNotFound, "There is no such file; the library may have changed. Load the page again.")
		return
	}
	if err != nil {
		s.log.ErrorContext(ctx, "asset not opened", slog.String("digest", string(a.Digest)), slogErr(err))
		refuse(c, http.StatusInternalServerError, "internal error")
		return
	}
	defer s.closed(f)
	h := c.Writer.Header()
	h.Set("Content-Type", a.MediaType)
	h.Set("ETag", strconv.Quote(string(a.Digest)))
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	http.ServeContent(wholeFiles{c.Writer}, c.Request, "", time.Time{}, f)
}

func (s *Server) closed(f io.Closer) {
	if err := f.Close(); err != nil {
		s.log.Warn("asset not closed", slogErr(err))
	}
}

// wholeFiles lets the kernel copy files to the socket: gin's writer hides that the server's can.
type wholeFiles struct{ gin.ResponseWriter }

// ReadFrom implements [io.ReaderFrom].
func (w wholeFiles) ReadFrom(r io.Reader) (int64, error) {
	w.WriteHeaderNow()
	for under := http.ResponseWriter(w.ResponseWriter); ; {
		if to, ok := under.(io.ReaderFrom); ok {
			return to.ReadFrom(r)
		}
		inner, ok := under.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return io.Copy(struct{ io.Writer }{w.ResponseWriter}, r)
		}
		under = inner.Unwrap()
	}
}

// documentsByID reads all documents of a kind that the domain knows as T.
func documentsByID[K ~string, T any](ctx context.Context, docs store.Documents, kind store.Kind) (map[K]T, error) {
	all := map[K]T{}
	err := docs.View(ctx, func(v store.View) error {
		for doc, err := range v.List(kind) {
			if err != nil {
				return err
			}
			t, err := domain[T](doc)
			if err != nil {
				return err
			}
			all[K(doc.ID)] = t
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the %ss: %w", kind, err)
	}
	return all, nil
}
