package access

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"anteroom/playlists"
)

const chosen = "five blue teapots"

func mustInvite(t *testing.T, a *Access, name string) string {
	t.Helper()
	token, until, err := a.Invite(t.Context(), "ada", name)
	if err != nil || !until.After(time.Now()) {
		t.Fatalf("until %s, %v", until, err)
	}
	return token
}

func TestALinkLetsChooseAPasswordOnce(t *testing.T) {
	a := newAccess(t, Config{})
	if err := a.AddInvited(t.Context(), "ada", scheduler("maria")); err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t, a)
	for _, password := range []string{"", good} {
		if status, _ := b.signIn("maria", password); status != http.StatusForbidden {
			t.Errorf("somebody without a password signs in by %q: %d", password, status)
		}
	}
	old := mustInvite(t, a, "maria")
	token := mustInvite(t, a, "maria")
	for _, wrong := range []string{"", "maria", "maria.", "nobody.x", "../x.y", old, token + "x"} {
		if u, err := a.Invited(t.Context(), wrong); !errors.Is(err, playlists.ErrDenied) {
			t.Errorf("%q opens %q, %v", wrong, u.Name, err)
		}
	}
	if status, text := b.get("/welcome", "token", token, "password", "short"); status != http.StatusForbidden {
		t.Errorf("a short password: %d %s", status, text)
	}
	if status, text := b.get("/welcome", "token", token, "password", chosen); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	b.wantMe("maria")
	if status, _ := newBrowser(t, a).get("/welcome", "token", token, "password", good); status != http.StatusForbidden {
		t.Errorf("a link works twice: %d", status)
	}
	other := newBrowser(t, a)
	if status, text := other.signIn("maria", chosen); status != http.StatusOK {
		t.Errorf("%d %s", status, text)
	}
}

func TestALinkEndsWithWhatItWasFor(t *testing.T) {
	for _, row := range []struct {
		what string
		then func(a *Access) error
	}{
		{"a password that somebody else set", func(a *Access) error { return a.SetPassword(t.Context(), "ada", "maria", chosen) }},
		{"a leaver", func(a *Access) error {
			u := scheduler("maria")
			u.Disabled = true
			return a.SetUser(t.Context(), "ada", u, "", 0)
		}},
		{"a leaver who came back", func(a *Access) error {
			u := scheduler("maria")
			u.Disabled = true
			if err := a.SetUser(t.Context(), "ada", u, "", 0); err != nil {
				return err
			}
			return a.SetUser(t.Context(), "ada", scheduler("maria"), "", 0)
		}},
		{"somebody removed", func(a *Access) error { return a.RemoveUser(t.Context(), "ada", "maria", 0) }},
	} {
		t.Run(row.what, func(t *testing.T) {
			a := newAccess(t, Config{})
			mustAdd(t, a, administrator("ada"), scheduler("maria"))
			token := mustInvite(t, a, "maria")
			if err := row.then(a); err != nil {
				t.Fatal(err)
			}
			if _, err := a.Invited(t.Context(), token); !errors.Is(err, playlists.ErrDenied) {
				t.Errorf("the link still works: %v", err)
			}
		})
	}
	a := newAccess(t, Config{})
	u := scheduler("maria")
	u.Disabled = true
	mustAdd(t, a, u)
	if _, _, err := a.Invite(t.Context(), "ada", "maria"); !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("a leaver gets a link: %v", err)
	}
	if _, _, err := a.Invite(t.Context(), "ada", "nobody"); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("nobody gets a link: %v", err)
	}
}

func TestALinkWorksForAWeek(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccess(t, Config{})
		mustAdd(t, a, scheduler("maria"))
		token := mustInvite(t, a, "maria")
		time.Sleep(7*24*time.Hour - time.Minute)
		if u, err := a.Invited(t.Context(), token); err != nil || u.Name != "maria" {
			t.Errorf("after almost a week: %q, %v", u.Name, err)
		}
		time.Sleep(time.Minute)
		if _, err := a.Invited(t.Context(), token); !errors.Is(err, playlists.ErrDenied) {
			t.Errorf("after a week: %v", err)
		}
	})
}
