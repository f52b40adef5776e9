package media

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// Info is what a video file says of itself.
type Info struct {
	Size     image.Point
	Rate     float64 // frames a second
	Duration time.Duration
	Sound    bool
}

// Probe asks ffprobe about a video, for at most five seconds.
func Probe(ctx context.Context, path string) (Info, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, 5*time.Second, errors.New("ffprobe took more than 5 s"))
	defer cancel()
	r, w, err := os.Pipe()
	if err != nil {
		return Info{}, fmt.Errorf("probing video: %w", err)
	}
	defer func() { _ = r.Close() }()
	args := append([]string{"-v", "error", "-show_entries", "stream=codec_type,width,height,avg_frame_rate:format=duration", "-of", "json"}, local(path)...)
	var g errgroup.Group
	g.Go(func() error { return child(ctx, w, "ffprobe", args...) })
	b, readErr := io.ReadAll(io.LimitReader(r, 64<<10))
	if err := errors.Join(g.Wait(), readErr); err != nil {
		return Info{}, fmt.Errorf("probing video: %w", err)
	}
	return parseProbe(b)
}

// parseProbe reads ffprobe's JSON; the first video stream counts.
func parseProbe(b []byte) (Info, error) {
	var out struct {
		Streams []struct {
			Type   string `json:"codec_type"`
			Width  int    `json:"width"`
			Height int    `json:"height"`
			Rate   string `json:"avg_frame_rate"`
		} `json:"streams"`
		Format struct {
			Duration string `json:"duration"`
		} `json:"format"`
	}
	if err := json.Unmarshal(b, &out); err != nil {
		return Info{}, fmt.Errorf("reading ffprobe's answer: %w", err)
	}
	var info Info
	for _, s := range out.Streams {
		info.Sound = info.Sound || s.Type == "audio"
		if s.Type == "video" && info.Size == (image.Point{}) {
			info.Size, info.Rate = image.Pt(s.Width, s.Height), ratio(s.Rate)
		}
	}
	if info.Size.X <= 0 || info.Size.Y <= 0 || info.Size.X > 7680 || info.Size.Y > 7680 {
		return Info{}, fmt.Errorf("no video of a size up to 7680 by 7680 in it (%d by %d)", info.Size.X, info.Size.Y)
	}
	if seconds, err := strconv.ParseFloat(out.Format.Duration, 64); err == nil && seconds > 0 && seconds < 1e6 {
		info.Duration = time.Duration(seconds * float64(time.Second))
	}
	return info, nil
}

// ratio reads "30000/1001"; what cannot be read or is absurd is 25.
func ratio(s string) float64 {
	num, den, _ := strings.Cut(s, "/")
	n, errN := strconv.ParseFloat(num, 64)
	d, errD := strconv.ParseFloat(den, 64)
	if errN != nil || errD != nil || d <= 0 || n/d < 1 || n/d > 240 {
		return 25
	}
	return n / d
}

// VideoConfig says what to play and how.
type VideoConfig struct {
	Path string
	// Box and Fill as in [Fit].
	Box  image.Point
	Fill bool
	// Start is where in the video to begin.
	Start time.Duration
	// Most bounds the decoded picture and MaxRate the frames a second; zero values do not.
	Most    image.Point
	MaxRate float64
	// Stall is how long the decoder may be silent; 0 is five seconds.
	Stall time.Duration
}

// buffers is how many frames there are: one shown, one due next, the others decoded ahead.
const buffers = 8

// Video is a video being played: Run decodes, Frame hands out.
type Video struct {
	Info Info
	// Fitted is how it meets its box; its Pixels, the size of frames, have sides divisible by four.
	Fitted Fitted

	config VideoConfig
	rate   float64
	start  time.Duration
	frames chan frame
	free   chan []byte
	held   *frame // taken from frames, but not due yet
	shown  *frame
}

type frame struct {
	index int
	bytes []byte
}

// OpenVideo probes a video and gets ready to play it.
func OpenVideo(ctx context.Context, c VideoConfig) (*Video, error) {
	info, err := Probe(ctx, c.Path)
	if err != nil {
		return nil, err
	}
	v := &Video{
		Info: info, Fitted: Fit(info.Size, c.Box, c.Fill), config: c, rate: info.Rate, start: max(c.Start, 0),
		frames: make(chan frame, buffers), free: make(chan []byte, buffers),
	}
	if c.MaxRate > 0 {
		v.rate = min(v.rate, c.MaxRate)
	}
	if info.Duration > 0 {
		// One who comes after the end sees the last picture.
		v.start = max(min(v.start, info.Duration-time.Second), 0)
	}
	v.Fitted.Pixels = decoded(v.Fitted.Pixels, c.Most)
	size := v.Fitted.Pixels.X * v.Fitted.Pixels.Y * 3 / 2
	for range buffers {
		v.free <- make([]byte, size)
	}
	return v, nil
}

// decoded is a size no larger than most, with sides divisible by four.
func decoded(size, most image.Point) image.Point {
	if most.X > 0 && most.Y > 0 && (size.X > most.X || size.Y > most.Y) {
		size = Fit(size, most, false).Size
	}
	return image.Pt(max(size.X&^3, 4), max(size.Y&^3, 4))
}

// Run decodes until the video ends or the context does. It returns an error if the decoder died, fell
// silent, or stopped early: a file that was cut off ends without complaint.
func (v *Video) Run(ctx context.Context) error {
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("playing video: %w", err)
	}
	defer func() { _ = r.Close() }()
	widen(w)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var g errgroup.Group
	g.Go(func() error { return child(ctx, w, "ffmpeg", v.arguments()...) })
	count, err := v.read(ctx, r)
	if err != nil {
		cancel(err)
	}
	if childErr := g.Wait(); err == nil {
		err = childErr
	}
	if err != nil {
		return fmt.Errorf("playing video: %w", err)
	}
	return v.whole(count)
}

func (v *Video) arguments() []string {
	c, p := v.Fitted.Crop, v.Fitted.Pixels
	filter := fmt.Sprintf("crop=%d:%d:%d:%d,scale=%d:%d:out_color_matrix=bt709:out_range=tv,setsar=1,fps=%g,format=yuv420p",
		c.Dx(), c.Dy(), c.Min.X, c.Min.Y, p.X, p.Y, v.rate)
	args := []string{"-nostdin", "-v", "error", "-threads", "2", "-ss", seconds(v.start)}
	args = append(args, local(v.config.Path)...)
	return append(args, "-map", "0:v:0", "-an", "-sn", "-vf", filter, "-f", "rawvideo", "pipe:1")
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

// widen makes room for a frame or so in the pipe; without it more switches, but no harm.
func widen(w *os.File) {
	if raw, err := w.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { _, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, 1<<20) })
	}
}

// read queues frames until the pipe ends; waiting for room in the queue is not silence.
func (v *Video) read(ctx context.Context, r *os.File) (count int, err error) {
	stall := v.config.Stall
	if stall == 0 {
		stall = 5 * time.Second
	}
	for ; ; count++ {
		var b []byte
		select {
		case b = <-v.free:
		case <-ctx.Done():
			return count, context.Cause(ctx)
		}
		if err := r.SetReadDeadline(time.Now().Add(stall)); err != nil {
			return count, err
		}
		switch _, err := io.ReadFull(r, b); {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return count, nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			return count, fmt.Errorf("no picture for %v", stall)
		case err != nil:
			return count, err
		}
		v.frames <- frame{count, b} // there is room for all the buffers that there are
	}
}

// whole reports an error if fewer frames came than the duration promised, by more than half a second.
func (v *Video) whole(count int) error {
	got := v.start + time.Duration(float64(count)/v.rate*float64(time.Second))
	if v.Info.Duration-got > 500*time.Millisecond {
		return fmt.Errorf("playing video: it ended at %.1f s of %.1f: the file is cut off", got.Seconds(), v.Info.Duration.Seconds())
	}
	return nil
}

// Ready reports whether the first picture is there. Frame and Ready belong to one goroutine.
func (v *Video) Ready() bool { return v.shown != nil || v.held != nil || len(v.frames) > 0 }

// Frame is the picture at a position of the video, as I420, and whether it is another than last time;
// late ones are passed over. It is nil before the first. The bytes are the caller's until the next call.
func (v *Video) Frame(position time.Duration) (i420 []byte, fresh bool) {
	const slack = 1e-6 // a frame is due at its own instant, whatever floating point makes of it
	due := int((position-v.start).Seconds()*v.rate + slack)
	for {
		if v.held == nil {
			select {
			case f := <-v.frames:
				v.held = &f
			default:
			}
		}
		if v.held == nil || v.shown != nil && v.held.index > due {
			break
		}
		if v.shown != nil {
			v.free <- v.shown.bytes
		}
		v.shown, v.held, fresh = v.held, nil, true
	}
	if v.shown == nil {
		return nil, false
	}
	return v.shown.bytes, fresh
}
