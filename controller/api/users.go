package api

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"anteroom/controller/access"
	"anteroom/playlists"
)

// User is a person who may sign in.
type User struct {
	access.User

	Revision uint64 `json:"revision" readOnly:"true" doc:"Revision of the user, also its ETag"`
}

func (u *User) parts() (*uint64, *access.User) { return &u.Revision, &u.User }

// UserDraft is a user as an administrator writes them.
type UserDraft struct {
	User

	Password string `json:"password,omitempty" writeOnly:"true" doc:"A new one ends their sessions. Left out, it stays; a new user then needs a link to choose one"`
}

// OneTimeLink lets whoever opens it first choose a user's password.
type OneTimeLink struct {
	Path    string    `json:"path" doc:"Where it is on this controller, \"/welcome?token=...\"; shown this once"`
	Expires time.Time `json:"expires"`
}

type linkOutput struct{ Body OneTimeLink }

// OwnPassword changes the password of whoever is signed in.
type OwnPassword struct {
	Old      string `json:"old" doc:"Their present password"`
	Password string `json:"password" doc:"The new one, of at least 12 characters"`
}

type userInput struct {
	ID          string `path:"id" maxLength:"64" doc:"The name to sign in with, \"maria-lopez\""`
	IfMatch     string `header:"If-Match" doc:"The ETag of the revision that the writer saw"`
	IfNoneMatch string `header:"If-None-Match" enum:"*" doc:"* for a new user"`
	Body        UserDraft
}

// users are documents whose bodies never leave the controller as they are: what is read of them has no
// secrets ([access.User]), and what is written goes through package access.
func (s *Server) users() {
	k := kind[User, access.User]{name: access.UserKind, one: "user", many: "users"}
	const base = "/api/v1/users"
	operation(s, http.MethodGet, base, "listUsers", "List the people who may sign in", func(ctx context.Context, _ *listInput) (*list[User], error) {
		return listAll[User, access.User](ctx, s, k)
	})
	operation(s, http.MethodGet, base+"/{id}", "getUser", "Get a user", func(ctx context.Context, in *idInput) (*one[User], error) {
		return getOne[User, access.User](ctx, s, k, in.ID)
	})
	operation(s, http.MethodPut, base+"/{id}", "putUser", "Make or change a user, or set their password", func(ctx context.Context, in *userInput) (*one[User], error) {
		if err := s.putUser(ctx, in); err != nil {
			return nil, userProblem(err, in.ID, &in.Body.User)
		}
		return getOne[User, access.User](ctx, s, k, in.ID)
	}, staleAnswer[User](s))
	operation(s, http.MethodDelete, base+"/{id}", "deleteUser", "Remove a user; their sessions end", func(ctx context.Context, in *deleteInput) (*struct{}, error) {
		return nil, userProblem(s.deleteUser(ctx, in), in.ID, nil)
	}, status(http.StatusNoContent), staleAnswer[User](s))
	operation(s, http.MethodPost, base+"/{id}/link", "linkUser", "Make a link by which a user chooses their own password, once; the one before becomes useless", s.linkUser, status(http.StatusCreated))
	operation(s, http.MethodGet, base+"/{id}/revisions", "revisionsOfUser", "Every kept revision of a user, newest first", func(ctx context.Context, in *idInput) (*list[Revision[User]], error) {
		return revisions[User, access.User](ctx, s, k, in.ID)
	})
}

func (s *Server) putUser(ctx context.Context, in *userInput) error {
	if err := may(ctx, access.Edit, access.Object{Kind: access.UserKind}); err != nil {
		return err
	}
	if in.Body.Name != in.ID {
		return playlists.Refuse(playlists.ErrInvalid, "name: the user calls themselves %q, the address %q; they must be the same", in.Body.Name, in.ID)
	}
	was, err := precondition(in.IfMatch, in.IfNoneMatch)
	if err != nil {
		return err
	}
	if was == 0 && in.Body.Password == "" {
		return s.People.AddInvited(ctx, by(ctx), in.Body.User.User)
	}
	if was == 0 {
		return s.People.AddUser(ctx, by(ctx), in.Body.User.User, in.Body.Password)
	}
	return s.People.SetUser(ctx, by(ctx), in.Body.User.User, in.Body.Password, was)
}

func (s *Server) linkUser(ctx context.Context, in *idInput) (*linkOutput, error) {
	if err := may(ctx, access.Edit, access.Object{Kind: access.UserKind}); err != nil {
		return nil, err
	}
	token, until, err := s.People.Invite(ctx, by(ctx), in.ID)
	if err != nil {
		return nil, missing(err, "user", in.ID)
	}
	return &linkOutput{Body: OneTimeLink{Path: welcomePath + "?token=" + url.QueryEscape(token), Expires: until}}, nil
}

func (s *Server) deleteUser(ctx context.Context, in *deleteInput) error {
	if err := may(ctx, access.Edit, access.Object{Kind: access.UserKind}); err != nil {
		return err
	}
	was, err := precondition(in.IfMatch, "")
	if err != nil {
		return err
	}
	return s.People.RemoveUser(ctx, by(ctx), in.ID, was)
}

func userProblem(err error, name string, yours *User) error {
	return stale[User, access.User](missing(err, "user", name), "user", yours)
}

// ownPassword lets everybody change their own; only who knows the old one can.
func (s *Server) ownPassword() {
	type in struct {
		requestInput

		Body OwnPassword
	}
	operation(s, http.MethodPut, "/api/v1/me/password", "putMyPassword", "Change one's own password; the other sessions end", func(ctx context.Context, in *in) (*struct{}, error) {
		return nil, s.People.ChangePassword(ctx, in.Body.Old, in.Body.Password, access.AddressOf(in.request))
	}, status(http.StatusNoContent))
}
