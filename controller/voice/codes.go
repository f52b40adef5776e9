package voice

import (
	"strings"
	"sync"
	"time"

	"anteroom/playlists"
)

// codes knows which screens show which codes: those of the present window, and of the windows before that a code is still
// good for.
type codes struct {
	key     func(playlists.ScreenID) playlists.HandOffKey
	screens func() map[playlists.ScreenID]uint64

	mu sync.Mutex
	// made is when the codes were made, of is the window that they were made for.
	made time.Time
	of   int64
	by   map[string]playlists.ScreenID
}

// remake is how long a code that nobody knows waits at most for a screen that is new; a flood of forged codes costs no more
// than making all of them as often.
const remake = 5 * time.Second

// screen finds the screen that shows a code, or did so until lately.
func (c *codes) screen(code string, now time.Time) (playlists.ScreenID, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil || c.of != window(now) {
		c.makeLocked(now)
	}
	id, ok := c.by[code]
	if !ok && now.Sub(c.made) >= remake {
		c.makeLocked(now)
		id, ok = c.by[code]
	}
	return id, ok
}

// makeLocked makes all codes. One that two screens have is nobody's: a stranger's page would be worse than none.
func (c *codes) makeLocked(now time.Time) {
	screens := c.screens()
	c.made, c.of, c.by = now, window(now), make(map[string]playlists.ScreenID, len(screens)*(playlists.HandOffGrace+1))
	var twice []string
	for id := range screens {
		key := c.key(id)
		for back := range playlists.HandOffGrace + 1 {
			code := key.Code(now.Add(-time.Duration(back) * playlists.HandOffWindow))
			if other, taken := c.by[code]; taken && other != id {
				twice = append(twice, code)
			}
			c.by[code] = id
		}
	}
	for _, code := range twice {
		delete(c.by, code)
	}
}

func window(at time.Time) int64 { return at.Unix() / int64(playlists.HandOffWindow/time.Second) }

// codeOf reads a code as people type it: in small letters, with spaces or hyphens. False if it can be none.
func codeOf(typed string) (string, bool) {
	if len(typed) > 4*playlists.CodeLength {
		return "", false
	}
	code := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(typed))
	if len(code) != playlists.CodeLength {
		return "", false
	}
	for _, r := range code {
		if !strings.ContainsRune(playlists.CodeLetters, r) {
			return "", false
		}
	}
	return code, true
}
