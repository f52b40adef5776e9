package stage

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"anteroom/player/playback"
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
	f.Add([]byte(`{"scene":{"id":1,"at":5,"regions":[{"name":"main","w":1,"h":1,"turn":7}]}}`))
	f.Add([]byte(`{"snapshot":"/a.jpg"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
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
		o := newOutbox()
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
		o := newOutbox()
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
