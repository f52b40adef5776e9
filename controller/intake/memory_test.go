package intake_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"anteroom/controller/intake"
	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// nothing is a store that knows no stream.
type nothing struct{ store.Plays }

func (nothing) Watermark(context.Context, playlists.StreamID) (store.Watermark, error) {
	return store.Watermark{}, nil
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestAPlayerThatInventsAMillionStreamsCostsNothing(t *testing.T) {
	i, err := intake.New(intake.Config{Store: nothing{}})
	if err != nil {
		t.Fatal(err)
	}
	before := heap()
	for n := range 1_000_000 {
		stream := playlists.StreamID(fmt.Sprintf("%032x", n))
		if _, err := i.Resume(t.Context(), "00112233445566778899aabbccddeeff", stream, wire.State{Kept: uint64(n + 1)}); err != nil {
			t.Fatal(err)
		}
	}
	if grown := heap() - before; grown > 256<<10 {
		t.Errorf("the intake has grown by %d bytes, want less than 256 KiB", grown)
	}
	runtime.KeepAlive(i)
}

func TestAPlayerBeginsStreamsOneAnHour(t *testing.T) {
	root := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, root)
		defer s.close()
		hostile, other := newMachine("hostile"), newMachine("other")
		begin := func(m *machine) error {
			m.renew()
			m.show(1, 0)
			_, err := s.send(m.batch(0, 1), m.key)
			return err
		}
		taken := 0
		for range 1000 {
			err := begin(hostile)
			if err == nil {
				taken++
			} else if !errors.Is(err, intake.ErrTooManyStreams) {
				t.Fatal(err)
			}
		}
		if taken != 32 {
			t.Errorf("%d streams of 1000 taken, want 32", taken)
		}
		if len(s.alarms) != 1 {
			t.Errorf("alarms: %q, want one", s.alarms)
		}
		if err := begin(other); err != nil {
			t.Errorf("another player's stream: %v", err)
		}
		hostile.made = 31 // the newest stream that was taken
		hostile.renew()
		hostile.show(2, 0)
		if ack, err := s.send(hostile.batch(0, 2), hostile.key); err != nil || ack.Through != 2 {
			t.Errorf("more plays of a stream that is known: %+v, %v", ack, err)
		}
		time.Sleep(time.Hour)
		hostile.made = 5000
		if first, second := begin(hostile), begin(hostile); first != nil || !errors.Is(second, intake.ErrTooManyStreams) {
			t.Errorf("an hour later: %v, then %v; want one more", first, second)
		}
	})
}

// TestAFailingDiskUsesUpNobodysStreams: a new player tries again and again while the disk is full.
func TestAFailingDiskUsesUpNobodysStreams(t *testing.T) {
	full := errors.New("no space left on device")
	over := &spy{before: func([]store.Batch) error { return full }}
	s := spied(t, over)
	m := newMachine("new")
	m.show(1, 0)
	for range 100 {
		if _, err := s.send(m.batch(0, 1), m.key); !errors.Is(err, full) {
			t.Fatalf("got %v, want the store's error", err)
		}
	}
	over.before = nil
	if ack, err := s.send(m.batch(0, 1), m.key); err != nil || ack.Through != 1 {
		t.Errorf("after the disk has room again: %+v, %v", ack, err)
	}
}
