// Package provider asks the hospital's identity provider who somebody is.
//
// It speaks OpenID Connect's authorization code flow with PKCE, state and nonce. Whatever does not fit to the letter is
// refused: issuer, audience, signature, lifetime, nonce, and the browser that began.
package provider

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"anteroom/controller/access"
	"anteroom/playlists"
)

// ReturnPath is where the provider sends people back to.
const ReturnPath = "/sign-in/return"

const (
	// answerWithin and longestAnswer bound what is asked of the provider.
	answerWithin  = 15 * time.Second
	longestAnswer = 1 << 20
	// wayLasts is how long somebody may take at the provider.
	wayLasts = 15 * time.Minute
	// saidLasts is how long what the provider said of itself is enough, also that it said nothing: nobody is sent to one
	// that is not there, and nobody's haste becomes a burden to it.
	saidLasts = 5 * time.Second
)

// Config is what a Provider is made of.
type Config struct {
	// Issuer is the provider as it names itself, "https://login.example.org/realms/staff".
	Issuer string
	// ClientID and ClientSecret are how the controller is known there; a public client has no secret.
	ClientID, ClientSecret string
	// Claim names the account in what the provider says of somebody; empty is email.
	Claim string
	// Name is what people call the provider, "St Mary's account"; empty is its host.
	Name string
	// URL is where people reach the controller, "https://tv.example.org".
	URL string
}

// Used reports whether a provider is configured at all.
func (c *Config) Used() bool { return c.Issuer != "" || c.ClientID != "" }

// Provider is the hospital's identity provider.
type Provider struct {
	config Config
	client *http.Client

	mu    sync.Mutex
	asked time.Time
	found *oidc.Provider // what it then said of itself
	away  error          // or why it did not
}

// New makes a Provider, which is first asked when somebody signs in.
func New(c Config) (*Provider, error) {
	issuer, err := url.Parse(c.Issuer)
	if err != nil || !safe(issuer) {
		return nil, fmt.Errorf("%w: oidc-issuer: %q is no issuer; write it as the provider does, beginning with https://", playlists.ErrInvalid, c.Issuer)
	}
	if c.ClientID == "" {
		return nil, fmt.Errorf("%w: oidc-client-id: say as which client the provider knows this controller", playlists.ErrInvalid)
	}
	if c.URL == "" {
		return nil, fmt.Errorf("%w: url: set where people reach the controller, so that the provider can send them back there", playlists.ErrInvalid)
	}
	c.Claim, c.Name = cmp.Or(c.Claim, "email"), cmp.Or(c.Name, issuer.Hostname())
	return &Provider{config: c, client: &http.Client{
		Timeout: answerWithin, Transport: bounded{http.DefaultTransport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// safe reports whether what is sent to an address is for its host alone.
func safe(u *url.URL) bool {
	if u.User != nil || u.Fragment != "" || u.RawQuery != "" {
		return false
	}
	at, err := netip.ParseAddr(u.Hostname())
	return u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && err == nil && at.IsLoopback())
}

// bounded reads no answer without an end.
type bounded struct{ http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(answer.Body, longestAnswer), answer.Body}
	}
	return answer, err
}

// Name is what people call the provider.
func (p *Provider) Name() string { return p.config.Name }

// Way is what a browser keeps while its person is at the provider.
type Way struct {
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	Began    time.Time `json:"began"`
	// Next is where they wanted to go.
	Next string `json:"next"`
}

// Text is the way as a cookie's value.
func (w *Way) Text() string {
	b, err := json.Marshal(w)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// ReadWay reads [Way.Text].
func ReadWay(text string) (Way, error) {
	var w Way
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(b, &w)
	}
	if err != nil || w.State == "" || w.Nonce == "" || w.Verifier == "" {
		return Way{}, errWay()
	}
	return w, nil
}

// errWay says that this browser did not begin this sign-in, or too long ago.
func errWay() error {
	return fmt.Errorf("%w: this sign-in was not begun in this browser, or too long ago; begin again", playlists.ErrDenied)
}

func errRefused(why error) error {
	return fmt.Errorf("%w: what the hospital's sign-in said of you cannot be trusted (%w); begin again, and if that does not help tell your IT department", playlists.ErrDenied, why)
}

// errSecret says that nobody can come in until somebody compares the two secrets.
func errSecret() error {
	return fmt.Errorf("%w: the hospital's sign-in does not know Anteroom by its name and secret, so that nobody can sign in there; tell your IT department to compare both with --oidc-client-id and --oidc-client-secret-file", playlists.ErrDenied)
}

// errClock says that nobody can come in until somebody sets a clock.
func errClock(now time.Time) error {
	return fmt.Errorf("%w: the clocks of the hospital's sign-in and of Anteroom differ, so that nobody can sign in there; tell your IT department, and that it is %s here", playlists.ErrDenied, now.UTC().Format("2006-01-02 15:04 UTC"))
}

// ErrAway says that the provider does not answer as one.
var ErrAway = errors.New("the hospital's sign-in does not answer; try again soon")

// Begin gives where to send somebody's browser, and what it keeps meanwhile.
func (p *Provider) Begin(ctx context.Context, next string, now time.Time) (to string, w Way, err error) {
	oauth, err := p.oauth(ctx, now)
	if err != nil {
		return "", Way{}, err
	}
	w = Way{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Began: now.UTC().Round(time.Second), Next: next}
	return oauth.AuthCodeURL(w.State, oidc.Nonce(w.Nonce), oauth2.S256ChallengeOption(w.Verifier)), w, nil
}

// End gives who came back from the provider with the answer, in the browser that kept w. What does not fit is a
// [playlists.ErrDenied]; a provider that does not answer is [ErrAway].
func (p *Provider) End(ctx context.Context, answer url.Values, w Way, now time.Time) (access.Identity, error) {
	same := subtle.ConstantTimeCompare([]byte(answer.Get("state")), []byte(w.State)) == 1
	if !same || now.Sub(w.Began) > wayLasts || w.Began.Sub(now) > time.Minute {
		return access.Identity{}, errWay()
	}
	if answer.Has("error") {
		return access.Identity{}, fmt.Errorf("%w: the hospital's sign-in did not let you in (%.100s); ask your IT department whether your account may use Anteroom", playlists.ErrDenied, answer.Get("error"))
	}
	if iss := answer.Get("iss"); iss != "" && iss != p.config.Issuer {
		return access.Identity{}, errRefused(errors.New("another provider answered"))
	}
	oauth, err := p.oauth(ctx, now)
	if err != nil {
		return access.Identity{}, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := oauth.Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(w.Verifier))
	if err != nil {
		return access.Identity{}, untaken(err)
	}
	return p.identity(ctx, token, w.Nonce, now)
}

// untaken says why a code gave no token.
func untaken(err error) error {
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	switch {
	case !ok || refused.Response.StatusCode >= http.StatusInternalServerError:
		return fmt.Errorf("%w: %w", ErrAway, err)
	case refused.ErrorCode == "invalid_client", refused.ErrorCode == "unauthorized_client":
		return errSecret()
	}
	return errRefused(errors.New("its code was not taken"))
}

// identity is who an answer is about.
func (p *Provider) identity(ctx context.Context, answer *oauth2.Token, nonce string, now time.Time) (access.Identity, error) {
	found, err := p.discovered(ctx, now)
	if err != nil {
		return access.Identity{}, err
	}
	raw, _ := answer.Extra("id_token").(string)
	verifier := found.VerifierContext(ctx, &oidc.Config{ClientID: p.config.ClientID, SupportedSigningAlgs: algorithms(), Now: func() time.Time { return now }})
	token, err := verifier.Verify(ctx, raw)
	if err != nil {
		if _, expired := errors.AsType[*oidc.TokenExpiredError](err); expired || strings.Contains(err.Error(), "before the nbf") {
			return access.Identity{}, errClock(now)
		}
		return access.Identity{}, errRefused(err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1 {
		return access.Identity{}, errRefused(errors.New("it is not for this sign-in"))
	}
	claims := map[string]any{}
	if err := token.Claims(&claims); err != nil {
		return access.Identity{}, errRefused(err)
	}
	if party, ok := claims["azp"]; (ok || len(token.Audience) > 1) && party != p.config.ClientID {
		return access.Identity{}, errRefused(errors.New("it is for another program"))
	}
	if _, ok := claims[p.config.Claim]; !ok {
		if claims, err = p.more(ctx, found, answer, token.Subject); err != nil {
			return access.Identity{}, err
		}
	}
	account, _ := claims[p.config.Claim].(string)
	if account == "" || token.Subject == "" || (p.config.Claim == "email" && claims["email_verified"] == false) {
		return access.Identity{}, errRefused(fmt.Errorf("it does not say your %s, or is not sure of it", p.config.Claim))
	}
	return access.Identity{Issuer: token.Issuer, Subject: token.Subject, Account: strings.ToLower(account)}, nil
}

// more is what the provider says of somebody only when asked with their access token.
func (p *Provider) more(ctx context.Context, found *oidc.Provider, answer *oauth2.Token, subject string) (map[string]any, error) {
	claims := map[string]any{}
	info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(answer))
	if err == nil {
		err = info.Claims(&claims)
	}
	if err == nil && info.Subject != subject {
		err = errors.New("it speaks of somebody else")
	}
	if err != nil {
		return nil, errRefused(err)
	}
	return claims, nil
}

// algorithms are those by which a provider may sign: with a key that it alone has.
func algorithms() []string {
	return []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA}
}

func (p *Provider) oauth(ctx context.Context, now time.Time) (*oauth2.Config, error) {
	found, err := p.discovered(ctx, now)
	if err != nil {
		return nil, err
	}
	scopes := []string{oidc.ScopeOpenID, "profile", "email"}
	return &oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret, Endpoint: found.Endpoint(), Scopes: scopes,
		RedirectURL: strings.TrimSuffix(p.config.URL, "/") + ReturnPath,
	}, nil
}

// discovered asks the provider about itself, unless it was asked just now.
func (p *Provider) discovered(ctx context.Context, now time.Time) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if since := now.Sub(p.asked); since < 0 || since >= saidLasts {
		// Others get the same answer, and its keys are fetched with this context later on.
		p.found, p.away = p.ask(oidc.ClientContext(context.WithoutCancel(ctx), p.client))
		p.asked = now
	}
	return p.found, p.away
}

func (p *Provider) ask(ctx context.Context) (*oidc.Provider, error) {
	found, err := oidc.NewProvider(ctx, p.config.Issuer)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAway, err)
	}
	var keys struct {
		JWKS string `json:"jwks_uri"`
	}
	if err := found.Claims(&keys); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAway, err)
	}
	endpoint := found.Endpoint()
	if slices.ContainsFunc([]string{endpoint.AuthURL, endpoint.TokenURL, keys.JWKS, cmp.Or(found.UserInfoEndpoint(), endpoint.TokenURL)}, unsafe) {
		return nil, fmt.Errorf("%w: it names an address without https", ErrAway)
	}
	return found, nil
}

func unsafe(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return true
	}
	u.RawQuery = "" // an endpoint may have one
	return !safe(u)
}
