package api

import (
	"context"
	"net/http"

	"anteroom/controller/access"
	"anteroom/controller/voice"
	"anteroom/playlists"
)

// DepartmentFeeds says where websites find what they may take over of a department.
type DepartmentFeeds struct {
	Open  bool   `json:"open" doc:"There is a public address: the controller was given --public-url"`
	JSON  string `json:"json,omitempty" doc:"JSON Feed 1.1. Like the others it takes ?lang=es for a language"`
	RSS   string `json:"rss,omitempty" doc:"RSS 2.0"`
	Embed string `json:"embed,omitempty" doc:"A page for a frame on the websites that the organisation names"`
}

func (s *Server) feeds() {
	type input struct {
		ID playlists.DepartmentID `path:"id" maxLength:"64"`
	}
	type out struct{ Body DepartmentFeeds }
	operation(s, http.MethodGet, "/api/v1/departments/{id}/feeds", "getDepartmentFeeds", "Where websites find what they may take over of a department",
		func(ctx context.Context, in *input) (*out, error) {
			if err := may(ctx, access.See, access.Object{Kind: "department", Departments: single(in.ID)}); err != nil {
				return nil, err
			}
			if s.PublicURL == "" {
				return &out{}, nil
			}
			at := s.PublicURL + voice.FeedsAt(in.ID) + "/"
			return &out{Body: DepartmentFeeds{Open: true, JSON: at + voice.JSONFeed, RSS: at + voice.RSSFeed, Embed: at + voice.EmbedPage}}, nil
		})
}
