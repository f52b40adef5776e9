package api

import (
	"context"
	"net/http"

	"anteroom/controller/access"
	"anteroom/controller/backup"
	"anteroom/controller/publish"
	"anteroom/playlists"
)

// Losses are what staff did between the state that a controller was restored to and the loss, as far as
// players prove it: by the programmes that they had, and by the plays that they recorded. What never
// reached a screen leaves no trace.
type Losses struct {
	// Restored is nil for a controller that was never restored; then nothing else is set.
	Restored *backup.Record `json:"restored,omitempty" doc:"When it was restored, and to which state; missing if it never was"`
	// Programmes are of screens that had a later one than was ever issued here.
	Programmes []publish.Ahead `json:"programmes" doc:"Screens that had a later programme than this controller ever issued: they were published to after the state that was restored"`
	// Shown is not known here.
	Shown []backup.Shown `json:"shown" doc:"What screens showed and this controller does not know, or not in that version"`
	// Takeovers are screens that hold a later document of takeovers than this controller ever signed.
	Takeovers []playlists.ScreenID `json:"takeovers" doc:"Screens that may show a takeover which this controller does not know; it ends by itself, at a new takeover or at an all-clear"`
}

func (s *Server) losses() {
	type out struct{ Body Losses }
	operation(s, http.MethodGet, "/api/v1/losses", "losses", "What a restored controller lost, as far as players prove it",
		func(ctx context.Context, _ *listInput) (*out, error) {
			if err := may(ctx, access.See, access.Object{Kind: access.PlayKind}); err != nil {
				return nil, err
			}
			l, err := s.Losses(ctx)
			return &out{Body: l}, err
		})
}
