// Command oidc is an identity provider to test with: a library's example of one, whose people, secret and clock are read
// from a file whenever they are asked for, so that a test does by that file what those do who run a hospital's.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

func main() { os.Exit(run(os.Args[1:], os.Stderr)) }

// client is as which a controller is known.
const client = "anteroom"

// run serves until the process is told to stop.
func run(args []string, stderr io.Writer) int {
	flags := flag.NewFlagSet("oidc", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var (
		listen   = flags.String("listen", "127.0.0.1:8443", "`address` to serve on; the issuer is https:// and this")
		cert     = flags.String("cert", "", "`file` with its certificate")
		key      = flags.String("key", "", "`file` with its key")
		file     = flags.String("realm", "", "`file` with secret, people and clock, as JSON")
		returnTo = flags.String("return", "", "`URL` that a controller is at, /sign-in/return included")
	)
	if err := flags.Parse(args); err != nil {
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	server := &http.Server{Addr: *listen, Handler: newProvider("https://"+*listen, *returnTo, realmFile(*file)), ReadHeaderTimeout: time.Minute}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.ListenAndServeTLS(*cert, *key); !errors.Is(err, http.ErrServerClosed) {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// realm is what those decide who run a provider.
type realm struct {
	// Secret is the controller's.
	Secret string `json:"secret"`
	// Minutes is how far its clock is ahead of this machine's; negative: behind.
	Minutes int `json:"minutes"`
	// People are those who may sign in; who has left is not among them.
	People []*storage.User `json:"people"`
}

// realmFile reads a realm from a file, anew each time: a file that cannot be read lets nobody in.
func realmFile(path string) func() realm {
	return func() realm {
		var r realm
		b, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(b, &r)
		}
		if err != nil {
			return realm{}
		}
		return r
	}
}

// newProvider serves a provider to which one controller may send people.
func newProvider(issuer, returnTo string, now func() realm) http.Handler {
	clients := map[string]*storage.Client{client: storage.WebClient(client, "", returnTo)}
	kept := &keeper{Storage: storage.NewStorageWithClients(people{now}, clients), now: now}
	return exampleop.SetupServer(issuer, kept, slog.New(slog.DiscardHandler), false)
}

// people are those of the realm as the example asks for them.
type people struct{ now func() realm }

// GetUserByID implements [storage.UserStore].
func (p people) GetUserByID(id string) *storage.User {
	return p.first(func(u *storage.User) bool { return u.ID == id })
}

// GetUserByUsername implements [storage.UserStore].
func (p people) GetUserByUsername(name string) *storage.User {
	return p.first(func(u *storage.User) bool { return u.Username == name })
}

func (p people) first(is func(*storage.User) bool) *storage.User {
	all := p.now().People
	if n := slices.IndexFunc(all, is); n >= 0 {
		return all[n]
	}
	return nil
}

// ExampleClientID implements [storage.UserStore].
func (people) ExampleClientID() string { return storage.ServiceUserID }

// keeper is the example's storage with the realm's secret and clock.
type keeper struct {
	*storage.Storage

	now func() realm
}

// AuthorizeClientIDSecret implements [op.Storage].
func (k *keeper) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != client || secret != k.now().Secret {
		return errors.New("another client, or another secret")
	}
	return nil
}

// GetClientByClientID implements [op.Storage].
func (k *keeper) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	c, err := k.Storage.GetClientByClientID(ctx, id)
	if err != nil {
		return nil, err
	}
	return late{Client: c, by: time.Duration(k.now().Minutes) * time.Minute}, nil
}

// late is a client to which the provider writes by another clock, by which what it says of people ends sooner or later.
type late struct {
	op.Client

	by time.Duration
}

// IDTokenLifetime implements [op.Client].
func (l late) IDTokenLifetime() time.Duration { return l.Client.IDTokenLifetime() + l.by }
