package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
)

const good = "four green kettles"

// cheap is a cost for tests.
func cheap() Cost { return Cost{KiB: 64, Passes: 1, Lanes: 1} }

func newStore(t *testing.T) store.Store {
	t.Helper()
	s, err := bolt.Open(t.Context(), bolt.Config{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func newAccess(t *testing.T, c Config) *Access {
	t.Helper()
	if c.Store == nil {
		c.Store = newStore(t)
	}
	if c.Cost == (Cost{}) {
		c.Cost = cheap()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	a, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func scheduler(name string) User {
	return User{Actor: Actor{Name: name, FullName: "Maria Lopez", Role: Scheduler, Departments: []playlists.DepartmentID{"cardiology"}}}
}

func administrator(name string) User {
	return User{Actor: Actor{Name: name, Role: Administrator, Everywhere: true}}
}

func mustAdd(t *testing.T, a *Access, users ...User) {
	t.Helper()
	for _, u := range users {
		if err := a.AddUser(t.Context(), "test", u, good); err != nil {
			t.Fatal(err)
		}
	}
}

// browser keeps cookies, and talks to the routes of a small site.
type browser struct {
	t    *testing.T
	site http.Handler
	jar  http.CookieJar
	// last are the cookies that the last answer set.
	last []*http.Cookie
}

func newBrowser(t *testing.T, a *Access) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, site: a.Middleware(site(a)), jar: jar}
}

// site answers /me with who is signed in; /in?name&password, /first?token&name&password,
// /welcome?token&password, /password?old&password and /out.
func site(a *Access) http.Handler {
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, err error) {
		if err != nil {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, err)
		}
	}
	mux.HandleFunc("/me", func(w http.ResponseWriter, r *http.Request) {
		actor, _ := FromContext(r.Context())
		fmt.Fprint(w, actor.Name)
	})
	mux.HandleFunc("/in", func(w http.ResponseWriter, r *http.Request) {
		_, err := a.SignIn(r.Context(), r.FormValue("name"), r.FormValue("password"), netip.MustParseAddrPort(r.RemoteAddr).Addr())
		answer(w, err)
	})
	mux.HandleFunc("/first", func(w http.ResponseWriter, r *http.Request) {
		_, err := a.First(r.Context(), r.FormValue("token"), r.FormValue("name"), "", r.FormValue("password"))
		answer(w, err)
	})
	mux.HandleFunc("/by", func(w http.ResponseWriter, r *http.Request) {
		id := Identity{Issuer: r.FormValue("issuer"), Subject: r.FormValue("subject"), Account: r.FormValue("account")}
		_, err := a.SignInBy(r.Context(), id, AddressOf(r))
		answer(w, err)
	})
	mux.HandleFunc("/welcome", func(w http.ResponseWriter, r *http.Request) {
		_, err := a.Accept(r.Context(), r.FormValue("token"), r.FormValue("password"))
		answer(w, err)
	})
	mux.HandleFunc("/password", func(w http.ResponseWriter, r *http.Request) {
		answer(w, a.ChangePassword(r.Context(), r.FormValue("old"), r.FormValue("password"), netip.MustParseAddrPort(r.RemoteAddr).Addr()))
	})
	mux.HandleFunc("/out", func(w http.ResponseWriter, r *http.Request) { answer(w, a.SignOut(r.Context())) })
	return mux
}

// get gives the status and the text of an answer.
func (b *browser) get(path string, query ...string) (status int, text string) {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, "https://screens.example"+path, nil)
	q := r.URL.Query()
	for i := 0; i+1 < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	r.URL.RawQuery = q.Encode()
	for _, c := range b.jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	b.site.ServeHTTP(w, r)
	answer := w.Result()
	b.last = answer.Cookies()
	b.jar.SetCookies(r.URL, b.last)
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

func (b *browser) signIn(name, password string) (status int, text string) {
	b.t.Helper()
	return b.get("/in", "name", name, "password", password)
}

func (b *browser) wantMe(want string) {
	b.t.Helper()
	if _, got := b.get("/me"); got != want {
		b.t.Errorf("signed in is %q, want %q", got, want)
	}
}

func TestSignInAndOut(t *testing.T) {
	a := newAccess(t, Config{})
	mustAdd(t, a, scheduler("maria"))
	b := newBrowser(t, a)
	b.wantMe("")
	if status, text := b.signIn(" Maria ", good); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	b.wantMe("maria")
	newBrowser(t, a).wantMe("")
	if status, _ := b.get("/out"); status != http.StatusOK {
		t.Fatalf("signing out gives %d", status)
	}
	b.wantMe("")
}

// TestSigningOutOutlastsWhatIsOnItsWay: a request that began before, and is answered after, brings back the cookie but
// not the session.
func TestSigningOutOutlastsWhatIsOnItsWay(t *testing.T) {
	a := newAccess(t, Config{})
	mustAdd(t, a, scheduler("maria"))
	b := newBrowser(t, a)
	b.signIn("maria", good)
	out := func() {
		if status, _ := b.get("/out"); status != http.StatusOK {
			t.Errorf("signing out gives %d", status)
		}
	}
	slow := &browser{t: t, jar: b.jar, site: a.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { out() }))}
	slow.get("/slow")
	b.wantMe("")
	b.signIn("maria", good)
	b.wantMe("maria")
}

func TestCookies(t *testing.T) {
	for _, secure := range []bool{true, false} {
		a := newAccess(t, Config{Secure: secure})
		mustAdd(t, a, scheduler("maria"))
		b := newBrowser(t, a)
		b.signIn("maria", good)
		if len(b.last) != 1 {
			t.Fatalf("cookies are %v, want one", b.last)
		}
		c := b.last[0]
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure != secure || c.MaxAge != 0 ||
			strings.HasPrefix(c.Name, "__Host-") != secure || len(c.Value) < 43 {
			t.Errorf("secure %v: cookie is %v", secure, c)
		}
	}
}

func TestStrangersGetNoSession(t *testing.T) {
	dir := t.TempDir()
	b := newBrowser(t, newAccess(t, Config{Sessions: dir}))
	b.get("/me")
	if files, _ := os.ReadDir(dir); len(b.last) != 0 || len(files) != 0 {
		t.Errorf("a stranger got cookies %v, and files %v", b.last, files)
	}
}

func TestTheTokenIsNewAfterSignIn(t *testing.T) {
	a := newAccess(t, Config{})
	mustAdd(t, a, scheduler("maria"), scheduler("ann"))
	b := newBrowser(t, a)
	b.signIn("maria", good)
	before := b.last[0]
	b.signIn("ann", good)
	if b.last[0].Value == before.Value {
		t.Error("the token is the same after another sign-in")
	}
	thief := newBrowser(t, a)
	thief.site = b.site
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/me", nil)
	r.AddCookie(before)
	w := httptest.NewRecorder()
	b.site.ServeHTTP(w, r)
	if w.Body.String() != "" {
		t.Errorf("the old token is still %q's", w.Body)
	}
}

func TestSessionsSurviveARestartAndHoldNoToken(t *testing.T) {
	dir, s := t.TempDir(), newStore(t)
	a := newAccess(t, Config{Store: s, Sessions: dir})
	mustAdd(t, a, scheduler("maria"))
	b := newBrowser(t, a)
	b.signIn("maria", good)
	token := b.last[0].Value
	if err := os.WriteFile(filepath.Join(dir, "half.session.new"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "torn.session"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	again := newAccess(t, Config{Store: s, Sessions: dir})
	b.site = again.Middleware(site(again))
	b.wantMe("maria")
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("files are %v, %v; want the one session", files, err)
	}
	kept, err := os.ReadFile(filepath.Join(dir, files[0].Name()))
	if err != nil || strings.Contains(files[0].Name()+string(kept), token) {
		t.Errorf("the token itself is on disk (%v)", err)
	}
	b.get("/out")
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("after signing out there is %v", files)
	}
}

// A session in which a bit has flipped is nobody's, and never another's.
func TestDamagedSessionEnds(t *testing.T) {
	dir, s := t.TempDir(), newStore(t)
	a := newAccess(t, Config{Store: s, Sessions: dir})
	mustAdd(t, a, scheduler("maria"))
	b := newBrowser(t, a)
	b.signIn("maria", good)
	names, err := filepath.Glob(filepath.Join(dir, "*.session"))
	if err != nil || len(names) != 1 {
		t.Fatalf("sessions %v, %v", names, err)
	}
	whole, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(whole); at += 7 {
		bad := append([]byte{}, whole...)
		bad[at] ^= 2
		if err := os.WriteFile(names[0], bad, 0o600); err != nil {
			t.Fatal(err)
		}
		again := newAccess(t, Config{Store: s, Sessions: dir})
		b.site = again.Middleware(site(again))
		b.wantMe("")
	}
	if err := os.WriteFile(names[0], whole, 0o600); err != nil {
		t.Fatal(err)
	}
	again := newAccess(t, Config{Store: s, Sessions: dir})
	b.site = again.Middleware(site(again))
	b.wantMe("maria")
}

func TestPeopleSignInThoughSessionsCannotBeWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sessions")
	a := newAccess(t, Config{Sessions: dir})
	mustAdd(t, a, scheduler("maria"))
	if err := errors.Join(os.Remove(dir), os.WriteFile(dir, nil, 0o600)); err != nil { // as good as a full disk
		t.Fatal(err)
	}
	b := newBrowser(t, a)
	b.signIn("maria", good)
	b.wantMe("maria")
}

func TestSessionsExpire(t *testing.T) {
	for _, c := range []struct {
		name  string
		every time.Duration // between uses
		uses  int
		want  string
	}{
		{"used every hour for eleven hours", time.Hour, 11, "maria"},
		{"used every hour for thirteen hours", time.Hour, 13, ""},
		{"left alone for 1 h 50", 110 * time.Minute, 1, "maria"},
		{"left alone for 2 h 10", 130 * time.Minute, 1, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				a := newAccess(t, Config{Sessions: dir, Store: remembered(t)})
				ctx, stop := context.WithCancel(t.Context())
				ended := make(chan error)
				go func() { ended <- a.Run(ctx) }()
				b := newBrowser(t, a)
				b.signIn("maria", good)
				for range c.uses - 1 {
					time.Sleep(c.every)
					b.get("/me")
				}
				time.Sleep(c.every)
				b.wantMe(c.want)
				time.Sleep(lifetime + sweepEvery)
				synctest.Wait()
				if files, _ := os.ReadDir(dir); len(files) != 0 {
					t.Errorf("a day later there is still %v", files)
				}
				stop()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestASessionOfAWrongClockIsOver: begun in a year to come it would last until then.
func TestASessionOfAWrongClockIsOver(t *testing.T) {
	for _, c := range []struct {
		what  string
		ahead time.Duration
		want  string
	}{
		{"a clock that was right", 0, "maria"},
		{"one that was put right by seconds", 20 * time.Second, "maria"},
		{"one that was an hour ahead", time.Hour, ""},
		{"one at 2134", 134 * 365 * 24 * time.Hour, ""},
	} {
		dir, s := t.TempDir(), remembered(t)
		var cookies []*http.Cookie
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(c.ahead)
			b := newBrowser(t, newAccess(t, Config{Sessions: dir, Store: s}))
			b.signIn("maria", good)
			cookies = b.last
			b.wantMe("maria")
		})
		synctest.Test(t, func(t *testing.T) {
			b := newBrowser(t, newAccess(t, Config{Sessions: dir, Store: s}))
			b.jar.SetCookies(&url.URL{Scheme: "https", Host: "screens.example", Path: "/"}, cookies)
			b.wantMe(c.want)
		})
	}
}

func TestUseOfASessionIsRememberedOverARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, s := t.TempDir(), remembered(t)
		a := newAccess(t, Config{Sessions: dir, Store: s})
		b := newBrowser(t, a)
		b.signIn("maria", good)
		time.Sleep(110 * time.Minute)
		b.wantMe("maria")
		time.Sleep(20 * time.Minute)
		again := newAccess(t, Config{Sessions: dir, Store: s})
		b.site = again.Middleware(site(again))
		b.wantMe("maria")
	})
}

// remembered is a store with one user, that needs no locks of a database: a bubble has no time for
// the goroutines of a real one.
func remembered(t *testing.T) store.Documents {
	t.Helper()
	h := newHasher(cheap())
	hash, err := h.hash(t.Context(), good)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(record{User: scheduler("maria"), Password: hash, Epoch: "1"})
	if err != nil {
		t.Fatal(err)
	}
	return oneUser{body: body}
}

type oneUser struct {
	store.Documents

	body json.RawMessage
}

type oneUserView struct {
	store.View

	body json.RawMessage
}

func (o oneUser) View(_ context.Context, read func(store.View) error) error {
	return read(oneUserView{body: o.body})
}

func (o oneUserView) Get(k store.Kind, id string) (store.Document, error) {
	if id != "maria" {
		return store.Document{}, playlists.ErrNotFound
	}
	return store.Document{Kind: k, ID: id, Revision: 1, Body: o.body}, nil
}

func TestALeaverLosesAccessAtOnce(t *testing.T) {
	for name, change := range map[string]func(*Access) error{
		"disabled": func(a *Access) error {
			u := scheduler("maria")
			u.Disabled = true
			return a.SetUser(t.Context(), "ann", u, "", 0)
		},
		"new password": func(a *Access) error { return a.SetPassword(t.Context(), "ann", "maria", "another four words") },
		"new password with other changes": func(a *Access) error {
			return a.SetUser(t.Context(), "ann", scheduler("maria"), "another four words", 0)
		},
		"removed": func(a *Access) error { return a.RemoveUser(t.Context(), "ann", "maria", 0) },
		"removed and made anew": func(a *Access) error {
			if err := a.RemoveUser(t.Context(), "ann", "maria", 0); err != nil {
				return err
			}
			return a.AddUser(t.Context(), "ann", scheduler("maria"), "another four words")
		},
	} {
		a := newAccess(t, Config{})
		mustAdd(t, a, scheduler("maria"))
		b := newBrowser(t, a)
		b.signIn("maria", good)
		b.wantMe("maria")
		if err := change(a); err != nil {
			t.Fatal(err)
		}
		b.wantMe("")
		if status, _ := b.signIn("maria", good); status == http.StatusOK {
			t.Errorf("%s: the old password still works", name)
		}
	}
}

func TestANewRoleHoldsAtTheNextRequest(t *testing.T) {
	a := newAccess(t, Config{})
	mustAdd(t, a, scheduler("maria"))
	b := newBrowser(t, a)
	b.signIn("maria", good)
	u := scheduler("maria")
	u.Role = Viewer
	if err := a.SetUser(t.Context(), "ann", u, "", 0); err != nil {
		t.Fatal(err)
	}
	var role Role
	h := a.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		actor, _ := FromContext(r.Context())
		role = actor.Role
	}))
	b.site = h
	b.get("/")
	if role != Viewer {
		t.Errorf("role is %q, want viewer", role)
	}
}

func TestWrongNameAndWrongPasswordAreAlike(t *testing.T) {
	a := newAccess(t, Config{})
	leaver := scheduler("leaver")
	mustAdd(t, a, scheduler("maria"), leaver)
	leaver.Disabled = true
	if err := a.SetUser(t.Context(), "ann", leaver, "", 0); err != nil {
		t.Fatal(err)
	}
	from := netip.MustParseAddr("192.0.2.7")
	var texts []string
	for name, password := range map[string]string{
		"maria": "a wrong password", "nobody": "a wrong password", "leaver": good, "no\x00name/..": "a wrong password", strings.Repeat("x", 500): "x",
	} {
		_, err := a.verify(t.Context(), name, password, from)
		if !errors.Is(err, playlists.ErrDenied) {
			t.Errorf("%q: %v", name, err)
			continue
		}
		texts = append(texts, err.Error())
		// While two others hash, whoever is to be hashed too has to wait.
		a.hasher.slots <- struct{}{}
		a.hasher.slots <- struct{}{}
		soon, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		if _, err := a.verify(soon, name, password, netip.MustParseAddr("198.51.100.1")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%.20q is answered without a hashing (%v): strangers can tell it from others", name, err)
		}
		cancel()
		<-a.hasher.slots
		<-a.hasher.slots
	}
	slices.Sort(texts)
	if len(slices.Compact(texts)) != 1 {
		t.Errorf("answers differ: %q", texts)
	}
	if _, err := a.verify(t.Context(), "maria", strings.Repeat("long", 100), from); !errors.Is(err, playlists.ErrDenied) {
		t.Errorf("a password that is too long: %v", err)
	}
}

func TestThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccess(t, Config{Store: remembered(t)})
		try := func(name, password, from string) error {
			_, err := a.verify(t.Context(), name, password, netip.MustParseAddr(from))
			return err
		}
		for n := range 10 {
			if err := try("maria", "a wrong password", "192.0.2.7"); !errors.Is(err, playlists.ErrDenied) {
				t.Fatalf("attempt %d: %v", n, err)
			}
		}
		var many *TooManyError
		if err := try("maria", good, "192.0.2.7"); !errors.As(err, &many) || many.After <= 0 || many.After > 6*time.Second {
			t.Fatalf("the eleventh attempt at once gives %v, want to wait up to 6 s", err)
		}
		if err := try("maria", good, "192.0.2.8"); err != nil {
			t.Errorf("from another address: %v", err)
		}
		time.Sleep(6 * time.Second)
		if err := try("maria", good, "192.0.2.7"); err != nil {
			t.Errorf("6 s later: %v", err)
		}
		var last error
		for n := range 40 {
			last = try("maria", "a wrong password", fmt.Sprintf("198.51.100.%d", n))
		}
		if !errors.As(last, &many) {
			t.Errorf("40 addresses on one name: %v, want too many", last)
		}
		for n := range 11 {
			last = try("nobody", "a wrong password", fmt.Sprintf("2001:db8::%x", n))
		}
		if !errors.As(last, &many) {
			t.Errorf("11 addresses of one IPv6 network: %v, want too many", last)
		}
	})
}

func TestThrottlesDoNotGrowForEver(t *testing.T) {
	th := newThrottle(pace{burst: 2, every: time.Second})
	now := time.Now()
	for n := range mostKeys + 500 {
		th.take(now, fmt.Sprint(n))
	}
	if len(th.seen) > mostKeys+1 {
		t.Errorf("%d keys are held, want at most %d", len(th.seen), mostKeys+1)
	}
	if wait := th.take(now, "another"); wait == 0 {
		t.Error("a flood of names lets one more through")
	}
	if wait := th.take(now.Add(time.Minute), "another"); wait != 0 || len(th.seen) > 2 {
		t.Errorf("a minute later: wait %s, %d keys; want all forgotten", wait, len(th.seen))
	}
}

func TestFirstAdministrator(t *testing.T) {
	a := newAccess(t, Config{})
	old, err := a.FirstToken(t.Context())
	if err != nil || old == "" {
		t.Fatalf("token is %q, %v", old, err)
	}
	token, err := a.FirstToken(t.Context())
	if err != nil || token == old {
		t.Fatalf("the second token is %q, %v", token, err)
	}
	b := newBrowser(t, a)
	for _, wrong := range []string{"", old, token[1:], token + "x"} {
		if status, _ := b.get("/first", "token", wrong, "name", "ann", "password", good); status == http.StatusOK || a.FirstOpen(wrong) {
			t.Errorf("the token %q works", wrong)
		}
	}
	if _, text := b.get("/first", "token", token, "name", "ann", "password", "short"); !strings.Contains(text, "shorter than 12") {
		t.Errorf("a short password gives %q", text)
	}
	if status, text := b.get("/first", "token", token, "name", "Ann", "password", good); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	b.wantMe("ann")
	if a.FirstOpen(token) {
		t.Error("the token is still open after use")
	}
	if status, text := b.get("/first", "token", token, "name", "eve", "password", good); status == http.StatusOK || !strings.Contains(text, "has been used") {
		t.Errorf("the token works twice: %d %s", status, text)
	}
	if again, _ := a.FirstToken(t.Context()); again != "" {
		t.Errorf("with a user there is a token %q", again)
	}
	users, err := a.Users(t.Context())
	if err != nil || len(users) != 1 || users[0].Role != Administrator || !users[0].Everywhere {
		t.Errorf("users are %+v, %v", users, err)
	}
}

func TestFirstTokenIsUselessOnceThereIsAUser(t *testing.T) {
	a := newAccess(t, Config{})
	token, err := a.FirstToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mustAdd(t, a, administrator("ann")) // by controller user add
	if status, _ := newBrowser(t, a).get("/first", "token", token, "name", "eve", "password", good); status == http.StatusOK {
		t.Error("the link makes a second administrator")
	}
}

func TestUsersThatAreRefused(t *testing.T) {
	a := newAccess(t, Config{})
	mustAdd(t, a, administrator("ann"))
	for want, c := range map[string]struct {
		u        User
		password string
	}{
		"like maria-lopez":          {scheduler("Maria Lopez"), good},
		"there is a user \"ann\"":   {administrator("ann"), good},
		"choose one of":             {User{Actor: Actor{Name: "eve", Role: "root", Everywhere: true}}, good},
		"name some":                 {User{Actor: Actor{Name: "eve", Role: Viewer}}, good},
		"and not both":              {User{Actor: Actor{Name: "eve", Role: Viewer, Everywhere: true, Departments: []playlists.DepartmentID{"eyes"}}}, good},
		"shorter than 12":           {scheduler("maria"), "eleven char"},
		"contains the name":         {scheduler("maria"), "maria-2026-spring"},
		"one character repeated":    {scheduler("maria"), strings.Repeat("a", 20)},
		"longer than 256 bytes":     {scheduler("maria"), strings.Repeat("ab", 200)},
		"nothing of it can be seen": {User{Actor: Actor{Name: "eve", FullName: "\u200b\u2060", Role: Viewer, Everywhere: true}}, good},
		"full_name: longer than 20": {User{Actor: Actor{Name: "eve", FullName: strings.Repeat("x", 300), Role: Viewer, Everywhere: true}}, good},
	} {
		if err := a.AddUser(t.Context(), "test", c.u, c.password); !errors.Is(err, playlists.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it refused with %q", err, want)
		}
	}
	demoted := administrator("ann")
	demoted.Role = Viewer
	if err := a.SetUser(t.Context(), "ann", demoted, "", 0); !errors.Is(err, playlists.ErrInvalid) || !strings.Contains(err.Error(), "last administrator") {
		t.Errorf("the last administrator steps down: %v", err)
	}
	mustAdd(t, a, administrator("bob"))
	if err := a.SetUser(t.Context(), "ann", demoted, "", 0); err != nil {
		t.Errorf("one of two administrators steps down: %v", err)
	}
	if err := a.RemoveUser(t.Context(), "bob", "bob", 0); !errors.Is(err, playlists.ErrInvalid) || !strings.Contains(err.Error(), "last administrator") {
		t.Errorf("the last administrator is removed: %v", err)
	}
	if err := a.RemoveUser(t.Context(), "bob", "nobody", 0); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("nobody is removed: %v", err)
	}
	if err := a.SetPassword(t.Context(), "ann", "nobody", good); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("a password for nobody: %v", err)
	}
}

func TestOfTwoWhoChangeAUserTheSecondIsTold(t *testing.T) {
	a := newAccess(t, Config{})
	mustAdd(t, a, scheduler("maria"))
	if err := a.SetUser(t.Context(), "ann", scheduler("maria"), "", 1); err != nil {
		t.Fatal(err)
	}
	if err := a.SetUser(t.Context(), "bob", scheduler("maria"), "", 1); !errors.Is(err, playlists.ErrStale) {
		t.Errorf("a change of what is gone: %v, want stale", err)
	}
	if err := a.RemoveUser(t.Context(), "bob", "maria", 1); !errors.Is(err, playlists.ErrStale) {
		t.Errorf("a removal of what is gone: %v, want stale", err)
	}
	if err := a.RemoveUser(t.Context(), "bob", "maria", 2); err != nil {
		t.Error(err)
	}
}

func TestANewPasswordOfOnesOwn(t *testing.T) {
	const another = "seven quiet lamps"
	a := newAccess(t, Config{})
	mustAdd(t, a, scheduler("maria"))
	here, elsewhere := newBrowser(t, a), newBrowser(t, a)
	here.signIn("maria", good)
	elsewhere.signIn("maria", good)
	for _, test := range []struct{ what, old, password, says string }{
		{"a wrong old one", another, another, "not your present password"},
		{"none", "", another, "not your present password"},
		{"a weak new one", good, "short", "shorter than 12"},
		{"a new one with the name", good, "maria's new one", "contains the name"},
	} {
		if status, text := here.get("/password", "old", test.old, "password", test.password); status == http.StatusOK || !strings.Contains(text, test.says) {
			t.Errorf("%s: got %d %s, want it refused with %q", test.what, status, text, test.says)
		}
	}
	here.wantMe("maria")
	before := cookieOf(here)
	if status, text := here.get("/password", "old", good, "password", another); status != http.StatusOK {
		t.Fatalf("got %d %s", status, text)
	}
	if cookieOf(here) == before {
		t.Error("the session goes on under the same token")
	}
	here.wantMe("maria")
	elsewhere.wantMe("")
	if status, _ := elsewhere.signIn("maria", good); status == http.StatusOK {
		t.Error("the old password still works")
	}
	if status, text := elsewhere.signIn("maria", another); status != http.StatusOK {
		t.Errorf("the new password does not work: %s", text)
	}
	if status, text := newBrowser(t, a).get("/password", "old", another, "password", good); status == http.StatusOK || !strings.Contains(text, "sign in first") {
		t.Errorf("a stranger: got %d %s", status, text)
	}
}

func cookieOf(b *browser) string {
	for _, c := range b.jar.Cookies(&url.URL{Scheme: "https", Host: "screens.example", Path: "/"}) {
		return c.Value
	}
	return ""
}

func TestGuessingThePasswordOfASessionIsPaced(t *testing.T) {
	a := newAccess(t, Config{})
	mustAdd(t, a, scheduler("maria"))
	b := newBrowser(t, a)
	b.signIn("maria", good)
	for range 9 {
		b.get("/password", "old", "a wrong one", "password", "seven quiet lamps")
	}
	if _, text := b.get("/password", "old", good, "password", "seven quiet lamps"); !strings.Contains(text, "too many attempts") {
		t.Errorf("the eleventh attempt: %s", text)
	}
}

func TestEveryChangeIsARevisionWithItsAuthor(t *testing.T) {
	a := newAccess(t, Config{})
	mustAdd(t, a, scheduler("maria"))
	if err := a.SetPassword(t.Context(), "ann", "maria", "another four words"); err != nil {
		t.Fatal(err)
	}
	var authors []string
	err := a.store.View(t.Context(), func(v store.View) error {
		for d, err := range v.Revisions(UserKind, "maria") {
			if err != nil {
				return err
			}
			authors = append(authors, d.By)
			if strings.Contains(string(d.Body), "words") || strings.Contains(string(d.Body), good) {
				t.Error("a password is in the document")
			}
		}
		return nil
	})
	if err != nil || !slices.Equal(authors, []string{"ann", "test"}) {
		t.Errorf("revisions are by %v, %v", authors, err)
	}
	users, err := a.Users(t.Context())
	shown, jsonErr := json.Marshal(users)
	if err != nil || jsonErr != nil || strings.Contains(string(shown), "argon2") {
		t.Errorf("what may be shown is %s, %v", shown, err)
	}
}

func TestAnOldHashIsRenewedAtSignIn(t *testing.T) {
	s := newStore(t)
	mustAdd(t, newAccess(t, Config{Store: s}), scheduler("maria"))
	dearer := Cost{KiB: 128, Passes: 2, Lanes: 1}
	a := newAccess(t, Config{Store: s, Cost: dearer})
	for range 2 {
		if _, err := a.verify(t.Context(), "maria", good, netip.MustParseAddr("192.0.2.7")); err != nil {
			t.Fatal(err)
		}
	}
	r, err := a.record(t.Context(), "maria")
	p, parseErr := parsePHC(r.Password)
	if err != nil || parseErr != nil || p.Cost != dearer {
		t.Errorf("the kept hash costs %+v, %v, %v; want %+v", p.Cost, err, parseErr, dearer)
	}
}
