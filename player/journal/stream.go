package journal

import (
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"anteroom/player/disk"
	"anteroom/playlists"
	"anteroom/playlists/wire"
)

// indexName is the file that lists the streams.
const indexName = "journal.json"

// tempSuffix ends the names of files that are being made, damagedSuffix of those that were set aside.
const (
	tempSuffix    = ".temp"
	damagedSuffix = ".damaged"
)

// stream is one unbroken numbering; the exported half is its entry in the index.
type stream struct {
	Number     int                    `json:"number"`
	ID         playlists.StreamID     `json:"id"`
	Controller playlists.ControllerID `json:"controller,omitempty"`
	// Acked is the last play that the controller has, Chain the chain after it.
	Acked uint64 `json:"acked"`
	Chain []byte `json:"chain"`
	// Guessed: the index was lost, and the controller may have more than Acked says. Nothing is condensed
	// until it has told: its numbers are taken.
	Guessed bool `json:"guessed,omitempty"`
	// Why says what began it, if not the first start.
	Why string `json:"why,omitempty"`
	// End is the last number of a stream that is no longer written to.
	End uint64 `json:"end,omitempty"`

	days []*day
}

func (s *stream) dir(root string) string {
	return filepath.Join(root, fmt.Sprintf("%04d-%s", s.Number, s.ID))
}

func (s *stream) path(root string, index int, date string, first uint64) string {
	return filepath.Join(s.dir(root), dayName(index, date, first))
}

// last is the last durable number.
func (s *stream) last() uint64 {
	if s.End > 0 || len(s.days) == 0 {
		return s.End
	}
	return s.days[len(s.days)-1].meta.Last
}

// chain is the chain's value after last, where it is known without reading; else nil.
func (s *stream) chain() []byte {
	if s.Acked == s.last() {
		return s.Chain
	}
	return s.days[len(s.days)-1].meta.After
}

func (s *stream) kept() uint64 {
	if len(s.days) == 0 || s.last() < s.days[0].first {
		return 0
	}
	return s.days[0].first
}

// lastOf is the last number of day file i.
func (s *stream) lastOf(i int) uint64 {
	if i+1 < len(s.days) {
		return s.days[i+1].first - 1
	}
	return s.last()
}

func (s *stream) close() error {
	var err error
	for _, d := range s.days {
		err = errors.Join(err, d.close())
	}
	return err
}

func turnOf(key []byte) uint64 {
	if len(key) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(key)
}

// openLocked opens the files if they are closed, and mends what is damaged.
func (j *Journal) openLocked() error {
	if j.streams != nil {
		return nil
	}
	if err := disk.MakeDir(j.cfg.Dir); err != nil {
		return fmt.Errorf("opening journal: %w", err)
	}
	streams, err := j.readIndex()
	if err != nil {
		return fmt.Errorf("opening journal: %w", err)
	}
	j.streams = streams
	for _, step := range []func() error{j.settleLocked, j.openHeadLocked, j.bindLocked, j.takeEarlyLocked, j.adoptLocked, j.tellFoundLocked} {
		if err := step(); err != nil {
			return fmt.Errorf("opening journal: %w", j.poisonLocked(err))
		}
	}
	j.up.Store(true)
	return nil
}

// settleLocked makes sure, after a failed write, that what is read is what the disk holds: whatever waits
// in the kernel goes to the disk, and is then read from there.
func (j *Journal) settleLocked() error {
	if !j.doubt {
		return nil
	}
	for _, s := range j.streams {
		if err := disk.SyncDir(s.dir(j.cfg.Dir)); err != nil {
			return err
		}
	}
	if n := len(j.streams); n > 0 && len(j.streams[n-1].days) > 0 {
		days := j.streams[n-1].days
		if err := disk.Reread(days[len(days)-1].path); err != nil {
			return err
		}
	}
	if err := disk.SyncDir(j.cfg.Dir); err != nil {
		return err
	}
	j.doubt = false
	return nil
}

// openHeadLocked opens the newest file, or begins a new stream where there is none to believe.
func (j *Journal) openHeadLocked() error {
	if len(j.streams) == 0 {
		return j.newStreamLocked("", nil)
	}
	s := j.streams[len(j.streams)-1]
	if len(s.days) == 0 {
		return j.loseHeadLocked(s, "the player's journal was gone")
	}
	head := s.days[len(s.days)-1]
	err := head.openFor(true, &j.cfg)
	if err == nil && head.meta.Last < s.Acked {
		return j.loseHeadLocked(s, "the newest files of the player's journal were gone")
	}
	if !errors.Is(err, ErrDamaged) {
		return err
	}
	j.cfg.Log.Error("journal damaged", slog.String("file", head.path), slog.Any("error", err))
	j.cfg.damaged(head.path)
	s.days = s.days[:len(s.days)-1]
	s.End = head.first - 1
	err = j.loseHeadLocked(s, "the player's journal of "+head.date+" was damaged: its plays that were not sent yet are lost")
	if err != nil {
		return err
	}
	return j.setAside(head)
}

// loseHeadLocked ends a stream whose last numbers are unknown, and begins another that says so.
func (j *Journal) loseHeadLocked(s *stream, why string) error {
	s.End = max(s.End, s.Acked)
	if err := j.dropEarlyLocked(); err != nil {
		return err
	}
	gap := j.lostPlay(why, 1)
	return j.newStreamLocked(why, &gap)
}

// newStreamLocked begins a stream, with a first record if there is something to say.
func (j *Journal) newStreamLocked(why string, first *playlists.Play) error {
	s, err := j.beginStream(why, first)
	if err != nil {
		return err
	}
	j.streams = append(j.streams, s)
	if err := j.saveIndex(); err != nil {
		return err
	}
	return s.days[0].openFor(true, &j.cfg)
}

// beginStream makes a stream that is not in the index yet.
func (j *Journal) beginStream(why string, first *playlists.Play) (*stream, error) {
	s, err := j.makeStream(why)
	if err != nil {
		return nil, err
	}
	start := meta{Stream: s.ID, First: 1, Before: s.Chain, After: s.Chain}
	date := j.cfg.Now().UTC().Format(time.DateOnly)
	made, err := buildDay(s.path(j.cfg.Dir, 1, date, 1), start, j.cfg.NoSync, func(w *writer) error {
		j.signLocked(&w.meta)
		if first == nil {
			return nil
		}
		return w.add(*first)
	})
	if err != nil {
		return nil, err
	}
	s.days = []*day{made}
	return s, nil
}

// makeStream draws a new stream's id and makes its directory.
func (j *Journal) makeStream(why string) (*stream, error) {
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, fmt.Errorf("beginning a stream: %w", err)
	}
	s := &stream{Number: 1, ID: playlists.StreamID(hex.EncodeToString(id[:])), Why: why, Controller: j.controller, Chain: id[:]}
	for _, other := range j.streams {
		s.Number = max(s.Number, other.Number+1)
	}
	if why != "" {
		j.cfg.Log.Warn("new stream of plays", slog.String("stream", string(s.ID)), slog.String("reason", why))
	}
	return s, disk.MakeDir(s.dir(j.cfg.Dir))
}

// adoptLocked turns marks of earlier boots into interrupted plays: nobody can know more of them. And it
// drops what a failed commit of this run had made durable all the same.
func (j *Journal) adoptLocked() error {
	head := j.head()
	if head.meta.Run == j.run && head.meta.Ops > j.done {
		n := min(head.meta.Ops-j.done, uint64(len(j.batch)))
		j.queue.kept(j.batch[:n], j.dropped)
		j.batch, j.done, j.dropped = j.batch[n:], j.done+n, 0
	}
	marks, err := head.marks()
	if err != nil {
		return err
	}
	maps.DeleteFunc(marks, func(_ uint64, m mark) bool { return m.Run == j.run || m.Play.Boot == j.cfg.Boot })
	if len(marks) == 0 {
		return nil
	}
	return head.update(func(w *writer) error { return j.interrupt(w, marks) })
}

// interrupt ends the marks that an earlier boot left.
func (j *Journal) interrupt(w *writer, left map[uint64]mark) error {
	for _, turn := range slices.Sorted(maps.Keys(left)) {
		if p, happened := interrupted(left[turn], w.meta); happened {
			if err := j.finishLocked(w, p); err != nil {
				return err
			}
		}
		if err := w.unmark(turn); err != nil {
			return err
		}
	}
	return nil
}

// interrupted is the play of an orphaned mark: shown at least until the last sign of life. A mark whose
// slot lay still ahead then was never on.
func interrupted(m mark, last meta) (playlists.Play, bool) {
	p := m.Play
	p.Outcome = playlists.Interrupted
	lived := p.Boot == last.Boot && p.Mono <= last.Alive
	if m.Drawn && lived {
		p.Shown = min(last.Alive-p.Mono, p.Planned)
	}
	return p, m.Drawn || lived
}

// tellFoundLocked tells, at the first opening, what earlier runs left.
func (j *Journal) tellFoundLocked() error {
	if j.up.Load() {
		return nil
	}
	head := j.head()
	marks, err := head.marks()
	if err != nil {
		return err
	}
	found := Found{Recent: j.recentLocked()}
	if head.meta.Boot == j.cfg.Boot {
		found.Alive = head.meta.Alive * int64(time.Millisecond)
	}
	for _, turn := range slices.Sorted(maps.Keys(marks)) {
		if m := marks[turn]; m.Run != j.run {
			found.Open = append(found.Open, Orphan{turn, m.Play, m.Slot, m.Drawn})
		}
	}
	j.found <- found
	return nil
}

// maxRecent bounds how many plays are looked at for those whose slots may still be on.
const maxRecent = 64

// recentLocked looks for them in the newest files. They only tell whether a play resumes another, so that
// what cannot be read is passed over.
func (j *Journal) recentLocked() []playlists.Play {
	var recent []playlists.Play
	days := j.streams[len(j.streams)-1].days
	for _, d := range slices.Backward(days[max(0, len(days)-2):]) {
		if err := j.openForReading(d); err != nil {
			break
		}
		last, err := d.recent(maxRecent)
		if err != nil {
			break
		}
		recent = append(recent, last...)
		if len(recent) >= maxRecent {
			break
		}
	}
	now := j.cfg.Now()
	return slices.DeleteFunc(recent, func(p playlists.Play) bool {
		return p.Gap != "" || p.Condensed > 0 || p.Start.Add(time.Duration(p.Planned)*time.Millisecond).Before(now)
	})
}

// bindLocked gives the newest stream its controller, or begins another for another controller.
func (j *Journal) bindLocked() error {
	s := j.streams[len(j.streams)-1]
	switch {
	case j.controller == "" || s.Controller == j.controller:
		j.controller = s.Controller
		return nil
	case s.Controller == "":
		s.Controller = j.controller
		return j.saveIndex()
	}
	if err := j.disownLocked(); err != nil {
		return err
	}
	next, err := j.beginStream("paired with another controller", nil)
	if err != nil {
		return err
	}
	old := j.streams
	j.streams = []*stream{next} // in one step, or a crash would leave the old one to be sent
	if err := j.saveIndex(); err != nil {
		j.streams = slices.Concat(old, j.streams) // to be closed
		return err
	}
	err = next.days[0].openFor(true, &j.cfg)
	for _, s := range old {
		err = errors.Join(err, s.close(), os.RemoveAll(s.dir(j.cfg.Dir)))
	}
	return err
}

// disownLocked lets go of what was begun for another controller: turns that are open, and what waited when
// the new one was named.
func (j *Journal) disownLocked() error {
	marks, err := j.head().marks()
	if err != nil {
		return err
	}
	for turn := range marks {
		j.foreign[turn] = true
	}
	ops, dropped := j.queue.take(math.MaxInt)
	j.batch, j.dropped = append(j.batch, ops...), j.dropped+dropped
	for ; len(j.batch) > 0 && j.done < j.bound; j.done++ {
		if o := j.batch[0]; !o.live {
			j.foreign[o.turn] = true
		}
		j.queue.kept(j.batch[:1], 0)
		j.batch = j.batch[1:]
	}
	return j.dropEarlyLocked()
}

// saveIndex writes the list of streams.
func (j *Journal) saveIndex() error {
	j.unsaved = true
	enc, err := json.Marshal(j.streams)
	if err != nil {
		return err
	}
	write, path := disk.Write, filepath.Join(j.cfg.Dir, indexName)
	if j.cfg.NoSync {
		write = func(path string, b []byte) error { return os.WriteFile(path, b, 0o600) }
	}
	if err := write(path, seal([]byte(indexName), enc)); err != nil {
		return err
	}
	j.unsaved = false
	return nil
}

// readIndex reads the list of streams, or makes it up from the directories where there is none to believe.
func (j *Journal) readIndex() ([]*stream, error) {
	path := filepath.Join(j.cfg.Dir, indexName)
	var streams []*stream
	err := j.probeIndex(path)
	switch {
	case err == nil:
		if streams, err = openIndex(path); err == nil {
			err = j.sweep(streams)
		}
	case errors.Is(err, ErrDamaged):
		j.cfg.Log.Error("journal index damaged", slog.String("file", path), slog.Any("error", err))
		j.cfg.damaged(path)
		streams, err = j.guessIndex()
	case errors.Is(err, os.ErrNotExist):
		streams, err = j.guessIndex()
	}
	if err != nil {
		return nil, err
	}
	for _, s := range streams {
		if err := s.list(j.cfg.Dir); err != nil {
			return nil, err
		}
	}
	return streams, nil
}

func openIndex(path string) ([]*stream, error) {
	streams := []*stream{}
	sealed, err := os.ReadFile(path)
	if err == nil {
		err = unsealJSON([]byte(indexName), sealed, &streams)
	}
	return streams, err
}

func probeIndex(path string) error {
	_, err := openIndex(path)
	return err
}

// sweep removes what a crash left half made: directories that are not in the index, temporary files.
func (j *Journal) sweep(streams []*stream) error {
	listed := map[string]bool{}
	for _, s := range streams {
		listed[s.dir(j.cfg.Dir)] = true
	}
	dirs, err := filepath.Glob(filepath.Join(j.cfg.Dir, "[0-9]*-*"))
	for _, dir := range dirs {
		if !listed[dir] {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}
	temps, globErr := filepath.Glob(filepath.Join(j.cfg.Dir, "*", "*"+tempSuffix))
	for _, temp := range temps {
		err = errors.Join(err, os.Remove(temp))
	}
	return errors.Join(err, globErr)
}

// guessIndex lists the streams whose directories are there. What was acknowledged is unknown; the
// controller tells.
func (j *Journal) guessIndex() ([]*stream, error) {
	entries, err := os.ReadDir(j.cfg.Dir)
	if err != nil {
		return nil, err
	}
	streams := []*stream{}
	for _, e := range entries {
		number, id, ok := strings.Cut(e.Name(), "-")
		s := &stream{ID: playlists.StreamID(id), Controller: j.controller, Guessed: true}
		if _, err := fmt.Sscanf(number, "%04d", &s.Number); err != nil || !ok || !e.IsDir() {
			continue
		}
		if s.Chain, err = wire.ChainStart(s.ID); err != nil {
			continue
		}
		begun, err := j.begun(s)
		if err != nil {
			return nil, err
		}
		if begun {
			streams = append(streams, s)
		}
	}
	for i, s := range streams {
		if err := j.guess(s, i+1 < len(streams)); err != nil {
			return nil, err
		}
	}
	return streams, nil
}

// begun tells a stream from a directory that a crash left before its first file was whole, and removes
// that.
func (j *Journal) begun(s *stream) (bool, error) {
	entries, err := os.ReadDir(s.dir(j.cfg.Dir))
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), tempSuffix) {
			return true, nil
		}
	}
	return false, os.RemoveAll(s.dir(j.cfg.Dir))
}

// guess makes up what the index said of a stream: what was acknowledged at least, since nothing else is
// removed, and where it ended, if it did.
func (j *Journal) guess(s *stream, ended bool) error {
	err := s.list(j.cfg.Dir)
	if err != nil || len(s.days) == 0 {
		return err
	}
	first, last := s.days[0], s.days[len(s.days)-1]
	err = first.openFor(false, &j.cfg)
	if err == nil {
		s.Acked, s.Chain = first.meta.First-1, first.meta.Before
	}
	if ended && (err == nil || errors.Is(err, ErrDamaged)) {
		err = last.openFor(false, &j.cfg)
		s.End = last.first - 1
		if err == nil {
			s.End = last.meta.Last
		}
	}
	if errors.Is(err, ErrDamaged) {
		err = nil // whoever needs it finds out
	}
	return errors.Join(err, s.close())
}

// list finds a stream's day files, in the order of their numbers.
func (s *stream) list(root string) error {
	s.days = nil
	entries, err := os.ReadDir(s.dir(root))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if d, ok := parseDay(filepath.Join(s.dir(root), e.Name())); ok {
			s.days = append(s.days, d)
		}
	}
	slices.SortFunc(s.days, func(a, b *day) int { return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.index, b.index)) })
	return nil
}
