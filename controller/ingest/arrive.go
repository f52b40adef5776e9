package ingest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"anteroom/controller/disk"
	"anteroom/playlists"
)

// Why bytes of an upload that comes in pieces were not taken; the upload is as it was.
var (
	// ErrOffset says that they do not follow what has come so far.
	ErrOffset = playlists.Sentence("these bytes do not follow those that have come; ask how far the upload is, and send what follows")
	// ErrLocked says that another request sends bytes of the upload, or that it is just changing hands.
	ErrLocked = playlists.Sentence("this upload is in use at the moment; try again soon")
	// ErrEnded says that there is nothing to be called off any more.
	ErrEnded = playlists.Sentence("this upload has ended: the file was converted, or refused")
	// ErrBrokenOff says that the sender fell silent. What came is kept.
	ErrBrokenOff = playlists.Sentence("the upload broke off; it goes on where it stopped")
)

// NoRoomError says that the disk has no room for a file. Nothing of it was received.
type NoRoomError struct{ Bytes int64 }

// Error says it to a person.
func (e *NoRoomError) Error() string { return e.refusal().Reason }

// Phrase is what it says.
func (e *NoRoomError) Phrase() playlists.Phrase { return e.refusal().phrase }

func (e *NoRoomError) refusal() *RefusalError {
	return refuse("The controller's disk has no room for this file: with its conversion it takes %s. "+
		"Tell your administrator to free space where the controller's data is, and send it then.", sizeWords(2*e.Bytes))
}

// arrivals are the uploads that come in pieces. One at a time writes to each.
type arrivals struct {
	mu  sync.Mutex
	all map[string]*arrival
}

func (s *arrivals) put(a *arrival) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[a.ID] = a
}

// take gives an arrival to one alone, until [arrivals.leave] or [arrivals.drop]; stop is called to end what they do.
func (s *arrivals) take(id string, stop func()) (*arrival, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.all[id]
	switch {
	case !ok:
		return nil, fmt.Errorf("upload %q: %w", id, playlists.ErrNotFound)
	case a.busy:
		return nil, ErrLocked
	}
	a.busy, a.stop = true, stop
	return a, nil
}

// leave gives an arrival back, and reports whether it was called off meanwhile.
func (s *arrivals) leave(a *arrival) (cancelled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.busy, a.stop = false, nil
	return a.cancelled
}

func (s *arrivals) drop(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, id)
}

// cancel takes an arrival away from all. The one that somebody writes to at the moment is theirs to remove.
func (s *arrivals) cancel(id string) (a *arrival, theirs bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a = s.all[id]
	delete(s.all, id)
	if a == nil || !a.busy {
		return a, false
	}
	a.cancelled = true
	a.stop()
	return a, true
}

// abandoned takes away those to which nothing has come for as long as kept, and says when it is time to look again.
func (s *arrivals) abandoned(now time.Time, kept time.Duration) (gone []*arrival, again time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	again = kept
	for id, a := range s.all {
		if a.busy {
			continue
		}
		if left := a.Touched.Add(kept).Sub(now); left > 0 {
			again = min(again, left)
			continue
		}
		gone = append(gone, a)
		delete(s.all, id)
	}
	return gone, again
}

// Open begins an upload of size bytes that comes in pieces, by [Ingest.Append]. mark is by what its sender
// knows the file again. What can be seen to be unfit is refused with a [*RefusalError], what the disk has no room
// for with a [*NoRoomError]; too many uploads at once are [ErrBusy] or [ErrMany]. Then nothing is left of it.
func (i *Ingest) Open(ctx context.Context, name string, size int64, by, mark string) (Upload, error) {
	if size <= 0 {
		_, err := decide(name, nil)
		return Upload{}, err
	}
	a, err := i.arrive(ctx, name, size, by, mark)
	if err != nil {
		return Upload{}, err
	}
	a.noted = true
	if err = i.fits(a); err == nil {
		err = i.lay(a)
	}
	if err != nil {
		i.board.remove(a.ID)
		return Upload{}, errors.Join(err, a.remove())
	}
	u := i.board.change(a.ID, func(u *Upload) { u.Expires = i.expires(a, a.Touched) })
	i.arrivals.put(a)
	i.log.InfoContext(ctx, "upload begun", slog.String("upload", a.ID), slog.String("name", a.Name), slog.String("by", by), slog.Int64("bytes", size))
	return u, nil
}

// lay makes an arrival's directory, with an empty source, and notes it so that it outlasts a power cut.
func (i *Ingest) lay(a *arrival) error {
	f, err := a.create()
	if err != nil {
		return err
	}
	err = errors.Join(a.note(f, time.Now().UTC()), f.Close())
	if err == nil {
		err = disk.SyncDir(i.dir)
	}
	return err
}

// Append takes the bytes of an upload from the byte at on, as many as r gives. If r breaks off, what came is kept,
// with [ErrBrokenOff]. Bytes beyond the upload's size are not read. With the last one the upload waits for its conversion, and is not
// lost any more.
func (i *Ingest) Append(ctx context.Context, id string, at int64, r io.Reader) (Upload, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	a, err := i.arrivals.take(id, stop)
	if err != nil {
		return Upload{}, err
	}
	if at != a.Received {
		i.arrivals.leave(a)
		return Upload{}, ErrOffset
	}
	return i.rest(a, i.fill(ctx, a, r))
}

// rest is what becomes of an arrival to which somebody has written, with err.
func (i *Ingest) rest(a *arrival, err error) (Upload, error) {
	_, refused := errors.AsType[*RefusalError](err)
	over := refused || err == nil && a.whole()
	if over {
		i.arrivals.drop(a.ID)
	}
	switch cancelled := i.arrivals.leave(a); {
	case cancelled:
		return Upload{}, errors.Join(fmt.Errorf("upload %q: %w", a.ID, playlists.ErrNotFound), a.remove())
	case !over:
		u, _ := i.board.get(a.ID)
		return u, err
	case err == nil:
		var u Upload
		if u, err = i.enlist(a); err == nil {
			return u, nil
		}
	}
	return i.finish(a.job(), nil, err), err
}

// enlist lets what has come whole wait for its conversion.
func (i *Ingest) enlist(a *arrival) (Upload, error) {
	j := a.job()
	if err := j.keep(); err != nil {
		return Upload{}, err
	}
	if err := removeFile(filepath.Join(a.dir, partName)); err != nil {
		return Upload{}, fmt.Errorf("noting an upload: %w", err)
	}
	u := i.board.change(a.ID, func(u *Upload) { *u = j.waiting() })
	i.line.put(j)
	return u, nil
}

// Arrived reports how far an upload is that comes in pieces. One that somebody sends bytes of is [ErrLocked].
func (i *Ingest) Arrived(id string) (Upload, error) {
	u, err := i.board.get(id)
	if err != nil || u.State != Receiving {
		return u, err
	}
	a, err := i.arrivals.take(id, func() {})
	if err != nil {
		return Upload{}, err
	}
	u.Received = a.Received
	i.arrivals.leave(a)
	return u, nil
}

// Cancel calls an upload off, and leaves nothing of it. One that is ready or refused is [ErrEnded].
func (i *Ingest) Cancel(ctx context.Context, id string) error {
	u, err := i.board.get(id)
	if err != nil {
		return err
	}
	if u.finished() {
		return ErrEnded
	}
	if a, theirs := i.arrivals.cancel(id); a != nil {
		i.board.remove(id)
		i.log.InfoContext(ctx, "upload called off", slog.String("upload", id), slog.String("name", u.Name), slog.String("by", u.By))
		if theirs {
			return nil
		}
		return a.remove()
	}
	if j, waits := i.line.leave(id); waits {
		return i.callOff(ctx, j)
	}
	if err := i.line.stop(ctx, id); err != nil {
		return err
	}
	switch u, err := i.board.get(id); {
	case errors.Is(err, playlists.ErrNotFound):
		return nil
	case err != nil:
		return err
	case u.finished():
		return ErrEnded
	}
	return ErrLocked
}

// callOff leaves nothing of an upload that has come whole and is not converted.
func (i *Ingest) callOff(ctx context.Context, j job) error {
	i.board.remove(j.ID)
	i.log.InfoContext(ctx, "upload called off", slog.String("upload", j.ID), slog.String("name", j.Name), slog.String("by", j.By))
	return j.remove()
}

// sweep removes what was begun and given up, until ctx is done.
func (i *Ingest) sweep(ctx context.Context) {
	for {
		gone, again := i.arrivals.abandoned(time.Now(), i.limits.Abandoned)
		for _, a := range gone {
			i.board.remove(a.ID)
			if err := a.remove(); err != nil {
				i.log.ErrorContext(ctx, "upload not removed", slog.String("upload", a.ID), slog.Any("error", err))
				continue
			}
			i.log.InfoContext(ctx, "abandoned upload removed", slog.String("upload", a.ID), slog.String("name", a.Name), slog.String("by", a.By), slog.Int64("received", a.Received))
		}
		timer := time.NewTimer(again)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// fits refuses what is too large for what its name says it is, and what the disk has no room for: the
// conversion takes about as much again.
func (i *Ingest) fits(a *arrival) error {
	kind, most := i.limits.most(strings.ToLower(filepath.Ext(a.Name)))
	if a.Size > most {
		return tooLarge(kind, most)
	}
	free, err := i.free(i.dir)
	if err != nil {
		return err
	}
	if 2*i.board.awaited() > free-spare {
		return &NoRoomError{Bytes: max(a.Size, 0)}
	}
	return nil
}

// spare is left free on the disk, for all that is no upload.
const spare = 64 << 20

// freeOn is how many bytes a directory's disk has room for.
func freeOn(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("looking for room in %s: %w", dir, err)
	}
	return int64(s.Bavail) * s.Bsize, nil
}

// arrive remembers a new upload.
func (i *Ingest) arrive(ctx context.Context, name string, size int64, by, mark string) (*arrival, error) {
	now := time.Now().UTC()
	u := Upload{ID: newID(), Name: cleanName(name), By: by, At: now, State: Receiving, Bytes: max(size, 0), Mark: mark}
	forgotten, err := i.board.add(u, i.limits)
	if err != nil {
		return nil, err
	}
	if forgotten != "" {
		if err := os.RemoveAll(filepath.Join(i.dir, forgotten)); err != nil {
			i.log.WarnContext(ctx, "upload not forgotten", slog.String("upload", forgotten), slog.Any("error", err))
		}
	}
	return &arrival{
		part: part{ID: u.ID, Name: u.Name, By: by, Mark: mark, At: now, Size: size, Touched: now},
		dir:  filepath.Join(i.dir, u.ID), sum: sha256.New(),
	}, nil
}

// expires is when an arrival is removed to which something came at a moment; zero if it is not kept at all.
func (i *Ingest) expires(a *arrival, touched time.Time) time.Time {
	if !a.noted {
		return time.Time{}
	}
	return touched.Add(i.limits.Abandoned)
}

// create makes an arrival's directory and its source.
func (a *arrival) create() (*os.File, error) {
	if err := os.Mkdir(a.dir, 0o700); err != nil {
		return nil, fmt.Errorf("receiving an upload: %w", err)
	}
	f, err := os.OpenFile(a.source(), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("receiving an upload: %w", err)
	}
	return f, nil
}

// fill writes to an arrival that is there what comes next. What was written and did not count is cut off.
func (i *Ingest) fill(ctx context.Context, a *arrival, r io.Reader) error {
	f, err := os.OpenFile(a.source(), os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("receiving an upload: %w", err)
	}
	if err = f.Truncate(a.Received); err == nil {
		err = i.pour(ctx, a, f, r)
	}
	if closed := f.Close(); err == nil && closed != nil {
		err = fmt.Errorf("receiving an upload: %w", closed)
	}
	return err
}

// pour writes what r gives, judges it by its beginning, and leaves on the disk what has come.
func (i *Ingest) pour(ctx context.Context, a *arrival, f *os.File, r io.Reader) error {
	buffer := make([]byte, 32<<10)
	var ended error
	for ended == nil && !a.whole() {
		if err := ctx.Err(); err != nil {
			ended = err
			break
		}
		n, err := r.Read(a.room(buffer))
		if n > 0 {
			if err := i.add(a, f, buffer[:n]); err != nil {
				return err
			}
		}
		ended = err
	}
	if ended != nil && !errors.Is(ended, io.EOF) {
		return errors.Join(fmt.Errorf("%w: %w", ErrBrokenOff, ended), a.note(f, time.Now().UTC()))
	}
	if a.Form == "" && (a.Size < 0 || a.whole()) {
		if err := i.judge(a, f); err != nil {
			return err
		}
	}
	return a.note(f, time.Now().UTC())
}

// add writes bytes that follow. Only what was written whole counts.
func (i *Ingest) add(a *arrival, f *os.File, b []byte) error {
	if _, err := f.WriteAt(b, a.Received); err != nil {
		return fmt.Errorf("receiving an upload: %w", err)
	}
	a.sum.Write(b) // never fails
	a.Received += int64(len(b))
	a.unnoted += int64(len(b))
	i.board.change(a.ID, func(u *Upload) {
		u.receive(a.Received)
		u.Expires = i.expires(a, time.Now().UTC())
	})
	if a.Form == "" && a.Received == headBytes {
		if err := i.judge(a, f); err != nil {
			return err
		}
	}
	if most := i.limits.bytes(a.Form); a.Form != "" && a.Received > most {
		return tooLarge(a.Form.kind(), most)
	}
	if !a.noted || a.unnoted < i.noteEvery {
		return nil
	}
	return a.note(f, time.Now().UTC())
}

// judge decides by a source's beginning what it is, and whether so much of it is taken.
func (i *Ingest) judge(a *arrival, f *os.File) error {
	begins, err := head(f)
	if err != nil {
		return err
	}
	if a.Form, err = decide(a.Name, begins[:min(int64(len(begins)), a.Received)]); err != nil {
		return err
	}
	if most := i.limits.bytes(a.Form); max(a.Size, a.Received) > most {
		return tooLarge(a.Form.kind(), most)
	}
	return nil
}
