package identity_test

import (
	"crypto/ed25519"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"anteroom/player/identity"
)

func TestLook(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "identity")
	look := func(want identity.Seen) {
		t.Helper()
		got, err := identity.Look(dir)
		if err != nil || got.Made != want.Made || got.Screen != want.Screen || !slices.Equal(got.Damaged, want.Damaged) {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	}
	look(identity.Seen{})
	if _, err := os.Stat(dir); err == nil {
		t.Error("looking made an identity")
	}
	i, err := identity.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	look(identity.Seen{Made: true})
	public, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := i.Pin(public, "lobby"); err != nil {
		t.Fatal(err)
	}
	look(identity.Seen{Made: true, Screen: "lobby"})
	if err := os.WriteFile(filepath.Join(dir, "identity.json"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	look(identity.Seen{Made: true, Screen: "lobby", Damaged: []string{"identity.json"}})
	if b, err := os.ReadFile(filepath.Join(dir, "identity.json")); err != nil || len(b) > 0 {
		t.Errorf("looking mended it: %q, %v", b, err)
	}
}
