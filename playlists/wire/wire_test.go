package wire_test

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tyler-smith/go-bip39/wordlists"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/playliststest/fuzztest"
	"anteroom/playlists/wire"
)

func challenge() wire.Challenge {
	return wire.Challenge{
		Version: 1, Controller: wire.ControllerIDOf(public(9)), Key: public(9), Nonce: slices.Repeat([]byte{1}, wire.NonceSize),
	}
}

func hello(c wire.Challenge) wire.Hello {
	h := wire.Hello{
		Version: 1, Player: wire.PlayerIDOf(public(1)), Key: public(1), Nonce: slices.Repeat([]byte{2}, wire.NonceSize),
		Stream: stream, Paired: true, Software: "1.0",
		State:     wire.State{Screen: "lobby", Generation: 4, Journal: 17, Chain: make([]byte, 32)},
		Abilities: playlists.Abilities{Width: 1920, Height: 1080, Decoders: []string{"h264"}},
	}
	h.Signature = ed25519.Sign(key(1), wire.HelloBytes(c, h))
	return h
}

func welcome(c wire.Challenge, h wire.Hello) wire.Welcome {
	return wire.Welcome{
		Screen: "lobby", Signature: ed25519.Sign(key(9), wire.WelcomeBytes(c, h)), SpreadMillis: 5000,
		Bearer: wire.Bearer{Token: "t", Expires: monday},
	}
}

func messages() map[string]wire.Envelope {
	c := challenge()
	h := hello(c)
	w := welcome(c, h)
	signed := wire.Signed{Bytes: []byte("{}"), Signature: make([]byte, 64)}
	return map[string]wire.Envelope{
		"challenge": {Challenge: &c},
		"hello":     {Hello: &h},
		"welcome":   {Welcome: &w},
		"pair":      {Pair: &wire.Pair{Code: "BCDFGHJK", Expires: monday}},
		"paired":    {Pair: &wire.Pair{Paired: true}},
		"head":      {Head: &signed},
		"takeovers": {Takeovers: &signed},
		"time":      {Time: &wire.TimeExchange{T1: 1, T2: 2, T3: 3}},
		"ack":       {Ack: &wire.Ack{Stream: stream, Through: 7, Want: 3}},
		"snapshot":  {Snapshot: &wire.SnapshotOrder{ID: "abc"}},
		"bearer":    {Bearer: &wire.Bearer{Token: "t", Expires: monday}},
		"revoked":   {Revoked: &wire.Revoked{Signature: make([]byte, 64)}},
		"order":     {Order: &wire.Order{ID: "a", Do: wire.Identify, Name: "By the window", Lines: []string{"Paediatrics"}, Signature: make([]byte, 64)}},
		"drawn":     {Drawn: &wire.Drawn{Number: 3, Takeover: "tko-1", At: monday}},
		"heartbeat": {Heartbeat: &wire.Heartbeat{At: monday, Health: wire.Health{Stage: "drawing", Notes: []string{"hot"}, Unkept: &wire.Unkept{Run: "R1", Plays: 7}, Done: &wire.Done{ID: "a", Do: wire.Reload, At: monday}}}},
	}
}

func TestEveryMessageComesBackAsItWasSent(t *testing.T) {
	for name, sent := range messages() {
		t.Run(name, func(t *testing.T) {
			b, err := wire.Encode(sent)
			if err != nil {
				t.Fatal(err)
			}
			got, err := wire.Decode(b)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(sent, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		frame string
		want  error
	}{
		"nothing":                                  {``, playlists.ErrInvalid},
		"a captive portal's page":                  {`<html>Welcome to Guest Wi-Fi</html>`, playlists.ErrInvalid},
		"a number":                                 {`7`, playlists.ErrInvalid},
		"two messages in one":                      {`{"time":{"t1":1},"pair":{}}`, playlists.ErrInvalid},
		"a message of a later version":             {`{"confetti":{"colour":"red"}}`, wire.ErrUnknown},
		"an empty message":                         {`{}`, wire.ErrUnknown},
		"a challenge without a key":                {`{"challenge":{"controller":"00112233445566778899aabbccddeeff"}}`, playlists.ErrInvalid},
		"an ack of no stream":                      {`{"ack":{"through":9}}`, playlists.ErrInvalid},
		"a snapshot with a path for id":            {`{"snapshot":{"id":"../../etc"}}`, playlists.ErrInvalid},
		"a hello without a signature":              {`{"hello":{"player":"00112233445566778899aabbccddeeff"}}`, playlists.ErrInvalid},
		"a head without a signature":               {`{"head":{"bytes":"e30="}}`, playlists.ErrInvalid},
		"notes without end":                        {`{"heartbeat":{"health":{"notes":["` + strings.Repeat(`a","`, 20) + `"]}}}`, playlists.ErrInvalid},
		"a welcome that spreads a year":            {`{"welcome":{"screen":"a","signature":"` + strings.Repeat("A", 86) + `==","spread_millis":31536000000}}`, playlists.ErrInvalid},
		"an order of nobody":                       {`{"order":{"id":"a","do":"identify"}}`, playlists.ErrInvalid},
		"an order to write a book":                 {`{"order":{"id":"a","do":"identify","lines":["1","2","3","4","5"],"signature":"` + strings.Repeat("A", 86) + `=="}}`, playlists.ErrInvalid},
		"an order to do nothing":                   {`{"order":{"id":"a","signature":"` + strings.Repeat("A", 86) + `=="}}`, playlists.ErrInvalid},
		"an order carried out under a path":        {`{"heartbeat":{"health":{"stage":"drawing","done":{"id":"../a"}}}}`, playlists.ErrInvalid},
		"plays lost by no run":                     {`{"heartbeat":{"health":{"stage":"drawing","unkept":{"plays":7}}}}`, playlists.ErrInvalid},
		"more plays lost than there is memory for": {`{"heartbeat":{"health":{"stage":"drawing","unkept":{"run":"a","plays":16777217}}}}`, playlists.ErrInvalid},
		"more than a frame":                        {`{"pair":{"code":"` + strings.Repeat("A", wire.MaxFrame) + `"}}`, playlists.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := wire.Decode([]byte(c.frame)); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestEncodeRefusesNoneOrTwo(t *testing.T) {
	for _, e := range []wire.Envelope{{}, {Pair: &wire.Pair{}, Time: &wire.TimeExchange{}}} {
		if _, err := wire.Encode(e); !errors.Is(err, playlists.ErrInvalid) {
			t.Errorf("got %v, want ErrInvalid", err)
		}
	}
}

func TestHeartbeatIsCutToWhatTheOtherSideTakes(t *testing.T) {
	h := wire.Heartbeat{Health: wire.Health{
		Notes:    slices.Repeat([]string{strings.Repeat("é", 400)}, 20),
		Showing:  slices.Repeat([]wire.NowShowing{{Title: strings.Repeat("題", 400)}}, 40),
		Next:     slices.Repeat([]wire.NowShowing{{Title: strings.Repeat("題", 400)}}, 40),
		SetAside: slices.Repeat([]playlists.Digest{wire.DigestOf(nil)}, 200),
	}}
	b, err := wire.Encode(wire.Envelope{Heartbeat: h.Clipped()})
	if err != nil {
		t.Fatal(err)
	}
	got, err := wire.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsRune(got.Heartbeat.Health.Notes[0], '\uFFFD') {
		t.Error("a note was cut inside a letter")
	}
	if len(h.Health.Notes[0]) != 800 {
		t.Error("the original was changed")
	}
}

func TestHelloProvesThePlayer(t *testing.T) {
	other := challenge()
	other.Nonce[0]++
	for name, c := range map[string]struct {
		spoil   func(*wire.Hello)
		against wire.Challenge
		ok      bool
	}{
		"as it was signed":        {func(*wire.Hello) {}, challenge(), true},
		"replayed on a new nonce": {func(*wire.Hello) {}, other, false},
		"under another name":      {func(h *wire.Hello) { h.Player = wire.PlayerIDOf(public(2)) }, challenge(), false},
		"with another key":        {func(h *wire.Hello) { h.Key, h.Player = public(2), wire.PlayerIDOf(public(2)) }, challenge(), false},
		"of another stream":       {func(h *wire.Hello) { h.Stream = "ff112233445566778899aabbccddeeff" }, challenge(), false},
		"with another nonce":      {func(h *wire.Hello) { h.Nonce = make([]byte, 32) }, challenge(), false},
		"with no key":             {func(h *wire.Hello) { h.Key = nil }, challenge(), false},
		"signed as a welcome": {func(h *wire.Hello) {
			h.Signature = ed25519.Sign(key(1), wire.WelcomeBytes(challenge(), *h))
		}, challenge(), false},
	} {
		t.Run(name, func(t *testing.T) {
			h := hello(challenge())
			c.spoil(&h)
			if err := h.Verify(c.against); (err == nil) != c.ok {
				t.Errorf("got %v, want ok %v", err, c.ok)
			}
		})
	}
}

func TestWelcomeProvesTheController(t *testing.T) {
	c := challenge()
	h := hello(c)
	w := welcome(c, h)
	if err := w.Verify(c, h); err != nil {
		t.Error(err)
	}
	revoked := wire.Revoked{Signature: w.Signature}
	if revoked.Verify(c, h) == nil {
		t.Error("a welcome passed for a revocation")
	}
	replayed := hello(c)
	replayed.Nonce = make([]byte, 32)
	if w.Verify(c, replayed) == nil {
		t.Error("a welcome passed for another hello")
	}
	posing := c
	posing.Controller = wire.ControllerIDOf(public(8))
	if w.Verify(posing, h) == nil {
		t.Error("a controller passed under another's name")
	}
}

func TestOrderProvesTheController(t *testing.T) {
	c := challenge()
	h := hello(c)
	other := hello(c)
	other.Nonce = make([]byte, 32)
	for name, row := range map[string]struct {
		spoil   func(*wire.Order)
		against wire.Hello
		ok      bool
	}{
		"as it was signed":            {func(*wire.Order) {}, h, true},
		"replayed by another link":    {func(*wire.Order) {}, other, false},
		"under another id":            {func(o *wire.Order) { o.ID = "again" }, h, false},
		"to do something else":        {func(o *wire.Order) { o.Do = wire.Reload }, h, false},
		"to write another name":       {func(o *wire.Order) { o.Name = "Leave the building" }, h, false},
		"with a line more":            {func(o *wire.Order) { o.Lines = append(o.Lines, "x") }, h, false},
		"with two lines run together": {func(o *wire.Order) { o.Lines = []string{"PaediatricsMain building"} }, h, false},
		"signed as a revocation":      {func(o *wire.Order) { o.Signature = ed25519.Sign(key(9), wire.RevokedBytes(c, h)) }, h, false},
		"signed by another controller": {func(o *wire.Order) {
			*o = wire.SignOrder(key(8), c, h, *o)
		}, h, false},
	} {
		t.Run(name, func(t *testing.T) {
			o := wire.SignOrder(key(9), c, h, wire.Order{
				ID: "a", Do: wire.Identify, Name: "By the window", Lines: []string{"Paediatrics", "Main building"},
			})
			row.spoil(&o)
			if err := o.Verify(c, row.against); (err == nil) != row.ok {
				t.Errorf("got %v, want ok %v", err, row.ok)
			}
		})
	}
}

func TestHeadAndTakeoversProveTheController(t *testing.T) {
	head := playlists.Head{
		Controller: wire.ControllerIDOf(public(9)), Screen: "lobby", Generation: 3, Body: wire.DigestOf(nil), From: monday, IssuedAt: monday,
	}
	signed, err := wire.SignHead(key(9), head)
	if err != nil {
		t.Fatal(err)
	}
	got, err := wire.OpenHead(public(9), signed)
	if err != nil || !cmp.Equal(got, head) {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := wire.OpenHead(public(8), signed); !errors.Is(err, playlists.ErrDenied) {
		t.Errorf("another controller's key: got %v, want ErrDenied", err)
	}
	if _, err := wire.OpenTakeovers(public(9), signed); !errors.Is(err, playlists.ErrDenied) {
		t.Errorf("a head as takeovers: got %v, want ErrDenied", err)
	}
	signed.Bytes[20]++
	if _, err := wire.OpenHead(public(9), signed); !errors.Is(err, playlists.ErrDenied) {
		t.Errorf("a changed byte: got %v, want ErrDenied", err)
	}
	head.Controller = wire.ControllerIDOf(public(8))
	strange, err := wire.SignHead(key(9), head)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wire.OpenHead(public(9), strange); !errors.Is(err, playlists.ErrDenied) {
		t.Errorf("a head in another controller's name: got %v, want ErrDenied", err)
	}
}

func TestTakeoversComeBack(t *testing.T) {
	doc := playlists.Takeovers{
		Controller: wire.ControllerIDOf(public(9)), Number: 4, IssuedAt: monday,
		Takeovers: []playlists.Takeover{{
			ID: "tko-1", Severity: playlists.Emergency, From: monday, Until: monday.Add(time.Hour), Targets: []playlists.Target{{All: true}},
			Slides: []playlists.TakeoverSlide{{Language: "en", Slide: []byte(`{"title":"Leave by the stairs"}`)}},
		}},
	}
	signed, err := wire.SignTakeovers(key(9), doc)
	if err != nil {
		t.Fatal(err)
	}
	got, err := wire.OpenTakeovers(public(9), signed)
	if err != nil || !cmp.Equal(got, doc) {
		t.Errorf("got %v, %v", got, err)
	}
}

// People compare these words; another list or order would have them refuse good players.
func TestWords(t *testing.T) {
	for _, c := range []struct {
		controller, player byte
		want               string
	}{
		{9, 1, "joke salmon upset invest author sorry"},
		{9, 2, "say burst vehicle despair artwork damp"},
		{8, 1, "brown snack involve equal strike smart"},
	} {
		if got := strings.Join(wire.Words(public(c.controller), public(c.player)), " "); got != c.want {
			t.Errorf("words of controller %d and player %d: got %q, want %q", c.controller, c.player, got, c.want)
		}
	}
	if n := len(wordlists.English); n != 2048 {
		t.Errorf("got %d words to choose from, want 2,048", n)
	}
}

func TestComeBack(t *testing.T) {
	for code, want := range map[int]bool{
		wire.CloseGoingAway: true, wire.CloseReplaced: true, wire.CloseTooSlow: true, wire.CloseBadMessage: true,
		wire.CloseRevoked: false, wire.CloseVersion: false, wire.CloseIdentity: false,
		1000: true, 1006: true,
	} {
		if got := wire.ComeBack(code); got != want {
			t.Errorf("code %d: got %v, want %v", code, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	g := fuzztest.New(f)
	for _, e := range messages() {
		b, err := wire.Encode(e)
		if err != nil {
			f.Fatal(err)
		}
		g.Add(b)
	}
	g.Fuzz(func(t *testing.T, frame []byte) {
		e, err := wire.Decode(frame)
		if err != nil {
			if !errors.Is(err, playlists.ErrInvalid) && !errors.Is(err, wire.ErrUnknown) {
				t.Fatalf("got %v", err)
			}
			return
		}
		b, err := wire.Encode(e)
		if err != nil && len(frame) < wire.MaxFrame/8 {
			t.Fatalf("read, but cannot be written: %v", err)
		}
		if _, err := wire.Decode(b); err != nil && len(frame) < wire.MaxFrame/8 {
			t.Fatalf("written, but cannot be read: %v", err)
		}
	})
}

func FuzzDecodeBody(f *testing.F) {
	g := fuzztest.New(f)
	for _, body := range []*playlists.Body{
		{Format: playlists.BodyFormat, Filler: -1, Closed: -1},
		playliststest.Body(f, playliststest.CardiologyDoor), playliststest.Body(f, playliststest.Outpatients),
	} {
		b, _, err := wire.EncodeBody(body)
		if err != nil {
			f.Fatal(err)
		}
		g.Add(b)
	}
	g.Fuzz(func(t *testing.T, enc []byte) {
		if _, err := wire.DecodeBody(enc); err != nil && !errors.Is(err, playlists.ErrInvalid) {
			t.Fatalf("got %v, want ErrInvalid", err)
		}
	})
}

// Even what is signed is read with care: a controller may have been broken into. Inputs are not signed, as
// that would take most of the time.
func FuzzHead(f *testing.F) {
	g, public := fuzztest.New(f), public(9)
	good, err := wire.SignHead(key(9), playlists.Head{
		Controller: wire.ControllerIDOf(public), Screen: "lobby", Generation: 3, Body: wire.DigestOf(nil), From: monday, IssuedAt: monday,
	})
	if err != nil {
		f.Fatal(err)
	}
	g.Add(good.Bytes)
	g.Add([]byte(`{"generation":-1}`))
	g.Fuzz(func(t *testing.T, b []byte) {
		head, err := wire.ReadHead(public, b)
		if err != nil {
			if !errors.Is(err, playlists.ErrInvalid) && !errors.Is(err, playlists.ErrDenied) {
				t.Fatalf("got %v", err)
			}
			return
		}
		again, err := json.Marshal(head)
		if err != nil {
			t.Fatalf("read, but cannot be written: %v", err)
		}
		if got, err := wire.ReadHead(public, again); err != nil || !cmp.Equal(got, head) {
			t.Fatalf("got %+v, %v, want %+v", got, err, head)
		}
	})
}

func FuzzTakeovers(f *testing.F) {
	g, public := fuzztest.New(f), public(9)
	good, err := wire.SignTakeovers(key(9), playlists.Takeovers{
		Controller: wire.ControllerIDOf(public), Number: 4, IssuedAt: monday,
		Takeovers: []playlists.Takeover{{
			ID: "tko-1", Severity: playlists.Emergency, From: monday, Until: monday.Add(time.Hour), Targets: []playlists.Target{{All: true}},
			Slides: []playlists.TakeoverSlide{{Language: "en", Slide: []byte(`{"title":"Leave by the stairs"}`)}},
		}},
	})
	if err != nil {
		f.Fatal(err)
	}
	g.Add(good.Bytes)
	g.Add([]byte(`{"takeovers":[{}]}`))
	g.Fuzz(func(t *testing.T, b []byte) {
		ts, err := wire.ReadTakeovers(public, b)
		if err != nil {
			if !errors.Is(err, playlists.ErrInvalid) && !errors.Is(err, playlists.ErrDenied) {
				t.Fatalf("got %v", err)
			}
			return
		}
		p, err := playlists.NewProgramme(nil, &ts)
		if err != nil {
			return
		}
		if next := p.Next(monday); !next.After(monday) {
			t.Fatalf("the next change after %v is at %v", monday, next)
		}
		p.At(monday)
	})
}

// A player of this version verifies orders of later controllers: what is signed never changes.
func TestBytesOfAnOrder(t *testing.T) {
	c := challenge()
	b := wire.OrderBytes(c, hello(c), wire.Order{ID: "a", Do: wire.Identify, Name: "By the window", Lines: []string{"Paediatrics"}})
	if got, want := string(wire.DigestOf(b)), "038987c3c60e59a9dc2039df6e4cd5a3ab1a2cced93c2578142f58c11990778a"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
