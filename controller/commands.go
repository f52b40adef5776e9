package controller

import (
	"context"
	"crypto/ed25519"
	"errors"
	"path/filepath"

	"anteroom/controller/access"
	"anteroom/controller/api"
)

// OpenAPI is the document of the API, for which nothing needs to run.
func OpenAPI(version string) ([]byte, error) {
	s, err := api.New(api.Config{Key: make(ed25519.PrivateKey, ed25519.PrivateKeySize), Version: version})
	if err != nil {
		return nil, err
	}
	return s.OpenAPI()
}

// AddUser makes a user in the store of a controller that does not run now.
func AddUser(ctx context.Context, data string, u access.User, password string) error {
	if err := u.Validate(); err != nil {
		return err
	}
	_, documents, err := openData(ctx, &Config{Data: data})
	if err != nil {
		return wayOut(data, err)
	}
	people, err := access.New(access.Config{Store: documents, Sessions: filepath.Join(data, sessionsDir)})
	if err == nil {
		err = people.AddUser(ctx, "system", u, password)
	}
	return errors.Join(err, documents.Close())
}
