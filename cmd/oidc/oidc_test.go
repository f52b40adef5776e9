package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/storage"

	"anteroom/controller"
	"anteroom/controller/access"
	"anteroom/controller/access/provider"
	"anteroom/controller/store/bolt"
)

func TestMain(m *testing.M) {
	if status, child := controller.Child(os.Args[1:], os.Stdin, os.Stdout, os.Stderr); child {
		os.Exit(status)
	}
	os.Exit(m.Run())
}

const (
	secret = "only the two of them know it"
	// maria is somebody whom the provider knows, by name, password and address.
	maria, password, account = "maria", "verysecure", "maria.lopez@st-mary.example"
)

// listen takes a port before anybody knows its address.
func listen(t *testing.T) (net.Listener, string) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l, "http://" + l.Addr().String()
}

// identityProvider is a real one, which knows the controller at an address.
func identityProvider(t *testing.T, at string) (issuer string) {
	t.Helper()
	l, issuer := listen(t)
	now := realm{Secret: secret, People: []*storage.User{{ID: "u-17", Username: maria, Password: password, Email: account, EmailVerified: true}}}
	server := &httptest.Server{Listener: l, Config: &http.Server{
		Handler: newProvider(issuer, at+provider.ReturnPath, func() realm { return now }),
	}}
	server.Start()
	t.Cleanup(server.Close)
	return issuer
}

// start runs a controller that asks the provider, until the test ends.
func start(t *testing.T, l net.Listener, at, issuer string) *controller.Controller {
	t.Helper()
	c, err := controller.New(t.Context(), controller.Config{
		Data: t.TempDir(), Listener: l, URL: at, Probe: func(_ context.Context, path string) error { return bolt.Probe(path) },
		PasswordCost: access.Cost{KiB: 64, Passes: 1, Lanes: 1},
		Provider:     provider.Config{Issuer: issuer, ClientID: client, ClientSecret: secret, Name: "St Mary's account"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := c.Run(ctx); err != nil {
			t.Errorf("running: %v", err)
		}
	})
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	return c
}

// browser is somebody's, which follows every link and keeps cookies.
type browser struct {
	t    *testing.T
	http *http.Client
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, http: &http.Client{Jar: jar}}
	t.Cleanup(b.http.CloseIdleConnections)
	return b
}

func (b *browser) read(answer *http.Response, err error) (at *url.URL, status int, page string) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err == nil {
		err = answer.Body.Close()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.Request.URL, answer.StatusCode, string(text)
}

func (b *browser) get(at string) (*url.URL, int, string) {
	b.t.Helper()
	return b.read(b.http.Get(at))
}

// signIn goes the whole way: the controller's button, the provider's form, and back.
func (b *browser) signIn(at string) (*url.URL, int, string) {
	b.t.Helper()
	_, _, page := b.get(at + "/publish")
	if !strings.Contains(page, "Sign in with St Mary&#39;s account") {
		b.t.Fatalf("the sign-in page has no button: %s", page)
	}
	form, status, page := b.get(at + "/sign-in/provider?next=%2Fpublish")
	id := regexp.MustCompile(`name="id" value="([^"]*)"`).FindStringSubmatch(page)
	if status != http.StatusOK || id == nil {
		b.t.Fatalf("the provider shows %d %s", status, page)
	}
	return b.read(b.http.PostForm(form.Scheme+"://"+form.Host+form.Path, url.Values{"id": {id[1]}, "username": {maria}, "password": {password}}))
}

func TestARealProviderLetsInWhoWasAddedAndNobodyElse(t *testing.T) {
	l, at := listen(t)
	c := start(t, l, at, identityProvider(t, at))
	if _, status, page := newBrowser(t).signIn(at); status != http.StatusForbidden || !strings.Contains(page, "has no access to Anteroom") {
		t.Fatalf("whom nobody added: %d %s", status, page)
	}
	u := access.User{Actor: access.Actor{Name: "maria", Account: account, Role: access.Viewer, Everywhere: true}}
	if err := c.AddInvited(t.Context(), "test", u); err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t)
	if to, status, page := b.signIn(at); status != http.StatusOK || to.Path != "/publish" || strings.Contains(page, "password") {
		t.Fatalf("who was added is at %s: %d %s", to, status, page)
	}
	if _, _, me := b.get(at + "/api/v1/me"); !strings.Contains(me, `"name":"maria"`) || !strings.Contains(me, account) {
		t.Errorf("signed in is %s", me)
	}
}
