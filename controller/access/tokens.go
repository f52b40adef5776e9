package access

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// The kinds of document that tokens are, and the days on which they were used; both have the token's id.
const (
	TokenKind    store.Kind = "token"
	TokenUseKind store.Kind = "token-use"
)

// longestToken is how long a token may live: what nobody renews is nobody's any more.
const longestToken = 366 * 24 * time.Hour

// mostTokens is how many tokens a person may have.
const mostTokens = 50

// tokenPrefix makes a token found where it should not be recognisable.
const tokenPrefix = "anteroom."

// Right is one thing that a token may do.
type Right struct {
	Action Action     `json:"action" doc:"see, edit, approve, publish or alert"`
	Kind   store.Kind `json:"kind" doc:"What it may do that to, \"item\""`
}

// Scope is what a token may do at most; its owner's role and departments bound it at every use.
type Scope struct {
	// ReadOnly: see everything that the owner may see.
	ReadOnly bool `json:"read_only,omitempty" doc:"It may see what its owner may see, and change nothing"`
	// Rights: what it may do, where it is not read-only. Who may change a kind may see it.
	Rights []Right `json:"rights,omitempty" doc:"What it may do; to change a kind is also to see it"`
}

// Allows reports whether the scope has room for an action. No token manages people, or its owner's account.
func (s *Scope) Allows(action Action, kind store.Kind) bool {
	if kind == AccountKind || (kind == UserKind && action != See) {
		return false
	}
	if s.ReadOnly {
		return action == See
	}
	return slices.ContainsFunc(s.Rights, func(r Right) bool {
		return r.Kind == kind && (r.Action == action || action == See)
	})
}

func (s *Scope) validate() error {
	if s.ReadOnly == (len(s.Rights) > 0) {
		return playlists.Refuse(playlists.ErrInvalid, "rights: name what the token may do, or say that it only reads, and not both")
	}
	for i, r := range s.Rights {
		if allowed(Administrator, r.Action, r.Kind) == denied || !s.Allows(r.Action, r.Kind) {
			return playlists.Refuse(playlists.ErrInvalid, "rights[%d]: no token may %s %ss", i, r.Action, r.Kind)
		}
	}
	return nil
}

// Token lets a script act for a person, without its secret.
type Token struct {
	ID string `json:"id"`
	// Owner is the sign-in name of the person for whom it acts.
	Owner string `json:"owner"`
	// Name is what the owner calls it, "nightly export".
	Name    string    `json:"name"`
	Scope   Scope     `json:"scope"`
	Made    time.Time `json:"made"`
	Expires time.Time `json:"expires"`
	// Used is the day, of UTC, on which it was last used, "2026-11-23"; empty: never.
	Used string `json:"-"`
}

// tokenRecord is a token's document.
type tokenRecord struct {
	Token

	Hash string `json:"hash"` // SHA-256 of the secret, in hexadecimal
}

// tokenUse is a document of [TokenUseKind].
type tokenUse struct {
	Day string `json:"day"`
}

// MakeToken makes a token for whoever the request is from, and gives its secret, which nothing gives again.
func (a *Access) MakeToken(ctx context.Context, name string, scope Scope, expires time.Time) (Token, string, error) {
	owner, ok := FromContext(ctx)
	if !ok {
		return Token{}, "", playlists.Refuse(playlists.ErrDenied, "sign in first")
	}
	now := time.Now().UTC().Truncate(time.Second)
	t := Token{ID: hex.EncodeToString(random(6)), Owner: owner.Name, Name: strings.TrimSpace(name), Scope: scope, Made: now, Expires: expires.UTC()}
	if err := errors.Join(t.validate(), scope.validate()); err != nil {
		return Token{}, "", err
	}
	secret := base64.RawURLEncoding.EncodeToString(random(32))
	body, err := json.Marshal(tokenRecord{Token: t, Hash: keyOf(secret)})
	if err != nil {
		return Token{}, "", fmt.Errorf("making a token: %w", err)
	}
	err = a.store.Update(ctx, func(tx store.Tx) error {
		r, err := get(tx, owner.Name)
		if err != nil {
			return err
		}
		if r.Account != "" {
			return playlists.Refuse(playlists.ErrInvalid, "who signs in by the hospital's provider has no tokens, since nobody tells Anteroom when they leave; ask an administrator for an account of Anteroom's own for the script")
		}
		had, err := tokensOf(tx, owner.Name)
		if err == nil && len(had) >= mostTokens {
			err = playlists.Refuse(playlists.ErrInvalid, "you have %d tokens already; revoke some first", mostTokens)
		}
		if err == nil {
			_, err = tx.Put(TokenKind, t.ID, 0, owner.Name, body)
		}
		return err
	})
	if err != nil {
		return Token{}, "", err
	}
	a.log.InfoContext(ctx, "token made", slog.String("user", owner.Name), slog.String("token", t.ID))
	return t, tokenPrefix + t.ID + "." + secret, nil
}

func (t *Token) validate() error {
	if !playlists.Seen(t.Name) || len(t.Name) > 100 {
		return playlists.Refuse(playlists.ErrInvalid, "name: say in 1 to 100 characters what the token is for")
	}
	if !t.Expires.After(t.Made) || t.Expires.Sub(t.Made) > longestToken {
		return playlists.Refuse(playlists.ErrInvalid, "expires: choose a time from now on and within a year")
	}
	return nil
}

// Tokens lists a user's tokens by id, those that have expired too.
func (a *Access) Tokens(ctx context.Context, owner string) ([]Token, error) {
	tokens := []Token{}
	err := a.store.View(ctx, func(v store.View) error {
		had, err := tokensOf(v, owner)
		for i := range had {
			if had[i].Used, err = a.uses.last(v, had[i].ID); err != nil {
				return err
			}
			tokens = append(tokens, had[i].Token)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing tokens: %w", err)
	}
	return tokens, nil
}

func tokensOf(v store.View, owner string) ([]tokenRecord, error) {
	var found []tokenRecord
	for d, err := range v.List(TokenKind) {
		if err != nil {
			return nil, err
		}
		t, err := decodeToken(d)
		if err != nil {
			return nil, err
		}
		if t.Owner == owner {
			found = append(found, t)
		}
	}
	return found, nil
}

func decodeToken(d store.Document) (tokenRecord, error) {
	var t tokenRecord
	if err := json.Unmarshal(d.Body, &t); err != nil {
		return t, fmt.Errorf("reading token %s: %w", d.ID, err)
	}
	return t, nil
}

// RevokeToken makes a token of a user useless, from its next use on.
func (a *Access) RevokeToken(ctx context.Context, by, owner, id string) error {
	err := a.store.Update(ctx, func(tx store.Tx) error {
		d, err := tx.Get(TokenKind, id)
		if err != nil {
			return err
		}
		t, err := decodeToken(d)
		if err == nil && t.Owner != owner {
			err = playlists.ErrNotFound
		}
		if err == nil {
			_, err = tx.Delete(TokenKind, id, d.Revision, by)
		}
		return err
	})
	if errors.Is(err, playlists.ErrNotFound) {
		return playlists.Refuse(playlists.ErrNotFound, "there is no such token; it may have been revoked")
	}
	if err == nil {
		a.log.InfoContext(ctx, "token revoked", slog.String("user", owner), slog.String("token", id), slog.String("by", by))
	}
	return err
}

// revokeAll revokes all tokens of a user.
func revokeAll(tx store.Tx, by, owner string) error {
	had, err := tokensOf(tx, owner)
	for _, t := range had {
		var d store.Document
		if d, err = tx.Get(TokenKind, t.ID); err != nil {
			return err
		}
		if _, err = tx.Delete(TokenKind, t.ID, d.Revision, by); err != nil {
			return err
		}
	}
	return err
}

// byToken gives for whom a token acts now: with the role and departments that its owner has at this moment,
// within its scope. Anything but a token that is good is a stranger.
func (a *Access) byToken(ctx context.Context, text string) (Actor, bool, error) {
	id, secret, ok := strings.Cut(strings.TrimPrefix(text, tokenPrefix), ".")
	if !ok || !strings.HasPrefix(text, tokenPrefix) {
		return Actor{}, false, nil
	}
	var t tokenRecord
	var r record
	err := a.store.View(ctx, func(v store.View) error {
		d, err := v.Get(TokenKind, id)
		if err != nil {
			return err
		}
		if t, err = decodeToken(d); err != nil {
			return err
		}
		r, err = get(v, t.Owner)
		return err
	})
	if errors.Is(err, playlists.ErrNotFound) {
		return Actor{}, false, nil
	}
	now := time.Now()
	same := subtle.ConstantTimeCompare([]byte(keyOf(secret)), []byte(t.Hash)) == 1
	if err != nil || !same || !now.Before(t.Expires) || toCome(t.Made, now) || r.Disabled || r.Account != "" {
		return Actor{}, false, err
	}
	a.used(ctx, id, now.UTC().Format(time.DateOnly))
	actor := r.Actor
	actor.Token, actor.Scope = id, &t.Scope
	return actor, true, nil
}

// uses remembers which days of use are written already.
type uses struct {
	mu   sync.Mutex
	days map[string]string
}

// last is the day on which a token was last used.
func (u *uses) last(v store.View, id string) (string, error) {
	u.mu.Lock()
	day, ok := u.days[id]
	u.mu.Unlock()
	if ok {
		return day, nil
	}
	d, err := v.Get(TokenUseKind, id)
	if errors.Is(err, playlists.ErrNotFound) {
		return "", nil
	}
	var use tokenUse
	if err == nil {
		err = json.Unmarshal(d.Body, &use)
	}
	return use.Day, err
}

// first reports whether this is a token's first use on a day.
func (u *uses) first(id, day string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.days[id] == day {
		return false
	}
	u.days[id] = day
	return true
}

// used notes the day on which a token was used, once a day. That it could not is no reason to refuse it.
func (a *Access) used(ctx context.Context, id, day string) {
	if !a.uses.first(id, day) {
		return
	}
	err := a.store.Update(ctx, func(tx store.Tx) error {
		d, err := tx.Get(TokenUseKind, id)
		if err != nil && !errors.Is(err, playlists.ErrNotFound) {
			return err
		}
		body, err := json.Marshal(tokenUse{Day: day})
		if err == nil && string(body) != string(d.Body) {
			_, err = tx.Put(TokenUseKind, id, d.Revision, "system", body)
		}
		return err
	})
	if err != nil {
		a.log.WarnContext(ctx, "use of a token not noted", slog.String("token", id), slog.Any("error", err))
	}
}
