package stage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"anteroom/player/account"
	"anteroom/player/playback"
	"anteroom/playlists/playliststest/fuzztest"
)

func TestAnUnreadableOrderIsPassedOver(t *testing.T) {
	in := strings.Join([]string{`{"scene":{"id":1}}`, `{"scene":`, `{}`, `{"snapshot":"/a.jpg"}`}, "\n")
	orders := make(chan playback.Order, 8)
	complaints := 0
	if err := readOrders(strings.NewReader(in), orders, func(error) { complaints++ }); err != nil {
		t.Fatal(err)
	}
	if len(orders) != 2 || complaints != 2 {
		t.Errorf("%d orders, %d complaints", len(orders), complaints)
	}
}

func FuzzDecodeOrder(f *testing.F) {
	g := fuzztest.New(f)
	g.Add([]byte(`{"scene":{"id":1,"at":5,"regions":[{"name":"main","w":1,"h":1,"turn":7}]}}`))
	g.Add([]byte(`{"snapshot":"/a.jpg"}`))
	g.Fuzz(func(t *testing.T, b []byte) {
		if o, err := decodeOrder(b); err == nil && o.Scene == nil && o.Snapshot == "" {
			t.Fatal("an empty order passed")
		}
	})
}

// slow is a reader that takes nothing until it is let go.
type slow struct {
	bytes.Buffer

	gate chan struct{}
}

func (s *slow) Write(p []byte) (int, error) {
	<-s.gate
	return s.Buffer.Write(p)
}

func TestABlockedAgentLosesBeatsAndNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &slow{gate: make(chan struct{})}
		o := newOutbox(nil, &truth{})
		ctx, cancel := context.WithCancel(t.Context())
		go o.run(ctx, w, func(err error) { t.Error(err) })
		o.send(playback.Event{Snapshot: "first"})
		synctest.Wait()
		for i := range 2000 {
			o.send(playback.Event{Beat: &playback.Beat{At: int64(i)}})
			if i%4 == 0 {
				o.send(playback.Event{Drawn: &playback.Drawn{Turn: uint64(i)}})
			}
		}
		close(w.gate)
		o.send(playback.Event{Snapshot: "last"})
		synctest.Wait()
		cancel()
		synctest.Wait()
		if got := strings.Count(w.String(), `"drawn"`); got != 500 {
			t.Errorf("%d of 500 turns were told of", got)
		}
		if got := strings.Count(w.String(), `"beat"`); got > most {
			t.Errorf("%d beats were kept", got)
		}
	})
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestAnAgentThatIsGoneIsMentionedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutbox(nil, &truth{})
		ctx, cancel := context.WithCancel(t.Context())
		complaints := 0
		go o.run(ctx, broken{}, func(error) { complaints++ })
		for range 5 {
			o.send(playback.Event{Snapshot: "a"})
			synctest.Wait()
		}
		cancel()
		synctest.Wait()
		if complaints != 1 {
			t.Errorf("%d complaints", complaints)
		}
	})
}

func TestSoftwareRenderersAreKnown(t *testing.T) {
	for renderer, want := range map[string]bool{
		"llvmpipe (LLVM 15.0.6, 256 bits)": true, "softpipe": true, "Google SwiftShader": true,
		"Mesa Intel(R) UHD Graphics 620 (KBL GT2)": false, "V3D 4.2": false, "NVIDIA T400/PCIe/SSE2": false,
	} {
		if got := softwareGL(renderer); got != want {
			t.Errorf("%s: %v", renderer, got)
		}
	}
}

// order notes what was on disk when the agent was told.
type order struct{ truth, book string }

func (o *order) Write(b []byte) (int, error) {
	log, err := os.ReadFile(o.truth)
	if err != nil {
		return 0, err
	}
	told, err := (&account.Account{Path: o.book}).Read()
	if err != nil || len(told) == 0 || !bytes.Contains(log, []byte(`"item@slot"`)) {
		return 0, fmt.Errorf("the agent hears %s; the account has %d events, the truth log is %q (%w)", b, len(told), log, err)
	}
	return len(b), nil
}

// TestTheAccountComesFirst: whoever hears of a turn finds it in account and truth; what waits when the
// stage ends is told; beats go into the account once no agent hears them.
func TestTheAccountComesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, err := account.New(t.TempDir(), 1)
		if err != nil {
			t.Fatal(err)
		}
		w, err := account.Open(a.Path)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		path := filepath.Join(t.TempDir(), "truth")
		log, err := openTruth(path)
		if err != nil {
			t.Fatal(err)
		}
		defer log.close()
		o := newOutbox(w, log)
		region := playback.RegionScene{Name: "main", Label: "item@slot"}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		o.drawn(playback.Drawn{Turn: 7, At: 10}, &region)
		o.send(playback.Event{Beat: &playback.Beat{At: 11}})
		o.run(ctx, &order{path, a.Path}, func(err error) { t.Error(err) })
		if told, err := a.Read(); err != nil || len(told) != 1 {
			t.Errorf("an agent listens, and the account has %d events (%v)", len(told), err)
		}
		for at := range int64(3) {
			o.send(playback.Event{Beat: &playback.Beat{At: 20 + at}})
		}
		o.run(ctx, broken{}, func(error) {})
		if told, err := a.Read(); err != nil || len(told) != 2 || told[1].Beat == nil || told[1].Beat.At != 22 {
			t.Errorf("nobody listens, and the account has %+v (%v)", told, err)
		}
	})
}
