package journal

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"anteroom/playlists"
	"anteroom/playlists/playliststest/fuzztest"
	"anteroom/playlists/wire"
)

// A checksum says that a value is as it was written, and not that it makes sense.
func FuzzUnsealPlay(f *testing.F) {
	g := fuzztest.New(f)
	g.Add(uint64(1), wire.PackPlays([]playlists.Play{{Seq: 1, Screen: "lobby", Item: "flu", Outcome: playlists.Complete}}))
	g.Add(uint64(2), []byte{})
	g.Fuzz(func(t *testing.T, seq uint64, packed []byte) {
		key := number(seq)
		p, err := unsealPlay(key, seal(key, packed))
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatalf("got %v", err)
			}
			return
		}
		if p.Seq != seq {
			t.Fatalf("key %d gave play %d", seq, p.Seq)
		}
		if b := wire.PackPlays([]playlists.Play{p}); !bytes.Equal(b, packed) {
			if q, err := unsealPlay(key, seal(key, b)); err != nil || wire.Chain(nil, q) == nil {
				t.Fatalf("read, but not written again: %v", err)
			}
		}
	})
}

func FuzzUnseal(f *testing.F) {
	g := fuzztest.New(f)
	g.Add([]byte("key"), seal([]byte("key"), []byte("value")))
	g.Add([]byte{}, []byte{1, 2, 3})
	g.Fuzz(func(t *testing.T, key, sealed []byte) {
		value, err := unseal(key, sealed)
		if err == nil && !bytes.Equal(seal(key, value), sealed) {
			t.Fatal("a value that was never sealed")
		}
	})
}

func FuzzReadWritten(f *testing.F) {
	g := fuzztest.New(f)
	g.Add([]byte(`{"n":1,"turn":7,"play":{"screen":"lobby","item":"flu"}}`), []byte(`{"n":2}`))
	g.Add([]byte(`{"n":2}`), []byte(`{"n":1}`))
	g.Fuzz(func(t *testing.T, one, two []byte) {
		lines := fmt.Appendf(nil, "%08x %s\n%08x %s\n", checksum(nil, one), one, checksum(nil, two), two)
		steps, _ := readWritten(append(lines, one...))
		for i := 1; i < len(steps); i++ {
			if steps[i].N <= steps[i-1].N {
				t.Fatalf("step %d comes after %d", steps[i].N, steps[i-1].N)
			}
		}
	})
}
