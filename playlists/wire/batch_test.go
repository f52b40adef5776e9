package wire_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"anteroom/playlists"
	"anteroom/playlists/playliststest/fuzztest"
	"anteroom/playlists/wire"
)

const stream playlists.StreamID = "00112233445566778899aabbccddeeff"

var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func public(seed byte) ed25519.PublicKey { return key(seed).Public().(ed25519.PublicKey) }

// alike are plays as a screen makes them: fifteen seconds each, with the jitter of the glass.
func alike(n int) []playlists.Play {
	plays := make([]playlists.Play, n)
	for i := range plays {
		start := monday.Add(time.Duration(i)*15*time.Second + time.Duration(i%17)*time.Millisecond)
		plays[i] = playlists.Play{
			Seq: uint64(i + 1), Screen: "cardiology-window", Item: "know-your-numbers", Version: 3, Language: "en",
			Asset: wire.DigestOf([]byte("asset")), Body: wire.DigestOf([]byte("body")), Window: "weekdays", Region: "main",
			Start: start, Offset: -18000, Quality: playlists.ClockSynced, Boot: "6f0a7c1e-3f1b-4a53-9a52-2f6a3b8f5d11",
			Mono: start.Sub(monday).Milliseconds() + 86400000, Shown: 15000 - int64(i%23), Planned: 15000,
			Outcome: playlists.Complete, Display: playlists.DisplayOn,
		}
	}
	return plays
}

func batch(t testing.TB, plays []playlists.Play) wire.Batch {
	t.Helper()
	start, err := wire.ChainStart(stream)
	if err != nil {
		t.Fatal(err)
	}
	b, err := wire.NewBatch(key(1), stream, start, plays)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSixtyFourAlikePlaysTakeTenBytesEach(t *testing.T) {
	frame, err := wire.EncodeBatch(batch(t, alike(64)))
	if err != nil {
		t.Fatal(err)
	}
	if perPlay := float64(len(frame)) / 64; perPlay > 10 {
		t.Errorf("got %.1f bytes a play, want at most 10", perPlay)
	}
	packed := wire.PackPlays(alike(10000))
	if perPlay := float64(len(packed)) / 10000; perPlay > 6 {
		t.Errorf("got %.2f bytes a play for 10,000, want at most 6", perPlay)
	}
}

func TestBatchComesBackAsItWasSent(t *testing.T) {
	sent := batch(t, alike(64))
	frame, err := wire.EncodeBatch(sent)
	if err != nil {
		t.Fatal(err)
	}
	got, err := wire.DecodeBatch(frame)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sent, got); diff != "" {
		t.Error(diff)
	}
	if err := got.Verify(public(1)); err != nil {
		t.Error(err)
	}
}

func TestBatchThatWasTamperedWithIsRefused(t *testing.T) {
	for name, tamper := range map[string]func(*wire.Batch){
		"a play shown longer":      func(b *wire.Batch) { b.Plays[3].Shown++ },
		"a play left out":          func(b *wire.Batch) { b.Plays = append(b.Plays[:3:3], b.Plays[4:]...) },
		"a play twice":             func(b *wire.Batch) { b.Plays[4] = b.Plays[3] },
		"two plays exchanged":      func(b *wire.Batch) { b.Plays[3], b.Plays[4] = b.Plays[4], b.Plays[3] },
		"another outcome":          func(b *wire.Batch) { b.Plays[0].Outcome = playlists.Truncated },
		"another screen":           func(b *wire.Batch) { b.Plays[7].Screen = "lobby" },
		"the last play cut off":    func(b *wire.Batch) { b.Plays = b.Plays[:7] },
		"another stream":           func(b *wire.Batch) { b.Stream = "ff112233445566778899aabbccddeeff" },
		"moved up by one":          func(b *wire.Batch) { b.First, b.Last = b.First+1, b.Last+1 },
		"another chain before":     func(b *wire.Batch) { b.Before = bytes.Repeat([]byte{7}, 32) },
		"another chain after":      func(b *wire.Batch) { b.After[0]++ },
		"another player's name":    func(b *wire.Batch) { b.Player = wire.PlayerIDOf(public(2)) },
		"signed by another player": func(b *wire.Batch) { b.Signature = ed25519.Sign(key(2), []byte("x")) },
		"no plays":                 func(b *wire.Batch) { b.Plays = nil },
		"a gap of more than there": func(b *wire.Batch) { b.Plays[0].Gap, b.Plays[0].Lost = "lost", 5 },
	} {
		t.Run(name, func(t *testing.T) {
			b := batch(t, alike(8))
			tamper(&b)
			err := b.Verify(public(1))
			if !errors.Is(err, playlists.ErrInvalid) && !errors.Is(err, playlists.ErrDenied) {
				t.Errorf("got %v, want a refusal", err)
			}
		})
	}
}

func TestGapStandsForLostNumbers(t *testing.T) {
	plays := alike(3)
	plays[1].Gap, plays[1].Lost, plays[1].Seq = "the disk lost them", 5, 6
	plays[2].Seq = 7
	b := batch(t, plays)
	if b.First != 1 || b.Last != 7 {
		t.Errorf("got plays %d to %d, want 1 to 7", b.First, b.Last)
	}
	if err := b.Verify(public(1)); err != nil {
		t.Error(err)
	}
}

func TestBatchRefusesWhatCannotBe(t *testing.T) {
	for name, spoil := range map[string]func(*playlists.Play){
		"shown for less than nothing":  func(p *playlists.Play) { p.Shown = -1 },
		"planned for a month":          func(p *playlists.Play) { p.Planned = 31 * 24 * 3600 * 1000 },
		"begun in the year 10000":      func(p *playlists.Play) { p.Start = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"a zone of 30 hours":           func(p *playlists.Play) { p.Offset = 30 * 3600 },
		"a region that is not UTF-8":   func(p *playlists.Play) { p.Region = "\xff" },
		"a reason of a thousand bytes": func(p *playlists.Play) { p.Gap = strings.Repeat("x", 1000) },
	} {
		t.Run(name, func(t *testing.T) {
			plays := alike(2)
			spoil(&plays[1])
			frame, err := wire.EncodeBatch(batch(t, plays))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := wire.DecodeBatch(frame); !errors.Is(err, playlists.ErrInvalid) {
				t.Errorf("got %v, want ErrInvalid", err)
			}
		})
	}
}

func TestBatchOfMoreThanFitsIsRefused(t *testing.T) {
	plays := alike(wire.MaxBatch)
	for i := range plays {
		plays[i].Item = playlists.ItemID(fmt.Sprintf("x%063d", i))
	}
	if _, err := wire.EncodeBatch(batch(t, plays)); !errors.Is(err, playlists.ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid for more than a frame", err)
	}
}

// anyPlay draws plays with every field anywhere, as stores may hold them.
func anyPlay(t *rapid.T) playlists.Play {
	text := rapid.SampledFrom([]string{"", "a", "main", "cafe", "weekdays", "CAFE", "\xff\xfe", strings.Repeat("0123456789abcdef", 4)})
	return playlists.Play{
		Seq: rapid.Uint64().Draw(t, "seq"), Screen: playlists.ScreenID(text.Draw(t, "screen")),
		Item: playlists.ItemID(text.Draw(t, "item")), Version: rapid.Int().Draw(t, "version"),
		Language: playlists.Language(text.Draw(t, "language")), Asset: playlists.Digest(text.Draw(t, "asset")),
		Body: playlists.Digest(text.Draw(t, "body")), Window: playlists.WindowID(text.Draw(t, "window")),
		Takeover: playlists.TakeoverID(text.Draw(t, "takeover")), Region: text.Draw(t, "region"),
		Start:  time.UnixMilli(rapid.Int64Range(-1<<45, 1<<45).Draw(t, "start")).UTC(),
		Offset: rapid.Int().Draw(t, "offset"), Quality: playlists.ClockQuality(text.Draw(t, "quality")),
		Boot: playlists.BootID(text.Draw(t, "boot")), Mono: rapid.Int64().Draw(t, "mono"),
		Shown: rapid.Int64().Draw(t, "shown"), Planned: rapid.Int64().Draw(t, "planned"),
		Outcome: playlists.Outcome(text.Draw(t, "outcome")), Display: playlists.DisplayState(text.Draw(t, "display")),
		Resumed: rapid.Bool().Draw(t, "resumed"), Condensed: rapid.Int().Draw(t, "condensed"),
		Gap: text.Draw(t, "gap"), Lost: rapid.Int().Draw(t, "lost"),
	}
}

func TestPackedPlaysComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plays := rapid.SliceOfN(rapid.Custom(anyPlay), 0, 40).Draw(t, "plays")
		got, err := wire.UnpackPlays(wire.PackPlays(plays))
		if err != nil {
			t.Fatal(err)
		}
		if len(plays) == 0 && len(got) == 0 {
			return
		}
		if diff := cmp.Diff(plays, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

// The chain must tell any two plays apart, and must not depend on how they were packed.
func TestChainHoldsEveryField(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyPlay(t), anyPlay(t)
		prev := []byte("before")
		if same := bytes.Equal(wire.Chain(prev, a), wire.Chain(prev, b)); same != cmp.Equal(a, b) {
			t.Fatalf("chain the same: %v, plays the same: %v", same, !same)
		}
		back, err := wire.UnpackPlays(wire.PackPlays([]playlists.Play{b, a}))
		if err != nil || !bytes.Equal(wire.Chain(prev, a), wire.Chain(prev, back[1])) {
			t.Fatalf("the chain changed with the packing (%v)", err)
		}
	})
}

// A change of this value breaks every journal and store in the field.
func TestChainIsTheSameForEver(t *testing.T) {
	start, err := wire.ChainStart(stream)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%x", wire.Chain(start, alike(1)[0]))
	if want := "0790be8b912785312f3f717060df90985b577af32233533dad688cafa093e00e"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzUnpackPlays(f *testing.F) {
	g := fuzztest.New(f)
	g.Add(wire.PackPlays(alike(3)))
	g.Add([]byte{1, 0, 0, 255, 255, 255, 255, 15})
	g.Fuzz(func(t *testing.T, b []byte) {
		plays, err := wire.UnpackPlays(b)
		if err != nil {
			if !errors.Is(err, playlists.ErrInvalid) {
				t.Fatalf("got %v, want ErrInvalid", err)
			}
			return
		}
		again, err := wire.UnpackPlays(wire.PackPlays(plays))
		if err != nil || !cmp.Equal(plays, again) {
			t.Fatalf("what was read does not survive packing: %v\n%s", err, cmp.Diff(plays, again))
		}
	})
}

func FuzzDecodeBatch(f *testing.F) {
	g, public := fuzztest.New(f), public(1)
	frame, err := wire.EncodeBatch(batch(f, alike(3)))
	if err != nil {
		f.Fatal(err)
	}
	g.Add(frame)
	g.Fuzz(func(t *testing.T, frame []byte) {
		b, err := wire.DecodeBatch(frame)
		if err != nil {
			if !errors.Is(err, playlists.ErrInvalid) {
				t.Fatalf("got %v, want ErrInvalid", err)
			}
			return
		}
		if len(b.Plays) > wire.MaxBatch {
			t.Fatalf("got %d plays", len(b.Plays))
		}
		_ = b.Verify(public) // must not panic
	})
}

func BenchmarkPackPlays(b *testing.B) {
	plays := alike(64)
	for b.Loop() {
		wire.PackPlays(plays)
	}
}

func BenchmarkVerifyBatch(b *testing.B) {
	signed := batch(b, alike(64))
	for b.Loop() {
		if err := signed.Verify(public(1)); err != nil {
			b.Fatal(err)
		}
	}
}
