package controller_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"anteroom/controller"
	"anteroom/controller/access"
	"anteroom/controller/controllertest"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
)

func TestMain(m *testing.M) {
	if status, child := controller.Child(os.Args[1:], os.Stdin, os.Stdout, os.Stderr); child {
		os.Exit(status)
	}
	goleak.VerifyTestMain(m)
}

func config(data string, network *controllertest.Network) controller.Config {
	return controller.Config{
		Data: data, Listener: network, MetricsListener: nil, URL: "http://controller", Zones: playliststest.Zones,
		PasswordCost: access.Cost{KiB: 64, Passes: 1, Lanes: 1},
	}
}

func open(t *testing.T, data string) (*controller.Controller, *controllertest.Network) {
	t.Helper()
	network := controllertest.NewNetwork()
	c, err := controller.New(t.Context(), config(data, network))
	if err != nil {
		t.Fatal(err)
	}
	return c, network
}

func get(t *testing.T, network *controllertest.Network, path string) *http.Response {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DialContext: network.Dial, DisableKeepAlives: true}}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://controller"+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func TestItStartsServesAndStops(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	metrics := controllertest.NewNetwork()
	network := controllertest.NewNetwork()
	cfg := config(data, network)
	cfg.MetricsListener = metrics
	c, err := controller.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	link, err := c.FirstLink(t.Context())
	if err != nil || !strings.HasPrefix(link, "http://controller/first?token=") {
		t.Errorf("first link %q, %v", link, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 303} {
		response := get(t, network, path)
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: got %d, want %d", path, response.StatusCode, want)
		}
	}
	if response := get(t, metrics, "/metrics"); response.StatusCode != http.StatusOK {
		t.Errorf("metrics: %d", response.StatusCode)
	} else {
		response.Body.Close()
	}
	idle, err := network.Dial(t.Context(), "", "") // somebody who connects and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	began := time.Now()
	stop()
	if err := <-ended; err != nil {
		t.Errorf("stopping: %v", err)
	}
	if took := time.Since(began); took > time.Minute {
		t.Errorf("stopping took %v", took)
	}
	again, _ := open(t, data) // nothing holds the directory any more
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestTheKeyIsItsIdentity(t *testing.T) {
	data := t.TempDir()
	c, _ := open(t, data)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(data, "controller.key")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the key is %v, %v; want 0600", info.Mode(), err)
	}
	key, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		what string
		do   func() error
		says string
	}{
		{"others may read it", func() error { return os.Chmod(path, 0o644) }, "chmod 600"},
		{"it is damaged", func() error {
			return errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, key[:40], 0o600))
		}, "from your backup"},
		{"one bit of it is another", func() error {
			bad := bytes.Clone(key)
			bad[bytes.LastIndex(bad, []byte("\n-----END"))-10] ^= 1 // a digit of the secret
			return os.WriteFile(path, bad, 0o600)
		}, "from your backup"},
		{"it is gone, and there is a store", func() error { return os.Remove(path) }, "from your backup"},
	} {
		if err := test.do(); err != nil {
			t.Fatal(err)
		}
		refused, err := controller.New(t.Context(), config(data, controllertest.NewNetwork()))
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %v, want words with %q", test.what, err, test.says)
		}
		if err == nil {
			refused.Close()
		}
	}
	if err := os.WriteFile(path, key, 0o600); err != nil {
		t.Fatal(err)
	}
	c, _ = open(t, data)
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestOneControllerADirectory(t *testing.T) {
	data := t.TempDir()
	c, _ := open(t, data)
	if _, err := controller.New(t.Context(), config(data, controllertest.NewNetwork())); err == nil {
		t.Error("a second controller opened the same directory")
	}
	u := access.User{Actor: access.Actor{Name: "ada", Role: access.Administrator, Everywhere: true}}
	if err := controller.AddUser(t.Context(), data, u, "correct horse battery"); err == nil {
		t.Error("a user was added behind a running controller's back")
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := controller.AddUser(t.Context(), data, u, "correct horse battery"); err != nil {
		t.Error(err)
	}
	c, _ = open(t, data)
	if link, err := c.FirstLink(t.Context()); link != "" || err != nil {
		t.Errorf("there is an administrator, and yet a first link: %q, %v", link, err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestConfigurationsThatCannotWork(t *testing.T) {
	for what, change := range map[string]func(*controller.Config){
		"plays that are not kept":  func(c *controller.Config) { c.KeepPlays = -1 },
		"no directory":             func(c *controller.Config) { c.Data = "" },
		"an address that is none":  func(c *controller.Config) { c.Listener, c.Listen = nil, "here" },
		"a URL that is none":       func(c *controller.Config) { c.URL = "http://[" },
		"a URL without its scheme": func(c *controller.Config) { c.URL = "tv.example.org" },
		"a URL with a port alone":  func(c *controller.Config) { c.URL = "tv.example.org:8443" },
		"a URL of another kind":    func(c *controller.Config) { c.URL = "ftp://tv.example.org" },
		"a URL with a path":        func(c *controller.Config) { c.URL = "https://tv.example.org/signage" },
		"fonts that are none": func(c *controller.Config) {
			c.Fonts = [][]byte{[]byte("no font")}
		},
	} {
		cfg := config(t.TempDir(), controllertest.NewNetwork())
		change(&cfg)
		if c, err := controller.New(t.Context(), cfg); err == nil {
			c.Close()
			t.Errorf("%s: it opened", what)
		}
		if cfg.Data == "" {
			continue
		}
		again, _ := open(t, cfg.Data) // what was opened has been closed
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
	u := access.User{Actor: access.Actor{Name: "Ada Park", Role: access.Administrator, Everywhere: true}}
	if err := controller.AddUser(t.Context(), t.TempDir(), u, "correct horse battery"); !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("a name with a blank: %v, want ErrInvalid", err)
	}
}
