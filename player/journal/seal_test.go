package journal

import (
	"bytes"
	"errors"
	"testing"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// A checksum says that a value is as it was written, and not that it makes sense.
func FuzzUnsealPlay(f *testing.F) {
	f.Add(uint64(1), wire.PackPlays([]playlists.Play{{Seq: 1, Screen: "lobby", Item: "flu", Outcome: playlists.Complete}}))
	f.Add(uint64(2), []byte{})
	f.Fuzz(func(t *testing.T, seq uint64, packed []byte) {
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
	f.Add([]byte("key"), seal([]byte("key"), []byte("value")))
	f.Add([]byte{}, []byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, key, sealed []byte) {
		value, err := unseal(key, sealed)
		if err == nil && !bytes.Equal(seal(key, value), sealed) {
			t.Fatal("a value that was never sealed")
		}
	})
}
