package playlists

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// HandOffWindow is how long a screen shows the same code for phones.
const HandOffWindow = 10 * time.Minute

// HandOffGrace is how many windows a code is good for after its own.
const HandOffGrace = 2

// CodeLetters are those of codes that people type: no vowels, so that no code is a word, and none that look alike.
const CodeLetters = "BCDFGHJKLMNPQRSTVWXZ"

// CodeLength is how many letters such a code has: 34 bits.
const CodeLength = 8

// HandOffKey makes the codes that hand people over from one screen to their phones. The screen's head carries it, so that a
// player without a link makes the same codes as the controller that has to know them.
type HandOffKey []byte

// NewHandOffKey is the key of a screen of a controller that keeps secret.
func NewHandOffKey(secret []byte, s ScreenID) HandOffKey {
	return mac(secret, append([]byte("anteroom hand-off key "), s...))
}

// Code is what the screen shows at a time: [CodeLength] of [CodeLetters], for [HandOffWindow] from a multiple of it in
// Unix time on. It follows RFC 4226 in kind (a truncated HMAC of a counter), with SHA-256 and letters.
func (k HandOffKey) Code(at time.Time) string {
	window := at.Unix() / int64(HandOffWindow/time.Second)
	n := binary.BigEndian.Uint64(mac(k, binary.BigEndian.AppendUint64([]byte("anteroom hand-off code "), uint64(window))))
	var code [CodeLength]byte
	for i := range code {
		code[i] = CodeLetters[n%uint64(len(CodeLetters))]
		n /= uint64(len(CodeLetters))
	}
	return string(code[:])
}

func mac(key, message []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(message) // never fails
	return h.Sum(nil)
}
