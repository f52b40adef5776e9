package access

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"anteroom/controller/access/audit"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// User is a person who may sign in, without their secrets.
type User struct {
	Actor

	// Disabled: a leaver. They cannot sign in, their sessions have ended and their tokens are revoked.
	Disabled bool `json:"disabled,omitempty"`
}

// Validate says what is wrong with a user, as a [playlists.ErrInvalid].
func (u User) Validate() error {
	var errs []error
	if !playlists.ValidID(u.Name) {
		errs = append(errs, playlists.Refuse(playlists.ErrInvalid, "name: %q is no name to sign in with; use 1 to 64 lower-case letters, digits and hyphens, like maria-lopez", u.Name))
	}
	if u.FullName != "" && !playlists.Seen(u.FullName) {
		errs = append(errs, playlists.Refuse(playlists.ErrInvalid, "full_name: nothing of it can be seen; write the name, or leave it out"))
	}
	if len(u.FullName) > 200 {
		errs = append(errs, playlists.Refuse(playlists.ErrInvalid, "full_name: longer than 200 bytes; shorten it"))
	}
	if !slices.Contains(Roles(), u.Role) {
		errs = append(errs, playlists.Refuse(playlists.ErrInvalid, "role: %q is no role; choose one of %v", u.Role, Roles()))
	}
	if len(u.Account) > 200 || strings.TrimSpace(u.Account) != u.Account {
		errs = append(errs, playlists.Refuse(playlists.ErrInvalid, "account: longer than 200 bytes, or with spaces around it; write it as the provider does"))
	}
	if u.Everywhere == (len(u.Departments) > 0) {
		errs = append(errs, playlists.Refuse(playlists.ErrInvalid, "departments: name some, or say everywhere, and not both"))
	}
	return errors.Join(errs...)
}

// record is a user's document.
type record struct {
	User

	// Password is a PHC string; empty for who has not chosen one yet.
	Password string `json:"password"`
	// Link is the SHA-256 of a link's token, in hexadecimal, with which they choose one until LinkUntil; empty: none.
	Link      string    `json:"link,omitempty"`
	LinkUntil time.Time `json:"link_until,omitzero"`
	// Issuer and Subject are who they have been at their provider since they first came from there.
	Issuer  string `json:"issuer,omitempty"`
	Subject string `json:"subject,omitempty"`
	// Epoch is new whenever all sessions of the user are to end.
	Epoch string `json:"epoch"`
}

func newEpoch() string { return hex.EncodeToString(random(8)) }

// Users lists all users by name.
func (a *Access) Users(ctx context.Context) ([]User, error) {
	all, err := a.records(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing users: %w", err)
	}
	var users []User
	for _, r := range all {
		users = append(users, r.User)
	}
	return users, nil
}

// AddUser makes a user who may sign in at once. by is who makes them, as in revisions.
func (a *Access) AddUser(ctx context.Context, by string, u User, password string) error {
	return a.addWith(ctx, by, u, password, func(store.View) error { return nil })
}

// passwordFits refuses a password for who signs in elsewhere.
func passwordFits(u User, password string) error {
	if u.Account == "" || password == "" {
		return nil
	}
	return playlists.Refuse(playlists.ErrInvalid, "password: who signs in by the hospital's provider has none here; leave out one of the two")
}

// AddInvited makes a user who may sign in when they have chosen a password ([Access.Invite]), or comes from the
// hospital's provider.
func (a *Access) AddInvited(ctx context.Context, by string, u User) error {
	if err := u.Validate(); err != nil {
		return err
	}
	return a.add(ctx, by, u, "", func(store.View) error { return nil })
}

func (a *Access) addWith(ctx context.Context, by string, u User, password string, unless func(store.View) error) error {
	if err := errors.Join(u.Validate(), checkPassword(u.Name, password), passwordFits(u, password)); err != nil {
		return err
	}
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return a.add(ctx, by, u, hash, unless)
}

// add makes a user, if unless agrees within the same transaction.
func (a *Access) add(ctx context.Context, by string, u User, hash string, unless func(store.View) error) error {
	body, err := json.Marshal(record{User: u, Password: hash, Epoch: newEpoch()})
	if err != nil {
		return fmt.Errorf("adding user %s: %w", u.Name, err)
	}
	err = a.store.Update(ctx, func(tx store.Tx) error {
		if refused := errors.Join(unless(tx), onlyOne(tx, u)); refused != nil {
			return refused
		}
		if _, missing := tx.Get(UserKind, u.Name); missing == nil {
			return playlists.Refuse(playlists.ErrInvalid, "name: there is a user %q already; choose another name", u.Name)
		}
		_, failed := tx.Put(UserKind, u.Name, 0, by, body)
		return failed
	})
	if err == nil {
		a.log.InfoContext(ctx, "user added", slog.String("user", u.Name), slog.String("by", by))
	}
	return err
}

// SetUser changes the role, departments, full name or whether a user is disabled; it takes effect at
// the user's next request. A password, if not empty, is a new one and ends all of their sessions. was is
// the revision that the writer saw, 0 for whichever is newest; another is a [*store.StaleError]. The last
// administrator who is responsible everywhere stays one.
func (a *Access) SetUser(ctx context.Context, by string, u User, password string, was uint64) error {
	if err := errors.Join(u.Validate(), passwordFits(u, password)); err != nil {
		return err
	}
	hash := ""
	if password != "" {
		var err error
		if hash, err = a.newHash(ctx, u.Name, password); err != nil {
			return err
		}
		ctx = audit.As(ctx, UserKind, audit.Password)
	}
	return a.change(ctx, by, u.Name, was, func(tx store.Tx, r *record) error {
		if u.Disabled && !r.Disabled || hash != "" {
			r.Epoch = newEpoch()
		}
		if hash != "" {
			r.Password = hash
		}
		if hash != "" || u.Disabled {
			r.Link, r.LinkUntil = "", time.Time{}
		}
		if u.Disabled && !r.Disabled {
			if err := revokeAll(tx, by, u.Name); err != nil {
				return err
			}
		}
		if err := a.move(tx, by, r, u); err != nil {
			return err
		}
		ruled := r.rules()
		r.User = u
		if !ruled || u.rules() {
			return nil
		}
		return anotherAdministrator(tx, u.Name)
	})
}

// SetPassword gives a user a new password and ends all of their sessions.
func (a *Access) SetPassword(ctx context.Context, by, name, password string) error {
	hash, err := a.newHash(ctx, name, password)
	if err != nil {
		return err
	}
	return a.change(audit.As(ctx, UserKind, audit.Password), by, name, 0, func(_ store.Tx, r *record) error {
		if err := passwordFits(r.User, password); err != nil {
			return err
		}
		r.Password, r.Epoch, r.Link, r.LinkUntil = hash, newEpoch(), "", time.Time{}
		return nil
	})
}

// RemoveUser removes a user, and so ends all of their sessions; what they did stays in their name. was is
// as in [Access.SetUser], and the last administrator stays.
func (a *Access) RemoveUser(ctx context.Context, by, name string, was uint64) error {
	err := a.store.Update(ctx, func(tx store.Tx) error {
		d, r, err := find(tx, name, was)
		if err != nil {
			return err
		}
		if r.rules() {
			if err := anotherAdministrator(tx, name); err != nil {
				return err
			}
		}
		if err := revokeAll(tx, by, name); err != nil {
			return err
		}
		_, err = tx.Delete(UserKind, name, d.Revision, by)
		return err
	})
	if err != nil {
		return fmt.Errorf("removing user %s: %w", name, err)
	}
	a.log.InfoContext(ctx, "user removed", slog.String("user", name), slog.String("by", by))
	return nil
}

// newHash checks and hashes a new password.
func (a *Access) newHash(ctx context.Context, name, password string) (string, error) {
	if err := checkPassword(name, password); err != nil {
		return "", err
	}
	return a.hasher.hash(ctx, password)
}

// find gives a user, if was is 0 or their newest revision.
func find(tx store.Tx, name string, was uint64) (store.Document, record, error) {
	d, err := tx.Get(UserKind, name)
	if err != nil {
		return d, record{}, err
	}
	if was != 0 && was != d.Revision {
		return d, record{}, &store.StaleError{Newest: d, Was: was}
	}
	r, err := decode(d)
	return d, r, err
}

func (a *Access) change(ctx context.Context, by, name string, was uint64, change func(store.Tx, *record) error) error {
	err := a.store.Update(ctx, func(tx store.Tx) error {
		d, r, err := find(tx, name, was)
		if err != nil {
			return err
		}
		if refused := change(tx, &r); refused != nil {
			return refused
		}
		body, err := json.Marshal(r)
		if err != nil {
			return err
		}
		_, err = tx.Put(UserKind, name, d.Revision, by, body)
		return err
	})
	if err != nil {
		return fmt.Errorf("changing user %s: %w", name, err)
	}
	a.log.InfoContext(ctx, "user changed", slog.String("user", name), slog.String("by", by))
	return nil
}

// anotherAdministrator refuses a change after which nobody could manage users.
func anotherAdministrator(v store.View, but string) error {
	for d, err := range v.List(UserKind) {
		if err != nil {
			return err
		}
		r, err := decode(d)
		if err != nil {
			return err
		}
		if r.Name != but && r.rules() {
			return nil
		}
	}
	return playlists.Refuse(playlists.ErrInvalid, "this is the last administrator; make another one first")
}

func (u User) rules() bool { return u.Role == Administrator && u.Everywhere && !u.Disabled }

// record reads a user's document; [playlists.ErrNotFound] if there is none.
func (a *Access) record(ctx context.Context, name string) (record, error) {
	var r record
	err := a.store.View(ctx, func(v store.View) error {
		var err error
		r, err = get(v, name)
		return err
	})
	return r, err
}

func get(v store.View, name string) (record, error) {
	d, err := v.Get(UserKind, name)
	if err != nil {
		return record{}, err
	}
	return decode(d)
}

func decode(d store.Document) (record, error) {
	var r record
	if err := json.Unmarshal(d.Body, &r); err != nil {
		return record{}, fmt.Errorf("reading user %s: %w", d.ID, err)
	}
	return r, nil
}
