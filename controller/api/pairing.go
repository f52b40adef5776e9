package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"anteroom/controller/access"
	"anteroom/controller/players"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// Waiting is a player that shows a code.
type Waiting struct {
	Player   playlists.PlayerID `json:"player"`
	Words    []string           `json:"words" doc:"Compare them with those on the screen before you claim it"`
	Width    int                `json:"width"`
	Height   int                `json:"height"`
	Software string             `json:"software"`
	Expires  time.Time          `json:"expires"`
}

func (s *Server) pairings() {
	type lookup struct {
		Body struct {
			Code string `json:"code" maxLength:"40" doc:"As the screen shows it; case, spaces and hyphens do not matter"`
		}
	}
	type claim struct {
		Body struct {
			Code   string             `json:"code" maxLength:"40"`
			Screen playlists.ScreenID `json:"screen" doc:"An existing screen; an earlier player of it is unpaired"`
		}
	}
	type out struct{ Body Waiting }
	operation(s, http.MethodPost, "/api/v1/pairings/lookup", "lookUpPairing", "Find the player that shows a code",
		func(ctx context.Context, in *lookup) (*out, error) {
			w, err := s.Players.Waiting(in.Body.Code, by(ctx))
			if err != nil {
				return nil, guessing(err)
			}
			return &out{Body: Waiting{
				Player: w.Player, Words: w.Words, Width: w.Abilities.Width, Height: w.Abilities.Height,
				Software: w.Software, Expires: w.Expires,
			}}, nil
		})
	operation(s, http.MethodPost, "/api/v1/pairings/claim", "claimPairing", "Pair the player that shows a code with a screen",
		func(ctx context.Context, in *claim) (*struct{}, error) {
			if err := s.mayScreen(ctx, access.Edit, players.Kind, in.Body.Screen); err != nil {
				return nil, err
			}
			return nil, guessing(s.Players.Claim(ctx, in.Body.Code, in.Body.Screen, by(ctx)))
		}, status(http.StatusNoContent))
	operation(s, http.MethodPost, "/api/v1/screens/{id}/revoke", "revokePlayer", "Cut off the player of a screen",
		func(ctx context.Context, in *idInput) (*struct{}, error) {
			return nil, s.revoke(ctx, playlists.ScreenID(in.ID))
		}, status(http.StatusNoContent))
}

func guessing(err error) error {
	if errors.Is(err, players.ErrTooManyGuesses) {
		return explain(http.StatusTooManyRequests, sentenceOf(err), playlists.Said(err))
	}
	return err
}

func (s *Server) revoke(ctx context.Context, screen playlists.ScreenID) error {
	if err := s.mayScreen(ctx, access.Edit, players.Kind, screen); err != nil {
		return err
	}
	player, ok := s.Players.OfScreen(screen)
	if !ok {
		return playlists.Refuse(playlists.ErrNotFound, "no player is paired with screen %q", screen)
	}
	return s.Players.Revoke(ctx, player.ID, by(ctx))
}

// mayScreen asks whether whoever asks may do action to something of a screen's department.
func (s *Server) mayScreen(ctx context.Context, action access.Action, kind store.Kind, id playlists.ScreenID) error {
	screen, err := s.screen(ctx, id)
	if err != nil {
		return err
	}
	return may(ctx, action, access.Object{Kind: kind, Departments: single(screen.Department)})
}
