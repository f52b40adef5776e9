package api

import (
	"context"
	"net/http"
	"time"

	"anteroom/controller/access"
)

// Token lets a script act for the person who made it.
type Token struct {
	access.Scope

	ID      string    `json:"id"`
	Owner   string    `json:"owner" doc:"Whose it is: it may never do more than they may at that moment"`
	Name    string    `json:"name" doc:"What its owner calls it, \"nightly export\""`
	Made    time.Time `json:"made"`
	Expires time.Time `json:"expires"`
	Used    string    `json:"used,omitempty" doc:"The day, of UTC, on which it was last used, \"2026-11-23\"; absent if never"`
}

// TokenDraft is a token as its owner asks for it.
type TokenDraft struct {
	access.Scope

	Name    string    `json:"name" doc:"What it is for, in at most 100 characters"`
	Expires time.Time `json:"expires" doc:"Within a year"`
}

// NewToken is a token with its secret.
type NewToken struct {
	Token

	Secret string `json:"secret" doc:"Send it as Authorization: Bearer SECRET. It is shown this once and kept nowhere"`
}

// Ended says how many sessions have ended.
type Ended struct {
	Ended int `json:"ended"`
}

type (
	partInput struct {
		ID   string `path:"id" maxLength:"64" doc:"The name to sign in with, \"maria-lopez\""`
		Part string `path:"part" maxLength:"64" doc:"The id of their session or token"`
	}
	endedOutput struct{ Body Ended }
)

// myAccount is what everybody may do with their own: password, sessions and tokens.
func (s *Server) myAccount() {
	const sessions, tokens = "/api/v1/me/sessions", "/api/v1/me/tokens"
	operation(s, http.MethodGet, sessions, "listMySessions", "List one's own sessions, the newest first",
		func(ctx context.Context, _ *struct{}) (*list[access.Session], error) {
			return s.sessionsOf(ctx, by(ctx))
		})
	operation(s, http.MethodDelete, sessions, "endMyOtherSessions", "End one's own sessions but this one",
		func(ctx context.Context, _ *struct{}) (*endedOutput, error) { return s.endSessions(ctx, by(ctx)) })
	operation(s, http.MethodDelete, sessions+"/{id}", "endMySession", "End one of one's own sessions",
		func(ctx context.Context, in *idInput) (*struct{}, error) {
			return nil, s.People.EndSession(ctx, by(ctx), by(ctx), in.ID)
		}, status(http.StatusNoContent))
	operation(s, http.MethodGet, tokens, "listMyTokens", "List one's own tokens",
		func(ctx context.Context, _ *struct{}) (*list[Token], error) { return s.tokensOf(ctx, by(ctx)) })
	operation(s, http.MethodPost, tokens, "makeToken", "Make a token for a script; its secret is shown this once", s.makeToken, status(http.StatusCreated))
	operation(s, http.MethodDelete, tokens+"/{id}", "revokeMyToken", "Revoke one of one's own tokens",
		func(ctx context.Context, in *idInput) (*struct{}, error) {
			return nil, s.People.RevokeToken(ctx, by(ctx), by(ctx), in.ID)
		}, status(http.StatusNoContent))
}

// othersAccounts is what administrators may do with everybody's sessions and tokens.
func (s *Server) othersAccounts() {
	const sessions, tokens = "/api/v1/users/{id}/sessions", "/api/v1/users/{id}/tokens"
	operation(s, http.MethodGet, sessions, "listSessions", "List a user's sessions, the newest first",
		func(ctx context.Context, in *idInput) (*list[access.Session], error) {
			if err := may(ctx, access.See, access.Object{Kind: access.UserKind}); err != nil {
				return nil, err
			}
			return s.sessionsOf(ctx, in.ID)
		})
	operation(s, http.MethodDelete, sessions, "endSessions", "End all sessions of a user, but the one that asks",
		func(ctx context.Context, in *idInput) (*endedOutput, error) {
			if err := may(ctx, access.Edit, access.Object{Kind: access.UserKind}); err != nil {
				return nil, err
			}
			return s.endSessions(ctx, in.ID)
		})
	operation(s, http.MethodDelete, sessions+"/{part}", "endSession", "End a session of a user",
		func(ctx context.Context, in *partInput) (*struct{}, error) {
			if err := may(ctx, access.Edit, access.Object{Kind: access.UserKind}); err != nil {
				return nil, err
			}
			return nil, missing(s.People.EndSession(ctx, by(ctx), in.ID, in.Part), "session", in.Part)
		}, status(http.StatusNoContent))
	operation(s, http.MethodGet, tokens, "listTokens", "List a user's tokens",
		func(ctx context.Context, in *idInput) (*list[Token], error) {
			if err := may(ctx, access.See, access.Object{Kind: access.UserKind}); err != nil {
				return nil, err
			}
			return s.tokensOf(ctx, in.ID)
		})
	operation(s, http.MethodDelete, tokens+"/{part}", "revokeToken", "Revoke a token of a user",
		func(ctx context.Context, in *partInput) (*struct{}, error) {
			if err := may(ctx, access.Edit, access.Object{Kind: access.UserKind}); err != nil {
				return nil, err
			}
			return nil, s.People.RevokeToken(ctx, by(ctx), in.ID, in.Part)
		}, status(http.StatusNoContent))
}

func (s *Server) sessionsOf(ctx context.Context, name string) (*list[access.Session], error) {
	all, err := s.People.Sessions(ctx, name)
	if err != nil {
		return nil, missing(err, "user", name)
	}
	out := &list[access.Session]{}
	out.Body.Items = all
	return out, nil
}

func (s *Server) endSessions(ctx context.Context, name string) (*endedOutput, error) {
	n, err := s.People.EndOtherSessions(ctx, by(ctx), name)
	if err != nil {
		return nil, missing(err, "user", name)
	}
	return &endedOutput{Body: Ended{Ended: n}}, nil
}

func (s *Server) tokensOf(ctx context.Context, owner string) (*list[Token], error) {
	all, err := s.People.Tokens(ctx, owner)
	if err != nil {
		return nil, err
	}
	out := &list[Token]{}
	out.Body.Items = []Token{}
	for i := range all {
		out.Body.Items = append(out.Body.Items, shownToken(&all[i]))
	}
	return out, nil
}

func shownToken(t *access.Token) Token {
	return Token{ID: t.ID, Owner: t.Owner, Name: t.Name, Scope: t.Scope, Made: t.Made, Expires: t.Expires, Used: t.Used}
}

type (
	tokenInput  struct{ Body TokenDraft }
	tokenOutput struct{ Body NewToken }
)

func (s *Server) makeToken(ctx context.Context, in *tokenInput) (*tokenOutput, error) {
	made, secret, err := s.People.MakeToken(ctx, in.Body.Name, in.Body.Scope, in.Body.Expires)
	if err != nil {
		return nil, missing(err, "user", by(ctx))
	}
	return &tokenOutput{Body: NewToken{Token: shownToken(&made), Secret: secret}}, nil
}
