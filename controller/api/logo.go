package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// checkLogo lets only a file be the logo that has come in as every other does: players fetch it, and the page on which
// people sign in shows it to anybody.
func (s *Server) checkLogo(ctx context.Context, o *playlists.Organisation) error {
	if o.Logo == nil {
		return nil
	}
	known, err := s.inLibrary(ctx, o.Logo.Digest)
	if errors.Is(err, playlists.ErrNotFound) {
		return playlists.Refuse(playlists.ErrInvalid, "the logo's picture is not here any more; upload it again")
	}
	if err == nil {
		o.Logo = &known
	}
	return err
}

// house is the organisation as it was last saved.
func (s *Server) house(ctx context.Context) (playlists.Organisation, error) {
	var o playlists.Organisation
	err := s.Store.View(ctx, func(v store.View) error {
		doc, err := v.Get("organisation", "organisation")
		if err != nil {
			return err
		}
		o, err = domain[playlists.Organisation](doc)
		return err
	})
	return o, err
}

// houseLogo is where pages find the logo, and whose it is; nothing if there is none.
func (s *Server) houseLogo(ctx context.Context) (address, name string) {
	o, err := s.house(ctx)
	if err != nil && !errors.Is(err, playlists.ErrNotFound) {
		s.log.WarnContext(ctx, "logo not found", slogErr(err))
	}
	if err != nil || o.Logo == nil {
		return "", ""
	}
	return "/logo?of=" + string(o.Logo.Digest[:12]), o.Brand.Name
}

// logo answers with the organisation's logo, whoever asks. Its address says which it is, so that a new one shows at once.
func (s *Server) logo(c *gin.Context) {
	o, err := s.house(c.Request.Context())
	switch {
	case errors.Is(err, playlists.ErrNotFound) || err == nil && o.Logo == nil:
		refuse(c, http.StatusNotFound, "The organisation has no logo.")
	case err != nil:
		s.log.ErrorContext(c, "logo not read", slogErr(err), slog.String("path", c.Request.URL.Path))
		refuse(c, http.StatusInternalServerError, "internal error")
	default:
		s.serveAsset(c.Request.Context(), c, *o.Logo)
	}
}
