package access

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"anteroom/playlists"
	"anteroom/playlists/playliststest/fuzztest"
)

func TestHashesAreArgon2idAndSalted(t *testing.T) {
	h := newHasher(cheap())
	one, err := h.hash(t.Context(), good)
	if err != nil || !strings.HasPrefix(one, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Fatalf("hash is %s, %v", one, err)
	}
	if two, _ := h.hash(t.Context(), good); two == one {
		t.Error("two hashes of a password are the same")
	}
	for password, want := range map[string]bool{good: true, good + " ": false, "": false} {
		if ok, old, err := h.matches(t.Context(), one, password); ok != want || old || err != nil {
			t.Errorf("%q matches: %v, old %v, %v", password, ok, old, err)
		}
	}
	if newHasher(Cost{}).cost != DefaultCost() {
		t.Error("the zero cost is not the default")
	}
}

// The reference implementation's own example: argon2 command line, "password", "somesalt".
func TestHashesOfOthersMatch(t *testing.T) {
	const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, old, err := newHasher(cheap()).matches(t.Context(), reference, "password"); !ok || !old || err != nil {
		t.Errorf("matches %v, old %v, %v; want a match that is worth renewing", ok, old, err)
	}
}

func TestTwoHashingsAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(cheap())
		h.slots <- struct{}{}
		h.slots <- struct{}{}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		var first, second error
		wg.Go(func() { _, first = h.hash(ctx, good) })
		synctest.Wait()
		cancel()
		wg.Wait()
		if !errors.Is(first, context.Canceled) {
			t.Errorf("a third hashing ran beside two others, or ended with %v", first)
		}
		wg.Go(func() { _, second = h.hash(t.Context(), good) })
		synctest.Wait()
		<-h.slots
		wg.Wait()
		if second != nil || len(h.slots) != 1 {
			t.Errorf("after one had ended: %v, %d are running", second, len(h.slots))
		}
	})
}

func TestDamagedHashesAreRefused(t *testing.T) {
	h := newHasher(cheap())
	for _, s := range []string{
		"", "$", "plain", "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=18$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=64,t=1,p=0$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=64,t=1,p=1$$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$", "$argon2id$v=19$m=64,t=1,p=1,x=2$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
	} {
		if _, _, err := h.matches(t.Context(), s, ""); !errors.Is(err, playlists.ErrInvalid) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func FuzzPHC(f *testing.F) {
	g := fuzztest.New(f)
	g.Add("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	g.Add("$argon2id$v=19$m=64,t=1,p=1$$")
	g.Add("$argon2id$v=19$m=10,t=1,p=1$00000000000$00000000000000\r000000000")
	g.Fuzz(func(t *testing.T, s string) {
		p, err := parsePHC(s)
		if err == nil && p.String() != s {
			t.Fatalf("%q reads as %q", s, p)
		}
		if err == nil && (p.KiB > mostKiB || p.Passes > mostPasses || len(p.salt) < 8 || len(p.key) < 16) {
			t.Fatalf("%q asks for %+v", s, p.Cost)
		}
	})
}
