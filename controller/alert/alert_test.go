package alert_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"anteroom/controller/alert"
	"anteroom/controller/store"
	"anteroom/controller/store/bolt"
	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/slide"
	"anteroom/playlists/wire"
)

type house struct {
	*alert.Alerts

	t      *testing.T
	store  store.Store
	key    ed25519.PrivateKey
	now    time.Time
	nudged []wire.Signed
}

func open(t *testing.T) *house {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, key: key, now: time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC)}
	h.store, err = bolt.Open(t.Context(), bolt.Config{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if closed := h.store.Close(); closed != nil {
			t.Error(closed)
		}
	})
	err = h.store.Update(t.Context(), func(tx store.Tx) error {
		body, failed := json.Marshal(playlists.Organisation{Name: "Lakeside", Brand: playliststest.Brand()})
		if failed != nil {
			return failed
		}
		_, failed = tx.Put("organisation", "organisation", 0, "ada", body)
		return failed
	})
	if err != nil {
		t.Fatal(err)
	}
	h.start()
	return h
}

// start makes the alerts, as after a restart.
func (h *house) start() {
	h.t.Helper()
	var err error
	h.Alerts, err = alert.New(h.t.Context(), alert.Config{
		Store: h.store, Key: h.key, Now: func() time.Time { return h.now },
		Nudge: func(s wire.Signed) { h.nudged = append(h.nudged, s) },
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// order is a water main burst at the main building, in two languages.
func order() alert.Order {
	return alert.Order{
		Severity: playlists.Emergency, Targets: []playlists.Target{{Site: "main"}}, By: "maria",
		Words: []alert.Words{
			{Language: "en", Title: "Water main burst", Text: "Stay where you are."},
			{Language: "es", Title: "Rotura de tubería", Text: "Quédese donde está."},
		},
	}
}

func (h *house) begin(o alert.Order) alert.Takeover {
	h.t.Helper()
	t, err := h.Start(h.t.Context(), o)
	if err != nil {
		h.t.Fatal(err)
	}
	return t
}

// TestAClockThatIsSetBackHidesNoTakeover: it goes on, ends when it would have, and one that is over stays so.
func TestAClockThatIsSetBackHidesNoTakeover(t *testing.T) {
	for _, back := range []time.Duration{10 * time.Second, time.Hour, 134 * 365 * 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			h := open(t)
			var ahead atomic.Int64
			ahead.Store(int64(200 * 365 * 24 * time.Hour))
			now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
			var err error
			h.Alerts, err = alert.New(t.Context(), alert.Config{Store: h.store, Key: h.key, Now: now})
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- h.Run(ctx) }()
			over := h.begin(order())
			if err := h.Clear(ctx, over.ID, "maria"); err != nil {
				t.Fatal(err)
			}
			meant := h.begin(order())
			time.Sleep(10 * time.Minute)
			ahead.Add(-int64(back))
			time.Sleep(time.Minute)
			on, err := h.InForce(ctx)
			if err != nil || len(on) != 1 || on[0].ID != meant.ID || !on[0].On(now()) {
				t.Fatalf("%v back: %+v in force, %v", back, on, err)
			}
			if left := on[0].Until.Sub(now()); (left - 49*time.Minute).Abs() > 10*time.Second {
				t.Errorf("%v back: it has %v left, want 49 min", back, left)
			}
			if sent := h.document().Takeovers; len(sent) != 1 || !sent[0].Until.Equal(on[0].Until) || sent[0].From.After(now()) {
				t.Errorf("%v back: players have %+v", back, sent)
			}
			time.Sleep(50 * time.Minute)
			if on, err := h.InForce(ctx); err != nil || len(on) != 0 {
				t.Errorf("%v back: an hour after the start %+v is in force, %v", back, on, err)
			}
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

// document is what players have.
func (h *house) document() playlists.Takeovers {
	h.t.Helper()
	signed, ok := h.Signed()
	if !ok {
		h.t.Fatal("no document")
	}
	public, _ := h.key.Public().(ed25519.PublicKey)
	ts, err := wire.OpenTakeovers(public, signed)
	if err != nil {
		h.t.Fatal(err)
	}
	return ts
}

func (h *house) on() []playlists.TakeoverID {
	var ids []playlists.TakeoverID
	for _, t := range h.document().Takeovers {
		ids = append(ids, t.ID)
	}
	return ids
}

func TestTakeoverReachesPlayersAndEnds(t *testing.T) {
	h := open(t)
	if _, ok := h.Signed(); ok {
		t.Error("there is a document before the first takeover")
	}
	first := h.begin(order())
	ts := h.document()
	if len(h.nudged) != 1 || len(ts.Takeovers) != 1 || ts.Takeovers[0].Until != h.now.Add(time.Hour) {
		t.Fatalf("nudged %d times with %+v, want once, for an hour", len(h.nudged), ts.Takeovers)
	}
	for i, language := range []playlists.Language{"en", "es"} {
		words, err := slide.Decode(ts.Takeovers[0].Slides[i].Slide)
		if err != nil || words.Template != slide.Urgent || words.Language != language || words.Brand != playliststest.Brand() {
			t.Errorf("slide %d: %+v, %v", i, words, err)
		}
	}
	number := ts.Number
	h.now = h.now.Add(20 * time.Minute)
	second := h.begin(order())
	if got := h.on(); !slices.Equal(got, []playlists.TakeoverID{first.ID, second.ID}) {
		t.Errorf("in force %v, want both", got)
	}
	if err := h.Clear(t.Context(), first.ID, "mo"); err != nil {
		t.Fatal(err)
	}
	h.start()
	if got := h.on(); !slices.Equal(got, []playlists.TakeoverID{second.ID}) {
		t.Errorf("in force %v after one was cleared and a restart, want the other", got)
	}
	if err := h.ClearAll(t.Context(), "mo"); err != nil {
		t.Fatal(err)
	}
	if got := h.document(); len(got.Takeovers) != 0 || got.Number <= number+1 {
		t.Errorf("all clear is %+v, want nothing under a number above %d", got, number+1)
	}
	cleared, err := h.Get(t.Context(), first.ID)
	if err != nil || cleared.ClearedBy != "mo" || cleared.By != "maria" {
		t.Errorf("kept as %+v, %v", cleared, err)
	}
}

func TestTakeoversEndByThemselves(t *testing.T) {
	h := open(t)
	o := order()
	o.For = 5 * time.Minute
	h.begin(o)
	h.now = h.now.Add(5 * time.Minute)
	on, err := h.InForce(t.Context())
	if err != nil || len(on) != 0 {
		t.Errorf("in force after its end: %v, %v", on, err)
	}
	later := h.begin(order())
	if got := h.on(); !slices.Equal(got, []playlists.TakeoverID{later.ID}) {
		t.Errorf("the document carries %v, want only the new one", got)
	}
}

func TestNumbersGrowThroughARestoredStore(t *testing.T) {
	h := open(t)
	for range 3 {
		h.begin(order())
	}
	number := h.document().Number
	restored := open(t) // a store that knows nothing of the three
	restored.now = h.now.Add(time.Minute)
	restored.begin(order())
	if got := restored.document().Number; got <= number {
		t.Errorf("number %d after the restore; players that know %d would not take it", got, number)
	}
}

func TestOrdersThatAreRefused(t *testing.T) {
	for _, test := range []struct {
		what   string
		change func(*alert.Order)
	}{
		{"no slides", func(o *alert.Order) { o.Words = nil }},
		{"a slide without a title", func(o *alert.Order) { o.Words[1].Title = "" }},
		{"a slide without a language", func(o *alert.Order) { o.Words[0].Language = "" }},
		{"no targets", func(o *alert.Order) { o.Targets = nil }},
		{"a target that names nothing", func(o *alert.Order) { o.Targets = []playlists.Target{{}} }},
		{"longer than a day", func(o *alert.Order) { o.For = 24*time.Hour + time.Minute }},
		{"shorter than a minute", func(o *alert.Order) { o.For = time.Second }},
		{"a past", func(o *alert.Order) { o.For = -time.Hour }},
		{"no severity", func(o *alert.Order) { o.Severity = 0 }},
	} {
		t.Run(test.what, func(t *testing.T) {
			h := open(t)
			o := order()
			test.change(&o)
			if _, err := h.Start(t.Context(), o); !errors.Is(err, playlists.ErrInvalid) {
				t.Errorf("got %v, want ErrInvalid", err)
			}
			if _, ok := h.Signed(); ok || len(h.nudged) > 0 {
				t.Error("players heard of it")
			}
		})
	}
}

func TestOneDocumentFitsAFrame(t *testing.T) {
	h := open(t)
	o := order()
	o.Words = nil
	for i := range 12 {
		o.Words = append(o.Words, alert.Words{Language: playlists.Language(fmt.Sprintf("en-x-%d", i)), Title: "Evacuate", Text: strings.Repeat("out ", 70)})
	}
	var err error
	for n := 0; err == nil && n < 100; n++ {
		_, err = h.Start(t.Context(), o)
	}
	if !errors.Is(err, playlists.ErrInvalid) {
		t.Fatalf("got %v, want a refusal in time", err)
	}
	signed, _ := h.Signed()
	frame, err := wire.Encode(wire.Envelope{Takeovers: &signed})
	if err != nil || len(frame) > wire.MaxFrame {
		t.Errorf("a frame of %d bytes, %v", len(frame), err)
	}
}

func TestThePastHasTrueEnds(t *testing.T) {
	h := open(t)
	began := h.now
	t1 := h.begin(order())
	h.now = began.Add(10 * time.Minute)
	if err := h.Clear(t.Context(), t1.ID, "mo"); err != nil {
		t.Fatal(err)
	}
	ts, err := h.Between(t.Context(), began.Add(-time.Hour), began.Add(2*time.Hour))
	if err != nil || ts == nil || len(ts.Takeovers) != 1 || !ts.Takeovers[0].Until.Equal(began.Add(10*time.Minute)) {
		t.Errorf("got %+v, %v: want one that ended when it was cleared", ts, err)
	}
	if ts, err := h.Between(t.Context(), began.Add(11*time.Minute), began.Add(2*time.Hour)); ts != nil || err != nil {
		t.Errorf("after it was cleared: %+v, %v", ts, err)
	}
	if err := h.Clear(t.Context(), "tko-none", "mo"); !errors.Is(err, playlists.ErrNotFound) {
		t.Errorf("clearing what never was: %v, want ErrNotFound", err)
	}
}
