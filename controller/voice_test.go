package controller_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"testing"

	"anteroom/controller"
	"anteroom/controller/controllertest"
	"anteroom/playlists"
)

func TestPatientsHaveAListenerOfTheirOwn(t *testing.T) {
	public, cfg := controllertest.NewNetwork(), config(filepath.Join(t.TempDir(), "data"), controllertest.NewNetwork())
	cfg.PublicURL, cfg.PublicListener = "http://phones/", public
	c, err := controller.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.PublicURL(); got != "http://phones" {
		t.Errorf("public URL %q", got)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	for path, want := range map[string]int{"/robots.txt": http.StatusOK, "/api/v1/me/sessions/x": http.StatusNotFound, "/player/v1/link/x": http.StatusNotFound} {
		response := get(t, public, path)
		if response.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, response.StatusCode, want)
		}
		if err := response.Body.Close(); err != nil {
			t.Error(err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAPublicURLThatNobodyCanOpenIsRefused(t *testing.T) {
	cfg := config(filepath.Join(t.TempDir(), "data"), controllertest.NewNetwork())
	cfg.PublicURL = "tv.example.org"
	if _, err := controller.New(t.Context(), cfg); !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}
