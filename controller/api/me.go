package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"anteroom/controller/access"
	"anteroom/controller/store"
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
	Logo        string                   `json:"logo,omitempty" doc:"The address of the organisation's logo; absent if it has none"`
	House       string                   `json:"house,omitempty" doc:"The organisation's name as its brand has it, with the logo"`
	Version     string                   `json:"version" doc:"Version of the controller"`
	Rights      []MyRight                `json:"rights" doc:"Everything that somebody can do here, with whether they may"`
}

// MyRight is something that can be done, and whether who is signed in may.
type MyRight struct {
	Action access.Action `json:"action" doc:"see, edit, approve, release, publish or alert"`
	Kind   store.Kind    `json:"kind" doc:"To what"`
	May    bool          `json:"may"`
	Own    bool          `json:"own,omitempty" doc:"Only to what belongs to their own departments, all of it"`
	Roles  []access.Role `json:"roles" doc:"Who may"`
}

// rightsOf lists what the access table asks for, each once.
func rightsOf(a access.Actor) []MyRight {
	rights := []MyRight{}
	for _, row := range Routes() {
		known := func(r MyRight) bool { return r.Action == row.Action && r.Kind == row.Kind }
		if row.Action == "" || slices.ContainsFunc(rights, known) {
			continue
		}
		may, own := access.Holds(a, row.Action, row.Kind)
		rights = append(rights, MyRight{row.Action, row.Kind, may, own && may, access.Holders(row.Action, row.Kind)})
	}
	slices.SortFunc(rights, func(a, b MyRight) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Action, b.Action)) })
	return rights
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
		logo, house := s.houseLogo(ctx)
		return &out{Body: Me{
			Logo: logo, House: house,
			Provider: by, Name: actor.Name, FullName: actor.FullName, Account: actor.Account, Role: actor.Role, Everywhere: actor.Everywhere,
			Departments: append([]playlists.DepartmentID{}, actor.Departments...), Version: s.Version,
			Rights: rightsOf(actor),
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
