// Package wire is what a controller and its players say to each other: messages, their encoding and
// signatures, and the version that both sides speak.
//
// Text frames carry one JSON object, [Envelope]; binary frames carry a batch of plays. The controller
// speaks first: challenge, then hello, then welcome (or pair, until staff have chosen a place).
// Everything after that may be lost or repeated: losing costs time, repeating changes nothing.
package wire

import (
	"time"

	"anteroom/playlists"
)

// Subprotocol is the websocket subprotocol of this version of the wire.
const Subprotocol = "anteroom.v1"

// Version counts changes of the wire that both sides must know of.
//
//	1: the first.
//	2: orders, and in heartbeats which was carried out last. A player of version 1 passes orders over.
const Version = 2

// MaxFrame is the largest frame that either side accepts, in bytes.
const MaxFrame = 64 << 10

// Times that both sides keep.
const (
	PingEvery      = 25 * time.Second
	ReadDeadline   = 70 * time.Second
	WriteDeadline  = 10 * time.Second
	HandshakeLimit = 20 * time.Second // from the upgrade to the welcome or the first code
	HeartbeatEvery = 30 * time.Second
	BearerLife     = 10 * time.Minute
	BatchPlays     = 64
	BatchEvery     = 60 * time.Second
	MaxSpread      = time.Hour        // the longest window over which reconnects are spread
	ComeBackLate   = 15 * time.Minute // how long a player stays away after a close that does not invite a return
)

// Routes of the players, on the controller.
const (
	LinkPath     = "/player/v1/link"       // GET, the websocket
	BodyPath     = "/player/v1/bodies/"    // GET, followed by a digest
	AssetPath    = "/player/v1/assets/"    // GET, HEAD with Range, followed by a digest
	SnapshotPath = "/player/v1/snapshots/" // PUT image/jpeg, followed by the order's id
)

// Sizes, in bytes.
const (
	NonceSize = 32
	ChainSize = 32
)

// Close codes, in the private range of RFC 6455; [ComeBack] says which of them invite a return.
const (
	CloseGoingAway  = 4000 // the controller stops; come back within the spread
	CloseReplaced   = 4001 // a newer connection of the same player took over; come back slowly
	CloseTooSlow    = 4002 // writes did not get through; come back
	CloseBadMessage = 4003 // a frame could not be read; come back
	CloseRevoked    = 4010 // staff revoked this player, as a signed Revoked said before; come back only to pair anew
	CloseVersion    = 4011 // no common version; do not come back before an update
	CloseIdentity   = 4012 // a signature was wrong; do not come back soon
)

// Envelope is a message: exactly one field is set.
type Envelope struct {
	// Controller to player.
	Challenge *Challenge     `json:"challenge,omitempty"`
	Pair      *Pair          `json:"pair,omitempty"`
	Welcome   *Welcome       `json:"welcome,omitempty"`
	Head      *Signed        `json:"head,omitempty"`      // bytes of a playlists.Head
	Takeovers *Signed        `json:"takeovers,omitempty"` // bytes of a playlists.Takeovers
	Time      *TimeExchange  `json:"time,omitempty"`      // both ways
	Ack       *Ack           `json:"ack,omitempty"`
	Snapshot  *SnapshotOrder `json:"snapshot,omitempty"`
	Order     *Order         `json:"order,omitempty"`
	Bearer    *Bearer        `json:"bearer,omitempty"`
	Revoked   *Revoked       `json:"revoked,omitempty"`
	// Player to controller.
	Hello     *Hello     `json:"hello,omitempty"`
	Heartbeat *Heartbeat `json:"heartbeat,omitempty"`
	Drawn     *Drawn     `json:"drawn,omitempty"`
}

// Signed is a document in the exact bytes that were signed with the controller's key. Context is bound
// into the signature, so that a head can never pass for takeovers.
type Signed struct {
	Bytes     []byte `json:"bytes"`
	Signature []byte `json:"signature"`
}

// Challenge opens every connection.
type Challenge struct {
	Version    int                    `json:"version"`
	Controller playlists.ControllerID `json:"controller"`
	Key        []byte                 `json:"key"` // Ed25519 public key
	Nonce      []byte                 `json:"nonce"`
}

// Hello answers it. Signature covers both nonces, controller, player and stream ([HelloBytes]).
type Hello struct {
	Version int                `json:"version"`
	Player  playlists.PlayerID `json:"player"`
	Key     []byte             `json:"key"`
	Nonce   []byte             `json:"nonce"`
	Stream  playlists.StreamID `json:"stream"`
	// Paired: this player has pinned the controller's key. Unpaired players get Pair instead of Welcome.
	Paired    bool                `json:"paired"`
	State     State               `json:"state"`
	Abilities playlists.Abilities `json:"abilities"`
	Software  string              `json:"software"` // version of the player's program
	Signature []byte              `json:"signature"`
}

// State is what the player has.
type State struct {
	Screen     playlists.ScreenID `json:"screen,omitempty"`
	Generation uint64             `json:"generation"`
	Body       playlists.Digest   `json:"body,omitempty"`
	Takeovers  uint64             `json:"takeovers"`
	// Journal is the last play of the stream that is on disk, and the chain after it.
	Journal uint64 `json:"journal"`
	Chain   []byte `json:"chain,omitempty"`
	// Kept is the oldest play that the player could still send again; 0 if none.
	Kept uint64 `json:"kept,omitempty"`
}

// Pair shows the code to an unpaired player; it comes again when the code changes. Once staff have
// chosen a place, Paired is set: the player pins the controller's key, and Welcome follows.
type Pair struct {
	Code    string    `json:"code,omitempty"`
	Expires time.Time `json:"expires,omitzero"`
	Paired  bool      `json:"paired,omitempty"`
}

// Welcome ends the handshake. Signature covers the same bytes as the hello's, with the controller's
// key ([WelcomeBytes]).
type Welcome struct {
	Screen    playlists.ScreenID `json:"screen"`
	Signature []byte             `json:"signature"`
	Bearer    Bearer             `json:"bearer"`
	// Known is the last play of the stream that the controller has.
	Known uint64 `json:"known"`
	// SpreadMillis is the window over which to spread reconnects.
	SpreadMillis int64 `json:"spread_millis"`
	// Unkept is what the last heartbeat of this player said of plays that no disk has.
	Unkept *Unkept `json:"unkept,omitempty"`
}

// Revoked is the controller's last word to a player that staff revoked, in place of the welcome or at
// any time after it. It is signed ([RevokedBytes]), so that nobody in between can unpair a player.
type Revoked struct {
	Signature []byte `json:"signature"`
}

// Bearer opens HTTP: bodies of the current and offered head and their assets, nothing else.
type Bearer struct {
	Token   string    `json:"token"`
	Expires time.Time `json:"expires"`
}

// TimeExchange is an NTP-like exchange (RFC 5905 section 8): the player sends T1; the controller
// returns it with T2 and T3. Unix nanoseconds.
type TimeExchange struct {
	T1 int64 `json:"t1"`
	T2 int64 `json:"t2,omitempty"`
	T3 int64 `json:"t3,omitempty"`
}

// Ack says how far the stream is durable at the controller: drop no play above Through. Want, if above
// 0, is the first play that is missing.
type Ack struct {
	Stream  playlists.StreamID `json:"stream"`
	Through uint64             `json:"through"`
	Want    uint64             `json:"want,omitempty"`
}

// SnapshotOrder asks for a picture: PUT /player/v1/snapshots/{ID}, image/jpeg, 480 px wide, with the bearer.
type SnapshotOrder struct {
	ID string `json:"id"`
}

// Drawn confirms that every screenful of takeover document Number up to now has reached the glass:
// Takeover was first drawn at At; an empty Takeover means the number is known and nothing of it applies.
type Drawn struct {
	Number   uint64               `json:"number"`
	Takeover playlists.TakeoverID `json:"takeover,omitempty"`
	At       time.Time            `json:"at"`
}

// Heartbeat is a player's health, every [HeartbeatEvery] and whenever what is shown changes while
// someone looks.
type Heartbeat struct {
	At     time.Time `json:"at"`
	State  State     `json:"state"`
	Health Health    `json:"health"`
}

// Health is what staff see of a player.
type Health struct {
	// Source and Showing are what is on; NextChange when that may change, and Next what begins then, if anything does that
	// is known yet.
	Source     playlists.Source   `json:"source,omitempty"`
	Window     playlists.WindowID `json:"window,omitempty"`
	Showing    []NowShowing       `json:"showing,omitempty"`
	NextChange time.Time          `json:"next_change,omitzero"`
	Next       []NowShowing       `json:"next,omitempty"`
	// Stage is "drawing", "restarting", "no-display" or "none".
	Stage     string                 `json:"stage"`
	Display   playlists.DisplayState `json:"display,omitempty"`
	Clock     playlists.ClockQuality `json:"clock"`
	OffsetMS  int64                  `json:"offset_ms"` // wall clock minus controller, milliseconds
	DiskFree  int64                  `json:"disk_free"` // bytes
	CacheUsed int64                  `json:"cache_used"`
	// Unsent is how many plays wait in the journal or for it; at least 1 while it cannot be read.
	Unsent uint64 `json:"unsent"`
	// Unkept is set while the player's disk takes nothing.
	Unkept *Unkept `json:"unkept,omitempty"`
	// Offered is a manifest being fetched, 0 if none; Missing its assets still to come.
	Offered uint64 `json:"offered,omitempty"`
	Missing int    `json:"missing,omitempty"`
	// SetAside are assets that killed the stage three times.
	SetAside []playlists.Digest `json:"set_aside,omitempty"`
	// Done is the order that was carried out last since the player's program started; nil for none.
	Done *Done `json:"done,omitempty"`
	// Notes are faults worth a person's look, in plain words, newest last, at most 8.
	Notes []string `json:"notes,omitempty"`
	// Said has the phrase of each note, in their order, for who reads another language; none of a player that is older than
	// that.
	Said []playlists.Phrase `json:"said,omitempty"`
}

// Unkept are plays that a player has in its memory alone, and that are lost if it ends now. Its controller gives
// the last word of them back in its welcome: a player that has ended meanwhile learns what it lost.
type Unkept struct {
	// Run names the start of the player's program.
	Run   string `json:"run"`
	Plays uint64 `json:"plays"`
}

// NowShowing is what one region shows, or shows next.
type NowShowing struct {
	Region   string             `json:"region"`
	Item     playlists.ItemID   `json:"item,omitempty"`
	Title    string             `json:"title,omitempty"`
	Language playlists.Language `json:"language,omitempty"`
	Until    time.Time          `json:"until"`
}
