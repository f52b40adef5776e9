package intake

import (
	"errors"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"anteroom/playlists"
)

// Bounds of what one player can make the controller keep, whatever it says: its key is no proof of its
// good will.
const (
	// maxKept is how many streams' oldest plays are remembered. A player has one, and one more for a
	// moment when it begins a new one.
	maxKept = 4
	// A player may begin streamsAtOnce streams, branches included, and another one every streamEvery.
	streamsAtOnce = 32
	streamEvery   = time.Hour
)

// ErrTooManyStreams puts plays off that would begin a stream: their player has begun too many lately.
var ErrTooManyStreams = errors.New("the player begins too many streams: it may begin another one every hour")

// memory is what an intake remembers of one player until it stops.
type memory struct {
	// kept says of a stream which is the first play that the player could still send, when it last said
	// so; the newest last.
	kept []kept
	// told are the branches that staff have been told of.
	told []playlists.StreamID
	// begun limits new streams, once there has been one; suspect is whether it has had to.
	begun   *rate.Limiter
	suspect bool
}

type kept struct {
	stream playlists.StreamID
	oldest uint64
}

func (m *memory) streams() *rate.Limiter {
	if m.begun == nil {
		m.begun = rate.NewLimiter(rate.Every(streamEvery), streamsAtOnce)
	}
	return m.begun
}

func (m *memory) keep(k kept) {
	m.kept = slices.DeleteFunc(m.kept, func(old kept) bool { return old.stream == k.stream })
	if len(m.kept) >= maxKept {
		m.kept = slices.Delete(m.kept, 0, 1)
	}
	m.kept = append(m.kept, k)
}

func (m *memory) oldest(stream playlists.StreamID) uint64 {
	for _, k := range m.kept {
		if k.stream == stream {
			return k.oldest
		}
	}
	return 0
}

// firstTold reports whether a branch is to be told of. Who makes more of them than a copied disk can is
// told of as one that begins too many streams.
func (m *memory) firstTold(branch playlists.StreamID) bool {
	if len(m.told) >= maxBranches || slices.Contains(m.told, branch) {
		return false
	}
	m.told = append(m.told, branch)
	return true
}

// ofLocked is what is remembered of a player. Only paired players come this far, so their number bounds
// the map.
func (i *Intake) ofLocked(player playlists.PlayerID) *memory {
	m, ok := i.players[player]
	if !ok {
		m = new(memory)
		i.players[player] = m
	}
	return m
}

// mayBegin reports whether a player may begin a stream now. Staff are told when it may not.
func (i *Intake) mayBegin(player playlists.PlayerID, now time.Time) bool {
	i.mu.Lock()
	m := i.ofLocked(player)
	may, first := m.streams().TokensAt(now) >= 1, !m.suspect
	m.suspect = !may
	i.mu.Unlock()
	if !may && first {
		i.alarm(player, playlists.Noted("This player begins one stream of plays after the other, as no working player does. It is held to one an hour; "+
			"cut it off, and look at its disk before it is paired anew."))
	}
	return may
}

// began counts a stream once it is durable: a disk that fails is not the player's fault.
func (i *Intake) began(player playlists.PlayerID, now time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ofLocked(player).streams().AllowN(now, 1)
}
