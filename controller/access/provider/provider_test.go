package provider_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"anteroom/controller/access"
	"anteroom/controller/access/provider"
	"anteroom/controller/access/provider/providertest"
	"anteroom/playlists"
	"anteroom/playlists/playliststest/fuzztest"
)

const client = providertest.Client

func of(t *testing.T, h *providertest.Hospital) *provider.Provider {
	t.Helper()
	p, err := provider.New(provider.Config{Issuer: h.Server.URL, ClientID: client, URL: "https://tv.example.org"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// begin goes to the provider.
func begin(t *testing.T, h *providertest.Hospital, p *provider.Provider) (w provider.Way, answer url.Values, claims map[string]any) {
	t.Helper()
	to, w, err := p.Begin(t.Context(), "/publish", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	answer, claims = h.Begins(to)
	return w, answer, claims
}

func TestWhoComesBackIsWhoTheProviderSays(t *testing.T) {
	h := providertest.New(t)
	p := of(t, h)
	w, answer, claims := begin(t, h, p)
	kept, err := provider.ReadWay(w.Text())
	if err != nil || !kept.Began.Equal(w.Began) || kept.Verifier != w.Verifier || kept.Next != "/publish" {
		t.Fatalf("the browser keeps %+v, %v", kept, err)
	}
	h.Next = h.Sign(claims)
	id, err := p.End(t.Context(), answer, kept, time.Now())
	want := access.Identity{Issuer: h.Server.URL, Subject: "u-17", Account: "maria.lopez@st-mary.example"}
	if err != nil || id != want {
		t.Fatalf("got %+v, %v, want %+v", id, err, want)
	}
	if id, err := p.End(t.Context(), answer, kept, time.Now()); !errors.Is(err, playlists.ErrDenied) {
		t.Errorf("a code that was used gives %+v, %v", id, err)
	}
}

// TestAnAddressMayBeSaidBesideTheToken: some providers keep the token short.
func TestAnAddressMayBeSaidBesideTheToken(t *testing.T) {
	h := providertest.New(t)
	p := of(t, h)
	w, answer, claims := begin(t, h, p)
	delete(claims, "email")
	h.Next, h.More = h.Sign(claims), map[string]any{"sub": "u-17", "email": "maria.lopez@st-mary.example"}
	if id, err := p.End(t.Context(), answer, w, time.Now()); err != nil || id.Subject != "u-17" || id.Account != "maria.lopez@st-mary.example" {
		t.Errorf("got %+v, %v", id, err)
	}
}

// TestALyingProviderLetsNobodyIn has one lie in each row; all else is right.
func TestALyingProviderLetsNobodyIn(t *testing.T) {
	unsigned := func(token string) string {
		parts := strings.Split(token, ".")
		return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + "."
	}
	set := func(name string, value any) func(*providertest.Hospital, *provider.Way, url.Values, map[string]any) {
		return func(_ *providertest.Hospital, _ *provider.Way, _ url.Values, claims map[string]any) {
			claims[name] = value
		}
	}
	type lie = func(h *providertest.Hospital, w *provider.Way, answer url.Values, claims map[string]any)
	for _, row := range []struct {
		what string
		lie  lie
		then func(token string) string
	}{
		{"another nonce", set("nonce", "another"), nil},
		{"no nonce", set("nonce", ""), nil},
		{"another audience", set("aud", "payroll"), nil},
		{"two audiences, for another", set("aud", []string{client, "payroll"}), nil},
		{"for another party", set("azp", "payroll"), nil},
		{"another issuer", set("iss", "https://login.example.com"), nil},
		{"expired", set("exp", time.Now().Add(-time.Hour).Unix()), nil},
		{"without an end", set("exp", nil), nil},
		{"nobody", set("sub", ""), nil},
		{"no address", func(_ *providertest.Hospital, _ *provider.Way, _ url.Values, claims map[string]any) {
			delete(claims, "email")
		}, nil},
		{"an address that is none", set("email", nil), nil},
		{"the address of somebody else", func(h *providertest.Hospital, _ *provider.Way, _ url.Values, claims map[string]any) {
			delete(claims, "email")
			h.More = map[string]any{"sub": "u-18", "email": "ada@st-mary.example", "email_verified": true}
		}, nil},
		{"an address that nobody verified", set("email_verified", false), nil},
		{"another state", func(_ *providertest.Hospital, _ *provider.Way, answer url.Values, _ map[string]any) {
			answer.Set("state", "another")
		}, nil},
		{"no state", func(_ *providertest.Hospital, _ *provider.Way, answer url.Values, _ map[string]any) {
			answer.Del("state")
		}, nil},
		{"another code", func(_ *providertest.Hospital, _ *provider.Way, answer url.Values, _ map[string]any) {
			answer.Set("code", "another")
		}, nil},
		{"no code", func(_ *providertest.Hospital, _ *provider.Way, answer url.Values, _ map[string]any) {
			answer.Del("code")
		}, nil},
		{"a browser with another verifier", func(_ *providertest.Hospital, w *provider.Way, _ url.Values, _ map[string]any) {
			w.Verifier = rand.Text() + rand.Text()
		}, nil},
		{"a browser that took too long", func(_ *providertest.Hospital, w *provider.Way, _ url.Values, _ map[string]any) {
			w.Began = w.Began.Add(-time.Hour)
		}, nil},
		{"a browser of the future", func(_ *providertest.Hospital, w *provider.Way, _ url.Values, _ map[string]any) {
			w.Began = w.Began.Add(time.Hour)
		}, nil},
		{"an answer of another provider", func(_ *providertest.Hospital, _ *provider.Way, answer url.Values, _ map[string]any) {
			answer.Set("iss", "https://login.example.com")
		}, nil},
		{"a refusal", func(_ *providertest.Hospital, _ *provider.Way, answer url.Values, _ map[string]any) {
			answer.Set("error", "access_denied")
		}, nil},
		{"another key", func(h *providertest.Hospital, _ *provider.Way, _ url.Values, _ map[string]any) {
			var err error
			if h.Key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
				panic(err)
			}
		}, nil},
		{"no signature", nil, unsigned},
		{"a changed token", nil, func(token string) string { return token[:len(token)-8] + "AAAAAAAA" }},
		{"no token", nil, func(string) string { return "" }},
		{"no token at all", nil, func(string) string { return "<html>" }},
	} {
		t.Run(row.what, func(t *testing.T) {
			h := providertest.New(t)
			p := of(t, h)
			w, answer, claims := begin(t, h, p)
			if row.lie != nil {
				row.lie(h, &w, answer, claims)
			}
			h.Next = h.Sign(claims)
			if row.then != nil {
				h.Next = row.then(h.Next)
			}
			if id, err := p.End(t.Context(), answer, w, time.Now()); !errors.Is(err, playlists.ErrDenied) {
				t.Errorf("comes in as %+v, %v", id, err)
			}
		})
	}
}

// TestWhatOnlyITCanMendSaysSo: whoever signs in is not at fault, and is told whom to ask.
func TestWhatOnlyITCanMendSaysSo(t *testing.T) {
	after := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	for _, row := range []struct {
		what, says string
		is         error
		spoil      func(h *providertest.Hospital, answer url.Values, claims map[string]any)
	}{
		{"its clock is behind", "clocks of the hospital's sign-in and of Anteroom differ", playlists.ErrDenied, func(_ *providertest.Hospital, _ url.Values, claims map[string]any) {
			claims["exp"] = after(-time.Minute)
		}},
		{"its clock is ahead", "clocks of the hospital's sign-in and of Anteroom differ", playlists.ErrDenied, func(_ *providertest.Hospital, _ url.Values, claims map[string]any) {
			claims["nbf"], claims["exp"] = after(10*time.Minute), after(70*time.Minute)
		}},
		{"another secret", "does not know Anteroom by its name and secret", playlists.ErrDenied, func(h *providertest.Hospital, _ url.Values, _ map[string]any) {
			h.Refusal = http.StatusUnauthorized
		}},
		{"it fails", "does not answer", provider.ErrAway, func(h *providertest.Hospital, _ url.Values, _ map[string]any) {
			h.Refusal = http.StatusBadGateway
		}},
		{"it lets nobody in", "whether your account may use Anteroom", playlists.ErrDenied, func(_ *providertest.Hospital, answer url.Values, _ map[string]any) {
			answer.Set("error", "access_denied")
		}},
	} {
		t.Run(row.what, func(t *testing.T) {
			h := providertest.New(t)
			p := of(t, h)
			w, answer, claims := begin(t, h, p)
			row.spoil(h, answer, claims)
			h.Next = h.Sign(claims)
			if id, err := p.End(t.Context(), answer, w, time.Now()); !errors.Is(err, row.is) || !strings.Contains(err.Error(), row.says) {
				t.Errorf("comes in as %+v, %v", id, err)
			}
		})
	}
}

// TestNobodyIsSentToAProviderThatIsAway, not even when it has been there before.
func TestNobodyIsSentToAProviderThatIsAway(t *testing.T) {
	h := providertest.New(t)
	p := of(t, h)
	now := time.Now()
	there := h.Server.Config.Handler
	for _, row := range []struct {
		what    string
		at      time.Duration
		handler http.Handler
		want    error
	}{
		{"away", 0, http.NotFoundHandler(), provider.ErrAway},
		{"back, and not asked again so soon", time.Second, there, provider.ErrAway},
		{"back", 6 * time.Second, there, nil},
		{"away again, and not asked so soon", 7 * time.Second, http.NotFoundHandler(), nil},
		{"away again", 12 * time.Second, http.NotFoundHandler(), provider.ErrAway},
		{"back, and the clock was set back", -time.Hour, there, nil},
	} {
		h.Server.Config.Handler = row.handler
		if _, _, err := p.Begin(t.Context(), "/", now.Add(row.at)); !errors.Is(err, row.want) {
			t.Errorf("%s: %v", row.what, err)
		}
	}
}

func TestWhatIsNoProvider(t *testing.T) {
	good := provider.Config{Issuer: "https://login.example.org/realms/staff", ClientID: client, URL: "https://tv.example.org"}
	if p, err := provider.New(good); err != nil || p.Name() != "login.example.org" {
		t.Errorf("%v, %v", p, err)
	}
	for what, spoil := range map[string]func(*provider.Config){
		"without https": func(c *provider.Config) { c.Issuer = "http://login.example.org" },
		"with a name":   func(c *provider.Config) { c.Issuer = "https://me@login.example.org" },
		"no address":    func(c *provider.Config) { c.Issuer = "login" },
		"no client":     func(c *provider.Config) { c.ClientID = "" },
		"no way back":   func(c *provider.Config) { c.URL = "" },
	} {
		c := good
		spoil(&c)
		if _, err := provider.New(c); !errors.Is(err, playlists.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func FuzzReadWay(f *testing.F) {
	g := fuzztest.New(f)
	g.Add((&provider.Way{State: "s", Nonce: "n", Verifier: "v", Next: "/"}).Text())
	g.Add("e30")
	g.Add("")
	g.Fuzz(func(t *testing.T, text string) {
		w, err := provider.ReadWay(text)
		if err != nil {
			return
		}
		if again, err := provider.ReadWay(w.Text()); err != nil || !again.Began.Equal(w.Began) || again.State != w.State {
			t.Errorf("got %+v, %v, want %+v", again, err, w)
		}
	})
}
