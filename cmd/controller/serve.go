package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"anteroom/cmd/internal/checkup"
	"anteroom/cmd/internal/revision"
	"anteroom/controller"
	"anteroom/controller/access/provider"
	"anteroom/controller/notify"
)

type serveCommand struct {
	Data    directory `required:"" placeholder:"DIR" help:"Directory that belongs to the controller."`
	Listen  string    `default:"127.0.0.1:8080" placeholder:"ADDR" help:"Address for staff and players (${default})."`
	Metrics string    `default:"127.0.0.1:9464" placeholder:"ADDR" help:"Address of the metrics' own listener (${default}); empty for none."`
	URL     string    `name:"url" placeholder:"URL" help:"Where people reach this controller, if a proxy stands before it: https://tv.example.org."`
	// The patients' side, on a listener of its own.
	PublicURL    string `name:"public-url" placeholder:"URL" help:"Where patients' phones reach their pages: https://tv.example.org. Without it there are none, and screens show no codes."`
	PublicListen string `name:"public-listen" default:"127.0.0.1:8081" placeholder:"ADDR" help:"Address of the listener for those pages, which serves nothing else (${default}); only with --public-url."`
	// A certificate of its own, for who has no reverse proxy.
	TLSCert string `name:"tls-cert" type:"path" placeholder:"FILE" help:"Certificate (PEM) with which --listen speaks TLS, with those of its authority behind it; read again when it changes."`
	TLSKey  string `name:"tls-key" type:"path" placeholder:"FILE" help:"Its key (PEM)."`
	// Proxies before the controller, as networks or single addresses.
	TrustedProxies []network `placeholder:"CIDR" help:"Reverse proxies to believe when they say, in X-Forwarded-For, for whom they ask: 10.20.0.0/16 or an address, separated by commas. None by default."`
	// What staff's calendars and webhooks may be at on the intranet.
	HouseNetworks []network `placeholder:"CIDR" help:"Networks within the house in which calendars of closed days and webhooks may be: 10.20.0.0/16 or an address, separated by commas. Public addresses always may be."`

	// What tells departments' contacts of troubles. Secrets come from files, which others cannot read off a command line.
	SMTP              string `name:"smtp" placeholder:"HOST:PORT" help:"Server that takes mail to departments' contacts: smtp.example.org:587. It must speak STARTTLS, or TLS on port 465."`
	SMTPFrom          string `name:"smtp-from" placeholder:"ADDR" help:"Address from which that mail comes."`
	SMTPUser          string `name:"smtp-user" placeholder:"NAME" help:"Name to sign in with there; none if it asks for none."`
	SMTPPasswordFile  string `name:"smtp-password-file" type:"path" placeholder:"FILE" help:"File with the password of that name."`
	SMTPPlain         bool   `name:"smtp-plain" help:"Speak without TLS where that server has none."`
	WebhookSecretFile string `name:"webhook-secret-file" type:"path" placeholder:"FILE" help:"File with the secret that webhooks of departments are signed with."`

	// The hospital's identity provider, by which staff may sign in.
	OIDCIssuer           string `name:"oidc-issuer" placeholder:"URL" help:"The hospital's identity provider (OpenID Connect), as it names itself: https://login.example.org/realms/staff. Needs --url, and URL/sign-in/return as a permitted address to return to."`
	OIDCClientID         string `name:"oidc-client-id" placeholder:"ID" help:"As which client it knows this controller."`
	OIDCClientSecretFile string `name:"oidc-client-secret-file" type:"path" placeholder:"FILE" help:"File with that client's secret; none for a public client."`
	OIDCClaim            string `name:"oidc-claim" default:"email" placeholder:"CLAIM" help:"What of a person's identity is their account's name under People (${default}): preferred_username, upn."`
	OIDCName             string `name:"oidc-name" placeholder:"NAME" help:"What people call it, for the sign-in page. Default: its host."`

	KeepPlays int `name:"keep-plays" default:"0" placeholder:"MONTHS" help:"For how many whole months plays are kept, beside the present one; older ones are removed, and reports say so. 0 (the default): for ever."`

	Log     string `enum:"text,json" default:"text" help:"Form of the log on standard error: text or json."`
	Verbose bool   `help:"Log what is only of use to developers, too."`
}

// Run serves until the process is told to stop.
func (s *serveCommand) Run(ctx context.Context, p *process) error {
	mail, hook, err := s.notify()
	if err != nil {
		return err
	}
	identities, err := s.provider()
	if err != nil {
		return err
	}
	c, err := controller.New(ctx, controller.Config{
		Mail: mail, Hook: hook, Provider: identities,
		Data: string(s.Data), Listen: s.Listen, Metrics: s.Metrics, URL: s.URL, PublicURL: s.PublicURL, PublicListen: s.PublicListen, TLSCert: s.TLSCert, TLSKey: s.TLSKey, TrustedProxies: prefixes(s.TrustedProxies),
		HouseNetworks: prefixes(s.HouseNetworks), KeepPlays: s.KeepPlays,
		Local: true, Floor: checkup.Floor(), Version: revision.Text(version), Log: s.logger(p),
	})
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // told to stop before it had started
	}
	if err != nil {
		return err
	}
	link, err := c.FirstLink(ctx)
	if err != nil {
		return fmt.Errorf("making the first link: %w (closing: %w)", err, c.Close())
	}
	tell(p.stdout, "Anteroom is at %s\n", c.URL())
	if link != "" {
		tell(p.stdout, "Nobody can sign in yet. Open this link once to make the first administrator:\n\n    %s\n\n", link)
	}
	return c.Run(ctx)
}

// notify reads the secrets of what tells contacts.
func (s *serveCommand) notify() (notify.Mail, notify.Hook, error) {
	password, err := secret("smtp-password-file", s.SMTPPasswordFile)
	key, wrong := secret("webhook-secret-file", s.WebhookSecretFile)
	return notify.Mail{Server: s.SMTP, From: s.SMTPFrom, User: s.SMTPUser, Password: password, Plain: s.SMTPPlain},
		notify.Hook{Secret: []byte(key)}, errors.Join(err, wrong)
}

// provider reads what the hospital's identity provider is.
func (s *serveCommand) provider() (provider.Config, error) {
	secret, err := secret("oidc-client-secret-file", s.OIDCClientSecretFile)
	return provider.Config{Issuer: s.OIDCIssuer, ClientID: s.OIDCClientID, ClientSecret: secret, Claim: s.OIDCClaim, Name: s.OIDCName}, err
}

// secret is the one line of a file; empty without one.
func secret(flag, path string) (string, error) {
	if path == "" {
		return "", nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w", flag, err)
	}
	if text := strings.TrimSpace(string(b)); text != "" {
		return text, nil
	}
	return "", fmt.Errorf("%s: %s is empty; write the secret into it", flag, path)
}

// directory is a flag's value: a place on the disk, from the root.
type directory string

// UnmarshalText implements [encoding.TextUnmarshaler].
func (d *directory) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return errors.New("name a directory, like /var/lib/anteroom")
	}
	*d = directory(kong.ExpandPath(string(text)))
	return nil
}

func prefixes(networks []network) []netip.Prefix {
	var all []netip.Prefix
	for _, n := range networks {
		all = append(all, n.Prefix)
	}
	return all
}

// network is a flag's value: a network, or an address that stands for itself.
type network struct{ netip.Prefix }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (n *network) UnmarshalText(text []byte) error {
	var err error
	if n.Prefix, err = netip.ParsePrefix(string(text)); err != nil {
		a, err := netip.ParseAddr(string(text))
		if err != nil || a.Zone() != "" {
			return fmt.Errorf("%q is neither a network like 10.20.0.0/16 nor an address like 127.0.0.1", text)
		}
		n.Prefix = netip.PrefixFrom(a, a.BitLen())
	}
	if n.Bits() == 0 {
		return fmt.Errorf("%q is everybody; name the networks that are meant", text)
	}
	n.Prefix = n.Masked()
	return nil
}

func (s *serveCommand) logger(p *process) *slog.Logger {
	o := &slog.HandlerOptions{Level: slog.LevelInfo}
	if s.Verbose {
		o.Level = slog.LevelDebug
	}
	if s.Log == "json" {
		return slog.New(slog.NewJSONHandler(p.stderr, o))
	}
	return slog.New(slog.NewTextHandler(p.stderr, o))
}
