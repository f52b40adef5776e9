package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"anteroom/controller/access"
	"anteroom/playlists"
)

// Me is who is signed in.
type Me struct {
	Name        string                   `json:"name"`
	FullName    string                   `json:"full_name,omitempty"`
	Account     string                   `json:"account,omitempty" doc:"Their account at the hospital's identity provider, by which they sign in; absent for who has a password"`
	Provider    string                   `json:"provider,omitempty" doc:"What people call the hospital's identity provider; absent where there is none"`
	Role        access.Role              `json:"role"`
	Everywhere  bool                     `json:"everywhere"`
	Departments []playlists.DepartmentID `json:"departments"`
	Version     string                   `json:"version" doc:"Version of the controller"`
}

type requestInput struct{ request *http.Request }

// Resolve implements [huma.Resolver].
func (in *requestInput) Resolve(ctx huma.Context) []error {
	in.request = ginOf(ctx).Request
	return nil
}

func (s *Server) aboutMe() {
	type out struct{ Body Me }
	operation(s, http.MethodGet, "/api/v1/me", "me", "Who is signed in", func(ctx context.Context, _ *struct{}) (*out, error) {
		actor, _ := access.FromContext(ctx)
		by := ""
		if s.Provider != nil {
			by = s.Provider.Name()
		}
		return &out{Body: Me{
			Provider: by, Name: actor.Name, FullName: actor.FullName, Account: actor.Account, Role: actor.Role, Everywhere: actor.Everywhere,
			Departments: append([]playlists.DepartmentID{}, actor.Departments...), Version: s.Version,
		}}, nil
	})
	s.engine.GET("/api/openapi.json", func(c *gin.Context) {
		b, err := s.OpenAPI()
		if err != nil {
			refuse(c, http.StatusInternalServerError, "internal error")
			return
		}
		c.Data(http.StatusOK, "application/openapi+json", b)
	})
}
