// Package account keeps what a stage drew where it outlives the agent, the stage and both.
//
// A picture that was on the glass is a play, and it counts even if whoever knew of it is killed the next
// millisecond. The agent alone cannot promise that. Before it cues a turn it writes an open mark, so it
// never forgets that a turn may have been drawn; but whether it was, only the stage knows, and what it
// says travels through a pipe: what is in the pipe, and what the agent has read and not yet written to its
// journal, dies with the agent. A stage that is killed between drawing and telling takes its word with it,
// too. So each stage writes what it tells into a file first, its account, and whoever is left reads it:
//
//   - The stage is killed. The agent reads the end of its account, hears what the pipe did not bring, and
//     only then takes the stage for gone.
//   - The agent is killed. The next one starts a stage of its own, kills the old one, which held its picture
//     meanwhile and may have drawn one more, waits until that is dead, and reads the accounts of all stages of
//     this boot. Each mark that an earlier agent left open is settled by them ([playback.Ledger.Recover]):
//     drawn, it is a play from its first picture to the last that is known of it; never drawn, it is none.
//     Marks without a number are all that an account is asked about, so reading one again changes nothing,
//     and nobody has to say which accounts are done with.
//   - Both are killed: the same.
//   - The power is cut. Accounts are never synced and those of another boot are thrown away: nobody can know,
//     and a mark whose time had come is an interrupted play, as without accounts.
//
// An account may be lost at any moment: it is no state of the stage, which never reads it, and the next one
// begins a new one. Nor does anything wait for it; it is written beside the drawing, not by it.
//
// For tests, `stage --truth FILE` writes a line for every turn first drawn. The order is: the account, the
// truth, the pipe; one write(2) each. A stage that is killed between the first two leaves a play that the
// truth lacks; it was drawn. That window, from one write to the next on the same goroutine, is all that
// remains, and no play is ever missing because of it. A picture that was presented and whose stage was killed
// before the first write is in none of them. playertest.Compare holds plays against the truth.
//
// On disk, in the player's stage directory, one file a stage, named by the instant at which it was made:
// records of 256 bytes, each a line of JSON behind the CRC-32C of its place and of it, padded with spaces; a
// kill leaves a record whole or as it was, for none crosses a page, and one that is neither blank nor sound
// is damage: an account that says so is not believed. The first names the process, the others are a ring:
//
//	1f8a03d2 {"boot":"7d0c…","pid":4711,"since":"88213"}
//	90b1c877 {"drawn":{"scene":3,"turn":3600001,"at":3600004000000}}
//	5533aa10 {"beat":{"at":3610004000000,"scene":3,"frames":12}}
package account

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"anteroom/player/playback"
	"anteroom/playlists"
)

const (
	record  = 256 // bytes
	records = 512
	// most is how many accounts are kept.
	most = 16
)

// ErrDamaged says that an account does not hold what was written.
var ErrDamaged = errors.New("damaged")

var errBlank = errors.New("nothing is written there")

// Head says whose account it is.
type Head struct {
	Boot playlists.BootID `json:"boot"`
	// PID is the stage's process; Since, when that started in the kernel's ticks, makes it the only one of
	// its boot.
	PID   int    `json:"pid"`
	Since string `json:"since"`
	// Gone is the last instant at which the stage can have drawn, if somebody saw its end; else 0.
	Gone int64 `json:"gone,omitempty"`
}

// Account is one stage's, as its keeper sees it.
type Account struct {
	// Path is the file that the stage is told to write to.
	Path string
	// Head is empty until the stage's process was named.
	Head Head
	// Lost: the power went before anything of it was on the disk.
	Lost bool
}

// New makes a blank account in dir at a monotonic instant, and removes the oldest of too many.
func New(dir string, at int64) (*Account, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making an account: %w", err)
	}
	blank := bytes.Repeat(pad(nil), records)
	a := &Account{Path: filepath.Join(dir, fmt.Sprintf("%020d", at))}
	if err := os.WriteFile(a.Path, blank, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("making an account: %w", err), os.RemoveAll(a.Path))
	}
	all, err := paths(dir)
	if over := len(all) - most; err == nil && over > 0 {
		for _, old := range all[:over] {
			err = errors.Join(err, os.RemoveAll(old))
		}
	}
	return a, err
}

// paths lists the accounts in dir, the oldest first.
func paths(dir string) ([]string, error) {
	return filepath.Glob(filepath.Join(dir, "[0-9]*"))
}

// List gives the accounts in dir, the oldest first. One whose first record cannot be believed has an empty
// Head, and is an error beside the others ([ErrDamaged]) unless nobody wrote it or it is Lost; so is one that cannot
// be read at all, and it is left out.
func List(dir string) ([]*Account, error) {
	names, err := paths(dir)
	all := make([]*Account, 0, len(names))
	for _, name := range names {
		b, failed := os.ReadFile(name)
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("reading accounts: %w", failed))
			continue
		}
		a := &Account{Path: name, Lost: len(b) == 0}
		if failed := decode(0, b[:min(record, len(b))], &a.Head); failed != nil && !a.Lost {
			a.Head = Head{}
			if !errors.Is(failed, errBlank) {
				err = errors.Join(err, fmt.Errorf("account %s: %w", filepath.Base(name), failed))
			}
		}
		all = append(all, a)
	}
	return all, err
}

// Put writes the account's head.
func (a *Account) Put(h Head) error {
	a.Head = h
	file, err := os.OpenFile(a.Path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("naming an account: %w", err)
	}
	return errors.Join(put(file, 0, h), file.Close())
}

// Read gives what the stage has told, the oldest first; the last may be a Beat. What cannot be believed is
// left out, and is [ErrDamaged] beside the rest.
func (a *Account) Read() ([]playback.Event, error) {
	b, err := os.ReadFile(a.Path)
	if err != nil {
		return nil, fmt.Errorf("reading an account: %w", err)
	}
	told, err := events(b)
	if err != nil {
		err = fmt.Errorf("account %s: %w", filepath.Base(a.Path), err)
	}
	slices.SortStableFunc(told, func(x, y playback.Event) int { return cmp.Compare(x.At(), y.At()) })
	return told, err
}

// events reads the ring: blank is only what has not been reached yet.
func events(b []byte) (told []playback.Event, err error) {
	if len(b) != records*record {
		err = fmt.Errorf("%w: it has %d bytes instead of %d", ErrDamaged, len(b), records*record)
	}
	end := false
	for n := int64(1); int(n+1)*record <= len(b); n++ {
		var e playback.Event
		failed := decode(n, b[n*record:(n+1)*record], &e)
		switch {
		case errors.Is(failed, errBlank):
			end = true
			continue
		case failed != nil:
			err = failed
			continue
		case end:
			err = fmt.Errorf("%w: records before record %d are blank", ErrDamaged, n)
		}
		told = append(told, e)
	}
	return told, err
}

// Remove removes the account; it need not be there.
func (a *Account) Remove() error { return os.RemoveAll(a.Path) }

// Writer is where a stage writes its account. One goroutine uses it.
type Writer struct {
	file *os.File
	next int64
}

// Open opens the account that a stage was told to write to.
func Open(path string) (*Writer, error) {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("opening the account: %w", err)
	}
	return &Writer{file: file}, nil
}

// Tell writes what became of a turn, or that the stage draws. What follows a beat takes its place; other
// events are not written.
func (w *Writer) Tell(e playback.Event) error {
	var kept playback.Event
	switch {
	case e.Drawn != nil:
		kept.Drawn = e.Drawn
	case e.Failed != nil:
		failed := *e.Failed
		failed.Reason = ""
		kept.Failed = &failed
	case e.Beat != nil:
		kept.Beat = e.Beat
	default:
		return nil
	}
	err := put(w.file, 1+w.next, kept)
	if err == nil && e.Beat == nil {
		w.next = (w.next + 1) % (records - 1)
	}
	return err
}

// Close closes the file.
func (w *Writer) Close() error { return w.file.Close() }

// put writes record n.
func put(file *os.File, n int64, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	b := encode(n, text)
	if len(b) != record {
		return fmt.Errorf("%w: a record of %d bytes", playlists.ErrInvalid, len(b))
	}
	_, err = file.WriteAt(b, n*record)
	return err
}

// encode is record n with a text, longer than a record if that does not fit.
func encode(n int64, text []byte) []byte {
	return pad(fmt.Appendf(nil, "%08x %s", sum(n, text), text))
}

// pad makes a record of a text; of none, a blank one.
func pad(text []byte) []byte {
	return append(append(text, bytes.Repeat([]byte{' '}, max(0, record-len(text)-1))...), '\n')
}

// decode reads record n.
func decode(n int64, b []byte, into any) error {
	if body, whole := bytes.CutSuffix(b, []byte("\n")); whole && len(b) == record && len(bytes.Trim(body, " ")) == 0 {
		return errBlank
	}
	text := bytes.TrimRight(b[min(9, len(b)):], " \n")
	if !bytes.Equal(b, encode(n, text)) {
		return fmt.Errorf("%w: record %d", ErrDamaged, n)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%w: record %d: %w", ErrDamaged, n, err)
	}
	return nil
}

// sum is of a text and of its place.
func sum(n int64, text []byte) uint32 {
	castagnoli := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum(strconv.AppendInt(nil, n, 10), castagnoli), castagnoli, text)
}
