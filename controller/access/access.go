package access

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"anteroom/controller/access/audit"
	"anteroom/controller/store"
	"anteroom/playlists"
)

// How long a session lasts without use, and at most.
const (
	idleTimeout = 2 * time.Hour
	lifetime    = 12 * time.Hour
	sweepEvery  = 10 * time.Minute
	// providerLifetime bounds how long a leaver has access whom the provider lets in no more.
	providerLifetime = time.Hour
)

// Config is what an Access is made of.
type Config struct {
	// Store holds the users and their tokens.
	Store store.Documents
	// Audit keeps who signed in and whose session was ended; nil keeps it nowhere.
	Audit Audit
	// Sessions is a directory that belongs to the sessions; empty: they end with the process.
	Sessions string
	// Secure: people reach the console over https, also where a proxy ends it. Cookies are then for
	// https alone.
	Secure bool
	// Cost of hashing; zero is [DefaultCost].
	Cost Cost
	// Log; nil discards.
	Log *slog.Logger
}

// Audit is an audit log.
type Audit interface {
	Record(ctx context.Context, entries ...audit.Entry) error
}

// Access signs people in and out, and says who asks.
type Access struct {
	store    store.Documents
	audit    Audit
	log      *slog.Logger
	hasher   *hasher
	kept     *sessions
	sessions *scs.SessionManager
	uses     *uses

	addresses, accounts *throttle
	// strangers bounds the entries that those who cannot sign in make in the audit log.
	strangers *throttle

	mu    sync.Mutex
	first [sha256.Size]byte // hash of the first administrator's token; zero: there is none
}

// New makes an Access. Sessions from before are still good.
func New(c Config) (*Access, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	kept, err := openSessions(c.Sessions, c.Log)
	if err != nil {
		return nil, err
	}
	a := &Access{
		store:  c.Store,
		audit:  c.Audit,
		uses:   &uses{days: map[string]string{}},
		log:    c.Log,
		hasher: newHasher(c.Cost),
		kept:   kept,
		// One address alone is slower than an account's pace, so it cannot keep a person out.
		addresses: newThrottle(pace{burst: 10, every: 6 * time.Second}),
		accounts:  newThrottle(pace{burst: 20, every: 2 * time.Second}),
		strangers: newThrottle(pace{burst: 60, every: time.Minute}),
	}
	a.sessions = newManager(kept, c.Secure, a.sessionFailed)
	return a, nil
}

// newManager does without scs.New, which starts a goroutine that never ends.
func newManager(kept *sessions, secure bool, failed func(http.ResponseWriter, *http.Request, error)) *scs.SessionManager {
	name := "anteroom"
	if secure {
		name = "__Host-anteroom"
	}
	return &scs.SessionManager{
		IdleTimeout: idleTimeout,
		Lifetime:    lifetime,
		Store:       kept,
		Codec:       scs.GobCodec{},
		ErrorFunc:   failed,
		Cookie: scs.SessionCookie{
			Name: name, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure,
		},
	}
}

// Run ends sessions that have expired, until ctx is done.
func (a *Access) Run(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			if err := a.kept.sweep(now); err != nil {
				a.log.WarnContext(ctx, "sessions not swept", slog.Any("error", err))
			}
		}
	}
}

// The keys of a session.
const (
	sessionUser    = "user"
	sessionEpoch   = "epoch"
	sessionSince   = "since"   // Unix time
	sessionBrowser = "browser" // "Firefox on Windows"
)

// visit is what a request says of itself.
type visit struct{ browser string }

type visitKey struct{}

// Middleware gives requests their session or token and, where that is good, their [Actor]. A change to
// a user takes effect at their next request. Only below it may [Access.SignIn], [Access.SignOut] and
// [Access.First] be called, with the request's context. A request to the API that shows a token is its
// owner's within its scope, or a stranger's, whatever cookies it has.
func (a *Access) Middleware(next http.Handler) http.Handler {
	staff := a.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		actor, ok, err := a.signedIn(r.Context())
		if err != nil {
			a.sessionFailed(w, r, err)
			return
		}
		ctx := context.WithValue(r.Context(), visitKey{}, visit{browser: browserOf(r.UserAgent())})
		ctx = audit.WithOrigin(ctx, audit.Origin{From: AddressOf(r).String()})
		if ok {
			ctx = NewContext(ctx, actor)
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if text, ok := bearer(r); ok {
			a.script(w, r, text, next)
			return
		}
		staff.ServeHTTP(w, r)
	})
}

// AddressOf is where a request comes from; with a trusted proxy before it, what that says.
func AddressOf(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.IPv6Unspecified()
	}
	return at.Addr()
}

// bearer is the token that a request to the API shows.
func bearer(r *http.Request) (string, bool) {
	scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(text), strings.EqualFold(scheme, "Bearer") && strings.HasPrefix(r.URL.Path, "/api/")
}

// script serves a request that shows a token.
func (a *Access) script(w http.ResponseWriter, r *http.Request, text string, next http.Handler) {
	actor, ok, err := a.byToken(r.Context(), text)
	if err != nil {
		a.sessionFailed(w, r, err)
		return
	}
	ctx := context.WithValue(r.Context(), tokenKey{}, text)
	if ok {
		ctx = audit.WithOrigin(NewContext(ctx, actor), audit.Origin{Via: actor.Token, From: AddressOf(r).String()})
	}
	next.ServeHTTP(w, r.WithContext(ctx))
}

type tokenKey struct{}

// signedIn gives whose session it is. One that begins in what is still to come was begun by a clock that was wrong, and
// would outlast its lifetime.
func (a *Access) signedIn(ctx context.Context) (Actor, bool, error) {
	if toCome(time.Unix(a.sessions.GetInt64(ctx, sessionSince), 0), time.Now()) {
		return Actor{}, false, nil
	}
	return a.owner(ctx, a.sessions.GetString(ctx, sessionUser), a.sessions.GetString(ctx, sessionEpoch))
}

// toCome reports whether an instant lies further ahead than a clock that is kept right is moved by.
func toCome(at, now time.Time) bool { return at.After(now.Add(time.Minute)) }

// owner gives the user whose session began in an epoch, if that still lasts.
func (a *Access) owner(ctx context.Context, name, epoch string) (Actor, bool, error) {
	if name == "" {
		return Actor{}, false, nil
	}
	r, err := a.record(ctx, name)
	if errors.Is(err, playlists.ErrNotFound) {
		return Actor{}, false, nil
	}
	if err != nil {
		return Actor{}, false, err
	}
	same := subtle.ConstantTimeCompare([]byte(r.Epoch), []byte(epoch)) == 1
	return r.Actor, same && !r.Disabled, nil
}

// Lasts reports whether the session or token of a request that goes on for long is still good, and its user
// still the same: not signed out, not expired, not changed since the request began.
func (a *Access) Lasts(ctx context.Context) bool {
	actor, ok, err := a.still(ctx)
	was, _ := FromContext(ctx)
	return err == nil && ok && actor.Role == was.Role && actor.Everywhere == was.Everywhere && slices.Equal(actor.Departments, was.Departments)
}

func (a *Access) still(ctx context.Context) (Actor, bool, error) {
	if text, ok := ctx.Value(tokenKey{}).(string); ok {
		return a.byToken(ctx, text)
	}
	_, found, err := a.kept.FindCtx(ctx, a.sessions.Token(ctx))
	if err != nil || !found {
		return Actor{}, false, err
	}
	return a.signedIn(ctx)
}

func (a *Access) sessionFailed(w http.ResponseWriter, r *http.Request, err error) {
	a.log.ErrorContext(r.Context(), "session unusable", slog.Any("error", err))
	http.Error(w, "internal error", http.StatusInternalServerError)
}

// SignIn compares the password and begins a new session in the request's. A wrong name, a wrong
// password and a disabled user are the same [playlists.ErrDenied] after the same work; too many
// attempts by an address or on a name are a [*TooManyError].
func (a *Access) SignIn(ctx context.Context, name, password string, from netip.Addr) (Actor, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	r, err := a.verify(ctx, name, password, from)
	if errors.Is(err, playlists.ErrDenied) {
		a.refused(ctx, name, from, playlists.Noted("a wrong name or password"))
	}
	if err != nil {
		return Actor{}, err
	}
	return r.Actor, a.enter(ctx, r, from)
}

// enter begins a session for who has shown who they are.
func (a *Access) enter(ctx context.Context, r record, from netip.Addr) error {
	a.log.InfoContext(ctx, "signed in", slog.String("user", r.Name), slog.String("from", from.String()))
	a.remember(ctx, audit.Entry{By: r.Name, Did: audit.SignedIn, Kind: UserKind, ID: r.Name, From: from.String()})
	return a.begin(ctx, r)
}

// refused records a sign-in that failed. Of names that nobody has nothing is kept: people type passwords there.
func (a *Access) refused(ctx context.Context, name string, from netip.Addr, why playlists.Remark) {
	if a.strangers.take(time.Now(), "") > 0 {
		return // the log has them all
	}
	if _, err := a.record(ctx, name); err != nil {
		name = ""
	}
	a.remember(ctx, audit.Entry{Did: audit.Refused, Kind: UserKind, ID: name, From: from.String()}.With(why))
}

// remember keeps an entry. People must be able to sign in to a controller whose disk is full.
func (a *Access) remember(ctx context.Context, e audit.Entry) {
	if a.audit == nil {
		return
	}
	if err := a.audit.Record(ctx, e); err != nil {
		a.log.WarnContext(ctx, "audit entry lost", slog.Any("error", err))
	}
}

// begin gives the request's session a new token and to the user.
func (a *Access) begin(ctx context.Context, r record) error {
	if err := a.sessions.RenewToken(ctx); err != nil {
		return fmt.Errorf("beginning a session: %w", err)
	}
	a.sessions.Put(ctx, sessionUser, r.Name)
	a.sessions.Put(ctx, sessionEpoch, r.Epoch)
	a.sessions.Put(ctx, sessionSince, time.Now().Unix())
	v, _ := ctx.Value(visitKey{}).(visit)
	a.sessions.Put(ctx, sessionBrowser, v.browser)
	if r.Account != "" {
		a.sessions.SetDeadline(ctx, time.Now().Add(providerLifetime).UTC())
	}
	return nil
}

// ChangePassword gives whoever the request is from a new password, if old is their present one; their
// other sessions end, and the request's gets a new token. A wrong old one is a [playlists.ErrInvalid], and
// too many of them are a [*TooManyError].
func (a *Access) ChangePassword(ctx context.Context, old, password string, from netip.Addr) error {
	actor, ok := FromContext(ctx)
	if !ok {
		return playlists.Refuse(playlists.ErrDenied, "sign in first")
	}
	r, err := a.verify(ctx, actor.Name, old, from)
	if errors.Is(err, playlists.ErrDenied) {
		return playlists.Refuse(playlists.ErrInvalid, "old: this is not your present password; type it again, or ask an administrator for a new one")
	}
	if err != nil {
		return err
	}
	hash, err := a.newHash(ctx, r.Name, password)
	if err != nil {
		return err
	}
	err = a.change(audit.As(ctx, UserKind, audit.Password), r.Name, r.Name, 0, func(_ store.Tx, kept *record) error {
		if kept.Epoch != r.Epoch {
			return playlists.Refuse(playlists.ErrDenied, "somebody else has just set your password; sign in again")
		}
		kept.Password, kept.Epoch, kept.Link, kept.LinkUntil = hash, newEpoch(), "", time.Time{}
		r = *kept
		return nil
	})
	if err != nil {
		return err
	}
	return a.begin(ctx, r)
}

// SignOut ends the request's session.
func (a *Access) SignOut(ctx context.Context) error {
	if actor, ok := FromContext(ctx); ok {
		a.remember(ctx, audit.Entry{By: actor.Name, Did: audit.SignedOut, Kind: UserKind, ID: actor.Name})
	}
	if err := a.sessions.Destroy(ctx); err != nil {
		return fmt.Errorf("signing out: %w", err)
	}
	return nil
}

// verify gives the record of the user who has that password.
func (a *Access) verify(ctx context.Context, name, password string, from netip.Addr) (record, error) {
	if err := a.admit(name, from); err != nil {
		return record{}, err
	}
	r, err := a.record(ctx, name)
	if err != nil && !errors.Is(err, playlists.ErrNotFound) && !errors.Is(err, playlists.ErrInvalid) {
		return record{}, err
	}
	known := err == nil && !r.Disabled && r.Password != ""
	hash := a.hasher.nobody
	if known {
		hash = r.Password
	}
	if len(password) > longestPassword {
		password, known = "", false
	}
	ok, old, err := a.hasher.matches(ctx, hash, password)
	if err != nil {
		return record{}, err
	}
	if !ok || !known {
		a.log.WarnContext(ctx, "password refused", slog.String("from", from.String()))
		return record{}, fmt.Errorf("%w: the name or the password is wrong", playlists.ErrDenied)
	}
	a.accounts.forgive(name)
	if old {
		a.renew(ctx, &r, password)
	}
	return r, nil
}

// admit counts an attempt.
func (a *Access) admit(name string, from netip.Addr) error {
	if len(name) > 64 {
		name = ""
	}
	now := time.Now()
	wait := max(a.addresses.take(now, addressKey(from)), a.accounts.take(now, name))
	if wait > 0 {
		return &TooManyError{After: wait}
	}
	return nil
}

// renew hashes a password at today's cost. That it could not is no reason to refuse a sign-in.
func (a *Access) renew(ctx context.Context, r *record, password string) {
	hash, err := a.hasher.hash(ctx, password)
	if err == nil {
		err = a.change(ctx, "system", r.Name, 0, func(_ store.Tx, kept *record) error {
			if kept.Epoch == r.Epoch {
				kept.Password = hash
			}
			return nil
		})
	}
	if err != nil {
		a.log.WarnContext(ctx, "password hash not renewed", slog.String("user", r.Name), slog.Any("error", err))
	}
}

// FirstToken gives a new token for [Access.First], and forgets the one before; empty where there are
// users. Only its hash is kept, and only in memory: a restart makes another.
func (a *Access) FirstToken(ctx context.Context) (string, error) {
	users, err := a.Users(ctx)
	if err != nil || len(users) > 0 {
		return "", err
	}
	token := base64.RawURLEncoding.EncodeToString(random(32))
	a.mu.Lock()
	defer a.mu.Unlock()
	a.first = sha256.Sum256([]byte(token))
	return token, nil
}

// FirstOpen reports whether the token would open [Access.First], without using it up.
func (a *Access) FirstOpen(token string) bool {
	given := sha256.Sum256([]byte(token))
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.first != [sha256.Size]byte{} && subtle.ConstantTimeCompare(given[:], a.first[:]) == 1
}

// First makes the first administrator, signs them in and makes the token useless. It works only while
// there is no user; anything else is a [playlists.ErrDenied].
func (a *Access) First(ctx context.Context, token, name, fullName, password string) (Actor, error) {
	spent := fmt.Errorf("%w: this link has been used or is not the newest; restart the controller for a new one, or sign in", playlists.ErrDenied)
	if !a.FirstOpen(token) {
		return Actor{}, spent
	}
	u := User{Actor: Actor{Name: strings.ToLower(strings.TrimSpace(name)), FullName: fullName, Role: Administrator, Everywhere: true}}
	err := a.addWith(ctx, u.Name, u, password, func(v store.View) error {
		for _, err := range v.List(UserKind) {
			return cmp.Or(err, spent)
		}
		return nil
	})
	if err != nil {
		return Actor{}, err
	}
	a.mu.Lock()
	a.first = [sha256.Size]byte{}
	a.mu.Unlock()
	r, err := a.record(ctx, u.Name)
	if err != nil {
		return Actor{}, err
	}
	a.log.InfoContext(ctx, "first administrator made", slog.String("user", u.Name))
	return r.Actor, a.begin(ctx, r)
}
