package content_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"anteroom/controller/content"
	"anteroom/playlists/playliststest/faulttest"
)

func TestMain(m *testing.M) {
	faulttest.Main(m, map[string]faulttest.Operation{"content put": putAndRemove})
}

func blob(n int) []byte { return bytes.Repeat(fmt.Appendf(nil, "asset %d ", n), 5000) }

// putAndRemove stores assets, "ask 2" and "have 2", and removes each one before the last, "drop 1".
func putAndRemove(c *faulttest.Child) error {
	var opened *content.Content
	err := c.Try(func() (err error) {
		opened, err = content.Open(c.Dir)
		return err
	})
	if err != nil {
		return err
	}
	for n := 1; n <= 4; n++ {
		c.Say("ask %d", n)
		err := c.Try(func() error {
			_, _, err := opened.Put(context.Background(), bytes.NewReader(blob(n)))
			return err
		})
		if err != nil {
			return err
		}
		c.Say("have %d", n)
		if n%2 == 0 {
			c.Say("drop %d", n-1)
			if err := c.Try(func() error { return opened.Remove(digestOf(blob(n - 1))) }); err != nil {
				return err
			}
		}
	}
	return nil
}

func TestFaultsOfPut(t *testing.T) {
	faulttest.Campaign{Operation: "content put", Check: func(t *testing.T, dir string, said []string) {
		asked, had, dropped := map[int]bool{}, map[int]bool{}, map[int]bool{}
		for _, line := range said {
			var word string
			var n int
			_, _ = fmt.Sscanf(line, "%s %d", &word, &n)
			map[string]map[int]bool{"ask": asked, "have": had, "drop": dropped}[word][n] = true
		}
		c := open(t, dir)
		for n := 1; n <= 4; n++ {
			digest := digestOf(blob(n))
			is := c.Has(digest)
			if is && !asked[n] || !is && had[n] && !dropped[n] {
				t.Errorf("asset %d is there: %v; asked for %v, had %v, dropped %v", n, is, asked[n], had[n], dropped[n])
			}
			if err := c.Verify(t.Context(), digest); is && err != nil {
				t.Errorf("asset %d: %v", n, err)
			}
			if _, _, err := c.Put(t.Context(), bytes.NewReader(blob(n))); err != nil || !c.Has(digest) {
				t.Errorf("asset %d again: %v", n, err)
			}
		}
		if left := files(t, dir); len(left) != 4 {
			t.Errorf("left over: %v", left)
		}
	}}.Run(t)
}
