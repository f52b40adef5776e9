package controller

import (
	"context"
	"crypto/ed25519"

	"anteroom/controller/api"
)

// OpenAPI is the document of the API, for which nothing needs to run.
func OpenAPI(version string) ([]byte, error) {
	s, err := api.New(context.Background(), api.Config{Key: make(ed25519.PrivateKey, ed25519.PrivateKeySize), Version: version})
	if err != nil {
		return nil, err
	}
	return s.OpenAPI()
}
