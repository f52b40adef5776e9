package access

import (
	"context"

	"anteroom/playlists"
)

// Role is what a person is in the hospital's screens.
type Role string

// The roles. An administrator may do all that the others may.
const (
	Administrator Role = "administrator" // screens, players, people
	Scheduler     Role = "scheduler"     // what shows where and when; publishes and takes over
	Marketer      Role = "marketer"      // items and playlists, reports
	Reviewer      Role = "reviewer"      // lets items out
	Viewer        Role = "viewer"        // looks
)

// Roles lists all roles, the widest first.
func Roles() []Role { return []Role{Administrator, Scheduler, Marketer, Reviewer, Viewer} }

// Actor is whoever asks for something. The zero value is a stranger and may do nothing.
type Actor struct {
	// Name is the sign-in name, "maria-lopez"; it is the By of every revision that the actor writes.
	Name string `json:"name"`
	// FullName is how the console greets them, "Maria Lopez".
	FullName string `json:"full_name,omitempty"`
	// Account is what the hospital's identity provider calls them, "maria.lopez@st-mary.example": they sign in there,
	// and have no password here. Empty for who has one.
	Account string `json:"account,omitempty"`
	Role    Role   `json:"role"`
	// Everywhere: all departments, and what belongs to the organisation as a whole.
	Everywhere bool `json:"everywhere,omitempty"`
	// Departments are the actor's own, where Everywhere is false.
	Departments []playlists.DepartmentID `json:"departments,omitempty"`

	// Token is the id of the token by which a script acts for them, and Scope what it may do; both are
	// zero for a person who is there themselves.
	Token string `json:"-"`
	Scope *Scope `json:"-"`
}

type actorKey struct{}

// NewContext gives a context that carries the actor.
func NewContext(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// FromContext gives the actor of a request; false for a stranger.
func FromContext(ctx context.Context) (Actor, bool) {
	a, ok := ctx.Value(actorKey{}).(Actor)
	return a, ok
}
