package ingest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"anteroom/controller/disk"
	"anteroom/playlists"
	"anteroom/playlists/captions"
	"anteroom/playlists/slide"
)

// Content is where assets go; content.Content is one.
type Content interface {
	// Put keeps the bytes and gives their digest and number.
	Put(ctx context.Context, r io.Reader) (playlists.Digest, int64, error)
	// Open gives a file of its own and its size; [playlists.ErrNotFound] if there is none.
	Open(d playlists.Digest) (*os.File, int64, error)
	// Remove deletes the bytes of a digest.
	Remove(d playlists.Digest) error
}

// Config is what an Ingest is made of.
type Config struct {
	Content Content
	// Dir is a directory that belongs to ingest alone. Uploads that were received, whole or in part, and not converted are
	// taken up from there, and those that ended are remembered; whatever else is in it is removed.
	Dir    string
	Log    *slog.Logger
	Limits Limits
	// DrawSlide draws a slide for its thumbnail; nil: slides have none.
	DrawSlide func(s slide.Slide, width, height int) (image.Image, error)
	// Free is how many bytes a directory's disk has room for; nil asks the disk.
	Free func(dir string) (int64, error)
	// Program is the binary that calls [Child] under [Command]; empty: this one.
	Program string
}

// Ingest receives uploads and converts them, one at a time.
type Ingest struct {
	content  Content
	dir      string
	log      *slog.Logger
	limits   Limits
	draw     func(slide.Slide, int, int) (image.Image, error)
	children children

	free func(dir string) (int64, error)
	// noteEvery is [noteEvery]; tests note more often.
	noteEvery int64
	board     *board
	arrivals  *arrivals
	line      *line

	thumbMu   sync.Mutex
	thumbs    map[thumbKey]playlists.Digest
	thumbSlot chan struct{}
}

// New makes an Ingest that goes on where an earlier one in Dir ended. Nothing is converted before Run.
func New(c Config) (*Ingest, error) {
	if c.Program == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("finding the controller's own binary: %w", err)
		}
		c.Program = self
	}
	if err := errors.Join(os.MkdirAll(c.Dir, 0o700), disk.SyncDir(filepath.Dir(c.Dir))); err != nil {
		return nil, fmt.Errorf("making the directory of uploads: %w", err)
	}
	if c.Free == nil {
		c.Free = freeOn
	}
	left, arriving, err := resume(c.Dir, c.Log)
	if err != nil {
		return nil, fmt.Errorf("clearing the directory of uploads: %w", err)
	}
	i := &Ingest{
		content: c.Content, dir: c.Dir, log: c.Log, limits: c.Limits.withDefaults(), draw: c.DrawSlide,
		children: children{program: c.Program}, free: c.Free, noteEvery: noteEvery,
		board: newBoard(), arrivals: &arrivals{all: map[string]*arrival{}}, line: newLine(),
		thumbs: map[thumbKey]playlists.Digest{}, thumbSlot: make(chan struct{}, 1),
	}
	for _, j := range left {
		i.takeUp(j)
	}
	for _, a := range arriving {
		if err := i.expect(a); err != nil {
			return nil, err
		}
	}
	return i, nil
}

// takeUp goes on with an upload that had come whole.
func (i *Ingest) takeUp(j job) {
	if j.Ended != nil {
		i.board.restore(*j.Ended)
		return
	}
	i.board.restore(j.waiting())
	i.line.put(j)
	i.log.Info("upload taken up again", slog.String("upload", j.ID), slog.String("name", j.Name), slog.String("by", j.By), slog.Int("tries", j.Tries))
}

// expect waits for the rest of an upload that was being received.
func (i *Ingest) expect(a *arrival) error {
	u := a.upload()
	u.Expires = i.expires(a, a.Touched)
	i.board.restore(u)
	i.log.Info("upload goes on", slog.String("upload", a.ID), slog.String("name", a.Name), slog.String("by", a.By), slog.Int64("received", a.Received))
	if !a.whole() {
		i.arrivals.put(a)
		return nil
	}
	_, err := i.enlist(a)
	return err
}

// Run converts uploads and removes abandoned ones until ctx is done; what is unfinished then waits in Dir for the next one.
func (i *Ingest) Run(ctx context.Context) error {
	var sweeping sync.WaitGroup
	sweeping.Go(func() { i.sweep(ctx) })
	defer sweeping.Wait()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-i.line.more:
		}
		for ctx.Err() == nil {
			own, j, over, ok := i.line.next(ctx)
			if !ok {
				break
			}
			i.process(ctx, own, j)
			over()
		}
	}
}

// Begin receives an upload in one go, and lets it wait for its conversion. It returns when all of r has been read
// and lies on the disk: from then on the upload is not lost, however the controller ends, and [Ingest.Get] tells the rest.
// size is how many bytes r should give, -1 if nobody knows. A file that can be seen to
// be unfit is refused here with a [*RefusalError]; too many uploads at once are [ErrBusy] or [ErrMany].
func (i *Ingest) Begin(ctx context.Context, name string, r io.Reader, size int64, by string) (Upload, error) {
	a, err := i.arrive(ctx, name, size, by, "")
	if err != nil {
		return Upload{}, err
	}
	if err = i.receive(ctx, a, r); err == nil {
		var u Upload
		if u, err = i.enlist(a); err == nil {
			return u, nil
		}
	}
	return i.finish(a.job(), nil, err), err
}

// receive writes an upload that comes in one go.
func (i *Ingest) receive(ctx context.Context, a *arrival, r io.Reader) error {
	if err := i.fits(a); err != nil {
		return err
	}
	f, err := a.create()
	if err != nil {
		return err
	}
	err = i.pour(ctx, a, f, r)
	if closed := f.Close(); err == nil && closed != nil {
		err = fmt.Errorf("receiving an upload: %w", closed)
	}
	if err == nil && a.Size >= 0 && !a.whole() {
		err = io.ErrUnexpectedEOF
	}
	if errors.Is(err, ErrBrokenOff) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("%w (%w)", refuse("The upload broke off. Upload the file again."), err)
	}
	return err
}

func newID() string {
	b := make([]byte, 16)
	rand.Read(b) // never fails since Go 1.24
	return hex.EncodeToString(b)
}

// MaxBytes is how many bytes the largest file may have.
func (i *Ingest) MaxBytes() int64 { return i.limits.VideoBytes }

// Get gives an upload; [playlists.ErrNotFound] if there is none or it is long over.
func (i *Ingest) Get(id string) (Upload, error) { return i.board.get(id) }

// List gives all uploads that are remembered, newest first.
func (i *Ingest) List() []Upload { return i.board.list() }

// Changes gives a channel that gets a value when some upload has changed, coalesced. It is never
// closed and stops with ctx.
func (i *Ingest) Changes(ctx context.Context) <-chan struct{} { return i.board.changes(ctx) }

func tooLarge(kind string, most int64) error {
	r := refuse("The file is too large. %s may have at most %s. Export it smaller.", kind, sizeWords(most))
	r.TooLarge = true
	return r
}

// process converts one upload, unless ctx ends meanwhile or somebody calls it off.
func (i *Ingest) process(ctx, own context.Context, j job) {
	pages, err := i.try(own, j)
	switch {
	case err != nil && errors.Is(context.Cause(own), errCancelled):
		if err := i.callOff(ctx, j); err != nil {
			i.log.ErrorContext(ctx, "upload not removed", slog.String("upload", j.ID), slog.Any("error", err))
		}
	case err != nil && ctx.Err() != nil:
		i.putOff(j)
	default:
		i.finish(j, pages, err)
	}
}

// try notes that a conversion is begun before it begins it: one that takes the controller with it
// every time must not do so for ever.
func (i *Ingest) try(ctx context.Context, j job) ([][]playlists.Asset, error) {
	if j.Tries >= mostTries {
		return nil, refuse("Its conversion was begun %d times, and each time the controller ended before it was done. "+
			"Export the file again, smaller or in another form, and upload that; tell your administrator.", j.Tries)
	}
	j.Tries++
	if err := j.write(); err != nil {
		return nil, err
	}
	return i.convert(ctx, j)
}

// putOff leaves an upload for the next start, as it was before its conversion was begun.
func (i *Ingest) putOff(j job) {
	if err := errors.Join(j.tidy(), j.write()); err != nil {
		i.log.Error("upload not put off cleanly", slog.String("upload", j.ID), slog.Any("error", err))
	}
	i.board.change(j.ID, (*Upload).wait)
	i.log.Info("upload put off until the next start", slog.String("upload", j.ID), slog.String("name", j.Name), slog.String("by", j.By))
}

// convert gives the variants of what an upload holds: of one thing, or of each page of a PDF.
func (i *Ingest) convert(ctx context.Context, j job) ([][]playlists.Asset, error) {
	if err := j.verify(ctx); err != nil {
		return nil, err
	}
	var results [][]made
	var err error
	switch medium := j.Form.medium(); {
	case j.Form == formPDF:
		i.progress(j.ID, Checking, "Opening the PDF", 0)
		results, err = i.children.leaflet(ctx, j, i.limits, func(n int) { i.progress(j.ID, Converting, "Drawing the pages", n) })
	case medium == playlists.Image:
		o := pictureOrder{Source: j.source(), Form: j.Form, Dir: j.dir, Pixels: i.limits.Pixels}
		i.progress(j.ID, Checking, "Opening the picture", 0)
		results, err = alone(i.children.picture(ctx, o, func(n int) { i.progress(j.ID, Converting, "Making the sizes for screens", n) }))
	case medium == playlists.Video:
		i.progress(j.ID, Checking, "Opening the video", 0)
		results, err = alone(i.children.video(ctx, j.Form, j.source(), j.dir, i.limits, func(s State, stage string, n int) { i.progress(j.ID, s, stage, n) }))
	case medium == playlists.Slide:
		return alone(i.convertSlide(ctx, j))
	case medium == playlists.Captions:
		return alone(i.convertCaptions(ctx, j))
	default:
		return nil, fmt.Errorf("%s is not uploaded", j.Form)
	}
	if err != nil {
		return nil, err
	}
	return i.keep(ctx, j.Form.medium(), results)
}

// alone is one page's worth, or what stood in its way.
func alone[T any](variants []T, err error) ([][]T, error) { return [][]T{variants}, err }

func (i *Ingest) progress(id string, s State, stage string, percent int) {
	i.board.change(id, func(u *Upload) { u.State, u.Stage, u.Percent = s, stage, percent })
}

// keep puts what was made into content, after all of it has been made: all or, where that fails, none
// that was not there before.
func (i *Ingest) keep(ctx context.Context, m playlists.Medium, pages [][]made) (kept [][]playlists.Asset, err error) {
	var fresh []playlists.Digest
	for _, page := range pages {
		var assets []playlists.Asset
		for _, r := range page {
			known, err := i.knows(r.Path)
			if err != nil {
				return nil, i.forget(fresh, err)
			}
			d, n, err := i.keepFile(ctx, r.Path)
			if err != nil {
				return nil, i.forget(fresh, err)
			}
			if !known {
				fresh = append(fresh, d)
			}
			assets = append(assets, playlists.Asset{Digest: d, Medium: m, MediaType: r.MediaType, Bytes: n, Width: r.Width, Height: r.Height, Millis: r.Millis})
		}
		kept = append(kept, assets)
	}
	return kept, nil
}

// forget takes assets back out of content because of err, which it gives.
func (i *Ingest) forget(assets []playlists.Digest, err error) error {
	for _, d := range assets {
		err = errors.Join(err, i.content.Remove(d))
	}
	return err
}

// knows reports whether content has a file's bytes already.
func (i *Ingest) knows(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, fmt.Errorf("keeping what was converted: %w", err)
	}
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return false, fmt.Errorf("keeping what was converted: %w", err)
	}
	return i.has(playlists.Digest(hex.EncodeToString(sum.Sum(nil)))), nil
}

func (i *Ingest) has(d playlists.Digest) bool {
	f, _, err := i.content.Open(d)
	return err == nil && f.Close() == nil
}

func (i *Ingest) keepFile(ctx context.Context, path string) (playlists.Digest, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, fmt.Errorf("keeping what was converted: %w", err)
	}
	d, n, err := i.content.Put(ctx, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", 0, fmt.Errorf("keeping what was converted: %w", err)
	}
	return d, n, nil
}

// finish leaves of an upload only what has become of it, and then says so.
func (i *Ingest) finish(j job, pages [][]playlists.Asset, err error) Upload {
	u, _ := i.board.get(j.ID) // none is forgotten before it is finished
	u.end(pages, err)
	if failed := j.end(u); failed != nil {
		i.log.Error("upload not removed", slog.String("upload", j.ID), slog.Any("error", failed))
	}
	i.board.change(j.ID, func(now *Upload) { *now = u })
	if err != nil {
		i.log.Warn("upload refused", slog.String("upload", j.ID), slog.String("name", u.Name), slog.String("by", u.By), slog.Any("error", err))
	} else {
		i.log.Info("upload ready", slog.String("upload", j.ID), slog.String("name", u.Name), slog.String("by", u.By), slog.Int("variants", len(u.Assets())))
	}
	return u
}

// convertSlide takes a slide's file.
func (i *Ingest) convertSlide(ctx context.Context, j job) ([]playlists.Asset, error) {
	b, err := os.ReadFile(j.source())
	if err != nil {
		return nil, fmt.Errorf("reading a slide: %w", err)
	}
	s, err := slide.Decode(b)
	if err != nil {
		return nil, refuse("The slide was not taken: %s.", strings.TrimPrefix(err.Error(), playlists.ErrInvalid.Error()+": ")).because(err)
	}
	a, err := i.Slide(ctx, s)
	if err != nil {
		return nil, err
	}
	return []playlists.Asset{a}, nil
}

// convertCaptions takes a file of captions. What is kept is written anew, of the words and times alone.
func (i *Ingest) convertCaptions(ctx context.Context, j job) ([]playlists.Asset, error) {
	b, err := os.ReadFile(j.source())
	if err != nil {
		return nil, fmt.Errorf("reading captions: %w", err)
	}
	track, err := captions.Decode(b)
	if err != nil {
		return nil, refuse("The captions were not taken: %s.", strings.TrimPrefix(err.Error(), playlists.ErrInvalid.Error()+": ")).because(err)
	}
	d, n, err := i.content.Put(ctx, bytes.NewReader(captions.Encode(track)))
	if err != nil {
		return nil, fmt.Errorf("keeping captions: %w", err)
	}
	return []playlists.Asset{{Digest: d, Medium: playlists.Captions, MediaType: captions.MediaType, Bytes: n}}, nil
}

// SlideMediaType is the MIME type of a slide's asset.
const SlideMediaType = "application/vnd.anteroom.slide+json"

// Slide keeps a text slide as an asset.
func (i *Ingest) Slide(ctx context.Context, s slide.Slide) (playlists.Asset, error) {
	return KeepSlide(ctx, i.content, s)
}

// KeepSlide is [Ingest.Slide] where nothing else is taken in.
func KeepSlide(ctx context.Context, files Content, s slide.Slide) (playlists.Asset, error) {
	if err := s.Validate(); err != nil {
		return playlists.Asset{}, err
	}
	b, err := slide.Encode(s)
	if err != nil {
		return playlists.Asset{}, fmt.Errorf("keeping a slide: %w", err)
	}
	d, n, err := files.Put(ctx, bytes.NewReader(b))
	if err != nil {
		return playlists.Asset{}, fmt.Errorf("keeping a slide: %w", err)
	}
	return playlists.Asset{Digest: d, Medium: playlists.Slide, MediaType: SlideMediaType, Bytes: n}, nil
}
