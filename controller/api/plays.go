package api

import (
	"cmp"
	"context"
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
	Items []PlayRecord `json:"items"`
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
			records, err := s.records(ctx, in)
			return &playsOut{PlayList{records}}, err
		})
}

// records gives the plays that began in the span, by their start.
func (s *Server) records(ctx context.Context, in *playsInput) ([]PlayRecord, error) {
	if !in.From.Before(in.To) || in.To.Sub(in.From) > maxPlaysSpan {
		return nil, playlists.Refuse(playlists.ErrInvalid, "to: it must be after from, by 31 days at most; ask for a shorter span")
	}
	found := []PlayRecord{}
	for p, err := range s.Store.ScanScreen(ctx, in.Screen, in.From, in.To) {
		if err != nil {
			return nil, fmt.Errorf("reading plays: %w", err)
		}
		if in.Item == "" || p.Item == in.Item {
			found = append(found, record(p))
		}
	}
	slices.SortFunc(found, func(a, b PlayRecord) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Seq, b.Seq))
	})
	return found, nil
}

func record(p store.StoredPlay) PlayRecord {
	return PlayRecord{Player: p.Player, Stream: p.Stream, Received: p.Received, Play: p.Play}
}
