package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"

	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// speech is what a client says to one kind of server until it is linked.
type speech struct {
	path        string
	subprotocol string
	// opening is what the client says after the upgrade, without being asked.
	opening []byte
	// answer gives what the client says to a frame; linked is true once there is no more to say.
	answer func(frame []byte) (reply []byte, linked bool, err error)
}

// The servers, by the names that orders give them.
const (
	ours   = "hub"        // of a controller
	whole  = "controller" // with everything
	theirs = "centrifuge"
)

func speechOf(server string, number int) speech {
	if server == theirs {
		name := readers
		if canStall(number) {
			name = stallers
		}
		return speech{path: peerPath, opening: fmt.Appendf(nil, `{"id":1,"connect":{"name":%q}}`, name), answer: answerPeer}
	}
	return speech{path: wire.LinkPath, subprotocol: wire.Subprotocol, answer: newPlayer(number).answer}
}

func answerPeer(frame []byte) (reply []byte, linked bool, err error) {
	if !bytes.Contains(frame, []byte(`"connect":`)) {
		return nil, false, fmt.Errorf("no connection: %.200s", frame)
	}
	return nil, true, nil
}

// player is a paired player, as far as its link goes.
type player struct {
	key   ed25519.PrivateKey
	hello wire.Hello
}

func newPlayer(number int) *player {
	key := keyOf(number)
	return &player{key: key, hello: wire.Hello{
		Version: wire.Version, Player: wire.PlayerIDOf(publicOf(key)), Key: publicOf(key), Nonce: bytes.Repeat([]byte{1}, wire.NonceSize),
		Stream: playlists.StreamID(fmt.Sprintf("%032x", number)), Paired: true, Abilities: abilities(), Software: software,
		State: wire.State{Screen: screenOf(number)},
	}}
}

// answer says hello with a signature, and takes the welcome.
func (p *player) answer(frame []byte) (reply []byte, linked bool, err error) {
	if bytes.HasPrefix(frame, []byte(`{"welcome":`)) {
		return nil, true, nil
	}
	e, err := wire.Decode(frame)
	switch {
	case err != nil:
		return nil, false, fmt.Errorf("reading what the controller says: %w", err)
	case e.Challenge == nil:
		return nil, false, fmt.Errorf("no welcome: %.200s", frame)
	}
	p.hello.Signature = ed25519.Sign(p.key, wire.HelloBytes(*e.Challenge, p.hello))
	reply, err = wire.Encode(wire.Envelope{Hello: &p.hello})
	return reply, false, err
}

// software is the version that the players say they run.
const software = "v0.1.0"

func keyOf(number int) ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	binary.BigEndian.PutUint64(seed, uint64(number))
	return ed25519.NewKeyFromSeed(seed)
}

func publicOf(key ed25519.PrivateKey) ed25519.PublicKey {
	return ed25519.PublicKey(key[ed25519.SeedSize:])
}

func screenOf(number int) playlists.ScreenID {
	return playlists.ScreenID(fmt.Sprintf("cardiology-%05d", number))
}

func abilities() playlists.Abilities {
	return playlists.Abilities{Width: 1920, Height: 1080, Decoders: []string{"h264", "vp9"}}
}
