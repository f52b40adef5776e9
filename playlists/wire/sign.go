package wire

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"anteroom/playlists"
)

const (
	keySize       = ed25519.PublicKeySize
	signatureSize = ed25519.SignatureSize
)

// context begins everything that is signed, so that no signature fits a second purpose.
type context string

const (
	headContext      context = "anteroom head v1"
	takeoversContext context = "anteroom takeovers v1"
	helloContext     context = "anteroom hello v1"
	welcomeContext   context = "anteroom welcome v1"
	revokedContext   context = "anteroom revoked v1"
	orderContext     context = "anteroom order v1"
	playsContext     context = "anteroom plays v1"
	wordsContext     context = "anteroom words v1"
)

// bind joins a context and parts so that different parts never give the same bytes.
func (c context) bind(parts ...[]byte) []byte {
	b := appendBytes(nil, []byte(c))
	for _, p := range parts {
		b = appendBytes(b, p)
	}
	return b
}

func appendBytes(b, part []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(part))), part...)
}

// HandOffKey is the key of a screen's codes, which only the controller and the screen's player have. It is made of the
// controller's own key, so that a restored controller knows the codes that screens show.
func HandOffKey(key ed25519.PrivateKey, s playlists.ScreenID) playlists.HandOffKey {
	return playlists.NewHandOffKey(key.Seed(), s)
}

// SignHead puts a head into bytes and signs them with the controller's key.
func SignHead(key ed25519.PrivateKey, h playlists.Head) (Signed, error) {
	return sign(key, headContext, h)
}

// OpenHead checks the signature and that the head names the controller whose key it is.
func OpenHead(key ed25519.PublicKey, s Signed) (playlists.Head, error) {
	if err := verify(key, headContext, s); err != nil {
		return playlists.Head{}, fmt.Errorf("head: %w", err)
	}
	return readHead(key, s.Bytes)
}

func readHead(key ed25519.PublicKey, signed []byte) (playlists.Head, error) {
	var h playlists.Head
	if err := read(signed, &h); err != nil {
		return playlists.Head{}, fmt.Errorf("head: %w", err)
	}
	if h.Controller != ControllerIDOf(key) {
		return playlists.Head{}, fmt.Errorf("%w: head of another controller, %s", playlists.ErrDenied, h.Controller)
	}
	return h, nil
}

// SignTakeovers puts takeovers into bytes and signs them with the controller's key.
func SignTakeovers(key ed25519.PrivateKey, t playlists.Takeovers) (Signed, error) {
	return sign(key, takeoversContext, t)
}

// OpenTakeovers checks the signature and that the document names the controller whose key it is.
func OpenTakeovers(key ed25519.PublicKey, s Signed) (playlists.Takeovers, error) {
	if err := verify(key, takeoversContext, s); err != nil {
		return playlists.Takeovers{}, fmt.Errorf("takeovers: %w", err)
	}
	return readTakeovers(key, s.Bytes)
}

func readTakeovers(key ed25519.PublicKey, signed []byte) (playlists.Takeovers, error) {
	var t playlists.Takeovers
	if err := read(signed, &t); err != nil {
		return playlists.Takeovers{}, fmt.Errorf("takeovers: %w", err)
	}
	if t.Controller != ControllerIDOf(key) {
		return playlists.Takeovers{}, fmt.Errorf("%w: takeovers of another controller, %s", playlists.ErrDenied, t.Controller)
	}
	return t, nil
}

func sign(key ed25519.PrivateKey, c context, doc any) (Signed, error) {
	b, err := json.Marshal(doc)
	if err != nil {
		return Signed{}, fmt.Errorf("encoding what is to be signed: %w", err)
	}
	return Signed{Bytes: b, Signature: ed25519.Sign(key, c.bind(b))}, nil
}

func verify(key ed25519.PublicKey, c context, s Signed) error {
	if len(key) != keySize || !ed25519.Verify(key, c.bind(s.Bytes), s.Signature) {
		return fmt.Errorf("%w: the signature is not this controller's", playlists.ErrDenied)
	}
	return nil
}

func read(signed []byte, doc any) error {
	if err := json.Unmarshal(signed, doc); err != nil {
		return fmt.Errorf("%w: signed, but not readable: %w", playlists.ErrInvalid, err)
	}
	return nil
}

// HelloBytes is what a player signs in its hello.
func HelloBytes(c Challenge, h Hello) []byte { return handshake(helloContext, c, h) }

// WelcomeBytes is what a controller signs in its welcome.
func WelcomeBytes(c Challenge, h Hello) []byte { return handshake(welcomeContext, c, h) }

// RevokedBytes is what a controller signs in [Revoked].
func RevokedBytes(c Challenge, h Hello) []byte { return handshake(revokedContext, c, h) }

func handshake(to context, c Challenge, h Hello) []byte {
	return to.bind(c.Nonce, h.Nonce, []byte(c.Controller), []byte(h.Player), []byte(h.Stream))
}

// Verify checks that the hello answers this challenge: the player is the key's, and signed it.
func (h *Hello) Verify(c Challenge) error {
	if len(h.Key) != keySize || PlayerIDOf(h.Key) != h.Player {
		return fmt.Errorf("%w: player %s is not the key's", playlists.ErrDenied, h.Player)
	}
	if !ed25519.Verify(h.Key, HelloBytes(c, *h), h.Signature) {
		return fmt.Errorf("%w: the signature of player %s does not answer this challenge", playlists.ErrDenied, h.Player)
	}
	return nil
}

// Verify checks that the welcome answers this hello with the key of the challenge.
func (w *Welcome) Verify(c Challenge, h Hello) error {
	return answers(welcomeContext, c, h, w.Signature)
}

// Verify checks that the revocation answers this hello with the key of the challenge.
func (r *Revoked) Verify(c Challenge, h Hello) error {
	return answers(revokedContext, c, h, r.Signature)
}

func answers(what context, c Challenge, h Hello, signature []byte) error {
	return signedBy(c, handshake(what, c, h), signature)
}

// signedBy checks that the controller of the challenge signed what answers a hello.
func signedBy(c Challenge, signed, signature []byte) error {
	if len(c.Key) != keySize || ControllerIDOf(c.Key) != c.Controller {
		return fmt.Errorf("%w: controller %s is not the key's", playlists.ErrDenied, c.Controller)
	}
	if !ed25519.Verify(c.Key, signed, signature) {
		return fmt.Errorf("%w: the signature of controller %s does not answer this hello", playlists.ErrDenied, c.Controller)
	}
	return nil
}

// ControllerIDOf names the controller that has the key.
func ControllerIDOf(key ed25519.PublicKey) playlists.ControllerID {
	return playlists.ControllerID(DigestOf(key)[:32])
}

// PlayerIDOf names the player that has the key.
func PlayerIDOf(key ed25519.PublicKey) playlists.PlayerID {
	return playlists.PlayerID(DigestOf(key)[:32])
}

// DigestOf is the SHA-256 of b.
func DigestOf(b []byte) playlists.Digest {
	sum := sha256.Sum256(b)
	return playlists.Digest(hex.EncodeToString(sum[:]))
}

// isHex128 reports whether s is 128 bits in lower-case hexadecimal.
func isHex128(s string) bool { return len(s) == 32 && isHex(s) }

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
