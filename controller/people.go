package controller

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"anteroom/controller/access"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
)

// onCommandLine is who changes people there, as in revisions: who has the data may do anything.
const onCommandLine = "system"

// AddUser makes a user in the data directory of a controller that does not run now, or has never run.
func AddUser(ctx context.Context, data string, u access.User, password string) error {
	if err := u.Validate(); err != nil {
		return err
	}
	return withPeople(ctx, data, func(p *access.Access) error { return p.AddUser(ctx, onCommandLine, u, password) })
}

// Users lists the users of a controller that does not run now.
func Users(ctx context.Context, data string) (users []access.User, err error) {
	err = ofController(ctx, data, func(p *access.Access) error {
		users, err = p.Users(ctx)
		return err
	})
	return users, err
}

// SetPassword gives a user of a controller that does not run now a new password; their sessions end.
func SetPassword(ctx context.Context, data, name, password string) error {
	err := ofController(ctx, data, func(p *access.Access) error { return p.SetPassword(ctx, onCommandLine, name, password) })
	return known(name, err)
}

// RemoveUser removes a user of a controller that does not run now.
func RemoveUser(ctx context.Context, data, name string) error {
	err := ofController(ctx, data, func(p *access.Access) error { return p.RemoveUser(ctx, onCommandLine, name, 0) })
	return known(name, err)
}

func known(name string, err error) error {
	if errors.Is(err, playlists.ErrNotFound) {
		return fmt.Errorf("there is no user %q; controller user list says who there is", name)
	}
	return err
}

// ofController is withPeople where a controller has worked before.
func ofController(ctx context.Context, data string, do func(*access.Access) error) error {
	if !used(data) {
		return nowhereUsed(data)
	}
	return withPeople(ctx, data, do)
}

func nowhereUsed(data string) error {
	return fmt.Errorf("data: no controller has worked in %s yet: name the directory that controller serve has as --data", data)
}

func withPeople(ctx context.Context, data string, do func(*access.Access) error) error {
	_, documents, err := openData(ctx, &Config{Data: data})
	if errors.Is(err, bolt.ErrInUse) {
		return fmt.Errorf("a controller runs on %s: stop it first, or have an administrator change people while it runs, with PUT and DELETE /api/v1/users/NAME: %w", data, err)
	}
	if err != nil {
		return wayOut(data, err)
	}
	people, err := access.New(access.Config{Store: documents, Sessions: filepath.Join(data, sessionsDir)})
	if err == nil {
		err = do(people)
	}
	return errors.Join(err, documents.Close())
}
