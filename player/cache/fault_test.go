package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"anteroom/playlists"
	"anteroom/playlists/playliststest/faulttest"
	"anteroom/playlists/wire"
)

func TestMain(m *testing.M) {
	faulttest.Main(m, map[string]faulttest.Operation{
		"commit of assets": commitAssets,
		"switch of heads":  switchHeads,
		"collection":       collect,
		"verification":     verifyAll,
	})
}

// opens a cache as a player does, again and again if need be.
func opens(c *faulttest.Child) (opened *Cache, err error) {
	err = c.Try(func() error {
		opened, err = Open(Config{Dir: c.Dir, Log: slog.New(slog.DiscardHandler), Free: func(string) (int64, error) { return 1 << 40, nil }})
		return err
	})
	return opened, err
}

// commitAssets downloads pictures: "ask 2", and once it is there "have 2".
func commitAssets(c *faulttest.Child) error {
	cached, err := opens(c)
	if err != nil {
		return err
	}
	for n := range byte(3) {
		b := picture(n)
		c.Say("ask %d", n)
		if err := c.Try(func() error {
			return cached.Get(context.Background(), assetOf(b), (&server{answers: []answer{honest(b)}}).fetch)
		}); err != nil {
			return err
		}
		c.Say("have %d", n)
	}
	return nil
}

// body is the n-th of some bodies: only its digest matters here.
func body(n int) []byte { return fmt.Appendf(nil, "body %d", n) }

func head(n int) wire.Signed {
	return wire.Signed{Bytes: fmt.Appendf(nil, "head %d", n), Signature: []byte("signature")}
}

// switchHeads takes one head after another: kept, and then current.
func switchHeads(c *faulttest.Child) error {
	cached, err := opens(c)
	if err != nil {
		return err
	}
	for n := 1; n <= 4; n++ {
		c.Say("ask %d", n)
		for _, step := range []func() error{
			func() error { return cached.SaveBody(wire.DigestOf(body(n)), body(n)) },
			func() error { return cached.Save(Offered, head(n)) },
			cached.Promote,
		} {
			if err := c.Try(step); err != nil {
				return err
			}
		}
		c.Say("have %d", n)
		// Like the player, it keeps the bodies of this head and the one before.
		cached.Collect(map[playlists.Digest]bool{wire.DigestOf(body(n)): true, wire.DigestOf(body(n - 1)): true})
	}
	return nil
}

// collect removes all but two of the assets and bodies that are there.
func collect(c *faulttest.Child) error {
	cached, err := opens(c)
	if err != nil {
		return err
	}
	cached.Mark(map[playlists.Digest]bool{wire.DigestOf(picture(1)): true, wire.DigestOf(picture(3)): true})
	cached.Collect(map[playlists.Digest]bool{wire.DigestOf(body(1)): true, wire.DigestOf(body(3)): true})
	c.Say("collected")
	return nil
}

// verifyAll gives the path of every asset, as a player does that has just started.
func verifyAll(c *faulttest.Child) error {
	cached, err := opens(c)
	if err != nil {
		return err
	}
	for n := range byte(6) {
		err := c.Try(func() error {
			if _, ok := cached.Path(wire.DigestOf(picture(n))); !ok {
				return ErrWrong
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// numbers are the greatest that a child asked for, and had.
func numbers(t *testing.T, said []string) (asked, had int) {
	t.Helper()
	asked, had = -1, -1
	for _, line := range said {
		var n int
		if _, err := fmt.Sscanf(line, "ask %d", &n); err == nil {
			asked = n
		} else if _, err := fmt.Sscanf(line, "have %d", &n); err == nil {
			had = n
		} else {
			t.Fatalf("the child said %q", line)
		}
	}
	return asked, had
}

func TestFaultsOfCommit(t *testing.T) {
	faulttest.Campaign{Operation: "commit of assets", Check: func(t *testing.T, dir string, said []string) {
		asked, had := numbers(t, said)
		c := open(t, dir)
		for n := range 3 {
			b := picture(byte(n))
			path, ok := c.Path(wire.DigestOf(b))
			if ok && n > asked || !ok && n <= had {
				t.Errorf("picture %d is there: %v; asked for up to %d, had up to %d", n, ok, asked, had)
			}
			if found, err := os.ReadFile(path); ok && (err != nil || !bytes.Equal(found, b)) {
				t.Errorf("picture %d is another: %v", n, err)
			}
			s := &server{answers: []answer{honest(b)}}
			if err := c.Get(t.Context(), assetOf(b), s.fetch); err != nil || ok && len(s.offsets) > 0 {
				t.Errorf("picture %d, asked for again: %v, fetched from %v", n, err, s.offsets)
			}
		}
		if used, _ := c.Usage(); used != int64(len(picture(0))+len(picture(1))+len(picture(2))) {
			t.Errorf("%d bytes are used", used)
		}
		leftovers(t, dir)
	}}.Run(t)
}

// leftovers are files that nothing would ever remove.
func leftovers(t *testing.T, dir string) {
	t.Helper()
	for _, pattern := range []string{"temp/*", "assets/*/.*", "assets/*/*.temp"} {
		if names, _ := filepath.Glob(filepath.Join(dir, pattern)); len(names) > 0 {
			t.Errorf("left over: %v", names)
		}
	}
}

func TestFaultsOfHeadSwitch(t *testing.T) {
	faulttest.Campaign{Operation: "switch of heads", Check: func(t *testing.T, dir string, said []string) {
		asked, had := numbers(t, said)
		asked = max(0, asked)
		c := open(t, dir)
		now, was, offered := headIn(t, c, Current), headIn(t, c, Previous), headIn(t, c, Offered)
		if had > 0 && now < had || now > asked || offered > asked {
			t.Errorf("heads: %d current, %d offered; asked for %d, had %d", now, offered, asked, had)
		}
		if now > 1 && was != now-1 && (was != now || offered == now) {
			t.Errorf("heads: %d current, %d before it, %d offered", now, was, offered)
		}
		if _, err := os.Stat(filepath.Join(dir, "bodies", string(wire.DigestOf(body(now))))); now > 0 && err != nil {
			t.Errorf("body of the current head: %v", err)
		}
		if offered > 0 {
			if err := c.Promote(); err != nil || headIn(t, c, Current) != offered || headIn(t, c, Offered) > 0 {
				t.Errorf("head %d is not taken: %v", offered, err)
			}
		}
	}}.Run(t)
}

// headIn is the number of the head under a name; 0 if there is none.
func headIn(t *testing.T, c *Cache, n Name) int {
	t.Helper()
	s, err := c.Load(n)
	if errors.Is(err, playlists.ErrNotFound) {
		return 0
	}
	var number int
	if _, scan := fmt.Sscanf(string(s.Bytes), "head %d", &number); err != nil || scan != nil {
		t.Errorf("%s: %q, %v", n, s.Bytes, err)
	}
	return number
}

// prepare downloads six pictures and saves six bodies.
func prepare(t *testing.T, dir string) {
	c := open(t, dir)
	for n := range 6 {
		b := picture(byte(n))
		err := c.Get(t.Context(), assetOf(b), (&server{answers: []answer{honest(b)}}).fetch)
		if err = errors.Join(err, c.SaveBody(wire.DigestOf(body(n)), body(n))); err != nil {
			t.Fatal(err)
		}
	}
}

// A disk that refuses once takes no asset from a player, which may have no link to fetch it again.
func TestFaultsOfVerification(t *testing.T) {
	faulttest.Campaign{Operation: "verification", Prepare: prepare, Check: func(t *testing.T, dir string, _ []string) {
		c := open(t, dir)
		for n := range byte(6) {
			if _, ok := c.Path(wire.DigestOf(picture(n))); !ok {
				t.Errorf("picture %d is gone", n)
			}
		}
	}}.Run(t)
}

func TestFaultsOfCollection(t *testing.T) {
	faulttest.Campaign{
		Operation: "collection",
		Prepare:   prepare,
		Check: func(t *testing.T, dir string, _ []string) {
			c := open(t, dir)
			for _, n := range []int{1, 3} {
				if _, ok := c.Path(wire.DigestOf(picture(byte(n)))); !ok {
					t.Errorf("picture %d is gone, which was in use", n)
				}
				if enc, err := os.ReadFile(filepath.Join(dir, "bodies", string(wire.DigestOf(body(n))))); err != nil || !bytes.Equal(enc, body(n)) {
					t.Errorf("body %d: %v", n, err)
				}
			}
		},
	}.Run(t)
}
