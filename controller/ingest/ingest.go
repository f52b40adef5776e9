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
	"time"

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
	// Dir is a directory that belongs to ingest alone. Uploads that were received and not converted are
	// taken up from there, and those that ended are remembered; whatever else is in it is removed.
	Dir    string
	Log    *slog.Logger
	Limits Limits
	// DrawSlide draws a slide for its thumbnail; nil: slides have none.
	DrawSlide func(s slide.Slide, width, height int) (image.Image, error)
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

	board *board
	queue chan job

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
	left, err := resume(c.Dir, c.Log)
	if err != nil {
		return nil, fmt.Errorf("clearing the directory of uploads: %w", err)
	}
	limits := c.Limits.withDefaults()
	i := &Ingest{
		content: c.Content, dir: c.Dir, log: c.Log, limits: limits, draw: c.DrawSlide,
		children: children{program: c.Program},
		board:    newBoard(), queue: make(chan job, max(limits.Unfinished, len(left))),
		thumbs: map[thumbKey]playlists.Digest{}, thumbSlot: make(chan struct{}, 1),
	}
	for _, j := range left {
		if j.Ended != nil {
			i.board.restore(*j.Ended)
			continue
		}
		i.board.restore(j.waiting())
		i.queue <- j
		i.log.Info("upload taken up again", slog.String("upload", j.ID), slog.String("name", j.Name), slog.String("by", j.By), slog.Int("tries", j.Tries))
	}
	return i, nil
}

// Run converts uploads until ctx is done; what is unfinished then waits in Dir for the next one.
func (i *Ingest) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case j := <-i.queue:
			i.process(ctx, j)
		}
	}
}

// Begin receives an upload and queues it. It returns when all of r has been read and lies on the disk:
// from then on the upload is not lost, however the controller ends, and [Ingest.Get] tells the rest.
// size is how many bytes r should give, -1 if nobody knows. A file that can be seen to
// be unfit is refused here with a [*RefusalError]; too many uploads at once are [ErrBusy].
func (i *Ingest) Begin(ctx context.Context, name string, r io.Reader, size int64, by string) (Upload, error) {
	u := Upload{ID: newID(), Name: cleanName(name), By: by, At: time.Now().UTC(), State: Receiving}
	forgotten, err := i.board.add(u, i.limits.Unfinished)
	if err != nil {
		return Upload{}, err
	}
	if forgotten != "" {
		if err := os.RemoveAll(filepath.Join(i.dir, forgotten)); err != nil {
			i.log.WarnContext(ctx, "upload not forgotten", slog.String("upload", forgotten), slog.Any("error", err))
		}
	}
	j := job{ID: u.ID, Name: u.Name, By: u.By, At: u.At, dir: filepath.Join(i.dir, u.ID)}
	err = i.receive(ctx, r, size, &j)
	if err == nil {
		err = j.keep()
	}
	if err != nil {
		return i.finish(j, nil, err), err
	}
	u = i.board.change(u.ID, func(u *Upload) { *u = j.waiting() })
	i.queue <- j // has room for all that are unfinished
	return u, nil
}

func newID() string {
	b := make([]byte, 16)
	rand.Read(b) // never fails since Go 1.24
	return hex.EncodeToString(b)
}

// Get gives an upload; [playlists.ErrNotFound] if there is none or it is long over.
func (i *Ingest) Get(id string) (Upload, error) { return i.board.get(id) }

// List gives all uploads that are remembered, newest first.
func (i *Ingest) List() []Upload { return i.board.list() }

// Changes gives a channel that gets a value when some upload has changed, coalesced. It is never
// closed and stops with ctx.
func (i *Ingest) Changes(ctx context.Context) <-chan struct{} { return i.board.changes(ctx) }

// receive writes an upload into its directory, and judges it by its beginning.
func (i *Ingest) receive(ctx context.Context, r io.Reader, size int64, j *job) error {
	if size > i.limits.VideoBytes {
		return tooLarge("A file", i.limits.VideoBytes)
	}
	head := make([]byte, headBytes)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return brokenOff(err)
	}
	head = head[:n]
	if j.Form, err = decide(j.Name, head); err != nil {
		return err
	}
	most := i.limits.bytes(j.Form)
	if size > most {
		return tooLarge(j.Form.kind(), most)
	}
	j.Bytes, j.Digest, err = i.write(ctx, *j, io.MultiReader(bytes.NewReader(head), r), most, func(got int64) { i.received(j.ID, got, size) })
	switch {
	case err != nil:
		return err
	case j.Bytes > most:
		return tooLarge(j.Form.kind(), most)
	case size >= 0 && j.Bytes != size:
		return brokenOff(io.ErrUnexpectedEOF)
	}
	return nil
}

func tooLarge(kind string, most int64) error {
	return refuse("The file is too large. %s may have at most %s. Export it smaller.", kind, sizeWords(most))
}

func brokenOff(err error) error {
	return fmt.Errorf("%w (%w)", refuse("The upload broke off. Upload the file again."), err)
}

func (i *Ingest) received(id string, got, size int64) {
	if size > 0 {
		i.board.change(id, func(u *Upload) { u.Percent = int(min(100, 100*got/size)) })
	}
}

// write copies at most one byte more than most, onto the disk, and gives how many came and their digest.
func (i *Ingest) write(ctx context.Context, j job, r io.Reader, most int64, progress func(int64)) (int64, playlists.Digest, error) {
	if err := os.Mkdir(j.dir, 0o700); err != nil {
		return 0, "", fmt.Errorf("receiving an upload: %w", err)
	}
	f, err := os.Create(j.source())
	if err != nil {
		return 0, "", fmt.Errorf("receiving an upload: %w", err)
	}
	sum := sha256.New()
	from := &watched{ctx: ctx.Err, r: io.LimitReader(r, most+1), progress: progress}
	got, err := io.Copy(io.MultiWriter(f, sum), from)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil && closed != nil {
		err = fmt.Errorf("receiving an upload: %w", closed)
	}
	if from.err != nil {
		err = brokenOff(from.err)
	}
	return got, playlists.Digest(hex.EncodeToString(sum.Sum(nil))), err
}

// watched is a reader that tells how much was read, remembers its own error, and stops with a context.
type watched struct {
	ctx      func() error
	r        io.Reader
	progress func(int64)
	read     int64
	err      error
}

// Read implements [io.Reader].
func (w *watched) Read(b []byte) (int, error) {
	if w.err = w.ctx(); w.err != nil {
		return 0, w.err
	}
	n, err := w.r.Read(b)
	w.read += int64(n)
	w.progress(w.read)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

// process converts one upload, unless ctx ends meanwhile.
func (i *Ingest) process(ctx context.Context, j job) {
	variants, err := i.try(ctx, j)
	if err != nil && ctx.Err() != nil {
		i.putOff(j)
		return
	}
	i.finish(j, variants, err)
}

// try notes that a conversion is begun before it begins it: one that takes the controller with it
// every time must not do so for ever.
func (i *Ingest) try(ctx context.Context, j job) ([]playlists.Asset, error) {
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

func (i *Ingest) convert(ctx context.Context, j job) ([]playlists.Asset, error) {
	if err := j.verify(ctx); err != nil {
		return nil, err
	}
	var results []made
	var err error
	switch j.Form.medium() {
	case playlists.Image:
		o := pictureOrder{Source: j.source(), Form: j.Form, Dir: j.dir, Pixels: i.limits.Pixels}
		i.progress(j.ID, Checking, "Opening the picture", 0)
		results, err = i.children.picture(ctx, o, func(n int) { i.progress(j.ID, Converting, "Making the sizes for screens", n) })
	case playlists.Video:
		i.progress(j.ID, Checking, "Opening the video", 0)
		results, err = i.children.video(ctx, j.Form, j.source(), j.dir, i.limits, func(s State, stage string, n int) { i.progress(j.ID, s, stage, n) })
	case playlists.Slide:
		return i.convertSlide(ctx, j)
	case playlists.Captions:
		return i.convertCaptions(ctx, j)
	case playlists.Font:
		return nil, errors.New("a font is not uploaded")
	}
	if err != nil {
		return nil, err
	}
	return i.keep(ctx, j.Form.medium(), results)
}

func (i *Ingest) progress(id string, s State, stage string, percent int) {
	i.board.change(id, func(u *Upload) { u.State, u.Stage, u.Percent = s, stage, percent })
}

// keep puts what was made into content, after all of it has been made: all or, where that fails, none
// that was not there before.
func (i *Ingest) keep(ctx context.Context, m playlists.Medium, results []made) ([]playlists.Asset, error) {
	var assets []playlists.Asset
	var fresh []playlists.Digest
	for _, r := range results {
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
	return assets, nil
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
func (i *Ingest) finish(j job, variants []playlists.Asset, err error) Upload {
	u, _ := i.board.get(j.ID) // none is forgotten before it is finished
	u.end(variants, err)
	if failed := j.end(u); failed != nil {
		i.log.Error("upload not removed", slog.String("upload", j.ID), slog.Any("error", failed))
	}
	i.board.change(j.ID, func(now *Upload) { *now = u })
	if err != nil {
		i.log.Warn("upload refused", slog.String("upload", j.ID), slog.String("name", u.Name), slog.String("by", u.By), slog.Any("error", err))
	} else {
		i.log.Info("upload ready", slog.String("upload", j.ID), slog.String("name", u.Name), slog.String("by", u.By), slog.Int("variants", len(variants)))
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
		return nil, refuse("The slide was not taken: %s.", strings.TrimPrefix(err.Error(), playlists.ErrInvalid.Error()+": "))
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
		return nil, refuse("The captions were not taken: %s.", strings.TrimPrefix(err.Error(), playlists.ErrInvalid.Error()+": "))
	}
	d, n, err := i.content.Put(ctx, bytes.NewReader(captions.Encode(track)))
	if err != nil {
		return nil, fmt.Errorf("keeping captions: %w", err)
	}
	return []playlists.Asset{{Digest: d, Medium: playlists.Captions, MediaType: captions.MediaType, Bytes: n}}, nil
}

// SlideMediaType is the MIME type of a slide's asset.
const SlideMediaType = "application/vnd.anteroom.slide+json"

// Slide keeps a slide as an asset. A slide that is not valid is a [playlists.ErrInvalid].
func (i *Ingest) Slide(ctx context.Context, s slide.Slide) (playlists.Asset, error) {
	if err := s.Validate(); err != nil {
		return playlists.Asset{}, err
	}
	b, err := slide.Encode(s)
	if err != nil {
		return playlists.Asset{}, fmt.Errorf("keeping a slide: %w", err)
	}
	d, n, err := i.content.Put(ctx, bytes.NewReader(b))
	if err != nil {
		return playlists.Asset{}, fmt.Errorf("keeping a slide: %w", err)
	}
	return playlists.Asset{Digest: d, Medium: playlists.Slide, MediaType: SlideMediaType, Bytes: n}, nil
}
