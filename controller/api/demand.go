package api

import (
	"context"
	"net/http"

	"anteroom/controller/access"
	"anteroom/playlists"
)

// DepartmentDemand is what patients of a department ask for, and how far its loops follow.
type DepartmentDemand struct {
	InForce playlists.Demand `json:"in_force" doc:"What its loops follow by what is published"`
	Newest  playlists.Demand `json:"newest" doc:"What was reckoned last; another than in force if it waits to be published, or was taken back"`
	Waits   bool             `json:"waits" doc:"Whether publishing would change how far loops follow"`
}

func (s *Server) followed() {
	type input struct {
		ID playlists.DepartmentID `path:"id" maxLength:"64"`
	}
	type out struct{ Body DepartmentDemand }
	operation(s, http.MethodGet, "/api/v1/departments/{id}/demand", "getDemandFollowed", "What patients of a department ask for, as far as anybody is told of it, and how far its loops follow",
		func(ctx context.Context, in *input) (*out, error) {
			if err := may(ctx, access.See, access.Object{Kind: "department", Departments: single(in.ID)}); err != nil {
				return nil, err
			}
			inForce, newest, err := s.Publish.Demand(ctx, in.ID)
			return &out{Body: DepartmentDemand{inForce, newest, newest.Moves(inForce)}}, err
		})
}
