package player

import (
	"path/filepath"
	"sync"

	"anteroom/playlists"
)

// damages counts files of the player that were not what had been written: a disk that wears out does that, and somebody
// has to know before it takes nothing any more. What they held has been fetched again, or is told as lost.
type damages struct {
	mu    sync.Mutex
	files int
	last  string
}

// found takes note of a damaged file.
func (d *damages) found(path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.files++
	d.last = filepath.Base(path)
}

// note is what staff are told; false if there is nothing.
func (d *damages) note() (playlists.Remark, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return playlists.Noted("Damaged files on the player's disk since it was started: %d, the last of them %s.", d.files, d.last), d.files > 0
}
