package api

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"anteroom/controller/players"
	"anteroom/playlists"
)

// playerKey is where the guard leaves which player asks.
const playerKey = "player"

func (s *Server) playerRoutes() {
	s.engine.GET("/player/v1/link", func(c *gin.Context) { s.Link.ServeHTTP(c.Writer, c.Request) })
	s.engine.GET("/player/v1/bodies/:digest", s.playerBytes)
	s.engine.GET("/player/v1/assets/:digest", s.playerBytes)
	s.engine.HEAD("/player/v1/assets/:digest", s.playerBytes)
	s.engine.PUT("/player/v1/snapshots/:id", s.playerSnapshot)
}

// checkBearer asks whose the bearer is; the registry refuses what is forged, expired or revoked.
func (s *Server) checkBearer(c *gin.Context) error {
	token, ok := strings.CutPrefix(c.Request.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return fmt.Errorf("%w: show the bearer that the link gave", playlists.ErrDenied)
	}
	player, err := s.Players.OpenBearer(token)
	if err != nil {
		return err
	}
	c.Set(playerKey, player)
	return nil
}

// playerOf is whom the guard let in.
func (s *Server) playerOf(c *gin.Context) (players.Player, bool) {
	id, ok := c.MustGet(playerKey).(playlists.PlayerID)
	if !ok {
		return players.Player{}, false
	}
	return s.Players.Player(id)
}

// playerBytes gives a player what its programme needs, and nothing else.
func (s *Server) playerBytes(c *gin.Context) {
	player, ok := s.playerOf(c)
	if !ok {
		refuse(c, http.StatusForbidden, "This player is not known here.")
		return
	}
	presence, _ := s.Players.Presence(player.ID)
	digest := playlists.Digest(c.Param("digest"))
	asset, err := s.Publish.Opens(c.Request.Context(), player.Screen, presence.Heartbeat.State.Body, digest)
	if err != nil {
		s.turnDown(c, "playerBytes", err)
		return
	}
	s.serveAsset(c.Request.Context(), c, asset)
}

func (s *Server) playerSnapshot(c *gin.Context) {
	player, ok := s.playerOf(c)
	if !ok {
		refuse(c, http.StatusForbidden, "This player is not known here.")
		return
	}
	if err := http.NewResponseController(c.Writer).SetReadDeadline(time.Now().Add(bodyTimeout)); err != nil {
		s.turnDown(c, "playerSnapshot", err)
		return
	}
	jpeg, err := io.ReadAll(c.Request.Body)
	if err != nil {
		refuse(c, http.StatusBadRequest, "The picture did not arrive whole, or is larger than a snapshot may be.")
		return
	}
	if err := s.Players.PutSnapshot(player.ID, c.Param("id"), jpeg); err != nil {
		s.turnDown(c, "playerSnapshot", err)
		return
	}
	c.Status(http.StatusNoContent)
}

// turnDown answers with an error's problem outside of huma.
func (s *Server) turnDown(c *gin.Context, what string, err error) {
	p, ok := errors.AsType[*ProblemError](s.problem(c.Request.Context(), what, err))
	if !ok {
		refuse(c, http.StatusInternalServerError, "internal error")
		return
	}
	refuseAs(c, p)
}
