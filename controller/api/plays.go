package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"anteroom/controller/access"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// maxPlaysSpan is how much evidence one request may ask for.
const maxPlaysSpan = 31 * 24 * time.Hour

type playsInput struct {
	Screen playlists.ScreenID `query:"screen" required:"true" doc:"The screen"`
	From   time.Time          `query:"from" required:"true" doc:"First instant, RFC 3339"`
	To     time.Time          `query:"to" required:"true" doc:"Last instant, excluded; at most 31 days later"`
	Item   playlists.ItemID   `query:"item" doc:"Only this item"`
}

// PlayList is every record of a screen in a span. Numbers that follow each other within a stream show
// that none is missing; a gap says so itself.
type PlayList struct {
	Items     []PlayRecord `json:"items"`
	Forgotten string       `json:"forgotten,omitempty" doc:"A month, 2026-10: plays of the span that came in until its end are no longer kept, and are missing here"`
}

// PlayRecord is a play as its player recorded it, and when it arrived.
type PlayRecord struct {
	playlists.Play

	Player   playlists.PlayerID `json:"player"`
	Stream   playlists.StreamID `json:"stream"`
	Received time.Time          `json:"received"`
}

func (s *Server) plays() {
	type playsOut struct{ Body PlayList }
	operation(s, http.MethodGet, "/api/v1/plays", "listPlays", "Every recorded play of a screen in a span",
		func(ctx context.Context, in *playsInput) (*playsOut, error) {
			if err := s.mayScreen(ctx, access.See, access.PlayKind, in.Screen); err != nil {
				return nil, err
			}
			list, err := s.records(ctx, in)
			return &playsOut{list}, err
		})
}

// records gives the plays that began in the span, by their start.
func (s *Server) records(ctx context.Context, in *playsInput) (PlayList, error) {
	if !in.From.Before(in.To) || in.To.Sub(in.From) > maxPlaysSpan {
		return PlayList{}, playlists.Refuse(playlists.ErrInvalid, "to: it must be after from, by 31 days at most; ask for a shorter span")
	}
	found := PlayList{Items: []PlayRecord{}}
	for p, err := range s.Store.ScanScreen(ctx, in.Screen, in.From, in.To) {
		if gone := (*store.ForgottenError)(nil); errors.As(err, &gone) {
			found.Forgotten = gone.Through
			continue
		}
		if err != nil {
			return PlayList{}, fmt.Errorf("reading plays: %w", err)
		}
		if in.Item == "" || p.Item == in.Item {
			found.Items = append(found.Items, record(p))
		}
	}
	slices.SortFunc(found.Items, func(a, b PlayRecord) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Seq, b.Seq))
	})
	return found, nil
}

func record(p store.StoredPlay) PlayRecord {
	return PlayRecord{Player: p.Player, Stream: p.Stream, Received: p.Received, Play: p.Play}
}
