package stage

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"anteroom/player/media"
	"anteroom/player/playback"
	"anteroom/player/stage/scene"
	"anteroom/playlists"
	"anteroom/playlists/captions"
	"anteroom/playlists/slide"
)

// request is a picture wanted by a layer.
type request struct {
	layer      *layer
	region     playback.RegionScene
	slate      *playback.Slate
	name       string // whose screen, for slates
	logo       string // the path of theirs
	fonts      []string
	rect       image.Rectangle
	ground     color.RGBA
	background string
	ink        string
	clock      string // what a clock is to say
	caption    *caption
	at         int64 // when it comes on
	software   bool
}

// job is a request waiting its turn; a stale one is nobody's any more.
type job struct {
	at    int64
	stale func() bool
	do    func() loaded
}

// loaded is what came of a job.
type loaded struct {
	layer   *layer
	picture *image.RGBA
	inside  image.Rectangle
	video   *media.Video
	rtl     bool
	strip   bool
	clock   string
	// handOff stands beside the picture, at its Rect; nil without one.
	handOff *image.RGBA
	// captions come with their video, caption as the picture of one of them.
	captions captions.Track
	caption  *caption
	err      error
}

// loader prepares one picture at a time, off the game loop: two at once would take the cores that the
// picture now on needs.
type loader struct {
	log     *slog.Logger
	now     func() int64
	mu      sync.Mutex
	waiting []job
	done    []loaded
	wake    chan struct{}
	news    chan struct{} // something is done
	paths   []string
	fonts   *slide.Fonts
	// beside are the videos, sounds and snapshots that go on while the next picture is prepared.
	beside *errgroup.Group
}

func newLoader(log *slog.Logger, now func() int64) (*loader, error) {
	fonts, err := slide.NewFonts(nil)
	if err != nil {
		return nil, err
	}
	return &loader{log: log, now: now, wake: make(chan struct{}, 1), news: make(chan struct{}, 1), fonts: fonts, beside: &errgroup.Group{}}, nil
}

// add asks for a picture until the context ends; those that come on sooner go first.
func (l *loader) add(ctx context.Context, r request) {
	j := job{r.at, func() bool { return ctx.Err() != nil }, func() loaded { return l.do(ctx, r) }}
	l.mu.Lock()
	i := slices.IndexFunc(l.waiting, func(w job) bool { return w.at > j.at })
	if i < 0 {
		i = len(l.waiting)
	}
	l.waiting = slices.Insert(l.waiting, i, j)
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// take hands over what is done.
func (l *loader) take() []loaded {
	l.mu.Lock()
	defer l.mu.Unlock()
	done := l.done
	l.done = nil
	return done
}

// run works until the context ends, and then waits for what it started beside itself.
func (l *loader) run(ctx context.Context) error {
	for {
		j, ok := l.pop()
		if !ok {
			select {
			case <-l.wake:
				continue
			case <-ctx.Done():
				return l.beside.Wait()
			}
		}
		if !j.stale() {
			l.finish(j.do())
		}
	}
}

func (l *loader) finish(r loaded) {
	l.mu.Lock()
	l.done = append(l.done, r)
	l.mu.Unlock()
	select {
	case l.news <- struct{}{}:
	default:
	}
}

func (l *loader) pop() (job, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		return job{}, false
	}
	j := l.waiting[0]
	l.waiting = l.waiting[1:]
	return j, true
}

// do prepares one picture; whatever a bad file makes go wrong is that file's failure alone.
func (l *loader) do(ctx context.Context, j request) (r loaded) {
	defer func() {
		if p := recover(); p != nil {
			r = loaded{layer: j.layer, err: fmt.Errorf("preparing it went wrong: %v", p)}
		}
	}()
	if err := l.loadFonts(j.fonts); err != nil {
		l.log.WarnContext(ctx, "fonts unusable", slog.Any("error", err))
	}
	h := l.handOff(ctx, j)
	if h != nil {
		j.rect, _ = scene.Beside(j.rect)
	}
	r = l.prepare(ctx, j)
	r.layer, r.clock, r.handOff = j.layer, j.clock, h
	return r
}

// handOff is the way to people's phones, where there is one: light where the brand is dark, so that it stands out. A
// picture without it is better than none.
func (l *loader) handOff(ctx context.Context, j request) *image.RGBA {
	if j.region.HandOff == nil || j.caption != nil {
		return nil
	}
	_, place := scene.Beside(j.rect)
	picture, err := scene.HandOff(*j.region.HandOff, l.fonts, place.Size(), j.ink, j.background)
	if err != nil {
		l.log.WarnContext(ctx, "no code for phones", slog.Any("error", err))
		return nil
	}
	picture.Rect = picture.Rect.Add(place.Min)
	return picture
}

func (l *loader) prepare(ctx context.Context, j request) loaded {
	size := j.rect.Size()
	switch {
	case j.slate != nil:
		return loaded{picture: l.slate(ctx, j, size), inside: j.rect}
	case j.region.Widget != nil:
		return l.widget(j, size)
	case j.caption != nil:
		film := j.caption.film
		picture := slide.Caption(j.caption.words, j.region.Language, l.fonts, film.Dx(), film.Dy(), slide.Floor(size.X, size.Y))
		return loaded{picture: picture, inside: picture.Rect.Add(film.Min), caption: j.caption}
	}
	switch j.region.Medium {
	case playlists.Image:
		picture, fit, err := media.Picture(j.region.Path, size, j.region.Fit == playlists.Fill, j.ground)
		return loaded{picture: picture, inside: scene.Centred(fit.Size, j.rect), err: err}
	case playlists.Video:
		return l.video(ctx, j, size)
	case playlists.Slide:
		return l.slide(j, size)
	case playlists.Font, playlists.Captions: // show nothing by themselves
	}
	return loaded{err: fmt.Errorf("this stage cannot show %q", j.region.Medium)}
}

// slate is what shows where nothing else does. It stands without its logo rather than not at all.
func (l *loader) slate(ctx context.Context, j request, size image.Point) *image.RGBA {
	s := slide.Slate{
		Name: j.name, Title: j.slate.Title, Lines: j.slate.Lines, Code: j.slate.Code, Words: j.slate.Words,
		Background: j.background, Ink: j.ink,
	}
	if j.logo != "" {
		logo, _, err := media.Picture(j.logo, slide.LogoRoom(size.X, size.Y), false, color.White)
		if err != nil {
			l.log.WarnContext(ctx, "logo unusable", slog.Any("error", err))
		} else {
			s.Logo = logo
		}
	}
	return slide.RenderSlate(s, l.fonts, size.X, size.Y)
}

func (l *loader) widget(j request, size image.Point) loaded {
	w, bg, ink := j.region.Widget, j.background, j.ink
	switch w.Kind {
	case playlists.ClockWidget:
		return loaded{picture: slide.Label(j.clock, l.fonts, size.X, size.Y, bg, ink), inside: j.rect}
	case playlists.QRWidget:
		picture, err := scene.QR(w.URL, w.Text, l.fonts, size, bg, ink)
		return loaded{picture: picture, inside: j.rect, err: err}
	case playlists.TickerWidget:
		if j.software {
			return loaded{picture: slide.Label(w.Text, l.fonts, size.X, size.Y, bg, ink), inside: j.rect}
		}
		strip, rtl := slide.Strip(w.Text, l.fonts, size.Y, 16*size.X, bg, ink)
		return loaded{picture: strip, rtl: rtl, strip: true}
	}
	return loaded{err: fmt.Errorf("this stage has no widget %q", w.Kind)}
}

func (l *loader) slide(j request, size image.Point) loaded {
	b := j.region.Slide
	if len(b) == 0 {
		var err error
		if b, err = os.ReadFile(j.region.Path); err != nil {
			return loaded{err: fmt.Errorf("reading slide: %w", err)}
		}
	}
	s, err := slide.Decode(b)
	if err != nil {
		return loaded{err: err}
	}
	picture, err := slide.Render(s, l.fonts, size.X, size.Y)
	if errors.Is(err, playlists.ErrInvalid) {
		// What was accepted fits a panel across and upright, but perhaps no region of another shape: there
		// it stands smaller, and whole.
		shape := image.Pt(16, 9)
		if size.X < size.Y {
			shape = image.Pt(9, 16)
		}
		fit := media.Fit(shape, size, false).Size
		if smaller, second := slide.Render(s, l.fonts, fit.X, fit.Y); second == nil {
			return loaded{picture: smaller, inside: scene.Centred(fit, j.rect)}
		}
	}
	return loaded{picture: picture, inside: j.rect, err: err}
}

// video opens a video and starts decoding, so that its first pictures wait when its moment comes.
func (l *loader) video(ctx context.Context, j request, size image.Point) loaded {
	config := media.VideoConfig{
		Path: j.region.Path, Box: size, Fill: j.region.Fit == playlists.Fill, MaxRate: 60,
		Start: time.Duration(max(l.now(), j.at) - j.region.Begin),
	}
	if j.software {
		config.Most, config.MaxRate = image.Pt(1280, 720), 30
		if size.Y > size.X {
			config.Most = image.Pt(720, 1280)
		}
	}
	v, err := media.OpenVideo(ctx, config)
	if err != nil {
		return loaded{err: err}
	}
	l.beside.Go(func() error {
		if err := v.Run(ctx); err != nil && ctx.Err() == nil {
			l.finish(loaded{layer: j.layer, err: err})
		}
		return nil
	})
	return loaded{video: v, inside: scene.Centred(v.Fitted.Size, j.rect), captions: l.captions(ctx, j.region.Captions)}
}

// captions reads a film's captions. A film without them is better than none.
func (l *loader) captions(ctx context.Context, path string) captions.Track {
	if path == "" {
		return nil
	}
	b, err := os.ReadFile(path)
	if err == nil {
		var track captions.Track
		if track, err = captions.Decode(b); err == nil {
			return track
		}
	}
	l.log.WarnContext(ctx, "no captions", slog.Any("error", err))
	return nil
}

// sound plays a video's sound beside it; no sound is no reason to stop the picture.
func (l *loader) sound(ctx context.Context, path string, from time.Duration, volume int) {
	l.beside.Go(func() error {
		if err := media.Sound(ctx, path, from, volume); err != nil && ctx.Err() == nil {
			l.log.WarnContext(ctx, "no sound", slog.Any("error", err))
		}
		return nil
	})
}

// loadFonts reads the fonts of a scene, unless they are at hand. Without them the built-in ones serve.
func (l *loader) loadFonts(paths []string) error {
	if len(paths) == 0 || slices.Equal(paths, l.paths) {
		return nil
	}
	l.paths = paths
	var files [][]byte
	var missing []string
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			missing = append(missing, p)
			continue
		}
		files = append(files, b)
	}
	fonts, err := slide.NewFonts(files)
	if err != nil {
		return err
	}
	l.fonts = fonts
	if len(missing) > 0 {
		l.paths = nil // they may come; ask again for the next picture
		return fmt.Errorf("fonts missing: %s", strings.Join(missing, ", "))
	}
	return nil
}
