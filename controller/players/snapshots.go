package players

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"time"

	"anteroom/playlists"
)

// Snapshots.
const (
	// LookFor is how long somebody counts as looking at a screen after [Registry.Watch].
	LookFor = 15 * time.Second
	// SnapshotEvery is how often a screen that somebody looks at is asked for a picture. What people see
	// is to be at most 5 s old, and the picture and the word about it have their way yet to go.
	SnapshotEvery = 3500 * time.Millisecond
	// MaxSnapshot is the largest picture accepted, in bytes.
	MaxSnapshot = 256 << 10
	// maxSnapshots is how many screens' pictures are kept; the oldest goes first.
	maxSnapshots = 1000
)

// SnapshotOrder is a picture to ask a player for.
type SnapshotOrder struct {
	Player playlists.PlayerID
	ID     string
}

type shot struct {
	until time.Time // somebody looks until then
	asked time.Time
	id    string // the order that may be answered
	jpeg  []byte
	at    time.Time
}

type shots struct {
	mu      sync.Mutex
	screens map[playlists.ScreenID]*shot
	looked  chan struct{}
}

func (s *shots) init() {
	s.screens, s.looked = map[playlists.ScreenID]*shot{}, make(chan struct{}, 1)
}

// Watch says that somebody looks at a screen; pictures keep coming for [LookFor].
func (r *Registry) Watch(screen playlists.ScreenID) {
	s := &r.shots
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.screens[screen]; !ok {
		s.makeRoomLocked()
		s.screens[screen] = new(shot)
	}
	s.screens[screen].until = r.now().Add(LookFor)
	select {
	case s.looked <- struct{}{}:
	default:
	}
}

func (s *shots) makeRoomLocked() {
	if len(s.screens) < maxSnapshots {
		return
	}
	var oldest playlists.ScreenID
	for id, shot := range s.screens {
		if oldest == "" || shot.until.Before(s.screens[oldest].until) {
			oldest = id
		}
	}
	delete(s.screens, oldest)
}

// Looked is ready after [Registry.Watch]; it is for the one who sends orders.
func (r *Registry) Looked() <-chan struct{} { return r.shots.looked }

// SnapshotsDue gives the orders to send now and how long until the next may be due; 0 if nobody looks.
func (r *Registry) SnapshotsDue() (orders []SnapshotOrder, wait time.Duration) {
	now := r.now()
	for _, due := range r.shots.due(now) {
		if p, ok := r.OfScreen(due.screen); ok {
			orders = append(orders, SnapshotOrder{Player: p.ID, ID: due.id})
		}
	}
	return orders, r.shots.wait(now)
}

type dueShot struct {
	screen playlists.ScreenID
	id     string
}

func (s *shots) due(now time.Time) []dueShot {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []dueShot
	for screen, shot := range s.screens {
		if now.Before(shot.until) && now.Sub(shot.asked) >= SnapshotEvery {
			shot.asked, shot.id = now, strings.ToLower(rand.Text())
			due = append(due, dueShot{screen, shot.id})
		}
	}
	return due
}

func (s *shots) wait(now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	var wait time.Duration
	for _, shot := range s.screens {
		next := shot.asked.Add(SnapshotEvery)
		if now.Before(shot.until) && next.Before(shot.until) && (wait == 0 || next.Sub(now) < wait) {
			wait = max(next.Sub(now), time.Millisecond)
		}
	}
	return wait
}

// Snapshot gives a screen's newest picture and when it came; false if there is none.
func (r *Registry) Snapshot(screen playlists.ScreenID) (jpeg []byte, at time.Time, ok bool) {
	s := &r.shots
	s.mu.Lock()
	defer s.mu.Unlock()
	shot, ok := s.screens[screen]
	if !ok || shot.jpeg == nil {
		return nil, time.Time{}, false
	}
	return shot.jpeg, shot.at, true
}

// PutSnapshot keeps a picture that a player was asked for under id; the registry keeps jpeg.
// [playlists.ErrNotFound] if it was not asked for, [playlists.ErrInvalid] if it is no JPEG or too large.
func (r *Registry) PutSnapshot(player playlists.PlayerID, id string, jpeg []byte) error {
	p, ok := r.Player(player)
	if !ok || p.Revoked() {
		return fmt.Errorf("snapshot of player %s: %w", player, playlists.ErrDenied)
	}
	if len(jpeg) > MaxSnapshot || !bytes.HasPrefix(jpeg, []byte{0xff, 0xd8, 0xff}) {
		return fmt.Errorf("%w: a snapshot is a JPEG of at most %d bytes", playlists.ErrInvalid, MaxSnapshot)
	}
	if !r.shots.put(p.Screen, id, jpeg, r.now().UTC()) {
		return fmt.Errorf("snapshot %s: %w", clip(id), playlists.ErrNotFound)
	}
	r.changes.tell()
	return nil
}

func (s *shots) put(screen playlists.ScreenID, id string, jpeg []byte, at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	shot, ok := s.screens[screen]
	if !ok || id == "" || shot.id != id {
		return false
	}
	shot.id, shot.jpeg, shot.at = "", jpeg, at
	return true
}
