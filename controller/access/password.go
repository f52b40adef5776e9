package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"anteroom/playlists"
)

// Cost is what one hashing of a password takes. The zero value is [DefaultCost].
type Cost struct {
	// KiB of memory, passes over it, and lanes (RFC 9106's m, t and p).
	KiB    uint32
	Passes uint32
	Lanes  uint8
}

// DefaultCost is RFC 9106's second recommendation: 64 MiB, three passes, four lanes.
func DefaultCost() Cost { return Cost{KiB: 64 << 10, Passes: 3, Lanes: 4} }

// Hashes that ask for more are refused, so that a damaged document cannot exhaust the memory.
const (
	mostKiB    = 1 << 20
	mostPasses = 64
	saltBytes  = 16
	keyBytes   = 32
)

// atATime is how many hashings may run at once; more wait.
const atATime = 2

// hasher makes and compares argon2id hashes as PHC strings,
// "$argon2id$v=19$m=65536,t=3,p=4$SALT$HASH".
type hasher struct {
	cost  Cost
	slots chan struct{}
	// nobody is a hash of a random password, compared for names that nobody has.
	nobody string
}

func newHasher(c Cost) *hasher {
	if c == (Cost{}) {
		c = DefaultCost()
	}
	h := &hasher{cost: c, slots: make(chan struct{}, atATime)}
	h.nobody = phc{Cost: c, salt: random(saltBytes), key: random(keyBytes)}.String()
	return h
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails since Go 1.24
	return b
}

// hash gives the PHC string of a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	p := phc{Cost: h.cost, salt: random(saltBytes)}
	key, err := h.derive(ctx, p, password, keyBytes)
	if err != nil {
		return "", err
	}
	p.key = key
	return p.String(), nil
}

// matches compares a password with a PHC string; old reports that it was made at another cost and is
// better made anew.
func (h *hasher) matches(ctx context.Context, encoded, password string) (ok, old bool, err error) {
	p, err := parsePHC(encoded)
	if err != nil {
		return false, false, err
	}
	key, err := h.derive(ctx, p, password, uint32(len(p.key)))
	if err != nil {
		return false, false, err
	}
	return subtle.ConstantTimeCompare(key, p.key) == 1, p.Cost != h.cost, nil
}

func (h *hasher) derive(ctx context.Context, p phc, password string, n uint32) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting to check a password: %w", context.Cause(ctx))
	}
	defer func() { <-h.slots }()
	return argon2.IDKey([]byte(password), p.salt, p.Passes, p.KiB, p.Lanes, n), nil
}

// phc is a parsed PHC string.
type phc struct {
	Cost

	salt, key []byte
}

// String writes the PHC string.
func (p phc) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		p.KiB, p.Passes, p.Lanes, b64.EncodeToString(p.salt), b64.EncodeToString(p.key))
}

func parsePHC(s string) (phc, error) {
	bad := fmt.Errorf("%w: the kept password hash is damaged; set a new password", playlists.ErrInvalid)
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return phc{}, bad
	}
	var p phc
	var err error
	if p.Cost, err = parseCost(parts[3]); err != nil {
		return phc{}, bad
	}
	if p.salt, err = base64.RawStdEncoding.Strict().DecodeString(parts[4]); err != nil || len(p.salt) < 8 || len(p.salt) > 64 {
		return phc{}, bad
	}
	if p.key, err = base64.RawStdEncoding.Strict().DecodeString(parts[5]); err != nil || len(p.key) < 16 || len(p.key) > 64 {
		return phc{}, bad
	}
	if p.String() != s { // base64 passes line ends over
		return phc{}, bad
	}
	return p, nil
}

// parseCost reads "m=65536,t=3,p=4".
func parseCost(s string) (Cost, error) {
	fields := strings.Split(s, ",")
	if len(fields) != 3 {
		return Cost{}, playlists.ErrInvalid
	}
	var values [3]uint64
	for i, prefix := range []string{"m=", "t=", "p="} {
		digits, ok := strings.CutPrefix(fields[i], prefix)
		n, err := strconv.ParseUint(digits, 10, 32)
		if !ok || err != nil || strconv.FormatUint(n, 10) != digits {
			return Cost{}, playlists.ErrInvalid
		}
		values[i] = n
	}
	m, t, p := values[0], values[1], values[2]
	if t < 1 || t > mostPasses || p < 1 || p > 255 || m < 8*p || m > mostKiB {
		return Cost{}, playlists.ErrInvalid
	}
	return Cost{KiB: uint32(m), Passes: uint32(t), Lanes: uint8(p)}, nil
}

// The bounds of a password; there are no rules about kinds of characters (NIST SP 800-63B).
const (
	shortestPassword = 12  // characters
	longestPassword  = 256 // bytes
)

// checkPassword says what is wrong with a new password.
func checkPassword(name, password string) error {
	switch {
	case !utf8.ValidString(password) || len(password) > longestPassword:
		return playlists.Refuse(playlists.ErrInvalid, "password: longer than %d bytes, or not text; choose a shorter one", longestPassword)
	case utf8.RuneCountInString(password) < shortestPassword:
		return playlists.Refuse(playlists.ErrInvalid, "password: shorter than %d characters; three or four words do well", shortestPassword)
	case strings.Count(password, password[:1]) == len(password):
		return playlists.Refuse(playlists.ErrInvalid, "password: one character repeated; three or four words do well")
	case strings.Contains(strings.ToLower(password), strings.ToLower(name)):
		return playlists.Refuse(playlists.ErrInvalid, "password: contains the name %q; choose one that does not", name)
	}
	return nil
}
