package bolt

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"anteroom/controller/store"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// chunkLimit is the size in bytes beyond which a chunk takes no further run: small enough to be
// written again with every batch, large enough that its head weighs little.
const chunkLimit = 1800

// Append implements [store.Plays].
func (p *plays) Append(ctx context.Context, batches []store.Batch) error {
	if len(batches) == 0 {
		return ctx.Err()
	}
	p.writer.Lock()
	defer p.writer.Unlock()
	m, err := p.monthFor(ctx, batches)
	if err != nil {
		return err
	}
	var w *writer
	err = m.file.update(ctx, func(t *tx) error {
		w = &writer{month: m, tx: t, names: newNaming(&m.names, t), rollups: map[spot]*figures{}, moved: map[[16]byte]store.Watermark{}}
		for i := range batches {
			if broken := w.batch(&batches[i]); broken != nil {
				return broken
			}
		}
		return w.finish()
	})
	if err != nil {
		p.heard.forget()
		return err
	}
	m.names.add(w.names)
	p.heard.append(m, w.moved)
	return nil
}

// monthFor gives the month to write: that of the newest arrival, or the newest there is if the clock
// went back. A month goes on in another part once its file is large.
func (p *plays) monthFor(ctx context.Context, batches []store.Batch) (*month, error) {
	var name string
	for i := range batches {
		name = max(name, batches[i].Received.UTC().Format(monthLayout))
	}
	old := p.newest()
	if old == nil {
		return p.turn(p.begin(ctx, name, nil, nil))
	}
	month, part := partOf(old.Month)
	switch {
	case name > month:
	case old.file.size.Load() >= p.part:
		name = partName(month, part+1)
	default:
		return old, nil
	}
	next, err := p.turn(p.succeed(ctx, old, name, nil))
	if err == nil {
		p.protect(ctx, old)
	}
	return next, err
}

// protect keeps a closed month from being written by accident. That it cannot is no reason to stop.
func (p *plays) protect(ctx context.Context, closed *month) {
	if err := os.Chmod(closed.file.path, 0o400); err != nil {
		p.log.WarnContext(ctx, "closed month not made read-only", slog.String("file", closed.file.path), slog.Any("error", err))
	}
}

// turn takes a new month as the one that is written. The one before stays open for its readers.
func (p *plays) turn(next *month, err error) (*month, error) {
	if err != nil {
		return nil, err
	}
	months := slices.Concat(*p.months.Load(), []*month{next})
	p.months.Store(&months)
	return next, nil
}

// writer appends batches in one transaction.
type writer struct {
	month   *month
	tx      *tx
	names   *naming
	rollups map[spot]*figures
	moved   map[[16]byte]store.Watermark
}

func (w *writer) batch(b *store.Batch) error {
	stream, err := streamKey(b.Stream)
	if err != nil {
		return err
	}
	was, err := watermark(w.tx, stream)
	if err != nil {
		return err
	}
	if err := continues(was, b); err != nil {
		return err
	}
	if err := w.plays(stream, b); err != nil {
		return err
	}
	now := store.Watermark{
		Player: b.Player, Through: b.Plays[len(b.Plays)-1].Seq, Chain: b.Chain, At: b.Received, Ended: endOf(b.Plays, was.Ended),
		Signature: b.Signature, SignedFrom: b.SignedFrom, Branch: was.Branch,
	}
	if was.Through == 0 {
		now.Branch = b.Branch
	}
	w.moved[stream] = mark(now).lasting()
	return putWatermark(w.tx, stream, now)
}

// endOf is when the last of plays ended, or was if none of them is a play.
func endOf(plays []playlists.Play, was time.Time) time.Time {
	for i := range slices.Backward(plays) {
		switch p := &plays[i]; {
		case p.Gap != "":
		case p.Condensed > 0: // a sum of several that may have been long apart
			return p.Start.UTC()
		default:
			return p.Start.Add(time.Duration(p.Shown) * time.Millisecond).UTC()
		}
	}
	return was
}

// continues checks that a batch follows its stream's watermark, and its plays each other.
func continues(was store.Watermark, b *store.Batch) error {
	if len(b.Plays) == 0 {
		return fmt.Errorf("%w: a batch of stream %s without plays", playlists.ErrInvalid, b.Stream)
	}
	next := firstOf(&b.Plays[0])
	follows := next == was.Through+1 && (was.Through == 0 || bytes.Equal(b.Before, was.Chain))
	branches := was.Through == 0 && b.Branch != ""
	if next == 0 || next <= was.Through || (!follows && !branches) {
		return fmt.Errorf("%w: play %d of stream %s cannot follow play %d", playlists.ErrInvalid, next, b.Stream, was.Through)
	}
	for i := range b.Plays {
		if firstOf(&b.Plays[i]) != next || b.Plays[i].Seq < next {
			return fmt.Errorf("%w: play %d of stream %s where %d should follow", playlists.ErrInvalid, b.Plays[i].Seq, b.Stream, next)
		}
		next = b.Plays[i].Seq + 1
	}
	return nil
}

// firstOf is the first number that a record stands for, 0 if that is absurd.
func firstOf(p *playlists.Play) uint64 {
	lost := uint64(max(p.Lost, 1))
	if lost > p.Seq {
		return 0
	}
	return p.Seq - lost + 1
}

// plays adds the plays of a batch to the chunks of their days.
func (w *writer) plays(stream [16]byte, b *store.Batch) error {
	before := b.Before
	for rest := b.Plays; len(rest) > 0; {
		day := dayOf(rest[0].Start)
		n := 1
		for n < len(rest) && dayOf(rest[n].Start) == day {
			n++
		}
		k := chunkKey{day, stream, firstOf(&rest[0])}
		if err := w.run(k, rest[:n], before, b.Received); err != nil {
			return err
		}
		w.span(day)
		if n < len(rest) {
			before = chainOver(before, rest[:n])
		}
		rest = rest[n:]
	}
	return nil
}

func chainOver(before []byte, plays []playlists.Play) []byte {
	for i := range plays {
		before = wire.Chain(before, plays[i])
	}
	return before
}

// span widens the ledger's bounds.
func (w *writer) span(day int32) {
	l := &w.tx.ledger
	if l.FirstDay == nil || day < *l.FirstDay {
		l.FirstDay = &day
	}
	if l.LastDay == nil || day > *l.LastDay {
		l.LastDay = &day
	}
}

// run adds plays to the chunk that ends right before them, or to a fresh one; before is the chain's
// value before them.
func (w *writer) run(k chunkKey, plays []playlists.Play, before []byte, received time.Time) error {
	packed, err := w.tx.table(tableDictionaries).get(k.prefix())
	if err != nil {
		return err
	}
	d, err := openDictionary(packed, w.names.all())
	if err != nil {
		return err
	}
	run, kinds := appendRun(nil, plays, received, d, w.names)
	w.rollUp(plays, kinds, d)
	at, c, err := w.room(k, chunk{before: before}, len(run))
	if err != nil {
		return err
	}
	c.last, c.runs = plays[len(plays)-1].Seq, append(slices.Clip(c.runs), run...)
	if err := w.tx.table(tablePlays).put(at.bytes(), c.pack(at)); err != nil {
		return err
	}
	if len(d.packed) == len(packed) {
		return nil
	}
	return w.tx.table(tableDictionaries).put(k.prefix(), d.packed)
}

// room finds the chunk that a run of so many bytes goes to.
func (w *writer) room(k chunkKey, fresh chunk, size int) (chunkKey, chunk, error) {
	key, packed, err := w.tx.table(tablePlays).cursor().before(k.bytes())
	if err != nil {
		return k, fresh, err
	}
	last, err := chunkOf(key, k.day, k.stream)
	if err != nil || last == nil || len(packed)+size > chunkLimit {
		return k, fresh, err
	}
	c, err := openChunk(*last, packed)
	if err != nil || c.last+1 != k.first {
		return k, fresh, err
	}
	return *last, c, nil
}

// mark is a watermark as it is stored, under the stream's 16 bytes.
type mark struct {
	Player     playlists.PlayerID `json:"player"`
	Through    uint64             `json:"through"`
	Chain      []byte             `json:"chain"`
	At         time.Time          `json:"at"`
	Ended      time.Time          `json:"ended,omitzero"`
	Signature  []byte             `json:"signature,omitempty"`
	SignedFrom uint64             `json:"signed_from,omitempty"`
	Branch     playlists.StreamID `json:"branch,omitempty"`
}

// lasting is w as it is read again: nothing of it is anybody else's.
func (w mark) lasting() store.Watermark {
	w.At, w.Chain, w.Signature = w.At.Round(0), slices.Clone(w.Chain), slices.Clone(w.Signature)
	return store.Watermark(w)
}

func watermark(t *tx, stream [16]byte) (store.Watermark, error) {
	raw, err := t.table(tableStreams).get(stream[:])
	if err != nil || raw == nil {
		return store.Watermark{}, err
	}
	var m mark
	if err := json.Unmarshal(raw, &m); err != nil {
		return store.Watermark{}, fmt.Errorf("%w: watermark of stream %s: %w", store.ErrDamaged, hex.EncodeToString(stream[:]), err)
	}
	return store.Watermark(m), nil
}

func putWatermark(t *tx, stream [16]byte, w store.Watermark) error {
	raw, err := json.Marshal(mark(w))
	if err != nil {
		return fmt.Errorf("writing the watermark of %s: %w", streamOf(stream), err)
	}
	return t.table(tableStreams).put(stream[:], raw)
}
