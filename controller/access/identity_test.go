package access

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"anteroom/playlists"
)

// fromHospital is somebody who comes from the hospital's provider.
func fromHospital(subject, account string) Identity {
	return Identity{Issuer: "https://login.st-mary.example", Subject: subject, Account: account}
}

func invited(name, account string) User {
	u := scheduler(name)
	u.Account = account
	return u
}

// arrives signs in by the provider, in a browser of their own.
func (b *browser) arrives(id Identity) (status int, text string) {
	b.t.Helper()
	return b.get("/by", "issuer", id.Issuer, "subject", id.Subject, "account", id.Account)
}

func TestOnlyWhoWasAddedComesInByTheProvider(t *testing.T) {
	a := newAccess(t, Config{})
	mustAdd(t, a, administrator("ada"))
	if err := a.AddInvited(t.Context(), "ada", invited("maria", "Maria.Lopez@st-mary.example")); err != nil {
		t.Fatal(err)
	}
	maria := fromHospital("u-17", "maria.lopez@st-mary.example")
	b := newBrowser(t, a)
	for _, row := range []struct {
		what string
		id   Identity
		says string
	}{
		{"nobody knows", fromHospital("u-99", "eve@st-mary.example"), "has no access"},
		{"has a password here", fromHospital("u-98", "ada"), "has no access"},
	} {
		if status, text := b.arrives(row.id); status != http.StatusForbidden || !strings.Contains(text, row.says) {
			t.Errorf("whom %s: %d %s", row.what, status, text)
		}
	}
	if status, text := b.arrives(maria); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	b.wantMe("maria")
	// The account's name goes to somebody else, and Maria gets another.
	if status, text := newBrowser(t, a).arrives(fromHospital("u-18", maria.Account)); status != http.StatusForbidden || !strings.Contains(text, "another person has had") {
		t.Errorf("another with the same name: %d %s", status, text)
	}
	if status, text := newBrowser(t, a).arrives(fromHospital("u-17", "m.smith@st-mary.example")); status != http.StatusOK {
		t.Errorf("the same with another name: %d %s", status, text)
	}
	other := fromHospital("u-17", maria.Account)
	other.Issuer = "https://login.example.com"
	if status, _ := newBrowser(t, a).arrives(other); status != http.StatusForbidden {
		t.Errorf("from another provider: %d", status)
	}
}

func TestWhoComesByTheProviderHasNothingElse(t *testing.T) {
	a := newAccess(t, Config{})
	mustAdd(t, a, administrator("ada"), scheduler("maria"))
	b := newBrowser(t, a)
	if status, text := b.signIn("maria", good); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	if err := a.SetUser(t.Context(), "ada", invited("maria", "maria@st-mary.example"), "", 0); err != nil {
		t.Fatal(err)
	}
	b.wantMe("") // the session from before has ended
	if status, _ := b.signIn("maria", good); status != http.StatusForbidden {
		t.Errorf("the password from before signs in: %d", status)
	}
	if _, _, err := a.Invite(t.Context(), "ada", "maria"); !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("a link for a password: %v", err)
	}
	if err := a.SetPassword(t.Context(), "ada", "maria", chosen); !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("a password: %v", err)
	}
	ctx := NewContext(t.Context(), invited("maria", "maria@st-mary.example").Actor)
	if _, _, err := a.MakeToken(ctx, "export", Scope{ReadOnly: true}, time.Now().Add(time.Hour)); !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("a token: %v", err)
	}
	if err := a.AddInvited(t.Context(), "ada", invited("mary", "MARIA@st-mary.example")); !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("two people with one account: %v", err)
	}
	if status, text := b.arrives(fromHospital("u-17", "maria@st-mary.example")); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	b.wantMe("maria")
	// Back to a password: who came from the provider is out.
	if err := a.SetUser(t.Context(), "ada", scheduler("maria"), "", 0); err != nil {
		t.Fatal(err)
	}
	b.wantMe("")
	if status, _ := b.arrives(fromHospital("u-17", "maria@st-mary.example")); status != http.StatusForbidden {
		t.Errorf("by an account that was taken away: %d", status)
	}
}

// TestALeaverIsOut: at once if Anteroom is told, within the hour if only the provider is.
func TestALeaverIsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAccess(t, Config{})
		mustAdd(t, a, administrator("ada"))
		if err := a.AddInvited(t.Context(), "ada", invited("maria", "maria@st-mary.example")); err != nil {
			t.Fatal(err)
		}
		maria := fromHospital("u-17", "maria@st-mary.example")
		b := newBrowser(t, a)
		b.arrives(maria)
		for range 59 {
			time.Sleep(time.Minute)
			b.wantMe("maria")
		}
		time.Sleep(2 * time.Minute)
		b.wantMe("") // from here on the provider decides anew
		b.arrives(maria)
		u := invited("maria", "maria@st-mary.example")
		u.Disabled = true
		if err := a.SetUser(t.Context(), "ada", u, "", 0); err != nil {
			t.Fatal(err)
		}
		b.wantMe("")
		if status, text := b.arrives(maria); status != http.StatusForbidden || !strings.Contains(text, "has ended") {
			t.Errorf("a leaver: %d %s", status, text)
		}
	})
}
