package api_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"anteroom/playlists"
	"anteroom/playlists/playliststest"
	"anteroom/playlists/wire"
)

// screen is a player scripted at the level of the wire.
type screen struct {
	t      *testing.T
	house  *house
	key    ed25519.PrivateKey
	conn   *websocket.Conn
	bearer string
	id     playlists.ScreenID
}

func (h *house) screen() *screen {
	h.t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return &screen{t: h.t, house: h, key: key}
}

// dial connects and says hello.
func (s *screen) dial(state wire.State, paired bool) {
	s.t.Helper()
	dialer := websocket.Dialer{NetDialContext: s.house.network.Dial, Subprotocols: []string{wire.Subprotocol}}
	conn, response, err := dialer.DialContext(s.t.Context(), "ws://controller"+wire.LinkPath, nil)
	for response != nil && response.StatusCode == http.StatusServiceUnavailable { // players come back until the hub runs
		conn, response, err = dialer.DialContext(s.t.Context(), "ws://controller"+wire.LinkPath, nil)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { response.Body.Close() })
	s.conn = conn
	challenge := s.next(func(e wire.Envelope) bool { return e.Challenge != nil }).Challenge
	public, _ := s.key.Public().(ed25519.PublicKey)
	hello := wire.Hello{
		Version: wire.Version, Player: wire.PlayerIDOf(public), Key: public, Nonce: make([]byte, wire.NonceSize), Stream: playliststest.Stream,
		Paired: paired, State: state, Abilities: playlists.Abilities{Width: 1920, Height: 1080, Decoders: []string{"h264"}}, Software: "scripted",
	}
	if _, err := rand.Read(hello.Nonce); err != nil {
		s.t.Fatal(err)
	}
	hello.Signature = ed25519.Sign(s.key, wire.HelloBytes(*challenge, hello))
	s.send(wire.Envelope{Hello: &hello})
}

func (s *screen) send(e wire.Envelope) {
	s.t.Helper()
	b, err := wire.Encode(e)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.conn.WriteMessage(websocket.TextMessage, b); err != nil {
		s.t.Fatal(err)
	}
}

// next reads until a message fits.
func (s *screen) next(fits func(wire.Envelope) bool) wire.Envelope {
	s.t.Helper()
	for {
		_, b, err := s.conn.ReadMessage()
		if err != nil {
			s.t.Fatal(err)
		}
		e, err := wire.Decode(b)
		if err != nil {
			s.t.Fatal(err)
		}
		if fits(e) {
			return e
		}
	}
}

// pair lets staff choose a place for the screen, and waits for the welcome.
func (s *screen) pair(staff *person, id playlists.ScreenID) {
	s.t.Helper()
	s.dial(wire.State{}, false)
	code := s.next(func(e wire.Envelope) bool { return e.Pair != nil }).Pair.Code
	var waiting struct {
		Words  []string
		Width  int
		Player playlists.PlayerID
	}
	staff.do(http.MethodPost, "/api/v1/pairings/lookup", map[string]string{"code": strings.ToLower(code[:4] + "-" + code[4:])}).want(http.StatusOK).into(&waiting)
	if len(waiting.Words) != 6 || waiting.Width != 1920 {
		s.t.Errorf("staff see %+v", waiting)
	}
	staff.do(http.MethodPost, "/api/v1/pairings/claim", map[string]string{"code": code, "screen": string(id)}).want(http.StatusNoContent)
	s.bearer, s.id = s.next(func(e wire.Envelope) bool { return e.Welcome != nil }).Welcome.Bearer.Token, id
}

// head waits for the offer.
func (s *screen) head() playlists.Head {
	s.t.Helper()
	signed := s.next(func(e wire.Envelope) bool { return e.Head != nil }).Head
	var h playlists.Head
	decode(s.t, string(signed.Bytes), &h)
	return h
}

// fetch asks as a player does.
func (s *screen) fetch(method, path string, body any, headers ...string) answer {
	s.t.Helper()
	p := s.house.stranger()
	p.origin = ""
	return p.do(method, path, body, append(headers, "Authorization", "Bearer "+s.bearer)...)
}

func TestAScreenFromItsCodeToItsPlays(t *testing.T) {
	h := start(t)
	ada := h.admin()
	ada.furnish()
	ada.do(http.MethodPost, "/api/v1/publications", `{}`).want(http.StatusCreated)
	door := h.screen()
	door.pair(ada, playliststest.CardiologyDoor)
	head := door.head()

	var body playlists.Body
	fetched := door.fetch(http.MethodGet, wire.BodyPath+string(head.Body), nil).want(http.StatusOK)
	if wire.DigestOf([]byte(fetched.body)) != head.Body {
		t.Fatal("the body is not the one that the head names")
	}
	decode(t, fetched.body, &body)
	if body.Department != "cardiology" {
		t.Errorf("the body is of %s", body.Department)
	}
	font := body.Fonts[0]
	whole := door.fetch(http.MethodGet, wire.AssetPath+string(font), nil).want(http.StatusOK)
	if wire.DigestOf([]byte(whole.body)) != font {
		t.Error("the font is not what its digest says")
	}
	if part := door.fetch(http.MethodGet, wire.AssetPath+string(font), nil, "Range", "bytes=100-").want(http.StatusPartialContent); part.body != whole.body[100:] {
		t.Error("a resumed download differs")
	}
	if a := door.fetch(http.MethodHead, wire.AssetPath+string(font), nil).want(http.StatusOK); a.body != "" || a.header.Get("Content-Length") == "" {
		t.Errorf("HEAD: %q, %v", a.body, a.header)
	}
	door.refused(head, font)
	door.lookedAt(ada)
	door.counted(ada, head)

	ada.do(http.MethodPost, "/api/v1/screens/cardiology-door/revoke", nil).want(http.StatusNoContent)
	door.next(func(e wire.Envelope) bool { return e.Revoked != nil })
	door.fetch(http.MethodGet, wire.AssetPath+string(font), nil).want(http.StatusForbidden)
	if row := ada.row(playliststest.CardiologyDoor); row.State != "revoked" || row.StateText != "Cut off by staff" {
		t.Errorf("the fleet says %+v", row)
	}
	ada.do(http.MethodPost, "/api/v1/screens/cardiology-door/revoke", nil).want(http.StatusNotFound)
}

// refused holds what this player may not fetch, and nobody without its bearer may.
func (s *screen) refused(head playlists.Head, font playlists.Digest) {
	s.t.Helper()
	for what, a := range map[string]answer{
		"an asset of nobody":       s.fetch(http.MethodGet, wire.AssetPath+string(playliststest.Digest("x")), nil),
		"a path as a digest":       s.fetch(http.MethodGet, wire.AssetPath+"..%2f..%2fcontroller.key", nil),
		"an asset without bearer":  s.house.stranger().get(wire.AssetPath + string(font)),
		"a body with a forged one": s.house.stranger().get(wire.BodyPath+string(head.Body), "Authorization", "Bearer "+s.bearer+"x"),
		"staff's routes":           s.house.stranger().get("/api/v1/fleet", "Authorization", "Bearer "+s.bearer),
	} {
		if a.status != http.StatusForbidden && a.status != http.StatusUnauthorized && a.status != http.StatusNotFound {
			s.t.Errorf("%s: got %d", what, a.status)
		}
	}
}

// lookedAt sends a snapshot when somebody looks.
func (s *screen) lookedAt(staff *person) {
	s.t.Helper()
	path := "/api/v1/screens/" + string(s.id) + "/snapshot"
	staff.get(path).want(http.StatusNoContent)
	order := s.next(func(e wire.Envelope) bool { return e.Snapshot != nil }).Snapshot.ID
	jpeg := "\xff\xd8\xff\xe0 a small picture"
	s.fetch(http.MethodPut, wire.SnapshotPath+"another", jpeg, "Content-Type", "image/jpeg").want(http.StatusNotFound)
	s.fetch(http.MethodPut, wire.SnapshotPath+order, "no picture", "Content-Type", "image/jpeg").want(http.StatusUnprocessableEntity)
	s.fetch(http.MethodPut, wire.SnapshotPath+order, jpeg, "Content-Type", "image/jpeg").want(http.StatusNoContent)
	if a := staff.get(path).want(http.StatusOK); a.body != jpeg || a.header.Get("Content-Type") != "image/jpeg" {
		s.t.Errorf("staff see %q as %s", a.body, a.header.Get("Content-Type"))
	}
}

type fleetRow struct {
	ID         playlists.ScreenID
	State      string
	StateText  string `json:"state_text"`
	Showing    []struct{ Title string }
	PlaysToday int `json:"plays_today"`
	Generation uint64
	Offered    uint64
	Notes      []playlists.Remark
}

// row is a screen as the fleet shows it.
func (p *person) row(id playlists.ScreenID) fleetRow {
	p.t.Helper()
	var fleet struct{ Items []fleetRow }
	p.get("/api/v1/fleet").want(http.StatusOK).into(&fleet)
	for _, row := range fleet.Items {
		if row.ID == id {
			return row
		}
	}
	p.t.Fatalf("%s is not in the fleet", id)
	return fleetRow{}
}

// counted sends a heartbeat and two plays, and finds them wherever staff look.
func (s *screen) counted(staff *person, head playlists.Head) {
	s.t.Helper()
	began := time.Now().UTC().Truncate(time.Millisecond)
	s.send(wire.Envelope{Heartbeat: &wire.Heartbeat{
		At: began, State: wire.State{Screen: s.id, Generation: head.Generation, Body: head.Body},
		Health: wire.Health{
			Stage: "drawing", Clock: playlists.ClockSynced, Notes: []string{"The disk is nearly full"},
			Showing: []wire.NowShowing{{Region: "full", Item: "lake-at-dawn", Title: "The lake at dawn", Until: began.Add(time.Minute)}},
		},
	}})
	plays := []playlists.Play{playliststest.Play(1, began), playliststest.Play(2, began)}
	for i := range plays {
		plays[i].Screen, plays[i].Body, plays[i].Item = s.id, head.Body, "know-your-numbers"
	}
	s.sendPlays(plays)
	ack := s.next(func(e wire.Envelope) bool { return e.Ack != nil }).Ack
	if ack.Through != 2 {
		s.t.Fatalf("acknowledged through %d, want 2", ack.Through)
	}

	row := staff.rowWhen(s.id, func(r fleetRow) bool { return r.PlaysToday == 2 })
	if row.State != "playing" || row.StateText != "Playing and linked" || row.Generation != 1 || row.Offered != 1 || len(row.Showing) != 1 || len(row.Notes) != 1 {
		s.t.Errorf("the fleet says %+v", row)
	}
	var rep struct {
		Rows []struct {
			Key, Name       string
			Plays, Complete int
			Seconds         float64
		}
	}
	day := began.AddDate(0, 0, -1).Format(time.DateOnly)
	staff.get("/api/v1/reports/impressions?by=item&from=" + day + "&to=" + began.Format(time.DateOnly)).want(http.StatusOK).into(&rep)
	if len(rep.Rows) != 1 || rep.Rows[0].Key != "know-your-numbers" || rep.Rows[0].Name != "Know your numbers" || rep.Rows[0].Plays != 2 || rep.Rows[0].Seconds != 20 {
		s.t.Errorf("the report says %+v", rep.Rows)
	}
	var why struct {
		Plays []struct{ Title, Outcome string }
	}
	staff.get("/api/v1/screens/" + string(s.id) + "/why?at=" + began.Add(5*time.Second).Format(time.RFC3339)).want(http.StatusOK).into(&why)
	if len(why.Plays) != 1 || why.Plays[0].Title != "Know your numbers" {
		s.t.Errorf("recorded at that moment: %+v", why.Plays)
	}
	var evidence struct {
		Items []struct {
			Seq    int
			Player playlists.PlayerID
		}
	}
	span := "/api/v1/plays?screen=" + string(s.id) + "&from=" + began.Add(-time.Minute).Format(time.RFC3339) + "&to="
	staff.get(span + began.Add(time.Minute).Format(time.RFC3339)).want(http.StatusOK).into(&evidence)
	if len(evidence.Items) != 2 || evidence.Items[1].Seq != 2 || evidence.Items[0].Player == "" {
		s.t.Errorf("the evidence is %+v", evidence)
	}
	staff.get(span + began.Add(-time.Hour).Format(time.RFC3339)).want(http.StatusUnprocessableEntity)
	var timeline struct {
		Plays []struct{ Plays int }
	}
	staff.get("/api/v1/screens/" + string(s.id) + "/timeline").want(http.StatusOK).into(&timeline)
	if len(timeline.Plays) != 1 || timeline.Plays[0].Plays != 2 {
		s.t.Errorf("recorded on that day: %+v", timeline.Plays)
	}
	s.evidence(staff, began)
}

// evidence asks for the two plays one by one, and for spans and screens for which nobody may ask.
func (s *screen) evidence(staff *person, began time.Time) {
	s.t.Helper()
	path := func(item string, to time.Time) string {
		return "/api/v1/plays?screen=" + string(s.id) + "&item=" + item + "&from=" + began.Format(time.RFC3339) + "&to=" + to.Format(time.RFC3339)
	}
	var list struct {
		Items []struct {
			Player, Stream, Item, Outcome string
			Seq                           uint64
			Received                      time.Time
		}
	}
	later := began.Add(time.Hour)
	staff.get(path("", later)).want(http.StatusOK).into(&list)
	if len(list.Items) != 2 || list.Items[0].Seq != 1 || list.Items[1].Seq != 2 || list.Items[0].Received.IsZero() || list.Items[0].Stream != string(playliststest.Stream) {
		s.t.Errorf("the evidence is %+v", list.Items)
	}
	staff.get(path("another", later)).want(http.StatusOK).into(&list)
	if len(list.Items) != 0 {
		s.t.Errorf("of another item: %+v", list.Items)
	}
	staff.get(path("", began.AddDate(0, 3, 0))).want(http.StatusUnprocessableEntity)
	staff.get("/api/v1/plays?screen=nowhere&from=" + began.Format(time.RFC3339) + "&to=" + later.Format(time.RFC3339)).want(http.StatusNotFound)
}

// sendPlays sends the first plays of the stream.
func (s *screen) sendPlays(plays []playlists.Play) {
	s.t.Helper()
	begin, err := wire.ChainStart(playliststest.Stream)
	if err != nil {
		s.t.Fatal(err)
	}
	batch, err := wire.NewBatch(s.key, playliststest.Stream, begin, plays)
	if err != nil {
		s.t.Fatal(err)
	}
	frame, err := wire.EncodeBatch(batch)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.conn.WriteMessage(websocket.BinaryMessage, frame); err != nil {
		s.t.Fatal(err)
	}
}

// rowWhen waits until the fleet's figures, which are good for some seconds, have caught up.
func (p *person) rowWhen(id playlists.ScreenID, enough func(fleetRow) bool) fleetRow {
	p.t.Helper()
	row := p.row(id)
	for deadline := time.Now().Add(2 * time.Minute); !enough(row) && time.Now().Before(deadline); row = p.row(id) {
		time.Sleep(100 * time.Millisecond)
	}
	return row
}
