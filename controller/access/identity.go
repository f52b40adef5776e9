package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"

	"anteroom/controller/store"
	"anteroom/playlists"
)

// Identity is who somebody is at the hospital's identity provider.
type Identity struct {
	// Issuer is the provider, and Subject who they are there; both stay the same whatever somebody is called.
	Issuer, Subject string
	// Account is what people call them there, "maria.lopez@st-mary.example".
	Account string
}

// SignInBy begins a new session in the request's for the user whose account an identity is. The first identity with
// the account's name becomes theirs for good; a later one with the same name is somebody else. Who has no account here,
// or a disabled one, is a [playlists.ErrDenied] that says what to do.
func (a *Access) SignInBy(ctx context.Context, id Identity, from netip.Addr) (Actor, error) {
	r, err := a.ofIdentity(ctx, id)
	if err != nil {
		a.log.WarnContext(ctx, "account refused", slog.String("from", from.String()), slog.Any("error", err))
		a.refused(ctx, r.Name, from, playlists.Noted("an account of the provider that may not sign in here"))
		return Actor{}, err
	}
	return r.Actor, a.enter(ctx, r, from)
}

// ofIdentity gives the user; with an error, who it would have been.
func (a *Access) ofIdentity(ctx context.Context, id Identity) (record, error) {
	r, known, err := a.pinned(ctx, id)
	switch {
	case err != nil:
		return record{}, err
	case !known:
		return record{}, fmt.Errorf("%w: the account %q has no access to Anteroom; ask an administrator of Anteroom to add you under People, with this account", playlists.ErrDenied, id.Account)
	case r.Disabled:
		return r, fmt.Errorf("%w: your access to Anteroom has ended; if you should have it, ask an administrator of Anteroom", playlists.ErrDenied)
	case r.Subject != id.Subject || r.Issuer != id.Issuer:
		return r, fmt.Errorf("%w: another person has had the account %q before; ask an administrator of Anteroom to take it off them and to add you", playlists.ErrDenied, id.Account)
	}
	return r, nil
}

// pinned gives the user of an identity, or the one with its account's name, who becomes it if they were nobody yet.
func (a *Access) pinned(ctx context.Context, id Identity) (r record, known bool, err error) {
	all, err := a.records(ctx)
	if err != nil {
		return record{}, false, err
	}
	for _, one := range all {
		switch {
		case one.Account == "":
		case one.Issuer == id.Issuer && one.Subject == id.Subject:
			return one, true, nil
		case strings.EqualFold(one.Account, id.Account):
			r, known = one, true
		}
	}
	if !known || r.Subject != "" || r.Disabled {
		return r, known, nil
	}
	err = a.change(ctx, r.Name, r.Name, 0, func(_ store.Tx, kept *record) error {
		if kept.Subject == "" && strings.EqualFold(kept.Account, id.Account) {
			kept.Issuer, kept.Subject = id.Issuer, id.Subject
		}
		r = *kept
		return nil
	})
	return r, true, err
}

// records gives what is kept of all users, by name.
func (a *Access) records(ctx context.Context) (all []record, err error) {
	err = a.store.View(ctx, func(v store.View) error {
		for d, err := range v.List(UserKind) {
			if err != nil {
				return err
			}
			r, err := decode(d)
			if err != nil {
				return err
			}
			all = append(all, r)
		}
		return nil
	})
	return all, err
}

// move gives a user another account, or none. Whoever had the one before is out, and who comes from the provider has
// neither password nor tokens: nobody tells Anteroom when they leave there.
func (a *Access) move(tx store.Tx, by string, r *record, u User) error {
	if strings.EqualFold(r.Account, u.Account) {
		return nil
	}
	r.Issuer, r.Subject, r.Epoch = "", "", newEpoch()
	if u.Account == "" {
		return nil
	}
	r.Password, r.Link = "", ""
	return errors.Join(onlyOne(tx, u), revokeAll(tx, by, u.Name))
}

// onlyOne refuses an account that somebody else has.
func onlyOne(v store.View, u User) error {
	if u.Account == "" {
		return nil
	}
	for d, err := range v.List(UserKind) {
		if err != nil {
			return err
		}
		var r record
		if err := json.Unmarshal(d.Body, &r); err != nil {
			return err
		}
		if r.Name != u.Name && strings.EqualFold(r.Account, u.Account) {
			return playlists.Refuse(playlists.ErrInvalid, "account: %s has the account %q already; choose another, or change theirs first", r.Name, u.Account)
		}
	}
	return nil
}
