package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sort"
	"strconv"

	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// maxBranches is how many players beyond the first may share a stream before their plays are refused.
const maxBranches = 16

// Branch is the id under which the plays of the n-th further player with a stream are kept, n from 1.
func Branch(stream playlists.StreamID, n int) playlists.StreamID {
	sum := sha256.Sum256([]byte("anteroom branch " + string(stream) + " " + strconv.Itoa(n)))
	return playlists.StreamID(hex.EncodeToString(sum[:16]))
}

// line is a stream or one of its branches, as far as it is known.
type line struct {
	id   playlists.StreamID
	mark store.Watermark
}

// lines are all that a stream's plays may belong to, the stream itself first; free is the id for the
// next branch, empty if there are too many.
type lines struct {
	all  []line
	free playlists.StreamID
}

func (i *Intake) lines(ctx context.Context, stream playlists.StreamID) (lines, error) {
	var known lines
	for n := 0; n <= maxBranches; n++ {
		id := stream
		if n > 0 {
			id = Branch(stream, n)
		}
		mark, err := i.store.Watermark(ctx, id)
		if err != nil {
			return known, fmt.Errorf("reading how far stream %s has come: %w", id, err)
		}
		if n > 0 && mark.Through == 0 {
			known.free = id
			return known, nil
		}
		known.all = append(known.all, line{id, mark})
	}
	return known, nil
}

// contact is how a run of plays meets a line.
type contact int

const (
	apart   contact = iota // the chains differ before the run begins
	ahead                  // numbers are missing in between
	agrees                 // the run's known plays are the line's, and the rest continues it
	differs                // some plays are the line's, then the chains part
)

// run is what is left to place of a batch: its plays from index at on.
type run struct {
	*request

	at int
}

func (r run) first() uint64 { return firstOf(&r.batch.Plays[r.at]) }

func (r run) before() []byte {
	if r.at == 0 {
		return r.batch.Before
	}
	return r.chain()[r.at-1]
}

// chain is the chain's value after each play of the batch.
func (r *request) chain() [][]byte {
	if r.chains == nil {
		at := r.batch.Before
		for n := range r.batch.Plays {
			at = wire.Chain(at, r.batch.Plays[n])
			r.chains = append(r.chains, at)
		}
	}
	return r.chains
}

func firstOf(p *playlists.Play) uint64 { return p.Seq - uint64(max(p.Lost, 1)) + 1 }

// meet compares a run with a line; common is how many of the batch's plays the line holds, counted
// from the batch's first.
func (i *Intake) meet(ctx context.Context, l line, r run) (how contact, common int, err error) {
	through := l.mark.Through
	if r.first() > through+1 {
		return ahead, r.at, nil
	}
	plays := r.batch.Plays
	within := r.at + sort.Search(len(plays)-r.at, func(n int) bool { return plays[r.at+n].Seq > through })
	if within > r.at && plays[within-1].Seq == through && bytes.Equal(r.chain()[within-1], l.mark.Chain) {
		return agrees, within, nil // the chain says that all before is the same, which may be forgotten
	}
	joins, err := i.holds(ctx, l, r.first()-1, r.before())
	if err == nil && !joins {
		joins, err = i.forgotten(ctx, l, r.first()-1, &plays[r.at])
	}
	if err != nil || !joins {
		return apart, r.at, err
	}
	common = r.at + sort.Search(within-r.at, func(n int) bool {
		var ok bool
		if err == nil {
			ok, err = i.holds(ctx, l, plays[r.at+n].Seq, r.chain()[r.at+n])
		}
		if err == nil && !ok {
			ok, err = i.forgotten(ctx, l, plays[r.at+n].Seq, &plays[r.at+n])
		}
		return !ok
	})
	if common < within || (within < len(plays) && firstOf(&plays[within]) <= through) {
		return differs, common, err
	}
	return agrees, common, err
}

// holds reports whether a line's chain after play seq is chain. Every stream begins at its own id,
// which a batch's own verification has checked.
func (i *Intake) holds(ctx context.Context, l line, seq uint64, chain []byte) (bool, error) {
	if seq == 0 {
		return true, nil
	}
	if seq == l.mark.Through {
		return bytes.Equal(chain, l.mark.Chain), nil
	}
	known, ok, err := i.store.ChainAt(ctx, l.id, seq)
	if err != nil {
		return false, fmt.Errorf("comparing play %d of stream %s with what is stored: %w", seq, l.id, err)
	}
	return ok && bytes.Equal(chain, known), nil
}

// forgotten reports whether nothing is stored of a line's play seq because plays were removed among which it was; p
// is that play, or the one after it. Such a play counts as known: it was counted, and no figure may count it again. One
// that began later than all that were removed is another's.
func (i *Intake) forgotten(ctx context.Context, l line, seq uint64, p *playlists.Play) (bool, error) {
	if seq >= l.mark.Through || !p.Start.Before(i.store.ForgottenUntil()) {
		return false, nil
	}
	_, stored, err := i.store.ChainAt(ctx, l.id, seq)
	if err != nil {
		return false, fmt.Errorf("looking for play %d of stream %s among what is stored: %w", seq, l.id, err)
	}
	return !stored, nil
}

// place is where the plays of a batch go.
type place struct {
	line   playlists.StreamID // where the plays from index at on go
	at     int
	branch bool   // they begin the line, which branches off
	begins bool   // they begin the line
	want   uint64 // if above 0, they go nowhere: the player is asked for this play
	have   uint64 // with want: how far its line is known
}

// place finds where a batch fits.
func (i *Intake) place(ctx context.Context, r *request) (place, error) {
	known, err := i.lines(ctx, r.batch.Stream)
	if err != nil {
		return place{}, err
	}
	rest := run{r, 0}
	parted, missing := false, uint64(0)
	for _, l := range known.all {
		if l.mark.Through > 0 && l.mark.Player != r.batch.Player {
			return place{}, fmt.Errorf("%w: stream %s belongs to player %s", playlists.ErrDenied, r.batch.Stream, l.mark.Player)
		}
		how, common, err := i.meet(ctx, l, rest)
		if err != nil {
			return place{}, err
		}
		switch how {
		case agrees:
			return place{line: l.id, at: common, begins: l.mark.Through == 0}, nil
		case differs:
			parted, rest.at = true, common
		case ahead:
			missing = max(missing, l.mark.Through+1)
		case apart:
		}
	}
	return i.nowhere(known, rest, parted, missing)
}

// nowhere deals with a run that fits no line: it asks for what is before it, or begins a branch.
func (i *Intake) nowhere(known lines, rest run, parted bool, missing uint64) (place, error) {
	if !parted && missing > 0 {
		return place{want: missing, have: missing - 1}, nil
	}
	if oldest := i.oldestOf(rest.batch.Player, rest.batch.Stream); !parted && oldest > 0 && oldest < rest.first() {
		return place{want: oldest}, nil
	}
	if known.free == "" {
		return place{}, fmt.Errorf("%w: more than %d players share stream %s: pair each machine anew", playlists.ErrDenied, maxBranches, rest.batch.Stream)
	}
	return place{line: known.free, at: rest.at, branch: true, begins: true}, nil
}

func (i *Intake) oldestOf(player playlists.PlayerID, stream playlists.StreamID) uint64 {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.ofLocked(player).oldest(stream)
}

// Resume is how far the plays of a stream are known that end as a player says in its hello: what its
// welcome should name. It tells apart players that share the stream, where the stream's own watermark
// would make one drop what only it has. It also keeps in mind what the player could send again, and tells
// staff of a player that has forgotten what it sent.
func (i *Intake) Resume(ctx context.Context, player playlists.PlayerID, stream playlists.StreamID, has wire.State) (through uint64, err error) {
	i.mu.Lock()
	i.ofLocked(player).keep(kept{stream, has.Kept})
	i.mu.Unlock()
	known, err := i.lines(ctx, stream)
	if err != nil {
		return 0, err
	}
	possible := false
	for _, l := range known.all {
		if has.Journal > l.mark.Through {
			possible, through = true, max(through, l.mark.Through)
			continue
		}
		ok, err := i.holds(ctx, l, has.Journal, has.Chain)
		if errors.Is(err, store.ErrDamaged) {
			continue // its plays wait until the month can be read again; it needs its programme all the same
		}
		if err != nil || ok {
			i.compareWith(l, player, stream, has)
			return l.mark.Through, err
		}
	}
	if possible || has.Kept == 0 {
		return through, nil
	}
	return has.Kept - 1, nil
}
