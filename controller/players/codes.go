package players

import (
	"crypto/ed25519"
	"crypto/rand"
	"math/big"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"anteroom/playlists"
)

// CodeLife is how long a code can be used, once.
const CodeLife = 10 * time.Minute

// Limits of wrong codes: a burst for each person and one for all, and how fast they come back.
const (
	guessesEach      = 10
	guessesEachEvery = time.Minute
	guessesAll       = 100
	guessesAllEvery  = 10 * time.Second
)

// MaxWaiting is how many players may wait to be paired at once.
const MaxWaiting = 1000

// ErrTooManyGuesses says that this person, or all together, tried too many wrong codes; wait a few minutes.
var ErrTooManyGuesses = playlists.Sentence("too many wrong codes: wait a few minutes, then read the code again from the screen")

// Waiting is a player that shows a code.
type Waiting struct {
	Player    playlists.PlayerID
	Code      string
	Words     []string // for staff to compare with those on the screen
	Abilities playlists.Abilities
	Software  string
	Expires   time.Time
}

// Applicant is a player without a place, as its hello says; its signature has been verified.
type Applicant struct {
	Player    playlists.PlayerID
	Key       ed25519.PublicKey
	Abilities playlists.Abilities
	Software  string
}

type waiting struct {
	Waiting

	key ed25519.PublicKey
	// claimed tells the connection that shows the code.
	claimed func()
}

type codes struct {
	mu      sync.Mutex
	byCode  map[string]*waiting
	players map[playlists.PlayerID]*waiting
	people  map[string]*rate.Limiter
	all     *rate.Limiter
}

func (c *codes) init() {
	c.byCode, c.players, c.people = map[string]*waiting{}, map[playlists.PlayerID]*waiting{}, map[string]*rate.Limiter{}
	c.all = rate.NewLimiter(rate.Every(guessesAllEvery), guessesAll)
}

// Await gives an applicant a code to show, the same one while it lasts, also over a new connection.
// claimed is called once staff have paired the player; it must not wait. The error is
// [playlists.ErrDenied] if too many players wait already.
func (r *Registry) Await(a Applicant, claimed func()) (Waiting, error) {
	now := r.now()
	w := waiting{key: a.Key, claimed: claimed, Waiting: Waiting{
		Player: a.Player, Words: r.Words(a.Key), Abilities: a.Abilities, Software: a.Software, Expires: now.Add(CodeLife).UTC(),
	}}
	return r.codes.await(w, now)
}

func (c *codes) await(w waiting, now time.Time) (Waiting, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expireLocked(now)
	if old, ok := c.players[w.Player]; ok {
		w.Code, w.Expires = old.Code, old.Expires
	} else if len(c.players) >= MaxWaiting {
		return Waiting{}, playlists.Refuse(playlists.ErrDenied, "%d players wait to be paired already", MaxWaiting)
	}
	for w.Code == "" || c.taken(w.Code, w.Player) {
		w.Code = newCode()
	}
	c.byCode[w.Code], c.players[w.Player] = &w, &w
	return w.Waiting, nil
}

func (c *codes) taken(code string, but playlists.PlayerID) bool {
	w, ok := c.byCode[code]
	return ok && w.Player != but
}

func (c *codes) expireLocked(now time.Time) {
	for code, w := range c.byCode {
		if !now.Before(w.Expires) {
			delete(c.byCode, code)
			delete(c.players, w.Player)
		}
	}
}

// Waiting gives the player that shows code, for staff to compare the words; by is the person who
// asks. Case, spaces and hyphens in code do not matter. A wrong or expired code is
// [playlists.ErrNotFound], and too many of them [ErrTooManyGuesses].
func (r *Registry) Waiting(code, by string) (Waiting, error) {
	w, err := r.codes.find(code, by, r.now())
	if err != nil {
		return Waiting{}, err
	}
	return w.Waiting, nil
}

func (c *codes) find(code, by string, now time.Time) (waiting, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	person := c.personLocked(by, now)
	if person.TokensAt(now) < 1 || c.all.TokensAt(now) < 1 {
		return waiting{}, ErrTooManyGuesses
	}
	c.expireLocked(now)
	if w, ok := c.byCode[tidy(code)]; ok {
		return *w, nil
	}
	person.AllowN(now, 1)
	c.all.AllowN(now, 1)
	return waiting{}, playlists.Refuse(playlists.ErrNotFound, "no screen shows the code %q now; codes last ten minutes, read it again", clip(code))
}

// personLocked gives the person's limiter; those that are full again are forgotten.
func (c *codes) personLocked(by string, now time.Time) *rate.Limiter {
	if l, ok := c.people[by]; ok {
		return l
	}
	for who, l := range c.people {
		if l.TokensAt(now) >= guessesEach {
			delete(c.people, who)
		}
	}
	c.people[by] = rate.NewLimiter(rate.Every(guessesEachEvery), guessesEach)
	return c.people[by]
}

// take finds a code and uses it up.
func (c *codes) take(code, by string, now time.Time) (waiting, error) {
	w, err := c.find(code, by, now)
	if err != nil {
		return waiting{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byCode[w.Code] == nil {
		return waiting{}, playlists.Refuse(playlists.ErrNotFound, "the code %q has just been used", w.Code)
	}
	delete(c.byCode, w.Code)
	delete(c.players, w.Player)
	return w, nil
}

// giveBack makes a code usable again whose claim came to nothing.
func (c *codes) giveBack(w *waiting) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.players[w.Player]; !ok && c.byCode[w.Code] == nil {
		c.byCode[w.Code], c.players[w.Player] = w, w
	}
}

// tidy reads a code as people type it.
func tidy(code string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(playlists.CodeLetters, r) {
			return r
		}
		return -1
	}, strings.ToUpper(clip(code)))
}

func clip(code string) string { return code[:min(len(code), 40)] }

func newCode() string {
	code := make([]byte, playlists.CodeLength)
	for i := range code {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(playlists.CodeLetters))))
		if err != nil { // crypto/rand does not fail since Go 1.24
			panic(err)
		}
		code[i] = playlists.CodeLetters[n.Int64()]
	}
	return string(code)
}
