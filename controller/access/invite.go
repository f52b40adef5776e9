package access

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"anteroom/controller/access/audit"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// linkLasts is how long a link for choosing a password works: over a weekend and a day off.
const linkLasts = 7 * 24 * time.Hour

// Invite gives the token of a link by which a user chooses their own password, once, and until when it works. Only its
// hash is kept; the one before becomes useless. Their password and sessions stay until then.
func (a *Access) Invite(ctx context.Context, by, name string) (token string, until time.Time, err error) {
	secret := base64.RawURLEncoding.EncodeToString(random(32))
	until = time.Now().UTC().Add(linkLasts).Truncate(time.Second)
	err = a.change(audit.As(ctx, UserKind, audit.Invited), by, name, 0, func(_ store.Tx, r *record) error {
		if r.Disabled {
			return playlists.Refuse(playlists.ErrInvalid, "%s has left; let them in again first", name)
		}
		if r.Account != "" {
			return playlists.Refuse(playlists.ErrInvalid, "%s signs in by the hospital's provider and needs no link", name)
		}
		r.Link, r.LinkUntil = keyOf(secret), until
		return nil
	})
	return name + "." + secret, until, err
}

// Invited gives whose password a link's token lets choose; anything but the newest one is a [playlists.ErrDenied].
func (a *Access) Invited(ctx context.Context, token string) (User, error) {
	r, _, err := a.invited(ctx, token)
	return r.User, err
}

func (a *Access) invited(ctx context.Context, token string) (record, string, error) {
	name, secret, _ := strings.Cut(token, ".")
	r, err := a.record(ctx, name)
	if errors.Is(err, playlists.ErrNotFound) || errors.Is(err, playlists.ErrInvalid) {
		return record{}, "", errSpent()
	}
	key := keyOf(secret)
	if err == nil && !r.opens(key, time.Now()) {
		err = errSpent()
	}
	if err != nil {
		return record{}, "", err
	}
	return r, key, nil
}

func errSpent() error {
	return fmt.Errorf("%w: this link was used, is too old or not the newest; ask an administrator for a new one", playlists.ErrDenied)
}

// opens reports whether a link's key lets the user choose a password now.
func (r *record) opens(key string, now time.Time) bool {
	same := subtle.ConstantTimeCompare([]byte(r.Link), []byte(key)) == 1
	return same && !r.Disabled && now.Before(r.LinkUntil)
}

// Accept sets the password of whoever a link's token is for, ends their sessions, begins a new one in the request's
// and makes the link useless. Errors are those of [Access.Invited], or say what is wrong with the password.
func (a *Access) Accept(ctx context.Context, token, password string) (Actor, error) {
	r, key, err := a.invited(ctx, token)
	if err != nil {
		return Actor{}, err
	}
	hash, err := a.newHash(ctx, r.Name, password)
	if err != nil {
		return Actor{}, err
	}
	err = a.change(audit.As(ctx, UserKind, audit.Password), r.Name, r.Name, 0, func(_ store.Tx, kept *record) error {
		if !kept.opens(key, time.Now()) {
			return errSpent()
		}
		kept.Password, kept.Epoch, kept.Link, kept.LinkUntil = hash, newEpoch(), "", time.Time{}
		r = *kept
		return nil
	})
	if err != nil {
		return Actor{}, err
	}
	a.log.InfoContext(ctx, "password chosen by link", slog.String("user", r.Name))
	return r.Actor, a.begin(ctx, r)
}
