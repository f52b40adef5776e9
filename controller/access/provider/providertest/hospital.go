// Package providertest is an identity provider for tests, which can lie.
package providertest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Hospital is an identity provider that does what it is told, and worse.
type Hospital struct {
	// Server is where it is, and Key what it signs with.
	Server *httptest.Server
	Key    *rsa.PrivateKey
	// Code and Challenge are of the sign-in that is on its way, and Next the token that it gives; a code is taken once.
	Code, Challenge, Next string
	// More is what it says beside the token, when asked with it; nil: nothing.
	More map[string]any
	// Refusal is how it answers in place of a token, if not 0: 401 knows no such client.
	Refusal int

	t *testing.T
}

// New starts one, until the test ends.
func New(t *testing.T) *Hospital {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	h := &Hospital{t: t, Key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		h.write(w, map[string]any{
			"issuer": h.Server.URL, "authorization_endpoint": h.Server.URL + "/auth", "token_endpoint": h.Server.URL + "/token",
			"jwks_uri": h.Server.URL + "/keys", "userinfo_endpoint": h.Server.URL + "/info", "id_token_signing_alg_values_supported": []string{"RS256", "none", "HS256"},
		})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		h.write(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k1", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("/token", h.token)
	mux.HandleFunc("/info", func(w http.ResponseWriter, r *http.Request) {
		if h.More == nil || r.Header.Get("Authorization") != "Bearer a" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		h.write(w, h.More)
	})
	h.Server = httptest.NewServer(mux)
	t.Cleanup(h.Server.Close)
	return h
}

func (h *Hospital) write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		h.t.Error(err)
	}
}

// token takes a code for a token, if the verifier fits the challenge.
func (h *Hospital) token(w http.ResponseWriter, r *http.Request) {
	if h.Refusal != 0 {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(h.Refusal)
		_, _ = io.WriteString(w, `{"error":"invalid_client"}`)
		return
	}
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if h.Code == "" || r.FormValue("code") != h.Code || base64.RawURLEncoding.EncodeToString(sum[:]) != h.Challenge {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"invalid_grant"}`)
		return
	}
	h.Code = ""
	h.write(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": h.Next})
}

// Sign makes a token of claims.
func (h *Hospital) Sign(claims map[string]any) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: h.Key, KeyID: "k1"}}, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	b, err := json.Marshal(claims)
	if err != nil {
		h.t.Fatal(err)
	}
	signed, err := signer.Sign(b)
	if err != nil {
		h.t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		h.t.Fatal(err)
	}
	return text
}

// Client is as which the controller is known.
const Client = "anteroom"

// Begins takes note of where a controller sends somebody, and gives what it would answer and say of Maria.
func (h *Hospital) Begins(to string) (answer url.Values, claims map[string]any) {
	h.t.Helper()
	at, err := url.Parse(to)
	if err != nil {
		h.t.Fatal(err)
	}
	q := at.Query()
	if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || !strings.HasSuffix(q.Get("redirect_uri"), "/sign-in/return") ||
		q.Get("client_id") != Client || q.Get("state") == "" || q.Get("nonce") == "" || !strings.Contains(q.Get("scope"), "openid") {
		h.t.Fatalf("the provider is asked %v", q)
	}
	h.Code, h.Challenge = rand.Text(), q.Get("code_challenge")
	return url.Values{"code": {h.Code}, "state": {q.Get("state")}}, map[string]any{
		"iss": h.Server.URL, "sub": "u-17", "aud": Client, "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix(),
		"nonce": q.Get("nonce"), "email": "Maria.Lopez@st-mary.example", "email_verified": true,
	}
}
