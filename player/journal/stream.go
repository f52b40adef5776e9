package journal

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
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

// stream is one unbroken numbering; the exported half is its entry in the index.
type stream struct {
	Number     int                    `json:"number"`
	ID         playlists.StreamID     `json:"id"`
	Controller playlists.ControllerID `json:"controller,omitempty"`
	// Acked is the last play that the controller has, Chain the chain after it.
	Acked uint64 `json:"acked"`
	Chain []byte `json:"chain"`
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
	err = j.openHeadLocked()
	if err == nil {
		err = errors.Join(j.adoptLocked(), j.bindLocked())
	}
	if err != nil {
		return fmt.Errorf("opening journal: %w", j.poisonLocked(err))
	}
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
	if !errors.Is(err, ErrDamaged) {
		return err
	}
	j.cfg.Log.Error("journal damaged", slog.String("file", head.path), slog.Any("error", err))
	s.days = s.days[:len(s.days)-1]
	if err := j.setAside(head); err != nil {
		return err
	}
	return j.loseHeadLocked(s, "the player's journal of "+head.date+" was damaged: its plays that were not sent yet are lost")
}

// loseHeadLocked ends a stream whose last numbers are unknown, and begins another that says so.
func (j *Journal) loseHeadLocked(s *stream, why string) error {
	s.End = s.Acked
	if n := len(s.days); n > 0 {
		d := s.days[n-1]
		if err := d.openFor(false, &j.cfg); err == nil {
			s.End = max(s.Acked, d.meta.Last)
		}
	}
	gap := j.lostPlay(why, 1)
	return j.newStreamLocked(why, &gap)
}

// newStreamLocked begins a stream, with a first record if there is something to say.
func (j *Journal) newStreamLocked(why string, first *playlists.Play) error {
	s, err := j.makeStream(why)
	if err != nil {
		return err
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
		return err
	}
	s.days = []*day{made}
	j.streams = append(j.streams, s)
	return errors.Join(j.saveIndex(), made.openFor(true, &j.cfg))
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

// adoptLocked turns marks of earlier runs into interrupted plays, and drops what a failed commit of
// this run had made durable all the same.
func (j *Journal) adoptLocked() error {
	head := j.head()
	if j.tried > 0 && head.meta.Run == j.run && head.meta.Commit >= j.commits {
		j.batch = j.batch[min(j.tried, len(j.batch)):]
		j.dropped = 0
	}
	j.tried = 0
	marks, err := head.marks()
	if err != nil {
		return err
	}
	left := map[uint64]mark{}
	for turn, m := range marks {
		if m.Run != j.run {
			left[turn] = m
		}
	}
	if len(left) == 0 {
		return nil
	}
	return head.update(func(w *writer) error { return j.interrupt(w, left) })
}

// interrupt ends the marks that a crash left.
func (j *Journal) interrupt(w *writer, left map[uint64]mark) error {
	turns := make([]uint64, 0, len(left))
	for turn := range left {
		turns = append(turns, turn)
	}
	slices.Sort(turns)
	var orphans []Orphan
	for _, turn := range turns {
		m := left[turn]
		p, happened := interrupted(m, w.meta)
		if happened {
			if err := w.add(p); err != nil {
				return err
			}
			orphans = append(orphans, Orphan{p, m.Slot})
		}
		if err := w.unmark(turn); err != nil {
			return err
		}
	}
	j.orphans = append(j.orphans, orphans...)
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
	if err := j.newStreamLocked("paired with another controller", nil); err != nil {
		return err
	}
	old := j.streams[:len(j.streams)-1]
	j.streams = j.streams[len(j.streams)-1:]
	err := j.saveIndex()
	for _, s := range old {
		err = errors.Join(err, s.close(), os.RemoveAll(s.dir(j.cfg.Dir)))
	}
	return err
}

// saveIndex writes the list of streams.
func (j *Journal) saveIndex() error {
	enc, err := json.Marshal(j.streams)
	if err != nil {
		return err
	}
	path := filepath.Join(j.cfg.Dir, indexName)
	if j.cfg.NoSync {
		return os.WriteFile(path, seal([]byte(indexName), enc), 0o600)
	}
	return disk.Write(path, seal([]byte(indexName), enc))
}

// readIndex reads the list of streams, or makes it up from the directories.
func (j *Journal) readIndex() ([]*stream, error) {
	streams := []*stream{}
	sealed, err := os.ReadFile(filepath.Join(j.cfg.Dir, indexName))
	if err == nil {
		err = unsealJSON([]byte(indexName), sealed, &streams)
	}
	if err != nil {
		if !errors.Is(err, os.ErrNotExist) {
			j.cfg.Log.Warn("journal index unreadable", slog.Any("error", err))
		}
		streams, err = j.guessIndex()
	} else {
		err = j.sweep(streams)
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
	temps, globErr := filepath.Glob(filepath.Join(j.cfg.Dir, "*", "*.temp"))
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
		s := &stream{ID: playlists.StreamID(id), Controller: j.controller}
		if _, err := fmt.Sscanf(number, "%04d", &s.Number); err != nil || !ok || !e.IsDir() {
			continue
		}
		if s.Chain, err = wire.ChainStart(s.ID); err == nil {
			streams = append(streams, s)
		}
	}
	for i := 0; i+1 < len(streams); i++ {
		if err := j.guessEnd(streams[i]); err != nil {
			return nil, err
		}
	}
	return streams, nil
}

func (j *Journal) guessEnd(s *stream) error {
	if err := s.list(j.cfg.Dir); err != nil || len(s.days) == 0 {
		return err
	}
	d := s.days[len(s.days)-1]
	if err := d.openFor(false, &j.cfg); !errors.Is(err, ErrDamaged) {
		s.End = d.meta.Last
		return errors.Join(err, d.close())
	}
	return j.setAside(d)
}

// list finds a stream's day files.
func (s *stream) list(root string) error {
	names, err := filepath.Glob(filepath.Join(s.dir(root), "*.db"))
	if err != nil {
		return err
	}
	slices.Sort(names)
	s.days = nil
	for _, name := range names {
		if d, ok := parseDay(name); ok {
			s.days = append(s.days, d)
		}
	}
	return nil
}
