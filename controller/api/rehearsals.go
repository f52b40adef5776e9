package api

import (
	"context"
	"net/http"

	"anteroom/playlists"
)

// RehearsalOrder is a playlist as it is being written, and where it is to be shown.
type RehearsalOrder struct {
	Department playlists.DepartmentID `json:"department" doc:"Whose languages decide what comes"`
	Entries    []playlists.Entry      `json:"entries" doc:"The entries as they are now, saved or not"`
}

// rehearsals says what a playlist would be before it is saved.
func (s *Server) rehearsals() {
	type in struct{ Body RehearsalOrder }
	type out struct{ Body playlists.Rehearsal }
	operation(s, http.MethodPost, "/api/v1/playlists/rehearsal", "rehearsePlaylist", "The loop of a playlist as the screens of a department would show it: its turns in order, and what each entry gets of it",
		func(ctx context.Context, in *in) (*out, error) {
			r, err := s.Publish.Rehearse(ctx, in.Body.Department, playlists.Playlist{ID: "draft", Name: "Draft", Entries: in.Body.Entries})
			return &out{Body: r}, err
		})
}
